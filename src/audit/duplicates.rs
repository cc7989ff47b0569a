//! The same place twice.

use std::collections::HashMap;

use geo::{Coord, Rect};

use super::names;
use super::report::{Note, Notes, named};
use super::wholes::Wholes;
use crate::query::metres_per_degree;
use crate::snapshot::{Cells, Collection, Row, ShapeKind, ShapeRef, Snapshot};

const FEATURE: &str = "duplicate-feature";
const SHAPE: &str = "duplicate-shape";
const NEAR: &str = "near-duplicate";

/// Of rows of one name in one place, each is held against so many of the next.
const NEXT: usize = 32;

pub(super) fn check(snapshot: &Snapshot, wholes: &Wholes, notes: &mut Notes<'_>) {
    for (at, collection) in snapshot.collections.iter().enumerate() {
        let related = |one, other| wholes.related((at, one), (at, other));
        let same = Same::within(snapshot.plan.audit.rounding_m, collection);
        if notes.is_on(FEATURE) || notes.is_on(SHAPE) {
            same_shapes(collection, &same, related, notes);
        }
        if notes.is_on(NEAR) {
            near(
                collection,
                snapshot.plan.audit.near_m,
                &same,
                related,
                notes,
            );
        }
    }
}

/// Each shape is held against the first ones whose boxes are the same, so that many cost no more than a few.
fn same_shapes(
    collection: &Collection,
    same: &Same,
    related: impl Fn(Row, Row) -> bool,
    notes: &mut Notes<'_>,
) {
    let mut firsts: HashMap<[i32; 4], Vec<Row>> = HashMap::new();
    let mut pairs = Vec::new();
    for row in 0..collection.count() {
        let shape = collection.geometry(row);
        let Some((shape, bounds)) = shape.and_then(|own| Some((own.clone(), own.bounds()?))) else {
            continue;
        };
        let sides = same.cells(bounds);
        let first = keys(&sides).find_map(|key| {
            let mut others = firsts.get(&key)?.iter().copied();
            others.find(|other| {
                let other = collection.geometry(*other);
                other.is_some_and(|other| same.shapes(&other, &shape))
            })
        });
        match first {
            Some(first) => pairs.push((row, first)),
            None => firsts
                .entry(sides.map(|side| side.0))
                .or_default()
                .push(row),
        }
    }
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

/// Shapes are the same where their corners are, one by one, within a rounding: those of two programs that
/// write nine and seven decimals of a degree are up to a centimetre apart.
struct Same {
    within: f64,
    /// Metres per degree of longitude and of latitude.
    scale: (f64, f64),
}

/// The cell of a grid that a side of a box is in, and the next one where it is as near as a rounding.
type Side = (i32, Option<i32>);

/// A cell of the grid is so many roundings wide: four sides of a box are seldom all near its lines.
const CELL: f64 = 8.0;

impl Same {
    fn within(within: f64, collection: &Collection) -> Self {
        let mut shapes = (0..collection.count()).filter_map(|row| collection.geometry(row));
        let some = shapes.find_map(|shape| shape.bounds());
        Self {
            within,
            scale: metres_per_degree(some.map_or(0.0, |bounds| bounds.center().y)),
        }
    }

    fn near(&self, one: Coord<f64>, other: Coord<f64>) -> bool {
        (one.x - other.x).abs() * self.scale.0 <= self.within
            && (one.y - other.y).abs() * self.scale.1 <= self.within
    }

    #[expect(
        clippy::cast_possible_truncation,
        reason = "180° in cells of at least 1e-7°"
    )]
    fn cells(&self, bounds: Rect<f64>) -> [Side; 4] {
        let side = |at: f64, scale: f64| {
            let rounding = self.within / scale;
            let cell = (CELL * rounding).max(1e-7);
            let whole = (at / cell).floor();
            let (whole, rest) = (whole as i32, at - whole * cell);
            let next = if rest <= rounding {
                Some(whole - 1)
            } else if cell - rest <= rounding {
                Some(whole + 1)
            } else {
                None
            };
            (whole, next)
        };
        let (low, high) = (bounds.min(), bounds.max());
        let (east, north) = self.scale;
        [
            side(low.x, east),
            side(low.y, north),
            side(high.x, east),
            side(high.y, north),
        ]
    }

    /// From whatever corner a ring starts, and whichever way it or a line runs.
    fn lines(&self, one: &[Coord<f64>], other: &[Coord<f64>], closed: bool) -> bool {
        let count = one.len();
        if count != other.len() {
            return false;
        }
        let forth =
            |from: usize| (0..count).all(|at| self.near(one[at], other[(from + at) % count]));
        let back = |from: usize| {
            (0..count).all(|at| self.near(one[at], other[(from + count - at) % count]))
        };
        if closed {
            let mut begins = (0..count).filter(|from| self.near(one[0], other[*from]));
            return begins.any(|from| forth(from) || back(from));
        }
        count == 0 || forth(0) || back(count - 1)
    }

    fn shapes(&self, one: &ShapeRef<'_>, other: &ShapeRef<'_>) -> bool {
        let closed = one.is_areal();
        if closed != other.is_areal() {
            return false;
        }
        let lines = |one: &Vec<_>, other: &Vec<_>| self.lines(one, other, closed);
        let parts = |one: &Vec<Vec<Coord<f64>>>, other: &Vec<Vec<Coord<f64>>>| match (
            one.split_first(),
            other.split_first(),
        ) {
            (Some((one, holes)), Some((other, others))) => {
                lines(one, other) && each_has_one(holes, others, lines)
            }
            (one, other) => one.is_none() && other.is_none(),
        };
        each_has_one(&corners(one), &corners(other), parts)
    }
}

/// All cells that the sides of a box may be in.
fn keys(sides: &[Side; 4]) -> impl Iterator<Item = [i32; 4]> {
    (0..16_usize).filter_map(|which| {
        let mut key = [0; 4];
        for (at, (own, next)) in sides.iter().enumerate() {
            key[at] = if (which >> at) & 1 == 0 {
                *own
            } else {
                (*next)?
            };
        }
        Some(key)
    })
}

/// The rings of the parts of a shape, without repeated positions; each point is a part.
fn corners(shape: &ShapeRef<'_>) -> Vec<Vec<Vec<Coord<f64>>>> {
    if matches!(shape.kind, ShapeKind::Point | ShapeKind::MultiPoint) {
        let points = shape.positions().iter();
        return points.map(|at| vec![vec![*at]]).collect();
    }
    let line = |positions: &[Coord<f64>]| {
        let mut plain = positions.to_vec();
        plain.dedup();
        if shape.is_areal() && plain.len() > 1 {
            plain.pop();
        }
        plain
    };
    let parts = shape.parts();
    parts.map(|part| part.rings().map(line).collect()).collect()
}

/// True where each of one list has another one of the other list, in whatever order.
fn each_has_one<T>(one: &[T], other: &[T], same: impl Fn(&T, &T) -> bool) -> bool {
    let mut left: Vec<&T> = other.iter().collect();
    one.len() == other.len()
        && one.iter().all(|own| {
            let found = left.iter().position(|other| same(own, other));
            found.map(|at| left.remove(at)).is_some()
        })
}

/// Rows of one name, by their western side: those of one place stand near each other.
fn near(
    collection: &Collection,
    within: f64,
    same: &Same,
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
    let are_same = |one, other| {
        let shapes = collection.geometry(one).zip(collection.geometry(other));
        shapes.is_some_and(|(one, other)| same.shapes(&one, &other))
    };
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
                && !are_same(*row, *other_row)
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
