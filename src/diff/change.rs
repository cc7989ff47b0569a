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
    /// Values that both plans have a column for and that are others. What the server computes is left
    /// out: it follows from the others.
    pub values: Vec<Changed>,
}

/// Columns of both sides that are read, by name: positions in the old and in the new collection.
fn columns([old, new]: [&Collection; 2]) -> impl Iterator<Item = (usize, usize)> {
    let all = new.info.columns.iter().enumerate();
    all.filter(|(_, column)| column.compute.is_none())
        .filter_map(move |(at, column)| Some((old.info.column_index(&column.name)?, at)))
        .filter(move |(at, _)| old.info.columns[*at].compute.is_none())
}

/// Equal cells, compared where they lie: a text is not copied.
fn same_cell(cells: [&Cells; 2], [row, other]: [Row; 2]) -> bool {
    match cells {
        [old @ Cells::Text { .. }, new @ Cells::Text { .. }] => old.text(row) == new.text(other),
        [
            old @ (Cells::Number(_) | Cells::Integer(_)),
            new @ (Cells::Number(_) | Cells::Integer(_)),
        ] => old.number(row) == new.number(other),
        [old, new] => old.value(row) == new.value(other),
    }
}

/// True where place and values are the same.
pub(super) fn is_same(pair: [&Collection; 2], rows: [Row; 2]) -> bool {
    let [old, new] = pair;
    let same = |(before, after)| same_cell([old.cells(before), new.cells(after)], rows);
    same_place(
        old.geometry(rows[0]).as_ref(),
        new.geometry(rows[1]).as_ref(),
    ) && columns(pair).all(same)
}

/// Looks up what has changed about a feature.
#[must_use]
pub fn details(difference: &Difference<'_>, change: &Change) -> Details {
    let old = |at: At| (&difference.old.collections[at.0], at.1);
    let new = |at: At| (&difference.new.collections[at.0], at.1);
    match change {
        Change::Added(at) => alone(new(*at)),
        Change::Removed(at) => alone(old(*at)),
        Change::Changed {
            old: before,
            new: after,
        } => both(old(*before), new(*after)),
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

fn both((old, row): (&Collection, Row), (new, other): (&Collection, Row)) -> Details {
    let values = columns([old, new])
        .filter(|(before, after)| !same_cell([old.cells(*before), new.cells(*after)], [row, other]))
        .map(|(before, after)| Changed {
            column: new.info.columns[after].name.clone(),
            old: old.cells(before).value(row),
            new: new.cells(after).value(other),
        });
    Details {
        from: (old.info.id != new.info.id).then(|| old.info.id.clone()),
        place: place(old.geometry(row), new.geometry(other)),
        values: values.collect(),
        ..alone((new, other))
    }
}
