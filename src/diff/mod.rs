//! What has changed between two plans: settings, features added, removed, moved and changed.
//!
//! Rows stand in id order on both sides, so one walk along both finds everything; what is kept is row
//! numbers, and the values of a change are looked up when it is shown. A million rows against a million
//! take as long as looking at each cell once.

mod change;
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
    /// It is in both plans, and its place, its values or its collection are others.
    Changed {
        /// As it was.
        old: At,
        /// As it is.
        new: At,
    },
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
    /// How many were added, removed and changed.
    #[must_use]
    pub fn counts(&self) -> [usize; 3] {
        let mut counts = [0; 3];
        for change in &self.changes {
            counts[match change {
                Change::Added(_) => 0,
                Change::Removed(_) => 1,
                Change::Changed { .. } => 2,
            }] += 1;
        }
        counts
    }
}

/// Compares two plans. O(n) in rows and cells.
#[must_use]
pub fn diff<'a>(old: &'a Snapshot, new: &'a Snapshot) -> Difference<'a> {
    let mut collections: Vec<_> = new
        .collections
        .iter()
        .enumerate()
        .map(|(at, collection)| {
            let before = position(old, &collection.info.id);
            walked(old, new, before, Some(at), &collection.info.id)
        })
        .collect();
    for (at, collection) in old.collections.iter().enumerate() {
        if position(new, &collection.info.id).is_none() {
            collections.push(walked(old, new, Some(at), None, &collection.info.id));
        }
    }
    Difference {
        old,
        new,
        settings: settings::compared(old, new),
        collections,
    }
}

fn position(plan: &Snapshot, id: &str) -> Option<usize> {
    plan.collections.iter().position(|all| all.info.id == id)
}

/// One walk along the ids of a collection before and after.
fn walked(
    old: &Snapshot,
    new: &Snapshot,
    before: Option<usize>,
    after: Option<usize>,
    id: &str,
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
                if change::is_same(pair, [row, other]) {
                    unchanged += 1;
                } else {
                    changes.push(Change::Changed {
                        old: here,
                        new: there,
                    });
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
