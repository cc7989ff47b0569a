use geo::Geometry;
use maud::{Markup, html};
use serde_json::Value as Json;

use super::Site;
use super::feature::{cell, readable};
use super::map::{Beneath, Shape, map, window};
use crate::model::{BASIS, CollectionInfo, Column, Role, Value};

/// What the page of a collection's features shows.
pub struct ItemsPage<'a> {
    /// Their collection.
    pub info: &'a CollectionInfo,
    /// Its path.
    pub collection: String,
    /// The page as GeoJSON, with counts and links: what is shown is what a program would get.
    pub json: &'a Json,
    /// What to draw beneath; none where coordinates are not degrees.
    pub beneath: Option<&'a [Beneath]>,
    /// The path of a feature's page by its id.
    pub path: &'a dyn Fn(&str) -> String,
}

/// A page of features as a table.
#[must_use]
pub fn items(site: &Site, page: &ItemsPage) -> Vec<u8> {
    let collection = site.lang.of(&page.info.title);
    let title = format!("{collection}{}", site.t("：条目", ": items"));
    let features = page.json["features"]
        .as_array()
        .map(Vec::as_slice)
        .unwrap_or_default();
    let columns = shown(site, page.info, features);
    let main = html! {
        p { (counts(site, page.json, features.len())) }
        (turn(site, page.json))
        @if let Some(beneath) = page.beneath { (overview(site, page, features, beneath)) }
        div.wide tabindex="0" role="region" aria-label=(site.t("条目表", "Table of items")) {
            table {
                caption { (site.t("空白列不显示", "Columns without a value on this page are not shown")) }
                thead { tr {
                    th scope="col" { (site.t("编号", "Id")) }
                    @for column in &columns { th scope="col" { (site.lang.of(&column.title)) @if let Some(unit) = &column.unit { " (" (unit) ")" } } }
                } }
                tbody { @for feature in features { (row(site, page, &columns, feature)) } }
            }
        }
        (turn(site, page.json))
    };
    site.page(&title, &[(collection, page.collection.clone())], &main)
}

fn row(site: &Site, page: &ItemsPage, columns: &[Column], feature: &Json) -> Markup {
    let id = feature["id"]
        .as_str()
        .map_or_else(|| feature["id"].to_string(), str::to_owned);
    html! {
        tr {
            th scope="row" { a href=(site.to(&(page.path)(&id))) { (id) } }
            @for column in columns {
                @let value = value(column, feature);
                td.number[value.as_f64().is_some()] { (cell(site, &Column { unit: None, ..column.clone() }, &value)) }
            }
        }
    }
}

fn value(column: &Column, feature: &Json) -> Value {
    Value::from_json(&feature["properties"][&column.name], column.kind).unwrap_or(Value::Null)
}

/// What the plan says and how sure the place is; the rest is on the page of each feature.
fn shown(site: &Site, info: &CollectionInfo, features: &[Json]) -> Vec<Column> {
    let told = |column: &Column| {
        features
            .iter()
            .any(|feature| !feature["properties"][&column.name].is_null())
    };
    let wanted = |column: &Column| {
        matches!(column.role, Role::Stated | Role::Derived | Role::Measured)
            || ["kind", "position_accuracy_m"].contains(&column.name.as_str())
    };
    let mut columns = info.columns.clone();
    columns.retain(|column| wanted(column) && readable(site, info, column));
    // What a query by nearness adds, and orders by.
    columns.insert(0, Column::distance());
    columns.retain(told);
    columns
}

fn counts(site: &Site, json: &Json, returned: usize) -> String {
    let all = json["numberMatched"].as_u64();
    match all {
        Some(all) => site
            .t(
                "共 {all} 条，本页 {n} 条。",
                "{all} in all, {n} on this page.",
            )
            .replace("{all}", &all.to_string())
            .replace("{n}", &returned.to_string()),
        None => site
            .t("本页 {n} 条。", "{n} on this page.")
            .replace("{n}", &returned.to_string()),
    }
}

/// Links to other pages of the result. They keep to pages for people, as this address does.
fn turn(site: &Site, json: &Json) -> Markup {
    let of = |rel: &str| {
        let links = json["links"].as_array()?;
        let link = links.iter().find(|link| link["rel"] == rel)?;
        Some(site.keep_lang(&super::with(link["href"].as_str()?, "f", "html")))
    };
    let first = site.here.contains("cursor=").then(|| {
        let (path, query) = site.here.split_once('?').unwrap_or((site.here, ""));
        let kept: Vec<_> = query
            .split('&')
            .filter(|pair| !pair.starts_with("cursor="))
            .collect();
        let href = if kept.is_empty() {
            path.to_owned()
        } else {
            format!("{path}?{}", kept.join("&"))
        };
        site.keep_lang(&super::with(&href, "f", "html"))
    });
    let links: Vec<_> = [
        (first, "first", site.t("第一页", "First page")),
        (of("prev"), "prev", site.t("上一页", "Previous page")),
        (of("next"), "next", site.t("下一页", "Next page")),
    ]
    .into_iter()
    .filter_map(|(href, rel, text)| Some((href?, rel, text)))
    .collect();
    html! {
        @if !links.is_empty() {
            p.turn { @for (href, rel, text) in &links { a rel=(rel) href=(href) { (text) } " " } }
        }
    }
}

fn overview(site: &Site, page: &ItemsPage, features: &[Json], beneath: &[Beneath]) -> Markup {
    let places: Vec<(Geometry<f64>, bool)> = features
        .iter()
        .filter_map(|feature| {
            let shape: geojson::Geometry =
                serde_json::from_value(feature["geometry"].clone()).ok()?;
            let schematic = page
                .info
                .is_schematic(feature["properties"][BASIS].as_str());
            Some((Geometry::try_from(shape).ok()?, schematic))
        })
        .collect();
    let Some(window) = window(places.iter().map(|(shape, _)| (shape, 0.0))) else {
        return html! {};
    };
    let shapes: Vec<_> = places
        .iter()
        .map(|(geometry, schematic)| Shape {
            geometry,
            schematic: *schematic,
            accuracy_m: None,
        })
        .collect();
    let unplaced = features.len() - places.len();
    let caption = site
        .t("本页有位置的 {n} 条；另有 {m} 条无法定位。虚线为示意。", "The {n} of this page that have a place; {m} more have none. Dashed outlines are schematic.")
        .replace("{n}", &places.len().to_string())
        .replace("{m}", &unplaced.to_string());
    let label = format!(
        "{}{}. {caption}",
        site.t("地图：", "Map: "),
        site.lang.of(&page.info.title)
    );
    html! {
        figure {
            (map(site, window, beneath, &shapes, &page.info.style.color, &label))
            figcaption { (caption) }
        }
    }
}
