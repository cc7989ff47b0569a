//! Records that are left out, in a file of their own: `record`, `reason`, then the cells as the imported file has them.

use std::fs::File;
use std::path::Path;

use super::draft::Draft;
use super::error::ImportError;
use crate::source::{Bad, Layer, Record};

/// A CSV file that is being written.
pub struct Skipped {
    writer: csv::Writer<File>,
    draft: Draft,
    /// How many records.
    pub count: u64,
    /// The first of them, with its reason.
    pub first: Option<String>,
}

impl Skipped {
    /// Begins one that will be at `path`.
    ///
    /// # Errors
    /// It cannot be written there, or is the file that is imported.
    pub fn new(
        path: &Path,
        imported: &Path,
        layer: &Layer,
        dry_run: bool,
    ) -> Result<Self, ImportError> {
        let same = path.canonicalize().ok().zip(imported.canonicalize().ok());
        if same.is_some_and(|(one, other)| one == other) {
            return Err(ImportError::Refused(format!(
                "--skip-invalid {}: is the file to import; name another one for the records that are left out",
                path.display()
            )));
        }
        let mut draft = Draft::new(path, dry_run)?;
        let file = draft.file().try_clone();
        let file = file.map_err(|error| failed(path, &error.into()))?;
        let mut writer = csv::Writer::from_writer(file);
        let columns = layer.columns.iter().map(|column| column.name.as_str());
        let header = ["record", "reason"].into_iter().chain(columns);
        writer
            .write_record(header)
            .map_err(|error| failed(path, &error))?;
        Ok(Self {
            writer,
            draft,
            count: 0,
            first: None,
        })
    }

    /// Adds a record that cannot be taken over.
    ///
    /// # Errors
    /// It cannot be written.
    pub fn add(&mut self, record: &Record, layer: &Layer, reason: &str) -> Result<(), ImportError> {
        let cells = (0..layer.columns.len()).map(|at| match record.values.get(at) {
            Some(value) if !value.is_null() => value.to_string(),
            _ => String::new(),
        });
        self.row(record.number, reason, cells)
    }

    /// Adds one that cannot be read: nothing is known of its cells.
    ///
    /// # Errors
    /// It cannot be written.
    pub fn add_bad(&mut self, bad: &Bad, layer: &Layer) -> Result<(), ImportError> {
        let reason = match &bad.column {
            Some(column) => format!("column {column}: {}", bad.reason),
            None => bad.reason.clone(),
        };
        self.row(
            bad.number,
            &reason,
            layer.columns.iter().map(|_| String::new()),
        )
    }

    fn row(
        &mut self,
        number: u64,
        reason: &str,
        cells: impl Iterator<Item = String>,
    ) -> Result<(), ImportError> {
        self.count += 1;
        self.first
            .get_or_insert_with(|| format!("record {number}: {reason}"));
        let row = [number.to_string(), reason.to_owned()]
            .into_iter()
            .chain(cells);
        self.writer
            .write_record(row)
            .map_err(|error| failed(self.draft.path(), &error))
    }

    /// The whole file.
    ///
    /// # Errors
    /// It cannot be written.
    pub fn finish(mut self) -> Result<Draft, ImportError> {
        let flushed = self.writer.flush();
        flushed.map_err(|error| failed(self.draft.path(), &error.into()))?;
        drop(self.writer);
        Ok(self.draft)
    }
}

fn failed(path: &Path, error: &csv::Error) -> ImportError {
    ImportError::Write {
        path: path.to_owned(),
        reason: error.to_string(),
    }
}
