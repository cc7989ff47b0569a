//! Tiles: select, simplify, clip, quantize, merge what is too small. Pure functions; the planes of the tile matrix sets, Web
//! Mercator among them, never leave this stage.
//!
//! The number type names the space: `f64` is degrees or a position on the grid before rounding,
//! `i32` is a position on the tile's grid.

mod budget;
mod classes;
mod clip;
mod content;
mod coord;
mod cut;
mod frame;
mod grid_shapes;
mod junctions;
mod label;
mod layer;
mod matrix_set;
mod merge;
mod net;
mod plane;
mod repair;
mod simplify;
mod sound;
mod sums;

pub use content::{Tile, TileFeature, TileLayer};
pub use coord::TileCoord;
pub use cut::cut;
pub use frame::{BUFFER, EXTENT, Frame, Grid};
pub use grid_shapes::{GridKind, GridRing, GridShape, GridShapes};
pub use layer::Layer;
pub use matrix_set::{TileMatrixSet, TileMatrixSetError};
pub use merge::MergedFeature;

/// How many threads work side by side at load.
fn threads() -> usize {
    std::thread::available_parallelism().map_or(1, usize::from)
}
