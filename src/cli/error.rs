use std::net::SocketAddr;
use std::path::PathBuf;

use crate::draw::DrawError;
use crate::encode::EncodeError;
use crate::grammar::{QueryError, Refused};
use crate::import::ImportError;
use crate::ingest::FileError;
use crate::query::{SelectError, Stopped};
use crate::tile::TileMatrixSet;

/// Why a command could not do what was asked.
#[derive(Debug, thiserror::Error)]
pub enum CliError {
    /// The plan folder cannot be read.
    #[error(transparent)]
    Plan(#[from] FileError),
    /// The plan has errors; they were printed.
    #[error("the plan has {0} and is not served")]
    Refused(String),
    /// A plan to compare has errors; they were printed.
    #[error("{}: the plan has {errors} and cannot be compared", .folder.display())]
    Incomparable {
        /// The folder.
        folder: PathBuf,
        /// How many.
        errors: String,
    },
    /// No such collection.
    #[error("there is no collection {asked:?}; there are {known}")]
    Collection {
        /// As it was typed.
        asked: String,
        /// What there is.
        known: String,
    },
    /// A condition that cannot be read.
    #[error("--where {text}: {reason}")]
    Where {
        /// As it was typed.
        text: String,
        /// What was expected.
        reason: String,
    },
    /// Not a cursor, or more than a query may take.
    #[error(transparent)]
    Select(#[from] SelectError),
    /// More than a query may take.
    #[error(transparent)]
    Stopped(#[from] Stopped),
    /// Not a tile.
    #[error("{text:?} is not zoom/column/row of a tile of {set}, for instance 15/27431/13384")]
    Tile {
        /// As it was typed.
        text: String,
        /// Where it was looked for.
        set: TileMatrixSet,
    },
    /// Drawing writes files, so it needs a folder.
    #[error("the shipped plan is inside the program: name a plan folder with --plan DIR")]
    NoFolder,
    /// The recipe cannot be drawn.
    #[error(transparent)]
    Draw(#[from] DrawError),
    /// A file cannot be taken over.
    #[error(transparent)]
    Import(#[from] ImportError),
    /// A vector tile on a terminal.
    #[error("a vector tile is binary: send it to a file, for instance > tile.mvt")]
    Binary,
    /// The address is taken, or not ours.
    #[error("cannot listen on {address}: {reason} (another port: --listen ADDR)")]
    Listen {
        /// The address.
        address: SocketAddr,
        /// In the system's words.
        reason: std::io::Error,
    },
    /// What those who administer the server are to show.
    #[error("{from}: {reason}")]
    Token {
        /// Where it was looked for.
        from: String,
        /// What is wrong; in words that do not show it.
        reason: String,
    },
    /// A base map's key is missing.
    #[error("{0}")]
    Basemap(String),
    /// The system failed.
    #[error(transparent)]
    System(#[from] std::io::Error),
    /// Rows cannot be written.
    #[error(transparent)]
    Encode(#[from] EncodeError),
    /// A word of the query that cannot be read.
    #[error("--{}: {reason}", .parameter.as_deref().unwrap_or("where"), reason = .reason)]
    Word {
        /// Which.
        parameter: Option<String>,
        /// What was expected.
        reason: String,
    },
    /// Options that do not go together.
    #[error("{0}")]
    Option(&'static str),
    /// A file that cannot be written.
    #[error("{}: {reason}", .path.display())]
    Output {
        /// The file.
        path: PathBuf,
        /// In the system's words.
        reason: std::io::Error,
    },
}

impl From<QueryError> for CliError {
    fn from(error: QueryError) -> Self {
        match error {
            QueryError::Refused(refused) => refused.into(),
            QueryError::Stopped(stopped) => stopped.into(),
        }
    }
}

impl From<Refused> for CliError {
    fn from(refused: Refused) -> Self {
        Self::Word {
            parameter: refused.parameter,
            reason: refused.reason,
        }
    }
}
