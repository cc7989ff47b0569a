//! What a plan says about its audit, and the table of checks.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use buju::model::{CHECKS, Scope, Severity};
use serde_json::json;

use super::town::{Town, feature, rectangle};

#[test]
fn an_unknown_name_is_an_error_with_the_one_that_was_meant() {
    let reason = |audit: &str| {
        let errors = Town::new(audit)
            .with("plots", "", &["name_zh"], &[])
            .setting_errors();
        assert_eq!(errors.len(), 1, "{audit}: {errors:?}");
        errors[0].clone()
    };
    let wrong = reason("off = [\"overlaps\"]");
    assert!(
        wrong.contains("\"overlaps\"") && wrong.contains("\"overlap\""),
        "{wrong}"
    );
    // Nothing is near.
    let wrong = reason("off = [\"nix\"]");
    assert!(
        wrong.ends_with("there is no check \"nix\": `buju check --list` lists them"),
        "{wrong}"
    );
    let always = reason("off = [\"invalid-geometry\"]");
    assert!(always.contains("cannot be off"), "{always}");
    for number in ["-1.0", "nan", "inf"] {
        let wrong = reason(&format!("gap_m2 = {number}"));
        assert!(wrong.contains("audit.gap_m2"), "{wrong}");
    }
    let key = Town::new("gaps = 1.0")
        .with("plots", "", &["name_zh"], &[])
        .load();
    let finding = key.findings.first().expect("an error");
    assert!(
        finding.reason.contains("gaps") && finding.line.is_some(),
        "{finding:?}"
    );
}

#[test]
fn collections_and_columns_that_a_check_names_are_there() {
    for (audit, word) in [
        ("tiles = \"zone\"", "\"zone\" is not a collection"),
        ("inside = \"plots\"", "is the collection itself"),
        (
            "along = { collection = \"roads\" }",
            "\"roads\" is not a collection",
        ),
        (
            "in_order = [\"name_zh\", \"done_on\"]",
            "\"name_zh\" is not a date",
        ),
    ] {
        let town = Town::new("").with("plots", audit, &["name_zh", "done_on"], &[]);
        let errors = town.setting_errors();
        assert!(
            errors.len() == 1 && errors[0].contains(word),
            "{audit}: {errors:?}"
        );
        assert!(errors[0].contains("\"plots\""), "{errors:?}");
    }
}

#[test]
fn a_warning_of_loading_can_be_off_too() {
    // Clockwise.
    let mut plot = feature("a", rectangle(0.0, 0.0, 10.0, 10.0), json!({}));
    plot["geometry"]["coordinates"][0]
        .as_array_mut()
        .expect("a ring")
        .reverse();
    let plots = [plot];
    let found = |audit: &str| {
        Town::new(audit)
            .with("plots", "", &["name_zh"], &plots)
            .load()
            .findings
    };
    assert_eq!(found("").len(), 1);
    assert!(found("off = [\"ring-orientation\"]").is_empty());
}

/// Names of checks as the source has them, in the calls that report one.
fn reported(folder: &Path, names: &mut BTreeSet<String>) {
    for entry in fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            if !path.ends_with("tests") {
                reported(&path, names);
            }
            continue;
        }
        let source = fs::read_to_string(&path).expect("a source file");
        for call in [
            "Finding::error(",
            "Finding::warning(",
            "Said(",
            "report(",
            "error(",
            "wrong(",
            "tell(",
            "Error, ",
            "Warning, ",
        ] {
            for (at, _) in source.match_indices(call) {
                let rest = source[at + call.len()..].trim_start();
                let rest = rest.trim_start_matches("Severity::Error,").trim_start();
                let rest = rest.trim_start_matches("Severity::Warning,").trim_start();
                let Some(name) = rest.strip_prefix('"').and_then(|rest| rest.split_once('"'))
                else {
                    continue;
                };
                let (name, after) = name;
                let plain =
                    !name.is_empty() && name.bytes().all(|b| b.is_ascii_lowercase() || b == b'-');
                if plain && after.starts_with(',') {
                    names.insert(name.to_owned());
                }
            }
        }
    }
}

#[test]
fn every_check_that_is_reported_is_in_the_table() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut names = BTreeSet::new();
    reported(&root.join("ingest"), &mut names);
    assert!(names.len() > 15, "{names:?}");
    for name in &names {
        let known = CHECKS.iter().find(|check| check.name == name);
        let known = known.unwrap_or_else(|| panic!("{name} is in no row of src/model/check.rs"));
        assert_ne!(known.scope, Scope::Audit, "{name}");
    }
    // And the other way round, for those of the audit.
    let mut sources = String::new();
    for entry in fs::read_dir(root.join("audit")).expect("a folder") {
        sources += &fs::read_to_string(entry.expect("an entry").path()).expect("a source file");
    }
    for check in CHECKS.iter().filter(|check| check.scope == Scope::Audit) {
        assert!(
            sources.contains(&format!("= \"{}\";", check.name)),
            "{} is not made",
            check.name
        );
        assert_eq!(check.severity, Severity::Warning);
    }
}

#[test]
fn settings_that_the_table_names_are_there() {
    let settings = json!(buju::model::AuditSettings::default());
    for check in CHECKS {
        for key in check.settings {
            let found = key
                .split('.')
                .try_fold(&settings, |json, part| json.get(part));
            assert!(found.is_some(), "{}: {key}", check.name);
        }
    }
}

#[test]
fn columns_that_the_plan_names_are_there_and_can_be_read() {
    for (audit, word) in [
        (
            "whole = \"nix\"",
            "whole: no collection has a column \"nix\"",
        ),
        (
            "sums = [\"site_area_m2\", \"nix\"]",
            "sums: no collection has a column \"nix\"",
        ),
        (
            "site_areas = [\"name_zh\"]",
            "\"name_zh\" is no column of numbers",
        ),
        (
            "floor_areas = [\"cost\"]",
            "\"cost\" is in a unit that is none of areas",
        ),
        ("whole = \"cost\"", "\"cost\" is no column of texts"),
    ] {
        let town = Town::new(&format!("columns = {{ {audit} }}"));
        let town = town.with("plots", "", &["name_zh", "cost:万元", "site_area_m2"], &[]);
        let errors = town.setting_errors();
        assert!(
            errors.len() == 1 && errors[0].contains(word),
            "{audit}: {errors:?}"
        );
    }
    // What is looked for anyway need not be there.
    let town = Town::new("columns = { whole = \"part_of\" }").with("plots", "", &["name_zh"], &[]);
    assert_eq!(town.setting_errors(), [""; 0]);
    let one = Town::new("").with("plots", "in_order = [\"a_on\"]", &["a_on"], &[]);
    assert!(one.setting_errors()[0].contains("name two or more"));
}
