//! Boxes in any CRS, and nearness, against all pairs.

use buju::crs::{Crs, Reprojector};
use buju::model::{ColumnType, Value};
use buju::query::{self, Near, Query, Window, WindowError, cql2_text};
use buju::snapshot::Collection;
use geo::{
    BoundingRect, Distance, Geodesic, Geometry, Intersects, LineString, LinesIter, Point, Rect,
    Relate, coord,
};
use proptest::collection::vec;
use proptest::prelude::*;

use crate::support;
use crate::tiles::shape;

fn collection(shapes: &[Geometry<f64>]) -> Collection {
    let rows = shapes.iter().map(|shape| (Some(shape.clone()), Vec::new()));
    support::snapshot(Vec::new(), rows.collect())
        .collections
        .remove(0)
}

fn found(collection: &Collection, query: &Query) -> Vec<u32> {
    query::matched(collection, query).expect("no limit").rows
}

fn in_window(collection: &Collection, window: &Window) -> Vec<u32> {
    let bbox = Some(window.clone());
    found(
        collection,
        &Query {
            bbox,
            ..Query::default()
        },
    )
}

#[test]
fn axes_are_in_the_authority_s_order() {
    let rects = |text: &str, crs| Window::parse(text, crs).map(|window| window.rects().to_vec());
    let rect = |west, south, east, north| {
        Ok(vec![Rect::new(
            coord! { x: west, y: south },
            coord! { x: east, y: north },
        )])
    };
    let expected = rect(121.0, 31.0, 122.0, 32.0);
    assert_eq!(rects("121,31,122,32", Crs::Crs84), expected);
    assert_eq!(rects("121,31,-5,122,32,99", Crs::Crs84), expected);
    assert_eq!(rects("31,121,32,122", Crs::Epsg(4490)), expected);
    assert_eq!(rects("31,121,0,32,122,9", Crs::Epsg(4326)), expected);
    assert_eq!(rects("121,31,122,32", Crs::Gcj02), expected);
    assert_eq!(
        rects(" 1, 2 ,3,4", Crs::WEB_MERCATOR),
        rect(1.0, 2.0, 3.0, 4.0)
    );
    assert_eq!(
        rects("1,2,3,4", Crs::CGCS2000_GK_120),
        rect(2.0, 1.0, 4.0, 3.0)
    );
    let across = rects("31,179,32,-179", Crs::Epsg(4490)).expect("a box");
    assert_eq!(across.len(), 2);
    assert_eq!((across[0].min().x, across[0].max().x), (179.0, 180.0));
    assert_eq!((across[1].min().x, across[1].max().x), (-180.0, -179.0));
}

#[test]
fn what_is_no_box_is_refused() {
    let parse = Window::parse;
    assert!(matches!(
        parse("1,2,3", Crs::Crs84),
        Err(WindowError::Count(3))
    ));
    assert!(matches!(
        parse("", Crs::Crs84),
        Err(WindowError::Number { position: 1, .. })
    ));
    for bad in [
        "1,2,x,4",
        "1,2,NaN,4",
        "1,2,inf,4",
        "1,2,3,4,5",
        "1,2,3,4,5,6,7",
    ] {
        assert!(parse(bad, Crs::Crs84).is_err(), "{bad}");
    }
    let upside = |text, crs| match parse(text, crs) {
        Err(WindowError::Upside { axis, .. }) => axis,
        other => panic!("{text}: {other:?}"),
    };
    assert_eq!(upside("121,32,122,31", Crs::Crs84), "latitude");
    assert_eq!(upside("32,121,31,122", Crs::Epsg(4490)), "latitude");
    assert_eq!(upside("0,5,1,4", Crs::WEB_MERCATOR), "northing");
    assert_eq!(upside("5,0,4,1", Crs::WEB_MERCATOR), "easting");
    assert_eq!(upside("5,0,4,1", Crs::CGCS2000_GK_120), "northing");
    let exchanged = parse("121,31,122,32", Crs::Epsg(4490)).expect_err("exchanged axes");
    assert_eq!(
        exchanged.to_string(),
        "121 is not a latitude in degrees (EPSG:4490 has latitude before longitude)"
    );
    assert!(matches!(
        parse("1,2,3,4", Crs::Epsg(1)),
        Err(WindowError::Crs(_))
    ));
}

/// A box in a grid is not the box of its two converted corners: its sides are bent in degrees.
#[test]
fn a_box_is_a_box_in_its_own_crs() {
    let place = coord! { x: 121.9, y: 31.0 };
    let grid = Reprojector::new(Crs::Crs84, Crs::CGCS2000_GK_120).expect("a grid");
    let at = grid.position(place).expect("in the grid");
    let low = grid
        .position(coord! { x: 120.0, y: 30.5 })
        .expect("in the grid");
    // Just below the place, though the place's own meridian is far from the central one.
    let text = format!("{},{},{},{}", low.y, low.x, at.y - 1.0, at.x + 1000.0);
    let window = Window::parse(&text, Crs::CGCS2000_GK_120).expect("a box");
    let rows = collection(&[Point(place).into()]);
    assert!(in_window(&rows, &window).is_empty());
    let corner = Reprojector::new(Crs::CGCS2000_GK_120, Crs::Crs84).expect("back");
    let north_west = corner
        .position(coord! { x: low.x, y: at.y - 1.0 })
        .expect("a corner");
    assert!(
        north_west.y > place.y,
        "the corners' box would have held it"
    );
    let higher = format!("{},{},{},{}", low.y, low.x, at.y + 1.0, at.x + 1000.0);
    let higher = Window::parse(&higher, Crs::CGCS2000_GK_120).expect("a box");
    assert_eq!(in_window(&rows, &higher), [0]);
}

fn crs() -> impl Strategy<Value = Crs> {
    prop::sample::select(vec![
        Crs::Crs84,
        Crs::Epsg(4326),
        Crs::Epsg(4490),
        Crs::WEB_MERCATOR,
        Crs::CGCS2000_GK_120,
        Crs::UTM_51N,
        Crs::Gcj02,
        Crs::Bd09,
    ])
}

/// A box of the CRS around a place, as text in its authority's order.
fn box_text(crs: Crs, (lon, lat): (f64, f64), (width, height): (f64, f64)) -> String {
    let to = Reprojector::new(Crs::Crs84, crs).expect("an operation");
    let low = to.position(coord! { x: lon, y: lat }).expect("in it");
    let high = to
        .position(coord! { x: lon + width, y: lat + height })
        .expect("in it");
    let (west, east) = (low.x.min(high.x), low.x.max(high.x));
    let (south, north) = (low.y.min(high.y), low.y.max(high.y));
    if crs.northing_first().expect("known") {
        format!("{south},{west},{north},{east}")
    } else {
        format!("{west},{south},{east},{north}")
    }
}

/// The box as a closed ring in the box's CRS, tested there by DE-9IM, row by row.
fn expected_in(shapes: &[Geometry<f64>], crs: Crs, text: &str) -> Vec<u32> {
    let numbers: Vec<f64> = text
        .split(',')
        .map(|part| part.parse().expect("a number"))
        .collect();
    let to = Reprojector::new(Crs::Crs84, crs).expect("an operation");
    let (x, y) = if crs.northing_first().expect("known") {
        (1, 0)
    } else {
        (0, 1)
    };
    let ring = Rect::new(
        coord! { x: numbers[x], y: numbers[y] },
        coord! { x: numbers[x + 2], y: numbers[y + 2] },
    );
    let polygon: Geometry<f64> = ring.to_polygon().into();
    let meets = |shape: &Geometry<f64>| {
        let there = to.geometry(shape).expect("in it");
        there.relate(&polygon).is_intersects()
    };
    (0..)
        .zip(shapes)
        .filter(|(_, shape)| meets(shape))
        .map(|(row, _)| row)
        .collect()
}

/// Every edge against every edge, sampled finely and then narrowed down, with geodesic distances.
fn all_pairs(a: &Geometry<f64>, b: &Geometry<f64>) -> f64 {
    if a.intersects(b) {
        return 0.0;
    }
    let mut best = f64::MAX;
    for one in edges(a) {
        for two in edges(b) {
            let distance = |s: f64, t: f64| {
                let at = |line: geo::Line<f64>, share: f64| {
                    Point(line.start + (line.end - line.start) * share)
                };
                Geodesic.distance(at(one, s), at(two, t))
            };
            // Distances between points of two short straight edges have one minimum.
            let inner = |s: f64| narrowed(|t| distance(s, t));
            best = best.min(narrowed(inner));
        }
    }
    best
}

/// The minimum of a function with one valley, by ternary search.
fn narrowed(function: impl Fn(f64) -> f64) -> f64 {
    let (mut low, mut high) = (0.0, 1.0);
    for _ in 0..36 {
        let (a, b) = (low + (high - low) / 3.0, high - (high - low) / 3.0);
        if function(a) <= function(b) {
            high = b;
        } else {
            low = a;
        }
    }
    function(0.0)
        .min(function(1.0))
        .min(function(f64::midpoint(low, high)))
}

fn edges(geometry: &Geometry<f64>) -> Vec<geo::Line<f64>> {
    match geometry {
        Geometry::Point(at) => vec![geo::Line::new(at.0, at.0)],
        Geometry::LineString(line) => line.lines_iter().collect(),
        Geometry::Polygon(polygon) => polygon.lines_iter().collect(),
        other => panic!("{other:?}"),
    }
}

/// Small shapes with few edges, from some metres to some kilometres, spread over a hundred.
fn small() -> impl Strategy<Value = Geometry<f64>> {
    let place = (120.6..121.4f64, 30.8..31.6f64);
    let corners = vec((-1.0..1.0f64, -1.0..1.0f64), 3);
    (place, corners, -4.0..-1.3f64, 0..3).prop_map(|((x, y), corners, size, kind)| {
        let scale = 10f64.powf(size);
        let at = |(dx, dy): (f64, f64)| coord! { x: x + dx * scale, y: y + dy * scale };
        let corners: Vec<_> = corners.into_iter().map(at).collect();
        match kind {
            0 => Point(corners[0]).into(),
            1 => LineString::new(corners).into(),
            _ => Geometry::Polygon(geo::Polygon::new(LineString::new(corners), Vec::new())),
        }
    })
}

proptest! {
    #[test]
    fn boxes_in_any_crs_equal_brute_force(
        shapes in vec(shape(), 0..20),
        crs in crs(),
        place in (121.0..121.8f64, 31.0..31.8f64),
        size in (0.0..0.4f64, 0.0..0.4f64),
    ) {
        let text = box_text(crs, place, size);
        let window = Window::parse(&text, crs).expect("a box");
        let rows = collection(&shapes);
        let expected = expected_in(&shapes, crs, &text);
        prop_assert_eq!(&in_window(&rows, &window), &expected, "{} {}", crs, text);
        // The same box in a filter, required and not.
        for filter in [
            format!("S_INTERSECTS(geometry, BBOX({text}))"),
            format!("NOT S_DISJOINT(BBOX({text}), geometry) AND TRUE"),
        ] {
            let filter = cql2_text(&rows.info, &filter, crs).expect("a filter");
            let query = Query { filter, ..Query::default() };
            prop_assert_eq!(&found(&rows, &query), &expected, "{}", crs);
        }
    }

    #[test]
    fn no_text_panics(text in "[-0-9.,eE ]{0,40}", crs in crs()) {
        let _ = Window::parse(&text, crs);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn nearness_equals_all_pairs(
        shapes in vec(small(), 1..12),
        targets in vec(small(), 1..4),
        within in prop_oneof![0.0..2000.0f64, 2000.0..60_000.0f64],
    ) {
        let rows = collection(&shapes);
        let near = Near::features(&collection(&targets), &Query::default(), within).expect("no limit");
        let query = Query { near: Some(near), ..Query::default() };
        let page = query::page(&rows, &query, 1000, None).expect("a page");
        let mut expected: Vec<(f64, usize)> = shapes
            .iter()
            .enumerate()
            .map(|(at, shape)| {
                let distances = targets.iter().map(|target| all_pairs(shape, target));
                (distances.fold(f64::MAX, f64::min), at)
            })
            .collect();
        // What is within a millimetre of the limit may be in or out.
        prop_assume!(expected.iter().all(|(distance, _)| (distance - within).abs() > 1e-3));
        expected.retain(|(distance, _)| *distance <= within);
        expected.sort_by(|a, b| a.partial_cmp(b).expect("numbers"));
        prop_assert_eq!(page.matched, expected.len());
        prop_assert!(page.distances.is_sorted());
        for (feature, distance) in page.features.iter().zip(&page.distances) {
            let at: usize = feature.id.text().parse().expect("a number");
            let (exact, _) = expected.iter().find(|(_, row)| *row == at).expect("a row that is near");
            // One part in a million, and never too short.
            prop_assert!((distance - exact).abs() <= 1e-3 + exact * 1e-6, "{} {}", distance, exact);
            // The function says the same.
            if targets.len() == 1 {
                let filter = format!("distance_m({}) <= {}", wkt(&targets[0]), distance + 1e-6);
                if let Ok(filter) = cql2_text(&rows.info, &filter, Crs::Crs84) {
                    let rows = found(&rows, &Query { filter, ..Query::default() });
                    prop_assert!(rows.iter().any(|row| *row as usize == at));
                }
            }
        }
    }
}

fn wkt(geometry: &Geometry<f64>) -> String {
    let list = |line: &LineString<f64>| {
        let positions: Vec<_> = line
            .0
            .iter()
            .map(|at| format!("{} {}", at.x, at.y))
            .collect();
        positions.join(",")
    };
    match geometry {
        Geometry::Point(at) => format!("POINT({} {})", at.x(), at.y()),
        Geometry::LineString(line) => format!("LINESTRING({})", list(line)),
        Geometry::Polygon(polygon) => format!("POLYGON(({}))", list(polygon.exterior())),
        other => panic!("{other:?}"),
    }
}

#[test]
fn near_the_180th_meridian_and_nowhere() {
    let rows = collection(&[
        geo::point!(x: 179.999, y: 0.0).into(),
        geo::point!(x: -179.999, y: 0.0).into(),
        geo::point!(x: 0.0, y: 0.0).into(),
    ]);
    let near = |within: f64| Query {
        near: Some(Near::geometry(
            geo::point!(x: -180.0, y: 0.0).into(),
            within,
        )),
        ..Query::default()
    };
    assert_eq!(found(&rows, &near(200.0)), [0, 1]);
    for nothing in [-1.0, f64::NAN, f64::INFINITY] {
        assert!(found(&rows, &near(nothing)).is_empty());
    }
}

/// `parcels within 200 m of a road work`, in the shipped plan.
#[test]
fn parcels_near_road_works() {
    let store = support::shipped_snapshot();
    let parcels = store.collection("parcels").expect("parcels");
    let works = store.collection("road-works").expect("road works");
    let near = Near::features(works, &Query::default(), 200.0).expect("no limit");
    let query = Query {
        near: Some(near),
        ..Query::default()
    };
    let page = query::page(parcels, &query, 100, None).expect("a page");
    let shapes = |rows: &Collection| -> Vec<Geometry<f64>> {
        (0..rows.count())
            .filter_map(|row| rows.geometry(row)?.to_geometry())
            .collect()
    };
    let close = |parcel: &Geometry<f64>| {
        let bounds = parcel.bounding_rect().expect("a box");
        shapes(works).iter().any(|work| {
            let near = work.bounding_rect().expect("a box");
            let gap = (near.center() - bounds.center()).x.abs();
            gap < 0.2 && distance(parcel, work) <= 200.0
        })
    };
    let expected = shapes(parcels)
        .iter()
        .filter(|parcel| close(parcel))
        .count();
    assert_eq!(page.matched, expected);
    assert!(expected > 0, "the plan has parcels at its roads");
}

/// In the plane of the grid, whose scale is within one part in ten thousand here.
fn distance(a: &Geometry<f64>, b: &Geometry<f64>) -> f64 {
    let grid = Reprojector::new(Crs::Crs84, Crs::CGCS2000_GK_120).expect("a grid");
    let (a, b) = (
        grid.geometry(a).expect("there"),
        grid.geometry(b).expect("there"),
    );
    geo::Euclidean.distance(&a, &b)
}

/// A conversion that fails finds nothing, and does not fail the query.
#[test]
fn far_places_are_no_error() {
    let columns = vec![support::column("n", ColumnType::Number, false)];
    let row = |x: f64, y: f64| (Some(geo::point!(x: x, y: y).into()), vec![Value::Null]);
    let rows = vec![row(-60.0, 0.0), row(0.0, 90.0), row(121.0, 31.0)];
    let rows = support::snapshot(columns, rows).collections.remove(0);
    let window = Window::parse("3000000,0,4000000,900000", Crs::CGCS2000_GK_120).expect("a box");
    assert_eq!(in_window(&rows, &window), [2]);
}
