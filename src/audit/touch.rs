//! Do two polygons share more than a border? Quickly no for neighbours, which most pairs are.

use geo::algorithm::kernels::{Kernel, RobustKernel};
use geo::coordinate_position::{CoordPos, coord_pos_relative_to_ring};
use geo::{Coord, LineString, Orientation, Rect, coord};

use crate::snapshot::ShapeRef;

/// Beyond so many pairs of edges an intersection is the faster way to know.
const MANY: usize = 1 << 16;

type Edge = [Coord<f64>; 2];

/// False where two valid polygons, exteriors counter-clockwise and holes clockwise, certainly share no
/// area. Where only vertices and whole edges of neighbours meet, nothing is left to do; everything else,
/// as a vertex on an edge, is true, and has to be measured.
///
/// If they share an area, then an edge of one runs through the other: it crosses an edge there, or
/// meets a vertex, or lies inside as a whole with its middle; or else they have an edge in common, and
/// lie on the same side of it. All of that is in the box that both have in common.
pub(super) fn may_overlap(one: &ShapeRef<'_>, other: &ShapeRef<'_>, common: Rect<f64>) -> bool {
    let (ours, theirs) = (edges(one, common), edges(other, common));
    if ours.len() * theirs.len() > MANY {
        return true;
    }
    let mut shared = vec![false; ours.len() + theirs.len()];
    for (at, [a, b]) in ours.iter().enumerate() {
        for (other_at, [c, d]) in theirs.iter().enumerate() {
            if (a, b) == (c, d) {
                return true;
            }
            if (a, b) == (d, c) {
                shared[at] = true;
                shared[ours.len() + other_at] = true;
            } else if meet([*a, *b], [*c, *d]) {
                return true;
            }
        }
    }
    let (our_shared, their_shared) = shared.split_at(ours.len());
    runs_inside(&ours, our_shared, other) || runs_inside(&theirs, their_shared, one)
}

/// Edges whose boxes meet a box.
pub(super) fn edges(shape: &ShapeRef<'_>, common: Rect<f64>) -> Vec<Edge> {
    let (low, high) = (common.min(), common.max());
    let near = |[a, b]: &Edge| {
        a.x.max(b.x) >= low.x
            && a.x.min(b.x) <= high.x
            && a.y.max(b.y) >= low.y
            && a.y.min(b.y) <= high.y
            && a != b
    };
    let mut found = Vec::new();
    for part in shape.parts() {
        for ring in part.rings() {
            let all = ring.windows(2).map(|pair| [pair[0], pair[1]]);
            found.extend(all.filter(near));
        }
    }
    found
}

/// True where two edges cross, or the first begins on the second, and at none of its ends.
///
/// That the second begins on the first need not be asked. Where polygons overlap and no edges cross, each
/// corner of what they share is an end of an edge. Unless one of those edges is a side as a whole, and has
/// its middle inside, each side is then a part of an edge with one end, like the blades of a pinwheel: all
/// begin, or all end, at their corners, in turn one of each polygon. Where an edge ends, the next begins.
fn meet([a, b]: Edge, [c, d]: Edge) -> bool {
    let apart = |a: f64, b: f64, c: f64, d: f64| a.max(b) < c.min(d) || c.max(d) < a.min(b);
    if apart(a.x, b.x, c.x, d.x) || apart(a.y, b.y, c.y, d.y) {
        return false;
    }
    let side = |from, to, at| RobustKernel::orient2d(from, to, at);
    let sides = [side(c, d, a), side(c, d, b), side(a, b, c), side(a, b, d)];
    if !sides.contains(&Orientation::Collinear) {
        return sides[0] != sides[1] && sides[2] != sides[3];
    }
    sides[0] == Orientation::Collinear
        && a != c
        && a != d
        && !apart(a.x, a.x, c.x, d.x)
        && !apart(a.y, a.y, c.y, d.y)
}

/// True where an edge begins inside the other, or has its middle there.
fn runs_inside(edges: &[Edge], shared: &[bool], other: &ShapeRef<'_>) -> bool {
    let rings: Vec<_> = other
        .parts()
        .flat_map(|part| part.rings().collect::<Vec<_>>())
        .collect();
    let holds = |at: Coord<f64>| inside(&rings, at);
    edges.iter().zip(shared).any(|([a, b], shared)| {
        !shared
            && (holds(coord! { x: f64::midpoint(a.x, b.x), y: f64::midpoint(a.y, b.y) })
                || holds(*a))
    })
}

/// True where an odd number of rings runs around a position that lies on none.
fn inside(rings: &[&[Coord<f64>]], at: Coord<f64>) -> bool {
    let mut inside = false;
    for ring in rings {
        if ring.contains(&at) {
            return false;
        }
        // A ring is a slice of all positions, and geo knows line strings.
        match coord_pos_relative_to_ring(at, &LineString::new(ring.to_vec())) {
            CoordPos::OnBoundary => return false,
            CoordPos::Inside => inside = !inside,
            CoordPos::Outside => {}
        }
    }
    inside
}
