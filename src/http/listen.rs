//! A port: how many connections it takes, how long a client may keep one waiting, and how it ends.

use std::io;
use std::net::IpAddr;
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use axum::Router;
use axum::body::{Body, Bytes};
use axum::http::{HeaderValue, Request, header};
use http_body::{Frame, SizeHint};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::GracefulShutdown;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Semaphore, watch};
use tokio::time::timeout;
use tower::ServiceExt;

use super::client::Peer;
use super::connections::{Bounds, Connections, Denied, Place};
use super::network::Network;
use super::refusal;
use super::wire::{Answering, Wire};

/// The longest head of a request, in bytes: a polygon in a filter is long. More is a 431.
const HEAD: usize = 128 << 10;

/// After a connection could not be taken - no more files may be open, as a rule - the next is tried.
const BREATH: Duration = Duration::from_millis(100);

/// `ENFILE` and `EMFILE`: the system, or the process, may open no more files.
const NO_MORE_FILES: [i32; 2] = [23, 24];

/// The most connections that are open by default, where the system allows as many.
const MOST: usize = 10_000;

/// Files that are open beside connections: of the plan, of downloads, of the program.
const OTHER_FILES: usize = 256;

/// Connections of one address by default. A browser opens six, so that some forty people behind one address are served
/// at the same time, and any number of idle ones.
const PER_ADDRESS: usize = 256;

/// Connections that are told at the same time that they are too many; others are closed without a word.
const TOLD: usize = 64;
static TELLING: Semaphore = Semaphore::const_new(TOLD);

/// How long such a client may take to read it.
const TELLING_TAKES: Duration = Duration::from_secs(1);

/// How long a client that is sending a request when the server ends may take to send the rest of it.
const LAST_HEADS: Duration = Duration::from_secs(1);

/// What clients may take of the server without asking for anything.
#[derive(Debug, Clone)]
pub struct Limits {
    /// Open connections. When there are as many, idle ones end, the longest idle first.
    pub connections: usize,
    /// Connections of one address.
    pub per_address: usize,
    /// Addresses that may have any number. Loopback, and proxies: many clients stand behind one.
    pub exempt: Vec<Network>,
    /// How long a head may take to arrive, counted from the end of the last answer.
    pub idle: Duration,
    /// How long an answer waits for a client that takes no bytes. One that reads slowly may go on for ever, and takes them in
    /// steps: its system tells of room again when a sixteenth of a buffer of some megabytes is free, which takes it more
    /// than a minute at 5 kB/s. A long wait costs little: where connections are needed, those that wait give way.
    pub stalled: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            connections: MOST,
            per_address: PER_ADDRESS,
            exempt: ["127.0.0.0/8", "::1"]
                .iter()
                .filter_map(|network| network.parse().ok())
                .collect(),
            idle: Duration::from_secs(30),
            stalled: Duration::from_secs(120),
        }
    }
}

/// Lets the process open as many files as the system allows, and returns how many connections that is enough for.
#[must_use]
pub fn connections_possible() -> usize {
    let files = usize::try_from(open_files()).unwrap_or(usize::MAX);
    // Under a small limit, half of it.
    MOST.min(files.saturating_sub(OTHER_FILES).max(files / 2))
}

/// Raises the limit of open files as far as it may, and returns it.
#[cfg(unix)]
fn open_files() -> u64 {
    use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
    let limit = getrlimit(Resource::Nofile);
    let raised = Rlimit {
        current: limit.maximum,
        ..limit
    };
    let raised = match setrlimit(Resource::Nofile, raised) {
        Ok(()) => limit.maximum,
        Err(error) => {
            tracing::warn!(%error, "the limit of open files cannot be raised");
            limit.current
        }
    };
    raised.unwrap_or(u64::MAX)
}

#[cfg(not(unix))]
fn open_files() -> u64 {
    u64::MAX
}

/// Where a server is on its way to its end.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Phase {
    /// It answers.
    Serving,
    /// It still answers, new connections too, and closes each with its answer: whoever balances load should notice.
    Leaving,
    /// It takes no more connections, and answers what was asked before.
    Draining,
    /// It ends, whatever is under way.
    Over,
}

/// Answers on a port until it is told to end. Returns how many answers were cut off.
pub async fn serve(
    listener: TcpListener,
    app: Router,
    limits: Limits,
    mut phase: watch::Receiver<Phase>,
) -> usize {
    let connections = Connections::new(Bounds {
        all: limits.connections,
        per_address: limits.per_address,
        exempt: limits.exempt.clone(),
    });
    let server = Server {
        http: protocol(&limits),
        app,
        limits,
        connections: connections.clone(),
        open: GracefulShutdown::new(),
        phase: phase.clone(),
    };
    tokio::select! {
        () = server.accept(&listener) => {}
        () = reached(&mut phase, Phase::Draining) => {}
    }
    drop(listener);
    let drained = async {
        let mut shutdown = pin!(server.open.shutdown());
        tokio::select! {
            () = &mut shutdown => return,
            () = tokio::time::sleep(LAST_HEADS) => connections.end_idle(),
        }
        shutdown.await;
    };
    tokio::select! {
        biased;
        () = drained => 0,
        () = reached(&mut phase, Phase::Over) => connections.answering(),
    }
}

/// Waits for a phase, or one after it. Whoever tells them is not expected to go before.
async fn reached(phase: &mut watch::Receiver<Phase>, wanted: Phase) {
    if phase.wait_for(|phase| *phase >= wanted).await.is_err() {
        std::future::pending::<()>().await;
    }
}

fn protocol(limits: &Limits) -> http1::Builder {
    let mut http = http1::Builder::new();
    http.timer(TokioTimer::new())
        .header_read_timeout(limits.idle)
        .max_buf_size(HEAD);
    http
}

struct Server {
    http: http1::Builder,
    app: Router,
    limits: Limits,
    connections: Arc<Connections>,
    open: GracefulShutdown,
    phase: watch::Receiver<Phase>,
}

impl Server {
    async fn accept(&self, listener: &TcpListener) {
        loop {
            let (stream, address) = match listener.accept().await {
                Ok((stream, address)) => (stream, address.ip()),
                Err(error) => {
                    tracing::warn!(%error, "a connection could not be taken");
                    if NO_MORE_FILES.contains(&error.raw_os_error().unwrap_or_default()) {
                        self.connections.relieve();
                    }
                    tokio::time::sleep(BREATH).await;
                    continue;
                }
            };
            match self.place(address).await {
                Ok(place) => self.answer(stream, self.peer(address), place),
                Err(_) => tell_too_many(stream),
            }
        }
    }

    fn peer(&self, address: IpAddr) -> Peer {
        let mut proxies = self.limits.exempt.iter();
        Peer {
            address,
            is_proxy: proxies.any(|network| network.contains(address)),
        }
    }

    /// A place for a connection. Where all are being answered it waits, and those behind it in the queue of the
    /// operating system.
    async fn place(&self, address: IpAddr) -> Result<Place, Denied> {
        loop {
            match self.connections.admit(address) {
                // A client that takes nothing of its answer may have waited long enough meanwhile.
                Err(Denied::All) => drop(timeout(BREATH, self.connections.freed()).await),
                other => return other,
            }
        }
    }

    fn answer(&self, stream: TcpStream, peer: Peer, place: Place) {
        prepare(&stream, &self.limits);
        let activity = place.activity.clone();
        let wire = Wire::new(stream, activity.clone(), patience(&self.limits));
        let app = self.app.clone();
        let phase = self.phase.clone();
        let service = service_fn(move |mut request: Request<Incoming>| {
            let answering = activity.answer();
            let phase = phase.clone();
            request.extensions_mut().insert(peer);
            let response = app.clone().oneshot(request);
            async move {
                let mut response = response.await?;
                if *phase.borrow() != Phase::Serving {
                    let close = HeaderValue::from_static("close");
                    response.headers_mut().insert(header::CONNECTION, close);
                }
                Ok::<_, std::convert::Infallible>(response.map(|body| Sent {
                    body,
                    _answering: answering,
                }))
            }
        });
        let connection = self.http.serve_connection(TokioIo::new(wire), service);
        let connection = self.open.watch(connection);
        tokio::spawn(async move {
            let mut place = place;
            tokio::select! {
                ended = connection => {
                    if let Err(error) = ended {
                        tracing::debug!(%error, "a connection was broken off");
                    }
                }
                _ = &mut place.ended => tracing::debug!("a connection ended for another"),
            }
        });
    }
}

/// Options of a socket. Only speed, or an early end, is lost where one cannot be set.
fn prepare(stream: &TcpStream, limits: &Limits) {
    // Chunks of a file leave when they are there.
    let set = stream.set_nodelay(true);
    // The system knows when a client has taken bytes; a program only hears of it when a third of the socket's buffer of some
    // megabytes is free again, which a client that reads steadily takes minutes for.
    #[cfg(target_os = "linux")]
    let set = set
        .and_then(|()| socket2::SockRef::from(stream).set_tcp_user_timeout(Some(limits.stalled)));
    #[cfg(not(target_os = "linux"))]
    let _ = limits;
    if let Err(error) = set {
        tracing::debug!(%error, "an option of a socket could not be set");
    }
}

/// How long a write may wait. Where the system ends connections that stall, ten times as long as it.
fn patience(limits: &Limits) -> Duration {
    limits.stalled * if cfg!(target_os = "linux") { 10 } else { 1 }
}

/// Tells a client that its address has too many connections, without reading what it asks.
fn tell_too_many(mut stream: TcpStream) {
    let Ok(permit) = TELLING.try_acquire() else {
        return;
    };
    tokio::spawn(async move {
        let _permit = permit;
        let told = async {
            let answer = refusal::crowded(
                "too many requests are being answered for your address; try again in a few seconds",
            );
            stream.write_all(&answer).await?;
            stream.shutdown().await?;
            // A socket that is closed with something unread in it takes the answer back.
            let mut unread = [0; 1 << 12];
            while stream.read(&mut unread).await? > 0 {}
            Ok::<_, io::Error>(())
        };
        // A client that does not listen has nothing more to hear.
        drop(timeout(TELLING_TAKES, told).await);
    });
}

/// The body of an answer, which is under way until its end.
struct Sent {
    body: Body,
    /// Ends it when it is dropped.
    _answering: Answering,
}

impl http_body::Body for Sent {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        Pin::new(&mut self.body).poll_frame(context)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}
