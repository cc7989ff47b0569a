//! Buju serves a town plan's project layout from a folder of plain files.
//!
//! The stages, in the order in which data flows through them. A file may `use crate::` only what
//! stands above its own stage in this list; a test over the source tree keeps that order.

/// Nouns: plan, collection, column, value, feature, box.
pub mod model;

/// Coordinate reference systems, through PROJ.
pub mod crs;

/// Drawing: a recipe, control points and the register's areas become the files of `geodata/`.
pub mod draw;
