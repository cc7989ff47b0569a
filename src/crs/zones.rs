//! The Gauss-Kruger zones of CGCS2000 (GB/T 17798): 3 or 6 degrees wide, with the number of the zone in
//! front of the easting or without it. Their codes in the EPSG dataset follow one another.

use super::Crs;

/// A zone, as an easting in it is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Zone {
    /// 3 or 6 degrees.
    width: u32,
    /// 25 to 45 of the narrow ones, 13 to 23 of the wide ones.
    number: u32,
    /// True where eastings begin with the number.
    prefixed: bool,
}

impl Zone {
    /// All of them, the narrow ones first.
    pub fn all() -> impl Iterator<Item = Self> {
        let of = |width, prefixed| {
            let numbers = if width == 3 { 25..=45 } else { 13..=23 };
            numbers.map(move |number| Self {
                width,
                number,
                prefixed,
            })
        };
        of(3, false)
            .chain(of(3, true))
            .chain(of(6, false))
            .chain(of(6, true))
    }

    /// The narrow zone without a number in the easting that holds a longitude.
    #[must_use]
    pub fn holding(longitude: f64) -> Option<Self> {
        Self::all().find(|zone| {
            zone.width == 3
                && !zone.prefixed
                && (longitude - f64::from(zone.central_meridian())).abs() <= 1.5
        })
    }

    /// The zone of a code.
    #[must_use]
    pub fn of(crs: Crs) -> Option<Self> {
        Self::all().find(|zone| zone.crs() == crs)
    }

    /// Its code.
    #[must_use]
    pub fn crs(self) -> Crs {
        let first = match (self.width, self.prefixed) {
            (3, true) => 4513 - 25,
            (3, false) => 4534 - 25,
            (_, true) => 4491 - 13,
            (_, false) => 4502 - 13,
        };
        Crs::Epsg(first + self.number)
    }

    /// Degrees east.
    #[must_use]
    pub fn central_meridian(self) -> u32 {
        if self.width == 3 {
            3 * self.number
        } else {
            6 * self.number - 3
        }
    }

    /// Metres.
    #[must_use]
    pub fn false_easting(self) -> f64 {
        let number = if self.prefixed { self.number } else { 0 };
        f64::from(number) * 1e6 + 500_000.0
    }

    /// True where eastings begin with the number of the zone.
    #[must_use]
    pub fn is_prefixed(self) -> bool {
        self.prefixed
    }

    /// True where a position may be one of the zone: an easting of the zone, as far to the side as
    /// surveys are carried beyond its edge, and a northing of China.
    #[must_use]
    pub fn may_hold(self, easting: f64, northing: f64) -> bool {
        // Half of a zone is at most 3.33 million metres over 60 at the equator, per degree 111.3 km.
        let half = f64::from(self.width) / 2.0 * 111_400.0;
        (easting - self.false_easting()).abs() <= half + 100_000.0
            && (300_000.0..=6_000_000.0).contains(&northing)
    }
}

#[cfg(test)]
mod tests {
    use proj::Proj;

    use super::*;

    /// The EPSG dataset's own names and parameters.
    #[test]
    fn zones_are_the_authority_s() {
        let mut seen = 0;
        for zone in Zone::all() {
            let known = Proj::new(&zone.crs().to_string()).expect("a code");
            let json = known.to_projjson(None, None, None).expect("PROJJSON");
            let json: serde_json::Value = serde_json::from_str(&json).expect("JSON");
            let name = json["name"].as_str().expect("a name");
            let wide = if zone.width == 3 { "3-degree " } else { "" };
            let tail = if zone.prefixed {
                format!("zone {}", zone.number)
            } else {
                format!("CM {}E", zone.central_meridian())
            };
            assert_eq!(name, format!("CGCS2000 / {wide}Gauss-Kruger {tail}"));
            let parameters = json["conversion"]["parameters"].as_array();
            let value = |name: &str| {
                let mut all = parameters.expect("parameters").iter();
                let found = all.find(|one| one["name"] == name).expect("a parameter");
                found["value"].as_f64().expect("a number")
            };
            let easting = value("False easting");
            assert!((easting - zone.false_easting()).abs() < 1e-9, "{name}");
            let meridian = value("Longitude of natural origin");
            let central = f64::from(zone.central_meridian());
            assert!((meridian - central).abs() < 1e-9, "{name}");
            assert_eq!(Zone::of(zone.crs()), Some(zone));
            seen += 1;
        }
        assert_eq!(seen, 64);
    }

    #[test]
    fn a_longitude_has_its_zone() {
        let code = |longitude| Zone::holding(longitude).map(Zone::crs);
        assert_eq!(code(121.35), Some(Crs::CGCS2000_GK_120));
        assert_eq!(code(104.06), Some(Crs::Epsg(4544)));
        assert_eq!(code(2.35), None);
    }
}
