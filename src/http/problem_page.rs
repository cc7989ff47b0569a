//! Shows problems to people: a browser gets a page, every other client the document.

use axum::body::{Body, to_bytes};
use axum::extract::Request;
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderValue, Method, header};
use axum::middleware::Next;
use axum::response::Response;
use serde_json::Value as Json;

use super::asked::{PAGE_POLICY, by_accept, without};
use super::negotiate;
use super::state::{App, Pinned};
use crate::encode::form::{Form, HTML};
use crate::encode::html::{Lang, Site, problem};
use crate::store::Store;

/// A problem document is the first: it is what a client gets that says nothing.
const FORMS: &[Form] = &[
    Form {
        names: &[],
        media: PROBLEM,
        also: &["application/json"],
    },
    HTML,
];
const PROBLEM: &str = "application/problem+json";

/// Answers, with a page where a browser met a problem.
pub(super) async fn shown(app: &App, request: Request, next: Next) -> Response {
    let (mut parts, body) = request.into_parts();
    // Programs ask for nearly everything: their requests are not copied.
    let asked = for_a_person(&parts.headers).then(|| {
        let store = app.store();
        // A page and the problem on it are of one version.
        parts.extensions.insert(Pinned(store.clone()));
        (parts.clone(), store)
    });
    let mut response = next.run(Request::from_parts(parts, body)).await;
    if response.headers().get(header::CONTENT_TYPE) != Some(&HeaderValue::from_static(PROBLEM)) {
        return response;
    }
    let vary = HeaderValue::from_static("Accept, Accept-Language");
    response.headers_mut().insert(header::VARY, vary);
    let Some((asked, store)) = asked else {
        return response;
    };
    let (mut head, body) = response.into_parts();
    // Made by this server, of a few lines.
    let body = to_bytes(body, usize::MAX).await.unwrap_or_default();
    let lang = chosen(&asked).unwrap_or_else(|| by_accept(&asked.headers));
    for (name, value) in [
        (header::CONTENT_TYPE, HTML.media),
        (header::CONTENT_SECURITY_POLICY, PAGE_POLICY),
        (header::REFERRER_POLICY, "same-origin"),
        (header::CONTENT_LANGUAGE, lang.tag()),
    ] {
        head.headers.insert(name, HeaderValue::from_static(value));
    }
    head.headers.remove(header::CONTENT_LENGTH);
    // HEAD has no document to make a page of, and its headers are those of GET.
    let json: Json = match serde_json::from_slice(&body) {
        Ok(json) if asked.method != Method::HEAD => json,
        _ => return Response::from_parts(head, Body::empty()),
    };
    Response::from_parts(head, Body::from(page(app, &store, &asked, lang, &json)))
}

/// True where a browser asks, as a rule.
pub(super) fn for_a_person(headers: &HeaderMap) -> bool {
    // Scripts and programs, as a rule.
    let anything = |accept| accept == "*/*";
    if headers.get(header::ACCEPT).is_none_or(anything) {
        return false;
    }
    negotiate::by_accept(headers, FORMS).is_ok_and(|form| *form == HTML)
}

/// The language that the address names.
fn chosen(asked: &Parts) -> Option<Lang> {
    let query = asked.uri.query().unwrap_or_default();
    let named = query.split('&').find_map(|pair| pair.strip_prefix("lang="));
    Lang::ALL
        .into_iter()
        .find(|lang| Some(lang.name()) == named)
}

fn page(app: &App, store: &Store, asked: &Parts, lang: Lang, json: &Json) -> Vec<u8> {
    let root = app.hosts().path();
    let kept = without(asked.uri.query(), &["f", "lang"]);
    let joint = if kept.is_empty() { "" } else { "?" };
    let icon = app.assets().icon().map(|icon| format!("{root}{icon}"));
    let site = Site {
        icon: icon.as_deref(),
        plan: store.plan(),
        root,
        base: root,
        style: &format!("{root}{}", app.assets().style()),
        lang,
        lang_in_address: chosen(asked).is_some(),
        here: &format!("{root}{}{joint}{kept}", asked.uri.path()),
        forms: &[],
    };
    problem(&site, json)
}
