//! Reading a file, while it is written too.

use std::fs::File;
use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use std::time::{Duration, Instant};

use axum::body::{Body, Bytes};
use http_body::{Frame, SizeHint};

use super::Spools;
use super::file::{Facts, Progress, Spool};
use crate::http::problem::Problem;

/// Bytes that are read at once.
const CHUNK: u64 = 1 << 17;

/// How long an answer waits for the file to be whole, or for its beginning, before it begins without: an error can then
/// only break it off, but nobody is told that it takes too long who would have to begin anew.
const EARLY: Duration = Duration::from_secs(20);

/// Somebody who wants a file.
pub(in crate::http) struct Reader {
    pub(super) spools: Spools,
    pub(super) key: Box<[u8]>,
    pub(super) spool: Arc<Spool>,
}

/// A file that can be sent.
pub(in crate::http) enum Ready {
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
        if let Some(entry) = self.spools.lock().own(&self.key, &self.spool) {
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
        let mut files = self.spools.lock();
        let Some(entry) = files.own(&self.key, &self.spool) else {
            return;
        };
        entry.readers -= 1;
        entry.read = Instant::now();
        let settled = self.spool.progress.borrow().is_settled();
        if entry.readers == 0 && !settled {
            files.remove(&self.key);
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
