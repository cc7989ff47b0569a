//! Which files there are, and which of them go when the quota is used up.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use super::file::{Progress, Spool};
use crate::http::problem::Problem;

/// A file that somebody reads may keep its room for so long.
pub(super) const PROTECTED: Duration = Duration::from_secs(60);

/// How long a file stays that nobody reads.
pub(super) const UNREAD: Duration = Duration::from_secs(300);

/// Lengths that are remembered, for `HEAD`.
const LENGTHS: usize = 1 << 12;

#[derive(Default)]
pub(super) struct Shelf {
    pub entries: HashMap<Box<[u8]>, Entry>,
    pub bytes: u64,
    pub lengths: HashMap<Box<[u8]>, u64>,
}

pub(super) struct Entry {
    pub spool: Arc<Spool>,
    pub readers: usize,
    pub bytes: u64,
    pub begun: Instant,
    /// When the last reader went.
    pub read: Instant,
}

impl Entry {
    pub fn is_protected(&self) -> bool {
        self.readers > 0 && self.begun.elapsed() < PROTECTED
    }
}

impl Shelf {
    /// The file that has to go for another.
    pub fn victim(&self, but: &Arc<Spool>) -> Option<Box<[u8]>> {
        let others = || {
            let entries = self.entries.iter();
            entries.filter(|(_, entry)| entry.bytes > 0 && !Arc::ptr_eq(&entry.spool, but))
        };
        let unread = others().filter(|(_, entry)| entry.readers == 0);
        let unread = unread.min_by_key(|(_, entry)| entry.read);
        let oldest = || {
            let old = others().filter(|(_, entry)| !entry.is_protected());
            old.min_by_key(|(_, entry)| entry.begun)
        };
        unread.or_else(oldest).map(|(key, _)| key.clone())
    }

    pub fn remove(&mut self, key: &[u8]) {
        if let Some(entry) = self.entries.get(key) {
            // Before its writer hears of it, and ends with what it has.
            entry.spool.settle(Progress::Failed(Problem::no_room()));
            entry.spool.unwanted.store(true, Ordering::Relaxed);
            entry.spool.withdraw();
        }
        self.take(key);
    }

    /// Those who come later do not find it.
    pub fn take(&mut self, key: &[u8]) {
        if let Some(entry) = self.entries.remove(key) {
            self.bytes -= entry.bytes;
        }
    }

    pub fn expire(&mut self) {
        self.remove_unread(UNREAD);
    }

    pub fn remove_unread(&mut self, since: Duration) {
        let unread = |entry: &Entry| entry.readers == 0 && entry.read.elapsed() >= since;
        let gone: Vec<_> = self
            .entries
            .iter()
            .filter(|(_, entry)| unread(entry))
            .map(|(key, _)| key.clone())
            .collect();
        for key in gone {
            self.remove(&key);
        }
    }

    pub fn own(&mut self, key: &[u8], spool: &Arc<Spool>) -> Option<&mut Entry> {
        let entry = self.entries.get_mut(key);
        entry.filter(|entry| Arc::ptr_eq(&entry.spool, spool))
    }

    pub fn remember(&mut self, key: &[u8], length: u64) {
        if self.lengths.len() >= LENGTHS {
            self.lengths.clear();
        }
        self.lengths.insert(key.into(), length);
    }
}
