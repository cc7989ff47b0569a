//! `near`, `within`, `near-crs` and `near-filter`: rows near places, or near rows of a collection.

use super::{Params, QueryError, Refused, crs};
use crate::query::{Budget, Near, Query, cql2_text, place};
use crate::store::Store;

/// The greatest distance in metres: beyond it everything in a town is near everything.
const MOST: f64 = 100_000.0;

/// Takes `near` and what goes with it out: a collection's id, `collection/feature`, two numbers or WKT.
///
/// # Errors
/// A parameter that cannot be read, or more features and work than the budget allows.
pub fn near(
    params: &mut Params,
    store: &Store,
    budget: &Budget,
) -> Result<Option<Near>, QueryError> {
    let within = params.read("within", metres)?;
    let literals = crs(params, "near-crs", store)?;
    let filter = params.take("near-filter");
    let Some(near) = params.take("near") else {
        let alone = [
            ("within", within.is_some()),
            ("near-filter", filter.is_some()),
        ];
        return match alone.iter().find(|(_, given)| *given) {
            Some((name, _)) => Err(Refused::new(name, "means nothing without near").into()),
            None => Ok(None),
        };
    };
    let within = within.ok_or_else(|| {
        let reason = "near needs it: the distance in metres, for instance within=200";
        Refused::new("within", reason)
    })?;
    let (collection, feature) = match near.split_once('/') {
        Some((collection, feature)) => (collection, Some(feature)),
        None => (near.as_str(), None),
    };
    if let Some(summary) = store.collection(collection) {
        if let Some(id) = feature {
            if filter.is_some() {
                let reason = "means nothing here: near names one feature";
                return Err(Refused::new("near-filter", reason).into());
            }
            return Ok(Some(one(store, collection, id, within)?));
        }
        let read = |text: &String| {
            cql2_text(summary.info, text, literals)
                .map_err(|error| Refused::new("near-filter", error))
        };
        let query = Query {
            filter: filter.as_ref().map(read).transpose()?.unwrap_or_default(),
            budget: budget.clone(),
            ..Query::default()
        };
        return Ok(store.near(collection, &query, within)?);
    }
    if filter.is_some() {
        let reason = "means nothing here: near names no collection";
        return Err(Refused::new("near-filter", reason).into());
    }
    let shape = place(&near, literals).map_err(|error| {
        let known: Vec<_> = store
            .collections()
            .map(|summary| summary.info.id.clone())
            .collect();
        let known = known.join(", ");
        let reason = format!(
            "expected a collection ({known}), collection/feature, two numbers or WKT; {error}"
        );
        Refused::new("near", reason)
    })?;
    Ok(Some(Near::geometry(shape, within)))
}

fn one(store: &Store, collection: &str, id: &str, within: f64) -> Result<Near, Refused> {
    let wrong = |reason: String| Refused::new("near", reason);
    let item = store
        .item(collection, id)
        .ok_or_else(|| wrong(format!("collection {collection:?} has no feature {id:?}")))?;
    let shape = item.feature.geometry.ok_or_else(|| {
        wrong(format!(
            "feature {id:?} of {collection:?} has no place: nobody could locate it"
        ))
    })?;
    Ok(Near::geometry(shape, within))
}

fn metres(text: &str) -> Result<f64, String> {
    match text.trim().parse::<f64>() {
        Ok(metres) if (0.0..=MOST).contains(&metres) => Ok(metres),
        _ => Err(format!("expected metres from 0 to {MOST}, found {text:?}")),
    }
}
