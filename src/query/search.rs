//! One search in everything that a collection's rows are called: names, and codes and addresses of plots.

use geo::Coord;

use super::names::{Likeness, Names};
use super::{Budget, Stopped, fold};
use crate::model::{CollectionInfo, Column, ColumnType, Feature};
use crate::snapshot::{Cells, Collection, Row};

/// How a row was found, the best first: this is the order of a search.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Match {
    /// By one of its names.
    Name(Likeness),
    /// By a column that holds a code or an address: the column's position.
    Code(usize),
}

/// What a search found.
#[derive(Debug)]
pub struct Search<'a> {
    /// How many features match, in all collections: exact.
    pub matched: usize,
    /// Per collection that has any, in the plan's order.
    pub collections: Vec<FoundIn<'a>>,
    /// The best first; of equals, the plan's order and then that of ids.
    pub found: Vec<Found<'a>>,
}

/// How many features of a collection match.
#[derive(Debug, Clone, Copy)]
pub struct FoundIn<'a> {
    /// The collection.
    pub info: &'a CollectionInfo,
    /// By name, code or address: exact.
    pub matched: usize,
    /// By name only, as `q` of items counts: exact.
    pub named: usize,
}

/// A feature that was found.
#[derive(Debug)]
pub struct Found<'a> {
    /// Its collection.
    pub info: &'a CollectionInfo,
    /// The feature.
    pub feature: Feature,
    /// How it was found.
    pub how: Match,
    /// Where its label goes; none of what nobody could locate.
    pub label: Option<Coord<f64>>,
}

/// The columns beside names that a search looks into: addresses, and what ends as a code is called. A plot's
/// code may stand in its address only.
pub fn code_columns(info: &CollectionInfo) -> impl Iterator<Item = usize> {
    let is_code = |column: &Column| {
        let name = column.name.as_str();
        let ends = ["_no", "_code", "_number"];
        column.kind == ColumnType::String
            && column.values.is_empty()
            && (name == "address" || ends.iter().any(|end| name.ends_with(end)))
    };
    let columns = info.columns.iter().enumerate();
    columns
        .filter(move |(_, column)| is_code(column))
        .map(|(at, _)| at)
}

/// Steps of folding a code and looking into it.
const PER_CODE: u64 = 150;

/// The rows that a text finds, ascending, each with how. A code is found by any part of it, without regard to
/// case. O(distinct names and codes).
///
/// # Errors
/// The budget stops it.
pub fn search(
    collection: &Collection,
    names: &Names,
    text: &str,
    budget: &Budget,
) -> Result<Vec<(Row, Match)>, Stopped> {
    let by_name = names.ranked(text, budget)?.into_iter();
    let mut found: Vec<_> = by_name
        .map(|(row, likeness)| (row, Match::Name(likeness)))
        .collect();
    let wanted = fold::caseless(&fold::accentless(text.trim()));
    if wanted.is_empty() {
        return Ok(found);
    }
    for at in code_columns(&collection.info) {
        let Cells::Text { dictionary, codes } = collection.cells(at) else {
            continue;
        };
        let meter = budget.meter();
        let holds = |code: &str| {
            meter.spend(PER_CODE)?;
            Ok(fold::caseless(&fold::accentless(code)).contains(&wanted))
        };
        let known = dictionary.iter().map(holds);
        let known: Vec<bool> = known.collect::<Result<_, Stopped>>()?;
        if !known.contains(&true) {
            continue;
        }
        let rows = (0..collection.count()).filter(|row| {
            let code = codes.get(*row);
            code.is_some_and(|code| known[code as usize])
        });
        found.extend(rows.map(|row| (row, Match::Code(at))));
    }
    found.sort_unstable();
    found.dedup_by_key(|(row, _)| *row);
    Ok(found)
}
