//! Vertex importance: computed once at load, filtered per tile.

use geo::{Coord, CoordsIter, Geometry, Line, LineString};

use super::plane::Plane;

/// For each vertex, in the order of `coords_iter`, the distance at which Douglas and Peucker (1973)
/// would drop it, in widths of the plane. Ends of lines are never dropped. A vertex is never more
/// important than the one that split its line, so a filter at any distance gives what the algorithm
/// would give.
///
/// The distance is the greater of those in the two planes: what is dropped is near enough to what
/// is kept in both, and one number per vertex serves every tile matrix set. Mercator stretches
/// latitudes, so that nearly always its distance is the greater.
///
/// O(n log n) for most shapes, O(n²) for spirals.
pub(super) fn importance(geometry: &Geometry<f64>) -> Box<[f32]> {
    let mut out = Vec::with_capacity(geometry.coords_count());
    let mut line = |line: &LineString<f64>| {
        let projected =
            Plane::ALL.map(|plane| line.coords().map(|at| plane.project(*at)).collect());
        let start = out.len();
        out.resize(start + line.0.len(), f32::INFINITY);
        of_line(&projected, &mut out[start..]);
    };
    match geometry {
        Geometry::LineString(shape) => line(shape),
        Geometry::MultiLineString(shapes) => shapes.iter().for_each(line),
        Geometry::Polygon(shape) => {
            line(shape.exterior());
            shape.interiors().iter().for_each(line);
        }
        Geometry::MultiPolygon(shapes) => {
            for shape in shapes {
                line(shape.exterior());
                shape.interiors().iter().for_each(&mut line);
            }
        }
        _ => out.resize(geometry.coords_count(), f32::INFINITY),
    }
    out.into_boxed_slice()
}

#[expect(
    clippy::cast_possible_truncation,
    reason = "an importance needs few digits"
)]
fn of_line(planes: &[Vec<Coord<f64>>; 2], out: &mut [f32]) {
    // A stack and not recursion: a line may have any number of vertices.
    let mut open = vec![(0, out.len().saturating_sub(1), f32::INFINITY)];
    while let Some((first, last, limit)) = open.pop() {
        let off = |at: usize| {
            let distances = planes
                .each_ref()
                .map(|line| distance(Line::new(line[first], line[last]), line[at]));
            distances[0].max(distances[1])
        };
        let farthest = (first + 1..last)
            .map(|at| (at, off(at)))
            .max_by(|a, b| a.1.total_cmp(&b.1));
        if let Some((at, distance)) = farthest {
            let importance = (distance as f32).min(limit);
            out[at] = importance;
            open.push((first, at, importance));
            open.push((at, last, importance));
        }
    }
}

/// Distance from a point to a segment, which may be a point.
fn distance(segment: Line<f64>, point: Coord<f64>) -> f64 {
    let along = segment.delta();
    let length = along.x * along.x + along.y * along.y;
    let from = point - segment.start;
    let share = if length > 0.0 {
        ((from.x * along.x + from.y * along.y) / length).clamp(0.0, 1.0)
    } else {
        0.0
    };
    let off = from - along * share;
    off.x.hypot(off.y)
}

#[cfg(test)]
mod tests {
    use super::*;
    use geo::{Simplify, wkt};
    use proptest::collection::vec;
    use proptest::prelude::*;

    /// What is left of a line in a plane.
    fn kept(line: &LineString<f64>, plane: Plane, tolerance: f64) -> Vec<(usize, Coord<f64>)> {
        let weights = importance(&line.clone().into());
        let projected = line.coords().map(|at| plane.project(*at)).enumerate();
        projected
            .zip(weights)
            .filter(|(_, weight)| f64::from(*weight) > tolerance)
            .map(|(vertex, _)| vertex)
            .collect()
    }

    /// geo's Douglas-Peucker on the projected line keeps the same vertices at every distance.
    #[test]
    fn filtering_is_douglas_peucker() {
        let line = wkt!(LINESTRING(0. 0., 1. 2., 2. 1.5, 3. 4., 4. 0.2, 5. 0.1, 6. -3., 7. 0.));
        let projected = line.coords().map(|at| Plane::Mercator.project(*at));
        let projected: LineString<f64> = projected.collect();
        for step in 1..60 {
            let tolerance = f64::from(step) * 2e-4;
            let kept = kept(&line, Plane::Mercator, tolerance);
            let kept: Vec<_> = kept.into_iter().map(|(_, at)| at).collect();
            assert_eq!(
                kept,
                projected.simplify(tolerance).into_inner(),
                "at {tolerance}"
            );
        }
    }

    proptest! {
        /// In every plane, what is dropped lies within the tolerance of what is kept.
        #[test]
        fn the_tolerance_holds_in_every_plane(
            line in vec((-179.0..179.0f64, -84.0..84.0f64), 2..40),
            tolerance in 1e-4..0.2f64,
        ) {
            let line = LineString::from(line);
            for plane in Plane::ALL {
                for pair in kept(&line, plane, tolerance).windows(2) {
                    let (from, to) = (pair[0], pair[1]);
                    for at in from.0..to.0 {
                        let off = distance(Line::new(from.1, to.1), plane.project(line.0[at]));
                        // An importance is an f32.
                        prop_assert!(off <= tolerance * (1.0 + 1e-6), "{plane:?}: {off}");
                    }
                }
            }
        }
    }
}
