//! Landing page, collections, plan.

use axum::extract::{Request, State};
use axum::http::{HeaderValue, header};

use super::answer::{Answer, GEOJSON, JSON, MVT, ok, service};
use super::asked::{Asked, by_accept};
use super::features::no_collection;
use super::links::{escaped, own};
use super::negotiate;
use super::params::{Params, Path};
use super::start;
use super::state::App;
use super::work::work;
use crate::crs::Crs;
use crate::encode::form::{self, Form};
use crate::encode::openapi::ITEMS;
use crate::encode::{self, Link, html};
use crate::store::Store;
use crate::tile::TileMatrixSet;

const HTML: &str = "text/html";
const SCHEMA: &str = "application/schema+json";
const TILESETS_VECTOR: &str = "http://www.opengis.net/def/rel/ogc/1.0/tilesets-vector";
const DOCUMENT: &[Form] = &[form::JSON, form::HTML];

/// `GET /`: the map for a browser, the landing page for a program.
pub(super) async fn root(State(app): State<App>, request: Request) -> Answer {
    let mut query = Params::parse(request.uri().query());
    let form = match query.as_mut() {
        Ok(params) if is_shared(params) && negotiate::takes(request.headers(), &form::HTML) => {
            &form::HTML
        }
        Ok(params) if !params.get("f").is_some_and(negotiate::is_page_filter) => {
            negotiate::form(params, request.headers(), DOCUMENT)?
        }
        _ => negotiate::by_accept(request.headers(), DOCUMENT)?,
    };
    if *form == form::HTML {
        // The page's own parameters are its state; it reads and answers for them.
        let service = service(&request)?;
        let context = service.work.clone();
        return work(&context, move || Ok(start::page(&app, &service, &request))).await;
    }
    query?.finish()?;
    let service = service(&request)?;
    let links = landing_links(&service.base);
    let mut json = encode::landing(service.store.plan(), service.store.version(), &links);
    let lang = by_accept(request.headers());
    encode::in_language(&mut json, lang);
    let mut response = ok(JSON, json.to_string().into_bytes());
    let tag = HeaderValue::from_static(lang.tag());
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_LANGUAGE, tag);
    Ok(response)
}

/// True for an address that somebody has shared: a view of the page, or what is chosen in it. Whatever takes a page is
/// given it then, for the other document has no parameters.
fn is_shared(params: &Params) -> bool {
    let is_form = |name| !negotiate::is_page_filter(name);
    (params.has("v") || params.has("s")) && !params.get("f").is_some_and(is_form)
}

fn landing_links(base: &str) -> Vec<Link<'static>> {
    let to = |path: &str| format!("{base}{path}");
    vec![
        ("self", to("/?f=json"), JSON, "this document"),
        ("alternate", to("/?f=html"), HTML, "the map"),
        (
            "service-desc",
            to("/api?f=json"),
            form::OPENAPI.media,
            "the API in OpenAPI 3.0",
        ),
        ("service-doc", to("/api?f=html"), HTML, "the API for people"),
        (
            "conformance",
            to("/conformance"),
            JSON,
            "standards that this server conforms to",
        ),
        (
            "http://www.opengis.net/def/rel/ogc/1.0/conformance",
            to("/conformance"),
            JSON,
            "standards that this server conforms to",
        ),
        ("data", to("/collections"), JSON, "the collections"),
        (
            "http://www.opengis.net/def/rel/ogc/1.0/data",
            to("/collections"),
            JSON,
            "the collections",
        ),
        (
            TILESETS_VECTOR,
            to("/tiles"),
            JSON,
            "vector tilesets of all collections together",
        ),
        (
            "http://www.opengis.net/def/rel/ogc/1.0/tiling-schemes",
            to("/tileMatrixSets"),
            JSON,
            "the tile matrix sets",
        ),
        (
            "describedby",
            to("/plan"),
            JSON,
            "the plan: figures, columns, collections",
        ),
        (
            "describedby",
            to("/tiles.json"),
            JSON,
            "TileJSON of the vector tiles",
        ),
        (
            "item",
            to("/tiles/{z}/{x}/{y}.geojson"),
            GEOJSON,
            "GeoJSON tiles of all collections",
        ),
    ]
}

/// `GET /plan`
pub(super) async fn plan(request: Request) -> Answer {
    Params::parse(request.uri().query())?.finish()?;
    let store = service(&request)?.store;
    Ok(ok(
        JSON,
        encode::plan(store.plan(), store.version(), store.collections()),
    ))
}

/// `GET /collections`
pub(super) async fn collections(State(app): State<App>, request: Request) -> Answer {
    let asked = Asked::read(&app, &request, DOCUMENT)?;
    let service = &asked.service;
    let address = format!("{}/collections", service.base);
    let json = encode::collections(
        service.store.collections(),
        &served_crs(&service.store),
        |id| links(&service.base, id, columns(&service.store, id)),
        &own(&address),
    );
    Ok(asked.document(&json, |site, _| {
        let path = |id: &str| format!("/collections/{}", escaped(id));
        html::collections(site, service.store.collections(), &path)
    }))
}

/// `GET /collections/{c}`
pub(super) async fn collection(
    State(app): State<App>,
    Path(id): Path<String>,
    request: Request,
) -> Answer {
    let asked = Asked::read(&app, &request, DOCUMENT)?;
    let service = &asked.service;
    let summary = service
        .store
        .collection(&id)
        .ok_or_else(|| no_collection(&id))?;
    let json = encode::collection(
        &summary,
        &served_crs(&service.store),
        &links(&service.base, &id, summary.info.columns.len()),
    );
    Ok(asked.document(&json, |site, _| {
        html::collection(site, &summary, &format!("/collections/{}", escaped(&id)))
    }))
}

fn served_crs(store: &Store) -> Vec<String> {
    store.crs().iter().map(|crs| crs.uri()).collect()
}

/// How many columns a collection has.
fn columns(store: &Store, id: &str) -> usize {
    store
        .collection(id)
        .map_or(0, |summary| summary.info.columns.len())
}

fn links(base: &str, id: &str, columns: usize) -> Vec<Link<'static>> {
    let address = format!("{base}/collections/{}", escaped(id));
    let tiles = format!(
        "{address}/tiles/{}/{{tileMatrix}}/{{tileRow}}/{{tileCol}}",
        TileMatrixSet::default()
    );
    let part = |part: &str| format!("{address}/{part}");
    let mut links = own(&address);
    let forms = ITEMS.forms.iter();
    for form in forms.filter(|form| form.takes(columns, Crs::Crs84)) {
        let name = form.names[0];
        let href = if *form == ITEMS.forms[0] {
            part("items")
        } else {
            part(&format!("items?f={name}"))
        };
        links.push(("items", href, form.bare(), "the features"));
    }
    links.extend([
        (
            "describedby",
            part("schema"),
            SCHEMA,
            "the schema of the features",
        ),
        (
            "http://www.opengis.net/def/rel/ogc/1.0/schema",
            part("schema"),
            SCHEMA,
            "the schema of the features",
        ),
        (
            "http://www.opengis.net/def/rel/ogc/1.0/queryables",
            part("queryables"),
            SCHEMA,
            "what the features can be queried by",
        ),
        (
            "http://www.opengis.net/def/rel/ogc/1.0/sortables",
            part("sortables"),
            SCHEMA,
            "what the features can be sorted by",
        ),
        (
            "related",
            part("statistics"),
            JSON,
            "what the features add up to",
        ),
        (TILESETS_VECTOR, part("tiles"), JSON, "vector tilesets"),
        (
            "item",
            format!("{tiles}?f=geojson"),
            GEOJSON,
            "GeoJSON tiles",
        ),
        ("item", format!("{tiles}?f=mvt"), MVT, "vector tiles"),
    ]);
    links
}
