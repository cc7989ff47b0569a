//! Where segments meet that should not: box by box where they are few, and by a sweep where they are many.

use std::cmp::Ordering;
use std::collections::BTreeSet;
use std::ops::Bound;

use geo::algorithm::kernels::RobustKernel;
use geo::{
    Coord, Intersects, Kernel, Line, LineString, Orientation,
    line_intersection::{LineIntersection, line_intersection},
};

/// Up to so many segments, comparing all of them is the faster way.
const FEW: usize = 64;

/// A ring's segments, those of no length left out.
pub(super) fn segments(ring: &LineString<f64>) -> Vec<Line<f64>> {
    ring.lines().filter(|line| line.start != line.end).collect()
}

/// A place where a ring crosses or touches itself.
pub(super) fn ring_touches_itself(ring: &LineString<f64>) -> Option<Coord<f64>> {
    let segments = segments(ring);
    // On the flat triangle alone, a repeated position meets a segment that no other one meets.
    let flat = || {
        let points = ring.lines().filter(|line| line.start == line.end);
        let met = |point: &Line<f64>| segments.iter().any(|segment| meet(point, segment));
        points.filter(|_| segments.len() == 3).find(met)
    };
    touches_itself(&segments).or_else(|| flat().map(|point| point.start))
}

/// A place where two segments meet of which none begins where the other ends.
pub(super) fn touches_itself(segments: &[Line<f64>]) -> Option<Coord<f64>> {
    if segments.len() > FEW {
        return sweep(segments);
    }
    segments.iter().enumerate().find_map(|(at, one)| {
        let mut others = segments[at + 1..].iter();
        let met = others.find(|other| meet(one, other))?;
        Some(common_place(one, met))
    })
}

pub(super) fn common_place(one: &Line<f64>, other: &Line<f64>) -> Coord<f64> {
    match line_intersection(*one, *other) {
        Some(LineIntersection::SinglePoint { intersection, .. }) => intersection,
        Some(LineIntersection::Collinear { intersection }) => intersection.start,
        None => one.start,
    }
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
pub(super) struct Swept {
    /// The western end, and of a segment that runs due north the southern one.
    pub left: Coord<f64>,
    pub right: Coord<f64>,
    pub line: Line<f64>,
    pub at: usize,
}

impl Swept {
    /// One whose ends are in order.
    pub fn ordered(left: Coord<f64>, right: Coord<f64>, at: usize) -> Self {
        let line = Line::new(left, right);
        Self {
            left,
            right,
            line,
            at,
        }
    }

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
    pub fn side(&self, position: Coord<f64>) -> Ordering {
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

/// Minus zero and zero are one place.
pub(super) fn plain(at: Coord<f64>) -> Coord<f64> {
    Coord {
        x: at.x + 0.0,
        y: at.y + 0.0,
    }
}

pub(super) fn by_place(a: &Coord<f64>, b: &Coord<f64>) -> Ordering {
    a.x.total_cmp(&b.x).then_with(|| a.y.total_cmp(&b.y))
}

/// [`touches_itself`] by a sweep (Shamos and Hoey 1976): segments that meet first are neighbours
/// before. Orientations are exact, so their order does not break before something meets.
fn sweep(segments: &[Line<f64>]) -> Option<Coord<f64>> {
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
    let mut threes = events.windows(3);
    if let Some(three) = threes.find(|three| three[0].0 == three[1].0 && three[1].0 == three[2].0) {
        return Some(three[0].0);
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
    if let Some(pair) = events.windows(2).find(|pair| back(pair)) {
        return Some(pair[0].0);
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
            let (one, other) = one.zip(other)?;
            meet(&one.line, &other.line).then(|| common_place(&one.line, &other.line))
        };
        let met = if begins {
            meets(below, Some(&segment)).or_else(|| meets(above, Some(&segment)))
        } else {
            meets(below, above)
        };
        if met.is_some() {
            return met;
        }
        if begins {
            open.insert(segment);
        }
    }
    None
}
