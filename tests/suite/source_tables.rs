//! Shapefiles, archives of them, CSV and XLSX made by GDAL and by hand: read as GDAL reads them.

mod broken;
mod made;
mod replay;
mod replay_parts;
mod sheets;
mod tables;
mod texts;
mod zipped;

use std::fs;
use std::path::Path;

use buju::source::{Kind, Options, Source, SourceCrs};
use geo::Geometry;

use made::{Made, by_gdal, by_us, gdal, geojson, same};

/// Layer creation options of every type of shape, and whether heights or measures are lost.
const SHAPES: [(&str, &str, bool); 12] = [
    ("points", "POINT", false),
    ("points", "POINTZ", true),
    ("points", "POINTM", true),
    ("multipoints", "MULTIPOINT", false),
    ("multipoints", "MULTIPOINTZ", true),
    ("multipoints", "MULTIPOINTM", true),
    ("lines", "ARC", false),
    ("lines", "ARCZ", true),
    ("lines", "ARCM", true),
    ("polygons", "POLYGON", false),
    ("polygons", "POLYGONZ", true),
    ("polygons", "POLYGONM", true),
];

#[test]
fn every_type_of_shape_is_read_as_gdal_reads_it() {
    let made = Made::new();
    for (kind, shape, flattened) in SHAPES {
        let input = made.input(kind, &geojson(kind, 60));
        let path = made.path(&format!("{shape}.shp"));
        let created = format!("SHPT={shape}");
        gdal(&[
            "-lco",
            &created,
            "-lco",
            "ENCODING=UTF-8",
            "-a_srs",
            "EPSG:4549",
            &path,
            &input,
        ]);
        let (layer, records) = by_us(&path, &Options::default());
        let records: Vec<_> = records
            .into_iter()
            .map(|record| record.expect(shape))
            .collect();
        assert_eq!(records.len(), 60, "{shape}");
        assert_eq!(layer.records, Some(60));
        for record in &records {
            let expected = flattened && record.geometry.is_some();
            assert_eq!(record.flattened, expected, "{shape} {}", record.number);
        }
        same(shape, &layer, &records, &by_gdal(&path, None));
        let SourceCrs::Prj { wkt, .. } = &layer.crs else {
            panic!("{shape}: {:?}", layer.crs);
        };
        assert!(wkt.contains("CGCS2000_3_Degree_GK_CM_120E"), "{wkt}");
        assert_eq!(layer.notes, Vec::<String>::new(), "{shape}");
    }
}

#[test]
fn rings_in_rings_are_read_as_gdal_reads_them() {
    let made = Made::new();
    // Islands in lakes on islands, a hole that touches its ring, and two outer rings that touch.
    let square = |x: f64, y: f64, side: f64| {
        let (right, top) = (x + side, y + side);
        format!("[[{x},{y}],[{right},{y}],[{right},{top}],[{x},{top}],[{x},{y}]]")
    };
    let shapes = [
        format!(
            "[[{},{}],[{},{}],[{}]]",
            square(0.0, 0.0, 10.0),
            square(1.0, 1.0, 8.0),
            square(2.0, 2.0, 6.0),
            square(3.0, 3.0, 2.0),
            square(3.5, 3.5, 1.0)
        ),
        format!("[[{},[[0,5],[5,0],[5,5],[0,5]]]]", square(0.0, 0.0, 10.0)),
        format!("[[{}],[{}]]", square(0.0, 0.0, 1.0), square(1.0, 1.0, 1.0)),
    ];
    let features = shapes.map(|shape| {
        format!(r#"{{"type":"Feature","properties":{{"a":1}},"geometry":{{"type":"MultiPolygon","coordinates":{shape}}}}}"#)
    });
    let text = format!(
        r#"{{"type":"FeatureCollection","features":[{}]}}"#,
        features.join(",")
    );
    let input = made.input("rings", &text);
    let path = made.path("rings.shp");
    gdal(&[&path, &input]);
    let (layer, records) = by_us(&path, &Options::default());
    let records: Vec<_> = records
        .into_iter()
        .map(|record| record.expect("a record"))
        .collect();
    same("rings", &layer, &records, &by_gdal(&path, None));
    let parts = records.iter().map(|record| match &record.geometry {
        Some(Geometry::MultiPolygon(parts)) => parts.0.len(),
        _ => 1,
    });
    assert_eq!(parts.collect::<Vec<_>>(), [3, 1, 2]);
}

#[test]
fn columns_have_the_types_of_the_table() {
    let made = Made::new();
    let input = made.input("points", &geojson("points", 40));
    let path = made.path("typed.shp");
    gdal(&["-lco", "ENCODING=UTF-8", "-nlt", "POINT", &path, &input]);
    let (layer, _) = by_us(&path, &Options::default());
    let kinds: Vec<_> = layer
        .columns
        .iter()
        .map(|column| (column.name.as_str(), column.kind))
        .collect();
    assert_eq!(
        kinds,
        [
            ("名称", Kind::Text),
            ("count", Kind::Integer),
            ("code", Kind::Integer),
            ("ratio", Kind::Number),
            ("day", Kind::Date),
            ("none", Kind::Text)
        ]
    );
    let SourceCrs::Prj { wkt, .. } = &layer.crs else {
        panic!("{:?}", layer.crs)
    };
    assert!(wkt.starts_with("GEOGCS"), "{wkt}");
}

/// A shape that has grown is written behind the others, and where it was nothing is left of it: only the
/// index knows.
#[test]
fn an_edited_file_is_read_by_its_index() {
    let made = Made::new();
    let input = made.input("lines", &geojson("lines", 30));
    let path = made.path("edited.shp");
    gdal(&["-lco", "ENCODING=UTF-8", &path, &input]);
    let expected = by_gdal(&path, None);
    let index = made.path("edited.shx");
    let (mut shp, mut shx) = (
        fs::read(&path).expect("shapes"),
        fs::read(&index).expect("an index"),
    );
    let number = |bytes: &[u8]| u32::from_be_bytes(bytes.try_into().expect("four"));
    for record in [0, 3, 9] {
        let entry = 100 + 8 * record;
        let at = 2 * number(&shx[entry..entry + 4]) as usize;
        let length = 8 + 2 * number(&shx[entry + 4..entry + 8]) as usize;
        let moved = u32::try_from(shp.len() / 2).expect("small");
        shx[entry..entry + 4].copy_from_slice(&moved.to_be_bytes());
        shp.extend_from_within(at..at + length);
        shp[at + 8..at + length].fill(0);
    }
    let words = u32::try_from(shp.len() / 2).expect("small");
    shp[24..28].copy_from_slice(&words.to_be_bytes());
    fs::write(&path, shp).expect("written");
    fs::write(&index, shx).expect("written");

    let (layer, records) = made::all(&path, &Options::default());
    same("edited", &layer, &records, &expected);
    same("edited", &layer, &records, &by_gdal(&path, None));

    // Without it there are three records more than rows: never a silent mix.
    fs::remove_file(index).expect("removed");
    let error = Source::open(Path::new(&path), &Options::default());
    let error = error.expect_err("refused").to_string();
    assert!(
        error.contains("it has 33 shapes, and ") && error.contains("do not belong together"),
        "{error}"
    );
}

#[test]
fn deleted_rows_take_their_shapes_with_them() {
    let made = Made::new();
    let input = made.input("points", &geojson("points", 10));
    let path = made.path("gone.shp");
    gdal(&["-lco", "ENCODING=UTF-8", "-nlt", "POINT", &path, &input]);
    let table = made.path("gone.dbf");
    let mut dbf = fs::read(&table).expect("the table");
    let word = |at: usize| usize::from(u16::from_le_bytes([dbf[at], dbf[at + 1]]));
    let (start, width) = (word(8), word(10));
    for row in [3, 4] {
        dbf[start + row * width] = b'*';
    }
    fs::write(table, dbf).expect("written");
    let (layer, records) = made::all(&path, &Options::default());
    let other = by_gdal(&path, None);
    assert_eq!(other.len(), 8);
    same("gone", &layer, &records, &other);
    let note = "2 records are marked as deleted, and left out with their shapes";
    assert_eq!(layer.notes, [note]);
    let numbers: Vec<_> = records.iter().map(|record| record.number).collect();
    assert_eq!(numbers, [1, 2, 3, 6, 7, 8, 9, 10]);
}

#[test]
fn an_index_that_is_missing_is_noted() {
    let made = Made::new();
    let input = made.input("polygons", &geojson("polygons", 25));
    let path = made.path("a.shp");
    gdal(&["-lco", "ENCODING=UTF-8", &path, &input]);
    let (_, with) = by_us(&path, &Options::default());
    fs::remove_file(made.path("a.shx")).expect("removed");
    fs::remove_file(made.path("a.prj")).expect("removed");
    let (layer, without) = by_us(&path, &Options::default());
    assert_eq!(with, without);
    assert_eq!(
        layer.notes,
        ["there is no .shx: the records are read in the order of the .shp"]
    );
    assert_eq!(layer.crs, SourceCrs::Untold);
}

/// Endings in capitals, as old programs and memory cards have them.
#[test]
fn parts_are_found_whatever_their_case() {
    let made = Made::new();
    let input = made.input("points", &geojson("points", 5));
    let path = made.path("a.shp");
    gdal(&["-lco", "ENCODING=GBK", "-nlt", "POINT", &path, &input]);
    for (from, to) in [
        ("shp", "SHP"),
        ("shx", "SHX"),
        ("dbf", "Dbf"),
        ("cpg", "CPG"),
        ("prj", "PRJ"),
    ] {
        fs::rename(
            made.path(&format!("a.{from}")),
            made.path(&format!("a.{to}")),
        )
        .expect("renamed");
    }
    let (layer, records) = by_us(&made.path("a.SHP"), &Options::default());
    assert_eq!(records.len(), 5);
    assert_eq!(layer.notes, Vec::<String>::new());
    assert!(matches!(&layer.crs, SourceCrs::Prj { file, .. } if file.ends_with("a.PRJ")));
}

/// How far it is grows to the whole, and a listener that has heard enough is not told more.
#[test]
fn progress_is_told_and_reading_can_stop() {
    let made = Made::new();
    let input = made.input("points", &geojson("points", 2_000));
    for name in ["a.shp", "b.csv", "c.xlsx"] {
        let path = made.path(name);
        let how: &[&str] = if name == "b.csv" {
            &["-lco", "GEOMETRY=AS_WKT"]
        } else {
            &[]
        };
        gdal(&[how, &[&path, &input]].concat());
        let source = Source::open(Path::new(&path), &Options::default()).expect(name);
        let (mut last, mut whole, mut calls) = (0, None, 0);
        let far = &mut |at: u64, of: Option<u64>| {
            assert!(
                at >= last && of.is_none_or(|of| at <= of),
                "{name}: {at} after {last} of {of:?}"
            );
            (last, whole, calls) = (at, of, calls + 1);
        };
        source.read(far, &mut |_| true).expect(name);
        assert!(
            calls > 5 && Some(last) == whole,
            "{name}: {calls} {last} {whole:?}"
        );
        let mut heard = 0;
        source
            .read(&mut |_, _| {}, &mut |_| {
                heard += 1;
                heard < 7
            })
            .expect(name);
        assert_eq!(heard, 7, "{name}");
    }
}
