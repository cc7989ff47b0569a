use std::cell::Cell;
use std::sync::Arc;

use geo::{BoundingRect, Geometry, Rect, coord};

use super::measure::{DEGREE_M, Target, at_least_m};
use super::packed::{Packed, around};
use super::{Query, Stopped, matched};
use crate::snapshot::Collection;

/// The most features that a search goes around, and the most of their positions: they are held in memory while it
/// runs.
const MAX_TARGETS: usize = 100_000;
const MAX_POSITIONS: usize = 1_000_000;

/// Boxes that the R-tree is asked for: those of many places are put together.
const MAX_BOXES: usize = 64;

/// Steps of a target that is made ready.
const PER_TARGET: u64 = 100;

/// Places, and how far from them a row may be.
#[derive(Debug, Clone)]
pub struct Near {
    targets: Arc<Targets>,
    within: f64,
}

#[derive(Debug)]
struct Targets {
    places: Vec<Target>,
    /// Their boxes in CRS84.
    tree: Packed,
}

impl Near {
    /// Near one geometry in CRS84, at most `within` metres away.
    #[must_use]
    pub fn geometry(geometry: Geometry<f64>, within: f64) -> Self {
        Self::any_of(vec![geometry], within)
    }

    /// Near one of the rows that a query matches, of this collection or another; at most `within`
    /// metres away. In its own collection a row is near itself.
    ///
    /// # Errors
    /// There are more than 100 000 of them or they have more than a million positions, or the query's budget
    /// stops it.
    pub fn features(collection: &Collection, query: &Query, within: f64) -> Result<Self, Stopped> {
        let rows = matched(collection, query)?.rows;
        let shapes = || rows.iter().filter_map(|row| collection.geometry(*row));
        let found = shapes().count();
        let positions = shapes().map(|shape| shape.positions().len()).sum();
        if found > MAX_TARGETS || positions > MAX_POSITIONS {
            return Err(Stopped::TooManyTargets {
                found,
                positions,
                limit: MAX_TARGETS,
                most: MAX_POSITIONS,
            });
        }
        query.budget.charge(PER_TARGET * found as u64)?;
        let places = shapes().filter_map(|shape| shape.to_geometry());
        Ok(Self::any_of(places.collect(), within))
    }

    /// Near one of these geometries in CRS84, at most `within` metres away. A distance that is
    /// negative or not finite finds nothing.
    #[must_use]
    pub fn any_of(geometries: Vec<Geometry<f64>>, within: f64) -> Self {
        let usable = within.is_finite() && within >= 0.0;
        let geometries = geometries.into_iter().filter(|_| usable);
        let (boxes, places): (Vec<_>, Vec<_>) = geometries
            .filter_map(|geometry| Some((geometry.bounding_rect()?, Target::new(geometry))))
            .unzip();
        let tree = Packed::build(&boxes);
        Self {
            targets: Arc::new(Targets { places, tree }),
            within,
        }
    }

    /// Metres.
    #[must_use]
    pub fn within(&self) -> f64 {
        self.within
    }

    /// Boxes in CRS84 that hold every row that can be near: one around all where they would overlap so much that
    /// rows were found many times.
    pub(super) fn reach(&self) -> Vec<Rect<f64>> {
        let boxes = self.targets.tree.coarse(MAX_BOXES).iter();
        let boxes = boxes.flat_map(|rect| expanded(*rect, self.within));
        let boxes: Vec<_> = boxes.collect();
        let area = |rect: &Rect<f64>| rect.width() * rect.height();
        match around(&boxes) {
            Some(all) if boxes.iter().map(area).sum::<f64>() > area(&all) => vec![all],
            _ => boxes,
        }
    }

    /// Metres to the nearest place; none where all are too far. Adds the steps that it takes.
    pub(super) fn distance(&self, geometry: &Geometry<f64>, steps: &Cell<u64>) -> Option<f64> {
        let own = geometry.bounding_rect()?;
        let mut best: Option<f64> = None;
        let bound = |rect: &Rect<f64>| at_least_m(&own, rect, self.within);
        self.targets.tree.nearest(self.within, bound, |at| {
            let distance = self.targets.places[at].distance_m(geometry, steps);
            let distance = distance.filter(|distance| *distance <= self.within);
            best = [best, distance].into_iter().flatten().reduce(f64::min);
            match best {
                // Nothing is nearer.
                Some(0.0) => f64::NEG_INFINITY,
                Some(best) => best,
                None => self.within,
            }
        });
        // The way through the tree.
        steps.set(steps.get() + PER_TARGET);
        best
    }
}

/// Boxes around everything that lies within so many metres of a box, cut at the 180th meridian.
pub(super) fn expanded(rect: Rect<f64>, metres: f64) -> Vec<Rect<f64>> {
    let up = metres / DEGREE_M;
    let low = (rect.min().y - up).max(-90.0);
    let high = (rect.max().y + up).min(90.0);
    let narrowest = low.abs().max(high.abs()).to_radians().cos();
    let aside = up / narrowest.max(1e-9);
    let (west, east) = (rect.min().x - aside, rect.max().x + aside);
    let part = |west, east| Rect::new(coord! { x: west, y: low }, coord! { x: east, y: high });
    if east - west >= 360.0 || low <= -89.9 || high >= 89.9 {
        return vec![part(-180.0, 180.0)];
    }
    let mut parts = vec![part(west.max(-180.0), east.min(180.0))];
    if west < -180.0 {
        parts.push(part(west + 360.0, 180.0));
    }
    if east > 180.0 {
        parts.push(part(-180.0, east - 360.0));
    }
    parts
}
