//! Documents about the plan: landing page, collections, plan, TileJSON.

use std::collections::BTreeMap;

use geo::Rect;
use serde_json::{Value as Json, json};

use super::geojson::{Link, links_json};
use crate::model::{Column, ColumnType, Plan, Span, Stamp, Value};
use crate::snapshot::Summary;
use crate::tile::TileMatrixSet;

const CRS84: &str = "http://www.opengis.net/def/crs/OGC/1.3/CRS84";
const GREGORIAN: &str = "http://www.opengis.net/def/uom/ISO-8601/0/Gregorian";

/// The landing page of the API.
#[must_use]
pub fn landing(plan: &Plan, version: &str, links: &[Link]) -> Json {
    json!({
        "title": plan.title.en,
        "description": format!("{} {}", plan.source_title.en, plan.notice.en),
        "titles": plan.title,
        "descriptions": {
            "zh": format!("{} {}", plan.source_title.zh, plan.notice.zh),
            "en": format!("{} {}", plan.source_title.en, plan.notice.en),
        },
        "version": version,
        "attribution": attribution(plan),
        "links": links_json(links),
    })
}

/// All collections.
#[must_use]
pub fn collections<'a>(
    summaries: impl Iterator<Item = Summary<'a>>,
    crs: &[String],
    links: impl Fn(&str) -> Vec<Link<'a>>,
    own: &[Link],
) -> Json {
    let all: Vec<_> = summaries
        .map(|summary| collection(&summary, crs, &links(&summary.info.id)))
        .collect();
    json!({ "collections": all, "links": links_json(own) })
}

/// One collection; `crs` are the addresses of the CRSs that it is served in.
#[must_use]
pub fn collection(summary: &Summary, crs: &[String], links: &[Link]) -> Json {
    let info = summary.info;
    let mut out = json!({
        "id": info.id,
        "title": info.title.en,
        "titles": info.title,
        "description": info.description.en,
        "descriptions": info.description,
        "itemType": "feature",
        "crs": crs,
        "storageCrs": CRS84,
        "numberOfFeatures": summary.features,
        "withoutGeometry": summary.without_geometry,
        "columns": info.columns,
        "links": links_json(links),
    });
    if let Some(bounds) = summary.bounds {
        out["extent"]["spatial"] = json!({ "bbox": [corners(bounds)], "crs": CRS84 });
    }
    if let Some(times) = summary.times {
        out["extent"]["temporal"] = json!({ "interval": [interval(times)], "trs": GREGORIAN });
    }
    out
}

/// Both ends as date-times, as OGC API Features Part 1, 7.13.2 asks: a day from its first second to
/// its last.
pub(super) fn interval(times: Span) -> [Option<String>; 2] {
    let moment = |stamp: Stamp, of_day: &str| {
        if stamp.is_day() {
            format!("{stamp}T{of_day}Z")
        } else {
            stamp.to_string()
        }
    };
    [
        times.start.map(|start| moment(start, "00:00:00")),
        times.end.map(|end| moment(end, "23:59:59")),
    ]
}

/// The plan for the map page: its description, every column once, every collection.
#[must_use]
pub fn plan<'a>(
    plan: &Plan,
    version: &str,
    summaries: impl Iterator<Item = Summary<'a>>,
) -> Vec<u8> {
    let mut columns: BTreeMap<&str, &Column> = BTreeMap::new();
    let mut collections = Vec::new();
    for summary in summaries {
        let info = summary.info;
        columns.extend(
            info.columns
                .iter()
                .map(|column| (column.name.as_str(), column)),
        );
        collections.push(json!({
            "id": info.id,
            "title": info.title,
            "description": info.description,
            "geometry": info.geometry,
            "columns": info.columns.iter().map(|column| &column.name).collect::<Vec<_>>(),
            "min_zoom": info.min_zoom,
            "style": info.style,
            "numberOfFeatures": summary.features,
            "withoutGeometry": summary.without_geometry,
            "numberOfFindings": summary.findings,
            "bbox": summary.bounds.map(corners),
            "interval": summary.times.map(interval),
        }));
    }
    let mut out = json!(plan);
    // Where the pictures come from is the server's business: the page has them from here.
    for (shown, basemap) in out["basemaps"]
        .as_array_mut()
        .into_iter()
        .flatten()
        .zip(&plan.basemaps)
    {
        shown["url"] = format!("/basemap/{}/{{z}}/{{x}}/{{y}}", basemap.id).into();
    }
    out["version"] = version.into();
    out["columns"] = json!(columns.values().collect::<Vec<_>>());
    out["collections"] = collections.into();
    bytes(&out)
}

/// TileJSON 3.0 for the tiles of some collections.
#[must_use]
pub fn tilejson<'a>(
    plan: &Plan,
    version: &str,
    template: &str,
    summaries: impl Iterator<Item = Summary<'a>>,
) -> Vec<u8> {
    let deepest = *TileMatrixSet::WebMercatorQuad.levels().end();
    let mut bounds: Option<Rect<f64>> = None;
    let mut layers = Vec::new();
    for summary in summaries {
        bounds = match (bounds, summary.bounds) {
            (Some(a), Some(b)) => Some(crate::snapshot::joined(a, b)),
            (a, b) => a.or(b),
        };
        let fields = summary.info.columns.iter().filter(|column| column.tile);
        // GDAL reads no attribute that is not named here.
        let fields: BTreeMap<_, _> = fields
            .map(|column| (column.name.as_str(), kind(column)))
            .chain([("id", "String"), ("collection", "String")])
            .chain([("label_lon", "Number"), ("label_lat", "Number")])
            .collect();
        layers.push(json!({
            "id": summary.info.id,
            "description": summary.info.title.en,
            "minzoom": summary.info.min_zoom,
            "maxzoom": deepest,
            "fields": fields,
        }));
    }
    let [lon, lat] = plan.view.center;
    let mut out = json!({
        "tilejson": "3.0.0",
        "tiles": [template],
        "name": plan.title.en,
        "description": plan.notice.en,
        "attribution": attribution(plan),
        "version": "1.0.0",
        "dataVersion": version,
        "scheme": "xyz",
        "minzoom": 0,
        "maxzoom": deepest,
        // TileJSON 3.0.0, section 3.6: the zoom is a whole number.
        "center": [lon, lat, Value::Number(plan.view.zoom.round()).to_json()],
        "vector_layers": layers,
        "tileBudget": plan.tiles,
    });
    if let Some(bounds) = bounds {
        out["bounds"] = corners(bounds);
    }
    bytes(&out)
}

/// Whom to name, on one line.
pub(super) fn attribution(plan: &Plan) -> String {
    let names: Vec<_> = plan
        .attribution
        .iter()
        .map(|text| text.en.as_str())
        .collect();
    names.join("; ")
}

fn kind(column: &Column) -> &'static str {
    match column.kind {
        ColumnType::String
        | ColumnType::Date
        | ColumnType::Timestamp
        | ColumnType::Strings
        | ColumnType::Json => "String",
        ColumnType::Integer | ColumnType::Number => "Number",
        ColumnType::Boolean => "Boolean",
    }
}

fn corners(bounds: Rect<f64>) -> Json {
    json!([
        bounds.min().x,
        bounds.min().y,
        bounds.max().x,
        bounds.max().y
    ])
}

fn bytes(json: &Json) -> Vec<u8> {
    json.to_string().into_bytes()
}
