use super::cursor::{Cursor, CursorError};
use super::ranges::Ranges;
use super::rank::{Rank, Start};
use super::run::{Matches, found};
use super::sieve::Sieve;
use super::smallest::Smallest;
use super::sort::{SortBy, SortKey};
use super::walk::{in_order, walked};
use super::{Query, Stopped};
use crate::model::Feature;
use crate::snapshot::{Collection, Row};

/// A page of a result.
#[derive(Debug, Clone, PartialEq)]
pub struct Page {
    /// How many rows the whole query matches: exact.
    pub matched: usize,
    /// The rows of this page, in the query's order.
    pub features: Vec<Feature>,
    /// Metres to the nearest place of the query's `near`, one per feature; empty where it has none.
    pub distances: Vec<f64>,
    /// The cursor of the next page, where there is more: an opaque token that is safe in a URL.
    pub next: Option<String>,
}

/// Why there is no page.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SelectError {
    /// Not a cursor of this collection and sort.
    #[error(transparent)]
    Cursor(#[from] CursorError),
    /// The query's budget stopped it.
    #[error(transparent)]
    Stopped(#[from] Stopped),
}

/// Rows that were found and are not yet made into features: a million of them are four megabytes.
#[derive(Debug, Clone)]
pub struct Selection<'a> {
    /// How many rows the whole query matches: exact.
    pub matched: usize,
    /// The cursor of what comes after, where there is more: an opaque token that is safe in a URL.
    pub next: Option<String>,
    /// Whose rows these are.
    pub collection: &'a Collection,
    /// The rows, in the query's order.
    pub rows: Vec<Row>,
    distances: Vec<f64>,
}

impl<'a> Selection<'a> {
    /// How many rows it has.
    #[must_use]
    pub fn returned(&self) -> usize {
        self.rows.len()
    }

    /// The rows in the query's order, each made when it is asked for; with metres to the nearest
    /// place where the query has a `near`.
    pub fn features(&self) -> impl Iterator<Item = (Feature, Option<f64>)> + use<'_, 'a> {
        let rows = self.rows.iter().enumerate();
        rows.map(|(at, row)| {
            let distance = self.distances.get(at).copied();
            (feature(self.collection, *row), distance)
        })
    }
}

/// One page of the rows that a query matches, as [`select`] finds them.
///
/// # Errors
/// The cursor is not one of this collection and sort, or the query's budget stops it.
pub fn page(
    collection: &Collection,
    query: &Query,
    limit: usize,
    cursor: Option<&str>,
) -> Result<Page, SelectError> {
    let selection = select(collection, query, limit, cursor)?;
    Ok(Page {
        matched: selection.matched,
        features: selection.features().map(|(feature, _)| feature).collect(),
        distances: selection.distances,
        next: selection.next,
    })
}

/// Rows that a query matches: at most `limit`, after the row that the cursor names.
///
/// They come in the order of `sort`, nulls last in both directions, equal rows by id; without a
/// sort by distance where the query has a `near`, else by id. Paging by key visits every row
/// exactly once, also when the cursor's row is gone. A limit of 0 counts only.
///
/// A page of a whole collection in an order that is known costs what its rows cost; of a filter,
/// what it costs to find all rows that match, for they are counted.
///
/// # Errors
/// The cursor is not one of this collection and sort, or the query's budget stops it.
pub fn select<'a>(
    collection: &'a Collection,
    query: &Query,
    limit: usize,
    cursor: Option<&str>,
) -> Result<Selection<'a>, SelectError> {
    const NEAREST: [SortKey; 1] = [SortKey {
        by: SortBy::Distance,
        descending: false,
    }];
    let keys = match (query.sort.as_slice(), &query.near) {
        ([], Some(_)) => &NEAREST,
        (keys, _) => keys,
    };
    let start = match cursor {
        None => None,
        Some(token) => {
            let cursor = Cursor::read(token, &collection.info.id, keys)?;
            let start = Start::after(collection, keys, &cursor.values, &cursor.id);
            Some(start.ok_or(CursorError)?)
        }
    };
    // One more than is wanted tells whether there is more.
    let most = limit.saturating_add(1);
    let known = quickly(collection, query, keys, start.as_ref(), most);
    let (matched, mut rows, mut distances) = if let Some((matched, rows)) = known {
        (matched, rows, Vec::new())
    } else {
        let matches = found(collection, query)?;
        let places = first(collection, keys, start.as_ref(), most, &matches);
        let distances = places.iter().filter_map(|at| matches.distances.get(*at));
        let distances = distances.copied().collect();
        let rows = places.iter().map(|at| matches.rows[*at]).collect();
        (matches.rows.len(), rows, distances)
    };
    let more = rows.len() > limit;
    rows.truncate(limit);
    distances.truncate(limit);
    let next = rows.last().filter(|_| more).map(|row| {
        let metres = distances.last().copied();
        let values = keys.iter().map(|key| key.value(collection, *row, metres));
        let id = collection.id(*row).to_id();
        let values = values.collect();
        Cursor { values, id }.write(&collection.info.id, keys)
    });
    Ok(Selection {
        matched,
        next,
        collection,
        rows,
        distances,
    })
}

/// How many rows match and at most so many of them, where neither has to be found among all of them.
fn quickly(
    collection: &Collection,
    query: &Query,
    keys: &[SortKey],
    start: Option<&Start>,
    most: usize,
) -> Option<(usize, Vec<Row>)> {
    if query.is_everything() {
        let rows = in_order(collection, keys, start, |_| None)?;
        return Some((collection.count() as usize, rows.take(most).collect()));
    }
    let ranges = Ranges::of(collection, query)?;
    let sieve = Sieve::new(collection, &query.filter.0, None);
    walked(collection, &ranges, &sieve, keys, start, most)
}

/// The places among the matches of those that come first, in order; at most so many.
fn first(
    collection: &Collection,
    keys: &[SortKey],
    start: Option<&Start>,
    most: usize,
    matches: &Matches,
) -> Vec<usize> {
    let rows = || matches.rows.iter().copied().enumerate();
    let rank = |key: &SortKey, (at, row): (usize, Row)| {
        key.rank(collection, row, matches.distances.get(at).copied())
    };
    match keys {
        [] => {
            let start = start.map(|start| (start.row, 0));
            let rows = rows().map(|(at, row)| (row, at));
            let rows = Smallest::of(rows, most, start.as_ref());
            rows.into_iter().map(|(_, at)| at).collect()
        }
        [key] => {
            let start = start.map(|start| (start.ranks[0], start.row, 0));
            let rows = rows().map(|(at, row)| (rank(key, (at, row)), row, at));
            let rows = Smallest::of(rows, most, start.as_ref());
            rows.into_iter().map(|(.., at)| at).collect()
        }
        keys => {
            let ranks = |place| -> Vec<Rank> { keys.iter().map(|key| rank(key, place)).collect() };
            let start = start.map(|start| (start.ranks.clone(), start.row, 0));
            let rows = rows().map(|(at, row)| (ranks((at, row)), row, at));
            let rows = Smallest::of(rows, most, start.as_ref());
            rows.into_iter().map(|(.., at)| at).collect()
        }
    }
}

/// A row as a feature of its own.
#[must_use]
pub fn feature(collection: &Collection, row: Row) -> Feature {
    Feature {
        id: collection.id(row).to_id(),
        geometry: collection
            .geometry(row)
            .and_then(|shape| shape.to_geometry()),
        values: collection.values(row),
    }
}
