//! The `buju` program.
fn main() {}
