//! The page and the shipped plan are embedded in the binary, so they must be there first. The program
//! knows what it was built from.

use std::hash::{DefaultHasher, Hasher};
use std::path::{Path, PathBuf};
use std::{fs, io};

/// What the bytes of an answer follow from, beside the data.
const SOURCES: [&str; 3] = ["src", "Cargo.toml", "Cargo.lock"];

fn main() -> io::Result<()> {
    for embedded in ["web/dist", "seeds", "geodata"].iter().chain(&SOURCES) {
        println!("cargo::rerun-if-changed={embedded}");
    }
    if !Path::new("web/dist/index.html").is_file() {
        println!(
            "cargo::error=web/dist/index.html is missing: run ./dev build, which makes the page first"
        );
    }
    let mut files = Vec::new();
    for source in SOURCES {
        collect(source.into(), &mut files)?;
    }
    files.sort();
    let mut digest = DefaultHasher::new();
    for file in files {
        digest.write(file.as_os_str().as_encoded_bytes());
        let content = fs::read(file)?;
        // Else bytes could move from one file to the next unseen.
        digest.write_usize(content.len());
        digest.write(&content);
    }
    println!("cargo::rustc-env=BUJU_BUILD={:016x}", digest.finish());
    Ok(())
}

/// A file, or those of a folder.
fn collect(path: PathBuf, files: &mut Vec<PathBuf>) -> io::Result<()> {
    if path.is_dir() {
        for entry in fs::read_dir(path)? {
            collect(entry?.path(), files)?;
        }
    } else {
        files.push(path);
    }
    Ok(())
}
