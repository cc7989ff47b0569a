//! Tiles: select, simplify, clip, quantize. Pure functions; the planes of the tile matrix sets, Web
//! Mercator among them, never leave this stage.
//!
//! The number type names the space: `f64` is degrees or a position on the grid before rounding,
//! `i32` is a position on the tile's grid.

mod clip;
mod coord;
mod cut;
mod frame;
mod layer;
mod matrix_set;
mod plane;
mod repair;
mod simplify;

pub use coord::TileCoord;
pub use cut::{Tile, TileFeature, TileLayer, cut};
pub use frame::{BUFFER, EXTENT, Frame, Grid};
pub use layer::Layer;
pub use matrix_set::{TileMatrixSet, TileMatrixSetError};
