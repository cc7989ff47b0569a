//! Parts of files (RFC 9110, section 14): `Range` of answers that say `Accept-Ranges: bytes`.
//!
//! One range is answered with 206; several are answered with the whole file, as a server may (section 14.2): no client
//! of the formats here asks for several at once without being able to do without. A range is one of the bytes that are
//! sent. A client that asks for one gets them without a content coding, since most cannot decode a part of a compressed
//! file; only where its `If-Range` names the compressed file does it go on with that.

use axum::body::{Body, to_bytes};
use axum::extract::Request;
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

use super::problem::Problem;
use super::spool::Reader;

/// Marks a request for the headers of a file alone: no file is made for it.
#[derive(Debug, Clone, Copy)]
pub(super) struct HeadOnly;

/// Marks an answer whose body is read from a file.
#[derive(Clone)]
pub(super) struct FromFile(pub Reader);

/// Answers with a part of a file where one is asked for. Stands around what tags and keeps answers, which sees the
/// whole file only.
pub(super) async fn ranged(mut request: Request, next: Next) -> Response {
    if request.method() == Method::HEAD {
        request.extensions_mut().insert(HeadOnly);
        return next.run(request).await;
    }
    let Some(range) = Range::read(request.method(), request.headers()) else {
        return next.run(request).await;
    };
    let condition = request.headers().get(header::IF_RANGE).cloned();
    let of_compressed = condition.as_ref().is_some_and(|tag| {
        let tag = tag.as_bytes();
        !tag.ends_with(b"-identity\"")
    });
    if !of_compressed {
        request.headers_mut().remove(header::ACCEPT_ENCODING);
    }
    let response = next.run(request).await;
    let headers = response.headers();
    let has_ranges = response.status() == StatusCode::OK
        && headers.get(header::ACCEPT_RANGES) == Some(&HeaderValue::from_static("bytes"));
    // Compared strongly: a weak tag, or a date, is never that of this file.
    let same = condition.is_none_or(|condition| headers.get(header::ETAG) == Some(&condition));
    if has_ranges && same {
        part(range, response).await
    } else {
        response
    }
}

async fn part(range: Range, mut response: Response) -> Response {
    if let Some(FromFile(reader)) = response.extensions_mut().remove() {
        let Some(length) = reader.length().await else {
            // It breaks off, and its client sees that.
            return response;
        };
        let Some((first, last)) = range.of(length) else {
            return unsatisfiable(length, &response);
        };
        let body = reader.body(first, Some(last + 1));
        return partial(response, body, (first, last), length);
    }
    let (parts, body) = response.into_parts();
    let bytes = match to_bytes(body, usize::MAX).await {
        Ok(bytes) => bytes,
        Err(error) => return Problem::failed(&error).into_response(),
    };
    let length = bytes.len() as u64;
    let response = Response::from_parts(parts, Body::empty());
    let within = range.of(length).and_then(|(first, last)| {
        let start = usize::try_from(first).ok()?;
        let end = usize::try_from(last).ok()?;
        Some((first, last, bytes.slice(start..=end)))
    });
    match within {
        Some((first, last, bytes)) => partial(response, bytes.into(), (first, last), length),
        None => unsatisfiable(length, &response),
    }
}

fn partial(mut response: Response, body: Body, (first, last): (u64, u64), length: u64) -> Response {
    *response.status_mut() = StatusCode::PARTIAL_CONTENT;
    *response.body_mut() = body;
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_LENGTH, (last + 1 - first).into());
    set_content_range(headers, &format!("bytes {first}-{last}/{length}"));
    response
}

/// 416, with the headers that let a script of another page read it.
fn unsatisfiable(length: u64, response: &Response) -> Response {
    let mut refused = Problem::range(length).into_response();
    let headers = refused.headers_mut();
    set_content_range(headers, &format!("bytes */{length}"));
    if let Some(tag) = response.headers().get(header::ETAG) {
        headers.insert(header::ETAG, tag.clone());
    }
    refused
}

fn set_content_range(headers: &mut HeaderMap, text: &str) {
    if let Ok(value) = HeaderValue::from_str(text) {
        headers.insert(header::CONTENT_RANGE, value);
    }
}

/// The one range that is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Range {
    /// From a byte to another, both included, or to the end.
    From(u64, Option<u64>),
    /// So many at the end.
    Last(u64),
}

impl Range {
    /// None where the whole file is to be sent: nothing is asked for, or several ranges, or something that is no range.
    fn read(method: &Method, headers: &HeaderMap) -> Option<Self> {
        if method != Method::GET {
            return None;
        }
        let mut all = headers.get_all(header::RANGE).iter();
        let (only, None) = (all.next()?, all.next()) else {
            return None;
        };
        Self::parse(only.to_str().ok()?)
    }

    fn parse(text: &str) -> Option<Self> {
        let (unit, range) = text.split_once('=')?;
        if !unit.trim().eq_ignore_ascii_case("bytes") {
            return None;
        }
        // Empty elements of a list count for nothing (section 5.6.1.2).
        let mut ranges = range
            .split(',')
            .map(str::trim)
            .filter(|one| !one.is_empty());
        let (only, None) = (ranges.next()?, ranges.next()) else {
            return None;
        };
        let (first, last) = only.split_once('-')?;
        match (first, last) {
            ("", last) => Some(Self::Last(number(last)?)),
            (first, "") => Some(Self::From(number(first)?, None)),
            (first, last) => {
                let (first, last) = (number(first)?, number(last)?);
                (first <= last).then_some(Self::From(first, Some(last)))
            }
        }
    }

    /// The first and the last byte of it in a file of so many; none where it has none of them.
    fn of(self, length: u64) -> Option<(u64, u64)> {
        let end = length.checked_sub(1)?;
        match self {
            Self::From(first, last) => {
                (first <= end).then(|| (first, last.unwrap_or(end).min(end)))
            }
            Self::Last(0) => None,
            Self::Last(count) => Some((length.saturating_sub(count), end)),
        }
    }
}

/// Digits only. One beyond 64 bits is as good as the largest.
fn number(text: &str) -> Option<u64> {
    let is_number = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    is_number.then(|| text.parse().unwrap_or(u64::MAX - 1))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_are_read() {
        for (text, of_a_thousand) in [
            ("bytes=0-99", Some((0, 99))),
            ("bytes=0-0", Some((0, 0))),
            ("bytes=900-", Some((900, 999))),
            ("bytes=900-5000", Some((900, 999))),
            ("bytes=-1", Some((999, 999))),
            ("bytes=-5000", Some((0, 999))),
            ("Bytes = 1-2 , ,", Some((1, 2))),
            ("bytes=999-99999999999999999999999", Some((999, 999))),
            ("bytes=1000-", None),
            ("bytes=-0", None),
            ("bytes=99999999999999999999999-", None),
        ] {
            let range = Range::parse(text).unwrap_or_else(|| panic!("{text}"));
            assert_eq!(range.of(1000), of_a_thousand, "{text}");
            assert_eq!(range.of(0), None, "{text}");
        }
        for text in [
            "",
            "bytes",
            "bytes=",
            "bytes=-",
            "bytes=a-b",
            "bytes=5-4",
            "bytes=+1-2",
            "rows=0-1",
            "bytes=0-1,5-6",
            "bytes=1",
            "bytes=0x1-2",
        ] {
            assert_eq!(Range::parse(text), None, "{text}");
        }
    }
}
