//! A file of features on its way to the client.
//!
//! A small file is made whole before the answer begins: it has a length, and a row that its format
//! cannot hold is a problem document. A large one leaves while it is made, in chunks that wait for the
//! client, so that a million rows never lie in memory; what fails then breaks the connection off, so
//! that nobody takes half a file for a whole one.

use std::io::{self, Write};
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll};
use std::time::Duration;

use axum::body::{Body, Bytes};
use axum::http::{HeaderValue, header};
use axum::response::Response;
use http_body::Frame;
use tokio::runtime::Handle;
use tokio::sync::{Semaphore, SemaphorePermit, mpsc, oneshot};

use super::answer::{Answer, ok};
use super::coding::{Coding, Compressor, Effort};
use super::features::no_collection;
use super::items::Items;
use super::problem::Problem;
use super::work;
use crate::crs::{Crs, Reprojector};
use crate::encode::{self, EncodeError, Table, Wishes};

/// Up to here a file is made whole.
const WHOLE: usize = 1 << 20;

/// Bytes of a chunk; four wait for the client at most.
const CHUNK: usize = 1 << 16;
const CHUNKS: usize = 4;

/// How long a chunk waits for a client that does not read.
const STALLED: Duration = Duration::from_secs(30);

/// Each large file holds a thread as long as its client reads.
const AT_ONCE: usize = 16;
static ROOM: Semaphore = Semaphore::const_new(AT_ONCE);

/// Answers with a file.
pub(super) async fn download(asked: Items, coding: Coding) -> Answer {
    let place = work::place().await?;
    let (answer, answered) = oneshot::channel();
    let handle = Handle::current();
    tokio::task::spawn_blocking(move || {
        let out = Out {
            state: State::Whole(Vec::new(), answer),
            place: Some(place),
            coding,
            handle,
            head: None,
        };
        written(&asked, out);
    });
    answered.await.map_err(|error| Problem::failed(&error))?
}

fn written(asked: &Items, mut out: Out) {
    let written = write(asked, &mut out);
    match (out.state, written) {
        (State::Whole(body, answer), Ok(())) => {
            let whole = out.head.map(|mut head| {
                *head.body_mut() = Body::from(Bytes::from(body.into_boxed_slice()));
                head
            });
            let whole = whole.ok_or_else(|| Problem::failed(&"a file without headers"));
            // A client that has gone needs no answer.
            drop(answer.send(whole));
        }
        (State::Whole(_, answer), Err(problem)) => drop(answer.send(Err(problem))),
        (State::Flowing(body), Ok(())) => match body.finish().and_then(Channel::end) {
            Ok(()) => {}
            Err(error) => tracing::info!(%error, "a download was broken off"),
        },
        // Without its end the body breaks off.
        (State::Flowing(_), Err(_)) => {}
    }
}

fn write(asked: &Items, out: &mut Out) -> Result<(), Problem> {
    let store = &asked.service.store;
    let id = &asked.collection;
    let summary = store.collection(id).ok_or_else(|| no_collection(id))?;
    let selection = store
        .select(id, &asked.query, asked.limit, asked.after.as_deref())?
        .ok_or_else(|| no_collection(id))?;
    let counts = (selection.matched, selection.returned());
    let head = ok(asked.format.media_type(), Vec::new());
    out.head = Some(asked.headed(head, counts, selection.next.as_deref())?);
    let to = Reprojector::new(Crs::Crs84, asked.crs).map_err(|error| Problem::failed(&error))?;
    let mut rows = selection.features().map(|(row, metres)| {
        let mut feature = asked.choice.of(row, metres);
        let shape = feature.geometry.as_ref();
        feature.geometry = shape.map(|shape| to.geometry(shape)).transpose()?;
        Ok(feature)
    });
    let table = Table {
        collection: summary.info,
        columns: asked.choice.columns(),
        crs: asked.crs,
        features: &mut rows,
    };
    let wishes = Wishes {
        bom: asked.bom,
        matched: Some(counts.0),
        ..Wishes::default()
    };
    encode::write(asked.format, table, wishes, out).map_err(refused)
}

/// What the client may mend is a 400; the rest is ours.
fn refused(error: EncodeError) -> Problem {
    match error {
        EncodeError::Crs { .. } | EncodeError::Reprojection(_) => Problem::parameter("crs", error),
        EncodeError::Value { .. } | EncodeError::Size { .. } => Problem::parameter("f", error),
        EncodeError::Io(ref cause) if cause.kind() == io::ErrorKind::ResourceBusy => {
            Problem::many_files()
        }
        EncodeError::Io(ref cause) if has_gone(cause) => {
            tracing::info!(%error, "a download was broken off");
            // Nobody is there to read it.
            Problem::too_slow()
        }
        EncodeError::Io(_) | EncodeError::Library { .. } => Problem::failed(&error),
    }
}

/// The client left, or stopped reading: its own affair, and nothing that failed here.
fn has_gone(cause: &io::Error) -> bool {
    use io::ErrorKind::{BrokenPipe, TimedOut};
    [BrokenPipe, TimedOut].contains(&cause.kind())
}

/// Where a file is written to: memory first, the client once it grows.
struct Out {
    state: State,
    /// Among the work that everybody waits for; until the file flows, and waits for its client instead.
    place: Option<SemaphorePermit<'static>>,
    coding: Coding,
    handle: Handle,
    /// The answer without its body; there from before the first byte.
    head: Option<Response>,
}

enum State {
    Whole(Vec<u8>, oneshot::Sender<Answer>),
    Flowing(Box<Compressor<Channel>>),
}

impl Write for Out {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match &mut self.state {
            State::Whole(body, ..) if body.len() + bytes.len() <= WHOLE => {
                body.extend_from_slice(bytes);
                Ok(bytes.len())
            }
            State::Whole(..) => {
                self.flow()?;
                self.write(bytes)
            }
            State::Flowing(body) => body.write(bytes),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        // Flushing a compressor at every chance would cost its ratio.
        Ok(())
    }
}

impl Out {
    /// Begins the answer.
    fn flow(&mut self) -> io::Result<()> {
        let permit = ROOM
            .try_acquire()
            .map_err(|_| io::Error::from(io::ErrorKind::ResourceBusy))?;
        let (chunks, received) = mpsc::channel(CHUNKS);
        let whole = Arc::new(AtomicBool::new(false));
        let channel = Channel {
            chunk: Vec::with_capacity(CHUNK),
            chunks,
            whole: whole.clone(),
            handle: self.handle.clone(),
            _permit: permit,
        };
        let compressor = self.coding.compressor(channel, Effort::Waiting)?;
        let flowing = State::Flowing(Box::new(compressor));
        let State::Whole(body, answer) = std::mem::replace(&mut self.state, flowing) else {
            return Ok(());
        };
        let mut head = self
            .head
            .take()
            .ok_or_else(|| io::Error::other("a file without headers"))?;
        head.headers_mut().remove(header::CONTENT_LENGTH);
        if self.coding != Coding::Identity {
            let coding = HeaderValue::from_static(self.coding.name());
            head.headers_mut().insert(header::CONTENT_ENCODING, coding);
        }
        head.extensions_mut().insert(Flowing);
        *head.body_mut() = Body::new(Chunks {
            chunks: received,
            whole,
        });
        drop(self.place.take());
        answer
            .send(Ok(head))
            .map_err(|_| io::Error::from(io::ErrorKind::BrokenPipe))?;
        self.write_all(&body)
    }
}

/// The sending end.
pub(super) struct Channel {
    chunk: Vec<u8>,
    chunks: mpsc::Sender<Bytes>,
    whole: Arc<AtomicBool>,
    handle: Handle,
    _permit: SemaphorePermit<'static>,
}

impl Channel {
    fn send(&mut self) -> io::Result<()> {
        let chunk = std::mem::replace(&mut self.chunk, Vec::with_capacity(CHUNK));
        let sent = self.chunks.send(chunk.into());
        match self.handle.block_on(tokio::time::timeout(STALLED, sent)) {
            Ok(Ok(())) => Ok(()),
            Ok(Err(_)) => Err(io::ErrorKind::BrokenPipe.into()),
            Err(_) => Err(io::ErrorKind::TimedOut.into()),
        }
    }

    /// Sends what is left. A body that is dropped without it ends in an error.
    fn end(mut self) -> io::Result<()> {
        self.flush()?;
        self.whole.store(true, Ordering::Release);
        Ok(())
    }
}

impl Write for Channel {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let taken = bytes.len().min(CHUNK - self.chunk.len());
        self.chunk.extend_from_slice(&bytes[..taken]);
        if self.chunk.len() == CHUNK {
            self.send()?;
        }
        Ok(taken)
    }

    fn flush(&mut self) -> io::Result<()> {
        if self.chunk.is_empty() {
            Ok(())
        } else {
            self.send()
        }
    }
}

/// The receiving end.
struct Chunks {
    chunks: mpsc::Receiver<Bytes>,
    whole: Arc<AtomicBool>,
}

impl http_body::Body for Chunks {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<io::Result<Frame<Bytes>>>> {
        self.chunks.poll_recv(context).map(|chunk| match chunk {
            Some(bytes) => Some(Ok(Frame::data(bytes))),
            None if self.whole.load(Ordering::Acquire) => None,
            None => Some(Err(io::Error::other("the file could not be finished"))),
        })
    }
}

/// Marks an answer whose body leaves while it is made, compressed already.
#[derive(Debug, Clone, Copy)]
pub(super) struct Flowing;
