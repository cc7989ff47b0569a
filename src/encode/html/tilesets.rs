use maud::{Markup, html};
use serde_json::Value as Json;

use super::Site;

/// Where a page of tiles hangs: titles and paths from the start.
type Trail<'a> = &'a [(&'a str, String)];

/// The tilesets of the dataset or of a collection; `path` is their own, and `query` what they were
/// asked for.
#[must_use]
pub fn tilesets(site: &Site, trail: Trail, path: &str, query: &str, json: &Json) -> Vec<u8> {
    let sets = json["tilesets"].as_array().into_iter().flatten();
    let main = html! {
        ul { @for set in sets {
            li { a href=(site.to(&format!("{path}/{}{query}", matrix_set(set)))) { (set["title"].as_str().unwrap_or_default()) } }
        } }
    };
    site.page(site.t("瓦片", "Tiles"), trail, &main)
}

/// One tileset.
#[must_use]
pub fn tileset(site: &Site, trail: Trail, json: &Json) -> Vec<u8> {
    let layers = json["layers"].as_array().into_iter().flatten();
    let set = matrix_set(json);
    let main = html! {
        p { (json["description"].as_str().unwrap_or_default()) }
        p { (site.t("瓦片矩阵集：", "Tile matrix set: ")) a href=(site.to(&format!("/tileMatrixSets/{set}"))) { (set) } }
        (templates(site, json))
        h2 { (site.t("图层", "Layers")) }
        table {
            caption { (site.t("图层及其级别", "Layers and their levels")) }
            thead { tr {
                th scope="col" { (site.t("图层", "Layer")) } th scope="col" { (site.t("标题", "Title")) }
                th scope="col" { (site.t("最小级别", "From level")) } th scope="col" { (site.t("最大级别", "To level")) }
            } }
            tbody { @for layer in layers { tr {
                th scope="row" { code { (layer["id"].as_str().unwrap_or_default()) } }
                td { (layer["titles"][site.t("zh", "en")].as_str().unwrap_or_default()) }
                td.number { (layer["minTileMatrix"].as_str().unwrap_or_default()) }
                td.number { (layer["maxTileMatrix"].as_str().unwrap_or_default()) }
            } } }
        }
    };
    site.page(
        &format!("{} {set}", site.t("瓦片集", "Tileset")),
        trail,
        &main,
    )
}

/// The tile matrix sets.
#[must_use]
pub fn tile_matrix_sets(site: &Site, json: &Json) -> Vec<u8> {
    let sets = json["tileMatrixSets"]
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(|set| set["id"].as_str());
    let main = html! {
        ul { @for set in sets { li { a href=(site.to(&format!("/tileMatrixSets/{set}"))) { (set) } } } }
    };
    site.page(site.t("瓦片矩阵集", "Tile matrix sets"), &[], &main)
}

/// One tile matrix set.
#[must_use]
pub fn tile_matrix_set(site: &Site, json: &Json) -> Vec<u8> {
    let id = json["id"].as_str().unwrap_or_default();
    let matrices = json["tileMatrices"].as_array().into_iter().flatten();
    let main = html! {
        p { (json["crs"].as_str().unwrap_or_default()) }
        @if let Some(description) = json["description"].as_str() { p lang="en" { (description) } }
        table {
            caption { (site.t("各级瓦片矩阵", "Tile matrices")) }
            thead { tr {
                th scope="col" { (site.t("级别", "Level")) }
                th scope="col" { (site.t("比例尺分母", "Scale denominator")) }
                th scope="col" { (site.t("像元（坐标系单位）", "Cell size (units of the CRS)")) }
                th scope="col" { (site.t("列数", "Columns")) }
                th scope="col" { (site.t("行数", "Rows")) }
            } }
            tbody { @for matrix in matrices { tr {
                th scope="row" { (matrix["id"].as_str().unwrap_or_default()) }
                td.number { (matrix["scaleDenominator"]) }
                td.number { (matrix["cellSize"]) }
                td.number { (matrix["matrixWidth"]) }
                td.number { (matrix["matrixHeight"]) }
            } } }
        }
    };
    let trail = [(
        site.t("瓦片矩阵集", "Tile matrix sets"),
        "/tileMatrixSets".to_owned(),
    )];
    site.page(id, &trail, &main)
}

fn matrix_set(json: &Json) -> &str {
    json["tileMatrixSetId"].as_str().unwrap_or_default()
}

/// Addresses of tiles to copy into a program.
fn templates(site: &Site, json: &Json) -> Markup {
    let links = json["links"].as_array().into_iter().flatten();
    let templates: Vec<_> = links.filter(|link| link["templated"] == true).collect();
    html! {
        @if !templates.is_empty() {
            h2 { (site.t("瓦片地址", "Addresses of tiles")) }
            dl { @for link in templates {
                div { dt { (link["type"].as_str().unwrap_or_default()) } dd { code { (link["href"].as_str().unwrap_or_default()) } } }
            } }
        }
    }
}
