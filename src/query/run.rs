use super::filter::Scene;
use super::{Interval, Query, plan};
use crate::snapshot::{Collection, Row};

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
    let candidates = plan::narrowest(collection, query).1;
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
