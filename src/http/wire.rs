//! A client's socket, between hyper and the system: it tells what the connection is doing, ends one whose client
//! reads nothing, and writes a problem document where hyper would refuse a head with an empty answer.

use std::io::{self, IoSlice};
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::task::{Context, Poll, ready};
use std::time::{Duration, Instant};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
use tokio::time::{Sleep, sleep};

use super::refusal;

/// How much of a head is kept to tell what was wrong with it.
const KEPT: usize = 1 << 10;

/// What a connection is doing, for whoever has to choose which of them ends.
#[derive(Debug)]
pub(super) struct Activity {
    /// All times are milliseconds since then.
    start: Instant,
    /// True from the end of a request's head to the end of its answer.
    answering: AtomicBool,
    /// Since when it is idle; a head that arrives slowly does not count as activity.
    idle_since: AtomicU64,
    /// Since when the client takes no bytes; [`FLOWING`] while it does.
    blocked_since: AtomicU64,
    /// Requests so far.
    requests: AtomicU64,
}

const FLOWING: u64 = u64::MAX;

impl Activity {
    pub fn new(start: Instant) -> Self {
        let activity = Self {
            start,
            answering: AtomicBool::new(false),
            idle_since: AtomicU64::new(0),
            blocked_since: AtomicU64::new(FLOWING),
            requests: AtomicU64::new(0),
        };
        activity.idle_since.store(activity.now(), Ordering::Relaxed);
        activity
    }

    fn now(&self) -> u64 {
        u64::try_from(self.start.elapsed().as_millis()).unwrap_or(FLOWING - 1)
    }

    /// A request has arrived; its answer ends when this is dropped.
    pub fn answer(self: &Arc<Self>) -> Answering {
        self.requests.fetch_add(1, Ordering::Relaxed);
        self.answering.store(true, Ordering::Relaxed);
        Answering(self.clone())
    }

    /// True while an answer is made or sent.
    pub fn is_answering(&self) -> bool {
        self.answering.load(Ordering::Relaxed) || self.blocked().is_some()
    }

    /// Since when it waits for a request, in milliseconds since the start of the server; none while it answers one.
    pub fn idle(&self) -> Option<u64> {
        (!self.is_answering()).then(|| self.idle_since.load(Ordering::Relaxed))
    }

    /// Since when its client takes nothing of an answer, in the same way.
    pub fn blocked(&self) -> Option<u64> {
        Some(self.blocked_since.load(Ordering::Relaxed)).filter(|since| *since != FLOWING)
    }

    fn block(&self, blocked: bool) {
        let was = self.blocked_since.load(Ordering::Relaxed) != FLOWING;
        if blocked != was {
            let since = if blocked { self.now() } else { FLOWING };
            self.blocked_since.store(since, Ordering::Relaxed);
            if !blocked {
                self.idle_since.store(self.now(), Ordering::Relaxed);
            }
        }
    }
}

/// An answer under way.
pub(super) struct Answering(Arc<Activity>);

impl Drop for Answering {
    fn drop(&mut self) {
        self.0.idle_since.store(self.0.now(), Ordering::Relaxed);
        self.0.answering.store(false, Ordering::Relaxed);
    }
}

/// The socket.
pub(super) struct Wire {
    stream: TcpStream,
    activity: Arc<Activity>,
    /// How long a write may wait for the client.
    patience: Duration,
    waiting: Option<Pin<Box<Sleep>>>,
    /// The beginning of the head that is being read, and how many requests came before it.
    head: Vec<u8>,
    before: u64,
    /// What is written in the place of hyper's answer, and how much of it is.
    refusal: Option<(Vec<u8>, usize)>,
}

impl Wire {
    pub fn new(stream: TcpStream, activity: Arc<Activity>, patience: Duration) -> Self {
        Self {
            stream,
            activity,
            patience,
            waiting: None,
            head: Vec::new(),
            before: 0,
            refusal: None,
        }
    }

    /// Keeps the beginning of a head.
    fn note(&mut self, read: &[u8]) {
        let requests = self.activity.requests.load(Ordering::Relaxed);
        if requests != self.before {
            self.before = requests;
            self.head.clear();
        }
        let room = KEPT.saturating_sub(self.head.len()).min(read.len());
        self.head.extend_from_slice(&read[..room]);
    }

    /// An error once a write has waited too long.
    fn waited<T>(
        &mut self,
        context: &mut Context<'_>,
        written: Poll<io::Result<T>>,
    ) -> Poll<io::Result<T>> {
        if written.is_ready() {
            self.activity.block(false);
            self.waiting = None;
            return written;
        }
        self.activity.block(true);
        let patience = self.patience;
        let waiting = self
            .waiting
            .get_or_insert_with(|| Box::pin(sleep(patience)));
        waiting
            .as_mut()
            .poll(context)
            .map(|()| Err(io::ErrorKind::TimedOut.into()))
    }

    /// Writes a problem document where hyper has written an empty answer; none where it has not.
    fn refuse(
        &mut self,
        context: &mut Context<'_>,
        buffer: &[u8],
    ) -> Option<Poll<io::Result<usize>>> {
        if self.refusal.is_none() {
            if self.activity.answering.load(Ordering::Relaxed) {
                return None;
            }
            self.refusal = Some((refusal::instead_of(buffer, &self.head)?, 0));
        }
        Some(self.write_refusal(context, buffer.len()))
    }

    fn write_refusal(
        &mut self,
        context: &mut Context<'_>,
        length: usize,
    ) -> Poll<io::Result<usize>> {
        while let Some((bytes, at)) = &mut self.refusal {
            let written = Pin::new(&mut self.stream).poll_write(context, &bytes[*at..]);
            let written = match written {
                Poll::Ready(Ok(written)) => written,
                other => return self.waited(context, other),
            };
            *at += written;
            if *at == bytes.len() || written == 0 {
                self.refusal = None;
            }
        }
        self.waited(context, Poll::Ready(Ok(length)))
    }
}

impl AsyncRead for Wire {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let before = buffer.filled().len();
        ready!(Pin::new(&mut self.stream).poll_read(context, buffer))?;
        self.note(&buffer.filled()[before..]);
        Poll::Ready(Ok(()))
    }
}

impl AsyncWrite for Wire {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &[u8],
    ) -> Poll<io::Result<usize>> {
        if let Some(refused) = self.refuse(context, buffer) {
            return refused;
        }
        let written = Pin::new(&mut self.stream).poll_write(context, buffer);
        self.waited(context, written)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffers: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        if let Some(first) = buffers.first()
            && let Some(refused) = self.refuse(context, first)
        {
            return refused;
        }
        let written = Pin::new(&mut self.stream).poll_write_vectored(context, buffers);
        self.waited(context, written)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }
}
