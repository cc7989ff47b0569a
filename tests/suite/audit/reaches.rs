//! How far features reach out of zones and off roads, against a raster of places and geo's distances.

use geo::{
    Area, Contains, Distance, Euclidean, Intersects, LineString, Point, Polygon, Validation, coord,
    polygon,
};
use proptest::collection::vec;
use proptest::prelude::*;
use serde_json::{Value as Json, json};

use super::town::{Town, at, feature, line};

/// A polygon in metres with its holes, in degrees.
fn shape(polygon: &Polygon<f64>) -> Json {
    let ring = |ring: &LineString<f64>| -> Vec<_> {
        ring.coords().map(|place| at(place.x, place.y)).collect()
    };
    let rings = std::iter::once(polygon.exterior()).chain(polygon.interiors());
    let rings: Vec<_> = rings.map(ring).collect();
    json!({ "type": "Polygon", "coordinates": rings })
}

fn town(zone: &Polygon<f64>, geometry: Json) -> Town {
    let plots = [feature("plot", geometry, json!({}))];
    let zones = [feature("zone", shape(zone), json!({}))];
    Town::new("")
        .with("plots", "inside = \"zones\"", &["part_of"], &plots)
        .with("zones", "", &["name_zh"], &zones)
}

/// How far the audit says that the plot is out of its zone; zero where it says nothing.
fn told(zone: &Polygon<f64>, geometry: Json) -> f64 {
    let found = town(zone, geometry).notes("outside-zone");
    found.first().map_or(0.0, |note| note.size)
}

fn notched() -> Polygon<f64> {
    polygon![
        (x: 0.0, y: 0.0), (x: 100.0, y: 0.0), (x: 100.0, y: 10.0), (x: 10.0, y: 10.0),
        (x: 10.0, y: 100.0), (x: 0.0, y: 100.0),
    ]
}

fn with_a_hole() -> Polygon<f64> {
    let square = |low: f64, high: f64| -> LineString<f64> {
        vec![
            (low, low),
            (high, low),
            (high, high),
            (low, high),
            (low, low),
        ]
        .into()
    };
    Polygon::new(square(0.0, 100.0), vec![square(10.0, 90.0)])
}

#[test]
fn what_lies_over_a_notch_or_a_hole_is_outside() {
    let triangle = polygon![(x: 5.0, y: 95.0), (x: 5.0, y: 5.0), (x: 95.0, y: 5.0)];
    let square = |low: f64, high: f64| -> Polygon<f64> {
        polygon![(x: low, y: low), (x: high, y: low), (x: high, y: high), (x: low, y: high)]
    };
    // The middle of the chord is at 50, 50, and the notch begins at 10. The hole's middle is 40 from its sides.
    let cases = [
        (notched(), shape(&triangle), 40.0),
        (notched(), line(&[(5.0, 95.0), (95.0, 5.0)]), 40.0),
        (with_a_hole(), shape(&square(5.0, 95.0)), 40.0),
        (with_a_hole(), shape(&square(10.0, 90.0)), 40.0),
        (with_a_hole(), shape(&square(30.0, 70.0)), 40.0),
        (with_a_hole(), line(&[(5.0, 50.0), (95.0, 50.0)]), 40.0),
        (with_a_hole(), shape(&with_a_hole()), 0.0),
        (notched(), shape(&notched()), 0.0),
        // The whole of a zone within a plot: its corners are farthest.
        (
            square(0.0, 100.0),
            shape(&square(-30.0, 130.0)),
            30.0 * 2.0_f64.sqrt(),
        ),
        // Neither edge leaves the zone by more than the metre that is allowed.
        (notched(), line(&[(9.5, 20.0), (10.9, 50.0)]), 0.0),
    ];
    for (zone, geometry, expected) in cases {
        let told = told(&zone, geometry.clone());
        assert!(
            (told - expected).abs() <= 0.02 * expected,
            "{told} {expected}: {geometry}"
        );
    }
}

#[test]
fn a_part_over_a_notch_is_out_of_its_whole() {
    let chord = line(&[(5.0, 95.0), (95.0, 5.0)]);
    let plots = [feature("part", chord, json!({ "part_of": "zone" }))];
    let zones = [feature("zone", shape(&notched()), json!({}))];
    let town = Town::new("").with("plots", "", &["part_of"], &plots).with(
        "zones",
        "",
        &["name_zh"],
        &zones,
    );
    let found = town.notes("outside-whole");
    assert_eq!(found.len(), 1, "{found:#?}");
    let reason = &found[0].finding.reason;
    assert!(
        reason.contains("reaches 40 m out of zones/zone"),
        "{reason}"
    );
    assert!(reason.ends_with("expected at most 1.0 m"), "{reason}");
}

/// A simple ring of corners on a grid of ten metres; none where it is not.
fn simple(corners: &[(i32, i32)]) -> Option<Polygon<f64>> {
    let ten = |(x, y): &(i32, i32)| coord! { x: f64::from(*x) * 10.0, y: f64::from(*y) * 10.0 };
    let ring = Polygon::new(
        LineString::new(corners.iter().map(ten).collect()),
        Vec::new(),
    );
    (ring.is_valid() && ring.unsigned_area() > 0.0).then_some(ring)
}

/// The farthest of places a metre apart that are in a polygon, or on its edges, from another one.
fn farthest(of: &Polygon<f64>, from: &Polygon<f64>) -> f64 {
    let away = |at: Point<f64>| Euclidean.distance(&at, from);
    let inside =
        (0..=90).flat_map(|x| (0..=90).map(move |y| Point::new(f64::from(x), f64::from(y))));
    let inside = inside.filter(|at| of.intersects(at));
    let along = of.exterior().lines().flat_map(|edge| {
        (0..=100).map(move |at| Point::from(edge.start + edge.delta() * (f64::from(at) / 100.0)))
    });
    inside.chain(along).map(away).fold(0.0, f64::max)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn what_is_outside_is_what_a_raster_finds(
        zone in vec((0..10_i32, 0..10_i32), 3..9),
        hole in vec((0..10_i32, 0..10_i32), 3..5),
        plot in vec((0..10_i32, 0..10_i32), 3..6),
    ) {
        let (Some(mut zone), Some(plot)) = (simple(&zone), simple(&plot)) else {
            return Ok(());
        };
        if let Some(hole) = simple(&hole).filter(|hole| zone.contains(hole)) {
            let mut holed = zone.clone();
            holed.interiors_push(hole.exterior().clone());
            if holed.is_valid() {
                zone = holed;
            }
        }
        let expected = farthest(&plot, &zone);
        let told = told(&zone, shape(&plot));
        // The raster is up to 0.7 m short, and the audit 2 %.
        if told == 0.0 {
            prop_assert!(expected <= 1.02, "{expected}");
        } else {
            let range = (expected * 0.98 - 0.02)..(expected + 0.75);
            prop_assert!(range.contains(&told), "{told} {expected}");
        }
    }
}

/// The second edge leaves the road by 300 m, however long the first one is.
#[test]
fn a_work_is_looked_at_to_its_end() {
    let road = [
        (-8000.0, 0.0),
        (0.0, 0.0),
        (0.0, 600.0),
        (600.0, 600.0),
        (600.0, 0.0),
        (1200.0, 0.0),
    ];
    let roads = [feature("road", line(&road), json!({}))];
    for first in [100.0, 8000.0] {
        let mut places = vec![(-first, 0.0), (0.0, 0.0), (600.0, 0.0)];
        for _ in 0..2 {
            let works = [feature("work", line(&places), json!({ "accuracy_m": 5.0 }))];
            let columns = ["name_zh", "accuracy_m"];
            let town = Town::new("columns = { accuracy = \"accuracy_m\" }")
                .with(
                    "works",
                    "along = { collection = \"roads\" }",
                    &columns,
                    &works,
                )
                .with("roads", "", &columns, &roads);
            let found = town.notes("off-course");
            assert_eq!(found.len(), 1, "{first}");
            assert!(
                (found[0].size - 300.0).abs() < 6.0,
                "{first}: {}",
                found[0].size
            );
            places.reverse();
        }
    }
}
