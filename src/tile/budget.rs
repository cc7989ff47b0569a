//! What fits into a tile: the largest features as they are, the others merged.

use super::coord::TileCoord;
use super::frame::Frame;
use super::layer::Layer;
use crate::model::TileBudget;
use crate::query::Hit;
use crate::snapshot::{Collection, Row};

/// Sizes are known as zooms: so many differ.
pub(super) const SIZES: usize = 64;

/// A feature this many zooms larger than a grid unit is 256 units wide, as large as an icon: it is never
/// merged into cells, which are smaller.
const LARGE: u8 = 8;

/// Up to this zoom a tile shows a whole city, and a budget is one for both formats; the larger one
/// decides what both show. Beyond, where single parcels are looked for, it is that of the vector tile.
const OVERVIEW: u8 = 11;

/// Bytes of a position in a vector tile, with the commands of its ring.
pub(super) const POSITION_BYTES: usize = 3;

/// Of shapes with fewer positions all are counted, of others those that are kept.
const FEW: usize = 64;

/// What the parts of a tile weigh, in bytes of the format that decides.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Weights {
    /// A feature without its positions.
    pub row: usize,
    pub position: usize,
    /// A position as text.
    text: usize,
    /// What rectangles may weigh where there is room for one byte.
    stretch: usize,
    budget: TileBudget,
}

impl Weights {
    pub fn of(layer: &Layer, tile: TileCoord, frame: &Frame, budget: TileBudget) -> Self {
        let bounds = tile.buffered();
        let digits = |low: f64, high: f64| {
            let length = |degrees: f64| format!("{degrees:.0}").len();
            length(low.trunc()).max(length(high.trunc()))
        };
        let decimals = 2 * usize::from(frame.decimals());
        // [121.40123,31.20123],
        let text = "[.,.],".len()
            + decimals
            + digits(bounds.min().x, bounds.max().x)
            + digits(bounds.min().y, bounds.max().y);
        let overview = tile.zoom() <= OVERVIEW;
        let (row, position) = if overview {
            (layer.row_text_bytes(), text)
        } else {
            (layer.row_bytes(), POSITION_BYTES)
        };
        Self {
            row,
            position,
            text,
            stretch: if overview { 1 } else { 2 },
            budget,
        }
    }

    /// What features and their positions weigh.
    pub fn of_features(&self, count: usize, positions: usize) -> usize {
        count * self.row + positions * self.position
    }

    /// What positions take in GeoJSON.
    pub fn as_text(&self, positions: usize) -> usize {
        positions * self.text
    }

    /// How many rectangles there is room for beside features that weigh so much.
    pub fn rectangles(&self, used: usize) -> usize {
        let bytes = self.budget.bytes;
        // Text around them.
        let left = (bytes - bytes / 64).saturating_sub(used).max(bytes / 8);
        // Five positions, and their brackets.
        left * self.stretch / (5 * self.text + 4)
    }
}

/// What is shown as it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Plan {
    /// Features of these sizes are merged: the first zoom at which they are a grid unit long.
    pub merged_from: u8,
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

    /// The length of the longest features that are merged, in units.
    pub fn longest(self, zoom: u8) -> i32 {
        1 << (zoom + 1).saturating_sub(self.merged_from).min(LARGE)
    }
}

/// Sizes from here on may be merged at a zoom; smaller numbers are larger features.
fn mergeable_from(zoom: u8) -> u8 {
    (zoom + 1).saturating_sub(LARGE)
}

/// Takes sizes, the largest first, as long as all features of a size fit: of equal ones, none is
/// picked. Those as large as an icon are always taken, up to the bytes that there are.
pub(super) fn plan(
    collection: &Collection,
    layer: &Layer,
    hits: &[Hit],
    zoom: u8,
    weights: &Weights,
) -> Plan {
    let budget = weights.budget;
    let shapes = collection.shapes();
    let everything = Plan {
        merged_from: u8::MAX,
        room: usize::MAX,
    };
    // Nearly always: no reason to look closer.
    let typical = shapes.positions().len() / shapes.rows().max(1);
    let guess = weights.of_features(1, typical);
    if hits.len() <= budget.features && hits.len() * guess <= budget.bytes / 2 {
        return everything;
    }
    let mut counts = [0_u32; SIZES];
    for hit in hits {
        counts[usize::from(layer.size(hit.row)).min(SIZES - 1)] += 1;
    }
    // Shapes are looked at only where that may make a difference.
    let end = may_be_single(&counts, zoom, weights);
    let mut positions = [0_usize; SIZES];
    for hit in hits {
        let size = layer.size(hit.row);
        // What is below a grid unit has nothing left but points have their place.
        positions[usize::from(size).min(SIZES - 1)] += if size > zoom {
            1
        } else if size < end {
            kept(collection, layer, hit.row, zoom)
        } else {
            0
        };
    }
    let all: usize = positions.iter().sum();
    let fits = |features: usize, positions: usize, bytes: usize| {
        features <= budget.features && weights.of_features(features, positions) <= bytes
    };
    if end > zoom && fits(hits.len(), all, budget.bytes) {
        return everything;
    }
    // Room for what is merged.
    let most = budget.bytes - budget.bytes / 8;
    let mut plan = everything;
    let (mut features, mut sum) = (0, 0);
    for (size, (count, more)) in (0_u8..).zip(counts.into_iter().zip(positions)) {
        features += count as usize;
        sum += more;
        if count == 0 || (size < end && fits(features, sum, most)) {
            continue;
        }
        plan.merged_from = size.min(zoom + 1).max(mergeable_from(zoom));
        if plan.merged_from > size {
            // Too large to be merged.
            plan.room = most;
        }
        break;
    }
    plan
}

/// How many positions of a row a zoom keeps, at most.
fn kept(collection: &Collection, layer: &Layer, row: Row, zoom: u8) -> usize {
    let positions = collection.shapes().get(row).span();
    if positions.len() > FEW {
        let levels = &layer.levels()[positions];
        levels.iter().filter(|level| **level <= zoom).count()
    } else {
        positions.len()
    }
}

/// The same from how many features of each size there are, of which there are many more than fit: sizes
/// before this one may be shown as they are, all others are merged.
pub(super) fn may_be_single(counts: &[u32; SIZES], zoom: u8, weights: &Weights) -> u8 {
    let mut features = 0;
    let mut end = 0;
    for (size, count) in (0..=zoom).zip(counts) {
        features += *count as usize;
        if features > weights.budget.features
            || weights.of_features(features, features) > weights.budget.bytes
        {
            break;
        }
        end = size + 1;
    }
    end.max(mergeable_from(zoom))
}
