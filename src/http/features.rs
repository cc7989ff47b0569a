//! `/collections/{c}/items` and single features.

use axum::extract::Request;
use axum::http::{HeaderMap, HeaderValue, header};
use percent_encoding::percent_decode_str;

use super::answer::{Answer, CSV, GEOJSON, counted, ok, service, work};
use super::crs;
use super::links::{alternates, escaped};
use super::params::{Params, Path};
use super::problem::Problem;
use crate::encode::openapi::ITEMS;
use crate::encode::{self, Link, form};
use crate::model::{Bbox, CollectionInfo};
use crate::query::{Filter, Query, condition};

pub(super) const DEFAULT_LIMIT: usize = 100;
pub(super) const MAX_LIMIT: usize = 10_000;

/// `GET /collections/{c}/items`
pub(super) async fn items(Path(id): Path<String>, request: Request) -> Answer {
    let service = service(&request)?;
    let query_string = request.uri().query().map(str::to_owned);
    let accept_csv = prefers_csv(request.headers());
    work(move || {
        let summary = service
            .store
            .collection(&id)
            .ok_or_else(|| no_collection(&id))?;
        let columns = &summary.info.columns;
        let mut params = Params::parse(query_string.as_deref())?;
        let csv = params.read("f", items_format)?.unwrap_or(accept_csv);
        let limit = params.read("limit", limit)?.unwrap_or(DEFAULT_LIMIT);
        let after = params.take("cursor");
        let crs = crs::read(&mut params, "crs", &service.store)?;
        let query = Query {
            bbox: params.read("bbox", str::parse::<Bbox>)?.map(Into::into),
            filter: column_filter(summary.info, &mut params)?,
            ..Query::default()
        };
        params.finish()?;
        let mut page = service
            .store
            .items(&id, &query, limit, after.as_deref())
            .map_err(|error| Problem::parameter("cursor", error))?
            .ok_or_else(|| no_collection(&id))?;
        crs::convert(&mut page.features, crs)?;
        let path = format!("{}/collections/{}/items", service.base, escaped(&id));
        let next = page.next.as_ref().map(|next| {
            let query = next_query(query_string.as_deref(), next);
            format!("{path}?{query}")
        });
        let (matched, returned) = (page.matched, page.features.len());
        if csv {
            let body =
                encode::csv(columns, &page.features).map_err(|error| Problem::failed(&error))?;
            let mut response = counted(ok(CSV, body), matched, returned);
            // A table has no room for links: without this header nobody would see that it goes on.
            let link = next.map(|next| format!("<{next}>; rel=\"next\"; type=\"text/csv\""));
            if let Some(link) = link {
                let link = HeaderValue::from_str(&link).map_err(|error| Problem::failed(&error))?;
                response.headers_mut().insert(header::LINK, link);
            }
            return Ok(response);
        }
        let own = query_string
            .as_deref()
            .map_or_else(|| path.clone(), |query| format!("{path}?{query}"));
        let mut links: Vec<Link> = vec![
            ("self", own, GEOJSON, "this page"),
            (
                "collection",
                format!("{}/collections/{}", service.base, escaped(&id)),
                "application/json",
                "the collection",
            ),
        ];
        links.extend(alternates(&path, query_string.as_deref(), ITEMS.forms));
        if let Some(next) = next {
            links.push(("next", next, GEOJSON, "the next page"));
        }
        let body = encode::feature_collection(columns, page, &links);
        let response = crs::named(ok(GEOJSON, body), crs);
        Ok(counted(response, matched, returned))
    })
    .await
}

/// `GET /collections/{c}/items/{id}`
pub(super) fn item(collection: &str, id: &str, request: &Request) -> Answer {
    let service = service(request)?;
    let mut params = Params::parse(request.uri().query())?;
    params.read("f", item_format)?;
    let crs = crs::read(&mut params, "crs", &service.store)?;
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
    let body = encode::feature(&summary.info.columns, item.feature, &item.findings, &links);
    Ok(crs::named(ok(GEOJSON, body), crs))
}

pub(super) fn no_collection(id: &str) -> Problem {
    Problem::not_found_parameter("collectionId", format!("there is no collection {id:?}"))
}

pub(super) fn no_feature(collection: &str, id: &str) -> Problem {
    let detail = format!("collection {collection:?} has no feature {id:?}");
    Problem::not_found_parameter("featureId", detail)
}

/// Every parameter that is left names a column; the first that does not is refused.
fn column_filter(info: &CollectionInfo, params: &mut Params) -> Result<Filter, Problem> {
    let mut parts = Vec::new();
    for (name, text) in params.rest() {
        let column = info.column_index(&name).ok_or_else(|| {
            Problem::parameter(
                &name,
                format!(
                    "is not known here; collection {:?} has no such column",
                    info.id
                ),
            )
        })?;
        let condition = condition(&info.columns[column], &text)
            .map_err(|error| Problem::parameter(&name, error))?;
        parts.push(Filter::column(column, condition));
    }
    Ok(Filter::all(parts))
}

fn limit(text: &str) -> Result<usize, String> {
    match text.parse::<usize>() {
        // OGC API Features Part 1, 7.15.2: a greater limit is not an error.
        Ok(limit) if limit > 0 => Ok(limit.min(MAX_LIMIT)),
        _ => Err(format!(
            "expected a whole number from 1 to {MAX_LIMIT}, found {text:?}"
        )),
    }
}

fn items_format(text: &str) -> Result<bool, String> {
    match text {
        "geojson" | "json" => Ok(false),
        "csv" => Ok(true),
        _ => Err(format!("expected geojson, json or csv, found {text:?}")),
    }
}

fn item_format(text: &str) -> Result<(), String> {
    match text {
        "geojson" | "json" => Ok(()),
        _ => Err(format!("expected geojson or json, found {text:?}")),
    }
}

/// CSV only for who asks for it by name; everybody else gets GeoJSON.
fn prefers_csv(headers: &HeaderMap) -> bool {
    let accept = headers
        .get(header::ACCEPT)
        .and_then(|accept| accept.to_str().ok())
        .unwrap_or_default();
    accept.trim_start().starts_with("text/csv")
}

/// The same query with another cursor.
fn next_query(query: Option<&str>, next: &str) -> String {
    let is_cursor = |pair: &str| {
        let name = pair.split('=').next().unwrap_or_default();
        percent_decode_str(name).eq(*b"cursor")
    };
    let pairs = query.unwrap_or_default().split('&');
    let kept = pairs.filter(|pair| !pair.is_empty() && !is_cursor(pair));
    let cursor = format!("cursor={}", escaped(next));
    kept.map(str::to_owned)
        .chain([cursor])
        .collect::<Vec<_>>()
        .join("&")
}
