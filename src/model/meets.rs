//! Does a shape meet a box: exactly, borders included, without an allocation.

use geo::algorithm::kernels::{Kernel, RobustKernel};
use geo::{Coord, Orientation, Rect, coord};

use super::shapes::{ShapeKind, ShapeRef, bounds};

impl ShapeRef<'_> {
    /// True where the shape and the box have a point in common. Boxes decide most cases; else each
    /// edge is held against the box, and where none meets it the box lies inside or outside as a
    /// whole. O(positions).
    #[must_use]
    pub fn meets(&self, rect: Rect<f64>) -> bool {
        let meets_part = |positions: &[Coord<f64>]| match bounds(positions) {
            None => Side::Outside,
            Some(bounds) => side(bounds, rect),
        };
        match meets_part(self.positions()) {
            Side::Outside => return false,
            Side::Inside => return true,
            Side::Both => {}
        }
        match self.kind {
            ShapeKind::Nowhere => false,
            ShapeKind::Point | ShapeKind::MultiPoint => {
                self.positions().iter().any(|at| holds(rect, *at))
            }
            ShapeKind::LineString | ShapeKind::MultiLineString => {
                self.parts().any(|part| line_meets(part.exterior(), rect))
            }
            ShapeKind::Polygon | ShapeKind::MultiPolygon => {
                self.parts().any(|part| match meets_part(part.exterior()) {
                    Side::Outside => false,
                    Side::Inside => true,
                    Side::Both => {
                        part.rings().any(|ring| line_meets(ring, rect))
                            || part
                                .rings()
                                .fold(false, |inside, ring| inside != around(ring, rect.min()))
                    }
                })
            }
        }
    }
}

/// How a box lies to another one.
enum Side {
    Inside,
    Outside,
    Both,
}

fn side(bounds: Rect<f64>, rect: Rect<f64>) -> Side {
    let (low, high) = (bounds.min(), bounds.max());
    let (west, north) = (rect.min(), rect.max());
    if low.x > north.x || low.y > north.y || high.x < west.x || high.y < west.y {
        Side::Outside
    } else if holds(rect, low) && holds(rect, high) {
        Side::Inside
    } else {
        Side::Both
    }
}

fn holds(rect: Rect<f64>, at: Coord<f64>) -> bool {
    let (low, high) = (rect.min(), rect.max());
    at.x >= low.x && at.x <= high.x && at.y >= low.y && at.y <= high.y
}

fn line_meets(line: &[Coord<f64>], rect: Rect<f64>) -> bool {
    if let [only] = line {
        return holds(rect, *only);
    }
    line.windows(2)
        .any(|pair| segment_meets(pair[0], pair[1], rect))
}

/// A segment and a box are apart where an axis or the segment's own line parts them.
fn segment_meets(from: Coord<f64>, to: Coord<f64>, rect: Rect<f64>) -> bool {
    let (low, high) = (rect.min(), rect.max());
    if from.x.max(to.x) < low.x
        || from.x.min(to.x) > high.x
        || from.y.max(to.y) < low.y
        || from.y.min(to.y) > high.y
    {
        return false;
    }
    if holds(rect, from) || holds(rect, to) {
        return true;
    }
    let corners = [
        low,
        coord! { x: high.x, y: low.y },
        high,
        coord! { x: low.x, y: high.y },
    ];
    let turns = corners.map(|corner| RobustKernel::orient2d(from, to, corner));
    let beside = |turn| turns.iter().all(|found| *found == turn);
    !beside(Orientation::CounterClockwise) && !beside(Orientation::Clockwise)
}

/// True where a closed ring runs around a position that is not on it: a ray to the east crosses it
/// an odd number of times.
fn around(ring: &[Coord<f64>], at: Coord<f64>) -> bool {
    let crossed = |pair: &&[Coord<f64>]| {
        let (from, to) = (pair[0], pair[1]);
        if (from.y > at.y) == (to.y > at.y) {
            return false;
        }
        let (low, high) = if from.y < to.y {
            (from, to)
        } else {
            (to, from)
        };
        RobustKernel::orient2d(low, high, at) == Orientation::CounterClockwise
    };
    ring.windows(2).filter(crossed).count() % 2 == 1
}

#[cfg(test)]
mod tests {
    use geo::{Area, Geometry, LineString, MultiPoint, Polygon, Relate};
    use proptest::collection::vec;
    use proptest::prelude::*;

    use super::*;
    use crate::model::ShapesBuilder;

    /// On a small grid, so that corners lie on edges and edges on sides more often than not; of binary fractions, for
    /// the matrix is not exact where numbers are rounded: it has a line miss another by 1e-17 that it crosses.
    fn place() -> impl Strategy<Value = Coord<f64>> {
        (-6..=6i8, -6..=6i8).prop_map(|(x, y)| coord! { x: f64::from(x), y: f64::from(y) } * 0.75)
    }

    fn shape() -> impl Strategy<Value = Geometry<f64>> {
        let triangle = [place(), place(), place()].prop_map(|[a, b, c]| {
            let inside = |at: Coord<f64>| (at * 3.0 + a + b + c) / 6.0;
            let hole = LineString::from(vec![inside(a), inside(c), inside(b), inside(a)]);
            Polygon::new(LineString::from(vec![a, b, c, a]), vec![hole])
        });
        prop_oneof![
            vec(place(), 1..4).prop_map(|at| MultiPoint::from(at).into()),
            vec(place(), 2..5).prop_map(|at| LineString::from(at).into()),
            triangle
                .prop_filter("no area", |polygon| polygon.unsigned_area() > 0.0)
                .prop_map(Into::into),
        ]
    }

    proptest! {
        #[test]
        fn as_de9im_says(shape in shape(), a in place(), b in place()) {
            let mut shapes = ShapesBuilder::default();
            shapes.push(Some(&shape));
            let shapes = shapes.finish();
            let own = shapes.get(0);
            prop_assert_eq!(own.to_geometry(), Some(shape.clone()));
            let rect = Rect::new(a, b);
            let window: Geometry<f64> = if a == b {
                geo::Point(a).into()
            } else if rect.width() == 0.0 || rect.height() == 0.0 {
                geo::Line::new(a, b).into()
            } else {
                rect.to_polygon().into()
            };
            prop_assert_eq!(own.meets(rect), shape.relate(&window).is_intersects());
        }
    }
}
