use super::cursor::{Cursor, CursorError};
use super::sort::{Order, SortBy, SortKey};
use super::{Query, matched};
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
    collection: &'a Collection,
    rows: Vec<Row>,
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
    let id = &collection.info.id;
    let cursor = cursor
        .map(|token| Cursor::read(token, id, keys))
        .transpose()?;
    let matches = matched(collection, query);
    let order = Order {
        collection,
        keys,
        matches: &matches,
    };
    let mut rest: Vec<usize> = (0..matches.rows.len()).collect();
    if let Some(cursor) = &cursor {
        rest.retain(|at| order.after(*at, &cursor.values, &cursor.id));
    }
    // Only the rows of the page are sorted.
    let more = rest.len() > limit;
    if more && limit > 0 && !keys.is_empty() {
        rest.select_nth_unstable_by(limit, |a, b| order.order(*a, *b));
    }
    rest.truncate(limit);
    if !keys.is_empty() {
        rest.sort_unstable_by(|a, b| order.order(*a, *b));
    }
    let next = rest.last().filter(|_| more).map(|at| {
        let values = keys.iter().map(|key| order.value(*key, *at)).collect();
        let id = collection.id(matches.rows[*at]).to_id();
        Cursor { values, id }.write(&collection.info.id, keys)
    });
    let distances = rest.iter().filter_map(|at| matches.distances.get(*at));
    Ok(Selection {
        matched: matches.rows.len(),
        distances: distances.copied().collect(),
        rows: rest.iter().map(|at| matches.rows[*at]).collect(),
        next,
        collection,
    })
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
