//! How far a place has moved.

use geo::{Centroid, GeodesicArea};

use crate::audit::{Edges, Plane};
use crate::snapshot::ShapeRef;

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
    /// From the vertex of either that is farthest from the other's outline to that outline, in m. Zero
    /// where only the order of the positions is another one.
    pub farthest_m: f64,
    /// Between the centres, in m.
    pub centre_m: f64,
    /// The areas before and after on the ellipsoid, in m², where one has any.
    pub area_m2: Option<[f64; 2]>,
}

/// True where both have the same positions in the same order, or no place at all.
pub(super) fn same_place(old: Option<&ShapeRef<'_>>, new: Option<&ShapeRef<'_>>) -> bool {
    let (Some(old), Some(new)) = (old, new) else {
        return old.is_none() && new.is_none();
    };
    let rings = |shape: &ShapeRef<'_>| -> Vec<Vec<usize>> {
        let lengths = |part: crate::snapshot::Part<'_>| part.rings().map(<[_]>::len).collect();
        shape.parts().map(lengths).collect()
    };
    old.kind == new.kind
        && old.positions() == new.positions()
        && old.part_count() == new.part_count()
        && rings(old) == rings(new)
}

/// None where it is the same place.
pub(super) fn place(old: Option<ShapeRef<'_>>, new: Option<ShapeRef<'_>>) -> Option<Place> {
    if same_place(old.as_ref(), new.as_ref()) {
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
    let farthest = |of: &ShapeRef<'_>, from: &ShapeRef<'_>| {
        let edges = Edges::build(std::iter::once((0, from.clone())));
        let away = of.positions().iter().filter_map(|at| edges.nearest(*at));
        away.map(|(metres, _)| metres).fold(0.0, f64::max)
    };
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
        farthest_m: farthest(old, new).max(farthest(new, old)),
        centre_m,
        area_m2: areal.then(|| geometries.each_ref().map(area)),
    }
}
