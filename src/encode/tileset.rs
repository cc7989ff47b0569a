//! What tiles there are (OGC 20-057, and OGC 17-083r4 for tileset metadata).

use geo::{Rect, coord};
use serde_json::{Value as Json, json};

use super::geojson::{Link, links_json};
use super::metadata::attribution;
use super::schema::property;
use super::tile_matrix_set::{cell_size, registered, scale_denominator};
use crate::model::{GeometryKind, Plan, Text};
use crate::snapshot::{Summary, joined};
use crate::tile::{TileCoord, TileMatrixSet};

const CRS84: &str = "http://www.opengis.net/def/crs/OGC/1.3/CRS84";
/// The link from a tileset to its grid.
pub const TILING_SCHEME: &str = "http://www.opengis.net/def/rel/ogc/1.0/tiling-scheme";

/// A tileset as a list shows it, and as its own document begins.
fn tileset_head(set: TileMatrixSet, title: &Text) -> Json {
    let named = |title: &str| format!("{title} ({})", set.id());
    let titles = Text {
        zh: named(&title.zh),
        en: named(&title.en),
    };
    let mut out = json!({
        "title": titles.en,
        "titles": titles,
        "tileMatrixSetId": set.id(),
        "dataType": "vector",
        "crs": set.crs().uri(),
    });
    // Required where a register has it, and no invented one elsewhere.
    if let Some(uri) = registered(set) {
        out["tileMatrixSetURI"] = uri.into();
    }
    out
}

/// A tileset for each tile matrix set; `of_set` gives the links of each, and `bounds` is the box in
/// degrees around everything in them.
#[must_use]
pub fn tilesets(
    title: &Text,
    bounds: Option<Rect<f64>>,
    own: &[Link],
    of_set: impl Fn(TileMatrixSet) -> Vec<Link<'static>>,
) -> Json {
    let sets = TileMatrixSet::ALL.map(|set| {
        let mut out = tileset_head(set, title);
        if let Some(bounds) = bounds {
            out["tileMatrixSetLimits"] = limits(set, bounds);
        }
        out["links"] = links_json(&of_set(set));
        out
    });
    json!({ "tilesets": sets, "links": links_json(own) })
}

/// The metadata of a tileset: of one collection, or of several.
#[must_use]
pub fn tileset(
    set: TileMatrixSet,
    plan: &Plan,
    title: &Text,
    summaries: &[Summary],
    links: &[Link],
) -> Json {
    let layers: Vec<_> = summaries
        .iter()
        .map(|summary| layer(set, summary))
        .collect();
    let mut out = tileset_head(set, title);
    out["description"] = plan.notice.en.clone().into();
    out["attribution"] = attribution(plan).into();
    out["layers"] = layers.into();
    out["tileBudget"] = json!(plan.tiles);
    out["links"] = links_json(links);
    let bounds = summaries
        .iter()
        .filter_map(|summary| summary.bounds)
        .reduce(joined);
    if let Some(bounds) = bounds {
        out["boundingBox"] = bounding_box(bounds);
        out["tileMatrixSetLimits"] = limits(set, bounds);
        out["centerPoint"] = center(set, plan, bounds);
    }
    out
}

fn layer(set: TileMatrixSet, summary: &Summary) -> Json {
    let info = summary.info;
    let properties = info.columns.iter().filter(|column| column.tile);
    let mut properties: serde_json::Map<_, _> = properties
        .map(|column| (column.name.clone(), property(column)))
        .collect();
    for (name, kind, title) in [
        ("id", "string", "Id"),
        ("collection", "string", "Collection"),
        ("label_lon", "number", "Longitude of the label"),
        ("label_lat", "number", "Latitude of the label"),
    ] {
        properties.insert(name.to_owned(), json!({ "type": kind, "title": title }));
    }
    let mut out = json!({
        "id": info.id,
        "title": info.title.en,
        "titles": info.title,
        "description": info.description.en,
        "dataType": "vector",
        "crs": set.crs().uri(),
        "minTileMatrix": set.level(info.min_zoom).to_string(),
        "maxTileMatrix": set.levels().end().to_string(),
        "propertiesSchema": { "type": "object", "properties": properties },
    });
    let dimension = match info.geometry {
        GeometryKind::Point => Some(0),
        GeometryKind::Line => Some(1),
        GeometryKind::Polygon => Some(2),
        // Mixed: the standard has no word for it, so none is said.
        GeometryKind::Any => None,
    };
    if let Some(dimension) = dimension {
        out["geometryDimension"] = dimension.into();
    }
    if let Some(bounds) = summary.bounds {
        out["boundingBox"] = bounding_box(bounds);
    }
    out
}

fn bounding_box(bounds: Rect<f64>) -> Json {
    json!({
        "lowerLeft": [bounds.min().x, bounds.min().y],
        "upperRight": [bounds.max().x, bounds.max().y],
        "crs": CRS84,
        "orderedAxes": ["Lon", "Lat"],
    })
}

/// Which tiles of each level may hold something; others do not exist.
fn limits(set: TileMatrixSet, bounds: Rect<f64>) -> Json {
    set.levels()
        .map(|level| {
            let [first, last] = TileCoord::covering(set, level, bounds);
            json!({
                "tileMatrix": level.to_string(),
                "minTileRow": first.y(),
                "maxTileRow": last.y(),
                "minTileCol": first.x(),
                "maxTileCol": last.x(),
            })
        })
        .collect()
}

/// The plan's own view where it looks at these data, else their middle.
fn center(set: TileMatrixSet, plan: &Plan, bounds: Rect<f64>) -> Json {
    let [lon, lat] = plan.view.center;
    let inside = (bounds.min().x..=bounds.max().x).contains(&lon)
        && (bounds.min().y..=bounds.max().y).contains(&lat);
    let middle = if inside {
        coord! { x: lon, y: lat }
    } else {
        bounds.center()
    };
    let level = set
        .levels()
        .take_while(|level| f64::from(set.zoom(*level)) <= plan.view.zoom)
        .last()
        .unwrap_or(*set.levels().start());
    json!({
        "coordinates": [middle.x, middle.y],
        "crs": CRS84,
        "tileMatrix": level.to_string(),
        "scaleDenominator": scale_denominator(set, level),
        "cellSize": cell_size(set, level),
    })
}
