//! `/` for a browser: the page of the map for the state that its address names.

use axum::extract::Request;
use axum::http::{HeaderValue, header};
use axum::response::Response;

use super::answer::ok;
use super::asked::without;
use super::assets::PAGE_POLICY;
use super::feature_page::path_of;
use super::links::escaped;
use super::state::{App, Service};
use crate::encode::form::HTML;
use crate::encode::html::{Lang, Site, StartLayer, StartPage, name, start, summary};
use crate::grammar::Params;
use crate::model::{CONTEXT, Plan, View};
use crate::query::Query;
use crate::store::Store;

/// Features of a layer that are listed; the rest is a link away.
const LISTED: usize = 200;

/// The page. What its address says of other things is the script's to read; what cannot be read there is the
/// default, and the script says so.
pub(super) fn page(app: &App, service: &Service, request: &Request) -> Response {
    let params = Params::parse(request.uri().query()).unwrap_or_default();
    let store = &service.store;
    let plan = store.plan();
    let lang = params.get("lang").and_then(|name| Lang::by_name(name).ok());
    let view = chosen(plan, params.get("v"));
    let query = without(request.uri().query(), &["lang"]);
    let site = Site {
        plan,
        root: app.hosts().path(),
        base: &service.base,
        style: "",
        icon: None,
        lang: lang.unwrap_or(Lang::Zh),
        lang_in_address: true,
        here: &format!("{}/", app.hosts().path()),
        forms: &[],
    };
    let item = params.get("s").and_then(|text| {
        let (collection, id) = text.split_once(':')?;
        let info = store.collection(collection)?.info;
        Some((info, store.item(collection, id)?.feature))
    });
    let path = match (&item, view) {
        (Some((info, feature)), _) => path_of(&info.id, &feature.id.text()),
        (None, Some(view)) if Some(view) != plan.views.first() => {
            format!("/?v={}", escaped(&view.id))
        }
        _ => "/".to_owned(),
    };
    let layers = layers(store, view);
    let document = start(
        &site,
        &StartPage {
            head: &app.assets().head(app.hosts().path()),
            selected: item
                .as_ref()
                .map(|(info, feature)| name(&site, info, feature)),
            description: match (&item, view) {
                (Some((info, feature)), _) => summary(&site, info, feature),
                (None, Some(view)) => site.lang.of(&view.introduction).to_owned(),
                (None, None) => site.lang.of(&plan.source_title).to_owned(),
            },
            canonical: format!("{}{path}", service.base),
            view,
            sheet_up: item.is_some() || shows_a_list(&params, view),
            layers: &layers,
            query: &query,
            link: &link_of,
            path: &path_of,
        },
    );
    let mut response = ok(HTML.media, document);
    for (name, value) in [
        (header::CONTENT_SECURITY_POLICY, PAGE_POLICY),
        (header::REFERRER_POLICY, "same-origin"),
        (header::CONTENT_LANGUAGE, site.lang.tag()),
    ] {
        response
            .headers_mut()
            .insert(name, HeaderValue::from_static(value));
    }
    response
}

/// The path of a view with what it is filtered and sorted by, as the page's own links have it.
fn link_of(view: &View) -> String {
    let opens = &view.opens;
    let parts = [
        ("v", Some(&view.id)),
        ("c", opens.collection.as_ref()),
        ("f", opens.filter.as_ref()),
        ("sort", opens.sort.as_ref()),
    ];
    let given = parts
        .into_iter()
        .filter_map(|(name, value)| Some(format!("{name}={}", escaped(value?))));
    format!("/?{}", given.collect::<Vec<_>>().join("&"))
}

/// Whether a tab of the list is asked for, by the address or by the view: as the page has it.
fn shows_a_list(params: &Params, view: Option<&View>) -> bool {
    let tabs = params.get("tab").unwrap_or_default();
    let asked = |tab: &str| ["layers", "projects", "filter"].contains(&tab);
    tabs.split(',').any(asked) || view.is_some_and(|view| view.opens.rail.is_some())
}

/// The view that is named, else the first.
fn chosen<'a>(plan: &'a Plan, named: Option<&str>) -> Option<&'a View> {
    let found = plan
        .views
        .iter()
        .find(|view| Some(view.id.as_str()) == named);
    found.or(plan.views.first())
}

fn layers<'a>(store: &'a Store, view: Option<&View>) -> Vec<StartLayer<'a>> {
    let ids: Vec<&str> = match view {
        Some(view) => view.layers.iter().map(String::as_str).collect(),
        None => store
            .collections()
            .map(|summary| summary.info.id.as_str())
            .collect(),
    };
    let listed = ids.into_iter().filter(|id| *id != CONTEXT);
    listed
        .filter_map(|id| {
            let info = store.collection(id)?.info;
            let page = store.items(id, &Query::default(), LISTED, None).ok()??;
            Some(StartLayer {
                info,
                count: page.matched,
                features: page.features,
            })
        })
        .collect()
}
