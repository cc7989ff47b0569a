//! The same plan from other formats than GeoJSON.

use std::fs;
use std::path::Path;
use std::process::Command;

use buju::ingest::{self, PlanFiles};
use serde_json::Value as Json;

use super::{edit, folder, server, told};
use crate::support::Server;

pub const NAMES: [&str; 3] = ["works", "spots", "shapes"];

pub async fn downloaded(server: &Server, name: &str, more: &str) -> Vec<u8> {
    let path = format!("/collections/{name}/items?limit=1000&{more}");
    let answer = server.get(&path).await;
    assert_eq!(answer.status, 200, "{path}");
    answer.body
}

/// By id, which a format of columns takes for a text.
pub async fn features(server: &Server, name: &str) -> Vec<Json> {
    let json: Json = serde_json::from_slice(&downloaded(server, name, "").await).expect("JSON");
    let mut features = json["features"].as_array().expect("features").clone();
    for feature in &mut features {
        let id = &mut feature["id"];
        *id = id
            .as_str()
            .map_or_else(|| id.to_string(), str::to_owned)
            .into();
        for extra in ["links", "bbox"] {
            feature.as_object_mut().expect("a feature").remove(extra);
        }
    }
    features.sort_by_key(|feature| feature["id"].to_string());
    features
}

/// Makes a file the source of its collection.
pub fn put(folder: &Path, name: &str, ending: &str, bytes: &[u8]) {
    let own = format!("\"{name}.{ending}\"");
    let collections = fs::read_to_string(folder.join("seeds/collections.toml")).expect("a file");
    if !collections.contains(&own) {
        edit(
            folder,
            "seeds/collections.toml",
            &format!("\"{name}.geojson\""),
            &own,
        );
    }
    fs::write(folder.join(format!("geodata/{name}.{ending}")), bytes).expect("written");
}

pub fn opened(folder: &Path) -> Server {
    let files = PlanFiles::Folder(folder.to_owned());
    let outcome = ingest::load(&files).expect("a folder");
    let loaded = outcome
        .loaded
        .unwrap_or_else(|| panic!("{:#?}", outcome.findings));
    let snapshot = buju::snapshot::Snapshot::build(loaded, outcome.findings);
    Server::new(buju::store::Store::new(snapshot))
}

/// What the API gives in a format, taken as the files of a plan, gives the same again.
pub async fn our_own_is_a_source(format: &str) {
    let before = server();
    let other = folder();
    for name in NAMES {
        let mut own = format!("f={format}");
        // What the register has may not be in the file as well.
        if name == "works" {
            own.push_str("&properties=surveyed,tags");
        }
        let bytes = downloaded(&before, name, &own).await;
        put(other.path(), name, format, &bytes);
    }
    assert_eq!(told(other.path()), Vec::<String>::new());
    let after = opened(other.path());
    for name in NAMES {
        let (before, after) = (features(&before, name).await, features(&after, name).await);
        assert!(before.len() > 3);
        assert_eq!(after, before, "{name}");
    }
}

#[tokio::test]
async fn our_own_flatgeobuf_is_a_source() {
    our_own_is_a_source("fgb").await;
}

#[tokio::test]
async fn a_flatgeobuf_of_gdal_is_a_source() {
    let before = server();
    for index in ["YES", "NO"] {
        let other = folder();
        for name in ["spots", "shapes"] {
            let (from, to) = (
                format!("geodata/{name}.geojson"),
                format!("geodata/{name}.fgb"),
            );
            let (from, to) = (other.path().join(from), other.path().join(to));
            let made = Command::new("ogr2ogr")
                .args([
                    "-f",
                    "FlatGeobuf",
                    "-nln",
                    name,
                    "-lco",
                    &format!("SPATIAL_INDEX={index}"),
                ])
                .args(["-sql", &format!("SELECT * FROM {name}")])
                .args([to.as_os_str(), from.as_os_str()])
                .output();
            let Ok(made) = made else { return };
            assert!(
                made.status.success(),
                "{}",
                String::from_utf8_lossy(&made.stderr)
            );
            let bytes = fs::read(&to).expect("a file");
            put(other.path(), name, "fgb", &bytes);
        }
        let told = told(other.path());
        assert_eq!(told, Vec::<String>::new(), "{index}");
        let after = opened(other.path());
        for name in ["spots", "shapes"] {
            let (mut before, after) = (features(&before, name).await, features(&after, name).await);
            // GDAL writes no feature that has no geometry.
            before.retain(|feature| !feature["geometry"].is_null());
            assert!(before.len() > 1, "{name}");
            assert_eq!(after, before, "{name}");
        }
    }
}

#[tokio::test]
async fn a_flatgeobuf_that_is_broken() {
    let before = server();
    let other = folder();
    let bytes = downloaded(&before, "shapes", "f=fgb").await;
    let told_of = |bytes: &[u8]| {
        put(other.path(), "shapes", "fgb", bytes);
        told(other.path())
    };
    assert_eq!(told_of(&bytes), Vec::<String>::new());
    // Wherever it is cut, it is refused, and the file is named.
    for length in (0..bytes.len()).step_by(7) {
        let told = told_of(&bytes[..length]);
        let [only] = told.as_slice() else {
            panic!("{length}: {told:?}")
        };
        assert!(only.starts_with("geodata/shapes.fgb: "), "{only}");
        assert!(length < 8 || only.contains("cut short"), "{length}: {only}");
    }
    let told = told_of(b"{\"type\":\"FeatureCollection\"}");
    assert!(told[0].contains("is not FlatGeobuf 3"), "{told:?}");
    // Whatever byte is wrong, there is an answer: a plan or findings.
    let mut refused = 0;
    for at in 0..bytes.len() {
        let mut bytes = bytes.clone();
        bytes[at] ^= if at % 2 == 0 { 0xff } else { 1 };
        refused += usize::from(!told_of(&bytes).is_empty());
    }
    assert!(refused > bytes.len() / 10, "{refused}");
}

#[tokio::test]
async fn a_flatgeobuf_in_another_crs_is_read_and_a_wrong_cell_told() {
    let before = server();
    let other = folder();
    let bytes = downloaded(
        &before,
        "spots",
        "f=fgb&crs=http://www.opengis.net/def/crs/EPSG/0/4549",
    )
    .await;
    put(other.path(), "spots", "fgb", &bytes);
    assert_eq!(told(other.path()), Vec::<String>::new());
    // A column of texts where the plan wants times, and one that the plan does not know.
    let bytes = downloaded(&before, "shapes", "f=fgb").await;
    put(other.path(), "spots", "fgb", &bytes);
    let told_of = told(other.path()).join("\n");
    assert!(
        told_of.contains("column name_zh: the collection has no such column"),
        "{told_of}"
    );
    assert!(
        told_of.contains("the collection holds points, found Polygon"),
        "{told_of}"
    );
}

#[tokio::test]
async fn lines_of_features_are_a_source() {
    let before = server();
    let other = folder();
    for (name, ending) in [
        ("works", "ndjson"),
        ("spots", "geojsonl"),
        ("shapes", "geojsons"),
    ] {
        let text = fs::read(other.path().join(format!("geodata/{name}.geojson"))).expect("a file");
        let json: Json = serde_json::from_slice(&text).expect("JSON");
        let before = if ending == "geojsons" { "\u{1e}" } else { "" };
        let lines = json["features"].as_array().expect("features").iter();
        let lines: Vec<_> = lines
            .map(|feature| format!("{before}{feature}\n"))
            .collect();
        put(other.path(), name, ending, lines.concat().as_bytes());
    }
    assert_eq!(told(other.path()), Vec::<String>::new());
    let after = opened(other.path());
    for name in NAMES {
        assert_eq!(
            features(&after, name).await,
            features(&before, name).await,
            "{name}"
        );
    }
}
