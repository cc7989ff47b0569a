//! A conversion between datums that somebody names, because none is to be taken unasked.

use std::fmt;
use std::str::FromStr;

use geo::{Coord, coord};
use proj::Proj;
use serde_json::Value as Json;

use super::identify::{core, described, geographic};
use super::{CrsError, Told};

/// What `--operation` may say.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Operation {
    /// An operation of the EPSG dataset between geographic CRSs.
    Epsg(u32),
    /// Parameters as a surveying office gives them, in PROJ's notation: `+proj=helmert +x=...`.
    Helmert(String),
    /// Longitude and latitude stay the same numbers, by whatever they are off.
    Ballpark,
}

impl fmt::Display for Operation {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Epsg(code) => write!(out, "EPSG:{code}"),
            Self::Helmert(text) => out.write_str(text),
            Self::Ballpark => out.write_str("ballpark"),
        }
    }
}

impl FromStr for Operation {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        if let Some(code) = text
            .strip_prefix("EPSG:")
            .and_then(|code| code.parse().ok())
        {
            return Ok(Self::Epsg(code));
        }
        if text == "ballpark" {
            return Ok(Self::Ballpark);
        }
        let one_step = text.matches("+proj=").count() == 1 && !text.contains("+step");
        if text.starts_with("+proj=helmert ") && one_step {
            return Ok(Self::Helmert(text.to_owned()));
        }
        Err(format!(
            "expected EPSG:code, \"+proj=helmert +x=...\" or ballpark, found {text:?}"
        ))
    }
}

/// From a file's coordinates to the geographic CRS that they are of, and from that one to WGS 84.
pub(super) struct Steps {
    first: Proj,
    second: Proj,
    /// True where the second takes and gives latitude first.
    exchanged: bool,
    /// Its name.
    pub name: String,
    /// Metres, where somebody has said it.
    pub accuracy: Option<f64>,
    /// Where it is meant for, where it says: west, south, east, north.
    pub area: Option<([f64; 4], String)>,
}

impl Steps {
    /// By an operation of the EPSG dataset, which has to start at the file's datum.
    pub fn by_code(told: &Told, code: u32) -> Result<Self, CrsError> {
        let refused = |reason: String| CrsError::Refused {
            name: format!("--operation EPSG:{code}"),
            reason,
        };
        let urn = format!("urn:ogc:def:coordinateOperation:EPSG::{code}");
        let json = described(&urn).map_err(refused)?;
        let named = |part: &str| json[part]["name"].as_str().unwrap_or("?").to_owned();
        let (from, to) = (named("source_crs"), named("target_crs"));
        let own = geographic(&told.json)["name"].as_str().unwrap_or("?");
        let unlike = plain(&from) != plain(own)
            && datum_name(&json["source_crs"]) != datum_name(geographic(&told.json));
        if unlike {
            let reason = format!("it converts from {from}, and the file is in {}", told.name);
            return Err(refused(reason));
        }
        if to != "WGS 84" && plain(&to) != plain("China Geodetic Coordinate System 2000") {
            let reason = format!("expected an operation to WGS 84, found one to {to}");
            return Err(refused(reason));
        }
        let second = Proj::new(&urn).map_err(|error| refused(error.to_string()))?;
        let info = second.proj_info();
        let area = second.area_of_use().ok().and_then(|(area, name)| {
            let area = area?;
            Some((
                [area.west, area.south, area.east, area.north],
                name.unwrap_or_default(),
            ))
        });
        let axis = json.pointer("/source_crs/coordinate_system/axis/0/direction");
        Ok(Self {
            first: to_geographic(told)?,
            exchanged: axis.is_some_and(|axis| axis == "north"),
            name: format!("EPSG:{code} {:?}", info.description.unwrap_or_default()),
            accuracy: (info.accuracy >= 0.0).then_some(info.accuracy),
            area,
            second,
        })
    }

    /// By seven parameters, in PROJ's notation.
    pub fn by_parameters(told: &Told, helmert: &str) -> Result<Self, CrsError> {
        let refused = |reason: String| CrsError::Refused {
            name: format!("--operation {helmert:?}"),
            reason,
        };
        let has = |names: &[&str]| {
            let mut words = helmert.split_whitespace();
            words.any(|word| names.iter().any(|name| word.starts_with(name)))
        };
        if has(&["+rx=", "+ry=", "+rz="]) && !has(&["+convention="]) {
            return Err(refused(
                "the signs of rotations are counted in two ways: add +convention=position_vector or \
                 +convention=coordinate_frame, whichever the office says that its parameters are of"
                    .to_owned(),
            ));
        }
        let base = geographic(&told.json);
        let datum = base.get("datum").or_else(|| base.get("datum_ensemble"));
        let ellipsoid = datum.and_then(|datum| datum.get("ellipsoid"));
        let number = |name: &str| ellipsoid?.get(name)?.as_f64();
        let (Some(axis), Some(flattening)) =
            (number("semi_major_axis"), number("inverse_flattening"))
        else {
            return Err(refused(format!(
                "the ellipsoid of {} is not known",
                told.name
            )));
        };
        let text = format!(
            "+proj=pipeline +step +proj=unitconvert +xy_in=deg +xy_out=rad \
             +step +proj=cart +a={axis} +rf={flattening} +step {helmert} \
             +step +inv +proj=cart +ellps=WGS84 +step +proj=unitconvert +xy_in=rad +xy_out=deg"
        );
        Ok(Self {
            first: to_geographic(told)?,
            second: Proj::new(&text).map_err(|error| refused(error.to_string()))?,
            exchanged: false,
            name: helmert.to_owned(),
            accuracy: None,
            area: None,
        })
    }

    pub fn convert(&self, at: Coord<f64>) -> Result<Coord<f64>, proj::ProjError> {
        let at: Coord<f64> = self.first.convert(at)?;
        if !self.exchanged {
            return self.second.convert(at);
        }
        let at: Coord<f64> = self.second.convert(coord! { x: at.y, y: at.x })?;
        Ok(coord! { x: at.y, y: at.x })
    }
}

/// To the degrees that a CRS is made of, without any shift of the definition's own.
pub(super) fn to_geographic(told: &Told) -> Result<Proj, CrsError> {
    let mut base = geographic(&told.json).clone();
    base["type"] = "GeographicCRS".into();
    Proj::new_known_crs(&core(&told.json).to_string(), &base.to_string(), None).map_err(|error| {
        CrsError::Refused {
            name: told.name.clone(),
            reason: error.to_string(),
        }
    })
}

fn datum_name(json: &Json) -> Option<String> {
    Some(plain(json["datum"]["name"].as_str()?))
}

fn plain(name: &str) -> String {
    let plain: String = name.chars().filter(char::is_ascii_alphanumeric).collect();
    plain.to_lowercase()
}
