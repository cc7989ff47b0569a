//! The page of one feature, which works without script: `/f/{collection}/{id}`, and the same as the HTML form of
//! the feature in the API, which names the first as the one to keep.

use axum::extract::{Request, State};
use axum::http::{HeaderMap, StatusCode};
use geo::BoundingRect;

use super::answer::Answer;
use super::asked::Asked;
use super::features::{no_collection, no_feature};
use super::links::{escaped, page_of};
use super::negotiate;
use super::pages::beneath;
use super::params::{Params, Path};
use super::problem::Problem;
use super::problem_page::for_a_person;
use super::state::App;
use super::work::work;
use crate::encode::form::{Form, GEOJSON, HTML};
use crate::encode::html::{FeaturePage, Nearby, WITHIN_M, feature, missing};
use crate::encode::openapi::ITEMS;
use crate::model::Feature;
use crate::query::{Near, Query};
use crate::store::{Item, Store};

const FORMS: &[Form] = &[HTML];

/// Neighbours that are listed of a collection.
const NEAREST: usize = 8;
/// Names that are offered where there is no such feature.
const OFFERED: usize = 8;

/// `GET /f/{collection}/{id}`
pub(super) async fn page(
    State(app): State<App>,
    Path((collection, id)): Path<(String, String)>,
    request: Request,
) -> Answer {
    let mut params = Params::parse(request.uri().query())?;
    let form = negotiate::form(&mut params, request.headers(), FORMS)?;
    let asked = Asked::new(&app, &request, FORMS, form, &mut params)?;
    params.finish()?;
    let headers = request.headers().clone();
    let context = asked.service.work.clone();
    work(&context, move || match made(&asked, &collection, &id) {
        Some(page) => page,
        None => gone(&asked, &headers, &collection, &id),
    })
    .await
}

/// The page; none where there is no such feature.
pub(super) fn made(asked: &Asked, collection: &str, id: &str) -> Option<Answer> {
    let store = &asked.service.store;
    let info = store.collection(collection)?.info;
    let item = store.item(collection, id)?;
    let geometry = item.feature.geometry.as_ref();
    let below = match geometry.and_then(BoundingRect::bounding_rect) {
        Some(bounds) => match beneath(store, collection, bounds) {
            Ok(below) => below,
            Err(problem) => return Some(Err(problem)),
        },
        None => Vec::new(),
    };
    let Item {
        feature: own,
        findings,
    } = &item;
    let near = nearby(store, collection, own);
    let page = FeaturePage {
        info,
        collection: format!("/collections/{}", escaped(collection)),
        feature: own,
        findings,
        beneath: &below,
        nearby: &near,
        permalink: path_of(collection, id),
        live: format!("/?s={}:{}", escaped(collection), escaped(id)),
        data: data(collection, id),
        path: &path_of,
    };
    Some(Ok(asked.html(|site| feature(site, &page))))
}

/// The path of a feature's page. A browser leaves dots out of any path, so these two ids are found otherwise.
pub(super) fn path_of(collection: &str, id: &str) -> String {
    let collection = escaped(collection);
    match id {
        "." | ".." => page_of(&format!("/collections/{collection}"), id),
        _ => format!("/f/{collection}/{}", escaped(id)),
    }
}

/// This one feature in every form that the API has: the feature itself, and the items narrowed to it.
fn data(collection: &str, id: &str) -> Vec<(&'static str, &'static str, String)> {
    let items = format!("/collections/{}/items", escaped(collection));
    let narrowed = format!("{items}?id={}", escaped(id));
    let own = match id {
        "." | ".." => format!("{narrowed}&f=geojson"),
        _ => format!("{items}/{}?f=geojson", escaped(id)),
    };
    let others = ITEMS
        .forms
        .iter()
        .filter(|form| **form != GEOJSON && **form != HTML)
        .map(|form| {
            let name = form.names[0];
            (name, form.media, format!("{narrowed}&f={name}"))
        });
    let mut all = vec![("GeoJSON", GEOJSON.media, own)];
    all.extend(others);
    all
}

/// What lies near: works first, for what people ask first is whether the street is dug up, and they are named where
/// there are none; then every collection of the plan that has something there.
fn nearby<'a>(store: &'a Store, collection: &str, own: &Feature) -> Vec<Nearby<'a>> {
    let Some(geometry) = &own.geometry else {
        return Vec::new();
    };
    let works = store.plan().works();
    let is_works = |id: &str| works == Some(id);
    let query = Query {
        near: Some(Near::geometry(geometry.clone(), WITHIN_M)),
        ..Query::default()
    };
    let mut all: Vec<_> = store
        .collections()
        .filter(|summary| summary.info.register || summary.info.id == collection)
        .filter_map(|summary| {
            let same = summary.info.id == collection;
            // One more than is shown: a feature is near itself.
            let page = store.items(&summary.info.id, &query, NEAREST + 1, None);
            let page = page.ok().flatten()?;
            let pairs = page.features.into_iter().zip(page.distances);
            let mut nearest: Vec<_> = pairs
                .filter(|(feature, _)| !same || feature.id != own.id)
                .collect();
            nearest.truncate(NEAREST);
            let matched = page.matched - usize::from(same);
            let told = matched > 0 || (is_works(&summary.info.id) && !same);
            told.then_some(Nearby {
                info: summary.info,
                matched,
                nearest,
            })
        })
        .collect();
    all.sort_by_key(|near| !is_works(&near.info.id));
    all
}

/// Nothing is there: for a person a page to search on from, for a program a problem.
fn gone(asked: &Asked, headers: &HeaderMap, collection: &str, id: &str) -> Answer {
    let store = &asked.service.store;
    if !for_a_person(headers) {
        return Err(not_there(store, collection, id));
    }
    let similar = store.similar(id, OFFERED, &asked.service.work.budget)?;
    let mut page = asked.html(|site| missing(site, collection, id, &similar, &path_of));
    *page.status_mut() = StatusCode::NOT_FOUND;
    Ok(page)
}

/// The problem of the API's own address.
pub(super) fn not_there(store: &Store, collection: &str, id: &str) -> Problem {
    match store.collection(collection) {
        None => no_collection(collection),
        Some(_) => no_feature(collection, id),
    }
}
