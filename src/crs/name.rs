//! Names of CRSs: codes, URIs, URNs.

use std::fmt;
use std::str::FromStr;

use super::{Crs, CrsError};

impl Crs {
    /// Its URI (OGC Name Type Specification 09-048r5); the unofficial ones have a URN of their own.
    #[must_use]
    pub fn uri(self) -> String {
        match self {
            Self::Crs84 => "http://www.opengis.net/def/crs/OGC/1.3/CRS84".to_owned(),
            Self::Epsg(code) => format!("http://www.opengis.net/def/crs/EPSG/0/{code}"),
            Self::Gcj02 => "urn:x-buju:def:crs:GCJ02".to_owned(),
            Self::Bd09 => "urn:x-buju:def:crs:BD09".to_owned(),
        }
    }
}

impl fmt::Display for Crs {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Crs84 => out.write_str("OGC:CRS84"),
            Self::Epsg(code) => write!(out, "EPSG:{code}"),
            Self::Gcj02 => out.write_str("GCJ02"),
            Self::Bd09 => out.write_str("BD09"),
        }
    }
}

impl FromStr for Crs {
    type Err = CrsError;

    /// Reads `EPSG:4549`, its URI (http or https), its URN, or a safe CURIE in brackets.
    fn from_str(text: &str) -> Result<Self, CrsError> {
        let unknown = || CrsError::Unknown(text.to_owned());
        let name = text
            .strip_prefix('[')
            .and_then(|text| text.strip_suffix(']'));
        let name = name.unwrap_or(text);
        let uri = name
            .strip_prefix("http://")
            .or_else(|| name.strip_prefix("https://"));
        let code = |code: &str| {
            let digits = !code.is_empty() && code.bytes().all(|byte| byte.is_ascii_digit());
            digits.then(|| code.parse().ok()).flatten().map(Self::Epsg)
        };
        if let Some(path) = uri.and_then(|uri| uri.strip_prefix("www.opengis.net/def/crs/")) {
            return match path.split('/').collect::<Vec<_>>().as_slice() {
                ["OGC", _, "CRS84"] => Ok(Self::Crs84),
                ["EPSG", _, number] => code(number).ok_or_else(unknown),
                _ => Err(unknown()),
            };
        }
        match name.split(':').collect::<Vec<_>>().as_slice() {
            ["OGC", "CRS84"] | ["urn", "ogc", "def", "crs", "OGC", _, "CRS84"] => Ok(Self::Crs84),
            ["EPSG", number] | ["urn", "ogc", "def", "crs", "EPSG", _, number] => {
                code(number).ok_or_else(unknown)
            }
            ["GCJ02"] | ["urn", "x-buju", "def", "crs", "GCJ02"] => Ok(Self::Gcj02),
            ["BD09"] | ["urn", "x-buju", "def", "crs", "BD09"] => Ok(Self::Bd09),
            _ => Err(unknown()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_read_in_every_form() {
        for (text, crs) in [
            ("http://www.opengis.net/def/crs/OGC/1.3/CRS84", Crs::Crs84),
            (
                "https://www.opengis.net/def/crs/EPSG/0/4549",
                Crs::CGCS2000_GK_120,
            ),
            (
                "http://www.opengis.net/def/crs/EPSG/9.9.1/4490",
                Crs::Epsg(4490),
            ),
            ("urn:ogc:def:crs:EPSG::3857", Crs::WEB_MERCATOR),
            ("[EPSG:4326]", Crs::Epsg(4326)),
            ("GCJ02", Crs::Gcj02),
        ] {
            assert_eq!(text.parse(), Ok(crs), "{text}");
            assert_eq!(crs.uri().parse(), Ok(crs), "{text}");
        }
        for text in [
            "",
            "4549",
            "EPSG:",
            "EPSG:x",
            "EPSG:99999999999",
            "http://example.org/4549",
        ] {
            assert!(text.parse::<Crs>().is_err(), "{text}");
        }
    }
}
