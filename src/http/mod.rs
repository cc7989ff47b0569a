//! HTTP: thin handlers between a request and the store.

mod answer;
mod asked;
mod assets;
mod cache;
mod coding;
mod conditional;
mod crs;
mod documents;
mod download;
mod every_answer;
mod features;
mod flight;
mod inputs;
mod items;
mod links;
mod listen;
mod metadata;
mod negotiate;
mod pages;
mod params;
mod problem;
mod problem_page;
mod router;
mod state;
mod statistics;
mod tile_query;
mod tiles;
mod tilesets;
mod work;

pub use listen::{Limits, serve};
pub use router::router;
pub use state::{App, Service};
pub use work::threads;
