//! What rounding makes of valid shapes is no error, and large shapes take no longer than their corners.

use std::cell::Cell;
use std::time::{Duration, Instant};

use geo::{Coord, Geometry, LineString, MapCoords, MultiPolygon, Polygon, Validation, coord};
use proptest::prelude::*;
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};

use super::documents::Random;
use super::rings::{comb, polygon};
use crate::ingest::{problems, problems_beyond};

const ROUNDING: f64 = 0.02;

/// Some 100 m.
const UNIT: f64 = 1e-3;

/// A square, with a hole and another part that each touch an edge of it with a corner.
fn touching(random: &mut Random) -> MultiPolygon<f64> {
    #[expect(clippy::cast_precision_loss, reason = "small numbers")]
    let (hole, part) = ((1 + random.below(7)) as f64, (1 + random.below(7)) as f64);
    let square = vec![(0.0, 0.0), (8.0, 0.0), (8.0, 8.0), (0.0, 8.0), (0.0, 0.0)];
    let inside = vec![
        (0.0, hole),
        (1.0, hole + 0.5),
        (1.0, hole - 0.5),
        (0.0, hole),
    ];
    let beside = vec![
        (8.0, part),
        (9.0, part - 0.5),
        (9.0, part + 0.5),
        (8.0, part),
    ];
    MultiPolygon::new(vec![
        Polygon::new(square.into(), vec![inside.into()]),
        Polygon::new(beside.into(), Vec::new()),
    ])
}

#[test]
fn valid_shapes_stay_sound_when_their_corners_move_by_a_hair() {
    let (moved, mended) = (Cell::new(0), Cell::new(0));
    // The same shapes each time: which are valid hangs on the last digit.
    let rng = TestRng::deterministic_rng(RngAlgorithm::ChaCha);
    let mut runner = TestRunner::new_with_rng(Config::with_cases(6000), rng);
    let held = runner.run(&any::<u64>(), |seed| {
        let mut random = Random(seed);
        let most = [4, 8, 30, 200][random.below(4)];
        let count = 1 + random.below(3);
        let shape = if random.once_in(2) {
            touching(&mut random)
        } else {
            let parts = (0..count).map(|_| polygon(&mut random, most));
            MultiPolygon::new(parts.collect())
        };
        // Of degrees only: the digits of whole numbers that touch are parted there by noise.
        if !problems(&shape.clone().into()).is_empty() {
            return Ok(());
        }
        let at = |at: Coord<f64>| coord! { x: 121.0, y: 31.0 } + at * UNIT;
        let shape = shape.map_coords(at);
        // What holds in degrees, too.
        if !shape.is_valid() || !problems(&shape.clone().into()).is_empty() {
            return Ok(());
        }
        // As a conversion does: one position goes to one other, wherever it stands.
        let hair = |at: Coord<f64>| {
            let mut random = Random(seed ^ at.x.to_bits() ^ at.y.to_bits().rotate_left(32));
            #[expect(clippy::cast_precision_loss, reason = "small numbers")]
            let mut away = || (random.below(2001) as f64 / 1000.0 - 1.0) * 5e-8;
            at + coord! { x: away(), y: away() }
        };
        let shape: Geometry<f64> = shape.map_coords(hair).into();
        moved.set(moved.get() + 1);
        if !problems(&shape).is_empty() {
            mended.set(mended.get() + 1);
        }
        let beyond = problems_beyond(&shape, ROUNDING);
        prop_assert!(beyond.is_empty(), "{:?} {:?}", beyond, shape);
        Ok(())
    });
    held.unwrap_or_else(|error| panic!("{error}"));
    let (moved, mended) = (moved.get(), mended.get());
    assert!(moved > 300 && mended > 20, "{moved} {mended}");
}

/// A comb with a small square between each two of its teeth, each with a corner on a tooth where `touching`.
fn islands(teeth: usize, touching: bool) -> MultiPolygon<f64> {
    let ring = comb(teeth, 0.0);
    let height = ring.iter().map(|at| at.y).fold(0.0, f64::max);
    let mut parts = vec![Polygon::new(LineString::new(ring), Vec::new())];
    for tooth in 1..teeth {
        #[expect(clippy::cast_precision_loss, reason = "small numbers")]
        let x = 4.0 * tooth as f64 + if touching { 1.0 } else { 0.5 };
        let at = coord! { x: x, y: height };
        let ring = [
            (0.0, 0.0),
            (-0.4, 0.4),
            (-0.8, 0.0),
            (-0.4, -0.4),
            (0.0, 0.0),
        ];
        let ring = ring.map(|(x, y)| at + coord! { x: x, y: y });
        parts.push(Polygon::new(LineString::new(ring.to_vec()), Vec::new()));
    }
    MultiPolygon::new(parts)
}

/// One large part and many small ones, a quarter of a million corners: a moment even where nothing is optimised.
#[test]
fn many_parts_cost_no_square() {
    for touching in [false, true] {
        let shape: Geometry<f64> = islands(30_000, touching).into();
        let start = Instant::now();
        assert_eq!(problems(&shape), Vec::<String>::new());
        // Pairs of parts take minutes.
        let spent = start.elapsed();
        assert!(spent < Duration::from_secs(20), "{spent:?}");
    }
}

#[test]
fn one_overlap_among_many_parts_is_told() {
    let mut shape = islands(3000, false);
    let far = shape.0[7].map_coords(|at| at + coord! { x: 2.0, y: -1.0 });
    shape.0[7] = far;
    let start = Instant::now();
    let found = problems(&shape.into());
    assert!(
        start.elapsed() < Duration::from_secs(10),
        "{:?}",
        start.elapsed()
    );
    assert!(
        matches!(found.as_slice(), [one] if one.starts_with("polygons 1 and 8 overlap at ")),
        "{found:?}"
    );
}
