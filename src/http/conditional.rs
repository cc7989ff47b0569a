//! The layer around everything that the plan's data answer: one version per request, an `ETag`
//! known before any work, and compression.

use axum::body::{Body, to_bytes};
use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use sha2::{Digest, Sha256};

use super::asked;
use super::coding::Coding;
use super::download::Flowing;
use super::links;
use super::problem::Problem;
use super::state::{App, Service};
use crate::model::short_hex;

/// Effort of compression per request: beyond it bytes shrink by a few percent and time doubles.
const EFFORT: u32 = 5;

/// What else than the address chooses among the forms of a resource.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Vary {
    /// The form and the coding.
    Form,
    /// The language of its page as well.
    Language,
}

impl Vary {
    fn header(self) -> HeaderValue {
        HeaderValue::from_static(match self {
            Self::Form => "Accept, Accept-Encoding",
            Self::Language => "Accept, Accept-Language, Accept-Encoding",
        })
    }
}

pub(super) async fn conditional(
    State((app, vary)): State<(App, Vary)>,
    mut request: Request,
    next: Next,
) -> Response {
    let base = links::base(app.public_url(), request.headers());
    let service = Service {
        store: app.store(),
        base,
    };
    let coding = Coding::negotiate(request.headers());
    let tag = entity_tag(&service, &request, coding, vary);
    let asked = AskedTags::read(request.headers());
    if asked.names(&tag) {
        return not_modified(&tag, vary);
    }
    request.extensions_mut().insert(service);
    // HEAD tells the length of what GET would send, compressed too; the router drops the body.
    *request.method_mut() = Method::GET;
    let mut response = next.run(request).await;
    if !response.status().is_success() {
        return response;
    }
    if asked.any {
        return not_modified(&tag, vary);
    }
    let headers = response.headers_mut();
    headers
        .entry(header::CACHE_CONTROL)
        .or_insert(HeaderValue::from_static(REVALIDATE));
    headers.insert(header::ETAG, header_value(&tag));
    headers.insert(header::VARY, vary.header());
    let done = response.extensions().get::<Flowing>().is_some();
    if done || coding == Coding::Identity || response.status() == StatusCode::NO_CONTENT {
        return response;
    }
    compressed(response, coding)
        .await
        .unwrap_or_else(IntoResponse::into_response)
}

/// Only the version, for `/`: the page has an `ETag` of its own, and the landing page is small.
pub(super) async fn versioned(
    State(app): State<App>,
    mut request: Request,
    next: Next,
) -> Response {
    let base = links::base(app.public_url(), request.headers());
    request.extensions_mut().insert(Service {
        store: app.store(),
        base,
    });
    let mut response = next.run(request).await;
    response
        .headers_mut()
        .entry(header::VARY)
        .or_insert(Vary::Form.header());
    response
}

const REVALIDATE: &str = "public, max-age=60, must-revalidate";

/// Names the representation by everything that it follows from: the data's version, the address,
/// the base of links, and what was negotiated. The body is not needed.
fn entity_tag(service: &Service, request: &Request, coding: Coding, vary: Vary) -> String {
    let mut digest = Sha256::new();
    let accept = request
        .headers()
        .get(header::ACCEPT)
        .map_or(&b""[..], HeaderValue::as_bytes);
    let target = request
        .uri()
        .path_and_query()
        .map_or("", |target| target.as_str());
    // The language chosen and not the header: its many spellings give two pages.
    let lang = match vary {
        Vary::Form => "",
        Vary::Language => asked::by_accept(request.headers()).name(),
    };
    // A newer program may write the same data in another way.
    let program = env!("CARGO_PKG_VERSION");
    let parts = [program, &service.base, target, lang].map(str::as_bytes);
    for part in parts.into_iter().chain([accept]) {
        digest.update(part);
        digest.update([0]);
    }
    let key = short_hex(&digest.finalize());
    format!("\"{}-{key}-{}\"", service.store.version(), coding.name())
}

/// What `If-None-Match` names (RFC 9110, section 13.1.2): compared weakly.
struct AskedTags {
    tags: Vec<String>,
    any: bool,
}

impl AskedTags {
    fn read(headers: &HeaderMap) -> Self {
        let tags: Vec<_> = headers
            .get_all(header::IF_NONE_MATCH)
            .iter()
            .filter_map(|value| value.to_str().ok())
            .flat_map(|value| value.split(','))
            .map(|tag| tag.trim().trim_start_matches("W/").to_owned())
            .collect();
        Self {
            any: tags.iter().any(|tag| tag == "*"),
            tags,
        }
    }

    fn names(&self, tag: &str) -> bool {
        self.tags.iter().any(|asked| asked == tag)
    }
}

fn not_modified(tag: &str, vary: Vary) -> Response {
    let headers = [
        (header::ETAG, header_value(tag)),
        (header::CACHE_CONTROL, HeaderValue::from_static(REVALIDATE)),
        (header::VARY, vary.header()),
    ];
    (StatusCode::NOT_MODIFIED, headers).into_response()
}

async fn compressed(response: Response, coding: Coding) -> Result<Response, Problem> {
    let (mut parts, body) = response.into_parts();
    // Bodies are made whole in memory before, within the limits of each route.
    let plain = to_bytes(body, usize::MAX)
        .await
        .map_err(|error| Problem::failed(&error))?;
    let encoded = tokio::task::spawn_blocking(move || coding.encode(&plain, EFFORT))
        .await
        .map_err(|error| Problem::failed(&error))?
        .map_err(|error| Problem::failed(&error))?;
    parts.headers.insert(
        header::CONTENT_ENCODING,
        HeaderValue::from_static(coding.name()),
    );
    parts.headers.remove(header::CONTENT_LENGTH);
    Ok(Response::from_parts(parts, Body::from(encoded)))
}

/// Tags are made of hex digits and coding names, so they are always a valid header.
fn header_value(tag: &str) -> HeaderValue {
    HeaderValue::from_str(tag).unwrap_or(HeaderValue::from_static("\"\""))
}
