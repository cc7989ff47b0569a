//! A server below a path of its host: whether the proxy before it takes that path away or not, a route is found.

use axum::Router;
use axum::extract::{Request, State};
use axum::http::uri::PathAndQuery;
use axum::http::{HeaderValue, StatusCode, Uri, header};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::{IntoResponse, Response};

use super::public_url::PublicUrl;

/// What the paths of all routes begin with. A path below a prefix that has the name of one of them, such as `/tiles`,
/// would else be ambiguous.
const ROUTES: [&str; 18] = [
    "",
    "admin",
    "api",
    "assets",
    "basemap",
    "collections",
    "conformance",
    "f",
    "healthz",
    "metrics",
    "plan",
    "poster",
    "readyz",
    "search",
    "sw.js",
    "tileMatrixSets",
    "tiles",
    "tiles.json",
];

/// The routes, found with and without the path of the public URL.
pub(super) fn below(public: &PublicUrl, routes: Router) -> Router {
    if public.path().is_empty() {
        return routes;
    }
    // Routes are chosen before the layers of a router run, so another one stands before it.
    Router::new()
        .fallback_service(routes)
        .layer(from_fn_with_state(public.clone(), strip))
}

async fn strip(State(public): State<PublicUrl>, mut request: Request, next: Next) -> Response {
    match stripped(public.path(), request.uri()) {
        Path::Own => {}
        Path::Below(uri) => *request.uri_mut() = uri,
        Path::Root => {
            let mut to = format!("{}/", public.path());
            if let Some(query) = request.uri().query() {
                to = format!("{to}?{query}");
            }
            return match HeaderValue::try_from(to) {
                Ok(to) => {
                    (StatusCode::PERMANENT_REDIRECT, [(header::LOCATION, to)]).into_response()
                }
                Err(_) => StatusCode::BAD_REQUEST.into_response(),
            };
        }
    }
    next.run(request).await
}

/// What a path is, to a server below a prefix.
#[derive(Debug, PartialEq, Eq)]
enum Path {
    /// As the routes have it: the proxy took the prefix away, or nobody put it there.
    Own,
    /// Below the prefix: this, without it.
    Below(Uri),
    /// The prefix without a slash: a page there would take its neighbours' paths for its own.
    Root,
}

fn stripped(prefix: &str, uri: &Uri) -> Path {
    let Some(rest) = uri.path().strip_prefix(prefix) else {
        return Path::Own;
    };
    if rest.is_empty() {
        // Where a route has the prefix' name, it is meant.
        return if is_route(prefix) {
            Path::Own
        } else {
            Path::Root
        };
    }
    if !rest.starts_with('/') || !is_route(rest) && is_route(uri.path()) {
        return Path::Own;
    }
    let target = match uri.query() {
        Some(query) => format!("{rest}?{query}"),
        None => rest.to_owned(),
    };
    let mut parts = uri.clone().into_parts();
    let Ok(target) = target.parse::<PathAndQuery>() else {
        return Path::Own;
    };
    parts.path_and_query = Some(target);
    Uri::from_parts(parts).map_or(Path::Own, Path::Below)
}

fn is_route(path: &str) -> bool {
    let first = path.split('/').nth(1).unwrap_or_default();
    ROUTES.contains(&first)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_prefix_is_taken_away_once() {
        for (prefix, target, expected) in [
            (
                "/town",
                "/town/collections?f=json",
                Some("/collections?f=json"),
            ),
            ("/town", "/town/", Some("/")),
            ("/town", "/town/?v=works", Some("/?v=works")),
            ("/town", "/town/nothing", Some("/nothing")),
            ("/town", "/town/town/plan", Some("/town/plan")),
            ("/town", "/townhall", None),
            ("/town", "/collections", None),
            ("/town", "/", None),
            ("/a/b", "/a/b/tiles.json", Some("/tiles.json")),
            ("/a/b", "/a/plan", None),
            // The names of routes.
            ("/plan", "/plan/", Some("/")),
            ("/plan", "/plan/plan", Some("/plan")),
            ("/plan", "/plan", None),
            ("/tiles", "/tiles/15/27431/13384.mvt", None),
            (
                "/tiles",
                "/tiles/tiles/15/27431/13384.mvt",
                Some("/tiles/15/27431/13384.mvt"),
            ),
            ("/collections", "/collections/parcels/items", None),
            (
                "/town",
                "http://a.example/town/plan?x=1",
                Some("http://a.example/plan?x=1"),
            ),
        ] {
            let uri: Uri = target.parse().expect("a target");
            let expected = expected.map_or(Path::Own, |text| {
                Path::Below(text.parse().expect("a target"))
            });
            assert_eq!(stripped(prefix, &uri), expected, "{prefix} {target}");
        }
        assert_eq!(
            stripped("/town", &Uri::from_static("/town?v=1")),
            Path::Root
        );
    }
}
