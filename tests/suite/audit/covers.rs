//! Overlaps, gaps, slivers, duplicates.

use buju::audit::Note;
use geo::coordinate_position::CoordPos;
use geo::dimensions::Dimensions;
use geo::{Area, LineString, Polygon, Relate, Validation, coord};
use proptest::collection::vec;
use proptest::prelude::*;
use serde_json::json;

use super::town::{Town, feature, line, polygon, rectangle};

fn town_of(audit: &str, of: &str, features: &[serde_json::Value]) -> Town {
    Town::new(audit).with("parcels", of, &["name_zh", "part_of"], features)
}

fn area_of(note: &Note) -> f64 {
    let place = note.place.as_ref().expect("a place");
    geo::GeodesicArea::geodesic_area_unsigned(place)
}

#[test]
fn an_overlap_is_found_beyond_the_tolerance() {
    let features = [
        feature("a", rectangle(0.0, 0.0, 10.0, 10.0), json!({})),
        feature("b", rectangle(9.0, 0.0, 10.0, 10.0), json!({})),
        feature("c", rectangle(19.0, 0.0, 10.0, 10.0), json!({})),
    ];
    let found = town_of("", "no_overlap = true", &features).notes("overlap");
    assert_eq!(found.len(), 1, "{found:#?}");
    assert_eq!(found[0].finding.id.as_deref(), Some("b"));
    assert_eq!(found[0].others, ["parcels/a"]);
    assert!(
        found[0].finding.reason.contains("10.0 m²"),
        "{}",
        found[0].finding.reason
    );
    assert!((area_of(&found[0]) - 10.0).abs() < 0.01);
    // 10 m² is nearly 11; a collection that does not have to tile may overlap; and so may a whole.
    for (audit, of) in [
        ("overlap_m2 = 11.0", "no_overlap = true"),
        ("", ""),
        ("off = [\"overlap\"]", "no_overlap = true"),
    ] {
        assert!(
            town_of(audit, of, &features).notes("overlap").is_empty(),
            "{audit} {of}"
        );
    }
}

#[test]
fn a_whole_may_overlap_its_parts_and_they_not_each_other() {
    let features = [
        feature("all", rectangle(0.0, 0.0, 20.0, 10.0), json!({})),
        feature(
            "part-1",
            rectangle(0.0, 0.0, 10.0, 10.0),
            json!({ "part_of": "all" }),
        ),
        feature(
            "part-2",
            rectangle(8.0, 0.0, 12.0, 10.0),
            json!({ "part_of": "all" }),
        ),
        feature(
            "room",
            rectangle(1.0, 1.0, 2.0, 2.0),
            json!({ "part_of": "part-1" }),
        ),
    ];
    let found = town_of("", "no_overlap = true", &features).notes("overlap");
    assert_eq!(found.len(), 1, "{found:#?}");
    assert_eq!(found[0].finding.id.as_deref(), Some("part-2"));
    assert_eq!(found[0].others, ["parcels/part-1"]);
}

/// Ids in the order of numbers.
fn id(at: usize) -> String {
    format!("p{at:03}")
}

/// Pairs that the audit finds.
fn pairs(found: &[Note]) -> Vec<(String, String)> {
    let pair = |note: &Note| {
        let other = note.others[0].split_once('/').expect("a collection").1;
        (other.to_owned(), note.finding.id.clone().expect("an id"))
    };
    let mut pairs: Vec<_> = found.iter().map(pair).collect();
    pairs.sort();
    pairs
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    /// Rectangles on a grid of ten metres, whose overlaps are known by arithmetic.
    #[test]
    fn overlaps_of_rectangles_are_those_of_arithmetic(
        boxes in vec((0..9_i32, 0..9_i32, 1..5_i32, 1..5_i32), 2..24),
    ) {
        let ten = |number: i32| f64::from(number) * 10.0;
        let features: Vec<_> = boxes
            .iter()
            .enumerate()
            .map(|(at, (x, y, w, h))| {
                feature(&id(at), rectangle(ten(*x), ten(*y), ten(*w), ten(*h)), json!({}))
            })
            .collect();
        let mut expected = Vec::new();
        for (at, a) in boxes.iter().enumerate() {
            for (other, b) in boxes.iter().enumerate().skip(at + 1) {
                let along = |a: (i32, i32), b: (i32, i32)| (a.0 + a.1).min(b.0 + b.1) - a.0.max(b.0);
                let (x, y) = (along((a.0, a.2), (b.0, b.2)), along((a.1, a.3), (b.1, b.3)));
                if x > 0 && y > 0 {
                    expected.push((id(at), id(other)));
                }
            }
        }
        let found = town_of("", "no_overlap = true", &features).notes("overlap");
        prop_assert_eq!(pairs(&found), expected);
    }

    /// Shapes of three to five corners on a small grid of exact degrees, so that vertices lie on edges,
    /// edges on edges and chords between vertices: what DE-9IM says.
    #[test]
    fn overlaps_on_a_grid_are_those_of_de9im(
        corners in vec(vec((0..5_i32, 0..5_i32), 3..=5), 2..40),
    ) {
        // Nothing is rounded: 20 m and a whole number of bits.
        let exact = |(x, y): &(i32, i32)| coord! {
            x: 121.0 + f64::from(*x) / 4096.0,
            y: 31.0 + f64::from(*y) / 4096.0,
        };
        let shapes: Vec<Polygon<f64>> = corners
            .iter()
            .map(|ring| Polygon::new(LineString::new(ring.iter().map(exact).collect()), Vec::new()))
            .filter(|shape| shape.is_valid() && shape.unsigned_area() > 0.0)
            .collect();
        let features: Vec<_> = shapes
            .iter()
            .enumerate()
            .map(|(at, shape)| {
                let ring: Vec<_> = shape.exterior().coords().map(|at| [at.x, at.y]).collect();
                feature(&id(at), json!({ "type": "Polygon", "coordinates": [ring] }), json!({}))
            })
            .collect();
        let mut expected = Vec::new();
        for (at, a) in shapes.iter().enumerate() {
            for (other, b) in shapes.iter().enumerate().skip(at + 1) {
                let inside = a.relate(b).get(CoordPos::Inside, CoordPos::Inside);
                if inside == Dimensions::TwoDimensional {
                    expected.push((id(at), id(other)));
                }
            }
        }
        let found = town_of("overlap_m2 = 0.01", "no_overlap = true", &features).notes("overlap");
        prop_assert_eq!(pairs(&found), expected);
    }

    /// Cells of a grid, some of them missing: the gaps are what water from outside does not reach.
    #[test]
    fn gaps_between_cells_are_what_a_flood_leaves_dry(
        there in vec(proptest::bool::weighted(0.75), 49..=49),
    ) {
        #[expect(clippy::cast_precision_loss, reason = "less than fifty")]
        let metres = |number: usize| number as f64 * 10.0;
        let features: Vec<_> = (0..49)
            .filter(|at| there[*at])
            .map(|at| {
                let square = rectangle(metres(at % 7), metres(at / 7), 10.0, 10.0);
                feature(&id(at), square, json!({}))
            })
            .collect();
        let mut expected = ponds(&there);
        expected.sort_unstable();
        let found = town_of("gap_width_m = 1000.0", "no_gaps = true", &features).notes("gap");
        let cells = |note: &Note| (area_of(note) / 100.0 + 0.01) * 10.0;
        let mut areas: Vec<_> = found.iter().map(|note| cells(note).round()).collect();
        areas.sort_by(f64::total_cmp);
        let expected: Vec<_> = expected.into_iter().map(metres).collect();
        prop_assert_eq!(areas, expected);
    }
}

/// Sizes of the groups of empty cells of a grid of seven by seven that no way over sides leads to from
/// outside.
fn ponds(there: &[bool]) -> Vec<usize> {
    let mut seen = there.to_vec();
    let mut sizes = Vec::new();
    for start in 0..49 {
        let (mut size, mut dry, mut stack) = (0, true, vec![start]);
        while let Some(at) = stack.pop() {
            if std::mem::replace(&mut seen[at], true) {
                continue;
            }
            size += 1;
            let (x, y) = (at % 7, at / 7);
            dry &= (1..6).contains(&x) && (1..6).contains(&y);
            stack.extend((x > 0).then(|| at - 1));
            stack.extend((x < 6).then_some(at + 1));
            stack.extend((y > 0).then(|| at - 7));
            stack.extend((y < 6).then_some(at + 7));
        }
        if size > 0 && dry {
            sizes.push(size);
        }
    }
    sizes
}

#[test]
fn a_narrow_enclosed_hole_is_a_gap_and_a_yard_is_none() {
    // Four parcels around a strip of half a metre, and around a yard of ten.
    let around = |name: &str, x: f64, wide: f64| {
        [
            feature(
                &format!("{name}-s"),
                rectangle(x, 0.0, 20.0 + wide, 10.0),
                json!({}),
            ),
            feature(
                &format!("{name}-n"),
                rectangle(x, 30.0, 20.0 + wide, 10.0),
                json!({}),
            ),
            feature(
                &format!("{name}-w"),
                rectangle(x, 10.0, 10.0, 20.0),
                json!({}),
            ),
            feature(
                &format!("{name}-e"),
                rectangle(x + 10.0 + wide, 10.0, 10.0, 20.0),
                json!({}),
            ),
        ]
    };
    let features = [around("strip", 0.0, 0.5), around("yard", 100.0, 10.0)].concat();
    let found = town_of("", "no_gaps = true", &features).notes("gap");
    assert_eq!(found.len(), 1, "{found:#?}");
    assert!((area_of(&found[0]) - 10.0).abs() < 0.01);
    let mut named = found[0].others.clone();
    named.push(format!(
        "parcels/{}",
        found[0].finding.id.as_deref().expect("an id")
    ));
    named.sort();
    let expected = ["strip-e", "strip-n", "strip-s", "strip-w"];
    assert_eq!(named, expected.map(|id| format!("parcels/{id}")));
    assert!(
        town_of("gap_m2 = 11.0", "no_gaps = true", &features)
            .notes("gap")
            .is_empty()
    );
    assert!(
        town_of("gap_width_m = 0.4", "no_gaps = true", &features)
            .notes("gap")
            .is_empty()
    );
    assert_eq!(
        town_of("gap_width_m = 99.0", "no_gaps = true", &features)
            .notes("gap")
            .len(),
        2
    );
}

#[test]
fn what_tiles_leave_of_a_zone_is_a_gap() {
    let town = |height: f64| {
        let parcels = [
            feature("west", rectangle(0.0, 0.0, 50.0, 100.0), json!({})),
            feature("east", rectangle(50.0, 0.0, 50.0, height), json!({})),
        ];
        let zones = [feature(
            "zone",
            rectangle(0.0, 0.0, 100.0, 100.0),
            json!({}),
        )];
        town_of("", "tiles = \"zones\"", &parcels).with("zones", "", &["name_zh"], &zones)
    };
    let found = town(99.0).notes("gap");
    assert_eq!(found.len(), 1, "{found:#?}");
    assert_eq!(found[0].others, ["zones/zone"]);
    assert!((area_of(&found[0]) - 50.0).abs() < 0.05);
    // A centimetre along fifty metres is half a square metre.
    assert!(town(99.99).notes("gap").is_empty());
    assert!(town(100.0).notes("overlap").is_empty());
}

#[test]
fn a_sliver_is_narrow_and_thin() {
    let features = [
        feature("sliver", rectangle(0.0, 0.0, 100.0, 0.5), json!({})),
        feature("lane", rectangle(0.0, 10.0, 100.0, 2.5), json!({})),
        feature("hut", rectangle(0.0, 20.0, 0.8, 0.6), json!({})),
        feature("parcel", rectangle(0.0, 30.0, 30.0, 20.0), json!({})),
    ];
    let town = town_of("", "", &features);
    assert_eq!(town.ids("sliver"), ["sliver"]);
    let strict = town_of("sliver_width_m = 3.0", "", &features);
    // The narrowest first.
    assert_eq!(strict.ids("sliver"), ["sliver", "lane"]);
    assert!(
        town_of("sliver_thinness = 0.001", "", &features)
            .ids("sliver")
            .is_empty()
    );
}

#[test]
fn the_same_shape_is_found_whatever_it_starts_from() {
    let ring = [(0.0, 0.0), (20.0, 0.0), (20.0, 10.0), (5.0, 15.0)];
    let mut turned = ring;
    turned.rotate_left(2);
    let mut moved = ring;
    moved[2].0 += 0.5;
    let track = [(50.0, 0.0), (60.0, 5.0), (70.0, 0.0)];
    let back = [(70.0, 0.0), (60.0, 5.0), (50.0, 0.0)];
    let features = [
        feature("a", polygon(&ring), json!({ "name_zh": "甲" })),
        feature("b-same", polygon(&turned), json!({ "name_zh": "甲" })),
        feature("c-other", polygon(&turned), json!({ "name_zh": "乙" })),
        feature("d-near", polygon(&moved), json!({ "name_zh": "甲" })),
        feature(
            "e-far",
            rectangle(3.0, 0.0, 20.0, 15.0),
            json!({ "name_zh": "甲" }),
        ),
        feature(
            "f-part",
            polygon(&ring),
            json!({ "name_zh": "丙", "part_of": "a" }),
        ),
        feature("g-line", line(&track), json!({ "name_zh": "丁" })),
        feature("h-back", line(&back), json!({ "name_zh": "戊" })),
        feature(
            "i-point",
            json!({ "type": "Point", "coordinates": [121.0, 31.0] }),
            json!({ "name_zh": "己" }),
        ),
        feature(
            "j-point",
            json!({ "type": "Point", "coordinates": [121.0, 31.0] }),
            json!({ "name_zh": "庚" }),
        ),
        feature(
            "k-point",
            json!({ "type": "Point", "coordinates": [121.0, 31.0] }),
            json!({ "name_zh": "庚" }),
        ),
    ];
    let town = town_of("", "", &features);
    // Two institutions may be at one point; the same one twice may not.
    assert_eq!(town.ids("duplicate-feature"), ["b-same"]);
    assert_eq!(town.ids("duplicate-shape"), ["c-other", "h-back"]);
    assert_eq!(town.ids("near-duplicate"), ["d-near"]);
    assert!(
        town_of("near_m = 0.4", "", &features)
            .ids("near-duplicate")
            .is_empty()
    );
}

/// Numbers of a geometry, to so many decimals.
fn rounded(geometry: &serde_json::Value, decimals: i32) -> serde_json::Value {
    let scale = 10_f64.powi(decimals);
    match geometry {
        serde_json::Value::Number(number) => {
            json!((number.as_f64().expect("a number") * scale).round() / scale)
        }
        serde_json::Value::Array(all) => all.iter().map(|one| rounded(one, decimals)).collect(),
        other => other.clone(),
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// Wherever the corners lie to the lines of a grid: copies at seven decimals are up to 7 mm off, and those
    /// that one corner of was moved by 3 cm are others.
    #[test]
    fn a_copy_at_other_decimals_is_found_and_one_that_was_moved_is_not(
        shifts in vec((0.0..1.0_f64, 0.0..1.0_f64), 20..=20),
        turn in 0..4_usize,
    ) {
        let mut features = Vec::new();
        let mut expected = Vec::new();
        for (at, (x, y)) in shifts.iter().enumerate() {
            #[expect(clippy::cast_precision_loss, reason = "a small number")]
            let x = at as f64 * 100.0 + x;
            let ring = [(x, *y), (x + 30.0, *y), (x + 34.0, y + 20.0), (x, y + 25.0)];
            let mut turned = ring;
            turned.rotate_left(turn);
            let mut moved = ring;
            moved[2].0 += 0.03;
            let mut copy = polygon(&turned);
            copy["coordinates"] = rounded(&copy["coordinates"], 7);
            features.push(feature(&format!("{}-a", id(at)), polygon(&ring), json!({})));
            features.push(feature(&format!("{}-b", id(at)), copy, json!({})));
            features.push(feature(&format!("{}-c", id(at)), polygon(&moved), json!({})));
            expected.push(format!("{}-b", id(at)));
        }
        prop_assert_eq!(town_of("", "", &features).ids("duplicate-feature"), expected);
    }
}

#[test]
fn parts_and_holes_of_a_copy_come_in_any_order() {
    let square = |x: f64, y: f64, size: f64| rectangle(x, y, size, size)["coordinates"][0].clone();
    let holed = |first: f64, second: f64| {
        json!([
            square(0.0, 0.0, 50.0),
            square(first, 10.0, 5.0),
            square(second, 10.0, 5.0)
        ])
    };
    let parts =
        |parts: [serde_json::Value; 2]| json!({ "type": "MultiPolygon", "coordinates": parts });
    let other = json!([square(100.0, 0.0, 50.0)]);
    let features = [
        feature("a", parts([holed(10.0, 30.0), other.clone()]), json!({})),
        feature("b", parts([other.clone(), holed(30.0, 10.0)]), json!({})),
        feature("c", parts([other, holed(30.0, 10.1)]), json!({})),
    ];
    assert_eq!(town_of("", "", &features).ids("duplicate-feature"), ["b"]);
}

/// Overlaps in which no edges cross, and no edge begins inside the other polygon or has its middle there:
/// every corner of what they share lies on an edge. Found by trying many.
#[test]
fn an_overlap_whose_corners_all_lie_on_edges_is_found() {
    let pinwheel = [
        &[(0.0, 0.0), (3.0, 0.0), (1.0, 1.0), (-2.0, 1.0)][..],
        &[(1.0, 0.0), (1.0, 3.0), (0.0, 1.0), (0.0, -2.0)][..],
    ];
    let crossing_strips = [
        &[
            (4.0, 4.0),
            (3.0, 4.0),
            (3.0, 7.0),
            (2.5, 7.0),
            (2.0, 7.0),
            (2.0, 4.0),
            (1.0, 4.0),
            (0.0, 4.0),
            (0.0, 3.0),
            (4.0, 3.0),
            (4.0, 3.5),
        ][..],
        &[
            (3.0, 3.0),
            (3.0, 5.0),
            (3.0, 7.0),
            (2.0, 7.0),
            (2.0, 5.0),
            (2.0, 3.0),
        ][..],
    ];
    for [one, other] in [pinwheel, crossing_strips] {
        // Nothing is rounded: 27 m and a whole number of bits.
        let exact = |ring: &[(f64, f64)]| {
            let place = |(x, y): &(f64, f64)| [121.0 + x / 4096.0, 31.0 + y / 4096.0];
            let mut ring: Vec<_> = ring.iter().map(place).collect();
            ring.push(ring[0]);
            json!({ "type": "Polygon", "coordinates": [ring] })
        };
        for pair in [[one, other], [other, one]] {
            let features = [
                feature("a", exact(pair[0]), json!({})),
                feature("b", exact(pair[1]), json!({})),
            ];
            assert_eq!(
                town_of("", "no_overlap = true", &features).ids("overlap"),
                ["b"],
                "{pair:?}"
            );
        }
    }
}

#[test]
fn all_are_counted_and_some_are_kept() {
    let features: Vec<_> = (0..40)
        .map(|at| feature(&id(at), rectangle(0.0, 0.0, 10.0, 10.0), json!({})))
        .collect();
    let town = town_of("", "no_overlap = true", &features);
    let report = buju::audit::audit(&town.snapshot(), Vec::new(), 7);
    let tally = report
        .tallies
        .iter()
        .find(|tally| tally.check.name == "overlap");
    let tally = tally.expect("overlaps");
    assert_eq!((tally.count, tally.listed), (40 * 39 / 2, 7));
    assert_eq!(report.notes_of(tally.check).count(), 7);
}
