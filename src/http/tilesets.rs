//! What tiles there are, and the grids that they lie on.
//!
//! Documents about tiles take the parameters of the query grammar too and hand them on to the
//! addresses of tiles: a client that is given one address gets the tiles that were meant.

use axum::extract::{Request, State};
use axum::response::Response;

use super::answer::{Answer, GEOJSON, JSON, MVT, ok, service};
use super::asked::Asked;
use super::features::no_collection;
use super::links::{escaped, own};
use super::negotiate;
use super::params::{Params, Path};
use super::problem::Problem;
use super::state::App;
use super::tile_query::TileQuery;
use super::tiles::matrix_set;
use super::work::work;
use crate::encode::form::{Form, HTML, JSON as AS_JSON};
use crate::encode::html::Site;
use crate::encode::{self, Link, TILING_SCHEME, html};
use crate::model::Text;
use crate::tile::TileMatrixSet;

const FORMS: &[Form] = &[AS_JSON, HTML];

/// `GET /tiles`
pub(super) async fn list(State(app): State<App>, request: Request) -> Answer {
    tiled(&app, request, None, Tiled::list).await
}

/// `GET /tiles/{set}`
pub(super) async fn dataset(
    State(app): State<App>,
    Path(set): Path<String>,
    request: Request,
) -> Answer {
    let set = matrix_set(&set)?;
    tiled(&app, request, None, move |tiled| tiled.tileset(set)).await
}

/// `GET /collections/{c}/tiles`
pub(super) async fn list_of_collection(
    State(app): State<App>,
    Path(id): Path<String>,
    request: Request,
) -> Answer {
    tiled(&app, request, Some(id), Tiled::list).await
}

/// `GET /collections/{c}/tiles/{set}`
pub(super) async fn of_collection(
    State(app): State<App>,
    Path((id, set)): Path<(String, String)>,
    request: Request,
) -> Answer {
    let set = matrix_set(&set)?;
    tiled(&app, request, Some(id), move |tiled| tiled.tileset(set)).await
}

/// `GET /tileMatrixSets`
pub(super) async fn matrix_sets(State(app): State<App>, request: Request) -> Answer {
    let asked = Asked::read(&app, &request, FORMS)?;
    let list = format!("{}/tileMatrixSets", asked.service.base);
    let definition = |set| vec![("self", format!("{list}/{set}"), JSON, "the definition")];
    let json = encode::tile_matrix_sets(&own(&list), definition);
    Ok(asked.document(&json, html::tile_matrix_sets))
}

/// `GET /tileMatrixSets/{set}`
pub(super) async fn definition(
    State(app): State<App>,
    Path(set): Path<String>,
    request: Request,
) -> Answer {
    let set = matrix_set(&set)?;
    let asked = Asked::read(&app, &request, FORMS)?;
    Ok(asked.document(&encode::tile_matrix_set(set), html::tile_matrix_set))
}

/// `GET /tiles.json`: the tiles of the short form.
pub(super) async fn tilejson(request: Request) -> Answer {
    let service = service(&request)?;
    let raw = request.uri().query().map(str::to_owned);
    let context = service.work.clone();
    work(&context, move || {
        let store = &service.store;
        let params = Params::parse(raw.as_deref())?;
        let wanted = TileQuery::read(params, raw.as_deref(), &service, None)?;
        let query = wanted.asked_alone();
        let template = format!("{}/tiles/{{z}}/{{x}}/{{y}}.mvt{query}", service.base);
        let summaries = wanted.summaries(store).into_iter();
        let body = encode::tilejson(store.plan(), store.version(), &template, summaries);
        Ok(ok(JSON, body))
    })
    .await
}

/// Answers with a document. What of the query goes on to the tiles is checked as if for one, and a filter
/// by what is near reads a whole collection.
async fn tiled(
    app: &App,
    request: Request,
    collection: Option<String>,
    document: impl FnOnce(&Tiled) -> Response + Send + 'static,
) -> Answer {
    let raw = request.uri().query().map(str::to_owned);
    let mut params = Params::parse(raw.as_deref())?;
    let form = negotiate::form(&mut params, request.headers(), FORMS)?;
    let asked = Asked::new(app, &request, FORMS, form, &mut params)?;
    let context = asked.service.work.clone();
    work(&context, move || {
        let tiled = Tiled::read(asked, params, raw.as_deref(), collection.as_deref())?;
        Ok(document(&tiled))
    })
    .await
}

/// What has tiles, the dataset or a collection, and which of its features are asked for.
struct Tiled {
    asked: Asked,
    query: TileQuery,
    title: Text,
    /// The page above.
    parent: Option<String>,
    /// Where its tilesets are.
    path: String,
}

impl Tiled {
    fn read(
        asked: Asked,
        params: Params,
        raw: Option<&str>,
        collection: Option<&str>,
    ) -> Result<Self, Problem> {
        let store = &asked.service.store;
        let title = match collection {
            None => store.plan().title.clone(),
            Some(id) => {
                let summary = store.collection(id).ok_or_else(|| no_collection(id))?;
                summary.info.title.clone()
            }
        };
        let wanted = TileQuery::read(params, raw, &asked.service, collection)?;
        let parent = collection.map(|id| format!("/collections/{}", escaped(id)));
        Ok(Self {
            path: format!("{}/tiles", parent.as_deref().unwrap_or_default()),
            asked,
            query: wanted,
            title,
            parent,
        })
    }

    fn list(&self) -> Response {
        let address = format!("{}{}", self.base(), self.path);
        let query = self.query.asked_alone();
        let of_set = |set| {
            let mut links = vec![("self", self.address(set) + &query, JSON, "the tileset")];
            links.push(self.scheme(set));
            links.extend(self.templates(set));
            links
        };
        let json = encode::tilesets(&self.title, &own(&(address + &query)), of_set);
        self.asked.document(&json, |site, json| {
            html::tilesets(site, &self.trail(site), &self.path, &query, json)
        })
    }

    fn tileset(&self, set: TileMatrixSet) -> Response {
        let query = self.query.asked_alone();
        let mut links = own(&(self.address(set) + &query));
        links.push(self.scheme(set));
        links.extend(self.templates(set));
        if self.parent.is_none() && set == TileMatrixSet::WebMercatorQuad {
            let tilejson = format!("{}/tiles.json{query}", self.base());
            let about = "TileJSON of the vector tiles";
            links.push(("describedby", tilejson, JSON, about));
        }
        let store = &self.asked.service.store;
        let summaries = self.query.summaries(store);
        let json = encode::tileset(set, store.plan(), &self.title, &summaries, &links);
        self.asked.document(&json, |site, json| {
            let mut trail = self.trail(site);
            let list = format!("{}{query}", self.path);
            trail.push((site.lang.pick("瓦片", "Tiles"), list));
            html::tileset(site, &trail, json)
        })
    }

    fn base(&self) -> &str {
        &self.asked.service.base
    }

    fn address(&self, set: TileMatrixSet) -> String {
        format!("{}{}/{set}", self.base(), self.path)
    }

    fn trail<'a>(&'a self, site: &Site) -> Vec<(&'a str, String)> {
        let parent = self.parent.iter();
        parent
            .map(|path| (site.lang.of(&self.title), path.clone()))
            .collect()
    }

    fn scheme(&self, set: TileMatrixSet) -> Link<'static> {
        let definition = format!("{}/tileMatrixSets/{set}", self.base());
        (TILING_SCHEME, definition, JSON, "the tile matrix set")
    }

    /// Where the tiles of a tileset are.
    fn templates(&self, set: TileMatrixSet) -> [Link<'static>; 2] {
        let tile = format!(
            "{}/{{tileMatrix}}/{{tileRow}}/{{tileCol}}",
            self.address(set)
        );
        let asked = self.query.asked();
        let geojson = format!("{tile}?f=geojson{asked}");
        let mvt = format!("{tile}?f=mvt{asked}");
        [
            ("item", geojson, GEOJSON, "GeoJSON tiles"),
            ("item", mvt, MVT, "vector tiles"),
        ]
    }
}
