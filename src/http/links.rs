use super::asked::without;
use crate::encode::Link;
use crate::encode::form::{Form, HTML, JSON};
use axum::http::HeaderValue;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

/// Characters of a path segment that need no escape (RFC 3986, section 2.3).
const SEGMENT: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~');

/// The links that a document has to itself: as JSON, and as a page. Its address may have a query.
pub(super) fn own(address: &str) -> Vec<Link<'static>> {
    let mut links = vec![("self", address.to_owned(), JSON.media, "this document")];
    let (path, query) = match address.split_once('?') {
        Some((path, query)) => (path, Some(query)),
        None => (address, None),
    };
    links.extend(alternates(path, query, &[JSON, HTML]));
    links
}

/// Links to the other forms of a resource than its first one, with the same query.
pub(super) fn alternates(
    path: &str,
    query: Option<&str>,
    forms: &'static [Form],
) -> impl Iterator<Item = Link<'static>> {
    usable_alternates(path, query, forms, |_| true)
}

/// The same, without forms that would always be refused.
pub(super) fn usable_alternates(
    path: &str,
    query: Option<&str>,
    forms: &'static [Form],
    usable: impl Fn(&Form) -> bool,
) -> impl Iterator<Item = Link<'static>> {
    let kept = without(query, &["f", "lang"]);
    let joint = if kept.is_empty() { "" } else { "&" };
    let forms = forms.iter().skip(1).filter(move |form| usable(form));
    forms.map(move |form| {
        let href = format!("{path}?{kept}{joint}f={}", form.names[0]);
        ("alternate", href, form.bare(), "in another form")
    })
}

/// The header `Link` (RFC 8288); none where there is no link, or so many that clients and proxies
/// might refuse the header.
pub(super) fn header(links: &[Link]) -> Option<HeaderValue> {
    const MOST: usize = 6000;
    let each = links
        .iter()
        .map(|(rel, href, media, _)| format!("<{href}>; rel=\"{rel}\"; type=\"{media}\""));
    let text = each.collect::<Vec<_>>().join(", ");
    let usable = !text.is_empty() && text.len() <= MOST;
    usable.then(|| HeaderValue::from_str(&text).ok()).flatten()
}

/// A text as one segment of a path or as a query value. A segment of nothing but one or two dots
/// would mean a folder, so they are escaped.
pub(super) fn escaped(text: &str) -> String {
    match text {
        "." => "%2E".to_owned(),
        ".." => "%2E%2E".to_owned(),
        _ => utf8_percent_encode(text, SEGMENT).to_string(),
    }
}

/// The path of a feature's page. A browser takes even escaped dots for a folder and leaves the
/// feature, so the page for these two ids is that of the items, narrowed to the one.
pub(super) fn page_of(collection: &str, id: &str) -> String {
    match id {
        "." | ".." => format!("{collection}/items?id={id}"),
        _ => format!("{collection}/items/{}", escaped(id)),
    }
}
