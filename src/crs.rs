//! Coordinate reference systems. The only file that names `proj`.
//!
//! A `Proj` is neither `Send` nor `Sync`, and making one takes milliseconds: each thread keeps
//! those that it has used. Where PROJ has to look for an operation between two datums it takes a quarter of a
//! second, so it is not asked where there is nothing to find: between WGS 84 and CGCS2000. `proj` normalises every CRS to longitude or easting first, so nothing
//! outside this file has to know an authority's axis order; [`Crs::northing_first`] tells it, from
//! PROJ's own database, and [`Reprojector::to_authority`] applies it.

mod china;

use std::cell::RefCell;
use std::collections::HashMap;
use std::fmt;
use std::rc::Rc;
use std::str::FromStr;

use geo::{Coord, Geometry, MapCoords, Rect, coord};
use proj::Proj;
use proj::wkt::WktVersion;

/// A CRS by its name. Whether PROJ knows the code is seen when it is used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Crs {
    /// WGS 84, longitude then latitude, degrees: the CRS of GeoJSON and of all storage here.
    Crs84,
    /// A code of the EPSG dataset.
    Epsg(u32),
    /// The offset coordinates of `AMap` and Tencent maps, longitude then latitude. Unofficial.
    Gcj02,
    /// The offset coordinates of Baidu maps, longitude then latitude. Unofficial.
    Bd09,
}

/// A CRS that the server does not know, or a position that cannot be converted.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum CrsError {
    /// Not the name of a CRS.
    #[error(
        "unknown CRS {0:?}: expected OGC:CRS84, EPSG:code, GCJ02, BD09, or the URI of one of them"
    )]
    Unknown(String),
    /// PROJ has no such CRS, or no operation between two.
    #[error("no conversion from {from} to {to}: {reason}")]
    Operation {
        /// Source.
        from: Crs,
        /// Target.
        to: Crs,
        /// In PROJ's words.
        reason: String,
    },
    /// PROJ refused a position.
    #[error("position {x} {y} cannot be converted from {from} to {to}: {reason}")]
    Position {
        /// First coordinate.
        x: f64,
        /// Second coordinate.
        y: f64,
        /// Source.
        from: Crs,
        /// Target.
        to: Crs,
        /// In PROJ's words.
        reason: String,
    },
}

impl Crs {
    /// WGS 84 / Pseudo-Mercator, metres. Inflates areas (1.37 times at Shanghai): for drawing only.
    pub const WEB_MERCATOR: Self = Self::Epsg(3857);
    /// CGCS2000 / 3-degree Gauss-Kruger CM 120E, metres: the statutory grid at Shanghai.
    pub const CGCS2000_GK_120: Self = Self::Epsg(4549);
    /// WGS 84 / UTM zone 51N, metres.
    pub const UTM_51N: Self = Self::Epsg(32651);

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

    /// True where the authority gives latitude or northing before longitude or easting.
    ///
    /// # Errors
    /// PROJ does not know the CRS.
    pub fn northing_first(self) -> Result<bool, CrsError> {
        Ok(self.axes()?.northing_first)
    }

    /// Decimals at which a coordinate is finer than a tenth of a millimetre.
    ///
    /// # Errors
    /// PROJ does not know the CRS.
    pub fn decimals(self) -> Result<i32, CrsError> {
        Ok(if self.axes()?.degrees { 9 } else { 4 })
    }

    fn axes(self) -> Result<Axes, CrsError> {
        let Self::Epsg(_) = self else {
            return Ok(Axes {
                northing_first: false,
                degrees: true,
                geographic: Some(Crs::Epsg(4326)),
            });
        };
        AXES.with_borrow_mut(|known| {
            if let Some(axes) = known.get(&self) {
                return Ok(*axes);
            }
            let axes = axes(self)?;
            known.insert(self, axes);
            Ok(axes)
        })
    }

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

/// How a file tells its CRS.
#[derive(Debug, Clone, PartialEq)]
pub struct Definition {
    /// Its name in the EPSG dataset.
    pub name: String,
    /// Its EPSG code; CRS84 goes by 4326 in files, which all put x first.
    pub code: u32,
    /// Well-known text 1 (OGC 01-009), with the code of every part.
    pub wkt: String,
    /// Well-known text as ESRI's programs write it.
    pub esri_wkt: String,
    /// PROJJSON 0.7.
    pub projjson: serde_json::Value,
}

impl Crs {
    /// Its definition, from PROJ's database; `None` for the unofficial ones, which have none.
    ///
    /// # Errors
    /// PROJ does not know the CRS, or the notation cannot express it.
    pub fn definition(self) -> Result<Option<Definition>, CrsError> {
        let code = match self {
            Self::Crs84 => 4326,
            Self::Epsg(code) => code,
            Self::Gcj02 | Self::Bd09 => return Ok(None),
        };
        let failed = |reason: String| CrsError::Operation {
            from: self,
            to: self,
            reason,
        };
        let exported = |error: proj::ProjError| failed(error.to_string());
        let open = |name: &str| Proj::new(name).map_err(|error| failed(error.to_string()));
        let known = open(&format!("EPSG:{code}"))?;
        let json = open(&self.to_string())?
            .to_projjson(None, None, None)
            .map_err(exported)?;
        let projjson: serde_json::Value =
            serde_json::from_str(&json).map_err(|error| failed(error.to_string()))?;
        let wkt = |version| known.as_wkt(Some(version), None).map_err(exported);
        Ok(Some(Definition {
            name: projjson["name"].as_str().unwrap_or_default().to_owned(),
            code,
            wkt: wkt(WktVersion::Wkt1_Gdal)?,
            esri_wkt: wkt(WktVersion::Wkt1_Esri)?,
            projjson,
        }))
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

thread_local! {
    static OPERATIONS: RefCell<HashMap<(Crs, Crs), Rc<Proj>>> = RefCell::default();
    static AXES: RefCell<HashMap<Crs, Axes>> = RefCell::default();
}

/// What has to be known of a CRS's axes.
#[derive(Debug, Clone, Copy)]
struct Axes {
    northing_first: bool,
    degrees: bool,
    /// The CRS of the degrees that it is made of, or itself, where that is one of [`SAME_DATUM`].
    geographic: Option<Crs>,
}

/// WGS 84 and CGCS2000, of which PROJ knows no operation but to take one for the other: they agree to some
/// centimetres, and no more is known.
const SAME_DATUM: [Crs; 2] = [Crs::Epsg(4326), Crs::Epsg(4490)];

/// Reads the axes in PROJ's database.
fn axes(crs: Crs) -> Result<Axes, CrsError> {
    let failed = |reason: String| CrsError::Operation {
        from: crs,
        to: crs,
        reason,
    };
    let known = Proj::new(&crs.to_string()).map_err(|error| failed(error.to_string()))?;
    let json = known
        .to_projjson(None, None, None)
        .map_err(|error| failed(error.to_string()))?;
    let json: serde_json::Value =
        serde_json::from_str(&json).map_err(|error| failed(error.to_string()))?;
    let axis = json.pointer("/coordinate_system/axis/0");
    let axis = axis.ok_or_else(|| failed("it has no axes".to_owned()))?;
    let code = json
        .pointer("/base_crs/id/code")
        .or(json.pointer("/id/code"));
    let code = code
        .and_then(serde_json::Value::as_u64)
        .and_then(|code| u32::try_from(code).ok());
    let geographic = code.map(Crs::Epsg).filter(|crs| SAME_DATUM.contains(crs));
    Ok(Axes {
        northing_first: axis["direction"] == "north",
        degrees: axis["unit"] == "degree",
        geographic,
    })
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

    /// The EPSG dataset's own axis orders, as published for each code.
    #[test]
    fn axes_are_the_authority_s() {
        for (code, northing) in [
            (4326, true),
            (4490, true),
            (4549, true),
            (4528, true),
            (3857, false),
            (32651, false),
            (2154, false),
        ] {
            assert_eq!(
                Crs::Epsg(code).northing_first(),
                Ok(northing),
                "EPSG:{code}"
            );
        }
        assert_eq!(Crs::Crs84.northing_first(), Ok(false));
        assert!(Crs::Epsg(1).northing_first().is_err());
    }

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

    #[test]
    fn files_tell_their_crs() {
        let grid = Crs::CGCS2000_GK_120.definition().expect("known");
        let grid = grid.expect("official");
        assert_eq!(grid.code, 4549);
        assert!(
            grid.wkt.starts_with("PROJCS[") && grid.wkt.contains(r#"["EPSG","4549"]"#),
            "{}",
            grid.wkt
        );
        assert!(
            grid.esri_wkt.contains("CGCS2000_3_Degree_GK_CM_120E"),
            "{}",
            grid.esri_wkt
        );
        assert_eq!(grid.projjson["id"]["code"], 4549);
        let storage = Crs::Crs84.definition().expect("known").expect("official");
        assert_eq!(
            (storage.code, &storage.projjson["id"]["code"]),
            (4326, &"CRS84".into())
        );
        assert_eq!(Crs::Gcj02.definition(), Ok(None));
        assert!(Crs::Epsg(1).definition().is_err());
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
}
