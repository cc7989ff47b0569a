//! Vertex importance: computed once at load, filtered per tile.

use geo::{Coord, CoordsIter, Geometry, Line, LineString};

use super::mercator;

/// For each vertex, in the order of `coords_iter`, the distance at which Douglas and Peucker (1973)
/// would drop it, in units of the Mercator square. Ends of lines are never dropped. A vertex is
/// never more important than the one that split its line, so a filter at any distance gives what
/// the algorithm would give.
///
/// O(n log n) for most shapes, O(n²) for spirals.
pub(super) fn importance(geometry: &Geometry<f64>) -> Box<[f32]> {
    let mut out = Vec::with_capacity(geometry.coords_count());
    let mut line = |line: &LineString<f64>| {
        let projected: Vec<_> = line.coords().map(|at| mercator::project(*at)).collect();
        let start = out.len();
        out.resize(start + projected.len(), f32::INFINITY);
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
fn of_line(line: &[Coord<f64>], out: &mut [f32]) {
    // A stack and not recursion: a line may have any number of vertices.
    let mut open = vec![(0, line.len().saturating_sub(1), f32::INFINITY)];
    while let Some((first, last, limit)) = open.pop() {
        let chord = match (line.get(first), line.get(last)) {
            (Some(a), Some(b)) if last > first + 1 => Line::new(*a, *b),
            _ => continue,
        };
        let farthest = (first + 1..last)
            .map(|at| (at, distance(chord, line[at])))
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

    /// geo's Douglas-Peucker on the projected line keeps the same vertices at every distance.
    #[test]
    fn filtering_is_douglas_peucker() {
        let line = wkt!(LINESTRING(0. 0., 1. 2., 2. 1.5, 3. 4., 4. 0.2, 5. 0.1, 6. -3., 7. 0.));
        let weights = importance(&line.clone().into());
        let projected: LineString<f64> = line.coords().map(|at| mercator::project(*at)).collect();
        for step in 1..60 {
            let tolerance = f64::from(step) * 2e-4;
            let kept: Vec<_> = projected
                .coords()
                .zip(&weights)
                .filter(|(_, weight)| f64::from(**weight) > tolerance)
                .map(|(at, _)| *at)
                .collect();
            assert_eq!(
                kept,
                projected.simplify(tolerance).into_inner(),
                "at {tolerance}"
            );
        }
    }
}
