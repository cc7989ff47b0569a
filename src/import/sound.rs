//! Shapes as they are written: valid in the file's CRS, or repaired where that is asked for, and then in degrees.

use geo::{GeodesicArea, Geometry, MapCoords, MultiPolygon, coord};

use super::place::Placed;
use super::repair::repaired;
use crate::ingest::{problems, problems_beyond};

/// How shapes are judged and written.
#[derive(Debug, Clone, Copy)]
pub struct Soundness {
    /// Repairs what is not valid, where its area changes by no more than this share.
    pub repair: Option<f64>,
    /// The plan's `audit.rounding_m`: what conversion moves by less is no error.
    pub rounding_m: f64,
}

/// A shape that is written.
pub struct Sound {
    pub shape: Geometry<f64>,
    /// What was repaired, in words.
    pub repaired: Option<String>,
}

impl Soundness {
    /// A shape of the file in degrees: of nine decimals where it is as valid with these, and else of all.
    ///
    /// # Errors
    /// It cannot be converted, or is not valid; each with all that is wrong.
    pub fn of(self, shape: &Geometry<f64>, placed: &Placed) -> Result<Sound, Unsound> {
        let convert = |shape: &Geometry<f64>| {
            placed
                .geometry(shape)
                .map_err(|error| Unsound::Elsewhere(error.to_string()))
        };
        let exact = convert(shape)?;
        if matches!(shape, Geometry::Point(_) | Geometry::MultiPoint(_)) {
            let shape = rounded(&exact);
            return Ok(Sound {
                shape,
                repaired: None,
            });
        }
        let found = problems(shape);
        let short = rounded(&exact);
        if found.is_empty()
            && let Some(shape) = if short == *shape {
                Some(short)
            } else {
                self.written(exact)
            }
        {
            return Ok(Sound {
                shape,
                repaired: None,
            });
        }
        let found = if found.is_empty() {
            vec!["is valid as the file has it, and not once it is converted to degrees".to_owned()]
        } else {
            found
        };
        let Some(bound) = self.repair else {
            return Err(Unsound::Invalid(found));
        };
        let told = found.join("; ");
        let Some(mended) = repaired(shape) else {
            return Err(Unsound::Invalid(vec![format!(
                "{told}; --repair leaves nothing of it"
            )]));
        };
        let after = convert(&mended.after)?;
        let before = convert(&mended.before.into())?;
        let (before, area) = (square_metres(&before), square_metres(&after));
        let change = (area - before).abs() / area.max(before).max(f64::MIN_POSITIVE);
        let areas = format!("{before:.1} m² as it is drawn, {area:.1} m² repaired");
        if change > bound {
            return Err(Unsound::Invalid(vec![format!(
                "{told}; --repair would change its area by {:.1} %, more than {} %: {areas}; --repair={:.0} allows it",
                change * 100.0,
                bound * 100.0,
                (change * 100.0).ceil()
            )]));
        }
        let Some(shape) = self.written(after) else {
            return Err(Unsound::Invalid(vec![format!(
                "{told}; --repair cannot mend it in degrees"
            )]));
        };
        Ok(Sound {
            shape,
            repaired: Some(format!("{told}; {areas}")),
        })
    }

    /// A shape that was valid before it was converted, with as few digits as keep it so.
    fn written(self, exact: Geometry<f64>) -> Option<Geometry<f64>> {
        let short = rounded(&exact);
        if problems(&short).is_empty() {
            return Some(short);
        }
        let exact_problems = problems(&exact);
        if exact_problems.is_empty() {
            return Some(exact);
        }
        let sound = |shape: &Geometry<f64>| problems_beyond(shape, self.rounding_m).is_empty();
        [short, exact].into_iter().find(sound)
    }
}

/// Why a shape is not written.
#[derive(Debug)]
pub enum Unsound {
    /// It cannot be converted.
    Elsewhere(String),
    /// All that makes it invalid.
    Invalid(Vec<String>),
}

/// To a tenth of a millimetre.
fn rounded(shape: &Geometry<f64>) -> Geometry<f64> {
    let part = |degrees: f64| (degrees * 1e9).round() / 1e9;
    shape.map_coords(|at| coord! { x: part(at.x), y: part(at.y) })
}

fn square_metres(shape: &Geometry<f64>) -> f64 {
    match shape {
        Geometry::Polygon(polygon) => polygon.geodesic_area_unsigned(),
        Geometry::MultiPolygon(polygons) => {
            let all: &MultiPolygon<f64> = polygons;
            all.iter().map(GeodesicArea::geodesic_area_unsigned).sum()
        }
        _ => 0.0,
    }
}
