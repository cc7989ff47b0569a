use std::sync::Arc;

use geo::{BoundingRect, Geometry, Rect, coord};
use rstar::primitives::{GeomWithData, Rectangle};
use rstar::{AABB, RTree};

use super::{Query, matched, measure};
use crate::snapshot::Collection;

/// Places, and how far from them a row may be.
#[derive(Debug, Clone)]
pub struct Near {
    targets: Arc<Targets>,
    within: f64,
}

#[derive(Debug)]
struct Targets {
    /// In CRS84.
    geometries: Vec<Geometry<f64>>,
    /// Boxes widened by the distance, and positions in `geometries`.
    tree: RTree<GeomWithData<Rectangle<[f64; 2]>, usize>>,
}

impl Near {
    /// Near one geometry in CRS84, at most `within` metres away.
    #[must_use]
    pub fn geometry(geometry: Geometry<f64>, within: f64) -> Self {
        Self::any_of(vec![geometry], within)
    }

    /// Near one of the rows that a query matches, of this collection or another; at most `within`
    /// metres away. In its own collection a row is near itself.
    #[must_use]
    pub fn features(collection: &Collection, query: &Query, within: f64) -> Self {
        let rows = matched(collection, query).rows.into_iter();
        let places = rows.filter_map(|row| collection.geometry(row)?.to_geometry());
        Self::any_of(places.collect(), within)
    }

    /// Near one of these geometries in CRS84, at most `within` metres away. A distance that is
    /// negative or not finite finds nothing.
    #[must_use]
    pub fn any_of(geometries: Vec<Geometry<f64>>, within: f64) -> Self {
        let entry = |(at, geometry): (usize, &Geometry<f64>)| {
            let boxes = expanded(geometry.bounding_rect()?, within);
            Some(boxes.into_iter().map(move |rect| {
                let corners = Rectangle::from_corners(rect.min().into(), rect.max().into());
                GeomWithData::new(corners, at)
            }))
        };
        let usable = within.is_finite() && within >= 0.0;
        let entries = geometries.iter().enumerate().filter(|_| usable);
        let tree = RTree::bulk_load(entries.filter_map(entry).flatten().collect());
        Self {
            targets: Arc::new(Targets { geometries, tree }),
            within,
        }
    }

    /// Metres.
    #[must_use]
    pub fn within(&self) -> f64 {
        self.within
    }

    /// Boxes in CRS84 that hold every row that can be near.
    pub(super) fn reach(&self) -> Vec<Rect<f64>> {
        let rect = |entry: &GeomWithData<Rectangle<[f64; 2]>, usize>| {
            let ([x, y], [right, top]) = (entry.geom().lower(), entry.geom().upper());
            Rect::new(coord! { x: x, y: y }, coord! { x: right, y: top })
        };
        self.targets.tree.iter().map(rect).collect()
    }

    /// Metres to the nearest place; none where all are too far.
    pub(super) fn distance(&self, geometry: &Geometry<f64>) -> Option<f64> {
        let bounds = geometry.bounding_rect()?;
        let envelope = AABB::from_corners(bounds.min().into(), bounds.max().into());
        let mut targets: Vec<_> = self
            .targets
            .tree
            .locate_in_envelope_intersecting(envelope)
            .map(|entry| entry.data)
            .collect();
        targets.sort_unstable();
        targets.dedup();
        targets
            .into_iter()
            .filter_map(|at| measure::distance_m(geometry, &self.targets.geometries[at]))
            .filter(|distance| *distance <= self.within)
            .min_by(f64::total_cmp)
    }
}

/// Boxes around everything that lies within so many metres of a box, cut at the 180th meridian.
pub(super) fn expanded(rect: Rect<f64>, metres: f64) -> Vec<Rect<f64>> {
    // A degree is nowhere shorter than this on the ellipsoid (along the meridian at the equator,
    // 110 574 m; along the equator, 111 319 m), less a margin.
    const DEGREE: f64 = 110_000.0;
    let up = metres / DEGREE;
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
