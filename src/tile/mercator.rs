//! Web Mercator as a unit square: x and y from 0 to 1, y to the south (EPSG:3857 scaled).

use std::f64::consts::PI;

use geo::{Coord, coord};

/// Degrees to the unit square. A pole is infinitely far: it is kept finite, far outside the square.
pub(super) fn project(at: Coord<f64>) -> Coord<f64> {
    let latitude = at.y.clamp(-89.999_999, 89.999_999).to_radians();
    coord! { x: at.x / 360.0 + 0.5, y: 0.5 - latitude.tan().asinh() / (2.0 * PI) }
}

/// The unit square to degrees.
pub(super) fn unproject(at: Coord<f64>) -> Coord<f64> {
    coord! { x: (at.x - 0.5) * 360.0, y: ((0.5 - at.y) * 2.0 * PI).sinh().atan().to_degrees() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::crs::{Crs, Reprojector};

    #[test]
    fn agrees_with_proj() {
        let proj = Reprojector::new(Crs::Crs84, Crs::WEB_MERCATOR).expect("an operation");
        let half = 6_378_137.0 * PI;
        for at in [(121.352, 31.29), (-179.9, -84.9), (0.0, 0.0), (180.0, 85.0)] {
            let at = Coord::from(at);
            let expected = proj.position(at).expect("inside the range");
            let unit = project(at);
            assert!(
                ((unit.x - 0.5) * 2.0 * half - expected.x).abs() < 1e-5,
                "{at:?}"
            );
            assert!(
                ((0.5 - unit.y) * 2.0 * half - expected.y).abs() < 1e-5,
                "{at:?}"
            );
            let back = unproject(unit);
            assert!(
                (back.x - at.x).abs() < 1e-12 && (back.y - at.y).abs() < 1e-12,
                "{at:?}"
            );
        }
    }
}
