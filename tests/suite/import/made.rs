//! A made-up town, its files as GDAL writes them, and the program that takes them over.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use buju::ingest::{self, PlanFiles};
use buju::snapshot::Snapshot;
use buju::store::Store;
use serde_json::{Value as Json, json};
use tempfile::TempDir;

use crate::support::Server;

/// Runs the program in a folder.
pub fn buju(folder: &Path, arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_buju"))
        .args(arguments)
        .current_dir(folder)
        .env_remove("BUJU_PLAN")
        .output()
        .expect("the program runs")
}

pub fn out(output: &Output) -> String {
    String::from_utf8(output.stdout.clone()).expect("UTF-8")
}

pub fn err(output: &Output) -> String {
    let text = String::from_utf8(output.stderr.clone()).expect("UTF-8");
    assert!(!text.contains("panicked"), "{text}");
    text
}

/// Runs it, and it has to go well.
pub fn well(folder: &Path, arguments: &[&str]) -> String {
    let output = buju(folder, arguments);
    assert!(
        output.status.success(),
        "{arguments:?}: {}{}",
        out(&output),
        err(&output)
    );
    out(&output)
}

/// Runs it, and it has to refuse: what it says.
pub fn ill(folder: &Path, arguments: &[&str]) -> String {
    let output = buju(folder, arguments);
    assert_eq!(
        output.status.code(),
        Some(2),
        "{arguments:?}: {}",
        out(&output)
    );
    err(&output)
}

/// Words of an import of the made-up plots, by their codes.
pub fn into_plots(file: &str) -> [&str; 8] {
    [
        "import",
        file,
        "--into",
        "plots",
        "--id",
        "地块编号",
        "--plan",
        "plan",
    ]
}

/// A folder with `town.geojson` and an empty plan `plan`.
pub fn folder() -> TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    fs::write(folder.path().join("town.geojson"), town().to_string()).expect("written");
    well(
        folder.path(),
        &[
            "new",
            "plan",
            "--title",
            "虚构镇",
            "--title-en",
            "A made-up town",
        ],
    );
    folder
}

/// Plots in rows with streets between them: one with a court, one of two parts, one that nobody has located.
pub fn town() -> Json {
    let mut features = Vec::new();
    for at in 0..30_u32 {
        let (x, y) = (
            121.34 + f64::from(at % 6) * 0.001_2,
            31.28 + f64::from(at / 6) * 0.001_1,
        );
        let ring = |x: f64, y: f64, size: f64| {
            json!([
                [x, y],
                [x + size, y + 0.000_01],
                [x + size, y + size],
                [x - 0.000_02, y + size],
                [x, y]
            ])
        };
        let court = json!([
            [x + 0.000_3, y + 0.000_3],
            [x + 0.000_3, y + 0.000_5],
            [x + 0.000_5, y + 0.000_5],
            [x + 0.000_5, y + 0.000_3],
            [x + 0.000_3, y + 0.000_3]
        ]);
        let geometry = match at {
            7 => json!({ "type": "Polygon", "coordinates": [ring(x, y, 0.000_9), court] }),
            11 => {
                json!({ "type": "MultiPolygon", "coordinates": [[ring(x, y, 0.000_3)], [ring(x + 0.000_5, y, 0.000_3)]] })
            }
            29 => Json::Null,
            _ => json!({ "type": "Polygon", "coordinates": [ring(x, y, 0.000_9)] }),
        };
        let uses = ["工业", "住宅", "绿地"];
        features.push(json!({
            "type": "Feature",
            "properties": {
                "地块编号": format!("A-{at:02}"),
                "名称": format!("虚构地块{at}"),
                "用地面积": f64::from(at + 1) / 10.0,
                "容积率": if at == 3 { Json::Null } else { json!(1.0 + f64::from(at) / 8.0) },
                "用地性质": uses[at as usize % 3],
                "层数": at % 9,
                "批准日期": format!("2021-0{}-1{}", 1 + at % 9, at % 10),
            },
            "geometry": geometry,
        }));
    }
    json!({ "type": "FeatureCollection", "features": features })
}

/// GDAL's ogr2ogr, which has to go well.
pub fn ogr2ogr(folder: &Path, arguments: &[&str]) -> Vec<u8> {
    let output = Command::new("ogr2ogr")
        .args(arguments)
        .current_dir(folder)
        .output();
    let output = output.expect("GDAL's ogr2ogr is needed: ./dev test installs it");
    let text = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{arguments:?}: {text}");
    output.stdout
}

/// A plan folder, served without a port.
pub fn served(plan: &Path) -> Server {
    let outcome = ingest::load(&PlanFiles::Folder(plan.to_owned())).expect("a folder");
    let loaded = outcome
        .loaded
        .unwrap_or_else(|| panic!("{:#?}", outcome.findings));
    Server::new(Store::new(Snapshot::build(loaded, outcome.findings)))
}

/// All features of a collection, by the API.
pub async fn items(plan: &Path, collection: &str) -> Vec<Json> {
    let answer = served(plan)
        .get(&format!("/collections/{collection}/items?limit=10000"))
        .await;
    let page = answer.json();
    let features = page["features"].as_array().expect("features").clone();
    assert_eq!(page["numberMatched"], features.len());
    features
}

/// Every file of a folder with its bytes.
pub fn everything(folder: &Path) -> Vec<(PathBuf, Vec<u8>)> {
    let mut all = Vec::new();
    for entry in fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            all.extend(everything(&path));
        } else {
            let bytes = fs::read(&path).expect("a file");
            all.push((path, bytes));
        }
    }
    all.sort();
    all
}
