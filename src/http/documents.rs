//! What the API says of itself: conformance, OpenAPI, schemas.

use axum::extract::{Request, State};
use serde_json::Value as Json;

use super::answer::Answer;
use super::asked::Asked;
use super::features::no_collection;
use super::items::{DEFAULT_LIMIT, MAX_LIMIT, MAX_OFFSET};
use super::links::escaped;
use super::params::Path;
use super::state::App;
use crate::encode::form::{Form, HTML, JSON, OPENAPI, SCHEMA};
use crate::encode::openapi::{Context, openapi};
use crate::encode::{self, html};
use crate::model::CollectionInfo;

const DOCUMENT: &[Form] = &[JSON, HTML];
const API: &[Form] = &[OPENAPI, HTML];
const SCHEMAS: &[Form] = &[SCHEMA, HTML];

/// `GET /conformance`
pub(super) async fn conformance(State(app): State<App>, request: Request) -> Answer {
    let asked = Asked::read(&app, &request, DOCUMENT)?;
    Ok(asked.document(&encode::conformance(), html::conformance))
}

/// `GET /api`
pub(super) async fn api(State(app): State<App>, request: Request) -> Answer {
    let asked = Asked::read(&app, &request, API)?;
    let store = &asked.service.store;
    let context = Context {
        plan: store.plan(),
        collections: store.collections().map(|summary| summary.info).collect(),
        base: &asked.service.base,
        crs: store.crs().iter().map(|crs| crs.uri()).collect(),
        default_limit: DEFAULT_LIMIT,
        max_limit: MAX_LIMIT,
        max_offset: MAX_OFFSET,
    };
    Ok(asked.document(&openapi(&context, escaped), html::api))
}

/// `GET /collections/{c}/schema`
pub(super) async fn schema(
    State(app): State<App>,
    Path(id): Path<String>,
    request: Request,
) -> Answer {
    of_collection(&app, &id, &request, "schema", encode::schema)
}

/// `GET /collections/{c}/queryables`
pub(super) async fn queryables(
    State(app): State<App>,
    Path(id): Path<String>,
    request: Request,
) -> Answer {
    of_collection(&app, &id, &request, "queryables", encode::queryables)
}

/// `GET /collections/{c}/sortables`
pub(super) async fn sortables(
    State(app): State<App>,
    Path(id): Path<String>,
    request: Request,
) -> Answer {
    of_collection(&app, &id, &request, "sortables", encode::sortables)
}

fn of_collection(
    app: &App,
    id: &str,
    request: &Request,
    name: &str,
    document: fn(&CollectionInfo, &str) -> Json,
) -> Answer {
    let asked = Asked::read(app, request, SCHEMAS)?;
    let service = &asked.service;
    let summary = service
        .store
        .collection(id)
        .ok_or_else(|| no_collection(id))?;
    let path = format!("/collections/{}", escaped(id));
    let json = document(summary.info, &format!("{}{path}/{name}", service.base));
    Ok(asked.document(&json, |site, json| {
        let title = site.lang.of(&summary.info.title);
        html::schema(site, (title, path), json)
    }))
}
