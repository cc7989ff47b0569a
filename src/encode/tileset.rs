//! What tiles there are (OGC 20-057) and the grid that they lie on (OGC 17-083r4).

use std::f64::consts::PI;

use geo::{Rect, coord};
use serde_json::{Value as Json, json};

use super::geojson::{Link, links_json};
use super::metadata::attribution;
use super::schema::property;
use crate::model::{GeometryKind, Plan, Text};
use crate::snapshot::{Summary, joined};
use crate::tile::{MAX_ZOOM, TileCoord};

/// The one tile matrix set.
pub const WEB_MERCATOR_QUAD: &str = "WebMercatorQuad";
const URI: &str = "http://www.opengis.net/def/tilematrixset/OGC/1.0/WebMercatorQuad";
const CRS: &str = "http://www.opengis.net/def/crs/EPSG/0/3857";
const CRS84: &str = "http://www.opengis.net/def/crs/OGC/1.3/CRS84";
/// The link from a tileset to its grid.
pub const TILING_SCHEME: &str = "http://www.opengis.net/def/rel/ogc/1.0/tiling-scheme";

/// Half the circumference of the earth as Web Mercator has it, in metres.
const HALF: f64 = PI * 6_378_137.0;
/// Pixels of a tile's side in the definition of the grid.
const PIXELS: u32 = 256;
/// Metres of a pixel that scale denominators are reckoned with.
const PIXEL: f64 = 0.000_28;

fn cell_size(level: u8) -> f64 {
    2.0 * HALF / f64::from(PIXELS) / f64::from(1_u32 << level)
}

/// All tile matrix sets: `own` are the links of the list, `definition` those of each.
#[must_use]
pub fn tile_matrix_sets(own: &[Link], definition: &[Link]) -> Json {
    json!({
        "tileMatrixSets": [{
            "id": WEB_MERCATOR_QUAD,
            "title": "Google Maps Compatible for the World",
            "uri": URI,
            "crs": CRS,
            "links": links_json(definition),
        }],
        "links": links_json(own),
    })
}

/// The definition of `WebMercatorQuad`, reckoned from the radius and the pixel.
#[must_use]
pub fn tile_matrix_set() -> Json {
    let matrices: Vec<_> = (0..=MAX_ZOOM)
        .map(|level| {
            let cell = cell_size(level);
            json!({
                "id": level.to_string(),
                "scaleDenominator": cell / PIXEL,
                "cellSize": cell,
                "cornerOfOrigin": "topLeft",
                "pointOfOrigin": [-HALF, HALF],
                "tileWidth": PIXELS,
                "tileHeight": PIXELS,
                "matrixWidth": 1_u32 << level,
                "matrixHeight": 1_u32 << level,
            })
        })
        .collect();
    json!({
        "id": WEB_MERCATOR_QUAD,
        "title": "Google Maps Compatible for the World",
        "uri": URI,
        "crs": CRS,
        "orderedAxes": ["E", "N"],
        "wellKnownScaleSet": "http://www.opengis.net/def/wkss/OGC/1.0/GoogleMapsCompatible",
        "tileMatrices": matrices,
    })
}

/// A list with the one tileset.
#[must_use]
pub fn tilesets(title: &Text, own: &[Link], set: &[Link]) -> Json {
    json!({
        "tilesets": [{
            "title": title.en,
            "titles": title,
            "dataType": "vector",
            "crs": CRS,
            "tileMatrixSetURI": URI,
            "links": links_json(set),
        }],
        "links": links_json(own),
    })
}

/// The metadata of a tileset: of one collection, or of all.
#[must_use]
pub fn tileset(plan: &Plan, title: &Text, summaries: &[Summary], links: &[Link]) -> Json {
    let layers: Vec<_> = summaries.iter().map(layer).collect();
    let mut out = json!({
        "title": title.en,
        "titles": title,
        "description": plan.notice.en,
        "dataType": "vector",
        "crs": CRS,
        "tileMatrixSetURI": URI,
        "attribution": attribution(plan),
        "layers": layers,
        "links": links_json(links),
    });
    let bounds = summaries
        .iter()
        .filter_map(|summary| summary.bounds)
        .reduce(joined);
    if let Some(bounds) = bounds {
        out["boundingBox"] = bounding_box(bounds);
        out["tileMatrixSetLimits"] = limits(bounds);
        out["centerPoint"] = center(plan, bounds);
    }
    out
}

fn layer(summary: &Summary) -> Json {
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
        "crs": CRS,
        "minTileMatrix": info.min_zoom.to_string(),
        "maxTileMatrix": MAX_ZOOM.to_string(),
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

/// Which tiles of each level may hold something.
fn limits(bounds: Rect<f64>) -> Json {
    (0..=MAX_ZOOM)
        .map(|level| {
            let north_west =
                TileCoord::holding(level, coord! { x: bounds.min().x, y: bounds.max().y });
            let south_east =
                TileCoord::holding(level, coord! { x: bounds.max().x, y: bounds.min().y });
            json!({
                "tileMatrix": level.to_string(),
                "minTileRow": north_west.y(),
                "maxTileRow": south_east.y(),
                "minTileCol": north_west.x(),
                "maxTileCol": south_east.x(),
            })
        })
        .collect()
}

/// The plan's own view where it looks at these data, else their middle.
fn center(plan: &Plan, bounds: Rect<f64>) -> Json {
    let [lon, lat] = plan.view.center;
    let inside = (bounds.min().x..=bounds.max().x).contains(&lon)
        && (bounds.min().y..=bounds.max().y).contains(&lat);
    let middle = if inside {
        coord! { x: lon, y: lat }
    } else {
        bounds.center()
    };
    let level = (0..=MAX_ZOOM)
        .take_while(|level| f64::from(*level) <= plan.view.zoom)
        .last()
        .unwrap_or(0);
    json!({
        "coordinates": [middle.x, middle.y],
        "crs": CRS84,
        "tileMatrix": level.to_string(),
        "scaleDenominator": cell_size(level) / PIXEL,
        "cellSize": cell_size(level),
    })
}
