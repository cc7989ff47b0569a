//! Which of its forms a resource is asked for: `f`, else `Accept` (RFC 9110, section 12.5.1).

use axum::http::{HeaderMap, header};

use super::params::Params;
use super::problem::Problem;
use crate::encode::form::Form;

/// The map page keeps its filter in `f` too: clauses such as `plot_ratio:2~3`, or nothing where it was cleared. No
/// form's name has a colon.
pub(super) fn is_page_filter(value: &str) -> bool {
    value.is_empty() || value.contains(':')
}

/// The form that is asked for: `f` wins over `Accept`, and without both it is the first.
pub(super) fn form(
    params: &mut Params,
    headers: &HeaderMap,
    forms: &'static [Form],
) -> Result<&'static Form, Problem> {
    let named = params.read("f", |name| by_name(name, forms))?;
    named.map_or_else(|| by_accept(headers, forms), Ok)
}

fn by_name(name: &str, forms: &'static [Form]) -> Result<&'static Form, String> {
    forms
        .iter()
        .find(|form| form.names.contains(&name))
        .ok_or_else(|| {
            let known: Vec<_> = forms.iter().map(|form| form.names[0]).collect();
            format!("expected {}, found {name:?}", known.join(" or "))
        })
}

/// The form that the client likes best; of equals the first.
pub(super) fn by_accept(
    headers: &HeaderMap,
    forms: &'static [Form],
) -> Result<&'static Form, Problem> {
    let ranges: Vec<_> = headers
        .get_all(header::ACCEPT)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .filter(|range| !range.trim().is_empty())
        .map(range)
        .collect();
    let Some(first) = forms.first() else {
        return Err(Problem::failed(&"a resource without a form"));
    };
    if ranges.is_empty() {
        return Ok(first);
    }
    forms
        .iter()
        .map(|form| (form, liking(form, &ranges)))
        .filter(|(_, quality)| *quality > 0.0)
        .reduce(|best, next| if next.1 > best.1 { next } else { best })
        .map(|(form, _)| form)
        .ok_or_else(|| {
            let media: Vec<_> = forms.iter().map(Form::bare).collect();
            Problem::not_acceptable(&media.join(", "))
        })
}

/// True where the client takes a form, if it may like another one better.
pub(super) fn takes(headers: &HeaderMap, form: &'static Form) -> bool {
    by_accept(headers, std::slice::from_ref(form)).is_ok()
}

/// How much a client likes a form: the range that names it most exactly says.
fn liking(form: &Form, ranges: &[(String, f32)]) -> f32 {
    let of = |wanted: &str| {
        let named = ranges.iter().filter(|(range, _)| range == wanted);
        named.map(|(_, quality)| *quality).reduce(f32::max)
    };
    let family = |media: &str| {
        let (kind, _) = media.split_once('/').unwrap_or((media, ""));
        format!("{kind}/*")
    };
    of(form.bare())
        .or_else(|| form.also.iter().find_map(|media| of(media)))
        .or_else(|| of(&family(form.bare())))
        .or_else(|| of("*/*"))
        .unwrap_or(0.0)
}

/// `text/html;level=1;q=0.5` as a media type and a quality from 0 to 1.
fn range(text: &str) -> (String, f32) {
    let mut parts = text.split(';').map(str::trim);
    let media = parts.next().unwrap_or_default().to_ascii_lowercase();
    (media, quality(parts))
}

/// The value of `q` among the parameters of a header's element; 0 where it cannot be read.
pub(super) fn quality<'a>(mut parameters: impl Iterator<Item = &'a str>) -> f32 {
    parameters
        .find_map(|part| part.strip_prefix("q=").or_else(|| part.strip_prefix("Q=")))
        .map_or(1.0, |q| q.parse().unwrap_or(0.0))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::encode::form::{CSV, GEOJSON, HTML};

    const ITEMS: &[Form] = &[GEOJSON, HTML, CSV];

    fn chosen(accept: &str) -> Option<&'static str> {
        let mut headers = HeaderMap::new();
        headers.insert(header::ACCEPT, accept.parse().expect("a header"));
        by_accept(&headers, ITEMS).ok().map(|form| form.names[0])
    }

    #[test]
    fn qualities_and_exactness_are_honoured() {
        for (accept, expected) in [
            ("*/*", Some("geojson")),
            ("", Some("geojson")),
            ("application/json", Some("geojson")),
            ("application/geo+json, application/json", Some("geojson")),
            (
                "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8",
                Some("html"),
            ),
            ("text/html;q=0.2, text/csv;q=0.7", Some("csv")),
            ("text/*", Some("html")),
            ("text/*, text/html;q=0", Some("csv")),
            ("text/html;q=0.5, */*;q=0.1", Some("html")),
            ("application/geo+json;q=0, */*", Some("html")),
            ("TEXT/CSV", Some("csv")),
            ("image/png", None),
            ("application/json;q=0", None),
        ] {
            assert_eq!(chosen(accept), expected, "{accept}");
        }
    }
}
