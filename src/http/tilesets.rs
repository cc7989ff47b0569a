//! What tiles there are, and the grid that they lie on.

use axum::extract::{Request, State};
use axum::response::Response;

use super::answer::{Answer, GEOJSON, JSON, MVT};
use super::asked::Asked;
use super::features::no_collection;
use super::links::{escaped, own};
use super::params::Path;
use super::state::App;
use crate::encode::form::{Form, HTML, JSON as AS_JSON};
use crate::encode::{self, Link, TILING_SCHEME, WEB_MERCATOR_QUAD, html};
use crate::model::Text;
use crate::snapshot::Summary;

const FORMS: &[Form] = &[AS_JSON, HTML];

/// `GET /tiles`
pub(super) async fn list(State(app): State<App>, request: Request) -> Answer {
    let asked = Asked::read(&app, &request, FORMS)?;
    let title = asked.service.store.plan().title.clone();
    Ok(tilesets(&asked, "/tiles", &title, None))
}

/// `GET /tiles/WebMercatorQuad`
pub(super) async fn dataset(State(app): State<App>, request: Request) -> Answer {
    let asked = Asked::read(&app, &request, FORMS)?;
    let store = &asked.service.store;
    let summaries: Vec<_> = store.collections().collect();
    Ok(tileset(
        &asked,
        "/tiles",
        &store.plan().title,
        &summaries,
        None,
    ))
}

/// `GET /collections/{c}/tiles`
pub(super) async fn list_of_collection(
    State(app): State<App>,
    Path(id): Path<String>,
    request: Request,
) -> Answer {
    let asked = Asked::read(&app, &request, FORMS)?;
    let store = &asked.service.store;
    let summary = store.collection(&id).ok_or_else(|| no_collection(&id))?;
    let parent = format!("/collections/{}", escaped(&id));
    let path = format!("{parent}/tiles");
    Ok(tilesets(&asked, &path, &summary.info.title, Some(&parent)))
}

/// `GET /collections/{c}/tiles/WebMercatorQuad`
pub(super) async fn of_collection(
    State(app): State<App>,
    Path(id): Path<String>,
    request: Request,
) -> Answer {
    let asked = Asked::read(&app, &request, FORMS)?;
    let store = &asked.service.store;
    let summary = store.collection(&id).ok_or_else(|| no_collection(&id))?;
    let parent = format!("/collections/{}", escaped(&id));
    let path = format!("{parent}/tiles");
    Ok(tileset(
        &asked,
        &path,
        &summary.info.title,
        &[summary],
        Some(&parent),
    ))
}

/// `GET /tileMatrixSets`
pub(super) async fn matrix_sets(State(app): State<App>, request: Request) -> Answer {
    let asked = Asked::read(&app, &request, FORMS)?;
    let list = format!("{}/tileMatrixSets", asked.service.base);
    let definition = [(
        "self",
        format!("{list}/{WEB_MERCATOR_QUAD}"),
        JSON,
        "the definition",
    )];
    let json = encode::tile_matrix_sets(&own(&list), &definition);
    Ok(asked.document(&json, html::tile_matrix_sets))
}

/// `GET /tileMatrixSets/WebMercatorQuad`
pub(super) async fn matrix_set(State(app): State<App>, request: Request) -> Answer {
    let asked = Asked::read(&app, &request, FORMS)?;
    Ok(asked.document(&encode::tile_matrix_set(), html::tile_matrix_set))
}

fn tilesets(asked: &Asked, path: &str, title: &Text, parent: Option<&str>) -> Response {
    let base = &asked.service.base;
    let list = format!("{base}{path}");
    let set = format!("{list}/{WEB_MERCATOR_QUAD}");
    let mut links = own(&list);
    links.extend(templates(&set));
    let set = [("self", set, JSON, "the tileset"), scheme(base)];
    let json = encode::tilesets(title, &links, &set);
    asked.document(&json, |site, json| {
        let trail: Vec<_> = parent
            .map(|parent| (site.lang.of(title), parent.to_owned()))
            .into_iter()
            .collect();
        html::tilesets(site, &trail, path, json)
    })
}

fn tileset(
    asked: &Asked,
    path: &str,
    title: &Text,
    summaries: &[Summary],
    parent: Option<&str>,
) -> Response {
    let base = &asked.service.base;
    let set = format!("{base}{path}/{WEB_MERCATOR_QUAD}");
    let mut links = own(&set);
    links.push(scheme(base));
    links.extend(templates(&set));
    if parent.is_none() {
        let tilejson = format!("{base}/tiles.json");
        links.push((
            "describedby",
            tilejson,
            JSON,
            "TileJSON of the vector tiles",
        ));
    }
    let json = encode::tileset(asked.service.store.plan(), title, summaries, &links);
    asked.document(&json, |site, json| {
        let mut trail: Vec<_> = parent
            .map(|parent| (site.lang.of(title), parent.to_owned()))
            .into_iter()
            .collect();
        trail.push((site.lang.pick("瓦片", "Tiles"), path.to_owned()));
        html::tileset(site, &trail, json)
    })
}

fn scheme(base: &str) -> Link<'static> {
    let definition = format!("{base}/tileMatrixSets/{WEB_MERCATOR_QUAD}");
    (TILING_SCHEME, definition, JSON, "the tile matrix set")
}

/// Where the tiles of a tileset are.
fn templates(set: &str) -> [Link<'static>; 2] {
    let tile = format!("{set}/{{tileMatrix}}/{{tileRow}}/{{tileCol}}");
    [
        (
            "item",
            format!("{tile}?f=geojson"),
            GEOJSON,
            "GeoJSON tiles",
        ),
        ("item", format!("{tile}?f=mvt"), MVT, "vector tiles"),
    ]
}
