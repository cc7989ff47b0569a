//! Draws a plan's schematic geometry.
//!
//! Nobody has the plan's own maps, so the shapes are drawn anew: `geodata/recipe.toml` says how each
//! feature follows from named places (`geodata/control_points.csv`), from axes through such places
//! and from the areas that the register states. This stage does what the recipe says and writes one
//! GeoJSON file per collection. What it writes is committed and reviewed; a test draws it again and
//! compares, so recipe and drawing cannot part.
//!
//! Works in metres (UTM 51N, a plane: straight lines and right angles are what they seem over a
//! town), writes CRS84. Where the register states an area, the size is adjusted until the *geodesic*
//! area is the stated one, because that is the area that people are shown.

mod axis;
mod board;
mod error;
mod feature;
mod inputs;
mod recipe;
mod shape;
#[cfg(test)]
mod tests;
mod write;

use std::collections::{HashMap, HashSet};
use std::path::Path;

use geojson::{Feature, FeatureCollection};

pub use error::DrawError;
pub use write::{text, write};

use board::Board;
use inputs::Inputs;
use recipe::Entry;

/// Draws every collection of the plan in a folder: `(file name, features)`, in the order in which
/// register and recipe name the collections first.
///
/// # Errors
/// A file is missing or malformed, or an entry of the recipe cannot be drawn; the error names the
/// entry and the place.
pub fn draw(dir: &Path) -> Result<Vec<(String, FeatureCollection)>, DrawError> {
    let inputs = Inputs::read(dir)?;
    let entries = by_id(&inputs.recipe.features)?;
    let board = Board::new(&inputs)?;
    // In recipe order, because an entry may copy the shape of one above it.
    let mut drawn = shape::Drawn::new();
    for entry in &inputs.recipe.features {
        let geometry = shape::draw(&board, entry, &drawn)?;
        drawn.insert(&entry.id, geometry);
    }

    let mut files = Files::default();
    for row in &inputs.rows {
        let feature = match (entries.get(row.id.as_str()), row.no_geometry_reason()) {
            (Some(entry), None) => feature::drawn(entry, &drawn[entry.id.as_str()]),
            (None, Some(_)) => feature::without_geometry(&row.id),
            (Some(_), Some(_)) => return Err(DrawError::DrawnAndReasoned(row.id.clone())),
            (None, None) => return Err(DrawError::NotDrawn(row.id.clone())),
        };
        files.push(&row.collection, feature);
    }
    let registered: HashSet<&str> = inputs.rows.iter().map(|row| row.id.as_str()).collect();
    for entry in &inputs.recipe.features {
        if !registered.contains(entry.id.as_str()) {
            let collection = entry
                .collection
                .as_deref()
                .ok_or_else(|| DrawError::NoCollection(entry.id.clone()))?;
            files.push(collection, feature::drawn(entry, &drawn[entry.id.as_str()]));
        }
    }
    Ok(files.finish())
}

fn by_id(entries: &[Entry]) -> Result<HashMap<&str, &Entry>, DrawError> {
    let mut found = HashMap::new();
    for entry in entries {
        if found.insert(entry.id.as_str(), entry).is_some() {
            return Err(DrawError::DuplicateEntry(entry.id.clone()));
        }
    }
    Ok(found)
}

/// Features by collection, in the order of first mention.
#[derive(Default)]
struct Files(Vec<(String, Vec<Feature>)>);

impl Files {
    fn push(&mut self, collection: &str, feature: Feature) {
        match self.0.iter_mut().find(|(name, _)| name == collection) {
            Some((_, features)) => features.push(feature),
            None => self.0.push((collection.to_owned(), vec![feature])),
        }
    }

    fn finish(self) -> Vec<(String, FeatureCollection)> {
        self.0
            .into_iter()
            .map(|(collection, mut features)| {
                feature::complete(&mut features);
                let features = FeatureCollection {
                    bbox: None,
                    features,
                    foreign_members: None,
                };
                (format!("{collection}.geojson"), features)
            })
            .collect()
    }
}
