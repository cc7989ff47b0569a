//! Features that should lie in a polygon: that of their whole, or one of their zones'.

use std::collections::HashMap;

use super::edges::Edges;
use super::farthest::out_of;
use super::report::{Note, Notes, metres, named};
use super::sagitta::largest;
use super::wholes::{At, Wholes};
use crate::snapshot::{Collection, Row, ShapeRef, Snapshot};

const ZONE: &str = "outside-zone";
const WHOLE: &str = "outside-whole";

pub(super) fn check(snapshot: &Snapshot, wholes: &Wholes, notes: &mut Notes<'_>) {
    let mut outlines = Outlines::default();
    for (at, collection) in snapshot.collections.iter().enumerate() {
        let zones = collection.info.audit.inside.as_deref();
        let zones = zones.and_then(|id| place_of(snapshot, id));
        for row in 0..collection.count() {
            let whole = wholes.whole((at, row));
            if let Some(whole) = whole
                && notes.is_on(WHOLE)
            {
                outlines.part_in_whole(snapshot, (at, row), whole, notes);
            }
            // What is part of a zone is held against that one.
            if let Some(zones) = zones
                && whole.is_none_or(|(of, _)| of != zones)
                && notes.is_on(ZONE)
            {
                outlines.in_a_zone(snapshot, (at, row), zones, notes);
            }
        }
    }
}

fn place_of(snapshot: &Snapshot, id: &str) -> Option<usize> {
    snapshot
        .collections
        .iter()
        .position(|all| all.info.id == id)
}

/// Outlines of polygons, each made when it is first needed.
#[derive(Default)]
struct Outlines(HashMap<At, Edges>);

impl Outlines {
    fn of(&mut self, snapshot: &Snapshot, at: At) -> Option<&Edges> {
        let collection = &snapshot.collections[at.0];
        let shape = collection.geometry(at.1).filter(ShapeRef::is_areal)?;
        let edges = || Edges::build(std::iter::once((at.1, shape)));
        Some(self.0.entry(at).or_insert_with(edges))
    }

    fn part_in_whole(&mut self, snapshot: &Snapshot, part: At, whole: At, notes: &mut Notes<'_>) {
        let collection = &snapshot.collections[part.0];
        let Some(shape) = collection.geometry(part.1) else {
            return;
        };
        let Some(outline) = self.of(snapshot, whole) else {
            return;
        };
        let allowed = allowed(snapshot, &[part, whole]);
        let away = out_of(&shape, outline, allowed, f64::INFINITY);
        if away > allowed + bow(snapshot, &shape, whole) {
            notes.add(WHOLE, collection, || {
                let of = &snapshot.collections[whole.0];
                let reason = format!(
                    "reaches {} out of {}, which it is part of; expected at most {}",
                    metres(away),
                    named(of, whole.1),
                    metres(allowed)
                );
                Note::new(WHOLE, collection, part.1, reason)
                    .with(of, whole.1)
                    .sized(away)
                    .at_column(&snapshot.plan.audit.columns.whole)
            });
        }
    }

    fn in_a_zone(&mut self, snapshot: &Snapshot, at: At, zones: usize, notes: &mut Notes<'_>) {
        let collection = &snapshot.collections[at.0];
        let of = &snapshot.collections[zones];
        let shape = collection.geometry(at.1);
        let Some((shape, bounds)) = shape.and_then(|own| Some((own.clone(), own.bounds()?))) else {
            return;
        };
        let mut rows: Vec<Row> = of.rows_in(bounds).collect();
        rows.sort_unstable();
        rows.dedup();
        // By how much it is out of the best one, how far and how much it may be, and which one that is.
        let mut best: Option<(f64, f64, f64, Row)> = None;
        for row in rows {
            let Some(outline) = self.of(snapshot, (zones, row)) else {
                continue;
            };
            let allowed = allowed(snapshot, &[at, (zones, row)]);
            let least = best.map_or(f64::INFINITY, |(over, ..)| over);
            let away = out_of(&shape, outline, allowed, least + allowed);
            let over = away - allowed - bow(snapshot, &shape, (zones, row));
            if over <= 0.0 {
                return;
            }
            if over < least {
                best = Some((over, away, allowed, row));
            }
        }
        let Some((_, away, allowed, row)) = best else {
            self.in_none(snapshot, at, &shape, zones, notes);
            return;
        };
        notes.add(ZONE, collection, || {
            let reason = format!(
                "reaches {} out of {}, the nearest that it meets; expected at most {}",
                metres(away),
                named(of, row),
                metres(allowed)
            );
            Note::new(ZONE, collection, at.1, reason)
                .with(of, row)
                .sized(away)
        });
    }

    /// One that meets no zone's box: it may still be near enough to one.
    fn in_none(
        &mut self,
        snapshot: &Snapshot,
        at: At,
        shape: &ShapeRef<'_>,
        zones: usize,
        notes: &mut Notes<'_>,
    ) {
        let (collection, of) = (&snapshot.collections[at.0], &snapshot.collections[zones]);
        // One tree of all zones, under a row that there is not.
        let all = self.0.entry((zones, Row::MAX)).or_insert_with(|| {
            let rows = (0..of.count()).filter_map(|row| Some((row, of.geometry(row)?)));
            Edges::build(rows.filter(|(_, shape)| shape.is_areal()))
        });
        let first = shape.positions().first();
        let nearest = first.and_then(|at| Some(all.nearest(*at)?.1));
        let Some(row) = nearest else {
            notes.add(ZONE, collection, || {
                let reason = format!("{} has no polygon that it could lie in", of.info.id);
                Note::new(ZONE, collection, at.1, reason).sized(f64::INFINITY)
            });
            return;
        };
        let Some(outline) = self.of(snapshot, (zones, row)) else {
            return;
        };
        let allowed = allowed(snapshot, &[at, (zones, row)]);
        let away = out_of(shape, outline, allowed, f64::INFINITY);
        if away > allowed {
            notes.add(ZONE, collection, || {
                let reason = format!(
                    "lies {} away from {}, the nearest; expected at most {}",
                    metres(away),
                    named(of, row),
                    metres(allowed)
                );
                Note::new(ZONE, collection, at.1, reason)
                    .with(of, row)
                    .sized(away)
            });
        }
    }
}

/// How far edges of a shape and of the polygon that it should lie in may be bent where they meet, in m.
fn bow(snapshot: &Snapshot, shape: &ShapeRef<'_>, of: At) -> f64 {
    let of = snapshot.collections[of.0].geometry(of.1);
    let near = shape.bounds().zip(of);
    near.map_or(0.0, |(near, of)| {
        largest(shape, near).max(largest(&of, near))
    })
}

/// The accuracies of all together, as far as they are stated; else what the plan allows.
fn allowed(snapshot: &Snapshot, rows: &[At]) -> f64 {
    let settings = &snapshot.plan.audit;
    let sum: f64 = rows
        .iter()
        .filter_map(|(at, row)| {
            accuracy(&snapshot.collections[*at], *row, &settings.columns.accuracy)
        })
        .sum();
    sum.max(settings.outside_m)
}

/// How sure a row's position is, in m, where it says.
pub(super) fn accuracy(collection: &Collection, row: Row, column: &str) -> Option<f64> {
    let cells = collection.cells(collection.info.column_index(column)?);
    cells.number(row).filter(|metres| *metres >= 0.0)
}
