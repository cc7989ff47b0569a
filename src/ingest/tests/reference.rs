//! The plain reader: the whole file as one `serde_json::Value`.

use serde_json::Value as Json;

use crate::ingest::batch::{Part, Task};
use crate::ingest::feature::{self, brief};
use crate::ingest::join;
use crate::model::Finding;
use crate::source::skim::not_json;

/// Reads a feature collection. A byte order mark is off already.
pub fn read(task: Task, bytes: &[u8]) -> Result<Part, Box<Finding>> {
    let mut part = Part::new(task.info, 0);
    for (index, json) in features(task.file, bytes)?.into_iter().enumerate() {
        let mut report = |finding: Finding| part.read.push(finding.at_index(index));
        let entry = feature::read(
            task.file,
            json,
            task.info,
            (task.extent, task.rounding_m),
            &mut report,
        );
        let Some(mut entry) = entry else { continue };
        let values = task.register.and_then(|register| {
            join::values(
                task.file,
                task.info,
                &entry.id,
                entry.geometry.as_ref(),
                &mut entry.properties,
                register,
                &mut |finding| {
                    let finding = finding.at_index(index).at_id(&entry.id.text());
                    part.joined.push(finding);
                },
            )
        });
        let located = values.is_some() && entry.geometry.is_some();
        part.located += usize::from(located);
        part.unlocated += usize::from(values.is_some() && !located);
        part.rows.push(
            &entry.id,
            entry.geometry.as_ref(),
            &values.unwrap_or_default(),
        );
        part.indices.push(u32::try_from(index).expect("a few"));
    }
    Ok(part)
}

fn features(file: &str, bytes: &[u8]) -> Result<Vec<Json>, Box<Finding>> {
    let wrong = |check, reason: String| Box::new(Finding::error(check, file, reason));
    let mut json: Json = serde_json::from_slice(bytes)
        .map_err(|error| Box::new(wrong("syntax", not_json(&error)).at_line(error.line())))?;
    if json.get("type") != Some(&"FeatureCollection".into()) {
        let found = json
            .get("type")
            .map_or_else(|| brief(&json), Json::to_string);
        return Err(wrong(
            "syntax",
            format!("expected a FeatureCollection, found {found}"),
        ));
    }
    if let Some(crs) = json.get("crs") {
        let name = crs
            .pointer("/properties/name")
            .and_then(Json::as_str)
            .unwrap_or("?");
        if !name.ends_with("CRS84") {
            let reason = format!("GeoJSON is in CRS84 (RFC 7946, section 4), found crs {name:?}");
            return Err(wrong("crs", reason));
        }
    }
    match json.get_mut("features").map(Json::take) {
        Some(Json::Array(features)) => Ok(features),
        _ => Err(wrong(
            "syntax",
            "expected an array named features".to_owned(),
        )),
    }
}
