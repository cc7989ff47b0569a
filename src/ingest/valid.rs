//! Whether a shape is valid (OGC Simple Features, part 1, section 6.1.11), in the words of geo.
//!
//! geo compares each segment of a ring with each other one: a ring of 200 000 positions would keep a
//! start waiting for minutes. Here short rings are compared box first, and long ones by a sweep in
//! O(n log n); holes and parts are related by geo only where their boxes meet, and where a sweep
//! over both finds a contact. The answers are the same, which a test holds.

use std::cmp::Ordering;
use std::collections::BTreeSet;
use std::ops::Bound;

use geo::algorithm::kernels::RobustKernel;
use geo::algorithm::validation::{GeometryIndex, InvalidMultiPolygon, InvalidPolygon, RingRole};
use geo::coordinate_position::{CoordPos, coord_pos_relative_to_ring};
use geo::dimensions::Dimensions;
use geo::{
    BoundingRect, Coord, Geometry, Intersects, Kernel, Line, LineString, MultiPolygon, Orientation,
    Polygon, Rect, Relate, Validation, Winding,
};

/// Up to so many segments, comparing all of them is the faster way.
const FEW: usize = 64;
/// Beyond so many positions, how broken polygons lie to each other is not told: the relation of two
/// such polygons takes as long as their rings have crossings.
const MANY: usize = 10_000;

/// All that makes a shape invalid, in words. Coordinates must be finite and rings closed.
pub(super) fn problems(geometry: &Geometry<f64>) -> Vec<String> {
    match geometry {
        Geometry::Polygon(polygon) => words(&polygon_problems(polygon)),
        Geometry::MultiPolygon(polygons) => words(&parts_problems(polygons)),
        other => words(&other.validation_errors()),
    }
}

fn words(problems: &[impl ToString]) -> Vec<String> {
    problems.iter().map(ToString::to_string).collect()
}

fn polygon_problems(polygon: &Polygon<f64>) -> Vec<InvalidPolygon> {
    let mut problems = Vec::new();
    let holes = polygon.interiors();
    for (at, ring) in std::iter::once(polygon.exterior()).chain(holes).enumerate() {
        let role = || match at.checked_sub(1) {
            None => RingRole::Exterior,
            Some(hole) => RingRole::Interior(hole),
        };
        if distinct(&ring.0) < 4 {
            problems.push(InvalidPolygon::TooFewPointsInRing(role()));
        }
        if ring_touches_itself(ring) {
            problems.push(InvalidPolygon::SelfIntersection(role()));
        }
    }
    if !holes.is_empty()
        && (problems.is_empty() || size(polygon) <= MANY)
        && !holes_lie_apart(polygon)
    {
        let alone = |ring: &LineString<f64>| Polygon::new(ring.clone(), Vec::new());
        let exterior = alone(polygon.exterior());
        for (at, hole) in holes.iter().enumerate() {
            let role = RingRole::Interior(at);
            let hole = alone(hole);
            let relation = exterior.relate(&hole);
            if !relation.is_contains() {
                problems.push(InvalidPolygon::InteriorRingNotContainedInExteriorRing(role));
            }
            if along(&relation) {
                problems.push(InvalidPolygon::IntersectingRingsOnALine(
                    RingRole::Exterior,
                    role,
                ));
            }
            for (other_at, other) in holes.iter().enumerate().skip(at + 1) {
                if !boxes_meet(hole.exterior(), other) {
                    continue;
                }
                let relation = hole.relate(&alone(other));
                let roles = || (RingRole::Interior(at), RingRole::Interior(other_at));
                if overlap(&relation) {
                    let (one, other) = roles();
                    problems.push(InvalidPolygon::IntersectingRingsOnAnArea(one, other));
                }
                if along(&relation) {
                    let (one, other) = roles();
                    problems.push(InvalidPolygon::IntersectingRingsOnALine(one, other));
                }
            }
        }
    }
    problems
}

fn parts_problems(polygons: &MultiPolygon<f64>) -> Vec<InvalidMultiPolygon> {
    let own: Vec<_> = polygons.iter().map(polygon_problems).collect();
    let near = near_pairs(polygons);
    let mut near = near.iter().peekable();
    let mut problems = Vec::new();
    for (at, own_problems) in own.iter().enumerate() {
        let named = |problem: &InvalidPolygon| {
            InvalidMultiPolygon::InvalidPolygon(GeometryIndex(at), problem.clone())
        };
        problems.extend(own_problems.iter().map(named));
        while let Some((_, other)) = near.next_if(|(one, _)| *one == at) {
            let pair = [&polygons.0[at], &polygons.0[*other]];
            let broken = !own_problems.is_empty() || !own[*other].is_empty();
            if (broken && pair.iter().any(|part| size(part) > MANY)) || (!broken && apart(pair)) {
                continue;
            }
            let relation = pair[0].relate(pair[1]);
            let places = || (GeometryIndex(at), GeometryIndex(*other));
            if overlap(&relation) {
                let (one, other) = places();
                problems.push(InvalidMultiPolygon::ElementsOverlaps(one, other));
            }
            if along(&relation) {
                let (one, other) = places();
                problems.push(InvalidMultiPolygon::ElementsTouchOnALine(one, other));
            }
        }
    }
    problems
}

/// Pairs of parts whose boxes meet, in order. A sweep from west to east: O(n log n) where few do.
fn near_pairs(polygons: &MultiPolygon<f64>) -> Vec<(usize, usize)> {
    let mut boxes: Vec<_> = polygons
        .iter()
        .enumerate()
        .filter_map(|(at, polygon)| Some((polygon.bounding_rect()?, at)))
        .collect();
    boxes.sort_by(|(a, _), (b, _)| a.min().x.total_cmp(&b.min().x));
    let mut pairs = Vec::new();
    let mut open: Vec<(Rect<f64>, usize)> = Vec::new();
    for (rect, at) in boxes {
        open.retain(|(other, _)| other.max().x >= rect.min().x);
        let meet = open.iter().filter(|(other, _)| other.intersects(&rect));
        pairs.extend(meet.map(|(_, other)| (at.min(*other), at.max(*other))));
        open.push((rect, at));
    }
    pairs.sort_unstable();
    pairs
}

/// True where no hole meets another ring, and all lie inside the exterior and outside each other.
/// The rings must be simple.
fn holes_lie_apart(polygon: &Polygon<f64>) -> bool {
    let holes = polygon.interiors();
    let rings = std::iter::once(polygon.exterior()).chain(holes);
    let all: Vec<_> = rings.flat_map(segments).collect();
    if touches_itself(&all) || holes.iter().any(flat) {
        return false;
    }
    let inside = |ring: &LineString<f64>, hole: &LineString<f64>| {
        coord_pos_relative_to_ring(hole.0[0], ring) == CoordPos::Inside
    };
    holes.iter().all(|hole| inside(polygon.exterior(), hole))
        && holes.iter().enumerate().all(|(at, hole)| {
            let others = holes[at + 1..].iter();
            others
                .filter(|other| boxes_meet(hole, other))
                .all(|other| !inside(hole, other) && !inside(other, hole))
        })
}

/// True where two valid polygons have no point in common.
fn apart([one, other]: [&Polygon<f64>; 2]) -> bool {
    let rings = |polygon: &Polygon<f64>| -> Vec<Line<f64>> {
        let rings = std::iter::once(polygon.exterior()).chain(polygon.interiors());
        rings.flat_map(segments).collect()
    };
    let mut both = rings(one);
    both.append(&mut rings(other));
    !touches_itself(&both)
        && !one.intersects(&other.exterior().0[0])
        && !other.intersects(&one.exterior().0[0])
}

fn flat(ring: &LineString<f64>) -> bool {
    ring.winding_order().is_none()
}

fn boxes_meet(one: &LineString<f64>, other: &LineString<f64>) -> bool {
    let boxes = one.bounding_rect().zip(other.bounding_rect());
    boxes.is_none_or(|(one, other)| one.intersects(&other))
}

fn overlap(relation: &geo::relate::IntersectionMatrix) -> bool {
    relation.get(CoordPos::Inside, CoordPos::Inside) == Dimensions::TwoDimensional
}

fn along(relation: &geo::relate::IntersectionMatrix) -> bool {
    relation.get(CoordPos::OnBoundary, CoordPos::OnBoundary) == Dimensions::OneDimensional
}

fn size(polygon: &Polygon<f64>) -> usize {
    let holes = polygon.interiors().iter();
    polygon.exterior().0.len() + holes.map(|hole| hole.0.len()).sum::<usize>()
}

/// Positions without those that repeat the one before.
fn distinct(ring: &[Coord<f64>]) -> usize {
    1 + ring.windows(2).filter(|pair| pair[0] != pair[1]).count()
}

/// A ring's segments, those of no length left out.
fn segments(ring: &LineString<f64>) -> Vec<Line<f64>> {
    ring.lines().filter(|line| line.start != line.end).collect()
}

fn ring_touches_itself(ring: &LineString<f64>) -> bool {
    let segments = segments(ring);
    // On the flat triangle alone, a repeated position meets a segment that no other one meets.
    let flat = || {
        let mut points = ring.lines().filter(|line| line.start == line.end);
        points.any(|point| segments.iter().any(|segment| meet(&point, segment)))
    };
    touches_itself(&segments) || (segments.len() == 3 && flat())
}

/// True where two segments meet of which none begins where the other ends.
fn touches_itself(segments: &[Line<f64>]) -> bool {
    if segments.len() > FEW {
        return sweep(segments);
    }
    segments.iter().enumerate().any(|(at, one)| {
        let mut others = segments[at + 1..].iter();
        others.any(|other| meet(one, other))
    })
}

fn meet(one: &Line<f64>, other: &Line<f64>) -> bool {
    let apart = |a: f64, b: f64, c: f64, d: f64| a.max(b) < c.min(d) || c.max(d) < a.min(b);
    !apart(one.start.x, one.end.x, other.start.x, other.end.x)
        && !apart(one.start.y, one.end.y, other.start.y, other.end.y)
        && one.start != other.end
        && one.end != other.start
        && one.intersects(other)
}

/// A segment in the order of a sweep from west to east.
#[derive(Debug, Clone, Copy)]
struct Swept {
    /// The western end, and of a segment that runs due north the southern one.
    left: Coord<f64>,
    right: Coord<f64>,
    line: Line<f64>,
    at: usize,
}

impl Swept {
    fn new(line: Line<f64>, at: usize) -> Self {
        let swap = by_place(&line.start, &line.end) == Ordering::Greater;
        let (left, right) = if swap {
            (line.end, line.start)
        } else {
            (line.start, line.end)
        };
        Self {
            left,
            right,
            line,
            at,
        }
    }

    /// Where a position lies to the segment: less is below.
    fn side(&self, position: Coord<f64>) -> Ordering {
        match RobustKernel::orient2d(self.left, self.right, position) {
            Orientation::Clockwise => Ordering::Less,
            Orientation::Collinear => Ordering::Equal,
            Orientation::CounterClockwise => Ordering::Greater,
        }
    }
}

impl Ord for Swept {
    /// From south to north, of segments that the sweep line cuts at once and that do not cross.
    fn cmp(&self, other: &Self) -> Ordering {
        if self.at == other.at {
            return Ordering::Equal;
        }
        let order = if by_place(&self.left, &other.left) == Ordering::Less {
            let of = |position| self.side(position).reverse();
            of(other.left).then_with(|| of(other.right))
        } else {
            other.side(self.left).then_with(|| other.side(self.right))
        };
        order.then_with(|| self.at.cmp(&other.at))
    }
}

impl PartialOrd for Swept {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for Swept {
    fn eq(&self, other: &Self) -> bool {
        self.at == other.at
    }
}

impl Eq for Swept {}

fn by_place(a: &Coord<f64>, b: &Coord<f64>) -> Ordering {
    a.x.total_cmp(&b.x).then_with(|| a.y.total_cmp(&b.y))
}

/// [`touches_itself`] by a sweep (Shamos and Hoey 1976): segments that meet first are neighbours
/// before. Orientations are exact, so their order does not break before something meets.
fn sweep(segments: &[Line<f64>]) -> bool {
    // Minus zero and zero are one place.
    let plain = |at: Coord<f64>| Coord {
        x: at.x + 0.0,
        y: at.y + 0.0,
    };
    let plain = |line: &Line<f64>| Line::new(plain(line.start), plain(line.end));
    let swept: Vec<_> = segments
        .iter()
        .enumerate()
        .map(|(at, line)| Swept::new(plain(line), at))
        .collect();
    // Ends before beginnings at the same place; what meets there is seen by counting.
    let mut events: Vec<(Coord<f64>, bool, usize)> = Vec::with_capacity(2 * swept.len());
    for segment in &swept {
        events.push((segment.right, false, segment.at));
        events.push((segment.left, true, segment.at));
    }
    events.sort_by(|a, b| by_place(&a.0, &b.0).then(a.1.cmp(&b.1)));
    // A ring that comes to a place twice touches itself there.
    if events
        .windows(3)
        .any(|three| three[0].0 == three[1].0 && three[1].0 == three[2].0)
    {
        return true;
    }
    // Nor is it simple where it turns back on itself; and what lies on one of the two segments would
    // be hidden behind the other one.
    let far = |event: &(Coord<f64>, bool, usize)| {
        let segment = &swept[event.2];
        if event.1 { segment.right } else { segment.left }
    };
    let back = |pair: &[(Coord<f64>, bool, usize)]| {
        let (one, other) = (&pair[0], &pair[1]);
        one.0 == other.0
            && one.1 == other.1
            && RobustKernel::orient2d(one.0, far(one), far(other)) == Orientation::Collinear
    };
    if events.windows(2).any(back) {
        return true;
    }
    let mut open = BTreeSet::new();
    for (_, begins, at) in events {
        let segment = swept[at];
        if !begins {
            open.remove(&segment);
        }
        let below = open.range(..segment).next_back();
        let above = open
            .range((Bound::Excluded(segment), Bound::Unbounded))
            .next();
        let meets = |one: Option<&Swept>, other: Option<&Swept>| {
            one.zip(other)
                .is_some_and(|(one, other)| meet(&one.line, &other.line))
        };
        if begins {
            if meets(below, Some(&segment)) || meets(above, Some(&segment)) {
                return true;
            }
            open.insert(segment);
        } else if meets(below, above) {
            return true;
        }
    }
    false
}
