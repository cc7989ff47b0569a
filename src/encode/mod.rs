//! Owned values in, bytes out: a file per format.

mod csv;
mod error;
mod flatgeobuf;
mod format;
mod geojson;
mod geopackage;
mod kml;
mod metadata;
mod mvt;
mod names;
mod parquet;
mod shapefile;
mod table;
mod tile_geojson;
mod wkb;
mod wkt;
mod xlsx;

pub use csv::csv;
pub use error::EncodeError;
pub use format::{Format, FormatError, Table, Wishes, write};
pub use geojson::{Link, feature, feature_collection};
pub use metadata::{collection, collections, landing, plan, tilejson};
pub use mvt::{MvtError, mvt};
pub use table::table;
pub use tile_geojson::tile_geojson;
