//! What a format cannot hold, does not have, or does not keep waiting.

use std::io::Write;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use buju::crs::{Crs, CrsError};
use buju::encode::{EncodeError, Format, Table, Wishes, write};
use buju::model::{Feature, Value};
use calamine::{Reader as _, Xlsx, open_workbook};
use geo::{Geometry, GeometryCollection, point};

use super::rows::{self, made_up, same, shipped};
use super::{Rows, bytes, file, read};

#[test]
fn what_a_format_cannot_hold_is_an_error_that_names_it() {
    let with = |at: usize, value: Value, geometry: Option<Geometry>| {
        let mut rows = made_up();
        rows.features.truncate(1);
        rows.features[0].values[at] = value;
        rows.features[0].geometry = geometry;
        rows
    };
    let whole = rows::at("whole");
    let huge = with(whole, Value::Integer(i64::MAX), None);
    for format in [
        Format::Xlsx,
        Format::GeoPackage,
        Format::FlatGeobuf,
        Format::GeoParquet,
        Format::Csv,
    ] {
        let read = read(format, &file(format, &huge, Crs::Crs84));
        same(&format!("{format}, huge"), &huge, &read);
    }
    let place = point!(x: 121.0, y: 31.0);
    let group = Geometry::GeometryCollection(GeometryCollection::from(vec![place]));
    let group = with(whole, Value::Null, Some(group));
    let error = bytes(Format::Shapefile, &group, Crs::Crs84).expect_err("a collection");
    assert!(error.to_string().contains("column \"geometry\""), "{error}");
    assert!(
        matches!(&error, EncodeError::Value { feature, .. } if group.features[0].id == feature.as_str()),
        "{error}"
    );
    let error = bytes(Format::Kml, &made_up(), Crs::CGCS2000_GK_120).expect_err("not KML's CRS");
    assert!(matches!(error, EncodeError::Crs { .. }), "{error}");
}

/// One cell does not refuse a whole download: it is written as the format can, and the file tells.
#[test]
fn what_a_format_writes_otherwise_is_told_in_the_file() {
    let mut rows = made_up();
    rows.features.truncate(3);
    let (whole, text) = (rows::at("whole"), rows::at("text"));
    rows.features[0].values[whole] = Value::Integer(310_107_001_001_001_012);
    rows.features[1].values[whole] = Value::Integer(-310_107_001_001_001_012);
    rows.features[2].values[whole] = Value::Integer(7);
    rows.features[0].values[text] = Value::Text("a\u{1}b\u{b}\u{fffe}c\td".to_owned());
    let xlsx = file(Format::Xlsx, &rows, Crs::Crs84);
    let read = read(Format::Xlsx, &xlsx);
    assert_eq!(read[0].cells["whole"], "310107001001001012");
    assert_eq!(read[1].cells["whole"], "-310107001001001012");
    assert_eq!(read[2].cells["whole"].as_f64(), Some(7.0));
    let mut book: Xlsx<_> = open_workbook(xlsx.path()).expect("a workbook");
    let explained = book.worksheet_range("columns").expect("a sheet");
    let notes: Vec<_> = explained
        .rows()
        .filter(|row| row[0] == "whole")
        .map(|row| row[6].to_string())
        .collect();
    assert_eq!(
        notes,
        [
            "2 whole numbers are texts: they are beyond 2^53, where the numbers of a spreadsheet are not exact"
        ]
    );
    let kml = bytes(Format::Kml, &rows, Crs::Crs84).expect("a file");
    rows.features[0].values[whole] = Value::Integer(i64::MAX);
    rows.features[0].values[text] = Value::Null;
    let shapefile = file(Format::Shapefile, &rows, Crs::Crs84);
    same(
        "a shapefile, huge",
        &rows,
        &super::read(Format::Shapefile, &shapefile),
    );
    let told = shapefile.table("columns.csv");
    let told = told
        .iter()
        .find(|line| &line[1] == "whole")
        .expect("the column");
    assert_eq!(
        &told[4],
        "a whole number, as text: some have more than 18 digits"
    );
    let mut reader = quick_xml::Reader::from_reader(&kml[..]);
    let mut texts = Vec::new();
    let mut comments = Vec::new();
    let mut buffer = Vec::new();
    loop {
        match reader.read_event_into(&mut buffer).expect("XML") {
            quick_xml::events::Event::Eof => break,
            quick_xml::events::Event::Text(text) => texts.push(text.to_string()),
            quick_xml::events::Event::Comment(text) => comments.push(text.to_string()),
            _ => {}
        }
        buffer.clear();
    }
    assert!(texts.iter().any(|text| text == "abc\td"), "{texts:?}");
    assert_eq!(
        comments,
        [
            " 3 control characters are left out of the texts above: XML 1.0 has no way to write them "
        ]
    );
}

#[test]
fn a_text_longer_than_a_cell_is_kept_whole() {
    let mut rows = made_up();
    rows.features[0].values[rows::at("text")] = Value::Text("长𠮷".repeat(30_000));
    for format in [Format::Xlsx, Format::Shapefile] {
        let read = read(format, &file(format, &rows, Crs::Crs84));
        same(&format!("{format}, a long text"), &rows, &read);
    }
}

/// Readers take a blank truth value for false, and `?` for none.
#[test]
fn a_null_truth_value_of_a_shapefile_is_none() {
    let rows = shipped("streetscape");
    let column = at_column(&rows, "limits_stated");
    let nulls = rows
        .features
        .iter()
        .filter(|feature| feature.values[column].is_null())
        .count();
    assert!(nulls > 0 && nulls < rows.features.len());
    let file = file(Format::Shapefile, &rows, Crs::Crs84);
    let (mut none, mut all) = (0, 0);
    for bytes in file.members_ending(".dbf") {
        let start = usize::from(u16::from_le_bytes([bytes[8], bytes[9]]));
        let length = usize::from(u16::from_le_bytes([bytes[10], bytes[11]]));
        // Each record begins with a byte that says whether it is deleted.
        let mut place = 1;
        for field in bytes[32..start - 1].chunks_exact(32) {
            if field.starts_with(b"limits_sta") {
                assert_eq!((field[11], field[16]), (b'L', 1));
                break;
            }
            place += usize::from(field[16]);
        }
        for record in bytes[start..].chunks_exact(length) {
            assert!(
                b"TF?".contains(&record[place]),
                "{:?}",
                record[place] as char
            );
            none += usize::from(record[place] == b'?');
            all += 1;
        }
    }
    assert_eq!((none, all), (nulls, rows.features.len()));
}

fn at_column(rows: &Rows, name: &str) -> usize {
    rows.info.column_index(name).expect("the column")
}

#[test]
fn an_empty_result_is_a_valid_file() {
    let mut rows = shipped("waters");
    rows.features.clear();
    for format in Format::ALL {
        let read = read(format, &file(format, &rows, Crs::Crs84));
        assert!(read.is_empty(), "{format}");
    }
}

/// Counts what has arrived.
struct Sink(Arc<AtomicUsize>);

impl Write for Sink {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.fetch_add(bytes.len(), Ordering::Relaxed);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

#[test]
fn bytes_leave_before_the_last_row_comes_where_a_format_says_so() {
    const ROWS: usize = 70_000;
    let rows = made_up();
    for format in Format::ALL {
        let arrived = Arc::new(AtomicUsize::new(0));
        let mut before_the_last = 0;
        let mut features = (0..ROWS).map(|at| -> Result<Feature, CrsError> {
            if at + 1 == ROWS {
                before_the_last = arrived.load(Ordering::Relaxed);
            }
            let mut values = vec![Value::Null; rows.info.columns.len()];
            values[rows::at("whole")] = Value::Integer(i64::try_from(at).expect("small"));
            Ok(Feature {
                id: at.to_string().into(),
                geometry: Some(point!(x: 121.0, y: 31.0).into()),
                values,
            })
        });
        let table = Table {
            collection: &rows.info,
            columns: &rows.info.columns,
            crs: Crs::Crs84,
            features: &mut features,
        };
        write(
            format,
            table,
            Wishes::default(),
            &mut Sink(Arc::clone(&arrived)),
        )
        .expect("a file");
        assert_eq!(
            before_the_last > 1000,
            format.streams(),
            "{format}: {before_the_last}"
        );
    }
}

#[test]
fn formats_are_known_by_their_names() {
    for format in Format::ALL {
        assert_eq!(format.id().parse(), Ok(format));
    }
    let error = "dwg"
        .parse::<Format>()
        .expect_err("no such format")
        .to_string();
    for format in Format::ALL {
        assert!(error.contains(format.id()), "{error}");
    }
}
