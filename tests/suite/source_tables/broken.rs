//! Shapefiles that are none: a message that names file and record, and no memory for what is only claimed.

use std::fs;
use std::path::Path;

use buju::source::{Options, Source};

use super::made::{Made, by_us, gdal, geojson};

fn refused(path: &str) -> String {
    let source = Source::open(Path::new(path), &Options::default());
    source
        .err()
        .unwrap_or_else(|| panic!("{path} was read"))
        .to_string()
}

/// A shapefile of polygons as bytes.
struct Bytes {
    shp: Vec<u8>,
    shx: Vec<u8>,
    dbf: Vec<u8>,
}

fn bytes(made: &Made, kind: &str) -> Bytes {
    let input = made.input(kind, &geojson(kind, 12));
    let path = made.path(&format!("whole-{kind}.shp"));
    gdal(&["-lco", "ENCODING=UTF-8", &path, &input]);
    let part =
        |ending: &str| fs::read(made.path(&format!("whole-{kind}.{ending}"))).expect("a part");
    Bytes {
        shp: part("shp"),
        shx: part("shx"),
        dbf: part("dbf"),
    }
}

fn written(made: &Made, bytes: &Bytes) -> String {
    made.write("a.shx", &bytes.shx);
    made.write("a.dbf", &bytes.dbf);
    made.write("a.cpg", b"UTF-8");
    made.write("a.shp", &bytes.shp)
}

/// Refused as a whole, after a change.
fn refused_after(change: impl Fn(&mut Bytes)) -> String {
    let made = Made::new();
    let mut bytes = bytes(&made, "polygons");
    change(&mut bytes);
    refused(&written(&made, &bytes))
}

/// What is told of the first record that cannot be read, after a change.
fn told_after(kind: &str, change: impl Fn(&mut Bytes)) -> String {
    let made = Made::new();
    let mut bytes = bytes(&made, kind);
    change(&mut bytes);
    let (_, records) = by_us(&written(&made, &bytes), &Options::default());
    assert!(records.len() > 8);
    let bad: Vec<_> = records.into_iter().filter_map(Result::err).collect();
    assert_eq!(bad.len(), 1, "the others are read");
    bad[0].to_string()
}

#[test]
fn a_part_that_is_missing_or_of_another_file() {
    let made = Made::new();
    let whole = bytes(&made, "polygons");
    let path = written(&made, &whole);
    fs::remove_file(made.path("a.dbf")).expect("removed");
    let error = refused(&path);
    assert!(
        error.contains("a.shp: there is no .dbf beside it: its columns would be lost"),
        "{error}"
    );

    let error = refused_after(|bytes| {
        // One row fewer.
        let width = usize::from(u16::from_le_bytes([bytes.dbf[10], bytes.dbf[11]]));
        bytes.dbf[4] -= 1;
        bytes.dbf.truncate(bytes.dbf.len() - width);
    });
    assert!(
        error.contains("a.shp: it has 12 shapes, and ")
            && error.contains("a.dbf has 11 rows: they do not belong together"),
        "{error}"
    );
    assert!(refused("/nowhere/a.shp").contains("/nowhere/a.shp: cannot be read: No such file"));
    fs::create_dir(made.path("b.shp")).expect("a folder");
    assert!(
        refused(&made.path("b.shp"))
            .contains("b.shp: cannot be read: expected a file, found a folder")
    );
}

#[test]
fn files_that_are_cut_short() {
    for (error, expected) in [
        (
            refused_after(|bytes| bytes.shp.truncate(500)),
            "a.shp: its header tells of",
        ),
        (
            refused_after(|bytes| bytes.shp.truncate(50)),
            "a.shp: expected a header of 100 bytes, found 50",
        ),
        (
            refused_after(|bytes| bytes.shp.clear()),
            "a.shp: expected a header of 100 bytes, found 0",
        ),
        (
            refused_after(|bytes| bytes.shx.truncate(150)),
            "a.shx: its header tells of",
        ),
        (
            refused_after(|bytes| bytes.dbf.truncate(20)),
            "a.dbf: expected a header of 32 bytes, found 20",
        ),
        (
            refused_after(|bytes| bytes.dbf.truncate(700)),
            "a.dbf: expected ",
        ),
        (
            refused_after(|bytes| bytes.dbf.truncate(60)),
            "a.dbf: expected ",
        ),
    ] {
        assert!(
            error.contains(expected) && error.contains("cut short"),
            "{error}"
        );
    }
}

#[test]
fn files_that_are_something_else() {
    let text = refused_after(|bytes| bytes.shp = b"{\"type\":\"FeatureCollection\"".repeat(9));
    assert!(
        text.contains("a.shp: it is GeoJSON by its content: rename it to .geojson"),
        "{text}"
    );
    let text = refused_after(|bytes| bytes.shp = b"id,name\n1,x\n".repeat(9));
    assert!(
        text.contains("a.shp: is no part of a shapefile: expected 9994 and 1000 in its header"),
        "{text}"
    );
    let table = refused_after(|bytes| bytes.dbf = b"id,name\n1,x\n".repeat(9));
    assert!(table.contains("a.dbf"), "{table}");
    let patch = refused_after(|bytes| bytes.shp[32] = 31);
    assert!(
        patch.contains("a.shp: multipatches are not read"),
        "{patch}"
    );
    let kind = refused_after(|bytes| bytes.shp[32] = 99);
    assert!(kind.contains("99 is no type of shape"), "{kind}");
    let seven = refused_after(|bytes| bytes.dbf[0] = 4);
    assert!(
        seven.contains("a.dbf: it is of a later dBASE (version byte 04)"),
        "{seven}"
    );
    let field = refused_after(|bytes| bytes.dbf[32 + 11] = 7);
    assert!(
        field.contains("expected a letter for the type of column 1, found byte 07"),
        "{field}"
    );
    let wide = refused_after(|bytes| bytes.dbf[32 + 16] = 255);
    assert!(
        wide.contains("a.dbf: its header is broken: its columns need"),
        "{wide}"
    );
    let zero = refused_after(|bytes| bytes.dbf[10..12].fill(0));
    assert!(zero.contains("a.dbf: is no dBASE file"), "{zero}");
}

/// 10 GB in the header of a file of a kilobyte.
#[test]
fn what_is_only_claimed_takes_no_memory() {
    let before = peak();
    let error = refused_after(|bytes| bytes.shp[24..28].copy_from_slice(&[0xFF; 4]));
    assert!(
        error.contains("its header tells of 8589934590 bytes"),
        "{error}"
    );
    let error = refused_after(|bytes| bytes.dbf[4..8].copy_from_slice(&[0xFF; 4]));
    assert!(error.contains("for 4294967295 records"), "{error}");
    let error = refused_after(|bytes| bytes.shx[24..28].copy_from_slice(&[0xFF; 4]));
    assert!(
        error.contains("a.shx: its header tells of 8589934590 bytes"),
        "{error}"
    );
    // The length of a record, and the counts of its parts and positions.
    let error = told_after("polygons", |bytes| {
        bytes.shp[104..108].copy_from_slice(&[0xFF; 4]);
    });
    assert!(
        error.contains("record 1: its shape is broken: it claims 8589934590 bytes"),
        "{error}"
    );
    let error = told_after("polygons", |bytes| {
        bytes.shp[144..148].copy_from_slice(&[0xFF; 4]);
    });
    assert!(
        error.contains("record 1: its shape is broken: it claims 4294967295 parts"),
        "{error}"
    );
    let error = told_after("polygons", |bytes| {
        bytes.shp[148..152].copy_from_slice(&[0xFF; 4]);
    });
    assert!(error.contains("it claims 4294967295 positions"), "{error}");
    let error = told_after("polygons", |bytes| {
        bytes.shx[100..104].copy_from_slice(&[0x7F; 4]);
    });
    assert!(
        error.contains("record 1: its shape is broken: the .shx says that it begins at byte"),
        "{error}"
    );
    let grown = peak().saturating_sub(before);
    assert!(grown < 4 << 20, "{grown} kB");
}

/// The most memory that was set aside, in kilobytes.
fn peak() -> u64 {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmPeak:"));
    let number = line.and_then(|line| line.trim().strip_suffix(" kB"));
    number
        .and_then(|number| number.parse().ok())
        .unwrap_or_default()
}

#[test]
fn a_record_that_is_none_is_told_and_the_others_read() {
    for (kind, change, expected) in [
        (
            "points",
            &(|bytes: &mut Bytes| bytes.shp[112..120].copy_from_slice(&f64::NAN.to_le_bytes()))
                as &dyn Fn(&mut Bytes),
            "record 1: its shape is broken: its position 1 is (NaN, ",
        ),
        (
            "points",
            &|bytes: &mut Bytes| bytes.shp[120..128].copy_from_slice(&f64::INFINITY.to_le_bytes()),
            "inf), which is no place",
        ),
        (
            "points",
            &|bytes: &mut Bytes| bytes.shp[108] = 5,
            "expected Point, as the header says, found Polygon",
        ),
        (
            "points",
            &|bytes: &mut Bytes| bytes.shp[108] = 77,
            "77 is no type of shape",
        ),
        (
            "lines",
            &|bytes: &mut Bytes| bytes.shp[152] = 9,
            "its part 1 begins at position 9, after one at 0",
        ),
        // The last position of the first ring.
        (
            "polygons",
            &|bytes: &mut Bytes| {
                let parts = usize::from(bytes.shp[144]);
                bytes.shp[152 + 4 * parts] ^= 1;
            },
            "expected rings of four positions or more, the last equal to the first, found another as part 1",
        ),
    ] {
        let error = told_after(kind, change);
        assert!(error.contains(expected), "{error}");
    }
    // Cells of the first row.
    let cell = |name: &str, text: &str, expected: &str| {
        let error = told_after("points", |bytes| {
            let start = usize::from(u16::from_le_bytes([bytes.dbf[8], bytes.dbf[9]]));
            let mut at = start + 1;
            for field in bytes.dbf[32..start].to_vec().chunks_exact(32) {
                let width = usize::from(field[16]);
                if field.starts_with(name.as_bytes()) {
                    let mut padded = vec![b' '; width - text.len()];
                    padded.extend(text.as_bytes());
                    bytes.dbf[at..at + width].copy_from_slice(&padded);
                }
                at += width;
            }
        });
        assert_eq!(error, format!("record 1, column {name}: {expected}"));
    };
    cell("count", "1x", "expected a whole number, found \"1x\"");
    cell("ratio", "inf", "expected a number, found \"inf\"");
    cell(
        "day",
        "20210230",
        "expected a date such as 20210131, found \"20210230\"",
    );
}

#[test]
fn a_table_may_have_255_columns() {
    let made = Made::new();
    let properties: Vec<_> = (0..255).map(|at| format!(r#""c{at}":{at}"#)).collect();
    let text = format!(
        r#"{{"type":"FeatureCollection","features":[{{"type":"Feature","properties":{{{}}},"geometry":{{"type":"Point","coordinates":[1,2]}}}}]}}"#,
        properties.join(",")
    );
    let input = made.input("wide", &text);
    let path = made.path("wide.shp");
    gdal(&[&path, &input]);
    let (layer, records) = by_us(&path, &Options::default());
    let record = records[0].as_ref().expect("a record");
    assert_eq!((layer.columns.len(), record.values.len()), (255, 255));
    assert_eq!(record.values[254].as_f64(), Some(254.0));
}
