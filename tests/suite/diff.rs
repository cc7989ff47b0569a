//! Differences between plan folders that a test has edited.

use std::fs;
use std::path::Path;

use buju::diff::{Change, Place, details, diff};
use buju::model::Value;
use proptest::collection::btree_map;
use proptest::prelude::*;
use serde_json::{Value as Json, json};

use crate::audit::town::{Town, feature, line, polygon, rectangle};
use crate::bad_input::{copy, edit};
use crate::cli::{buju, out};
use crate::gdal::ogrinfo;

fn run(old: &Path, new: &Path, format: &str) -> (Option<i32>, String) {
    let path = |path: &Path| path.to_str().expect("a path").to_owned();
    let output = buju(&["diff", &path(old), &path(new), "--format", format]);
    (output.status.code(), out(&output))
}

#[test]
fn equal_plans_differ_in_nothing() {
    let (one, other) = (copy(), copy());
    let (code, text) = run(one.path(), other.path(), "text");
    assert_eq!(
        (code, text.as_str()),
        (
            Some(0),
            "0 added, 0 removed, 0 moved, 0 changed; 0 settings\n"
        )
    );
    let (code, json) = run(one.path(), other.path(), "json");
    let json: Json = serde_json::from_str(&json).expect("JSON");
    assert_eq!((code, &json["equal"]), (Some(0), &json!(true)));
    assert_eq!(json["old"], json["new"]);
}

#[test]
fn help_has_an_example() {
    let help = out(&buju(&["diff", "--help"]));
    assert!(help.contains("Example: buju diff"), "{help}");
}

/// The shipped plan with five edits.
fn edited() -> tempfile::TempDir {
    let folder = copy();
    edit(folder.path(), "seeds/plan.toml", |text| {
        text.replace("zoom = 13.5", "zoom = 12.5")
    });
    edit(folder.path(), "seeds/collections.toml", |text| {
        text.replacen("tolerance = 0.01", "tolerance = 0.05", 1)
    });
    edit(folder.path(), "seeds/projects.csv", |text| {
        let kept: Vec<_> = text
            .lines()
            .filter(|line| !line.starts_with("enterprise-service-centre,"))
            .collect();
        kept.join("\n").replace(",11820,", ",11920,") + "\n"
    });
    edit(folder.path(), "geodata/facilities.geojson", |text| {
        let mut json: Json = serde_json::from_str(&text).expect("JSON");
        let features = json["features"].as_array_mut().expect("features");
        features.retain(|one| one["id"] != "enterprise-service-centre");
        json.to_string()
    });
    edit(folder.path(), "geodata/context.geojson", |text| {
        let mut json: Json = serde_json::from_str(&text).expect("JSON");
        let features = json["features"].as_array_mut().expect("features");
        let station = features
            .iter_mut()
            .find(|one| one["id"] == "station-gulang-road")
            .expect("it");
        // A thousandth of a degree of latitude is some 111 m.
        let north = station["geometry"]["coordinates"][1]
            .as_f64()
            .expect("a number")
            + 0.001;
        station["geometry"]["coordinates"][1] = json!(north);
        let mut added = features[0].clone();
        added["id"] = json!("boundary-new");
        features.push(added);
        json.to_string()
    });
    folder
}

#[test]
fn edits_are_told_value_by_value() {
    let (old, new) = (copy(), edited());
    let (code, json) = run(old.path(), new.path(), "json");
    assert_eq!(code, Some(1));
    let json: Json = serde_json::from_str(&json).expect("JSON");
    assert_eq!(json["equal"], false);
    assert_ne!(json["old"]["version"], json["new"]["version"]);
    assert_eq!(
        json["settings"],
        json!([
            { "file": "plan.toml", "path": "view.zoom", "old": 13.5, "new": 12.5 },
            { "file": "collections.toml", "path": "columns.plot_ratio.agrees_with.tolerance", "old": 0.01, "new": 0.05 },
        ])
    );
    let of = |id: &str| {
        let all = json["collections"].as_array().expect("collections").iter();
        all.clone()
            .find(|one| one["id"] == id)
            .expect("a collection")
    };
    assert_eq!(of("zones")["features"], json!([]));
    assert_eq!(of("zones")["unchanged"], 16);
    let e4 = &of("parcels")["features"];
    assert_eq!(e4.as_array().map(Vec::len), Some(1));
    assert_eq!(e4[0]["id"], "jinhuan-e4-redevelopment");
    // What is computed from it has changed too, and is no edit.
    assert_eq!(
        e4[0]["values"],
        json!([{ "column": "site_area_m2", "old": 11820, "new": 11920 }])
    );
    assert!(e4[0].get("place").is_none());
    let gone = &of("facilities")["features"][0];
    assert_eq!(
        (&gone["id"], &gone["change"]),
        (&json!("enterprise-service-centre"), &json!("removed"))
    );
    let context = of("context");
    assert_eq!(
        ["added", "removed", "moved", "changed"].map(|kind| context[kind].as_u64()),
        [1, 0, 1, 0].map(Some)
    );
    assert_eq!(context["features"][1]["change"], "moved");
    assert_eq!(context["features"][0]["id"], "boundary-new");
    let moved = &context["features"][1]["place"];
    assert_eq!(moved["change"], "moved");
    for key in ["farthest_m", "centre_m"] {
        let metres = moved[key].as_f64().expect("metres");
        assert!((metres - 110.9).abs() < 0.2, "{moved}");
    }
}

#[test]
fn the_text_is_for_people() {
    let (code, text) = run(copy().path(), edited().path(), "text");
    assert_eq!(code, Some(1));
    for line in [
        "seeds/plan.toml\n  view.zoom",
        "parcels: 0 added, 0 removed, 0 moved, 1 changed, 9 as before\n",
        "  ~ jinhuan-e4-redevelopment  金环 E4 地块转型项目（新金环88广场）\n      site_area_m2  11820 -> 11920\n",
        "  - enterprise-service-centre  企业服务中心\n",
        "  + boundary-new  桃浦镇\n",
        "  > station-gulang-road  古浪路站\n      geometry  moved by up to 110.",
        "\n1 added, 1 removed, 1 moved, 1 changed; 2 settings\n",
    ] {
        assert!(text.contains(line), "{line:?} is not in\n{text}");
    }
}

#[test]
fn gdal_reads_the_layer_of_changes() {
    let (_, layer) = run(copy().path(), edited().path(), "geojson");
    let folder = tempfile::TempDir::new().expect("a folder");
    let path = folder.path().join("changes.geojson");
    fs::write(&path, layer).expect("written");
    let info = ogrinfo(&["-ro", "-al", path.to_str().expect("a path")]);
    assert_eq!(info.matches("OGRFeature(changes)").count(), 4, "{info}");
    for line in [
        "change (String) = added",
        "change (String) = removed",
        "change (String) = moved",
        "change (String) = changed",
        "changes (String) = site_area_m2: 11820 -> 11920",
        "of_id (String) = station-gulang-road",
        "POLYGON",
    ] {
        assert!(info.contains(line), "{line} is not in\n{info}");
    }
}

#[test]
fn a_plan_that_cannot_be_read_is_trouble() {
    let fine = copy();
    let (code, _) = run(fine.path(), Path::new("/no/such/plan"), "text");
    assert_eq!(code, Some(2));
    let broken = copy();
    edit(broken.path(), "seeds/projects.csv", |text| {
        text.replace(",11820,", ",large,")
    });
    let paths = [fine.path(), broken.path()].map(|path| path.to_str().expect("a path").to_owned());
    let output = buju(&["diff", &paths[0], &paths[1]]);
    assert_eq!(output.status.code(), Some(2));
    let message = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(
        message.contains("site_area_m2") && message.contains("cannot be compared"),
        "{message}"
    );
}

#[test]
fn a_feature_can_change_its_collection_and_lose_its_place() {
    let town = |plots: &[Json], others: &[Json]| {
        Town::new("")
            .with("plots", "", &["name_zh", "site_area_m2"], plots)
            .with("others", "", &["name_zh"], others)
    };
    let square = rectangle(0.0, 0.0, 10.0, 10.0);
    let wide = rectangle(0.0, 0.0, 20.0, 10.0);
    let named = |id: &str, geometry: Json| feature(id, geometry, json!({ "name_zh": id }));
    let road = line(&[(0.0, 0.0), (100.0, 0.0)]);
    let old = town(
        &[
            named("moves", square.clone()),
            named("lost", square.clone()),
            named("grows", square.clone()),
            named("same", road.clone()),
        ],
        &[named("found", Json::Null)],
    );
    let new = town(
        &[
            named("lost", Json::Null),
            named("grows", wide),
            named("same", road),
        ],
        &[named("moves", square.clone()), named("found", square)],
    );
    let (old, new) = (old.snapshot(), new.snapshot());
    let difference = diff(&old, &new, 0.0);
    assert!(difference.settings.is_empty(), "{:?}", difference.settings);
    let all: Vec<_> = difference
        .changes()
        .map(|change| details(&difference, change))
        .collect();
    let ids: Vec<_> = all.iter().map(|details| details.id.as_str()).collect();
    assert_eq!(ids, ["grows", "lost", "found", "moves"]);
    let kinds: Vec<_> = difference
        .changes()
        .map(|change| Change::KINDS[change.kind()])
        .collect();
    assert_eq!(kinds, ["moved", "moved", "moved", "changed"]);
    let Some(Place::Moved(shift)) = all[0].place else {
        panic!("{:?}", all[0]);
    };
    assert!(
        (shift.farthest_m - 10.0).abs() < 0.01 && (shift.centre_m - 5.0).abs() < 0.01,
        "{shift:?}"
    );
    let areas = shift.area_m2.expect("areas");
    assert!(
        (areas[0] - 100.0).abs() < 0.1 && (areas[1] - 200.0).abs() < 0.2,
        "{areas:?}"
    );
    assert_eq!(all[1].place, Some(Place::Lost));
    assert_eq!(all[2].place, Some(Place::Found));
    assert_eq!(
        (all[3].from.as_deref(), all[3].place),
        (Some("plots"), None)
    );
    assert_eq!(difference.collections[0].unchanged, 1);
}

/// The values of a column that is gone were there, and those of a new one are there now.
#[test]
fn values_of_columns_that_only_one_plan_has_are_told() {
    let town = |columns: &[&str], rows: &[Json]| {
        let rows: Vec<_> = (0..)
            .zip(rows)
            .map(|(at, row)| feature(&format!("p{at}"), Json::Null, row.clone()))
            .collect();
        Town::new("").with("plots", "", columns, &rows)
    };
    let old = town(
        &["name_zh", "n_m"],
        &[json!({ "n_m": 1 }), json!({ "n_m": 2 }), json!({})],
    );
    let new = town(
        &["name_zh", "kind"],
        &[
            json!({ "kind": "k" }),
            json!({ "kind": null }),
            json!({ "kind": null }),
        ],
    );
    let (old, new) = (old.snapshot(), new.snapshot());
    let difference = diff(&old, &new, 0.0);
    let all: Vec<_> = difference
        .changes()
        .map(|change| {
            let details = details(&difference, change);
            let values = details.values.into_iter();
            let values = values.map(|value| (value.column, value.old, value.new));
            (details.id, values.collect::<Vec<_>>())
        })
        .collect();
    let (kind, n) = ("kind".to_owned(), "n_m".to_owned());
    assert_eq!(
        all,
        [
            (
                "p0".to_owned(),
                vec![
                    (kind, Value::Null, Value::Text("k".to_owned())),
                    (n.clone(), Value::Number(1.0), Value::Null)
                ]
            ),
            ("p1".to_owned(), vec![(n, Value::Number(2.0), Value::Null)]),
        ]
    );
    assert_eq!(difference.collections[0].unchanged, 1);
}

/// What is drawn otherwise is where it was.
#[test]
fn the_same_place_is_no_move_however_it_is_drawn() {
    let town = |geometries: &[(&str, Json)]| {
        let features: Vec<_> = geometries
            .iter()
            .map(|(id, geometry)| feature(id, geometry.clone(), json!({})))
            .collect();
        Town::new("").with("plots", "", &["name_zh"], &features)
    };
    let corners = [(0.0, 0.0), (90.0, 0.0), (90.0, 70.0), (0.0, 70.0)];
    let square = polygon(&corners);
    let mut turned = corners;
    turned.rotate_left(2);
    let mut more = corners.to_vec();
    // A tenth of a millimetre beside the edge, as a vertex is that was set in another projection.
    more.splice(1..1, [(11.0, 0.0), (47.3, 0.000_1)]);
    let road = [(0.0, 0.0), (33.0, 44.0), (100.0, 10.0)];
    let mut back = road;
    back.reverse();
    let multi = json!({ "type": "MultiPolygon", "coordinates": [square["coordinates"]] });
    let old = town(&[
        ("another-start", square.clone()),
        ("more-vertices", square.clone()),
        ("multi", square.clone()),
        ("reversed", line(&road)),
    ]);
    let new = town(&[
        ("another-start", polygon(&turned)),
        ("more-vertices", polygon(&more)),
        ("multi", multi),
        ("reversed", line(&back)),
    ]);
    let (code, text) = run(old.path(), new.path(), "text");
    assert_eq!(
        (code, text.as_str()),
        (
            Some(0),
            "0 added, 0 removed, 0 moved, 0 changed; 0 settings\n"
        )
    );
    // The same vertices, and another side cut out.
    let notched = |first: &[(f64, f64)]| {
        let ring: Vec<_> = first.iter().chain(&corners[2..]).copied().collect();
        town(&[("notched", polygon(&ring))])
    };
    let below = notched(&[(0.0, 0.0), (45.0, 35.0), (90.0, 0.0)]);
    let right = notched(&[(0.0, 0.0), (90.0, 0.0), (45.0, 35.0)]);
    let (code, text) = run(below.path(), right.path(), "text");
    assert_eq!(code, Some(1));
    assert!(
        text.contains("0 added, 0 removed, 1 moved, 0 changed; "),
        "{text}"
    );
}

#[test]
fn a_move_within_the_tolerance_is_none() {
    let cut = copy();
    for entry in fs::read_dir(cut.path().join("geodata")).expect("a folder") {
        let path = entry.expect("a file").path();
        if path.extension().is_none_or(|ending| ending != "geojson") {
            continue;
        }
        let text = fs::read_to_string(&path).expect("a text");
        let mut json: Json = serde_json::from_str(&text).expect("JSON");
        for feature in json["features"].as_array_mut().expect("features") {
            // A centimetre to the east, which is as far as the seventh decimal.
            if let Some(coordinates) = feature.pointer_mut("/geometry/coordinates") {
                shifted(coordinates, 1e-7);
            }
        }
        fs::write(&path, json.to_string()).expect("written");
    }
    let whole = copy();
    let paths = [whole.path(), cut.path()].map(|path| path.to_str().expect("a path").to_owned());
    let run = |tolerance: &[&str]| {
        let output = buju(&[&["diff", &paths[0], &paths[1]], tolerance].concat());
        (output.status.code(), out(&output))
    };
    let (code, exact) = run(&[]);
    assert_eq!(code, Some(1));
    assert!(exact.contains("moved by up to 0.01"), "{exact}");
    assert_eq!(run(&["--tolerance", "0.001"]), (Some(1), exact));
    let (code, same) = run(&["--tolerance", "0.02"]);
    assert_eq!(
        (code, same.as_str()),
        (
            Some(0),
            "0 added, 0 removed, 0 moved, 0 changed; 0 settings\n"
        )
    );
    for wrong in ["-1", "nan", "inf", "much"] {
        let (code, _) = run(&[&format!("--tolerance={wrong}")]);
        assert_eq!(code, Some(2), "{wrong}");
    }
}

/// The first number of each position.
fn shifted(coordinates: &mut Json, by: f64) {
    let Some(all) = coordinates.as_array_mut() else {
        return;
    };
    match all.first().and_then(Json::as_f64) {
        Some(east) => all[0] = json!(east + by),
        None => all.iter_mut().for_each(|inner| shifted(inner, by)),
    }
}

/// On a map of changes it would else be nowhere.
#[test]
fn what_has_lost_its_place_is_drawn_where_it_was() {
    let square = rectangle(0.0, 0.0, 10.0, 10.0);
    let town = |geometry: &Json, name: &str| {
        let plot = feature("a", geometry.clone(), json!({ "name_zh": name }));
        Town::new("").with("plots", "", &["name_zh"], &[plot])
    };
    let (old, lost) = (town(&square, "甲"), town(&Json::Null, "甲"));
    let layer = |new: &Town| {
        let (_, text) = run(old.path(), new.path(), "geojson");
        let json: Json = serde_json::from_str(&text).expect("JSON");
        json["features"][0].clone()
    };
    let feature = layer(&lost);
    assert_eq!(feature["properties"]["change"], "moved");
    assert_eq!(feature["properties"]["changes"], "has no place any more");
    assert_eq!(feature["geometry"]["type"], "Polygon");
    let moved = layer(&town(&rectangle(30.0, 0.0, 10.0, 10.0), "乙"));
    assert_eq!(moved["properties"]["change"], "changed");
    let metres = moved["properties"]["moved_m"].as_f64().expect("metres");
    assert!((metres - 30.0).abs() < 0.1, "{moved}");
}

#[test]
fn settings_are_compared_by_id_and_lists_by_what_came_and_went() {
    let (old, new) = (copy(), copy());
    edit(new.path(), "seeds/plan.toml", |text| {
        text.replace(
            "title = { zh = \"绿化\", en = \"Green space\" }",
            "title = { zh = \"绿地\", en = \"Green space\" }",
        )
        .replace(
            "layers = [\"facilities\", \"housing\", \"context\"]",
            "layers = [\"facilities\", \"context\"]",
        )
    });
    let (code, text) = run(old.path(), new.path(), "json");
    let json: Json = serde_json::from_str(&text).expect("JSON");
    assert_eq!(code, Some(1));
    assert_eq!(
        json["settings"],
        json!([
            { "file": "plan.toml", "path": "views.green.title.zh", "old": "绿化", "new": "绿地" },
            { "file": "plan.toml", "path": "views.facilities.layers", "old": ["housing"], "new": [] },
        ])
    );
}

type Rows = std::collections::BTreeMap<u8, (i8, u8)>;

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    /// Any rows against any others: what two maps say.
    #[test]
    fn differences_are_those_of_two_maps(
        old in btree_map(0..20_u8, (0..3_i8, 0..3_u8), 0..16),
        new in btree_map(0..20_u8, (0..3_i8, 0..3_u8), 0..16),
    ) {
        let town = |rows: &Rows| {
            let features: Vec<_> = rows
                .iter()
                .map(|(id, (name, place))| {
                    let place = rectangle(f64::from(*place) * 10.0, 0.0, 5.0, 5.0);
                    feature(&format!("r{id:02}"), place, json!({ "name_zh": format!("名{name}") }))
                })
                .collect();
            Town::new("").with("plots", "", &["name_zh"], &features).snapshot()
        };
        let (before, after) = (town(&old), town(&new));
        let difference = diff(&before, &after, 0.0);
        let id = |id: &str| id[1..].parse::<u8>().expect("a number");
        for change in difference.changes() {
            let details = details(&difference, change);
            let key = id(&details.id);
            match change {
                Change::Added(_) => prop_assert!(!old.contains_key(&key) && new.contains_key(&key)),
                Change::Removed(_) => prop_assert!(old.contains_key(&key) && !new.contains_key(&key)),
                Change::Moved { .. } | Change::Changed { .. } => {
                    let (was, is) = (old[&key], new[&key]);
                    prop_assert_eq!(matches!(change, Change::Moved { .. }), was.0 == is.0);
                    prop_assert_eq!(details.place.is_some(), was.1 != is.1);
                    prop_assert_eq!(details.values.len(), usize::from(was.0 != is.0));
                    for value in details.values {
                        prop_assert_eq!(value.old, Value::Text(format!("名{}", was.0)));
                        prop_assert_eq!(value.new, Value::Text(format!("名{}", is.0)));
                    }
                }
            }
        }
        let both = old.iter().filter(|(key, _)| new.contains_key(key));
        let same = both.clone().filter(|(key, row)| new[key] == **row).count();
        let moved = both.clone().filter(|(key, row)| new[key].0 == row.0 && new[key].1 != row.1).count();
        let changes = &difference.collections[0];
        prop_assert_eq!(changes.unchanged, same);
        prop_assert_eq!(changes.counts(), [
            new.keys().filter(|key| !old.contains_key(key)).count(),
            old.keys().filter(|key| !new.contains_key(key)).count(),
            moved,
            both.count() - same - moved,
        ]);
    }
}
