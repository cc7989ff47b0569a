//! Clients that take without asking: by sending slowly, by not reading, by staying. And how a server ends.

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use axum::Router;
use buju::http::{App, Limits, Phase, Settings, connections_possible, router, serve};
use buju::model::{ColumnType, Value};
use geo::{Geometry, Point};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpSocket, TcpStream};
use tokio::sync::watch;
use tokio::task::JoinHandle;
use tokio::time::{sleep, timeout};

use crate::support::{column, made_up};

const PATIENCE: Duration = Duration::from_millis(400);

/// Far more than anything here takes, on a busy machine too.
const LONG: Duration = Duration::from_secs(20);

/// Some megabytes to ask for.
fn app() -> App {
    let row = |n| {
        let place = Geometry::Point(Point::new(f64::from(n) * 1e-3, 31.0));
        (Some(place), vec![Value::Text(format!("{n:02000}"))])
    };
    let columns = vec![column("remark", ColumnType::String, false)];
    let store = made_up(columns, (0..9_000).map(row).collect());
    App::new(store, Settings::default())
}

/// A server on a port.
struct Running {
    address: SocketAddr,
    phase: watch::Sender<Phase>,
    served: JoinHandle<usize>,
}

impl Running {
    async fn start(app: Router, limits: Limits) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let address = listener.local_addr().expect("an address");
        let (phase, told) = watch::channel(Phase::Serving);
        let served = tokio::spawn(serve(listener, app, limits, told));
        Self {
            address,
            phase,
            served,
        }
    }
}

/// A server with room for one connection. It runs for as long as the test.
async fn start() -> SocketAddr {
    let limits = Limits {
        connections: 1,
        idle: PATIENCE,
        stalled: PATIENCE,
        ..Limits::default()
    };
    let server = Running::start(router(app()), limits).await;
    server.address
}

/// A connection from another address of this machine.
async fn connect_from(last: u8, address: SocketAddr, request: &str) -> TcpStream {
    let socket = TcpSocket::new_v4().expect("a socket");
    let from = SocketAddr::from(([127, 0, 0, last], 0));
    socket.bind(from).expect("an address");
    let mut stream = socket.connect(address).await.expect("a connection");
    let sent = stream.write_all(request.as_bytes()).await;
    sent.expect("a request");
    stream
}

const HEALTH: &str = "GET /healthz HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n";
const LARGE: &str = "GET /collections/shapes/items?f=csv HTTP/1.1\r\nhost: a\r\n\r\n";

fn is_healthy(answer: &[u8]) -> bool {
    answer.starts_with(b"HTTP/1.1 200 OK\r\n") && answer.ends_with(b"\r\n\r\nok\n")
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
    let answer = rest(connect(address, HEALTH).await).await;
    assert!(is_healthy(&answer), "{}", String::from_utf8_lossy(&answer));
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

/// More than a thousand from one address kept everybody out for as long as they liked.
#[tokio::test(flavor = "multi_thread")]
async fn thousands_may_stay_and_give_way() {
    const MANY: usize = 1_500;
    assert!(connections_possible() > 2 * MANY, "the limit of open files");
    // In bounds all of them stay.
    let server = Running::start(router(app()), Limits::default()).await;
    let mut idle = Vec::new();
    for _ in 0..MANY {
        idle.push(connect(server.address, "").await);
    }
    assert!(is_served(server.address).await < LONG);
    for stream in idle.iter_mut().step_by(100) {
        let sent = stream.write_all(HEALTH.as_bytes()).await;
        sent.expect("the connection is open");
    }
    for stream in idle.into_iter().step_by(100) {
        assert!(is_healthy(&rest(stream).await));
    }
    // Beyond a bound the longest idle go: silent ones, those that were answered before, and slow heads.
    for beginning in [
        "",
        "GET /healthz HTTP/1.1\r\nhost: a\r\n\r\n",
        "GET /plan HTTP/1.1\r\nhost: a\r\nx: ",
    ] {
        let limits = Limits {
            connections: 1_000,
            ..Limits::default()
        };
        let server = Running::start(router(app()), limits).await;
        let mut idle = Vec::new();
        for _ in 0..MANY {
            idle.push(connect(server.address, beginning).await);
        }
        for _ in 0..20 {
            is_served(server.address).await;
        }
        let last = idle.pop().expect("a connection");
        // The first has ended, long before its time.
        let first = timeout(LONG / 2, rest(idle.swap_remove(0))).await;
        first.expect("an end");
        drop(last);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_address_has_a_bound_of_its_own() {
    let limits = Limits {
        per_address: 20,
        exempt: Vec::new(),
        ..Limits::default()
    };
    let server = Running::start(router(app()), limits).await;
    let mut idle = Vec::new();
    for _ in 0..100 {
        idle.push(connect_from(1, server.address, "").await);
    }
    let other = connect_from(2, server.address, "GET /pl").await;
    // Idle ones make room for the next of their own address.
    assert!(is_healthy(
        &rest(connect_from(1, server.address, HEALTH).await).await
    ));
    // Those that are answered do not.
    let mut answered = Vec::new();
    for _ in 0..20 {
        let mut stream = connect_from(1, server.address, LARGE).await;
        let mut first = [0; 1_000];
        let read = timeout(LONG, stream.read_exact(&mut first)).await;
        assert!(read.expect("in time").is_ok());
        answered.push(stream);
    }
    let refused = rest(connect_from(1, server.address, HEALTH).await).await;
    let refused = String::from_utf8(refused).expect("a text");
    assert!(
        refused.starts_with("HTTP/1.1 503 Service Unavailable\r\n"),
        "{refused}"
    );
    assert!(refused.contains("\r\nretry-after: ") && refused.contains("\"detail\":"));
    assert!(is_healthy(
        &rest(connect_from(3, server.address, HEALTH).await).await
    ));
    // The other address lost nothing.
    let mut other = other;
    let rest_of_head = b"an HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n";
    other.write_all(rest_of_head).await.expect("open");
    assert!(rest(other).await.starts_with(b"HTTP/1.1 200 OK\r\n"));
    drop(answered);
    let mut tries = 0;
    while !is_healthy(&rest(connect_from(1, server.address, HEALTH).await).await) {
        tries += 1;
        assert!(tries < 200, "the places are not free again");
        sleep(Duration::from_millis(50)).await;
    }
}

/// A program hears of bytes that were taken when a third of the system's buffer is free, which is long after.
#[tokio::test(flavor = "multi_thread")]
async fn who_reads_slowly_is_not_cut_off() {
    let limits = Limits {
        stalled: Duration::from_secs(1),
        ..Limits::default()
    };
    let server = Running::start(router(app()), limits).await;
    let request = LARGE.replace("host: a", "host: a\r\nconnection: close");
    let mut stream = connect(server.address, &request).await;
    let mut piece = vec![0; 20_000];
    let mut length = 0;
    for _ in 0..60 {
        sleep(Duration::from_millis(100)).await;
        length += timeout(LONG, stream.read_exact(&mut piece))
            .await
            .expect("in time")
            .expect("more");
    }
    length += rest(stream).await.len();
    assert!(length > 9_000 * 2_000, "cut off after {length} bytes");
}

#[tokio::test(flavor = "multi_thread")]
async fn heads_that_cannot_be_parsed_are_told_why() {
    let server = Running::start(router(app()), Limits::default()).await;
    let long = "x".repeat(70_000);
    for (head, status, named) in [
        (
            "GET /collections?q=a>b HTTP/1.1\r\nhost: a",
            "400 Bad Request",
            "%3E",
        ),
        (
            "GET /collections?q=a b HTTP/1.1\r\nhost: a",
            "400 Bad Request",
            "%20",
        ),
        ("GET /<plan> HTTP/1.1\r\nhost: a", "400 Bad Request", "%3C"),
        (
            "GET /plan HTTP/1.1\r\nhost: a\r\nno header",
            "400 Bad Request",
            "headers",
        ),
        (
            "GET /plan HTTP/1.1\r\nhost: a\r\ncontent-length: x",
            "400 Bad Request",
            "length",
        ),
        ("nonsense", "400 Bad Request", "nonsense"),
        (
            &format!("GET /{long} HTTP/1.1\r\nhost: a"),
            "414 URI Too Long",
            "65534",
        ),
        (
            &format!("GET /plan HTTP/1.1\r\n{}", "a: b\r\n".repeat(200)),
            "431 Request Header Fields Too Large",
            "100 headers",
        ),
    ] {
        let answer = rest(connect(server.address, &format!("{head}\r\n\r\n")).await).await;
        let answer = String::from_utf8(answer).expect("a text");
        let (headers, body) = answer.split_once("\r\n\r\n").expect("a head");
        assert!(
            headers.starts_with(&format!("HTTP/1.1 {status}\r\n")),
            "{head:.60}: {headers}"
        );
        assert!(
            headers.contains("\r\ncontent-type: application/problem+json"),
            "{headers}"
        );
        assert!(
            headers.contains(&format!("\r\ncontent-length: {}", body.len())),
            "{headers}"
        );
        let problem: serde_json::Value = serde_json::from_str(body).expect("JSON");
        let detail = problem["detail"].as_str().expect("a detail");
        assert!(detail.contains(named), "{head:.60}: {detail}");
        assert_eq!(problem["status"].to_string(), status[..3]);
    }
    // After a good request on the same connection, too.
    let both = "GET /healthz HTTP/1.1\r\nhost: a\r\n\r\n";
    let mut stream = connect(server.address, both).await;
    sleep(Duration::from_millis(200)).await;
    stream
        .write_all(b"GET /a>b HTTP/1.1\r\nhost: a\r\n\r\n")
        .await
        .expect("open");
    let answers = String::from_utf8(rest(stream).await).expect("a text");
    assert!(
        answers.contains("\r\n\r\nok\nHTTP/1.1 400 ") && answers.contains("%3E"),
        "{answers}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_ends_answers_what_was_asked_before() {
    let app = app();
    let server = Running::start(router(app.clone()), Limits::default()).await;
    let keep = connect(server.address, "GET /healthz HTTP/1.1\r\nhost: a\r\n\r\n").await;
    let mut slow = connect(server.address, LARGE).await;
    let mut first = [0; 1_000];
    slow.read_exact(&mut first).await.expect("a beginning");
    app.leave();
    server.phase.send_replace(Phase::Leaving);
    // New connections are still answered, each once.
    let ready = connect(server.address, "GET /readyz HTTP/1.1\r\nhost: a\r\n\r\n").await;
    let ready = String::from_utf8(rest(ready).await).expect("a text");
    assert!(
        ready.starts_with("HTTP/1.1 503 ") && ready.contains("\"ending\""),
        "{ready}"
    );
    assert!(ready.contains("connection: close"), "{ready}");
    is_served(server.address).await;
    server.phase.send_replace(Phase::Draining);
    assert!(is_healthy(&rest(keep).await));
    let mut tries = 0;
    while TcpStream::connect(server.address).await.is_ok() {
        tries += 1;
        assert!(tries < 200, "it still listens");
        sleep(Duration::from_millis(20)).await;
    }
    assert!(!server.served.is_finished());
    assert!(rest(slow).await.len() > 9_000 * 2_000);
    assert_eq!(
        timeout(LONG, server.served)
            .await
            .expect("an end")
            .expect("no panic"),
        0
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_has_to_end_tells_what_was_cut_off() {
    let server = Running::start(router(app()), Limits::default()).await;
    let mut cut = Vec::new();
    for _ in 0..3 {
        let mut stalled = connect(server.address, LARGE).await;
        let mut first = [0; 1_000];
        stalled.read_exact(&mut first).await.expect("a beginning");
        cut.push(stalled);
    }
    // Half a request is no answer.
    let half = connect(server.address, "GET /pl").await;
    server.phase.send_replace(Phase::Draining);
    sleep(Duration::from_millis(100)).await;
    server.phase.send_replace(Phase::Over);
    assert_eq!(
        timeout(LONG, server.served)
            .await
            .expect("an end")
            .expect("no panic"),
        3
    );
    drop((cut, half));
}
