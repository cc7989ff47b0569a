//! Draws the geodata of a plan folder: `cargo run --release --example draw [DIR]`.

use std::path::PathBuf;

use buju::draw::{DrawError, draw, write};

fn main() -> Result<(), DrawError> {
    let dir = PathBuf::from(std::env::args().nth(1).unwrap_or_else(|| ".".to_owned()));
    let files = draw(&dir)?;
    write(&dir, &files)?;
    for (name, collection) in &files {
        println!("{name}: {} features", collection.features.len());
    }
    Ok(())
}
