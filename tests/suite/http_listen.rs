//! Clients that take without asking: by sending slowly, by not reading, by staying.

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use buju::http::{Limits, Phase, serve};
use buju::model::{ColumnType, Value};
use geo::{Geometry, Point};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::time::{sleep, timeout};

use crate::support::{Server, column, made_up};

const PATIENCE: Duration = Duration::from_millis(400);

/// Far more than anything here takes, on a busy machine too.
const LONG: Duration = Duration::from_secs(20);

/// A server on a port, with room for one connection, and some megabytes to ask for.
async fn start() -> SocketAddr {
    let row = |n| {
        let place = Geometry::Point(Point::new(f64::from(n) * 1e-3, 31.0));
        (Some(place), vec![Value::Text(format!("{n:02000}"))])
    };
    let columns = vec![column("remark", ColumnType::String, false)];
    let server = Server::new(made_up(columns, (0..9_000).map(row).collect()));
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = listener.local_addr().expect("an address");
    let limits = Limits {
        connections: 1,
        idle: PATIENCE,
        stalled: PATIENCE,
    };
    tokio::spawn(serve(
        listener,
        server.router(),
        limits,
        std::future::pending(),
    ));
    address
}

async fn connect(address: SocketAddr, request: &str) -> TcpStream {
    let mut stream = TcpStream::connect(address).await.expect("a connection");
    let sent = stream.write_all(request.as_bytes()).await;
    sent.expect("a request");
    stream
}

/// What comes until the server closes the connection.
async fn rest(mut stream: TcpStream) -> Vec<u8> {
    let mut body = Vec::new();
    let read = timeout(LONG, stream.read_to_end(&mut body)).await;
    // A connection that is broken off hard has nothing more to say.
    let _ = read.expect("an end");
    body
}

async fn is_served(address: SocketAddr) -> Duration {
    let start = Instant::now();
    let request = "GET /healthz HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n";
    let answer = rest(connect(address, request).await).await;
    let answer = String::from_utf8(answer).expect("a text");
    assert!(answer.starts_with("HTTP/1.1 200 OK\r\n") && answer.ends_with("\r\n\r\nok\n"));
    start.elapsed()
}

#[tokio::test(flavor = "multi_thread")]
async fn slow_heads_end() {
    let address = start().await;
    for head in ["", "GET /plan HT", "GET /plan HTTP/1.1\r\nhost: a\r\nx: "] {
        let mut slow = connect(address, head).await;
        sleep(Duration::from_millis(50)).await;
        // Somebody else waits for the only place, and gets it, however often the first sends a bit.
        let other = tokio::spawn(is_served(address));
        for _ in 0..40 {
            sleep(Duration::from_millis(50)).await;
            if slow.write_all(b"a").await.is_err() {
                break;
            }
        }
        let waited = other.await.expect("an answer");
        assert!(waited < Duration::from_secs(2) + LONG / 2, "{waited:?}");
        assert!(!rest(slow).await.starts_with(b"HTTP/1.1 200"));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn who_does_not_read_gives_way() {
    let address = start().await;
    for target in [
        // One large body, and one that flows.
        "/collections/shapes/items?limit=9000",
        "/collections/shapes/items?f=csv",
    ] {
        let request = format!("GET {target} HTTP/1.1\r\nhost: a\r\n\r\n");
        let stalled = connect(address, &request).await;
        sleep(Duration::from_millis(50)).await;
        is_served(address).await;
        let got = rest(stalled).await;
        assert!(got.starts_with(b"HTTP/1.1 200 OK\r\n"));
        assert!(got.len() < 9_000 * 2_000, "{target}: the whole body came");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn long_heads_are_refused() {
    let address = start().await;
    let long = "x".repeat(300_000);
    let request = format!("GET /plan HTTP/1.1\r\nhost: a\r\ncookie: {long}\r\n\r\n");
    let mut stream = TcpStream::connect(address).await.expect("a connection");
    let (mut reads, mut writes) = stream.split();
    let write = async { drop(writes.write_all(request.as_bytes()).await) };
    let mut answer = [0; 12];
    let (read, ()) = tokio::join!(timeout(LONG, reads.read_exact(&mut answer)), write);
    assert!(read.expect("in time").is_ok());
    assert_eq!(&answer, b"HTTP/1.1 431");
}
