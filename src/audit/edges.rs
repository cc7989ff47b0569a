//! Edges of many shapes, found by nearness.

use geo::{Coord, coord};
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

    /// Metres to the nearest edge, and its row; none where there is no edge. O(log n).
    #[must_use]
    pub fn nearest(&self, at: Coord<f64>) -> Option<(f64, Row)> {
        let flat = self.flat(at);
        let edge = self.tree.nearest_neighbor(flat.into())?;
        let foot = edge.foot(flat);
        let foot = coord! { x: foot.x / self.shortened, y: foot.y };
        let away = Plane::at(at).metres(foot);
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

    /// How far a position is outside of the polygons that the rings bound; zero inside.
    #[must_use]
    pub fn outside(&self, at: Coord<f64>) -> f64 {
        if self.hold(at) {
            return 0.0;
        }
        self.nearest(at).map_or(f64::INFINITY, |(away, _)| away)
    }
}
