use super::exposition::EXPOSITION;
use super::format::Format;
use crate::crs::Crs;

/// A form that a resource can be had in.
#[derive(Debug, PartialEq, Eq)]
pub struct Form {
    /// What `f` calls it, the best name first.
    pub names: &'static [&'static str],
    /// Its media type as sent, with parameters where it has them.
    pub media: &'static str,
    /// Media types that it is as well: GeoJSON is JSON.
    pub also: &'static [&'static str],
}

/// A page for people.
pub const HTML: Form = Form {
    names: &["html"],
    media: "text/html; charset=utf-8",
    also: &["application/xhtml+xml"],
};
/// JSON of no other kind.
pub const JSON: Form = Form {
    names: &["json"],
    media: "application/json",
    also: &[],
};
/// JSON Schema.
pub const SCHEMA: Form = Form {
    names: &["json"],
    media: "application/schema+json",
    also: &["application/json"],
};
/// OpenAPI 3.0 in JSON.
pub const OPENAPI: Form = Form {
    names: &["json"],
    media: "application/vnd.oai.openapi+json;version=3.0",
    also: &["application/openapi+json", "application/json"],
};
/// GeoJSON.
pub const GEOJSON: Form = Form {
    names: &["geojson", "json"],
    media: "application/geo+json",
    also: &["application/json"],
};
/// Comma-separated values.
pub const CSV: Form = Form {
    names: &["csv"],
    media: "text/csv; charset=utf-8",
    also: &[],
};
/// Excel.
pub const XLSX: Form = download(Format::Xlsx, &["xlsx"], &[]);
/// `GeoPackage`.
pub const GPKG: Form = download(Format::GeoPackage, &["gpkg"], &[]);
/// `FlatGeobuf`. No type is registered; QGIS and ldproxy write the first, STAC the second.
pub const FGB: Form = download(
    Format::FlatGeobuf,
    &["fgb"],
    &["application/vnd.flatgeobuf"],
);
/// Shapefiles in a zip.
pub const SHP: Form = download(Format::Shapefile, &["shp"], &[]);
/// KML.
pub const KML: Form = download(Format::Kml, &["kml"], &[]);
/// `GeoParquet`.
pub const PARQUET: Form = download(Format::GeoParquet, &["parquet"], &[]);
/// JSON-FG. Clients that ask by type must be able to tell it from `GeoJSON`.
pub const JSONFG: Form = download(Format::JsonFg, &["jsonfg"], &["application/fg+json"]);

const fn download(
    format: Format,
    names: &'static [&'static str],
    also: &'static [&'static str],
) -> Form {
    Form {
        names,
        media: format.media_type(),
        also,
    }
}

/// Mapbox Vector Tile.
pub const MVT: Form = Form {
    names: &["mvt"],
    media: "application/vnd.mapbox-vector-tile",
    also: &["application/x-protobuf"],
};
/// Whatever kind of picture another server has.
pub const PICTURE: Form = Form {
    names: &["image"],
    media: "image/*",
    also: &[],
};
/// A drawing.
pub const SVG: Form = Form {
    names: &["svg"],
    media: "image/svg+xml",
    also: &[],
};
/// Prometheus' text format.
pub const METRICS: Form = Form {
    names: &["txt"],
    media: EXPOSITION,
    also: &[],
};
/// Plain text.
pub const TEXT: Form = Form {
    names: &["txt"],
    media: "text/plain; charset=utf-8",
    also: &[],
};

impl Form {
    /// The download that it is, where it is one.
    #[must_use]
    pub fn format(&self) -> Option<Format> {
        let bare = |format: &Format| format.media_type() == self.media;
        Format::ALL.into_iter().find(bare)
    }

    /// True where it can hold so many columns in such a CRS.
    #[must_use]
    pub fn takes(&self, columns: usize, crs: Crs) -> bool {
        self.format()
            .is_none_or(|format| format.takes(columns, crs))
    }

    /// Its media type without parameters.
    #[must_use]
    pub fn bare(&self) -> &'static str {
        self.media.split(';').next().unwrap_or(self.media)
    }
}
