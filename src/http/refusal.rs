//! Answers to heads that hyper cannot parse. It refuses them before any handler runs, with an empty body; clients
//! get a problem document that names what was wrong.

use axum::http::StatusCode;
use axum::http::uri::{PathAndQuery, Uri};
use serde_json::json;

/// The problem document to send instead of what hyper has written, if that is one of its own refusals.
/// `head` is the beginning of what the client sent.
pub(super) fn instead_of(written: &[u8], head: &[u8]) -> Option<Vec<u8>> {
    let written = written.strip_prefix(b"HTTP/1.1 ")?;
    if !written.starts_with(b"4") || written.len() > 512 {
        return None;
    }
    let written = str::from_utf8(written).ok()?.strip_suffix("\r\n\r\n")?;
    let mut lines = written.split("\r\n");
    let status = StatusCode::from_bytes(lines.next()?.as_bytes().get(..3)?).ok()?;
    let lines: Vec<_> = lines.collect();
    let (empty, kept): (Vec<&str>, Vec<&str>) = lines
        .into_iter()
        .partition(|line| line.eq_ignore_ascii_case("content-length: 0"));
    if empty.is_empty() {
        return None;
    }
    let date = kept.into_iter().find(|line| {
        let name = line.split(':').next().unwrap_or_default();
        name.eq_ignore_ascii_case("date")
    });
    let with_body = !head.starts_with(b"HEAD ");
    Some(answer(status, &detail(status, head), date, with_body))
}

/// 503 for a connection that is one too many.
pub(super) fn crowded(detail: &str) -> Vec<u8> {
    answer(StatusCode::SERVICE_UNAVAILABLE, detail, None, true)
}

fn answer(status: StatusCode, detail: &str, date: Option<&str>, with_body: bool) -> Vec<u8> {
    let body = json!({
        "type": "about:blank",
        "title": status.canonical_reason(),
        "status": status.as_u16(),
        "detail": detail,
    })
    .to_string();
    let reason = status.canonical_reason().unwrap_or_default();
    let mut head = format!(
        "HTTP/1.1 {} {reason}\r\ncontent-type: application/problem+json\r\ncontent-length: {}\r\n\
         connection: close\r\nx-content-type-options: nosniff\r\naccess-control-allow-origin: *\r\n",
        status.as_u16(),
        body.len(),
    );
    if status == StatusCode::SERVICE_UNAVAILABLE {
        head.push_str("retry-after: 3\r\n");
    }
    if let Some(date) = date {
        head.push_str(date);
        head.push_str("\r\n");
    }
    head.push_str("\r\n");
    if with_body {
        head.push_str(&body);
    }
    head.into_bytes()
}

fn detail(status: StatusCode, head: &[u8]) -> String {
    match status {
        StatusCode::URI_TOO_LONG => "the request target is longer than 65534 bytes".to_owned(),
        StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE => {
            "the head of the request is longer than 131072 bytes, or has more than 100 headers"
                .to_owned()
        }
        _ => of_line(head).unwrap_or_else(|| {
            "the headers of the request cannot be parsed; expected NAME: VALUE lines, and one valid length of the body"
                .to_owned()
        }),
    }
}

/// What is wrong with the request line; none if it is right, or did not fit into what is known of the head.
fn of_line(head: &[u8]) -> Option<String> {
    const EXPECTED: &str =
        "the request line cannot be parsed; expected METHOD /TARGET HTTP/1.1, found";
    let line = head.split(|byte| *byte == b'\n').next()?;
    let line = line.strip_suffix(b"\r").unwrap_or(line);
    let found = |line: &[u8]| {
        let shown: Vec<u8> = line.iter().copied().take(80).collect();
        format!("{EXPECTED} {:?}", String::from_utf8_lossy(&shown))
    };
    let Some(first) = line.iter().position(|byte| *byte == b' ') else {
        return Some(found(line));
    };
    // A blank within the target is one of the characters that have to be escaped.
    let whole = line.len() < head.len();
    let end = line.iter().rposition(|byte| *byte == b' ');
    let end = end.filter(|end| whole && *end > first && line[end + 1..].starts_with(b"HTTP/"));
    if end.is_none() && whole {
        return Some(found(line));
    }
    let target = &line[first + 1..end.unwrap_or(line.len())];
    if !target.starts_with(b"/") {
        // An absolute URI, `*` or an authority is right as well.
        let is_right = Uri::try_from(target).is_ok();
        return (whole && !is_right).then(|| found(line));
    }
    let mut in_query = false;
    for piece in pieces(target) {
        let tried = [if in_query { &b"/?"[..] } else { b"/" }, piece].concat();
        if PathAndQuery::try_from(&tried[..]).is_err() {
            let escaped: Vec<_> = piece.iter().map(|byte| format!("%{byte:02X}")).collect();
            let part = if in_query { "query" } else { "path" };
            return Some(format!(
                "the {part} of the request target has the character {:?}; write it as {}",
                String::from_utf8_lossy(piece),
                escaped.concat()
            ));
        }
        in_query |= piece == b"?";
    }
    None
}

/// The characters of a text, and single bytes where it is none.
fn pieces(text: &[u8]) -> impl Iterator<Item = &[u8]> {
    text.utf8_chunks().flat_map(|chunk| {
        let valid = chunk.valid();
        let invalid = chunk.invalid();
        valid
            .char_indices()
            .map(|(at, character)| &valid.as_bytes()[at..at + character.len_utf8()])
            .chain(invalid.chunks(1))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const EMPTY: &[u8] = b"HTTP/1.1 400 Bad Request\r\nconnection: close\r\ncontent-length: 0\r\n\
        date: Mon, 30 Nov 2026 00:00:00 GMT\r\n\r\n";

    #[test]
    fn only_empty_refusals_are_replaced() {
        for other in [
            &b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n"[..],
            b"HTTP/1.1 400 Bad Request\r\ncontent-length: 10\r\n\r\n",
            b"HTTP/1.1 400 Bad Request\r\ncontent-length: 0\r\n\r\nmore",
            b"HTTP/1.1 100 Continue\r\n\r\n",
            b"0123",
            b"",
        ] {
            assert_eq!(instead_of(other, b"GET / HTTP/1.1\r\n"), None);
        }
        let answer = instead_of(EMPTY, b"GET /a>b HTTP/1.1\r\n\r\n").expect("a problem");
        let answer = String::from_utf8(answer).expect("a text");
        let (head, body) = answer.split_once("\r\n\r\n").expect("a head");
        assert!(head.contains("\r\ndate: Mon, 30 Nov 2026 00:00:00 GMT"));
        assert!(head.contains(&format!("content-length: {}\r\n", body.len())));
        assert!(
            body.contains(r#"has the character \">\"; write it as %3E"#),
            "{body}"
        );
        let without = instead_of(EMPTY, b"HEAD /a>b HTTP/1.1\r\n\r\n").expect("a problem");
        assert!(without.ends_with(b"\r\n\r\n"));
    }

    #[test]
    fn what_was_wrong_is_named() {
        for (line, named) in [
            ("GET /items?filter=a > 1 HTTP/1.1", Some("%20")),
            ("GET /items?filter=a>1 HTTP/1.1", Some("%3E")),
            ("GET /items?filter=a%3E1&b=<c HTTP/1.1", Some("%3C")),
            ("GET /a\u{7f} HTTP/1.1", Some("%7F")),
            ("GET a/b HTTP/1.1", Some("expected METHOD /TARGET")),
            ("GET /items HTTQ/1.1", Some("expected METHOD /TARGET")),
            ("nonsense", Some("found \"nonsense\"")),
            ("GET /\u{6843}?q=\u{6d66}{}|^[]`' HTTP/1.1", None),
            ("GET http://a/b HTTP/1.1", None),
        ] {
            let head = format!("{line}\r\nhost: a\r\n\r\n");
            let told = of_line(head.as_bytes());
            match named {
                Some(named) => {
                    let told = told.unwrap_or_else(|| panic!("{line}"));
                    assert!(told.contains(named), "{line}: {told}");
                }
                None => assert_eq!(told, None, "{line}"),
            }
        }
        let invalid = of_line(b"GET /\xff\xfe HTTP/1.1\r\n\r\n").expect("a word");
        assert!(invalid.contains("%FF"), "{invalid}");
    }
}
