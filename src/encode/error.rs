//! Why a download cannot be written.

use std::fmt;

use super::format::Format;
use crate::crs::{Crs, CrsError};
use crate::model::{CollectionInfo, Feature};

/// Why a file cannot be written.
#[derive(Debug, thiserror::Error)]
pub enum EncodeError {
    /// The format knows one CRS only.
    #[error("{format} is in {only} only, not in {crs}")]
    Crs {
        /// Asked for.
        format: Format,
        /// What it can hold.
        only: Crs,
        /// Asked for.
        crs: Crs,
    },
    /// The format has no way to hold a cell.
    #[error("{format} cannot hold feature {feature:?}, column {column:?}: {reason}")]
    Value {
        /// Asked for.
        format: Format,
        /// Its id.
        feature: String,
        /// The column's name, `id` or `geometry`.
        column: String,
        /// What does not fit.
        reason: String,
    },
    /// The format has no way to hold so many rows, bytes or columns.
    #[error("{format} cannot hold collection {collection:?}: {reason}")]
    Size {
        /// Asked for.
        format: Format,
        /// Its id.
        collection: String,
        /// What does not fit.
        reason: String,
    },
    /// A CRS that PROJ does not know, or a position that cannot be converted.
    #[error(transparent)]
    Reprojection(#[from] CrsError),
    /// The reader has gone, or the disk is full.
    #[error("the file cannot be written: {0}")]
    Io(#[from] std::io::Error),
    /// The library that writes the format refused.
    #[error("{format} cannot be written: {reason}")]
    Library {
        /// Asked for.
        format: Format,
        /// In the library's words.
        reason: String,
    },
}

impl Format {
    pub(super) fn failed(self, error: impl fmt::Display) -> EncodeError {
        EncodeError::Library {
            format: self,
            reason: error.to_string(),
        }
    }

    pub(super) fn value(
        self,
        feature: &Feature,
        column: &str,
        reason: impl fmt::Display,
    ) -> EncodeError {
        EncodeError::Value {
            format: self,
            feature: feature.id.to_string(),
            column: column.to_owned(),
            reason: reason.to_string(),
        }
    }

    pub(super) fn size(self, info: &CollectionInfo, reason: impl fmt::Display) -> EncodeError {
        EncodeError::Size {
            format: self,
            collection: info.id.clone(),
            reason: reason.to_string(),
        }
    }
}
