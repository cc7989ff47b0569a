//! Is a shape valid but for rounding? Coordinates that were converted to degrees, or rounded, are no longer exactly
//! where they were: a corner that lay on an edge lies beside it, and the shape overlaps itself there by a hair.
//!
//! A valid shape winds once around its inside and not at all around the rest. Here every corner is moved by a
//! thousandth of what rounding may be, so that nothing merely touches any more; then rings are cut where they cross.
//! Walking along a ring, the winding number to its left changes at each crossing by one, so that of each piece is
//! known. Pieces that do not have the inside to their left bound the places where the shape overlaps itself or is
//! turned over; these must be narrow, on average (twice the area by the perimeter) and at each corner.
//! O((n + k) log n) for k crossings.

use std::collections::HashMap;

use geo::algorithm::kernels::RobustKernel;
use geo::{Coord, Geometry, Kernel, Line, LineString, Orientation, Polygon, coord};
use rstar::{AABB, RTree, RTreeObject};

use super::valid::{parts, rings, root};
use crate::crs::{metres_per_degree, sagitta};

/// Boxes of edges that meet another one or a ray, per edge, beyond which a shape is not looked at further.
const CROWD: usize = 1_000;

/// Those that are always looked at.
const FEW: usize = 1_000_000;

/// The share of the rounding by which corners are moved.
const SHIFT: f64 = 1e-3;

/// True where a shape in degrees is valid, or would be but for touches and overlaps narrower than `rounding_m` metres,
/// and beside a long edge than a straight edge of a grid is bent in degrees.
pub(super) fn sound_but_for(geometry: &Geometry<f64>, rounding_m: f64) -> bool {
    let sound = |net: &Net| net.is_sound().unwrap_or(false);
    let holed = |polygon: &&Polygon<f64>| !polygon.interiors().is_empty();
    rounding_m > 0.0
        && parts(geometry)
            .filter(holed)
            .all(|polygon| sound(&Net::new(rings(polygon), rounding_m)))
        && sound(&Net::new(parts(geometry).flat_map(rings), rounding_m))
}

/// An edge of a ring, in an R-tree.
struct Edge {
    line: Line<f64>,
    at: usize,
}

impl RTreeObject for Edge {
    type Envelope = AABB<[f64; 2]>;

    fn envelope(&self) -> Self::Envelope {
        AABB::from_corners(self.line.start.into(), self.line.end.into())
    }
}

/// The edges of all rings, moved, with the inside to their left.
struct Net {
    lines: Vec<Line<f64>>,
    /// Where each ring ends in `lines`.
    ends: Vec<usize>,
    tree: RTree<Edge>,
    rounding_m: f64,
    /// True where a ray to the north crosses fewer edges than one to the east.
    northward: bool,
}

/// Where an edge is crossed by another one.
#[derive(Debug, Clone, Copy)]
struct Crossing {
    edge: usize,
    /// How far along the edge, from 0 to 1.
    along: f64,
    place: Coord<f64>,
    /// The same for both edges.
    number: usize,
    /// By how much the winding number to the left changes there.
    step: i32,
}

/// A piece of a ring, from one crossing to the next, with something other than the inside to its left.
#[derive(Debug)]
struct Piece {
    corners: Vec<Coord<f64>>,
    /// The edges that it lies on.
    edges: Vec<usize>,
    /// True where the left is wound around more than once.
    excess: bool,
    /// The crossings where it begins and ends.
    ends: [usize; 2],
}

/// What is wound around too often, or the wrong way round.
#[derive(Debug)]
struct Region {
    /// Where it is, and the metres of a degree there.
    origin: Coord<f64>,
    scale: (f64, f64),
    area: f64,
    perimeter: f64,
    /// The most that an edge of it may be bent, in m.
    bow: f64,
}

impl Net {
    fn new<'a>(rings: impl Iterator<Item = (&'a LineString<f64>, bool)>, rounding_m: f64) -> Self {
        let shift = SHIFT * rounding_m / metres_per_degree(0.0).1;
        let (mut lines, mut ends) = (Vec::new(), Vec::new());
        for (ring, is_hole) in rings {
            let open = &ring.0[..ring.0.len().saturating_sub(1)];
            let mut corners = open.to_vec();
            corners.dedup();
            if (doubled_area(ring) > 0.0) == is_hole {
                corners.reverse();
            }
            for (at, corner) in corners.iter_mut().enumerate() {
                *corner = *corner + noise(lines.len() + at) * shift;
            }
            let next = corners.iter().cycle().skip(1);
            let pairs = corners.iter().zip(next);
            lines.extend(pairs.map(|(from, to)| Line::new(*from, *to)));
            ends.push(lines.len());
        }
        let edge = |(at, line): (usize, &Line<f64>)| Edge { line: *line, at };
        let tree = RTree::bulk_load(lines.iter().enumerate().map(edge).collect());
        // How often a line from south to north, or from west to east, crosses edges on average.
        let of = |part: fn(Coord<f64>) -> f64| {
            let all = || lines.iter().map(|line| part(line.start));
            let low = all().fold(f64::INFINITY, f64::min);
            let size = all().fold(f64::NEG_INFINITY, f64::max) - low;
            let sum: f64 = lines.iter().map(|line| part(line.delta()).abs()).sum();
            sum / size
        };
        let northward = of(|at| at.x) < of(|at| at.y);
        Self {
            lines,
            ends,
            tree,
            rounding_m,
            northward,
        }
    }

    /// None where there is too much to look at.
    fn is_sound(&self) -> Option<bool> {
        let crossings = self.crossings()?;
        let pieces = self.pieces(&crossings)?;
        // Regions that meet at a crossing are one, those wound around too often apart from the others.
        let node = |excess: bool, crossing: usize| 2 * crossing + usize::from(excess);
        let most = pieces.iter().flat_map(|piece| piece.ends).max();
        let mut trees: Vec<usize> = (0..most.map_or(0, |most| 2 * most + 2)).collect();
        for piece in &pieces {
            let [one, other] = piece
                .ends
                .map(|end| root(&mut trees, node(piece.excess, end)));
            trees[one] = other;
        }
        let mut regions: HashMap<usize, Region> = HashMap::new();
        for piece in &pieces {
            let of = root(&mut trees, node(piece.excess, piece.ends[0]));
            let region = regions.entry(of);
            let region = region.or_insert_with(|| Region::at(piece.corners[0]));
            region.add(piece, &self.lines);
        }
        let narrow = regions
            .values()
            .all(|region| 2.0 * region.area.abs() <= self.width(region) * region.perimeter);
        Some(
            narrow
                && pieces.iter().all(|piece| {
                    let of = root(&mut trees, node(piece.excess, piece.ends[0]));
                    self.is_shallow(piece, self.width(&regions[&of]))
                }),
        )
    }

    /// How many boxes of edges may be looked at.
    fn budget(&self) -> usize {
        FEW.max(CROWD * self.lines.len())
    }

    fn width(&self, region: &Region) -> f64 {
        self.rounding_m * (1.0 + SHIFT) + region.bow
    }

    /// All crossings, in the order of edges and along each. None where boxes of edges meet too often.
    fn crossings(&self) -> Option<Vec<Crossing>> {
        let mut budget = self.budget();
        let mut found = Vec::new();
        let mut number = 0;
        for (at, line) in self.lines.iter().enumerate() {
            let near = AABB::from_corners(line.start.into(), line.end.into());
            for other in self.tree.locate_in_envelope_intersecting(near) {
                budget = budget.checked_sub(1)?;
                if other.at <= at || !cross(line, &other.line) {
                    continue;
                }
                let (delta, other_delta) = (line.delta(), other.line.delta());
                let (turn, between) = (outer(delta, other_delta), other.line.start - line.start);
                let along = outer(between, other_delta) / turn;
                // From the right of the other edge to its left there is one more around.
                let one = Crossing {
                    edge: at,
                    along,
                    place: line.start + delta * along,
                    number,
                    step: if turn < 0.0 { 1 } else { -1 },
                };
                found.push(one);
                found.push(Crossing {
                    edge: other.at,
                    along: outer(between, delta) / turn,
                    step: -one.step,
                    ..one
                });
                number += 1;
            }
        }
        found.sort_by(|a, b| a.edge.cmp(&b.edge).then(a.along.total_cmp(&b.along)));
        Some(found)
    }

    /// The pieces of rings that have something other than the inside to their left.
    fn pieces(&self, crossings: &[Crossing]) -> Option<Vec<Piece>> {
        let mut budget = self.budget();
        // Rings without a crossing are regions of their own.
        let mut alone = crossings.len();
        let mut pieces = Vec::new();
        let (mut first, mut rest) = (0, crossings);
        for end in &self.ends {
            let (start, end) = (first, *end);
            first = end;
            let own;
            (own, rest) = rest.split_at(rest.partition_point(|one| one.edge < end));
            if start == end {
                continue;
            }
            let before = own.first().filter(|one| one.edge == start);
            let mut wound = self.wound(
                start,
                before.map_or(0.5, |one| one.along / 2.0),
                &mut budget,
            )?;
            let corner = |line: usize| self.lines[line].start;
            if own.is_empty() && wound != 1 {
                pieces.push(Piece {
                    corners: (start..end).chain([start]).map(corner).collect(),
                    edges: (start..end).collect(),
                    excess: wound > 1,
                    ends: [alone, alone],
                });
                alone += 1;
            }
            for (at, from) in own.iter().enumerate() {
                let to = own[(at + 1) % own.len()];
                wound += from.step;
                if wound == 1 {
                    continue;
                }
                let edges: Vec<usize> = if at + 1 == own.len() {
                    (from.edge..end).chain(start..=to.edge).collect()
                } else {
                    (from.edge..=to.edge).collect()
                };
                let inner = edges[1..].iter().map(|edge| corner(*edge));
                let corners = [from.place].into_iter().chain(inner).chain([to.place]);
                pieces.push(Piece {
                    corners: corners.collect(),
                    edges,
                    excess: wound > 1,
                    ends: [from.number, to.number],
                });
            }
        }
        Some(pieces)
    }

    /// The winding number beside an edge, to its left: a ray to the east or to the north crosses the others. None where
    /// it crosses too many.
    fn wound(&self, at: usize, along: f64, budget: &mut usize) -> Option<i32> {
        let own = self.lines[at];
        let from = own.start + own.delta() * along;
        // Turned so that the ray runs to the east.
        let turned = |at: Coord<f64>| {
            if self.northward {
                coord! { x: at.y, y: -at.x }
            } else {
                at
            }
        };
        let far = if self.northward {
            [from.x, f64::MAX]
        } else {
            [f64::MAX, from.y]
        };
        let from_turned = turned(from);
        let ray = AABB::from_corners(from.into(), far);
        let mut wound = i32::from(turned(own.end).y > turned(own.start).y);
        for other in self.tree.locate_in_envelope_intersecting(ray) {
            *budget = budget.checked_sub(1)?;
            let Line { start, end } = other.line;
            let (below, above) = (turned(start).y, turned(end).y);
            let spans = (below > from_turned.y) != (above > from_turned.y);
            if !spans || other.at == at {
                continue;
            }
            wound += match RobustKernel::orient2d(start, end, from) {
                Orientation::CounterClockwise if above > below => 1,
                Orientation::Clockwise if above < below => -1,
                _ => 0,
            };
        }
        Some(wound)
    }

    /// True where each corner of a piece lies within so many metres of an edge that does not begin or end there.
    fn is_shallow(&self, piece: &Piece, width: f64) -> bool {
        let inner = &piece.corners[1..piece.corners.len() - 1];
        inner.iter().all(|corner| {
            let scale = metres_per_degree(corner.y);
            let reach = coord! { x: width / scale.0, y: width / scale.1 };
            let near = AABB::from_corners((*corner - reach).into(), (*corner + reach).into());
            let metres = |at: Coord<f64>| {
                let away = at - *corner;
                coord! { x: away.x * scale.0, y: away.y * scale.1 }
            };
            let edges = self.tree.locate_in_envelope_intersecting(near);
            let mut others =
                edges.filter(|edge| edge.line.start != *corner && edge.line.end != *corner);
            others.any(|edge| from_origin(metres(edge.line.start), metres(edge.line.end)) <= width)
        })
    }
}

impl Region {
    fn at(origin: Coord<f64>) -> Self {
        Self {
            origin,
            scale: metres_per_degree(origin.y),
            area: 0.0,
            perimeter: 0.0,
            bow: 0.0,
        }
    }

    fn add(&mut self, piece: &Piece, lines: &[Line<f64>]) {
        let metres = |at: Coord<f64>| {
            let away = at - self.origin;
            coord! { x: away.x * self.scale.0, y: away.y * self.scale.1 }
        };
        for pair in piece.corners.windows(2) {
            let (a, b) = (metres(pair[0]), metres(pair[1]));
            self.area += outer(a, b) / 2.0;
            self.perimeter += (b.x - a.x).hypot(b.y - a.y);
        }
        let edges = piece.edges.iter().map(|edge| &lines[*edge]);
        let bows = edges.map(|edge| sagitta(edge.start, edge.end));
        self.bow = bows.fold(self.bow, f64::max);
    }
}

/// True where two edges cross, each in its middle.
fn cross(one: &Line<f64>, other: &Line<f64>) -> bool {
    let parts = |line: &Line<f64>, other: &Line<f64>| {
        let side = |at| RobustKernel::orient2d(line.start, line.end, at);
        let (start, end) = (side(other.start), side(other.end));
        start != Orientation::Collinear && end != Orientation::Collinear && start != end
    };
    parts(one, other) && parts(other, one)
}

fn outer(a: Coord<f64>, b: Coord<f64>) -> f64 {
    a.x * b.y - a.y * b.x
}

/// Twice the area to the left of a ring.
fn doubled_area(ring: &LineString<f64>) -> f64 {
    let origin = ring.0.first().copied().unwrap_or_default();
    let pairs = ring.0.windows(2);
    pairs
        .map(|pair| outer(pair[0] - origin, pair[1] - origin))
        .sum()
}

/// How far the nearest place of an edge is from the origin.
fn from_origin(a: Coord<f64>, b: Coord<f64>) -> f64 {
    let along = b - a;
    let length = along.x * along.x + along.y * along.y;
    let share = if length > 0.0 {
        (-(a.x * along.x + a.y * along.y) / length).clamp(0.0, 1.0)
    } else {
        0.0
    };
    let near = a + along * share;
    near.x.hypot(near.y)
}

/// A direction that looks random, and is the same every time (`SplitMix64`).
fn noise(number: usize) -> Coord<f64> {
    let mut bits = (number as u64)
        .wrapping_add(1)
        .wrapping_mul(0x9e37_79b9_7f4a_7c15);
    bits = (bits ^ (bits >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    bits = (bits ^ (bits >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    bits ^= bits >> 31;
    let bytes = bits.to_be_bytes();
    let unit = |at: usize| {
        let three = [0, bytes[at], bytes[at + 1], bytes[at + 2]];
        f64::from(u32::from_be_bytes(three)) / f64::from(1 << 23) - 1.0
    };
    coord! { x: unit(2), y: unit(5) }
}
