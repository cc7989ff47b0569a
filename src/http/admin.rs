//! `/admin/reload`: for those who may administer the server, and nobody else. It is no part of the API that
//! `/api` describes: whoever has the token has read about it where the token is told of.

use std::fmt;
use std::hint::black_box;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderValue, Method, header};
use serde_json::json;
use sha2::{Digest, Sha256};

use super::answer::{Answer, JSON, ok};
use super::params::Params;
use super::problem::Problem;
use super::reload::{LOG, Outcome};
use super::state::App;

/// Where a reload is asked for.
pub(super) const RELOAD: &str = "/admin/reload";

/// Characters that a token has at least. Random ones of that number cannot be tried out.
const SHORTEST: usize = 16;

/// What those who administer the server have to show. Kept as a digest, so that no message can tell it.
#[derive(Clone, PartialEq, Eq)]
pub struct AdminToken([u8; 32]);

/// Why a text is no token. In words that do not show it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TokenError {
    /// It could be guessed.
    #[error("expected a token of at least {SHORTEST} characters, found {0}")]
    Short(usize),
    /// It could not be sent in a header.
    #[error(
        "expected a token of visible ASCII characters without blanks, found another at character {0}"
    )]
    Character(usize),
}

impl AdminToken {
    /// Reads a token; blanks around it are no part of it.
    ///
    /// # Errors
    /// It is too short, or cannot be sent.
    pub fn parse(text: &str) -> Result<Self, TokenError> {
        let text = text.trim();
        let other = text.chars().position(|char| !char.is_ascii_graphic());
        if let Some(at) = other {
            return Err(TokenError::Character(at + 1));
        }
        if text.len() < SHORTEST {
            return Err(TokenError::Short(text.len()));
        }
        Ok(Self::digest(text.as_bytes()))
    }

    fn digest(text: &[u8]) -> Self {
        Self(Sha256::digest(text).into())
    }

    /// Takes the same time whatever was given: every byte of two digests is compared, and a digest tells nothing
    /// of what it was made of.
    fn is(&self, given: &[u8]) -> bool {
        let given = Self::digest(given);
        let pairs = self.0.iter().zip(&given.0);
        let apart = pairs.fold(0, |apart, (own, given)| black_box(apart | (own ^ given)));
        apart == 0
    }
}

impl fmt::Debug for AdminToken {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("AdminToken")
    }
}

/// `POST /admin/reload`
pub(super) async fn reload(State(app): State<App>, request: Request) -> Answer {
    if request.method() != Method::POST {
        return Err(Problem::only_post());
    }
    allowed(&app, request.headers())?;
    Params::parse(request.uri().query())?.finish()?;
    if has_body(request.headers()) {
        return Err(Problem::bad_request("expected no body, found one"));
    }
    tracing::info!(target: LOG, "a reload is asked for");
    let outcome = app.reloads().ask().await?;
    match &*outcome {
        Outcome::Refused(refusal) => Err(Problem::of(
            refusal.status(),
            &refusal.reason,
            json!({
                "result": outcome.name(),
                "version": app.store().version(),
                "errors": refusal.errors,
                "findings": refusal.told,
            }),
        )),
        Outcome::Swapped(_) | Outcome::Unchanged { .. } => {
            let mut response = ok(JSON, outcome.to_json().to_string().into_bytes());
            let no_store = HeaderValue::from_static("no-store");
            let headers = response.headers_mut();
            headers.insert(header::CACHE_CONTROL, no_store);
            Ok(response)
        }
    }
}

/// The header `Authorization` (RFC 6750, section 2.1), and nothing else: addresses are logged.
fn allowed(app: &App, headers: &HeaderMap) -> Result<(), Problem> {
    let token = app.admin().ok_or_else(|| {
        Problem::forbidden(
            "the server was started without a token for its administration: BUJU_ADMIN_TOKEN or --admin-token-file",
        )
    })?;
    match bearer(headers) {
        None => Err(Problem::unauthorized(
            "expected the header Authorization: Bearer TOKEN",
        )),
        // Whoever has it is let in however often others have tried.
        Some(given) if token.is(given) => Ok(()),
        Some(_) if app.wrong_tokens().is_one_too_many(Instant::now()) => {
            Err(Problem::wrong_tokens())
        }
        Some(_) => {
            tracing::warn!(target: LOG, "a wrong token");
            Err(Problem::unauthorized("this is not the token"))
        }
    }
}

/// True where a request shows the token. One that does not is not told so, and nothing is logged.
pub(super) fn has_token(app: &App, headers: &HeaderMap) -> bool {
    let given = bearer(headers);
    let token = app.admin();
    token.is_some_and(|token| given.is_some_and(|given| token.is(given)))
}

fn bearer(headers: &HeaderMap) -> Option<&[u8]> {
    let given = headers.get(header::AUTHORIZATION)?.as_bytes();
    let (scheme, rest) = given.split_at_checked("Bearer ".len())?;
    scheme
        .eq_ignore_ascii_case(b"Bearer ")
        .then_some(rest.trim_ascii())
}

/// Wrong tokens of the last minute: beyond some, trying is refused without a line in the log for each.
#[derive(Debug, Default)]
pub(super) struct WrongTokens(Mutex<Option<(Instant, u32)>>);

impl WrongTokens {
    const ALLOWED: u32 = 10;
    const MINUTE: Duration = Duration::from_secs(60);

    fn is_one_too_many(&self, now: Instant) -> bool {
        let mut counted = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let (since, count) = counted
            .filter(|(since, _)| now.duration_since(*since) < Self::MINUTE)
            .unwrap_or((now, 0));
        *counted = Some((since, count.saturating_add(1)));
        if count == Self::ALLOWED {
            tracing::warn!(target: LOG, "many wrong tokens; for a minute no more of them are logged");
        }
        count >= Self::ALLOWED
    }
}

fn has_body(headers: &HeaderMap) -> bool {
    let length = headers.get(header::CONTENT_LENGTH);
    headers.contains_key(header::TRANSFER_ENCODING) || length.is_some_and(|length| length != "0")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wrong_tokens_are_counted_by_the_minute() {
        let wrong = WrongTokens::default();
        let start = Instant::now();
        let tried: Vec<_> = (0..12).map(|_| wrong.is_one_too_many(start)).collect();
        assert!(!tried[..10].contains(&true) && !tried[10..].contains(&false));
        assert!(wrong.is_one_too_many(start + Duration::from_secs(59)));
        assert!(!wrong.is_one_too_many(start + Duration::from_secs(60)));
    }

    #[test]
    fn a_token_is_long_and_can_be_sent() {
        let token = AdminToken::parse(" 0123456789abcdef\n").expect("a token");
        assert!(token.is(b"0123456789abcdef"));
        for other in [
            "",
            "0123456789abcde",
            "0123456789abcdef0",
            "0123456789abcdeF",
        ] {
            assert!(!token.is(other.as_bytes()), "{other}");
        }
        assert_eq!(format!("{token:?}"), "AdminToken");
        for (text, error) in [
            ("", TokenError::Short(0)),
            ("0123456789abcde", TokenError::Short(15)),
            ("0123456789 abcdef", TokenError::Character(11)),
            ("0123456789abcde\u{e9}", TokenError::Character(16)),
        ] {
            assert_eq!(AdminToken::parse(text), Err(error), "{text}");
        }
    }
}
