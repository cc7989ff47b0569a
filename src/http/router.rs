use axum::Router;
use axum::extract::{Request, State};
use axum::http::{HeaderValue, StatusCode, header};
use axum::middleware::{from_fn, from_fn_with_state};
use axum::response::{IntoResponse, Response};
use axum::routing::{any, get};
use tower_http::catch_panic::CatchPanicLayer;

use super::conditional::conditional;
use super::every_answer::every_answer;
use super::inputs::Vary;
use super::problem::Problem;
use super::range::ranged;
use super::state::App;
use super::{
    admin, assets, basemap, documents, feature_page, health, metadata, metrics, pages, poster,
    prefix, search, statistics, tiles, tilesets,
};

/// Every route, and every layer around them.
pub fn router(app: App) -> Router {
    let documents = Router::new()
        .route("/plan", get(metadata::plan))
        .route("/conformance", get(documents::conformance))
        .route("/api", get(documents::api))
        .route("/search", get(search::search))
        .route("/f/{collection}/{*id}", get(feature_page::page))
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
    let pictures = Router::new().route("/poster/{picture}", get(poster::view));
    let landing = Router::new().route("/", get(metadata::root));
    let fixed = Router::new()
        .route("/assets/{*path}", get(assets::asset))
        .route("/sw.js", get(assets::service_worker))
        .route("/basemap/{basemapId}/{z}/{x}/{y}", get(basemap::tile))
        .route("/healthz", get(health::healthz))
        .route("/readyz", get(health::readyz));
    let fixed = if app.is_admin_apart() {
        fixed
    } else {
        administered(fixed)
    };
    let kept =
        |routes, vary| caught(routes).layer(from_fn_with_state((app.clone(), vary), conditional));
    let public = app.hosts().public().cloned();
    let routes = kept(documents, Vary::Language)
        .layer(from_fn(ranged))
        .merge(kept(tiles, Vary::Form))
        .merge(kept(short, Vary::Coding))
        .merge(kept(pictures, Vary::Coding))
        .merge(kept(landing, Vary::Page))
        .merge(caught(fixed))
        .fallback(no_route)
        .method_not_allowed_fallback(async || Problem::method_not_allowed())
        .layer(from_fn_with_state(app.clone(), every_answer))
        .with_state(app);
    match public {
        Some(public) => prefix::below(&public, routes),
        None => routes,
    }
}

/// What those who administer the server ask for, on a port of their own.
pub fn admin_router(app: App) -> Router {
    let routes = Router::new()
        .route("/healthz", get(health::healthz))
        .route("/readyz", get(health::readyz_in_full));
    caught(administered(routes))
        .fallback(no_route)
        .method_not_allowed_fallback(async || Problem::method_not_allowed())
        .layer(from_fn_with_state(app.clone(), every_answer))
        .with_state(app)
}

fn administered(routes: Router<App>) -> Router<App> {
    routes
        .route("/metrics", get(metrics::metrics))
        .route("/admin/reload", any(admin::reload))
}

/// A panic is caught where handlers run, and what is kept does not come so far.
fn caught(routes: Router<App>) -> Router<App> {
    routes.layer(CatchPanicLayer::custom(|_| {
        Problem::failed(&"a panic").into_response()
    }))
}

/// Clients that are given a path as a link may put it behind the slash of the address that they know, as GDAL does.
async fn no_route(State(app): State<App>, request: Request) -> Response {
    let path = request.uri().path();
    if path.starts_with("//") {
        let query = request.uri().query();
        let query = query.map_or_else(String::new, |query| format!("?{query}"));
        let root = app.hosts().path();
        // Browsers take a backslash for a slash, and two of them for another host.
        let path = path.trim_start_matches(['/', '\\']);
        let to = format!("{root}/{path}{query}");
        if let Ok(to) = HeaderValue::try_from(to) {
            return (StatusCode::PERMANENT_REDIRECT, [(header::LOCATION, to)]).into_response();
        }
    }
    Problem::not_found(format!("there is nothing at {path:?}")).into_response()
}
