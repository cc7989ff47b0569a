use std::path::{Path, PathBuf};

use rust_embed::RustEmbed;

/// Where a plan's files are.
#[derive(Debug, Clone)]
pub enum PlanFiles {
    /// Inside the binary: the plan that the program ships with.
    Shipped,
    /// A folder with `seeds/` and `geodata/`.
    Folder(PathBuf),
}

/// A file or folder that cannot be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{path}: {reason}")]
pub struct FileError {
    /// As it was given.
    pub path: String,
    /// In the system's words.
    pub reason: String,
}

#[derive(RustEmbed)]
#[folder = "seeds"]
struct Seeds;

#[derive(RustEmbed)]
#[folder = "geodata"]
struct Geodata;

impl PlanFiles {
    /// The folder given, or the shipped plan.
    #[must_use]
    pub fn new(folder: Option<&Path>) -> Self {
        folder.map_or(Self::Shipped, |folder| Self::Folder(folder.to_owned()))
    }

    pub(super) fn check_folder(&self) -> Result<(), FileError> {
        let Self::Folder(folder) = self else {
            return Ok(());
        };
        let fails = |reason: String| FileError {
            path: folder.display().to_string(),
            reason,
        };
        match folder.metadata() {
            Ok(entry) if entry.is_dir() => Ok(()),
            Ok(_) => Err(fails("expected a plan folder, found a file".to_owned())),
            Err(error) => Err(fails(format!("the plan folder cannot be read: {error}"))),
        }
    }

    /// Reads `seeds/NAME` or `geodata/NAME`.
    pub(super) fn read(&self, file: &str) -> Result<Vec<u8>, FileError> {
        let fails = |reason: String| FileError {
            path: file.to_owned(),
            reason,
        };
        match self {
            Self::Folder(folder) => std::fs::read(folder.join(file))
                .map_err(|error| fails(format!("cannot be read: {error}"))),
            Self::Shipped => {
                let found = match file.split_once('/') {
                    Some(("seeds", name)) => Seeds::get(name),
                    Some(("geodata", name)) => Geodata::get(name),
                    _ => None,
                };
                found
                    .map(|embedded| embedded.data.into_owned())
                    .ok_or_else(|| fails("is not in the shipped plan".to_owned()))
            }
        }
    }
}
