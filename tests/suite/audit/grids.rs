//! Tilings whose neighbours do not share every corner, as other programs draw them; and piles.

use std::time::{Duration, Instant};

use buju::audit::Note;
use buju::crs::{Crs, Reprojector};
use geo::coord;
use serde_json::{Value as Json, json};

use super::town::{Town, feature, polygon, rectangle};

const TILING: &str = "no_overlap = true, no_gaps = true";

fn parcels(of: &str, features: &[Json]) -> Town {
    Town::new("").with("parcels", of, &["name_zh"], features)
}

/// A ring of the statutory grid, straight there, in degrees: metres east and north of a place in Taopu.
fn drawn(ring: &[(f64, f64)]) -> Json {
    let back = Reprojector::new(Crs::CGCS2000_GK_120, Crs::Crs84).expect("PROJ");
    let degrees = |(x, y): &(f64, f64)| {
        let at = coord! { x: 629_000.0 + x, y: 3_461_000.0 + y };
        let at = back.position(at).expect("a position");
        [at.x, at.y]
    };
    let mut ring: Vec<_> = ring.iter().map(degrees).collect();
    ring.push(ring[0]);
    json!({ "type": "Polygon", "coordinates": [ring] })
}

fn drawn_box(x: f64, y: f64, wide: f64, high: f64) -> Json {
    let (right, top) = (x + wide, y + high);
    drawn(&[(x, y), (right, y), (right, top), (x, top)])
}

/// A road of four corners between two rows of plots of fifty metres.
fn street(length: u32) -> Vec<Json> {
    let road = drawn_box(0.0, 50.0, f64::from(length), 20.0);
    let mut all = vec![feature("road", road, json!({}))];
    for at in 0..length / 50 {
        for (side, y) in [("south", 0.0), ("north", 70.0)] {
            let plot = drawn_box(f64::from(at) * 50.0, y, 50.0, 50.0);
            all.push(feature(&format!("{side}-{at:03}"), plot, json!({})));
        }
    }
    all
}

#[test]
fn a_tiling_that_was_drawn_in_a_grid_has_neither_gaps_nor_overlaps() {
    for length in [400, 2000, 4000] {
        let plots = street(length);
        let report = parcels(TILING, &plots).report();
        assert!(report.notes.is_empty(), "{length}: {:#?}", report.notes);
        let zone = drawn_box(0.0, 0.0, f64::from(length), 120.0);
        let zone = feature("zone", zone, json!({}));
        let town = parcels("tiles = \"zones\", inside = \"zones\"", &plots);
        let town = town.with("zones", "", &["name_zh"], &[zone]);
        let report = town.report();
        assert!(report.notes.is_empty(), "{length}: {:#?}", report.notes);
    }
}

/// Beside an edge of four kilometres, which may be bent by 0.19 m.
#[test]
fn what_is_wrong_beside_a_long_edge_is_still_found() {
    let mut plots = street(4000);
    let moved = |plots: &mut Vec<Json>, id: &str, geometry: Json| {
        let plot = plots.iter_mut().find(|plot| plot["id"] == id);
        plot.expect("a plot")["geometry"] = geometry;
    };
    // Half a metre short of the road, and half a metre into it.
    moved(&mut plots, "south-040", drawn_box(2000.0, 0.0, 50.0, 49.5));
    moved(&mut plots, "south-050", drawn_box(2500.0, 0.0, 50.0, 50.5));
    let town = parcels(TILING, &plots);
    let gaps = town.notes("gap");
    assert_eq!(gaps.len(), 1, "{gaps:#?}");
    let around = [&gaps[0].others[..], &[named(&gaps[0])]].concat();
    assert!(
        around.contains(&"parcels/south-040".to_owned())
            && around.contains(&"parcels/road".to_owned())
    );
    // 50 m × 0.5 m, and up to 0.19 m more or less where the edge may be.
    assert!((gaps[0].size - 25.0).abs() < 50.0 * 0.2, "{}", gaps[0].size);
    let overlaps = town.notes("overlap");
    assert_eq!(overlaps.len(), 1, "{overlaps:#?}");
    assert!(
        (overlaps[0].size - 25.0).abs() < 50.0 * 0.2,
        "{}",
        overlaps[0].size
    );
}

fn named(note: &Note) -> String {
    format!("parcels/{}", note.finding.id.as_deref().unwrap_or_default())
}

/// Four parcels around a hole, in a frame that is turned so that no number is round; written to so many
/// decimals of a degree.
fn around_a_hole(wide: f64, high: f64, length: f64, decimals: i32) -> Vec<Json> {
    let half = length - wide / 2.0;
    let boxes = [
        ("south", 0.0, 0.0, 2.0 * length, 50.0),
        ("west", 0.0, 50.0, half, high),
        ("east", length + wide / 2.0, 50.0, half, high),
        ("north", 0.0, 50.0 + high, 2.0 * length, 50.0),
    ];
    let (sine, cosine) = 0.3_f64.sin_cos();
    let turned = |x: f64, y: f64| (x * cosine - y * sine, x * sine + y * cosine);
    let parcel = |(id, x, y, wide, high): (&str, f64, f64, f64, f64)| {
        let corners = [(x, y), (x + wide, y), (x + wide, y + high), (x, y + high)];
        let mut shape = polygon(&corners.map(|(x, y)| turned(x, y)));
        let scale = 10_f64.powi(decimals);
        for at in shape["coordinates"][0].as_array_mut().expect("a ring") {
            for number in at.as_array_mut().expect("a position") {
                *number = json!((number.as_f64().expect("a number") * scale).round() / scale);
            }
        }
        feature(id, shape, json!({}))
    };
    boxes.map(parcel).to_vec()
}

#[test]
fn a_hole_between_neighbours_of_few_corners_is_as_wide_as_it_is() {
    for decimals in [15, 9, 8] {
        for length in [50.0, 100.0, 200.0] {
            for (wide, high) in [
                (1.0, 2.0),
                (0.5, 20.0),
                (1.5, 1.5),
                (3.0, 20.0),
                (10.0, 50.0),
            ] {
                let features = around_a_hole(wide, high, length, decimals);
                let found = parcels("no_gaps = true", &features).notes("gap");
                let case =
                    format!("{wide} m × {high} m, {length} m, {decimals} decimals: {found:#?}");
                if wide > 2.0 {
                    assert!(found.is_empty(), "{case}");
                    continue;
                }
                assert_eq!(found.len(), 1, "{case}");
                assert!((found[0].size / (wide * high) - 1.0).abs() < 0.02, "{case}");
                let told = format!(", {wide:.2} m wide");
                assert!(found[0].finding.reason.contains(&told), "{case}");
                assert_eq!(found[0].others.len(), 3, "{case}");
            }
        }
    }
}

/// Squares that lie over each other, each a little beside the last.
fn pile(count: u32) -> Vec<Json> {
    let square = |at: u32| {
        let (x, y) = (
            f64::from(at * 7 % 200) / 10.0,
            f64::from(at * 13 % 191) / 10.0,
        );
        feature(
            &format!("pile-{at:04}"),
            rectangle(x, y, 50.0, 50.0),
            json!({}),
        )
    };
    (0..count).map(square).collect()
}

#[test]
fn a_pile_is_measured_in_part_and_says_so() {
    // Beside it, four parcels around a strip of half a metre.
    let strip = [
        ("s", (500.0, 0.0, 20.5, 10.0)),
        ("w", (500.0, 10.0, 10.0, 20.0)),
        ("e", (510.5, 10.0, 10.0, 20.0)),
        ("n", (500.0, 30.0, 20.5, 10.0)),
    ];
    let strip =
        strip.map(|(id, (x, y, wide, high))| feature(id, rectangle(x, y, wide, high), json!({})));
    let features = [pile(1000), strip.to_vec()].concat();
    let start = Instant::now();
    let report = parcels("no_gaps = true", &features).report();
    let spent = start.elapsed();
    // A few seconds; half a million intersections and an overlay of four million crossings take minutes.
    assert!(spent < Duration::from_secs(30), "{spent:?}");
    let of = |check: &str| -> Vec<&Note> {
        let notes = report.notes.iter();
        notes.filter(|note| note.finding.check == check).collect()
    };
    // The last 51 have no more than fifty after them: none of those is crowded.
    let crowded = "949 features overlap 50 others each";
    let overlaps = of("overlap");
    assert!(
        overlaps[0].finding.reason.contains(crowded),
        "{}",
        overlaps[0].finding.reason
    );
    let all = report
        .tallies
        .iter()
        .find(|tally| tally.check.name == "overlap");
    let all = all.expect("overlaps").count;
    assert_eq!(all, 1 + 950 * 50 + 50 * 49 / 2);
    let gaps = of("gap");
    assert_eq!(gaps.len(), 2, "{gaps:#?}");
    assert!(
        gaps[0].finding.reason.contains("949 features"),
        "{}",
        gaps[0].finding.reason
    );
    assert!((gaps[1].size - 10.0).abs() < 0.1, "{}", gaps[1].size);
    assert!(overlaps.windows(2).all(|pair| pair[0].size >= pair[1].size));
}

/// One polygon over three hundred is no pile.
#[test]
fn what_lies_over_many_is_measured_with_all_of_them() {
    let plot = |at: u32| {
        let (x, y) = (f64::from(at % 20) * 10.0, f64::from(at / 20) * 10.0);
        feature(
            &format!("plot-{at:03}"),
            rectangle(x, y, 10.0, 10.0),
            json!({}),
        )
    };
    let mut features: Vec<_> = (0..300).map(plot).collect();
    features.push(feature(
        "all",
        rectangle(-5.0, -5.0, 210.0, 160.0),
        json!({}),
    ));
    let town = parcels(TILING, &features);
    let found = town.notes("overlap");
    assert_eq!(found.len(), 300);
    assert!(found.iter().all(|note| (note.size - 100.0).abs() < 0.1));
    assert!(town.notes("gap").is_empty());
}
