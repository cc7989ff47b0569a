//! The same place twice.

use std::hash::{DefaultHasher, Hash, Hasher};

use geo::Coord;

use super::names;
use super::report::{Note, Notes, named};
use super::rows;
use super::wholes::Wholes;
use crate::snapshot::{Cells, Collection, Row, ShapeKind, ShapeRef, Snapshot};

const FEATURE: &str = "duplicate-feature";
const SHAPE: &str = "duplicate-shape";
const NEAR: &str = "near-duplicate";

/// Of rows of one name in one place, each is held against so many of the next.
const NEXT: usize = 32;

pub(super) fn check(snapshot: &Snapshot, wholes: &Wholes, notes: &mut Notes<'_>) {
    for (at, collection) in snapshot.collections.iter().enumerate() {
        let related = |one, other| wholes.related((at, one), (at, other));
        if notes.is_on(FEATURE) || notes.is_on(SHAPE) {
            same_shapes(collection, related, notes);
        }
        if notes.is_on(NEAR) {
            near(collection, snapshot.plan.audit.near_m, related, notes);
        }
    }
}

/// Equal shapes are found by sorting their digests, and then compared for good.
fn same_shapes(collection: &Collection, related: impl Fn(Row, Row) -> bool, notes: &mut Notes<'_>) {
    let mut digests = rows::each(collection.count(), |row, found| {
        if let Some(shape) = collection.geometry(row) {
            found.push((digest(&shape), row));
        }
    });
    digests.sort_unstable();
    let mut pairs = Vec::new();
    for group in digests.chunk_by(|a, b| a.0 == b.0) {
        // Each is held against the first that it equals, so that many cost no more than a few.
        let mut firsts: Vec<Row> = Vec::new();
        for (_, row) in group {
            match firsts.iter().find(|first| same(collection, **first, *row)) {
                Some(first) => pairs.push((*row, *first)),
                None => firsts.push(*row),
            }
        }
    }
    pairs.sort_unstable();
    for (row, first) in pairs {
        if related(first, row) {
            continue;
        }
        let other = || named(collection, first);
        if states_the_same(collection, first, row) {
            notes.add(FEATURE, collection, || {
                let reason = format!("has the shape of {} and states the same", other());
                Note::new(FEATURE, collection, row, reason).with(collection, first)
            });
        } else if !is_point(collection, row) {
            notes.add(SHAPE, collection, || {
                let reason = format!("has the shape of {}, and states other things", other());
                Note::new(SHAPE, collection, row, reason).with(collection, first)
            });
        }
    }
}

/// Two institutions in one building are at one point, and no mistake.
fn is_point(collection: &Collection, row: Row) -> bool {
    let kind = collection.geometry(row).map(|shape| shape.kind);
    matches!(kind, Some(ShapeKind::Point | ShapeKind::MultiPoint))
}

fn states_the_same(collection: &Collection, one: Row, other: Row) -> bool {
    let columns = collection.info.columns.iter().enumerate();
    columns
        .filter(|(_, column)| column.compute.is_none())
        .all(|(at, _)| {
            let cells = collection.cells(at);
            cells.value(one) == cells.value(other)
        })
}

/// Positions as they are compared: minus zero and zero are one place.
fn bits(at: &Coord<f64>) -> [u64; 2] {
    [(at.x + 0.0).to_bits(), (at.y + 0.0).to_bits()]
}

/// A ring from its least position on, in the direction that comes first; a line from its lesser end.
/// Polygons are turned on loading, but a hole's direction is that of its own ring.
fn canonical(positions: &[Coord<f64>], closed: bool) -> Vec<[u64; 2]> {
    let mut plain: Vec<_> = positions.iter().map(bits).collect();
    plain.dedup();
    if closed && plain.len() > 1 {
        plain.pop();
        let turned = |mut from: Vec<[u64; 2]>| {
            let least = (0..from.len()).min_by_key(|at| &from[*at]);
            from.rotate_left(least.unwrap_or_default());
            from
        };
        let back = turned(plain.iter().rev().copied().collect());
        return turned(plain).min(back);
    }
    let back: Vec<_> = plain.iter().rev().copied().collect();
    plain.min(back)
}

/// The parts of a shape, each as canonical rings, in order.
fn parts(shape: &ShapeRef<'_>) -> Vec<Vec<Vec<[u64; 2]>>> {
    let closed = shape.is_areal();
    if matches!(shape.kind, ShapeKind::Point | ShapeKind::MultiPoint) {
        let mut points: Vec<_> = shape.positions().iter().map(bits).collect();
        points.sort_unstable();
        return vec![vec![points]];
    }
    let part = |rings: Vec<&[Coord<f64>]>| {
        let mut rings = rings.into_iter().map(|ring| canonical(ring, closed));
        let exterior = rings.next();
        let mut holes: Vec<_> = rings.collect();
        holes.sort_unstable();
        exterior.into_iter().chain(holes).collect::<Vec<_>>()
    };
    let mut all: Vec<_> = shape
        .parts()
        .map(|own| part(own.rings().collect()))
        .collect();
    all.sort_unstable();
    all
}

fn digest(shape: &ShapeRef<'_>) -> u64 {
    let mut hasher = DefaultHasher::new();
    (shape.is_areal(), parts(shape)).hash(&mut hasher);
    hasher.finish()
}

fn same(collection: &Collection, one: Row, other: Row) -> bool {
    let shape = |row| {
        collection
            .geometry(row)
            .map(|shape| (shape.is_areal(), parts(&shape)))
    };
    shape(one) == shape(other)
}

/// Rows of one name, by their western side: those of one place stand near each other.
fn near(
    collection: &Collection,
    within: f64,
    related: impl Fn(Row, Row) -> bool,
    notes: &mut Notes<'_>,
) {
    let Some(column) = names::column(collection) else {
        return;
    };
    let Cells::Text { codes, .. } = collection.cells(column) else {
        return;
    };
    let mut placed: Vec<_> = (0..collection.count())
        .filter_map(|row| {
            let bounds = collection.geometry(row)?.bounds()?;
            Some((codes.get(row)?, bounds, row))
        })
        .collect();
    placed.sort_unstable_by(|a, b| {
        (a.0.cmp(&b.0))
            .then(a.1.min().x.total_cmp(&b.1.min().x))
            .then(a.2.cmp(&b.2))
    });
    let mut pairs = Vec::new();
    for (at, (name, bounds, row)) in placed.iter().enumerate() {
        let plane = super::plane::Plane::at(bounds.min());
        let away = |to: Coord<f64>, from: Coord<f64>| {
            let (to, from) = (plane.metres(to), plane.metres(from));
            (to.x - from.x).abs().max((to.y - from.y).abs())
        };
        let others = placed[at + 1..]
            .iter()
            .take_while(|(other_name, other, _)| {
                other_name == name && plane.metres(other.min()).x <= within
            });
        let others = others.take(NEXT);
        // The nearest of them is enough: of a thousand in one place each is told once.
        let mut others = others.filter(|(_, other, other_row)| {
            away(other.min(), bounds.min()) <= within
                && away(other.max(), bounds.max()) <= within
                && !related(*row, *other_row)
                && !same(collection, *row, *other_row)
        });
        if let Some((_, _, other)) = others.next() {
            pairs.push(((*row).max(*other), (*row).min(*other)));
        }
    }
    pairs.sort_unstable();
    // Of three in one place the first two are near the third.
    pairs.dedup_by_key(|pair| pair.0);
    for (row, first) in pairs {
        notes.add(NEAR, collection, || {
            let name = collection.cells(column).text(row).unwrap_or_default();
            let other = named(collection, first);
            let reason = format!(
                "has the name {name:?} and, within {within} m, the place of {other}, and not the same shape"
            );
            Note::new(NEAR, collection, row, reason)
                .with(collection, first)
                .at_column(&collection.info.columns[column].name)
        });
    }
}
