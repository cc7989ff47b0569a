//! Which boxes meet a box: a packed R-tree (Kamel and Faloutsos 1993; mourner/flatbush). Boxes are sorted
//! along a Hilbert curve and every sixteen of them have a box around them, level by level; all levels
//! stand one after another in one array, so that there is no pointer to follow, and what lies in a node
//! is a slice.

use std::ops::Range;

use crate::model::Row;

/// West, south, east, north.
pub(super) type Bounds = [f32; 4];

/// Children of a node.
const NODE: usize = 16;

/// Boxes and the rows that they belong to: 21 bytes for each.
#[derive(Debug, Default)]
pub(super) struct Boxes {
    /// The boxes in the curve's order, then those around each sixteen of them, and so on to the last.
    bounds: Vec<Bounds>,
    /// Where each level begins, and where the last one ends.
    levels: Vec<usize>,
    rows: Vec<Row>,
}

/// An entry that may be found.
pub(super) type Entry = (Bounds, Row);

impl Boxes {
    /// Sorts and packs. O(n log n).
    pub fn build(entries: &[Entry]) -> Self {
        let Some(all) = entries.iter().map(|(bounds, _)| *bounds).reduce(around) else {
            return Self::default();
        };
        let mut order: Vec<(u32, u32)> = entries
            .iter()
            .zip(0..)
            .map(|((bounds, _), at)| (along_curve(*bounds, all), at))
            .collect();
        order.sort_unstable();
        let count = entries.len();
        let mut boxes = Self {
            bounds: Vec::with_capacity(count + count / (NODE - 1) + NODE),
            levels: vec![0],
            rows: Vec::with_capacity(count),
        };
        for (_, at) in order {
            let (bounds, row) = entries[at as usize];
            boxes.bounds.push(bounds);
            boxes.rows.push(row);
        }
        let mut start = 0;
        loop {
            let end = boxes.bounds.len();
            boxes.levels.push(end);
            if end - start <= 1 {
                break;
            }
            for node in (start..end).step_by(NODE) {
                let children = &boxes.bounds[node..end.min(node + NODE)];
                let bounds = children.iter().copied().reduce(around);
                boxes.bounds.extend(bounds);
            }
            start = end;
        }
        boxes.bounds.shrink_to_fit();
        boxes
    }

    /// How many boxes there are.
    pub fn len(&self) -> usize {
        self.rows.len()
    }

    /// The boxes that meet a box, borders included.
    pub fn meeting(&self, window: Bounds) -> Meeting<'_> {
        let top = self.levels.len().saturating_sub(2);
        let mut open = Vec::with_capacity(64);
        if !self.bounds.is_empty() {
            open.push((top, self.levels[top], true));
        }
        Meeting {
            boxes: self,
            window,
            open,
            leaves: 0..0,
            whole: true,
        }
    }
}

/// Boxes that meet a box.
pub(super) struct Meeting<'a> {
    boxes: &'a Boxes,
    window: Bounds,
    /// Nodes: level, place, and whether they have still to be held against the window.
    open: Vec<(usize, usize, bool)>,
    /// Boxes to look at.
    leaves: Range<usize>,
    /// True where they all lie inside.
    whole: bool,
}

impl Iterator for Meeting<'_> {
    type Item = Entry;

    fn next(&mut self) -> Option<Entry> {
        let boxes = self.boxes;
        loop {
            for at in self.leaves.by_ref() {
                let bounds = boxes.bounds[at];
                if self.whole || meet(&bounds, &self.window) {
                    return Some((bounds, boxes.rows[at]));
                }
            }
            let (level, at, check) = self.open.pop()?;
            let bounds = boxes.bounds[at];
            if check && !meet(&bounds, &self.window) {
                continue;
            }
            if level == 0 {
                self.leaves = at..at + 1;
                self.whole = true;
                continue;
            }
            if within(&bounds, &self.window) {
                self.leaves = boxes.beneath(level, at);
                self.whole = true;
                continue;
            }
            let children = boxes.children(level, at);
            if level == 1 {
                self.leaves = children;
                self.whole = false;
                continue;
            }
            // Held against the window here, where they lie side by side, and not one by one.
            let window = self.window;
            let met = children
                .rev()
                .filter(|at| meet(&boxes.bounds[*at], &window));
            self.open.extend(met.map(|at| (level - 1, at, false)));
        }
    }
}

impl Boxes {
    fn children(&self, level: usize, at: usize) -> Range<usize> {
        let first = self.levels[level - 1] + (at - self.levels[level]) * NODE;
        first..(first + NODE).min(self.levels[level])
    }

    /// All boxes below a node: a slice, because they are packed.
    fn beneath(&self, level: usize, at: usize) -> Range<usize> {
        let mut range = at..at + 1;
        for level in (1..=level).rev() {
            let first = self.children(level, range.start).start;
            range = first..self.children(level, range.end - 1).end;
        }
        range
    }
}

fn around(a: Bounds, b: Bounds) -> Bounds {
    [
        a[0].min(b[0]),
        a[1].min(b[1]),
        a[2].max(b[2]),
        a[3].max(b[3]),
    ]
}

#[inline]
#[expect(
    clippy::needless_bitwise_bool,
    reason = "four comparisons cost less than a branch that is guessed wrong"
)]
fn meet(a: &Bounds, b: &Bounds) -> bool {
    (a[0] <= b[2]) & (b[0] <= a[2]) & (a[1] <= b[3]) & (b[1] <= a[3])
}

pub(super) fn within(inner: &Bounds, outer: &Bounds) -> bool {
    inner[0] >= outer[0] && inner[1] >= outer[1] && inner[2] <= outer[2] && inner[3] <= outer[3]
}

/// The place of a box's middle along a Hilbert curve through everything.
fn along_curve(bounds: Bounds, all: Bounds) -> u32 {
    let place = |low: usize| {
        let (from, to) = (f64::from(all[low]), f64::from(all[low + 2]));
        let middle = f64::midpoint(f64::from(bounds[low]), f64::from(bounds[low + 2]));
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "from 0 to 65535"
        )]
        {
            ((middle - from) / (to - from).max(f64::MIN_POSITIVE) * 65_535.0) as u32
        }
    };
    let (mut x, mut y) = (place(0), place(1));
    let mut out = 0;
    for bit in (0..16).rev() {
        let (right, up) = (x >> bit & 1, y >> bit & 1);
        out = out << 2 | (3 * right) ^ up;
        if up == 0 {
            if right == 1 {
                (x, y) = (65_535 - x, 65_535 - y);
            }
            (x, y) = (y, x);
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use proptest::collection::vec;
    use proptest::prelude::*;

    use super::*;

    fn bounds() -> impl Strategy<Value = Bounds> {
        // Whole numbers, so that sides meet more often than not.
        (0..60_i8, 0..60_i8, 0..12_i8, 0..12_i8)
            .prop_map(|(x, y, width, height)| [x, y, x + width, y + height].map(f32::from))
    }

    proptest! {
        #[test]
        fn as_if_each_were_looked_at(all in vec(bounds(), 0..700), window in bounds()) {
            let entries: Vec<Entry> = all.iter().copied().zip(0..).collect();
            let boxes = Boxes::build(&entries);
            prop_assert_eq!(boxes.len(), entries.len());
            let mut found: Vec<_> = boxes.meeting(window).collect();
            found.sort_unstable_by_key(|(_, row)| *row);
            let expected: Vec<_> = entries.into_iter().filter(|(own, _)| meet(own, &window)).collect();
            prop_assert_eq!(found, expected);
        }
    }

    #[test]
    fn neighbours_along_the_curve_are_neighbours() {
        let all = [0.0, 0.0, 65_535.0, 65_535.0];
        let place = |x: u16, y: u16| {
            let (x, y) = (f32::from(x), f32::from(y));
            along_curve([x, y, x, y], all)
        };
        // The four quarters, one after the other, each next to the one before.
        let mut quarters: Vec<_> = [(0, 0), (0, 1), (1, 0), (1, 1)]
            .into_iter()
            .map(|(x, y)| (place(x * 40_000, y * 40_000), (x, y)))
            .collect();
        quarters.sort_unstable();
        for pair in quarters.windows(2) {
            let ((_, a), (_, b)) = (pair[0], pair[1]);
            assert!(a.0 == b.0 || a.1 == b.1, "{quarters:?}");
        }
    }
}
