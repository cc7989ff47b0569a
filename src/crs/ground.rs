//! Lengths on the ground between positions in degrees.

use geo::{Coord, coord};

/// Metres of one degree of longitude and of one of latitude, at a latitude in degrees (WGS 84).
#[must_use]
pub fn metres_per_degree(latitude: f64) -> (f64, f64) {
    const MAJOR: f64 = 6_378_137.0;
    const ECCENTRICITY_SQUARED: f64 = 0.006_694_379_990_141_316;
    let (sine, cosine) = latitude.to_radians().sin_cos();
    let bend = 1.0 - ECCENTRICITY_SQUARED * sine * sine;
    let prime_vertical = MAJOR / bend.sqrt();
    let meridian = MAJOR * (1.0 - ECCENTRICITY_SQUARED) / (bend * bend.sqrt());
    (
        (prime_vertical * cosine).to_radians(),
        meridian.to_radians(),
    )
}

/// The least radius of curvature of the ellipsoid in m: that of the meridian at the equator.
const RADIUS: f64 = 6_335_439.0;

/// How far from its central meridian a grid is used, in degrees: half of a six-degree zone.
const HALF_ZONE: f64 = 3.0;

/// The most that an edge can lie beside itself, in m, where it was drawn straight in a projected grid and
/// only its ends were converted to degrees. In a tiling that was drawn so, a corner of one polygon on the
/// middle of the long edge of another is so far off that edge: 0.05 m over 2 km at Shanghai, four times
/// as much over twice the length.
///
/// A curve with the curvature k over a chord of the length L rises k L² / 8 above it. Seen from the
/// geodesic, whose azimuth α turns by sin α · tan φ / R per metre (Clairaut), an edge that is straight in
/// longitude and latitude turns the other way: there tan α / cos φ is constant, which gives
/// −sin α · cos² α · tan φ / R. Together k = sin α · (1 + cos² α) · tan φ / R. An edge that is straight in a
/// transverse Mercator grid, x beside the central meridian, is off the geodesic too: the grid's scale is
/// 1 + x² / 2R², and a geodesic bends on a conformal map as the scale's logarithm grows across it, which is
/// k = x · cos α / R². One that is straight in Mercator's projection lies between the geodesic and that in
/// degrees.
#[must_use]
pub fn sagitta(from: Coord<f64>, to: Coord<f64>) -> f64 {
    let scale = metres_per_degree(f64::midpoint(from.y, to.y));
    let along = coord! { x: (to.x - from.x) * scale.0, y: (to.y - from.y) * scale.1 };
    let length = along.x.hypot(along.y);
    if length == 0.0 {
        return 0.0;
    }
    let latitude = from.y.abs().max(to.y.abs()).min(89.0).to_radians();
    let (sine, cosine) = (along.x.abs() / length, along.y.abs() / length);
    let degrees = sine * (1.0 + cosine * cosine) * latitude.tan();
    let grid = cosine * HALF_ZONE.to_radians() * latitude.cos();
    (degrees + grid) * length * length / (8.0 * RADIUS)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::crs::{Crs, Reprojector};

    /// How far the middle of an edge of the grid lies off the chord between its converted ends, by PROJ.
    fn off_chord(longitude: f64, latitude: f64, length: f64, azimuth: f64) -> (f64, f64) {
        let grid = Crs::CGCS2000_GK_120;
        let forth = Reprojector::new(Crs::Crs84, grid).expect("PROJ");
        let back = Reprojector::new(grid, Crs::Crs84).expect("PROJ");
        let middle = forth.position(coord! { x: longitude, y: latitude });
        let middle = middle.expect("a position");
        let half = coord! { x: azimuth.sin(), y: azimuth.cos() } * (length / 2.0);
        let degrees = |at| back.position(at).expect("a position");
        let [from, to] = [middle - half, middle + half].map(degrees);
        let origin = degrees(middle);
        let scale = metres_per_degree(origin.y);
        let metres = |at: Coord<f64>| {
            let away = at - origin;
            coord! { x: away.x * scale.0, y: away.y * scale.1 }
        };
        let (from_m, to_m) = (metres(from), metres(to));
        let along = to_m - from_m;
        // The plane's origin is the middle.
        let off = (from_m.x * along.y - from_m.y * along.x) / along.x.hypot(along.y);
        (off.abs(), sagitta(from, to))
    }

    proptest! {
        /// All of China and more, and the 3-degree zone twice as wide as it is used.
        #[test]
        fn edges_of_a_grid_are_no_farther_off_than_told(
            longitude in 117.0..123.0_f64,
            latitude in 0.0..54.0_f64,
            length in 10.0..10_000.0_f64,
            azimuth in 0.0..std::f64::consts::PI,
        ) {
            let (off, told) = off_chord(longitude, latitude, length, azimuth);
            prop_assert!(off < told * 1.005 + 1e-6, "{off} {told}");
        }
    }

    #[test]
    fn an_edge_from_west_to_east_is_as_far_off_as_told() {
        for (length, expected) in [(1000.0, 0.0119), (2000.0, 0.0476), (4000.0, 0.190)] {
            let (off, told) = off_chord(121.36, 31.28, length, std::f64::consts::FRAC_PI_2);
            assert!((off / expected - 1.0).abs() < 0.01, "{length}: {off}");
            assert!((told / off - 1.0).abs() < 0.03, "{length}: {off} {told}");
        }
    }
}
