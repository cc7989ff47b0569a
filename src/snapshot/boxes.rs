//! Which boxes meet a box.

use rstar::{AABB, RTree, RTreeObject};

use crate::model::Row;

/// West, south, east, north.
pub(super) type Bounds = [f32; 4];

/// A box and the row that it belongs to.
pub(super) type Entry = (Bounds, Row);

/// An entry in the tree: 20 bytes, half of what it would take in `f64`.
#[derive(Debug, Clone, Copy)]
struct Leaf {
    bounds: Bounds,
    row: Row,
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

/// An R-tree of boxes and row numbers, not of geometries.
#[derive(Debug, Default)]
pub(super) struct Boxes(RTree<Leaf>);

impl Boxes {
    /// O(n log n).
    pub fn build(entries: &[Entry]) -> Self {
        let leaves = entries.iter().map(|(bounds, row)| Leaf {
            bounds: *bounds,
            row: *row,
        });
        Self(RTree::bulk_load(leaves.collect()))
    }

    /// How many boxes there are.
    pub fn len(&self) -> usize {
        self.0.size()
    }

    /// The boxes that meet a box, borders included.
    pub fn meeting(&self, window: Bounds) -> impl Iterator<Item = Entry> {
        let found = self.0.locate_in_envelope_intersecting(around(window));
        found.map(|leaf| (leaf.bounds, leaf.row))
    }
}

pub(super) fn within(inner: &Bounds, outer: &Bounds) -> bool {
    inner[0] >= outer[0] && inner[1] >= outer[1] && inner[2] <= outer[2] && inner[3] <= outer[3]
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

    fn meet(a: &Bounds, b: &Bounds) -> bool {
        a[0] <= b[2] && b[0] <= a[2] && a[1] <= b[3] && b[1] <= a[3]
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
}
