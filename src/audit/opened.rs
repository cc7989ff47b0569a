//! What is left of polygons where they are wide enough.

use geo::MultiPolygon;
use geo::algorithm::buffer::{Buffer, BufferStyle, LineJoin};

/// Corners that are sharper, in radians, are cut where they are drawn anew.
const SHARP: f64 = 0.1;

/// Polygons in metres without all that is narrower than so many metres: shrunk by half of it, and grown
/// again (a morphological opening: Serra 1982, Image Analysis and Mathematical Morphology).
///
/// Neighbours that do not share every corner leave threads along their common border, a rounding wide and
/// as long as the border. A hole that hangs on such threads keeps its area, but neither its perimeter nor
/// its mean width tell how wide it is; without them they do. O(n log n).
pub(super) fn opened(polygons: &MultiPolygon<f64>, narrowest: f64) -> MultiPolygon<f64> {
    let grown = |polygons: &MultiPolygon<f64>, by: f64| {
        polygons.buffer_with_style(BufferStyle::new(by).line_join(LineJoin::Miter(SHARP)))
    };
    if narrowest <= 0.0 || polygons.0.is_empty() {
        return polygons.clone();
    }
    let core = grown(polygons, -narrowest / 2.0);
    if core.0.is_empty() {
        return core;
    }
    grown(&core, narrowest / 2.0)
}

#[cfg(test)]
mod tests {
    use geo::{Area, LineString, Polygon, Rect, coord, polygon};

    use super::*;

    fn rectangle(x: f64, y: f64, wide: f64, high: f64) -> Polygon<f64> {
        Rect::new(coord! { x: x, y: y }, coord! { x: x + wide, y: y + high }).to_polygon()
    }

    #[test]
    fn a_rectangle_stays_and_a_thread_goes() {
        for (wide, high) in [(1.0, 2.0), (0.03, 100.0), (50.0, 10.0), (2000.0, 0.5)] {
            let whole = MultiPolygon::from(rectangle(600_000.0, 3e6, wide, high));
            let left = opened(&whole, 0.02);
            assert!(
                (left.unsigned_area() - wide * high).abs() < 1e-3 * wide * high,
                "{wide} {high}: {}",
                left.unsigned_area()
            );
            assert!(opened(&whole, 1.01 * wide.min(high)).0.is_empty());
        }
    }

    #[test]
    fn two_rooms_and_the_thread_between_them_are_two() {
        for thin in [1e-9, 1e-6, 1e-3, 0.019] {
            let rooms = polygon![
                (x: 0.0, y: 0.0), (x: 1.0, y: 0.0), (x: 1.0, y: 1.0), (x: 100.0, y: 1.0),
                (x: 100.0, y: 0.0), (x: 103.0, y: 0.0), (x: 103.0, y: 2.0), (x: 100.0, y: 2.0),
                (x: 100.0, y: 1.0 + thin), (x: 1.0, y: 1.0 + thin), (x: 1.0, y: 2.0),
                (x: 0.0, y: 2.0),
            ];
            let left = opened(&rooms.into(), 0.02);
            let mut areas: Vec<_> = left.iter().map(Area::unsigned_area).collect();
            areas.sort_by(f64::total_cmp);
            assert_eq!(areas.len(), 2, "{thin}: {areas:?}");
            assert!(
                (areas[0] - 2.0).abs() < 0.01 && (areas[1] - 6.0).abs() < 0.01,
                "{areas:?}"
            );
        }
    }

    #[test]
    fn a_hole_stays_and_a_frame_that_is_too_thin_goes() {
        let ring = |polygon: Polygon<f64>| -> LineString<f64> { polygon.exterior().clone() };
        let frame = |thick: f64| {
            let inner = rectangle(thick, thick, 10.0 - 2.0 * thick, 10.0 - 2.0 * thick);
            Polygon::new(ring(rectangle(0.0, 0.0, 10.0, 10.0)), vec![ring(inner)])
        };
        let left = opened(&frame(0.5).into(), 0.4);
        assert!((left.unsigned_area() - 19.0).abs() < 1e-3, "{left:?}");
        assert!(opened(&frame(0.5).into(), 0.6).0.is_empty());
    }
}
