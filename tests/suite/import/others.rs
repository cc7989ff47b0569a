//! Files that QGIS, `LibreOffice` and Python's libraries wrote, kept in `files/` beside what GDAL reads in them.
//!
//! `./dev clients` writes such files anew and compares more of them; these need none of the programs.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io::Read;
use std::path::{Path, PathBuf};

use flate2::read::GzDecoder;
use serde_json::Value as Json;
use tempfile::TempDir;

use super::made::{ill, items, well};
use super::round_trip::{MILLIMETRE, apart};

fn kept() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/suite/import/files")
}

/// A folder with one of the files, unpacked where it is kept packed, and an empty plan.
fn folder(file: &str) -> TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    let from = kept().join(file);
    let bytes = if from.exists() {
        fs::read(from).expect("a file")
    } else {
        let packed = fs::File::open(kept().join(format!("{file}.gz"))).expect("a file");
        let mut bytes = Vec::new();
        let read = GzDecoder::new(packed).read_to_end(&mut bytes);
        read.expect("a packed file");
        bytes
    };
    fs::write(folder.path().join(file), bytes).expect("written");
    let title = ["--title", "虚构镇", "--title-en", "A made-up town"];
    well(folder.path(), &[&["new", "plan"][..], &title].concat());
    folder
}

/// The columns of a new collection, by the file's header: their names and types. What the server measures is none.
fn columns(folder: &Path) -> BTreeMap<String, (String, String)> {
    let text = fs::read_to_string(folder.join("plan/seeds/collections.toml")).expect("tables");
    let tables: toml::Value = toml::from_str(&text).expect("TOML");
    let all = tables["columns"].as_table().expect("columns");
    let own = all
        .iter()
        .filter(|(_, column)| column.get("compute").is_none());
    let text = |value: &toml::Value| value.as_str().expect("a text").to_owned();
    own.map(|(name, column)| {
        let (title, kind) = (text(&column["title"]["zh"]), text(&column["type"]));
        (title, (name.clone(), kind))
    })
    .collect()
}

/// A header without the unit, which has a place of its own.
fn bare(header: &str) -> &str {
    header.split('（').next().unwrap_or(header)
}

/// Year, month and so on, however they are written.
fn numbers(text: &str) -> Vec<u32> {
    let parts = text.split(|c: char| !c.is_ascii_digit());
    parts.filter_map(|part| part.parse().ok()).collect()
}

/// GDAL has texts where a format has nothing else, and letters or numbers for true and false.
fn same(ours: &Json, theirs: &Json, kind: &str) -> bool {
    match (kind, theirs) {
        (_, Json::Null) => ours.is_null(),
        (_, Json::String(text)) if text.trim().is_empty() => ours.is_null(),
        // FlatGeobuf has no days, and GDAL writes them as midnights.
        ("date", Json::String(text)) => {
            let day = text.trim_end_matches("T00:00:00");
            numbers(ours.as_str().unwrap_or("")) == numbers(day)
        }
        // GDAL leaves a zone that is there in it.
        ("timestamp", Json::String(text)) => {
            let ours = ours.as_str().unwrap_or("");
            ours.ends_with('Z') && numbers(ours) == numbers(text)
        }
        ("integer" | "number", Json::String(text)) => ours.as_f64() == text.parse().ok(),
        ("integer" | "number", _) => ours.as_f64() == theirs.as_f64(),
        ("boolean", Json::String(text)) => {
            ours.as_bool() == Some(["T", "TRUE", "True"].contains(&text.as_str()))
        }
        _ => ours == theirs,
    }
}

/// Imports a file and compares all of it with what GDAL reads. `own` are columns that only we have.
async fn compare(file: &str, expected: &str, key: &str, options: &[&str], own: &[&str]) -> String {
    let folder = folder(file);
    let folder = folder.path();
    let told = [
        "import", file, "--into", "things", "--id", key, "--plan", "plan",
    ];
    let said = well(folder, &[&told[..], options].concat());
    let text = fs::read_to_string(kept().join(format!("{expected}.json"))).expect("GDAL's");
    let theirs: Json = serde_json::from_str(&text).expect("GeoJSON");
    let theirs = theirs["features"].as_array().expect("features");
    let ours = items(&folder.join("plan"), "things").await;
    assert_eq!(ours.len(), theirs.len(), "{file}");
    let columns = columns(folder);
    // Of a FlatGeobuf, GDAL leaves out what a feature has not.
    let all = theirs
        .iter()
        .filter_map(|their| their["properties"].as_object());
    let headers: BTreeSet<_> = all.flat_map(|all| all.keys()).collect();
    for header in columns.keys() {
        let known =
            headers.iter().any(|known| bare(known) == header) || own.contains(&header.as_str());
        assert!(known, "{file}: a column {header}");
    }
    for their in theirs {
        let properties = their["properties"].as_object().expect("properties");
        let id = &properties[key];
        let our = ours.iter().find(|our| our["id"] == *id);
        let our = our.unwrap_or_else(|| panic!("{file}: no {id}"));
        for header in &headers {
            let value = properties.get(*header).unwrap_or(&Json::Null);
            let found = columns.get(bare(header));
            let (name, kind) = found.unwrap_or_else(|| panic!("{file}: no column {header}"));
            let ours = &our["properties"][name];
            assert!(
                same(ours, value, kind),
                "{file}: {id} {header}: {ours}, expected {value} as {kind}"
            );
        }
        // A shape without positions is none.
        let nowhere = |feature: &Json| {
            let at = feature["geometry"]["coordinates"].as_array();
            at.is_none_or(Vec::is_empty)
        };
        assert_eq!(nowhere(our), nowhere(their), "{file}: {id}");
        if nowhere(our) {
            continue;
        }
        let far = apart(our, their);
        assert!(far < MILLIMETRE, "{file}: {id} is {far} degrees off");
    }
    said
}

const KEY: &str = "地块编号";
const GRID: [&str; 2] = ["--crs", "EPSG:4549"];
const DEGREES: [&str; 2] = ["--crs", "EPSG:4490"];

#[tokio::test]
async fn shapefiles_of_qgis() {
    for name in ["qgis-gbk", "qgis-4528"] {
        compare(&format!("{name}.zip"), name, KEY, &[], &[]).await;
    }
    let said = compare("qgis-heights.zip", "qgis-heights", KEY, &[], &[]).await;
    assert!(
        said.contains("heights or measures of 11 of 12 records are left out"),
        "{said}"
    );
    // Nothing in it tells that it is UTF-8.
    compare("qgis-system.zip", "qgis-system", "编号", &[], &[]).await;
}

#[tokio::test]
async fn geopackages_of_qgis() {
    compare("qgis-one.gpkg", "qgis-one", KEY, &[], &[]).await;
    let layer = ["--layer", "规划道路"];
    compare("qgis.gpkg", "qgis-roads", "路名", &layer, &[]).await;
    let folder = folder("qgis.gpkg");
    let told = ["import", "qgis.gpkg", "--into", "a", "--plan", "plan"];
    let said = ill(folder.path(), &told);
    assert!(
        said.contains("choose one by --layer") && said.contains("规划地块, 规划道路"),
        "{said}"
    );
}

#[tokio::test]
async fn texts_of_qgis() {
    let said = compare("qgis.fgb", "qgis-fgb", KEY, &[], &[]).await;
    let zone = "column 登记时间 has times: one without a zone is taken as UTC";
    assert!(said.contains(zone), "{said}");
    // A feature per line, under the ending that QGIS gives it.
    compare("qgis.geojsonl.json", "qgis-lines", KEY, &[], &[]).await;
    compare("qgis.kml", "qgis-kml", KEY, &[], &["folder"]).await;
    let table = "qgis-wkt-semicolon";
    compare(&format!("{table}.csv"), table, KEY, &GRID, &[]).await;
}

#[tokio::test]
async fn sheets_of_libreoffice() {
    let layer = [&DEGREES[..], &["--layer", "地块表"]].concat();
    compare("office.xlsx", "office", KEY, &layer, &[]).await;
    let said = compare("office-titled.xlsx", "office", KEY, &DEGREES, &[]).await;
    assert!(said.contains("the header is row 2"), "{said}");
    for table in ["office-one-gb18030", "office-one-tabs"] {
        compare(&format!("{table}.csv"), table, KEY, &DEGREES, &[]).await;
    }
}

#[tokio::test]
async fn files_of_python() {
    let parquet = "geopandas-covering";
    compare(&format!("{parquet}.parquet"), parquet, KEY, &[], &[]).await;
    compare("pandas-index.xlsx", "pandas-index", KEY, &GRID, &[]).await;
    compare("pandas-gbk.csv", "pandas-gbk", KEY, &GRID, &[]).await;
    compare("pyshp-gbk.zip", "pyshp-gbk", "编号", &[], &[]).await;
}
