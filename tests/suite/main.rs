//! The integration tests: one binary, a module per subject.

mod api;
mod api_links;
mod api_pages;
mod bad_input;
mod cli;
mod gdal;
mod http;
mod plan;
mod query;
mod stages;
mod support;
mod tiles;
