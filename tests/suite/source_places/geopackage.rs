//! `GeoPackage`s by GDAL and by hand: layers, views, triggers, reference systems, and cells of any class.

use std::fs;
use std::path::{Path, PathBuf};

use buju::crs::Crs;
use buju::model::Value;
use buju::source::{Kind, SourceCrs};
use geo::{Geometry, Point};
use geozero::{CoordDimensions, ToWkb};
use rusqlite::{Connection, params};
use tempfile::TempDir;

use super::files::{FAMILIES, made, ogr2ogr, table};
use super::{read, refused, sound, told};

const TABLES: &str = "
PRAGMA page_size = 512;
PRAGMA application_id = 1196444487;
CREATE TABLE gpkg_spatial_ref_sys (srs_name TEXT NOT NULL, srs_id INTEGER PRIMARY KEY, organization TEXT NOT NULL,
  organization_coordsys_id INTEGER NOT NULL, definition TEXT NOT NULL, description TEXT);
INSERT INTO gpkg_spatial_ref_sys VALUES
  ('none', -1, 'NONE', -1, 'undefined', NULL), ('none', 0, 'NONE', 0, 'undefined', NULL),
  ('WGS 84', 4326, 'EPSG', 4326, 'GEOGCS[\"WGS 84\"]', NULL), ('grid', 4549, 'epsg', 4549, 'PROJCS[\"grid\"]', NULL),
  ('own', 100001, 'town', 1, 'PROJCS[\"own\"]', NULL), ('GCJ02', 900001, 'NONE', 900001, 'LOCAL_CS[\"GCJ02\"]', 'urn:x-buju:def:crs:GCJ02');
CREATE TABLE gpkg_contents (table_name TEXT NOT NULL PRIMARY KEY, data_type TEXT NOT NULL, identifier TEXT, description TEXT,
  last_change TEXT, min_x REAL, min_y REAL, max_x REAL, max_y REAL, srs_id INTEGER);
CREATE TABLE gpkg_geometry_columns (table_name TEXT NOT NULL, column_name TEXT NOT NULL, geometry_type_name TEXT NOT NULL,
  srs_id INTEGER NOT NULL, z INTEGER NOT NULL, m INTEGER NOT NULL);
CREATE TABLE parcels (fid INTEGER PRIMARY KEY, geom POINT, name TEXT(20), storeys MEDIUMINT, area DOUBLE, open BOOLEAN, day DATE,
  moment DATETIME, photo BLOB, other VARCHAR, anything);
INSERT INTO gpkg_contents (table_name, data_type, srs_id) VALUES ('parcels', 'features', 4326);
INSERT INTO gpkg_geometry_columns VALUES ('parcels', 'geom', 'POINT', 4326, 0, 0);
";

/// A geometry with its header.
fn blob(srs: i32, shape: &Geometry<f64>) -> Vec<u8> {
    let mut bytes = vec![b'G', b'P', 0, 1];
    bytes.extend(srs.to_le_bytes());
    bytes.extend(shape.to_wkb(CoordDimensions::xy()).expect("bytes"));
    bytes
}

fn point() -> Vec<u8> {
    blob(4326, &Point::new(121.5, 31.25).into())
}

/// A file with one layer of some rows, and what else is asked for.
fn file(folder: &Path, more: &str) -> PathBuf {
    let path = folder.join("town.gpkg");
    let _ = fs::remove_file(&path);
    let connection = Connection::open(&path).expect("a file");
    connection.execute_batch(TABLES).expect("tables");
    let insert = "INSERT INTO parcels VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)";
    for number in 1..=5 {
        let row = params![
            number * 10,
            point(),
            format!("地块 {number}"),
            number,
            1.5,
            true,
            "2021-01-31",
            "2021-01-31T08:00:00.000Z",
            [1_u8, 2],
            "x",
            7
        ];
        connection.execute(insert, row).expect("a row");
    }
    connection.execute_batch(more).expect(more);
    connection.close().expect("closed");
    path
}

/// A file of small pages, so that any byte of it means something.
pub fn small() -> Vec<u8> {
    let folder = tempfile::tempdir().expect("a folder");
    fs::read(file(folder.path(), "")).expect("a file")
}

fn folder() -> TempDir {
    tempfile::tempdir().expect("a folder")
}

#[test]
fn columns_have_the_types_that_are_declared() {
    let folder = folder();
    let (layer, records) = sound(&file(folder.path(), ""), None);
    let kinds: Vec<_> = layer
        .columns
        .iter()
        .map(|column| (column.name.as_str(), column.kind))
        .collect();
    assert_eq!(
        kinds,
        [
            ("name", Kind::Text),
            ("storeys", Kind::Integer),
            ("area", Kind::Number),
            ("open", Kind::Boolean),
            ("day", Kind::Date),
            ("moment", Kind::Timestamp),
            ("other", Kind::Text),
            ("anything", Kind::Untyped),
        ]
    );
    assert_eq!(
        layer.notes,
        ["column photo is left out: its cells are of type BLOB"]
    );
    assert_eq!(layer.crs, SourceCrs::Known(Crs::Epsg(4326)));
    assert_eq!(records[1].id, Some(20.into()));
    assert_eq!(records[1].geometry, Some(Point::new(121.5, 31.25).into()));
    assert_eq!(
        records[1].values,
        [
            Value::Text("地块 2".to_owned()),
            Value::Integer(2),
            Value::Number(1.5),
            Value::Boolean(true),
            Value::Date(18_658),
            Value::Timestamp(1_612_080_000_000_000),
            Value::Text("x".to_owned()),
            Value::Integer(7),
        ]
    );
}

#[test]
fn views_are_layers_and_triggers_do_not_run() {
    let folder = folder();
    let path = file(
        folder.path(),
        "CREATE VIEW tall AS SELECT fid, geom, name, storeys * 2 AS twice FROM parcels WHERE storeys > 2;
         INSERT INTO gpkg_contents (table_name, data_type, srs_id) VALUES ('tall', 'features', 4326);
         INSERT INTO gpkg_geometry_columns VALUES ('tall', 'geom', 'POINT', 4326, 0, 0);
         CREATE TRIGGER t INSTEAD OF INSERT ON tall BEGIN DELETE FROM parcels; END;
         CREATE TRIGGER u AFTER UPDATE ON parcels BEGIN DELETE FROM parcels; END;",
    );
    let before = fs::read(&path).expect("a file");
    let several = refused(&path, None);
    assert!(
        several.contains("several layers") && several.ends_with("it has parcels, tall"),
        "{several}"
    );
    assert!(refused(&path, Some("roads")).contains("has no layer \"roads\""));
    let (layer, records) = sound(&path, Some("tall"));
    assert_eq!(records.len(), 3);
    assert_eq!(records[0].id, None);
    let names: Vec<_> = layer
        .columns
        .iter()
        .map(|column| column.name.as_str())
        .collect();
    assert_eq!(names, ["fid", "name", "twice"]);
    assert_eq!(records[0].values[2], Value::Integer(6));
    assert!(layer.notes[0].contains("is a view"), "{:?}", layer.notes);
    assert_eq!(sound(&path, Some("parcels")).1.len(), 5);
    assert!(
        fs::read(&path).expect("a file") == before,
        "the file was changed"
    );
    let beside: Vec<_> = fs::read_dir(folder.path()).expect("a folder").collect();
    assert_eq!(beside.len(), 1, "{beside:?}");
}

#[test]
fn views_that_do_harm() {
    let folder = folder();
    let listed = "INSERT INTO gpkg_contents (table_name, data_type) VALUES ('v', 'attributes')";
    for (view, reason) in [
        (
            "CREATE VIEW v AS WITH RECURSIVE a(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM a) SELECT count(*) AS n FROM a",
            "takes too long",
        ),
        (
            "CREATE VIEW v AS WITH RECURSIVE a(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM a) SELECT NULL AS n FROM a",
            "is it a view that never ends?",
        ),
        (
            "CREATE VIEW v AS SELECT zeroblob(2000000000) || 'a' AS a",
            "too big",
        ),
        (
            "CREATE VIEW v AS SELECT load_extension('x') AS a",
            "load_extension",
        ),
        ("CREATE VIEW v AS SELECT * FROM gone", "gone"),
        ("CREATE VIEW v AS SELECT * FROM v", "circularly"),
        (
            "CREATE VIRTUAL TABLE v USING rtree(id, a, b)",
            "is a virtual table",
        ),
    ] {
        let path = file(folder.path(), &format!("{view}; {listed}"));
        let told = refused(&path, Some("v"));
        assert!(
            told.contains(reason) && told.contains("town.gpkg"),
            "{view}: {told}"
        );
    }
    let tables = "CREATE TABLE styles (name TEXT); INSERT INTO gpkg_contents (table_name, data_type) VALUES ('styles', 'attributes')";
    let (layer, _) = sound(&file(folder.path(), tables), None);
    assert_eq!(layer.name, "parcels");
    assert!(
        layer.notes.iter().any(|note| note.ends_with("styles")),
        "{:?}",
        layer.notes
    );
    let (layer, records) = sound(&folder.path().join("town.gpkg"), Some("styles"));
    assert_eq!((layer.crs, records.len()), (SourceCrs::Untold, 0));
}

#[test]
fn reference_systems() {
    let folder = folder();
    for (srs, crs) in [
        (4326, SourceCrs::Known(Crs::Epsg(4326))),
        (4549, SourceCrs::Known(Crs::Epsg(4549))),
        (900_001, SourceCrs::Known(Crs::Gcj02)),
        (100_001, SourceCrs::Wkt("PROJCS[\"own\"]".to_owned())),
        (-1, SourceCrs::Untold),
        (0, SourceCrs::Untold),
        (77, SourceCrs::Untold),
    ] {
        let path = file(
            folder.path(),
            &format!("DELETE FROM parcels; UPDATE gpkg_geometry_columns SET srs_id = {srs}"),
        );
        let (layer, _) = sound(&path, None);
        assert_eq!(layer.crs, crs);
        assert_eq!(
            layer.notes.len(),
            if srs == 77 { 2 } else { 1 },
            "{:?}",
            layer.notes
        );
    }
    let path = file(
        folder.path(),
        "UPDATE gpkg_geometry_columns SET srs_id = 4549",
    );
    let told = told(&path);
    assert_eq!(told.len(), 5);
    assert_eq!(
        told[0],
        "record 1, column geom: its geometry is in the SRS 4326, its layer in 4549"
    );
}

#[test]
fn cells_that_are_not_of_their_column() {
    let folder = folder();
    for (set, reason) in [
        (
            "storeys = 1.5",
            "column storeys: expected a whole number, found 1.5",
        ),
        (
            "storeys = 'many'",
            "column storeys: expected a whole number, found \"many\"",
        ),
        (
            "area = 9e999",
            "column area: expected a finite number, found inf",
        ),
        (
            "area = 'wide'",
            "column area: expected a finite number, found \"wide\"",
        ),
        ("open = 2", "column open: expected 0 or 1, found 2"),
        (
            "name = x'00ff'",
            "column name: expected a text, found 2 bytes",
        ),
        (
            "name = CAST(x'6162ff' AS TEXT)",
            "column name: is not UTF-8 from its byte 3 on",
        ),
        (
            "anything = x'01'",
            "column anything: expected a text or a finite number, found 1 bytes",
        ),
        (
            "geom = 'here'",
            "column geom: expected a geometry, found \"here\"",
        ),
        (
            "geom = x'00'",
            "column geom: its geometry does not start with GP",
        ),
        (
            "geom = x'475000'",
            "column geom: its geometry does not start with GP",
        ),
        (
            "geom = x'47500001E6100000'",
            "column geom: its geometry ends too early",
        ),
        (
            "geom = x'4750000FE6100000'",
            "column geom: its geometry has a box of kind 7",
        ),
        (
            "geom = x'47500021E6100000'",
            "column geom: its geometry is of an extension",
        ),
        (
            "geom = x'47500001E610000001080000000000000000'",
            "CircularString",
        ),
        (
            "geom = x'47500001E61000000102000000FFFFFFFF'",
            "claims 4294967295",
        ),
        (
            "geom = x'47500001E61000000101000000000000000000F87F0000000000000000'",
            "not of finite numbers",
        ),
    ] {
        let path = file(
            folder.path(),
            &format!("UPDATE parcels SET {set} WHERE fid = 20"),
        );
        let told = told(&path);
        assert_eq!(told.len(), 1, "{set}: {told:?}");
        assert!(
            told[0].starts_with("record 2, column ") && told[0].contains(reason),
            "{set}: {}",
            told[0]
        );
    }
    // An empty point, by both ways of writing it, and nothing at all.
    for set in [
        "NULL",
        "x'47500011E61000000101000000000000000000F87F000000000000F87F'",
        "x'47500011E6100000010700000000000000'",
    ] {
        let (_, records) = sound(
            &file(folder.path(), &format!("UPDATE parcels SET geom = {set}")),
            None,
        );
        assert_eq!(records[0].geometry, None, "{set}");
    }
}

#[test]
fn files_that_are_none() {
    let folder = folder();
    let path = folder.path().join("a.gpkg");
    let whole = small();
    for (bytes, reason) in [
        (
            b"{\"type\":\"FeatureCollection\"}".to_vec(),
            "it is GeoJSON by its content",
        ),
        (b"id,name\n".to_vec(), "is not a GeoPackage"),
        (Vec::new(), "is not a GeoPackage"),
        (whole[..whole.len() - 700].to_vec(), "cut short"),
        (whole[..50].to_vec(), ""),
    ] {
        fs::write(&path, bytes).expect("written");
        let told = refused(&path, None);
        assert!(told.contains(reason) && told.contains("a.gpkg"), "{told}");
    }
    fs::remove_file(&path).expect("gone");
    Connection::open(&path)
        .expect("a file")
        .execute_batch("CREATE TABLE a (b)")
        .expect("a table");
    assert!(refused(&path, None).contains("no table gpkg_contents"));
    for (more, reason) in [
        ("DELETE FROM gpkg_contents", "expected a layer; it has none"),
        (
            "DELETE FROM gpkg_geometry_columns",
            "does not name its geometry",
        ),
        (
            "UPDATE gpkg_geometry_columns SET column_name = 'shape'",
            "has no column \"shape\"",
        ),
        ("DROP TABLE parcels", "has no table"),
        ("DROP TABLE gpkg_spatial_ref_sys", "gpkg_spatial_ref_sys"),
    ] {
        let told = refused(&file(folder.path(), more), None);
        assert!(told.contains(reason), "{more}: {told}");
    }
    // Changes that another program has not put into the file yet.
    let path = file(folder.path(), "");
    fs::write(folder.path().join("town.gpkg-wal"), "changes").expect("written");
    assert!(refused(&path, None).contains("town.gpkg-wal holds changes"));
}

#[test]
fn odd_names_are_names() {
    let folder = folder();
    let path = file(
        folder.path(),
        "ALTER TABLE parcels RENAME TO \"地块 \"\" ; DROP TABLE x\"; ALTER TABLE \"地块 \"\" ; DROP TABLE x\" RENAME COLUMN area TO \"a\"\"b\";
         UPDATE gpkg_contents SET table_name = '地块 \" ; DROP TABLE x'; UPDATE gpkg_geometry_columns SET table_name = '地块 \" ; DROP TABLE X', column_name = 'GEOM'",
    );
    let odd = folder.path().join("a?b#c%20 布局.gpkg");
    fs::rename(path, &odd).expect("renamed");
    let (layer, records) = sound(&odd, None);
    assert_eq!((layer.columns[2].name.as_str(), records.len()), ("a\"b", 5));
}

#[test]
fn many_layers_and_no_places_by_gdal() {
    let folder = folder();
    let path = folder.path().join("all.gpkg");
    for (at, (name, geometries)) in FAMILIES.into_iter().enumerate() {
        let csv = table(folder.path(), name, geometries);
        let mut arguments = vec![
            "-f",
            "GPKG",
            "-oo",
            "GEOM_POSSIBLE_NAMES=wkt",
            "-nlt",
            "GEOMETRY",
            "-a_srs",
            "EPSG:4326",
        ];
        if at > 0 {
            arguments.push("-update");
        }
        ogr2ogr(&arguments, &path, &csv);
    }
    assert!(refused(&path, None).ends_with("it has point, multiline, multipolygon, any"));
    for (name, geometries) in FAMILIES {
        assert_eq!(sound(&path, Some(name)).1.len(), geometries.len());
    }
    let plain = made(
        &folder,
        "gpkg",
        "plain",
        &[""],
        &["-f", "GPKG", "-nlt", "NONE"],
    );
    let (layer, records) = sound(&plain, None);
    assert_eq!((layer.crs, records.len()), (SourceCrs::Untold, 1));
    // Curves are refused by their names, and the row beside them is read.
    let curves = [
        "CIRCULARSTRING (0 0,1 1,2 0)",
        "LINESTRING (0 0,1 1)",
        "COMPOUNDCURVE ((0 0,1 1))",
        "CURVEPOLYGON ((0 0,1 0,1 1,0 0))",
    ];
    let path = made(
        &folder,
        "gpkg",
        "curves",
        &curves,
        &["-f", "GPKG", "-nlt", "GEOMETRY"],
    );
    let told = told(&path);
    for (told, name) in told
        .iter()
        .zip(["CircularString", "CompoundCurve", "CurvePolygon"])
    {
        assert!(told.contains(name), "{told}");
    }
    assert_eq!(
        (told.len(), read(&path, None).expect("a file").1.len()),
        (3, 4)
    );
}
