//! The offset coordinates of Chinese web maps. Both are obfuscations of WGS 84, not reference
//! systems: no authority publishes them, and the formulas are those that public code has agreed on.
//! Outside China the maps do not shift, and neither does this.

use std::f64::consts::PI;

use geo::{Coord, coord};

/// Krassowsky 1940, which the formula was written for.
const AXIS: f64 = 6_378_245.0;
const ECCENTRICITY_SQUARED: f64 = 0.006_693_421_622_965_943;

/// From WGS 84 to GCJ-02, degrees: `AMap`, Tencent.
pub(super) fn wgs84_to_gcj02(at: Coord<f64>) -> Coord<f64> {
    if !(72.004..=137.8347).contains(&at.x) || !(0.8293..=55.8271).contains(&at.y) {
        return at;
    }
    let (x, y) = (at.x - 105.0, at.y - 35.0);
    let short = (20.0 * (6.0 * x * PI).sin() + 20.0 * (2.0 * x * PI).sin()) * 2.0 / 3.0;
    let wave = |share: f64, first: f64, second: f64, third: f64, slow: f64| {
        let part = |size: f64, length: f64| size * (share / length * PI).sin();
        (20.0 * (share * PI).sin() + part(40.0, 3.0)) * 2.0 / 3.0
            + (part(first, 12.0) + part(second, slow)) * third
    };
    let north = -100.0
        + 2.0 * x
        + 3.0 * y
        + 0.2 * y * y
        + 0.1 * x * y
        + 0.2 * x.abs().sqrt()
        + short
        + wave(y, 160.0, 320.0, 2.0 / 3.0, 30.0);
    let east = 300.0
        + x
        + 2.0 * y
        + 0.1 * x * x
        + 0.1 * x * y
        + 0.1 * x.abs().sqrt()
        + short
        + wave(x, 150.0, 300.0, 2.0 / 3.0, 30.0);
    let latitude = at.y.to_radians();
    let magic = 1.0 - ECCENTRICITY_SQUARED * latitude.sin().powi(2);
    let meridian = AXIS * (1.0 - ECCENTRICITY_SQUARED) / (magic * magic.sqrt());
    let parallel = AXIS / magic.sqrt() * latitude.cos();
    at + coord! { x: (east / parallel).to_degrees(), y: (north / meridian).to_degrees() }
}

/// From GCJ-02 to WGS 84, degrees: the forward formula, iterated until it moves by less than a
/// tenth of a millimetre.
pub(super) fn gcj02_to_wgs84(at: Coord<f64>) -> Coord<f64> {
    let mut guess = at;
    for _ in 0..30 {
        let error = wgs84_to_gcj02(guess) - at;
        guess = guess - error;
        if error.x.abs().max(error.y.abs()) < 1e-9 {
            break;
        }
    }
    guess
}

const SPIRAL: f64 = PI * 3000.0 / 180.0;

/// From GCJ-02 to BD-09, degrees: Baidu.
pub(super) fn gcj02_to_bd09(at: Coord<f64>) -> Coord<f64> {
    let radius = at.x.hypot(at.y) + 0.000_02 * (at.y * SPIRAL).sin();
    let angle = at.y.atan2(at.x) + 0.000_003 * (at.x * SPIRAL).cos();
    coord! { x: radius * angle.cos() + 0.0065, y: radius * angle.sin() + 0.006 }
}

/// From BD-09 to GCJ-02, degrees, iterated like [`gcj02_to_wgs84`].
pub(super) fn bd09_to_gcj02(at: Coord<f64>) -> Coord<f64> {
    let mut guess = at - coord! { x: 0.0065, y: 0.006 };
    for _ in 0..30 {
        let error = gcj02_to_bd09(guess) - at;
        guess = guess - error;
        if error.x.abs().max(error.y.abs()) < 1e-9 {
            break;
        }
    }
    guess
}

#[cfg(test)]
mod tests {
    use super::*;
    use geo::{Distance, Geodesic, Point};

    fn metres(a: Coord<f64>, b: Coord<f64>) -> f64 {
        Geodesic.distance(Point(a), Point(b))
    }

    /// A pair that several public tables and libraries give: the same place in three systems.
    #[test]
    fn published_pairs() {
        let wgs84 = coord! { x: 116.404, y: 39.915 };
        let gcj02 = coord! { x: 116.410_244_499_169_38, y: 39.916_404_281_501_64 };
        assert!(
            metres(wgs84_to_gcj02(wgs84), gcj02) < 0.01,
            "{:?}",
            wgs84_to_gcj02(wgs84)
        );
        let from = coord! { x: 116.404, y: 39.915 };
        let bd09 = coord! { x: 116.410_369_493_710_29, y: 39.921_336_993_510_21 };
        assert!(
            metres(gcj02_to_bd09(from), bd09) < 0.01,
            "{:?}",
            gcj02_to_bd09(from)
        );
    }

    #[test]
    fn there_and_back_is_below_a_metre() {
        for lon in 0..12 {
            for lat in 0..10 {
                let at = coord! { x: 75.0 + 5.0 * f64::from(lon), y: 5.0 + 5.0 * f64::from(lat) };
                let shifted = wgs84_to_gcj02(at);
                assert!(metres(gcj02_to_wgs84(shifted), at) < 0.001, "{at:?}");
                assert!(
                    metres(bd09_to_gcj02(gcj02_to_bd09(shifted)), shifted) < 0.001,
                    "{at:?}"
                );
                assert!(metres(at, shifted) > 50.0, "{at:?} did not move");
            }
        }
    }

    #[test]
    fn abroad_nothing_moves() {
        let london = coord! { x: -0.12, y: 51.5 };
        assert_eq!(wgs84_to_gcj02(london), london);
    }
}
