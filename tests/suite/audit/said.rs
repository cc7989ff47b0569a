//! Figures, dates and names.

use serde_json::{Value as Json, json};

use super::town::{Town, feature, rectangle};

#[test]
fn a_stated_area_is_that_of_the_polygon() {
    let plot = |id: &str, stated: Json| {
        feature(
            id,
            rectangle(0.0, 0.0, 100.0, 100.0),
            json!({ "site_area_m2": stated, "name_zh": id }),
        )
    };
    let plots = [
        plot("right", json!(10_000)),
        plot("nearly", json!(10_450)),
        plot("wrong", json!(11_000)),
        plot("mu", json!(15)),
        plot("silent", Json::Null),
        feature("nowhere", Json::Null, json!({ "site_area_m2": 5 })),
    ];
    let columns = ["name_zh", "site_area_m2"];
    let town = Town::new("").with("plots", "", &columns, &plots);
    assert_eq!(town.ids("area-disagrees"), ["mu", "wrong"]);
    let strict = Town::new("area = 0.01").with("plots", "", &columns, &plots);
    // By how much it disagrees.
    assert_eq!(strict.ids("area-disagrees"), ["mu", "wrong", "nearly"]);
}

#[test]
fn plot_ratio_times_site_area_is_the_floor_area_that_counts() {
    let plot = |id: &str, properties: Json| feature(id, Json::Null, properties);
    let plots = [
        plot(
            "right",
            json!({ "site_area_m2": 1000, "plot_ratio": 2.5, "floor_area_m2": 2500 }),
        ),
        plot(
            "rounded",
            json!({ "site_area_m2": 1000, "plot_ratio": 2.5, "floor_area_m2": 2520 }),
        ),
        plot(
            "wrong",
            json!({ "site_area_m2": 1000, "plot_ratio": 2.5, "floor_area_m2": 2600 }),
        ),
        // What counts is stated, and comes first.
        plot(
            "both",
            json!({ "site_area_m2": 1000, "plot_ratio": 2.5, "floor_area_m2": 2600, "far_countable_floor_area_m2": 2500 }),
        ),
        plot(
            "silent",
            json!({ "site_area_m2": 1000, "floor_area_m2": 9000 }),
        ),
    ];
    let columns = [
        "site_area_m2",
        "plot_ratio",
        "floor_area_m2",
        "far_countable_floor_area_m2",
    ];
    let town = Town::new("").with("plots", "", &columns, &plots);
    let found = town.notes("floor-area-disagrees");
    assert_eq!(town.ids("floor-area-disagrees"), ["wrong"]);
    assert_eq!(found[0].finding.column.as_deref(), Some("floor_area_m2"));
    assert!(
        found[0].finding.reason.contains("2600"),
        "{}",
        found[0].finding.reason
    );
}

#[test]
fn areas_are_compared_in_the_units_of_their_columns() {
    let plot = |id: &str, area: f64, floor: f64| {
        feature(
            id,
            rectangle(0.0, 0.0, 100.0, 100.0),
            json!({ "site_area": area, "plot_ratio": 2, "far_countable_floor_area": floor, "name_zh": id }),
        )
    };
    // A hectare each: 20 000 m² of floor are 30 mu.
    let plots = [
        plot("right", 1.0, 30.0),
        plot("in-m2", 10_000.0, 300_000.0),
        plot("in-wan", 1.0, 2.0),
    ];
    let columns = [
        "name_zh",
        "site_area:公顷",
        "plot_ratio",
        "far_countable_floor_area:亩",
    ];
    let town = Town::new("").with("plots", "", &columns, &plots);
    assert_eq!(town.ids("area-disagrees"), ["in-m2"]);
    assert_eq!(town.ids("floor-area-disagrees"), ["in-wan"]);
    let reason = &town.notes("area-disagrees")[0].finding.reason;
    assert!(
        reason.starts_with("site_area is 10000 公顷, 100000000 m², and the polygon has 100"),
        "{reason}"
    );
    // What is no area is not compared with one.
    let columns = [
        "name_zh",
        "site_area:万元",
        "plot_ratio",
        "far_countable_floor_area:亩",
    ];
    let town = Town::new("").with("plots", "", &columns, &plots);
    assert_eq!(town.ids("area-disagrees"), [""; 0]);
}

#[test]
fn what_had_nothing_to_look_at_is_told() {
    let plots = [feature(
        "a",
        rectangle(0.0, 0.0, 100.0, 100.0),
        json!({ "name_zh": "a" }),
    )];
    let idle = |town: &Town| -> Vec<_> {
        let idle = town.report().idle;
        idle.iter().map(|check| check.name).collect()
    };
    let bare = Town::new("").with("plots", "", &["name_zh"], &plots);
    assert_eq!(
        idle(&bare),
        [
            "overlap",
            "gap",
            "outside-zone",
            "outside-whole",
            "unknown-whole",
            "circular-whole",
            "off-course",
            "area-disagrees",
            "floor-area-disagrees",
            "parts-exceed-whole",
            "dates-out-of-order"
        ]
    );
    let columns = [
        "name_zh",
        "site_area",
        "plot_ratio",
        "floor_area_m2",
        "part_of",
        "a_on",
        "b_on",
    ];
    let audit = "no_gaps = true, inside = \"zones\", along = { collection = \"zones\" }, in_order = [\"a_on\", \"b_on\"]";
    let full =
        Town::new("")
            .with("plots", audit, &columns, &plots)
            .with("zones", "", &["name_zh"], &[]);
    assert_eq!(idle(&full), [""; 0]);
    let off = Town::new("off = [\"all\"]").with("plots", "", &["name_zh"], &plots);
    assert_eq!(idle(&off), [""; 0]);
}

#[test]
fn parts_fit_into_their_whole() {
    let part = |id: &str, whole: &str, area: Json| {
        feature(
            id,
            Json::Null,
            json!({ "part_of": whole, "site_area_m2": area }),
        )
    };
    let whole = |id: &str, area: Json| feature(id, Json::Null, json!({ "site_area_m2": area }));
    let plots = [
        whole("big", json!(1000)),
        part("big-1", "big", json!(600)),
        part("big-2", "big", json!(403)),
        part("big-3", "big", Json::Null),
        whole("small", json!(1000)),
        part("small-1", "small", json!(600)),
        part("small-2", "small", json!(600)),
        whole("silent", Json::Null),
        part("silent-1", "silent", json!(600)),
    ];
    let columns = ["part_of", "site_area_m2"];
    let town = Town::new("").with("plots", "", &columns, &plots);
    let found = town.notes("parts-exceed-whole");
    assert_eq!(town.ids("parts-exceed-whole"), ["small"]);
    assert_eq!(found[0].others, ["plots/small-1", "plots/small-2"]);
    assert!(
        found[0].finding.reason.contains("1200"),
        "{}",
        found[0].finding.reason
    );
    let strict = Town::new("sums = 0.0").with("plots", "", &columns, &plots);
    // By how much they exceed it.
    assert_eq!(strict.ids("parts-exceed-whole"), ["small", "big"]);
}

#[test]
fn a_whole_is_there_and_no_part_of_itself() {
    let part = |id: &str, whole: &str| feature(id, Json::Null, json!({ "part_of": whole }));
    let plots = [
        part("a", "b"),
        part("b", "c"),
        part("c", "a"),
        part("d", "a"),
        part("e", "nobody"),
    ];
    let others = [feature("whole", Json::Null, json!({})), part("f", "whole")];
    let town = Town::new("").with("plots", "", &["part_of"], &plots).with(
        "others",
        "",
        &["part_of"],
        &others,
    );
    assert_eq!(town.ids("circular-whole"), ["a", "b", "c"]);
    let unknown = town.notes("unknown-whole");
    assert_eq!(unknown.len(), 1);
    assert_eq!(unknown[0].finding.id.as_deref(), Some("e"));
    assert!(unknown[0].finding.reason.contains("\"nobody\""));
}

#[test]
fn dates_follow_one_another() {
    let stage = |id: &str, dates: [Json; 3]| {
        let [planned, started, done] = dates;
        feature(
            id,
            Json::Null,
            json!({ "planned_on": planned, "started_on": started, "done_on": done }),
        )
    };
    let works = [
        stage(
            "right",
            [
                json!("2021-01-01"),
                json!("2021-06-01"),
                json!("2022-01-01"),
            ],
        ),
        stage(
            "same-day",
            [
                json!("2021-01-01"),
                json!("2021-01-01"),
                json!("2021-01-01"),
            ],
        ),
        stage(
            "wrong",
            [
                json!("2021-01-01"),
                json!("2020-12-31"),
                json!("2022-01-01"),
            ],
        ),
        stage(
            "over-a-gap",
            [json!("2021-01-01"), Json::Null, json!("2020-12-31")],
        ),
    ];
    let columns = ["planned_on", "started_on", "done_on"];
    let order = "in_order = [\"planned_on\", \"started_on\", \"done_on\"]";
    let town = Town::new("").with("works", order, &columns, &works);
    assert_eq!(town.ids("dates-out-of-order"), ["over-a-gap", "wrong"]);
    let found = town.notes("dates-out-of-order");
    assert!(
        found[1].finding.reason.contains("2020-12-31"),
        "{}",
        found[1].finding.reason
    );
}

#[test]
fn names_that_are_taken_for_each_other_are_told_once() {
    let named = |id: &str, name: &str, whole: Option<&str>| {
        feature(
            id,
            Json::Null,
            json!({ "name_zh": name, "name_en": id, "part_of": whole }),
        )
    };
    let roads = [
        named("1", "祁连山路", None),
        named("2", "祁连山南路", None),
        named("3", "祁连山南路（一段）", None),
        named("4", "金昌路", None),
        named("5", "金迎路", None),
        named("6", "真南路（西段）", None),
        named("7", "真南路（东段）", None),
    ];
    let plots = [
        named("8", "供应链中心", None),
        named("9", "供应链中心东地块", Some("8")),
        named("10", "供应链中心西地块", Some("8")),
        named("11", "祁连山路", None),
    ];
    let columns = ["name_zh", "name_en", "part_of"];
    let town = Town::new("")
        .with("roads", "", &columns, &roads)
        .with("plots", "", &columns, &plots);
    let found = town.notes("look-alike-names");
    assert_eq!(found.len(), 1, "{found:#?}");
    assert_eq!(found[0].finding.id.as_deref(), Some("2"));
    assert_eq!(found[0].others, ["roads/1"]);
}

/// One name in two spellings: nobody means that, in parts of one whole either.
#[test]
fn spellings_of_one_name_are_a_finding_and_sides_of_a_road_are_none() {
    let named = |id: &str, name: &str, whole: Option<&str>| {
        let square = rectangle(0.0, 0.0, 10.0, 10.0);
        feature(id, square, json!({ "name_zh": name, "part_of": whole }))
    };
    let plots = [
        named("1", "祁连山路", None),
        named("2", "祁连山路 ", None),
        named("3", "祁连山 路", None),
        named("4", "A1地块", Some("1")),
        named("5", "Ａ１地块", Some("1")),
        named("6", "金昌路北侧地块", None),
        named("7", "金昌路南侧地块", None),
        named("8", "A1地块", None),
    ];
    let town = Town::new("").with("plots", "", &["name_zh", "part_of"], &plots);
    let pairs: Vec<_> = town
        .notes("look-alike-names")
        .into_iter()
        .map(|note| (note.finding.id.unwrap_or_default(), note.others.join(" ")))
        .collect();
    let expected = [
        ("2", "plots/1"),
        ("3", "plots/1"),
        ("3", "plots/2"),
        ("5", "plots/4"),
    ];
    let expected = expected.map(|(id, other)| (id.to_owned(), other.to_owned()));
    assert_eq!(pairs, expected);
}

#[test]
fn the_shipped_plan_has_what_is_known_of_it() {
    let outcome = buju::ingest::load(&buju::ingest::PlanFiles::Shipped).expect("the shipped plan");
    let snapshot = buju::snapshot::Snapshot::build(outcome.loaded.expect("no errors"), Vec::new());
    let report = buju::audit::audit(&snapshot, outcome.findings, usize::MAX);
    let found: Vec<_> = report
        .notes
        .iter()
        .map(|note| {
            (
                note.finding.check,
                note.finding.id.as_deref().unwrap_or_default(),
            )
        })
        .collect();
    // Each was read, and is so in the plan or on its drawing.
    assert_eq!(
        found,
        [
            ("columns-disagree", "medicine-logistics-centre-extension"),
            ("look-alike-names", "road-qilianshan-south"),
            ("look-alike-names", "road-taopu-west"),
            ("look-alike-names", "road-wuwei-east"),
            ("look-alike-names", "road-zhennan-east"),
            ("look-alike-names", "station-wuwei-road"),
        ]
    );
}
