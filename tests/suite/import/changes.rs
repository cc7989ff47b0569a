//! What an import changes, and what it leaves alone.

use std::fs;

use super::made::{everything, folder, into_plots, items, town, well};
use crate::bad_input::copy;

#[tokio::test]
async fn a_dry_run_tells_and_writes_nothing() {
    let folder = folder();
    let folder = folder.path();
    let plan = folder.join("plan");
    let told = into_plots("town.geojson");
    let dry = [&told[..], &["--dry-run"]].concat();
    let empty = everything(&plan);
    assert!(well(folder, &dry).contains("added 30: A-00, A-01"));
    assert_eq!(everything(&plan), empty);
    well(folder, &told);

    let mut changed = town();
    let features = changed["features"].as_array_mut().expect("features");
    features.remove(5);
    features[0]["properties"]["容积率"] = 9.5.into();
    let mut more = features[1].clone();
    more["properties"]["地块编号"] = "B-01".into();
    features.push(more);
    fs::write(folder.join("town.geojson"), changed.to_string()).expect("written");
    let before = everything(&plan);
    let said = well(folder, &dry);
    for line in [
        "added 1: B-01",
        "changed 1: A-00",
        "removed 1: A-05",
        "unchanged 28",
    ] {
        assert!(said.contains(line), "{line}: {said}");
    }
    assert_eq!(everything(&plan), before);
    well(folder, &told);
    let items = items(&plan, "plots").await;
    assert_eq!(items.len(), 30);
    let first = items
        .iter()
        .find(|item| item["id"] == "A-00")
        .expect("A-00");
    assert_eq!(first["properties"]["plot_ratio"], 9.5);
}

#[tokio::test]
async fn settings_keep_their_words() {
    let folder = folder();
    let folder = folder.path();
    let path = folder.join("plan/seeds/collections.toml");
    let before = fs::read_to_string(&path).expect("a file");
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
    let after = fs::read_to_string(&path).expect("a file");
    assert!(after.starts_with(&before), "{after}");
    let plan = fs::read_to_string(folder.join("plan/seeds/plan.toml")).expect("a file");
    for part in [
        "# CRSs that features are served in.",
        "\"EPSG:4549\"",
        "layers = [\"plots\"]",
        "extent = [121.33",
    ] {
        assert!(plan.contains(part), "{part}: {plan}");
    }
    // Mended by hand: an import into what is there changes the data only.
    fs::write(&path, after.replace("zh = \"town\"", "zh = \"地块\"")).expect("written");
    let mended = fs::read(&path).expect("a file");
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
    assert_eq!(fs::read(&path).expect("a file"), mended);
}

#[tokio::test]
async fn units_are_exact() {
    let folder = folder();
    let folder = folder.path();
    let map = "用地面积=site_area_m2:公顷->m²";
    let told = [
        "import",
        "town.geojson",
        "--into",
        "plots",
        "--id",
        "地块编号",
        "--map",
        map,
        "--plan",
        "plan",
    ];
    let said = well(folder, &told);
    assert!(
        said.contains("用地面积 -> site_area_m2, a number (times 10000)"),
        "{said}"
    );
    for (at, item) in items(&folder.join("plan"), "plots")
        .await
        .iter()
        .enumerate()
    {
        assert_eq!(item["properties"]["site_area_m2"], (at + 1) * 1000);
    }
}

/// Places for rows of the register: its figures stay where they are, and so do rows that the file does not have.
#[tokio::test]
async fn the_register_keeps_its_figures() {
    let plan = copy();
    let plan = plan.path();
    let file = plan.join("e4.geojson");
    let e4 = r#"{"type":"FeatureCollection","features":[{"type":"Feature","properties":{"代码":"jinhuan-e4-redevelopment","容积率":7,
        "position_accuracy_m":5},"geometry":{"type":"Polygon","coordinates":[[[121.35,31.28],[121.351,31.28],[121.351,31.281],[121.35,31.28]]]}}]}"#;
    fs::write(&file, e4).expect("written");
    let path = plan.to_str().expect("a path");
    let file = file.to_str().expect("a path");
    let before = items(plan, "parcels").await;
    let register = fs::read(plan.join("seeds/projects.csv")).expect("a register");
    let said = well(
        plan,
        &[
            "import", file, "--into", "parcels", "--id", "代码", "--plan", path,
        ],
    );
    assert!(
        said.contains("changed 1: jinhuan-e4-redevelopment"),
        "{said}"
    );
    assert!(said.contains("go nowhere: 容积率"), "{said}");
    assert_eq!(
        fs::read(plan.join("seeds/projects.csv")).expect("a register"),
        register
    );
    let after = items(plan, "parcels").await;
    assert_eq!(after.len(), before.len());
    for (old, new) in before.iter().zip(&after) {
        if new["id"] == "jinhuan-e4-redevelopment" {
            assert_eq!(new["properties"]["position_accuracy_m"], 5);
            assert_eq!(new["properties"]["plot_ratio"], 3);
            assert_ne!(new["geometry"], old["geometry"]);
        } else {
            assert_eq!(old, new);
        }
    }
}

#[test]
fn ids_of_two_files_do_not_clash() {
    let folder = folder();
    let folder = folder.path();
    super::made::ogr2ogr(folder, &["town.gpkg", "town.geojson"]);
    let one = well(
        folder,
        &["import", "town.gpkg", "--into", "plots", "--plan", "plan"],
    );
    assert!(one.contains("ids: the file's own\n"), "{one}");
    let two = well(
        folder,
        &["import", "town.gpkg", "--into", "copies", "--plan", "plan"],
    );
    assert!(two.contains("added 30: copies-1, copies-10"), "{two}");
    // Without ids of its own, the same file gives the same ids.
    let ids = || {
        let said = well(
            folder,
            &[
                "import",
                "town.geojson",
                "--into",
                "third",
                "--plan",
                "plan",
                "--dry-run",
            ],
        );
        said.lines()
            .find(|line| line.starts_with("added"))
            .expect("a line")
            .to_owned()
    };
    assert_eq!(ids(), ids());
}
