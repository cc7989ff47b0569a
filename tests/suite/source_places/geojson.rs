//! `GeoJSON` in all its habits, against `serde_json` where there is something to compare with.

use std::fs;
use std::path::PathBuf;

use buju::crs::Crs;
use buju::model::{FeatureId, Value};
use buju::source::{Kind, Options, Source, SourceCrs};
use geo::{Geometry, Point};
use serde_json::{Value as Json, json};
use tempfile::TempDir;

use super::broken::Random;
use super::{read, refused, sound, told};

/// A file that lives as long as its folder.
fn file(folder: &TempDir, name: &str, bytes: impl AsRef<[u8]>) -> PathBuf {
    let path = folder.path().join(name);
    fs::write(&path, bytes).expect("written");
    path
}

fn folder() -> TempDir {
    tempfile::tempdir().expect("a folder")
}

fn features(features: &str) -> String {
    format!("{{\"type\":\"FeatureCollection\",\"features\":[{features}]}}")
}

#[test]
fn columns_are_those_of_any_feature() {
    let folder = folder();
    let text = features(
        r#"{"type":"Feature","id":7,"properties":{"a":1,"b":"x"},"geometry":{"type":"Point","coordinates":[121.5,31.25,9]}},
        {"type":"Feature","id":"seven","properties":null,"geometry":null},
        {"type":"Feature","properties":{"c":[1,{"d":null}],"a":1.5,"e":true,"b":""},"title":"left","bbox":[1,2,3,4],
         "geometry":{"type":"Polygon","coordinates":[]}}"#,
    );
    let (layer, records) = sound(&file(&folder, "three.json", text), None);
    let names: Vec<_> = layer
        .columns
        .iter()
        .map(|column| column.name.as_str())
        .collect();
    assert_eq!(names, ["a", "b", "c", "e"]);
    assert!(
        layer
            .columns
            .iter()
            .all(|column| column.kind == Kind::Untyped)
    );
    assert_eq!((layer.name.as_str(), layer.records), ("three", Some(3)));
    assert_eq!(layer.crs, SourceCrs::Known(Crs::Crs84));
    assert_eq!(layer.notes.len(), 1);
    assert!(
        layer.notes[0].ends_with("left out: title"),
        "{:?}",
        layer.notes
    );
    let ids: Vec<_> = records.iter().map(|record| record.id.clone()).collect();
    assert_eq!(
        ids,
        [Some(FeatureId::Number(7)), Some("seven".into()), None]
    );
    assert_eq!(records[0].geometry, Some(Point::new(121.5, 31.25).into()));
    assert!(records[0].flattened && !records[2].flattened);
    // Empty is none, as null is.
    assert_eq!((&records[1].geometry, &records[2].geometry), (&None, &None));
    let null = Value::Null;
    assert_eq!(
        records[0].values,
        [
            Value::Integer(1),
            Value::Text("x".to_owned()),
            null.clone(),
            null.clone()
        ]
    );
    let list = Value::Json(r#"[1,{"d":null}]"#.to_owned());
    assert_eq!(
        records[2].values,
        [
            Value::Number(1.5),
            Value::Text(String::new()),
            list,
            Value::Boolean(true)
        ]
    );
}

#[test]
fn the_crs_member_of_the_first_version_counts() {
    let folder = folder();
    let point =
        r#"{"type":"Feature","properties":{},"geometry":{"type":"Point","coordinates":[1,2]}}"#;
    for (member, crs) in [
        (
            r#"{"type":"name","properties":{"name":"urn:ogc:def:crs:EPSG::4549"}}"#,
            Some(Crs::Epsg(4549)),
        ),
        (
            r#"{"type":"name","properties":{"name":"EPSG:4490"}}"#,
            Some(Crs::Epsg(4490)),
        ),
        (
            r#"{"type":"name","properties":{"name":"urn:ogc:def:crs:OGC:1.3:CRS84"}}"#,
            Some(Crs::Crs84),
        ),
        (
            r#"{"type":"name","properties":{"name":"urn:nobody"}}"#,
            None,
        ),
        (
            r#"{"type":"link","properties":{"href":"http://example.org/crs"}}"#,
            None,
        ),
        ("null", None),
    ] {
        for text in [
            format!("{{\"type\":\"FeatureCollection\",\"crs\":{member},\"features\":[{point}]}}"),
            format!("{{\"features\":[{point}],\"type\":\"FeatureCollection\",\"crs\":{member}}}"),
        ] {
            let (layer, _) = sound(&file(&folder, "a.geojson", text), None);
            let known = crs.map_or(SourceCrs::Untold, SourceCrs::Known);
            assert_eq!(layer.crs, known, "{member}");
            assert_eq!(layer.notes.is_empty(), crs.is_some(), "{:?}", layer.notes);
        }
    }
}

#[test]
fn a_file_that_is_one_feature_or_none() {
    let folder = folder();
    let one = r#" {"geometry":{"type":"Point","coordinates":[1,2]},"type":"Feature","id":1,"properties":{"a":"b"}} "#;
    let (layer, records) = sound(
        &file(&folder, "one.geojson", format!("\u{feff}{one}")),
        None,
    );
    assert_eq!((layer.columns.len(), records.len()), (1, 1));
    let (layer, records) = sound(&file(&folder, "none.geojson", features("")), None);
    assert_eq!(
        (layer.columns.len(), records.len(), layer.records),
        (0, 0, Some(0))
    );
    for (text, reason) in [
        (
            r#"{"type":"Point","coordinates":[1,2]}"#,
            "expected a FeatureCollection or a Feature, found \"Point\"",
        ),
        (
            "[1,2]",
            "expected a FeatureCollection or a Feature, found other JSON",
        ),
        ("{}", "found 2 bytes without a type"),
        (
            r#"{"type":"FeatureCollection"}"#,
            "expected an array named features",
        ),
        (
            r#"{"type":"FeatureCollection","features":{}}"#,
            "expected an array named features",
        ),
        (
            r#"{"type":"FeatureCollection","features":[],"features":[]}"#,
            "found two",
        ),
        ("", "is it cut short?"),
        ("PK\x03\x04", "a zip archive by its content"),
        ("NaN", "is not JSON: expected value"),
    ] {
        let told = refused(&file(&folder, "bad.geojson", text), None);
        assert!(
            told.contains(reason) && told.contains("bad.geojson"),
            "{text}: {told}"
        );
    }
    assert!(
        refused(&file(&folder, "a.geojson", one), Some("b"))
            .contains("has no layer \"b\"; it has a")
    );
    assert!(refused(&folder.path().join("gone.geojson"), None).contains("cannot be read"));
}

#[test]
fn what_is_no_json_has_a_line() {
    let folder = folder();
    let point = r#"{"type":"Feature","properties":{},"geometry":null}"#;
    let text = features(&format!("\n{point},\n{point},\n{point}\n"));
    let cut = refused(
        &file(&folder, "cut.geojson", &text[..text.len() - 20]),
        None,
    );
    assert!(cut.contains("cut short") && cut.contains("line 4"), "{cut}");
    let broken = text.replacen("\"Feature\"", "Feature", 1);
    let broken = refused(&file(&folder, "broken.geojson", broken), None);
    assert!(
        broken.contains("is not JSON") && broken.contains("line 2"),
        "{broken}"
    );
    // GBK where UTF-8 must be.
    let mut gbk = text.clone().into_bytes();
    let at = text.find("{}").expect("properties");
    gbk.splice(at..at + 2, b"{\"a\":\"\xb2\xbc\xbe\xd6\"}".iter().copied());
    let gbk = refused(&file(&folder, "gbk.geojson", gbk), None);
    for part in ["record 1: is not JSON", "line 2", "iconv -f GB18030"] {
        assert!(gbk.contains(part), "{part}: {gbk}");
    }
    let deep = features(&format!(
        "{{\"type\":\"Feature\",\"properties\":{{\"a\":{}}}}}",
        "[".repeat(100_000)
    ));
    assert!(refused(&file(&folder, "deep.geojson", deep), None).contains("deep.geojson"));
}

#[test]
fn one_bad_feature_leaves_the_others() {
    let folder = folder();
    let shape = |kind: &str, coordinates: &str| {
        format!(
            r#"{{"type":"Feature","properties":{{}},"geometry":{{"type":"{kind}","coordinates":{coordinates}}}}}"#
        )
    };
    let plain = |members: &str| format!(r#"{{"type":"Feature",{members}}}"#);
    let all = [
        (shape("Point", "[1]"), "expected a position of two numbers"),
        (
            shape("Point", "[1,\"2\"]"),
            "expected a position of two numbers",
        ),
        (shape("LineString", "[[1,2]]"), "1 position"),
        (
            shape("Polygon", "[[[0,0],[1,0],[1,1],[0,1]]]"),
            "not closed",
        ),
        (shape("Polygon", "[[[0,0],[1,0],[0,0]]]"), "3 positions"),
        (shape("Curve", "[]"), "\"Curve\", which is none"),
        (shape("Polygon", "7"), "expected an array of coordinates"),
        (
            plain(r#""properties":{"a":1,"a":2},"geometry":null"#),
            "the feature has two properties of this name",
        ),
        (
            plain(r#""properties":[],"geometry":null"#),
            "expected properties to be an object",
        ),
        (
            plain(r#""id":1,"id":2,"properties":{},"geometry":null"#),
            "two members named id",
        ),
        (
            plain(r#""id":1.5,"properties":{},"geometry":null"#),
            "expected id to be",
        ),
        (
            r#"{"type":"Point","coordinates":[1,2]}"#.to_owned(),
            "expected a Feature, found \"Point\"",
        ),
        ("7".to_owned(), "a Feature"),
    ];
    let good = plain(r#""properties":{"a":0},"geometry":null"#);
    let mixed = all
        .iter()
        .flat_map(|(text, _)| [good.clone(), text.clone()]);
    let mixed: Vec<_> = mixed.collect();
    for (name, text) in [
        ("mixed.geojson", features(&mixed.join(",\n"))),
        ("mixed.geojsonl", mixed.join("\n")),
    ] {
        let path = file(&folder, name, text);
        let (_, records) = read(&path, None).expect("a file");
        assert_eq!(records.len(), 2 * all.len());
        for (at, (_, reason)) in all.iter().enumerate() {
            assert!(records[2 * at].is_ok());
            let bad = records[2 * at + 1].as_ref().expect_err("bad");
            assert_eq!(bad.number, (2 * at + 2) as u64);
            let told = bad.to_string();
            assert!(told.contains(reason), "{name}: {told}");
            let line = format!("line {}", 2 * at + 2);
            assert_eq!(told.contains(&line), name.ends_with('l'), "{told}");
        }
    }
    // Where none is a feature, the file is none of features.
    let path = file(&folder, "none.ndjson", "7\n{}\n");
    assert!(refused(&path, None).contains("line 1"));
    let path = file(&folder, "cut.ndjson", format!("{good}\n{}", &good[..30]));
    let told = told(&path);
    assert!(
        told.len() == 1 && told[0].contains("record 2: line 2") && told[0].contains("cut short"),
        "{told:?}"
    );
}

#[test]
fn as_many_columns_as_a_table_may_have() {
    let folder = folder();
    let feature = |count: usize| {
        let members: Vec<_> = (0..count).map(|at| format!("\"c{at}\":{at}")).collect();
        format!(
            "{{\"type\":\"Feature\",\"geometry\":null,\"properties\":{{{}}}}}",
            members.join(",")
        )
    };
    let (layer, records) = sound(
        &file(&folder, "many.geojson", features(&feature(255))),
        None,
    );
    assert_eq!((layer.columns.len(), records[0].values.len()), (255, 255));
    let too_many = file(&folder, "more.geojson", features(&feature(5000)));
    assert!(refused(&too_many, None).contains("more than 4096 different columns"));
}

/// Random features, some longer than what is read at once, in every form.
#[test]
fn whatever_is_written_comes_back() {
    let mut random = Random(7);
    for round in 0..12 {
        let count = 1 + random.below(40);
        let feature = |at: usize, random: &mut Random| {
            let long = if random.below(30) == 0 { 600_000 } else { 20 };
            let text: String = (0..random.below(long))
                .map(|_| ['a', '"', '\\', '{', ']', '\n', '布', '\u{1e}'][random.below(8)])
                .collect();
            let number = f64::from(u32::try_from(random.below(1_000_000)).expect("small")) / 7.0;
            json!({
                "type": "Feature",
                "id": at,
                "properties": { "text": text, "number": number, "whole": at, "flag": at & 1 == 0, "list": [text, at] },
                "geometry": { "type": "Point", "coordinates": [number, -number] },
            })
        };
        let all: Vec<Json> = (0..count).map(|at| feature(at, &mut random)).collect();
        let folder = folder();
        let lines = all.iter().map(|json| format!("{json}\r\n"));
        let sequence = all.iter().map(|json| format!("\u{1e}{json:#}\n"));
        let paths = [
            file(
                &folder,
                "a.geojson",
                json!({ "type": "FeatureCollection", "features": all }).to_string(),
            ),
            file(
                &folder,
                "b.json",
                format!(
                    "{:#}",
                    json!({ "features": all, "type": "FeatureCollection" })
                ),
            ),
            file(&folder, "c.ndjson", lines.collect::<String>()),
            file(&folder, "d.geojsons", sequence.collect::<String>()),
        ];
        for path in paths {
            let (layer, records) = sound(&path, None);
            assert_eq!(records.len(), count, "{round}: {}", path.display());
            for (record, json) in records.iter().zip(&all) {
                assert_eq!(
                    record.id.as_ref().map(FeatureId::to_json),
                    Some(json["id"].clone())
                );
                for (column, value) in layer.columns.iter().zip(&record.values) {
                    let json = &json["properties"][&column.name];
                    let empty = json.as_str() == Some("");
                    assert!(
                        value.to_json() == *json
                            || value.as_f64().is_some() && value.as_f64() == json.as_f64()
                            || empty && value.is_null(),
                        "{value:?} {json}"
                    );
                }
                let Some(Geometry::Point(at)) = record.geometry else {
                    panic!("{record:?}")
                };
                let coordinates = &json["geometry"]["coordinates"];
                assert_eq!(
                    (Some(at.x()), Some(at.y())),
                    (coordinates[0].as_f64(), coordinates[1].as_f64())
                );
            }
        }
    }
}

#[test]
fn an_ending_that_is_none() {
    let folder = folder();
    for (name, reason) in [
        ("a.dwg", "its ending is none of"),
        ("a", "its ending is none of"),
        ("a.kmz", "unpack it"),
    ] {
        let path = file(&folder, name, "x");
        let error = Source::open(&path, &Options::default()).expect_err("refused");
        assert!(error.to_string().contains(reason), "{error}");
    }
}

/// What a file is by its first bytes goes before what it is called.
#[test]
fn a_name_that_is_wrong_is_told() {
    let folder = folder();
    for (name, bytes, reason) in [
        (
            "a.shp",
            &b"SQLite format 3\0"[..],
            "a.shp: it is a GeoPackage by its content: rename it to .gpkg",
        ),
        ("a.geojson", b"fgb\x03fgb\0", "rename it to .fgb"),
        ("a.csv", b"PAR1", "rename it to .parquet"),
        ("a.gpkg", b"\0\0\x27\x0a\0\0\0\0\0", "rename it to .shp"),
        (
            "a.fgb",
            b"{\"type\": \"FeatureCollection\"",
            "rename it to .geojson",
        ),
        (
            "a.csv",
            b"<?xml version=\"1.0\"?><kml>",
            "rename it to .kml",
        ),
        ("a.json", b"\x1f\x8b\x08", "unpack it with gunzip"),
    ] {
        let told = refused(&file(&folder, name, bytes), None);
        assert!(told.contains(reason), "{told}");
    }
}

#[test]
fn a_feature_per_line_may_be_called_otherwise() {
    let folder = folder();
    let line = r#"{"type":"Feature","properties":{"a":1},"geometry":null}"#;
    let path = file(
        &folder,
        "lines.geojson",
        format!("\u{feff}{line}\n{line}\n"),
    );
    let (layer, records) = sound(&path, None);
    assert_eq!(records.len(), 2);
    assert!(
        layer.notes[0].contains("a feature per line"),
        "{:?}",
        layer.notes
    );
    // One line is one feature.
    let path = file(&folder, "line.geojson", format!("{line}\n"));
    assert_eq!(sound(&path, None).0.notes, Vec::<String>::new());
    let path = file(&folder, "empty.ndjson", "\n \n");
    assert!(refused(&path, None).contains("found an empty file"));
}

/// A record that seems to have no end takes no more memory than the longest one may.
#[test]
fn a_record_has_a_longest_length() {
    let folder = folder();
    let long = "x".repeat(65 << 20);
    let feature = format!(r#"{{"type":"Feature","properties":{{"a":"{long}"}},"geometry":null}}"#);
    let foreign = format!(r#"{{"type":"FeatureCollection","about":"{long}","features":[]}}"#);
    let kml = format!("<kml><Placemark><name>{long}</name></Placemark></kml>");
    for (name, text) in [
        ("a.ndjson", &feature),
        ("a.geojson", &feature),
        ("b.geojson", &features(&feature)),
        ("c.geojson", &foreign),
        ("a.kml", &kml),
    ] {
        let told = refused(&file(&folder, name, text), None);
        assert!(told.contains("longer than 64 MiB"), "{name}: {told}");
    }
}

/// Only shapefiles and tables leave the encoding open.
#[test]
fn an_encoding_that_nothing_is_in_is_refused() {
    let folder = folder();
    let options = Options {
        encoding: Some("gbk".to_owned()),
        ..Options::default()
    };
    for name in ["a.geojson", "a.kml", "a.gpkg", "a.xlsx"] {
        let error = Source::open(&file(&folder, name, ""), &options).expect_err("refused");
        assert!(
            error.to_string().contains("--encoding gbk: only"),
            "{error}"
        );
    }
}

#[test]
fn a_reading_that_is_stopped_ends_at_once() {
    let folder = folder();
    let line = r#"{"type":"Feature","properties":{"a":1},"geometry":null}"#;
    let lines = format!("{line}\n{line}\n{line}\n");
    let collection = features(&format!("{line},{line},{line}"));
    let placemark = "<Placemark><name>a</name></Placemark>";
    let kml = format!("<kml><Document>{placemark}{placemark}{placemark}</Document></kml>");
    for (name, text) in [
        ("a.ndjson", lines),
        ("a.geojson", collection),
        ("a.kml", kml),
        ("a.csv", "a\n1\n2\n3\n".to_owned()),
    ] {
        let asked = std::cell::Cell::new(0);
        let stopped = || {
            asked.set(asked.get() + 1);
            asked.get() > 1
        };
        let path = file(&folder, name, text);
        let error = Source::open_until(&path, &Options::default(), &stopped);
        let error = error.expect_err("stopped").to_string();
        assert!(error.ends_with("stopped before its end"), "{name}: {error}");
        assert!(asked.get() <= 4, "{name}");
    }
}
