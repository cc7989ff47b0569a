use std::path::PathBuf;

use crate::crs::CrsError;
use crate::ingest::FileError;
use crate::model::Finding;
use crate::source::SourceError;

/// Why nothing was imported. Nothing is written then.
#[derive(Debug, thiserror::Error)]
pub enum ImportError {
    /// The file cannot be read.
    #[error(transparent)]
    Source(#[from] SourceError),
    /// Its coordinates cannot be converted.
    #[error(transparent)]
    Crs(#[from] CrsError),
    /// The plan folder cannot be read.
    #[error(transparent)]
    Plan(#[from] FileError),
    /// `plan.toml` or `collections.toml` has errors.
    #[error("the plan's settings have errors")]
    Settings(Vec<Finding>),
    /// What was asked does not fit the file or the plan.
    #[error("{0}")]
    Refused(String),
    /// Records that cannot be taken over.
    #[error("{file}: {} cannot be taken over; nothing was written", .troubles.counted())]
    Records {
        /// The file.
        file: String,
        /// The first of them, and how many.
        troubles: Troubles,
    },
    /// The plan would have errors that it does not have now.
    #[error("with this file the plan would have {} that it does not have now; nothing was written", .0.counted())]
    Findings(Troubles),
    /// A file of the plan cannot be written.
    #[error("{}: cannot be written: {reason}", .path.display())]
    Write {
        /// Which.
        path: PathBuf,
        /// In the system's words.
        reason: String,
    },
    /// Somebody has stopped it.
    #[error("stopped; nothing was written")]
    Stopped,
}

/// How many troubles are told.
const TOLD: usize = 20;

/// What is wrong, line by line: the first of many, and how many there are.
#[derive(Debug, Default)]
pub struct Troubles {
    /// For people.
    pub lines: Vec<String>,
    /// What they may all come of.
    pub hint: Option<String>,
    /// All.
    pub count: u64,
}

impl Troubles {
    /// One more.
    pub fn add(&mut self, line: impl FnOnce() -> String) {
        if self.lines.len() < TOLD {
            self.lines.push(line());
        }
        self.count += 1;
    }

    fn counted(&self) -> String {
        match self.count {
            1 => "1 problem".to_owned(),
            count => format!("{count} problems"),
        }
    }

    /// What is not told yet, in words; empty where all is.
    #[must_use]
    pub fn rest(&self) -> String {
        let mut rest = match self.count.saturating_sub(self.lines.len() as u64) {
            0 => String::new(),
            rest => format!("... and {rest} more\n"),
        };
        if let Some(hint) = &self.hint {
            rest.extend([hint, "\n"]);
        }
        rest
    }
}
