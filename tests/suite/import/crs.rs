//! Coordinates whose CRS is not told, told wrongly, or on an older datum.

use std::fs;

use serde_json::Value as Json;

use super::made::{everything, folder, ill, into_plots, ogr2ogr, town, well};

#[test]
fn what_is_not_told_is_asked_for_and_described() {
    let folder = folder();
    let folder = folder.path();
    for (crs, expected) in [
        ("EPSG:4528", "(--crs EPSG:4528)"),
        ("EPSG:4549", "without the zone's number"),
        (
            "EPSG:4490",
            "degrees of longitude and latitude (--crs EPSG:4490)",
        ),
    ] {
        ogr2ogr(
            folder,
            &["-overwrite", "town.shp", "town.geojson", "-t_srs", crs],
        );
        fs::remove_file(folder.join("town.prj")).expect("a .prj");
        let said = ill(
            folder,
            &["import", "town.shp", "--into", "plots", "--plan", "plan"],
        );
        assert!(
            said.contains("does not tell its CRS") && said.contains(expected),
            "{crs}: {said}"
        );
    }
    let metres = "a,lon,lat\n1,528734.9,3463916.1\n";
    fs::write(folder.join("metres.csv"), metres).expect("written");
    let told = ["import", "metres.csv", "--into", "plots", "--plan", "plan"];
    let said = ill(folder, &[&told[..], &["--crs", "EPSG:4490"]].concat());
    assert!(said.contains("nowhere on earth"), "{said}");
    assert!(said.contains("without the zone's number"), "{said}");
    // Where the plan lies, the grid is known too.
    well(
        folder,
        &[
            "import",
            "town.geojson",
            "--into",
            "plots",
            "--plan",
            "plan",
        ],
    );
    ogr2ogr(
        folder,
        &[
            "-overwrite",
            "town.shp",
            "town.geojson",
            "-t_srs",
            "EPSG:4549",
        ],
    );
    fs::remove_file(folder.join("town.prj")).expect("a .prj");
    let said = ill(
        folder,
        &["import", "town.shp", "--into", "more", "--plan", "plan"],
    );
    assert!(
        said.contains("look like EPSG:4549") && said.contains("(--crs EPSG:4549)"),
        "{said}"
    );
}

#[test]
fn what_is_told_wrongly_lies_elsewhere() {
    let folder = folder();
    let folder = folder.path();
    well(
        folder,
        &[
            "import",
            "town.geojson",
            "--into",
            "plots",
            "--plan",
            "plan",
        ],
    );
    let before = everything(&folder.join("plan"));
    ogr2ogr(folder, &["town.shp", "town.geojson", "-t_srs", "EPSG:4549"]);
    let wrong = [
        "import",
        "town.shp",
        "--into",
        "more",
        "--plan",
        "plan",
        "--crs",
        "EPSG:4548",
    ];
    let said = ill(folder, &wrong);
    assert!(
        said.contains("outside the plan's extent") && said.contains("(--crs EPSG:4549)"),
        "{said}"
    );
    assert_eq!(everything(&folder.join("plan")), before);
    // What is told goes before what the file says, and is said.
    let right = [
        "import",
        "town.shp",
        "--into",
        "more",
        "--plan",
        "plan",
        "--crs",
        "EPSG:4549",
    ];
    assert!(well(folder, &right).contains("as --crs says"));
    let said = well(
        folder,
        &[&wrong[..6], &["--crs", "EPSG:4509", "--extend"]].concat(),
    );
    assert!(
        said.contains("the file says EPSG:4549") && said.contains("set aside"),
        "{said}"
    );
}

#[test]
fn older_datums_are_named() {
    let folder = folder();
    let folder = folder.path();
    for (crs, datum) in [("EPSG:2437", "1954"), ("EPSG:2385", "Xian 1980")] {
        // The numbers do not matter here, the name does.
        ogr2ogr(
            folder,
            &[
                "-overwrite",
                "town.shp",
                "town.geojson",
                "-t_srs",
                "EPSG:4549",
            ],
        );
        ogr2ogr(
            folder,
            &["-overwrite", "old.shp", "town.shp", "-a_srs", crs],
        );
        let told = ["import", "old.shp", "--into", "old", "--plan", "plan"];
        let said = ill(folder, &told);
        assert!(
            said.contains(datum) && said.contains("--operation"),
            "{said}"
        );
        let said = well(
            folder,
            &[&told[..], &["--operation", "ballpark", "--dry-run"]].concat(),
        );
        assert!(said.contains("accuracy unknown"), "{said}");
    }
    ogr2ogr(
        folder,
        &["-overwrite", "old.shp", "town.shp", "-a_srs", "EPSG:2437"],
    );
    let told = [
        "import",
        "old.shp",
        "--into",
        "old",
        "--plan",
        "plan",
        "--operation",
        "EPSG:15919",
    ];
    let said = well(folder, &told);
    assert!(
        said.contains("Beijing 1954 to WGS 84 (2)") && said.contains("accuracy is 15 m"),
        "{said}"
    );
}

/// The same plots as a web map has them.
#[test]
fn a_shift_is_seen() {
    let folder = folder();
    let folder = folder.path();
    let told = into_plots("town.geojson");
    well(folder, &told);
    let asked = [
        "query", "plots", "--crs", "GCJ02", "--format", "geojson", "--plan", "plan",
    ];
    let mut shifted: Json = serde_json::from_str(&well(folder, &asked)).expect("GeoJSON");
    for feature in shifted["features"].as_array_mut().expect("features") {
        feature["properties"]["地块编号"] = feature["id"].clone();
    }
    fs::write(folder.join("town.geojson"), shifted.to_string()).expect("written");
    let said = well(folder, &[&told[..], &["--dry-run", "--extend"]].concat());
    assert!(
        said.contains("warning: compared with the 29 features")
            && said.contains("looks like GCJ02"),
        "{said}"
    );
    let said = well(
        folder,
        &[&told[..], &["--dry-run", "--crs", "GCJ02"]].concat(),
    );
    assert!(!said.contains("looks like"), "{said}");
    fs::write(folder.join("town.geojson"), town().to_string()).expect("written");
    let said = well(
        folder,
        &[&told[..], &["--dry-run", "--crs", "GCJ02", "--extend"]].concat(),
    );
    assert!(said.contains("does not belong here"), "{said}");
}
