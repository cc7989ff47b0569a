//! A tile as a Mapbox Vector Tile, version 2.1.

use fast_mvt::{MvtError as Inner, MvtTileBuilder};

use crate::model::Value;
use crate::tile::Tile;

/// A tile that cannot be written.
#[derive(Debug, thiserror::Error)]
#[error("the vector tile cannot be written: {0}")]
pub struct MvtError(#[from] Inner);

/// Writes a tile cut on the Mercator grid: one layer per collection, named as it is.
///
/// A feature id of the format is a number, so the id is the attribute `id`.
///
/// # Errors
/// A geometry that the format has no commands for.
pub fn mvt(tile: &Tile) -> Result<Vec<u8>, MvtError> {
    let mut builder = MvtTileBuilder::new();
    for layer in tile
        .layers
        .iter()
        .filter(|layer| !layer.features.is_empty())
    {
        let mut out = builder.layer(layer.collection.as_str())?;
        for feature in &layer.features {
            let mut encoded = out.feature(&feature.geometry)?;
            encoded.tag_string("id", feature.id.as_str())?;
            encoded.tag_string("collection", layer.collection.as_str())?;
            for (name, value) in layer.columns.iter().zip(&feature.values) {
                match value {
                    Value::Null => {}
                    Value::Text(text) => drop(encoded.tag_string(name, text.as_str())?),
                    Value::Integer(number) => drop(encoded.tag_int(name, *number)?),
                    Value::Number(number) => drop(encoded.tag_double(name, *number)?),
                    Value::Boolean(flag) => drop(encoded.tag_bool(name, *flag)?),
                }
            }
            if let Some(at) = feature.label {
                encoded.tag_double("label_lon", at.x)?;
                encoded.tag_double("label_lat", at.y)?;
            }
            out = encoded.end();
        }
        builder = out.end();
    }
    Ok(builder.encode())
}
