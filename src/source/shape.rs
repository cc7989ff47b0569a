//! Geometries of positions as files have them. What cannot be one is said, and nothing is mended; what has no
//! position at all is none.

use geo::{Coord, Geometry, LineString, MultiLineString, MultiPoint, MultiPolygon, Point, Polygon};

/// Geometries in geometries; deeper ones are refused, for they are read by recursion.
pub(super) const DEEPEST: usize = 32;

/// A position whose numbers are finite.
pub(super) fn place(x: f64, y: f64) -> Result<Coord<f64>, String> {
    if x.is_finite() && y.is_finite() {
        Ok(Coord { x, y })
    } else {
        Err(format!("position [{x}, {y}] is not of finite numbers"))
    }
}

/// A line of two positions at least.
pub(super) fn line(positions: Vec<Coord<f64>>) -> Result<Option<LineString<f64>>, String> {
    match positions.len() {
        0 => Ok(None),
        1 => Err("a line has 1 position, expected at least 2".to_owned()),
        _ => Ok(Some(LineString::new(positions))),
    }
}

/// A polygon of closed rings, the outer one first.
pub(super) fn polygon(rings: Vec<Vec<Coord<f64>>>) -> Result<Option<Polygon<f64>>, String> {
    for (at, ring) in rings.iter().enumerate() {
        closed(at, ring)?;
    }
    let mut rings = rings.into_iter().map(LineString::new);
    let Some(exterior) = rings.next().filter(|ring| !ring.0.is_empty()) else {
        return match rings.next() {
            Some(_) => Err("a polygon has holes and no exterior ring".to_owned()),
            None => Ok(None),
        };
    };
    let holes = rings.filter(|ring| !ring.0.is_empty());
    Ok(Some(Polygon::new(exterior, holes.collect())))
}

fn closed(at: usize, ring: &[Coord<f64>]) -> Result<(), String> {
    let name = || match at {
        0 => "the exterior ring".to_owned(),
        _ => format!("hole {at}"),
    };
    let (Some(first), Some(last)) = (ring.first(), ring.last()) else {
        return Ok(());
    };
    if ring.len() < 4 {
        let count = ring.len();
        return Err(format!(
            "{} has {count} positions, expected at least 4",
            name()
        ));
    }
    if first != last {
        return Err(format!(
            "{} is not closed: it starts at [{}, {}] and ends at [{}, {}]",
            name(),
            first.x,
            first.y,
            last.x,
            last.y
        ));
    }
    Ok(())
}

/// A multipoint of what is there.
pub(super) fn points(positions: Vec<Coord<f64>>) -> Option<Geometry<f64>> {
    let points: Vec<_> = positions.into_iter().map(Point).collect();
    (!points.is_empty()).then(|| MultiPoint::new(points).into())
}

/// Lines of what is there.
pub(super) fn lines(parts: Vec<LineString<f64>>) -> Option<Geometry<f64>> {
    (!parts.is_empty()).then(|| MultiLineString::new(parts).into())
}

/// Polygons of what is there.
pub(super) fn polygons(parts: Vec<Polygon<f64>>) -> Option<Geometry<f64>> {
    (!parts.is_empty()).then(|| MultiPolygon::new(parts).into())
}

/// A collection of what is there.
pub(super) fn collection(parts: Vec<Geometry<f64>>) -> Option<Geometry<f64>> {
    (!parts.is_empty()).then(|| Geometry::GeometryCollection(parts.into()))
}
