//! The audit: each check finds what it is for, and nothing that nearly is.

mod covers;
mod formats;
mod grids;
mod places;
mod reaches;
mod said;
mod settings;
pub mod town;
