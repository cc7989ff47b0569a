use maud::{Markup, html};
use serde_json::Value as Json;

use super::Site;
use super::feature::cell;
use crate::model::{CollectionInfo, Column, Value};

/// The figures of the tables: what JSON calls them, and their names for people.
const FIGURES: [(&str, &str, &str); 7] = [
    ("stated", "有值", "Stated"),
    ("nulls", "未述及", "Not stated"),
    ("sum", "合计", "Sum"),
    ("min", "最小", "Minimum"),
    ("max", "最大", "Maximum"),
    ("mean", "平均", "Mean"),
    ("median", "中位", "Median"),
];

/// What a collection's rows add up to. `json` is the document that a program would get; `items` is
/// the address of the rows behind it.
#[must_use]
pub fn statistics(
    site: &Site,
    info: &CollectionInfo,
    path: &str,
    items: &str,
    json: &Json,
) -> Vec<u8> {
    let collection = site.lang.of(&info.title);
    let title = format!("{collection}{}", site.t("：统计", ": statistics"));
    let all = json["numberMatched"].as_u64().unwrap_or_default();
    let main = html! {
        p {
            a href=(site.keep_lang(items)) {
                (site.t("共 ", "")) (features(site, all))
            }
            (site.t("；规划未述及的不计为零。", "; what the plan does not state is no zero."))
        }
        (table(site, info, site.t("全部", "All"), &json["columns"]))
        @if let Some(groups) = json["groups"].as_array() {
            @let by = groups_by(site, info, json);
            @for group in groups {
                @let name = named(site, info, json, &group["value"]);
                h2 { (by) (site.t("：", ": ")) (name) }
                p { (features(site, group["numberMatched"].as_u64().unwrap_or_default())) }
                (table(site, info, &name, &group["columns"]))
            }
        }
    };
    site.page(&title, &[(collection, path.to_owned())], &main)
}

fn features(site: &Site, count: u64) -> String {
    let noun = site.t(" 条", if count == 1 { " feature" } else { " features" });
    format!("{count}{noun}")
}

fn groups_by(site: &Site, info: &CollectionInfo, json: &Json) -> String {
    grouped(info, json).map_or_else(String::new, |column| site.lang.of(&column.title).to_owned())
}

fn grouped<'a>(info: &'a CollectionInfo, json: &Json) -> Option<&'a Column> {
    let name = json["groupBy"]["column"].as_str()?;
    info.columns.iter().find(|column| column.name == name)
}

fn named(site: &Site, info: &CollectionInfo, json: &Json, value: &Json) -> String {
    if value.is_null() {
        return site.t("未述及", "not stated").to_owned();
    }
    let text = value
        .as_str()
        .map_or_else(|| value.to_string(), str::to_owned);
    let code = grouped(info, json)
        .and_then(|column| column.values.iter().find(|known| known.code == text));
    code.map_or(text, |known| {
        site.lang.pick(&known.zh, &known.en).to_owned()
    })
}

fn table(site: &Site, info: &CollectionInfo, caption: &str, columns: &Json) -> Markup {
    let columns = columns.as_array().map(Vec::as_slice).unwrap_or_default();
    html! {
        div.wide tabindex="0" role="region" aria-label=(caption) {
            table {
                caption { (caption) }
                thead { tr {
                    th scope="col" { (site.t("列", "Column")) }
                    @for (_, zh, en) in FIGURES { th.number scope="col" { (site.t(zh, en)) } }
                    @for at in quantiles(columns) { th.number scope="col" { (format!("{}%", at * 100.0)) } }
                } }
                tbody { @for column in columns { (row(site, info, column)) } }
            }
        }
        @for column in columns { (histogram(site, info, column)) }
    }
}

fn quantiles(columns: &[Json]) -> Vec<f64> {
    let first = columns
        .first()
        .and_then(|column| column["quantiles"].as_array());
    let asked = first.into_iter().flatten();
    asked
        .filter_map(|pair| pair["probability"].as_f64())
        .collect()
}

fn row(site: &Site, info: &CollectionInfo, column: &Json) -> Markup {
    let known = described(info, column);
    let counts = ["stated", "nulls"];
    html! {
        tr {
            th scope="row" { (heading(site, known, column)) }
            @for (figure, _, _) in FIGURES {
                td.number {
                    @if counts.contains(&figure) { (column[figure].to_string()) }
                    @else { (number(site, known, &column[figure])) }
                }
            }
            @for pair in column["quantiles"].as_array().into_iter().flatten() {
                td.number { (number(site, known, &pair["value"])) }
            }
        }
    }
}

fn histogram(site: &Site, info: &CollectionInfo, column: &Json) -> Markup {
    let known = described(info, column);
    let Some(bins) = column["histogram"].as_array() else {
        return html! {};
    };
    html! {
        details {
            summary { (heading(site, known, column)) (site.t("：分布", ": distribution")) }
            table {
                thead { tr {
                    th scope="col" { (site.t("从", "From")) }
                    th scope="col" { (site.t("到", "To")) }
                    th scope="col" { (site.t("条数", "Features")) }
                } }
                tbody { @for bin in bins { tr {
                    td.number { (number(site, known, &bin["low"])) }
                    td.number { (number(site, known, &bin["high"])) }
                    td.number { (bin["count"].to_string()) }
                } } }
            }
        }
    }
}

fn described<'a>(info: &'a CollectionInfo, column: &Json) -> Option<&'a Column> {
    let name = column["column"].as_str()?;
    info.columns.iter().find(|known| known.name == name)
}

fn heading(site: &Site, known: Option<&Column>, column: &Json) -> String {
    let Some(known) = known else {
        return column["column"].as_str().unwrap_or_default().to_owned();
    };
    let unit = known.unit.as_ref().map(|unit| format!(" ({unit})"));
    format!("{}{}", site.lang.of(&known.title), unit.unwrap_or_default())
}

fn number(site: &Site, known: Option<&Column>, json: &Json) -> Markup {
    let Some((known, number)) = known.zip(json.as_f64()) else {
        return html! {};
    };
    let bare = Column {
        unit: None,
        ..known.clone()
    };
    // A mean has more digits than anybody reads; the JSON has them all.
    cell(site, &bare, &Value::Number((number * 1e4).round() / 1e4))
}
