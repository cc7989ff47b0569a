//! Rows as CSV (RFC 4180), UTF-8.

use std::io::Write;

use super::error::EncodeError;
use super::format::{Format, Table, Wishes};
use super::{names, wkt};

/// A header line and a line per feature: the id, every column, and the geometry as well-known text
/// in the last column, `geometry`; x is longitude
/// or easting whatever the CRS, as programs that read WKT expect. A null of either kind is an empty
/// field: no text of a plan is empty, so nothing is lost. Arrays and JSON are written as JSON, so
/// that the register can be made of it. Names, ids and texts that a spreadsheet would run are as
/// [`Wishes::formulas`] says.
pub(super) fn write(table: Table, wishes: Wishes, out: &mut dyn Write) -> Result<(), EncodeError> {
    if wishes.bom {
        out.write_all("\u{feff}".as_bytes())?;
    }
    let failed = |error: csv::Error| match error.into_kind() {
        csv::ErrorKind::Io(error) => EncodeError::Io(error),
        other => Format::Csv.failed(format!("{other:?}")),
    };
    let mut writer = csv::Writer::from_writer(out);
    let names = names::unique(table.columns, &["id", "geometry"]);
    let formulas = wishes.formulas;
    let header = std::iter::once("id").chain(names.iter().map(String::as_str));
    let header = header.chain(["geometry"]).map(|name| formulas.text(name));
    writer
        .write_record(header.map(|name| name.into_owned().into_bytes()))
        .map_err(failed)?;
    for feature in table.features {
        let feature = feature?;
        writer.write_field(formulas.id(&feature)).map_err(failed)?;
        for value in &feature.values {
            writer.write_field(formulas.cell(value)).map_err(failed)?;
        }
        let geometry = feature.geometry.as_ref().map(wkt::wkt);
        writer
            .write_field(geometry.unwrap_or_default())
            .map_err(failed)?;
        writer.write_record(None::<&[u8]>).map_err(failed)?;
    }
    writer.flush()?;
    Ok(())
}
