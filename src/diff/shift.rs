//! Whether a place is the same, and how far it has moved.

use geo::{Centroid, GeodesicArea};

use super::outline::{LEAST, Outline};
use crate::audit::Plane;
use crate::snapshot::{ShapeKind, ShapeRef};

/// What has become of a place.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Place {
    /// Nobody knew where it was.
    Found,
    /// Nobody knows any more where it is.
    Lost,
    /// It is elsewhere.
    Moved(Shift),
}

/// By how much a shape differs from what it was.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Shift {
    /// From the point of either outline that is farthest from the other to that other, in m, to a thousandth.
    pub farthest_m: f64,
    /// Between the centres, in m.
    pub centre_m: f64,
    /// The areas before and after on the ellipsoid, in m², where one has any.
    pub area_m2: Option<[f64; 2]>,
    /// True where it is drawn as another kind of shape, an area as a line: the outline may be the same.
    pub redrawn: bool,
}

/// True where both are nowhere, or points, lines or areas whose outlines lie within so many metres of each other.
/// Where a ring begins, which way it runs, vertices on a straight edge, and the parts that it is drawn in are of no
/// account: a set of points is compared with a set of points. O(positions) where both are drawn alike, else with a
/// logarithm.
pub(super) fn same_place(
    old: Option<&ShapeRef<'_>>,
    new: Option<&ShapeRef<'_>>,
    tolerance: f64,
) -> bool {
    let (Some(old), Some(new)) = (old, new) else {
        return old.is_none() && new.is_none();
    };
    let within = tolerance.max(LEAST);
    dimension(old.kind) == dimension(new.kind)
        && (drawn_alike(old, new, within) || near(old, new, within) && apart(old, new) <= within)
}

/// Of the points that a shape is made of: 0, 1 or 2.
fn dimension(kind: ShapeKind) -> Option<u8> {
    match kind {
        ShapeKind::Nowhere => None,
        ShapeKind::Point | ShapeKind::MultiPoint => Some(0),
        ShapeKind::LineString | ShapeKind::MultiLineString => Some(1),
        ShapeKind::Polygon | ShapeKind::MultiPolygon => Some(2),
    }
}

/// True where the same rings run through the same positions in the same order, each within so many metres: what is
/// between two of them is then no farther.
fn drawn_alike(old: &ShapeRef<'_>, new: &ShapeRef<'_>, within: f64) -> bool {
    let (before, after) = (old.positions(), new.positions());
    let plane = before.first().map(|at| Plane::at(*at));
    let is_near = |(from, to): (&geo::Coord<f64>, &geo::Coord<f64>)| {
        from == to
            || plane.as_ref().is_some_and(|plane| {
                let away = plane.metres(*from) - plane.metres(*to);
                away.x.hypot(away.y) <= within
            })
    };
    before.len() == after.len()
        && before.iter().zip(after).all(is_near)
        && old.part_count() == new.part_count()
        && old.parts().zip(new.parts()).all(|(one, other)| {
            let lengths = one.rings().map(<[_]>::len);
            lengths.eq(other.rings().map(<[_]>::len))
        })
}

/// True where the boxes around both are: a quick look before a long one.
fn near(old: &ShapeRef<'_>, new: &ShapeRef<'_>, within: f64) -> bool {
    let (Some(old), Some(new)) = (old.bounds(), new.bounds()) else {
        return false;
    };
    let plane = Plane::at(old.center());
    let corners = [(old.min(), new.min()), (old.max(), new.max())];
    corners.into_iter().all(|(from, to)| {
        let away = plane.metres(to) - plane.metres(from);
        away.x.abs() <= within && away.y.abs() <= within
    })
}

/// Metres between the outlines, where they are farthest apart.
fn apart(old: &ShapeRef<'_>, new: &ShapeRef<'_>) -> f64 {
    let Some(bounds) = old.bounds() else {
        return f64::INFINITY;
    };
    let plane = Plane::at(bounds.center());
    Outline::of(old, &plane).apart(&Outline::of(new, &plane))
}

/// None where it is the same place.
pub(super) fn place(
    old: Option<ShapeRef<'_>>,
    new: Option<ShapeRef<'_>>,
    tolerance: f64,
) -> Option<Place> {
    if same_place(old.as_ref(), new.as_ref(), tolerance) {
        return None;
    }
    match (old, new) {
        (Some(old), Some(new)) => Some(Place::Moved(shift(&old, &new))),
        (None, Some(_)) => Some(Place::Found),
        (Some(_), None) => Some(Place::Lost),
        (None, None) => None,
    }
}

/// O(positions log positions).
fn shift(old: &ShapeRef<'_>, new: &ShapeRef<'_>) -> Shift {
    let geometries = [old.to_geometry(), new.to_geometry()];
    let centres = geometries
        .each_ref()
        .map(|own| own.as_ref().and_then(Centroid::centroid));
    let centre_m = match centres {
        [Some(from), Some(to)] => {
            let away = Plane::at(from.0).metres(to.0);
            away.x.hypot(away.y)
        }
        _ => 0.0,
    };
    let area = |own: &Option<geo::Geometry<f64>>| {
        own.as_ref()
            .map_or(0.0, GeodesicArea::geodesic_area_unsigned)
    };
    let areal = old.is_areal() || new.is_areal();
    Shift {
        farthest_m: apart(old, new),
        centre_m,
        redrawn: dimension(old.kind) != dimension(new.kind),
        area_m2: areal.then(|| geometries.each_ref().map(area)),
    }
}
