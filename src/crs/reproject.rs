//! Positions and shapes from one CRS to another.

use std::cell::RefCell;
use std::collections::HashMap;
use std::rc::Rc;

use geo::{Coord, Geometry, MapCoords, Rect, coord};
use proj::Proj;

use super::{Crs, CrsError, china};

thread_local! {
    static OPERATIONS: RefCell<HashMap<(Crs, Crs), Rc<Proj>>> = RefCell::default();
}

impl Crs {
    /// The CRS that PROJ converts to and from, and what is left to do by formula.
    fn base(self) -> Self {
        match self {
            Self::Gcj02 | Self::Bd09 => Self::Crs84,
            other => other,
        }
    }

    /// From the base to this CRS, by formula.
    fn shifted(self, at: Coord<f64>) -> Coord<f64> {
        match self {
            Self::Gcj02 => china::wgs84_to_gcj02(at),
            Self::Bd09 => china::gcj02_to_bd09(china::wgs84_to_gcj02(at)),
            _ => at,
        }
    }

    /// From this CRS to the base, by formula.
    fn unshifted(self, at: Coord<f64>) -> Coord<f64> {
        match self {
            Self::Gcj02 => china::gcj02_to_wgs84(at),
            Self::Bd09 => china::gcj02_to_wgs84(china::bd09_to_gcj02(at)),
            _ => at,
        }
    }
}

/// Converts positions from one CRS to another, longitude or easting first on both sides.
pub struct Reprojector {
    from: Crs,
    to: Crs,
    /// One after the other; none where both have the same base.
    steps: Vec<Rc<Proj>>,
}

impl Reprojector {
    /// The conversion between two CRSs; the first on a thread costs some milliseconds, and between two datums
    /// a quarter of a second.
    ///
    /// # Errors
    /// PROJ does not know a CRS, or has no operation between the two.
    pub fn new(from: Crs, to: Crs) -> Result<Self, CrsError> {
        let steps = steps(from.base(), to.base())?;
        Ok(Self { from, to, steps })
    }

    /// Converts one position.
    ///
    /// # Errors
    /// It lies outside what the operation can convert.
    pub fn position(&self, at: Coord<f64>) -> Result<Coord<f64>, CrsError> {
        let failed = |reason| CrsError::Position {
            x: at.x,
            y: at.y,
            from: self.from,
            to: self.to,
            reason,
        };
        let moved = self
            .steps
            .iter()
            .try_fold(self.from.unshifted(at), |at, step| step.convert(at))
            .map_err(|error| failed(error.to_string()))?;
        let to = self.to.shifted(moved);
        if to.x.is_finite() && to.y.is_finite() {
            Ok(to)
        } else {
            Err(failed("the result is not finite".to_owned()))
        }
    }

    /// Converts every position of a geometry; segments stay straight in the target CRS.
    ///
    /// # Errors
    /// One of the positions lies outside what the operation can convert.
    pub fn geometry(&self, geometry: &Geometry<f64>) -> Result<Geometry<f64>, CrsError> {
        geometry.try_map_coords(|at| self.position(at))
    }

    /// Says of which feature a position could not be converted.
    #[must_use]
    pub fn failed_at(&self, id: &str, error: CrsError) -> CrsError {
        CrsError::Feature {
            id: id.to_owned(),
            to: self.to,
            reason: Box::new(error),
        }
    }

    /// The box around a converted box: its sides are bent, so points along them are converted too.
    ///
    /// # Errors
    /// The box lies outside what the operation can convert.
    pub fn bounds(&self, rect: Rect<f64>) -> Result<Rect<f64>, CrsError> {
        const STEPS: u32 = 21;
        let share = |step: u32| f64::from(step) / f64::from(STEPS);
        let mut found: Option<Rect<f64>> = None;
        for step in 0..=STEPS {
            let x = rect.min().x + rect.width() * share(step);
            let y = rect.min().y + rect.height() * share(step);
            for at in [
                coord! { x: x, y: rect.min().y },
                coord! { x: x, y: rect.max().y },
                coord! { x: rect.min().x, y: y },
                coord! { x: rect.max().x, y: y },
            ] {
                let at = self.position(at)?;
                found = Some(found.map_or(Rect::new(at, at), |rect| {
                    Rect::new(
                        coord! { x: rect.min().x.min(at.x), y: rect.min().y.min(at.y) },
                        coord! { x: rect.max().x.max(at.x), y: rect.max().y.max(at.y) },
                    )
                }));
            }
        }
        Ok(found.unwrap_or(rect))
    }

    /// As [`Self::geometry`], with the target's axes in its authority's order, rounded to what is
    /// finer than a tenth of a millimetre.
    ///
    /// # Errors
    /// One of the positions lies outside what the operation can convert.
    pub fn to_authority(&self, geometry: &Geometry<f64>) -> Result<Geometry<f64>, CrsError> {
        let scale = 10f64.powi(self.to.decimals()?);
        let rounded = |at: Coord<f64>| coord! { x: (at.x * scale).round() / scale, y: (at.y * scale).round() / scale };
        let converted = self.geometry(geometry)?.map_coords(rounded);
        Ok(if self.to.northing_first()? {
            exchanged(&converted)
        } else {
            converted
        })
    }

    /// As [`Self::geometry`], from the source's axes in its authority's order.
    ///
    /// # Errors
    /// One of the positions lies outside what the operation can convert.
    pub fn from_authority(&self, geometry: &Geometry<f64>) -> Result<Geometry<f64>, CrsError> {
        if self.from.northing_first()? {
            self.geometry(&exchanged(geometry))
        } else {
            self.geometry(geometry)
        }
    }
}

/// The conversions that lead from one CRS to another.
fn steps(from: Crs, to: Crs) -> Result<Vec<Rc<Proj>>, CrsError> {
    if from == to {
        return Ok(Vec::new());
    }
    match (from.axes()?.geographic, to.axes()?.geographic) {
        (Some(there), Some(here)) => {
            let to_degrees = (!from.axes()?.degrees).then(|| operation(from, there));
            let from_degrees = (!to.axes()?.degrees).then(|| operation(here, to));
            to_degrees.into_iter().chain(from_degrees).collect()
        }
        _ => Ok(vec![operation(from, to)?]),
    }
}

/// PROJ's operation between two CRSs.
fn operation(from: Crs, to: Crs) -> Result<Rc<Proj>, CrsError> {
    OPERATIONS.with_borrow_mut(|operations| {
        if let Some(operation) = operations.get(&(from, to)) {
            return Ok(Rc::clone(operation));
        }
        let made = Proj::new_known_crs(&from.to_string(), &to.to_string(), None);
        let operation = made.map(Rc::new).map_err(|error| CrsError::Operation {
            from,
            to,
            reason: error.to_string(),
        })?;
        operations.insert((from, to), Rc::clone(&operation));
        Ok(operation)
    })
}

fn exchanged(geometry: &Geometry<f64>) -> Geometry<f64> {
    geometry.map_coords(|at| coord! { x: at.y, y: at.x })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// As `cs2cs EPSG:4326 EPSG:4549` gives it: northing, then easting.
    #[test]
    fn gauss_kruger_of_taopu() {
        let to = Reprojector::new(Crs::Crs84, Crs::CGCS2000_GK_120).expect("an operation");
        let place = Geometry::Point(geo::point!(x: 121.352, y: 31.29));
        let Ok(Geometry::Point(at)) = to.to_authority(&place) else {
            panic!("a point")
        };
        assert!(
            (at.x() - 3_463_916.138_1).abs() < 0.001 && (at.y() - 628_734.899_9).abs() < 0.001,
            "{at:?}"
        );
        let back = Reprojector::new(Crs::CGCS2000_GK_120, Crs::Crs84).expect("an operation");
        let Ok(Geometry::Point(again)) = back.from_authority(&at.into()) else {
            panic!("a point")
        };
        assert!((again.x() - 121.352).abs() < 1e-9 && (again.y() - 31.29).abs() < 1e-9);
    }

    #[test]
    fn the_offset_systems_are_off_by_what_is_known_here() {
        let place = Geometry::Point(geo::point!(x: 121.352, y: 31.29));
        for (crs, expected) in [(Crs::Gcj02, 484.0), (Crs::Bd09, 1147.0)] {
            let there = Reprojector::new(Crs::Crs84, crs)
                .expect("formulas")
                .geometry(&place);
            let (Ok(Geometry::Point(there)), Geometry::Point(place)) = (there, &place) else {
                panic!("points")
            };
            let metres = geo::Distance::distance(&geo::Geodesic, *place, there);
            assert!((metres - expected).abs() < 2.0, "{crs}: {metres}");
        }
    }

    /// Where no operation is looked for, positions are those of the operation that PROJ finds.
    #[test]
    fn conversions_of_one_datum_are_those_that_proj_finds() {
        let codes = [4326, 4490, 4549, 4528, 4502, 3857, 32651];
        let names = codes.map(Crs::Epsg).into_iter().chain([Crs::Crs84]);
        let all: Vec<_> = names.collect();
        let place = coord! { x: 121.352, y: 31.29 };
        for from in &all {
            let start = Reprojector::new(Crs::Crs84, *from).expect("an operation");
            let start = start.position(place).expect("a position");
            for to in all.iter().filter(|to| *to != from) {
                let found = Proj::new_known_crs(&from.to_string(), &to.to_string(), None);
                let expected = found.expect("an operation").convert(start);
                let expected: Coord<f64> = expected.expect("a position");
                let ours = Reprojector::new(*from, *to).expect("an operation");
                let at = ours.position(start).expect("a position");
                let unit = if expected.x.abs() < 181.0 {
                    1e-11
                } else {
                    1e-6
                };
                let apart = (at.x - expected.x).abs().max((at.y - expected.y).abs());
                assert!(apart < unit, "{from} to {to}: {at:?}, {expected:?}");
            }
        }
    }
}
