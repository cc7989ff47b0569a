//! How many features one version of a plan has that another has not.

use std::cmp::Ordering;

use super::Store;
use crate::snapshot::Collection;

/// What came and went by id; what changed under the same id is not looked for.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Difference {
    /// Features that the older version has not.
    pub added: usize,
    /// Features that the newer version has not.
    pub removed: usize,
}

impl Store {
    /// What has come and gone since an older version. A collection of another name is another one. O(n).
    #[must_use]
    pub fn since(&self, older: &Self) -> Difference {
        let mut sum = Difference::default();
        for new in &self.snapshot.collections {
            let old = older.snapshot.collection(&new.info.id);
            let (added, removed) = match old {
                Some(old) => apart(new, old),
                None => (new.count() as usize, 0),
            };
            sum.added += added;
            sum.removed += removed;
        }
        let gone = older.snapshot.collections.iter();
        let gone = gone.filter(|old| self.snapshot.collection(&old.info.id).is_none());
        sum.removed += gone.map(|old| old.count() as usize).sum::<usize>();
        sum
    }
}

/// How many ids only one of two collections has: both are in order of ids.
fn apart(new: &Collection, old: &Collection) -> (usize, usize) {
    let (mut added, mut removed) = (0, 0);
    let (mut at, mut was) = (0, 0);
    while at < new.count() && was < old.count() {
        match new.id(at).cmp(&old.id(was)) {
            Ordering::Less => (at, added) = (at + 1, added + 1),
            Ordering::Greater => (was, removed) = (was + 1, removed + 1),
            Ordering::Equal => (at, was) = (at + 1, was + 1),
        }
    }
    let rest = |all: u32, seen: u32| (all - seen) as usize;
    (
        added + rest(new.count(), at),
        removed + rest(old.count(), was),
    )
}
