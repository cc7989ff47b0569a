use super::{Query, matched};
use crate::model::Feature;
use crate::snapshot::{Collection, Row};

/// A page of a result.
#[derive(Debug, Clone, PartialEq)]
pub struct Page {
    /// How many rows the whole query matches: exact.
    pub matched: usize,
    /// The rows of this page, in id order.
    pub features: Vec<Feature>,
    /// The id to go on after, where there is more.
    pub next: Option<String>,
}

/// One page of the rows that a query matches: at most `limit`, after the given id.
///
/// Paging by key visits every row exactly once, and also when the row of the key is gone.
#[must_use]
pub fn page(collection: &Collection, query: &Query, limit: usize, after: Option<&str>) -> Page {
    let rows = matched(collection, query);
    let start = after.map_or(0, |id| {
        let first = collection.row_after(id);
        rows.partition_point(|row| *row < first)
    });
    let rest = rows.get(start..).unwrap_or_default();
    let shown = rest.get(..limit).unwrap_or(rest);
    let next = (shown.len() < rest.len()).then(|| shown.last()).flatten();
    Page {
        matched: rows.len(),
        next: next.map(|row| collection.id(*row).to_owned()),
        features: shown.iter().map(|row| feature(collection, *row)).collect(),
    }
}

/// A row as a feature of its own.
#[must_use]
pub fn feature(collection: &Collection, row: Row) -> Feature {
    Feature {
        id: collection.id(row).to_owned(),
        geometry: collection.geometry(row).cloned(),
        values: collection.values(row),
    }
}
