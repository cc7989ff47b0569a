//! Owned values in, bytes out: a file per format.

mod csv;
mod geojson;
mod metadata;
mod mvt;
mod table;
mod tile_geojson;

pub use csv::csv;
pub use geojson::{Link, feature, feature_collection};
pub use metadata::{collection, collections, landing, plan, tilejson};
pub use mvt::{MvtError, mvt};
pub use table::table;
pub use tile_geojson::tile_geojson;
