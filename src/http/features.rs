//! Single features.

use super::answer::{Answer, GEOJSON, ok};
use super::crs;
use super::links::{alternates, escaped};
use super::params::Params;
use super::problem::Problem;
use super::state::Service;
use super::work::work;
use crate::encode::{self, Link, form};
use crate::grammar;

/// `GET /collections/{c}/items/{id}` as GeoJSON; `params` are those that do not choose the form.
pub(super) async fn item(
    service: Service,
    collection: String,
    id: String,
    params: Params,
) -> Answer {
    // A shape may have any number of vertices to convert.
    let context = service.work.clone();
    work(&context, move || made(&service, &collection, &id, params)).await
}

fn made(service: &Service, collection: &str, id: &str, mut params: Params) -> Answer {
    let crs = grammar::crs(&mut params, "crs", &service.store)?;
    params.finish()?;
    let summary = service
        .store
        .collection(collection)
        .ok_or_else(|| no_collection(collection))?;
    let mut item = service
        .store
        .item(collection, id)
        .ok_or_else(|| no_feature(collection, id))?;
    crs::convert(std::slice::from_mut(&mut item.feature), crs)?;
    let parent = format!("{}/collections/{}", service.base, escaped(collection));
    let own = format!("{parent}/items/{}", escaped(id));
    let mut links: Vec<Link> = vec![("self", own.clone(), GEOJSON, "this feature")];
    links.extend(alternates(&own, None, &[form::GEOJSON, form::HTML]));
    links.push(("collection", parent, "application/json", "the collection"));
    let body = encode::feature(&summary.info.columns, &item.feature, &item.findings, &links);
    Ok(crs::named(ok(GEOJSON, body), crs))
}

pub(super) fn no_collection(id: &str) -> Problem {
    Problem::not_found_parameter("collectionId", format!("there is no collection {id:?}"))
}

pub(super) fn no_feature(collection: &str, id: &str) -> Problem {
    let detail = format!("collection {collection:?} has no feature {id:?}");
    Problem::not_found_parameter("featureId", detail)
}
