//! What a search over all collections found, as JSON.

use serde_json::{Value as Json, json};

use super::geojson::{Link, links_json};
use crate::model::{CollectionInfo, Feature, Value};
use crate::query::{Found, Likeness, Match, Search};

/// The document. `links` are those of a feature.
#[must_use]
pub fn search<'a>(
    text: &str,
    search: &Search,
    own: &[Link],
    links: impl Fn(&Found) -> Vec<Link<'a>>,
) -> Json {
    let collections: Vec<_> = search
        .collections
        .iter()
        .map(|of| {
            json!({
                "id": of.info.id,
                "title": of.info.title,
                "numberMatched": of.matched,
                "numberMatchedByName": of.named,
            })
        })
        .collect();
    let results: Vec<_> = search
        .found
        .iter()
        .map(|found| one(found, &links(found)))
        .collect();
    json!({
        "q": text,
        "numberMatched": search.matched,
        "numberReturned": results.len(),
        "collections": collections,
        "results": results,
        "links": links_json(own),
    })
}

fn one(found: &Found, links: &[Link]) -> Json {
    let Found {
        info,
        feature,
        how,
        label,
    } = found;
    let mut out = json!({
        "collection": info.id,
        "id": feature.id.to_json(),
        "name": { "zh": text(info, feature, "name_zh"), "en": text(info, feature, "name_en") },
        "kind": kind(info, feature),
        "match": matched(*how),
        "label": label.map(|at| [seventh(at.x), seventh(at.y)]),
    });
    if let Match::Code(at) = how {
        out["column"] = info.columns[*at].name.as_str().into();
        out["value"] = feature.values[*at].to_json();
    }
    out["links"] = links_json(links);
    out
}

fn matched(how: Match) -> &'static str {
    match how {
        Match::Name(Likeness::Exact) => "exact",
        Match::Name(Likeness::Start) => "start",
        Match::Name(Likeness::Within) => "within",
        Match::Name(Likeness::Sound) => "sound",
        Match::Code(_) => "code",
    }
}

fn text(info: &CollectionInfo, feature: &Feature, column: &str) -> Json {
    let at = info.column_index(column);
    at.map_or(Json::Null, |at| feature.values[at].to_json())
}

/// The code of its kind with its titles; null where it has none.
fn kind(info: &CollectionInfo, feature: &Feature) -> Json {
    let Some(at) = info.column_index("kind") else {
        return Json::Null;
    };
    let Value::Text(code) = &feature.values[at] else {
        return Json::Null;
    };
    let known = info.columns[at]
        .values
        .iter()
        .find(|value| value.code == *code);
    known.map_or_else(
        || json!({ "code": code }),
        |known| json!({ "code": code, "zh": known.zh, "en": known.en }),
    )
}

/// Degrees to the centimetre.
fn seventh(degrees: f64) -> f64 {
    (degrees * 1e7).round() / 1e7
}
