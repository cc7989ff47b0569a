//! Rows one after the other in the order of a sort, where that order is there already: so that a page
//! costs what its rows cost, and not what it costs to find all others.

use std::iter;
use std::ops::Range;

use super::ranges::Ranges;
use super::rank::Start;
use super::sieve::Sieve;
use super::sort::{SortBy, SortKey};
use crate::snapshot::{Collection, Row};

/// Rows that are sifted at once: few enough to stop in time, enough to be sifted fast.
const CHUNK: usize = 256;

/// All rows in the order of these keys, from the start on; none where it is not known. The order of ids
/// is, and that of one column with an index; of its rows only those at these places are wanted.
pub(super) fn in_order<'a>(
    collection: &'a Collection,
    keys: &[SortKey],
    start: Option<&Start>,
    places: impl Fn(usize) -> Option<Range<usize>>,
) -> Option<Box<dyn Iterator<Item = Row> + 'a>> {
    let key = match keys {
        [] => {
            let first = start.map_or(0, |start| start.row);
            return Some(Box::new(first..collection.count()));
        }
        [key] => *key,
        _ => return None,
    };
    let SortBy::Column(column) = key.by else {
        return None;
    };
    let index = collection.index(column)?;
    let (mut rest, nulls) = match places(column) {
        Some(places) => (&index.rows()[places], &[][..]),
        None => (index.stated(), index.nulls()),
    };
    let rank = move |row: Row| key.rank(collection, row, None);
    let start = start.map(|start| (start.ranks[0], start.row));
    let behind = move |rows: &'a [Row]| {
        let before = |row: &Row| start.is_some_and(|start| (rank(*row), *row) < start);
        &rows[rows.partition_point(before)..]
    };
    if !key.descending {
        let rows = behind(rest).iter().chain(behind(nulls));
        return Some(Box::new(rows.copied()));
    }
    if let Some((first, _)) = start {
        rest = &rest[..rest.partition_point(|row| rank(*row) >= first)];
    }
    // From the greatest on; but rows that are equal stand in id order.
    let groups = iter::from_fn(move || {
        let least = rank(*rest.last()?);
        let equal;
        (rest, equal) = rest.split_at(tail(rest, |row| rank(row) <= least));
        Some(behind(equal))
    });
    Some(Box::new(
        groups
            .chain(iter::once_with(move || behind(nulls)))
            .flatten()
            .copied(),
    ))
}

/// Where the rows begin that are so, of which the last is one and after which all are. O(log of their
/// number): looks back in steps that double.
fn tail(rows: &[Row], is_so: impl Fn(Row) -> bool) -> usize {
    let mut reach = 1;
    while reach < rows.len() && is_so(rows[rows.len() - 1 - reach]) {
        reach *= 2;
    }
    let first = rows.len().saturating_sub(reach + 1);
    first + rows[first..].partition_point(|row| !is_so(*row))
}

/// How many rows a query of ranges matches, and the first of them in the order of these keys, at most
/// so many; none where another way is faster, or there is no such way.
///
/// The count comes from the indices. If a share of all rows matches, then of as many rows as the page
/// has divided by that share enough are found; that is worth it where there are fewer of them than
/// rows in the narrowest range, and is given up where they lie otherwise than such rows mostly do.
pub(super) fn walked(
    collection: &Collection,
    ranges: &Ranges,
    sieve: &Sieve,
    keys: &[SortKey],
    start: Option<&Start>,
    most: usize,
) -> Option<(usize, Vec<Row>)> {
    let most_looked_at = ranges.narrowest();
    // So few are found at once.
    if most_looked_at <= CHUNK {
        return None;
    }
    let matched = ranges.count(collection)?;
    if matched == 0 || most == 0 {
        return Some((matched, Vec::new()));
    }
    let expected = most.saturating_mul(collection.count() as usize) / matched;
    if expected > most_looked_at {
        return None;
    }
    let mut rows = in_order(collection, keys, start, |column| ranges.of_column(column))?;
    let (mut found, mut chunk) = (Vec::new(), Vec::with_capacity(CHUNK));
    let mut looked_at = 0;
    while found.len() < most && looked_at <= most_looked_at {
        chunk.extend(rows.by_ref().take(CHUNK));
        if chunk.is_empty() {
            return Some((matched, found));
        }
        looked_at += chunk.len();
        sieve.sift(&mut chunk);
        found.append(&mut chunk);
    }
    found.truncate(most);
    (found.len() == most).then_some((matched, found))
}
