//! Landing page, collections, plan, TileJSON, health.

use axum::extract::{Request, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde_json::json;

use super::answer::{Answer, GEOJSON, JSON, MVT, ok, service};
use super::coding::offer;
use super::features::no_collection;
use super::links::escaped;
use super::params::{Params, Path};
use super::state::App;
use crate::encode::{self, Link};

/// `GET /`: the map for a browser, the landing page for a program.
pub(super) async fn root(State(app): State<App>, request: Request) -> Answer {
    let mut query = Params::parse(request.uri().query());
    let asked = match query.as_mut() {
        Ok(params) => params.read("f", landing_format)?,
        Err(_) => None,
    };
    let page = asked.unwrap_or_else(|| accepts_html(request.headers()));
    if page {
        // The page's own parameters are its state; it reads and answers for them.
        return Ok(app.assets().page(request.headers()));
    }
    query?.finish()?;
    let service = service(&request)?;
    let base = &service.base;
    let links: [Link; 6] = [
        ("self", format!("{base}/?f=json"), JSON, "this document"),
        (
            "alternate",
            format!("{base}/?f=html"),
            "text/html",
            "the map",
        ),
        (
            "data",
            format!("{base}/collections"),
            JSON,
            "the collections",
        ),
        (
            "describedby",
            format!("{base}/plan"),
            JSON,
            "the plan: figures, columns, collections",
        ),
        (
            "describedby",
            format!("{base}/tiles.json"),
            JSON,
            "TileJSON of the vector tiles",
        ),
        (
            "item",
            format!("{base}/tiles/{{z}}/{{x}}/{{y}}.geojson"),
            GEOJSON,
            "GeoJSON tiles of all collections",
        ),
    ];
    Ok(ok(
        JSON,
        encode::landing(service.store.plan(), service.store.version(), &links),
    ))
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
pub(super) async fn collections(request: Request) -> Answer {
    json_only(&request)?;
    let service = service(&request)?;
    let own: [Link; 1] = [(
        "self",
        format!("{}/collections", service.base),
        JSON,
        "this document",
    )];
    let body = encode::collections(
        service.store.collections(),
        |id| links(&service.base, id),
        &own,
    );
    Ok(ok(JSON, body))
}

/// `GET /collections/{c}`
pub(super) async fn collection(Path(id): Path<String>, request: Request) -> Answer {
    let service = service(&request)?;
    let summary = service
        .store
        .collection(&id)
        .ok_or_else(|| no_collection(&id))?;
    json_only(&request)?;
    Ok(ok(
        JSON,
        encode::collection(&summary, &links(&service.base, &id)),
    ))
}

/// `GET /tiles.json`
pub(super) async fn tilejson(request: Request) -> Answer {
    Params::parse(request.uri().query())?.finish()?;
    let service = service(&request)?;
    let template = format!("{}/tiles/{{z}}/{{x}}/{{y}}.mvt", service.base);
    let store = &service.store;
    Ok(ok(
        JSON,
        encode::tilejson(
            store.plan(),
            store.version(),
            &template,
            store.collections(),
        ),
    ))
}

/// `GET /healthz`: the process answers.
pub(super) async fn healthz() -> Response {
    (
        StatusCode::OK,
        [(header::CONTENT_TYPE, "text/plain; charset=utf-8")],
        "ok\n",
    )
        .into_response()
}

/// `GET /readyz`: data are served, and which.
pub(super) async fn readyz(State(app): State<App>) -> Response {
    let store = app.store();
    let features: usize = store.collections().map(|summary| summary.features).sum();
    let body = json!({ "status": "ready", "plan": store.plan().id, "version": store.version(), "features": features });
    ok(JSON, body.to_string().into_bytes())
}

fn links(base: &str, id: &str) -> Vec<Link<'static>> {
    let own = format!("{base}/collections/{}", escaped(id));
    let tiles = format!("{own}/tiles/WebMercatorQuad/{{tileMatrix}}/{{tileRow}}/{{tileCol}}");
    vec![
        ("self", own.clone(), JSON, "this document"),
        ("items", format!("{own}/items"), GEOJSON, "the features"),
        (
            "item",
            format!("{tiles}?f=geojson"),
            GEOJSON,
            "GeoJSON tiles",
        ),
        ("item", format!("{tiles}?f=mvt"), MVT, "vector tiles"),
    ]
}

fn json_only(request: &Request) -> Result<(), super::problem::Problem> {
    let mut params = Params::parse(request.uri().query())?;
    params.read("f", |text| {
        if text == "json" {
            Ok(())
        } else {
            Err(format!("expected json, found {text:?}"))
        }
    })?;
    params.finish()
}

fn landing_format(text: &str) -> Result<bool, String> {
    match text {
        "html" => Ok(true),
        "json" => Ok(false),
        _ => Err(format!("expected html or json, found {text:?}")),
    }
}

/// True where HTML is asked for by name and nothing shows that JSON is liked better.
fn accepts_html(headers: &HeaderMap) -> bool {
    let accept = headers
        .get(header::ACCEPT)
        .and_then(|accept| accept.to_str().ok())
        .unwrap_or_default();
    let quality = |media: &str| {
        let mut offers = accept.split(',').map(offer);
        offers
            .find(|(offered, _)| offered.eq_ignore_ascii_case(media))
            .map_or(0.0, |(_, quality)| quality)
    };
    let html = quality("text/html");
    html > 0.0 && html >= quality(JSON)
}
