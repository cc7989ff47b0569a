//! Plan folders from nothing: `new`, `infer`, files that are served as they are, and layers that become empty.

use std::fs;
use std::path::Path;
use std::process::Command;

use serde_json::Value as Json;

use super::made::{folder, ill, into_plots, items, well};

fn ogr2ogr(folder: &Path, arguments: &[&str]) {
    let done = Command::new("ogr2ogr")
        .args(arguments)
        .current_dir(folder)
        .status();
    assert!(done.expect("GDAL is there").success(), "{arguments:?}");
}

#[test]
fn a_new_plan_goes_where_nothing_of_anybody_is() {
    let folder = tempfile::tempdir().expect("a folder");
    let folder = folder.path();
    let new = |words: &[&str]| well(folder, &[&["new"], words, &["--title", "镇"]].concat());
    new(&["a/b/c"]);
    assert!(folder.join("a/b/c/seeds/plan.toml").is_file());
    fs::create_dir_all(folder.join("kept/.git")).expect("a folder");
    new(&["kept"]);
    assert!(folder.join("kept/.git").is_dir() && folder.join("kept/geodata").is_dir());
    // A folder that somebody is in stays the same folder.
    let inside = folder.join("inside");
    fs::create_dir(&inside).expect("a folder");
    well(&inside, &["new", ".", "--title", "镇"]);
    let plan = fs::read_to_string(inside.join("seeds/plan.toml")).expect("a plan");
    assert!(plan.contains("id = \"inside\""), "{plan}");
    let names: Vec<_> = fs::read_dir(&inside)
        .expect("a folder")
        .flatten()
        .map(|entry| entry.file_name())
        .collect();
    assert_eq!(names.len(), 3, "{names:?}");
    well(&inside, &["check", "--plan", "."]);
    let said = ill(
        folder,
        &["new", "wrong", "--title", "镇", "--extent", "122,31,121,32"],
    );
    assert!(
        said.contains("expected west before east, found 122 and 121"),
        "{said}"
    );
    assert!(!folder.join("wrong").exists());
}

#[tokio::test]
async fn tables_that_infer_proposes_are_a_beginning_as_good_as_import() {
    let folder = folder();
    let folder = folder.path();
    let path = folder.join("plan/seeds/collections.toml");
    let tables = well(folder, &["infer", "town.geojson", "--into", "plots"]);
    let before = fs::read_to_string(&path).expect("a file");
    fs::write(&path, format!("{before}\n{tables}")).expect("written");
    let said = well(folder, &into_plots("town.geojson"));
    assert!(said.contains("added 30: A-00"), "{said}");
    assert_eq!(items(&folder.join("plan"), "plots").await.len(), 30);
    let plan = fs::read_to_string(folder.join("plan/seeds/plan.toml")).expect("a file");
    for part in ["layers = [\"plots\"]", "extent = [121.33", "\"EPSG:4549\""] {
        assert!(plan.contains(part), "{part}: {plan}");
    }
}

#[test]
fn what_cannot_be_read_is_told_by_infer_too() {
    let folder = tempfile::tempdir().expect("a folder");
    let folder = folder.path();
    fs::write(folder.join("a.csv"), "wkt,n\nPOINT(1 1),1\nPOINT(oops),2\n").expect("written");
    let said = well(folder, &["infer", "a.csv", "--crs", "EPSG:4490"]);
    assert!(
        said.contains("# 1 more cannot be read, the first: record 2"),
        "{said}"
    );
    fs::write(
        folder.join("a.csv"),
        "wkt,n\nPOINT(oops),2\nPOINT(oops),3\n",
    )
    .expect("written");
    let said = ill(folder, &["infer", "a.csv", "--crs", "EPSG:4490"]);
    assert!(
        said.contains("none of its 2 records can be read; the first: record 1"),
        "{said}"
    );
    fs::write(
        folder.join("a.csv"),
        "编号,容积率,lon,lat\na,1.5,121,31\nb,2.5,121,31\n",
    )
    .expect("written");
    let said = well(folder, &["infer", "a.csv", "--crs", "EPSG:4490"]);
    assert!(said.contains("--id could be one of: 编号\n"), "{said}");
}

/// The places of two answers, within a millimetre or so.
fn same_places(one: &Json, other: &Json) -> bool {
    match (one, other) {
        (Json::Array(one), Json::Array(other)) => {
            one.len() == other.len()
                && one
                    .iter()
                    .zip(other)
                    .all(|(one, other)| same_places(one, other))
        }
        (Json::Null, Json::Null) => true,
        (one, other) => one
            .as_f64()
            .zip(other.as_f64())
            .is_some_and(|(one, other)| (one - other).abs() < 1e-8),
    }
}

#[tokio::test]
async fn a_file_of_another_program_is_served_as_it_is() {
    let folder = folder();
    let folder = folder.path();
    let plan = folder.join("plan");
    well(folder, &into_plots("town.geojson"));
    let expected = items(&plan, "plots").await;
    let tables = plan.join("seeds/collections.toml");
    let without = fs::read_to_string(&tables).expect("a file");
    for (file, driver) in [("town.gpkg", "GPKG"), ("town.fgb", "FlatGeobuf")] {
        let to = format!("plan/geodata/{file}");
        ogr2ogr(
            folder,
            &[
                "-f",
                driver,
                &to,
                "town.geojson",
                "-t_srs",
                "EPSG:4549",
                "-nln",
                "地块",
            ],
        );
        let proposed = well(
            folder,
            &[
                "infer",
                &to,
                "--into",
                "direct",
                "--direct",
                "--id",
                "地块编号",
            ],
        );
        assert!(
            proposed.contains(&format!("source = \"{file}\"")),
            "{proposed}"
        );
        assert!(
            proposed.contains("\"容积率\" = \"plot_ratio\""),
            "{proposed}"
        );
        // Their ids are those of the other collection, which goes; its columns are shared.
        let start = without
            .find("[[collections]]\nid = \"plots\"")
            .expect("a collection");
        fs::write(&tables, format!("{}{proposed}", &without[..start])).expect("written");
        let settings = plan.join("seeds/plan.toml");
        let named = fs::read_to_string(&settings)
            .expect("a file")
            .replace("\"plots\"", "\"direct\"");
        fs::write(&settings, named).expect("written");
        well(folder, &["check", "--plan", "plan"]);
        let found = items(&plan, "direct").await;
        // GDAL writes no FlatGeobuf feature without a place.
        let written = |item: &&Json| driver == "GPKG" || !item["geometry"].is_null();
        let expected: Vec<_> = expected.iter().filter(written).collect();
        assert_eq!(found.len(), expected.len(), "{file}");
        for (found, expected) in found.iter().zip(expected) {
            assert_eq!(found["id"], expected["id"], "{file}");
            for column in ["plot_ratio", "site_area", "land_use"] {
                assert_eq!(
                    found["properties"][column], expected["properties"][column],
                    "{file}: {column}"
                );
            }
            let coordinates = |item: &Json| item["geometry"]["coordinates"].clone();
            assert!(
                same_places(&coordinates(found), &coordinates(expected)),
                "{file}: {found}"
            );
        }
    }
}

#[test]
fn fields_are_of_files_that_have_names_of_their_own() {
    let folder = folder();
    let folder = folder.path();
    well(folder, &into_plots("town.geojson"));
    let path = folder.join("plan/seeds/collections.toml");
    let text = fs::read_to_string(&path).expect("a file");
    let source = "source = \"plots.geojson\"\n";
    for (fields, reason) in [
        (
            format!("{source}fields = {{ a = \"plot_ratio\" }}\n"),
            "fields: only of a .gpkg or .fgb",
        ),
        (
            "source = \"plots.gpkg\"\nfields = { a = \"nix\" }\n".to_owned(),
            "\"a\" is to be \"nix\", which is none of its columns",
        ),
        (
            "source = \"plots.gpkg\"\nfields = { a = \"id\", b = \"id\" }\n".to_owned(),
            "fields: two are to be \"id\"",
        ),
    ] {
        fs::write(&path, text.replace(source, &fields)).expect("written");
        let output = super::made::buju(folder, &["check", "--plan", "plan"]);
        let said = super::made::out(&output);
        assert!(said.contains(reason), "{fields}: {said}");
    }
}

#[tokio::test]
async fn a_layer_of_findings_can_become_empty() {
    let folder = folder();
    let folder = folder.path();
    let layer = |features: &str| {
        let text = format!("{{\"type\":\"FeatureCollection\",\"features\":[{features}]}}");
        fs::write(folder.join("findings.geojson"), text).expect("written");
    };
    layer(
        r#"{"type":"Feature","id":"finding-1","properties":{"check":"overlap"},"geometry":{"type":"Point","coordinates":[121.35,31.28]}}"#,
    );
    let told = [
        "import",
        "findings.geojson",
        "--into",
        "findings",
        "--plan",
        "plan",
    ];
    well(folder, &told);
    layer("");
    let said = ill(folder, &told);
    assert!(
        said.contains("the layer has no records; --allow-empty"),
        "{said}"
    );
    let said = well(folder, &[&told[..], &["--allow-empty"]].concat());
    assert!(said.contains("removed 1: finding-1"), "{said}");
    assert_eq!(items(&folder.join("plan"), "findings").await.len(), 0);
}

#[test]
fn all_ids_that_change_are_told_to_who_asks() {
    let folder = folder();
    let folder = folder.path();
    let told = into_plots("town.geojson");
    let told = [&told[..], &["--dry-run"]].concat();
    assert!(well(folder, &told).contains("A-09 and 20 more"));
    let all = well(folder, &[&told[..], &["--all"]].concat());
    assert!(all.contains("A-28, A-29\n"), "{all}");
}
