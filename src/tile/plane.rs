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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::crs::{Crs, Reprojector};

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
