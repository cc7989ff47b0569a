use std::hash::{BuildHasher, RandomState};

use hashbrown::HashTable;
use hashbrown::hash_table::Entry;

use super::batch::Part;
use crate::model::{CollectionInfo, Finding};

/// A collection that was read, and the name of its file.
type Read = (CollectionInfo, String, Part);

/// Ids are unique in the whole plan, because findings, links and the register name features by id.
///
/// Kept are the places of ids and not the ids: a million cost some 20 MB while the plan is read.
#[derive(Debug, Default)]
pub(super) struct UniqueIds {
    /// Collection, row as it came.
    places: HashTable<(u32, u32)>,
    hasher: RandomState,
}

impl UniqueIds {
    /// Reports ids that came before, here or in what was read before.
    pub fn check(&mut self, file: &str, whole: &Part, read: &[Read], findings: &mut Vec<Finding>) {
        let number = u32::try_from(read.len()).unwrap_or(u32::MAX);
        let part = |collection: u32| {
            let before = read.get(collection as usize);
            before.map_or((file, whole), |(_, file, part)| (file, part))
        };
        // By text: in a path, 7 and "7" are the same.
        let id = |&(collection, row): &(u32, u32)| part(collection).1.rows.id(row as usize);
        let count = whole.rows.len();
        self.places
            .reserve(count, |place| self.hasher.hash_one(id(place)));
        for (row, at) in (0..).zip(0..count) {
            let text = whole.rows.id(at);
            let entry = self.places.entry(
                self.hasher.hash_one(text),
                |place| id(place) == text,
                |place| self.hasher.hash_one(id(place)),
            );
            match entry {
                Entry::Vacant(free) => {
                    free.insert((number, row));
                }
                Entry::Occupied(first) => {
                    let (collection, row) = *first.get();
                    let (other, part) = part(collection);
                    let index = part.indices[row as usize];
                    let reason = format!("the id is already used by {other} feature {index}");
                    let finding = Finding::error("duplicate-id", file, reason);
                    let index = whole.indices[at] as usize;
                    findings.push(finding.at_index(index).at_id(text));
                }
            }
        }
    }
}
