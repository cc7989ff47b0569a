use super::cursor::{Cursor, CursorError};
use super::rank::{Rank, Start};
use super::run::{Matches, found};
use super::sort::{SortBy, SortKey};
use super::{Query, smallest::Smallest};
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
/// The cursor is not one of this collection and sort.
pub fn page(
    collection: &Collection,
    query: &Query,
    limit: usize,
    cursor: Option<&str>,
) -> Result<Page, CursorError> {
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
/// The cursor is not one of this collection and sort.
pub fn select<'a>(
    collection: &'a Collection,
    query: &Query,
    limit: usize,
    cursor: Option<&str>,
) -> Result<Selection<'a>, CursorError> {
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
    let known = query
        .is_everything()
        .then(|| walked(collection, keys, start.as_ref(), most))
        .flatten();
    let (matched, mut rows, mut distances) = if let Some(rows) = known {
        (collection.count() as usize, rows, Vec::new())
    } else {
        let matches = found(collection, query);
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

/// At most so many rows of a whole collection, where its order is there already: that of ids, or of an
/// index. O(rows + log n).
fn walked(
    collection: &Collection,
    keys: &[SortKey],
    start: Option<&Start>,
    most: usize,
) -> Option<Vec<Row>> {
    let first = start.map_or(0, |start| start.row);
    let key = match keys {
        [] => return Some((first..collection.count()).take(most).collect()),
        [key] => *key,
        _ => return None,
    };
    let SortBy::Column(column) = key.by else {
        return None;
    };
    let index = collection.index(column)?;
    let rank = |row: Row| key.rank(collection, row, None);
    let start = start.map(|start| (start.ranks[0], start.row));
    let before = |row: &Row| start.is_some_and(|start| (rank(*row), *row) < start);
    let behind = |rows: &[Row]| rows.partition_point(before);
    if !key.descending {
        let rows = index.rows();
        let rows = &rows[behind(rows)..];
        return Some(rows[..most.min(rows.len())].to_vec());
    }
    // From the greatest on; but rows that are equal stand in id order.
    let mut rows = Vec::new();
    let mut rest = index.stated();
    if let Some((first, _)) = start {
        rest = &rest[..rest.partition_point(|row| rank(*row) >= first)];
    }
    while let Some(last) = rest.last()
        && rows.len() < most
    {
        let least = rank(*last);
        let (greater, equal) = rest.split_at(rest.partition_point(|row| rank(*row) > least));
        let equal = &equal[behind(equal)..];
        rows.extend(equal.iter().take(most - rows.len()));
        rest = greater;
    }
    let nulls = index.nulls();
    let nulls = &nulls[behind(nulls)..];
    rows.extend(nulls.iter().take(most - rows.len()));
    Some(rows)
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
