//! Connections: how many, and how long a client may keep one waiting.

use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::http::Request;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::GracefulShutdown;
use tokio::net::TcpListener;
use tokio::sync::Semaphore;
use tokio_io_timeout::TimeoutStream;
use tower::ServiceExt;

use super::client::Peer;

/// The longest head of a request, in bytes: a polygon in a filter is long. More is a 431.
const HEAD: usize = 128 << 10;

/// After a connection could not be taken - no more files may be open, as a rule - the next is tried.
const BREATH: Duration = Duration::from_millis(100);

/// What clients may take of the server without asking for anything.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// Open connections. Those beyond wait in the queue of the operating system. As a rule a process
    /// may have 1024 files open, and some downloads need one.
    pub connections: usize,
    /// How long a head may take to arrive, counted from the end of the last answer.
    pub idle: Duration,
    /// How long an answer waits for a client that reads nothing.
    pub stalled: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            connections: 900,
            idle: Duration::from_secs(30),
            stalled: Duration::from_secs(30),
        }
    }
}

/// Answers on a port until `stopped`; then takes no more connections, and ends once the answers under
/// way are sent.
pub async fn serve(
    listener: TcpListener,
    app: Router,
    limits: Limits,
    stopped: impl Future<Output = ()>,
) {
    let mut http = http1::Builder::new();
    http.timer(TokioTimer::new())
        .header_read_timeout(limits.idle)
        .max_buf_size(HEAD);
    let open = GracefulShutdown::new();
    let room = Arc::new(Semaphore::new(limits.connections));
    let mut stopped = pin!(stopped);
    loop {
        let next = async {
            let permit = room.clone().acquire_owned().await;
            (listener.accept().await, permit)
        };
        let (accepted, permit) = tokio::select! {
            next = next => next,
            () = &mut stopped => break,
        };
        let (stream, peer) = match accepted {
            Ok((stream, peer)) => (stream, Peer(peer.ip())),
            Err(error) => {
                tracing::warn!(%error, "a connection could not be taken");
                tokio::time::sleep(BREATH).await;
                continue;
            }
        };
        // Chunks of a file leave when they are there; only speed is lost where it cannot be set.
        if let Err(error) = stream.set_nodelay(true) {
            tracing::debug!(%error);
        }
        let mut stream = TimeoutStream::new(stream);
        stream.set_write_timeout(Some(limits.stalled));
        let app = app.clone();
        let service = service_fn(move |mut request: Request<Incoming>| {
            request.extensions_mut().insert(peer);
            app.clone().oneshot(request)
        });
        let stream = TokioIo::new(Box::pin(stream));
        let connection = open.watch(http.serve_connection(stream, service));
        tokio::spawn(async move {
            if let Err(error) = connection.await {
                tracing::debug!(%error, "a connection was broken off");
            }
            drop(permit);
        });
    }
    drop(listener);
    open.shutdown().await;
}
