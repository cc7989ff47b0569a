//! Parts and wholes, zones, roads, places that are not there.

use serde_json::{Value as Json, json};

use super::town::{Town, feature, line, rectangle};

fn park() -> Json {
    feature(
        "park",
        rectangle(0.0, 0.0, 100.0, 100.0),
        json!({ "accuracy_m": 5.0 }),
    )
}

#[test]
fn a_part_lies_in_its_whole_as_far_as_its_accuracy_says() {
    let plots = [
        feature(
            "in",
            rectangle(10.0, 10.0, 20.0, 20.0),
            json!({ "part_of": "park" }),
        ),
        feature(
            "edge",
            rectangle(-4.0, 0.0, 20.0, 20.0),
            json!({ "part_of": "park" }),
        ),
        feature(
            "out",
            rectangle(-8.0, 0.0, 20.0, 20.0),
            json!({ "part_of": "park" }),
        ),
        feature(
            "vague",
            rectangle(-8.0, 0.0, 20.0, 20.0),
            json!({ "part_of": "park", "accuracy_m": 4.0 }),
        ),
        feature("nowhere", Json::Null, json!({ "part_of": "park" })),
    ];
    let columns = ["part_of", "accuracy_m"];
    let town = Town::new("columns = { accuracy = \"accuracy_m\" }")
        .with("plots", "", &columns, &plots)
        .with("parks", "", &columns, &[park()]);
    let found = town.notes("outside-whole");
    assert_eq!(found.len(), 1, "{found:#?}");
    assert_eq!(found[0].finding.id.as_deref(), Some("out"));
    assert_eq!(found[0].others, ["parks/park"]);
    assert!(
        found[0].finding.reason.contains("8.0 m"),
        "{}",
        found[0].finding.reason
    );
}

#[test]
fn a_feature_lies_in_a_zone() {
    let zones = [
        park(),
        feature("west", rectangle(-100.0, 0.0, 100.0, 50.0), json!({})),
    ];
    let plots = [
        feature("a-in", rectangle(10.0, 10.0, 20.0, 20.0), json!({})),
        // It reaches 10 m into the other zone, and lies in neither.
        feature("b-both", rectangle(-10.0, 0.0, 40.0, 20.0), json!({})),
        feature("c-near", rectangle(80.0, 0.0, 24.0, 20.0), json!({})),
        feature("d-far", rectangle(300.0, 0.0, 10.0, 20.0), json!({})),
        feature(
            "e-said",
            rectangle(-4.0, 60.0, 10.0, 10.0),
            json!({ "part_of": "west" }),
        ),
    ];
    let columns = ["part_of", "accuracy_m"];
    let town = Town::new("columns = { accuracy = \"accuracy_m\" }")
        .with("plots", "inside = \"zones\"", &columns, &plots)
        .with("zones", "", &columns, &zones);
    assert_eq!(town.ids("outside-zone"), ["d-far", "b-both"]);
    // What says which zone it is part of is held against that one.
    assert_eq!(town.ids("outside-whole"), ["e-said"]);
}

#[test]
fn a_hole_of_a_zone_is_outside() {
    let mut ring = park();
    let hole = rectangle(40.0, 40.0, 20.0, 20.0);
    let inner = hole["coordinates"][0].clone();
    ring["geometry"]["coordinates"]
        .as_array_mut()
        .expect("rings")
        .push(inner);
    let plots = [
        feature("in-hole", rectangle(49.0, 49.0, 2.0, 2.0), json!({})),
        feature("beside", rectangle(70.0, 40.0, 20.0, 20.0), json!({})),
    ];
    let town = Town::new("")
        .with("plots", "inside = \"zones\"", &["name_zh"], &plots)
        .with("zones", "", &["accuracy_m"], &[ring]);
    assert_eq!(town.ids("outside-zone"), ["in-hole"]);
}

fn works() -> Town {
    let roads = [
        feature(
            "road",
            line(&[(0.0, 0.0), (1000.0, 0.0)]),
            json!({ "kind": "road" }),
        ),
        feature(
            "rail",
            line(&[(0.0, 50.0), (1000.0, 50.0)]),
            json!({ "kind": "railway" }),
        ),
    ];
    let work = |id: &str, y: f64, kind: &str, accuracy: Json| {
        let properties = json!({ "kind": kind, "accuracy_m": accuracy });
        feature(id, line(&[(100.0, y), (500.0, y)]), properties)
    };
    let bent = line(&[(100.0, 0.0), (300.0, 0.0), (500.0, 60.0)]);
    let works = [
        work("on", 5.0, "repair", json!(10.0)),
        work("off", 15.0, "repair", json!(10.0)),
        work("unsure", 15.0, "repair", Json::Null),
        work("on-rail", 50.0, "repair", json!(10.0)),
        work("new", 500.0, "new", json!(10.0)),
        feature(
            "bent",
            bent,
            json!({ "kind": "repair", "accuracy_m": 30.0 }),
        ),
        feature("nowhere", Json::Null, json!({ "kind": "repair" })),
    ];
    let along = "along = { collection = \"context\", filter = \"kind = 'road'\", unless = \"kind = 'new'\" }";
    let columns = ["kind", "accuracy_m"];
    Town::new("columns = { accuracy = \"accuracy_m\" }")
        .with("works", along, &columns, &works)
        .with("context", "", &columns, &roads)
}

#[test]
fn a_work_is_on_a_road_as_far_as_its_accuracy_says() {
    let town = works();
    // The farthest first.
    assert_eq!(town.ids("off-course"), ["bent", "on-rail", "off"]);
    let found = town.notes("off-course");
    assert!(
        found[2].finding.reason.contains("15 m off context/road"),
        "{}",
        found[2].finding.reason
    );
}

#[test]
fn a_filter_that_cannot_be_read_is_an_error() {
    let town = Town::new("")
        .with(
            "works",
            "along = { collection = \"context\", filter = \"kid = 'road'\" }",
            &["kind"],
            &[],
        )
        .with("context", "", &["kind"], &[]);
    let report = town.report();
    assert_eq!(report.count(buju::model::Severity::Error), 1, "{report:#?}");
    let finding = &report.notes[0].finding;
    assert_eq!(finding.check, "setting");
    let expected = ["audit.along.filter", "works", "kid"];
    assert!(
        expected.iter().all(|word| finding.reason.contains(word)),
        "{}",
        finding.reason
    );
}

#[test]
fn what_has_no_place_says_why() {
    let at = json!({ "type": "Point", "coordinates": [121.0, 31.0] });
    let features = [
        feature("a-silent", Json::Null, json!({})),
        feature(
            "b-told",
            Json::Null,
            json!({ "no_geometry_reason_zh": "未述" }),
        ),
        feature("c-placed", at.clone(), json!({})),
        feature("d-both", at, json!({ "no_geometry_reason_zh": "未述" })),
    ];
    let town = Town::new("").with("plots", "", &["no_geometry_reason_zh"], &features);
    assert_eq!(town.ids("no-reason"), ["a-silent"]);
    assert_eq!(town.ids("needless-reason"), ["d-both"]);
    // Without such a column it is one finding for all.
    let bare = [
        feature("a", Json::Null, json!({})),
        feature("b", Json::Null, json!({})),
    ];
    let found = Town::new("")
        .with("plots", "", &["name_zh"], &bare)
        .notes("no-reason");
    assert_eq!(found.len(), 1);
    assert!(
        found[0].finding.reason.contains("2 of 2"),
        "{}",
        found[0].finding.reason
    );
}
