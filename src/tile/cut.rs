use geo::{Coord, Rect};

use super::budget::{self, Fate, POSITION_BYTES, Plan, SIZES, Weights};
use super::clip;
use super::content::TileLayer;
use super::coord::TileCoord;
use super::frame::{Frame, Grid, Placer};
use super::grid_shapes::{GridKind, GridShapes};
use super::layer::Layer;
use super::merge::Pile;
use super::repair;
use super::sound;
use super::sums::{MANY, Places, Sums};
use crate::model::TileBudget;
use crate::query::{self, Hit, Query, Stopped};
use crate::snapshot::{Collection, Part, ShapeKind, ShapeRef};

/// Cuts those rows of a collection that a query matches to a tile. Its order is left aside: features
/// of a tile are in id order.
///
/// O(rows that meet the tile); of a low zoom with very many rows, and all of them asked for, O(places
/// that they were summed by).
///
/// # Errors
/// The query's budget stops it.
pub fn cut<'a>(
    collection: &'a Collection,
    layer: &'a Layer,
    query: &Query,
    tile: TileCoord,
    frame: &Frame,
    budget: TileBudget,
) -> Result<TileLayer<'a>, Stopped> {
    let window = tile.buffered();
    let cut = Cut {
        collection,
        layer,
        tile,
        frame,
        window,
        weights: Weights::of(layer, tile, frame, budget),
    };
    if query.is_everything()
        && let Some((sums, places)) = layer.sums().zip(Sums::places(tile))
    {
        let counts = sums.counts(&places);
        if counts.iter().map(|count| *count as usize).sum::<usize>() >= MANY {
            return Ok(cut.by_sums(sums, &places, &counts));
        }
    }
    cut.by_rows(query)
}

/// What is asked.
struct Cut<'a, 'f> {
    collection: &'a Collection,
    layer: &'a Layer,
    tile: TileCoord,
    frame: &'f Frame,
    window: Rect<f64>,
    weights: Weights,
}

impl<'a> Cut<'a, '_> {
    fn by_rows(&self, query: &Query) -> Result<TileLayer<'a>, Stopped> {
        let (collection, layer) = (self.collection, self.layer);
        let hits = self.hits(query)?;
        let mut out = TileLayer::new(collection);
        out.matched = hits.len();
        if self.held_back(&mut out) {
            return Ok(out);
        }
        let plan = budget::plan(collection, layer, &hits, self.tile.zoom(), &self.weights);
        let mut pile = self.pile();
        let mut single = Vec::new();
        for hit in hits {
            match plan.fate(layer.size(hit.row)) {
                Fate::Single => single.push(hit),
                Fate::Small => pile.add(hit.row),
            }
        }
        Ok(self.finish(out, plan, single, pile))
    }

    /// The rows that meet the tile.
    fn hits(&self, query: &Query) -> Result<Vec<Hit>, Stopped> {
        let collection = self.collection;
        let bounds = collection.bounds();
        if bounds.is_some_and(|bounds| within(bounds, self.window)) {
            // All of them: no need to look them up.
            let rows = if query.is_everything() {
                (0..collection.count()).collect()
            } else {
                query::matched(collection, query)?.rows
            };
            let placed = rows.into_iter();
            let placed = placed.filter(|row| collection.geometry(*row).is_some());
            return Ok(placed.map(|row| Hit { row, inside: true }).collect());
        }
        let mut hits = query::matched_in(collection, query, self.window)?;
        hits.retain(|hit| hit.inside || self.meets(hit.row));
        Ok(hits)
    }

    /// From sums: only what is shown as it is, and what lies on the tile's border, is looked at.
    fn by_sums(&self, sums: &Sums, places: &Places, counts: &[u32; SIZES]) -> TileLayer<'a> {
        let (collection, layer) = (self.collection, self.layer);
        let mut out = TileLayer::new(collection);
        out.matched = counts.iter().map(|count| *count as usize).sum();
        let (mut missing, mut surplus) = (Vec::new(), Vec::new());
        for row in Sums::on_border(collection, self.window) {
            let anchor = layer.spot(row).anchor();
            let summed = anchor.is_some_and(|at| places.hold(at));
            match (summed, self.meets(row)) {
                (false, true) => missing.push(row),
                (true, false) => surplus.push(row),
                _ => {}
            }
        }
        let strewn = sums.strewn().iter().copied();
        missing.extend(strewn.filter(|row| self.meets(*row)));
        out.matched += missing.len();
        out.matched -= surplus.len();
        if self.held_back(&mut out) {
            return out;
        }
        let zoom = self.tile.zoom();
        let end = budget::may_be_single(counts, zoom, &self.weights);
        let larger = sums.larger(end).iter().chain(sums.strewn());
        let large = larger.filter(|row| layer.size(**row) < end && self.meets(**row));
        let mut single: Vec<_> = large
            .map(|row| Hit {
                row: *row,
                inside: false,
            })
            .collect();
        let mut plan = budget::plan(collection, layer, &single, zoom, &self.weights);
        plan.merged_from = plan.merged_from.min(end);
        let small = |row: u32| plan.fate(layer.size(row)) == Fate::Small;
        let mut pile = self.pile();
        sums.heaps(places, plan.merged_from, |nature, heap| {
            pile.add_heap(nature, heap);
        });
        for row in missing.into_iter().filter(|row| small(*row)) {
            pile.add(row);
        }
        for row in surplus.into_iter().filter(|row| small(*row)) {
            pile.remove(row);
        }
        single.retain(|hit| !small(hit.row));
        self.finish(out, plan, single, pile)
    }

    fn meets(&self, row: u32) -> bool {
        let Some(shape) = self.collection.geometry(row) else {
            return false;
        };
        // Nearly all that lie on the border have a position inside.
        let (low, high) = (self.window.min(), self.window.max());
        let inside =
            |at: &Coord<f64>| at.x >= low.x && at.x <= high.x && at.y >= low.y && at.y <= high.y;
        shape.positions().iter().any(inside) || shape.meets(self.window)
    }

    /// True where the collection starts at a deeper zoom.
    fn held_back(&self, out: &mut TileLayer) -> bool {
        let held = self.tile.zoom() < self.collection.info.min_zoom;
        if held {
            out.below_min_zoom = out.matched;
        }
        held
    }

    fn pile(&self) -> Pile<'a> {
        Pile::new(
            self.collection,
            self.layer,
            self.tile,
            *self.frame,
            self.window,
        )
    }

    /// Cuts what is shown as it is, and makes shapes of the rest.
    fn finish(
        &self,
        mut out: TileLayer<'a>,
        plan: Plan,
        mut single: Vec<Hit>,
        mut pile: Pile<'a>,
    ) -> TileLayer<'a> {
        let (collection, layer) = (self.collection, self.layer);
        let holds = self.tile.holder();
        single.sort_unstable_by_key(|hit| hit.row);
        let mut knife = Knife::new(layer, self.tile, self.frame, self.window);
        out.rows.reserve(single.len());
        out.shapes.reserve(collection.shapes(), single.len());
        let used = |out: &TileLayer| {
            let features = out.rows.len();
            self.weights.of_features(features, out.shapes.positions())
        };
        for Hit { row, inside } in single {
            if plan.room < usize::MAX && used(&out) >= plan.room {
                out.thinned += 1;
                continue;
            }
            let shape = collection.shapes().get(row);
            if knife.cut(&shape, inside, &mut out.shapes) {
                let label = layer.spot(row).label().filter(|at| holds(*at));
                out.rows.push((row, label));
            } else {
                pile.add(row);
            }
        }
        let longest = plan.longest(self.tile.zoom());
        let most = self.weights.rectangles(used(&out));
        let merged = pile.finish(most, longest, &mut out.merged_shapes);
        out.merged = merged.features.iter().map(|feature| feature.count).sum();
        out.too_small += merged.too_small;
        out.merged_features = merged.features;
        out.bytes = layer.row_bytes() * out.rows.len()
            + POSITION_BYTES * (out.shapes.positions() + out.merged_shapes.positions());
        // Rings are closed, so that they have a position more.
        let positions = out.shapes.positions() + out.rows.len();
        let rectangles = out.merged_shapes.positions() / 4;
        out.text_bytes = layer.row_text_bytes() * out.rows.len()
            + self.weights.as_text(positions + 5 * rectangles);
        out
    }
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
                let kept = open.iter().zip(levels);
                let kept = kept.filter(|(_, level)| **level <= self.zoom);
                out.place_all(open.len(), kept.map(|(at, _)| self.placer.place(*at)));
            } else {
                self.keep(open, first);
                clip::ring(&mut self.kept, self.window, &mut self.room);
                let kept = self.kept.iter().map(|at| self.placer.place(*at));
                out.place_all(self.kept.len(), kept);
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
