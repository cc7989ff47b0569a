//! Vertex importance: computed once at load, filtered per tile.

use geo::{Coord, Line};

use super::frame::EXTENT;
use super::plane::{Band, Plane};
use crate::snapshot::bounds;

/// The level of a vertex that no zoom shows.
const NEVER: u8 = 32;

/// The largest error of simplification: two units of the 4096 grid, a quarter of a pixel where a
/// tile is drawn 512 pixels wide. In widths of the plane, which is the same in all.
const TOLERANCE: f64 = 2.0 / EXTENT as f64;

/// The first zoom at which a vertex of this importance is kept: its importance is greater than
/// [`TOLERANCE`] there, which halves from zoom to zoom. One byte does for all tiles.
#[expect(clippy::cast_possible_truncation, reason = "between 0 and 32")]
pub(super) fn level(importance: f32) -> u8 {
    let share = f64::from(importance) / TOLERANCE;
    if share > 1.0 {
        return 0;
    }
    if share <= 0.0 {
        return NEVER;
    }
    // share is 2^-e or more and less than 2^(1-e); it doubles from zoom to zoom until it exceeds 1.
    let bits = share.to_bits();
    let halvings = 1023 - (bits >> 52);
    let exact = bits << 12 == 0;
    (halvings + u64::from(exact)).min(u64::from(NEVER)) as u8
}

/// The first zoom at which a length, in widths of the plane, is a grid unit or more; at most
/// [`NEVER`].
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "clamped"
)]
pub(super) fn size_level(length: f64) -> u8 {
    let units = length * f64::from(EXTENT);
    (-units.log2()).ceil().clamp(0.0, f64::from(NEVER)) as u8
}

/// Room for one line at a time, used again for the next.
#[derive(Debug, Default)]
pub(super) struct Scratch {
    /// The line. Filled by the caller.
    pub line: Vec<Coord<f64>>,
    planes: [Vec<Coord<f64>>; 2],
    weights: Vec<f32>,
    open: Vec<(usize, usize, f32)>,
}

impl Scratch {
    /// For each vertex of the line, the distance at which Douglas and Peucker (1973) would drop it,
    /// in widths of the plane. Ends of lines are never dropped. A vertex is never more important
    /// than the one that split its line, so a filter at any distance gives what the algorithm would
    /// give.
    ///
    /// The distance is the greater of those in the two planes: what is dropped is near enough to
    /// what is kept in both, and one number per vertex serves every tile matrix set. Mercator
    /// stretches latitudes: of a line so short that it is the same stretch all along, its distance
    /// is the greater one.
    ///
    /// O(n log n) for most shapes, O(n²) for spirals.
    pub fn importance(&mut self) -> &[f32] {
        const SHORT: f64 = 0.05;
        let line = &self.line;
        self.weights.clear();
        self.weights.resize(line.len(), f32::INFINITY);
        let Some(bounds) = bounds(line).filter(|_| line.len() > 2) else {
            return &self.weights;
        };
        let (south, north) = (bounds.min().y, bounds.max().y);
        for (plane, out) in Plane::ALL.into_iter().zip(&mut self.planes) {
            out.clear();
            if plane == Plane::Degrees && north - south < SHORT {
                continue;
            }
            let band = Band::new(plane, south, north, 1e-14);
            out.extend(line.iter().map(|at| Coord {
                x: at.x / 360.0,
                y: band.y(at.y),
            }));
        }
        of_line(&self.planes, &mut self.weights, &mut self.open);
        &self.weights
    }
}

#[expect(
    clippy::cast_possible_truncation,
    reason = "an importance needs few digits"
)]
fn of_line(planes: &[Vec<Coord<f64>>; 2], out: &mut [f32], open: &mut Vec<(usize, usize, f32)>) {
    // A stack and not recursion: a line may have any number of vertices.
    open.clear();
    open.push((0, out.len().saturating_sub(1), f32::INFINITY));
    while let Some((first, last, limit)) = open.pop() {
        let mut farthest = None;
        let mut most = -1.0;
        for plane in planes.iter().filter(|plane| !plane.is_empty()) {
            let chord = Line::new(plane[first], plane[last]);
            for (position, at) in plane[first + 1..last].iter().zip(first + 1..) {
                let off = squared(chord, *position);
                if off > most {
                    (most, farthest) = (off, Some(at));
                }
            }
        }
        if let Some(at) = farthest {
            let importance = (most.sqrt() as f32).min(limit);
            out[at] = importance;
            if at - first > 1 {
                open.push((first, at, importance));
            }
            if last - at > 1 {
                open.push((at, last, importance));
            }
        }
    }
}

/// The square of the distance from a point to a segment, which may be a point.
fn squared(segment: Line<f64>, point: Coord<f64>) -> f64 {
    let along = segment.delta();
    let length = along.x * along.x + along.y * along.y;
    let from = point - segment.start;
    let share = if length > 0.0 {
        ((from.x * along.x + from.y * along.y) / length).clamp(0.0, 1.0)
    } else {
        0.0
    };
    let off = from - along * share;
    off.x * off.x + off.y * off.y
}

#[cfg(test)]
mod tests {
    use super::*;
    use geo::{LineString, Simplify, wkt};
    use proptest::collection::vec;
    use proptest::prelude::*;

    /// What is left of a line in a plane.
    fn kept(line: &LineString<f64>, plane: Plane, tolerance: f64) -> Vec<(usize, Coord<f64>)> {
        let mut scratch = Scratch {
            line: line.0.clone(),
            ..Scratch::default()
        };
        let weights = scratch.importance();
        let projected = line.coords().map(|at| plane.project(*at)).enumerate();
        projected
            .zip(weights)
            .filter(|(_, weight)| f64::from(**weight) > tolerance)
            .map(|(vertex, _)| vertex)
            .collect()
    }

    #[test]
    fn levels_are_where_the_tolerance_is_passed() {
        for importance in [
            0.0,
            1e-12,
            3e-9,
            1e-7,
            0.5 * 2f32.powi(-20),
            2f32.powi(-30),
            1e-4,
            0.1,
            f32::INFINITY,
        ] {
            let kept = |zoom: u8| f64::from(importance) > TOLERANCE / f64::from(1u32 << zoom);
            for zoom in 0..=24 {
                assert_eq!(
                    kept(zoom),
                    level(importance) <= zoom,
                    "{importance} at {zoom}"
                );
            }
        }
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
                        let off = squared(Line::new(from.1, to.1), plane.project(line.0[at])).sqrt();
                        // An importance is an f32.
                        prop_assert!(off <= tolerance * (1.0 + 1e-6), "{plane:?}: {off}");
                    }
                }
            }
        }
    }
}
