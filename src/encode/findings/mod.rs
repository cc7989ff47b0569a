//! What an audit found, for programs.

mod geojson;
mod json;
mod junit;
mod sarif;

use crate::audit::Tally;
use crate::ingest::Outcome;

pub use self::geojson::findings_geojson;
pub use self::json::findings_json;
pub use self::junit::findings_junit;
pub use self::sarif::findings_sarif;

/// Rows of the register, and where they are.
#[derive(Debug, Clone, Copy)]
pub struct Counts {
    /// Rows that could be read.
    pub register_rows: usize,
    /// Of them, with a place.
    pub located: usize,
    /// Of them, without one.
    pub unlocated: usize,
}

impl From<&Outcome> for Counts {
    fn from(outcome: &Outcome) -> Self {
        Self {
            register_rows: outcome.register_rows,
            located: outcome.located,
            unlocated: outcome.unlocated,
        }
    }
}

/// How many findings of a check are not among those listed.
fn more(tally: &Tally) -> usize {
    tally.count - tally.listed
}
