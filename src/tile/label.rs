//! Where a polygon's label goes, and how large the polygon is.

use geo::algorithm::kernels::{Kernel, RobustKernel};
use geo::{Coord, InteriorPoint, Orientation, Rect};

use crate::query::metres_per_degree;
use crate::snapshot::{Part, ShapeRef};

/// A point inside the polygon, the same at every zoom, and the area in m².
///
/// The point is the centroid where that is inside, else the middle of the widest horizontal section;
/// of several parts, in the largest. The area is that on the plane with the scale of the middle
/// latitude: one part in a million off for a parcel, one in a hundred for a country.
pub(super) fn of(shape: &ShapeRef<'_>, bounds: Rect<f64>) -> (Option<Coord<f64>>, f64) {
    let (mut all, mut largest) = (0.0, None);
    for part in shape.parts() {
        let (area, centroid) = measure(&part);
        all += area;
        if largest.as_ref().is_none_or(|(most, _, _)| area > *most) {
            largest = Some((area, centroid, part));
        }
    }
    let label = largest.and_then(|(_, centroid, part)| {
        let centroid = centroid.filter(|at| inside(&part, *at));
        centroid.or_else(|| part.to_polygon().interior_point().map(Coord::from))
    });
    let (east, north) = metres_per_degree(bounds.center().y);
    (label, all * east * north)
}

/// Area in square degrees and centroid of a part; holes run the other way round, so that they count
/// against it.
fn measure(part: &Part<'_>) -> (f64, Option<Coord<f64>>) {
    let Some(origin) = part.exterior().first().copied() else {
        return (0.0, None);
    };
    let (mut twice, mut x, mut y) = (0.0, 0.0, 0.0);
    for ring in part.rings() {
        for pair in ring.windows(2) {
            // Near the origin, or digits are lost.
            let (a, b) = (pair[0] - origin, pair[1] - origin);
            let cross = a.x * b.y - b.x * a.y;
            twice += cross;
            x += (a.x + b.x) * cross;
            y += (a.y + b.y) * cross;
        }
    }
    let centroid = (twice != 0.0).then(|| Coord {
        x: origin.x + x / (3.0 * twice),
        y: origin.y + y / (3.0 * twice),
    });
    (twice.abs() / 2.0, centroid)
}

/// Strictly inside.
fn inside(part: &Part<'_>, at: Coord<f64>) -> bool {
    let mut odd = false;
    for ring in part.rings() {
        for pair in ring.windows(2) {
            let (from, to) = (pair[0], pair[1]);
            if from.y.min(to.y) > at.y || from.y.max(to.y) < at.y || from.x.max(to.x) < at.x {
                continue;
            }
            let (low, high) = if from.y < to.y {
                (from, to)
            } else {
                (to, from)
            };
            let turn = RobustKernel::orient2d(low, high, at);
            if turn == Orientation::Collinear && from.x.min(to.x) <= at.x {
                return false;
            }
            odd ^= (from.y > at.y) != (to.y > at.y) && turn == Orientation::CounterClockwise;
        }
    }
    odd
}
