use std::fs;
use std::io;
use std::path::Path;

use geojson::{Feature, FeatureCollection};
use serde_json::json;

use super::DrawError;
use super::inputs::inside;

/// Writes what [`draw`](super::draw) returned into the plan's `geodata/`. A file is replaced whole
/// or not at all: a reader never sees half of one.
///
/// # Errors
/// A file cannot be written.
pub fn write(dir: &Path, files: &[(String, FeatureCollection)]) -> Result<(), DrawError> {
    for (name, collection) in files {
        let path = inside(dir, &format!("geodata/{name}"))?;
        replace(&path, &text(collection)).map_err(|source| DrawError::Write { path, source })?;
    }
    Ok(())
}

/// A collection as text: one feature per line, so that a changed line is a changed feature.
#[must_use]
pub fn text(collection: &FeatureCollection) -> String {
    let features: Vec<String> = collection.features.iter().map(line).collect();
    format!(
        "{{\"type\":\"FeatureCollection\",\"features\":[\n{}\n]}}\n",
        features.join(",\n")
    )
}

/// A feature on one line, its id first: the eye looks for it there.
fn line(feature: &Feature) -> String {
    json!({
        "type": "Feature",
        "id": feature.id,
        "properties": feature.properties,
        "geometry": feature.geometry,
    })
    .to_string()
}

fn replace(path: &Path, text: &str) -> io::Result<()> {
    let unfinished = path.with_extension("geojson.part");
    fs::write(&unfinished, text)?;
    fs::rename(&unfinished, path)
}
