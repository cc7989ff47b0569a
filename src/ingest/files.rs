use std::borrow::Cow;
use std::io::{Cursor, Read};
use std::path::{Path, PathBuf};

use rust_embed::RustEmbed;

use super::settings::{COLLECTIONS, PLAN};
use crate::source::{leads_out, regular};

/// Where a plan's files are.
#[derive(Debug, Clone)]
pub enum PlanFiles {
    /// Inside the binary: the plan that the program ships with.
    Shipped,
    /// A folder with `seeds/` and `geodata/`.
    Folder(PathBuf),
    /// A folder with some files as they would be: `seeds/NAME` or `geodata/NAME`, and where that is now.
    Changed(PathBuf, Vec<(String, PathBuf)>),
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
        let (Self::Folder(folder) | Self::Changed(folder, _)) = self else {
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

    /// Where a file is, if it is on disk. A link may lead to another place in the plan folder, as those of
    /// a mounted Kubernetes `ConfigMap` do, and the folder may be a link itself; but a plan cannot make a file of
    /// the machine its own.
    pub(super) fn path(&self, file: &str) -> Result<Option<PathBuf>, FileError> {
        let (folder, path) = match self {
            Self::Shipped => return Ok(None),
            Self::Folder(folder) => (folder, folder.join(file)),
            Self::Changed(folder, changed) => match changed.iter().find(|(name, _)| name == file) {
                Some((_, path)) => return Ok(Some(path.clone())),
                None => (folder, folder.join(file)),
            },
        };
        if leads_out(folder, &path) {
            let key = match file {
                PLAN | COLLECTIONS => String::new(),
                _ if file.starts_with("seeds/") => format!(", named by register in {PLAN}"),
                _ => format!(", named by source in {COLLECTIONS}"),
            };
            let reason =
                format!("is a link that leads out of the plan folder{key}; expected a file inside");
            return Err(fails(file, reason));
        }
        Ok(Some(path))
    }

    /// How long a file is, as far as that is known without reading it.
    pub(super) fn length(&self, file: &str) -> Option<u64> {
        match self.path(file).ok()? {
            Some(path) => Some(path.metadata().ok()?.len()),
            None => Some(shipped(file).ok()?.len() as u64),
        }
    }

    /// Opens `seeds/NAME` or `geodata/NAME`.
    pub(super) fn open(&self, file: &str) -> Result<Box<dyn Read>, FileError> {
        match self.path(file)? {
            Some(path) => match regular(&path) {
                Ok(source) => Ok(Box::new(source)),
                Err(error) => Err(fails(file, format!("cannot be read: {error}"))),
            },
            None => Ok(Box::new(Cursor::new(shipped(file)?))),
        }
    }

    /// Reads `seeds/NAME` or `geodata/NAME`.
    pub(super) fn read(&self, file: &str) -> Result<Vec<u8>, FileError> {
        match self.path(file)? {
            Some(path) => {
                let mut bytes = Vec::new();
                let read = regular(&path).and_then(|mut source| source.read_to_end(&mut bytes));
                read.map_err(|error| fails(file, format!("cannot be read: {error}")))?;
                Ok(bytes)
            }
            None => shipped(file).map(Cow::into_owned),
        }
    }
}

fn shipped(file: &str) -> Result<Cow<'static, [u8]>, FileError> {
    let found = match file.split_once('/') {
        Some(("seeds", name)) => Seeds::get(name),
        Some(("geodata", name)) => Geodata::get(name),
        _ => None,
    };
    found
        .map(|embedded| embedded.data)
        .ok_or_else(|| fails(file, "is not in the shipped plan".to_owned()))
}

fn fails(file: &str, reason: String) -> FileError {
    FileError {
        path: file.to_owned(),
        reason,
    }
}
