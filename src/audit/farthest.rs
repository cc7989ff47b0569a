//! How far does a shape get off edges, or out of polygons? Not only at its corners.
//!
//! A distance grows by no more than a metre per metre. So over a segment of the length L between places that
//! are a and b off it is at most (a + b + L) / 2, and over a square no more than at its middle and half its
//! diagonal. Pieces that cannot be farther off than what was found are left out, the others are halved
//! (branch and bound, as mapbox/polylabel does for poles of inaccessibility).

use geo::{Coord, InteriorPoint, Rect, coord};

use super::edges::Edges;
use super::plane::Plane;
use crate::snapshot::{Row, ShapeKind, ShapeRef};

/// The answer is at most so many metres short, or so large a share of it.
const SHORT_M: f64 = 0.01;
const SHORT: f64 = 0.02;

/// m: neighbours that share a border are as close.
const TOUCHING: f64 = 1e-3;

/// The farthest that a shape's points, lines or rings get from edges, in m, and the row of the edge that is
/// nearest there; none where there is no edge. Where no place is more than `least` metres off, any of them.
pub(super) fn from_edges(shape: &ShapeRef<'_>, edges: &Edges, least: f64) -> Option<(f64, Row)> {
    let mut search = Search {
        edges,
        filled: false,
        least,
        found: None,
    };
    search.rings(shape);
    search.found
}

/// The farthest that a shape gets out of the polygons that an outline bounds, in m: the distance of its
/// place that is farthest from them, on its edges or within; zero where it lies inside. Where no place is
/// more than `least` metres out, any of them; where one corner is `enough` out, perhaps that one.
pub(super) fn out_of(shape: &ShapeRef<'_>, outline: &Edges, least: f64, enough: f64) -> f64 {
    let Some(bounds) = shape.bounds() else {
        return 0.0;
    };
    let positions = shape.positions();
    // All of it is on one side.
    let alone = !outline.meet(bounds);
    if alone && positions.first().is_none_or(|at| outline.hold(*at)) {
        return 0.0;
    }
    let mut search = Search {
        edges: outline,
        filled: true,
        least,
        found: None,
    };
    for at in positions {
        search.look(*at);
    }
    if search.farthest() < enough {
        search.rings(shape);
        if shape.is_areal() && (alone || search.reaches_within(shape, bounds)) {
            search.within(shape, bounds);
        }
    }
    search.farthest().max(0.0)
}

/// What was found, in m, and the row of the edge there.
struct Search<'a> {
    edges: &'a Edges,
    /// Distances inside of the polygons that the edges bound are below zero.
    filled: bool,
    least: f64,
    found: Option<(f64, Row)>,
}

impl Search<'_> {
    fn measured(&self, at: Coord<f64>) -> Option<(f64, Row)> {
        let (away, row) = self.edges.nearest(at)?;
        let inside = self.filled && self.edges.hold(at);
        Some((if inside { -away } else { away }, row))
    }

    /// Measures a place of the shape.
    fn look(&mut self, at: Coord<f64>) -> f64 {
        let Some((away, row)) = self.measured(at) else {
            return 0.0;
        };
        if self.found.is_none_or(|(most, _)| away > most) {
            self.found = Some((away, row));
        }
        away
    }

    fn farthest(&self) -> f64 {
        self.found.map_or(0.0, |(away, _)| away)
    }

    /// How much farther a piece must be able to get to be worth a look.
    fn short(&self) -> f64 {
        (SHORT * self.farthest().max(self.least)).max(SHORT_M)
    }

    fn is_worth(&self, bound: f64) -> bool {
        bound > self.farthest().max(self.least) + self.short()
    }

    /// Along the edges of lines and rings; points only where they are.
    fn rings(&mut self, shape: &ShapeRef<'_>) {
        let points = matches!(shape.kind, ShapeKind::Point | ShapeKind::MultiPoint);
        for part in shape.parts() {
            for ring in part.rings() {
                let mut last: Option<(Coord<f64>, f64)> = None;
                for at in ring {
                    let off = self.look(*at);
                    if let Some((from, from_off)) = last.filter(|_| !points) {
                        self.segment([from, *at], [from_off, off]);
                    }
                    last = Some((*at, off));
                }
            }
        }
    }

    fn segment(&mut self, ends: [Coord<f64>; 2], off: [f64; 2]) {
        let along = Plane::at(ends[0]).metres(ends[1]);
        let mut pieces = vec![(ends, off, along.x.hypot(along.y))];
        while let Some(([a, b], [a_off, b_off], length)) = pieces.pop() {
            if !self.is_worth(f64::midpoint(a_off, b_off) + length / 2.0)
                || !self.is_worth(self.edges.reach([a, b]))
            {
                continue;
            }
            let middle = (a + b) / 2.0;
            let off = self.look(middle);
            pieces.push(([a, middle], [a_off, off], length / 2.0));
            pieces.push(([middle, b], [off, b_off], length / 2.0));
        }
    }

    /// False where nothing within a polygon can be out of the outline, because its edges are not, and no
    /// part of the outline runs within.
    fn reaches_within(&self, shape: &ShapeRef<'_>, bounds: Rect<f64>) -> bool {
        if self.farthest() > TOUCHING {
            return true;
        }
        let own = Edges::build(std::iter::once((0, shape.clone())));
        let within = |at: Coord<f64>| own.hold(at) && own.distance(at) > TOUCHING;
        if self.edges.ends_in(bounds).any(within) {
            return true;
        }
        shape.parts().any(|part| {
            let some = part.to_polygon().interior_point();
            some.is_some_and(|at| !self.edges.hold(at.0))
        })
    }

    /// Within a polygon, in squares that are quartered.
    fn within(&mut self, shape: &ShapeRef<'_>, bounds: Rect<f64>) {
        let own = Edges::build(std::iter::once((0, shape.clone())));
        let plane = Plane::at(bounds.center());
        let corner = plane.metres(bounds.max());
        let mut squares = vec![(coord! { x: 0.0, y: 0.0 }, corner.x.max(corner.y))];
        while let Some((middle, half)) = squares.pop() {
            let at = plane.degrees(middle);
            let diagonal = half * std::f64::consts::SQRT_2;
            let inside = own.hold(at);
            if !inside && own.distance(at) > diagonal {
                continue;
            }
            let Some((off, _)) = self.measured(at) else {
                return;
            };
            if inside {
                self.look(at);
            }
            // On the edges themselves nothing is farther off than was found.
            if diagonal < self.short() || !self.is_worth(off + diagonal) {
                continue;
            }
            let half = half / 2.0;
            for (x, y) in [(-half, -half), (half, -half), (-half, half), (half, half)] {
                squares.push((middle + coord! { x: x, y: y }, half));
            }
        }
    }
}
