//! What comes of a reload.

use axum::http::StatusCode;
use serde_json::{Value as Json, json};

use crate::model::Finding;
use crate::store::{Difference, OpenError};

/// Findings that are kept and told; of a broken file there may be one per feature.
pub(super) const TOLD: usize = 100;

/// What came of a reload.
#[derive(Debug, Clone, PartialEq)]
pub(in crate::http) enum Outcome {
    /// A new version is served.
    Swapped(Swap),
    /// The files are those of the version that is served.
    Unchanged {
        /// That version.
        version: String,
    },
    /// The old version stays.
    Refused(Refusal),
}

/// One version in place of another.
#[derive(Debug, Clone, PartialEq)]
pub(in crate::http) struct Swap {
    pub from: String,
    pub to: String,
    pub features: usize,
    pub difference: Difference,
    pub warnings: usize,
    /// The first of them.
    pub told: Vec<Finding>,
    pub seconds: f64,
}

/// Why the old version stays.
#[derive(Debug, Clone, PartialEq)]
pub(in crate::http) struct Refusal {
    pub cause: Cause,
    /// In a sentence for whoever may administer the server.
    pub reason: String,
    /// The same for everybody: with no path of this machine in it.
    public: String,
    /// How many errors there are, of the plan or of what it needs.
    pub errors: usize,
    /// The first of them.
    pub told: Vec<Finding>,
}

/// Whose affair a refusal is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::http) enum Cause {
    /// The plan or what it needs is wrong.
    Plan,
    /// Somebody writes to it right now.
    Writing,
    /// The program failed.
    Failure,
}

impl Refusal {
    /// One error, told to who may administer the server and to everybody.
    pub fn plan(reason: String, public: String) -> Self {
        Self {
            cause: Cause::Plan,
            reason,
            public,
            errors: 1,
            told: Vec::new(),
        }
    }

    pub fn writing() -> Self {
        let reason = "the plan's files change while they are read; is somebody writing to them?";
        Self {
            cause: Cause::Writing,
            errors: 0,
            ..Self::plan(reason.to_owned(), reason.to_owned())
        }
    }

    pub fn failure() -> Self {
        let reason = "the program failed while it read the plan; its log has the cause";
        Self {
            cause: Cause::Failure,
            ..Self::plan(reason.to_owned(), reason.to_owned())
        }
    }

    /// The first error, in words for everybody: its place in the plan, and no path of this machine.
    pub fn first(&self) -> String {
        let first = self.told.first();
        first.map_or_else(|| self.public.clone(), ToString::to_string)
    }

    /// How an answer says so.
    pub fn status(&self) -> StatusCode {
        match self.cause {
            Cause::Plan => StatusCode::UNPROCESSABLE_ENTITY,
            Cause::Writing => StatusCode::CONFLICT,
            Cause::Failure => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }
}

impl From<OpenError> for Refusal {
    fn from(error: OpenError) -> Self {
        let reason = error.to_string();
        match error {
            OpenError::Folder(error) => Self::plan(reason, error.reason),
            OpenError::Refused(mut findings) => {
                let errors = findings.len();
                findings.truncate(TOLD);
                Self {
                    errors,
                    told: findings,
                    ..Self::plan(reason.clone(), reason)
                }
            }
        }
    }
}

impl Outcome {
    /// As the label of a metric.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Swapped(_) => "swapped",
            Self::Unchanged { .. } => "unchanged",
            Self::Refused(_) => "refused",
        }
    }

    /// True where it says nothing of the plan, for somebody wrote to it meanwhile.
    pub fn is_disturbed(&self) -> bool {
        matches!(self, Self::Refused(refusal) if refusal.cause == Cause::Writing)
    }

    /// The answer to whoever asked for a reload; nothing of a refusal, which is a problem.
    pub fn to_json(&self) -> Json {
        match self {
            Self::Swapped(swap) => json!({
                "result": self.name(),
                "version": swap.to,
                "previous": swap.from,
                "features": swap.features,
                "added": swap.difference.added,
                "removed": swap.difference.removed,
                "seconds": swap.seconds,
                "warnings": swap.warnings,
                "findings": swap.told,
            }),
            Self::Unchanged { version } => json!({ "result": self.name(), "version": version }),
            Self::Refused(_) => json!({ "result": self.name() }),
        }
    }
}
