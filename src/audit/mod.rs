//! What the features of a plan are to each other, and what looks wrong about it.
//!
//! Loading ([`crate::ingest`]) finds what cannot be served; here is what can be served and is still
//! likely to be a mistake. A file per family of checks; all names are in [`crate::model::CHECKS`].
//! Every check is near-linear in the rows: neighbours come from the R-tree, equals from sorting. Still
//! it takes seconds where a start takes a fraction of one, so only `buju check` runs it.

mod along;
mod areas;
mod dates;
mod duplicates;
mod edges;
mod farthest;
mod gaps;
mod idle;
mod inside;
mod look_alike;
mod names;
mod opened;
mod overlaps;
mod parts;
mod plane;
mod reach;
mod reasons;
mod report;
mod rows;
mod sagitta;
mod slivers;
mod touch;
mod wholes;
mod winding;
mod zero;

pub use edges::Edges;
pub use plane::Plane;
pub use report::{Note, Report, Tally};

use crate::model::{Finding, Severity};
use crate::snapshot::Snapshot;
use report::Notes;
use wholes::Wholes;

/// How many findings of each check are kept unless told otherwise; all are counted.
pub const KEPT: usize = 10_000;

/// What loading found, of a plan that cannot be served.
#[must_use]
pub fn refused(findings: Vec<Finding>) -> Report {
    Notes::new(&[], KEPT).report(findings, None)
}

/// What loading found, and what all checks of the audit find that the plan does not turn off. Of each
/// check at most `limit` findings of the audit are kept. O(n log n) in rows and positions, but for what
/// is wrong: each pair of polygons that overlap costs their intersection.
#[must_use]
pub fn audit(snapshot: &Snapshot, findings: Vec<Finding>, limit: usize) -> Report {
    let broken = findings
        .iter()
        .filter(|finding| finding.severity == Severity::Error)
        .map(|finding| finding.file.clone())
        .collect();
    let mut notes = Notes::new(&snapshot.plan.audit.off, limit);
    let wholes = Wholes::build(snapshot);
    slivers::check(snapshot, &mut notes);
    duplicates::check(snapshot, &wholes, &mut notes);
    let crowded = overlaps::check(snapshot, &wholes, &mut notes);
    gaps::check(snapshot, &crowded, &mut notes);
    inside::check(snapshot, &wholes, &mut notes);
    parts::check(snapshot, &wholes, &mut notes);
    along::check(snapshot, &mut notes);
    areas::check(snapshot, &mut notes);
    dates::check(snapshot, &mut notes);
    look_alike::check(snapshot, &wholes, &mut notes);
    reasons::check(snapshot, &broken, &mut notes);
    reach::check(snapshot, &mut notes);
    zero::check(snapshot, &mut notes);
    notes.report(findings, Some(snapshot))
}
