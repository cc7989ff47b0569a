//! Why there is no place.

use std::collections::BTreeSet;

use super::report::{Note, Notes, file};
use crate::snapshot::{Collection, Snapshot};

const NO_REASON: &str = "no-reason";
const NEEDLESS: &str = "needless-reason";

/// In `broken` files shapes were left out: their rows have a place, and no reason.
pub(super) fn check(snapshot: &Snapshot, broken: &BTreeSet<String>, notes: &mut Notes<'_>) {
    let start = &snapshot.plan.audit.columns.reason;
    for collection in &snapshot.collections {
        if broken.contains(&file(collection)) {
            continue;
        }
        let columns = collection.info.columns.iter().enumerate();
        let columns: Vec<_> = columns
            .filter(|(_, column)| !start.is_empty() && column.name.starts_with(start.as_str()))
            .map(|(at, _)| at)
            .collect();
        if columns.is_empty() {
            no_columns(collection, start, notes);
        } else {
            by_row(collection, &columns, notes);
        }
    }
}

/// Of a collection that has no such column one finding is enough.
fn no_columns(collection: &Collection, start: &str, notes: &mut Notes<'_>) {
    let summary = collection.summary(0);
    if summary.without_geometry > 0 {
        notes.add(NO_REASON, collection, || {
            let reason = format!(
                "{} of {} features have no place, and no column {start}... says why",
                summary.without_geometry, summary.features
            );
            Note::about(NO_REASON, collection, reason)
        });
    }
}

fn by_row(collection: &Collection, columns: &[usize], notes: &mut Notes<'_>) {
    let name = &collection.info.columns[columns[0]].name;
    for row in 0..collection.count() {
        let reasoned = columns
            .iter()
            .find(|at| !collection.cells(**at).is_null(row));
        match (collection.geometry(row).is_some(), reasoned) {
            (false, None) => notes.add(NO_REASON, collection, || {
                let reason = "has no place, and does not say why";
                Note::new(NO_REASON, collection, row, reason).at_column(name)
            }),
            (true, Some(at)) => notes.add(NEEDLESS, collection, || {
                let said = collection.cells(*at).value(row).to_string();
                let reason = format!("has a place, and says why it has none: {said}");
                Note::new(NEEDLESS, collection, row, reason)
                    .at_column(&collection.info.columns[*at].name)
            }),
            _ => {}
        }
    }
}
