//! Makes polygons valid again after rounding to a grid.

use geo::Coord;
use i_overlay::core::fill_rule::FillRule;
use i_overlay::core::overlay::{ContourDirection, IntOverlayOptions, Overlay};
use i_overlay::core::overlay_rule::OverlayRule;
use i_overlay::i_float::int::point::IntPoint;

use super::grid_shapes::GridShapes;

/// Replaces the open rings, exteriors counter-clockwise and holes clockwise in the sense of the
/// numbers (positive and negative signed area), by valid polygons that run the same way. What
/// rounding folded over is dropped, what it pinched is split, and a point where rings touch is a
/// vertex of both. None are left where nothing is left that has an area.
///
/// Only places that are wound more often around to the left than to the right are inside: a hole
/// that rounding pushed across its exterior ring does not become land.
pub(super) fn polygons(shapes: &mut GridShapes) {
    let contours: Vec<Vec<IntPoint>> = shapes
        .open()
        .rings()
        .map(|ring| {
            let points = ring.positions.iter();
            points.map(|at| IntPoint::new(at.x, at.y)).collect()
        })
        .collect();
    shapes.drop_open();
    let options = IntOverlayOptions {
        preserve_input_collinear: false,
        output_direction: ContourDirection::CounterClockwise,
        preserve_output_collinear: true,
        min_output_area: 0,
        ogc: true,
    };
    let repaired = Overlay::with_contours_custom(
        &contours,
        &[],
        options,
        i_overlay::core::solver::Solver::default(),
    )
    .overlay(OverlayRule::Subject, FillRule::Positive);
    for shape in repaired {
        for (at, contour) in shape.into_iter().enumerate() {
            let start = shapes.positions();
            for point in contour {
                let at = Coord {
                    x: point.x,
                    y: point.y,
                };
                shapes.place(at, start);
            }
            shapes.end_ring(start, at == 0, false);
        }
    }
}
