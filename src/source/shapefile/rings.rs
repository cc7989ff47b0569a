//! Rings of a shape as polygons.
//!
//! A `.shp` has rings in any order: outer ones go clockwise, holes the other way. A hole belongs to the
//! smallest outer ring that contains it. One that is in none goes the wrong way round and is an outer ring
//! itself, as GDAL reads it; so is the only ring of a shape.

use geo::coordinate_position::{CoordPos, coord_pos_relative_to_ring};
use geo::{BoundingRect, Coord, Geometry, LineString, MultiPolygon, Polygon};
use rstar::primitives::{GeomWithData, Rectangle};
use rstar::{AABB, RTree};

/// Edges that may be looked at to sort out the rings of one shape: some seconds. Of real ones, a lake
/// with ten thousand islands comes near a quarter of it.
const STEPS: u64 = 1 << 32;

/// Puts rings together; none where there is no ring.
pub(super) fn polygons(rings: Vec<LineString<f64>>) -> Result<Option<Geometry<f64>>, String> {
    within(rings, STEPS)
}

fn within(rings: Vec<LineString<f64>>, steps: u64) -> Result<Option<Geometry<f64>>, String> {
    if rings.len() < 2 {
        let only = rings.into_iter().next();
        return Ok(only.map(|ring| Polygon::new(ring, Vec::new()).into()));
    }
    let mut outers: Vec<(LineString<f64>, Vec<LineString<f64>>)> = Vec::new();
    let mut holes = Vec::new();
    for ring in rings {
        if counterclockwise(&ring) {
            holes.push(ring);
        } else {
            outers.push((ring, Vec::new()));
        }
    }
    let tree = RTree::bulk_load(boxes(&outers));
    let mut strays = Vec::new();
    let mut left = steps;
    for hole in holes {
        match owner(&hole, &outers, &tree, &mut left)? {
            Some(at) => outers[at].1.push(hole),
            None => strays.push((hole, Vec::new())),
        }
    }
    outers.extend(strays);
    let mut parts: Vec<_> = outers
        .into_iter()
        .map(|(outer, holes)| Polygon::new(outer, holes))
        .collect();
    Ok(match parts.len() {
        1 => parts.pop().map(Geometry::Polygon),
        _ => Some(MultiPolygon::new(parts).into()),
    })
}

type Boxed = GeomWithData<Rectangle<[f64; 2]>, usize>;

fn boxes(outers: &[(LineString<f64>, Vec<LineString<f64>>)]) -> Vec<Boxed> {
    let boxed = |(at, (ring, _)): (usize, &(LineString<f64>, _))| {
        let bounds = ring.bounding_rect()?;
        let corners = AABB::from_corners(bounds.min().into(), bounds.max().into());
        Some(GeomWithData::new(Rectangle::from_aabb(corners), at))
    };
    outers.iter().enumerate().filter_map(boxed).collect()
}

/// The smallest of the outer rings that contain a hole.
fn owner(
    hole: &LineString<f64>,
    outers: &[(LineString<f64>, Vec<LineString<f64>>)],
    tree: &RTree<Boxed>,
    left: &mut u64,
) -> Result<Option<usize>, String> {
    let Some(first) = hole.0.first() else {
        return Ok(None);
    };
    let mut found: Option<(usize, f64)> = None;
    for candidate in tree.locate_all_at_point([first.x, first.y]) {
        let outer = &outers[candidate.data].0;
        if contains(outer, hole, left)? {
            let size = twice_area(outer).abs();
            if found.is_none_or(|(_, smallest)| size < smallest) {
                found = Some((candidate.data, size));
            }
        }
    }
    Ok(found.map(|(at, _)| at))
}

/// By the first vertex of the hole, or middle of one of its edges, that is not on the outer ring itself.
fn contains(
    outer: &LineString<f64>,
    hole: &LineString<f64>,
    left: &mut u64,
) -> Result<bool, String> {
    let middles = hole.lines().map(|edge| (edge.start + edge.end) / 2.0);
    for at in hole.0.iter().copied().chain(middles) {
        let entangled = || "its rings are too many and too entangled to be sorted out".to_owned();
        *left = left
            .checked_sub(outer.0.len() as u64)
            .ok_or_else(entangled)?;
        match coord_pos_relative_to_ring(at, outer) {
            CoordPos::Inside => return Ok(true),
            CoordPos::Outside => return Ok(false),
            CoordPos::OnBoundary => {}
        }
    }
    Ok(true)
}

fn counterclockwise(ring: &LineString<f64>) -> bool {
    twice_area(ring) > 0.0
}

/// Seen from the first vertex, so that large coordinates leave the digits to the differences.
fn twice_area(ring: &LineString<f64>) -> f64 {
    let Some(&from) = ring.0.first() else {
        return 0.0;
    };
    let seen = ring.0.iter().map(|at| *at - from);
    let cross = |(a, b): (Coord<f64>, Coord<f64>)| a.x * b.y - b.x * a.y;
    seen.clone().zip(seen.skip(1)).map(cross).sum()
}

#[cfg(test)]
mod tests {
    use geo::Area;
    use geo::line_string;

    use super::*;

    /// A square from a corner on, clockwise or not.
    fn square(x: f64, y: f64, side: f64, clockwise: bool) -> LineString<f64> {
        let mut ring = line_string![
            (x: x, y: y),
            (x: x, y: y + side),
            (x: x + side, y: y + side),
            (x: x + side, y: y),
            (x: x, y: y),
        ];
        if !clockwise {
            ring.0.reverse();
        }
        ring
    }

    fn parts(rings: Vec<LineString<f64>>) -> Vec<(f64, usize)> {
        let polygons = match polygons(rings).expect("sorted out") {
            None => Vec::new(),
            Some(Geometry::Polygon(polygon)) => vec![polygon],
            Some(Geometry::MultiPolygon(polygons)) => polygons.0,
            other => panic!("{other:?}"),
        };
        let about = |polygon: &Polygon<f64>| (polygon.unsigned_area(), polygon.interiors().len());
        polygons.iter().map(about).collect()
    }

    #[test]
    fn a_hole_is_in_the_smallest_ring_around_it() {
        // An island in a lake on an island, the rings in no order, far from the origin.
        let at = 3_400_000.0;
        let found = parts(vec![
            square(at + 2.0, at + 2.0, 1.0, false),
            square(at, at, 10.0, true),
            square(at + 1.0, at + 1.0, 8.0, false),
            square(at + 2.0, at + 2.0, 6.0, true),
            square(at + 20.0, at, 1.0, true),
        ]);
        assert_eq!(found, [(36.0, 1), (35.0, 1), (1.0, 0)]);
    }

    #[test]
    fn a_ring_that_goes_the_wrong_way_is_no_loss() {
        assert_eq!(parts(vec![square(0.0, 0.0, 2.0, false)]), [(4.0, 0)]);
        let both = parts(vec![
            square(0.0, 0.0, 2.0, false),
            square(5.0, 0.0, 1.0, false),
        ]);
        assert_eq!(both, [(4.0, 0), (1.0, 0)]);
        let beside = parts(vec![
            square(0.0, 0.0, 2.0, true),
            square(5.0, 0.0, 1.0, false),
        ]);
        assert_eq!(beside, [(4.0, 0), (1.0, 0)]);
        assert_eq!(parts(Vec::new()), []);
    }

    #[test]
    fn a_hole_may_touch_its_ring() {
        let touching = line_string![(x: 0.0, y: 1.0), (x: 1.0, y: 0.0), (x: 2.0, y: 1.0), (x: 1.0, y: 2.0), (x: 0.0, y: 1.0)];
        assert_eq!(
            parts(vec![square(0.0, 0.0, 2.0, true), touching]),
            [(2.0, 1)]
        );
    }

    #[test]
    fn entangled_rings_are_given_up() {
        // The same square twice, there and back: no vertex of one tells where it is in the other.
        let side = 0..75;
        let up = side.clone().map(|at| (0.0, f64::from(at)));
        let right = side.clone().map(|at| (f64::from(at), 75.0));
        let down = side.clone().map(|at| (75.0, f64::from(75 - at)));
        let left = side.map(|at| (f64::from(75 - at), 0.0));
        let all = up.chain(right).chain(down).chain(left);
        let mut ring = LineString::from(all.collect::<Vec<_>>());
        ring.close();
        let mut back = ring.clone();
        back.0.reverse();
        let rings = || vec![ring.clone(), back.clone()];
        assert!(within(rings(), 1_000_000).is_ok());
        let error = within(rings(), 1_000).expect_err("too long");
        assert!(error.contains("entangled"), "{error}");
    }
}
