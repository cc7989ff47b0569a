//! Large files on their way to clients.
//!
//! A file that is too large for memory is written once, to a temporary file without a name, as fast as it can be made.
//! Every client who asks for the same reads it from there, at its own pace and from the place that it wants: a slow one
//! holds a file, and no thread. What nobody reads any more stays for those who come back for another range of it, until
//! its room is needed; what nobody waits for any more is not written to its end.
//!
//! All of them together have a quota of bytes. When it is used up, files that nobody reads go, the longest unread
//! first; then those that somebody has been reading for more than a minute, the oldest first: their clients can go on
//! with a range, for the bytes of a version are always the same.

mod file;
mod maker;
mod reader;
mod shelf;
#[cfg(test)]
mod tests;

use std::io;
use std::sync::atomic::AtomicBool;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use tokio::sync::watch;

use file::Progress;
pub(super) use file::{Facts, Spool};
pub(super) use maker::Maker;
pub(super) use reader::{Reader, Ready};
use shelf::{Entry, Shelf};

/// The quota is taken in steps.
const STEP: u64 = 4 << 20;

/// All large files.
#[derive(Clone)]
pub(super) struct Spools(Arc<Shared>);

struct Shared {
    quota: u64,
    files: Mutex<Shelf>,
}

impl Spools {
    /// Room for so many bytes.
    pub fn new(quota: u64) -> Self {
        let files = Mutex::default();
        Self(Arc::new(Shared { quota, files }))
    }

    /// A reader of a file, and who has to make it, if nobody does.
    pub fn join(&self, key: &[u8]) -> (Reader, Option<Maker>) {
        let mut files = self.lock();
        files.expire();
        let mut maker = None;
        let entry = files.entries.entry(key.into()).or_insert_with(|| {
            let spool = Arc::new(Spool {
                progress: watch::Sender::new(Progress::Begun),
                file: Mutex::default(),
                unwanted: AtomicBool::new(false),
            });
            maker = Some(Maker {
                is_begun: false,
                spools: self.clone(),
                key: key.into(),
                spool: spool.clone(),
                written: 0,
                told: 0,
                reserved: 0,
            });
            Entry {
                spool,
                readers: 0,
                bytes: 0,
                begun: Instant::now(),
                read: Instant::now(),
            }
        });
        entry.readers += 1;
        let reader = Reader {
            spools: self.clone(),
            key: key.into(),
            spool: entry.spool.clone(),
        };
        (reader, maker)
    }

    /// How long a file is, where that is known without making it.
    pub fn length(&self, key: &[u8]) -> Option<u64> {
        self.lock().lengths.get(key).copied()
    }

    /// How many bytes are taken, and may be.
    pub fn usage(&self) -> (u64, u64) {
        (self.lock().bytes, self.0.quota)
    }

    /// Whether a large file has a chance.
    pub fn has_room(&self) -> bool {
        let files = self.lock();
        let lasting = files.entries.values().filter(|entry| entry.is_protected());
        lasting.map(|entry| entry.bytes).sum::<u64>() + STEP <= self.0.quota
    }

    /// Drops what nobody reads: another version is served.
    pub fn forget_unread(&self) {
        let mut files = self.lock();
        files.lengths.clear();
        files.remove_unread(Duration::ZERO);
    }

    fn reserve(&self, spool: &Arc<Spool>, key: &[u8]) -> io::Result<()> {
        let mut files = self.lock();
        while files.bytes + STEP > self.0.quota {
            let victim = files.victim(spool);
            let victim = victim.ok_or_else(|| io::Error::from(io::ErrorKind::StorageFull))?;
            files.remove(&victim);
        }
        let entry = files.entries.get_mut(key);
        let entry = entry.filter(|entry| Arc::ptr_eq(&entry.spool, spool));
        // Its own room was taken, or nobody waits for it.
        let entry = entry.ok_or_else(|| io::Error::from(io::ErrorKind::BrokenPipe))?;
        entry.bytes += STEP;
        files.bytes += STEP;
        Ok(())
    }

    fn lock(&self) -> MutexGuard<'_, Shelf> {
        self.0.files.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
