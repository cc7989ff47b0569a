//! Encodings of tables: told, found out, wrong, mixed, cut.

use std::fs;
use std::path::Path;

use buju::model::Value;
use buju::source::{Options, Source};
use encoding_rs::{BIG5, GBK};

use super::made::{Made, all, by_gdal, by_us, gdal, geojson, same};

fn encoding(label: &str) -> Options {
    Options {
        encoding: Some(label.to_owned()),
        ..Options::default()
    }
}

/// A shapefile of points in an encoding, by GDAL.
fn points(made: &Made, encoding: &str) -> String {
    let input = made.input("points", &geojson("points", 20));
    let path = made.path("a.shp");
    let option = format!("ENCODING={encoding}");
    gdal(&["-lco", &option, "-nlt", "POINT", &path, &input]);
    path
}

/// Sets the language driver byte.
fn driver(made: &Made, driver: u8) {
    let path = made.path("a.dbf");
    let mut bytes = fs::read(&path).expect("the table");
    bytes[29] = driver;
    fs::write(&path, bytes).expect("written");
}

fn refused(path: &str, options: &Options) -> String {
    let source = Source::open(Path::new(path), options);
    source
        .err()
        .unwrap_or_else(|| panic!("{path} was read"))
        .to_string()
}

#[test]
fn every_way_to_tell_an_encoding() {
    let made = Made::new();
    let path = points(&made, "GBK");
    let expected = by_gdal(&path, None);
    let read = |options: &Options, note: Option<&str>| {
        let (layer, records) = all(&path, options);
        same("GBK", &layer, &records, &expected);
        match note {
            None => assert_eq!(layer.notes, Vec::<String>::new()),
            Some(note) => assert!(layer.notes[0].contains(note), "{:?}", layer.notes),
        }
    };
    let nobody = Options::default();
    read(&nobody, None);
    for label in ["936", "CP936", "gb2312", "GB18030", "ANSI 936"] {
        made.write("a.cpg", label.as_bytes());
        read(&nobody, None);
    }
    // The person is believed before the .cpg, and is told so.
    made.write("a.cpg", b"UTF-8");
    read(
        &encoding("gbk"),
        Some("its .cpg says UTF-8; the texts are read as GBK"),
    );
    let (_, records) = by_us(&path, &nobody);
    let bad: Vec<_> = records.into_iter().filter_map(Result::err).collect();
    assert_eq!(bad.len(), 12);
    let first = bad[0].to_string();
    assert!(
        first.contains("expected a text in UTF-8, found bytes that are none (CC D2 C6 D6"),
        "{first}"
    );
    assert!(first.contains("--encoding"), "{first}");

    fs::remove_file(made.path("a.cpg")).expect("removed");
    driver(&made, 0x4D);
    read(&nobody, Some("by the language driver 4D"));
    for nothing in [0x57, 0] {
        driver(&made, nothing);
        read(&nobody, Some("read as GB18030 (GBK): they are not UTF-8"));
    }
    driver(&made, 0x01);
    read(
        &nobody,
        Some("the language driver 01 of the .dbf is not known"),
    );

    let error = refused(&path, &encoding("klingon"));
    assert!(
        error.contains("\"klingon\" is no encoding that is known"),
        "{error}"
    );
    made.write("a.cpg", b"OEM 437");
    let error = refused(&path, &nobody);
    assert!(
        error.contains("a.dbf: its .cpg says \"OEM 437\""),
        "{error}"
    );
}

#[test]
fn utf_8_is_found_out_and_big5_is_told() {
    let made = Made::new();
    let path = points(&made, "UTF-8");
    let expected = by_gdal(&path, None);
    fs::remove_file(made.path("a.cpg")).expect("removed");
    driver(&made, 0);
    let (layer, records) = all(&path, &Options::default());
    same("UTF-8", &layer, &records, &expected);

    let traditional = r#"{"type":"FeatureCollection","features":[{"type":"Feature","properties":{"a":"臺灣路"},"geometry":null}]}"#;
    let input = made.input("big5", traditional);
    let path = made.path("big5.shp");
    gdal(&["-lco", "ENCODING=CP950", "-nlt", "POINT", &path, &input]);
    let table = fs::read(made.path("big5.dbf")).expect("the table");
    let (bytes, _, _) = BIG5.encode("臺灣路");
    assert!(table.windows(bytes.len()).any(|window| window == &*bytes));
    fs::remove_file(made.path("big5.cpg")).expect("removed");
    let (_, records) = all(&path, &encoding("big5"));
    assert_eq!(records[0].values, [Value::Text("臺灣路".to_owned())]);
}

/// The same width for both, and the texts exchanged for bytes of ours.
fn with_texts(made: &Made, texts: [&[u8]; 3]) -> String {
    let width = 12;
    let feature = r#"{"type":"Feature","properties":{"a":"ZZZZZZZZZZZZ"},"geometry":{"type":"Point","coordinates":[1,2]}}"#;
    let text = format!(
        r#"{{"type":"FeatureCollection","features":[{}]}}"#,
        [feature; 3].join(",")
    );
    let input = made.input("texts", &text);
    let path = made.path("texts.shp");
    let sql = "SELECT CAST(a AS CHARACTER(12)) AS a FROM texts";
    gdal(&["-sql", sql, &path, &input]);
    let _ = fs::remove_file(made.path("texts.cpg"));
    let mut bytes = fs::read(made.path("texts.dbf")).expect("the table");
    bytes[29] = 0;
    let found: Vec<_> = (0..bytes.len() - width)
        .filter(|at| bytes[*at..].starts_with(&[b'Z'; 12]))
        .collect();
    assert_eq!(found.len(), 3);
    for (at, text) in found.into_iter().zip(texts) {
        let mut cell = text.to_vec();
        cell.resize(width, b' ');
        bytes[at..at + width].copy_from_slice(&cell);
    }
    fs::write(made.path("texts.dbf"), bytes).expect("written");
    path
}

#[test]
fn encodings_that_are_mixed_are_told() {
    let made = Made::new();
    let (gbk, _, _) = GBK.encode("桃浦");
    let path = with_texts(&made, [&gbk, "桃浦".as_bytes(), b"plain"]);
    let (layer, records) = all(&path, &Options::default());
    assert_eq!(records[0].values, [Value::Text("桃浦".to_owned())]);
    let note = "1 of 2 texts that are not ASCII would be UTF-8 as well: look whether two encodings are mixed";
    assert_eq!(layer.notes[1], note);

    let path = with_texts(&made, [&gbk, b"plain", b"caf\xE9 au lait"]);
    let error = refused(&path, &Options::default());
    assert!(
        error.contains("record 1, column a is no UTF-8 (CC D2 C6 D6)"),
        "{error}"
    );
    assert!(
        error.contains("record 3, column a is no GB18030 (E9 20"),
        "{error}"
    );
    assert!(error.contains("tell it with --encoding"), "{error}");
    let (_, records) = all(&path, &encoding("windows-1252"));
    assert_eq!(records[2].values, [Value::Text("café au lait".to_owned())]);
}

#[test]
fn a_text_cut_within_a_character_is_noted() {
    let made = Made::new();
    let (gbk, _, _) = GBK.encode("a桃浦镇祁连山南路");
    let path = with_texts(&made, [&gbk[..12], &gbk[..11], b"plain"]);
    let (layer, records) = all(&path, &Options::default());
    assert_eq!(records[0].values, [Value::Text("a桃浦镇祁连".to_owned())]);
    assert_eq!(records[1].values, [Value::Text("a桃浦镇祁连".to_owned())]);
    let note = "column a: 1 texts were cut within a character, at the 12 bytes of the column; the half character is left away";
    assert_eq!(layer.notes[1], note);
    // In the middle of a field it is a mistake.
    let broken = [&gbk[..4], b" x"].concat();
    let path = with_texts(&made, [&broken, b"plain", b"plain"]);
    let error = refused(&path, &Options::default());
    assert!(error.contains("record 1, column a is no UTF-8"), "{error}");
}

/// GDAL cuts long texts at 254 bytes.
#[test]
fn a_long_text_is_read_as_far_as_it_goes() {
    let made = Made::new();
    let long = "祁连山南路".repeat(40);
    let text = format!(
        r#"{{"type":"FeatureCollection","features":[{{"type":"Feature","properties":{{"a":"{long}"}},"geometry":null}}]}}"#
    );
    let input = made.input("long", &text);
    for encoding in ["UTF-8", "GBK"] {
        let path = made.path(&format!("{encoding}.shp"));
        let option = format!("ENCODING={encoding}");
        gdal(&["-lco", &option, "-nlt", "POINT", &path, &input]);
        let (_, records) = all(&path, &Options::default());
        let Value::Text(text) = &records[0].values[0] else {
            panic!("{records:?}")
        };
        assert!(
            long.starts_with(text.as_str()) && text.chars().count() > 80,
            "{text}"
        );
    }
}
