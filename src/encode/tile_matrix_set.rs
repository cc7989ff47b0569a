//! Definitions of tile matrix sets (OGC 17-083r4).

use std::f64::consts::PI;

use serde_json::{Value as Json, json};

use super::geojson::{Link, links_json};
use crate::tile::TileMatrixSet;

/// Half the circumference of the earth at the equator in metres, which is also how OGC 17-083r4
/// converts degrees. The ellipsoid of CGCS2000 has the same axis as that of WGS 84.
const HALF: f64 = PI * 6_378_137.0;
/// Pixels of a tile's side in the definition of the grid.
const PIXELS: u32 = 256;
/// Metres of a pixel that scale denominators are reckoned with (OGC 17-083r4).
const PIXEL: f64 = 0.000_28;

/// What a definition says beyond the numbers of its levels.
struct Words {
    title: &'static str,
    description: Option<&'static str>,
    uri: Option<&'static str>,
    scale_set: Option<&'static str>,
    ordered_axes: [&'static str; 2],
    /// Half the width of the world, in units of the CRS.
    half: f64,
    /// The north-western corner, in the order of the axes.
    origin: [f64; 2],
    /// Metres of a unit of the CRS.
    unit: f64,
}

fn words(set: TileMatrixSet) -> Words {
    match set {
        TileMatrixSet::WebMercatorQuad => Words {
            title: "Google Maps Compatible for the World",
            description: None,
            uri: Some("http://www.opengis.net/def/tilematrixset/OGC/1.0/WebMercatorQuad"),
            scale_set: Some("http://www.opengis.net/def/wkss/OGC/1.0/GoogleMapsCompatible"),
            ordered_axes: ["E", "N"],
            half: HALF,
            origin: [-HALF, HALF],
            unit: 1.0,
        },
        TileMatrixSet::WorldCrs84Quad => Words {
            title: "CRS84 for the World",
            description: None,
            uri: Some("http://www.opengis.net/def/tilematrixset/OGC/1.0/WorldCRS84Quad"),
            scale_set: Some("http://www.opengis.net/def/wkss/OGC/1.0/GoogleCRS84Quad"),
            ordered_axes: ["Lon", "Lat"],
            half: 180.0,
            origin: [-180.0, 90.0],
            unit: HALF / 180.0,
        },
        TileMatrixSet::Cgcs2000Quad => Words {
            title: "CGCS2000 for the World",
            description: Some(
                "The grid of China's public map services (GB/T 35634-2017; matrix set c of Tianditu). Scale denominators are those of a pixel of 0.28 mm, as OGC 17-083r4 asks; the national ones are reckoned with 96 pixels per inch and are greater by 1.0583 (295829355.45 at level 1). The cells are the same.",
            ),
            uri: None,
            scale_set: None,
            ordered_axes: ["Lat", "Lon"],
            half: 180.0,
            origin: [90.0, -180.0],
            unit: HALF / 180.0,
        },
    }
}

/// Its address in the OGC's register, where it is there.
pub(super) fn registered(set: TileMatrixSet) -> Option<&'static str> {
    words(set).uri
}

/// In units of the CRS.
pub(super) fn cell_size(set: TileMatrixSet, level: u8) -> f64 {
    2.0 * words(set).half / f64::from(PIXELS) / f64::from(set.columns(level))
}

/// For a pixel of 0.28 mm.
pub(super) fn scale_denominator(set: TileMatrixSet, level: u8) -> f64 {
    cell_size(set, level) * words(set).unit / PIXEL
}

/// All tile matrix sets: `own` are the links of the list, `definition` gives those of each.
#[must_use]
pub fn tile_matrix_sets(
    own: &[Link],
    definition: impl Fn(TileMatrixSet) -> Vec<Link<'static>>,
) -> Json {
    let sets = TileMatrixSet::ALL.map(|set| {
        let mut out = head(set);
        out["links"] = links_json(&definition(set));
        out
    });
    json!({ "tileMatrixSets": sets, "links": links_json(own) })
}

fn head(set: TileMatrixSet) -> Json {
    let words = words(set);
    let mut out = json!({ "id": set.id(), "title": words.title });
    if let Some(uri) = words.uri {
        out["uri"] = uri.into();
    }
    out["crs"] = set.crs().uri().into();
    out
}

/// The definition of a tile matrix set, reckoned from the radius and the pixel.
#[must_use]
pub fn tile_matrix_set(set: TileMatrixSet) -> Json {
    let words = words(set);
    let matrices: Vec<_> = set
        .levels()
        .map(|level| {
            json!({
                "id": level.to_string(),
                "scaleDenominator": scale_denominator(set, level),
                "cellSize": cell_size(set, level),
                "cornerOfOrigin": "topLeft",
                "pointOfOrigin": words.origin,
                "tileWidth": PIXELS,
                "tileHeight": PIXELS,
                "matrixWidth": set.columns(level),
                "matrixHeight": set.rows(level),
            })
        })
        .collect();
    let mut out = head(set);
    if let Some(description) = words.description {
        out["description"] = description.into();
    }
    out["orderedAxes"] = json!(words.ordered_axes);
    if let Some(scale_set) = words.scale_set {
        out["wellKnownScaleSet"] = scale_set.into();
    }
    out["tileMatrices"] = matrices.into();
    out
}
