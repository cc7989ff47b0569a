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

use std::collections::HashMap;
use std::fs::File;
use std::io::{self, Write};
use std::pin::Pin;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::task::{Context, Poll, ready};
use std::time::{Duration, Instant};

use axum::body::{Body, Bytes};
use http_body::{Frame, SizeHint};
use tokio::runtime::Handle;
use tokio::sync::watch;

use super::problem::Problem;

/// Bytes that are read at once.
const CHUNK: u64 = 1 << 17;

/// Bytes after which readers are told that there are more.
const TELLING: u64 = 1 << 16;

/// The quota is taken in steps.
const STEP: u64 = 4 << 20;

/// How long an answer waits for the file to be whole, or for its beginning, before it begins without: an error can then
/// only break it off, but nobody is told that it takes too long who would have to begin anew.
const EARLY: Duration = Duration::from_secs(20);

/// A file that somebody reads may keep its room for so long.
const PROTECTED: Duration = Duration::from_secs(60);

/// How long a file stays that nobody reads.
const UNREAD: Duration = Duration::from_secs(300);

/// Lengths that are remembered, for `HEAD`.
const LENGTHS: usize = 1 << 12;

/// What is known of a file before its first byte.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Facts {
    pub matched: usize,
    pub returned: usize,
    /// The cursor of what comes after.
    pub next: Option<String>,
}

/// How far a file is.
#[derive(Debug, Clone)]
enum Progress {
    Begun,
    /// It is so small that it has no file.
    Small(Facts, Bytes),
    /// So many bytes are there, or none yet.
    Growing(Facts, u64),
    Finished(Facts, u64),
    Failed(Problem),
    /// Whoever was to make it has gone.
    Abandoned,
}

impl Progress {
    fn is_settled(&self) -> bool {
        !matches!(self, Self::Begun | Self::Growing(..))
    }
}

/// One file.
pub(super) struct Spool {
    progress: watch::Sender<Progress>,
    /// None before it is begun, and once its room has been taken.
    file: Mutex<Option<Arc<File>>>,
    /// Nobody waits for it any more.
    unwanted: AtomicBool,
}

impl Spool {
    /// False where it was settled before.
    fn settle(&self, progress: Progress) -> bool {
        self.progress.send_if_modified(|now| {
            let open = !now.is_settled();
            if open {
                *now = progress;
            }
            open
        })
    }

    fn file(&self) -> io::Result<Arc<File>> {
        let file = self.file.lock().unwrap_or_else(PoisonError::into_inner);
        file.clone()
            .ok_or_else(|| io::Error::other("the room of a file was needed for another"))
    }

    fn withdraw(&self) {
        let mut file = self.file.lock().unwrap_or_else(PoisonError::into_inner);
        *file = None;
    }
}

/// All large files.
#[derive(Clone)]
pub(super) struct Spools(Arc<Shared>);

struct Shared {
    quota: u64,
    shelf: Mutex<Shelf>,
}

#[derive(Default)]
struct Shelf {
    entries: HashMap<Box<[u8]>, Entry>,
    bytes: u64,
    lengths: HashMap<Box<[u8]>, u64>,
}

struct Entry {
    spool: Arc<Spool>,
    readers: usize,
    bytes: u64,
    begun: Instant,
    /// When the last reader went.
    read: Instant,
}

impl Spools {
    /// Room for so many bytes.
    pub fn new(quota: u64) -> Self {
        let shelf = Mutex::default();
        Self(Arc::new(Shared { quota, shelf }))
    }

    /// A reader of a file, and who has to make it, if nobody does.
    pub fn join(&self, key: &[u8]) -> (Reader, Option<Maker>) {
        let mut shelf = self.shelf();
        shelf.expire();
        let mut maker = None;
        let entry = shelf.entries.entry(key.into()).or_insert_with(|| {
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
        self.shelf().lengths.get(key).copied()
    }

    /// How many bytes are taken, and may be.
    pub fn usage(&self) -> (u64, u64) {
        (self.shelf().bytes, self.0.quota)
    }

    /// Whether a large file has a chance.
    pub fn has_room(&self) -> bool {
        let shelf = self.shelf();
        let lasting = shelf.entries.values().filter(|entry| entry.is_protected());
        lasting.map(|entry| entry.bytes).sum::<u64>() + STEP <= self.0.quota
    }

    /// Drops what nobody reads: another version is served.
    pub fn forget_unread(&self) {
        let mut shelf = self.shelf();
        shelf.lengths.clear();
        shelf.remove_unread(Duration::ZERO);
    }

    fn reserve(&self, spool: &Arc<Spool>, key: &[u8]) -> io::Result<()> {
        let mut shelf = self.shelf();
        while shelf.bytes + STEP > self.0.quota {
            let victim = shelf.victim(spool);
            let victim = victim.ok_or_else(|| io::Error::from(io::ErrorKind::StorageFull))?;
            shelf.remove(&victim);
        }
        let entry = shelf.entries.get_mut(key);
        let entry = entry.filter(|entry| Arc::ptr_eq(&entry.spool, spool));
        // Its own room was taken, or nobody waits for it.
        let entry = entry.ok_or_else(|| io::Error::from(io::ErrorKind::BrokenPipe))?;
        entry.bytes += STEP;
        shelf.bytes += STEP;
        Ok(())
    }

    fn shelf(&self) -> MutexGuard<'_, Shelf> {
        self.0.shelf.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Entry {
    fn is_protected(&self) -> bool {
        self.readers > 0 && self.begun.elapsed() < PROTECTED
    }
}

impl Shelf {
    /// The file that has to go for another.
    fn victim(&self, but: &Arc<Spool>) -> Option<Box<[u8]>> {
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

    fn remove(&mut self, key: &[u8]) {
        if let Some(entry) = self.entries.get(key) {
            // Before its writer hears of it, and ends with what it has.
            entry.spool.settle(Progress::Failed(Problem::no_room()));
            entry.spool.unwanted.store(true, Ordering::Relaxed);
            entry.spool.withdraw();
        }
        self.take(key);
    }

    /// Those who come later do not find it.
    fn take(&mut self, key: &[u8]) {
        if let Some(entry) = self.entries.remove(key) {
            self.bytes -= entry.bytes;
        }
    }

    fn expire(&mut self) {
        self.remove_unread(UNREAD);
    }

    fn remove_unread(&mut self, since: Duration) {
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

    fn own(&mut self, key: &[u8], spool: &Arc<Spool>) -> Option<&mut Entry> {
        let entry = self.entries.get_mut(key);
        entry.filter(|entry| Arc::ptr_eq(&entry.spool, spool))
    }

    fn remember(&mut self, key: &[u8], length: u64) {
        if self.lengths.len() >= LENGTHS {
            self.lengths.clear();
        }
        self.lengths.insert(key.into(), length);
    }
}

/// Writes a file. Where it is dropped before it was begun the file is abandoned, and its readers ask for it again.
pub(super) struct Maker {
    /// True once it is on the way: whoever has begun it says how it ended, with [`Spool::fail`] at least.
    pub is_begun: bool,
    spools: Spools,
    key: Box<[u8]>,
    spool: Arc<Spool>,
    written: u64,
    told: u64,
    reserved: u64,
}

impl Maker {
    pub fn spool(&self) -> Arc<Spool> {
        self.spool.clone()
    }

    /// Ends with a file that needs no room. It may not be sent as it is here, but compressed.
    pub fn small(self, facts: Facts, bytes: Bytes, as_sent: bool) {
        let length = bytes.len() as u64;
        let mut shelf = self.spools.shelf();
        if self.spool.settle(Progress::Small(facts, bytes)) && as_sent {
            shelf.remember(&self.key, length);
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
        let mut shelf = self.spools.shelf();
        if !self.spool.settle(Progress::Finished(facts, self.written)) {
            return;
        }
        shelf.remember(&self.key, self.written);
        drop(shelf);
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

impl Spool {
    /// False once nobody waits for it: there is no reason to go on.
    pub fn is_wanted(&self) -> bool {
        !self.unwanted.load(Ordering::Relaxed)
    }

    /// True while nobody knows how it ends.
    pub fn is_open(&self) -> bool {
        !self.progress.borrow().is_settled()
    }

    /// It cannot be made.
    pub fn fail(&self, problem: Problem) {
        self.settle(Progress::Failed(problem));
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
        let mut shelf = self.spools.shelf();
        if !finished && shelf.own(&self.key, &self.spool).is_some() {
            shelf.take(&self.key);
        }
    }
}

/// Removes a file some time after it was read last, if its room is not needed before.
async fn expires(spools: Spools, spool: Weak<Spool>) {
    loop {
        tokio::time::sleep(UNREAD).await;
        spools.shelf().expire();
        if spool.strong_count() == 0 {
            return;
        }
    }
}

/// Somebody who wants a file.
pub(super) struct Reader {
    spools: Spools,
    key: Box<[u8]>,
    spool: Arc<Spool>,
}

/// A file that can be sent.
pub(super) enum Ready {
    /// Whole.
    Small(Facts, Bytes),
    /// From where it is written to; its length, once it is known.
    Large(Facts, Option<u64>),
    /// Nobody makes it: it has to be asked for again.
    Abandoned,
}

impl Reader {
    /// Waits until the file can be sent: once it has a beginning, or once it is `whole` - but not for ever.
    pub async fn ready(&self, whole: bool) -> Result<Ready, Problem> {
        let mut progress = self.spool.progress.subscribe();
        let soon = progress.wait_for(|now| match now {
            Progress::Begun => false,
            Progress::Growing(_, there) => !whole && *there > 0,
            _ => true,
        });
        drop(tokio::time::timeout(EARLY, soon).await);
        self.ready_when(|now| !matches!(now, Progress::Begun)).await
    }

    async fn ready_when(&self, is_ready: fn(&Progress) -> bool) -> Result<Ready, Problem> {
        let mut progress = self.spool.progress.subscribe();
        let ready = progress.wait_for(is_ready).await;
        let ready = ready.map_err(|error| Problem::failed(&error))?;
        match &*ready {
            Progress::Small(facts, bytes) => Ok(Ready::Small(facts.clone(), bytes.clone())),
            Progress::Finished(facts, length) => Ok(Ready::Large(facts.clone(), Some(*length))),
            Progress::Growing(facts, _) => Ok(Ready::Large(facts.clone(), None)),
            Progress::Failed(problem) => Err(problem.clone()),
            Progress::Begun | Progress::Abandoned => Ok(Ready::Abandoned),
        }
    }

    /// How long the file is, once all of it is there; none if it never is.
    pub async fn length(&self) -> Option<u64> {
        match self.ready_when(Progress::is_settled).await {
            Ok(Ready::Large(_, length)) => length,
            _ => None,
        }
    }

    /// The bytes from a place on, to another or to the end.
    pub fn body(self, from: u64, to: Option<u64>) -> Body {
        Body::new(Sending {
            reader: self,
            at: from,
            end: to,
            next: None,
        })
    }

    /// The bytes from a place on, once there are some; none at the end.
    async fn next(spool: Arc<Spool>, at: u64, end: Option<u64>) -> io::Result<Option<Bytes>> {
        let mut progress = spool.progress.subscribe();
        loop {
            let (there, whole) = match &*progress.borrow_and_update() {
                Progress::Growing(_, there) => (*there, false),
                Progress::Finished(_, length) => (*length, true),
                Progress::Begun => (0, false),
                // It took long, and has become short.
                Progress::Small(_, bytes) => {
                    let rest = usize::try_from(at).ok().filter(|at| *at < bytes.len());
                    return Ok(rest.map(|at| bytes.slice(at..)));
                }
                _ => return Err(io::Error::other("the file could not be finished")),
            };
            let until = end.map_or(there, |end| end.min(there));
            if at < until {
                let file = spool.file()?;
                let length = CHUNK.min(until - at);
                let read = move || read(&file, at, length);
                return tokio::task::spawn_blocking(read).await?.map(Some);
            }
            if whole || end.is_some_and(|end| at >= end) {
                return Ok(None);
            }
            progress.changed().await.map_err(io::Error::other)?;
        }
    }
}

fn read(file: &File, at: u64, length: u64) -> io::Result<Bytes> {
    let mut bytes = vec![0; usize::try_from(length).map_err(io::Error::other)?];
    let mut filled = 0;
    while filled < bytes.len() {
        let read = read_at(file, &mut bytes[filled..], at + filled as u64)?;
        if read == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        filled += read;
    }
    Ok(bytes.into())
}

#[cfg(unix)]
fn read_at(file: &File, bytes: &mut [u8], at: u64) -> io::Result<usize> {
    std::os::unix::fs::FileExt::read_at(file, bytes, at)
}

#[cfg(windows)]
fn read_at(file: &File, bytes: &mut [u8], at: u64) -> io::Result<usize> {
    // The position that this moves is the one that is written at, so this is a second handle.
    std::os::windows::fs::FileExt::seek_read(&file.try_clone()?, bytes, at)
}

impl Clone for Reader {
    fn clone(&self) -> Self {
        if let Some(entry) = self.spools.shelf().own(&self.key, &self.spool) {
            entry.readers += 1;
        }
        Self {
            spools: self.spools.clone(),
            key: self.key.clone(),
            spool: self.spool.clone(),
        }
    }
}

impl Drop for Reader {
    fn drop(&mut self) {
        let mut shelf = self.spools.shelf();
        let Some(entry) = shelf.own(&self.key, &self.spool) else {
            return;
        };
        entry.readers -= 1;
        entry.read = Instant::now();
        let settled = self.spool.progress.borrow().is_settled();
        if entry.readers == 0 && !settled {
            shelf.remove(&self.key);
        }
    }
}

/// A body that is read from a file.
struct Sending {
    reader: Reader,
    at: u64,
    end: Option<u64>,
    next: Option<Next>,
}

type Next = Pin<Box<dyn Future<Output = io::Result<Option<Bytes>>> + Send>>;

impl http_body::Body for Sending {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<io::Result<Frame<Bytes>>>> {
        if self.end == Some(self.at) {
            return Poll::Ready(None);
        }
        let own = &mut *self;
        let next = own.next.get_or_insert_with(|| {
            Box::pin(Reader::next(own.reader.spool.clone(), own.at, own.end))
        });
        let chunk = ready!(next.as_mut().poll(context)).transpose();
        own.next = None;
        Poll::Ready(chunk.map(|chunk| {
            chunk.map(|bytes| {
                own.at += bytes.len() as u64;
                Frame::data(bytes)
            })
        }))
    }

    fn size_hint(&self) -> SizeHint {
        self.end
            .map_or_else(SizeHint::default, |end| SizeHint::with_exact(end - self.at))
    }
}

#[cfg(test)]
mod tests {
    use http_body_util::BodyExt;

    use super::*;

    fn facts() -> Facts {
        Facts {
            matched: 1,
            returned: 1,
            next: None,
        }
    }

    fn made(spools: &Spools, key: &[u8], length: usize) -> io::Result<Reader> {
        let (reader, maker) = spools.join(key);
        let mut maker = maker.expect("nobody makes it");
        maker.start(&facts())?;
        maker.write_all(&vec![key[0]; length])?;
        maker.finish(facts(), &Handle::current());
        Ok(reader)
    }

    async fn body(reader: Reader, from: u64, to: Option<u64>) -> Option<Vec<u8>> {
        let body = reader.body(from, to).collect().await.ok()?;
        Some(body.to_bytes().to_vec())
    }

    #[tokio::test]
    async fn readers_follow_the_writer() {
        let spools = Spools::new(64 << 20);
        let (reader, maker) = spools.join(b"a");
        let mut maker = maker.expect("nobody makes it");
        let (other, none) = spools.join(b"a");
        assert!(none.is_none());
        maker.start(&facts()).expect("a file");
        let whole = tokio::spawn(body(reader, 0, None));
        let part = tokio::spawn(body(other, 100_000, Some(300_000)));
        let bytes: Vec<u8> = (0..400_000_u32).map(|at| (at % 251) as u8).collect();
        for piece in bytes.chunks(30_000) {
            maker.write_all(piece).expect("written");
            tokio::task::yield_now().await;
        }
        assert!(!whole.is_finished());
        maker.finish(facts(), &Handle::current());
        assert_eq!(whole.await.expect("read").expect("whole"), bytes);
        let part = part.await.expect("read").expect("whole");
        assert_eq!(part, bytes[100_000..300_000]);
        // It stays for those who come back.
        let (again, none) = spools.join(b"a");
        assert!(none.is_none());
        assert_eq!(again.length().await, Some(400_000));
        assert_eq!(body(again, 399_990, None).await.expect("read").len(), 10);
        spools.forget_unread();
        assert!(spools.join(b"a").1.is_some());
        assert_eq!(spools.shelf().bytes, 0);
    }

    #[tokio::test]
    async fn what_nobody_waits_for_is_not_made() {
        let spools = Spools::new(64 << 20);
        let (reader, maker) = spools.join(b"a");
        let mut maker = maker.expect("nobody makes it");
        let other = reader.clone();
        maker.start(&facts()).expect("a file");
        maker.write_all(&[0; 100]).expect("written");
        drop(reader);
        maker.write_all(&[0; 100]).expect("somebody waits");
        drop(other);
        let gone = maker.write_all(&[0; 100]).expect_err("nobody waits");
        assert_eq!(gone.kind(), io::ErrorKind::BrokenPipe);
        // Who comes now begins anew.
        let (reader, next) = spools.join(b"a");
        assert!(next.is_some());
        drop(maker);
        assert!(spools.join(b"a").1.is_none());
        drop(next);
        assert!(matches!(reader.ready(false).await, Ok(Ready::Abandoned)));
    }

    #[tokio::test]
    async fn the_quota_is_kept() {
        let quota = 5 * STEP;
        let spools = Spools::new(quota);
        let step = usize::try_from(STEP).expect("small");
        drop(made(&spools, b"a", 2 * step).expect("made"));
        drop(made(&spools, b"b", 2 * step).expect("made"));
        // The longest unread goes.
        let reader = made(&spools, b"c", 2 * step).expect("made");
        assert!(spools.join(b"b").1.is_none() && spools.join(b"a").1.is_some());
        // Nothing is there that may go: not what is read since a moment ago.
        let other = made(&spools, b"d", 3 * step).expect("made");
        assert!(!spools.has_room());
        let full = made(&spools, b"e", step).map(drop).expect_err("no room");
        assert_eq!(full.kind(), io::ErrorKind::StorageFull);
        assert_eq!(spools.shelf().bytes, quota);
        // After a minute it may.
        let begun = Instant::now().checked_sub(PROTECTED).expect("a time");
        let mut shelf = spools.shelf();
        shelf.entries.get_mut(&b"c"[..]).expect("there").begun = begun;
        drop(shelf);
        assert!(spools.has_room());
        let next = made(&spools, b"e", step).expect("made");
        assert!(body(reader, 0, None).await.is_none());
        assert_eq!(
            body(other, 0, None).await.map(|body| body.len()),
            Some(3 * step)
        );
        assert_eq!(body(next, 0, None).await.map(|body| body.len()), Some(step));
        // One alone can be too large.
        assert!(made(&spools, b"f", 6 * step).is_err());
    }
}
