use std::time::{Duration, Instant};

use axum::Router;
use axum::extract::Request;
use axum::http::{HeaderName, HeaderValue, Method, header};
use axum::middleware::{Next, from_fn, from_fn_with_state};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::cors::{Any, CorsLayer};
use tracing::{Level, enabled};

use super::conditional::{conditional, versioned};
use super::inputs::Vary;
use super::problem::Problem;
use super::problem_page::problem_page;
use super::state::App;
use super::{assets, documents, metadata, pages, statistics, tiles, tilesets};

/// The longest that a request may take.
const PATIENCE: Duration = Duration::from_secs(30);

/// Every resource is read-only.
const ALLOWED: &str = "GET, HEAD, OPTIONS";

/// Every route, and every layer around them.
pub fn router(app: App) -> Router {
    let documents = Router::new()
        .route("/plan", get(metadata::plan))
        .route("/conformance", get(documents::conformance))
        .route("/api", get(documents::api))
        .route("/collections", get(metadata::collections))
        .route("/collections/{collection}", get(metadata::collection))
        .route("/collections/{collection}/schema", get(documents::schema))
        .route(
            "/collections/{collection}/queryables",
            get(documents::queryables),
        )
        .route(
            "/collections/{collection}/sortables",
            get(documents::sortables),
        )
        .route("/collections/{collection}/items", get(pages::items))
        .route(
            "/collections/{collection}/statistics",
            get(statistics::statistics),
        )
        // Everything behind, because some clients and proxies write the slash of an id as it is.
        .route("/collections/{collection}/items/{*id}", get(pages::item))
        .route(
            "/collections/{collection}/tiles",
            get(tilesets::list_of_collection),
        )
        .route(
            "/collections/{collection}/tiles/{set}",
            get(tilesets::of_collection),
        )
        .route("/tiles", get(tilesets::list))
        .route("/tiles/{set}", get(tilesets::dataset))
        .route("/tileMatrixSets", get(tilesets::matrix_sets))
        .route("/tileMatrixSets/{set}", get(tilesets::definition))
        .route("/tiles.json", get(tilesets::tilejson));
    let tiles = Router::new()
        .route(
            "/collections/{collection}/tiles/{set}/{z}/{row}/{col}",
            get(tiles::of_collection),
        )
        .route("/tiles/{set}/{z}/{row}/{col}", get(tiles::dataset));
    let short = Router::new().route("/tiles/{z}/{x}/{file}", get(tiles::short));
    let landing = Router::new().route("/", get(metadata::root));
    let with = |vary| from_fn_with_state((app.clone(), vary), conditional);
    documents
        .layer(with(Vary::Language))
        .merge(tiles.layer(with(Vary::Form)))
        .merge(short.layer(with(Vary::Coding)))
        .merge(landing.layer(from_fn_with_state(app.clone(), versioned)))
        .route("/assets/{*path}", get(assets::asset))
        .route("/healthz", get(metadata::healthz))
        .route("/readyz", get(metadata::readyz))
        .fallback(no_route)
        .method_not_allowed_fallback(async || Problem::method_not_allowed())
        .layer(from_fn(patience))
        .layer(CatchPanicLayer::custom(|_| {
            Problem::failed(&"a panic").into_response()
        }))
        .layer(from_fn_with_state(app.clone(), problem_page))
        .layer(cors())
        .layer(from_fn(every_answer))
        .with_state(app)
}

async fn no_route(request: Request) -> Problem {
    Problem::not_found(format!("there is nothing at {:?}", request.uri().path()))
}

async fn patience(request: Request, next: Next) -> Response {
    match tokio::time::timeout(PATIENCE, next.run(request)).await {
        Ok(response) => response,
        Err(_) => Problem::too_slow().into_response(),
    }
}

/// Logs every answer, and sets the headers that each has: a media type is what it says, and a
/// document that is not the page may do nothing at all.
async fn every_answer(request: Request, next: Next) -> Response {
    let method = request.method().clone();
    let logged = enabled!(Level::INFO).then(|| (request.uri().clone(), Instant::now()));
    let mut response = next.run(request).await;
    let status = response.status().as_u16();
    if let Some((target, start)) = logged {
        let took = start.elapsed();
        tracing::info!(%method, %target, status, ?took);
    }
    let headers = response.headers_mut();
    if method == Method::OPTIONS || status == 405 {
        headers.insert(header::ALLOW, HeaderValue::from_static(ALLOWED));
    }
    headers.insert(
        header::X_CONTENT_TYPE_OPTIONS,
        HeaderValue::from_static("nosniff"),
    );
    let nothing = HeaderValue::from_static("default-src 'none'; frame-ancestors 'none'");
    headers
        .entry(header::CONTENT_SECURITY_POLICY)
        .or_insert(nothing);
    response
}

/// Everybody may read, from any page.
fn cors() -> CorsLayer {
    let exposed = [
        "etag",
        "link",
        "content-crs",
        "buju-number-matched",
        "buju-number-returned",
        "buju-number-merged",
        "retry-after",
    ];
    CorsLayer::new()
        .allow_origin(Any)
        .allow_methods([Method::GET, Method::HEAD])
        .allow_headers([header::ACCEPT, header::IF_NONE_MATCH, header::CONTENT_TYPE])
        .vary([])
        .expose_headers(exposed.map(HeaderName::from_static))
}
