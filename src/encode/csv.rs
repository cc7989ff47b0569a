//! Rows as CSV (RFC 4180), UTF-8.

use crate::model::{Column, Feature};

/// A header line and a line per feature: the id, then every column. A null is an empty field.
///
/// # Errors
/// None in practice: the bytes are written to memory.
pub fn csv(columns: &[Column], features: &[Feature]) -> Result<Vec<u8>, csv::Error> {
    let mut writer = csv::Writer::from_writer(Vec::new());
    writer.write_record(
        std::iter::once("id").chain(columns.iter().map(|column| column.name.as_str())),
    )?;
    for feature in features {
        let cells = feature.values.iter().map(ToString::to_string);
        writer.write_record(std::iter::once(feature.id.clone()).chain(cells))?;
    }
    writer
        .into_inner()
        .map_err(|error| error.into_error().into())
}
