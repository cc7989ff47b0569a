//! Whether a shape is valid (OGC Simple Features, part 1, section 6.1.11).
//!
//! geo compares each segment of a ring with each other one, and each part with each part: a ring of 200 000 positions,
//! or a coast with 5 000 islands, would keep a start waiting for minutes. Here one sweep over all rings
//! ([`super::planar`]) says in O(n log n) that a shape is valid. Only of one that is not, geo is asked for the details,
//! where that is quick. The answers are the same, which a test holds; beside them is told whether the interior is in
//! one piece, which geo does not look at.

use std::fmt;

use geo::coordinate_position::CoordPos;
use geo::dimensions::Dimensions;
use geo::{
    Area, BoundingRect, Coord, Geometry, Intersects, LineString, MultiPolygon, Polygon, Rect,
    Relate, Validation,
};

use super::planar::{Broken, Touch, touches};
use super::rounding::sound_but_for;
use super::sweep::ring_touches_itself;

/// Beyond so many positions only the first thing that is wrong with a shape is told: the relation of two such polygons
/// takes as long as their rings have crossings.
const MANY: usize = 10_000;

/// Beyond so many positions times rings or parts, too: each is related to each.
const MANY_PAIRS: usize = 1_000_000;

/// Up to so many segments, comparing all of a ring is the faster way.
const FEW: usize = 64;

/// A thing that makes a shape invalid.
struct Problem {
    text: String,
    /// True where moving corners by a hair may have made it.
    may_be_rounding: bool,
}

/// All that makes a shape invalid, in words. Coordinates must be finite and rings closed.
#[must_use]
pub fn problems(geometry: &Geometry<f64>) -> Vec<String> {
    let problems = found(geometry).into_iter();
    problems.map(|problem| problem.text).collect()
}

/// The same, but for where a shape touches or overlaps itself on a strip narrower than `rounding_m` metres, coordinates
/// being degrees: what was valid in the file that it came from is so in degrees, but for rounding.
#[must_use]
pub fn problems_beyond(geometry: &Geometry<f64>, rounding_m: f64) -> Vec<String> {
    let problems = found(geometry);
    if !problems.is_empty()
        && problems.iter().all(|problem| problem.may_be_rounding)
        && sound_but_for(geometry, rounding_m)
    {
        return Vec::new();
    }
    problems.into_iter().map(|problem| problem.text).collect()
}

fn found(geometry: &Geometry<f64>) -> Vec<Problem> {
    let other = |text: String| Problem {
        text,
        may_be_rounding: false,
    };
    let mut problems: Vec<Problem> = match geometry {
        Geometry::Polygon(polygon) => flaws(polygon).iter().map(|flaw| flaw.problem("")).collect(),
        Geometry::MultiPolygon(polygons) => parts_problems(polygons),
        Geometry::MultiLineString(lines) => {
            let of = |(at, line): (usize, &LineString<f64>)| {
                let own = words(&line.validation_errors()).into_iter();
                own.map(move |problem| other(format!("line {}: {problem}", at + 1)))
            };
            lines.iter().enumerate().flat_map(of).collect()
        }
        other_kind => words(&other_kind.validation_errors())
            .into_iter()
            .map(other)
            .collect(),
    };
    if problems.is_empty() && parts(geometry).any(|polygon| polygon.unsigned_area() == 0.0) {
        let reason = "a polygon encloses no area: its positions lie on one line";
        problems.push(other(reason.to_owned()));
    }
    problems
}

/// The polygons of a geometry.
pub(super) fn parts(geometry: &Geometry<f64>) -> impl Iterator<Item = &Polygon<f64>> {
    let polygons = match geometry {
        Geometry::Polygon(polygon) => std::slice::from_ref(polygon),
        Geometry::MultiPolygon(polygons) => &polygons.0,
        _ => &[],
    };
    polygons.iter()
}

/// The rings of a polygon, each with whether it is a hole.
pub(super) fn rings(polygon: &Polygon<f64>) -> impl Iterator<Item = (&LineString<f64>, bool)> {
    let holes = polygon.interiors().iter().map(|hole| (hole, true));
    std::iter::once((polygon.exterior(), false)).chain(holes)
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

impl Flaw {
    fn problem(&self, prefix: &str) -> Problem {
        let moved = matches!(
            self,
            Self::Itself(..) | Self::Outside(_) | Self::OnAnArea(..)
        );
        Problem {
            text: format!("{prefix}{self}"),
            may_be_rounding: moved,
        }
    }
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
    let short = short_rings(polygon);
    let holes = polygon.interiors();
    if holes.is_empty() && polygon.exterior().0.len() <= FEW + 1 {
        let itself = ring_touches_itself(polygon.exterior());
        let itself = itself.map(|at| Flaw::Itself(Ring(0), at));
        return short.into_iter().chain(itself).collect();
    }
    let swept = touches(rings(polygon));
    match swept {
        Ok(places) if short.is_empty() => {
            let split = split(&places, holes.len());
            split.map(Flaw::Split).into_iter().collect()
        }
        Ok(_) => short,
        Err(broken) => {
            let is_large = is_large(size(polygon), holes.len());
            let mut flaws = if is_large { short } else { details(polygon) };
            if flaws.is_empty() {
                flaws.push(broken_ring(broken));
            }
            flaws
        }
    }
}

fn short_rings(polygon: &Polygon<f64>) -> Vec<Flaw> {
    let short = |(at, (ring, _)): (usize, (&LineString<f64>, bool))| {
        (distinct(&ring.0) < 4).then_some(Flaw::TooFew(Ring(at)))
    };
    rings(polygon).enumerate().filter_map(short).collect()
}

/// What a sweep over a polygon's own rings has found.
fn broken_ring(broken: Broken) -> Flaw {
    match broken {
        Broken::Flat(ring) => Flaw::TooFew(Ring(ring)),
        Broken::Itself(ring, at) => Flaw::Itself(Ring(ring), at),
        Broken::Cross(0, other, _) => Flaw::Outside(Ring(other)),
        Broken::Cross(one, other, _) => Flaw::OnAnArea(Ring(one), Ring(other)),
        Broken::Line(one, other, _) => Flaw::OnALine(Ring(one), Ring(other)),
        Broken::Nested(ring, ..) => Flaw::Outside(Ring(ring)),
    }
}

/// All that is wrong with the rings of a polygon that is not large, as geo relates them.
fn details(polygon: &Polygon<f64>) -> Vec<Flaw> {
    let mut flaws = Vec::new();
    let holes = polygon.interiors();
    for (at, (ring, _)) in rings(polygon).enumerate() {
        if distinct(&ring.0) < 4 {
            flaws.push(Flaw::TooFew(Ring(at)));
        }
        if let Some(place) = ring_touches_itself(ring) {
            flaws.push(Flaw::Itself(Ring(at), place));
        }
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
    flaws
}

fn parts_problems(polygons: &MultiPolygon<f64>) -> Vec<Problem> {
    let own: Vec<_> = polygons.iter().map(flaws).collect();
    let all = || polygons.iter().flat_map(rings);
    let is_sound = own.iter().all(Vec::is_empty);
    let broken = match touches(all()) {
        Ok(_) if is_sound => return Vec::new(),
        Ok(_) => None,
        Err(broken) => Some(broken),
    };
    let mut problems = Vec::new();
    let is_large = is_large(polygons.iter().map(size).sum(), own.len());
    let near = if is_large {
        Vec::new()
    } else {
        near_pairs(polygons)
    };
    let mut near = near.iter().peekable();
    for (at, own_flaws) in own.iter().enumerate() {
        let prefix = format!("polygon {}: ", at + 1);
        problems.extend(own_flaws.iter().map(|flaw| flaw.problem(&prefix)));
        while let Some((_, other)) = near.next_if(|(one, _)| *one == at) {
            let relation = polygons.0[at].relate(&polygons.0[*other]);
            problems.extend(between(at, *other, overlap(&relation), along(&relation)));
        }
    }
    if let Some(broken) = broken.filter(|_| problems.is_empty()) {
        problems.push(of_parts(polygons, broken));
    }
    problems
}

/// What two parts of a multipolygon share.
fn between(one: usize, other: usize, overlap: bool, along: bool) -> Vec<Problem> {
    let both = format!("polygons {} and {}", one + 1, other + 1);
    let overlap = overlap.then(|| Problem {
        text: format!("{both} overlap"),
        may_be_rounding: true,
    });
    let along = along.then(|| Problem {
        text: format!("{both} share a line"),
        may_be_rounding: false,
    });
    overlap.into_iter().chain(along).collect()
}

/// What a sweep over all rings of valid parts has found, in words.
fn of_parts(polygons: &MultiPolygon<f64>, broken: Broken) -> Problem {
    let part = |ring: usize| {
        let mut before = 0;
        let holds = |polygon: &Polygon<f64>| {
            before += 1 + polygon.interiors().len();
            ring < before
        };
        polygons.iter().position(holds).unwrap_or_default() + 1
    };
    let (text, may_be_rounding) = match broken {
        Broken::Flat(ring) => (
            format!("polygon {}: a ring encloses nothing", part(ring)),
            false,
        ),
        Broken::Itself(ring, at) => (
            format!("polygon {}: a ring {}", part(ring), crosses_itself(at)),
            true,
        ),
        Broken::Cross(one, other, at) | Broken::Nested(one, other, at)
            if part(one) != part(other) =>
        {
            let (one, other) = (part(one.min(other)), part(one.max(other)));
            let at = shown(at);
            (format!("polygons {one} and {other} overlap at {at}"), true)
        }
        Broken::Line(one, other, at) => (
            format!(
                "polygons {} and {} share a line at {}",
                part(one),
                part(other),
                shown(at)
            ),
            false,
        ),
        Broken::Cross(ring, _, at) | Broken::Nested(ring, _, at) => (
            format!(
                "polygon {} overlaps another one at {}",
                part(ring),
                shown(at)
            ),
            true,
        ),
    };
    Problem {
        text,
        may_be_rounding,
    }
}

/// A place where rings touch that cut the interior into pieces; none where it is in one piece. The rings must
/// be simple, and not cross.
///
/// Rings that touch at a place are joined there. Whatever of them closes a circle encloses a piece of the
/// interior: a hole that touches the exterior ring at two places, or three holes each of which touches the
/// next at another place. So the interior is whole if rings and places, each place joined to the rings that
/// come to it, are a forest.
fn split(touching: &[Touch], holes: usize) -> Option<Coord<f64>> {
    // For each ring another one of its tree, up to the first.
    let mut trees: Vec<usize> = (0..=holes).collect();
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
pub(super) fn root(trees: &mut [usize], mut ring: usize) -> usize {
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

fn is_large(positions: usize, rings: usize) -> bool {
    positions > MANY || positions * rings > MANY_PAIRS
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
