//! Owned values in, bytes out: a file per format.

mod conformance;
mod csv;
mod error;
mod flatgeobuf;
/// The forms that resources can be had in.
pub mod form;
mod format;
mod geojson;
mod geopackage;
pub mod html;
mod json;
mod kml;
mod metadata;
mod mvt;
mod names;
pub mod openapi;
mod parquet;
mod pbf;
mod poster;
mod rows;
mod schema;
mod search;
mod shapefile;
mod statistics;
mod table;
mod tile_geojson;
mod tile_matrix_set;
mod tileset;
mod wkb;
mod wkt;
mod xlsx;

pub use conformance::conformance;
pub use error::EncodeError;
pub use format::{Format, FormatError, Table, Wishes, write};
pub use geojson::{Link, feature, feature_collection};
pub use metadata::{collection, collections, landing, plan, tilejson};
pub use mvt::mvt;
pub use poster::{PosterLayer, poster};
pub use rows::selection;
pub use schema::{queryables, schema, sortables};
pub use search::search;
pub use statistics::statistics;
pub use table::table;
pub use tile_geojson::tile_geojson;
pub use tile_matrix_set::{tile_matrix_set, tile_matrix_sets};
pub use tileset::{TILING_SCHEME, tileset, tilesets};
