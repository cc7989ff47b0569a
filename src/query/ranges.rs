use std::collections::BTreeMap;
use std::ops::Range;

use super::filter::Predicate;
use super::{Query, sieve};
use crate::snapshot::Collection;

/// A query that asks for nothing but ranges of indexed columns: for every column that it names, where
/// the rows that it wants are in the column's index.
pub(super) struct Ranges(BTreeMap<usize, Range<usize>>);

impl Ranges {
    /// None where the query asks for anything else. O(log n).
    pub fn of(collection: &Collection, query: &Query) -> Option<Self> {
        let Query {
            bbox: None,
            datetime: None,
            text: None,
            near: None,
            filter,
            sort: _,
            budget: _,
        } = query
        else {
            return None;
        };
        let mut ranges: BTreeMap<usize, Range<usize>> = BTreeMap::new();
        for part in sieve::required(&filter.0) {
            let (column, places) = places(collection, part)?;
            let known = ranges.entry(column).or_insert_with(|| places.clone());
            let start = known.start.max(places.start);
            *known = start..known.end.min(places.end).max(start);
        }
        Some(Self(ranges))
    }

    /// How many rows are in all of them, where that can be told without looking at rows: for one or two
    /// columns. O(log n).
    pub fn count(&self, collection: &Collection) -> Option<usize> {
        let mut ranges = self.0.iter();
        match (ranges.next(), ranges.next(), ranges.next()) {
            (Some((_, places)), None, None) => Some(places.len()),
            (Some((first, one)), Some((second, other)), None) => {
                let pair = collection.pair(*first, *second)?;
                Some(pair.count(one.clone(), other.clone()))
            }
            _ => None,
        }
    }

    /// The columns.
    pub fn columns(&self) -> impl Iterator<Item = usize> {
        self.0.keys().copied()
    }

    /// How many rows are in the narrowest.
    pub fn narrowest(&self) -> usize {
        let lengths = self.0.values().map(Range::len);
        lengths.min().unwrap_or(usize::MAX)
    }

    /// Where the rows are in the index of a column.
    pub fn of_column(&self, column: usize) -> Option<Range<usize>> {
        self.0.get(&column).cloned()
    }
}

/// The column that a condition is about, and where the rows that fulfil it are in its index.
fn places(collection: &Collection, part: &Predicate) -> Option<(usize, Range<usize>)> {
    if let Some((column, range)) = sieve::range(part) {
        let index = collection.index(column)?;
        let cells = collection.cells(column);
        return Some((column, index.places_of(cells, range.low(), range.high())));
    }
    let (column, wanted) = sieve::equal(part)?;
    let cells = collection.cells(column);
    let text = |row| cells.text(row).unwrap_or_default();
    let index = collection.index(column)?;
    let places = index.places(|row| text(row) < wanted, |row| text(row) <= wanted);
    Some((column, places))
}
