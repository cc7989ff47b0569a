//! `/search`: names, codes and addresses of all collections.

use axum::extract::{Request, State};

use super::answer::Answer;
use super::asked::Asked;
use super::feature_page::path_of;
use super::links::{escaped, own};
use super::negotiate;
use super::params::Params;
use super::state::App;
use super::work::work;
use crate::encode::form::{Form, GEOJSON, HTML, JSON};
use crate::encode::{self, Link, html};
use crate::grammar::{self, Refused};
use crate::query::{Found, Window};

const FORMS: &[Form] = &[JSON, HTML];
/// Of the empty form.
const FORM_ONLY: &[Form] = &[HTML];
pub(super) const DEFAULT_LIMIT: usize = 20;
pub(super) const MAX_LIMIT: usize = 200;

/// `GET /search`
pub(super) async fn search(State(app): State<App>, request: Request) -> Answer {
    let mut params = Params::parse(request.uri().query())?;
    let form = negotiate::form(&mut params, request.headers(), FORMS)?;
    let blank = params.get("q").is_none_or(|text| text.trim().is_empty());
    let forms = if blank { FORM_ONLY } else { FORMS };
    let asked = Asked::new(&app, &request, forms, form, &mut params)?;
    let address = format!(
        "{}/search?{}",
        asked.service.base,
        request.uri().query().unwrap_or_default()
    );
    let text = params.read("q", grammar::wanted)?;
    let limit = params.read("limit", count)?.unwrap_or(DEFAULT_LIMIT);
    let each = params.read("each", count)?.unwrap_or(MAX_LIMIT);
    let crs = grammar::crs(&mut params, "bbox-crs", &asked.service.store)?;
    let bbox = params.read("bbox", |text| Window::parse(text, crs))?;
    params.finish()?;
    let text = text.unwrap_or_default();
    if text.is_empty() && !asked.page() {
        return Err(Refused::new("q", "expected a text to search for, found none").into());
    }
    let context = asked.service.work.clone();
    work(&context, move || {
        let base = &asked.service.base;
        if text.is_empty() {
            return Ok(asked.html(|site| html::search(site, &nothing_asked())));
        }
        let store = &asked.service.store;
        let budget = &asked.service.work.budget;
        let found = store.search(&text, bbox.as_ref(), limit, each, budget)?;
        if asked.page() {
            let page = html::SearchPage {
                asked: &text,
                found: Some(&found),
                path: &path_of,
            };
            return Ok(asked.html(|site| html::search(site, &page)));
        }
        let json = encode::search(&text, &found, &own(&address), |one| links(base, one));
        Ok(asked.document(&json, |_, _| Vec::new()))
    })
    .await
}

fn nothing_asked() -> html::SearchPage<'static> {
    html::SearchPage {
        asked: "",
        found: None,
        path: &path_of,
    }
}

fn links(base: &str, found: &Found) -> Vec<Link<'static>> {
    let (collection, id) = (&found.info.id, found.feature.id.text());
    let items = format!("{base}/collections/{}/items", escaped(collection));
    vec![
        (
            "item",
            format!("{items}/{}", escaped(&id)),
            GEOJSON.media,
            "the feature",
        ),
        (
            "about",
            format!("{base}{}", path_of(collection, &id)),
            HTML.bare(),
            "the feature's page",
        ),
    ]
}

/// Greater than the maximum is the maximum, as with items.
fn count(text: &str) -> Result<usize, String> {
    match text.parse::<usize>() {
        Ok(count) if count > 0 => Ok(count.min(MAX_LIMIT)),
        _ => Err(format!(
            "expected a whole number of at least 1, found {text:?}"
        )),
    }
}
