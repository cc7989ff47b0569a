//! `/collections/{c}/items`: a page of features, or a file of them.

use axum::extract::Request;
use axum::http::{HeaderMap, HeaderName, HeaderValue, header};
use axum::response::Response;
use percent_encoding::percent_decode_str;

use super::answer::{Answer, GEOJSON, counted, ok, service};
use super::coding::Coding;
use super::crs;
use super::download::{download, head};
use super::features::no_collection;
use super::links::{escaped, usable_alternates};
use super::params::{Params, Path};
use super::problem::Problem;
use super::range::HeadOnly;
use super::state::{App, Service};
use super::work::work;
use crate::crs::Crs;
use crate::encode::form::Form;
use crate::encode::openapi::ITEMS;
use crate::encode::{self, Format, FormatError, Formulas, Link};
use crate::grammar::{self, Choice};
use crate::query::{Begin, Page, Query};

pub(super) const DEFAULT_LIMIT: usize = 100;
pub(super) const MAX_LIMIT: usize = 10_000;
/// Rows that are left out are found all the same, so that a walk by `offset` costs their square: it is
/// for clients that know nothing else, and a cursor goes as far as one likes.
pub(super) const MAX_OFFSET: usize = 10_000;

/// `GET /collections/{c}/items`
pub(super) async fn items(app: &App, Path(id): Path<String>, request: Request) -> Answer {
    let head_only = request.extensions().get::<HeadOnly>().is_some();
    let service = service(&request)?;
    let query = request.uri().query().map(str::to_owned);
    let accepted = accepted(request.headers());
    let coding = Coding::negotiate(request.headers());
    let context = service.work.clone();
    let asked = work(&context, move || {
        let asked = Items::read(service, id, query, accepted)?;
        // A page is made at once: another thread would cost more than many a page does.
        match asked.format {
            Format::GeoJson => asked.geojson().map(Either::Page),
            _ => Ok(Either::File(Box::new(asked))),
        }
    });
    match asked.await? {
        Either::Page(page) => Ok(page),
        // Whoever reads a file in parts asks for its length first, and is lost without it; what is made for that is kept for the
        // parts that come next. Of the others no file is made to tell how long it is.
        Either::File(asked) if head_only && !asked.format.is_read_in_parts() => {
            head(app, *asked, coding).await
        }
        Either::File(asked) => download(app, *asked, coding, head_only).await,
    }
}

enum Either {
    Page(Response),
    File(Box<Items>),
}

/// What was asked of a collection's features.
pub(super) struct Items {
    pub service: Service,
    pub collection: String,
    pub format: Format,
    pub crs: Crs,
    pub query: Query,
    pub choice: Choice,
    /// A byte order mark before CSV.
    pub bom: bool,
    /// What is done with texts of CSV that a spreadsheet would run.
    pub formulas: Formulas,
    pub limit: usize,
    after: Option<String>,
    /// Rows that are left out before the page; only without `after`.
    offset: usize,
    /// The query part of the address, as it was written.
    written: Option<String>,
}

impl Items {
    fn read(
        service: Service,
        collection: String,
        written: Option<String>,
        accepted: Format,
    ) -> Result<Self, Problem> {
        let store = &service.store;
        let summary = store
            .collection(&collection)
            .ok_or_else(|| no_collection(&collection))?;
        let mut params = Params::parse(written.as_deref())?;
        let format = params.read("f", format)?.unwrap_or(accepted);
        let limit = match params.read("limit", limit)? {
            Some(limit) => limit.min(MAX_LIMIT),
            None if format.paged() => DEFAULT_LIMIT,
            // A file of a hundred rows of a thousand would pass for the whole.
            None => usize::MAX,
        };
        let after = params.take("cursor");
        let offset = params.read("offset", offset)?;
        if offset.is_some() && after.is_some() {
            let reason = "cannot be combined with cursor, which says where the page begins";
            return Err(Problem::parameter("offset", reason));
        }
        let bom = params.read("bom", truth)?;
        if bom.is_some() && format != Format::Csv {
            return Err(Problem::parameter("bom", "means nothing but with f=csv"));
        }
        let bom = bom.unwrap_or(false);
        let formulas = params.read("formulas", str::parse::<Formulas>)?;
        if formulas.is_some() && format != Format::Csv {
            return Err(Problem::parameter("formulas", "requires f=csv"));
        }
        let crs = grammar::crs(&mut params, "crs", store)?;
        let chosen = Choice::read(&mut params, summary.info)?;
        let query = grammar::query(&mut params, store, summary.info, &service.work.budget)?;
        params.finish()?;
        Ok(Self {
            choice: Choice::new(summary.info, chosen, &query),
            collection,
            format,
            crs,
            query,
            bom,
            formulas: formulas.unwrap_or(Formulas::usual(bom)),
            limit,
            after,
            offset: offset.unwrap_or(0),
            written,
            service,
        })
    }

    fn geojson(self) -> Answer {
        let selection = self
            .service
            .store
            .select_from(&self.collection, &self.query, self.limit, self.begin())?
            .ok_or_else(|| no_collection(&self.collection))?;
        let links = self.links(selection.next.as_deref());
        if let (Some(columns), Crs::Crs84) = (self.choice.positions(), self.crs) {
            let body = encode::selection(&selection, columns, &links);
            let response = crs::named(ok(GEOJSON, body), self.crs);
            return Ok(counted(response, selection.matched, selection.returned()));
        }
        let rows = selection.features();
        let mut page = Page {
            matched: selection.matched,
            features: rows
                .map(|(row, metres)| self.choice.of(row, metres))
                .collect(),
            distances: Vec::new(),
            next: None,
        };
        let (matched, returned) = (page.matched, page.features.len());
        crs::convert(&mut page.features, self.crs)?;
        let body = encode::feature_collection(self.choice.columns(), page, &links);
        let response = crs::named(ok(GEOJSON, body), self.crs);
        Ok(counted(response, matched, returned))
    }

    /// Where the rows that are asked for begin.
    pub(super) fn begin(&self) -> Begin<'_> {
        match (&self.after, self.offset) {
            (Some(cursor), _) => Begin::After(cursor),
            (None, 0) => Begin::First,
            (None, rows) => Begin::Behind(rows),
        }
    }

    fn links(&self, next: Option<&str>) -> Vec<Link<'static>> {
        let path = self.path();
        let own = match &self.written {
            Some(query) => format!("{path}?{query}"),
            None => path.clone(),
        };
        let parent = format!(
            "{}/collections/{}",
            self.service.base,
            escaped(&self.collection)
        );
        let mut links: Vec<Link> = vec![
            ("self", own, GEOJSON, "this page"),
            ("collection", parent, "application/json", "the collection"),
        ];
        let (columns, crs) = (self.choice.columns().len(), self.crs);
        let usable = |form: &Form| form.takes(columns, crs);
        links.extend(usable_alternates(
            &path,
            self.written.as_deref(),
            ITEMS.forms,
            usable,
        ));
        if let Some(next) = next {
            links.push(("next", self.next(next), GEOJSON, "the next page"));
        }
        links
    }

    /// What the bytes of a file follow from, as a key.
    pub(super) fn key(&self, coding: Coding) -> Vec<u8> {
        let parts = [
            self.service.store.version(),
            &self.collection,
            self.format.id(),
            coding.name(),
            self.written.as_deref().unwrap_or_default(),
        ];
        // In no text of a request.
        parts.join("\0").into_bytes()
    }

    /// The headers of a file: its name, the counts, its CRS and what comes after it.
    pub(super) fn headed(
        &self,
        mut response: Response,
        (matched, returned): (usize, usize),
        next: Option<&str>,
    ) -> Answer {
        let name = format!("{}.{}", self.collection, self.format.extension());
        let name = format!("attachment; filename=\"{name}\"");
        header_text(&mut response, header::CONTENT_DISPOSITION, &name)?;
        // A file has no room for links: without this header nobody would see that it goes on.
        if let Some(next) = next {
            let media = self
                .format
                .media_type()
                .split(';')
                .next()
                .unwrap_or_default();
            let link = format!("<{}>; rel=\"next\"; type=\"{media}\"", self.next(next));
            header_text(&mut response, header::LINK, &link)?;
        }
        Ok(crs::named(counted(response, matched, returned), self.crs))
    }

    /// The address of what comes after: the same query with another cursor.
    fn next(&self, cursor: &str) -> String {
        let begins = |pair: &str| {
            let name = pair.split('=').next().unwrap_or_default();
            let is = |other: &str| percent_decode_str(name).eq(other.bytes());
            is("cursor") || is("offset")
        };
        let pairs = self.written.as_deref().unwrap_or_default().split('&');
        let kept = pairs.filter(|pair| !pair.is_empty() && !begins(pair));
        let cursor = format!("cursor={}", escaped(cursor));
        let query: Vec<_> = kept.map(str::to_owned).chain([cursor]).collect();
        format!("{}?{}", self.path(), query.join("&"))
    }

    fn path(&self) -> String {
        let id = escaped(&self.collection);
        format!("{}/collections/{id}/items", self.service.base)
    }
}

fn header_text(response: &mut Response, name: HeaderName, text: &str) -> Result<(), Problem> {
    let value = HeaderValue::from_str(text).map_err(|error| Problem::failed(&error))?;
    response.headers_mut().insert(name, value);
    Ok(())
}

fn limit(text: &str) -> Result<usize, String> {
    match text.parse::<usize>() {
        // OGC API Features Part 1, 7.15.2: a greater limit is not an error.
        Ok(limit) if limit > 0 => Ok(limit),
        _ => Err(format!(
            "expected a whole number from 1 to {MAX_LIMIT}, found {text:?}"
        )),
    }
}

fn offset(text: &str) -> Result<usize, String> {
    match text.parse::<usize>() {
        Ok(offset) if offset <= MAX_OFFSET => Ok(offset),
        _ => Err(format!(
            "expected a whole number from 0 to {MAX_OFFSET}, found {text:?}; to go further, follow the links \"next\", whose cursor has no such limit"
        )),
    }
}

fn truth(text: &str) -> Result<bool, String> {
    text.parse()
        .map_err(|_| format!("expected true or false, found {text:?}"))
}

fn format(text: &str) -> Result<Format, String> {
    match text {
        "json" => Ok(Format::GeoJson),
        other => other
            .parse()
            .map_err(|error: FormatError| error.to_string()),
    }
}

/// The format that is asked for by its media type; GeoJSON where none is.
fn accepted(headers: &HeaderMap) -> Format {
    let accept = headers
        .get(header::ACCEPT)
        .and_then(|accept| accept.to_str().ok());
    let accept = accept
        .unwrap_or_default()
        .split(';')
        .next()
        .unwrap_or_default()
        .trim();
    let bare = |format: &Format| format.media_type().split(';').next() == Some(accept);
    Format::ALL
        .into_iter()
        .find(bare)
        .unwrap_or(Format::GeoJson)
}
