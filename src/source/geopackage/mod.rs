//! OGC `GeoPackage` (OGC 12-128r18): feature and attribute tables, and views that are listed as such.
//!
//! The file is someone else's, so nothing of it is run but what a view needs: see [`open`]. Rows come as
//! `SQLite` steps, so memory holds one of them.

mod cell;
mod crs;
mod layer;
mod open;

use std::path::{Path, PathBuf};

use rusqlite::Row;
use rusqlite::types::ValueRef;

use super::wkb::Wkb;
use super::{Bad, Each, Far, Kind, Layer, Options, Record, SourceError};
use crate::model::{FeatureId, Value};

use layer::Table;
use open::Database;

/// Rows that any layer may have; beyond them no more than its file has bytes. A view may have more than the
/// tables that it is made of, and one of an endless recursion has rows without an end.
const ROWS: u64 = 4_000_000;
/// Rows after which it is told how far the reading is.
const TOLD: u64 = 256;

/// A file one of whose tables was chosen.
#[derive(Debug)]
pub(super) struct GeoPackage {
    path: PathBuf,
    table: Table,
    records: Option<u64>,
    /// In bytes.
    length: u64,
    /// Columns whose cells are not looked at.
    skip: Vec<String>,
}

/// Finds the layer, and reads its columns and CRS.
pub(super) fn open(path: &Path, options: &Options) -> Result<(Layer, GeoPackage), SourceError> {
    let database = Database::open(path)?;
    let mut notes = Vec::new();
    let table = Table::chosen(&database, options.layer.as_deref(), &mut notes)?;
    let crs = crs::of(&database, table.srs, &mut notes)?;
    let records = layer::records(&database, &table.name);
    let layer = Layer {
        name: table.name.clone(),
        columns: table.columns.clone(),
        crs,
        records,
        notes,
    };
    let reader = GeoPackage {
        path: path.to_owned(),
        table,
        records,
        length: database.length,
        skip: options.skip.clone(),
    };
    Ok((layer, reader))
}

impl GeoPackage {
    pub fn read(&self, far: Far, each: Each) -> Result<(), SourceError> {
        let database = Database::open(&self.path)?;
        let mut number = 0;
        let select = self.table.select();
        let failed = |number, error: rusqlite::Error| {
            database.failed(&format!("after record {number}"), &error)
        };
        let mut rows = database
            .connection
            .prepare(&select)
            .map_err(|error| failed(number, error))?;
        let mut rows = rows.query([]).map_err(|error| failed(number, error))?;
        loop {
            database.rest();
            let row = rows.next().map_err(|error| failed(number, error))?;
            let Some(row) = row else { break };
            number += 1;
            if number > ROWS.max(self.length) {
                let (name, length) = (&self.table.name, self.length);
                return Err(database.broken(format!(
                    "{name} has more than {} rows, which a file of {length} bytes does not hold: is it a view that never ends? Copy it to a table",
                    number - 1
                )));
            }
            if number % TOLD == 0 {
                far(self.bytes(number), Some(self.length));
            }
            if !each(self.record(number, row)) {
                return Ok(());
            }
        }
        far(self.length, Some(self.length));
        Ok(())
    }

    /// How many bytes so many rows are, had all of them as many.
    fn bytes(&self, number: u64) -> u64 {
        let Some(records) = self.records.filter(|records| *records > 0) else {
            return 0;
        };
        let bytes = u128::from(self.length) * u128::from(number.min(records));
        u64::try_from(bytes / u128::from(records)).unwrap_or(self.length)
    }

    fn record(&self, number: u64, row: &Row) -> Result<Record, Bad> {
        let bad = |column: Option<&str>, reason: String| Bad {
            number,
            column: column.map(str::to_owned),
            reason,
        };
        // The columns are asked for in this order: key, geometry, all others.
        let mut next = 0..;
        let mut take = || {
            let at = next.next().unwrap_or_default();
            let cell = row.get_ref(at);
            cell.map_err(|error| bad(None, error.to_string()))
        };
        let id = match &self.table.key {
            None => None,
            Some(name) => match take()? {
                ValueRef::Integer(number) => Some(FeatureId::Number(number)),
                other => {
                    let found = cell::found(other);
                    return Err(bad(
                        Some(name),
                        format!("expected a whole number as the key, found {found}"),
                    ));
                }
            },
        };
        let (mut geometry, mut flattened) = (None, false);
        if let Some(name) = &self.table.geometry {
            let shape = match take()? {
                ValueRef::Null => Ok(None),
                ValueRef::Blob(bytes) => self.wkb(bytes).and_then(|wkb| {
                    let mut wkb = Wkb::new(wkb);
                    let shape = wkb.geometry();
                    flattened = wkb.flattened;
                    shape
                }),
                other => Err(format!("expected a geometry, found {}", cell::found(other))),
            };
            geometry = shape.map_err(|reason| bad(Some(name), reason))?;
        }
        let mut values = Vec::with_capacity(self.table.columns.len());
        for (column, form) in self.table.columns.iter().zip(&self.table.forms) {
            let cell = take()?;
            if self.skip.contains(&column.name) {
                values.push(Value::Null);
                continue;
            }
            let value = cell::value(column.kind, cell);
            let value = value.map_err(|reason| bad(Some(&column.name), reason))?;
            values.push(cell::formed(*form, value));
        }
        Ok(Record {
            number,
            id,
            values,
            geometry,
            flattened,
        })
    }

    /// The WKB behind a geometry's header (clause 2.1.3): magic, version, flags, SRS and box.
    fn wkb<'a>(&self, bytes: &'a [u8]) -> Result<&'a [u8], String> {
        let Some((&[b'G', b'P', version, flags], rest)) = bytes.split_first_chunk() else {
            return Err("its geometry does not start with GP".to_owned());
        };
        let early = || "its geometry ends too early".to_owned();
        if version != 0 || flags & (1 << 5) != 0 {
            return Err(format!(
                "its geometry is of an extension that is not read (version {version}, flags {flags})"
            ));
        }
        let (srs, rest) = rest.split_first_chunk().ok_or_else(early)?;
        let srs = if flags & 1 == 1 {
            i32::from_le_bytes(*srs)
        } else {
            i32::from_be_bytes(*srs)
        };
        let of = self.table.srs.unwrap_or_default();
        if i64::from(srs) != of {
            return Err(format!(
                "its geometry is in the SRS {srs}, its layer in {of}"
            ));
        }
        let box_bytes = match flags >> 1 & 0b111 {
            0 => 0,
            1 => 32,
            2 | 3 => 48,
            4 => 64,
            other => {
                return Err(format!(
                    "its geometry has a box of kind {other}, which is none"
                ));
            }
        };
        rest.get(box_bytes..).ok_or_else(early)
    }
}

/// What a cell is, where a column's type is not told.
fn kind(declared: &str) -> Option<Kind> {
    let upper = declared.trim().to_uppercase();
    let bare = upper.split('(').next().unwrap_or_default().trim();
    Some(match bare {
        "BOOLEAN" => Kind::Boolean,
        "DATE" => Kind::Date,
        "DATETIME" | "TIMESTAMP" => Kind::Timestamp,
        "FLOAT" | "DOUBLE" | "REAL" | "DOUBLE PRECISION" => Kind::Number,
        "BLOB" | "GEOMETRY" | "POINT" | "LINESTRING" | "POLYGON" | "MULTIPOINT"
        | "MULTILINESTRING" | "MULTIPOLYGON" | "GEOMETRYCOLLECTION" => return None,
        // As SQLite itself reads a declared type.
        other if other.contains("INT") => Kind::Integer,
        other
            if ["CHAR", "CLOB", "TEXT"]
                .iter()
                .any(|part| other.contains(part)) =>
        {
            Kind::Text
        }
        _ => Kind::Untyped,
    })
}

fn text(text: &str) -> Value {
    Value::Text(text.to_owned())
}
