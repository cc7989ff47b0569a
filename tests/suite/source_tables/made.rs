//! Inputs made here, files made of them by GDAL, and what GDAL and Buju read from those.

use std::fmt::Write;
use std::fs::{self, File};
use std::io::Read;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;

use buju::model::Value;
use buju::source::{Bad, Layer, Options, Record, Source};
use geo::{Coord, Geometry};
use serde_json::{Map, Value as Json};
use tempfile::TempDir;
use zip::write::SimpleFileOptions;
use zip::{ZipArchive, ZipWriter};

/// A folder of files, gone with this value.
pub struct Made(TempDir);

impl Made {
    pub fn new() -> Self {
        Self(tempfile::tempdir().expect("a folder"))
    }

    pub fn path(&self, name: &str) -> String {
        self.0
            .path()
            .join(name)
            .to_str()
            .expect("a text")
            .to_owned()
    }

    pub fn folder(&self) -> PathBuf {
        self.0.path().to_owned()
    }

    pub fn write(&self, name: &str, bytes: &[u8]) -> String {
        let path = self.path(name);
        fs::write(&path, bytes).expect("written");
        path
    }

    /// A GeoJSON file for GDAL to read.
    pub fn input(&self, name: &str, text: &str) -> String {
        self.write(&format!("{name}.geojson"), text.as_bytes())
    }
}

/// Runs ogr2ogr.
pub fn gdal(arguments: &[&str]) -> Vec<u8> {
    let output = Command::new("ogr2ogr").args(arguments).output();
    let output = output.expect("GDAL is needed: ./dev test installs it");
    let error = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "ogr2ogr {arguments:?}: {error}");
    output.stdout
}

/// A row as GDAL reads it.
pub struct Row {
    pub geometry: Option<Geometry>,
    pub cells: Map<String, Json>,
}

/// All rows of a layer, every digit of them.
pub fn by_gdal(path: &str, layer: Option<&str>) -> Vec<Row> {
    by_gdal_with(path, layer, &[])
}

pub fn by_gdal_with(path: &str, layer: Option<&str>, how: &[&str]) -> Vec<Row> {
    let digits = [
        "-f",
        "GeoJSON",
        "-lco",
        "SIGNIFICANT_FIGURES=17",
        "/vsistdout/",
    ];
    let layer: Vec<_> = layer.into_iter().collect();
    let out = gdal(&[how, &digits, &[path], &layer].concat());
    let json: Json = serde_json::from_slice(&out).expect("GeoJSON");
    let features = json["features"].as_array().expect("features").iter();
    let row = |feature: &Json| {
        let geometry = feature["geometry"].clone();
        let geometry = (!geometry.is_null()).then(|| {
            let shape: geojson::Geometry = serde_json::from_value(geometry).expect("a geometry");
            Geometry::try_from(shape).expect("a shape")
        });
        let cells = feature["properties"]
            .as_object()
            .expect("properties")
            .clone();
        Row { geometry, cells }
    };
    features.map(row).collect()
}

/// The layer and all its records.
pub fn by_us(path: &str, options: &Options) -> (Layer, Vec<Result<Record, Bad>>) {
    let source = Source::open(Path::new(path), options).unwrap_or_else(|error| panic!("{error}"));
    let mut records = Vec::new();
    let read = source.read(&mut |_, _| {}, &mut |record| {
        records.push(record);
        true
    });
    read.unwrap_or_else(|error| panic!("{error}"));
    // A second time, the same.
    let mut again = 0;
    let read = source.read(&mut |_, _| {}, &mut |record| {
        assert!(record == records[again], "{path}: {record:?}");
        again += 1;
        true
    });
    read.unwrap_or_else(|error| panic!("{error}"));
    assert_eq!(again, records.len());
    (source.layer().clone(), records)
}

/// The same, where every record can be read.
pub fn all(path: &str, options: &Options) -> (Layer, Vec<Record>) {
    let (layer, records) = by_us(path, options);
    let records = records
        .into_iter()
        .map(|record| record.unwrap_or_else(|bad| panic!("{path}: {bad}")));
    (layer, records.collect())
}

/// Both have the same rows in the same order: geometry to the last digit, and values.
pub fn same(what: &str, layer: &Layer, records: &[Record], rows: &[Row]) {
    assert_eq!(records.len(), rows.len(), "{what}");
    for (record, row) in records.iter().zip(rows) {
        let number = record.number;
        let (ours, theirs) = (
            sorted(record.geometry.as_ref()),
            sorted(row.geometry.as_ref()),
        );
        assert!(ours == theirs, "{what} {number}:\n{ours:?}\n{theirs:?}");
        for (column, value) in layer.columns.iter().zip(&record.values) {
            let name = &column.name;
            // GDAL leaves columns away that are blank in all rows.
            let theirs = row.cells.get(name).unwrap_or(&Json::Null);
            assert!(
                equal(value, theirs),
                "{what} {number} {name}: {value:?}, {theirs:?}"
            );
        }
    }
}

/// GDAL writes dates with slashes, and the text of a cell that is blank.
fn equal(ours: &Value, theirs: &Json) -> bool {
    match (ours, theirs) {
        (Value::Null, theirs) => theirs.is_null() || theirs == "",
        (Value::Date(_), Json::String(text)) => ours.to_string() == text.replace('/', "-"),
        (Value::Integer(_) | Value::Number(_), Json::Number(number)) => {
            let exact = match ours {
                Value::Integer(whole) => number.as_i64() == Some(*whole),
                _ => false,
            };
            exact || number.as_f64() == ours.as_f64()
        }
        // Of columns without types.
        (Value::Text(text), Json::String(theirs)) => {
            text == theirs || text.replace('/', "-") == *theirs
        }
        (Value::Text(text), Json::Number(number)) => text.parse().ok() == number.as_f64(),
        _ => ours.to_json() == *theirs,
    }
}

/// The polygons of a shape in an order of their own: readers differ in it.
fn sorted(geometry: Option<&Geometry>) -> Option<Geometry> {
    let mut geometry = geometry?.clone();
    if let Geometry::MultiPolygon(parts) = &mut geometry {
        let key = |at: &Coord| (at.x.to_bits(), at.y.to_bits());
        parts
            .0
            .sort_by_key(|part| part.exterior().0.iter().map(key).min());
        for part in &mut parts.0 {
            let mut holes: Vec<_> = part.interiors().to_vec();
            holes.sort_by_key(|hole| hole.0.iter().map(key).min());
            *part = geo::Polygon::new(part.exterior().clone(), holes);
        }
    }
    Some(geometry)
}

/// Changes a part of a workbook.
pub fn with_part(path: &str, part: &str, change: impl Fn(String) -> String) {
    let mut from = ZipArchive::new(File::open(path).expect("a file")).expect("an archive");
    let changed = format!("{path}.new");
    let mut to = ZipWriter::new(File::create(&changed).expect("a file"));
    for at in 0..from.len() {
        let mut entry = from.by_index(at).expect("an entry");
        let name = entry.name().expect("a name").into_owned();
        let mut bytes = Vec::new();
        entry.read_to_end(&mut bytes).expect("read");
        if name == part {
            let text = String::from_utf8(bytes).expect("a text");
            let after = change(text.clone());
            assert_ne!(text, after, "{part} was not changed");
            bytes = after.into_bytes();
        }
        to.start_file(name, SimpleFileOptions::default())
            .expect("begun");
        to.write_all(&bytes).expect("written");
    }
    to.finish().expect("an archive");
    fs::rename(changed, path).expect("renamed");
}

/// Numbers that look random and are the same in every run.
pub struct Dice(pub u64);

impl Dice {
    pub fn roll(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0
    }

    pub fn below(&mut self, bound: usize) -> usize {
        usize::try_from(self.roll() % bound.max(1) as u64).expect("small")
    }

    /// From 0 to 1.
    #[expect(clippy::cast_precision_loss, reason = "any number does")]
    fn share(&mut self) -> f64 {
        (self.roll() >> 11) as f64 / (1_u64 << 53) as f64
    }
}

/// So many features of a kind near Taopu in EPSG:4549, every seventh without a place.
pub fn geojson(kind: &str, count: usize) -> String {
    let mut dice = Dice(0x5EED_0001 + kind.len() as u64);
    let mut out = String::from(r#"{"type":"FeatureCollection","features":["#);
    for at in 0..count {
        let comma = if at == 0 { "" } else { "," };
        let shape = if at % 7 == 6 {
            "null".to_owned()
        } else {
            shape(kind, &mut dice)
        };
        let name = match at % 5 {
            0 => format!(r#""桃浦镇{at}号地块（示意）""#),
            1 => "null".to_owned(),
            2 => r#""祁连山南路, \"quoted\"""#.to_owned(),
            3 => r#""plain""#.to_owned(),
            _ => format!(r#""{}""#, "智慧城".repeat(at % 9 + 1)),
        };
        let code = if at % 4 == 3 {
            "null".to_owned()
        } else {
            format!("{}", 310_107_000_000_000 + at)
        };
        let ratio = if at % 6 == 5 {
            "null".to_owned()
        } else {
            format!("{}", (dice.share() * 1e5).round() / 1e3)
        };
        let day = if at % 3 == 2 {
            "null".to_owned()
        } else {
            format!(
                r#""20{:02}-{:02}-{:02}""#,
                at % 30,
                at % 12 + 1,
                at % 28 + 1
            )
        };
        write!(out, r#"{comma}{{"type":"Feature","properties":{{"名称":{name},"count":{at},"code":{code},"ratio":{ratio},"day":{day},"none":null}},"geometry":{shape}}}"#).expect("a text");
    }
    out.push_str("]}");
    out
}

fn shape(kind: &str, dice: &mut Dice) -> String {
    let (x, y) = (
        437_000.0 + dice.share() * 9_000.0,
        3_459_000.0 + dice.share() * 5_000.0,
    );
    let place = |dice: &mut Dice| {
        format!(
            "[{},{},{}]",
            x + dice.share(),
            y + dice.share(),
            dice.share()
        )
    };
    let places = |dice: &mut Dice, count: usize| {
        let all: Vec<_> = (0..count).map(|_| place(dice)).collect();
        format!("[{}]", all.join(","))
    };
    let (kind, coordinates) = match kind {
        "points" => ("Point", place(dice)),
        "multipoints" => {
            let count = 1 + dice.below(5);
            ("MultiPoint", places(dice, count))
        }
        "lines" => match dice.below(2) {
            0 => {
                let count = 2 + dice.below(9);
                ("LineString", places(dice, count))
            }
            _ => (
                "MultiLineString",
                format!("[{},{}]", places(dice, 2), places(dice, 3)),
            ),
        },
        _ => {
            let ring = |dx: f64, radius: f64, dice: &mut Dice| {
                let corners = 3 + dice.below(20);
                let mut ring: Vec<_> = (0..corners)
                    .map(|at| {
                        #[expect(clippy::cast_precision_loss, reason = "a few corners")]
                        let turn = at as f64 / corners as f64 * std::f64::consts::TAU;
                        format!(
                            "[{},{},1.5]",
                            x + dx + radius * turn.cos(),
                            y + radius * turn.sin()
                        )
                    })
                    .collect();
                ring.push(ring[0].clone());
                format!("[{}]", ring.join(","))
            };
            let part = |dx: f64, dice: &mut Dice| match dice.below(3) {
                0 => format!("[{}]", ring(dx, 10.0, dice)),
                1 => format!("[{},{}]", ring(dx, 10.0, dice), ring(dx, 2.0, dice)),
                _ => format!(
                    "[{},{},{}]",
                    ring(dx, 10.0, dice),
                    ring(dx - 2.0, 1.0, dice),
                    ring(dx + 2.0, 1.0, dice)
                ),
            };
            match dice.below(2) {
                0 => ("Polygon", part(0.0, dice)),
                _ => (
                    "MultiPolygon",
                    format!(
                        "[{},{},{}]",
                        part(0.0, dice),
                        part(25.0, dice),
                        part(50.0, dice)
                    ),
                ),
            }
        }
    };
    format!(r#"{{"type":"{kind}","coordinates":{coordinates}}}"#)
}
