//! From a file's CRS into storage. Nothing about a datum is done in silence: what was taken for what, and how
//! sure it is, is said; where it may be off by more than a metre, somebody has to name the operation.

use geo::{Coord, Geometry, MapCoords, coord};
use proj::{Area, Proj};

use super::operation::{Steps, to_geographic};
use super::{Crs, CrsError, Datum, Operation, Reprojector, Told};

/// The operations of the EPSG dataset from Beijing 1954, each with the box that it is meant for. From Xian 1980
/// there is none.
const FROM_BEIJING_1954: [(u32, [f64; 4]); 6] = [
    (15918, [107.0, 35.0, 110.01, 39.0]),
    (15936, [107.0, 35.0, 110.01, 39.0]),
    (15921, [77.45, 37.0, 88.0, 41.99]),
    (15935, [107.15, 17.81, 110.17, 21.69]),
    (15919, [119.23, 31.23, 125.06, 37.4]),
    (15920, [110.13, 18.31, 116.76, 22.89]),
];

/// Converts a file's coordinates to longitude and latitude, as they are stored.
pub struct Inward {
    name: String,
    way: Way,
    /// Sentences for people.
    notes: Vec<String>,
}

enum Way {
    Formula(Reprojector),
    Proj(Box<Proj>),
    Named(Box<Steps>),
}

impl Inward {
    /// The conversion of coordinates near one of them. Costs some milliseconds.
    ///
    /// # Errors
    /// PROJ cannot convert, or only in a way that has to be named with `operation` and is not.
    pub fn new(
        told: &Told,
        operation: Option<&Operation>,
        near: Coord<f64>,
    ) -> Result<Self, CrsError> {
        match operation {
            Some(Operation::Epsg(code)) => Self::named(told, Steps::by_code(told, *code)?, near),
            Some(Operation::Helmert(text)) => {
                Self::named(told, Steps::by_parameters(told, text)?, near)
            }
            Some(Operation::Ballpark) => Self::as_they_are(told, near),
            None => Self::usual(told, near),
        }
    }

    /// What was taken for what, and how sure it is.
    #[must_use]
    pub fn notes(&self) -> &[String] {
        &self.notes
    }

    /// Longitude and latitude as the file's own datum has them: PROJ is asked for nothing between datums.
    fn as_they_are(told: &Told, near: Coord<f64>) -> Result<Self, CrsError> {
        if let Some(crs @ (Crs::Crs84 | Crs::Gcj02 | Crs::Bd09)) = told.crs {
            return Self::without_datum(told, crs);
        }
        let found = Self {
            name: told.name.clone(),
            way: Way::Proj(Box::new(to_geographic(told)?)),
            notes: match &told.datum {
                Datum::Wgs84 => Vec::new(),
                Datum::Cgcs2000 => vec![of_cgcs2000(told)],
                Datum::Beijing1954 | Datum::Xian1980 => vec![taken(
                    told,
                    "though they are off by some 50 to 150 m: accuracy unknown",
                )],
                Datum::Other(_) => vec![taken(told, "accuracy unknown")],
            },
        };
        found.position(near)?;
        Ok(found)
    }

    /// Of degrees on WGS 84, and of what is turned to them by a formula.
    fn without_datum(told: &Told, crs: Crs) -> Result<Self, CrsError> {
        let notes = match crs {
            Crs::Crs84 => Vec::new(),
            _ => vec![format!(
                "{crs} is no official system: it is turned to WGS 84 by the formula that public code has agreed on"
            )],
        };
        Ok(Self {
            name: told.name.clone(),
            way: Way::Formula(Reprojector::new(crs, Crs::Crs84)?),
            notes,
        })
    }

    fn usual(told: &Told, near: Coord<f64>) -> Result<Self, CrsError> {
        if let Some(crs @ (Crs::Crs84 | Crs::Gcj02 | Crs::Bd09)) = told.crs {
            return Self::without_datum(told, crs);
        }
        if let (Some(crs), Datum::Wgs84 | Datum::Cgcs2000) = (told.crs, &told.datum) {
            // PROJ would look for an operation, and find none.
            return Ok(Self {
                name: told.name.clone(),
                way: Way::Formula(Reprojector::new(crs, Crs::Crs84)?),
                notes: allowed(told, "", None, near)?,
            });
        }
        let mut found = Self {
            name: told.name.clone(),
            way: Way::Proj(Box::new(open(told, None)?)),
            notes: Vec::new(),
        };
        // Where it is decides which operation is the best one.
        let place = found.position(near)?;
        let area = Area::new(place.x - 0.1, place.y - 0.1, place.x + 0.1, place.y + 0.1);
        let operation = open(told, Some(area))?;
        let _: Coord<f64> = operation
            .convert(near)
            .map_err(|error| found.failed(near, &error))?;
        let info = operation.proj_info();
        found.way = Way::Proj(Box::new(operation));
        let name = info.description.unwrap_or_default();
        // An operation that only changes the projection has an accuracy of nothing.
        let accuracy = (info.accuracy >= 0.0 && !name.contains("allpark")).then_some(info.accuracy);
        found.notes = allowed(told, &name, accuracy, place)?;
        Ok(found)
    }

    fn named(told: &Told, steps: Steps, near: Coord<f64>) -> Result<Self, CrsError> {
        let accuracy = match steps.accuracy {
            Some(metres) => format!("its stated accuracy is {metres} m"),
            None => "its accuracy is that of these parameters, which nobody has stated".to_owned(),
        };
        let mut notes = vec![format!(
            "{} is converted by {}: {accuracy}",
            told.name, steps.name
        )];
        let area = steps.area.clone();
        let found = Self {
            name: told.name.clone(),
            way: Way::Named(Box::new(steps)),
            notes: Vec::new(),
        };
        let place = found.position(near)?;
        if let Some((bounds, area)) = area
            && !within(bounds, place)
        {
            notes.push(format!(
                "that operation is meant for {area}, and the data lie at {:.3}, {:.3}: it may be off by more",
                place.x, place.y
            ));
        }
        Ok(Self { notes, ..found })
    }

    /// Converts one position.
    ///
    /// # Errors
    /// It lies outside what the operation can convert.
    pub fn position(&self, at: Coord<f64>) -> Result<Coord<f64>, CrsError> {
        let to = match &self.way {
            Way::Formula(reprojector) => reprojector.position(at)?,
            Way::Proj(operation) => operation
                .convert(at)
                .map_err(|error| self.failed(at, &error))?,
            Way::Named(steps) => steps.convert(at).map_err(|error| self.failed(at, &error))?,
        };
        if to.x.is_finite() && to.y.is_finite() {
            Ok(to)
        } else {
            Err(self.failed(at, &"the result is not finite"))
        }
    }

    /// Converts every position of a geometry.
    ///
    /// # Errors
    /// One of the positions lies outside what the operation can convert.
    pub fn exact_geometry(&self, geometry: &Geometry<f64>) -> Result<Geometry<f64>, CrsError> {
        geometry.try_map_coords(|at| self.position(at))
    }

    /// Converts every position of a geometry, rounded to what is finer than a tenth of a millimetre.
    ///
    /// # Errors
    /// One of the positions lies outside what the operation can convert.
    pub fn geometry(&self, geometry: &Geometry<f64>) -> Result<Geometry<f64>, CrsError> {
        let rounded = |at: Coord<f64>| {
            let part = |degrees: f64| (degrees * 1e9).round() / 1e9;
            coord! { x: part(at.x), y: part(at.y) }
        };
        geometry.try_map_coords(|at| self.position(at).map(rounded))
    }

    fn failed(&self, at: Coord<f64>, reason: &dyn std::fmt::Display) -> CrsError {
        CrsError::Refused {
            name: self.name.clone(),
            reason: format!("position {} {} cannot be converted: {reason}", at.x, at.y),
        }
    }
}

fn open(told: &Told, area: Option<Area>) -> Result<Proj, CrsError> {
    let target = Crs::Crs84.to_string();
    Proj::new_known_crs(&told.text, &target, area).map_err(|error| CrsError::Refused {
        name: told.name.clone(),
        reason: error.to_string(),
    })
}

fn taken(told: &Told, metres: &str) -> String {
    let name = &told.name;
    format!("{name}: longitude and latitude are taken as they are, {metres}")
}

fn of_cgcs2000(told: &Told) -> String {
    taken(
        told,
        "for PROJ has only a ballpark operation from CGCS2000 to WGS 84; the two differ by less than a metre",
    )
}

/// What has to be said of PROJ's choice, or why it is not to be taken unasked.
fn allowed(
    told: &Told,
    operation: &str,
    accuracy: Option<f64>,
    place: Coord<f64>,
) -> Result<Vec<String>, CrsError> {
    let refused = |reason: String| CrsError::Refused {
        name: told.name.clone(),
        reason,
    };
    let same_numbers =
        "--operation ballpark takes longitude and latitude as they are, by whatever they are off";
    let parameters = "--operation \"+proj=helmert +x=.. +y=.. +z=.. +rx=.. +ry=.. +rz=.. +s=.. +convention=..\" takes the seven parameters of your surveying office";
    match &told.datum {
        Datum::Wgs84 => Ok(Vec::new()),
        Datum::Cgcs2000 => Ok(vec![of_cgcs2000(told)]),
        Datum::Beijing1954 => Err(refused(format!(
            "it is on a datum of 1954, some 50 to 150 m off: name how to convert it. {}; {parameters}; {same_numbers}",
            beijing_1954(place)
        ))),
        Datum::Xian1980 => Err(refused(format!(
            "it is on the datum Xian 1980, some 50 to 150 m off, and PROJ has no operation from it: ask for the data in CGCS2000, or name how to convert it. {parameters}; {same_numbers}"
        ))),
        Datum::Other(datum) => match accuracy {
            Some(0.0) => Ok(Vec::new()),
            Some(metres) => Ok(vec![format!(
                "{} is converted by {operation:?}: its stated accuracy is {metres} m",
                told.name
            )]),
            None => Err(refused(format!(
                "PROJ knows no operation from the datum {datum:?} to WGS 84 with a stated accuracy ({operation}). {parameters}; {same_numbers}"
            ))),
        },
    }
}

/// The operations from Beijing 1954 that are meant for a place, as PROJ tells them.
fn beijing_1954(place: Coord<f64>) -> String {
    let of = |code: u32| {
        let urn = format!("urn:ogc:def:coordinateOperation:EPSG::{code}");
        let info = Proj::new(&urn).ok()?.proj_info();
        let name = info.description.unwrap_or_default();
        Some(format!(
            "--operation EPSG:{code} is {name:?}, with a stated accuracy of {} m",
            info.accuracy
        ))
    };
    let here = FROM_BEIJING_1954
        .iter()
        .filter(|(_, bounds)| within(*bounds, place));
    let found: Vec<_> = here.filter_map(|(code, _)| of(*code)).collect();
    if found.is_empty() {
        return format!(
            "PROJ has operations from Beijing 1954, and none for {:.3}, {:.3}",
            place.x, place.y
        );
    }
    found.join("; ")
}

fn within([west, south, east, north]: [f64; 4], at: Coord<f64>) -> bool {
    (west..=east).contains(&at.x) && (south..=north).contains(&at.y)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(crs: Crs) -> Told {
        Told::by_code(crs).expect("a code")
    }

    const TAOPU: Coord<f64> = coord! { x: 628_734.899_9, y: 3_463_916.138_1 };

    fn metres(a: Coord<f64>, b: Coord<f64>) -> f64 {
        geo::Distance::distance(&geo::Geodesic, geo::Point(a), geo::Point(b))
    }

    #[test]
    fn the_statutory_grid_is_taken_with_a_word_on_its_datum() {
        let inward = Inward::new(&told(Crs::CGCS2000_GK_120), None, TAOPU).expect("a way");
        let at = inward.position(TAOPU).expect("a place");
        assert!(
            metres(at, coord! { x: 121.352, y: 31.29 }) < 0.001,
            "{at:?}"
        );
        let notes = inward.notes().join("\n");
        assert!(
            notes.contains("ballpark") && notes.contains("less than a metre"),
            "{notes}"
        );
    }

    #[test]
    fn older_datums_want_a_name() {
        for crs in [Crs::Epsg(2437), Crs::Epsg(2385)] {
            let refused = Inward::new(&told(crs), None, TAOPU).err().expect("refused");
            let text = refused.to_string();
            assert!(
                text.contains("--operation ballpark") && text.contains("+proj=helmert"),
                "{text}"
            );
        }
        let text = Inward::new(&told(Crs::Epsg(2437)), None, TAOPU)
            .err()
            .expect("refused");
        // Taopu lies in the box of the Yellow Sea's operation.
        assert!(
            text.to_string().contains("EPSG:15919") && text.to_string().contains("15 m"),
            "{text}"
        );
        let ballpark = Inward::new(&told(Crs::Epsg(2385)), Some(&Operation::Ballpark), TAOPU);
        let ballpark = ballpark.expect("asked for");
        assert!(ballpark.notes()[0].contains("accuracy unknown"));
    }

    /// PROJ has operations from Beijing 1954, of which the best moves Taopu by 82 m: it is not to be taken
    /// where none is asked for.
    #[test]
    fn a_ballpark_moves_nothing() {
        for crs in [2437, 2385, 2415, 4214, 4610].map(Crs::Epsg) {
            let from = told(crs);
            let place = coord! { x: 121.352, y: 31.29 };
            let own = super::super::identify::geographic(&from.json).to_string();
            let on_grid = Proj::new_known_crs(&own, &from.text, None).expect("a grid of its own");
            let at = on_grid.convert(place).expect("a position");
            let ballpark = Inward::new(&from, Some(&Operation::Ballpark), at).expect("asked for");
            let to = ballpark.position(at).expect("a place");
            assert!(metres(to, place) < 0.001, "{crs}: {to:?}");
            assert!(ballpark.notes()[0].contains("as they are"), "{crs}");
        }
    }

    /// A definition with a shift of its own to WGS 84 says where it is; asked to, nobody shifts.
    #[test]
    fn a_ballpark_sets_a_shift_aside() {
        let bound = "+proj=longlat +ellps=krass +towgs84=15.8,-154.4,-82.3 +type=crs";
        let from = Told::by_wkt(bound).expect("a CRS");
        let at = coord! { x: 121.352, y: 31.29 };
        let ballpark = Inward::new(&from, Some(&Operation::Ballpark), at).expect("asked for");
        assert!(metres(ballpark.position(at).expect("a place"), at) < 0.001);
    }

    /// As `gdaltransform -s_srs EPSG:4214 -t_srs EPSG:4326 -ct` with the published parameters
    /// (-15.8, -154.4, -82.3 geocentric) gives it.
    #[test]
    fn an_operation_of_the_dataset_moves_by_its_parameters() {
        let from = told(Crs::Epsg(4214));
        let at = coord! { x: 80.0, y: 40.0 };
        let named = Inward::new(&from, Some(&Operation::Epsg(15921)), at).expect("an operation");
        let moved = named.position(at).expect("a place");
        let far = metres(moved, at);
        assert!((20.0..200.0).contains(&far), "{far} m: {moved:?}");
        assert!(
            named.notes()[0].contains("accuracy is 1 m"),
            "{:?}",
            named.notes()
        );
        let elsewhere = Inward::new(
            &from,
            Some(&Operation::Epsg(15921)),
            coord! { x: 121.0, y: 31.0 },
        );
        let elsewhere = elsewhere.expect("an operation");
        assert!(
            elsewhere.notes()[1].contains("Tarim"),
            "{:?}",
            elsewhere.notes()
        );
        let other = Inward::new(&told(Crs::Epsg(4610)), Some(&Operation::Epsg(15921)), at);
        let text = other.err().expect("another datum").to_string();
        assert!(
            text.contains("Beijing 1954") && text.contains("Xian 1980"),
            "{text}"
        );
        assert!(Inward::new(&from, Some(&Operation::Epsg(1)), at).is_err());
    }

    #[test]
    fn parameters_of_an_office_are_those_of_the_dataset_written_out() {
        let from = told(Crs::Epsg(4214));
        let at = coord! { x: 80.0, y: 40.0 };
        let named = Inward::new(&from, Some(&Operation::Epsg(15921)), at).expect("an operation");
        let urn = "urn:ogc:def:coordinateOperation:EPSG::15921";
        let json = super::super::identify::described(urn).expect("PROJJSON");
        let parameter = |name: &str| {
            let mut all = json["parameters"].as_array().expect("parameters").iter();
            all.find(|one| one["name"] == name).expect("a parameter")["value"].clone()
        };
        let text = format!(
            "+proj=helmert +x={} +y={} +z={}",
            parameter("X-axis translation"),
            parameter("Y-axis translation"),
            parameter("Z-axis translation")
        );
        let written = Inward::new(&from, Some(&text.parse().expect("parameters")), at);
        let written = written
            .expect("an operation")
            .position(at)
            .expect("a place");
        assert!(metres(written, named.position(at).expect("a place")) < 0.01);
    }

    #[test]
    fn what_is_no_operation_is_refused() {
        for text in [
            "",
            "EPSG:",
            "EPSG:x",
            "+proj=merc",
            "+proj=helmert +x=1 +step +proj=noop",
        ] {
            assert!(text.parse::<Operation>().is_err(), "{text}");
        }
        let nonsense = Operation::Helmert("+proj=helmert +x=abc +rx=1".to_owned());
        let at = coord! { x: 80.0, y: 40.0 };
        assert!(Inward::new(&told(Crs::Epsg(4214)), Some(&nonsense), at).is_err());
    }
}
