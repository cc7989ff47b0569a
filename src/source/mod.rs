//! Files of other programs, read record by record.
//!
//! A file per format. Each says first what a layer is ([`Layer`]: its columns, its CRS, what had to be
//! assumed), then gives its records in the file's order, as often as asked: what is to be inferred is read
//! twice. Nothing is converted here: coordinates are in the file's CRS, easting or longitude first, and
//! cells as the file has them. Memory is bounded by the largest record, never by what a header claims.

mod charset;
pub(crate) mod chunks;
mod columns;
mod content;
mod coordinate;
mod csv;
mod decoding;
mod encoding;
mod error;
mod evidence;
pub(crate) mod fgb;
mod flatgeobuf;
mod geojson;
mod geopackage;
mod geoparquet;
mod header;
mod heading;
mod held;
mod inside;
mod kml;
mod layers;
pub(crate) mod nested;
mod options;
mod pairs;
mod parts;
mod places;
mod regular;
mod scalar;
mod shape;
mod shapefile;
pub(crate) mod skim;
mod skip;
pub(crate) mod split;
pub(crate) mod times;
mod totals;
mod wkb;
mod wkt;
mod xlsx;
mod zip;

use std::path::Path;

use geo::Geometry;

use crate::crs::Crs;
use crate::model::{FeatureId, Value};

pub use error::{Bad, SourceError};
pub(crate) use inside::leads_out;
pub use options::{HeaderRows, Options, TableOptions};
pub(crate) use parts::members;
pub(crate) use regular::regular;
pub use shapefile::definition;
use skip::Skipped;

/// What is known of a layer before its records.
#[derive(Debug, Clone, PartialEq)]
pub struct Layer {
    /// Its name, for messages; of a format with one layer the file's stem.
    pub name: String,
    /// Its columns, in the file's order, the geometry's apart.
    pub columns: Vec<SourceColumn>,
    /// Of its coordinates.
    pub crs: SourceCrs,
    /// How many records its header claims: to tell progress by, never to allocate by.
    pub records: Option<u64>,
    /// What was assumed or left out, a sentence each: `no .cpg: the texts are read as GB18030`.
    pub notes: Vec<String>,
}

/// A column as its file describes it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SourceColumn {
    /// Its name, decoded.
    pub name: String,
    /// What its cells are.
    pub kind: Kind,
}

/// What the cells of a column are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Typed by the file: cells are [`Value::Integer`].
    Integer,
    /// Cells are [`Value::Number`].
    Number,
    /// Cells are [`Value::Boolean`].
    Boolean,
    /// Cells are [`Value::Date`].
    Date,
    /// Cells are [`Value::Timestamp`].
    Timestamp,
    /// Cells are [`Value::Text`].
    Text,
    /// The format does not type its cells (CSV, KML) or each on its own (`GeoJSON`, XLSX): texts may be numbers.
    Untyped,
}

/// How a layer's CRS is known.
#[derive(Debug, Clone, PartialEq)]
pub enum SourceCrs {
    /// By a code, or by its format.
    Known(Crs),
    /// By a definition in WKT, such as of a table of reference systems without a code.
    Wkt(String),
    /// The same in a file of its own.
    Prj {
        /// The file.
        file: String,
        /// What stands in it.
        wkt: String,
    },
    /// Not at all.
    Untold,
}

/// A record as its file has it.
#[derive(Debug, Clone, PartialEq)]
pub struct Record {
    /// Counted from 1, as people count rows; a header is none.
    pub number: u64,
    /// Its id, where the format has one beside its columns (`GeoJSON`, a `GeoPackage`'s key).
    pub id: Option<FeatureId>,
    /// One per column. A text may be empty: it is a null then, which whoever takes it over tells of.
    pub values: Vec<Value>,
    /// None where the file has none for it. All coordinates are finite and of two dimensions.
    pub geometry: Option<Geometry<f64>>,
    /// True where heights or measures were left out of the geometry.
    pub flattened: bool,
}

/// Hears a record, or what is wrong with it; answers false to hear no more.
pub type Each<'a> = &'a mut dyn FnMut(Result<Record, Bad>) -> bool;

/// Hears how many bytes of how many were read.
pub type Far<'a> = &'a mut dyn FnMut(u64, Option<u64>);

/// Answers true once reading is to stop.
pub type Stopped<'a> = &'a dyn Fn() -> bool;

/// The formats, by the ending of a file's name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FileFormat {
    /// A feature collection (RFC 7946).
    GeoJson,
    /// A feature per line, or a text sequence (RFC 8142).
    GeoJsonLines,
    /// ESRI Shapefile, by its `.shp`.
    Shapefile,
    /// The same in a zip archive.
    ZippedShapefile,
    /// OGC `GeoPackage`.
    GeoPackage,
    /// `FlatGeobuf` 3.
    FlatGeobuf,
    /// `GeoParquet` 1 and 2, and Parquet with geometries.
    GeoParquet,
    /// OGC KML 2.2.
    Kml,
    /// RFC 4180, places as WKT or in two columns.
    Csv,
    /// Office Open XML spreadsheet, places as in CSV.
    Xlsx,
}

impl FileFormat {
    /// By the name's ending.
    #[must_use]
    pub fn of(path: &Path) -> Option<Self> {
        let ending = path.extension()?.to_str()?.to_lowercase();
        Some(match ending.as_str() {
            "geojson" | "json" => Self::GeoJson,
            "ndjson" | "geojsonl" | "geojsons" => Self::GeoJsonLines,
            "shp" => Self::Shapefile,
            "zip" => Self::ZippedShapefile,
            "gpkg" => Self::GeoPackage,
            "fgb" => Self::FlatGeobuf,
            "parquet" | "geoparquet" => Self::GeoParquet,
            "kml" => Self::Kml,
            "csv" | "tsv" => Self::Csv,
            "xlsx" => Self::Xlsx,
            _ => return None,
        })
    }

    /// True where files may not have texts in another encoding.
    fn is_unicode(self) -> bool {
        !matches!(self, Self::Shapefile | Self::ZippedShapefile | Self::Csv)
    }
}

/// A file that is open, one layer of it chosen.
#[derive(Debug)]
pub struct Source {
    layer: Layer,
    reader: Reader,
    /// Columns behind those of the format.
    parts: Vec<parts::Part>,
    /// Columns that are left out.
    skipped: Skipped,
}

/// A reader per format: `open` in its file gives it with its layer.
#[derive(Debug)]
enum Reader {
    GeoJson(geojson::GeoJson),
    GeoPackage(geopackage::GeoPackage),
    FlatGeobuf(flatgeobuf::FlatGeobuf),
    GeoParquet(Box<geoparquet::GeoParquet>),
    Kml(kml::Kml),
    /// From a folder or an archive.
    Shapefile(shapefile::Shapefile),
    Csv(csv::Table),
    Xlsx(xlsx::Table),
}

/// Why an option is refused that means nothing for a format; none where all fit.
fn unfit(options: &Options, format: FileFormat) -> Option<String> {
    if let Some(label) = options.encoding.as_ref().filter(|_| format.is_unicode()) {
        return Some(format!(
            "--encoding {label}: only shapefiles and CSV have texts in an encoding that has to be told; leave it out"
        ));
    }
    if let Some(column) = &options.geometry
        && format != FileFormat::GeoParquet
    {
        return Some(format!(
            "--geometry {column}: only Parquet has geometries in a column that has to be named; leave it out"
        ));
    }
    if let Some(option) = options.table.told().first()
        && !matches!(format, FileFormat::Csv | FileFormat::Xlsx)
    {
        return Some(format!(
            "{option}: only CSV and XLSX are tables of cells; leave it out"
        ));
    }
    (options.table.fill_merged && format != FileFormat::Xlsx)
        .then(|| "--fill-merged: only XLSX has merged cells; leave it out".to_owned())
}

impl Source {
    /// Opens a file by the ending of its name, and reads what is known before its records.
    ///
    /// # Errors
    /// The file cannot be read, is not of its format, or has several layers of which none was chosen.
    pub fn open(path: &Path, options: &Options) -> Result<Self, SourceError> {
        Self::open_until(path, options, &|| false)
    }

    /// The same, until somebody stops it: what is known only at a file's end takes a while.
    ///
    /// # Errors
    /// As [`Self::open`], or it was stopped.
    pub fn open_until(
        path: &Path,
        options: &Options,
        stopped: Stopped,
    ) -> Result<Self, SourceError> {
        let file = path.display().to_string();
        if path
            .extension()
            .is_some_and(|ending| ending.eq_ignore_ascii_case("kmz"))
        {
            let reason =
                "a KMZ is a zip archive of KML: unpack it, and name the .kml in it".to_owned();
            return Err(SourceError::Unsupported { file, reason });
        }
        let format = FileFormat::of(path).ok_or_else(|| SourceError::Unsupported {
            file: file.clone(),
            reason: "its ending is none of .geojson, .json, .ndjson, .geojsonl, .geojsons, .shp, .zip, .gpkg, .fgb, .parquet, \
                     .geoparquet, .kml, .csv, .tsv, .xlsx"
                .to_owned(),
        })?;
        regular(path).map_err(|error| SourceError::Io {
            file: file.clone(),
            reason: format!("cannot be read: {error}"),
        })?;
        content::fits(path, &file, format)?;
        if let Some(reason) = unfit(options, format) {
            return Err(SourceError::Unsupported { file, reason });
        }
        let (mut layer, reader) = match format {
            FileFormat::GeoJson | FileFormat::GeoJsonLines => {
                let lines = format == FileFormat::GeoJsonLines;
                let (layer, reader) = geojson::open(path, lines, options, stopped)?;
                (layer, Reader::GeoJson(reader))
            }
            FileFormat::Shapefile => {
                let (layer, reader) = shapefile::open(path, options)?;
                (layer, Reader::Shapefile(reader))
            }
            FileFormat::ZippedShapefile => {
                let (layer, reader) = zip::open(path, options)?;
                (layer, Reader::Shapefile(reader))
            }
            FileFormat::GeoPackage => {
                let (layer, reader) = geopackage::open(path, options)?;
                (layer, Reader::GeoPackage(reader))
            }
            FileFormat::FlatGeobuf => {
                let (layer, reader) = flatgeobuf::open(path, options)?;
                (layer, Reader::FlatGeobuf(reader))
            }
            FileFormat::GeoParquet => {
                let (layer, reader) = geoparquet::open(path, options)?;
                (layer, Reader::GeoParquet(Box::new(reader)))
            }
            FileFormat::Kml => {
                let (layer, reader) = kml::open(path, options, stopped)?;
                (layer, Reader::Kml(reader))
            }
            FileFormat::Csv => {
                let (layer, reader) = csv::open(path, options, stopped)?;
                (layer, Reader::Csv(reader))
            }
            FileFormat::Xlsx => {
                let (layer, reader) = xlsx::open(path, options, stopped)?;
                (layer, Reader::Xlsx(reader))
            }
        };
        let skipped = Skipped::new(&mut layer, &options.skip)
            .map_err(|reason| SourceError::Unsupported { file, reason })?;
        let parts = parts::add(&mut layer, &options.parts);
        Ok(Self {
            layer,
            reader,
            parts,
            skipped,
        })
    }

    /// What is known of the layer.
    #[must_use]
    pub fn layer(&self) -> &Layer {
        &self.layer
    }

    /// Returns what was found while records were read, a sentence each: coordinates that are no plain numbers.
    #[must_use]
    pub fn found(&self) -> Vec<String> {
        let note = match &self.reader {
            Reader::Csv(table) => table.found(),
            Reader::Xlsx(table) => table.found(),
            _ => None,
        };
        note.into_iter().collect()
    }

    /// Reads all records, from the first; may be called again.
    ///
    /// # Errors
    /// The file ends within a record, or is broken in a way that leaves nothing to read after it.
    pub fn read(&self, far: Far, each: Each) -> Result<(), SourceError> {
        let mut filled = |record: Result<Record, Bad>| {
            each(record.map(|mut record| {
                self.skipped.apply(&mut record);
                parts::fill(&mut record, &self.parts);
                record
            }))
        };
        let each: Each = if self.skipped.is_empty() && self.parts.is_empty() {
            each
        } else {
            &mut filled
        };
        match &self.reader {
            Reader::GeoJson(reader) => reader.read(far, each),
            Reader::GeoPackage(reader) => reader.read(far, each),
            Reader::FlatGeobuf(reader) => reader.read(far, each),
            Reader::GeoParquet(reader) => reader.read(far, each),
            Reader::Kml(reader) => reader.read(far, each),
            Reader::Shapefile(reader) => reader.read(far, each),
            Reader::Csv(reader) => reader.read(far, each),
            Reader::Xlsx(reader) => reader.read(far, each),
        }
    }
}
