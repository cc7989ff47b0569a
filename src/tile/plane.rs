//! The planes that tiles are cut in, each one unit wide from the 180th meridian to itself, y to the
//! south. Nothing outside this stage sees them.

use std::f64::consts::PI;

use geo::{Coord, coord};

/// How degrees are laid out in a plane.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Plane {
    /// EPSG:3857 scaled: the world is a square.
    Mercator,
    /// Longitude and latitude as they are: the world is twice as wide as high.
    Degrees,
}

impl Plane {
    pub const ALL: [Self; 2] = [Self::Mercator, Self::Degrees];

    /// Degrees to the plane. In Mercator a pole is infinitely far: it is kept finite, far outside
    /// the square.
    pub fn project(self, at: Coord<f64>) -> Coord<f64> {
        let x = at.x / 360.0 + 0.5;
        let y = match self {
            Self::Mercator => {
                let latitude = at.y.clamp(-89.999_999, 89.999_999).to_radians();
                0.5 - latitude.tan().asinh() / (2.0 * PI)
            }
            Self::Degrees => 0.25 - at.y / 360.0,
        };
        coord! { x: x, y: y }
    }

    /// The plane to degrees.
    pub fn unproject(self, at: Coord<f64>) -> Coord<f64> {
        let x = (at.x - 0.5) * 360.0;
        let y = match self {
            Self::Mercator => ((0.5 - at.y) * 2.0 * PI).sinh().atan().to_degrees(),
            Self::Degrees => (0.25 - at.y) * 360.0,
        };
        coord! { x: x, y: y }
    }
}

/// A plane over a range of latitudes: y as a polynomial where that is as good as the exact formula,
/// which takes ten times as long.
///
/// Taylor's, of degree 4 in Mercator, around the middle. The fifth derivative of Mercator's y by the
/// latitude is sec φ (24 sec⁴φ - 20 sec²φ + 1), which grows away from the equator, so that its value at
/// the far end of the range bounds the error.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Band {
    plane: Plane,
    middle: f64,
    /// None where the exact formula is needed.
    powers: Option<[f64; 5]>,
}

impl Band {
    /// The plane between two latitudes, with y at most `error` off, in widths of the plane.
    pub fn new(plane: Plane, south: f64, north: f64, error: f64) -> Self {
        let middle = f64::midpoint(south, north);
        let half = ((north - south) / 2.0).abs().to_radians();
        let powers = match plane {
            Plane::Degrees => Some([0.25 - middle / 360.0, -1.0 / 360.0, 0.0, 0.0, 0.0]),
            Plane::Mercator => {
                let far = south.abs().max(north.abs()).min(89.9).to_radians();
                let secant = 1.0 / far.cos();
                let fifth = secant * (24.0 * secant.powi(4) - 20.0 * secant.powi(2) + 1.0);
                let off = fifth * half.powi(5) / 120.0 / (2.0 * PI);
                (off <= error && south >= -89.0 && north <= 89.0).then(|| mercator_powers(middle))
            }
        };
        Self {
            plane,
            middle,
            powers,
        }
    }

    /// y of a latitude inside the range.
    #[inline]
    pub fn y(&self, latitude: f64) -> f64 {
        match &self.powers {
            Some(powers) => {
                let off = latitude - self.middle;
                let (low, high) = (
                    powers[0] + off * powers[1],
                    powers[2] + off * (powers[3] + off * powers[4]),
                );
                low + off * off * high
            }
            None => self.plane.project(coord! { x: 0.0, y: latitude }).y,
        }
    }
}

/// Of Mercator's y, by powers of degrees from a latitude.
fn mercator_powers(latitude: f64) -> [f64; 5] {
    let phi = latitude.to_radians();
    let (secant, tangent) = (1.0 / phi.cos(), phi.tan());
    let squared = secant * secant;
    let derivatives = [
        tangent.asinh(),
        secant,
        secant * tangent,
        secant * (2.0 * squared - 1.0),
        secant * tangent * (6.0 * squared - 1.0),
    ];
    let mut scale = 1.0 / (2.0 * PI);
    let mut out = [0.5, 0.0, 0.0, 0.0, 0.0];
    for (power, derivative) in derivatives.into_iter().enumerate() {
        out[power] -= derivative * scale;
        #[expect(clippy::cast_precision_loss, reason = "at most 5")]
        {
            scale *= 1.0_f64.to_radians() / (power + 1) as f64;
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::crs::{Crs, Reprojector};

    #[test]
    fn bands_are_as_exact_as_they_say() {
        for plane in Plane::ALL {
            for (south, height) in [
                (31.0, 0.3),
                (-84.0, 2.0),
                (-20.0, 40.0),
                (88.5, 1.5),
                (0.0, 11.25),
            ] {
                for error in [1e-12, 1e-9, 1e-6] {
                    let band = Band::new(plane, south, south + height, error);
                    for step in 0..=100 {
                        let latitude = south + height * f64::from(step) / 100.0;
                        let exact = plane.project(coord! { x: 0.0, y: latitude }).y;
                        assert!(
                            (band.y(latitude) - exact).abs() <= error + 1e-14,
                            "{latitude}"
                        );
                    }
                }
            }
        }
        let tile = Band::new(Plane::Mercator, 31.0, 31.4, 1e-10);
        assert!(tile.powers.is_some(), "a tile is narrow enough");
    }

    const PLACES: [(f64, f64); 4] = [(121.352, 31.29), (-179.9, -84.9), (0.0, 0.0), (180.0, 85.0)];

    #[test]
    fn mercator_agrees_with_proj() {
        let proj = Reprojector::new(Crs::Crs84, Crs::WEB_MERCATOR).expect("an operation");
        let whole = 2.0 * PI * 6_378_137.0;
        for at in PLACES.map(Coord::from) {
            let expected = proj.position(at).expect("inside the range");
            let found = Plane::Mercator.project(at);
            assert!(
                ((found.x - 0.5) * whole - expected.x).abs() < 1e-5,
                "{at:?}"
            );
            assert!(
                ((0.5 - found.y) * whole - expected.y).abs() < 1e-5,
                "{at:?}"
            );
        }
    }

    /// PROJ knows no operation between the two datums but the identity. Should it learn a better
    /// one, tiles of CGCS2000 have to follow.
    #[test]
    fn cgcs2000_has_the_degrees_of_storage() {
        let proj = Reprojector::new(Crs::Crs84, Crs::Epsg(4490)).expect("an operation");
        for at in [(121.352, 31.29), (75.0, 39.0), (134.0, 48.0)].map(Coord::from) {
            let there = proj.position(at).expect("in China");
            assert!(
                (there.x - at.x).abs() < 1e-11 && (there.y - at.y).abs() < 1e-11,
                "{at:?}"
            );
        }
    }

    #[test]
    fn there_and_back() {
        for plane in Plane::ALL {
            for at in PLACES.map(Coord::from) {
                let back = plane.unproject(plane.project(at));
                assert!(
                    (back.x - at.x).abs() < 1e-12 && (back.y - at.y).abs() < 1e-12,
                    "{at:?}"
                );
            }
        }
    }
}
