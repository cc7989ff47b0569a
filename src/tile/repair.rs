//! Makes polygons valid again after rounding to a grid.

use geo::{Coord, LineString, MultiPolygon, Polygon};
use i_overlay::core::fill_rule::FillRule;
use i_overlay::core::overlay::{ContourDirection, IntOverlayOptions, Overlay};
use i_overlay::core::overlay_rule::OverlayRule;
use i_overlay::i_float::int::point::IntPoint;

/// Polygons from rings of grid points, exteriors counter-clockwise and holes clockwise in the sense
/// of the numbers (positive and negative signed area). What rounding folded over is dropped, what
/// it pinched is split, and a point where rings touch is a vertex of both. Empty where nothing is
/// left that has an area.
///
/// Only places that are wound more often around to the left than to the right are inside: a hole
/// that rounding pushed across its exterior ring does not become land.
pub(super) fn polygons(rings: &[Vec<Coord<i32>>], flipped: bool) -> MultiPolygon<i32> {
    let contours: Vec<Vec<IntPoint>> = rings
        .iter()
        .map(|ring| ring.iter().map(|at| IntPoint::new(at.x, at.y)).collect())
        .collect();
    let options = IntOverlayOptions {
        preserve_input_collinear: false,
        output_direction: ContourDirection::CounterClockwise,
        preserve_output_collinear: true,
        min_output_area: 0,
        ogc: true,
    };
    let rule = if flipped {
        FillRule::Negative
    } else {
        FillRule::Positive
    };
    let shapes = Overlay::with_contours_custom(
        &contours,
        &[],
        options,
        i_overlay::core::solver::Solver::default(),
    )
    .overlay(OverlayRule::Subject, rule);
    shapes
        .into_iter()
        .filter_map(|shape| {
            let mut rings = shape.into_iter().map(closed);
            Some(Polygon::new(rings.next()?, rings.collect()))
        })
        .collect()
}

fn closed(contour: Vec<IntPoint>) -> LineString<i32> {
    let mut ring: Vec<_> = contour
        .into_iter()
        .map(|point| Coord {
            x: point.x,
            y: point.y,
        })
        .collect();
    ring.extend(ring.first().copied());
    LineString::new(ring)
}
