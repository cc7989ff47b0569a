//! Which boxes meet a box.

use rstar::{AABB, RTree, RTreeObject};

use crate::model::Row;

/// West, south, east, north.
pub(super) type Bounds = [f32; 4];

/// A box and the row that it belongs to.
pub(super) type Entry = (Bounds, Row);

/// Boxes of a leaf. A tree of single boxes takes more than twice the memory, and most of a search is
/// then in following pointers; in larger leaves it is in boxes that are too far.
const LEAF: usize = 16;

/// An R-tree of boxes and row numbers, not of geometries: boxes that lie near each other stand side by
/// side, and the tree holds the box around each sixteen of them. 22 bytes for each box.
#[derive(Debug, Default)]
pub(super) struct Boxes {
    tree: RTree<Leaf>,
    entries: Vec<Entry>,
}

/// The box around some entries, and where they begin.
#[derive(Debug, Clone, Copy)]
struct Leaf {
    bounds: Bounds,
    first: u32,
}

impl RTreeObject for Leaf {
    type Envelope = AABB<[f32; 2]>;

    fn envelope(&self) -> Self::Envelope {
        around(self.bounds)
    }
}

fn around([west, south, east, north]: Bounds) -> AABB<[f32; 2]> {
    AABB::from_corners([west, south], [east, north])
}

impl Boxes {
    /// Sorts the boxes into leaves: by their middles into strips from west to east, and in each from
    /// south to north (Leutenegger, Edgington, Lopez: STR, 1997). O(n log n).
    ///
    /// # Panics
    /// With more than 2^32 boxes.
    pub fn build(mut entries: Vec<Entry>) -> Self {
        let middle = |axis: usize| move |(bounds, _): &Entry| bounds[axis] + bounds[axis + 2];
        let along =
            |axis: usize| move |a: &Entry, b: &Entry| middle(axis)(a).total_cmp(&middle(axis)(b));
        entries.sort_unstable_by(along(0));
        let strip = LEAF * entries.len().div_ceil(LEAF).isqrt().max(1);
        for strip in entries.chunks_mut(strip) {
            strip.sort_unstable_by(along(1));
        }
        let leaves = (0..).step_by(LEAF).zip(entries.chunks(LEAF));
        let leaves = leaves.map(|(first, own)| Leaf {
            bounds: own.iter().map(|(bounds, _)| *bounds).fold(NOTHING, both),
            first: u32::try_from(first).expect("fewer than 2^32 boxes"),
        });
        Self {
            tree: RTree::bulk_load(leaves.collect()),
            entries,
        }
    }

    /// How many boxes there are.
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// The boxes that meet a box, borders included.
    pub fn meeting(&self, window: Bounds) -> impl Iterator<Item = Entry> {
        let leaves = self.tree.locate_in_envelope_intersecting(around(window));
        leaves.flat_map(move |leaf| {
            let first = leaf.first as usize;
            let own = &self.entries[first..self.entries.len().min(first + LEAF)];
            let whole = within(&leaf.bounds, &window);
            own.iter()
                .filter(move |(bounds, _)| whole || meet(bounds, &window))
                .copied()
        })
    }
}

const NOTHING: Bounds = [
    f32::INFINITY,
    f32::INFINITY,
    f32::NEG_INFINITY,
    f32::NEG_INFINITY,
];

/// The box around two boxes.
fn both(a: Bounds, b: Bounds) -> Bounds {
    [
        a[0].min(b[0]),
        a[1].min(b[1]),
        a[2].max(b[2]),
        a[3].max(b[3]),
    ]
}

pub(super) fn within(inner: &Bounds, outer: &Bounds) -> bool {
    inner[0] >= outer[0] && inner[1] >= outer[1] && inner[2] <= outer[2] && inner[3] <= outer[3]
}

/// Borders included.
pub(super) fn meet(a: &Bounds, b: &Bounds) -> bool {
    a[0] <= b[2] && b[0] <= a[2] && a[1] <= b[3] && b[1] <= a[3]
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

    /// As in the text books, not as above.
    fn meet(a: &Bounds, b: &Bounds) -> bool {
        !(a[2] < b[0] || b[2] < a[0] || a[3] < b[1] || b[3] < a[1])
    }

    proptest! {
        #[test]
        fn as_if_each_were_looked_at(all in vec(bounds(), 0..700), window in bounds()) {
            let entries: Vec<Entry> = all.iter().copied().zip(0..).collect();
            let boxes = Boxes::build(entries.clone());
            prop_assert_eq!(boxes.len(), entries.len());
            let mut found: Vec<_> = boxes.meeting(window).collect();
            found.sort_unstable_by_key(|(_, row)| *row);
            let expected: Vec<_> = entries.into_iter().filter(|(own, _)| meet(own, &window)).collect();
            prop_assert_eq!(found, expected);
        }
    }
}
