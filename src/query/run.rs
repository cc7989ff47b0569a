use geo::{Intersects, Rect};

use super::filter::Scene;
use super::plan::{self, Candidates};
use super::sieve::Sieve;
use super::{Interval, Query, Stopped};
use crate::snapshot::{Collection, Row};

/// So many rows are evaluated in less time than indices take to be asked for fewer.
const FEW: usize = 1024;

/// Steps of a row beside those of its conditions.
const PER_ROW: u64 = 20;

/// The rows that a query matches, in id order.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Matches {
    /// Row numbers, ascending.
    pub rows: Vec<Row>,
    /// Metres to the nearest place of `near`, one per row; empty where the query has none.
    pub distances: Vec<f64>,
}

/// Evaluates a query: candidates from the narrowest index, then the rest of the query on each.
///
/// # Errors
/// The query's budget stops it.
pub fn matched(collection: &Collection, query: &Query) -> Result<Matches, Stopped> {
    let mut matches = found(collection, query)?;
    if !matches.rows.is_sorted() {
        if matches.distances.is_empty() {
            matches.rows.sort_unstable();
        } else {
            let pairs = matches.rows.into_iter().zip(matches.distances);
            let mut pairs: Vec<_> = pairs.collect();
            pairs.sort_unstable_by_key(|(row, _)| *row);
            (matches.rows, matches.distances) = pairs.into_iter().unzip();
        }
    }
    Ok(matches)
}

/// The same, in no particular order.
pub(super) fn found(collection: &Collection, query: &Query) -> Result<Matches, Stopped> {
    evaluated(collection, query, plan::candidates(collection, query)?)
}

/// A row whose box meets a box.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Hit {
    /// Its number.
    pub row: Row,
    /// True where it is known to lie inside as a whole.
    pub inside: bool,
}

/// The rows that a query matches among those whose box meets a box in CRS84, each once, in no
/// particular order.
///
/// A few are evaluated as the R-tree gives them. Of many, an index may know that fewer can match.
///
/// # Errors
/// The query's budget stops it.
pub fn matched_in(
    collection: &Collection,
    query: &Query,
    rect: Rect<f64>,
) -> Result<Vec<Hit>, Stopped> {
    let mut hits: Vec<_> = collection
        .rows_near(rect)
        .map(|(row, inside)| Hit { row, inside })
        .collect();
    if collection.has_scattered() {
        // One of many parts is inside where all of them are.
        for hit in &mut hits {
            hit.inside = false;
        }
        hits.sort_unstable();
        hits.dedup();
    }
    if query.is_everything() {
        return Ok(hits);
    }
    let mut rows: Vec<_> = hits.into_iter().map(|hit| hit.row).collect();
    if rows.len() > FEW {
        let (plan, candidates) = plan::narrowest(collection, query)?;
        if plan.candidates < rows.len() {
            rows = candidates;
            rows.retain(|row| {
                let shape = collection.geometry(*row);
                let bounds = shape.and_then(|shape| shape.bounds());
                bounds.is_some_and(|bounds| bounds.intersects(&rect))
            });
        }
    }
    let candidates = Candidates {
        rows: rows.into(),
        within: None,
        column: None,
    };
    let rows = evaluated(collection, query, candidates)?.rows.into_iter();
    let hit = |row| Hit { row, inside: false };
    Ok(rows.map(hit).collect())
}

/// What candidates are not known to fulfil: by columns first, then one after the other.
fn evaluated(
    collection: &Collection,
    query: &Query,
    candidates: Candidates,
) -> Result<Matches, Stopped> {
    let Candidates {
        rows,
        within,
        column,
    } = candidates;
    let mut rows = rows.into_owned();
    let sieve = Sieve::new(collection, &query.filter.0, column);
    sieve.sift(&mut rows);
    let window = query.bbox.as_ref().filter(|window| within != Some(*window));
    let Query {
        datetime,
        text,
        near,
        ..
    } = query;
    let parts = sieve.rest();
    if parts.is_empty()
        && window.is_none()
        && datetime.is_none()
        && text.is_none()
        && near.is_none()
    {
        return Ok(Matches {
            rows,
            distances: Vec::new(),
        });
    }
    let scene = Scene::new(collection, parts);
    let meter = query.budget.meter();
    let mut matches = Matches::default();
    for row in rows {
        // What the last one took.
        meter.spend(PER_ROW + scene.take_steps())?;
        let place = scene.row(row);
        let wanted = text.as_ref().is_none_or(|text| text.holds(row))
            && datetime.is_none_or(|Interval(asked)| {
                let time = collection.time(row);
                time.is_none_or(|time| asked.intersects(&time))
            })
            && window.is_none_or(|window| {
                place.meets(window.crs(), window.rects(), window.reach()) == Some(true)
            })
            && place.fulfils();
        if !wanted {
            continue;
        }
        if let Some(near) = near {
            let distance = place
                .degrees()
                .and_then(|own| near.distance(&own, scene.steps()));
            let Some(distance) = distance else {
                continue;
            };
            matches.distances.push(distance);
        }
        matches.rows.push(row);
    }
    Ok(matches)
}
