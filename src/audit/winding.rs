//! Which places do polygons leave bare, in O(edges log edges)?
//!
//! Every polygon winds once around what it covers. An edge that two neighbours share is run through both
//! ways, and adds nothing: what is left after such pairs are struck out still winds around every place as
//! often as polygons lie there, and is little where they tile. A ring the other way around some place
//! takes one away there: then exactly its bare places are below zero.

use geo::{Coord, LineString, Polygon, Rect, coord};
use i_overlay::core::fill_rule::FillRule;
use i_overlay::core::overlay::{ContourDirection, IntOverlayOptions, Overlay};
use i_overlay::core::overlay_rule::OverlayRule;
use i_overlay::core::solver::Solver;
use i_overlay::i_float::int::point::IntPoint;

use crate::snapshot::{ShapeRef, joined};

/// A directed edge on a grid.
type Edge = [[i32; 2]; 2];

/// What `tiles` leave of `ground`; none where that has no place.
pub(super) fn bare_of<'a>(
    ground: &ShapeRef<'a>,
    tiles: impl Iterator<Item = ShapeRef<'a>> + Clone,
) -> Vec<Polygon<f64>> {
    let Some(bounds) = bounds(tiles.clone().chain(std::iter::once(ground.clone()))) else {
        return Vec::new();
    };
    let grid = Grid::over(bounds);
    let mut edges = Edges::default();
    tiles.for_each(|tile| edges.add(&grid, &tile, false));
    edges.add(&grid, ground, true);
    grid.polygons(below_zero(&contours(&edges.left())))
}

/// Holes that `tiles` leave between them, each enclosed all around.
pub(super) fn enclosed<'a>(tiles: impl Iterator<Item = ShapeRef<'a>> + Clone) -> Vec<Polygon<f64>> {
    let Some(bounds) = bounds(tiles.clone()) else {
        return Vec::new();
    };
    let grid = Grid::over(bounds);
    let mut edges = Edges::default();
    tiles.for_each(|tile| edges.add(&grid, &tile, false));
    let mut contours = contours(&edges.left());
    let end = Grid::HALF + 1;
    // Clockwise, in the sense of the numbers.
    let around = [[-end, -end], [-end, end], [end, end], [end, -end]];
    contours.push(around.map(point).into());
    let mut bare = below_zero(&contours);
    // What lies between the tiles and the ring around everything is no hole.
    let far = |at: &IntPoint| at.x.abs() == end || at.y.abs() == end;
    bare.retain(|shape| !shape.first().is_some_and(|ring| ring.iter().any(far)));
    grid.polygons(bare)
}

fn bounds<'a>(shapes: impl Iterator<Item = ShapeRef<'a>>) -> Option<Rect<f64>> {
    shapes.filter_map(|shape| shape.bounds()).reduce(joined)
}

fn below_zero(contours: &[Vec<IntPoint>]) -> Vec<Vec<Vec<IntPoint>>> {
    let options = IntOverlayOptions {
        preserve_input_collinear: false,
        output_direction: ContourDirection::CounterClockwise,
        preserve_output_collinear: false,
        min_output_area: 0,
        ogc: true,
    };
    Overlay::with_contours_custom(contours, &[], options, Solver::default())
        .overlay(OverlayRule::Subject, FillRule::Negative)
}

fn point([x, y]: [i32; 2]) -> IntPoint {
    IntPoint::new(x, y)
}

/// Whole numbers in place of degrees: a twentieth of a millimetre in a town of 20 km.
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

    fn degrees(&self, at: IntPoint) -> Coord<f64> {
        self.middle + coord! { x: f64::from(at.x) / self.scale, y: f64::from(at.y) / self.scale }
    }

    fn polygons(&self, shapes: Vec<Vec<Vec<IntPoint>>>) -> Vec<Polygon<f64>> {
        let ring = |ring: Vec<IntPoint>| {
            let mut positions: Vec<_> = ring.into_iter().map(|at| self.degrees(at)).collect();
            positions.extend(positions.first().copied());
            LineString::new(positions)
        };
        let polygon = |shape: Vec<Vec<IntPoint>>| {
            let mut rings = shape.into_iter().map(ring);
            let exterior = rings.next()?;
            Some(Polygon::new(exterior, rings.collect()))
        };
        let all = shapes.into_iter().filter_map(polygon);
        let mut all: Vec<_> = all.filter(|own| own.exterior().0.len() > 3).collect();
        // From west to east.
        let first = |own: &Polygon<f64>| own.exterior().0[0];
        all.sort_by(|a, b| {
            let (a, b) = (first(a), first(b));
            a.x.total_cmp(&b.x).then(a.y.total_cmp(&b.y))
        });
        all
    }
}

/// Edges without direction, from the lesser end, and with the direction beside.
#[derive(Default)]
struct Edges(Vec<(Edge, bool)>);

impl Edges {
    fn add(&mut self, grid: &Grid, shape: &ShapeRef<'_>, reversed: bool) {
        if !shape.is_areal() {
            return;
        }
        for ring in shape
            .parts()
            .flat_map(|part| part.rings().collect::<Vec<_>>())
        {
            for pair in ring.windows(2) {
                let (from, to) = (grid.steps(pair[0]), grid.steps(pair[1]));
                if from != to {
                    let edge = if from < to { [from, to] } else { [to, from] };
                    self.0.push((edge, (from < to) != reversed));
                }
            }
        }
    }

    /// The edges that are not run through the other way as often, in order.
    fn left(mut self) -> Vec<Edge> {
        self.0.sort_unstable();
        let mut left = Vec::new();
        for same in self.0.chunk_by(|a, b| a.0 == b.0) {
            let forth = same.iter().filter(|(_, forth)| *forth).count();
            let back = same.len() - forth;
            let [from, to] = same[0].0;
            let edge = if forth > back { [from, to] } else { [to, from] };
            left.extend(std::iter::repeat_n(edge, forth.abs_diff(back)));
        }
        left.sort_unstable();
        left
    }
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
