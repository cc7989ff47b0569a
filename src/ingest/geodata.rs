//! `geodata/*.geojson`: one feature collection per collection (RFC 7946).

use std::collections::HashMap;

use geo::Geometry;
use serde_json::{Map, Value as Json};

use super::geometry;
use crate::model::{CollectionInfo, FeatureId, Finding};

/// A feature as its file has it, with a checked geometry.
#[derive(Debug)]
pub(super) struct Entry {
    pub index: usize,
    pub id: FeatureId,
    pub geometry: Option<Geometry<f64>>,
    pub properties: Map<String, Json>,
}

/// Reads a file's features. What is wrong with one feature is reported and the others are read;
/// `None` means that the file as a whole cannot be understood.
pub(super) fn read(
    file: &str,
    bytes: &[u8],
    info: &CollectionInfo,
    extent: [f64; 4],
    findings: &mut Vec<Finding>,
) -> Option<Vec<Entry>> {
    let features = features(bytes)
        .map_err(|finding| findings.push(finding(file)))
        .ok()?;
    let mut entries = Vec::with_capacity(features.len());
    for (index, feature) in features.into_iter().enumerate() {
        let mut report = |finding: Finding| findings.push(finding.at_index(index));
        let mut feature = match feature {
            Json::Object(feature) if feature.get("type") == Some(&"Feature".into()) => feature,
            other => {
                report(Finding::error(
                    "syntax",
                    file,
                    format!("expected a Feature, found {}", brief(&other)),
                ));
                continue;
            }
        };
        let Some(id) = id(&feature, file, &mut report) else {
            continue;
        };
        let mut report =
            |finding: Finding| findings.push(finding.at_index(index).at_id(&id.text()));
        let geometry = match feature.remove("geometry") {
            Some(Json::Null) => None,
            None => {
                report(Finding::error(
                    "syntax",
                    file,
                    "the feature has no geometry member: write null where no place is known",
                ));
                None
            }
            Some(json) => geometry::read(
                json,
                info.geometry,
                extent,
                &mut |severity, check, reason| {
                    report(Finding {
                        severity,
                        ..Finding::error(check, file, reason)
                    });
                },
            ),
        };
        let properties = match feature.remove("properties") {
            Some(Json::Object(properties)) => properties,
            Some(Json::Null) | None => Map::new(),
            Some(other) => {
                report(Finding::error(
                    "syntax",
                    file,
                    format!(
                        "expected properties to be an object, found {}",
                        brief(&other)
                    ),
                ));
                Map::new()
            }
        };
        entries.push(Entry {
            index,
            id,
            geometry,
            properties,
        });
    }
    Some(entries)
}

/// Ids are unique in the whole plan, because findings, links and the register name features by id.
pub(super) fn ids_are_unique(
    file: &str,
    entries: &[Entry],
    owners: &mut HashMap<String, (String, usize)>,
    findings: &mut Vec<Finding>,
) {
    for entry in entries {
        // By text: in a path, 7 and "7" are the same.
        let id = entry.id.text();
        if let Some((other, index)) = owners.get(id.as_ref()) {
            let reason = format!("the id is already used by {other} feature {index}");
            findings.push(
                Finding::error("duplicate-id", file, reason)
                    .at_index(entry.index)
                    .at_id(&id),
            );
        } else {
            owners.insert(id.into_owned(), (file.to_owned(), entry.index));
        }
    }
}

fn features(bytes: &[u8]) -> Result<Vec<Json>, impl FnOnce(&str) -> Finding + use<>> {
    let problem = |check: &'static str, reason: String, line: Option<usize>| {
        move |file: &str| {
            let finding = Finding::error(check, file, reason);
            match line {
                Some(line) => finding.at_line(line),
                None => finding,
            }
        }
    };
    let mut json: Json = serde_json::from_slice(bytes).map_err(|error| {
        let what = if error.is_eof() {
            "the file ends too early (is it cut short?)"
        } else {
            "is not JSON"
        };
        problem("syntax", format!("{what}: {error}"), Some(error.line()))
    })?;
    if json.get("type") != Some(&"FeatureCollection".into()) {
        let found = json
            .get("type")
            .map_or_else(|| brief(&json), Json::to_string);
        return Err(problem(
            "syntax",
            format!("expected a FeatureCollection, found {found}"),
            None,
        ));
    }
    if let Some(crs) = json.get("crs") {
        let name = crs
            .pointer("/properties/name")
            .and_then(Json::as_str)
            .unwrap_or("?");
        if !name.ends_with("CRS84") {
            let reason = format!("GeoJSON is in CRS84 (RFC 7946, section 4), found crs {name:?}");
            return Err(problem("crs", reason, None));
        }
    }
    match json.get_mut("features").map(Json::take) {
        Some(Json::Array(features)) => Ok(features),
        _ => Err(problem(
            "syntax",
            "expected an array named features".to_owned(),
            None,
        )),
    }
}

fn id(
    feature: &Map<String, Json>,
    file: &str,
    report: &mut impl FnMut(Finding),
) -> Option<FeatureId> {
    let number = feature.get("id").and_then(Json::as_i64);
    match feature.get("id") {
        Some(Json::String(id)) if !id.is_empty() => Some(id.as_str().into()),
        Some(Json::Number(_)) if number.is_some() => number.map(FeatureId::Number),
        Some(other) => {
            report(Finding::error(
                "missing-id",
                file,
                format!(
                    "expected id to be a text or a whole number of 64 bits, found {}",
                    brief(other)
                ),
            ));
            None
        }
        None => {
            report(Finding::error(
                "missing-id",
                file,
                "the feature has no id member",
            ));
            None
        }
    }
}

/// The start of a JSON value, so that a message stays readable.
fn brief(json: &Json) -> String {
    let text = json.to_string();
    match text.char_indices().nth(60) {
        Some((end, _)) => format!("{}...", &text[..end]),
        None => text,
    }
}
