//! `GeoParquet` by pyarrow, by this program, and by hand in every packing.

use std::fs;
use std::ops::Range;
use std::path::PathBuf;
use std::sync::Arc;

use buju::crs::Crs;
use buju::model::Value;
use buju::source::{Kind, SourceCrs};
use geo::{Geometry, Point, polygon};
use geozero::{CoordDimensions, ToWkb};
use parquet::basic::{BrotliLevel, Compression, Encoding, GzipLevel, ZstdLevel};
use parquet::data_type::{
    BoolType, ByteArray, ByteArrayType, DoubleType, FixedLenByteArray, FixedLenByteArrayType,
    Int32Type, Int64Type,
};
use parquet::file::metadata::KeyValue;
use parquet::file::properties::{WriterProperties, WriterVersion};
use parquet::file::writer::{SerializedColumnWriter, SerializedFileWriter};
use parquet::schema::parser::parse_message_type;
use tempfile::TempDir;

use super::{refused, sound, told};

/// How a file is packed, whether with dictionaries, and in which version of pages.
pub type Packing = (Compression, bool, WriterVersion);

/// The ways in which most files are packed.
pub fn packed() -> [Packing; 7] {
    let (first, second) = (WriterVersion::PARQUET_1_0, WriterVersion::PARQUET_2_0);
    [
        (Compression::SNAPPY, true, first),
        (Compression::UNCOMPRESSED, false, first),
        (Compression::ZSTD(ZstdLevel::default()), true, first),
        (Compression::SNAPPY, true, second),
        (Compression::GZIP(GzipLevel::default()), true, first),
        (Compression::BROTLI(BrotliLevel::default()), true, second),
        (Compression::LZ4_RAW, true, first),
    ]
}

const SCHEMA: &str = "message rows {
  optional binary geometry;
  optional binary name (STRING);
  required int64 whole;
  optional int32 small (INTEGER(8, false));
  optional double part;
  required boolean flag;
  optional int32 day (DATE);
  optional int64 moment (TIMESTAMP(MILLIS, true));
  optional int64 local (TIMESTAMP(MICROS, false));
  optional int32 price (DECIMAL(9, 2));
  optional fixed_len_byte_array(6) cost (DECIMAL(12, 2));
  optional binary about (JSON);
  optional binary photo;
  optional group tags (LIST) { repeated group list { optional binary element (STRING); } }
}";

const GEO: &str = r#"{"version":"1.0.0","primary_column":"geometry","columns":{"geometry":{"encoding":"WKB","geometry_types":[]}}}"#;

fn shape(at: i32) -> Geometry<f64> {
    let x = 121.0 + f64::from(at) / 1024.0;
    if at & 1 == 0 {
        Point::new(x, 31.25).into()
    } else {
        polygon![(x: x, y: 31.0), (x: x + 1.0, y: 31.0), (x: x, y: 32.0), (x: x, y: 31.0)].into()
    }
}

/// Every third cell is none where it may be.
fn there(at: i32) -> bool {
    at % 3 != 2
}

/// A file of two row groups.
fn bytes((compression, dictionary, version): Packing, geo: Option<&str>, rows: i32) -> Vec<u8> {
    let schema = Arc::new(parse_message_type(SCHEMA).expect("a schema"));
    let properties = WriterProperties::builder()
        .set_compression(compression)
        .set_dictionary_enabled(dictionary)
        .set_writer_version(version)
        .set_encoding(Encoding::PLAIN)
        .build();
    let mut out = Vec::new();
    let writer = SerializedFileWriter::new(&mut out, schema, Arc::new(properties));
    let mut writer = writer.expect("a file");
    for rows in [0..rows, rows..rows + 5] {
        let mut group = writer.next_row_group().expect("a group");
        let mut at = 0;
        while let Some(mut column) = group.next_column().expect("a column") {
            put(at, &mut column, rows.clone());
            column.close().expect("a column");
            at += 1;
        }
        group.close().expect("a group");
    }
    if let Some(geo) = geo {
        writer.append_key_value_metadata(KeyValue::new("geo".to_owned(), geo.to_owned()));
    }
    writer.close().expect("a file");
    out
}

/// The cells of a column.
fn put(at: usize, column: &mut SerializedColumnWriter, rows: Range<i32>) {
    let levels: Vec<_> = rows.clone().map(|at| i16::from(there(at))).collect();
    let levels = Some(&levels[..]);
    let some: Vec<_> = rows.clone().filter(|at| there(*at)).collect();
    let texts = |text: &dyn Fn(i32) -> Vec<u8>, column: &mut SerializedColumnWriter| {
        let all: Vec<_> = some.iter().map(|at| ByteArray::from(text(*at))).collect();
        column
            .typed::<ByteArrayType>()
            .write_batch(&all, levels, None)
    };
    let ints = |number: &dyn Fn(i32) -> i32, column: &mut SerializedColumnWriter| {
        let all: Vec<_> = some.iter().map(|at| number(*at)).collect();
        column.typed::<Int32Type>().write_batch(&all, levels, None)
    };
    let longs = |number: &dyn Fn(i64) -> i64, column: &mut SerializedColumnWriter| {
        let all: Vec<_> = some.iter().map(|at| number(i64::from(*at))).collect();
        column.typed::<Int64Type>().write_batch(&all, levels, None)
    };
    let put = match at {
        0 => texts(
            &|at| shape(at).to_wkb(CoordDimensions::xy()).expect("WKB"),
            column,
        ),
        1 => texts(&|at| format!("名 {}", at % 4).into_bytes(), column),
        2 => {
            let all: Vec<_> = rows.map(|at| i64::from(at) - 3).collect();
            column.typed::<Int64Type>().write_batch(&all, None, None)
        }
        3 => ints(&|at| 250 - at % 100, column),
        4 => {
            let all: Vec<_> = some.iter().map(|at| f64::from(*at) / 7.0).collect();
            column.typed::<DoubleType>().write_batch(&all, levels, None)
        }
        5 => {
            let all: Vec<_> = rows.map(|at| at & 1 == 0).collect();
            column.typed::<BoolType>().write_batch(&all, None, None)
        }
        6 => ints(&|at| 18_658 + at, column),
        7 => longs(&|at| 1500 + at, column),
        8 => longs(&|at| 1_500_000 + at, column),
        9 => ints(&|at| at * 10 + 1, column),
        10 => {
            // As pyarrow and DuckDB keep decimals.
            let fixed = |at: &i32| i64::from(-at * 10 - 1).to_be_bytes()[2..].to_vec().into();
            let all: Vec<FixedLenByteArray> = some.iter().map(fixed).collect();
            let fixed = column.typed::<FixedLenByteArrayType>();
            fixed.write_batch(&all, levels, None)
        }
        11 => texts(&|at| format!("[{at}, null]").into_bytes(), column),
        12 => texts(&|_| vec![0xff, 0], column),
        _ => {
            let all: Vec<_> = rows.map(|_| 0).collect();
            let none = column.typed::<ByteArrayType>();
            none.write_batch(&[], Some(&all), Some(&all))
        }
    };
    put.expect("cells");
}

/// A file of a few rows.
pub fn written(packing: Packing) -> Vec<u8> {
    bytes(packing, Some(GEO), 20)
}

/// The same, whose first page claims to be so long when it is unpacked.
pub fn with_a_page_that_claims(long: u32) -> Vec<u8> {
    let mut bytes = written((Compression::SNAPPY, false, WriterVersion::PARQUET_1_0));
    // Behind the four bytes of the format: a field, a type, a field, and the size in bytes of seven bits.
    assert_eq!(&bytes[4..7], &[0x15, 0, 0x15]);
    let end = 7 + bytes[7..]
        .iter()
        .position(|byte| byte & 0x80 == 0)
        .expect("an end");
    let mut folded = u64::from(long) << 1;
    let mut size = Vec::new();
    while folded > 0x7f {
        size.push(0x80 | u8::try_from(folded & 0x7f).expect("seven bits"));
        folded >>= 7;
    }
    size.push(u8::try_from(folded).expect("seven bits"));
    bytes.splice(7..=end, size);
    bytes
}

fn file(folder: &TempDir, bytes: &[u8]) -> PathBuf {
    let path = folder.path().join("rows.parquet");
    fs::write(&path, bytes).expect("written");
    path
}

#[test]
fn every_packing_and_type() {
    let folder = tempfile::tempdir().expect("a folder");
    for packing in packed() {
        // More rows than are read at once.
        let path = file(&folder, &bytes(packing, Some(GEO), 2500));
        let (layer, records) = sound(&path, None);
        assert_eq!((layer.records, records.len()), (Some(2505), 2505));
        let kinds: Vec<_> = layer
            .columns
            .iter()
            .map(|column| (column.name.as_str(), column.kind))
            .collect();
        assert_eq!(
            kinds,
            [
                ("name", Kind::Text),
                ("whole", Kind::Integer),
                ("small", Kind::Integer),
                ("part", Kind::Number),
                ("flag", Kind::Boolean),
                ("day", Kind::Date),
                ("moment", Kind::Timestamp),
                ("local", Kind::Timestamp),
                ("price", Kind::Number),
                ("cost", Kind::Number),
                ("about", Kind::Untyped),
            ]
        );
        assert_eq!(layer.crs, SourceCrs::Known(Crs::Crs84));
        let notes = layer.notes.join("\n");
        for note in [
            "local has times without a zone",
            "photo is left out",
            "tags is left out: its cells are nested",
        ] {
            assert!(notes.contains(note), "{notes}");
        }
        for (at, record) in (0..).zip(&records) {
            assert_eq!(record.geometry, there(at).then(|| shape(at)), "{at}");
            for ((value, expected), (name, _)) in record.values.iter().zip(expected(at)).zip(&kinds)
            {
                let always = ["whole", "flag"].contains(name);
                let expected = if there(at) || always {
                    expected
                } else {
                    Value::Null
                };
                assert_eq!(*value, expected, "{at} {name}");
            }
        }
    }
}

/// The cells of a row, were all of them there.
fn expected(at: i32) -> [Value; 11] {
    let whole = i64::from(at);
    let cents = at * 10 + 1;
    let price = format!("{}.{:02}", cents / 100, cents % 100);
    let price: f64 = price.parse().expect("a number");
    [
        Value::Text(format!("名 {}", at % 4)),
        Value::Integer(whole - 3),
        Value::Integer(250 - whole % 100),
        Value::Number(f64::from(at) / 7.0),
        Value::Boolean(at & 1 == 0),
        Value::Date(18_658 + at),
        Value::Timestamp((1500 + whole) * 1000),
        Value::Timestamp(1_500_000 + whole),
        Value::Number(price),
        Value::Number(-price),
        Value::Json(format!("[{at},null]")),
    ]
}

/// Made by pyarrow 26 with its defaults but `compression="zstd"` and `store_schema=False`: the columns are those of the test.
#[test]
fn what_pyarrow_writes() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = file(&folder, include_bytes!("pyarrow.parquet"));
    let (layer, records) = sound(&path, None);
    assert_eq!(layer.crs, SourceCrs::Known(Crs::Epsg(4549)));
    let names: Vec<_> = layer
        .columns
        .iter()
        .map(|column| (column.name.as_str(), column.kind))
        .collect();
    assert_eq!(
        names,
        [
            ("名称", Kind::Text),
            ("storeys", Kind::Integer),
            ("area", Kind::Number),
            ("day", Kind::Date),
            ("moment", Kind::Timestamp),
            ("half", Kind::Number),
        ]
    );
    assert_eq!(
        layer.notes,
        ["column tags is left out: its cells are nested"]
    );
    let text = |text: &str| Value::Text(text.to_owned());
    assert_eq!(records.len(), 3);
    assert_eq!(
        records[0].values,
        [
            text("布局"),
            Value::Integer(-3),
            Value::Number(0.1),
            Value::Date(18_658),
            Value::Timestamp(1_612_080_000_123_456),
            Value::Number(0.5)
        ]
    );
    assert_eq!(records[1].values, vec![Value::Null; 6]);
    assert_eq!(
        records[2].values[..2],
        [text("布局"), Value::Integer(1 << 40)]
    );
    assert_eq!(
        records[0].geometry,
        Some(Point::new(547_000.5, 3_457_000.25).into())
    );
    assert_eq!(records[1].geometry, None);
    assert!(matches!(&records[2].geometry, Some(Geometry::LineString(line)) if line.0.len() == 2));
    assert!(records[2].flattened && !records[0].flattened);
}

#[test]
fn metadata_that_are_not_read() {
    let folder = tempfile::tempdir().expect("a folder");
    let edit = |from: &str, to: &str| GEO.replace(from, to);
    for (geo, reason) in [
        (Some("{".to_owned()), "no JSON"),
        (Some(edit("1.0.0", "3.0.0")), "version 3.0.0"),
        (
            Some(edit("\"WKB\"", "\"point\"")),
            "has no numbers x 0 lists deep",
        ),
        (Some(edit("\"WKB\"", "\"WKT\"")), "found the encoding WKT"),
        (
            Some(edit("column\":\"geometry", "column\":\"shape")),
            "the column \"shape\"",
        ),
        (
            Some(edit("\"geometry\"", "\"shape\"")),
            "has no column \"shape\"",
        ),
        (Some(edit("\"geometry\"", "\"whole\"")), "has no bytes"),
    ] {
        let path = file(&folder, &bytes(packed()[0], geo.as_deref(), 3));
        let told = refused(&path, None);
        assert!(
            told.contains(reason) && told.contains("rows.parquet"),
            "{geo:?}: {told}"
        );
    }
    for (member, crs) in [
        (r#""crs":null"#, SourceCrs::Untold),
        (
            r#""crs":{"id":{"authority":"EPSG","code":4549}}"#,
            SourceCrs::Known(Crs::Epsg(4549)),
        ),
        (
            r#""crs":{"id":{"authority":"OGC","code":"CRS84"}}"#,
            SourceCrs::Known(Crs::Crs84),
        ),
        (
            r#""crs":{"name":"own"}"#,
            SourceCrs::Wkt(r#"{"name":"own"}"#.to_owned()),
        ),
    ] {
        let geo = edit("\"encoding\"", &format!("{member},\"encoding\""));
        let (layer, _) = sound(&file(&folder, &bytes(packed()[0], Some(&geo), 3)), None);
        assert_eq!(layer.crs, crs);
    }
    let cut = refused(&file(&folder, b"PAR1 and no more PAR1"), None);
    assert!(cut.contains("its metadata cannot be read"), "{cut}");
    assert!(refused(&file(&folder, b"PK"), None).contains("rows.parquet"));
    // A geometry that is none.
    let geo = GEO.replace("\"geometry\"", "\"photo\"");
    let told = told(&file(&folder, &bytes(packed()[0], Some(&geo), 3)));
    assert!(
        told[0].starts_with("record 1: expected a byte order"),
        "{told:?}"
    );
}
