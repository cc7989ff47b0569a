//! What rounding makes of valid shapes is no error, and large shapes take no longer than their corners.

use std::cell::{Cell, RefCell};
use std::time::{Duration, Instant};

use geo::{Coord, Geometry, LineString, MapCoords, MultiPolygon, Polygon, Validation, coord};
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};

use super::documents::Random;
use super::rings::{comb, polygon};
use crate::ingest::{problems, problems_beyond};

const ROUNDING: f64 = 0.02;

/// Some 100 m.
const UNIT: f64 = 1e-3;

#[test]
fn valid_shapes_stay_sound_when_their_corners_move_by_a_hair() {
    let (moved, mended) = (Cell::new(0), Cell::new(0));
    let mut runner = TestRunner::new(Config::with_cases(6000));
    let held = runner.run(&any::<u64>(), |seed| {
        let mut random = Random(seed);
        let most = [4, 8, 30, 200][random.below(4)];
        let count = 1 + random.below(3);
        let parts = (0..count).map(|_| polygon(&mut random, most));
        let shape = MultiPolygon::new(parts.collect());
        let at = |at: Coord<f64>| coord! { x: 121.0, y: 31.0 } + at * UNIT;
        let shape = shape.map_coords(at);
        // What holds in degrees, too.
        if !shape.is_valid() || !problems(&shape.clone().into()).is_empty() {
            return Ok(());
        }
        let random = RefCell::new(random);
        let hair = |at: f64| {
            #[expect(clippy::cast_precision_loss, reason = "small numbers")]
            let away = random.borrow_mut().below(2001) as f64 / 1000.0 - 1.0;
            at + away * 5e-8
        };
        let shape: Geometry<f64> = shape
            .map_coords(|at| coord! { x: hair(at.x), y: hair(at.y) })
            .into();
        // The ends of a ring have moved apart.
        let Geometry::MultiPolygon(parts) = shape else {
            unreachable!()
        };
        let closed = |ring: &LineString<f64>| {
            let mut all = ring.0.clone();
            all.pop();
            LineString::new(all)
        };
        let parts = parts.iter().map(|part| {
            Polygon::new(
                closed(part.exterior()),
                part.interiors().iter().map(closed).collect(),
            )
        });
        let shape: Geometry<f64> = MultiPolygon::new(parts.collect()).into();
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
