//! A plane for a few hundred metres, on which lengths and areas can be had quickly.

use geo::{Coord, Geometry, LineString, MapCoords, MultiPolygon, Polygon, coord};

use crate::query::metres_per_degree;
use crate::snapshot::ShapeRef;

/// Metres east and north of a place. Within a kilometre of it a length is right to one part in ten
/// thousand; an area of a parcel to a few in a hundred thousand.
#[derive(Debug, Clone, Copy)]
pub struct Plane {
    origin: Coord<f64>,
    scale: (f64, f64),
}

impl Plane {
    /// The plane that touches the ground at a place, given in degrees.
    #[must_use]
    pub fn at(origin: Coord<f64>) -> Self {
        Self {
            origin,
            scale: metres_per_degree(origin.y),
        }
    }

    /// Metres east and north.
    #[must_use]
    pub fn metres(&self, at: Coord<f64>) -> Coord<f64> {
        let away = at - self.origin;
        coord! { x: away.x * self.scale.0, y: away.y * self.scale.1 }
    }

    /// Longitude and latitude.
    #[must_use]
    pub fn degrees(&self, at: Coord<f64>) -> Coord<f64> {
        self.origin + coord! { x: at.x / self.scale.0, y: at.y / self.scale.1 }
    }

    /// Polygons of a shape, in metres.
    #[must_use]
    pub fn polygons(&self, shape: &ShapeRef<'_>) -> MultiPolygon<f64> {
        if !shape.is_areal() {
            return MultiPolygon::new(Vec::new());
        }
        let parts = shape.parts().map(|part| part.to_polygon());
        MultiPolygon::new(parts.collect()).map_coords(|at| self.metres(at))
    }

    /// A geometry in metres, in degrees.
    pub fn back<G: MapCoords<f64, f64, Output = G>>(&self, geometry: &G) -> G {
        geometry.map_coords(|at| self.degrees(at))
    }
}

/// Area and perimeter of a ring in metres.
pub(super) fn ring(ring: &[Coord<f64>], plane: &Plane) -> (f64, f64) {
    let (mut double, mut round) = (0.0, 0.0);
    for pair in ring.windows(2) {
        let (a, b) = (plane.metres(pair[0]), plane.metres(pair[1]));
        double += a.x * b.y - b.x * a.y;
        round += (b.x - a.x).hypot(b.y - a.y);
    }
    (double.abs() / 2.0, round)
}

/// The area of a shape in m² on its own plane; zero where it covers none.
pub(super) fn area(shape: &ShapeRef<'_>) -> f64 {
    let Some(bounds) = shape.bounds().filter(|_| shape.is_areal()) else {
        return 0.0;
    };
    let plane = Plane::at(bounds.center());
    let of_part = |rings: Vec<&[Coord<f64>]>| {
        let mut areas = rings.into_iter().map(|positions| ring(positions, &plane).0);
        let outer = areas.next().unwrap_or_default();
        outer - areas.sum::<f64>()
    };
    shape
        .parts()
        .map(|part| of_part(part.rings().collect()))
        .sum()
}

/// Area in m² and width in m of polygons in metres.
pub(super) fn extent(polygons: &MultiPolygon<f64>) -> (f64, f64) {
    let (mut area, mut round) = (0.0, 0.0);
    let none = Plane {
        origin: coord! { x: 0.0, y: 0.0 },
        scale: (1.0, 1.0),
    };
    let of = |positions: &LineString<f64>| ring(&positions.0, &none);
    for polygon in polygons {
        let (outer, length) = of(polygon.exterior());
        area += outer;
        round += length;
        for hole in polygon.interiors() {
            let (inner, length) = of(hole);
            area -= inner;
            round += length;
        }
    }
    (area, width(area, round))
}

/// How wide a rectangle of this area and perimeter is; what is rounder than a square is as wide as the
/// square of its area.
pub(super) fn width(area: f64, perimeter: f64) -> f64 {
    let half = perimeter / 2.0;
    let rest = half * half - 4.0 * area;
    if rest < 0.0 {
        return area.max(0.0).sqrt();
    }
    2.0 * area / (half + rest.sqrt()).max(f64::MIN_POSITIVE)
}

/// One polygon where there is one, else all.
pub(super) fn simplest(mut polygons: MultiPolygon<f64>) -> Geometry<f64> {
    if polygons.0.len() == 1 {
        let only: Option<Polygon<f64>> = polygons.0.pop();
        if let Some(only) = only {
            return only.into();
        }
    }
    polygons.into()
}

#[cfg(test)]
mod tests {
    use std::f64::consts::{PI, TAU};

    use super::*;

    #[test]
    fn a_rectangle_is_as_wide_as_it_is() {
        for (long, wide) in [(100.0, 0.5), (10.0, 10.0), (1e4, 1e-3), (3.0, 2.0)] {
            let found = width(long * wide, 2.0 * (long + wide));
            assert!((found / wide - 1.0).abs() < 1e-6, "{long} {wide}: {found}");
        }
        // A circle of radius 1, and nothing.
        assert!((width(PI, TAU) - PI.sqrt()).abs() < 1e-9);
        assert!(width(0.0, 0.0).abs() < f64::MIN_POSITIVE);
    }
}
