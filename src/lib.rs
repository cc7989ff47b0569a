//! Buju serves a town plan's project layout from a folder of plain files.
//!
//! The stages, in the order in which data flows through them. A file may `use crate::` only what
//! stands above its own stage in this list; a test over the source tree keeps that order.

/// Nouns: plan, collection, column, value, feature, box.
pub mod model;

/// Coordinate reference systems, through PROJ.
pub mod crs;

/// Files of other programs, read record by record.
pub mod source;

/// Drawing: a recipe, control points and the register's areas become the files of `geodata/`.
pub mod draw;

/// From a folder of plain files to checked rows.
pub mod ingest;

/// One immutable version of a plan: typed columns, R-trees, attribute indices.
pub mod snapshot;

/// Which rows: box, filters, plan.
pub mod query;

/// What the features of a plan are to each other, and what looks wrong about it.
pub mod audit;

/// What has changed between two plans.
pub mod diff;

/// Tiles: select, simplify, clip, quantize.
pub mod tile;

/// Owned values in, bytes out.
pub mod encode;

/// From a file of another program to a collection of a plan folder.
pub mod import;

/// The seam: owned answers to owned questions.
pub mod store;

/// The one grammar of parameters: words in, a query out.
pub mod grammar;

/// Routes, layers, parameters, thin handlers; versions that take each other's place.
pub mod http;

/// The command line.
pub mod cli;
