//! Validity against geo's.

use std::cell::Cell;
use std::time::{Duration, Instant};

use geo::algorithm::validation::{InvalidMultiPolygon, InvalidPolygon, RingRole};
use geo::{
    Area, Contains, Coord, Geometry, LineString, MultiPolygon, Point, Polygon, Validation, coord,
};
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};

use super::documents::Random;
use crate::ingest::{geometry, valid};
use crate::model::GeometryKind;

/// What geo finds, in our words.
fn plain(geometry: &Geometry<f64>) -> Vec<String> {
    let ring = |role: &RingRole| match role {
        RingRole::Exterior => "the exterior ring".to_owned(),
        RingRole::Interior(at) => format!("hole {}", at + 1),
    };
    let own = |problem: &InvalidPolygon| match problem {
        InvalidPolygon::TooFewPointsInRing(one) => {
            format!("{} has fewer than 3 distinct positions", ring(one))
        }
        InvalidPolygon::SelfIntersection(one) => {
            format!("{} crosses or touches itself", ring(one))
        }
        InvalidPolygon::InteriorRingNotContainedInExteriorRing(one) => {
            format!("{} is not within the exterior ring", ring(one))
        }
        InvalidPolygon::IntersectingRingsOnALine(one, other) => {
            format!("{} and {} share a line", ring(one), ring(other))
        }
        InvalidPolygon::IntersectingRingsOnAnArea(one, other) => {
            format!("{} and {} overlap", ring(one), ring(other))
        }
        InvalidPolygon::NonFiniteCoord(..) => panic!("{problem}"),
    };
    let of_parts = |problem: &InvalidMultiPolygon| match problem {
        InvalidMultiPolygon::InvalidPolygon(at, problem) => {
            format!("polygon {}: {}", at.0 + 1, own(problem))
        }
        InvalidMultiPolygon::ElementsOverlaps(one, other) => {
            format!("polygons {} and {} overlap", one.0 + 1, other.0 + 1)
        }
        InvalidMultiPolygon::ElementsTouchOnALine(one, other) => {
            format!("polygons {} and {} share a line", one.0 + 1, other.0 + 1)
        }
    };
    match geometry {
        Geometry::Polygon(polygon) => polygon.validation_errors().iter().map(own).collect(),
        Geometry::MultiPolygon(polygons) => {
            polygons.validation_errors().iter().map(of_parts).collect()
        }
        _ => panic!("{geometry:?}"),
    }
}

/// What is found here and geo looks at, without the places.
fn found(geometry: &Geometry<f64>) -> Vec<String> {
    let placeless = |problem: String| match problem.split_once(" itself at ") {
        Some((what, _)) => format!("{what} itself"),
        None => problem,
    };
    let all = valid::problems(geometry).into_iter();
    let known = all.filter(|problem| !problem.contains("not connected"));
    known.map(placeless).collect()
}

/// A closed ring: often simple, and often only just not.
#[expect(clippy::cast_precision_loss, reason = "small numbers")]
fn ring(random: &mut Random, most: usize) -> LineString<f64> {
    let count = 3 + random.below(most);
    let centre = coord! { x: random.below(12) as f64, y: random.below(12) as f64 };
    let mut places: Vec<Coord<f64>> = match random.below(4) {
        // Anywhere on a grid.
        0 => (0..count)
            .map(|_| coord! { x: random.below(9) as f64, y: random.below(9) as f64 })
            .collect(),
        // A star around a centre, on a grid or off it.
        kind => {
            let angle = |at: usize| std::f64::consts::TAU * at as f64 / count as f64;
            let star = (0..count).map(|at| {
                let length = 1.0 + random.below(8) as f64;
                let place =
                    centre + coord! { x: length * angle(at).cos(), y: length * angle(at).sin() };
                if kind == 1 {
                    coord! { x: place.x.round(), y: place.y.round() }
                } else {
                    place
                }
            });
            star.collect()
        }
    };
    for _ in 0..random.below(3) {
        let at = random.below(places.len());
        match random.below(4) {
            // A position that repeats one before it, next to it or not.
            0 => places.insert(at, places[at]),
            1 => {
                let other = random.below(places.len());
                places.insert(at, places[other]);
            }
            // One on a segment.
            2 if at > 0 => places.insert(at, (places[at] + places[at - 1]) / 2.0),
            // A way there and back.
            _ => {
                let tip = coord! { x: random.below(12) as f64, y: random.below(12) as f64 };
                let start = places[at];
                places.splice(at..at, [start, tip]);
            }
        }
    }
    places.push(places[0]);
    LineString::new(places)
}

pub(super) fn polygon(random: &mut Random, most: usize) -> Polygon<f64> {
    let exterior = ring(random, most);
    let shrunk = |ring: LineString<f64>, random: &mut Random| {
        let by = [1.0, 2.0, 8.0][random.below(3)];
        let centre = exterior.0[random.below(exterior.0.len())];
        LineString::new(
            ring.0
                .iter()
                .map(|at| (*at - centre) / by + centre)
                .collect(),
        )
    };
    let holes = (0..random.below(5).saturating_sub(1))
        .map(|_| {
            let hole = ring(random, 6);
            shrunk(hole, random)
        })
        .collect();
    Polygon::new(exterior.clone(), holes)
}

#[test]
fn shapes_are_as_valid_as_geo_finds_them() {
    let (good, bad) = (Cell::new(0), Cell::new(0));
    let mut runner = TestRunner::new(Config::with_cases(6000));
    let held = runner.run(&any::<u64>(), |seed| {
        let mut random = Random(seed);
        let most = [4, 8, 30, 200][random.below(4)];
        let geometry: Geometry<f64> = if random.once_in(3) {
            MultiPolygon::new(
                (0..=random.below(4))
                    .map(|_| polygon(&mut random, most))
                    .collect(),
            )
            .into()
        } else {
            polygon(&mut random, most).into()
        };
        // geo takes a flat ring for valid, and goes on from there.
        if valid::parts(&geometry).any(|part| part.unsigned_area() == 0.0) {
            prop_assert!(!found(&geometry).is_empty(), "{:?}", geometry);
            return Ok(());
        }
        let expected = plain(&geometry);
        if expected.is_empty() {
            good.set(good.get() + 1);
        } else {
            bad.set(bad.get() + 1);
        }
        prop_assert_eq!(found(&geometry), expected, "{:?}", geometry);
        Ok(())
    });
    held.unwrap_or_else(|error| panic!("{error}"));
    let (good, bad) = (good.get(), bad.get());
    assert!(good > 500 && bad > 500, "{good} {bad}");
}

/// The tooth of a comb per four positions.
#[expect(clippy::cast_precision_loss, reason = "small numbers")]
pub(super) fn comb(teeth: usize, turn: f64) -> Vec<Coord<f64>> {
    let turned = |x: f64, y: f64| coord! { x: x * turn.cos() - y * turn.sin(), y: x * turn.sin() + y * turn.cos() };
    let width = 4.0 * teeth as f64;
    let mut places = vec![turned(0.0, -1.0), turned(width, -1.0)];
    for tooth in (0..teeth).rev() {
        let x = 4.0 * tooth as f64;
        places.extend([
            turned(x + 3.0, 0.0),
            turned(x + 2.0, width),
            turned(x + 1.0, width),
            turned(x + 0.5, 0.0),
        ]);
    }
    places.push(places[0]);
    places
}

/// Also where the boxes of all segments meet.
#[test]
fn a_ring_of_200_000_positions_takes_no_minute() {
    for turn in [0.0, 0.7] {
        let sound = comb(50_000, turn);
        let mut crossed = sound.clone();
        let middle = crossed.len() / 2;
        crossed.swap(middle, middle + 1);
        let hole = |at: usize, by: f64| {
            let a = sound[at];
            LineString::new(vec![
                a,
                a + coord! { x: by, y: 0.3 * by },
                a + coord! { x: 0.2 * by, y: by },
                a,
            ])
        };
        let shapes = [
            (sound.clone(), Vec::new(), true),
            (crossed.clone(), Vec::new(), false),
            (crossed, vec![hole(2, 0.1)], false),
        ];
        for (exterior, holes, good) in shapes {
            let shape = Polygon::new(LineString::new(exterior), holes).into();
            let start = Instant::now();
            let problems = valid::problems(&shape);
            let spent = start.elapsed();
            assert_eq!(problems.is_empty(), good, "{problems:?}");
            // A second or so on an idle machine; comparing all pairs takes minutes.
            assert!(spent < Duration::from_secs(10), "{spent:?}");
        }
    }
}

/// The side of a square of whole numbers.
const SIDE: usize = 8;

/// Pieces of the inside of a polygon whose edges run along the lines of a grid or the diagonals of its
/// cells: of the four triangles of each cell, those inside, and what a flood reaches from one over sides.
fn pieces(polygon: &Polygon<f64>) -> usize {
    // South, east, north and west of the middle of a cell.
    const TOWARDS: [(f64, f64); 4] = [(0.0, -0.3), (0.3, 0.0), (0.0, 0.3), (-0.3, 0.0)];
    let inside = |cell: usize, side: usize| {
        #[expect(clippy::cast_precision_loss, reason = "small numbers")]
        let (x, y) = ((cell % SIDE) as f64 + 0.5, (cell / SIDE) as f64 + 0.5);
        polygon.contains(&Point::new(x + TOWARDS[side].0, y + TOWARDS[side].1))
    };
    let mut dry: Vec<bool> = (0..4 * SIDE * SIDE)
        .map(|at| inside(at / 4, at % 4))
        .collect();
    let mut count = 0;
    for start in 0..dry.len() {
        count += usize::from(dry[start]);
        let mut stack = vec![start];
        while let Some(at) = stack.pop() {
            if !std::mem::replace(&mut dry[at], false) {
                continue;
            }
            let (cell, side) = (at / 4, at % 4);
            stack.extend([4 * cell + (side + 1) % 4, 4 * cell + (side + 3) % 4]);
            let (x, y) = (cell % SIDE, cell / SIDE);
            let across = match side {
                0 if y > 0 => Some(cell - SIDE),
                1 if x + 1 < SIDE => Some(cell + 1),
                2 if y + 1 < SIDE => Some(cell + SIDE),
                3 if x > 0 => Some(cell - 1),
                _ => None,
            };
            stack.extend(across.map(|cell| 4 * cell + (side + 2) % 4));
        }
    }
    count
}

/// A square or a diamond, on the grid.
#[expect(clippy::cast_precision_loss, reason = "small numbers")]
fn little(random: &mut Random) -> LineString<f64> {
    let size = 1 + random.below(3);
    let mut whole = |below: usize| random.below(below) as f64;
    let (x, y) = (whole(SIDE + 1), whole(SIDE + 1));
    let size = size as f64;
    let mut ring = if whole(3) < 1.0 {
        vec![(x, y), (x, y + size), (x + size, y + size), (x + size, y)]
    } else {
        vec![(x - size, y), (x, y + size), (x + size, y), (x, y - size)]
    };
    ring.push(ring[0]);
    ring.into()
}

#[test]
fn an_interior_in_pieces_is_found_where_a_flood_finds_it() {
    let (whole, split) = (Cell::new(0), Cell::new(0));
    let mut runner = TestRunner::new(Config::with_cases(3000));
    let held = runner.run(&any::<u64>(), |seed| {
        let mut random = Random(seed);
        #[expect(clippy::cast_precision_loss, reason = "a small number")]
        let side = SIDE as f64;
        let mut shape = Polygon::new(
            vec![
                (0.0, 0.0),
                (side, 0.0),
                (side, side),
                (0.0, side),
                (0.0, 0.0),
            ]
            .into(),
            Vec::new(),
        );
        for _ in 0..60 {
            let mut more = shape.clone();
            more.interiors_push(little(&mut random));
            if more.is_valid() {
                shape = more;
            }
        }
        let expected = pieces(&shape) > 1;
        let problems = valid::problems(&shape.clone().into());
        prop_assert_eq!(!problems.is_empty(), expected, "{:?} {:?}", problems, shape);
        prop_assert!(problems.iter().all(|one| one.contains("not connected")));
        let count = if expected { &split } else { &whole };
        count.set(count.get() + 1);
        Ok(())
    });
    held.unwrap_or_else(|error| panic!("{error}"));
    assert!(
        whole.get() > 200 && split.get() > 200,
        "{whole:?} {split:?}"
    );
}

#[test]
fn a_ring_that_crosses_itself_is_told_with_the_place() {
    let bow_tie = vec![(0.0, 0.0), (4.0, 4.0), (4.0, 0.0), (0.0, 4.0), (0.0, 0.0)];
    let square = vec![
        (-9.0, -9.0),
        (9.0, -9.0),
        (9.0, 9.0),
        (-9.0, 9.0),
        (-9.0, -9.0),
    ];
    let shape = Polygon::new(square.into(), vec![bow_tie.into()]);
    let expected = "hole 1 crosses or touches itself at 2,2";
    assert!(valid::problems(&shape.clone().into()).contains(&expected.to_owned()));
    let parts = MultiPolygon::new(vec![shape]);
    let problems = valid::problems(&parts.into());
    assert!(
        problems.contains(&format!("polygon 1: {expected}")),
        "{problems:?}"
    );
}

#[test]
fn a_bow_tie_is_told_beside_a_hole_that_is_too_short() {
    let shape = serde_json::json!({ "type": "Polygon", "coordinates": [
        [[0, 0], [4, 4], [4, 0], [0, 4], [0, 0]],
        [[1, 1], [2, 1], [1, 1]],
        [[7, 7], [9, 9], [9, 7], [7, 9], [7, 7]],
    ] });
    let mut told = Vec::new();
    let extent = [-180.0, -90.0, 180.0, 90.0];
    let read = geometry::read(
        shape,
        GeometryKind::Polygon,
        (extent, 0.02),
        &mut |_, check, reason| {
            told.push(format!("{check}: {reason}"));
        },
    );
    assert_eq!(read, None);
    let expected = [
        "ring-too-short: hole 1 has 3 positions, expected at least 4",
        "invalid-geometry: the exterior ring crosses or touches itself at 2,2",
        "invalid-geometry: hole 2 crosses or touches itself at 8,8",
    ];
    assert_eq!(told, expected);
}
