//! Is a polygon still valid after rounding? Nearly all are, and to know it costs far less than to
//! repair them.

use geo::Coord;

type Ring<'a> = &'a [Coord<i32>];

/// So many pairs of edges are held against each other in less time than a repair takes.
const PAIRS: usize = 2048;

/// True for rings, without their repeated last position, that are certainly valid polygons: no ring
/// touches itself or another one, exteriors run counter-clockwise in the sense of the numbers, holes
/// clockwise, and each hole lies in its exterior. False where that is not certain.
pub(super) fn polygons<'a>(rings: impl Iterator<Item = (Ring<'a>, bool)> + Clone) -> bool {
    let simple = |(ring, exterior): (Ring, bool)| {
        let area = twice_area(ring);
        let turned = if exterior { area > 0.0 } else { area < 0.0 };
        turned && (monotone(ring, area > 0.0) || apart_itself(ring))
    };
    if !rings.clone().all(simple) {
        return false;
    }
    if rings.clone().nth(1).is_none() {
        return true;
    }
    let mut own: Option<Ring> = None;
    for (ring, exterior) in rings.clone() {
        if exterior {
            own = Some(ring);
        } else if !own.is_some_and(|own| around(own, ring[0])) {
            return false;
        }
    }
    let mut placed: Vec<_> = rings
        .map(|(ring, exterior)| (extent(ring), ring, exterior))
        .collect();
    // From west to east, so that of many rings only near ones are held against each other.
    placed.sort_unstable_by_key(|([west, ..], ..)| *west);
    let mut pairs = placed.len() * PAIRS;
    for (at, (own, ring, exterior)) in placed.iter().enumerate() {
        for (other, other_ring, other_exterior) in &placed[at + 1..] {
            if other[0] > own[2] {
                break;
            }
            let cost = if own[1] > other[3] || other[1] > own[3] {
                1
            } else {
                ring.len() * other_ring.len()
            };
            if cost > PAIRS || cost > pairs {
                return false;
            }
            pairs -= cost;
            // Only a hole lies in another ring, in an exterior one.
            let beside = |outer: Ring, holds: bool, inner: Ring, hole: bool| {
                (holds && hole) || !around(outer, inner[0])
            };
            let free = cost == 1
                || (apart(ring, other_ring)
                    && beside(ring, *exterior, other_ring, !other_exterior)
                    && beside(other_ring, *other_exterior, ring, !exterior));
            if !free {
                return false;
            }
        }
    }
    true
}

/// Whole numbers of a tile have at most 20 bits, so that products of their differences are exact; and
/// floating point neither overflows nor checks whether it did.
#[inline]
fn wide(at: Coord<i32>) -> (f64, f64) {
    (f64::from(at.x), f64::from(at.y))
}

/// Positive where c lies to the left of the line from a to b.
#[inline]
fn turn(a: Coord<i32>, b: Coord<i32>, c: Coord<i32>) -> f64 {
    let ((ax, ay), (bx, by), (cx, cy)) = (wide(a), wide(b), wide(c));
    (bx - ax) * (cy - ay) - (by - ay) * (cx - ax)
}

/// -1, 0 or 1.
fn side(a: Coord<i32>, b: Coord<i32>, c: Coord<i32>) -> i32 {
    let turn = turn(a, b, c);
    i32::from(turn > 0.0) - i32::from(turn < 0.0)
}

/// Twice the area; positive for a ring that runs counter-clockwise.
fn twice_area(ring: Ring) -> f64 {
    let Some(origin) = ring.first() else {
        return 0.0;
    };
    ring.windows(2)
        .map(|pair| turn(*origin, pair[0], pair[1]))
        .sum()
}

/// True where the ring rises strictly along one of some directions, then falls strictly, and the two
/// chains have no point in common but their ends. The directions are such as few edges are at right
/// angles to.
fn monotone(ring: Ring, left: bool) -> bool {
    [(57.0, 40.0), (-40.0, 57.0), (64.0, 7.0), (-7.0, 64.0)]
        .into_iter()
        .any(|direction| {
            chains(ring, direction)
                .is_some_and(|(low, high)| parted(ring, direction, low, high, left))
        })
}

#[inline]
fn along(at: Coord<i32>, (dx, dy): (f64, f64)) -> f64 {
    let (x, y) = wide(at);
    x * dx + y * dy
}

/// The lowest and the highest vertex, where there is one of each and no level edge.
fn chains(ring: Ring, direction: (f64, f64)) -> Option<(usize, usize)> {
    let count = ring.len();
    let (mut low, mut high) = (None, None);
    let last = along(ring[count - 1], direction);
    let mut rises = last > along(ring[count - 2], direction);
    let mut from = last;
    for (at, position) in ring.iter().enumerate() {
        let to = along(*position, direction);
        #[expect(clippy::float_cmp, reason = "whole numbers")]
        if to == from {
            return None;
        }
        let up = to > from;
        if up != rises {
            let turned = if at == 0 { count - 1 } else { at - 1 };
            let end = if up { &mut low } else { &mut high };
            if end.replace(turned).is_some() {
                return None;
            }
        }
        (from, rises) = (to, up);
    }
    Some((low?, high?))
}

/// Walks both chains upward; each vertex must lie on its own side of the other chain's edge beside it.
/// `left` where the falling chain lies to the left of the rising one.
fn parted(ring: Ring, direction: (f64, f64), low: usize, high: usize, left: bool) -> bool {
    let count = ring.len();
    let next = |at: usize| if at + 1 == count { 0 } else { at + 1 };
    let before = |at: usize| if at == 0 { count - 1 } else { at - 1 };
    let (mut rising, mut falling) = (low, low);
    loop {
        let (a, b) = (next(rising), before(falling));
        if a == high && b == high {
            return true;
        }
        let rise_first =
            b == high || (a != high && along(ring[a], direction) <= along(ring[b], direction));
        let side = if rise_first {
            // Its vertex, seen from the falling chain's edge.
            -turn(ring[falling], ring[b], ring[a])
        } else {
            turn(ring[rising], ring[a], ring[b])
        };
        if side == 0.0 || (side > 0.0) != left {
            return false;
        }
        if rise_first {
            rising = a;
        } else {
            falling = b;
        }
    }
}

/// Every pair of edges of a ring; false where there are too many.
fn apart_itself(ring: Ring) -> bool {
    let count = ring.len();
    if count * count / 2 > PAIRS {
        return false;
    }
    let edge = |at: usize| (ring[at], ring[if at + 1 == count { 0 } else { at + 1 }]);
    (0..count).all(|at| {
        let (a, b) = edge(at);
        let (_, c) = edge((at + 1) % count);
        let ((ux, uy), (vx, vy)) = (wide(a - b), wide(c - b));
        // The next edge runs back over this one.
        let spike = turn(a, b, c) == 0.0 && ux * vx + uy * vy > 0.0;
        // Edges that share a vertex are left out.
        let last = if at == 0 { count - 1 } else { count };
        !spike
            && (at + 2..last).all(|other| {
                let (c, d) = edge(other);
                !touch(a, b, c, d)
            })
    })
}

fn apart(ring: Ring, other: Ring) -> bool {
    let edges = |ring: Ring| -> Vec<_> {
        let ends = ring.iter().skip(1).chain(ring.first());
        ring.iter().copied().zip(ends.copied()).collect()
    };
    let others = edges(other);
    edges(ring)
        .iter()
        .all(|(a, b)| others.iter().all(|(c, d)| !touch(*a, *b, *c, *d)))
}

/// True where two segments have a point in common.
fn touch(a: Coord<i32>, b: Coord<i32>, c: Coord<i32>, d: Coord<i32>) -> bool {
    if a.x.max(b.x) < c.x.min(d.x)
        || c.x.max(d.x) < a.x.min(b.x)
        || a.y.max(b.y) < c.y.min(d.y)
        || c.y.max(d.y) < a.y.min(b.y)
    {
        return false;
    }
    let (on_first, on_second) = (side(a, b, c) * side(a, b, d), side(c, d, a) * side(c, d, b));
    on_first <= 0 && on_second <= 0
}

/// West, south, east, north.
fn extent(ring: Ring) -> [i32; 4] {
    ring.iter().fold(
        [i32::MAX, i32::MAX, i32::MIN, i32::MIN],
        |[west, south, east, north], at| {
            [
                west.min(at.x),
                south.min(at.y),
                east.max(at.x),
                north.max(at.y),
            ]
        },
    )
}

/// True where the ring, whichever way it runs, goes around a position that is not on it.
fn around(ring: Ring, at: Coord<i32>) -> bool {
    let ends = ring.iter().skip(1).chain(ring.first());
    let crossed = ring.iter().zip(ends).filter(|(from, to)| {
        let (low, high) = if from.y < to.y {
            (from, to)
        } else {
            (to, from)
        };
        (low.y > at.y) != (high.y > at.y) && turn(**low, **high, at) > 0.0
    });
    crossed.count() % 2 == 1
}

#[cfg(test)]
mod tests {
    use geo::{LineString, Polygon, Validation, coord};
    use proptest::collection::vec;
    use proptest::prelude::*;

    use super::*;

    fn ring(most: usize) -> impl Strategy<Value = Vec<Coord<i32>>> {
        vec((0..8i32, 0..8i32), 3..most).prop_map(|ring| {
            let mut ring: Vec<_> = ring.into_iter().map(Coord::from).collect();
            ring.dedup();
            if ring.first() == ring.last() {
                ring.pop();
            }
            ring
        })
    }

    fn closed(ring: &[Coord<i32>]) -> LineString<f64> {
        let points = ring.iter().chain(ring.first());
        points
            .map(|at| coord! { x: f64::from(at.x), y: f64::from(at.y) })
            .collect()
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(20_000))]
        /// Small rings on a small grid, where every case of touching comes up.
        #[test]
        fn sound_rings_are_valid(mut ring in ring(9)) {
            prop_assume!(ring.len() > 2);
            if twice_area(&ring) < 0.0 {
                ring.reverse();
            }
            let valid = Polygon::new(closed(&ring), Vec::new()).is_valid();
            let sound = polygons([(ring.as_slice(), true)].into_iter());
            prop_assert_eq!(sound, valid && twice_area(&ring) > 0.0);
            prop_assert!(!monotone(&ring, true) || valid);
        }

        #[test]
        fn sound_holes_are_valid(mut shell in ring(6), mut hole in ring(5)) {
            prop_assume!(shell.len() > 2 && hole.len() > 2);
            if twice_area(&shell) < 0.0 {
                shell.reverse();
            }
            if twice_area(&hole) > 0.0 {
                hole.reverse();
            }
            for at in &mut shell {
                *at = *at * 3;
            }
            for at in &mut hole {
                *at = *at + coord! { x: 8, y: 8 };
            }
            let polygon = Polygon::new(closed(&shell), vec![closed(&hole)]);
            let both = [(shell.as_slice(), true), (hole.as_slice(), false)];
            prop_assert!(!polygons(both.into_iter()) || polygon.is_valid());
            let apart = geo::MultiPolygon::new(vec![
                Polygon::new(closed(&shell), Vec::new()),
                Polygon::new(closed(&hole), Vec::new()),
            ]);
            hole.reverse();
            let both = [(shell.as_slice(), true), (hole.as_slice(), true)];
            prop_assert!(!polygons(both.into_iter()) || apart.is_valid());
        }
    }
}
