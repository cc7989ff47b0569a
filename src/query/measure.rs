//! Measures on the WGS 84 ellipsoid, of geometries whose edges are straight in longitude and
//! latitude (RFC 7946, section 3.1.1).

use std::cell::Cell;

use geo::{
    BoundingRect, Coord, CoordsIter, Distance, Geodesic, GeodesicArea, Geometry, Intersects,
    Length, Line, LineString, LinesIter, MapCoords, Point, Polygon, Rect, coord,
};

use super::prepared::Prepared;
use crate::crs::metres_per_degree;

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

/// A geometry in CRS84 that distances are measured to.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Target {
    geometry: Geometry<f64>,
    /// Of one with many edges.
    prepared: Option<Prepared>,
}

/// Edges that are looked through faster than a tree of them.
const FEW_EDGES: usize = 24;

/// Steps of work (see `Budget`): of a pair of edges, and of the geodesic between two.
const PER_PAIR: u64 = 15;
const PER_GEODESIC: u64 = 2_000;

impl Target {
    /// Of a valid geometry. O(n log n).
    pub fn new(geometry: Geometry<f64>) -> Self {
        let many = geometry.coords_count() > FEW_EDGES;
        Self {
            prepared: many.then(|| Prepared::new(&geometry)),
            geometry,
        }
    }

    /// The geometry.
    pub fn geometry(&self) -> &Geometry<f64> {
        &self.geometry
    }

    /// The shortest distance in m from a geometry; zero where they meet, none where one is empty. Adds the steps
    /// that it takes.
    ///
    /// The nearest points are found on the plane that touches the ellipsoid at the latitude between
    /// them, and the geodesic between those points is measured. Near the minimum the distance hardly
    /// depends on the points, so the result is right to a millimetre and one part in a million up to
    /// 60 km (a test holds it to that); beyond some 1 000 km it is an estimate. O(edges × log edges of the
    /// target + pairs that are about as near as the nearest).
    pub fn distance_m(&self, from: &Geometry<f64>, steps: &Cell<u64>) -> Option<f64> {
        let (bounds, own) = (from.bounding_rect()?, self.geometry.bounding_rect()?);
        // The short way round.
        let turns = ((own.center().x - bounds.center().x) / 360.0).round();
        if turns != 0.0 {
            let moved = from.map_coords(|at| coord! { x: at.x + 360.0 * turns, y: at.y });
            return self.distance_on_one_side(&moved, steps);
        }
        self.distance_on_one_side(from, steps)
    }

    fn distance_on_one_side(&self, from: &Geometry<f64>, steps: &Cell<u64>) -> Option<f64> {
        let (bounds, own) = (from.bounding_rect()?, self.geometry.bounding_rect()?);
        let add = |more: u64| steps.set(steps.get() + more);
        let meets = self
            .prepared
            .as_ref()
            .and_then(|prepared| prepared.meets(from, bounds));
        if meets.unwrap_or_else(|| from.intersects(&self.geometry)) {
            add(PER_PAIR * from.coords_count() as u64);
            return Some(0.0);
        }
        let edges_from = edges(from);
        let few;
        let (edges_own, tree) = if let Some(prepared) = &self.prepared {
            (prepared.edges(), Some(prepared.tree()))
        } else {
            few = edges(&self.geometry);
            (few.as_slice(), None)
        };
        let latitudes = [bounds.min().y, bounds.max().y, own.min().y, own.max().y];
        let low = latitudes.into_iter().fold(f64::MAX, f64::min);
        let high = latitudes.into_iter().fold(f64::MIN, f64::max);
        let middle = metres_per_degree(f64::midpoint(low, high));
        let planar = |a: &Line<f64>, b: &Line<f64>| {
            let (from, to) = nearest(*a, *b, middle);
            squared(from, to, middle).sqrt()
        };
        // Calls for edges of the target that may be as near to an edge as a limit, which the call may lower.
        let each_near = |edge: &Line<f64>, limit: f64, each: &mut dyn FnMut(&Line<f64>) -> f64| {
            let mut looked_at = 0;
            match tree {
                Some(tree) => {
                    let around = edge.bounding_rect();
                    let bound = |rect: &Rect<f64>| gap(&around, rect, middle);
                    tree.nearest(limit, bound, |at| {
                        looked_at += 1;
                        each(&edges_own[at])
                    });
                    // The way through the tree.
                    add(PER_PAIR * 4);
                }
                None => edges_own.iter().for_each(|other| {
                    looked_at += 1;
                    each(other);
                }),
            }
            add(PER_PAIR * looked_at);
        };
        let mut shortest = f64::MAX;
        for edge in &edges_from {
            each_near(edge, shortest, &mut |other| {
                shortest = shortest.min(planar(edge, other));
                shortest
            });
        }
        // A pair can be nearer than it seems on one plane for all, by as much as the scale varies.
        let (narrow, wide) = (
            metres_per_degree(high).0.min(metres_per_degree(low).0),
            metres_per_degree(low).0.max(metres_per_degree(high).0),
        );
        let spread = (wide / narrow.max(1e-9)).min(10.0) * 1.01;
        let limit = shortest * spread;
        let mut best: Option<f64> = None;
        for edge in &edges_from {
            each_near(edge, limit, &mut |other| {
                if planar(edge, other) <= limit {
                    add(PER_GEODESIC);
                    let metres = exact(*edge, *other, middle);
                    best = Some(best.map_or(metres, |best| best.min(metres)));
                }
                limit
            });
        }
        best
    }
}

/// Between two boxes in degrees, on a plane of this scale.
fn gap(a: &Rect<f64>, b: &Rect<f64>, (x, y): (f64, f64)) -> f64 {
    let (dx, dy) = gaps(a, b);
    ((dx * x) * (dx * x) + (dy * y) * (dy * y)).sqrt()
}

/// Between two boxes along both axes; zero where they overlap.
fn gaps(a: &Rect<f64>, b: &Rect<f64>) -> (f64, f64) {
    let dx = (a.min().x - b.max().x).max(b.min().x - a.max().x).max(0.0);
    let dy = (a.min().y - b.max().y).max(b.min().y - a.max().y).max(0.0);
    (dx, dy)
}

/// A degree is nowhere shorter than this on the ellipsoid (along the meridian at the equator, 110 574 m; along the
/// equator, 111 319 m), less a margin.
pub(super) const DEGREE_M: f64 = 110_000.0;

/// The least distance in m that what lies in two boxes in CRS84 can have, where that is at most `within`.
///
/// A way no longer than that stays below some latitude, where a degree of longitude is shortest; its length is at
/// least that of its shares along both axes (Minkowski).
pub(super) fn at_least_m(a: &Rect<f64>, b: &Rect<f64>, within: f64) -> f64 {
    let (dx, dy) = gaps(a, b);
    // The other way round.
    let span = a.max().x.max(b.max().x) - a.min().x.min(b.min().x);
    let dx = dx.min((360.0 - span).max(0.0));
    if dx == 0.0 {
        return dy * DEGREE_M;
    }
    let latitudes = [a.min().y, a.max().y, b.min().y, b.max().y];
    let highest = latitudes
        .into_iter()
        .fold(0.0, |most: f64, at| most.max(at.abs()));
    let highest = (highest + within / DEGREE_M).min(90.0);
    let dx = dx * highest.to_radians().cos();
    (dx * dx + dy * dy).sqrt() * DEGREE_M
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
pub(super) fn edges(geometry: &Geometry<f64>) -> Vec<Line<f64>> {
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

/// The square of a distance on a plane of this scale: what is compared needs no root.
fn squared(a: Coord<f64>, b: Coord<f64>, (x, y): (f64, f64)) -> f64 {
    let (dx, dy) = ((a.x - b.x) * x, (a.y - b.y) * y);
    dx * dx + dy * dy
}

/// The nearest points of two edges that do not cross: one of them is an end.
fn nearest(a: Line<f64>, b: Line<f64>, scale: (f64, f64)) -> (Coord<f64>, Coord<f64>) {
    let candidates = [
        (a.start, foot(a.start, b, scale)),
        (a.end, foot(a.end, b, scale)),
        (foot(b.start, a, scale), b.start),
        (foot(b.end, a, scale), b.end),
    ];
    let mut best = (f64::INFINITY, candidates[0]);
    for candidate in candidates {
        let distance = squared(candidate.0, candidate.1, scale);
        if distance < best.0 {
            best = (distance, candidate);
        }
    }
    best.1
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

#[cfg(test)]
mod tests {
    use geo::{line_string, point, polygon};
    use proptest::collection::vec;
    use proptest::prelude::*;

    use super::*;

    /// Every pair of edges, as the crate's own distance on the plane tells which are nearest.
    fn by_all_pairs(a: &Geometry<f64>, b: &Geometry<f64>) -> f64 {
        if a.intersects(b) {
            return 0.0;
        }
        let mut least = f64::MAX;
        for one in edges(a) {
            for other in edges(b) {
                let middle = metres_per_degree(f64::midpoint(one.start.y, other.start.y));
                least = least.min(exact(one, other, middle));
            }
        }
        least
    }

    fn at() -> impl Strategy<Value = Coord<f64>> {
        (121.0..121.5_f64, 31.0..31.5_f64).prop_map(|(x, y)| coord! { x: x, y: y })
    }

    fn geometry(most: usize) -> impl Strategy<Value = Geometry<f64>> {
        let square = (at(), 0.0001..0.05_f64).prop_map(|(Coord { x, y }, side)| {
            Geometry::Polygon(polygon![
                (x: x, y: y), (x: x + side, y: y), (x: x + side, y: y + side), (x: x, y: y + side)
            ])
        });
        prop_oneof![
            at().prop_map(|at| Geometry::Point(at.into())),
            vec(at(), 2..most).prop_map(|line| Geometry::LineString(line.into())),
            vec(at(), 1..most).prop_map(|all| Geometry::MultiPoint(all.into())),
            square,
        ]
    }

    proptest! {
        #[test]
        fn a_target_is_as_far_as_all_pairs_say(target in geometry(80), from in geometry(6)) {
            let expected = by_all_pairs(&from, &target);
            let steps = Cell::new(0);
            let found = Target::new(target.clone()).distance_m(&from, &steps).expect("not empty");
            prop_assert!((found - expected).abs() <= 1e-6 * (1.0 + expected), "{} {}", found, expected);
            prop_assert!(steps.get() > 0);
            let boxes = [&from, &target].map(|own| own.bounding_rect().expect("a box"));
            prop_assert!(at_least_m(&boxes[0], &boxes[1], expected) <= expected * 1.000_001);
        }
    }

    #[test]
    fn the_short_way_round_is_taken() {
        let west: Geometry<f64> = line_string![(x: -179.9, y: 10.0), (x: -179.8, y: 10.0)].into();
        let east: Geometry<f64> = point!(x: 179.9, y: 10.0).into();
        for (from, target) in [(&west, &east), (&east, &west)] {
            let steps = Cell::new(0);
            let metres = Target::new(target.clone())
                .distance_m(from, &steps)
                .expect("a distance");
            // A fifth of a degree, which has 109 639 m there.
            assert!((metres - 21_928.0).abs() < 1.0, "{metres}");
            let boxes = [from, target].map(|own| own.bounding_rect().expect("a box"));
            assert!(at_least_m(&boxes[0], &boxes[1], 1e5) <= metres);
        }
    }
}
