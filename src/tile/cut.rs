use geo::{Coord, Rect};

use super::budget::{self, Fate};
use super::clip;
use super::content::TileLayer;
use super::coord::TileCoord;
use super::frame::{Frame, Grid, Placer};
use super::grid_shapes::{GridKind, GridShapes};
use super::layer::Layer;
use super::merge::Cells;
use super::repair;
use super::sound;
use crate::model::TileBudget;
use crate::query::{self, Hit, Query};
use crate::snapshot::{Collection, Part, ShapeKind, ShapeRef};

/// Cuts those rows of a collection that a query matches to a tile. Its order is left aside: features
/// of a tile are in id order.
#[must_use]
pub fn cut<'a>(
    collection: &'a Collection,
    layer: &'a Layer,
    query: &Query,
    tile: TileCoord,
    frame: &Frame,
    budget: TileBudget,
) -> TileLayer<'a> {
    let window = tile.buffered();
    let holds = tile.holder();
    let mut hits = query::matched_in(collection, query, window);
    hits.retain(|hit| {
        hit.inside
            || collection
                .geometry(hit.row)
                .is_some_and(|shape| shape.meets(window))
    });
    let mut out = TileLayer::new(collection);
    out.matched = hits.len();
    if tile.zoom() < collection.info.min_zoom {
        out.below_min_zoom = hits.len();
        return out;
    }
    let plan = budget::plan(collection, layer, &hits, tile.zoom(), budget);
    let mut cells = Cells::new(collection, layer, tile, *frame, window);
    let mut single = Vec::new();
    for hit in hits {
        match plan.fate(layer.size(hit.row)) {
            Fate::Single => single.push(hit),
            Fate::Small => match collection.shapes().get(hit.row).kind {
                ShapeKind::LineString | ShapeKind::MultiLineString => out.too_small += 1,
                _ => cells.add(hit.row),
            },
        }
    }
    single.sort_unstable_by_key(|hit| hit.row);
    let mut knife = Knife::new(layer, tile, frame, window);
    out.rows.reserve(single.len());
    out.shapes.reserve(collection.shapes(), single.len());
    let (mut room, mut used) = (plan.room, 0);
    for Hit { row, inside } in single {
        if room == 0 {
            out.thinned += 1;
            continue;
        }
        let shape = collection.shapes().get(row);
        let before = out.shapes.positions();
        if knife.cut(&shape, inside, &mut out.shapes) {
            let own = budget::POSITION_BYTES * (out.shapes.positions() - before);
            room = room.saturating_sub(layer.row_bytes() + own);
            used += layer.row_bytes() + own;
            let label = layer.label(row).filter(|at| holds(*at));
            out.rows.push((row, label));
        } else if shape.is_areal() {
            cells.add(row);
        } else {
            out.too_small += 1;
        }
    }
    let left = budget.bytes.saturating_sub(used).max(budget.bytes / 8);
    let merged = cells.finish(left, &mut out.merged_shapes);
    out.merged = merged.features.iter().map(|feature| feature.count).sum();
    out.too_small += merged.too_small;
    out.merged_features = merged.features;
    out.bytes = used + budget::POSITION_BYTES * out.merged_shapes.positions();
    out
}

/// Simplifies, clips, rounds and repairs, one shape after the other.
///
/// Simplification comes before clipping: it sees the whole shape, so that neighbouring tiles agree.
/// Clipping is in degrees, where GeoJSON's lines are straight (RFC 7946, section 3.1.1), so that
/// both grids show the same line however long it is.
struct Knife<'a> {
    levels: &'a [u8],
    zoom: u8,
    window: Rect<f64>,
    placer: Placer,
    /// True where the grid's y runs to the south, so that rings turn the other way.
    flipped: bool,
    kept: Vec<Coord<f64>>,
    room: Vec<Coord<f64>>,
}

impl<'a> Knife<'a> {
    fn new(layer: &'a Layer, tile: TileCoord, frame: &Frame, window: Rect<f64>) -> Self {
        Self {
            levels: layer.levels(),
            zoom: tile.zoom(),
            window,
            placer: frame.placer(window),
            flipped: frame.grid() == Grid::Units,
            kept: Vec::new(),
            room: Vec::new(),
        }
    }

    /// False where the grid is too coarse to show anything.
    fn cut(&mut self, shape: &ShapeRef<'_>, inside: bool, out: &mut GridShapes) -> bool {
        let inside = inside
            || shape
                .bounds()
                .is_some_and(|bounds| within(bounds, self.window));
        match shape.kind {
            ShapeKind::Nowhere => false,
            ShapeKind::Point | ShapeKind::MultiPoint => {
                let start = out.positions();
                for at in shape.positions() {
                    if inside || geo::Intersects::intersects(&self.window, at) {
                        out.place(self.placer.place(*at), start);
                    }
                }
                out.end_line(start, 1);
                out.end_shape(GridKind::Points)
            }
            ShapeKind::LineString | ShapeKind::MultiLineString => {
                for part in shape.parts() {
                    self.line(&part, inside, out);
                }
                out.end_shape(GridKind::Lines)
            }
            ShapeKind::Polygon | ShapeKind::MultiPolygon => {
                let many = shape.part_count() > 1;
                for part in shape.parts() {
                    self.polygon(&part, inside, many, out);
                }
                let rings = out.open().rings();
                if !sound::polygons(rings.map(|ring| (ring.positions, ring.exterior))) {
                    repair::polygons(out);
                }
                out.end_shape(GridKind::Polygons)
            }
        }
    }

    /// The positions of a line or ring that its zoom keeps.
    fn keep(&mut self, line: &[Coord<f64>], start: usize) {
        let levels = &self.levels[start..start + line.len()];
        let kept = line.iter().zip(levels);
        let kept = kept.filter(|(_, level)| **level <= self.zoom);
        self.kept.clear();
        self.kept.extend(kept.map(|(at, _)| *at));
    }

    fn line(&mut self, part: &Part<'_>, inside: bool, out: &mut GridShapes) {
        self.keep(part.exterior(), part.span().start);
        let placer = &self.placer;
        let mut emit = |line: &[Coord<f64>]| {
            let start = out.positions();
            for at in line {
                out.place(placer.place(*at), start);
            }
            out.end_line(start, 2);
        };
        if inside {
            emit(&self.kept);
        } else {
            clip::line(&self.kept, self.window, &mut self.room, emit);
        }
    }

    fn polygon(&mut self, part: &Part<'_>, inside: bool, many: bool, out: &mut GridShapes) {
        let mut first = part.span().start;
        if many && !inside {
            let bounds = crate::snapshot::bounds(part.exterior());
            if !bounds.is_some_and(|bounds| geo::Intersects::intersects(&bounds, &self.window)) {
                return;
            }
        }
        for (at, ring) in part.rings().enumerate() {
            let start = out.positions();
            let open = &ring[..ring.len().saturating_sub(1)];
            if inside {
                let levels = &self.levels[first..first + open.len()];
                for (at, level) in open.iter().zip(levels) {
                    if *level <= self.zoom {
                        out.place(self.placer.place(*at), start);
                    }
                }
            } else {
                self.keep(open, first);
                clip::ring(&mut self.kept, self.window, &mut self.room);
                for at in &self.kept {
                    out.place(self.placer.place(*at), start);
                }
            }
            first += ring.len();
            let left = out.end_ring(start, at == 0, self.flipped);
            if at == 0 && !left {
                // A hole in nothing.
                return;
            }
        }
    }
}

fn within(bounds: Rect<f64>, window: Rect<f64>) -> bool {
    bounds.min().x >= window.min().x
        && bounds.min().y >= window.min().y
        && bounds.max().x <= window.max().x
        && bounds.max().y <= window.max().y
}
