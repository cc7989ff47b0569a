//! What fits into a tile: the largest features as they are, the others merged.

use super::layer::Layer;
use crate::model::TileBudget;
use crate::query::Hit;
use crate::snapshot::Collection;

/// Sizes are known as zooms: so many differ.
const SIZES: usize = 64;

/// A feature this many zooms larger than a grid unit is 256 units wide, as large as an icon: it is never
/// merged into cells, which are smaller.
const LARGE: u8 = 8;

/// Bytes of a position, with the commands of its ring.
pub(super) const POSITION_BYTES: usize = 3;

/// Of shapes with fewer positions all are counted, of others those that are kept.
const FEW: usize = 64;

/// What is shown as it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Plan {
    /// Features of these sizes are merged: the first zoom at which they are a grid unit long.
    merged_from: u8,
    /// Bytes for the features that are shown as they are; beyond, the last ones are left out.
    pub room: usize,
}

/// What becomes of a feature.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Fate {
    /// It is shown as it is, if the grid can.
    Single,
    /// It is smaller than a grid unit, or than what there is room for.
    Small,
}

impl Plan {
    /// By the first zoom at which a feature is a grid unit long.
    pub fn fate(self, size: u8) -> Fate {
        if size >= self.merged_from {
            Fate::Small
        } else {
            Fate::Single
        }
    }
}

/// Takes sizes, the largest first, as long as all features of a size fit: of equal ones, none is
/// picked. Those as large as an icon are always taken, up to the bytes that there are.
pub(super) fn plan(
    collection: &Collection,
    layer: &Layer,
    hits: &[Hit],
    zoom: u8,
    budget: TileBudget,
) -> Plan {
    let shapes = collection.shapes();
    let everything = Plan {
        merged_from: u8::MAX,
        room: usize::MAX,
    };
    // Nearly always: no reason to look closer.
    let typical = shapes.positions().len() / shapes.rows().max(1);
    let guess = layer.row_bytes() + POSITION_BYTES * typical;
    if hits.len() <= budget.features && hits.len() * guess <= budget.bytes / 2 {
        return everything;
    }
    let mut sizes = [(0_usize, 0_usize); SIZES];
    for hit in hits {
        let size = layer.size(hit.row);
        // What is below a grid unit has nothing left but points have their place.
        let kept = if size > zoom {
            1
        } else {
            let positions = shapes.get(hit.row).span();
            if positions.len() > FEW {
                let levels = &layer.levels()[positions];
                levels.iter().filter(|level| **level <= zoom).count()
            } else {
                positions.len()
            }
        };
        let (count, bytes) = &mut sizes[usize::from(size).min(SIZES - 1)];
        *count += 1;
        *bytes += layer.row_bytes() + POSITION_BYTES * kept;
    }
    let mut plan = everything;
    let (mut features, mut bytes) = (0, 0);
    for (size, (count, more)) in (0_u8..).zip(sizes) {
        features += count;
        bytes += more;
        if count == 0 || (features <= budget.features && bytes <= budget.bytes) {
            continue;
        }
        plan.merged_from = size.min(zoom + 1);
        if size + LARGE <= zoom {
            // Too large to be merged.
            plan.merged_from = zoom - LARGE + 1;
            plan.room = budget.bytes;
        }
        break;
    }
    plan
}
