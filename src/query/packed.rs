//! A tree of boxes that is built once: what meets a box, and what is nearest under any measure that a box bounds
//! from below. (`rstar` knows distances between points only.)

use std::cmp::Ordering;
use std::collections::BinaryHeap;

use geo::{Intersects, Rect, coord};

/// Children of a node.
const FANOUT: usize = 8;

/// Boxes, each with its position in the list that they were built from.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Packed {
    /// The boxes themselves, then the boxes around each eight of the level below; the last has one.
    levels: Vec<Vec<Rect<f64>>>,
    /// Positions in the list, in the order of the first level.
    order: Vec<u32>,
}

impl Packed {
    /// Sorts the boxes by their middles into strips from west to east, and in each from south to north (STR:
    /// Leutenegger, Edgington, Lopez, 1997). O(n log n).
    ///
    /// # Panics
    /// With more than 2^32 boxes.
    pub fn build(boxes: &[Rect<f64>]) -> Self {
        let count = u32::try_from(boxes.len()).expect("fewer than 2^32 boxes");
        let mut order: Vec<u32> = (0..count).collect();
        let middle = |at: &u32| boxes[*at as usize].center();
        order.sort_unstable_by(|a, b| middle(a).x.total_cmp(&middle(b).x));
        let strip = FANOUT * order.len().div_ceil(FANOUT).isqrt().max(1);
        for strip in order.chunks_mut(strip) {
            strip.sort_unstable_by(|a, b| middle(a).y.total_cmp(&middle(b).y));
        }
        let mut levels = vec![
            order
                .iter()
                .map(|at| boxes[*at as usize])
                .collect::<Vec<_>>(),
        ];
        while levels.last().is_some_and(|level| level.len() > 1) {
            let below = &levels[levels.len() - 1];
            levels.push(below.chunks(FANOUT).filter_map(around).collect());
        }
        Self { levels, order }
    }

    /// The boxes of the lowest level that has at most so many: together they hold all.
    pub fn coarse(&self, most: usize) -> &[Rect<f64>] {
        let level = self.levels.iter().find(|level| level.len() <= most);
        level.or(self.levels.last()).map_or(&[], Vec::as_slice)
    }

    /// Calls for each box that meets a box, borders included, until it answers false; true if it never did.
    pub fn meeting(&self, rect: Rect<f64>, mut each: impl FnMut(usize) -> bool) -> bool {
        let top = self.levels.len() - 1;
        let mut open: Vec<(usize, usize)> =
            (0..self.levels[top].len()).map(|at| (top, at)).collect();
        while let Some((level, at)) = open.pop() {
            if !self.levels[level][at].intersects(&rect) {
                continue;
            }
            if level > 0 {
                open.extend(self.children(level, at).map(|child| (level - 1, child)));
            } else if !each(self.order[at] as usize) {
                return false;
            }
        }
        true
    }

    /// Calls for the boxes in the order of `bound`, the least that what is in a box can measure, as long as it is
    /// at most `limit`. The call gives the limit from then on: what is beyond is never looked at.
    pub fn nearest(
        &self,
        mut limit: f64,
        bound: impl Fn(&Rect<f64>) -> f64,
        mut each: impl FnMut(usize) -> f64,
    ) {
        let top = self.levels.len() - 1;
        let mut open = BinaryHeap::new();
        let entry = |level: usize, at: usize| {
            let bound = bound(&self.levels[level][at]);
            Open { bound, level, at }
        };
        open.extend((0..self.levels[top].len()).map(|at| entry(top, at)));
        while let Some(Open { bound, level, at }) = open.pop() {
            if bound > limit {
                return;
            }
            if level > 0 {
                let below = self
                    .children(level, at)
                    .map(|child| entry(level - 1, child));
                open.extend(below.filter(|child| child.bound <= limit));
            } else {
                limit = each(self.order[at] as usize);
            }
        }
    }

    fn children(&self, level: usize, at: usize) -> std::ops::Range<usize> {
        let first = at * FANOUT;
        first..self.levels[level - 1].len().min(first + FANOUT)
    }
}

/// The box around all; none where there is none.
pub(super) fn around(boxes: &[Rect<f64>]) -> Option<Rect<f64>> {
    let joined = |a: Rect<f64>, b: &Rect<f64>| {
        let low = coord! { x: a.min().x.min(b.min().x), y: a.min().y.min(b.min().y) };
        let high = coord! { x: a.max().x.max(b.max().x), y: a.max().y.max(b.max().y) };
        Rect::new(low, high)
    };
    let (first, others) = boxes.split_first()?;
    Some(others.iter().fold(*first, joined))
}

/// A box that is still to be looked at, the least bound first.
struct Open {
    bound: f64,
    level: usize,
    at: usize,
}

impl Ord for Open {
    fn cmp(&self, other: &Self) -> Ordering {
        let by_bound = other.bound.total_cmp(&self.bound);
        // Of equals what is lower, so that a distance is known soon.
        by_bound.then(other.level.cmp(&self.level))
    }
}

impl PartialOrd for Open {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for Open {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other).is_eq()
    }
}

impl Eq for Open {}

#[cfg(test)]
mod tests {
    use proptest::collection::vec;
    use proptest::prelude::*;

    use super::*;

    fn rect() -> impl Strategy<Value = Rect<f64>> {
        (0..60_i8, 0..60_i8, 0..9_i8, 0..9_i8).prop_map(|(x, y, width, height)| {
            let [x, y, width, height] = [x, y, width, height].map(f64::from);
            Rect::new(
                coord! { x: x, y: y },
                coord! { x: x + width, y: y + height },
            )
        })
    }

    /// Between boxes, on the plane.
    fn apart(a: &Rect<f64>, b: &Rect<f64>) -> f64 {
        let along = |low: f64, high: f64, from: f64, to: f64| (from - high).max(low - to).max(0.0);
        along(a.min().x, a.max().x, b.min().x, b.max().x).hypot(along(
            a.min().y,
            a.max().y,
            b.min().y,
            b.max().y,
        ))
    }

    proptest! {
        #[test]
        fn as_if_each_were_looked_at(all in vec(rect(), 0..300), window in rect()) {
            let tree = Packed::build(&all);
            let mut found = Vec::new();
            let whole = tree.meeting(window, |at| { found.push(at); true });
            prop_assert!(whole);
            found.sort_unstable();
            let meets = |at: &usize| all[*at].intersects(&window);
            prop_assert_eq!(found, (0..all.len()).filter(meets).collect::<Vec<_>>());
            for most in [1, 5, 64] {
                let coarse = tree.coarse(most);
                prop_assert!(coarse.len() <= most);
                for own in &all {
                    let holds = |outer: &Rect<f64>| {
                        outer.min().x <= own.min().x && outer.min().y <= own.min().y
                            && outer.max().x >= own.max().x && outer.max().y >= own.max().y
                    };
                    prop_assert!(coarse.iter().any(holds));
                }
            }
        }

        #[test]
        fn the_nearest_comes_first(all in vec(rect(), 1..300), from in rect(), limit in 0..20_u8) {
            let tree = Packed::build(&all);
            let limit = f64::from(limit);
            let mut best = f64::MAX;
            tree.nearest(limit, |own| apart(own, &from), |at| {
                best = best.min(apart(&all[at], &from));
                best
            });
            let expected = all.iter().map(|own| apart(own, &from)).fold(f64::MAX, f64::min);
            let expected = if expected <= limit { expected } else { f64::MAX };
            prop_assert!(best.total_cmp(&expected).is_eq(), "{} {}", best, expected);
        }
    }
}
