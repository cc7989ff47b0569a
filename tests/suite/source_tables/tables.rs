//! CSV: delimiters, encodings, places, and rows that are none.

use std::fs;
use std::path::Path;

use buju::crs::Crs;
use buju::model::Value;
use buju::source::{Kind, Options, Source, SourceCrs};
use encoding_rs::GBK;
use geo::Point;

use super::made::{Made, all, by_gdal, by_gdal_with, by_us, gdal, geojson, same};

fn text(text: &str) -> Value {
    Value::Text(text.to_owned())
}

fn refused(path: &str, options: &Options) -> String {
    let source = Source::open(Path::new(path), options);
    source
        .err()
        .unwrap_or_else(|| panic!("{path} was read"))
        .to_string()
}

#[test]
fn tables_by_gdal_are_read_as_gdal_reads_them() {
    let made = Made::new();
    for kind in ["points", "multipoints", "lines", "polygons"] {
        let input = made.input(kind, &geojson(kind, 50));
        for (ending, separator) in [("csv", "COMMA"), ("csv", "SEMICOLON"), ("tsv", "TAB")] {
            let csv = made.path(&format!("{kind}{separator}.csv"));
            let separated = format!("SEPARATOR={separator}");
            gdal(&[
                "-lco",
                "GEOMETRY=AS_WKT",
                "-lco",
                &separated,
                "-lco",
                "CREATE_CSVT=YES",
                "-a_srs",
                "EPSG:4549",
                &csv,
                &input,
            ]);
            let path = made.path(&format!("{kind}{separator}.{ending}"));
            fs::rename(&csv, &path).expect("renamed");
            let (layer, records) = all(&path, &Options::default());
            // GDAL's tables tell their CRS in a file beside.
            assert!(
                matches!(&layer.crs, SourceCrs::Prj { wkt, .. } if wkt.contains("CGCS2000")),
                "{:?}",
                layer.crs
            );
            assert!(
                layer
                    .columns
                    .iter()
                    .all(|column| column.kind == Kind::Untyped)
            );
            let how = ["-oo", "KEEP_GEOM_COLUMNS=NO", "-oo", "AUTODETECT_TYPE=NO"];
            same(kind, &layer, &records, &by_gdal_with(&path, None, &how));
            // And what the table was made of.
            let source = by_gdal(&input, None);
            assert_eq!(records.len(), source.len());
            for (record, row) in records.iter().zip(&source) {
                assert_eq!(
                    record.flattened,
                    record.geometry.is_some() && kind != "none"
                );
                assert_eq!(
                    record.values[0],
                    row.cells["名称"].as_str().map_or(Value::Null, text)
                );
            }
        }
    }
}

#[test]
fn two_columns_are_a_place() {
    let made = Made::new();
    let input = made.input("points", &geojson("points", 50));
    let path = made.path("xy.csv");
    gdal(&["-lco", "GEOMETRY=AS_XY", &path, &input]);
    let (layer, records) = all(&path, &Options::default());
    let how = [
        "-oo",
        "X_POSSIBLE_NAMES=X",
        "-oo",
        "Y_POSSIBLE_NAMES=Y",
        "-oo",
        "KEEP_GEOM_COLUMNS=NO",
    ];
    same("xy", &layer, &records, &by_gdal_with(&path, None, &how));
    assert_eq!(layer.crs, SourceCrs::Untold);
    let note = "the places are columns X (easting or longitude) and Y (northing or latitude)";
    assert!(
        layer.notes.iter().any(|found| found == note),
        "{:?}",
        layer.notes
    );

    let (bytes, _, _) = GBK.encode("名称;经度;纬度\r\n桃浦镇;121.35;31.28\r\n未定;;\r\n");
    let path = made.write("gbk.csv", &bytes);
    let (layer, records) = all(&path, &Options::default());
    assert_eq!(layer.columns.len(), 1);
    assert_eq!(records[0].values, [text("桃浦镇")]);
    assert_eq!(records[0].geometry, Some(Point::new(121.35, 31.28).into()));
    assert_eq!(records[1].geometry, None);
    assert!(layer.notes[0].contains("GB18030"), "{:?}", layer.notes);
}

#[test]
fn what_spreadsheets_write_is_read() {
    let made = Made::new();
    let plain = "编号,名称,备注\n1,桃浦,\"两\n行, \"\"引号\"\"\"\n,,\n2,,x\n";
    let utf16 = |units: Vec<u16>, bytes: fn(u16) -> [u8; 2]| {
        units.into_iter().flat_map(bytes).collect::<Vec<u8>>()
    };
    let units: Vec<u16> = "\u{FEFF}"
        .encode_utf16()
        .chain(
            plain
                .replace(',', "\t")
                .replace("行\t", "行,")
                .encode_utf16(),
        )
        .collect();
    let (gbk, _, _) = GBK.encode(plain);
    for (name, bytes) in [
        ("utf8.csv", plain.as_bytes().to_vec()),
        ("bom.csv", ["\u{FEFF}", plain].concat().into_bytes()),
        ("gbk.csv", gbk.to_vec()),
        ("crlf.csv", plain.replace('\n', "\r\n").into_bytes()),
        ("little.csv", utf16(units.clone(), u16::to_le_bytes)),
        ("big.csv", utf16(units, u16::to_be_bytes)),
    ] {
        let path = made.write(name, &bytes);
        let (layer, records) = all(&path, &Options::default());
        let names: Vec<_> = layer
            .columns
            .iter()
            .map(|column| column.name.as_str())
            .collect();
        assert_eq!(names, ["编号", "名称", "备注"], "{name}");
        let Value::Text(about) = &records[0].values[2] else {
            panic!("{name}")
        };
        assert_eq!(about.replace('\r', ""), "两\n行, \"引号\"", "{name}");
        assert_eq!(
            records[1].values,
            [text("2"), Value::Null, text("x")],
            "{name}"
        );
        assert_eq!((records[1].number, layer.records), (3, Some(2)), "{name}");
        assert!(
            layer
                .notes
                .iter()
                .any(|note| note == "1 blank rows are left out"),
            "{:?}",
            layer.notes
        );
    }
}

#[test]
fn a_place_may_tell_its_crs() {
    let made = Made::new();
    let path = made.write("a.csv", b"id,geom\n1,\n2,SRID=4549;POINT(437000 3459000)\n3,POINT Z(1 2 3)\n4,SRID=4326;POINT(1 2)\n5,0101000020\n");
    let (layer, records) = by_us(&path, &Options::default());
    assert_eq!(layer.crs, SourceCrs::Known(Crs::Epsg(4549)));
    assert_eq!(
        records[0].as_ref().map(|record| record.geometry.clone()),
        Ok(None)
    );
    assert!(records[1].is_ok());
    assert_eq!(records[2].as_ref().map(|record| record.flattened), Ok(true));
    let error = |at: usize| records[at].as_ref().expect_err("bad").to_string();
    assert_eq!(
        error(3),
        "record 4, column geom: expected SRID=4549 as in the records before it, found SRID=4326"
    );
    assert!(
        error(4)
            .starts_with("record 5, column geom: expected a geometry such as POINT(121.4 31.2)"),
        "{}",
        error(4)
    );
}

#[test]
fn rows_that_are_none_are_told_and_the_others_read() {
    let made = Made::new();
    let path = made.write(
        "a.csv",
        b"id,lon,lat\n1,121,31\n2,121\n3,121,31,9\n4,NaN,31\n5,121,\n6,\xC9\xCF,31\n7,121,31\n",
    );
    let options = Options {
        encoding: Some("utf-8".to_owned()),
        ..Options::default()
    };
    let (layer, records) = by_us(&path, &options);
    assert_eq!(layer.records, Some(7));
    let told: Vec<_> = records
        .iter()
        .filter_map(|record| record.as_ref().err())
        .map(ToString::to_string)
        .collect();
    assert_eq!(told.len(), 5);
    for (told, expected) in told.iter().zip([
        "record 2: expected 3 cells, as the header has, found 2",
        "record 3: expected 3 cells, as the header has, found 4",
        "record 4, column lon: expected a number such as 121.4 or 121°24', found \"NaN\"",
        "record 5, column lat: expected a number, as column lon has one, found nothing",
        "record 6, column lon: expected a text in UTF-8, found bytes that are none (C9 CF)",
    ]) {
        assert!(told.starts_with(expected), "{told}");
    }
}

#[test]
fn a_table_that_is_none_says_so() {
    let made = Made::new();
    let long = format!("a,b\n1,\"{}", "x".repeat(65 << 20));
    let wide = vec!["a"; 20_000].join(",");
    for (bytes, expected) in [
        (
            &b""[..],
            "a.csv: expected a header of column names, found nothing",
        ),
        (
            b"\r\n\r\n",
            "expected a header of column names, found nothing",
        ),
        (b"a,b\n1,35\xB0 C\n", "tell it with --encoding"),
        (
            b"\xFF\xFEa\0,\0b\0\n\0\x01\xD8",
            "expected UTF-16LE, found half a character",
        ),
        (long.as_bytes(), "record 1: "),
        (long.as_bytes(), "is a quote or a tag not closed?"),
        (wide.as_bytes(), "expected 16384 columns at most"),
    ] {
        let path = made.write("a.csv", bytes);
        let error = refused(&path, &Options::default());
        assert!(error.contains(expected), "{error}");
    }
    let names: Vec<_> = (0..20_000).map(|at| at.to_string()).collect();
    let path = made.write("a.csv", names.join(",").as_bytes());
    assert!(refused(&path, &Options::default()).contains("expected 16384 columns at most"));
    let path = made.write("b.csv", b"a,b\n1,2\n");
    let asked = Options {
        layer: Some("c".to_owned()),
        ..Options::default()
    };
    assert!(refused(&path, &asked).contains("it has no layer \"c\"; it has b"));
}

/// An open quote swallows what follows it: it has to be told of, also where the number of cells is right.
#[test]
fn a_quote_that_is_not_closed_is_told() {
    let made = Made::new();
    let path = made.write("a.csv", "a,b\n1,x\n2,\"y\n3,z\n".as_bytes());
    let error = refused(&path, &Options::default());
    assert!(
        error.contains("line 3: cell 2 begins with a quote that is closed nowhere"),
        "{error}"
    );
    let path = made.write("a.csv", "a,b\n1,\"x\ny\"\n2,5\" pipe\n".as_bytes());
    let (_, records) = all(&path, &Options::default());
    assert_eq!(records[0].values[1], text("x\ny"));
    // Closed, and at the end of the file.
    let path = made.write("a.csv", "a,b\n5\" pipe,\"x\n\"\"y\"\"\"".as_bytes());
    let (_, records) = all(&path, &Options::default());
    assert_eq!(records[0].values, [text("5\" pipe"), text("x\n\"y\"")]);
    // Closed by the next one.
    let path = made.write("a.csv", "a,b,c\n1,\"x,5\n2,y\",6,7\n".as_bytes());
    let (_, records) = by_us(&path, &Options::default());
    let error = records[0].as_ref().expect_err("bad").to_string();
    assert!(error.contains("cell 2 has lines from line 2 on"), "{error}");
}

#[test]
fn traditional_headers_are_known() {
    let made = Made::new();
    let path = made.write("a.csv", "名稱,經度,緯度\n甲,121.4,31.2\n".as_bytes());
    let (layer, records) = all(&path, &Options::default());
    assert_eq!(layer.columns.len(), 1);
    assert!(records[0].geometry.is_some());
}
