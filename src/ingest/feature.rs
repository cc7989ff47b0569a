//! One feature by way of a `serde_json::Value`: slower than [`super::record`], and able to tell
//! what is wrong.

use geo::{CoordsIter, Geometry};
use serde_json::{Map, Value as Json};

use super::geometry;
use super::join::Properties;
use super::record::Record;
use crate::model::{CollectionInfo, FeatureId, Finding, Severity};

/// A feature as its file has it, with a checked geometry.
#[derive(Debug)]
pub(super) struct Entry {
    pub id: FeatureId,
    pub geometry: Option<Geometry<f64>>,
    pub properties: Properties,
}

/// Checks what [`super::record`] has read.
pub(super) fn checked(
    file: &str,
    record: Record,
    rounding_m: f64,
    report: &mut impl FnMut(Finding),
) -> Entry {
    let mut told = None;
    let begin = record.geometry.as_ref().and_then(begin);
    let mut tell = |severity, check, reason| {
        let text = told.get_or_insert_with(|| record.id.text());
        report(
            Finding {
                severity,
                ..Finding::error(check, file, reason)
            }
            .at_id(text)
            .at_place(begin.filter(|_| severity == Severity::Error)),
        );
    };
    let geometry = record
        .geometry
        .and_then(|shape| geometry::checked(shape, record.heights, rounding_m, &mut tell));
    Entry {
        geometry,
        properties: Properties::Cells(record.cells),
        id: record.id,
    }
}

/// Reads a feature. What is wrong with it is reported; `None` where it cannot be named.
pub(super) fn read(
    file: &str,
    feature: Json,
    info: &CollectionInfo,
    (extent, rounding_m): ([f64; 4], f64),
    report: &mut impl FnMut(Finding),
) -> Option<Entry> {
    let mut feature = match feature {
        Json::Object(feature) if feature.get("type") == Some(&"Feature".into()) => feature,
        other => {
            report(Finding::error(
                "syntax",
                file,
                format!("expected a Feature, found {}", brief(&other)),
            ));
            return None;
        }
    };
    let id = id(&feature, file, report)?;
    let mut report = |finding: Finding| report(finding.at_id(&id.text()));
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
        Some(json) => {
            let begin = json.get("coordinates").and_then(first_position);
            geometry::read(
                json,
                info.geometry,
                (extent, rounding_m),
                &mut |severity, check, reason| {
                    let finding = Finding {
                        severity,
                        ..Finding::error(check, file, reason)
                    };
                    report(finding.at_place(begin.filter(|_| severity == Severity::Error)));
                },
            )
        }
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
    Some(Entry {
        id,
        geometry,
        properties: Properties::Json(properties),
    })
}

/// Where a shape begins, if that is on earth.
fn begin(shape: &Geometry<f64>) -> Option<[f64; 2]> {
    let at = shape.coords_iter().next()?;
    on_earth([at.x, at.y])
}

fn first_position(coordinates: &Json) -> Option<[f64; 2]> {
    let mut list = coordinates.as_array()?;
    while let Some(Json::Array(inner)) = list.first() {
        list = inner;
    }
    on_earth([list.first()?.as_f64()?, list.get(1)?.as_f64()?])
}

fn on_earth([lon, lat]: [f64; 2]) -> Option<[f64; 2]> {
    (lon.abs() <= 180.0 && lat.abs() <= 90.0).then_some([lon, lat])
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
pub(super) fn brief(json: &Json) -> String {
    shortened(&json.to_string())
}

/// The start of a text.
pub(super) fn shortened(text: &str) -> String {
    match text.char_indices().nth(60) {
        Some((end, _)) => format!("{}...", &text[..end]),
        None => text.to_owned(),
    }
}
