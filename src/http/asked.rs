//! A request for a document that has several forms, a page for people among them.

use axum::extract::Request;
use axum::http::{HeaderMap, HeaderValue, header};
use axum::response::Response;
use percent_encoding::percent_decode_str;
use serde_json::Value as Json;

use super::answer::{ok, service};
use super::negotiate;
use super::params::Params;
use super::problem::Problem;
use super::state::{App, Service};
use crate::encode;
use crate::encode::form::{Form, HTML};
use crate::encode::html::{Lang, Site};

/// What such a page may do: show itself, with the one style sheet.
pub(super) const PAGE_POLICY: &str = "default-src 'none'; style-src 'self'; img-src 'self'; base-uri 'none'; \
     form-action 'self'; frame-ancestors 'self'";

/// What was asked for, once form and language are known.
pub(super) struct Asked {
    /// The version of the plan and the base of links.
    pub service: Service,
    /// The form chosen.
    pub form: &'static Form,
    forms: &'static [Form],
    lang: Lang,
    lang_in_address: bool,
    root: String,
    here: String,
    style: String,
    icon: Option<String>,
}

impl Asked {
    /// Reads `f`, `lang`, `Accept` and `Accept-Language`, and refuses every other parameter.
    pub fn read(app: &App, request: &Request, forms: &'static [Form]) -> Result<Self, Problem> {
        let mut params = Params::parse(request.uri().query())?;
        let form = negotiate::form(&mut params, request.headers(), forms)?;
        let asked = Self::new(app, request, forms, form, &mut params)?;
        params.finish()?;
        Ok(asked)
    }

    /// For a form that is known already; takes `lang` only for a page, which alone has a language.
    pub fn new(
        app: &App,
        request: &Request,
        forms: &'static [Form],
        form: &'static Form,
        params: &mut Params,
    ) -> Result<Self, Problem> {
        let service = service(request)?;
        let said = if *form == HTML {
            params.read("lang", Lang::by_name)?
        } else {
            None
        };
        let kept = without(request.uri().query(), &["f", "lang"]);
        let joint = if kept.is_empty() { "" } else { "?" };
        let root = app.hosts().path().to_owned();
        let here = format!("{root}{}{joint}{kept}", request.uri().path());
        Ok(Self {
            style: format!("{root}{}", app.assets().style()),
            icon: app.assets().icon().map(|icon| format!("{root}{icon}")),
            root,
            service,
            form,
            forms,
            lang: said.unwrap_or_else(|| by_accept(request.headers())),
            lang_in_address: said.is_some(),
            here,
        })
    }

    /// True where a page is asked for.
    pub fn page(&self) -> bool {
        *self.form == HTML
    }

    /// The document as JSON, with its titles in the language of the client, or as the page made of it.
    pub fn document(&self, json: &Json, page: impl FnOnce(&Site, &Json) -> Vec<u8>) -> Response {
        if self.page() {
            self.html(|site| page(site, json))
        } else {
            let mut json = json.clone();
            let response = |json: &Json| ok(self.form.media, json.to_string().into_bytes());
            if !encode::in_language(&mut json, self.lang) {
                return response(&json);
            }
            let mut response = response(&json);
            let tag = HeaderValue::from_static(self.lang.tag());
            let headers = response.headers_mut();
            headers.insert(header::CONTENT_LANGUAGE, tag);
            response
        }
    }

    /// A page.
    pub fn html(&self, page: impl FnOnce(&Site) -> Vec<u8>) -> Response {
        let forms: Vec<_> = self
            .forms
            .iter()
            .filter(|form| **form != HTML)
            .map(|form| (form.names[0], form.media))
            .collect();
        let body = page(&Site {
            plan: self.service.store.plan(),
            root: &self.root,
            base: &self.service.base,
            style: &self.style,
            icon: self.icon.as_deref(),
            lang: self.lang,
            lang_in_address: self.lang_in_address,
            here: &self.here,
            forms: &forms,
        });
        let mut response = ok(HTML.media, body);
        for (name, value) in [
            (header::CONTENT_SECURITY_POLICY, PAGE_POLICY),
            (header::REFERRER_POLICY, "same-origin"),
            (header::CONTENT_LANGUAGE, self.lang.tag()),
        ] {
            response
                .headers_mut()
                .insert(name, HeaderValue::from_static(value));
        }
        response
    }
}

/// A query string without some parameters; the others stay as they are written.
pub(super) fn without(query: Option<&str>, names: &[&str]) -> String {
    let kept = query.unwrap_or_default().split('&').filter(|pair| {
        let name = pair.split_once('=').map_or(*pair, |(name, _)| name);
        let is = |other: &&str| percent_decode_str(name).eq(other.bytes());
        !pair.is_empty() && !names.iter().any(is)
    });
    kept.collect::<Vec<_>>().join("&")
}

/// The language that the client likes best; Chinese where it says nothing of use.
pub(super) fn by_accept(headers: &HeaderMap) -> Lang {
    let mut best = (Lang::Zh, 0.0);
    let ranges = headers
        .get_all(header::ACCEPT_LANGUAGE)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','));
    for range in ranges {
        let mut parts = range.split(';').map(str::trim);
        let tag = parts.next().unwrap_or_default().to_ascii_lowercase();
        let primary = tag.split('-').next().unwrap_or_default();
        let quality = negotiate::quality(parts);
        if let Ok(lang) = Lang::by_name(primary)
            && quality > best.1
        {
            best = (lang, quality);
        }
    }
    best.0
}
