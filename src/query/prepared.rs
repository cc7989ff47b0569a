//! A geometry that many others are held against: its edges in a tree, so that what is far from its border costs
//! a walk through the tree and not a walk along the border.

use geo::algorithm::kernels::{Kernel, RobustKernel};
use geo::{
    BoundingRect, Coord, CoordsIter, Geometry, Intersects, Line, Orientation, Point, Rect, coord,
};

use super::measure::edges;
use super::packed::Packed;

/// The edges of a geometry; a point is an edge without length.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Prepared {
    edges: Vec<Line<f64>>,
    tree: Packed,
    bounds: Option<Rect<f64>>,
    inside: Inside,
}

/// How the inside of a geometry is told from its edges.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Inside {
    /// It has none: points and lines.
    None,
    /// A position is inside where a ray from it crosses an odd number of edges.
    Odd,
    /// It has parts of several kinds.
    Mixed,
}

/// How a geometry lies to a prepared one, as far as that can be told without the whole border.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Lies {
    /// Wholly in the interior of the prepared one.
    Inside,
    /// Without a point in common.
    Outside,
    /// They have a point in common, or cannot be told apart.
    Near,
}

/// Where a position lies.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Position {
    Inside,
    Border,
    Outside,
}

impl Prepared {
    /// Of a valid geometry. O(n log n).
    pub fn new(geometry: &Geometry<f64>) -> Self {
        let edges = edges(geometry);
        let boxes: Vec<_> = edges.iter().map(Line::bounding_rect).collect();
        Self {
            tree: Packed::build(&boxes),
            edges,
            bounds: geometry.bounding_rect(),
            inside: match geometry {
                Geometry::Polygon(_)
                | Geometry::MultiPolygon(_)
                | Geometry::Rect(_)
                | Geometry::Triangle(_) => Inside::Odd,
                Geometry::GeometryCollection(_) => Inside::Mixed,
                _ => Inside::None,
            },
        }
    }

    /// The edges.
    pub fn edges(&self) -> &[Line<f64>] {
        &self.edges
    }

    /// Their tree, by position among the edges.
    pub fn tree(&self) -> &Packed {
        &self.tree
    }

    /// The box around it.
    pub fn bounds(&self) -> Option<Rect<f64>> {
        self.bounds
    }

    /// How a geometry in this box lies, by the box alone: where no edge meets it, all of it is on one side.
    pub fn lies(&self, rect: Rect<f64>) -> Lies {
        let apart = self.bounds.is_none_or(|bounds| !bounds.intersects(&rect));
        if apart {
            return Lies::Outside;
        }
        let meets = |at: usize| !rect.intersects(&self.edges[at]);
        match self.inside {
            Inside::Mixed => Lies::Near,
            _ if !self.tree.meeting(rect, meets) => Lies::Near,
            Inside::None => Lies::Outside,
            Inside::Odd => match self.position(rect.min()) {
                Position::Inside => Lies::Inside,
                Position::Outside => Lies::Outside,
                // A border in a box that no edge meets: not to be had, but no reason to guess.
                Position::Border => Lies::Near,
            },
        }
    }

    /// Where a position lies: on an edge, or inside where a ray tells it. O(log n + edges that the ray meets).
    pub fn position(&self, at: Coord<f64>) -> Position {
        let Some(bounds) = self.bounds.filter(|bounds| bounds.intersects(&at)) else {
            return Position::Outside;
        };
        // To the east, as far as the geometry goes.
        let ray = Rect::new(at, coord! { x: bounds.max().x, y: at.y });
        let (mut odd, mut border) = (false, false);
        self.tree.meeting(ray, |edge| {
            let Line { start, end } = self.edges[edge];
            if self.edges[edge].intersects(&at) {
                border = true;
                return false;
            }
            // Each corner belongs to the edge above it.
            if (start.y > at.y) != (end.y > at.y) {
                let (low, high) = if start.y < end.y {
                    (start, end)
                } else {
                    (end, start)
                };
                let side = RobustKernel::orient2d(low, high, at);
                odd ^= side == Orientation::CounterClockwise;
            }
            true
        });
        match (border, odd && self.inside == Inside::Odd) {
            (true, _) => Position::Border,
            (false, true) => Position::Inside,
            (false, false) => Position::Outside,
        }
    }

    /// Whether a geometry in this box has a point in common with it; none where one of them has parts of several
    /// kinds.
    pub fn meets(&self, other: &Geometry<f64>, bounds: Rect<f64>) -> Option<bool> {
        if self.inside == Inside::Mixed || matches!(other, Geometry::GeometryCollection(_)) {
            return None;
        }
        let met = |edge: &Line<f64>| {
            if edge.start == edge.end {
                other.intersects(&Point(edge.start))
            } else {
                other.intersects(edge)
            }
        };
        let met = !self.tree.meeting(bounds, |at| !met(&self.edges[at]));
        if met {
            return Some(true);
        }
        // No edge meets it: each of its parts is inside as a whole, or outside.
        let inside = |at: &Coord<f64>| self.position(*at) == Position::Inside;
        Some(self.inside == Inside::Odd && one_of_each_part(other).iter().any(inside))
    }

    /// Whether an edge of a geometry in this box crosses one of its edges, so that it comes out on the other side.
    pub fn is_crossed(&self, other: &Geometry<f64>, bounds: Rect<f64>) -> bool {
        let own = edges(other);
        let none = |at: usize| !own.iter().any(|edge| cross(edge, &self.edges[at]));
        !self.tree.meeting(bounds, none)
    }

    /// Whether a corner of a geometry lies strictly inside, and whether one lies strictly outside.
    pub fn corners(&self, other: &Geometry<f64>) -> (bool, bool) {
        let (mut inside, mut outside) = (false, false);
        if self.inside != Inside::Odd {
            return (false, false);
        }
        for at in other.coords_iter() {
            match self.position(at) {
                Position::Inside => inside = true,
                Position::Outside => outside = true,
                Position::Border => {}
            }
            if inside && outside {
                break;
            }
        }
        (inside, outside)
    }
}

/// True where two edges cross in the inner of both.
fn cross(a: &Line<f64>, b: &Line<f64>) -> bool {
    let parts = |line: &Line<f64>, from, to| {
        use Orientation::{Clockwise, CounterClockwise};
        let side = |at| RobustKernel::orient2d(line.start, line.end, at);
        matches!(
            (side(from), side(to)),
            (Clockwise, CounterClockwise) | (CounterClockwise, Clockwise)
        )
    };
    parts(a, b.start, b.end) && parts(b, a.start, a.end)
}

/// A position of each part.
fn one_of_each_part(geometry: &Geometry<f64>) -> Vec<Coord<f64>> {
    let first = |line: &geo::LineString<f64>| line.0.first().copied();
    match geometry {
        Geometry::MultiPoint(points) => points.iter().map(|at| at.0).collect(),
        Geometry::MultiLineString(lines) => lines.iter().filter_map(first).collect(),
        Geometry::MultiPolygon(parts) => {
            let firsts = parts.iter().filter_map(|part| first(part.exterior()));
            firsts.collect()
        }
        other => other.coords_iter().next().into_iter().collect(),
    }
}

#[cfg(test)]
mod tests {
    use geo::{Area, MultiPoint, MultiPolygon, Polygon, Relate, Validation, line_string, polygon};
    use proptest::collection::vec;
    use proptest::prelude::*;

    use super::*;

    /// Whole numbers in a small square, so that corners and borders fall on each other.
    fn at() -> impl Strategy<Value = Coord<f64>> {
        (0..9_i8, 0..9_i8).prop_map(|(x, y)| coord! { x: f64::from(x), y: f64::from(y) })
    }

    fn ring() -> impl Strategy<Value = Polygon<f64>> {
        let any = vec(at(), 3..8).prop_map(|corners| Polygon::new(corners.into(), Vec::new()));
        // geo takes a flat ring for valid, and its matrix of one is wrong; neither import nor filter lets one pass.
        let solid = |ring: &Polygon<f64>| ring.is_valid() && ring.unsigned_area() > 0.0;
        any.prop_filter("valid", solid)
    }

    fn holed() -> impl Strategy<Value = Polygon<f64>> {
        (2..4_i8, 2..4_i8, 1..4_i8).prop_map(|(x, y, width)| {
            let [x, y, width] = [x, y, width].map(f64::from);
            polygon!(
                exterior: [(x: 0., y: 0.), (x: 8., y: 0.), (x: 8., y: 8.), (x: 0., y: 8.)],
                interiors: [[(x: x, y: y), (x: x + width, y: y), (x: x + width, y: y + width), (x: x, y: y + width)]],
            )
        })
    }

    fn geometry() -> impl Strategy<Value = Geometry<f64>> {
        prop_oneof![
            at().prop_map(|at| Geometry::Point(at.into())),
            vec(at(), 1..6).prop_map(|all| Geometry::MultiPoint(MultiPoint::from_iter(all))),
            (at(), at(), at())
                .prop_map(|(a, b, c)| Geometry::LineString(line_string![a, b, c]))
                .prop_filter("valid", Validation::is_valid),
            ring().prop_map(Geometry::Polygon),
            holed().prop_map(Geometry::Polygon),
            (ring(), ring())
                .prop_map(|(a, b)| Geometry::MultiPolygon(MultiPolygon(vec![a, b])))
                .prop_filter("valid", Validation::is_valid),
        ]
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(4096))]

        #[test]
        fn as_the_matrix_of_both_says(one in geometry(), other in geometry()) {
            let prepared = Prepared::new(&one);
            let bounds = other.bounding_rect().expect("not empty");
            let matrix = other.relate(&one);
            match prepared.lies(bounds) {
                Lies::Outside => prop_assert!(matrix.is_disjoint()),
                Lies::Inside => {
                    prop_assert!(matrix.is_within() && !matrix.is_touches() && !matrix.is_equal_topo());
                }
                Lies::Near => {}
            }
            prop_assert_eq!(prepared.meets(&other, bounds), Some(matrix.is_intersects()));
            let is_areal = |geometry: &Geometry<f64>| matches!(geometry, Geometry::Polygon(_) | Geometry::MultiPolygon(_));
            if is_areal(&one) && prepared.is_crossed(&other, bounds) {
                prop_assert!(!matrix.is_touches() && !matrix.is_within() && !matrix.is_contains());
                let both = is_areal(&other);
                prop_assert_eq!((matrix.is_overlaps(), matrix.is_crosses()), (both, !both));
            }
            let (inside, outside) = prepared.corners(&other);
            prop_assert!(!inside || !matrix.is_touches() && !matrix.is_disjoint());
            prop_assert!(!outside || !matrix.is_within());
        }

        #[test]
        fn a_position_is_where_a_point_is(area in prop_oneof![ring(), holed()], at in at()) {
            let matrix = Geometry::Point(at.into()).relate(&Geometry::Polygon(area.clone()));
            let expected = if matrix.is_within() {
                Position::Inside
            } else if matrix.is_intersects() {
                Position::Border
            } else {
                Position::Outside
            };
            prop_assert_eq!(Prepared::new(&Geometry::Polygon(area)).position(at), expected);
        }
    }
}
