use geo::{
    BoundingRect, Contains, Coord, Geometry, Intersects, LineString, MultiLineString, MultiPoint,
    MultiPolygon, Point, Polygon, Rect,
};

use super::clip;
use super::coord::TileCoord;
use super::frame::{EXTENT, Frame, Grid};
use super::layer::Layer;
use super::repair;
use crate::model::{FeatureId, Value};
use crate::query::{self, Query};
use crate::snapshot::Collection;

/// A tile of one or more collections. Owned: nothing in it points into the snapshot.
#[derive(Debug, Clone, PartialEq)]
pub struct Tile {
    /// Which tile.
    pub coord: TileCoord,
    /// Its grid.
    pub frame: Frame,
    /// One per collection asked for, in that order, empty ones too.
    pub layers: Vec<TileLayer>,
}

/// A collection's part of a tile, with an account of what was left out.
#[derive(Debug, Clone, PartialEq)]
pub struct TileLayer {
    /// The collection's id.
    pub collection: String,
    /// Names of the columns that the features carry.
    pub columns: Vec<String>,
    /// How many features that were asked for have a geometry that meets the tile and its buffer.
    pub matched: usize,
    /// How many of them are too small to be drawn on the level's grid.
    pub too_small: usize,
    /// How many of them are held back because the collection starts at a deeper zoom.
    pub below_min_zoom: usize,
    /// The others, in id order.
    pub features: Vec<TileFeature>,
}

/// A feature as a tile shows it.
#[derive(Debug, Clone, PartialEq)]
pub struct TileFeature {
    /// Its id.
    pub id: FeatureId,
    /// On the tile's grid.
    pub geometry: Geometry<i32>,
    /// Where its label goes, in degrees. Of all tiles of a zoom only one has it, so that a map draws
    /// one label per polygon.
    pub label: Option<Coord<f64>>,
    /// In the order of the layer's columns.
    pub values: Vec<Value>,
}

impl Tile {
    /// Features that meet the tile, over all layers.
    #[must_use]
    pub fn matched(&self) -> usize {
        self.layers.iter().map(|layer| layer.matched).sum()
    }

    /// Features that the tile shows, over all layers.
    #[must_use]
    pub fn returned(&self) -> usize {
        self.layers.iter().map(|layer| layer.features.len()).sum()
    }
}

/// Cuts those rows of a collection that a query matches to a tile. Its order is left aside: features
/// of a tile are in id order.
#[must_use]
pub fn cut(
    collection: &Collection,
    layer: &Layer,
    query: &Query,
    tile: TileCoord,
    frame: &Frame,
) -> TileLayer {
    let columns: Vec<_> = (0..collection.info.columns.len())
        .filter(|at| collection.info.columns[*at].tile)
        .collect();
    let window = tile.buffered();
    let rows = select(collection, query, window);
    let mut out = TileLayer {
        collection: collection.info.id.clone(),
        columns: columns
            .iter()
            .map(|at| collection.info.columns[*at].name.clone())
            .collect(),
        matched: rows.len(),
        too_small: 0,
        below_min_zoom: 0,
        features: Vec::new(),
    };
    if tile.zoom() < collection.info.min_zoom {
        out.below_min_zoom = rows.len();
        return out;
    }
    let tolerance = tolerance(tile.zoom());
    for row in rows {
        let shape = collection.geometry(row).and_then(|shape| {
            shape_on_grid(shape, layer.importance(row), tolerance, window, frame)
        });
        let Some(geometry) = shape else {
            out.too_small += 1;
            continue;
        };
        out.features.push(TileFeature {
            id: collection.id(row).clone(),
            geometry,
            label: layer.label(row).filter(|at| tile.holds(*at)),
            values: columns
                .iter()
                .map(|at| collection.cells(*at).value(row))
                .collect(),
        });
    }
    out
}

/// Rows that the query matches and whose geometry, not only its box, meets the rectangle; in id
/// order.
fn select(collection: &Collection, query: &Query, rect: Rect<f64>) -> Vec<u32> {
    let mut rows = query::matched_in(collection, query, rect);
    rows.retain(|row| {
        collection.geometry(*row).is_some_and(|shape| {
            shape
                .bounding_rect()
                .is_some_and(|bounds| rect.contains(&bounds))
                || shape.intersects(&rect)
        })
    });
    rows
}

/// The largest error of simplification: two units of the 4096 grid, a quarter of a pixel where a
/// tile is drawn 512 pixels wide. In the width of the plane, which is the same in all.
fn tolerance(zoom: u8) -> f64 {
    2.0 / (f64::from(EXTENT) * f64::from(1u32 << zoom))
}

/// Simplifies, clips, rounds and repairs. `None` where the grid is too coarse to show anything.
///
/// Simplification comes before clipping: it sees the whole shape, so that neighbouring tiles agree.
/// Clipping is in degrees, where GeoJSON's lines are straight (RFC 7946, section 3.1.1), so that
/// both grids show the same line however long it is.
fn shape_on_grid(
    shape: &Geometry<f64>,
    importance: &[f32],
    tolerance: f64,
    window: Rect<f64>,
    frame: &Frame,
) -> Option<Geometry<i32>> {
    let mut weights = importance.iter();
    let mut kept = |line: &LineString<f64>| -> Vec<Coord<f64>> {
        let vertices = line.coords().zip(weights.by_ref());
        let important = vertices.filter(|(_, weight)| f64::from(**weight) > tolerance);
        important.map(|(at, _)| *at).collect()
    };
    match shape {
        Geometry::Point(point) => points([point.0], window, frame),
        Geometry::MultiPoint(shape) => points(shape.iter().map(|point| point.0), window, frame),
        Geometry::LineString(line) => lines([kept(line)], window, frame),
        Geometry::MultiLineString(shape) => lines(shape.iter().map(kept), window, frame),
        Geometry::Polygon(polygon) => polygons(rings(polygon).map(kept), window, frame),
        Geometry::MultiPolygon(shape) => {
            polygons(shape.iter().flat_map(rings).map(kept), window, frame)
        }
        // Ingest lets nothing else in.
        _ => None,
    }
}

fn rings(polygon: &Polygon<f64>) -> impl Iterator<Item = &LineString<f64>> {
    std::iter::once(polygon.exterior()).chain(polygon.interiors())
}

fn points(
    points: impl IntoIterator<Item = Coord<f64>>,
    window: Rect<f64>,
    frame: &Frame,
) -> Option<Geometry<i32>> {
    let inside = points.into_iter().filter(|at| window.intersects(at));
    let mut points: Vec<_> = on_grid(inside, frame).into_iter().map(Point).collect();
    match points.len() {
        0 => None,
        1 => points.pop().map(Into::into),
        _ => Some(MultiPoint::new(points).into()),
    }
}

fn lines(
    lines: impl IntoIterator<Item = Vec<Coord<f64>>>,
    window: Rect<f64>,
    frame: &Frame,
) -> Option<Geometry<i32>> {
    let parts = lines.into_iter().flat_map(|line| clip::line(&line, window));
    let parts = parts.map(|part| on_grid(part, frame));
    let mut parts: Vec<_> = parts
        .filter(|part| part.len() > 1)
        .map(LineString::new)
        .collect();
    match parts.len() {
        0 => None,
        1 => parts.pop().map(Into::into),
        _ => Some(MultiLineString::new(parts).into()),
    }
}

fn polygons(
    rings: impl IntoIterator<Item = Vec<Coord<f64>>>,
    window: Rect<f64>,
    frame: &Frame,
) -> Option<Geometry<i32>> {
    let open = rings.into_iter().map(|mut ring| {
        ring.pop();
        ring
    });
    let clipped = open.map(|ring| on_grid(clip::ring(ring, window), frame));
    let rings: Vec<_> = clipped.filter(|ring| ring.len() > 2).collect();
    let mut polygons = repair::polygons(&rings, frame.grid() == Grid::Units).0;
    match polygons.len() {
        0 => None,
        1 => polygons.pop().map(Into::into),
        _ => Some(MultiPolygon::new(polygons).into()),
    }
}

/// Rounds to the grid. Positions were clipped to the tile before, so they fit.
#[expect(
    clippy::cast_possible_truncation,
    reason = "inside the tile and its buffer"
)]
fn on_grid(points: impl IntoIterator<Item = Coord<f64>>, frame: &Frame) -> Vec<Coord<i32>> {
    let placed = points.into_iter().map(|at| frame.place(at));
    let mut points: Vec<_> = placed
        .map(|at| Coord {
            x: at.x.round() as i32,
            y: at.y.round() as i32,
        })
        .collect();
    points.dedup();
    points
}
