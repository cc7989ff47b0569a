//! The layer around everything: what each answer has, whatever it is. A layer is cloned for each request
//! with all that is in it, so this one does what would else be four.

use std::convert::Infallible;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Instant;

use axum::body::{Body, Bytes};
use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use http_body::{Body as _, Frame};
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
const LOCKED: &str = "default-src 'none'; frame-ancestors 'none'";

/// Counts and logs every answer, shows problems to people, and sets the headers that each answer has: a media type
/// is what it says, and everybody may read data, from any page.
pub(super) async fn every_answer(
    State(app): State<App>,
    mut request: Request,
    next: Next,
) -> Response {
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
    let mut response = match app.hosts().base(&request) {
        Err(problem) => problem.into_response(),
        Ok(_) if method == Method::OPTIONS => preflight(kind),
        Ok(base) => {
            request.extensions_mut().insert(base);
            problem_page::shown(&app, request, next).await
        }
    };
    let status = response.status().as_u16();
    let took = start.elapsed();
    app.requests().note(kind, status, took);
    if let Some(target) = logged {
        tracing::info!(%method, %target, status, ?took);
    }
    // The router tells the length of the body that it gets, which is none of what GET would send where that was left out.
    if method == Method::HEAD || matches!(status, 204 | 304) {
        let length = response.body().size_hint().exact();
        *response.body_mut() = Body::new(Nothing);
        if let Some(length) = length.filter(|length| *length > 0) {
            let headers = response.headers_mut();
            headers.insert(header::CONTENT_LENGTH, HeaderValue::from(length));
        }
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
    // What a 304 says takes the place of what the client has stored (RFC 9110, section 15.4.5), and the page's own
    // policy is there: a stricter one would leave it without its styles and its script.
    if status != 304 {
        headers
            .entry(header::CONTENT_SECURITY_POLICY)
            .or_insert(HeaderValue::from_static(LOCKED));
    }
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

/// No body, of a length that nobody knows.
struct Nothing;

impl http_body::Body for Nothing {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        Poll::Ready(None)
    }
}

fn set(headers: &mut HeaderMap, name: HeaderName, value: &'static str) {
    headers.insert(name, HeaderValue::from_static(value));
}
