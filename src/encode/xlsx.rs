//! Rows as an Excel workbook (ECMA-376, Office Open XML).
//!
//! Sheet `data` has the columns by their names, typed cells and the geometry as WKT; sheet `columns`
//! explains them. Dates and times (in UTC) are Excel's; arrays and JSON are JSON texts. A cell holds 32 767 characters: of a longer text it has the beginning and "…", and
//! sheet `long_texts`, which is there only then, has all of it in numbered parts. Rows wait in a
//! temporary file, not in memory. A whole number beyond 2^53, where Excel's numbers are not exact, is a text, and
//! sheet `columns` counts such cells in its column `note`.

use std::io::{self, Write};
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};

use rust_xlsxwriter::{
    DocProperties, ExcelDateTime, Format as Look, Workbook, Worksheet, XlsxError,
};

use super::error::EncodeError;
use super::format::{Format, Table};
use super::{formulas, names, wkt};
use crate::model::{Column, Feature, FeatureId, Value};

/// What the format allows, header included.
const MOST_ROWS: u32 = 1_048_576;
/// In UTF-16 units, as Excel counts, less the ellipsis.
const LONGEST: usize = 32_766;
/// A cell's number is a 64-bit float, which is exact to here.
const EXACT: u64 = 1 << 53;

/// Fills the sheets, then writes the workbook.
///
/// The crate keeps rows in a temporary file, and panics where that cannot be written.
pub(super) fn write(table: Table, out: &mut (dyn Write + Send)) -> Result<(), EncodeError> {
    let written = catch_unwind(AssertUnwindSafe(|| workbook(table, out)));
    written.unwrap_or_else(|panic| {
        let said = panic.downcast_ref::<String>();
        if said.is_some_and(|said| said.contains("StorageFull")) {
            return Err(EncodeError::Io(io::ErrorKind::StorageFull.into()));
        }
        resume_unwind(panic)
    })
}

fn workbook(table: Table, out: &mut (dyn Write + Send)) -> Result<(), EncodeError> {
    let mut book = Workbook::new();
    // Without it the file would hold the time at which it was written, and no two downloads would be the same.
    let created = ExcelDateTime::from_ymd(1980, 1, 1).map_err(failed)?;
    book.set_properties(&DocProperties::new().set_creation_datetime(&created));
    let mut data = sheet(&mut book, "data")?;
    let mut long = sheet(&mut book, "long_texts")?;
    let names = names::unique(table.columns, &["id", "geometry"]);
    let own = names.iter().map(String::as_str);
    header(
        &mut data,
        std::iter::once("id").chain(own).chain(["geometry"]),
    )?;
    header(&mut long, ["id", "column", "part", "text"])?;
    let mut rows = Rows {
        data,
        long,
        as_text: vec![0; names.len()],
        next: 1,
        next_long: 1,
    };
    for feature in table.features {
        if rows.next == MOST_ROWS {
            let reason = format!("a sheet has at most {MOST_ROWS} rows");
            return Err(Format::Xlsx.size(table.collection, reason));
        }
        rows.add(&feature?, &names)?;
    }
    let has_long = rows.next_long > 1;
    book.push_worksheet(rows.data);
    let mut columns = sheet(&mut book, "columns")?;
    explain(&mut columns, table.columns, &names, &rows.as_text).map_err(failed)?;
    book.push_worksheet(columns);
    if has_long {
        book.push_worksheet(rows.long);
    }
    book.save_to_writer(out).map_err(failed)
}

fn failed(error: XlsxError) -> EncodeError {
    match error {
        XlsxError::IoError(error) => EncodeError::Io(error),
        other => Format::Xlsx.failed(other),
    }
}

fn sheet(book: &mut Workbook, name: &str) -> Result<Worksheet, EncodeError> {
    let mut sheet = book.new_worksheet_with_constant_memory().map_err(failed)?;
    sheet.set_name(name).map_err(failed)?;
    Ok(sheet)
}

/// A bold first row that stays in sight.
fn header<'a>(
    sheet: &mut Worksheet,
    names: impl IntoIterator<Item = &'a str>,
) -> Result<(), EncodeError> {
    let bold = Look::new().set_bold();
    sheet.set_freeze_panes(1, 0).map_err(failed)?;
    for (at, name) in (0..).zip(names) {
        sheet
            .write_string_with_format(0, at, cell_full(name), &bold)
            .map_err(failed)?;
        sheet.set_column_width(at, 18).map_err(failed)?;
    }
    Ok(())
}

fn explain(
    sheet: &mut Worksheet,
    columns: &[Column],
    names: &[String],
    as_text: &[u64],
) -> Result<(), XlsxError> {
    let bold = Look::new().set_bold();
    sheet.set_freeze_panes(1, 0)?;
    for (at, name) in (0..).zip(["column", "title_zh", "title_en", "type", "unit", "role"]) {
        sheet.write_string_with_format(0, at, name, &bold)?;
        sheet.set_column_width(at, 24)?;
    }
    // Rows are written from the first to the last, each as a whole.
    if as_text.iter().any(|count| *count > 0) {
        sheet.write_string_with_format(0, NOTE, "note", &bold)?;
        sheet.set_column_width(NOTE, 60)?;
    }
    for (((row, column), name), count) in (1..).zip(columns).zip(names).zip(as_text) {
        let unit = column.unit.as_deref().unwrap_or_default();
        let kind = column.kind.to_string();
        let cells = [
            name,
            &column.title.zh,
            &column.title.en,
            &kind,
            unit,
            names::role(column.role),
        ];
        for (at, text) in (0..).zip(cells) {
            sheet.write_string(row, at, cell_full(text))?;
        }
        if *count > 0 {
            let note = format!(
                "{count} whole numbers are texts: they are beyond 2^53, where the numbers of a spreadsheet are not exact"
            );
            sheet.write_string(row, NOTE, &note)?;
        }
    }
    Ok(())
}

/// The column of sheet `columns` for what was changed, which is there only then.
const NOTE: u16 = 6;

/// The sheets that grow, and the next row of each.
struct Rows {
    data: Worksheet,
    long: Worksheet,
    /// Of each column, how many numbers are texts.
    as_text: Vec<u64>,
    next: u32,
    next_long: u32,
}

impl Rows {
    fn add(&mut self, feature: &Feature, names: &[String]) -> Result<(), EncodeError> {
        let number = match feature.id {
            FeatureId::Number(number) => exact(number),
            FeatureId::Text(_) => None,
        };
        match number {
            Some(number) => {
                let written = self.data.write_number(self.next, 0, number);
                written.map_err(failed)?;
            }
            None => self.text(feature, 0, "id", &feature.id.text())?,
        }
        let mut at = 1;
        for (column, (value, name)) in feature.values.iter().zip(names).enumerate() {
            match value {
                Value::Null => {}
                Value::Text(text) => self.text(feature, at, name, text)?,
                Value::Integer(number) => {
                    if let Some(number) = exact(*number) {
                        self.data
                            .write_number(self.next, at, number)
                            .map_err(failed)?;
                    } else {
                        self.text(feature, at, name, &number.to_string())?;
                        self.as_text[column] += 1;
                    }
                }
                Value::Number(number) => {
                    self.data
                        .write_number(self.next, at, *number)
                        .map_err(failed)?;
                }
                Value::Boolean(flag) => {
                    self.data
                        .write_boolean(self.next, at, *flag)
                        .map_err(failed)?;
                }
                Value::Date(_) | Value::Timestamp(_) => match serial(value) {
                    Some((serial, look)) => {
                        let look = Look::new().set_num_format(look);
                        self.data
                            .write_number_with_format(self.next, at, serial, &look)
                            .map_err(failed)?;
                    }
                    None => self.text(feature, at, name, &value.to_string())?,
                },
                Value::Strings(_) | Value::Json(_) => {
                    self.text(feature, at, name, &value.to_string())?;
                }
            }
            at += 1;
        }
        if let Some(geometry) = &feature.geometry {
            self.text(feature, at, "geometry", &wkt::wkt(geometry))?;
        }
        self.next += 1;
        Ok(())
    }

    fn text(
        &mut self,
        feature: &Feature,
        at: u16,
        column: &str,
        text: &str,
    ) -> Result<(), EncodeError> {
        let mut put = |text: &str| {
            let (data, row) = (&mut self.data, self.next);
            // A cell of a text is no formula; it becomes one if somebody edits it, but for this mark.
            let written = if formulas::is_formula(text) {
                data.write_string_with_format(row, at, text, &Look::new().set_quote_prefix())
            } else {
                data.write_string(row, at, text)
            };
            written.map(|_| ()).map_err(failed)
        };
        let mut rest = text;
        let first = cell_full(rest);
        if first.len() == text.len() {
            return put(text);
        }
        put(&format!("{first}…"))?;
        for part in 1_u32.. {
            if rest.is_empty() {
                break;
            }
            if self.next_long == MOST_ROWS {
                let reason = "there are too many long texts";
                return Err(Format::Xlsx.value(feature, column, reason));
            }
            let piece = cell_full(rest);
            rest = &rest[piece.len()..];
            let row = self.next_long;
            self.long
                .write_string(row, 0, cell_full(&feature.id.text()))
                .map_err(failed)?;
            self.long
                .write_string(row, 1, cell_full(column))
                .map_err(failed)?;
            self.long.write_number(row, 2, part).map_err(failed)?;
            self.long.write_string(row, 3, piece).map_err(failed)?;
            self.next_long += 1;
        }
        Ok(())
    }
}

/// A date or a time in UTC as the days that Excel counts, and how they are shown. None before
/// 1900-03-01, where Excel's calendar has a day that never was: that stays a text.
fn serial(value: &Value) -> Option<(f64, &'static str)> {
    /// 1970-01-01, counted from 1899-12-30.
    const EPOCH: f64 = 25_569.0;
    const FIRST: f64 = 61.0;
    const DAY: i64 = 86_400_000_000;
    let (days, look) = match value {
        Value::Date(days) => (f64::from(*days), "yyyy-mm-dd"),
        Value::Timestamp(micros) => {
            let (day, rest) = (micros.div_euclid(DAY), micros.rem_euclid(DAY));
            #[expect(clippy::cast_precision_loss, reason = "few days, and less than one")]
            let days = day as f64 + rest as f64 / DAY as f64;
            let whole = rest % 1_000_000 == 0;
            let look = if whole {
                "yyyy-mm-dd hh:mm:ss"
            } else {
                "yyyy-mm-dd hh:mm:ss.000"
            };
            (days, look)
        }
        _ => return None,
    };
    let serial = days + EPOCH;
    (serial >= FIRST).then_some((serial, look))
}

/// As much of a text as a cell holds.
fn cell_full(text: &str) -> &str {
    // No character has more UTF-16 units than UTF-8 bytes.
    if text.len() <= LONGEST {
        return text;
    }
    let mut units = 0;
    for (at, character) in text.char_indices() {
        units += character.len_utf16();
        if units > LONGEST {
            return &text[..at];
        }
    }
    text
}

#[expect(clippy::cast_precision_loss, reason = "none beyond 2^53")]
fn exact(number: i64) -> Option<f64> {
    (number.unsigned_abs() <= EXACT).then_some(number as f64)
}
