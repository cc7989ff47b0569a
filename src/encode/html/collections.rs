use maud::{Markup, html};

use super::Site;
use crate::crs::Crs;
use crate::encode::Format;
use crate::model::{Role, Stamp};
use crate::snapshot::Summary;

/// All collections; `path` gives each one's path.
#[must_use]
pub fn collections<'a>(
    site: &Site,
    summaries: impl Iterator<Item = Summary<'a>>,
    path: &dyn Fn(&str) -> String,
) -> Vec<u8> {
    let main = html! {
        p { (site.lang.of(&site.plan.source_title)) }
        table {
            caption { (site.t("各数据集及其条目数", "The collections and how many items each has")) }
            thead { tr {
                th scope="col" { (site.t("数据集", "Collection")) }
                th scope="col" { (site.t("内容", "What it holds")) }
                th scope="col" { (site.t("条目", "Items")) }
                th scope="col" { (site.t("其中无法定位", "Of them without a place")) }
            } }
            tbody { @for summary in summaries {
                @let own = path(&summary.info.id);
                tr {
                    th scope="row" { a href=(site.to(&own)) { (site.lang.of(&summary.info.title)) } }
                    td { (site.lang.of(&summary.info.description)) }
                    td.number { a href=(site.to(&format!("{own}/items"))) { (summary.features) } }
                    td.number { (summary.without_geometry) }
                }
            } }
        }
    };
    site.page(site.t("数据集", "Collections"), &[], &main)
}

/// One collection.
#[must_use]
pub fn collection(site: &Site, summary: &Summary, path: &str) -> Vec<u8> {
    let info = summary.info;
    let link = |part: &str| site.to(&format!("{path}/{part}"));
    let main = html! {
        p { (site.lang.of(&info.description)) }
        p { a.main href=(link("items")) { (site.t("查看全部条目", "See all items")) " (" (summary.features) ")" } }
        dl {
            div { dt { (site.t("编号", "Id")) } dd { code { (info.id) } } }
            div { dt { (site.t("无法定位", "Without a place")) } dd { (summary.without_geometry) } }
            @if let Some(bounds) = summary.bounds {
                div { dt { (site.t("范围（经度、纬度）", "Extent (longitude, latitude)")) }
                    dd { (bounds.min().x) ", " (bounds.min().y) " – " (bounds.max().x) ", " (bounds.max().y) } }
            }
            @if let Some(times) = summary.times {
                div { dt { (site.t("时间范围", "Time")) }
                    dd { (end(times.start)) " – " (end(times.end)) } }
            }
        }
        h2 { (site.t("相关资源", "More")) }
        ul {
            li { a href=(link("schema")) { (site.t("结构（JSON Schema）", "Schema (JSON Schema)")) } }
            li { a href=(link("queryables")) { (site.t("可查询的字段", "Queryables")) } }
            li { a href=(link("sortables")) { (site.t("可排序的字段", "Sortables")) } }
            li { a href=(link("tiles")) { (site.t("瓦片", "Tiles")) } }
            li { a href=(link("statistics")) { (site.t("统计", "Statistics")) } }
        }
        h2 { (site.t("下载全部", "Download all")) }
        ul {
            @for format in Format::ALL.into_iter().filter(|format| !format.paged() && format.takes(info.columns.len(), Crs::Crs84)) {
                @let address = format!("{}?f={}", site_path(site, path, "items"), format.id());
                li { a type=(format.media_type()) href=(address) { (format) } }
            }
            li { a type="text/csv" href=(format!("{}?f=csv&bom=true", site_path(site, path, "items"))) {
                (site.t("CSV（供 Excel，带 BOM）", "CSV for Excel, with a byte order mark"))
            } }
        }
        h2 { (site.t("字段", "Columns")) }
        (columns(site, summary))
    };
    let title = site.lang.of(&info.title);
    site.page(title, &[(title, path.to_owned())], &main)
}

/// An open end is shown as the parameter `datetime` writes it.
fn end(stamp: Option<Stamp>) -> String {
    stamp.map_or_else(|| "..".to_owned(), |stamp| stamp.to_string())
}

fn site_path(site: &Site, path: &str, part: &str) -> String {
    format!("{}{path}/{part}", site.root)
}

fn columns(site: &Site, summary: &Summary) -> Markup {
    html! {
        div.wide tabindex="0" role="region" aria-label=(site.t("字段表", "Table of columns")) { table {
            caption { (site.t("字段与其来源", "Columns and who vouches for them")) }
            thead { tr {
                th scope="col" { (site.t("名称", "Name")) }
                th scope="col" { (site.t("标题", "Title")) }
                th scope="col" { (site.t("来源", "Vouched for by")) }
                th scope="col" { (site.t("单位", "Unit")) }
            } }
            tbody { @for column in &summary.info.columns { tr {
                th scope="row" { code { (column.name) } }
                td { (site.lang.of(&column.title)) }
                td { (role(site, column.role)) }
                td { @if let Some(unit) = &column.unit { (unit) } }
            } } }
        } }
    }
}

pub(super) fn role<'a>(site: &Site, role: Role) -> &'a str {
    let (zh, en) = match role {
        Role::Stated => ("规划所述", "stated by the plan"),
        Role::Derived => ("推算", "derived"),
        Role::Measured => ("图上量得", "measured on the shape"),
        Role::Position => ("位置", "position"),
        Role::Source => ("出处", "source in the plan"),
        Role::Note => ("编者", "editor's note"),
    };
    site.lang.pick(zh, en)
}
