use geo::{BoundingRect, Intersects, Rect};

use super::filter::Scene;
use super::{Interval, Query, plan};
use crate::snapshot::{Collection, Row};

/// So many rows are evaluated in less time than indices take to be asked for fewer.
const FEW: usize = 1024;

/// The rows that a query matches, in id order.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Matches {
    /// Row numbers, ascending.
    pub rows: Vec<Row>,
    /// Metres to the nearest place of `near`, one per row; empty where the query has none.
    pub distances: Vec<f64>,
}

/// Evaluates a query: candidates from the narrowest index, then the whole query on each.
#[must_use]
pub fn matched(collection: &Collection, query: &Query) -> Matches {
    evaluated(collection, query, plan::narrowest(collection, query).1)
}

/// The rows that a query matches among those whose box meets a box in CRS84, in id order.
///
/// A few are evaluated as the R-tree gives them. Of many, an index may know that fewer can match.
#[must_use]
pub fn matched_in(collection: &Collection, query: &Query, rect: Rect<f64>) -> Vec<Row> {
    let mut rows: Vec<_> = collection.rows_in(rect).collect();
    if !query.is_everything() && rows.len() > FEW {
        let (plan, candidates) = plan::narrowest(collection, query);
        if plan.candidates < rows.len() {
            rows = candidates;
            rows.retain(|row| {
                let shape = collection.geometry(*row);
                let bounds = shape.and_then(BoundingRect::bounding_rect);
                bounds.is_some_and(|bounds| bounds.intersects(&rect))
            });
        }
    }
    rows.sort_unstable();
    if query.is_everything() {
        return rows;
    }
    evaluated(collection, query, rows).rows
}

/// The whole query on each candidate.
fn evaluated(collection: &Collection, query: &Query, candidates: Vec<Row>) -> Matches {
    let scene = Scene::new(collection);
    let mut matches = Matches::default();
    for row in candidates {
        let place = scene.row(row);
        let wanted = query.text.as_ref().is_none_or(|text| text.holds(row))
            && query.datetime.is_none_or(|Interval(asked)| {
                let time = collection.time(row);
                time.is_none_or(|time| asked.intersects(&time))
            })
            && query.bbox.as_ref().is_none_or(|window| {
                place.meets(window.crs(), window.rects(), window.reach()) == Some(true)
            })
            && place.holds(&query.filter.0) == Some(true);
        if !wanted {
            continue;
        }
        if let Some(near) = &query.near {
            let Some(distance) = place.own().and_then(|own| near.distance(own)) else {
                continue;
            };
            matches.distances.push(distance);
        }
        matches.rows.push(row);
    }
    matches
}
