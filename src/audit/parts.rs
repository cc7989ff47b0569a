//! Parts and wholes: whether the whole is there, and whether the parts fit into it.

use std::collections::BTreeMap;

use super::report::{Note, Notes, named};
use super::wholes::{At, Said, Wholes};
use crate::snapshot::Snapshot;

const UNKNOWN: &str = "unknown-whole";
const CIRCULAR: &str = "circular-whole";
const SUM: &str = "parts-exceed-whole";

pub(super) fn check(snapshot: &Snapshot, wholes: &Wholes, notes: &mut Notes<'_>) {
    let mut parts: BTreeMap<At, Vec<At>> = BTreeMap::new();
    let column = &snapshot.plan.audit.columns.whole;
    for (at, collection) in snapshot.collections.iter().enumerate() {
        let Some(index) = collection.info.column_index(column) else {
            continue;
        };
        for row in 0..collection.count() {
            match wholes.said((at, row)) {
                Said::Nothing => {}
                Said::Unknown => notes.add(UNKNOWN, collection, || {
                    let id = collection.cells(index).value(row).to_string();
                    let reason = format!("expected the id of a feature of the plan, found {id:?}");
                    Note::new(UNKNOWN, collection, row, reason).at_column(column)
                }),
                Said::Part(whole) if wholes.is_circular((at, row)) => {
                    notes.add(CIRCULAR, collection, || {
                        let of = &snapshot.collections[whole.0];
                        let reason = format!("is part of {}, and so of itself", named(of, whole.1));
                        Note::new(CIRCULAR, collection, row, reason)
                            .with(of, whole.1)
                            .at_column(column)
                    });
                }
                Said::Part(whole) => parts.entry(whole).or_default().push((at, row)),
            }
        }
    }
    if notes.is_on(SUM) {
        for (whole, parts) in &parts {
            sums(snapshot, *whole, parts, notes);
        }
    }
}

/// What the parts state, column by column, against what the whole states. Parts that state nothing
/// add nothing: the sum of the others must fit all the same.
fn sums(snapshot: &Snapshot, whole: At, parts: &[At], notes: &mut Notes<'_>) {
    let settings = &snapshot.plan.audit;
    let number = |(at, row): At, name: &str| {
        let collection = &snapshot.collections[at];
        let column = collection.info.column_index(name)?;
        collection.cells(column).number(row)
    };
    for name in &settings.columns.sums {
        let Some(stated) = number(whole, name) else {
            continue;
        };
        let of_parts: Vec<_> = parts
            .iter()
            .filter_map(|part| number(*part, name))
            .collect();
        let sum: f64 = of_parts.iter().sum();
        if of_parts.is_empty() || sum <= stated * (1.0 + settings.sums) {
            continue;
        }
        let collection = &snapshot.collections[whole.0];
        notes.add(SUM, collection, || {
            let more = (sum - stated) / stated.abs().max(f64::MIN_POSITIVE);
            let reason = format!(
                "{} of its parts state {sum} together, and it states {stated}: {:.2} % more, at most {:.2} % expected",
                of_parts.len(),
                more * 100.0,
                settings.sums * 100.0
            );
            let note = Note::new(SUM, collection, whole.1, reason)
                .sized(more)
                .at_column(name);
            let with = |note: Note, (at, row): &At| note.with(&snapshot.collections[*at], *row);
            parts.iter().fold(note, with)
        });
    }
}
