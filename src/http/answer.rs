use axum::body::Bytes;
use axum::extract::Request;
use axum::http::{HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};

use super::problem::Problem;
use super::state::Service;

pub(super) const GEOJSON: &str = "application/geo+json";
pub(super) const JSON: &str = "application/json";
pub(super) const MVT: &str = "application/vnd.mapbox-vector-tile";

/// What a handler returns.
pub(super) type Answer = Result<Response, Problem>;

/// 200 with a body of the given media type, which takes no more memory than it is long: it may be kept.
pub(super) fn ok(media: &'static str, body: Vec<u8>) -> Response {
    (
        StatusCode::OK,
        [(header::CONTENT_TYPE, HeaderValue::from_static(media))],
        Bytes::from(body.into_boxed_slice()),
    )
        .into_response()
}

/// Says in headers, for every format, how many features there are and how many are in the body.
pub(super) fn counted(mut response: Response, matched: usize, returned: usize) -> Response {
    for (name, count) in [
        ("buju-number-matched", matched),
        ("buju-number-returned", returned),
    ] {
        response
            .headers_mut()
            .insert(HeaderName::from_static(name), HeaderValue::from(count));
    }
    response
}

/// The version of the plan that this request sees.
pub(super) fn service(request: &Request) -> Result<Service, Problem> {
    let missing = "the request has no store";
    request
        .extensions()
        .get::<Service>()
        .cloned()
        .ok_or_else(|| Problem::failed(&missing))
}
