//! Writing a file.

use std::io::{self, Write};
use std::sync::{Arc, PoisonError, Weak};

use axum::body::Bytes;
use tokio::runtime::Handle;

use super::file::{Facts, Progress, Spool};
use super::shelf::UNREAD;
use super::{STEP, Spools};

/// Bytes after which readers are told that there are more.
const TELLING: u64 = 1 << 16;

/// Writes a file. Where it is dropped before it was begun the file is abandoned, and its readers ask for it again.
pub(in crate::http) struct Maker {
    /// True once it is on the way: whoever has begun it says how it ended, with [`Spool::fail`] at least.
    pub is_begun: bool,
    pub(super) spools: Spools,
    pub(super) key: Box<[u8]>,
    pub(super) spool: Arc<Spool>,
    pub(super) written: u64,
    pub(super) told: u64,
    pub(super) reserved: u64,
}

impl Maker {
    pub fn spool(&self) -> Arc<Spool> {
        self.spool.clone()
    }

    /// Ends with a file that needs no room. It may not be sent as it is here, but compressed.
    pub fn small(self, facts: Facts, bytes: Bytes, as_sent: bool) {
        let length = bytes.len() as u64;
        let mut files = self.spools.lock();
        if self.spool.settle(Progress::Small(facts, bytes)) && as_sent {
            files.remember(&self.key, length);
        }
    }

    /// It will be large, and take some time.
    pub fn announce(&self, facts: &Facts) {
        let growing = Progress::Growing(facts.clone(), 0);
        self.spool.progress.send_if_modified(|now| {
            let begun = matches!(now, Progress::Begun);
            if begun {
                *now = growing;
            }
            begun
        });
    }

    /// Begins a file: what is written goes into it.
    pub fn start(&mut self, facts: &Facts) -> io::Result<()> {
        let file = Arc::new(tempfile::tempfile()?);
        let mut own = self
            .spool
            .file
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        *own = Some(file);
        drop(own);
        self.announce(facts);
        Ok(())
    }

    /// All has been written.
    pub fn finish(mut self, facts: Facts, handle: &Handle) {
        self.tell();
        let mut files = self.spools.lock();
        if !self.spool.settle(Progress::Finished(facts, self.written)) {
            return;
        }
        files.remember(&self.key, self.written);
        drop(files);
        let (spools, spool) = (self.spools.clone(), Arc::downgrade(&self.spool));
        handle.spawn(expires(spools, spool));
    }

    fn tell(&mut self) {
        self.told = self.written;
        let written = self.written;
        self.spool.progress.send_if_modified(|now| match now {
            Progress::Growing(_, there) => {
                *there = written;
                true
            }
            _ => false,
        });
    }
}

impl Write for Maker {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if !self.spool.is_wanted() {
            return Err(io::ErrorKind::BrokenPipe.into());
        }
        if self.written + bytes.len() as u64 > self.reserved {
            self.spools.reserve(&self.spool, &self.key)?;
            self.reserved += STEP;
        }
        let room = usize::try_from(self.reserved - self.written).unwrap_or(usize::MAX);
        let taken = room.min(bytes.len());
        (&*self.spool.file()?).write_all(&bytes[..taken])?;
        self.written += taken as u64;
        if self.written - self.told >= TELLING {
            self.tell();
        }
        Ok(taken)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Drop for Maker {
    fn drop(&mut self) {
        // What was begun is settled by whoever knows how it has ended.
        if !self.is_begun {
            self.spool.settle(Progress::Abandoned);
        }
        let finished = matches!(*self.spool.progress.borrow(), Progress::Finished(..));
        let mut files = self.spools.lock();
        if !finished && files.own(&self.key, &self.spool).is_some() {
            files.take(&self.key);
        }
    }
}

/// Removes a file some time after it was read last, if its room is not needed before.
async fn expires(spools: Spools, spool: Weak<Spool>) {
    loop {
        tokio::time::sleep(UNREAD).await;
        spools.lock().expire();
        if spool.strong_count() == 0 {
            return;
        }
    }
}
