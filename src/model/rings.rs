use geo::Geometry;
use geo::orient::{Direction, Orient};

/// A geometry with its rings as RFC 7946, section 3.1.6, has them: outer ones counter-clockwise, holes clockwise.
#[must_use]
pub fn oriented(geometry: Geometry<f64>) -> Geometry<f64> {
    match geometry {
        Geometry::Polygon(polygon) => polygon.orient(Direction::Default).into(),
        Geometry::MultiPolygon(polygons) => polygons.orient(Direction::Default).into(),
        other => other,
    }
}
