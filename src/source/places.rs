//! Tables whose places are cells: WKT in one column, or two columns of numbers (CSV, XLSX).
//!
//! Columns are known by their names. Those of the place are none of the layer's. No name tells a CRS - a
//! column 经度 may be WGS 84, GCJ-02 or BD-09 - so only `SRID=` before WKT does.

use super::coordinate::{Axis, Forms};
use super::options::Options;
use super::pairs::{Pairs, pairs};
use super::{Bad, Kind, Record, SourceColumn, SourceCrs, totals, wkt};
use crate::crs::Crs;
use crate::model::Value;

/// What programs call a column of WKT.
const SHAPES: [&str; 8] = [
    "wkt",
    "geometry",
    "geom",
    "the_geom",
    "wkt_geom",
    "wkt_geometry",
    "几何",
    "空间位置",
];

/// Where in a row its place is.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
enum Place {
    #[default]
    None,
    Wkt(usize),
    Pair(usize, usize),
}

/// The columns of a table and what they are for.
#[derive(Debug, Default)]
pub(super) struct Columns {
    names: Vec<String>,
    /// Those that are left out, whatever they hold.
    skipped: Vec<bool>,
    /// Columns beyond the names that are left out, from 1.
    unnamed: Vec<usize>,
    place: Place,
    srid: Option<u32>,
    forms: Forms,
    keep_totals: bool,
}

impl Columns {
    /// By the names of all columns.
    ///
    /// # Errors
    /// A column that is told to have coordinates is not there.
    pub fn new(
        names: Vec<String>,
        options: &Options,
        notes: &mut Vec<String>,
    ) -> Result<Self, String> {
        let skipped: Vec<bool> = names
            .iter()
            .map(|name| options.skip.contains(name))
            .collect();
        let table = &options.table;
        let place = match (&table.x, &table.y) {
            (None, None) => found(&names, &skipped, notes),
            (x, y) => {
                let at =
                    |option: &str, name: &Option<String>| asked(&names, option, name.as_deref());
                let (east, north) = (at("--x", x)?, at("--y", y)?);
                if east == north {
                    return Err(format!("--x and --y name one column, {}", names[east]));
                }
                Place::Pair(east, north)
            }
        };
        if let Place::Pair(east, north) = place {
            notes.push(format!(
                "the places are columns {} (easting or longitude) and {} (northing or latitude)",
                names[east], names[north]
            ));
        }
        let places = options
            .skip
            .iter()
            .filter_map(|name| name.strip_prefix("column_"));
        let unnamed = places.filter_map(|place| place.parse().ok()).collect();
        Ok(Self {
            names,
            skipped,
            unnamed,
            place,
            srid: None,
            forms: Forms::default(),
            keep_totals: table.keep_totals,
        })
    }

    /// True of a column that is left out, whatever its cells hold; of one without a name by its place.
    pub fn is_skipped(&self, at: usize) -> bool {
        self.skipped.get(at).copied().unwrap_or(false)
    }

    /// True where cells of that column, from 1, which has no name, are left out.
    pub fn skips_unnamed(&self, column: usize) -> bool {
        self.unnamed.contains(&column)
    }

    /// The word by which a row is one of sums, where such rows are left out: it has no place, and one of its first
    /// two cells says so. `stated` tells whether a column has a cell that is not blank, `text` gives its text.
    pub fn total(
        &self,
        stated: impl Fn(usize) -> bool,
        text: impl Fn(usize) -> Option<String>,
    ) -> Option<String> {
        if self.keep_totals || self.names.len() < 2 {
            return None;
        }
        let (placed, words) = match self.place {
            Place::None => (false, 1),
            Place::Wkt(at) => (stated(at), 2),
            Place::Pair(east, north) => (stated(east) || stated(north), 2),
        };
        if placed {
            return None;
        }
        let first = (0..self.names.len()).filter(|at| stated(*at)).take(words);
        first.filter_map(text).find(|text| totals::is_word(text))
    }

    /// Returns what was found of coordinates that are no plain numbers.
    pub fn found(&self) -> Option<String> {
        self.forms.note()
    }

    /// How many a row has.
    pub fn count(&self) -> usize {
        self.names.len()
    }

    /// Of a column of the file, from 0.
    pub fn name(&self, at: usize) -> &str {
        self.names.get(at).map_or("", String::as_str)
    }

    /// Those of the layer.
    pub fn of_layer(&self) -> Vec<SourceColumn> {
        let own = self.names.iter().enumerate();
        own.filter(|(at, _)| !self.is_place(*at))
            .map(|(_, name)| SourceColumn {
                name: name.clone(),
                kind: Kind::Untyped,
            })
            .collect()
    }

    fn is_place(&self, at: usize) -> bool {
        match self.place {
            Place::None => false,
            Place::Wkt(shape) => at == shape,
            Place::Pair(east, north) => at == east || at == north,
        }
    }

    /// Where WKT is to be found.
    pub fn shape(&self) -> Option<usize> {
        match self.place {
            Place::Wkt(at) => Some(at),
            _ => None,
        }
    }

    /// Learns the CRS from the text of a place; the first to tell one is believed.
    pub fn learn(&mut self, text: &str) {
        let told = text.trim_start();
        let begins = told
            .get(..4)
            .is_some_and(|start| start.eq_ignore_ascii_case("srid"));
        if self.srid.is_none() && begins {
            self.srid = wkt::read(text).ok().and_then(|wkt| wkt.srid);
        }
    }

    /// The CRS that was learned.
    pub fn crs(&self) -> SourceCrs {
        match self.srid {
            None => SourceCrs::Untold,
            Some(4326) => SourceCrs::Known(Crs::Crs84),
            Some(code) => SourceCrs::Known(Crs::Epsg(code)),
        }
    }

    /// A row as a record: its place taken out of its cells, of which there are as many as columns.
    pub fn record(&self, number: u64, mut values: Vec<Value>) -> Result<Record, Bad> {
        let bad = |at: usize, reason: String| Bad {
            number,
            column: Some(self.name(at).to_owned()),
            reason,
        };
        let mut flattened = false;
        let geometry = match self.place {
            Place::None => None,
            Place::Wkt(at) => {
                let value = std::mem::replace(&mut values[at], Value::Null);
                let found = self.wkt(&value).map_err(|reason| bad(at, reason))?;
                flattened = found.flattened && found.geometry.is_some();
                found.geometry
            }
            Place::Pair(east, north) => {
                let x = self
                    .number(&values[east], Axis::East)
                    .map_err(|reason| bad(east, reason))?;
                let y = self
                    .number(&values[north], Axis::North)
                    .map_err(|reason| bad(north, reason))?;
                let one = |has: usize, lacks: usize| {
                    let has = self.name(has);
                    bad(
                        lacks,
                        format!("expected a number, as column {has} has one, found nothing"),
                    )
                };
                match (x, y) {
                    (Some(x), Some(y)) => Some(geo::Point::new(x, y).into()),
                    (None, None) => None,
                    (Some(_), None) => return Err(one(east, north)),
                    (None, Some(_)) => return Err(one(north, east)),
                }
            }
        };
        let mut at = 0;
        values.retain(|_| {
            at += 1;
            !self.is_place(at - 1)
        });
        Ok(Record {
            number,
            id: None,
            values,
            geometry,
            flattened,
        })
    }

    /// A coordinate; none where the cell is blank.
    fn number(&self, value: &Value, axis: Axis) -> Result<Option<f64>, String> {
        let wrong = || {
            let example = match axis {
                Axis::East => "121.4 or 121°24'",
                Axis::North => "31.2 or 31°12'",
            };
            format!(
                "expected a number such as {example}, found {:?}",
                value.to_string()
            )
        };
        let number = match value {
            Value::Null => return Ok(None),
            Value::Text(text) if text.trim().is_empty() => return Ok(None),
            Value::Text(text) => self.forms.read(text, axis).ok_or_else(wrong)?,
            other => other.as_f64().ok_or_else(wrong)?,
        };
        if number.is_finite() {
            Ok(Some(number))
        } else {
            Err(wrong())
        }
    }

    fn wkt(&self, value: &Value) -> Result<wkt::Wkt, String> {
        let found = match value {
            Value::Null => wkt::Wkt {
                srid: None,
                geometry: None,
                flattened: false,
            },
            Value::Text(text) if text.trim().is_empty() => return self.wkt(&Value::Null),
            Value::Text(text) => wkt::read(text)?,
            other => {
                return Err(format!(
                    "expected WKT such as POINT(121.4 31.2), found {other}"
                ));
            }
        };
        match (found.srid, self.srid) {
            (Some(code), Some(first)) if code != first => Err(format!(
                "expected SRID={first} as in the records before it, found SRID={code}"
            )),
            _ => Ok(found),
        }
    }
}

/// The column that an option names.
fn asked(names: &[String], option: &str, name: Option<&str>) -> Result<usize, String> {
    let other = if option == "--x" { "--y" } else { "--x" };
    let name =
        name.ok_or_else(|| format!("{other} needs {option} too: a place has two coordinates"))?;
    names.iter().position(|known| known == name).ok_or_else(|| {
        let known: Vec<_> = names.iter().map(String::as_str).collect();
        format!(
            "{option} {name}: there is no column {name:?}; it has {}",
            super::layers::told(&known)
        )
    })
}

/// The place by the names of columns.
fn found(names: &[String], skipped: &[bool], notes: &mut Vec<String>) -> Place {
    let lower: Vec<_> = names.iter().map(|name| name.to_lowercase()).collect();
    let is_shape = |at: &usize| !skipped[*at] && SHAPES.contains(&lower[*at].as_str());
    let mut shapes = (0..names.len()).filter(is_shape);
    if let Some(at) = shapes.next() {
        for other in shapes {
            notes.push(format!(
                "the places are read from column {}; column {} is a text",
                names[at], names[other]
            ));
        }
        return Place::Wkt(at);
    }
    match pairs(names, skipped) {
        Pairs::One(east, north) => Place::Pair(east, north),
        Pairs::Several(all) => {
            let all: Vec<_> = all
                .into_iter()
                .map(|(east, north)| format!("{} and {}", names[east], names[north]))
                .collect();
            notes.push(format!(
                "several pairs of columns could be the places ({}): --x and --y choose one; the records have no place",
                all.join("; ")
            ));
            Place::None
        }
        Pairs::None => {
            notes.push(
                "no column is called wkt, geometry, geom or 几何, and no two are lon and lat, x and y or 经度 and 纬度: \
                 the records have no place (--x COLUMN and --y COLUMN name it)"
                    .to_owned(),
            );
            Place::None
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn columns(names: &[&str]) -> Columns {
        let names = names.iter().map(|name| (*name).to_owned()).collect();
        Columns::new(names, &Options::default(), &mut Vec::new()).expect("columns")
    }

    fn text(text: &str) -> Value {
        Value::Text(text.to_owned())
    }

    #[test]
    fn places_are_known_by_their_names() {
        for (names, place) in [
            (&["id", "WKT", "lon", "lat"][..], Place::Wkt(1)),
            (&["几何", "名称"], Place::Wkt(0)),
            (&["Lat", "名称", "LNG"], Place::Pair(2, 0)),
            (&["经度", "纬度"], Place::Pair(0, 1)),
            (&["X", "Y"], Place::Pair(0, 1)),
            (&["lon", "纬度"], Place::None),
            (&["name"], Place::None),
        ] {
            assert_eq!(columns(names).place, place, "{names:?}");
        }
    }

    #[test]
    fn a_place_is_no_value() {
        let columns = columns(&["lat", "名称", "lon"]);
        let row = vec![text(" 31.2"), text("桃浦"), Value::Number(121.4)];
        let record = columns.record(3, row).expect("a record");
        assert_eq!(record.values, [text("桃浦")]);
        assert_eq!(record.geometry, Some(geo::Point::new(121.4, 31.2).into()));
        assert_eq!(columns.of_layer().len(), 1);
        let blank = columns.record(3, vec![Value::Null, Value::Null, text(" ")]);
        assert_eq!(blank.expect("a record").geometry, None);
        for (row, error) in [
            (
                [text("31.2"), Value::Null, Value::Null],
                "record 3, column lon: expected a number, as column lat has one",
            ),
            (
                [text("31°72′"), Value::Null, text("1")],
                "column lat: expected a number such as 31.2 or 31°12', found \"31°72′\"",
            ),
            (
                [text("inf"), Value::Null, text("1")],
                "column lat: expected a number",
            ),
            (
                [Value::Boolean(true), Value::Null, text("1")],
                "found \"true\"",
            ),
        ] {
            let found = columns
                .record(3, row.to_vec())
                .expect_err("bad")
                .to_string();
            assert!(found.contains(error), "{found}");
        }
    }

    #[test]
    fn a_crs_is_told_once() {
        let mut columns = columns(&["geom"]);
        columns.learn("POINT(1 2)");
        assert_eq!(columns.crs(), SourceCrs::Untold);
        columns.learn("SRID=4549;POINT(1 2)");
        columns.learn("SRID=4326;POINT(1 2)");
        assert_eq!(columns.crs(), SourceCrs::Known(Crs::Epsg(4549)));
        assert!(columns.record(1, vec![text("POINT(1 2)")]).is_ok());
        let error = columns
            .record(2, vec![text("SRID=4326;POINT(1 2)")])
            .expect_err("another");
        assert!(error.reason.contains("expected SRID=4549"), "{error}");
    }
}
