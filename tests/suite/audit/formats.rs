//! What `buju check` writes, read by others.

use std::fs;
use std::process::Command;

use buju::model::CHECKS;
use serde_json::{Value as Json, json};

use super::town::{Town, at, feature, polygon, rectangle};
use crate::bad_input::{copy, edit};
use crate::cli::{buju, out};
use crate::gdal::ogrinfo;

/// Two overlaps, a feature that is nowhere without a reason, and texts that XML and JSON must escape.
fn town() -> Town {
    let plots = [
        feature(
            "a",
            rectangle(0.0, 0.0, 10.0, 10.0),
            json!({ "name_zh": "地块" }),
        ),
        feature(
            "b",
            rectangle(9.0, 0.0, 10.0, 10.0),
            json!({ "name_zh": "地块" }),
        ),
        feature(
            "c & \"<d>\"",
            rectangle(18.0, 0.0, 10.0, 10.0),
            json!({ "part_of": "<&\"nobody\">" }),
        ),
        feature("nowhere", Json::Null, json!({})),
    ];
    let columns = ["name_zh", "part_of", "no_geometry_reason_zh"];
    Town::new("").with("plots", "no_overlap = true", &columns, &plots)
}

fn check(town: &Town, more: &[&str]) -> (Option<i32>, String) {
    let path = town.path().to_str().expect("a path");
    let output = buju(&[&["check", "--plan", path], more].concat());
    (output.status.code(), out(&output))
}

#[test]
fn text_is_grouped_and_counted() {
    let (code, text) = check(&town(), &[]);
    assert_eq!(code, Some(0));
    assert!(
        text.contains("warning [overlap] Overlap 地块重叠: 2\n  geodata/plots.geojson, id b: "),
        "{text}"
    );
    assert!(
        text.ends_with("0 errors, 4 warnings; 4 features: 3 on the map, 1 without a place\n"),
        "{text}"
    );
    let (code, _) = check(&town(), &["--deny", "warnings"]);
    assert_eq!(code, Some(1));
    let many: Vec<_> = (0..8)
        .map(|at| {
            feature(
                &format!("p{at}"),
                rectangle(0.0, f64::from(at), 9.0, 9.0),
                json!({}),
            )
        })
        .collect();
    let many = Town::new("").with("plots", "no_overlap = true", &["name_zh"], &many);
    let (_, few) = check(&many, &[]);
    assert!(
        few.contains("Overlap 地块重叠: 28\n") && few.contains("  ... and 23 more (--all)\n"),
        "{few}"
    );
    let (_, all) = check(&many, &["--all"]);
    assert_eq!(
        all.matches("\n  geodata/plots.geojson").count(),
        28,
        "{all}"
    );
}

#[test]
fn a_plan_with_errors_says_that_it_was_not_audited() {
    let folder = copy();
    edit(folder.path(), "seeds/projects.csv", |text| {
        text.replace(",11820,", ",large,")
    });
    let path = folder.path().to_str().expect("a path");
    let output = buju(&["check", "--plan", path]);
    assert_eq!(output.status.code(), Some(1));
    assert!(
        out(&output).contains("error [wrong-type]") && out(&output).contains("audit was not made")
    );
    let json = out(&buju(&["check", "--plan", path, "--format", "json"]));
    let json: Json = serde_json::from_str(&json).expect("JSON");
    assert_eq!(json["audited"], false);
    let xml = out(&buju(&["check", "--plan", path, "--format", "junit"]));
    assert!(xml.contains("name=\"overlap\"><skipped"), "{xml}");
    assert!(xml.contains("<failure type=\"wrong-type\""), "{xml}");
}

#[test]
fn shapes_with_errors_have_a_place_and_keep_no_other_from_being_looked_at() {
    let bow_tie = polygon(&[(0.0, 0.0), (9.0, 9.0), (9.0, 0.0), (0.0, 9.0)]);
    let [lon, lat] = at(0.0, 0.0);
    let features = [
        feature("knot", bow_tie, json!({ "name_zh": "结" })),
        feature(
            "a",
            rectangle(20.0, 0.0, 9.0, 9.0),
            json!({ "name_zh": "甲" }),
        ),
        feature(
            "b",
            rectangle(20.0, 0.0, 9.0, 9.0),
            json!({ "name_zh": "甲" }),
        ),
    ];
    let columns = ["name_zh", "no_geometry_reason_zh"];
    let town = Town::new("").with("plots", "", &columns, &features);
    let (code, text) = check(&town, &[]);
    assert_eq!(code, Some(1));
    for part in [
        "error [invalid-geometry]",
        "warning [duplicate-feature]",
        "The audit was made without the shapes that have errors.",
    ] {
        assert!(text.contains(part), "{part}: {text}");
    }
    assert!(!text.contains("no-reason"), "{text}");
    let (_, layer) = check(&town, &["--format", "geojson"]);
    let layer: Json = serde_json::from_str(&layer).expect("JSON");
    let knot = &layer["features"][0];
    assert_eq!(knot["properties"]["of_id"], "knot");
    assert_eq!(knot["properties"]["of_collection"], "plots");
    assert_eq!(
        knot["geometry"],
        json!({ "type": "Point", "coordinates": [lon, lat] })
    );
}

#[test]
fn what_was_not_looked_at_is_no_test_that_passed() {
    let plots = [feature("a", rectangle(0.0, 0.0, 9.0, 9.0), json!({}))];
    let town = |audit: &str| Town::new(audit).with("plots", "", &["name_zh"], &plots);
    let (_, xml) = check(&town(""), &["--format", "junit"]);
    assert!(
        xml.contains(
            "name=\"overlap\"><skipped message=\"the plan has nothing that it looks at\"/>"
        ),
        "{xml}"
    );
    let (_, text) = check(&town(""), &[]);
    assert!(
        text.contains("Had nothing to look at: overlap, gap, outside-zone"),
        "{text}"
    );
    let (_, xml) = check(&town("off = [\"all\"]"), &["--format", "junit"]);
    let off = CHECKS.iter().filter(|check| check.can_be_off()).count();
    assert_eq!(
        xml.matches("<skipped message=\"the plan turns it off\"/>")
            .count(),
        off,
        "{xml}"
    );
    assert!(xml.contains(&format!("skipped=\"{off}\"")), "{xml}");
}

#[test]
fn json_counts_by_check() {
    let (_, json) = check(&town(), &["--format", "json"]);
    let json: Json = serde_json::from_str(&json).expect("JSON");
    assert_eq!(json["warnings"], 4);
    assert_eq!(json["audited"], true);
    let overlap = json["checks"]
        .as_array()
        .expect("checks")
        .iter()
        .find(|check| check["check"] == "overlap");
    let overlap = overlap.expect("overlaps");
    assert_eq!(
        (&overlap["count"], &overlap["listed"]),
        (&json!(2), &json!(2))
    );
    let first = &json["findings"][0];
    assert_eq!(first["check"], "overlap");
    assert_eq!(first["id"], "b");
    assert_eq!(first["collection"], "plots");
    assert_eq!(first["others"], json!(["plots/a"]));
}

#[test]
fn gdal_reads_the_layer_of_findings() {
    let (_, layer) = check(&town(), &["--format", "geojson"]);
    let folder = tempfile::TempDir::new().expect("a folder");
    let path = folder.path().join("findings.geojson");
    fs::write(&path, layer).expect("written");
    let path = path.to_str().expect("a path");
    let info = ogrinfo(&["-ro", "-al", "-so", path]);
    assert!(
        info.contains("Feature Count: 4") && info.contains("WGS 84"),
        "{info}"
    );
    let sql = "SELECT \"check\", of_id, of_collection, severity, ST_Area(geometry) AS area, reason FROM findings WHERE \"check\" = 'overlap'";
    let overlaps = ogrinfo(&["-ro", "-dialect", "SQLite", "-sql", sql, path]);
    assert_eq!(
        overlaps.matches("check (String) = overlap").count(),
        2,
        "{overlaps}"
    );
    assert!(overlaps.contains("of_id (String) = b"), "{overlaps}");
    // Ten square metres, in square degrees.
    let expected =
        10.0 / buju::query::metres_per_degree(31.0).0 / buju::query::metres_per_degree(31.0).1;
    let areas = overlaps
        .lines()
        .filter_map(|line| line.split_once("area (Real) = ")?.1.parse::<f64>().ok());
    for area in areas {
        assert!((area / expected - 1.0).abs() < 0.01, "{area} {expected}");
    }
    let placed = ogrinfo(&["-ro", "-al", "-where", "\"check\" = 'overlap'", path]);
    assert_eq!(placed.matches("POLYGON ((").count(), 2, "{placed}");
    let nowhere = ogrinfo(&["-ro", "-al", "-where", "\"check\" = 'no-reason'", path]);
    assert!(
        nowhere.contains("of_id (String) = nowhere") && !nowhere.contains("POINT"),
        "{nowhere}"
    );
}

#[test]
fn the_layer_of_findings_is_a_collection_once_it_is_imported() {
    let folder = copy();
    let path = folder.path().to_str().expect("a path");
    // Larger plots, so that there is something to find.
    edit(folder.path(), "seeds/projects.csv", |text| {
        text.replace(",11820,", ",21820,")
    });
    let layer = out(&buju(&["check", "--plan", path, "--format", "geojson"]));
    let found: Json = serde_json::from_str(&layer).expect("GeoJSON");
    let features = found["features"].as_array().expect("features");
    assert!(
        features
            .iter()
            .any(|one| one["properties"]["check"] == "area-disagrees"),
        "{layer}"
    );
    let file = folder.path().join("findings.geojson");
    fs::write(&file, &layer).expect("written");
    let file = file.to_str().expect("a path");
    let import = buju(&["import", file, "--into", "findings", "--plan", path]);
    assert!(
        import.status.success(),
        "{}",
        String::from_utf8_lossy(&import.stderr)
    );
    edit(folder.path(), "seeds/collections.toml", |text| {
        let source = "source = \"findings.geojson\"\n";
        text.replace(source, &format!("{source}audit = {{ off = [\"all\"] }}\n"))
    });
    let query = buju(&[
        "query",
        "findings",
        "--plan",
        path,
        "--where",
        "check=area-disagrees",
        "--format",
        "geojson",
    ]);
    assert!(
        query.status.success(),
        "{}",
        String::from_utf8_lossy(&query.stderr)
    );
    let json: Json = serde_json::from_str(&out(&query)).expect("GeoJSON");
    assert_eq!(
        json["features"][0]["properties"]["of_id"],
        "jinhuan-e4-redevelopment"
    );
    assert_eq!(json["features"][0]["geometry"]["type"], "Polygon");
    // A layer of findings finds nothing about itself.
    let again = buju(&["check", "--plan", path, "--format", "json"]);
    let again: Json = serde_json::from_str(&out(&again)).expect("JSON");
    assert_eq!(again["errors"], 0, "{again:#}");
    assert_eq!(
        again["warnings"]
            .as_u64()
            .and_then(|count| usize::try_from(count).ok()),
        Some(features.len()),
        "{again:#}"
    );
}

#[test]
fn junit_is_xml_with_a_case_per_check() {
    let read = |deny: &[&str]| {
        let (_, xml) = check(&town(), &[&["--format", "junit"], deny].concat());
        let folder = tempfile::TempDir::new().expect("a folder");
        let path = folder.path().join("junit.xml");
        fs::write(&path, xml).expect("written");
        let script = "import sys, xml.etree.ElementTree as E\n\
            s = E.parse(sys.argv[1]).getroot()\n\
            c = list(s.iter('testcase'))\n\
            f = [x.get('name') for x in c if x.find('failure') is not None]\n\
            assert s.get('tests') == str(len(c)) and s.get('failures') == str(len(f))\n\
            t = ''.join(x.itertext() and ''.join(x.itertext()) for x in c)\n\
            assert 'id c & \"<d>\"' in t and '<&\\\\\"nobody\\\\\">' in t, t\n\
            print(len(c), ' '.join(f))";
        let output = Command::new("python3")
            .args(["-c", script])
            .arg(&path)
            .output()
            .expect("python3");
        assert!(
            output.status.success(),
            "{}",
            String::from_utf8_lossy(&output.stderr)
        );
        out(&output)
    };
    let checks = buju::model::CHECKS.len();
    assert_eq!(read(&[]).trim(), checks.to_string());
    assert_eq!(
        read(&["--deny", "warnings"]).trim(),
        format!("{checks} overlap unknown-whole no-reason")
    );
}

/// What the schema of SARIF 2.1.0 requires of what is written here.
#[test]
fn sarif_has_what_its_schema_requires() {
    let (_, sarif) = check(&town(), &["--format", "sarif"]);
    let sarif: Json = serde_json::from_str(&sarif).expect("JSON");
    assert_eq!(sarif["version"], "2.1.0");
    let run = &sarif["runs"][0];
    let rules = run["tool"]["driver"]["rules"].as_array().expect("rules");
    assert!(run["tool"]["driver"]["name"].is_string());
    let results = run["results"].as_array().expect("results");
    assert_eq!(results.len(), 4);
    for result in results {
        let rule = usize::try_from(result["ruleIndex"].as_u64().expect("an index")).expect("small");
        assert_eq!(rules[rule]["id"], result["ruleId"]);
        assert_eq!(result["level"], "warning");
        assert!(
            result["message"]["text"]
                .as_str()
                .is_some_and(|text| !text.is_empty())
        );
        let place = &result["locations"][0];
        assert_eq!(
            place["physicalLocation"]["artifactLocation"]["uri"],
            "geodata/plots.geojson"
        );
        let name = place["logicalLocations"][0]["fullyQualifiedName"].as_str();
        assert!(
            name.is_some_and(|name| name.starts_with("plots/")),
            "{result}"
        );
    }
}

#[test]
fn the_list_says_what_is_off() {
    let town = Town::new("off = [\"overlap\"]").with("plots", "", &["name_zh"], &[]);
    let (code, text) = check(&town, &["--list"]);
    assert_eq!(code, Some(0));
    assert!(
        text.contains("overlap (warning, by buju check, off) Overlap 地块重叠\n"),
        "{text}"
    );
    let (_, json) = check(&town, &["--list", "--format", "json"]);
    let json: Json = serde_json::from_str(&json).expect("JSON");
    let all = json.as_array().expect("checks");
    assert_eq!(all.len(), buju::model::CHECKS.len());
    let off: Vec<_> = all
        .iter()
        .filter(|check| check["on"] == false)
        .map(|check| &check["check"])
        .collect();
    assert_eq!(off, [&json!("overlap")]);
}
