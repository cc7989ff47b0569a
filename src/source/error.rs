/// Why a file as a whole cannot be read. Each message names the file.
#[derive(Debug, thiserror::Error)]
pub enum SourceError {
    /// The operating system refuses.
    #[error("{file}: {reason}")]
    Io {
        /// As it was given.
        file: String,
        /// In the system's words.
        reason: String,
    },
    /// The file is not of its format, is cut short, or claims what cannot be.
    #[error("{file}: {reason}")]
    Broken {
        /// As it was given; inside an archive `a.zip/b.shp`.
        file: String,
        /// What was expected and what came.
        reason: String,
    },
    /// Several layers, and none was chosen; or the chosen one is not there.
    #[error("{file}: {reason}; it has {layers}")]
    Layer {
        /// As it was given.
        file: String,
        /// What was asked.
        reason: String,
        /// Their names, with commas.
        layers: String,
    },
    /// What this program does not read, though the format allows it.
    #[error("{file}: {reason}")]
    Unsupported {
        /// As it was given.
        file: String,
        /// What it is, and what to do.
        reason: String,
    },
    /// Somebody has stopped the reading.
    #[error("{file}: stopped before its end")]
    Stopped {
        /// As it was given.
        file: String,
    },
}

impl SourceError {
    /// The message without the file's name.
    #[must_use]
    pub fn reason(&self) -> String {
        match self {
            Self::Stopped { .. } => "stopped before its end".to_owned(),
            Self::Layer { reason, layers, .. } => format!("{reason}; it has {layers}"),
            Self::Io { reason, .. }
            | Self::Broken { reason, .. }
            | Self::Unsupported { reason, .. } => reason.clone(),
        }
    }
}

/// What is wrong with one record; the others can be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("record {number}{}: {reason}", column.as_ref().map(|name| format!(", column {name}")).unwrap_or_default())]
pub struct Bad {
    /// Counted from 1.
    pub number: u64,
    /// The column, where it is about one.
    pub column: Option<String>,
    /// What was expected and what came.
    pub reason: String,
}
