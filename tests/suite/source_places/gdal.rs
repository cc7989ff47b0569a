//! Every format that this GDAL can write, against what it reads in its own file.

use std::fs;
use std::path::Path;

use buju::crs::{Crs, Reprojector};
use buju::model::{ColumnType, Value};
use buju::source::{Kind, Layer, Record, SourceCrs};
use geo::{Geometry, MapCoords, coord};
use serde_json::{Map, Value as Json};

use super::files::{FAMILIES, MEASURED, made, ogr2ogr};
use super::sound;

/// A row as GDAL has it.
pub struct Row {
    pub geometry: Option<Geometry<f64>>,
    pub properties: Map<String, Json>,
}

/// What GDAL reads in a file, in the file's CRS.
pub fn rows(path: &Path, layer: &str) -> Vec<Row> {
    let folder = tempfile::tempdir().expect("a folder");
    let copy = folder.path().join("copy.geojson");
    let sql = format!("SELECT * FROM \"{layer}\"");
    let mut arguments = vec!["-f", "GeoJSON", "-lco", "COORDINATE_PRECISION=15"];
    arguments.extend(["-lco", "SIGNIFICANT_FIGURES=17", "-dim", "XY", "-sql", &sql]);
    ogr2ogr(&arguments, &copy, path);
    let text = fs::read_to_string(&copy).expect("a file");
    let json: Json = serde_json::from_str(&text).expect("JSON");
    let features = json["features"].as_array().expect("features").clone();
    let row = |mut feature: Json| {
        let geometry = feature["geometry"].take();
        let geometry = (!geometry.is_null()).then(|| {
            let geometry: geojson::Geometry = serde_json::from_value(geometry).expect("a geometry");
            Geometry::try_from(geometry).expect("a geometry")
        });
        Row {
            geometry,
            properties: feature["properties"]
                .as_object()
                .cloned()
                .unwrap_or_default(),
        }
    };
    features.into_iter().map(row).collect()
}

/// To a tenth of a millimetre, or what that is in degrees.
pub fn rounded(geometry: &Geometry<f64>, scale: f64) -> Geometry<f64> {
    geometry.map_coords(|at| coord! { x: (at.x * scale).round(), y: (at.y * scale).round() })
}

/// A cell as GDAL writes it in JSON; its times are texts of its own.
fn same(value: &Value, json: Option<&Json>) -> bool {
    let json = json.unwrap_or(&Json::Null);
    match (value, json) {
        (Value::Null, Json::Null) => true,
        (Value::Number(number), Json::Number(other)) => other.as_f64() == Some(*number),
        // A day of FlatGeobuf is its midnight to GDAL.
        (Value::Date(_), Json::String(text)) => {
            value.to_string() == text.replace('/', "-").trim_end_matches("T00:00:00")
        }
        (Value::Timestamp(_), Json::String(text)) => {
            let iso = text.replace('/', "-").replacen(' ', "T", 1);
            let zoned = [iso.clone(), format!("{iso}Z"), format!("{iso}:00")];
            let read = |text: &String| Value::parse(text, ColumnType::Timestamp).ok();
            zoned.iter().find_map(read).as_ref() == Some(value)
        }
        // GDAL gives a flag as a flag, and in KML as a number.
        (Value::Boolean(flag), Json::Bool(other)) => flag == other,
        (value, json) => value.to_json() == *json,
    }
}

fn compare(what: &str, (layer, records): &(Layer, Vec<Record>), rows: &[Row], scale: f64) {
    assert_eq!(records.len(), rows.len(), "{what}");
    for (record, row) in records.iter().zip(rows) {
        let (ours, theirs) = (&record.geometry, &row.geometry);
        let round =
            |shape: &Option<Geometry<f64>>| shape.as_ref().map(|shape| rounded(shape, scale));
        assert_eq!(round(ours), round(theirs), "{what}: {}", record.number);
        // What it has no cell for, GDAL leaves away or calls null.
        for name in row.properties.keys() {
            let ours = layer.columns.iter().any(|column| column.name == *name);
            assert!(ours, "{what}: no {name} in {:?}", layer.columns);
        }
        for (column, value) in layer.columns.iter().zip(&record.values) {
            let theirs = row.properties.get(&column.name);
            assert!(
                same(value, theirs),
                "{what}: {} is {value:?}, theirs {theirs:?}",
                column.name
            );
        }
    }
}

#[test]
fn what_gdal_writes_is_read_as_gdal_reads_it() {
    let formats: [(&str, &str); 4] = [
        ("gpkg", "GPKG"),
        ("fgb", "FlatGeobuf"),
        ("geojson", "GeoJSON"),
        ("geojsonl", "GeoJSONSeq"),
    ];
    for (ending, driver) in formats {
        for (name, geometries) in FAMILIES {
            for crs in ["EPSG:4326", "EPSG:4549", "EPSG:3857"] {
                let lines = ending == "geojsonl";
                if lines && crs != "EPSG:4326" {
                    continue;
                }
                let folder = tempfile::tempdir().expect("a folder");
                let mut more = vec!["-f", driver, "-t_srs", crs, "-nlt", "GEOMETRY"];
                if driver == "FlatGeobuf" {
                    more.extend(["-lco", "SPATIAL_INDEX=NO"]);
                } else if driver != "GPKG" {
                    more.extend([
                        "-lco",
                        "COORDINATE_PRECISION=15",
                        "-lco",
                        "SIGNIFICANT_FIGURES=17",
                    ]);
                }
                let path = made(&folder, ending, name, geometries, &more);
                let read = sound(&path, None);
                let what = format!("{driver} {name} {crs}");
                let scale = if crs == "EPSG:4326" { 1e9 } else { 1e4 };
                compare(&what, &read, &rows(&path, name), scale);
                known(&what, &read.0, ending, crs);
                let high = read.1.iter().filter(|record| record.flattened).count();
                // GDAL's FlatGeobuf of mixed types keeps no heights.
                let kept = name == "any" && driver != "FlatGeobuf";
                assert_eq!(high, if kept { 4 } else { 0 }, "{what}");
                if driver == "GPKG" {
                    let ids = read
                        .1
                        .iter()
                        .map(|record| record.id.clone().expect("an id"));
                    assert!(
                        ids.eq((1_i64..)
                            .take(read.1.len())
                            .map(buju::model::FeatureId::from)),
                        "{what}"
                    );
                }
            }
        }
    }
}

fn known(what: &str, layer: &Layer, ending: &str, crs: &str) {
    let expected = match (ending, crs) {
        ("geojson" | "geojsonl", "EPSG:4326") => Crs::Crs84,
        (_, crs) => crs.parse().expect("a CRS"),
    };
    assert_eq!(layer.crs, SourceCrs::Known(expected), "{what}");
    let kinds: Vec<_> = layer.columns.iter().map(|column| column.kind).collect();
    let typed = match ending {
        "gpkg" => vec![
            Kind::Text,
            Kind::Integer,
            Kind::Number,
            Kind::Boolean,
            Kind::Date,
            Kind::Timestamp,
        ],
        "fgb" => vec![
            Kind::Text,
            Kind::Integer,
            Kind::Number,
            Kind::Boolean,
            Kind::Untyped,
            Kind::Untyped,
        ],
        _ => vec![Kind::Untyped; 6],
    };
    assert_eq!(kinds, typed, "{what}");
    assert_eq!(layer.columns[1].name, "编号");
    // FlatGeobuf's two columns of times are told of.
    let of_times = |note: &&String| note.contains("has times");
    let told = layer.notes.iter().filter(of_times).count();
    let times = if ending == "fgb" { 2 } else { 0 };
    assert_eq!(
        (told, layer.notes.len()),
        (times, times),
        "{what}: {:?}",
        layer.notes
    );
}

/// GDAL's own conversion of the same points is 0.1 mm from ours at most.
#[test]
fn a_layer_in_the_statutory_grid_is_where_gdal_says() {
    let folder = tempfile::tempdir().expect("a folder");
    let (_, geometries) = FAMILIES[3];
    let there = ["-f", "GPKG", "-t_srs", "EPSG:4549", "-nlt", "GEOMETRY"];
    let path = made(&folder, "gpkg", "grid", geometries, &there);
    let back = folder.path().join("back.fgb");
    let arguments = [
        "-f",
        "FlatGeobuf",
        "-t_srs",
        "OGC:CRS84",
        "-lco",
        "SPATIAL_INDEX=NO",
        "-nlt",
        "GEOMETRY",
    ];
    ogr2ogr(&arguments, &back, &path);
    let (layer, records) = sound(&path, None);
    let (_, expected) = sound(&back, None);
    let SourceCrs::Known(crs) = layer.crs else {
        panic!("{layer:?}")
    };
    let to = Reprojector::new(crs, Crs::Crs84).expect("a conversion");
    for (record, expected) in records.iter().zip(&expected) {
        let moved = to
            .geometry(record.geometry.as_ref().expect("a place"))
            .expect("converted");
        let theirs = expected.geometry.as_ref().expect("a place");
        assert_eq!(rounded(&moved, 1e9), rounded(theirs, 1e9));
    }
}

#[test]
fn measures_are_left_out() {
    for (ending, driver) in [("gpkg", "GPKG"), ("fgb", "FlatGeobuf")] {
        let folder = tempfile::tempdir().expect("a folder");
        let mut more = vec!["-f", driver, "-nlt", "GEOMETRY"];
        if driver == "FlatGeobuf" {
            more.extend(["-lco", "SPATIAL_INDEX=NO"]);
        }
        for (at, wkt) in MEASURED.iter().enumerate() {
            let name = format!("measured{at}");
            let path = made(&folder, ending, &name, &[wkt], &more);
            let read = sound(&path, None);
            compare(driver, &read, &rows(&path, &name), 1e9);
            // GDAL's FlatGeobuf of any type keeps no measures.
            assert!(read.1[0].flattened || driver != "GPKG", "{driver}: {wkt}");
        }
    }
}

#[test]
fn an_indexed_flatgeobuf_has_the_same_rows_in_another_order() {
    let folder = tempfile::tempdir().expect("a folder");
    let (name, geometries) = FAMILIES[2];
    let path = made(&folder, "fgb", name, geometries, &["-f", "FlatGeobuf"]);
    let read = sound(&path, None);
    compare("indexed", &read, &rows(&path, name), 1e9);
    assert_eq!(read.0.records, Some(2));
}
