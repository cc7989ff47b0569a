//! What was found, counted and in order.

use std::collections::BTreeMap;

use geo::{Geometry, Point};

use super::idle::idle;
use crate::model::{CHECKS, Check, Finding, Severity, check, oriented, turned_off};
use crate::snapshot::{Collection, Row, Snapshot};

/// A finding, the features that it is about, and where it is.
#[derive(Debug, Clone, PartialEq)]
pub struct Note {
    /// The finding.
    pub finding: Finding,
    /// The collection of its feature.
    pub collection: Option<String>,
    /// Other features that it is about, each as `collection/id`.
    pub others: Vec<String>,
    /// Where it is, in degrees, where that is another place than the feature: an overlap, a gap.
    pub place: Option<Geometry<f64>>,
    /// How bad it is beside others of its check, where the check measures: the area of an overlap, the
    /// distance that something is off. More is worse.
    pub size: f64,
}

/// How often a check has found something.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Tally {
    /// The check.
    pub check: &'static Check,
    /// All that it found.
    pub count: usize,
    /// How many of them are among the notes.
    pub listed: usize,
}

/// What a run found.
#[derive(Debug, Clone, PartialEq)]
pub struct Report {
    /// Errors first, then by check; of a check the worst first, then by collection and row.
    pub notes: Vec<Note>,
    /// Checks that found something, in the same order.
    pub tallies: Vec<Tally>,
    /// Checks that are on and had nothing to look at.
    pub idle: Vec<&'static Check>,
    /// False where the plan has errors, and only loading could look at it.
    pub audited: bool,
}

impl Report {
    /// How many findings are of this severity, listed or not.
    #[must_use]
    pub fn count(&self, severity: Severity) -> usize {
        let of = |tally: &&Tally| tally.check.severity == severity;
        self.tallies
            .iter()
            .filter(of)
            .map(|tally| tally.count)
            .sum()
    }

    /// The notes of a check.
    pub fn notes_of(&self, check: &Check) -> impl Iterator<Item = &Note> {
        let name = check.name;
        self.notes
            .iter()
            .filter(move |note| note.finding.check == name)
    }
}

impl Note {
    /// A warning about a row.
    pub(super) fn new(
        check: &'static str,
        collection: &Collection,
        row: Row,
        reason: impl Into<String>,
    ) -> Self {
        let id = collection.id(row).text();
        Self {
            finding: Finding::warning(check, &file(collection), reason).at_id(&id),
            ..Self::about(check, collection, String::new())
        }
    }

    /// A warning about a collection.
    pub(super) fn about(
        check: &'static str,
        collection: &Collection,
        reason: impl Into<String>,
    ) -> Self {
        Self {
            finding: Finding::warning(check, &file(collection), reason),
            collection: Some(collection.info.id.clone()),
            others: Vec::new(),
            place: None,
            size: 0.0,
        }
    }

    pub(super) fn sized(mut self, size: f64) -> Self {
        self.size = size;
        self
    }

    pub(super) fn at_column(mut self, column: &str) -> Self {
        self.finding = self.finding.at_column(column);
        self
    }

    pub(super) fn with(mut self, collection: &Collection, row: Row) -> Self {
        self.others.push(named(collection, row));
        self
    }

    pub(super) fn at_place(mut self, place: impl Into<Geometry<f64>>) -> Self {
        self.place = Some(oriented(place.into()));
        self
    }
}

/// The collection's file, as findings name it.
pub(super) fn file(collection: &Collection) -> String {
    format!("geodata/{}", collection.info.source)
}

/// `collection/id`, as it stands in a path.
pub(super) fn named(collection: &Collection, row: Row) -> String {
    format!("{}/{}", collection.info.id, collection.id(row))
}

/// A length for people: `12 m`, below ten `1.2 m`, and below one `0.12 m`. Never zero for what is not.
pub(super) fn metres(length: f64) -> String {
    if length >= 9.95 {
        format!("{length:.0} m")
    } else if length >= 0.995 {
        format!("{length:.1} m")
    } else if length >= 0.005 {
        format!("{length:.2} m")
    } else if length <= 0.0 {
        "0 m".to_owned()
    } else {
        "less than 0.01 m".to_owned()
    }
}

/// Notes as they come.
#[derive(Debug)]
pub(super) struct Notes<'a> {
    off: &'a [String],
    limit: usize,
    kept: Vec<Note>,
    counts: BTreeMap<&'static str, usize>,
}

impl<'a> Notes<'a> {
    pub fn new(off: &'a [String], limit: usize) -> Self {
        Self {
            off,
            limit,
            kept: Vec::new(),
            counts: BTreeMap::new(),
        }
    }

    /// True where the plan does not turn the check off.
    pub fn is_on(&self, check: &str) -> bool {
        !turned_off(self.off, check)
    }

    /// Counts a finding about a collection that does not turn the check off, and makes and keeps its note
    /// if there are not too many.
    pub fn add(
        &mut self,
        check: &'static str,
        collection: &Collection,
        make: impl FnOnce() -> Note,
    ) {
        if !self.is_on(check) || turned_off(&collection.info.audit.off, check) {
            return;
        }
        let count = self.counts.entry(check).or_default();
        *count += 1;
        if *count <= self.limit {
            self.kept.push(make());
        }
    }

    /// Together with what loading found.
    pub fn report(self, findings: Vec<Finding>, snapshot: Option<&Snapshot>) -> Report {
        let mut counts = self.counts;
        let mut notes: Vec<_> = findings
            .into_iter()
            .map(|finding| {
                *counts.entry(finding.check).or_default() += 1;
                loaded(finding, snapshot)
            })
            .collect();
        notes.extend(self.kept);
        let rank = |name: &str| CHECKS.iter().position(|check| check.name == name);
        let place = |note: &Note| (note.finding.severity, rank(note.finding.check));
        notes.sort_by(|a, b| place(a).cmp(&place(b)).then(b.size.total_cmp(&a.size)));
        let mut listed: BTreeMap<&str, usize> = BTreeMap::new();
        for note in &notes {
            *listed.entry(note.finding.check).or_default() += 1;
        }
        let mut tallies: Vec<_> = counts
            .iter()
            .filter_map(|(name, count)| {
                Some(Tally {
                    check: check(name)?,
                    count: *count,
                    listed: listed.get(name).copied().unwrap_or_default(),
                })
            })
            .collect();
        tallies.sort_by_key(|tally| (tally.check.severity, rank(tally.check.name)));
        Report {
            notes,
            tallies,
            idle: snapshot.map(idle).unwrap_or_default(),
            audited: snapshot.is_some(),
        }
    }
}

/// A finding of loading: the collection is that of its id, or of its file.
fn loaded(finding: Finding, snapshot: Option<&Snapshot>) -> Note {
    let owns = |collection: &&Collection| match &finding.id {
        Some(id) => collection.row(id).is_some(),
        None => finding.file == file(collection),
    };
    let collections = snapshot.map(|snapshot| snapshot.collections.iter());
    let collection = collections.and_then(|mut all| all.find(owns));
    Note {
        collection: collection.map(|collection| collection.info.id.clone()),
        place: finding.place.map(|[x, y]| Point::new(x, y).into()),
        finding,
        others: Vec::new(),
        size: 0.0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_have_the_digits_that_tell_something() {
        for (length, expected) in [
            (1234.4, "1234 m"),
            (9.96, "10 m"),
            (9.94, "9.9 m"),
            (1.0, "1.0 m"),
            (0.996, "1.0 m"),
            (0.4, "0.40 m"),
            (0.004, "less than 0.01 m"),
            (0.0, "0 m"),
        ] {
            assert_eq!(metres(length), expected);
        }
    }
}
