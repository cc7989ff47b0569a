//! Items and single features for people. A page of items is made of the GeoJSON that a program would
//! get for the same address, so that the two cannot differ.

use axum::body::to_bytes;
use axum::extract::{Request, State};
use axum::http::{HeaderValue, Uri, header};
use geo::Rect;
use serde_json::Value as Json;

use super::answer::{Answer, service};
use super::asked::{Asked, without};
use super::feature_page::{self, not_there, path_of};
use super::features::{self, no_collection};
use super::items as json;
use super::links::escaped;
use super::negotiate;
use super::params::{Params, Path};
use super::problem::Problem;
use super::state::App;
use super::work::work;
use crate::encode::form::{Form, GEOJSON, HTML};
use crate::encode::html::{Beneath, ItemsPage, Site, items as items_page};
use crate::encode::openapi::ITEMS;
use crate::grammar;
use crate::model::{Bbox, Value};
use crate::query::Query;
use crate::store::Store;

/// The forms of a single feature.
const ITEM: &[Form] = &[GEOJSON, HTML];

/// How many shapes of a collection are drawn beneath a map.
const MOST_BENEATH: usize = 500;

/// `GET /collections/{c}/items`
pub(super) async fn items(
    State(app): State<App>,
    Path(id): Path<String>,
    mut request: Request,
) -> Answer {
    let mut params = Params::parse(request.uri().query())?;
    let form = negotiate::form(&mut params, request.headers(), ITEMS.forms)?;
    accept(&mut request, form);
    if *form != HTML {
        return json::items(&app, Path(id), request).await;
    }
    let in_degrees = params.take("crs").is_none();
    let asked = Asked::new(&app, &request, ITEMS.forms, form, &mut params)?;
    let program = request.uri().path().to_owned();
    let query = without(request.uri().query(), &["f", "lang"]);
    *request.uri_mut() = format!("{program}?{query}")
        .parse::<Uri>()
        .map_err(|error| Problem::failed(&error))?;
    accept(&mut request, &ITEMS.forms[0]);
    let answer = json::items(&app, Path(id.clone()), request).await?;
    let body = to_bytes(answer.into_body(), usize::MAX)
        .await
        .map_err(|error| Problem::failed(&error))?;
    let context = asked.service.work.clone();
    work(&context, move || {
        let page: Json = serde_json::from_slice(&body).map_err(|error| Problem::failed(&error))?;
        let store = &asked.service.store;
        let summary = store.collection(&id).ok_or_else(|| no_collection(&id))?;
        let below = match summary.bounds.filter(|_| in_degrees) {
            Some(bounds) => Some(beneath(store, &id, bounds)?),
            None => None,
        };
        let collection = format!("/collections/{}", escaped(&id));
        let shown = ItemsPage {
            info: summary.info,
            json: &page,
            beneath: below.as_deref(),
            path: &|feature| path_of(&id, feature),
            collection: collection.clone(),
        };
        Ok(asked.html(|site| {
            // The same forms as the document has links to.
            let links = page["links"].as_array();
            let types: Vec<_> = links
                .into_iter()
                .flatten()
                .map(|link| &link["type"])
                .collect();
            let bare = |media: &str| media.split(';').next().unwrap_or_default().to_owned();
            let forms = site.forms.iter().copied();
            let forms: Vec<_> = forms
                .filter(|(_, media)| types.iter().any(|known| **known == bare(media)))
                .collect();
            let site = Site {
                forms: &forms,
                ..*site
            };
            items_page(&site, &shown)
        }))
    })
    .await
}

/// `GET /collections/{c}/items/{id}`
pub(super) async fn item(
    State(app): State<App>,
    Path((id, feature_id)): Path<(String, String)>,
    request: Request,
) -> Answer {
    let mut params = Params::parse(request.uri().query())?;
    let form = negotiate::form(&mut params, request.headers(), ITEM)?;
    if *form != HTML {
        return features::item(service(&request)?, id, feature_id, params).await;
    }
    let asked = Asked::new(&app, &request, ITEM, form, &mut params)?;
    // The page shows no coordinates, but a CRS that is not served is an error there too.
    grammar::crs(&mut params, "crs", &asked.service.store)?;
    params.finish()?;
    let context = asked.service.work.clone();
    work(&context, move || {
        feature_page::made(&asked, &id, &feature_id)
            .unwrap_or_else(|| Err(not_there(&asked.service.store, &id, &feature_id)))
    })
    .await
}

/// Tells the handler of GeoJSON what was agreed on.
fn accept(request: &mut Request, form: &Form) {
    let media = HeaderValue::from_static(form.media);
    request.headers_mut().insert(header::ACCEPT, media);
}

/// The shapes of other collections that are no part of the register, around a box: roads, rivers,
/// the boundary.
pub(super) fn beneath(
    store: &Store,
    own: &str,
    bounds: Rect<f64>,
) -> Result<Vec<Beneath>, Problem> {
    // The map shows a margin, and how far off a shape may be.
    let side = bounds.width().max(bounds.height()).max(0.01);
    let west = (bounds.min().x - side).max(-180.0);
    let south = (bounds.min().y - side).max(-90.0);
    let east = (bounds.max().x + side).min(180.0);
    let north = (bounds.max().y + side).min(90.0);
    let query = Query {
        bbox: Some(
            Bbox::new(west, south, east, north)
                .map_err(|error| Problem::failed(&error))?
                .into(),
        ),
        ..Query::default()
    };
    let mut out = Vec::new();
    for summary in store
        .collections()
        .filter(|summary| !summary.info.register && summary.info.id != own)
    {
        let name = |feature: &crate::model::Feature, column: &str| {
            let at = summary.info.column_index(column)?;
            feature
                .values
                .get(at)
                .filter(|value| !value.is_null())
                .map(Value::to_string)
        };
        let Ok(Some(page)) = store.items(&summary.info.id, &query, MOST_BENEATH, None) else {
            continue;
        };
        out.extend(page.features.into_iter().filter_map(|feature| {
            let zh = name(&feature, "name_zh").unwrap_or_default();
            let en = name(&feature, "name_en").unwrap_or_else(|| zh.clone());
            Some(Beneath {
                name: (zh, en),
                geometry: feature.geometry?,
            })
        }));
    }
    Ok(out)
}
