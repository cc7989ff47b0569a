use maud::{Markup, html};

use super::Site;
use super::map::{Beneath, Shape, map, window};
use crate::model::{CollectionInfo, Column, Compute, Feature, Finding, Role, Value};

/// What the page of one feature shows.
pub struct FeaturePage<'a> {
    /// Its collection.
    pub info: &'a CollectionInfo,
    /// The collection's path.
    pub collection: String,
    /// The feature, in degrees.
    pub feature: &'a Feature,
    /// What the checks found about it.
    pub findings: &'a [Finding],
    /// What to draw beneath it.
    pub beneath: &'a [Beneath],
}

/// One feature: its place on a map, and its columns apart by who vouches for them.
#[must_use]
pub fn feature(site: &Site, page: &FeaturePage) -> Vec<u8> {
    let title = name(site, page.info, page.feature);
    let collection = site.lang.of(&page.info.title);
    let trail = [
        (collection, page.collection.clone()),
        (
            site.t("条目", "Items"),
            format!("{}/items", page.collection),
        ),
    ];
    let main = html! {
        @for finding in page.findings {
            p.warning { strong { (site.t("检查发现：", "A check found: ")) } span lang="en" { (finding.reason) } }
        }
        (place(site, page, &title))
        @for (role, heading) in groups(site) {
            @let columns = of_role(site, page, role);
            @if !columns.is_empty() {
                section {
                    h2 { (heading) }
                    dl { @for (column, value) in &columns {
                        div { dt { (site.lang.of(&column.title)) } dd { (shown(site, page, column, value)) } }
                    } }
                }
            }
        }
    };
    site.page(&title, &trail, &main)
}

/// The name in the page's language, else the other one, else the id.
pub(super) fn name(site: &Site, info: &CollectionInfo, feature: &Feature) -> String {
    let of = |column: &str| {
        let value = feature.values.get(info.column_index(column)?)?;
        (!value.is_null()).then(|| value.to_string())
    };
    let order = [site.t("name_zh", "name_en"), site.t("name_en", "name_zh")];
    order
        .into_iter()
        .find_map(of)
        .unwrap_or_else(|| feature.id.to_string())
}

/// A cell for people: code titles, units, and a word where the plan says nothing.
pub(super) fn cell(site: &Site, column: &Column, value: &Value) -> Markup {
    let text = match value {
        Value::Null => return html! { span.none { (site.t("未提供", "not stated")) } },
        Value::Boolean(true) => site.t("是", "yes").to_owned(),
        Value::Boolean(false) => site.t("否", "no").to_owned(),
        Value::Text(code) => coded(site, column, code),
        Value::Strings(codes) => {
            let texts: Vec<_> = codes.iter().map(|code| coded(site, column, code)).collect();
            texts.join(site.t("、", ", "))
        }
        Value::Date(_) | Value::Timestamp(_) => {
            let text = value.to_string();
            let shown = text.replace('T', " ").replace('Z', " UTC");
            return html! { time datetime=(text) { (shown) } };
        }
        Value::Json(text) => return html! { code { (text) } },
        number => grouped(&number.to_string()),
    };
    html! { (text) @if let Some(unit) = &column.unit { " " (unit) } }
}

fn coded(site: &Site, column: &Column, code: &str) -> String {
    let known = column.values.iter().find(|value| value.code == code);
    known.map_or_else(
        || code.to_owned(),
        |known| site.t(&known.zh, &known.en).to_owned(),
    )
}

/// Thousands apart from 10,000 on: 1,500,000,000.
fn grouped(number: &str) -> String {
    let (whole, fraction) = number.split_once('.').unwrap_or((number, ""));
    if whole.trim_start_matches('-').len() < 5
        || !whole
            .trim_start_matches('-')
            .bytes()
            .all(|b| b.is_ascii_digit())
    {
        return number.to_owned();
    }
    let mut out = String::new();
    for (at, digit) in whole.chars().enumerate() {
        let left = whole.len() - at;
        if at > 0 && left % 3 == 0 && !out.ends_with('-') {
            out.push(',');
        }
        out.push(digit);
    }
    if !fraction.is_empty() {
        out.push('.');
        out.push_str(fraction);
    }
    out
}

fn groups<'a>(site: &Site<'a>) -> [(Role, &'a str); 6] {
    [
        (
            Role::Stated,
            site.lang.pick("规划文本所述", "Stated by the plan"),
        ),
        (
            Role::Derived,
            site.lang
                .pick("由所述数值推算", "Derived from stated figures"),
        ),
        (
            Role::Measured,
            site.lang.pick(
                "在图形上量得（非规划所述）",
                "Measured on the shape as drawn (not stated by the plan)",
            ),
        ),
        (
            Role::Position,
            site.lang.pick("位置依据", "Position: how it is known"),
        ),
        (
            Role::Source,
            site.lang.pick("规划出处", "Source in the plan"),
        ),
        (Role::Note, site.lang.pick("编者说明", "Editor's notes")),
    ]
}

/// Columns of a role; names are given in both languages.
fn of_role<'a>(site: &Site, page: &'a FeaturePage, role: Role) -> Vec<(&'a Column, &'a Value)> {
    let cells = page.info.columns.iter().zip(&page.feature.values);
    cells
        .filter(|(column, _)| column.role == role)
        .filter(|(column, _)| column.name.starts_with("name_") || readable(site, page.info, column))
        .collect()
}

/// False for that of a pair such as `note_zh` and `note_en` that is not in the page's language.
pub(super) fn readable(site: &Site, info: &CollectionInfo, column: &Column) -> bool {
    let (own, other) = (site.t("_zh", "_en"), site.t("_en", "_zh"));
    let twin = column
        .name
        .strip_suffix(other)
        .and_then(|stem| info.column_index(&format!("{stem}{own}")));
    twin.is_none()
}

/// Some cells name a column: then its title is shown.
fn shown(site: &Site, page: &FeaturePage, column: &Column, value: &Value) -> Markup {
    if let (Some(Compute::RatioNumeratorOf(_)), Value::Text(name)) = (&column.compute, value)
        && let Some(at) = page.info.column_index(name)
    {
        return html! { (site.lang.of(&page.info.columns[at].title)) };
    }
    cell(site, column, value)
}

fn place(site: &Site, page: &FeaturePage, title: &str) -> Markup {
    let value = |name: &str| {
        let at = page.info.column_index(name)?;
        page.feature.values.get(at)
    };
    let accuracy = value("position_accuracy_m").and_then(Value::as_f64);
    let schematic =
        matches!(value("geometry_basis"), Some(Value::Text(basis)) if basis == "schematic");
    let Some(geometry) = &page.feature.geometry else {
        let reason = value(site.t("no_geometry_reason_zh", "no_geometry_reason_en"));
        return html! {
            p.notice {
                strong { (site.t("无法定位。", "Nobody could locate it. ")) }
                @if let Some(Value::Text(reason)) = reason { (reason) }
            }
        };
    };
    let shapes = [Shape {
        geometry,
        schematic,
        accuracy_m: accuracy,
    }];
    let Some(window) = window([(geometry, accuracy.unwrap_or(0.0))].into_iter()) else {
        return html! {};
    };
    let caption = match (schematic, accuracy) {
        (true, Some(metres)) => site
            .t(
                "示意位置，误差约 ± {} 米（浅色范围）",
                "Schematic position, about ± {} m (the pale area)",
            )
            .replace("{}", &metres.to_string()),
        (true, None) => site.t("示意位置", "Schematic position").to_owned(),
        (false, Some(metres)) => site
            .t(
                "位置误差约 ± {} 米（浅色范围）",
                "Position to about ± {} m (the pale area)",
            )
            .replace("{}", &metres.to_string()),
        (false, None) => String::new(),
    };
    let label = format!("{}{title}. {caption}", site.t("地图：", "Map: "));
    html! {
        figure {
            (map(site, window, page.beneath, &shapes, &page.info.style.color, &label))
            figcaption { (caption) }
        }
    }
}
