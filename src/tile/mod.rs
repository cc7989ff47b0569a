//! Tiles: select, simplify, clip, quantize. Pure functions; Web Mercator never leaves this stage.
//!
//! The number type names the space: `f64` is degrees or a position on the grid before rounding,
//! `i32` is a position on the tile's grid.

mod clip;
mod coord;
mod cut;
mod frame;
mod layer;
mod mercator;
mod repair;
mod simplify;

pub use coord::{MAX_ZOOM, TileCoord};
pub use cut::{Tile, TileFeature, TileLayer, cut};
pub use frame::{BUFFER, EXTENT, Frame, Grid};
pub use layer::Layer;
