//! The layer around everything: what each answer has, whatever it is. A layer is cloned for each request
//! with all that is in it, so this one does what would else be four.

use std::time::Instant;

use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use tracing::{Level, enabled};

use super::requests::Kind;
use super::state::App;
use super::{admin, problem_page};

/// Every resource but one is read-only.
const ALLOWED: &str = "GET, HEAD, OPTIONS";
const ALLOWED_THERE: &str = "POST, OPTIONS";

/// What scripts of other pages may read beside the headers that they always may.
const EXPOSED: &str = "etag,link,content-crs,buju-number-matched,buju-number-returned,buju-number-merged,retry-after,accept-ranges,content-range";

/// A document that is not the page may do nothing at all.
const NOTHING: &str = "default-src 'none'; frame-ancestors 'none'";

/// Counts and logs every answer, shows problems to people, and sets the headers that each answer has: a media type
/// is what it says, and everybody may read data, from any page.
pub(super) async fn every_answer(State(app): State<App>, request: Request, next: Next) -> Response {
    let method = request.method().clone();
    let start = Instant::now();
    let logged = enabled!(Level::INFO).then(|| request.uri().clone());
    let path = request.uri().path();
    let kind = Kind::of(path);
    let allowed = if path == admin::RELOAD {
        ALLOWED_THERE
    } else {
        ALLOWED
    };
    let mut response = if method == Method::OPTIONS {
        preflight(kind)
    } else {
        problem_page::shown(&app, request, next).await
    };
    let status = response.status().as_u16();
    let took = start.elapsed();
    app.requests().note(kind, status, took);
    if let Some(target) = logged {
        tracing::info!(%method, %target, status, ?took);
    }
    let headers = response.headers_mut();
    if method == Method::OPTIONS || status == 405 {
        set(headers, header::ALLOW, allowed);
    }
    set(headers, header::X_CONTENT_TYPE_OPTIONS, "nosniff");
    if kind != Kind::Server {
        set(headers, header::ACCESS_CONTROL_ALLOW_ORIGIN, "*");
        set(headers, header::ACCESS_CONTROL_EXPOSE_HEADERS, EXPOSED);
    }
    headers
        .entry(header::CONTENT_SECURITY_POLICY)
        .or_insert(HeaderValue::from_static(NOTHING));
    response
}

/// Tells a browser what scripts of other pages may ask (the Fetch standard, CORS-preflight request): data, and nothing
/// of what those who run the server ask for.
fn preflight(kind: Kind) -> Response {
    let mut response = ().into_response();
    if kind == Kind::Server {
        return response;
    }
    let headers = response.headers_mut();
    set(headers, header::ACCESS_CONTROL_ALLOW_METHODS, "GET,HEAD");
    let asked = "accept,if-none-match,content-type,range,if-range";
    set(headers, header::ACCESS_CONTROL_ALLOW_HEADERS, asked);
    response
}

fn set(headers: &mut HeaderMap, name: HeaderName, value: &'static str) {
    headers.insert(name, HeaderValue::from_static(value));
}
