//! `/poster/{view}.svg`: what a view shows, as a picture.

use axum::extract::Request;
use axum::http::{HeaderValue, header};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use sha2::{Digest, Sha256};

use super::answer::{Answer, ok, service};
use super::params::{Params, Path};
use super::problem::Problem;
use super::work::work;
use crate::encode::html::Lang;
use crate::encode::{PosterLayer, PosterView, poster};
use crate::model::{Bbox, CONTEXT, View};
use crate::query::Query;
use crate::snapshot::joined;
use crate::store::Store;

const SVG: &str = "image/svg+xml";
/// Features of a collection that are looked at: in a town's plan all of them. Of a million parcels a picture of this
/// size shows no more anyway.
const MOST: usize = 5000;

/// `GET /poster/{view}.svg`
pub(super) async fn view(Path(file): Path<String>, request: Request) -> Answer {
    let mut params = Params::parse(request.uri().query())?;
    let lang = params.read("lang", Lang::by_name)?.unwrap_or(Lang::Zh);
    params.finish()?;
    let service = service(&request)?;
    let context = service.work.clone();
    work(&context, move || {
        let store = &service.store;
        let id = file.strip_suffix(".svg").unwrap_or_default();
        let view = store.plan().views.iter().find(|view| view.id == id);
        let view = view.ok_or_else(|| {
            Problem::not_found_parameter("view", format!("there is no picture {file:?}"))
        })?;
        let place = place(store, view);
        let title = format!(
            "{} · {}",
            lang.of(&view.title),
            lang.of(&store.plan().title)
        );
        let layers = layers(store, view)?;
        let label = lang.pick("name_zh", "name_en");
        let poster = poster(place, &layers, label, &title);
        let policy = HeaderValue::try_from(policy(&poster.style));
        let policy = policy.map_err(|error| Problem::failed(&error))?;
        let mut response = ok(SVG, poster.svg);
        response
            .headers_mut()
            .insert(header::CONTENT_SECURITY_POLICY, policy);
        Ok(response)
    })
    .await
}

/// Opened by itself it may have its own style, known by its digest, and nothing else.
fn policy(style: &str) -> String {
    let digest = STANDARD.encode(Sha256::digest(style));
    format!("default-src 'none'; style-src 'sha256-{digest}'; frame-ancestors 'none'")
}

/// Where the page opens it: on what it shows, unless the plan says where.
fn place(store: &Store, view: &View) -> PosterView {
    let shown = store
        .collections()
        .filter(|summary| summary.info.id != CONTEXT && view.layers.contains(&summary.info.id));
    let boxes = shown.filter_map(|summary| summary.bounds);
    let all = boxes.reduce(joined);
    PosterView {
        camera: view.view.unwrap_or(store.plan().view),
        bounds: all.filter(|_| view.view.is_none()),
    }
}

fn layers<'a>(store: &'a Store, view: &View) -> Result<Vec<PosterLayer<'a>>, Problem> {
    let [west, south, east, north] = store.plan().extent;
    let bbox = Bbox::new(west, south, east, north);
    let query = Query {
        bbox: Some(bbox.map_err(|error| Problem::failed(&error))?.into()),
        ..Query::default()
    };
    let wanted = |id: &str| id == CONTEXT || view.layers.iter().any(|layer| layer == id);
    let shown = store
        .collections()
        .filter(|summary| wanted(&summary.info.id));
    shown
        .map(|summary| {
            let page = store.items(&summary.info.id, &query, MOST, None);
            let page = page.map_err(|error| Problem::failed(&error))?;
            Ok(PosterLayer {
                info: summary.info,
                features: page.map(|page| page.features).unwrap_or_default(),
            })
        })
        .collect()
}
