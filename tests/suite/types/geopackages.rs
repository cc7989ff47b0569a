//! A `GeoPackage` as a collection's file.

use std::fs;
use std::path::Path;
use std::process::Command;

use buju::ingest::{self, PlanFiles};
use rusqlite::Connection;
use serde_json::Value as Json;
use tempfile::TempDir;

use super::sources::{downloaded, features, opened, our_own_is_a_source, put};
use super::{edit, folder, server, told};
use crate::support::Server;

/// Every number to a hundred-millionth: 1 mm.
fn rounded(json: &mut Json) {
    match json {
        Json::Number(number) => {
            let number = number.as_f64().unwrap_or_default();
            *json = ((number * 1e8).round() / 1e8).into();
        }
        Json::Array(parts) => parts.iter_mut().for_each(rounded),
        Json::Object(members) => members.values_mut().for_each(rounded),
        _ => {}
    }
}

/// Around Shanghai, with all the world in a degree: a projection is not for all of it.
fn near(coordinates: &mut Json) {
    let numbers = coordinates.as_array_mut().expect("an array");
    if let [x, y] = &mut numbers[..]
        && let (Some(lon), Some(lat)) = (x.as_f64(), y.as_f64())
    {
        (*x, *y) = ((121.0 + lon / 360.0).into(), (31.0 + lat / 360.0).into());
        return;
    }
    numbers.iter_mut().for_each(near);
}

/// The folder, its shapes and spots around Shanghai.
fn nearby() -> TempDir {
    let folder = folder();
    for name in ["shapes", "spots"] {
        let path = folder.path().join(format!("geodata/{name}.geojson"));
        let mut json: Json =
            serde_json::from_slice(&fs::read(&path).expect("a file")).expect("JSON");
        for feature in json["features"].as_array_mut().expect("features") {
            if let Some(coordinates) = feature["geometry"].get_mut("coordinates") {
                near(coordinates);
            }
        }
        fs::write(path, json.to_string()).expect("written");
    }
    assert_eq!(told(folder.path()), Vec::<String>::new());
    folder
}

/// To the millimetre.
async fn same(after: &Server, before: &Server) {
    let mut after = features(after, "shapes").await;
    let mut before = features(before, "shapes").await;
    before.iter_mut().chain(&mut after).for_each(rounded);
    assert!(before.len() > 4);
    assert_eq!(after, before);
}

#[tokio::test]
async fn our_own_geopackage_is_a_source() {
    our_own_is_a_source("gpkg").await;
}

#[tokio::test]
async fn a_geopackage_in_another_crs_is_converted() {
    let other = nearby();
    let before = opened(other.path());
    for crs in ["4549", "3857", "4490"] {
        let own = format!("f=gpkg&crs=http://www.opengis.net/def/crs/EPSG/0/{crs}");
        let bytes = downloaded(&before, "shapes", &own).await;
        put(other.path(), "shapes", "gpkg", &bytes);
        assert_eq!(told(other.path()), Vec::<String>::new(), "{crs}");
        same(&opened(other.path()), &before).await;
    }
}

/// The shapes as GDAL writes them, in a file with another layer.
fn by_gdal(folder: &Path) {
    for (name, layer, more) in [
        ("shapes", "形 1", None),
        ("spots", "spots", Some("-update")),
    ] {
        let made = Command::new("ogr2ogr")
            .args(["-f", "GPKG", "-nln", layer])
            .args(more)
            .args([
                "-oo",
                "NATIVE_DATA=NO",
                "-lco",
                "FID=own",
                "-nlt",
                "GEOMETRY",
                "-t_srs",
                "EPSG:4549",
            ])
            .args(["-sql", &format!("SELECT * FROM {name}")])
            .arg(folder.join("geodata/shapes.gpkg"))
            .arg(folder.join(format!("geodata/{name}.geojson")))
            .output()
            .expect("GDAL is needed: ./dev test installs it");
        let messages = String::from_utf8_lossy(&made.stderr);
        assert!(made.status.success(), "{messages}");
    }
}

#[tokio::test]
async fn one_of_several_layers_of_gdal_is_a_source() {
    let other = nearby();
    let before = opened(other.path());
    by_gdal(other.path());
    let settings = "seeds/collections.toml";
    edit(
        other.path(),
        settings,
        "\"shapes.geojson\"",
        "\"shapes.gpkg\"",
    );
    let several = told(other.path()).join("\n");
    assert!(
        several.contains("geodata/shapes.gpkg: has several layers: choose one by --layer, or by layer in collections.toml; it has 形 1, spots"),
        "{several}"
    );
    edit(
        other.path(),
        settings,
        "\"shapes.gpkg\"",
        "\"shapes.gpkg\"\nlayer = \"no\"",
    );
    let missing = told(other.path()).join("\n");
    assert!(
        missing.contains("geodata/shapes.gpkg: has no layer \"no\"; it has 形 1, spots"),
        "{missing}"
    );
    edit(other.path(), settings, "layer = \"no\"", "layer = \"形 1\"");
    assert_eq!(told(other.path()), Vec::<String>::new());
    let after = opened(other.path());
    same(&after, &before).await;
    edit(other.path(), settings, "layer = \"形 1\"", "");
    edit(
        other.path(),
        settings,
        "\"spots.geojson\"",
        "\"spots.geojson\"\nlayer = \"a\"",
    );
    let told = told(other.path()).join("\n");
    assert!(
        told.contains("layer: only a .gpkg has layers, and source is \"spots.geojson\""),
        "{told}"
    );
}

#[tokio::test]
async fn a_geopackage_with_something_wrong() {
    let before = server();
    let other = folder();
    let bytes = downloaded(&before, "shapes", "f=gpkg").await;
    let path = other.path().join("geodata/shapes.gpkg");
    let changed = |sql: &str| {
        put(other.path(), "shapes", "gpkg", &bytes);
        let connection = Connection::open(&path).expect("a file");
        // The triggers of the R-tree call functions that this program does not have.
        let drop = "DROP TRIGGER rtree_shapes_geom_update1; DROP TRIGGER rtree_shapes_geom_update2;
                    DROP TRIGGER rtree_shapes_geom_update3; DROP TRIGGER rtree_shapes_geom_update4;";
        connection
            .execute_batch(&format!("{drop} {sql}"))
            .expect(sql);
        connection.close().expect("closed");
        told(other.path()).join("\n")
    };
    assert_eq!(changed(""), "");
    let none = changed("UPDATE gpkg_geometry_columns SET srs_id = 0");
    assert!(
        none.contains("geodata/shapes.gpkg: it does not tell its CRS"),
        "{none}"
    );
    let cell = changed("UPDATE shapes SET name_zh = CAST(x'ff' AS TEXT) WHERE fid = 2");
    assert!(
        cell.contains(
            "geodata/shapes.gpkg feature 1, column name_zh: is not UTF-8 from its byte 1 on"
        ),
        "{cell}"
    );
    let column = changed(
        "ALTER TABLE shapes ADD COLUMN extra TEXT; UPDATE shapes SET extra = 'x' WHERE fid = 1",
    );
    assert!(
        column.contains("column extra: the collection has no such column"),
        "{column}"
    );
    let shape = changed("UPDATE shapes SET geom = x'00' WHERE fid = 1");
    assert!(
        shape.contains(
            "geodata/shapes.gpkg feature 0, column geom: its geometry does not start with GP"
        ),
        "{shape}"
    );
    // Cut anywhere it is refused, and the file is named.
    for part in 1..20 {
        put(
            other.path(),
            "shapes",
            "gpkg",
            &bytes[..bytes.len() * part / 20],
        );
        let told = told(other.path());
        assert!(
            told.len() == 1 && told[0].starts_with("geodata/shapes.gpkg: "),
            "{told:?}"
        );
    }
    fs::remove_file(&path).expect("gone");
    let gone = told(other.path());
    assert!(
        gone.len() == 1 && gone[0].contains("cannot be read"),
        "{gone:?}"
    );
}

/// A plan's version is of the bytes of its files.
#[tokio::test]
async fn another_geopackage_is_another_version() {
    let before = server();
    let other = folder();
    let bytes = downloaded(&before, "shapes", "f=gpkg").await;
    let version = |bytes: &[u8]| {
        put(other.path(), "shapes", "gpkg", bytes);
        let outcome = ingest::load(&PlanFiles::Folder(other.path().to_owned())).expect("a folder");
        outcome.loaded.expect("a plan").version
    };
    let mut more = bytes.clone();
    // The program that wrote it last, which changes nothing that is read.
    more[99] ^= 1;
    assert_eq!(version(&bytes), version(&bytes));
    assert_ne!(version(&bytes), version(&more));
}

/// A datum that is not WGS 84 is no matter of milliseconds and guesses.
#[tokio::test]
async fn a_datum_without_an_operation_is_told_once() {
    let other = nearby();
    let before = opened(other.path());
    let own = "f=gpkg&crs=http://www.opengis.net/def/crs/EPSG/0/4549";
    let bytes = downloaded(&before, "shapes", own).await;
    put(other.path(), "shapes", "gpkg", &bytes);
    let connection = Connection::open(other.path().join("geodata/shapes.gpkg")).expect("a file");
    // Xian 1980 / 3-degree Gauss-Kruger CM 120E.
    connection
        .execute_batch(
            "UPDATE gpkg_spatial_ref_sys SET organization_coordsys_id = 2385 WHERE srs_id = 4549",
        )
        .expect("an update");
    connection.close().expect("closed");
    let told = told(other.path());
    assert_eq!(told.len(), 1, "{told:?}");
    assert!(
        told[0].starts_with("geodata/shapes.gpkg: ") && told[0].contains("Xian 1980"),
        "{told:?}"
    );
}
