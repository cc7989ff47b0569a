//! Parquet as it is written today: geometries of its own types, WKB without metadata, nested lists of positions, and
//! other packings.

use std::fs;
use std::path::PathBuf;
use std::sync::Arc;

use buju::crs::Crs;
use buju::model::Value;
use buju::source::{Options, Source, SourceCrs};
use geo::{Geometry, MultiPoint, Point, line_string, polygon};
use geozero::{CoordDimensions, ToWkb};
use parquet::basic::{BrotliLevel, Compression, LogicalType, Repetition, Type as Physical};
use parquet::data_type::{ByteArray, ByteArrayType, DoubleType, FloatType, Int32Type};
use parquet::file::metadata::KeyValue;
use parquet::file::properties::{WriterProperties, WriterVersion};
use parquet::file::writer::SerializedFileWriter;
use parquet::schema::parser::parse_message_type;
use parquet::schema::types::{Type, TypePtr};
use tempfile::TempDir;

use super::{refused, sound, told};

/// The leaves of a file: their values with definition and repetition levels.
enum Leaf {
    Bytes(Vec<Vec<u8>>, Vec<i16>),
    Doubles(Vec<f64>, Vec<i16>, Vec<i16>),
    Floats(Vec<f32>),
    Ints(Vec<i32>),
}

fn written(
    schema: TypePtr,
    leaves: &[Leaf],
    metadata: &[(&str, &str)],
    (packed, version): (Compression, WriterVersion),
) -> Vec<u8> {
    let properties = WriterProperties::builder()
        .set_compression(packed)
        .set_writer_version(version)
        .set_encoding(parquet::basic::Encoding::PLAIN)
        .build();
    let mut out = Vec::new();
    let mut writer =
        SerializedFileWriter::new(&mut out, schema, Arc::new(properties)).expect("a file");
    let mut group = writer.next_row_group().expect("a group");
    for leaf in leaves {
        let mut column = group.next_column().expect("a column").expect("one more");
        let put =
            match leaf {
                Leaf::Bytes(values, levels) => {
                    let values: Vec<_> = values.iter().cloned().map(ByteArray::from).collect();
                    column
                        .typed::<ByteArrayType>()
                        .write_batch(&values, Some(levels), None)
                }
                Leaf::Doubles(values, defined, repeated) => column
                    .typed::<DoubleType>()
                    .write_batch(values, Some(defined), Some(repeated)),
                Leaf::Floats(values) => column.typed::<FloatType>().write_batch(values, None, None),
                Leaf::Ints(values) => column.typed::<Int32Type>().write_batch(values, None, None),
            };
        put.expect("cells");
        column.close().expect("a column");
    }
    group.close().expect("a group");
    for (key, value) in metadata {
        writer.append_key_value_metadata(KeyValue::new((*key).to_owned(), (*value).to_owned()));
    }
    writer.close().expect("a file");
    out
}

const PLAIN: (Compression, WriterVersion) = (Compression::UNCOMPRESSED, WriterVersion::PARQUET_1_0);

fn file(folder: &TempDir, bytes: &[u8]) -> PathBuf {
    let path = folder.path().join("rows.parquet");
    fs::write(&path, bytes).expect("written");
    path
}

fn parsed(text: &str) -> TypePtr {
    Arc::new(parse_message_type(text).expect("a schema"))
}

fn wkb(shapes: &[Option<Geometry<f64>>]) -> Leaf {
    let bytes = shapes.iter().flatten();
    let bytes = bytes.map(|shape| shape.to_wkb(CoordDimensions::xy()).expect("WKB"));
    let levels = shapes.iter().map(|shape| i16::from(shape.is_some()));
    Leaf::Bytes(bytes.collect(), levels.collect())
}

fn shapes() -> [Option<Geometry<f64>>; 3] {
    let ring = polygon![(x: 121.0, y: 31.0), (x: 122.0, y: 31.0), (x: 121.0, y: 32.0), (x: 121.0, y: 31.0)];
    [
        Some(Point::new(121.5, 31.25).into()),
        None,
        Some(ring.into()),
    ]
}

/// A file whose column of geometries is of a type of Parquet's own.
fn native(logical: LogicalType, metadata: &[(&str, &str)]) -> Vec<u8> {
    let number =
        Type::primitive_type_builder("n", Physical::INT32).with_repetition(Repetition::REQUIRED);
    let geometry = Type::primitive_type_builder("shape", Physical::BYTE_ARRAY)
        .with_repetition(Repetition::OPTIONAL)
        .with_logical_type(Some(logical));
    let fields = [number.build(), geometry.build()].map(|field| Arc::new(field.expect("a field")));
    let schema = Type::group_type_builder("rows").with_fields(fields.to_vec());
    let schema = Arc::new(schema.build().expect("a schema"));
    let leaves = [Leaf::Ints(vec![1, 2, 3]), wkb(&shapes())];
    written(schema, &leaves, metadata, PLAIN)
}

#[test]
fn geometries_of_parquets_own_types() {
    let folder = tempfile::tempdir().expect("a folder");
    let epsg = |code| SourceCrs::Known(Crs::Epsg(code));
    let json = r#"{"type":"GeographicCRS","name":"WGS 84","id":{"authority":"EPSG","code":4326}}"#;
    for (crs, expected) in [
        (None, SourceCrs::Known(Crs::Crs84)),
        (Some("OGC:CRS84"), SourceCrs::Known(Crs::Crs84)),
        (Some("EPSG:4549"), epsg(4549)),
        (Some("epsg:4549"), epsg(4549)),
        (Some("srid:4549"), epsg(4549)),
        (Some("srid:0"), SourceCrs::Untold),
        (Some("projjson:of_rows"), epsg(4326)),
        (Some("projjson:gone"), SourceCrs::Untold),
        (Some(json), epsg(4326)),
        (
            Some("ESRI:102100"),
            SourceCrs::Wkt("ESRI:102100".to_owned()),
        ),
    ] {
        let crs = crs.map(str::to_owned);
        let metadata = [("of_rows", json)];
        let planar = native(LogicalType::geometry(crs.clone()), &metadata);
        let (layer, records) = sound(&file(&folder, &planar), None);
        assert_eq!(layer.crs, expected, "{crs:?}");
        assert_eq!(layer.columns.len(), 1);
        let read: Vec<_> = records.into_iter().map(|record| record.geometry).collect();
        assert_eq!(read, shapes());
        let round = native(LogicalType::geography(crs, None), &metadata);
        let (layer, _) = sound(&file(&folder, &round), None);
        assert_eq!(layer.crs, expected);
        assert!(layer.notes[0].contains("geodesics"), "{:?}", layer.notes);
    }
    // GeoParquet 2 has both.
    let geo = r#"{"version":"2.0.0","primary_column":"shape","columns":{"shape":{"encoding":"WKB","geometry_types":[]}}}"#;
    let both = native(
        LogicalType::geometry(Some("EPSG:4549".to_owned())),
        &[("geo", geo)],
    );
    let (layer, records) = sound(&file(&folder, &both), None);
    assert_eq!((layer.crs, records.len()), (epsg(4549), 3));
}

#[test]
fn a_crs_as_a_text_of_the_metadata() {
    let folder = tempfile::tempdir().expect("a folder");
    for (text, expected) in [
        ("EPSG:4326", SourceCrs::Known(Crs::Epsg(4326))),
        ("OGC:CRS84", SourceCrs::Known(Crs::Crs84)),
        ("LOCAL_CS[]", SourceCrs::Wkt("LOCAL_CS[]".to_owned())),
        ("", SourceCrs::Untold),
    ] {
        let geo = format!(
            r#"{{"version":"1.1.0","primary_column":"geometry","columns":{{"geometry":{{"encoding":"WKB","crs":"{text}"}}}}}}"#
        );
        let schema = parsed("message rows { optional binary geometry; }");
        let bytes = written(schema, &[wkb(&shapes())], &[("geo", &geo)], PLAIN);
        let (layer, _) = sound(&file(&folder, &bytes), None);
        assert_eq!(layer.crs, expected, "{text}");
    }
}

#[test]
fn wkb_without_metadata() {
    let folder = tempfile::tempdir().expect("a folder");
    let schema = parsed(
        "message rows { optional binary photo; optional binary one; optional binary name (STRING); optional binary other; }",
    );
    let photo = Leaf::Bytes(vec![b"no shape".to_vec()], vec![0, 1, 0]);
    let name = Leaf::Bytes(vec![b"a".to_vec()], vec![0, 0, 1]);
    let other = [None, None, Some(Point::new(1.0, 2.0).into())];
    let leaves = [photo, wkb(&shapes()), name, wkb(&other)];
    let path = file(&folder, &written(schema, &leaves, &[], PLAIN));
    let (layer, records) = sound(&path, None);
    assert_eq!(layer.crs, SourceCrs::Untold);
    assert_eq!(records[2].geometry, shapes()[2]);
    let notes = layer.notes.join("\n");
    assert!(
        notes.contains(
            "from column one, which is WKB; other would be one too (--geometry names it)"
        ),
        "{notes}"
    );
    let named = |geometry: &str| Options {
        geometry: Some(geometry.to_owned()),
        ..Options::default()
    };
    let source = Source::open(&path, &named("other")).expect("a file");
    let mut last = None;
    let read = source.read(&mut |_, _| {}, &mut |record| {
        last = record.expect("a record").geometry;
        true
    });
    read.expect("read");
    assert_eq!(last, other[2]);
    for (name, expected) in [
        ("photo", "--geometry photo: expected a column of WKB"),
        (
            "gone",
            "--geometry gone: it has no such column; it has photo, one, name, other",
        ),
    ] {
        let told = Source::open(&path, &named(name))
            .expect_err("refused")
            .to_string();
        assert!(told.contains(expected), "{told}");
    }
    let table = written(
        parsed("message rows { required int32 n; }"),
        &[Leaf::Ints(vec![1])],
        &[],
        PLAIN,
    );
    let told = refused(&file(&folder, &table), None);
    assert!(told.contains("is Parquet without geometries"), "{told}");
    let lines = folder.path().join("a.geojsonl");
    fs::write(
        &lines,
        r#"{"type":"Feature","geometry":null,"properties":{}}"#,
    )
    .expect("written");
    let told = Source::open(&lines, &named("x"))
        .expect_err("refused")
        .to_string();
    assert!(told.contains("--geometry x: only Parquet"), "{told}");
}

/// A schema of positions so many lists deep.
fn nested(depth: usize) -> TypePtr {
    let mut inner = "{ required double x; required double y; }".to_owned();
    for _ in 0..depth {
        inner = format!("(LIST) {{ repeated group list {{ required group element {inner} }} }}");
    }
    parsed(&format!(
        "message rows {{ optional group geometry {inner} }}"
    ))
}

/// A file of geometries as lists of positions: of each position how many lists go on, and its numbers.
fn listed(encoding: &str, depth: usize, rows: &[(i16, Option<[f64; 2]>, i16)]) -> Vec<u8> {
    let geo = format!(
        r#"{{"version":"1.1.0","primary_column":"geometry","columns":{{"geometry":{{"encoding":"{encoding}","geometry_types":[]}}}}}}"#
    );
    let ordinates = |at: usize| {
        let values = rows
            .iter()
            .filter_map(|(_, place, _)| place.map(|place| place[at]));
        let defined = rows.iter().map(|(_, _, defined)| *defined);
        let repeated = rows.iter().map(|(repeated, ..)| *repeated);
        Leaf::Doubles(values.collect(), defined.collect(), repeated.collect())
    };
    let leaves = [ordinates(0), ordinates(1)];
    let packed = (Compression::SNAPPY, WriterVersion::PARQUET_2_0);
    written(nested(depth), &leaves, &[("geo", &geo)], packed)
}

#[test]
fn geometries_as_lists_of_positions() {
    let folder = tempfile::tempdir().expect("a folder");
    let read = |bytes: &[u8]| {
        let (_, records) = sound(&file(&folder, bytes), None);
        let shapes = records.into_iter().map(|record| record.geometry);
        shapes.collect::<Vec<_>>()
    };
    // A point, none, and one that is empty.
    let rows = [
        (0, Some([1.0, 2.0]), 1),
        (0, None, 0),
        (0, Some([f64::NAN, f64::NAN]), 1),
        (0, Some([3.0, 4.0]), 1),
    ];
    let expected = [
        Some(Point::new(1.0, 2.0).into()),
        None,
        None,
        Some(Point::new(3.0, 4.0).into()),
    ];
    assert_eq!(read(&listed("point", 0, &rows)), expected);
    // Three positions, an empty list, none, and two positions.
    let rows = [
        (0, Some([1.0, 2.0]), 2),
        (1, Some([3.0, 4.0]), 2),
        (1, Some([5.0, 6.0]), 2),
        (0, None, 1),
        (0, None, 0),
        (0, Some([7.0, 8.0]), 2),
        (1, Some([9.0, 9.0]), 2),
    ];
    let lines = [
        Some(line_string![(x: 1.0, y: 2.0), (x: 3.0, y: 4.0), (x: 5.0, y: 6.0)].into()),
        None,
        None,
        Some(line_string![(x: 7.0, y: 8.0), (x: 9.0, y: 9.0)].into()),
    ];
    assert_eq!(read(&listed("linestring", 1, &rows)), lines);
    let points = |all: &[(f64, f64)]| Some(MultiPoint::from(all.to_vec()).into());
    let found = read(&listed("multipoint", 1, &rows));
    assert_eq!(found[0], points(&[(1.0, 2.0), (3.0, 4.0), (5.0, 6.0)]));
    // A ring with a hole, and a ring.
    let outer = [[0.0, 0.0], [9.0, 0.0], [9.0, 9.0], [0.0, 0.0]];
    let hole = [[2.0, 1.0], [3.0, 1.0], [3.0, 2.0], [2.0, 1.0]];
    let ring = |first: i16, deep: i16, full: i16, ring: &[[f64; 2]]| {
        let places = ring.iter().enumerate();
        let rows =
            places.map(|(at, place)| (if at == 0 { first } else { deep }, Some(*place), full));
        rows.collect::<Vec<_>>()
    };
    let rows = [
        ring(0, 2, 3, &outer),
        ring(1, 2, 3, &hole),
        vec![(0, None, 1)],
        ring(0, 2, 3, &hole),
    ]
    .concat();
    let found = read(&listed("polygon", 2, &rows));
    let shape = |text: &str| {
        let shape: Geometry<f64> = wkt::TryFromWkt::try_from_wkt_str(text).expect("WKT");
        Some(shape)
    };
    let (first, second) = ("(0 0,9 0,9 9,0 0)", "(2 1,3 1,3 2,2 1)");
    assert_eq!(
        found,
        [
            shape(&format!("POLYGON({first},{second})")),
            None,
            shape(&format!("POLYGON({second})"))
        ]
    );
    let found = read(&listed("geoarrow.multilinestring", 2, &rows));
    assert_eq!(
        found[0],
        shape(&format!("MULTILINESTRING({first},{second})"))
    );
    // Two polygons, the first with a hole; an empty one; one polygon.
    let rows = [
        ring(0, 3, 4, &outer),
        ring(2, 3, 4, &hole),
        ring(1, 3, 4, &hole),
        vec![(0, None, 1)],
        ring(0, 3, 4, &outer),
    ]
    .concat();
    assert_eq!(
        read(&listed("multipolygon", 3, &rows)),
        [
            shape(&format!("MULTIPOLYGON(({first},{second}),({second}))")),
            None,
            shape(&format!("MULTIPOLYGON(({first}))")),
        ]
    );
    // What is not as deep as its encoding says, and a ring that is open.
    let told_of = refused(&file(&folder, &listed("polygon", 3, &rows)), None);
    assert!(
        told_of.contains("has no numbers x 2 lists deep"),
        "{told_of}"
    );
    let open = ring(0, 2, 3, &[[0.0, 0.0], [9.0, 0.0], [9.0, 9.0], [1.0, 1.0]]);
    let told = told(&file(&folder, &listed("polygon", 2, &open)));
    assert!(
        told[0].contains("the exterior ring is not closed"),
        "{told:?}"
    );
}

#[test]
fn a_page_of_brotli_is_as_long_as_it_claims() {
    let folder = tempfile::tempdir().expect("a folder");
    let brotli = Compression::BROTLI(BrotliLevel::default());
    let schema = || parsed("message rows { optional binary geometry; required float f; }");
    for packed in [brotli, Compression::LZ4_RAW, Compression::LZ4] {
        for version in [WriterVersion::PARQUET_1_0, WriterVersion::PARQUET_2_0] {
            let leaves = [wkb(&shapes()), Leaf::Floats(vec![0.1, 2.35, -3.5e-8])];
            let path = file(&folder, &written(schema(), &leaves, &[], (packed, version)));
            let (_, records) = sound(&path, None);
            let read: Vec<_> = records
                .iter()
                .map(|record| record.geometry.clone())
                .collect();
            assert_eq!(read, shapes(), "{packed} {version:?}");
            let numbers: Vec<_> = records
                .iter()
                .map(|record| record.values[0].clone())
                .collect();
            assert_eq!(numbers, [0.1, 2.35, -3.5e-8].map(Value::Number), "{packed}");
        }
    }
    // A page of zeros that claims to be shorter: its claim stands behind a field and its type.
    let floats = Leaf::Floats(vec![0.0; 100_000]);
    let points = vec![Some(Point::new(1.0, 2.0).into()); 100_000];
    let mut bytes = written(
        schema(),
        &[wkb(&points), floats],
        &[],
        (brotli, WriterVersion::PARQUET_1_0),
    );
    assert_eq!(&bytes[4..6], &[0x15, 4], "a dictionary first");
    bytes[7] -= 2;
    let told = refused(&file(&folder, &bytes), None);
    assert!(told.contains("claims to be"), "{told}");
}
