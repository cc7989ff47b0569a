//! Owned values in, bytes out: a file per format.

mod conformance;
mod csv;
/// The forms that resources can be had in.
pub mod form;
mod geojson;
pub mod html;
mod metadata;
mod mvt;
pub mod openapi;
mod schema;
mod table;
mod tile_geojson;
mod tileset;

pub use conformance::conformance;
pub use csv::csv;
pub use geojson::{Link, feature, feature_collection};
pub use metadata::{collection, collections, landing, plan, tilejson};
pub use mvt::{MvtError, mvt};
pub use schema::{queryables, schema, sortables};
pub use table::table;
pub use tile_geojson::tile_geojson;
pub use tileset::{
    TILING_SCHEME, WEB_MERCATOR_QUAD, tile_matrix_set, tile_matrix_sets, tileset, tilesets,
};
