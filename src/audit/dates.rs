//! Dates that should follow one another.

use super::report::{Note, Notes};
use crate::model::Span;
use crate::snapshot::{Collection, Snapshot};

const CHECK: &str = "dates-out-of-order";

pub(super) fn check(snapshot: &Snapshot, notes: &mut Notes<'_>) {
    for collection in &snapshot.collections {
        in_order(collection, notes);
    }
}

/// Each date against the last one before it that is stated.
fn in_order(collection: &Collection, notes: &mut Notes<'_>) {
    let names = collection.info.audit.in_order.iter();
    let columns: Vec<_> = names
        .filter_map(|name| Some((name, collection.info.column_index(name)?)))
        .collect();
    if columns.len() < 2 {
        return;
    }
    for row in 0..collection.count() {
        let mut before = None;
        for (name, column) in &columns {
            let Some(stamp) = collection.cells(*column).stamp(row) else {
                continue;
            };
            if let Some((earlier, from)) = before
                && (Span {
                    start: Some(from),
                    end: Some(stamp),
                })
                .reversed()
            {
                notes.add(CHECK, collection, || {
                    let reason = format!(
                        "expected {name} not to be before {earlier}, found {earlier} {from} and {name} {stamp}"
                    );
                    Note::new(CHECK, collection, row, reason).at_column(name)
                });
            }
            before = Some((*name, stamp));
        }
    }
}
