//! Invalid polygons made valid: rings that cross themselves are cut there, holes are taken out of what is around them, and
//! parts that overlap become one.

use std::collections::HashMap;

use geo::{BoundingRect, Coord, Geometry, LineString, MultiPolygon, Polygon, coord};
use i_overlay::core::fill_rule::FillRule;
use i_overlay::core::overlay::{ContourDirection, IntOverlayOptions, Overlay};
use i_overlay::core::overlay_rule::OverlayRule;
use i_overlay::core::solver::Solver;
use i_overlay::i_float::int::point::IntPoint;

use crate::ingest::problems;

/// Half of the cells of the grid along the longer side of a shape: 30 bits in all.
const CELLS: f64 = 536_870_912.0;

type Contour = Vec<IntPoint>;

/// A polygon or multipolygon before and after.
#[derive(Debug)]
pub struct Repaired {
    /// As it is drawn: what lies inside an odd number of its rings.
    pub before: MultiPolygon<f64>,
    /// Valid.
    pub after: Geometry<f64>,
}

/// Repairs a shape; none where it holds no polygons, or nothing is left of them. Corners stay where they are; those
/// where edges cross are new, on a grid of a billionth of the shape's size.
#[must_use]
pub fn repaired(geometry: &Geometry<f64>) -> Option<Repaired> {
    let polygons = match geometry {
        Geometry::Polygon(polygon) => std::slice::from_ref(polygon),
        Geometry::MultiPolygon(polygons) => &polygons.0,
        _ => return None,
    };
    let mut grid = Grid::around(geometry)?;
    let (mut parts, mut all) = (Vec::new(), Vec::new());
    for polygon in polygons {
        let exterior = vec![grid.contour(polygon.exterior())];
        let holes: Vec<Contour> = polygon
            .interiors()
            .iter()
            .map(|hole| grid.contour(hole))
            .collect();
        parts.extend(
            overlay(
                &exterior,
                &holes,
                OverlayRule::Difference,
                FillRule::NonZero,
            )
            .concat(),
        );
        all.extend(exterior);
        all.extend(holes);
    }
    let joined = overlay(&parts, &[], OverlayRule::Subject, FillRule::NonZero);
    let before = overlay(&all, &[], OverlayRule::Subject, FillRule::EvenOdd);
    let valid = |shape: MultiPolygon<f64>| {
        let shape: Geometry<f64> = match shape.0.as_slice() {
            [] => return None,
            [only] => only.clone().into(),
            _ => shape.into(),
        };
        problems(&shape).is_empty().then_some(shape)
    };
    // Should corners that stay where they were not fit between new ones, all are put on the grid.
    let after =
        valid(grid.polygons(&joined, true)).or_else(|| valid(grid.polygons(&joined, false)))?;
    Some(Repaired {
        before: grid.polygons(&before, true),
        after,
    })
}

fn overlay(
    subject: &[Contour],
    clip: &[Contour],
    rule: OverlayRule,
    fill: FillRule,
) -> Vec<Vec<Contour>> {
    let options = IntOverlayOptions {
        preserve_input_collinear: false,
        output_direction: ContourDirection::CounterClockwise,
        preserve_output_collinear: true,
        min_output_area: 0,
        ogc: true,
    };
    Overlay::with_contours_custom(subject, clip, options, Solver::default()).overlay(rule, fill)
}

/// Whole numbers for the positions of a shape.
struct Grid {
    centre: Coord<f64>,
    scale: f64,
    corners: HashMap<(i32, i32), Coord<f64>>,
}

impl Grid {
    fn around(geometry: &Geometry<f64>) -> Option<Self> {
        let bounds = geometry.bounding_rect()?;
        let size = bounds.width().max(bounds.height());
        (size > 0.0).then(|| Self {
            centre: bounds.center(),
            scale: 2.0 * CELLS / size,
            corners: HashMap::new(),
        })
    }

    #[expect(
        clippy::cast_possible_truncation,
        reason = "no farther from the centre than CELLS"
    )]
    fn contour(&mut self, ring: &LineString<f64>) -> Contour {
        let open = ring.0.split_last().map_or(&[][..], |(_, open)| open);
        let placed = open.iter().map(|at| {
            let [x, y] = [at.x - self.centre.x, at.y - self.centre.y]
                .map(|away| (away * self.scale).round() as i32);
            self.corners.entry((x, y)).or_insert(*at);
            IntPoint::new(x, y)
        });
        placed.collect()
    }

    fn polygons(&self, shapes: &[Vec<Contour>], keep: bool) -> MultiPolygon<f64> {
        let place = |point: &IntPoint| {
            let kept = self.corners.get(&(point.x, point.y)).filter(|_| keep);
            kept.copied().unwrap_or_else(|| {
                let away = coord! { x: f64::from(point.x), y: f64::from(point.y) };
                self.centre + away / self.scale
            })
        };
        // A polygon closes its rings.
        let ring = |contour: &Contour| contour.iter().map(place).collect::<LineString<f64>>();
        let polygon = |shape: &Vec<Contour>| {
            let mut rings = shape.iter().map(ring);
            Some(Polygon::new(rings.next()?, rings.collect()))
        };
        shapes.iter().filter_map(polygon).collect()
    }
}

#[cfg(test)]
mod tests {
    use geo::{Area, wkt};

    use super::*;

    fn areas(geometry: impl Into<Geometry<f64>>) -> (f64, f64) {
        let found = repaired(&geometry.into()).expect("repaired");
        assert!(problems(&found.after).is_empty(), "{found:?}");
        let near = |area: f64| (area * 1e6).round() / 1e6;
        (
            near(found.before.unsigned_area()),
            near(found.after.unsigned_area()),
        )
    }

    #[test]
    fn what_is_wrong_with_polygons_is_repaired() {
        let bow_tie = wkt!(POLYGON((0. 0., 4. 4., 4. 0., 0. 4., 0. 0.)));
        assert_eq!(areas(bow_tie), (8.0, 8.0));
        let spike = wkt!(POLYGON((0. 0., 4. 0., 9. 0., 4. 0., 4. 4., 0. 4., 0. 0.)));
        assert_eq!(areas(spike), (16.0, 16.0));
        let hole_outside =
            wkt!(POLYGON((0. 0., 4. 0., 4. 4., 0. 4., 0. 0.), (5. 5., 6. 5., 6. 6., 5. 5.)));
        assert_eq!(areas(hole_outside), (16.5, 16.0));
        let overlapping = wkt!(MULTIPOLYGON(
            ((0. 0., 4. 0., 4. 4., 0. 4., 0. 0.)),
            ((3. 0., 7. 0., 7. 4., 3. 4., 3. 0.))
        ));
        assert_eq!(areas(overlapping), (24.0, 28.0));
        let adjacent = wkt!(MULTIPOLYGON(
            ((0. 0., 4. 0., 4. 4., 0. 4., 0. 0.)),
            ((4. 0., 7. 0., 7. 4., 4. 4., 4. 0.))
        ));
        assert_eq!(areas(adjacent), (28.0, 28.0));
    }

    #[test]
    fn corners_stay_where_they_are() {
        let corner = coord! { x: 121.123_456_789_012_34, y: 31.987_654_321_098_76 };
        let ring = vec![
            corner,
            corner + coord! { x: 4.0, y: 4.0 },
            corner + coord! { x: 4.0, y: 0.0 },
            corner + coord! { x: 0.0, y: 4.0 },
        ];
        let shape = Polygon::new(LineString::new(ring), Vec::new());
        let found = repaired(&shape.into()).expect("repaired").after;
        let Geometry::MultiPolygon(parts) = found else {
            panic!("{found:?}")
        };
        assert!(parts.iter().any(|part| part.exterior().0.contains(&corner)));
    }

    #[test]
    fn of_nothing_nothing_is_left() {
        let flat = wkt!(POLYGON((0. 0., 4. 0., 2. 0., 0. 0.)));
        assert!(repaired(&flat.into()).is_none());
        assert!(repaired(&wkt!(LINESTRING(0. 0., 1. 1.)).into()).is_none());
    }
}
