//! The layer around everything that the plan's data answer: one version per request, an `ETag`
//! known before any work, compression, and answers kept for those who ask again.

use std::sync::{Arc, Mutex, PoisonError};

use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use tokio::time::timeout;

use super::cache::Kept;
use super::client::Client;
use super::coding::{Coding, Effort};
use super::download::Flowing;
use super::flight::Boarding;
use super::hosts::Base;
use super::inputs::{Inputs, Vary};
use super::problem::Problem;
use super::state::{App, Pinned, Service};
use super::work::{PATIENCE, WorkContext, work};
use crate::encode::Format;

/// What came of a request.
pub(super) enum Made {
    /// A whole answer, good or bad, for everybody who asked for it.
    Whole(Arc<Kept>),
    /// A body that leaves while it is made, for whoever came first; the others make their own.
    Flowing(Mutex<Option<Response>>),
    /// Nothing.
    Failed(Problem),
}

pub(super) async fn conditional(
    State((app, vary)): State<(App, Vary)>,
    mut request: Request,
    next: Next,
) -> Response {
    let Some(Base { url: base, shared }) = request.extensions_mut().remove() else {
        return Problem::failed(&"the request has no base").into_response();
    };
    let pinned = request.extensions().get::<Pinned>();
    let mut service = Service {
        store: pinned.map_or_else(|| app.store(), |pinned| pinned.0.clone()),
        base,
        shared,
        work: WorkContext::idle(),
    };
    let inputs = Inputs::read(&service, &request, vary);
    let asked = AskedTags::read(request.headers());
    let client = Client::asking(&request);
    if let Some(kept) = app.cache().answer(inputs.key()) {
        return answer(&app, client, &kept, &asked);
    }
    let own = inputs.tag(&service);
    let plain = inputs.identity().tag(&service);
    if asked.names(&own) {
        return not_modified(own, vary.header(), vary.cache(shared));
    }
    // Most answers are there by now, and need none.
    service.work = WorkContext::new(client);
    request.extensions_mut().insert(service.clone());
    // HEAD tells the length of what GET would send, compressed too; the router drops the body.
    *request.method_mut() = Method::GET;
    let (passenger, mine) = match app.flights().board(inputs.key()) {
        Boarding::Joined(passenger) => (passenger, Some((request, next))),
        Boarding::First(flight) => {
            let wanted = Wanted {
                app: app.clone(),
                service,
                inputs,
                vary,
            };
            let made = async {
                let made = timeout(PATIENCE, wanted.made(request, next)).await;
                made.unwrap_or_else(|_| Made::Failed(Problem::too_slow()))
            };
            (flight.start(made), None)
        }
    };
    let Some(made) = passenger.arrived().await else {
        return Problem::failed(&"a panic").into_response();
    };
    let first = match &*made {
        Made::Whole(kept) => return answer(&app, client, kept, &asked),
        Made::Failed(problem) => return problem.clone().into_response(),
        Made::Flowing(_) if mine.is_some() => None,
        Made::Flowing(first) => first.lock().unwrap_or_else(PoisonError::into_inner).take(),
    };
    // What was begun for the first stops where the first has gone, and not only when this has ended.
    drop(made);
    let mut response = match (mine, first) {
        (Some((request, next)), _) => match timeout(PATIENCE, next.run(request)).await {
            Ok(response) => response,
            Err(_) => return Problem::too_slow().into_response(),
        },
        (None, Some(response)) => response,
        (None, None) => return Problem::failed(&"an answer was lost").into_response(),
    };
    if !response.status().is_success() {
        vary_on(response.headers_mut(), vary);
        return response;
    }
    // What is compressed already is not compressed again, and the same whatever was agreed on.
    let is_coded = response.headers().contains_key(header::CONTENT_ENCODING);
    let tagged = if is_coded { own } else { plain };
    if asked.any || asked.names(&tagged) {
        return not_modified(tagged, vary.header(), vary.cache(shared));
    }
    tag(response.headers_mut(), tagged, vary, shared);
    response
}

/// What `If-None-Match` names (RFC 9110, section 13.1.2): compared weakly.
pub(super) struct AskedTags {
    tags: Vec<String>,
    any: bool,
}

impl AskedTags {
    pub fn read(headers: &HeaderMap) -> Self {
        let tags: Vec<_> = headers
            .get_all(header::IF_NONE_MATCH)
            .iter()
            .filter_map(|value| value.to_str().ok())
            .flat_map(|value| value.split(','))
            .map(|tag| tag.trim().trim_start_matches("W/").to_owned())
            .collect();
        Self {
            any: tags.iter().any(|tag| tag == "*"),
            tags,
        }
    }

    /// True where a good answer with this tag is not to be sent again.
    pub fn fit(&self, tag: &str) -> bool {
        self.any || self.tags.iter().any(|asked| asked == tag)
    }

    fn names(&self, tag: &HeaderValue) -> bool {
        self.tags.iter().any(|asked| asked == tag)
    }
}

fn not_modified(tag: HeaderValue, vary: HeaderValue, cache: HeaderValue) -> Response {
    let headers = [
        (header::ETAG, tag),
        (header::CACHE_CONTROL, cache),
        (header::VARY, vary),
    ];
    (StatusCode::NOT_MODIFIED, headers).into_response()
}

/// A whole answer, to a client that may have it already. Only a good one has a tag.
fn answer(app: &App, client: Option<Client>, kept: &Kept, asked: &AskedTags) -> Response {
    let headers = &kept.headers;
    let of = |name| headers.get(name).cloned();
    match (
        of(header::ETAG),
        of(header::VARY),
        of(header::CACHE_CONTROL),
    ) {
        (Some(tag), Some(vary), Some(cache)) if asked.any || asked.names(&tag) => {
            not_modified(tag, vary, cache)
        }
        _ => match app.unsent().body(client, &kept.body) {
            Ok(body) => kept.response(body),
            Err(problem) => problem.into_response(),
        },
    }
}

/// The headers of a good answer.
fn tag(headers: &mut HeaderMap, tag: HeaderValue, vary: Vary, shared: bool) {
    let cache = headers.entry(header::CACHE_CONTROL);
    cache.or_insert(vary.cache(shared));
    headers.insert(header::ETAG, tag);
    headers.insert(header::VARY, vary.header());
}

/// True for files whose formats are compressed themselves.
fn is_compressed(headers: &HeaderMap) -> bool {
    let media = headers.get(header::CONTENT_TYPE);
    Format::ALL.into_iter().any(|format| {
        format.is_compressed() && media.is_some_and(|media| media == format.media_type())
    })
}

/// The header of an answer that is not good: the language of a page that says so was chosen all the same.
fn vary_on(headers: &mut HeaderMap, vary: Vary) {
    headers.entry(header::VARY).or_insert(vary.header());
}

/// A body of so many bytes is compressed where it is, in less time than another thread takes to hear of it.
const SMALL: usize = 8 << 10;

/// What a request wants to be made.
struct Wanted {
    app: App,
    service: Service,
    inputs: Inputs,
    vary: Vary,
}

impl Wanted {
    /// Does the work, and keeps what came of it.
    async fn made(self, request: Request, next: Next) -> Made {
        let cache = self.app.cache();
        // Others may have finished between the look into the cache and this one.
        if let Some(kept) = cache.get(self.inputs.key()) {
            return Made::Whole(kept);
        }
        let plain = match cache.get(self.inputs.identity().key()) {
            Some(plain) => Made::Whole(plain),
            None => self.plain(next.run(request).await).await,
        };
        let coded = self.inputs.coding() != Coding::Identity;
        match plain {
            Made::Whole(plain) if coded && is_compressed(&plain.headers) => {
                cache.keep(self.inputs.key(), &plain);
                Made::Whole(plain)
            }
            Made::Whole(plain) if coded && plain.status.is_success() => self
                .encoded(&plain)
                .await
                .map_or_else(Made::Failed, |kept| {
                    let kept = Arc::new(kept);
                    cache.keep(self.inputs.key(), &kept);
                    Made::Whole(kept)
                }),
            other => other,
        }
    }

    /// An answer without a coding, from what a handler gave; kept if it is good.
    async fn plain(&self, response: Response) -> Made {
        if response.extensions().get::<Flowing>().is_some() {
            return Made::Flowing(Mutex::new(Some(response)));
        }
        let mut plain = match Kept::read(response).await {
            Ok(plain) => plain,
            Err(problem) => return Made::Failed(problem),
        };
        let good = plain.status.is_success();
        let identity = self.inputs.identity();
        if good {
            let own = identity.tag(&self.service);
            tag(&mut plain.headers, own, self.vary, self.service.shared);
        } else {
            vary_on(&mut plain.headers, self.vary);
        }
        let plain = Arc::new(plain);
        if good {
            self.app.cache().keep(identity.key(), &plain);
        }
        Made::Whole(plain)
    }

    /// The same answer in the coding that was agreed on.
    async fn encoded(&self, plain: &Kept) -> Result<Kept, Problem> {
        let mut headers = plain.headers.clone();
        headers.insert(header::ETAG, self.inputs.tag(&self.service));
        let mut body = plain.body.clone();
        if plain.status != StatusCode::NO_CONTENT {
            let coding = self.inputs.coding();
            let name = HeaderValue::from_static(coding.name());
            headers.insert(header::CONTENT_ENCODING, name);
            let small = body.len() <= SMALL;
            let encode = move || {
                let encoded = coding.encode(&body, Effort::Waiting);
                encoded.map_err(|error| Problem::failed(&error))
            };
            let encoded = if small {
                encode()?
            } else {
                work(&self.service.work, encode).await?
            };
            body = encoded.into_boxed_slice().into();
        }
        Ok(Kept {
            status: plain.status,
            headers,
            body,
        })
    }
}
