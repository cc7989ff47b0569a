use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde_json::json;

use crate::grammar::Refused;

/// In seconds (RFC 9110, section 10.2.3): a queue is worked off in less.
const RETRY_AFTER: &str = "3";

/// A problem document (RFC 9457). What it tells the client; what the server has to know is logged.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    status: StatusCode,
    detail: String,
    parameter: Option<String>,
}

impl Problem {
    /// 400: a parameter that is unknown or cannot be read.
    pub fn parameter(name: &str, detail: impl std::fmt::Display) -> Self {
        Self {
            status: StatusCode::BAD_REQUEST,
            detail: format!("parameter {name}: {detail}"),
            parameter: Some(name.to_owned()),
        }
    }

    /// 400: the request as a whole cannot be read.
    pub fn bad_request(detail: impl Into<String>) -> Self {
        Self {
            status: StatusCode::BAD_REQUEST,
            detail: detail.into(),
            parameter: None,
        }
    }

    /// 404: there is no such resource. Never for something that failed.
    pub fn not_found(detail: impl Into<String>) -> Self {
        Self {
            status: StatusCode::NOT_FOUND,
            detail: detail.into(),
            parameter: None,
        }
    }

    /// 404 because of a part of the path.
    pub fn not_found_parameter(name: &str, detail: impl std::fmt::Display) -> Self {
        Self {
            status: StatusCode::NOT_FOUND,
            ..Self::parameter(name, detail)
        }
    }

    /// 405. The router adds `Allow`.
    pub fn method_not_allowed() -> Self {
        Self {
            status: StatusCode::METHOD_NOT_ALLOWED,
            detail: "this resource can be read with GET and HEAD".to_owned(),
            parameter: None,
        }
    }

    /// 406: the resource has no form that the client accepts.
    pub fn not_acceptable(media: &str) -> Self {
        Self {
            status: StatusCode::NOT_ACCEPTABLE,
            detail: format!("the header Accept fits none of the forms of this resource: {media}"),
            parameter: None,
        }
    }

    /// 503: not finished in time.
    pub fn too_slow() -> Self {
        Self {
            status: StatusCode::SERVICE_UNAVAILABLE,
            detail: "the request was not finished in time".to_owned(),
            parameter: None,
        }
    }

    /// 503: more requests wait than the server can answer in good time.
    pub fn busy() -> Self {
        Self {
            status: StatusCode::SERVICE_UNAVAILABLE,
            detail: "too many requests are waiting; try again in a few seconds".to_owned(),
            parameter: None,
        }
    }

    /// 503: as many large files are on their way as the server has room for.
    pub fn many_files() -> Self {
        Self {
            status: StatusCode::SERVICE_UNAVAILABLE,
            detail: "too many large files are being sent; try again in a while".to_owned(),
            parameter: None,
        }
    }

    /// 502: the server of a base map answered with something else than a tile.
    pub fn upstream(reason: &str) -> Self {
        Self {
            status: StatusCode::BAD_GATEWAY,
            detail: format!("the base map is not to be had: {reason}"),
            parameter: None,
        }
    }

    /// 504: the server of a base map did not answer in time.
    pub fn upstream_slow() -> Self {
        Self {
            status: StatusCode::GATEWAY_TIMEOUT,
            detail: "the base map is not to be had: its server did not answer in time".to_owned(),
            parameter: None,
        }
    }

    /// 500: something failed that the client cannot mend. The cause goes to the log.
    pub fn failed(cause: &dyn std::fmt::Display) -> Self {
        tracing::error!(%cause, "a request failed");
        Self {
            status: StatusCode::INTERNAL_SERVER_ERROR,
            detail: "the server failed; its log has the cause".to_owned(),
            parameter: None,
        }
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
        let media = HeaderValue::from_static("application/problem+json");
        let head = [(header::CONTENT_TYPE, media)];
        let mut response = (self.status, head, body.to_string()).into_response();
        if self.status == StatusCode::SERVICE_UNAVAILABLE {
            let after = HeaderValue::from_static(RETRY_AFTER);
            response.headers_mut().insert(header::RETRY_AFTER, after);
        }
        response
    }
}
