//! Whether a shape is valid (OGC Simple Features, part 1, section 6.1.11).
//!
//! geo compares each segment of a ring with each other one: a ring of 200 000 positions would keep a
//! start waiting for minutes. Here short rings are compared box first, and long ones by a sweep in
//! O(n log n); holes and parts are related by geo only where their boxes meet, and where a sweep
//! over both finds a contact. The answers are the same, which a test holds; beside them is told whether the
//! interior is in one piece, which geo does not look at.

use std::fmt;

use geo::algorithm::kernels::RobustKernel;
use geo::coordinate_position::{CoordPos, coord_pos_relative_to_ring};
use geo::dimensions::Dimensions;
use geo::{
    BoundingRect, Coord, Geometry, Intersects, Kernel, Line, LineString, MultiPolygon, Orientation,
    Polygon, Rect, Relate, Validation, Winding,
};
use rstar::{AABB, RTree, RTreeObject};

use super::sweep::{by_place, plain, ring_touches_itself, segments, touches_itself};

/// Beyond so many positions, how broken polygons lie to each other is not told: the relation of two
/// such polygons takes as long as their rings have crossings.
const MANY: usize = 10_000;

/// All that makes a shape invalid, in words. Coordinates must be finite and rings closed.
pub(super) fn problems(geometry: &Geometry<f64>) -> Vec<String> {
    match geometry {
        Geometry::Polygon(polygon) => words(&flaws(polygon)),
        Geometry::MultiPolygon(polygons) => parts_problems(polygons),
        Geometry::MultiLineString(lines) => {
            let of = |(at, line): (usize, &LineString<f64>)| {
                let own = words(&line.validation_errors()).into_iter();
                own.map(move |problem| format!("line {}: {problem}", at + 1))
            };
            lines.iter().enumerate().flat_map(of).collect()
        }
        other => words(&other.validation_errors()),
    }
}

/// Where a ring crosses or touches itself, in words; none where it does not.
pub(super) fn ring_problem(ring: &LineString<f64>) -> Option<String> {
    ring_touches_itself(ring).map(crosses_itself)
}

fn words(problems: &[impl ToString]) -> Vec<String> {
    problems.iter().map(ToString::to_string).collect()
}

fn crosses_itself(at: Coord<f64>) -> String {
    format!("crosses or touches itself at {}", shown(at))
}

/// A place to 0.1 mm: where edges cross has digits without end.
fn shown(at: Coord<f64>) -> String {
    let rounded = |degrees: f64| (degrees * 1e9).round() / 1e9;
    format!("{},{}", rounded(at.x), rounded(at.y))
}

/// A ring of a polygon: the exterior one is 0, and holes are counted from 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Ring(usize);

impl fmt::Display for Ring {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            0 => out.write_str("the exterior ring"),
            hole => write!(out, "hole {hole}"),
        }
    }
}

/// What is wrong with a polygon.
#[derive(Debug, Clone, PartialEq)]
enum Flaw {
    TooFew(Ring),
    Itself(Ring, Coord<f64>),
    Outside(Ring),
    OnALine(Ring, Ring),
    OnAnArea(Ring, Ring),
    /// Rings touch so that the interior falls apart, for instance here.
    Split(Coord<f64>),
}

impl fmt::Display for Flaw {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::TooFew(ring) => write!(out, "{ring} has fewer than 3 distinct positions"),
            Self::Itself(ring, at) => write!(out, "{ring} {}", crosses_itself(*at)),
            Self::Outside(ring) => write!(out, "{ring} is not within the exterior ring"),
            Self::OnALine(one, other) => write!(out, "{one} and {other} share a line"),
            Self::OnAnArea(one, other) => write!(out, "{one} and {other} overlap"),
            Self::Split(at) => write!(
                out,
                "the interior is not connected: rings touch at {} and elsewhere",
                shown(*at)
            ),
        }
    }
}

fn flaws(polygon: &Polygon<f64>) -> Vec<Flaw> {
    let mut flaws = Vec::new();
    let holes = polygon.interiors();
    for (at, ring) in std::iter::once(polygon.exterior()).chain(holes).enumerate() {
        if distinct(&ring.0) < 4 {
            flaws.push(Flaw::TooFew(Ring(at)));
        }
        if let Some(place) = ring_touches_itself(ring) {
            flaws.push(Flaw::Itself(Ring(at), place));
        }
    }
    if holes.is_empty() || (!flaws.is_empty() && size(polygon) > MANY) || holes_lie_apart(polygon) {
        return flaws;
    }
    let alone = |ring: &LineString<f64>| Polygon::new(ring.clone(), Vec::new());
    let exterior = alone(polygon.exterior());
    for (at, hole) in holes.iter().enumerate() {
        let ring = Ring(at + 1);
        let hole = alone(hole);
        let relation = exterior.relate(&hole);
        if !relation.is_contains() {
            flaws.push(Flaw::Outside(ring));
        }
        if along(&relation) {
            flaws.push(Flaw::OnALine(Ring(0), ring));
        }
        for (other_at, other) in holes.iter().enumerate().skip(at + 1) {
            if !boxes_meet(hole.exterior(), other) {
                continue;
            }
            let other_ring = Ring(other_at + 1);
            let relation = hole.relate(&alone(other));
            if overlap(&relation) {
                flaws.push(Flaw::OnAnArea(ring, other_ring));
            }
            if along(&relation) {
                flaws.push(Flaw::OnALine(ring, other_ring));
            }
        }
    }
    if flaws.is_empty() {
        flaws.extend(split(polygon).map(Flaw::Split));
    }
    flaws
}

fn parts_problems(polygons: &MultiPolygon<f64>) -> Vec<String> {
    let own: Vec<_> = polygons.iter().map(flaws).collect();
    let near = near_pairs(polygons);
    let mut near = near.iter().peekable();
    let mut problems = Vec::new();
    for (at, own_flaws) in own.iter().enumerate() {
        let named = |flaw: &Flaw| format!("polygon {}: {flaw}", at + 1);
        problems.extend(own_flaws.iter().map(named));
        while let Some((_, other)) = near.next_if(|(one, _)| *one == at) {
            let pair = [&polygons.0[at], &polygons.0[*other]];
            let broken = !own_flaws.is_empty() || !own[*other].is_empty();
            if (broken && pair.iter().any(|part| size(part) > MANY)) || (!broken && apart(pair)) {
                continue;
            }
            let relation = pair[0].relate(pair[1]);
            let both = format!("polygons {} and {}", at + 1, other + 1);
            if overlap(&relation) {
                problems.push(format!("{both} overlap"));
            }
            if along(&relation) {
                problems.push(format!("{both} share a line"));
            }
        }
    }
    problems
}

/// A segment of a ring, in an R-tree.
struct Segment {
    line: Line<f64>,
    ring: usize,
}

impl RTreeObject for Segment {
    type Envelope = AABB<[f64; 2]>;

    fn envelope(&self) -> Self::Envelope {
        AABB::from_corners(self.line.start.into(), self.line.end.into())
    }
}

/// A place where rings touch that cut the interior into pieces; none where it is in one piece. The rings must
/// be simple, and not cross.
///
/// Rings that touch at a place are joined there. Whatever of them closes a circle encloses a piece of the
/// interior: a hole that touches the exterior ring at two places, or three holes each of which touches the
/// next at another place. So the interior is whole if rings and places, each place joined to the rings that
/// come to it, are a forest. A place where two rings touch is a corner of one of them, so O(n log n), and
/// the segments whose boxes hold a corner.
fn split(polygon: &Polygon<f64>) -> Option<Coord<f64>> {
    let of = |(ring, own): (usize, &LineString<f64>)| {
        let own = segments(own).into_iter();
        own.map(move |line| Segment { line, ring })
            .collect::<Vec<_>>()
    };
    let holes = || polygon.interiors().iter().enumerate();
    let holes = || holes().map(|(at, hole)| (at + 1, hole));
    let exterior = RTree::bulk_load(of((0, polygon.exterior())));
    let inner = RTree::bulk_load(holes().flat_map(of).collect());
    // Each ring that comes to a place, by the place.
    let mut touching: Vec<(Coord<f64>, usize)> = Vec::new();
    let mut touch = |ring: usize, at: Coord<f64>, tree: &RTree<Segment>| {
        let near = tree.locate_in_envelope_intersecting(AABB::from_point(at.into()));
        for Segment { line, ring: other } in near {
            if *other != ring
                && RobustKernel::orient2d(line.start, line.end, at) == Orientation::Collinear
            {
                touching.extend([(plain(at), ring), (plain(at), *other)]);
            }
        }
    };
    for at in &polygon.exterior().0 {
        touch(0, *at, &inner);
    }
    for (ring, hole) in holes() {
        for at in &hole.0 {
            touch(ring, *at, &exterior);
            touch(ring, *at, &inner);
        }
    }
    touching.sort_by(|a, b| by_place(&a.0, &b.0).then(a.1.cmp(&b.1)));
    touching.dedup();
    // For each ring another one of its tree, up to the first.
    let mut trees: Vec<usize> = (0..=polygon.interiors().len()).collect();
    for place in touching.chunk_by(|a, b| a.0 == b.0) {
        for (_, ring) in &place[1..] {
            let (one, other) = (root(&mut trees, place[0].1), root(&mut trees, *ring));
            if one == other {
                return Some(place[0].0);
            }
            trees[one] = other;
        }
    }
    None
}

/// The first of a ring's tree; the way there is halved for the next one who asks.
fn root(trees: &mut [usize], mut ring: usize) -> usize {
    while trees[ring] != ring {
        trees[ring] = trees[trees[ring]];
        ring = trees[ring];
    }
    ring
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
    if touches_itself(&all).is_some() || holes.iter().any(flat) {
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
    touches_itself(&both).is_none()
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
