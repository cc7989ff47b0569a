//! `/healthz` and `/readyz`: for whoever starts, stops and watches the process.

use std::time::{SystemTime, UNIX_EPOCH};

use axum::extract::State;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde_json::{Value as Json, json};

use super::admin;
use super::answer::{JSON, ok};
use super::state::App;
use crate::model::Stamp;

/// `GET /healthz`: the process answers.
pub(super) async fn healthz() -> Response {
    (
        StatusCode::OK,
        [(header::CONTENT_TYPE, "text/plain; charset=utf-8")],
        "ok\n",
    )
        .into_response()
}

/// `GET /readyz`: data are served, and which. A plan that was refused since takes nothing from those that
/// are served: it is told, and is no reason to stop sending requests here. 503 once the server is about to end.
/// What the errors of a plan are is for those who show the token: they quote files that are not published.
pub(super) async fn readyz(State(app): State<App>, headers: HeaderMap) -> Response {
    let in_full = admin::has_token(&app, &headers);
    state(&app, in_full)
}

/// The same for those who administer the server.
pub(super) async fn readyz_in_full(State(app): State<App>) -> Response {
    state(&app, true)
}

fn state(app: &App, in_full: bool) -> Response {
    let running = app.running();
    let store = &running.store;
    let features: usize = store.collections().map(|summary| summary.features).sum();
    let body = json!({
        "status": if app.is_leaving() { "ending" } else { "ready" },
        "plan": store.plan().id,
        "version": store.version(),
        "features": features,
        "since": rfc3339(running.since),
        "reload": reload(app, in_full),
    });
    let mut response = ok(JSON, body.to_string().into_bytes());
    if app.is_leaving() {
        *response.status_mut() = StatusCode::SERVICE_UNAVAILABLE;
    }
    let no_store = HeaderValue::from_static("no-store");
    response
        .headers_mut()
        .insert(header::CACHE_CONTROL, no_store);
    response
}

fn reload(app: &App, in_full: bool) -> Json {
    let record = app.reloads().status.read();
    let mut out = json!({
        "status": if record.failure.is_some() { "failed" } else { "ok" },
        "watching": app.reloads().watching(),
    });
    if let Some(at) = record.running {
        out["running_since"] = rfc3339(at).into();
    }
    if let Some((at, _)) = record.last {
        out["last"] = rfc3339(at).into();
    }
    if let Some(failure) = record.failure {
        let refusal = failure.refusal;
        out["since"] = rfc3339(failure.since).into();
        out["errors"] = refusal.errors.into();
        if in_full {
            out["first"] = refusal.first().into();
        }
    }
    out
}

/// A moment, to the second.
pub(super) fn rfc3339(time: SystemTime) -> String {
    let since = time.duration_since(UNIX_EPOCH).unwrap_or_default();
    let micros = i64::try_from(since.as_secs()).map(|seconds| seconds.saturating_mul(1_000_000));
    Stamp::from_micros(micros.unwrap_or_default()).to_string()
}
