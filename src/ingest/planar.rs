//! One sweep over the rings of a shape: do they bound areas that lie side by side?
//!
//! The sweep goes from west to east (Shamos and Hoey 1976; splitting as Martinez, Rueda and Feito 2009) and keeps the
//! edges that it cuts in their order from south to north, each with how often the place above it is wound around. A
//! position that lies on another edge splits that edge, which is exact: both halves lie on the same line. So
//! touches are allowed, however many there are, and all takes O(n log n).

use std::cmp::Ordering;
use std::collections::BTreeSet;

use geo::algorithm::kernels::RobustKernel;
use geo::winding_order::WindingOrder;
use geo::{Coord, Kernel, LineString, Orientation, Winding};

use super::sweep::{Swept, by_place, plain, segments};

/// Where rings are not the borders of areas that lie side by side.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Broken {
    /// A ring encloses nothing.
    Flat(usize),
    /// A ring crosses or touches itself here.
    Itself(usize, Coord<f64>),
    /// Two rings cross here.
    Cross(usize, usize, Coord<f64>),
    /// Two rings share a line that begins here.
    Line(usize, usize, Coord<f64>),
    /// To the left of an edge of the ring that begins here is no inside, or to its right is one. The other ring is that
    /// of the edge below, or the same.
    Nested(usize, usize, Coord<f64>),
}

/// A position where two rings or more meet, with one of them.
pub(super) type Touch = (Coord<f64>, usize);

/// Looks for a place where rings do not lie as they should: outer rings apart or in holes, holes in outer rings, and all
/// touching in points at most. Returns the places where they touch, sorted. `is_hole` tells of each ring what it is.
pub(super) fn touches<'a>(
    rings: impl IntoIterator<Item = (&'a LineString<f64>, bool)>,
) -> Result<Vec<Touch>, Broken> {
    let mut sweep = Sweep::default();
    for (ring, (line, is_hole)) in rings.into_iter().enumerate() {
        let turns_left = match line.winding_order() {
            None => return Err(Broken::Flat(ring)),
            Some(order) => (order == WindingOrder::CounterClockwise) != is_hole,
        };
        for line in segments(line) {
            let (start, end) = (plain(line.start), plain(line.end));
            let eastward = by_place(&start, &end) == Ordering::Less;
            let (left, right) = if eastward { (start, end) } else { (end, start) };
            sweep.edges.push(Edge {
                left,
                right,
                ring,
                inside_above: eastward == turns_left,
                above: 0,
            });
        }
    }
    sweep.run()
}

/// A part of a ring that the sweep has not passed yet.
#[derive(Debug, Clone, Copy)]
struct Edge {
    left: Coord<f64>,
    right: Coord<f64>,
    ring: usize,
    inside_above: bool,
    /// How often the place above it is wound around.
    above: i32,
}

#[derive(Default)]
struct Sweep {
    edges: Vec<Edge>,
    /// Those that the sweep line cuts.
    open: BTreeSet<Swept>,
    touches: Vec<Touch>,
}

impl Sweep {
    fn run(mut self) -> Result<Vec<Touch>, Broken> {
        let mut events: Vec<(Coord<f64>, usize, bool)> = Vec::with_capacity(2 * self.edges.len());
        for (at, edge) in self.edges.iter().enumerate() {
            events.push((edge.left, at, true));
            events.push((edge.right, at, false));
        }
        events.sort_unstable_by(|a, b| by_place(&a.0, &b.0).then(a.1.cmp(&b.1)));
        let (mut starts, mut rings) = (Vec::new(), Vec::new());
        for group in events.chunk_by(|a, b| a.0 == b.0) {
            let at = group[0].0;
            starts.clear();
            rings.clear();
            for (_, edge, begins) in group {
                rings.push(self.edges[*edge].ring);
                if *begins {
                    starts.push(*edge);
                } else {
                    self.open.remove(&self.swept(*edge));
                }
            }
            let below = self.split(at, &mut starts, &mut rings);
            self.meet(at, &mut rings)?;
            self.begin(at, &mut starts, below)?;
        }
        Ok(self.touches)
    }

    fn swept(&self, at: usize) -> Swept {
        let Edge { left, right, .. } = self.edges[at];
        // The number 0 is that of a probe.
        Swept::ordered(left, right, at + 1)
    }

    /// Edges that a position lies on begin there anew. Returns the edge below.
    fn split(
        &mut self,
        at: Coord<f64>,
        starts: &mut Vec<usize>,
        rings: &mut Vec<usize>,
    ) -> Option<Swept> {
        let mut below = self.open.range(..Swept::ordered(at, at, usize::MAX)).rev();
        let mut through: Vec<Swept> = Vec::new();
        let below = loop {
            match below.next() {
                Some(swept) if swept.side(at) == Ordering::Equal => through.push(*swept),
                other => break other.copied(),
            }
        };
        for swept in through {
            self.open.remove(&swept);
            let edge = &mut self.edges[swept.at - 1];
            edge.left = at;
            starts.push(swept.at - 1);
            rings.extend([edge.ring, edge.ring]);
        }
        below
    }

    /// A ring comes to a position once, and goes on from it.
    fn meet(&mut self, at: Coord<f64>, rings: &mut [usize]) -> Result<(), Broken> {
        if rings.len() < 3 {
            return Ok(());
        }
        rings.sort_unstable();
        if let Some(three) = rings.windows(3).find(|three| three[0] == three[2]) {
            return Err(Broken::Itself(three[0], at));
        }
        self.touches
            .extend(rings.chunk_by(usize::eq).map(|ring| (at, ring[0])));
        Ok(())
    }

    /// Edges begin, the southernmost first.
    fn begin(
        &mut self,
        at: Coord<f64>,
        starts: &mut [usize],
        below: Option<Swept>,
    ) -> Result<(), Broken> {
        let above = Swept::ordered(at, at, usize::MAX);
        let above = self.open.range(above..).next().copied();
        let side = |a: &usize, b: &usize| {
            RobustKernel::orient2d(at, self.edges[*a].right, self.edges[*b].right)
        };
        starts.sort_unstable_by(|a, b| match side(a, b) {
            Orientation::CounterClockwise => Ordering::Less,
            Orientation::Clockwise => Ordering::Greater,
            Orientation::Collinear => Ordering::Equal,
        });
        if let Some(pair) = starts
            .windows(2)
            .find(|pair| side(&pair[0], &pair[1]) == Orientation::Collinear)
        {
            let [one, other] = [pair[0], pair[1]].map(|edge| self.edges[edge].ring);
            return Err(if one == other {
                Broken::Itself(one, at)
            } else {
                Broken::Line(one.min(other), one.max(other), at)
            });
        }
        let below_it = below.map(|below| self.edges[below.at - 1]);
        let mut wound = below_it.map_or(0, |below| below.above);
        for start in &*starts {
            let edge = &mut self.edges[*start];
            // To the left of an edge is the inside, once, and to its right is none.
            if wound != i32::from(!edge.inside_above) {
                let other = below_it.map_or(edge.ring, |below| below.ring);
                return Err(Broken::Nested(edge.ring, other, at));
            }
            wound = i32::from(edge.inside_above);
            edge.above = wound;
        }
        let first = starts.first().map(|edge| self.swept(*edge)).or(above);
        let last = starts.last().map(|edge| self.swept(*edge));
        self.cross(below, first)?;
        self.cross(last, above)?;
        for start in &*starts {
            self.open.insert(self.swept(*start));
        }
        Ok(())
    }

    /// Two neighbours may meet where one ends, and not before.
    fn cross(&self, one: Option<Swept>, other: Option<Swept>) -> Result<(), Broken> {
        let Some((one, other)) = one.zip(other) else {
            return Ok(());
        };
        let parts = |a: &Swept, b: &Swept| {
            let (left, right) = (a.side(b.left), a.side(b.right));
            left != Ordering::Equal && right == left.reverse()
        };
        if !(parts(&one, &other) && parts(&other, &one)) {
            return Ok(());
        }
        let at = super::sweep::common_place(&one.line, &other.line);
        let [one, other] = [one, other].map(|swept| self.edges[swept.at - 1].ring);
        Err(if one == other {
            Broken::Itself(one, at)
        } else {
            Broken::Cross(one.min(other), one.max(other), at)
        })
    }
}
