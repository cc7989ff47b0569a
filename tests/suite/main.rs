//! The integration tests: one binary, a module per subject.

mod bad_input;
mod cli;
mod gdal;
mod http;
mod plan;
mod query;
mod stages;
mod support;
mod tiles;
