//! Validity against geo's.

use std::cell::Cell;
use std::time::{Duration, Instant};

use geo::{Coord, Geometry, LineString, MultiPolygon, Polygon, Validation, coord};
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};

use super::documents::Random;
use crate::ingest::valid;

fn plain(geometry: &Geometry<f64>) -> Vec<String> {
    geometry
        .validation_errors()
        .iter()
        .map(ToString::to_string)
        .collect()
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

fn polygon(random: &mut Random, most: usize) -> Polygon<f64> {
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
        let expected = plain(&geometry);
        if expected.is_empty() {
            good.set(good.get() + 1);
        } else {
            bad.set(bad.get() + 1);
        }
        prop_assert_eq!(valid::problems(&geometry), expected, "{:?}", geometry);
        Ok(())
    });
    held.unwrap_or_else(|error| panic!("{error}"));
    let (good, bad) = (good.get(), bad.get());
    assert!(good > 500 && bad > 500, "{good} {bad}");
}

/// The tooth of a comb per four positions.
#[expect(clippy::cast_precision_loss, reason = "small numbers")]
fn comb(teeth: usize, turn: f64) -> Vec<Coord<f64>> {
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
