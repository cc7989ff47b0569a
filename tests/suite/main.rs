//! The integration tests: one binary, a module per subject.

mod abstract_tests;
mod api;
mod api_links;
mod api_pages;
mod api_query;
mod bad_input;
mod cli;
mod conformance;
mod formats;
mod gdal;
mod http;
mod http_cache;
mod http_listen;
mod plan;
mod query;
mod query_cql2;
mod query_order;
mod query_random;
mod query_space;
mod stages;
mod support;
mod tile_sets;
mod tiles;
mod tiles_filtered;
mod types;
