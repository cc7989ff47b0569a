//! One feature, before and after.

use super::shift::{Place, place, same_place};
use super::{At, Change, Difference};
use crate::model::Value;
use crate::snapshot::{Cells, Collection, Row};

/// A value that is not as it was.
#[derive(Debug, Clone, PartialEq)]
pub struct Changed {
    /// The column.
    pub column: String,
    /// Before.
    pub old: Value,
    /// After.
    pub new: Value,
}

/// What is to be told of a change.
#[derive(Debug, Clone, PartialEq)]
pub struct Details {
    /// The feature's id.
    pub id: String,
    /// What it is called, where it has a name.
    pub name: Option<String>,
    /// The collection that it was in, where it is in another one now.
    pub from: Option<String>,
    /// How its place has changed; none where it has not.
    pub place: Option<Place>,
    /// Values that are others; null where a plan has no such column. What the server computes is left out: it
    /// follows from the others.
    pub values: Vec<Changed>,
}

/// A column by its name, where the old and where the new collection has it: one of them has.
type Columns = [Option<usize>; 2];

/// Columns that are read, of both sides: those of the new collection, then those that are gone. One that either
/// side computes is left out.
fn columns([old, new]: [&Collection; 2]) -> impl Iterator<Item = Columns> {
    let all = new.info.columns.iter().enumerate();
    let now = all.map(|(at, column)| [old.info.column_index(&column.name), Some(at)]);
    let all = old.info.columns.iter().enumerate();
    let gone = all.filter(|(_, column)| new.info.column_index(&column.name).is_none());
    let computed = |of: &Collection, at: Option<usize>| {
        at.is_some_and(|at| of.info.columns[at].compute.is_some())
    };
    now.chain(gone.map(|(at, _)| [Some(at), None]))
        .filter(move |[before, after]| !computed(old, *before) && !computed(new, *after))
}

/// Equal cells, compared where they lie: a text is not copied. A cell of no column says nothing, as one without a
/// value does.
fn same_cell(cells: [Option<&Cells>; 2], [row, other]: [Row; 2]) -> bool {
    match cells {
        [
            Some(old @ Cells::Text { .. }),
            Some(new @ Cells::Text { .. }),
        ] => old.text(row) == new.text(other),
        [
            Some(old @ (Cells::Number(_) | Cells::Integer(_))),
            Some(new @ (Cells::Number(_) | Cells::Integer(_))),
        ] => old.number(row) == new.number(other),
        [Some(old), Some(new)] => old.value(row) == new.value(other),
        [old, new] => {
            old.is_none_or(|old| old.is_null(row)) && new.is_none_or(|new| new.is_null(other))
        }
    }
}

fn cells([old, new]: [&Collection; 2], [before, after]: Columns) -> [Option<&Cells>; 2] {
    [
        before.map(|at| old.cells(at)),
        after.map(|at| new.cells(at)),
    ]
}

/// The change that makes one row of the other; none where place and values are the same.
pub(super) fn of_pair(
    pair: [&Collection; 2],
    rows: [Row; 2],
    tolerance: f64,
) -> Option<fn(At, At) -> Change> {
    let [old, new] = pair;
    let told = columns(pair).any(|at| !same_cell(cells(pair, at), rows));
    let geometries = [old.geometry(rows[0]), new.geometry(rows[1])];
    let moved = || !same_place(geometries[0].as_ref(), geometries[1].as_ref(), tolerance);
    if told {
        Some(|old, new| Change::Changed { old, new })
    } else {
        moved().then_some(|old, new| Change::Moved { old, new })
    }
}

/// Looks up what has changed about a feature.
#[must_use]
pub fn details(difference: &Difference<'_>, change: &Change) -> Details {
    let old = |at: At| (&difference.old.collections[at.0], at.1);
    let new = |at: At| (&difference.new.collections[at.0], at.1);
    match change {
        Change::Added(at) => alone(new(*at)),
        Change::Removed(at) => alone(old(*at)),
        Change::Moved {
            old: before,
            new: after,
        }
        | Change::Changed {
            old: before,
            new: after,
        } => both(old(*before), new(*after), difference.tolerance),
    }
}

fn alone((collection, row): (&Collection, Row)) -> Details {
    let mut named = collection.info.columns.iter();
    let named = named.position(|column| column.name.starts_with("name"));
    let name = named.and_then(|at| collection.cells(at).text(row));
    Details {
        id: collection.id(row).text().into_owned(),
        name: name.map(str::to_owned),
        from: None,
        place: None,
        values: Vec::new(),
    }
}

fn both(
    (old, row): (&Collection, Row),
    (new, other): (&Collection, Row),
    tolerance: f64,
) -> Details {
    let pair = [old, new];
    let value = |cells: Option<&Cells>, row| cells.map_or(Value::Null, |cells| cells.value(row));
    let name = |[before, after]: Columns| {
        let column = after.map(|at| &new.info.columns[at]);
        let column = column.or(before.map(|at| &old.info.columns[at]));
        column.map(|column| column.name.clone()).unwrap_or_default()
    };
    let values = columns(pair)
        .map(|at| (at, cells(pair, at)))
        .filter(|(_, cells)| !same_cell(*cells, [row, other]))
        .map(|(at, [before, after])| Changed {
            column: name(at),
            old: value(before, row),
            new: value(after, other),
        });
    Details {
        from: (old.info.id != new.info.id).then(|| old.info.id.clone()),
        place: place(old.geometry(row), new.geometry(other), tolerance),
        values: values.collect(),
        ..alone((new, other))
    }
}
