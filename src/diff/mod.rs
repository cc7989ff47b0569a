//! What has changed between two plans: settings, and features added, removed, moved and changed.
//!
//! Rows stand in id order on both sides, so one walk along both finds everything; what is kept is row
//! numbers, and the values of a change are looked up when it is shown. A million rows against a million
//! take as long as looking at each cell once.

mod change;
mod outline;
mod settings;
mod shift;

use std::cmp::Ordering;

use crate::snapshot::{Collection, Row, Snapshot};

pub use change::{Changed, Details, details};
pub use settings::Setting;
pub use shift::{Place, Shift};

/// A row of a plan: the collection's place in it, and the row.
pub type At = (usize, Row);

/// A feature that is not as it was.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Change {
    /// It is new.
    Added(At),
    /// It is gone.
    Removed(At),
    /// It is in both plans, and nothing but its place is another one, is known now, or is not known any more.
    Moved {
        /// As it was.
        old: At,
        /// As it is.
        new: At,
    },
    /// It is in both plans, and its values or its collection are others, and perhaps its place.
    Changed {
        /// As it was.
        old: At,
        /// As it is.
        new: At,
    },
}

impl Change {
    /// The kinds, as they are called, in the order of [`Changes::counts`].
    pub const KINDS: [&'static str; 4] = ["added", "removed", "moved", "changed"];

    /// Its kind: a place in [`Change::KINDS`].
    #[must_use]
    pub fn kind(&self) -> usize {
        match self {
            Self::Added(_) => 0,
            Self::Removed(_) => 1,
            Self::Moved { .. } => 2,
            Self::Changed { .. } => 3,
        }
    }
}

/// What has changed in the features of a collection. One that came from another collection is a change
/// of the one where it is now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Changes {
    /// The collection.
    pub collection: String,
    /// In id order.
    pub changes: Vec<Change>,
    /// How many features are as they were.
    pub unchanged: usize,
}

/// Two plans, and what has changed from the one to the other.
#[derive(Debug)]
pub struct Difference<'a> {
    /// The one before.
    pub old: &'a Snapshot,
    /// The one after.
    pub new: &'a Snapshot,
    /// How far outlines may lie apart and be the same place, in m; less than half
    /// a millimetre is never told.
    pub tolerance: f64,
    /// In `plan.toml` and `collections.toml`.
    pub settings: Vec<Setting>,
    /// Every collection: those of the new plan in its order, then those that are gone.
    pub collections: Vec<Changes>,
}

impl Difference<'_> {
    /// True where nothing has changed.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.settings.is_empty() && self.collections.iter().all(|all| all.changes.is_empty())
    }

    /// All changes of features, in order.
    pub fn changes(&self) -> impl Iterator<Item = &Change> {
        self.collections.iter().flat_map(|all| &all.changes)
    }
}

impl Changes {
    /// How many there are of each of [`Change::KINDS`].
    #[must_use]
    pub fn counts(&self) -> [usize; 4] {
        let mut counts = [0; 4];
        for change in &self.changes {
            counts[change.kind()] += 1;
        }
        counts
    }
}

/// Compares two plans; places whose outlines lie within `tolerance` metres are the same. O(n) in rows and cells, and
/// O(n log n) in the positions of shapes that are drawn otherwise.
#[must_use]
pub fn diff<'a>(old: &'a Snapshot, new: &'a Snapshot, tolerance: f64) -> Difference<'a> {
    let mut collections: Vec<_> = new
        .collections
        .iter()
        .enumerate()
        .map(|(at, collection)| {
            let before = position(old, &collection.info.id);
            walked([old, new], before, Some(at), &collection.info.id, tolerance)
        })
        .collect();
    for (at, collection) in old.collections.iter().enumerate() {
        if position(new, &collection.info.id).is_none() {
            collections.push(walked(
                [old, new],
                Some(at),
                None,
                &collection.info.id,
                tolerance,
            ));
        }
    }
    Difference {
        old,
        new,
        tolerance,
        settings: settings::compared(old, new),
        collections,
    }
}

fn position(plan: &Snapshot, id: &str) -> Option<usize> {
    plan.collections.iter().position(|all| all.info.id == id)
}

/// One walk along the ids of a collection before and after.
fn walked(
    [old, new]: [&Snapshot; 2],
    before: Option<usize>,
    after: Option<usize>,
    id: &str,
    tolerance: f64,
) -> Changes {
    let rows = |plan: &Snapshot, at: Option<usize>| at.map_or(0, |at| plan.collections[at].count());
    let (olds, news) = (rows(old, before), rows(new, after));
    let (was, is) = (before.unwrap_or_default(), after.unwrap_or_default());
    let (mut row, mut other) = (0, 0);
    let mut changes = Vec::new();
    let mut unchanged = 0;
    while row < olds || other < news {
        let order = if row == olds {
            Ordering::Greater
        } else if other == news {
            Ordering::Less
        } else {
            old.collections[was]
                .id(row)
                .cmp(&new.collections[is].id(other))
        };
        let (here, there) = ((was, row), (is, other));
        match order {
            Ordering::Less => {
                // What is in another collection now is told there.
                if elsewhere(old, here, new).is_none() {
                    changes.push(Change::Removed(here));
                }
                row += 1;
            }
            Ordering::Greater => {
                changes.push(match elsewhere(new, there, old) {
                    Some(from) => Change::Changed {
                        old: from,
                        new: there,
                    },
                    None => Change::Added(there),
                });
                other += 1;
            }
            Ordering::Equal => {
                let pair = [&old.collections[was], &new.collections[is]];
                match change::of_pair(pair, [row, other], tolerance) {
                    Some(kind) => changes.push(kind(here, there)),
                    None => unchanged += 1,
                }
                row += 1;
                other += 1;
            }
        }
    }
    Changes {
        collection: id.to_owned(),
        changes,
        unchanged,
    }
}

/// The row of the same id in another collection of the other plan.
fn elsewhere(plan: &Snapshot, at: At, other: &Snapshot) -> Option<At> {
    let collection = &plan.collections[at.0];
    let id = collection.id(at.1).text();
    let mut all = other.collections.iter().enumerate();
    all.find_map(|(found, of): (usize, &Collection)| Some((found, of.row(&id)?)))
}
