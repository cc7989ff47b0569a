//! Edges of many shapes, found by nearness.

use geo::{Coord, Rect, coord};
use rstar::{AABB, PointDistance, RTree, RTreeObject};

use super::plane::Plane;
use crate::snapshot::{Row, ShapeRef};

/// An R-tree of edges. Degrees of longitude are shortened to those of latitude, so that near on the
/// tree is near on the ground: over a degree of latitude the nearest of two edges that are equally far
/// to one part in a hundred may be the other one; distances are measured where they are.
#[derive(Debug)]
pub struct Edges {
    tree: RTree<Edge>,
    shortened: f64,
}

#[derive(Debug, Clone, Copy)]
struct Edge {
    from: Coord<f64>,
    to: Coord<f64>,
    row: Row,
}

impl RTreeObject for Edge {
    type Envelope = AABB<[f64; 2]>;

    fn envelope(&self) -> Self::Envelope {
        AABB::from_corners(self.from.into(), self.to.into())
    }
}

impl PointDistance for Edge {
    fn distance_2(&self, point: &[f64; 2]) -> f64 {
        let at = coord! { x: point[0], y: point[1] };
        let away = self.foot(at) - at;
        away.x * away.x + away.y * away.y
    }
}

impl Edge {
    /// The point of the edge that is nearest to a position.
    fn foot(&self, at: Coord<f64>) -> Coord<f64> {
        let along = self.to - self.from;
        let squared = along.x * along.x + along.y * along.y;
        if squared == 0.0 {
            return self.from;
        }
        let from = at - self.from;
        let share = (from.x * along.x + from.y * along.y) / squared;
        self.from + along * share.clamp(0.0, 1.0)
    }
}

impl Edges {
    /// Edges of lines and rings; a point is an edge without length. O(n log n).
    #[must_use]
    pub fn build<'a>(shapes: impl Iterator<Item = (Row, ShapeRef<'a>)> + Clone) -> Self {
        let middle = shapes.clone().find_map(|(_, shape)| shape.bounds());
        let latitude = middle.map_or(0.0, |bounds| bounds.center().y);
        let shortened = latitude.to_radians().cos().max(1e-9);
        let mut edges = Vec::new();
        let flat = |at: Coord<f64>| coord! { x: at.x * shortened, y: at.y };
        for (row, shape) in shapes {
            let line = !matches!(
                shape.kind,
                crate::snapshot::ShapeKind::Point | crate::snapshot::ShapeKind::MultiPoint
            );
            for positions in shape
                .parts()
                .flat_map(|part| part.rings().collect::<Vec<_>>())
            {
                if line && positions.len() > 1 {
                    edges.extend(positions.windows(2).map(|pair| Edge {
                        from: flat(pair[0]),
                        to: flat(pair[1]),
                        row,
                    }));
                } else {
                    edges.extend(positions.iter().map(|at| Edge {
                        from: flat(*at),
                        to: flat(*at),
                        row,
                    }));
                }
            }
        }
        Self {
            tree: RTree::bulk_load(edges),
            shortened,
        }
    }

    fn flat(&self, at: Coord<f64>) -> Coord<f64> {
        coord! { x: at.x * self.shortened, y: at.y }
    }

    /// Back to degrees.
    fn steep(&self, at: Coord<f64>) -> Coord<f64> {
        coord! { x: at.x / self.shortened, y: at.y }
    }

    /// Metres to the nearest edge, and its row; none where there is no edge. O(log n).
    #[must_use]
    pub fn nearest(&self, at: Coord<f64>) -> Option<(f64, Row)> {
        let flat = self.flat(at);
        let edge = self.tree.nearest_neighbor(flat.into())?;
        let away = Plane::at(at).metres(self.steep(edge.foot(flat)));
        Some((away.x.hypot(away.y), edge.row))
    }

    /// True where the rings run around a position an odd number of times: it is inside, for those of
    /// valid polygons. O(log n) and the edges east of it.
    #[must_use]
    pub fn hold(&self, at: Coord<f64>) -> bool {
        let at = self.flat(at);
        let ray = AABB::from_corners([at.x, at.y], [f64::MAX, at.y]);
        let crossed = |edge: &&Edge| {
            let (from, to) = (edge.from, edge.to);
            if (from.y > at.y) == (to.y > at.y) {
                return false;
            }
            let share = (at.y - from.y) / (to.y - from.y);
            from.x + share * (to.x - from.x) > at.x
        };
        let met = self.tree.locate_in_envelope_intersecting(ray);
        met.filter(crossed).count() % 2 == 1
    }

    /// Metres to the nearest edge; without end where there is none.
    pub(super) fn distance(&self, at: Coord<f64>) -> f64 {
        self.nearest(at).map_or(f64::INFINITY, |(away, _)| away)
    }

    /// What no place of a segment is farther off the edges than, in m: the farther of its ends from the edge
    /// that is nearest to its middle, for in between it is no farther off an edge than at one of them.
    pub(super) fn reach(&self, [from, to]: [Coord<f64>; 2]) -> f64 {
        let middle = self.flat((from + to) / 2.0);
        let Some(edge) = self.tree.nearest_neighbor(middle.into()) else {
            return f64::INFINITY;
        };
        let away = |at: Coord<f64>| {
            let away = Plane::at(at).metres(self.steep(edge.foot(self.flat(at))));
            away.x.hypot(away.y)
        };
        away(from).max(away(to))
    }

    fn in_box(&self, rect: Rect<f64>) -> impl Iterator<Item = &Edge> {
        let corners = [rect.min(), rect.max()].map(|at| self.flat(at).into());
        let rect = AABB::from_corners(corners[0], corners[1]);
        self.tree.locate_in_envelope_intersecting(rect)
    }

    /// True where the box of an edge meets a box.
    pub(super) fn meet(&self, rect: Rect<f64>) -> bool {
        self.in_box(rect).next().is_some()
    }

    /// Ends of edges whose boxes meet a box.
    pub(super) fn ends_in(&self, rect: Rect<f64>) -> impl Iterator<Item = Coord<f64>> {
        let ends = self.in_box(rect).flat_map(|edge| [edge.from, edge.to]);
        ends.map(|at| self.steep(at))
    }
}
