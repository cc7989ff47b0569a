use std::fmt;

use serde::Serialize;

/// How bad a finding is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// The plan cannot be served.
    Error,
    /// The plan is served, and whoever looks at the place is told.
    Warning,
}

/// A problem in the plan folder: where it is, and what is wrong.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Finding {
    /// Error or warning.
    pub severity: Severity,
    /// The check's stable name, for instance `ring-not-closed`.
    pub check: &'static str,
    /// The file, relative to the plan folder.
    pub file: String,
    /// Line in a CSV or TOML file, counted from 1.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub line: Option<usize>,
    /// Feature in a GeoJSON file, counted from 0 as in JSON.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub index: Option<usize>,
    /// The feature's or row's id.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// The column.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub column: Option<String>,
    /// Where a shape begins that is not taken for what is wrong with it: longitude, latitude.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub place: Option<[f64; 2]>,
    /// What was expected and what came.
    pub reason: String,
}

impl Finding {
    /// An error in a file; the place is added by the `at_*` methods.
    #[must_use]
    pub fn error(check: &'static str, file: &str, reason: impl Into<String>) -> Self {
        Self {
            severity: Severity::Error,
            check,
            file: file.to_owned(),
            line: None,
            index: None,
            id: None,
            column: None,
            place: None,
            reason: reason.into(),
        }
    }

    /// A warning about a file.
    #[must_use]
    pub fn warning(check: &'static str, file: &str, reason: impl Into<String>) -> Self {
        Self {
            severity: Severity::Warning,
            ..Self::error(check, file, reason)
        }
    }

    /// Names the line.
    #[must_use]
    pub fn at_line(mut self, line: usize) -> Self {
        self.line = Some(line);
        self
    }

    /// Names the feature by its index.
    #[must_use]
    pub fn at_index(mut self, index: usize) -> Self {
        self.index = Some(index);
        self
    }

    /// Names the feature or row by its id.
    #[must_use]
    pub fn at_id(mut self, id: &str) -> Self {
        self.id = Some(id.to_owned());
        self
    }

    /// Tells the place.
    #[must_use]
    pub fn at_place(mut self, place: Option<[f64; 2]>) -> Self {
        self.place = place;
        self
    }

    /// Names the column.
    #[must_use]
    pub fn at_column(mut self, column: &str) -> Self {
        self.column = Some(column.to_owned());
        self
    }
}

impl fmt::Display for Finding {
    /// `seeds/projects.csv line 7, id e4, column plot_ratio: expected a number, found "x"`
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.file)?;
        if let Some(line) = self.line {
            write!(out, " line {line}")?;
        }
        if let Some(index) = self.index {
            write!(out, " feature {index}")?;
        }
        if let Some(id) = &self.id {
            write!(out, ", id {id}")?;
        }
        if let Some(column) = &self.column {
            write!(out, ", column {column}")?;
        }
        write!(out, ": {}", self.reason)
    }
}
