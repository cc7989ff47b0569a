//! What is wrong in a plan folder is named with its place, all of it in one run, and refuses the plan.

use std::fs;
use std::path::Path;

use buju::ingest::{self, Outcome, PlanFiles};
use buju::model::{Finding, Severity};
use tempfile::TempDir;

use crate::support;

/// A copy of the shipped plan's folder, to be broken.
pub fn copy() -> TempDir {
    let folder = TempDir::new().expect("a folder");
    for part in ["seeds", "geodata"] {
        fs::create_dir(folder.path().join(part)).expect("a folder");
        for entry in fs::read_dir(support::shipped().join(part)).expect("the plan") {
            let entry = entry.expect("an entry");
            fs::copy(
                entry.path(),
                folder.path().join(part).join(entry.file_name()),
            )
            .expect("a copy");
        }
    }
    folder
}

pub fn edit(folder: &Path, file: &str, change: impl FnOnce(String) -> String) {
    let path = folder.join(file);
    let before = fs::read_to_string(&path).expect("a file");
    let after = change(before.clone());
    assert_ne!(before, after, "{file} was not changed");
    fs::write(path, after).expect("written");
}

fn load(folder: &Path) -> Outcome {
    ingest::load(&PlanFiles::Folder(folder.to_owned())).expect("a readable folder")
}

/// The findings of one check; the plan must be refused if they are errors.
fn findings(folder: &Path, check: &str) -> Vec<Finding> {
    let outcome = load(folder);
    let found: Vec<_> = outcome
        .findings
        .iter()
        .filter(|finding| finding.check == check)
        .cloned()
        .collect();
    assert!(!found.is_empty(), "no {check} in {:#?}", outcome.findings);
    if found
        .iter()
        .any(|finding| finding.severity == Severity::Error)
    {
        assert!(outcome.loaded.is_none(), "an error did not refuse the plan");
    }
    found
}

fn only(folder: &Path, check: &str) -> Finding {
    let mut found = findings(folder, check);
    assert_eq!(found.len(), 1, "{found:#?}");
    found.remove(0)
}

/// Replaces a feature of `geodata/parcels.geojson`.
fn with_e4(change: impl FnOnce(&mut serde_json::Value)) -> TempDir {
    let folder = copy();
    edit(folder.path(), "geodata/parcels.geojson", |text| {
        let mut json: serde_json::Value = serde_json::from_str(&text).expect("JSON");
        let features = json["features"].as_array_mut().expect("features");
        let e4 = features
            .iter_mut()
            .find(|feature| feature["id"] == "jinhuan-e4-redevelopment");
        change(e4.expect("E4"));
        json.to_string()
    });
    folder
}

fn square(corners: &[[f64; 2]]) -> serde_json::Value {
    serde_json::json!({ "type": "Polygon", "coordinates": [corners] })
}

#[test]
fn a_folder_that_does_not_exist() {
    let error = ingest::load(&PlanFiles::Folder("/no/such/plan".into())).expect_err("no folder");
    assert!(error.to_string().contains("/no/such/plan"), "{error}");
}

#[test]
fn a_missing_file() {
    let folder = copy();
    fs::remove_file(folder.path().join("geodata/zones.geojson")).expect("removed");
    assert_eq!(
        only(folder.path(), "missing-file").file,
        "geodata/zones.geojson"
    );
    fs::remove_file(folder.path().join("seeds/projects.csv")).expect("removed");
    let files: Vec<_> = findings(folder.path(), "missing-file")
        .into_iter()
        .map(|f| f.file)
        .collect();
    assert_eq!(
        files,
        ["seeds/projects.csv", "geodata/zones.geojson"],
        "all in one run"
    );
    let all = load(folder.path()).findings;
    let errors = all.iter().filter(|f| f.severity == Severity::Error);
    assert_eq!(errors.count(), 2, "a missing file is told once: {all:#?}");
}

#[test]
fn a_broken_csv_row() {
    let folder = copy();
    edit(folder.path(), "seeds/projects.csv", |text| {
        text.lines()
            .enumerate()
            .map(|(at, line)| {
                if at == 3 {
                    "only,three,fields\n".to_owned()
                } else {
                    format!("{line}\n")
                }
            })
            .collect()
    });
    let finding = only(folder.path(), "syntax");
    assert_eq!(
        (finding.file.as_str(), finding.line),
        ("seeds/projects.csv", Some(4))
    );
    assert!(finding.reason.contains("found 3"), "{}", finding.reason);
}

#[test]
fn a_register_that_nobody_named() {
    let folder = copy();
    edit(folder.path(), "seeds/plan.toml", |text| {
        text.replacen("register = \"projects.csv\"\n", "", 1)
    });
    let outcome = load(folder.path());
    assert!(outcome.loaded.is_none());
    for finding in &outcome.findings {
        assert!(
            finding.check == "setting" && finding.reason.contains("seeds/plan.toml"),
            "{finding}"
        );
    }
}

/// What follows an open quote would be one cell, and every row in it lost.
#[test]
fn a_register_cut_within_quotes() {
    let folder = copy();
    let mut line = 0;
    edit(folder.path(), "seeds/projects.csv", |text| {
        let cut = text.rfind('"').expect("a quoted cell") - 10;
        line = text[..cut].matches('\n').count() + 1;
        text[..cut].to_owned()
    });
    let finding = only(folder.path(), "syntax");
    assert_eq!(
        (finding.file.as_str(), finding.line),
        ("seeds/projects.csv", Some(line))
    );
    assert!(finding.reason.contains("never closed"), "{finding}");
    // Doubled quotes, line ends within quotes and a quote within a bare cell are none.
    let folder = copy();
    edit(folder.path(), "seeds/projects.csv", |text| {
        text.replacen(",上海传耘", ",\"a \"\"b\"\"\r\nc\"\"\" 5\" 上海传耘", 1)
    });
    let outcome = load(folder.path());
    assert!(outcome.loaded.is_some(), "{:#?}", outcome.findings);
}

/// Spreadsheets on Windows end lines with CRLF, and people leave lines blank.
#[test]
fn lines_are_counted_as_an_editor_does() {
    for (ending, blank) in [("\n", ""), ("\r\n", ""), ("\n", "\n\n"), ("\r\n", "\r\n")] {
        let folder = copy();
        edit(folder.path(), "seeds/projects.csv", |text| {
            let mut lines: Vec<_> = text.lines().map(str::to_owned).collect();
            lines[2] = format!("{blank}{}", lines[2].replacen(",parcels,", ",parcelz,", 1));
            lines[3] = "only,three,fields".to_owned();
            format!("\u{feff}{}{ending}", lines.join(ending))
        });
        let line = |check| only(folder.path(), check).line;
        let above = blank.matches('\n').count();
        assert_eq!(line("unknown-collection"), Some(3 + above), "{ending:?}");
        assert_eq!(line("syntax"), Some(4 + above), "{ending:?}");
    }
}

#[test]
fn a_byte_order_mark_is_no_problem() {
    let folder = copy();
    for file in [
        "seeds/plan.toml",
        "seeds/collections.toml",
        "seeds/projects.csv",
        "geodata/parcels.geojson",
    ] {
        edit(folder.path(), file, |text| format!("\u{feff}{text}"));
    }
    let outcome = load(folder.path());
    assert!(outcome.loaded.is_some(), "{:#?}", outcome.findings);
}

#[test]
fn a_file_cut_in_half() {
    let folder = copy();
    edit(folder.path(), "geodata/greens.geojson", |text| {
        text.chars().take(text.chars().count() / 2).collect()
    });
    let finding = only(folder.path(), "syntax");
    assert_eq!(finding.file, "geodata/greens.geojson");
    assert!(
        finding.line.is_some() && finding.reason.contains("cut short"),
        "{finding}"
    );
}

#[test]
fn a_polygon_that_crosses_itself() {
    let folder = with_e4(|e4| {
        e4["geometry"] = square(&[
            [121.36, 31.27],
            [121.37, 31.28],
            [121.37, 31.27],
            [121.36, 31.28],
            [121.36, 31.27],
        ]);
    });
    let finding = only(folder.path(), "invalid-geometry");
    assert_eq!(finding.id.as_deref(), Some("jinhuan-e4-redevelopment"));
    assert!(
        finding.index.is_some() && finding.reason.contains("itself at"),
        "{finding}"
    );
}

#[test]
fn a_polygon_without_area() {
    let line = [
        [121.36, 31.27],
        [121.361, 31.27],
        [121.362, 31.27],
        [121.36, 31.27],
    ];
    let folder = with_e4(|e4| e4["geometry"] = square(&line));
    let finding = only(folder.path(), "invalid-geometry");
    assert!(finding.reason.contains("no area"), "{finding}");
}

#[test]
fn a_ring_that_is_not_closed() {
    let folder = with_e4(|e4| {
        e4["geometry"] = square(&[
            [121.36, 31.27],
            [121.37, 31.27],
            [121.37, 31.28],
            [121.36, 31.28],
        ]);
    });
    assert!(
        only(folder.path(), "ring-not-closed")
            .reason
            .contains("[121.36, 31.27]")
    );
}

#[test]
fn a_ring_wound_the_wrong_way_is_turned_and_told() {
    let folder = with_e4(|e4| {
        let ring = e4["geometry"]["coordinates"][0]
            .as_array_mut()
            .expect("a ring");
        ring.reverse();
    });
    assert_eq!(
        only(folder.path(), "ring-orientation").severity,
        Severity::Warning
    );
    let loaded = load(folder.path())
        .loaded
        .expect("a warning does not refuse");
    let parcels = &loaded
        .collections
        .iter()
        .find(|(info, _)| info.id == "parcels")
        .expect("parcels")
        .1;
    let e4 = parcels
        .iter()
        .find(|feature| feature.id == "jinhuan-e4-redevelopment")
        .expect("E4");
    let Some(geo::Geometry::Polygon(polygon)) = &e4.geometry else {
        panic!("no polygon")
    };
    assert!(geo::Winding::is_ccw(polygon.exterior()));
}

#[test]
fn longitude_and_latitude_exchanged() {
    let folder = with_e4(|e4| {
        for position in e4["geometry"]["coordinates"][0]
            .as_array_mut()
            .expect("a ring")
        {
            position.as_array_mut().expect("a position").reverse();
        }
    });
    let finding = only(folder.path(), "out-of-range");
    assert!(finding.reason.contains("exchanged"), "{finding}");
}

#[test]
fn a_place_outside_the_plan() {
    let folder = with_e4(|e4| {
        e4["geometry"] = square(&[[120.0, 31.0], [120.1, 31.0], [120.1, 31.1], [120.0, 31.0]]);
    });
    assert!(
        only(folder.path(), "outside-extent")
            .reason
            .contains("[120, 31]")
    );
}

#[test]
fn an_extent_across_the_180th_meridian() {
    let fiji = [
        [179.9, -16.8],
        [180.0, -16.8],
        [180.0, -16.7],
        [179.9, -16.8],
    ];
    let folder = with_e4(|e4| e4["geometry"] = square(&fiji));
    edit(folder.path(), "seeds/plan.toml", |text| {
        text.replacen(
            "[121.315, 31.254, 121.406, 31.31]",
            "[121.315, -17, -179, 31.31]",
            1,
        )
    });
    let outcome = load(folder.path());
    let outside = |finding: &&Finding| finding.check == "outside-extent";
    assert_eq!(outcome.findings.iter().find(outside), None);
}

#[test]
fn a_cell_of_the_wrong_type() {
    let folder = copy();
    edit(folder.path(), "seeds/projects.csv", |text| {
        text.replace(",11820,", ",large,")
    });
    let finding = only(folder.path(), "wrong-type");
    assert_eq!(finding.column.as_deref(), Some("site_area_m2"));
    assert_eq!(finding.id.as_deref(), Some("jinhuan-e4-redevelopment"));
    assert!(
        finding.line.is_some() && finding.reason.contains("large"),
        "{finding}"
    );
    let folder = with_e4(|e4| e4["properties"]["position_accuracy_m"] = "near".into());
    assert_eq!(
        only(folder.path(), "wrong-type").file,
        "geodata/parcels.geojson"
    );
}

#[test]
fn ids_used_twice() {
    let folder = copy();
    edit(folder.path(), "seeds/projects.csv", |text| {
        let row = text
            .lines()
            .find(|line| line.starts_with("jinhuan-e4-redevelopment"))
            .expect("E4")
            .to_owned();
        format!("{text}{row}\n")
    });
    let finding = only(folder.path(), "duplicate-id");
    assert_eq!(
        (finding.file.as_str(), finding.line),
        ("seeds/projects.csv", Some(94)),
        "{finding}"
    );
    let folder = copy();
    edit(folder.path(), "geodata/zones.geojson", |text| {
        text.replacen("\"weilaidao-s06\"", "\"jinhuan-e4-redevelopment\"", 1)
    });
    let finding = only(folder.path(), "duplicate-id");
    assert!(
        finding.file == "geodata/zones.geojson"
            && finding.reason.contains("geodata/parcels.geojson"),
        "{finding}"
    );
}

#[test]
fn rows_and_features_that_do_not_meet() {
    let folder = copy();
    edit(folder.path(), "geodata/zones.geojson", |text| {
        text.replacen("\"weilaidao-s06\"", "\"weilaidao-s07\"", 1)
    });
    let missing = only(folder.path(), "row-without-entry");
    assert_eq!(
        (missing.file.as_str(), missing.id.as_deref()),
        ("seeds/projects.csv", Some("weilaidao-s06"))
    );
    let extra = only(folder.path(), "entry-without-row");
    assert_eq!(
        (extra.file.as_str(), extra.id.as_deref()),
        ("geodata/zones.geojson", Some("weilaidao-s07"))
    );
}

#[test]
fn columns_that_nobody_declared() {
    let folder = with_e4(|e4| e4["properties"]["colour"] = "red".into());
    let finding = only(folder.path(), "unknown-column");
    assert_eq!(finding.column.as_deref(), Some("colour"));
    let folder = copy();
    edit(folder.path(), "seeds/projects.csv", |text| {
        text.replacen("plot_ratio,", "far,", 1)
    });
    assert_eq!(
        only(folder.path(), "unknown-column").column.as_deref(),
        Some("far")
    );
}

#[test]
fn a_code_that_is_not_in_the_list() {
    let folder = with_e4(|e4| e4["properties"]["geometry_basis"] = "surveyed-ish".into());
    let finding = only(folder.path(), "unknown-code");
    assert!(finding.reason.contains("schematic"), "{finding}");
    assert_eq!(finding.file, "geodata/parcels.geojson");
    // A cell of the register is wrong in the register.
    let folder = copy();
    edit(folder.path(), "seeds/projects.csv", |text| {
        text.replacen(",new-build,", ",new-bild,", 1)
    });
    let finding = only(folder.path(), "unknown-code");
    assert_eq!(
        (finding.file.as_str(), finding.line, finding.index),
        ("seeds/projects.csv", Some(2), None)
    );
    assert!(finding.reason.contains("new-bild"), "{finding}");
}

#[test]
fn a_geometry_of_another_kind() {
    let folder = with_e4(|e4| {
        e4["geometry"] = serde_json::json!({ "type": "Point", "coordinates": [121.36, 31.27] });
    });
    let info = load(&support::shipped()).loaded.expect("the plan");
    let parcels = &info
        .collections
        .iter()
        .find(|(info, _)| info.id == "parcels")
        .expect("parcels")
        .0;
    if parcels.geometry == buju::model::GeometryKind::Polygon {
        assert!(
            only(folder.path(), "geometry-kind")
                .reason
                .contains("Point")
        );
    } else {
        panic!("parcels hold polygons");
    }
}

#[test]
fn settings_with_a_typing_error() {
    let folder = copy();
    edit(folder.path(), "seeds/plan.toml", |text| {
        text.replacen("extent", "extend", 1)
    });
    let finding = only(folder.path(), "syntax");
    assert!(
        finding.file == "seeds/plan.toml"
            && finding.line.is_some()
            && finding.reason.contains("extend"),
        "{finding}"
    );
    let folder = copy();
    edit(folder.path(), "seeds/collections.toml", |text| {
        text.replacen("\"parcels.geojson\"", "\"../parcels.geojson\"", 1)
    });
    assert!(
        findings(folder.path(), "setting")[0]
            .reason
            .contains("../parcels.geojson")
    );
}

/// Both would be lost: a name beside the table's own, and a column that no query can ask for.
#[test]
fn columns_with_a_name_that_cannot_be_theirs() {
    let folder = copy();
    edit(folder.path(), "seeds/collections.toml", |text| {
        text.replacen(
            "[columns.plot_ratio]",
            "[columns.plot_ratio]\nname = \"far\"",
            1,
        )
    });
    assert!(only(folder.path(), "syntax").reason.contains("name"));
    for name in ["id", "limit", "label_lon"] {
        let folder = copy();
        edit(folder.path(), "seeds/collections.toml", |text| {
            text.replace("\"max_height_m\"", &format!("{name:?}"))
                .replace("[columns.max_height_m]", &format!("[columns.{name}]"))
        });
        assert!(only(folder.path(), "setting").reason.contains(name));
    }
}

#[test]
fn a_view_that_looks_elsewhere() {
    for (right, wrong) in [
        ("[121.3605, 31.2815]", "[31.2815, 121.3605]"),
        ("zoom = 13.5", "zoom = nan"),
    ] {
        let folder = copy();
        edit(folder.path(), "seeds/plan.toml", |text| {
            text.replacen(right, wrong, 1)
        });
        let finding = only(folder.path(), "setting");
        assert!(finding.reason.starts_with("view: "), "{finding}");
    }
}

#[test]
fn a_view_that_opens_with_what_is_not_there() {
    let good = "opens = { rail = \"filter\", drawer = \"half\" }";
    for (wrong, word) in [
        ("opens = { filter = \"far:2~3\" }", "no column \"far\""),
        ("opens = { filter = \"plot_ratio\" }", "column:value"),
        ("opens = { sort = \"-name_zh,size\" }", "no column \"size\""),
        (
            "opens = { collection = \"plots\", sort = \"name_zh\" }",
            "\"plots\" is not a collection",
        ),
    ] {
        let folder = copy();
        edit(folder.path(), "seeds/plan.toml", |text| {
            text.replacen(good, wrong, 1)
        });
        let finding = only(folder.path(), "setting");
        assert!(
            finding.reason.starts_with("view \"parcels\": opens: ")
                && finding.reason.contains(word),
            "{finding}"
        );
    }
    let folder = copy();
    edit(folder.path(), "seeds/plan.toml", |text| {
        text.replacen(good, "opens = { drawer = \"ajar\" }", 1)
    });
    assert!(only(folder.path(), "syntax").reason.contains("ajar"));
}

#[test]
fn a_base_map_that_cannot_be_asked() {
    let map = "\n[[basemaps]]\nid = \"a\"\nkind = \"xyz\"\ncrs = \"cgcs2000\"\nurl = \"https://{x}.example/{z}/{y}\"\ntitle = { zh = \"甲\", en = \"A\" }\nattribution = { zh = \"甲\", en = \"A\" }\n";
    let folder = copy();
    edit(folder.path(), "seeds/plan.toml", |text| {
        format!("{text}{map}")
    });
    let reason = only(folder.path(), "setting").reason;
    assert!(
        reason.starts_with("basemap \"a\": url") && reason.contains("placeholders"),
        "{reason}"
    );
}

#[test]
fn a_geojson_in_another_crs() {
    let folder = copy();
    edit(folder.path(), "geodata/housing.geojson", |text| {
        text.replacen(
            '{',
            r#"{"crs":{"type":"name","properties":{"name":"urn:ogc:def:crs:EPSG::4549"}},"#,
            1,
        )
    });
    assert!(only(folder.path(), "crs").reason.contains("4549"));
}

#[test]
fn everything_wrong_is_told_in_one_run() {
    let folder = copy();
    edit(folder.path(), "seeds/projects.csv", |text| {
        text.replace(",11820,", ",large,")
            .replace(",51349,", ",larger,")
    });
    edit(folder.path(), "geodata/greens.geojson", |text| {
        text[..text.len() - 5].to_owned()
    });
    edit(folder.path(), "geodata/waters.geojson", |text| {
        text.replacen("\"geometry_basis\"", "\"basis\"", 1)
    });
    let outcome = load(folder.path());
    let checks: Vec<_> = outcome
        .findings
        .iter()
        .map(|finding| finding.check)
        .collect();
    for check in ["wrong-type", "syntax", "unknown-column"] {
        assert!(checks.contains(&check), "{check} is not in {checks:?}");
    }
    assert_eq!(
        checks
            .iter()
            .filter(|check| **check == "wrong-type")
            .count(),
        2
    );
}
