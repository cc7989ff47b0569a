//! A download: which format, and one function that writes any of them.
//!
//! Rows are taken from an iterator and never kept: a format is written as they come, or where it
//! cannot be (an index, a directory at its start) through a temporary file.

use std::fmt;
use std::io::Write;
use std::str::FromStr;

use super::error::EncodeError;
use super::formulas::Formulas;
use super::geojson::Link;
use super::{csv, flatgeobuf, geojson, geopackage, kml, parquet, shapefile, xlsx};
use crate::crs::{Crs, CrsError};
use crate::model::{CollectionInfo, Column, Feature};

/// A file format of features.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Format {
    /// RFC 7946.
    GeoJson,
    /// OGC Features and Geometries JSON.
    JsonFg,
    /// RFC 4180, geometry as WKT.
    Csv,
    /// Office Open XML spreadsheet, geometry as WKT.
    Xlsx,
    /// OGC `GeoPackage` 1.4.
    GeoPackage,
    /// `FlatGeobuf` 3.
    FlatGeobuf,
    /// ESRI shapefiles in one zip.
    Shapefile,
    /// OGC KML 2.2.
    Kml,
    /// `GeoParquet` 1.1.
    GeoParquet,
}

/// Rows to be written. The geometries are in `crs` already, longitude or easting first; a format
/// that wants the authority's order exchanges them itself.
pub struct Table<'a> {
    /// Whose rows they are.
    pub collection: &'a CollectionInfo,
    /// What each feature's values are: those of the collection, or a choice of them.
    pub columns: &'a [Column],
    /// Of the geometries.
    pub crs: Crs,
    /// The rows; an error ends the file.
    pub features: &'a mut dyn Iterator<Item = Result<Feature, CrsError>>,
}

/// What a caller may wish beyond the rows.
#[derive(Debug, Clone, Copy, Default)]
pub struct Wishes<'a> {
    /// CSV: begin with a byte order mark, by which Excel knows UTF-8.
    pub bom: bool,
    /// CSV: what is done with texts that a spreadsheet would run.
    pub formulas: Formulas,
    /// `GeoJSON`, JSON-FG: how many rows the whole query matches.
    pub matched: Option<usize>,
    /// `GeoJSON`, JSON-FG: the document's links.
    pub links: &'a [Link<'a>],
}

/// What is known of a format without writing it.
struct Facts {
    id: &'static str,
    media_type: &'static str,
    extension: &'static str,
    title: &'static str,
    streams: bool,
}

impl Format {
    /// All of them, the most asked for first.
    pub const ALL: [Self; 9] = [
        Self::GeoJson,
        Self::Csv,
        Self::Xlsx,
        Self::GeoPackage,
        Self::FlatGeobuf,
        Self::Shapefile,
        Self::Kml,
        Self::GeoParquet,
        Self::JsonFg,
    ];

    const fn facts(self) -> Facts {
        let (id, media_type, extension, title, streams) = match self {
            Self::GeoJson => (
                "geojson",
                "application/geo+json",
                "geojson",
                "GeoJSON",
                true,
            ),
            Self::JsonFg => (
                "jsonfg",
                "application/vnd.ogc.fg+json",
                "fg.json",
                "JSON-FG",
                true,
            ),
            Self::Csv => ("csv", "text/csv; charset=utf-8", "csv", "CSV", true),
            Self::Xlsx => (
                "xlsx",
                "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
                "xlsx",
                "Excel (XLSX)",
                false,
            ),
            Self::GeoPackage => (
                "gpkg",
                "application/geopackage+sqlite3",
                "gpkg",
                "GeoPackage",
                false,
            ),
            Self::FlatGeobuf => ("fgb", "application/flatgeobuf", "fgb", "FlatGeobuf", false),
            Self::Shapefile => (
                "shp",
                "application/zip",
                "shp.zip",
                "Shapefile (zip)",
                false,
            ),
            Self::Kml => (
                "kml",
                "application/vnd.google-earth.kml+xml",
                "kml",
                "KML",
                true,
            ),
            Self::GeoParquet => (
                "parquet",
                "application/vnd.apache.parquet",
                "parquet",
                "GeoParquet",
                true,
            ),
        };
        Facts {
            id,
            media_type,
            extension,
            title,
            streams,
        }
    }

    /// Its name in `f=` and `--format`.
    #[must_use]
    pub const fn id(self) -> &'static str {
        self.facts().id
    }

    /// Its media type, for `Accept` and `Content-Type`.
    #[must_use]
    pub const fn media_type(self) -> &'static str {
        self.facts().media_type
    }

    /// What its file's name ends with, without the first dot.
    #[must_use]
    pub const fn extension(self) -> &'static str {
        self.facts().extension
    }

    /// Its name for people, in either language.
    #[must_use]
    pub const fn title(self) -> &'static str {
        self.facts().title
    }

    /// True where bytes leave as rows come; false where the first byte waits for the last row.
    #[must_use]
    pub const fn streams(self) -> bool {
        self.facts().streams
    }

    /// True where programs read a remote file in parts: it has an index, or columns that stand together.
    #[must_use]
    pub const fn is_read_in_parts(self) -> bool {
        matches!(self, Self::GeoPackage | Self::FlatGeobuf | Self::GeoParquet)
    }

    /// True where its bytes are compressed already: a content coding would take time and save nothing.
    #[must_use]
    pub const fn is_compressed(self) -> bool {
        matches!(self, Self::Xlsx | Self::Shapefile | Self::GeoParquet)
    }

    /// True where a long result comes page by page, with links in it; false where a file has it all.
    #[must_use]
    pub const fn paged(self) -> bool {
        matches!(self, Self::GeoJson | Self::JsonFg)
    }

    /// The most columns of a collection that it can hold, less those that it adds itself.
    #[must_use]
    pub const fn most_columns(self) -> Option<usize> {
        match self {
            // SQLite's default; fid, geom and id.
            Self::GeoPackage => Some(2000 - 3),
            // dBASE; id.
            Self::Shapefile => Some(255 - 1),
            // Excel; id and geometry.
            Self::Xlsx => Some(16_384 - 2),
            // A value names its column by a number of 16 bits; id.
            Self::FlatGeobuf => Some(65_535 - 1),
            Self::GeoJson | Self::JsonFg | Self::Csv | Self::Kml | Self::GeoParquet => None,
        }
    }

    /// True where it can hold so many columns in such a CRS. What else it may refuse depends on the rows.
    #[must_use]
    pub fn takes(self, columns: usize, crs: Crs) -> bool {
        self.most_columns().is_none_or(|most| columns <= most)
            && self.only_crs().is_none_or(|only| only == crs)
    }

    /// The one CRS that it can hold, where it is bound to one.
    #[must_use]
    pub const fn only_crs(self) -> Option<Crs> {
        match self {
            Self::Kml => Some(Crs::Crs84),
            _ => None,
        }
    }
}

impl fmt::Display for Format {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(self.title())
    }
}

/// Not the name of a format.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "unknown format {0:?}: expected geojson, csv, xlsx, gpkg, fgb, shp, kml, parquet or jsonfg"
)]
pub struct FormatError(String);

impl FromStr for Format {
    type Err = FormatError;

    fn from_str(text: &str) -> Result<Self, FormatError> {
        let named = |format: &Self| format.id() == text;
        Self::ALL
            .into_iter()
            .find(named)
            .ok_or_else(|| FormatError(text.to_owned()))
    }
}

/// Writes a table in a format.
///
/// Every row of the table is in the file, with its id, every cell and its geometry. A null cell and
/// a null geometry stay null. What a format would cut is kept beside it in the same file, and told
/// there ([`Format::Shapefile`], [`Format::Xlsx`]); what it cannot hold at all is an error.
///
/// # Errors
/// A cell, geometry or CRS that the format cannot hold, with feature and column; a geometry that
/// cannot be converted; a disk or reader that fails. Bytes may have been written by then.
pub fn write(
    format: Format,
    table: Table,
    wishes: Wishes,
    out: &mut (dyn Write + Send),
) -> Result<(), EncodeError> {
    if let Some(only) = format.only_crs().filter(|only| *only != table.crs) {
        let crs = table.crs;
        return Err(EncodeError::Crs { format, only, crs });
    }
    let columns = table.columns.len();
    if let Some(most) = format.most_columns().filter(|most| columns > *most) {
        let reason = format!(
            "it has room for {most} columns, and {columns} are asked for; name fewer with properties="
        );
        return Err(format.size(table.collection, reason));
    }
    match format {
        Format::GeoJson => geojson::write(table, wishes, out),
        Format::JsonFg => geojson::write_fg(table, wishes, out),
        Format::Csv => csv::write(table, wishes, out),
        Format::Xlsx => xlsx::write(table, out),
        Format::GeoPackage => geopackage::write(table, out),
        Format::FlatGeobuf => flatgeobuf::write(table, out),
        Format::Shapefile => shapefile::write(table, out),
        Format::Kml => kml::write(table, out),
        Format::GeoParquet => parquet::write(table, out),
    }
}
