//! What a definition in well-known text says: a code where it is that of one, the name, the datum.
//!
//! Programs write the same CRS in many ways, and many leave its code out. PROJ turns the names of
//! ESRI into those of the EPSG dataset; a code found by a name is believed only if it converts as
//! the text itself does.

use proj::Proj;
use serde_json::Value as Json;

use super::{Crs, CrsError, Zone};

/// The datums that differ in how they become WGS 84.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Datum {
    /// The same as the storage's.
    Wgs84,
    /// China's since 2008.
    Cgcs2000,
    /// China's from 1954, on the ellipsoid of Krassowsky: off by 50 to 100 m and more.
    Beijing1954,
    /// China's from 1980: off by some 100 m.
    Xian1980,
    /// Any other, by its name.
    Other(String),
}

/// A CRS as a file tells it.
#[derive(Debug, Clone, PartialEq)]
pub struct Told {
    /// Its code, where it is that of one.
    pub crs: Option<Crs>,
    /// Its name, for people.
    pub name: String,
    /// Its datum.
    pub datum: Datum,
    /// What PROJ is told.
    pub(super) text: String,
    /// The same in PROJJSON.
    pub(super) json: Json,
}

impl Told {
    /// By its code.
    ///
    /// # Errors
    /// PROJ does not know the code, or it is of heights or of something else without a place on a map.
    pub fn by_code(crs: Crs) -> Result<Self, CrsError> {
        let base = match crs {
            Crs::Gcj02 | Crs::Bd09 => Crs::Crs84,
            other => other,
        };
        let json = described(&base.to_string()).map_err(|_| CrsError::NotListed(crs))?;
        let name = if base == crs {
            let name = json["name"].as_str().unwrap_or("?");
            format!("{crs} ({name})")
        } else {
            crs.to_string()
        };
        horizontal(&name, &json)?;
        Ok(Self {
            crs: Some(crs),
            name,
            datum: datum(&json),
            text: base.to_string(),
            json,
        })
    }

    /// As people write it: a code in any case, with its authority or without; a definition in WKT, PROJJSON or
    /// PROJ's own notation.
    ///
    /// # Errors
    /// It is none of them, or not of a CRS that gives places on a map.
    pub fn by_text(text: &str) -> Result<Self, CrsError> {
        let text = text.trim();
        if text.starts_with(['+', '{']) || text.contains('[') && !text.starts_with('[') {
            return Self::by_wkt(text);
        }
        let upper = text.to_uppercase();
        let crs = match upper.as_str() {
            "CRS84" => Ok(Crs::Crs84),
            "GCJ-02" => Ok(Crs::Gcj02),
            "BD-09" => Ok(Crs::Bd09),
            code if code.starts_with(|c: char| c.is_ascii_digit()) => {
                format!("EPSG:{code}").parse()
            }
            name => name.parse().or_else(|_| text.parse()),
        };
        Self::by_code(crs.map_err(|_| CrsError::Unknown(text.to_owned()))?)
    }

    /// By a definition in WKT of any version, PROJJSON or PROJ's own notation. Costs some milliseconds.
    ///
    /// # Errors
    /// PROJ cannot read it, or it is of no CRS.
    pub fn by_wkt(wkt: &str) -> Result<Self, CrsError> {
        // PROJ takes its own notation for an operation where it does not say that it is a CRS.
        let of_crs;
        let wkt = if wkt.starts_with('+') && !wkt.contains("+type=crs") {
            of_crs = format!("{wkt} +type=crs");
            &of_crs
        } else {
            wkt
        };
        let refused = |name: &str, reason: String| CrsError::Refused {
            name: name.to_owned(),
            reason,
        };
        let json = described(wkt).map_err(|reason| {
            let start: String = wkt.chars().take(60).collect();
            refused(
                "its CRS cannot be read",
                format!("{reason} (it begins {start:?})"),
            )
        })?;
        let name = json["name"].as_str().unwrap_or("?").to_owned();
        horizontal(&name, &json)?;
        let crs = code(&json, wkt);
        Ok(Self {
            name: crs.map_or_else(|| name.clone(), |crs| format!("{crs} ({name})")),
            datum: datum(&json),
            text: crs.map_or_else(|| wkt.to_owned(), |crs| crs.to_string()),
            json,
            crs,
        })
    }
}

/// Refuses what gives no places on a map: geocentric metres, heights, grids of a building.
fn horizontal(name: &str, json: &Json) -> Result<(), CrsError> {
    let kind = core(json)["type"].as_str().unwrap_or("?");
    if kind == "EngineeringCRS" {
        return Err(CrsError::Local(name.to_owned()));
    }
    if ["GeographicCRS", "ProjectedCRS"].contains(&kind) {
        return Ok(());
    }
    Err(CrsError::Refused {
        name: name.to_owned(),
        reason: format!("expected a geographic or projected CRS, found one of type {kind}"),
    })
}

/// Its PROJJSON, or why PROJ cannot read it.
pub(super) fn described(definition: &str) -> Result<Json, String> {
    let known = Proj::new(definition).map_err(|error| error.to_string())?;
    let json = known.to_projjson(None, None, None);
    let json = json.map_err(|_| "it is not the definition of a CRS".to_owned())?;
    serde_json::from_str(&json).map_err(|error| error.to_string())
}

/// The horizontal CRS within one with heights, or with a shift of its own.
pub(super) fn core(json: &Json) -> &Json {
    match json["type"].as_str() {
        Some("BoundCRS") => core(&json["source_crs"]),
        Some("CompoundCRS") => core(&json["components"][0]),
        _ => json,
    }
}

/// The geographic CRS that a projected one is of; itself, where it is one.
pub(super) fn geographic(json: &Json) -> &Json {
    let core = core(json);
    match core.get("base_crs") {
        Some(base) => base,
        None => core,
    }
}

fn datum(json: &Json) -> Datum {
    let base = geographic(json);
    let datum = base.get("datum").or_else(|| base.get("datum_ensemble"));
    let name = datum.and_then(|datum| datum["name"].as_str());
    let name = name.unwrap_or("unknown");
    // Letters and digits alone: `D_Beijing_1954`, `Beijing 1954`.
    let plain: String = name.chars().filter(char::is_ascii_alphanumeric).collect();
    match plain.to_lowercase().trim_start_matches('d') {
        "worldgeodeticsystem1984" | "worldgeodeticsystem1984ensemble" | "wgs1984" | "wgs84" => {
            Datum::Wgs84
        }
        "china2000" | "chinageodeticcoordinatesystem2000" | "cgcs2000" | "chinese2000" => {
            Datum::Cgcs2000
        }
        // New Beijing (EPSG:1045) is an adjustment of its own, and none of the operations is from it.
        "beijing1954" | "beijing54" => Datum::Beijing1954,
        "xian1980" | "xian80" => Datum::Xian1980,
        _ => Datum::Other(name.to_owned()),
    }
}

/// The code of a definition: as it says itself, by its name, or by its zone.
fn code(json: &Json, wkt: &str) -> Option<Crs> {
    let core = core(json);
    if core != json {
        return None;
    }
    // PROJ's search finds something for any word; projected CRSs of the dataset are called so.
    let by_name = || {
        let name = core["name"]
            .as_str()
            .filter(|name| name.contains(" / ") || core["type"] == "GeographicCRS");
        described(name?).ok().and_then(|json| own_code(&json))
    };
    let same = |crs: &Crs| *crs == Crs::Crs84 || converts_alike(wkt, *crs).unwrap_or(false);
    let own = own_code(core).filter(same);
    let zone = || by_zone(core).or_else(|| by_datum(core)).filter(same);
    own.or_else(|| by_name().filter(same)).or_else(zone)
}

fn own_code(json: &Json) -> Option<Crs> {
    let id = json.get("id")?;
    match id["authority"].as_str()? {
        "EPSG" => {
            let number = id["code"].as_u64();
            let text = || id["code"].as_str()?.parse().ok();
            Some(Crs::Epsg(u32::try_from(number.or_else(text)?).ok()?))
        }
        "OGC" if id["code"] == "CRS84" => Some(Crs::Crs84),
        _ => None,
    }
}

/// The zone of CGCS2000 with the parameters of a definition that has another name, or none.
fn by_zone(json: &Json) -> Option<Crs> {
    if datum(json) != Datum::Cgcs2000 {
        return None;
    }
    let conversion = json.get("conversion")?;
    if conversion["method"]["name"] != "Transverse Mercator" {
        return None;
    }
    let value = |name: &str| {
        let mut all = conversion["parameters"].as_array()?.iter();
        all.find(|one| one["name"] == name)?["value"].as_f64()
    };
    let (meridian, easting) = (
        value("Longitude of natural origin")?,
        value("False easting")?,
    );
    let mut zones = Zone::all().filter(|zone| {
        (f64::from(zone.central_meridian()) - meridian).abs() < 1e-9
            && (zone.false_easting() - easting).abs() < 1e-6
    });
    zones.next().map(Zone::crs)
}

/// Longitude and latitude on a datum that has a code.
fn by_datum(json: &Json) -> Option<Crs> {
    if json["type"] != "GeographicCRS" {
        return None;
    }
    match datum(json) {
        Datum::Wgs84 => Some(Crs::Epsg(4326)),
        Datum::Cgcs2000 => Some(Crs::Epsg(4490)),
        _ => None,
    }
}

/// Whether a definition puts the places of a code where the code puts them, to a tenth of a
/// millimetre. Asked in the middle of where the code is used, and a way off.
fn converts_alike(wkt: &str, crs: Crs) -> Option<bool> {
    let code = crs.to_string();
    let area = Proj::new(&code).ok()?.area_of_use().ok()?.0?;
    let middle = (
        f64::midpoint(area.west, area.east),
        f64::midpoint(area.south, area.north),
    );
    let there = Proj::new_known_crs("OGC:CRS84", &code, None).ok()?;
    let also = Proj::new_known_crs("OGC:CRS84", wkt, None).ok()?;
    let reach = if there.convert(middle).ok()?.0.abs() > 720.0 {
        1e-4
    } else {
        1e-9
    };
    let near = |at: (f64, f64)| -> Option<bool> {
        let (one, other): ((f64, f64), (f64, f64)) =
            (there.convert(at).ok()?, also.convert(at).ok()?);
        Some((one.0 - other.0).abs() < reach && (one.1 - other.1).abs() < reach)
    };
    Some(near(middle)? && near((middle.0 + 0.25, middle.1 + 0.25))?)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(wkt: &str) -> Told {
        Told::by_wkt(wkt).unwrap_or_else(|error| panic!("{error}"))
    }

    fn gauss_kruger(
        name: &str,
        datum: &str,
        spheroid: &str,
        easting: f64,
        meridian: f64,
    ) -> String {
        format!(
            r#"PROJCS["{name}",GEOGCS["GCS",DATUM["{datum}",SPHEROID[{spheroid}]],PRIMEM["Greenwich",0.0],UNIT["Degree",0.0174532925199433]],PROJECTION["Gauss_Kruger"],PARAMETER["False_Easting",{easting:?}],PARAMETER["False_Northing",0.0],PARAMETER["Central_Meridian",{meridian:?}],PARAMETER["Scale_Factor",1.0],PARAMETER["Latitude_Of_Origin",0.0],UNIT["Meter",1.0]]"#
        )
    }

    const CGCS2000: &str = r#""CGCS2000",6378137.0,298.257222101"#;

    #[test]
    fn the_names_of_other_programs_are_known() {
        for (name, easting, meridian, code) in [
            ("CGCS2000_3_Degree_GK_CM_120E", 500_000.0, 120.0, 4549),
            ("CGCS2000_3_Degree_GK_Zone_40", 40_500_000.0, 120.0, 4528),
            ("CGCS2000_GK_Zone_20", 20_500_000.0, 117.0, 4498),
            ("CGCS2000_GK_CM_117E", 500_000.0, 117.0, 4509),
            // What somebody has called it himself.
            ("桃浦规划坐标", 500_000.0, 120.0, 4549),
            ("unnamed", 39_500_000.0, 117.0, 4527),
        ] {
            let found = told(&gauss_kruger(
                name,
                "D_China_2000",
                CGCS2000,
                easting,
                meridian,
            ));
            assert_eq!(found.crs, Some(Crs::Epsg(code)), "{name}: {found:?}");
            assert_eq!(found.datum, Datum::Cgcs2000, "{name}");
        }
    }

    /// A name that is a code's, on parameters that are not.
    #[test]
    fn a_name_alone_is_not_believed() {
        let name = "CGCS2000_3_Degree_GK_CM_120E";
        let found = told(&gauss_kruger(name, "D_China_2000", CGCS2000, 0.0, 120.5));
        assert_eq!(found.crs, None, "{found:?}");
        assert_eq!(found.datum, Datum::Cgcs2000);
    }

    #[test]
    fn older_datums_are_told_apart() {
        let krassowsky = r#""Krasovsky_1940",6378245.0,298.3"#;
        let found = told(&gauss_kruger(
            "Beijing_1954_3_Degree_GK_CM_120E",
            "D_Beijing_1954",
            krassowsky,
            500_000.0,
            120.0,
        ));
        assert_eq!(found.datum, Datum::Beijing1954, "{found:?}");
        assert_eq!(found.crs, Some(Crs::Epsg(2437)));
        let iag = r#""Xian_1980",6378140.0,298.257"#;
        let found = told(&gauss_kruger(
            "Xian_1980_3_Degree_GK_CM_120E",
            "D_Xian_1980",
            iag,
            500_000.0,
            120.0,
        ));
        assert_eq!(found.datum, Datum::Xian1980, "{found:?}");
        let unknown = told(&gauss_kruger(
            "local",
            "D_Shanghai",
            krassowsky,
            0.0,
            121.46,
        ));
        assert!(matches!(unknown.datum, Datum::Other(_)), "{unknown:?}");
    }

    #[test]
    fn every_definition_that_is_written_here_is_read_again() {
        for code in [4326, 4490, 4549, 4528, 3857, 32651, 2437] {
            let written = Crs::Epsg(code)
                .definition()
                .expect("known")
                .expect("official");
            let json = written.projjson.to_string();
            for wkt in [&written.wkt, &written.esri_wkt, &json] {
                let found = told(wkt);
                assert_eq!(found.crs, Some(Crs::Epsg(code)), "{wkt}");
            }
        }
    }

    #[test]
    fn people_write_it_in_many_ways() {
        for (text, crs) in [
            ("epsg:4549", Crs::CGCS2000_GK_120),
            (" 4549 ", Crs::CGCS2000_GK_120),
            ("gcj-02", Crs::Gcj02),
            ("GCJ02", Crs::Gcj02),
            ("bd-09", Crs::Bd09),
            ("crs84", Crs::Crs84),
            ("ogc:crs84", Crs::Crs84),
            ("urn:ogc:def:crs:EPSG::4549", Crs::CGCS2000_GK_120),
            (
                "http://www.opengis.net/def/crs/EPSG/0/4549",
                Crs::CGCS2000_GK_120,
            ),
            ("+proj=longlat +datum=WGS84 +no_defs", Crs::Epsg(4326)),
            (
                "+proj=tmerc +lon_0=120 +x_0=500000 +ellps=GRS80 +units=m",
                Crs::Epsg(0),
            ),
        ] {
            let found = Told::by_text(text).unwrap_or_else(|error| panic!("{text}: {error}"));
            let expected = (crs != Crs::Epsg(0)).then_some(crs);
            assert_eq!(found.crs, expected, "{text}");
        }
        for text in ["", "EPSG:", "4549x", "local.prj", "+proj=nothing", "WGS 84"] {
            assert!(Told::by_text(text).is_err(), "{text}");
        }
    }

    /// New Beijing is no Beijing 1954: no operation that starts there may be advised.
    #[test]
    fn new_beijing_is_a_datum_of_its_own() {
        let found = Told::by_code(Crs::Epsg(4555)).expect("a code");
        assert!(matches!(found.datum, Datum::Other(_)), "{found:?}");
    }

    /// Geocentric metres on CGCS2000, heights of the Yellow Sea; a code that nobody has.
    #[test]
    fn a_code_without_places_is_refused() {
        for (code, word) in [
            (4479, "GeodeticCRS"),
            (5773, "VerticalCRS"),
            (99999, "has no CRS"),
        ] {
            let error = Told::by_code(Crs::Epsg(code)).expect_err("no places");
            let text = error.to_string();
            assert!(
                text.contains(word) && text.contains(&code.to_string()),
                "{text}"
            );
        }
    }

    #[test]
    fn what_is_no_crs_is_refused() {
        for text in [
            "",
            "PROJCS[",
            "hello",
            "+proj=helmert +x=1",
            r#"ELLIPSOID["a",1,2]"#,
        ] {
            assert!(Told::by_wkt(text).is_err(), "{text}");
        }
    }
}
