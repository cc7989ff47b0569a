//! `/collections/{c}/items` and single features.

use axum::extract::Request;
use axum::http::{HeaderMap, HeaderName, HeaderValue, header};
use axum::response::Response;
use percent_encoding::percent_decode_str;

use super::answer::{Answer, GEOJSON, counted, ok, service, work};
use super::links::{alternates, escaped};
use super::params::{Params, Path};
use super::problem::Problem;
use super::{crs, grammar};
use crate::crs::{Crs, Reprojector};
use crate::encode::openapi::ITEMS;
use crate::encode::{self, EncodeError, Format, FormatError, Link, Table, Wishes, form};
use crate::model::{CollectionInfo, Feature};

pub(super) const DEFAULT_LIMIT: usize = 100;
pub(super) const MAX_LIMIT: usize = 10_000;

/// `GET /collections/{c}/items`
pub(super) async fn items(Path(id): Path<String>, request: Request) -> Answer {
    let service = service(&request)?;
    let query_string = request.uri().query().map(str::to_owned);
    let accepted = accepted(request.headers());
    work(move || {
        let summary = service
            .store
            .collection(&id)
            .ok_or_else(|| no_collection(&id))?;
        let columns = &summary.info.columns;
        let mut params = Params::parse(query_string.as_deref())?;
        let format = params.read("f", items_format)?.unwrap_or(accepted);
        let limit = params.read("limit", limit)?.unwrap_or(DEFAULT_LIMIT);
        let after = params.take("cursor");
        let crs = crs::read(&mut params, "crs", &service.store)?;
        let query = grammar::query(&mut params, &service.store, summary.info)?;
        params.finish()?;
        let mut page = service
            .store
            .items(&id, &query, limit, after.as_deref())
            .map_err(|error| Problem::parameter("cursor", error))?
            .ok_or_else(|| no_collection(&id))?;
        let path = format!("{}/collections/{}/items", service.base, escaped(&id));
        let next = page.next.as_ref().map(|next| {
            let query = next_query(query_string.as_deref(), next);
            format!("{path}?{query}")
        });
        let (matched, returned) = (page.matched, page.features.len());
        if format != Format::GeoJson {
            let body = file(format, summary.info, crs, page.features)?;
            let mut response = counted(ok(format.media_type(), body), matched, returned);
            let name = format!("attachment; filename=\"{id}.{}\"", format.extension());
            header_text(&mut response, header::CONTENT_DISPOSITION, &name)?;
            // A file has no room for links: without this header nobody would see that it goes on.
            if let Some(next) = next {
                header_text(&mut response, header::LINK, &next_link(&next, format))?;
            }
            return Ok(crs::named(response, crs));
        }
        crs::convert(&mut page.features, crs)?;
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

fn limit(text: &str) -> Result<usize, String> {
    match text.parse::<usize>() {
        // OGC API Features Part 1, 7.15.2: a greater limit is not an error.
        Ok(limit) if limit > 0 => Ok(limit.min(MAX_LIMIT)),
        _ => Err(format!(
            "expected a whole number from 1 to {MAX_LIMIT}, found {text:?}"
        )),
    }
}

/// Writes features as a file. Nothing is half-sent: a row that the format cannot hold is a problem.
fn file(
    format: Format,
    info: &CollectionInfo,
    crs: Crs,
    features: Vec<Feature>,
) -> Result<Vec<u8>, Problem> {
    let to = Reprojector::new(Crs::Crs84, crs).map_err(|error| Problem::failed(&error))?;
    let mut rows = features.into_iter().map(|mut feature| {
        feature.geometry = feature
            .geometry
            .map(|shape| to.geometry(&shape))
            .transpose()?;
        Ok(feature)
    });
    let table = Table {
        collection: info,
        columns: &info.columns,
        crs,
        features: &mut rows,
    };
    let mut body = Vec::new();
    match encode::write(format, table, Wishes::default(), &mut body) {
        Ok(()) => Ok(body),
        Err(error @ EncodeError::Crs { .. }) => Err(Problem::parameter("crs", error)),
        Err(error) => Err(Problem::failed(&error)),
    }
}

fn header_text(response: &mut Response, name: HeaderName, text: &str) -> Result<(), Problem> {
    let value = HeaderValue::from_str(text).map_err(|error| Problem::failed(&error))?;
    response.headers_mut().insert(name, value);
    Ok(())
}

/// RFC 8288.
fn next_link(next: &str, format: Format) -> String {
    let media = format.media_type().split(';').next().unwrap_or_default();
    format!("<{next}>; rel=\"next\"; type=\"{media}\"")
}

fn items_format(text: &str) -> Result<Format, String> {
    match text {
        "json" => Ok(Format::GeoJson),
        other => other
            .parse()
            .map_err(|error: FormatError| error.to_string()),
    }
}

fn item_format(text: &str) -> Result<(), String> {
    match text {
        "geojson" | "json" => Ok(()),
        _ => Err(format!("expected geojson or json, found {text:?}")),
    }
}

/// The format that is asked for by its media type; GeoJSON where none is.
fn accepted(headers: &HeaderMap) -> Format {
    let accept = headers
        .get(header::ACCEPT)
        .and_then(|accept| accept.to_str().ok());
    let accept = accept
        .unwrap_or_default()
        .split(';')
        .next()
        .unwrap_or_default()
        .trim();
    let bare = |format: &Format| format.media_type().split(';').next() == Some(accept);
    Format::ALL
        .into_iter()
        .find(bare)
        .unwrap_or(Format::GeoJson)
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
