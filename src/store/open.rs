//! From a plan's files to a store, or to why there is none.

use super::Store;
use crate::ingest::{self, FileError, Outcome, PlanFiles, Progress};
use crate::model::{Finding, Severity};
use crate::snapshot::Snapshot;

/// Why a plan is not served.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum OpenError {
    /// The folder cannot be read.
    #[error(transparent)]
    Folder(#[from] FileError),
    /// The plan has these errors.
    #[error("the plan has {} error{}", .0.len(), if .0.len() == 1 { "" } else { "s" })]
    Refused(Vec<Finding>),
}

impl Store {
    /// Reads and checks a plan. Whoever waits is told how far it is.
    ///
    /// # Errors
    /// The folder cannot be read, or the plan has errors.
    pub fn open(files: &PlanFiles, tell: &mut dyn FnMut(Progress)) -> Result<Self, OpenError> {
        let Outcome {
            loaded, findings, ..
        } = ingest::load_telling(files, tell)?;
        let (errors, warnings): (Vec<_>, Vec<_>) = findings
            .into_iter()
            .partition(|finding| finding.severity == Severity::Error);
        let loaded = loaded.ok_or(OpenError::Refused(errors))?;
        Ok(Self::new(Snapshot::build(loaded, warnings)))
    }

    /// What the checks found that does not refuse the plan.
    #[must_use]
    pub fn warnings(&self) -> &[Finding] {
        &self.snapshot.findings
    }
}
