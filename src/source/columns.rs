use std::collections::HashMap;

use super::{Kind, SourceColumn, SourceError};

/// More are no table: each record has a cell for each of them.
const MOST: usize = 4096;

/// The columns of a format without a header: those that any record has, in order of appearance.
#[derive(Debug, Default)]
pub(super) struct Columns {
    names: Vec<String>,
    places: HashMap<String, usize>,
}

impl Columns {
    /// Adds a column, where it is not there.
    pub fn add(&mut self, file: &str, name: &str) -> Result<(), SourceError> {
        if self.places.contains_key(name) {
            return Ok(());
        }
        if self.names.len() == MOST {
            return Err(SourceError::Unsupported {
                file: file.to_owned(),
                reason: format!("its records have more than {MOST} different columns"),
            });
        }
        self.places.insert(name.to_owned(), self.names.len());
        self.names.push(name.to_owned());
        Ok(())
    }

    /// The place of a column.
    pub fn place(&self, name: &str) -> Option<usize> {
        self.places.get(name).copied()
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.names.len()
    }

    /// As a layer has them.
    pub fn untyped(&self) -> Vec<SourceColumn> {
        let column = |name: &String| SourceColumn {
            name: name.clone(),
            kind: Kind::Untyped,
        };
        self.names.iter().map(column).collect()
    }
}
