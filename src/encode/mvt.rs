//! A tile as a Mapbox Vector Tile, version 2.1.

use fast_mvt::{MvtError as Inner, MvtTileBuilder};

use crate::model::{FeatureId, Value};
use crate::tile::Tile;

/// A tile that cannot be written.
#[derive(Debug, thiserror::Error)]
#[error("the vector tile cannot be written: {0}")]
pub struct MvtError(#[from] Inner);

/// Writes a tile cut on the Mercator grid: one layer per collection, named as it is.
///
/// A feature id of the format is a whole number from 0 on; any other id is the attribute `id`.
/// Attributes are scalars, so times are texts, and arrays and JSON are their JSON text.
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
            match &feature.id {
                FeatureId::Number(number) => match u64::try_from(*number) {
                    Ok(number) => {
                        encoded.id(Some(number));
                    }
                    Err(_) => drop(encoded.tag_int("id", *number)?),
                },
                FeatureId::Text(text) => drop(encoded.tag_string("id", text.as_ref())?),
            }
            encoded.tag_string("collection", layer.collection.as_str())?;
            for (name, value) in layer.columns.iter().zip(&feature.values) {
                match value {
                    Value::Null => {}
                    Value::Text(text) => drop(encoded.tag_string(name, text.as_str())?),
                    Value::Integer(number) => drop(encoded.tag_int(name, *number)?),
                    Value::Number(number) => drop(encoded.tag_double(name, *number)?),
                    Value::Boolean(flag) => drop(encoded.tag_bool(name, *flag)?),
                    Value::Date(_) | Value::Timestamp(_) | Value::Strings(_) | Value::Json(_) => {
                        encoded.tag_string(name, value.to_string())?;
                    }
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
