//! HTTP: thin handlers between a request and the store.

mod answer;
mod assets;
mod coding;
mod conditional;
mod crs;
mod features;
mod links;
mod metadata;
mod params;
mod problem;
mod router;
mod state;
mod tiles;

pub use router::router;
pub use state::{App, Service};
