//! Measures on the WGS 84 ellipsoid, of geometries whose edges are straight in longitude and
//! latitude (RFC 7946, section 3.1.1).

use geo::{
    BoundingRect, Coord, Distance, Geodesic, GeodesicArea, Geometry, Intersects, Length, Line,
    LineString, LinesIter, MapCoords, Point, Polygon, coord,
};

/// Area in m² (Karney 2013), whichever way the rings run; zero for what has none.
pub(super) fn area_m2(geometry: &Geometry<f64>) -> f64 {
    let ring = |ring: &LineString<f64>| {
        Polygon::new(ring.clone(), Vec::new())
            .geodesic_area_signed()
            .abs()
    };
    let polygon = |polygon: &Polygon<f64>| {
        let holes: f64 = polygon.interiors().iter().map(ring).sum();
        ring(polygon.exterior()) - holes
    };
    match geometry {
        Geometry::GeometryCollection(parts) => parts.iter().map(area_m2).sum(),
        Geometry::Polygon(part) => polygon(part),
        Geometry::MultiPolygon(parts) => parts.iter().map(polygon).sum(),
        Geometry::Rect(rect) => polygon(&rect.to_polygon()),
        Geometry::Triangle(triangle) => polygon(&triangle.to_polygon()),
        _ => 0.0,
    }
}

/// Length of lines in m (Karney 2013); zero for points and polygons.
pub(super) fn length_m(geometry: &Geometry<f64>) -> f64 {
    match geometry {
        Geometry::GeometryCollection(parts) => parts.iter().map(length_m).sum(),
        Geometry::Line(line) => Geodesic.length(line),
        Geometry::LineString(line) => Geodesic.length(line),
        Geometry::MultiLineString(lines) => Geodesic.length(lines),
        _ => 0.0,
    }
}

/// Metres of one degree of longitude and of one of latitude, at a latitude in degrees (WGS 84).
#[must_use]
pub fn metres_per_degree(latitude: f64) -> (f64, f64) {
    const MAJOR: f64 = 6_378_137.0;
    const ECCENTRICITY_SQUARED: f64 = 0.006_694_379_990_141_316;
    let (sine, cosine) = latitude.to_radians().sin_cos();
    let bend = 1.0 - ECCENTRICITY_SQUARED * sine * sine;
    let prime_vertical = MAJOR / bend.sqrt();
    let meridian = MAJOR * (1.0 - ECCENTRICITY_SQUARED) / (bend * bend.sqrt());
    (
        (prime_vertical * cosine).to_radians(),
        meridian.to_radians(),
    )
}

/// The shortest distance in m between two geometries; zero where they meet, none where one is
/// empty.
///
/// The nearest points are found on the plane that touches the ellipsoid at the latitude between
/// them, and the geodesic between those points is measured. Near the minimum the distance hardly
/// depends on the points, so the result is right to a millimetre and one part in a million up to
/// 60 km (a test holds it to that); beyond some 1 000 km it is an estimate. O(edges × edges).
pub(super) fn distance_m(a: &Geometry<f64>, b: &Geometry<f64>) -> Option<f64> {
    let (bounds_a, bounds_b) = (a.bounding_rect()?, b.bounding_rect()?);
    // The short way round.
    let turns = ((bounds_a.center().x - bounds_b.center().x) / 360.0).round();
    let moved;
    let b = if turns == 0.0 {
        b
    } else {
        moved = b.map_coords(|at| coord! { x: at.x + 360.0 * turns, y: at.y });
        &moved
    };
    if a.intersects(b) {
        return Some(0.0);
    }
    let (edges_a, edges_b) = (edges(a), edges(b));
    let latitudes = [
        bounds_a.min().y,
        bounds_a.max().y,
        bounds_b.min().y,
        bounds_b.max().y,
    ];
    let low = latitudes.into_iter().fold(f64::MAX, f64::min);
    let high = latitudes.into_iter().fold(f64::MIN, f64::max);
    let middle = metres_per_degree(f64::midpoint(low, high));
    let pairs = || {
        edges_a
            .iter()
            .flat_map(|a| edges_b.iter().map(move |b| (a, b)))
    };
    let planar = |(a, b): (&Line<f64>, &Line<f64>)| {
        let (from, to) = nearest(*a, *b, middle);
        length(from, to, middle)
    };
    let shortest = pairs().map(planar).fold(f64::MAX, f64::min);
    // A pair can be nearer than it seems on one plane for all, by as much as the scale varies.
    let (narrow, wide) = (
        metres_per_degree(high).0.min(metres_per_degree(low).0),
        metres_per_degree(low).0.max(metres_per_degree(high).0),
    );
    let spread = (wide / narrow.max(1e-9)).min(10.0) * 1.01;
    pairs()
        .filter(|pair| planar(*pair) <= shortest * spread)
        .map(|(a, b)| exact(*a, *b, middle))
        .min_by(f64::total_cmp)
}

/// The geodesic between the nearest points of two edges.
fn exact(a: Line<f64>, b: Line<f64>, start: (f64, f64)) -> f64 {
    let mut points = nearest(a, b, start);
    for _ in 0..3 {
        let between = f64::midpoint(points.0.y, points.1.y);
        points = nearest(a, b, metres_per_degree(between));
    }
    Geodesic.distance(Point(points.0), Point(points.1))
}

/// Every edge; a point is an edge without length.
fn edges(geometry: &Geometry<f64>) -> Vec<Line<f64>> {
    match geometry {
        Geometry::Point(at) => vec![Line::new(at.0, at.0)],
        Geometry::MultiPoint(points) => points.iter().map(|at| Line::new(at.0, at.0)).collect(),
        Geometry::Line(line) => vec![*line],
        Geometry::LineString(line) => line.lines_iter().collect(),
        Geometry::MultiLineString(lines) => lines.lines_iter().collect(),
        Geometry::Polygon(polygon) => polygon.lines_iter().collect(),
        Geometry::MultiPolygon(parts) => parts.lines_iter().collect(),
        Geometry::Rect(rect) => rect.to_polygon().lines_iter().collect(),
        Geometry::Triangle(triangle) => triangle.to_polygon().lines_iter().collect(),
        Geometry::GeometryCollection(parts) => parts.iter().flat_map(edges).collect(),
    }
}

fn length(a: Coord<f64>, b: Coord<f64>, (x, y): (f64, f64)) -> f64 {
    ((a.x - b.x) * x).hypot((a.y - b.y) * y)
}

/// The nearest points of two edges that do not cross: one of them is an end.
fn nearest(a: Line<f64>, b: Line<f64>, scale: (f64, f64)) -> (Coord<f64>, Coord<f64>) {
    let candidates = [
        (a.start, foot(a.start, b, scale)),
        (a.end, foot(a.end, b, scale)),
        (foot(b.start, a, scale), b.start),
        (foot(b.end, a, scale), b.end),
    ];
    let mut best = candidates[0];
    for candidate in candidates {
        if length(candidate.0, candidate.1, scale) < length(best.0, best.1, scale) {
            best = candidate;
        }
    }
    best
}

/// The point of an edge that is nearest to a position.
fn foot(at: Coord<f64>, edge: Line<f64>, (x, y): (f64, f64)) -> Coord<f64> {
    let along = edge.end - edge.start;
    let (dx, dy) = (along.x * x, along.y * y);
    let squared = dx * dx + dy * dy;
    if squared == 0.0 {
        return edge.start;
    }
    let share = ((at.x - edge.start.x) * x * dx + (at.y - edge.start.y) * y * dy) / squared;
    edge.start + along * share.clamp(0.0, 1.0)
}
