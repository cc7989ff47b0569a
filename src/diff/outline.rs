//! How far the outlines of two shapes lie apart.

use geo::Coord;
use rstar::primitives::Line;
use rstar::{PointDistance, RTree};

use crate::audit::Plane;
use crate::snapshot::{ShapeKind, ShapeRef};

/// A smaller difference is none, in m: lengths are told in millimetres, and a vertex on an edge that is straight on one
/// map projection lies a tenth of one beside the edge that is straight on another.
pub(super) const LEAST: f64 = 0.000_5;
/// The farthest distance is found to this share of it.
const SHARE: f64 = 1e-3;
/// Or to so many m.
const ROUNDING: f64 = 1e-6;

type Point = [f64; 2];
type Edge = Line<Point>;

/// The edges of a shape's lines and rings on a plane, in m; of points, edges without length. In which order they
/// were drawn, from where, and in how many parts is not in it.
pub(super) struct Outline(RTree<Edge>);

impl Outline {
    /// O(n log n) in positions.
    pub fn of(shape: &ShapeRef<'_>, plane: &Plane) -> Self {
        let point = |at: Coord<f64>| {
            let at = plane.metres(at);
            [at.x, at.y]
        };
        let apart = matches!(shape.kind, ShapeKind::Point | ShapeKind::MultiPoint);
        let mut edges = Vec::new();
        for part in shape.parts() {
            for ring in part.rings() {
                if apart || ring.len() == 1 {
                    edges.extend(ring.iter().map(|at| Edge::new(point(*at), point(*at))));
                } else {
                    let pairs = ring.windows(2);
                    edges.extend(pairs.map(|pair| Edge::new(point(pair[0]), point(pair[1]))));
                }
            }
        }
        Self(RTree::bulk_load(edges))
    }

    /// Metres from the point of either that is farthest from the other to that other, the Hausdorff distance: not
    /// of vertices alone, for other edges between the same vertices are another shape.
    pub fn apart(&self, other: &Self) -> f64 {
        let one = self.farthest_from(other, 0.0);
        other.farthest_from(self, one)
    }

    /// The greater of `least` and how far the farthest point of this is from the other. An edge is cut until
    /// no piece can be farther away than what was found: the distance from one straight edge is greatest at an end of a
    /// piece, and it is at most that of its middle and half the piece's length.
    fn farthest_from(&self, other: &Self, least: f64) -> f64 {
        let mut farthest = least;
        let mut pieces: Vec<(Point, Point)> =
            self.0.iter().map(|edge| (edge.from, edge.to)).collect();
        while let Some((from, to)) = pieces.pop() {
            let middle = [0, 1].map(|axis| f64::midpoint(from[axis], to[axis]));
            let Some(nearest) = other.0.nearest_neighbor(middle) else {
                return f64::INFINITY;
            };
            let away = |at: Point, edge: &Edge| edge.distance_2(&at).sqrt();
            let here = away(middle, nearest);
            farthest = farthest.max(here);
            let half = (to[0] - from[0]).hypot(to[1] - from[1]) / 2.0;
            let ends = away(from, nearest).max(away(to, nearest));
            let enough = farthest + (farthest * SHARE).max(ROUNDING);
            if ends.min(here + half) > enough {
                let cut = foot_within((from, to), nearest).unwrap_or(middle);
                pieces.extend([(from, cut), (cut, to)]);
            }
        }
        farthest
    }
}

/// The point of a piece that is beside an end of an edge, where it is not an end of the piece: cut there, and not in
/// halves time and again, an edge is found to run along others after as many steps as there are of these.
fn foot_within((from, to): (Point, Point), edge: &Edge) -> Option<Point> {
    let along = [to[0] - from[0], to[1] - from[1]];
    let squared = along[0] * along[0] + along[1] * along[1];
    let share = |at: Point| ((at[0] - from[0]) * along[0] + (at[1] - from[1]) * along[1]) / squared;
    let mut feet = [edge.from, edge.to].into_iter().map(share);
    let inside = feet.find(|share| (1e-6..1.0 - 1e-6).contains(share))?;
    Some([from[0] + along[0] * inside, from[1] + along[1] * inside])
}

#[cfg(test)]
mod tests {
    use geo::{Geometry, wkt};

    use super::*;
    use crate::model::ShapesBuilder;

    /// In degrees at the equator: one of them is some 111 km.
    fn apart(one: impl Into<Geometry<f64>>, other: impl Into<Geometry<f64>>) -> f64 {
        let mut shapes = ShapesBuilder::default();
        shapes.push(Some(&one.into()));
        shapes.push(Some(&other.into()));
        let shapes = shapes.finish();
        let plane = Plane::at(Coord { x: 0.0, y: 0.0 });
        let outline = |row| Outline::of(&shapes.get(row), &plane);
        outline(0).apart(&outline(1))
    }

    #[test]
    fn how_it_is_drawn_is_of_no_account() {
        let square = || wkt!(POLYGON((0. 0., 3. 0., 3. 3., 0. 3., 0. 0.)));
        for same in [
            Geometry::from(wkt!(POLYGON((3. 3., 0. 3., 0. 0., 3. 0., 3. 3.)))),
            wkt!(POLYGON((0. 0., 0. 3., 3. 3., 3. 0., 0. 0.))).into(),
            wkt!(POLYGON((0. 0., 1. 0., 1.7 0., 3. 0., 3. 0.1, 3. 3., 0. 3., 0. 0.))).into(),
            wkt!(MULTIPOLYGON(((0. 0., 3. 0., 3. 3., 0. 3., 0. 0.)))).into(),
        ] {
            assert!(apart(square(), same.clone()) < 2.0 * ROUNDING, "{same:?}");
        }
        let line = || wkt!(LINESTRING(0. 0., 1. 1., 5. 0.));
        assert!(apart(line(), wkt!(LINESTRING(5. 0., 1. 1., 0. 0.))) < 2.0 * ROUNDING);
        let points = || wkt!(MULTIPOINT(0. 0., 1. 1.));
        assert!(apart(points(), wkt!(MULTIPOINT(1. 1., 0. 0., 1. 1.))) < 2.0 * ROUNDING);
        // A vertex on an edge is where numbers can have it: nanometres beside.
        let slanted = wkt!(LINESTRING(0.1 0.2, 0.7 0.9));
        let more = wkt!(LINESTRING(0.1 0.2, 0.3 0.433_333_333_333_333_35, 0.7 0.9));
        assert!(apart(slanted, more) < 2.0 * ROUNDING);
    }

    #[test]
    fn other_edges_between_the_same_vertices_are_farther_apart() {
        let open = wkt!(LINESTRING(0. 0., 4. 0., 4. 4., 0. 4.));
        let closed = wkt!(LINESTRING(0. 0., 4. 0., 4. 4., 0. 4., 0. 0.));
        let away = apart(open, closed) / 111_000.0;
        assert!((away - 2.0).abs() < 0.02, "{away}");
        // A notch from the left, and one from below.
        let left = wkt!(POLYGON((0. 0., 4. 0., 4. 4., 0. 4., 2. 2., 0. 0.)));
        let below = wkt!(POLYGON((0. 0., 2. 2., 4. 0., 4. 4., 0. 4., 0. 0.)));
        let away = apart(left, below) / 111_000.0;
        assert!((away - 2.0_f64.sqrt()).abs() < 0.02, "{away}");
        // A hole is far from the outer ring.
        let whole = wkt!(POLYGON((0. 0., 9. 0., 9. 9., 0. 9., 0. 0.)));
        let holed =
            wkt!(POLYGON((0. 0., 9. 0., 9. 9., 0. 9., 0. 0.), (4. 4., 4. 5., 5. 5., 5. 4., 4. 4.)));
        let away = apart(whole, holed) / 111_000.0;
        assert!((away - 4.5).abs() < 0.5, "{away}");
    }

    #[test]
    fn a_shift_is_as_far_as_it_is() {
        let one = wkt!(POLYGON((0. 0., 3. 0., 3. 3., 0. 3., 0. 0.)));
        let other = wkt!(POLYGON((0. 0.5, 3. 0.5, 3. 3.5, 0. 3.5, 0. 0.5)));
        let metres = Plane::at(Coord { x: 0.0, y: 0.0 })
            .metres(Coord { x: 0.0, y: 0.5 })
            .y;
        let away = apart(one, other);
        assert!((away / metres - 1.0).abs() < 2e-3, "{away} {metres}");
        // Far apart, with many vertices: it ends soon.
        let ring = |x: f64| {
            let at = |step: u32| {
                let turn = f64::from(step) / 2_000.0 * std::f64::consts::TAU;
                (x + turn.cos(), turn.sin())
            };
            (0..=2_000).map(at).collect::<geo::LineString>()
        };
        let away = apart(ring(0.0), ring(10.0));
        assert!((away / 111_320.0 - 10.0).abs() < 0.1, "{away}");
    }
}
