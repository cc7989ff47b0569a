//! `GeoParquet` 1 and 2 (geoparquet.org), and Parquet with geometries of its own types or with WKB in a column of
//! bytes: geometries as WKB or as nested lists (`GeoArrow`), and columns that are not nested.
//!
//! Row groups are read one after another, and of each all columns in step, so memory holds a page of each
//! column and some rows. The crate that decodes pages believes their headers and has assertions where a file
//! is broken: [`guard`] looks at the headers first, and a panic in it is a broken file here.

mod arrow;
mod column;
mod geo;
mod guard;
mod kinds;

use std::fs::File;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use ::parquet::basic::Compression;
use ::parquet::errors::ParquetError;
use ::parquet::file::metadata::{ParquetMetaData, ParquetMetaDataReader, RowGroupMetaData};

use ::geo::Geometry;

use super::wkb::Wkb;
use super::{Bad, Each, Far, Layer, Options, Record, SourceError, layers};
use crate::model::Value;

use arrow::Shapes;
use column::Column;
use geo::{Geo, Wanted};
use guard::Budget;
use kinds::{Raw, Reading, ShapeReading};

/// Rows read at once.
const ROWS: usize = 1024;

/// A file whose metadata were read.
#[derive(Debug)]
pub(super) struct GeoParquet {
    path: PathBuf,
    metadata: Arc<ParquetMetaData>,
    /// The geometry's place among the leaves of the schema.
    geometry: ShapeReading,
    columns: Vec<Reading>,
    names: Vec<String>,
    records: u64,
}

/// Reads the metadata at the file's end.
pub(super) fn open(path: &Path, options: &Options) -> Result<(Layer, GeoParquet), SourceError> {
    let file = path.display().to_string();
    let name = layers::stem(path);
    layers::only(&file, &name, options.layer.as_deref())?;
    let source = opened(path, &file)?;
    let read = || ParquetMetaDataReader::new().parse_and_finish(&source);
    let metadata = decoded(&file, "its metadata", read)?;
    let records = rows(&file, &metadata)?;
    unpacks(&file, &metadata)?;
    let mut notes = Vec::new();
    let source = Arc::new(source);
    let wanted = Wanted {
        file: &file,
        geometry: options.geometry.as_deref(),
    };
    let is_wkb = |leaf| is_wkb(&file, &metadata, leaf, &source);
    let geo = Geo::of(&wanted, &metadata, &is_wkb, &mut notes)?;
    let schema = kinds::schema(&file, &metadata, &geo, &mut notes)?;
    let layer = Layer {
        name,
        columns: schema.columns.clone(),
        crs: geo.crs,
        records: Some(records),
        notes,
    };
    let reader = GeoParquet {
        path: path.to_owned(),
        metadata: Arc::new(metadata),
        geometry: schema.geometry,
        columns: schema.readings,
        names: schema
            .columns
            .into_iter()
            .map(|column| column.name)
            .collect(),
        records,
    };
    Ok((layer, reader))
}

fn opened(path: &Path, file: &str) -> Result<File, SourceError> {
    File::open(path).map_err(|error| SourceError::Io {
        file: file.to_owned(),
        reason: format!("cannot be read: {error}"),
    })
}

/// How many rows there are; the file says it twice.
fn rows(file: &str, metadata: &ParquetMetaData) -> Result<u64, SourceError> {
    let all = metadata.file_metadata().num_rows();
    let groups = metadata
        .row_groups()
        .iter()
        .map(|group| i128::from(group.num_rows()));
    let sum: i128 = groups.clone().sum();
    let whole = u64::try_from(all).ok();
    match whole.filter(|_| groups.clone().all(|rows| rows >= 0) && sum == i128::from(all)) {
        Some(rows) => Ok(rows),
        None => Err(SourceError::Broken {
            file: file.to_owned(),
            reason: format!("its metadata claim {all} rows, and {sum} in its row groups"),
        }),
    }
}

/// Whether the first cell of a leaf that is not null is a geometry as WKB.
fn is_wkb(
    file: &str,
    metadata: &ParquetMetaData,
    leaf: usize,
    source: &Arc<File>,
) -> Result<bool, SourceError> {
    let groups = (0..metadata.num_row_groups()).filter(|at| metadata.row_group(*at).num_rows() > 0);
    for at in groups {
        let group = metadata.row_group(at);
        let count = usize::try_from(group.num_rows())
            .unwrap_or_default()
            .min(ROWS);
        let first = || {
            let mut column = Column::open(group, leaf, source, &Arc::new(Budget::default()))?;
            column.fill(count)?;
            let cell = (0..count).find_map(|row| column.cell(row));
            Ok(cell.map(
                |cell| matches!(cell, Raw::Bytes(bytes) if Wkb::new(bytes).geometry().is_ok()),
            ))
        };
        let place = format!("row group {}", at + 1);
        if let Some(found) = decoded(file, &place, first)? {
            return Ok(found);
        }
    }
    Ok(false)
}

/// That its pages are packed in a way that is read.
fn unpacks(file: &str, metadata: &ParquetMetaData) -> Result<(), SourceError> {
    let columns = metadata
        .row_groups()
        .iter()
        .flat_map(RowGroupMetaData::columns);
    for column in columns {
        let name = match column.compression() {
            Compression::UNCOMPRESSED
            | Compression::SNAPPY
            | Compression::GZIP(_)
            | Compression::ZSTD(_)
            | Compression::BROTLI(_)
            | Compression::LZ4
            | Compression::LZ4_RAW => continue,
            Compression::LZO => "LZO",
        };
        return Err(SourceError::Unsupported {
            file: file.to_owned(),
            reason: format!(
                "it is packed with {name}, which is not read: write it again with snappy, zstd, gzip or unpacked"
            ),
        });
    }
    Ok(())
}

/// Runs the decoder; whatever it stumbles over is the file's fault.
fn decoded<T>(
    file: &str,
    what: &str,
    decode: impl FnOnce() -> Result<T, ParquetError>,
) -> Result<T, SourceError> {
    let reason = match catch_unwind(AssertUnwindSafe(decode)) {
        Ok(Ok(decoded)) => return Ok(decoded),
        Ok(Err(error)) => error.to_string(),
        Err(_) => "broken in a way that its decoder does not foresee".to_owned(),
    };
    Err(SourceError::Broken {
        file: file.to_owned(),
        reason: format!("{what} cannot be read (is the file cut short?): {reason}"),
    })
}

/// The geometries of a row group.
enum Geometries {
    Wkb(Box<Column>),
    Arrow(Box<Shapes>),
}

impl Geometries {
    fn fill(&mut self, count: usize) -> Result<(), ParquetError> {
        match self {
            Self::Wkb(column) => column.fill(count),
            Self::Arrow(shapes) => shapes.fill(count),
        }
    }

    /// The geometry of a row, and true where heights or measures of it were left out.
    fn geometry(&self, row: usize) -> Result<(Option<Geometry<f64>>, bool), String> {
        match self {
            Self::Arrow(shapes) => shapes.geometry(row),
            Self::Wkb(column) => match column.cell(row) {
                Some(Raw::Bytes(bytes)) => {
                    let mut wkb = Wkb::new(bytes);
                    let geometry = wkb.geometry()?;
                    Ok((geometry, wkb.flattened))
                }
                _ => Ok((None, false)),
            },
        }
    }
}

impl GeoParquet {
    pub fn read(&self, far: Far, each: Each) -> Result<(), SourceError> {
        let file = self.path.display().to_string();
        let source = Arc::new(opened(&self.path, &file)?);
        let length = source.metadata().ok().map(|data| data.len());
        let mut number = 0;
        for at in 0..self.metadata.num_row_groups() {
            let place = format!("row group {}", at + 1);
            let open = || self.group(at, &source);
            let (mut shapes, mut columns) = decoded(&file, &place, open)?;
            let rows = self.metadata.row_group(at).num_rows();
            let mut left = usize::try_from(rows).unwrap_or_default();
            while left > 0 {
                let count = left.min(ROWS);
                decoded(&file, &format!("geometries of {place}"), || {
                    shapes.fill(count)
                })?;
                for column in &mut columns {
                    let place = format!("column {} of {place}", column.name());
                    decoded(&file, &place, || column.fill(count))?;
                }
                for row in 0..count {
                    number += 1;
                    if !each(self.record(number, row, &shapes, &columns)) {
                        return Ok(());
                    }
                }
                left -= count;
                far(self.bytes(number, length), length);
            }
        }
        Ok(())
    }

    fn group(
        &self,
        at: usize,
        source: &Arc<File>,
    ) -> Result<(Geometries, Vec<Column>), ParquetError> {
        let budget = Arc::new(Budget::default());
        let group = self.metadata.row_group(at);
        let geometries = match self.geometry {
            ShapeReading::Wkb(leaf) => {
                Geometries::Wkb(Box::new(Column::open(group, leaf, source, &budget)?))
            }
            ShapeReading::Arrow(leaves) => {
                Geometries::Arrow(Box::new(Shapes::open(group, leaves, source, &budget)?))
            }
        };
        let open = |reading: &Reading| Column::open(group, reading.leaf, source, &budget);
        let columns = self.columns.iter().map(open).collect::<Result<_, _>>()?;
        Ok((geometries, columns))
    }

    fn record(
        &self,
        number: u64,
        row: usize,
        shapes: &Geometries,
        columns: &[Column],
    ) -> Result<Record, Bad> {
        let bad = |column: Option<&String>, reason: String| Bad {
            number,
            column: column.cloned(),
            reason,
        };
        let cells = columns.iter().map(|column| column.cell(row));
        let (geometry, flattened) = shapes.geometry(row).map_err(|reason| bad(None, reason))?;
        let mut values = Vec::with_capacity(self.columns.len());
        for ((cell, reading), name) in cells.zip(&self.columns).zip(&self.names) {
            let value = cell.map_or(Ok(Value::Null), |raw| reading.how.value(raw));
            values.push(value.map_err(|reason| bad(Some(name), reason))?);
        }
        Ok(Record {
            number,
            id: None,
            values,
            geometry,
            flattened,
        })
    }

    /// How many bytes so many rows are, had all of them as many.
    fn bytes(&self, number: u64, length: Option<u64>) -> u64 {
        let all = u128::from(length.unwrap_or_default()) * u128::from(number);
        u64::try_from(all / u128::from(self.records.max(1))).unwrap_or_default()
    }
}
