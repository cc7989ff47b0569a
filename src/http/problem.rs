use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde_json::{Value as Json, json};

use crate::grammar::{QueryError, Refused};
use crate::query::{SelectError, Stopped};

/// In seconds (RFC 9110, section 10.2.3): a queue is worked off in less.
const RETRY_AFTER: &str = "3";

/// How to show that one may (RFC 6750, section 3).
const BEARER: &str = "Bearer realm=\"buju\"";

/// A problem document (RFC 9457). What it tells the client; what the server has to know is logged.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    status: StatusCode,
    detail: String,
    parameter: Option<String>,
    more: Option<Box<Json>>,
}

impl Problem {
    fn new(status: StatusCode, detail: impl Into<String>) -> Self {
        Self {
            status,
            detail: detail.into(),
            parameter: None,
            more: None,
        }
    }

    /// 400: a parameter that is unknown or cannot be read.
    pub fn parameter(name: &str, detail: impl std::fmt::Display) -> Self {
        Self {
            parameter: Some(name.to_owned()),
            ..Self::new(
                StatusCode::BAD_REQUEST,
                format!("parameter {name}: {detail}"),
            )
        }
    }

    /// 400: the request as a whole cannot be read.
    pub fn bad_request(detail: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, detail)
    }

    /// 404: there is no such resource. Never for something that failed.
    pub fn not_found(detail: impl Into<String>) -> Self {
        Self::new(StatusCode::NOT_FOUND, detail)
    }

    /// 404 because of a part of the path.
    pub fn not_found_parameter(name: &str, detail: impl std::fmt::Display) -> Self {
        Self {
            status: StatusCode::NOT_FOUND,
            ..Self::parameter(name, detail)
        }
    }

    /// 401: who asks has not shown that they may.
    pub fn unauthorized(detail: &str) -> Self {
        Self::new(StatusCode::UNAUTHORIZED, detail)
    }

    /// 403: nobody may.
    pub fn forbidden(detail: &str) -> Self {
        Self::new(StatusCode::FORBIDDEN, detail)
    }

    /// 405 of what is not read. The router adds `Allow`.
    pub fn only_post() -> Self {
        Self::new(
            StatusCode::METHOD_NOT_ALLOWED,
            "nothing can be read here: this resource takes POST",
        )
    }

    /// 405. The router adds `Allow`.
    pub fn method_not_allowed() -> Self {
        Self::new(
            StatusCode::METHOD_NOT_ALLOWED,
            "this resource can be read with GET and HEAD",
        )
    }

    /// 406: the resource has no form that the client accepts.
    pub fn not_acceptable(media: &str) -> Self {
        Self::new(
            StatusCode::NOT_ACCEPTABLE,
            format!("the header Accept fits none of the forms of this resource: {media}"),
        )
    }

    /// 503: not finished in time.
    pub fn too_slow() -> Self {
        Self::new(
            StatusCode::SERVICE_UNAVAILABLE,
            "the request was not finished in time",
        )
    }

    /// 503: more requests wait than the server can answer in good time.
    pub fn busy() -> Self {
        Self::new(
            StatusCode::SERVICE_UNAVAILABLE,
            "too many requests are waiting; try again in a few seconds",
        )
    }

    /// 503: clients take so little of what they asked for that its memory is full.
    pub fn unsent() -> Self {
        Self::new(
            StatusCode::SERVICE_UNAVAILABLE,
            "answers that were asked for before and not yet taken fill the memory that there is for them; take those first",
        )
    }

    /// 503: as many large files are being made, and wait for that, as may.
    pub fn many_files() -> Self {
        Self::new(
            StatusCode::SERVICE_UNAVAILABLE,
            "too many large files are being made; try again in a while",
        )
    }

    /// 503: large files take all the room that they may.
    pub fn no_room() -> Self {
        Self::new(
            StatusCode::SERVICE_UNAVAILABLE,
            "the server has no room for a file of this size now; try again in a while, or ask for fewer features or columns",
        )
    }

    /// 416: the file ends before the range begins. The router adds `Content-Range`.
    pub fn range(length: u64) -> Self {
        Self::new(
            StatusCode::RANGE_NOT_SATISFIABLE,
            format!("header Range: expected bytes of a file of {length} bytes"),
        )
    }

    /// 429: one reload is running, and one waits.
    pub fn many_reloads() -> Self {
        Self::new(
            StatusCode::TOO_MANY_REQUESTS,
            "a reload is running and the next one waits already; it will take up what is in the folder now",
        )
    }

    /// 429: somebody tries tokens.
    pub fn wrong_tokens() -> Self {
        Self::new(
            StatusCode::TOO_MANY_REQUESTS,
            "this is not the token, and many wrong ones were sent within a minute",
        )
    }

    /// 503: a reload takes longer than anybody is kept waiting.
    pub fn slow_reload() -> Self {
        Self::of(
            StatusCode::SERVICE_UNAVAILABLE,
            "the reload is not done yet and goes on; /readyz tells since when it is running, and later what came of it",
            json!({ "result": "running" }),
        )
    }

    /// 503: nothing is reloaded by this program.
    pub fn no_reloads() -> Self {
        Self::new(
            StatusCode::SERVICE_UNAVAILABLE,
            "this server does not reload its plan",
        )
    }

    /// With members of its own (RFC 9457, section 3.2), of a JSON object.
    pub fn of(status: StatusCode, detail: &str, more: Json) -> Self {
        Self {
            more: Some(Box::new(more)),
            ..Self::new(status, detail)
        }
    }

    /// 502: the server of a base map answered with something else than a tile.
    pub fn upstream(reason: &str) -> Self {
        Self::new(
            StatusCode::BAD_GATEWAY,
            format!("the base map is not to be had: {reason}"),
        )
    }

    /// 504: the server of a base map did not answer in time.
    pub fn upstream_slow() -> Self {
        Self::new(
            StatusCode::GATEWAY_TIMEOUT,
            "the base map is not to be had: its server did not answer in time",
        )
    }

    /// 500: something failed that the client cannot mend. The cause goes to the log.
    pub fn failed(cause: &dyn std::fmt::Display) -> Self {
        tracing::error!(%cause, "a request failed");
        Self::new(
            StatusCode::INTERNAL_SERVER_ERROR,
            "the server failed; its log has the cause",
        )
    }
}

impl From<Refused> for Problem {
    fn from(refused: Refused) -> Self {
        match refused.parameter {
            Some(name) => Self::parameter(&name, refused.reason),
            None => Self::bad_request(refused.reason),
        }
    }
}

impl From<Stopped> for Problem {
    fn from(stopped: Stopped) -> Self {
        match stopped {
            Stopped::TooMuch { .. } => Self::bad_request(stopped.to_string()),
            Stopped::TooManyTargets { .. } => Self::parameter("near", stopped),
            Stopped::Interrupted => Self::too_slow(),
            Stopped::Busy => Self::busy(),
        }
    }
}

impl From<QueryError> for Problem {
    fn from(error: QueryError) -> Self {
        match error {
            QueryError::Refused(refused) => refused.into(),
            QueryError::Stopped(stopped) => stopped.into(),
        }
    }
}

impl From<SelectError> for Problem {
    fn from(error: SelectError) -> Self {
        match error {
            SelectError::Cursor(error) => Self::parameter("cursor", error),
            SelectError::Stopped(stopped) => stopped.into(),
        }
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let mut body = json!({
            "type": "about:blank",
            "title": self.status.canonical_reason(),
            "status": self.status.as_u16(),
            "detail": self.detail,
        });
        if let Some(parameter) = self.parameter {
            body["parameter"] = parameter.into();
        }
        if let Some(Json::Object(more)) = self.more.map(|more| *more) {
            for (name, member) in more {
                body[name] = member;
            }
        }
        let media = HeaderValue::from_static("application/problem+json");
        let head = [(header::CONTENT_TYPE, media)];
        let mut response = (self.status, head, body.to_string()).into_response();
        let headers = response.headers_mut();
        match self.status {
            StatusCode::SERVICE_UNAVAILABLE | StatusCode::TOO_MANY_REQUESTS => {
                headers.insert(header::RETRY_AFTER, HeaderValue::from_static(RETRY_AFTER));
            }
            StatusCode::UNAUTHORIZED => {
                headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static(BEARER));
            }
            _ => {}
        }
        response
    }
}
