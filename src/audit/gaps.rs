//! Holes between polygons that should tile.

use geo::{BooleanOps, Coord, LineString, MultiPolygon, Polygon, Rect, coord, unary_union};
use i_overlay::core::fill_rule::FillRule;
use i_overlay::core::overlay::{ContourDirection, IntOverlayOptions, Overlay};
use i_overlay::core::overlay_rule::OverlayRule;
use i_overlay::core::solver::Solver;
use i_overlay::i_float::int::point::IntPoint;

use super::plane::{Plane, extent, simplest};
use super::report::{Note, Notes, named};
use crate::model::AuditSettings;
use crate::snapshot::{Collection, Row, ShapeRef, Snapshot};

const CHECK: &str = "gap";

pub(super) fn check(snapshot: &Snapshot, notes: &mut Notes<'_>) {
    if !notes.is_on(CHECK) {
        return;
    }
    let settings = &snapshot.plan.audit;
    for collection in &snapshot.collections {
        if let Some(zones) = &collection.info.audit.tiles
            && let Some(zones) = snapshot.collection(zones)
        {
            for row in 0..zones.count() {
                uncovered(collection, zones, row, settings, notes);
            }
        }
        if collection.info.audit.no_gaps {
            for hole in holes(collection) {
                let plane = Plane::at(hole.exterior().0[0]);
                let metres = MultiPolygon::new(vec![geo::MapCoords::map_coords(&hole, |at| {
                    plane.metres(at)
                })]);
                let (area, width) = extent(&metres);
                let narrow = settings.rounding_m..settings.gap_width_m;
                if area > settings.gap_m2 && narrow.contains(&width) {
                    notes.add(CHECK, collection, || {
                        enclosed(collection, hole, area, width)
                    });
                }
            }
        }
    }
}

/// What the collection leaves of a polygon that it should fill.
fn uncovered(
    collection: &Collection,
    zones: &Collection,
    row: Row,
    settings: &AuditSettings,
    notes: &mut Notes<'_>,
) {
    let Some(shape) = zones.geometry(row).filter(ShapeRef::is_areal) else {
        return;
    };
    let Some(bounds) = shape.bounds() else {
        return;
    };
    let plane = Plane::at(bounds.center());
    let mut rows: Vec<_> = collection.rows_in(bounds).collect();
    rows.sort_unstable();
    rows.dedup();
    let tiles = rows.iter().filter_map(|row| collection.geometry(*row));
    let tiles: Vec<_> = tiles.map(|shape| plane.polygons(&shape)).collect();
    let left = plane.polygons(&shape).difference(&unary_union(&tiles));
    for part in left {
        let part = MultiPolygon::new(vec![part]);
        let (area, width) = extent(&part);
        if area > settings.gap_m2 && width > settings.rounding_m {
            notes.add(CHECK, collection, || {
                let reason = format!(
                    "{area:.1} m² of {}, {width:.2} m wide on average, are in no feature of {}",
                    named(zones, row),
                    collection.info.id
                );
                Note::about(CHECK, collection, reason)
                    .with(zones, row)
                    .at_place(simplest(plane.back(&part)))
            });
        }
    }
}

fn enclosed(collection: &Collection, hole: Polygon<f64>, area: f64, width: f64) -> Note {
    let around = neighbours(collection, &hole);
    let mut words: Vec<_> = around
        .iter()
        .take(4)
        .map(|row| named(collection, *row))
        .collect();
    if around.len() > words.len() {
        words.push(format!("{} more", around.len() - words.len()));
    }
    let reason = format!(
        "{area:.1} m², {width:.2} m wide on average, lie enclosed between {}",
        words.join(", ")
    );
    let Some((first, others)) = around.split_first() else {
        return Note::about(CHECK, collection, reason).at_place(hole);
    };
    let note = Note::new(CHECK, collection, *first, reason).at_place(hole);
    others
        .iter()
        .fold(note, |note, other| note.with(collection, *other))
}

/// Rows with an edge at a position of the hole.
fn neighbours(collection: &Collection, hole: &Polygon<f64>) -> Vec<Row> {
    // Positions of the grid are a little beside those of the file.
    const BESIDE: f64 = 1e-6;
    let Some(bounds) = crate::snapshot::bounds(&hole.exterior().0) else {
        return Vec::new();
    };
    let margin = coord! { x: BESIDE, y: BESIDE };
    let wide = Rect::new(bounds.min() - margin, bounds.max() + margin);
    let mut rows: Vec<_> = collection.rows_in(wide).collect();
    rows.sort_unstable();
    rows.dedup();
    rows.retain(|row| {
        let shape = collection.geometry(*row);
        shape.is_some_and(|shape| {
            let edges = super::edges::Edges::build(std::iter::once((0, shape)));
            let mut corners = hole.exterior().0.iter();
            corners.any(|at| edges.nearest(*at).is_some_and(|(away, _)| away < 0.05))
        })
    });
    rows
}

/// A directed edge on a grid.
type Edge = [[i32; 2]; 2];

/// Holes that the polygons of a collection leave between them, each enclosed all around.
///
/// Every polygon winds once around what it covers. An edge that two neighbours share is run through
/// both ways, and adds nothing: what is left after such pairs are struck out still winds around every
/// place as often as polygons lie there, and is little where they tile. A ring the other way around
/// everything takes one away: then exactly the bare places are below zero. O(edges log edges).
fn holes(collection: &Collection) -> Vec<Polygon<f64>> {
    let Some(bounds) = collection.bounds() else {
        return Vec::new();
    };
    let grid = Grid::over(bounds);
    let mut contours = contours(&left(collection, &grid));
    if contours.is_empty() {
        return Vec::new();
    }
    let end = Grid::HALF + 1;
    // Clockwise, in the sense of the numbers.
    contours.push(
        [[-end, -end], [-end, end], [end, end], [end, -end]]
            .map(point)
            .into(),
    );
    let options = IntOverlayOptions {
        preserve_input_collinear: false,
        output_direction: ContourDirection::CounterClockwise,
        preserve_output_collinear: false,
        min_output_area: 0,
        ogc: true,
    };
    let bare = Overlay::with_contours_custom(&contours, &[], options, Solver::default())
        .overlay(OverlayRule::Subject, FillRule::Negative);
    let outside = |shape: &Vec<Vec<IntPoint>>| {
        let exterior = shape.first();
        exterior.is_some_and(|ring| ring.iter().any(|at| at.x.abs() == end || at.y.abs() == end))
    };
    let ring = |ring: Vec<IntPoint>| {
        let mut positions: Vec<_> = ring.iter().map(|at| grid.degrees([at.x, at.y])).collect();
        positions.extend(positions.first().copied());
        LineString::new(positions)
    };
    bare.into_iter()
        .filter(|shape| !shape.is_empty() && !outside(shape))
        .map(|shape| {
            let mut rings = shape.into_iter().map(ring);
            let exterior = rings.next().unwrap_or_else(|| LineString::new(Vec::new()));
            Polygon::new(exterior, rings.collect())
        })
        .filter(|hole| hole.exterior().0.len() > 3)
        .collect()
}

fn point([x, y]: [i32; 2]) -> IntPoint {
    IntPoint::new(x, y)
}

/// Whole numbers in place of degrees: a fiftieth of a millimetre in a town of 20 km.
struct Grid {
    middle: Coord<f64>,
    scale: f64,
}

impl Grid {
    /// Positions lie between minus and plus this many steps. The overlay multiplies differences.
    const HALF: i32 = 1 << 28;

    fn over(bounds: Rect<f64>) -> Self {
        let widest = bounds.width().max(bounds.height()).max(1e-9);
        Self {
            middle: bounds.center(),
            scale: 2.0 * f64::from(Self::HALF) / widest,
        }
    }

    #[expect(clippy::cast_possible_truncation, reason = "clamped to the grid")]
    fn steps(&self, at: Coord<f64>) -> [i32; 2] {
        let half = f64::from(Self::HALF);
        let step = |away: f64| (away * self.scale).round().clamp(-half, half) as i32;
        let away = at - self.middle;
        [step(away.x), step(away.y)]
    }

    fn degrees(&self, [x, y]: [i32; 2]) -> Coord<f64> {
        self.middle + coord! { x: f64::from(x) / self.scale, y: f64::from(y) / self.scale }
    }
}

/// The edges that no neighbour runs through the other way, in order.
fn left(collection: &Collection, grid: &Grid) -> Vec<Edge> {
    let mut edges: Vec<(Edge, bool)> = Vec::new();
    for shape in collection
        .shapes()
        .iter()
        .filter(crate::snapshot::ShapeRef::is_areal)
    {
        for ring in shape
            .parts()
            .flat_map(|part| part.rings().collect::<Vec<_>>())
        {
            for pair in ring.windows(2) {
                let (from, to) = (grid.steps(pair[0]), grid.steps(pair[1]));
                if from != to {
                    edges.push(if from < to {
                        ([from, to], true)
                    } else {
                        ([to, from], false)
                    });
                }
            }
        }
    }
    edges.sort_unstable();
    let mut left = Vec::new();
    for same in edges.chunk_by(|a, b| a.0 == b.0) {
        let forth = same.iter().filter(|(_, forth)| *forth).count();
        let back = same.len() - forth;
        let [from, to] = same[0].0;
        let edge = if forth > back { [from, to] } else { [to, from] };
        left.extend(std::iter::repeat_n(edge, forth.abs_diff(back)));
    }
    left.sort_unstable();
    left
}

/// Closed rings of all edges. As many begin as end at every place, so every walk comes back.
fn contours(edges: &[Edge]) -> Vec<Vec<IntPoint>> {
    let begins = |place: [i32; 2]| edges.partition_point(|edge| edge[0] < place);
    // For the first edge of each place: the one of the place that is walked next.
    let mut next: Vec<usize> = (0..edges.len()).collect();
    let mut walk = |begin: usize| {
        let mut ring = Vec::new();
        let (mut begin, mut place) = (begin, edges[begin][0]);
        while let Some(edge) = edges.get(next[begin]).filter(|edge| edge[0] == place) {
            next[begin] += 1;
            ring.push(point(place));
            place = edge[1];
            begin = begins(place);
            if begin == edges.len() {
                break;
            }
        }
        ring
    };
    let mut contours = Vec::new();
    for begin in 0..edges.len() {
        if begin > 0 && edges[begin - 1][0] == edges[begin][0] {
            continue;
        }
        loop {
            let ring = walk(begin);
            if ring.is_empty() {
                break;
            }
            if ring.len() > 2 {
                contours.push(ring);
            }
        }
    }
    contours
}
