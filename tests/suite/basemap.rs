//! Base maps handed on: what a server that is slow, huge, lost or hostile may do to ours, and where the key goes.

use std::fmt::Write as _;
use std::io::{BufRead, BufReader, Write};
use std::process::{Command, Stdio};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use axum::Router;
use axum::extract::State;
use axum::http::{StatusCode, Uri, header};
use axum::response::{IntoResponse, Response};
use buju::http::check_basemaps;
use buju::ingest::{self, PlanFiles};
use buju::model::{Basemap, Plan};
use buju::snapshot::Snapshot;
use buju::store::Store;
use tokio::task::JoinSet;

use crate::support::{self, Server};

const KEY: &str = "s3cret/+key";
const PNG: &[u8] = b"\x89PNG\r\n\x1a\n not really";

type Asked = Arc<Mutex<Vec<String>>>;

/// A server of tiles that does something else at each zoom.
async fn misbehaving(State(asked): State<Asked>, uri: Uri) -> Response {
    asked.lock().expect("a list").push(uri.to_string());
    let zoom = uri.query().and_then(|query| {
        let pair = query
            .split('&')
            .find(|pair| pair.starts_with("z=") || pair.starts_with("TILEMATRIX="))?;
        pair.split_once('=')?.1.parse::<u32>().ok()
    });
    let png = [(header::CONTENT_TYPE, "image/png")];
    match zoom {
        Some(1) => (StatusCode::INTERNAL_SERVER_ERROR, png, PNG).into_response(),
        Some(2) => (
            [(header::CONTENT_TYPE, "text/html")],
            "<script>alert(1)</script>",
        )
            .into_response(),
        Some(3) => (png, vec![0_u8; 3 << 20]).into_response(),
        Some(4) => {
            tokio::time::sleep(Duration::from_secs(40)).await;
            (png, PNG).into_response()
        }
        // With all that it was asked for.
        Some(5) => {
            let to = format!(
                "http://127.0.0.1:9/elsewhere.png?{}",
                uri.query().unwrap_or_default()
            );
            (StatusCode::FOUND, [(header::LOCATION, to)]).into_response()
        }
        Some(6) => StatusCode::NOT_FOUND.into_response(),
        Some(7) => PNG.into_response(),
        Some(8) => ([(header::CONTENT_TYPE, "image/svg+xml")], "<svg/>").into_response(),
        _ => (png, PNG).into_response(),
    }
}

/// Such a server, and what it was asked.
async fn upstream() -> (String, Asked) {
    let asked = Asked::default();
    let app = Router::new()
        .fallback(misbehaving)
        .with_state(asked.clone());
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0")
        .await
        .expect("a port");
    let address = listener.local_addr().expect("an address");
    tokio::spawn(async move { axum::serve(listener, app).await });
    (format!("http://{address}"), asked)
}

fn basemap(text: &str) -> Basemap {
    let common =
        "title = { zh = '底图', en = 'Base' }\nattribution = { zh = '某', en = 'Somebody' }\n";
    toml::from_str(&format!("{common}{text}")).expect("a base map")
}

fn server(basemaps: Vec<Basemap>) -> Server {
    let mut loaded = ingest::load(&PlanFiles::Shipped)
        .expect("the plan")
        .loaded
        .expect("rows");
    loaded.plan.basemaps = basemaps;
    Server::new(Store::new(Snapshot::build(loaded, Vec::new())))
}

fn key_file() -> tempfile::NamedTempFile {
    let mut file = tempfile::NamedTempFile::new().expect("a file");
    writeln!(file, "{KEY}").expect("a key");
    file
}

#[tokio::test(flavor = "multi_thread")]
async fn tiles_come_through_and_the_key_stays() {
    let (address, asked) = upstream().await;
    let file = key_file();
    let text = format!(
        "id = 'base'\nkind = 'xyz'\ncrs = 'gcj02'\nurl = '{address}/t?z={{z}}&x={{x}}&y={{y}}&tk={{key}}'\nkey_file = '{}'\napproval = 'GS(2026)0000'\n",
        file.path().display()
    );
    let server = server(vec![basemap(&text)]);
    let plan = server.get("/plan").await;
    let shown = plan.json()["basemaps"][0].clone();
    assert_eq!(shown["url"], "/basemap/base/{z}/{x}/{y}");
    assert_eq!(shown["crs"], "gcj02");
    assert_eq!(shown["approval"], "GS(2026)0000");
    let plan = String::from_utf8(plan.body).expect("UTF-8");
    for secret in [KEY, &address, "key_file", "tk="] {
        assert!(!plan.contains(secret), "{secret} is in /plan");
    }
    let tile = server.get("/basemap/base/15/27431/13384").await;
    assert_eq!(tile.status, 200);
    assert_eq!(tile.header("content-type"), "image/png");
    assert_eq!(tile.header("cache-control"), "public, max-age=86400");
    assert_eq!(tile.header("x-content-type-options"), "nosniff");
    assert_eq!(tile.body, PNG);
    // Kept: the other server is asked once.
    assert_eq!(server.get("/basemap/base/15/27431/13384").await.body, PNG);
    let asked = asked.lock().expect("a list").clone();
    assert_eq!(asked, ["/t?z=15&x=27431&y=13384&tk=s3cret%2F%2Bkey"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_goes_wrong_elsewhere_is_said_and_harms_nobody() {
    let (address, asked) = upstream().await;
    let file = key_file();
    let text = format!(
        "id = 'base'\nkind = 'wmts'\ncrs = 'cgcs2000'\nlayer = 'vec'\nmatrix_set = 'w'\nmax_zoom = 9\nurl = '{address}/wmts?tk={{key}}'\nkey_file = '{}'\n",
        file.path().display()
    );
    let gone =
        "id = 'gone'\nkind = 'xyz'\ncrs = 'bd09'\nurl = 'http://127.0.0.1:9/{z}/{x}/{y}.png'\n";
    let server = server(vec![basemap(&text), basemap(gone)]);
    for (target, status, word) in [
        ("/basemap/base/1/0/0", 502, "status 500"),
        ("/basemap/base/2/0/0", 502, "no picture"),
        ("/basemap/base/3/0/0", 502, "more than"),
        ("/basemap/base/5/0/0", 502, "status 302"),
        ("/basemap/base/6/0/0", 404, "no such tile"),
        ("/basemap/base/7/0/0", 502, "no picture"),
        ("/basemap/base/8/0/0", 502, "no picture"),
        ("/basemap/gone/8/99999/99999", 502, "cannot be reached"),
        ("/basemap/base/4/0/0", 504, "in time"),
        ("/basemap/base/10/0/0", 404, "zooms 0 to 9"),
        ("/basemap/base/2/4/0", 404, "no tile"),
        ("/basemap/base/2/-1/0", 400, "whole number"),
        ("/basemap/base/z/1/0", 400, "whole number"),
        ("/basemap/none/1/0/0", 404, "no base map"),
        ("/basemap/base/1/0/0?tk=mine", 400, "tk"),
    ] {
        let start = Instant::now();
        let answer = server.get(target).await;
        assert_eq!(answer.status, status, "{target}");
        assert!(start.elapsed() < Duration::from_secs(20), "{target}");
        let problem = answer.json();
        let detail = problem["detail"].as_str().expect("a detail");
        assert!(detail.contains(word), "{target}: {detail}");
        for secret in [KEY, "s3cret", &address] {
            assert!(
                !String::from_utf8_lossy(&answer.body).contains(secret),
                "{target}"
            );
        }
    }
    assert_eq!(server.get("/basemap/base/9/0/0").await.body, PNG);
    let last = asked.lock().expect("a list").last().cloned();
    assert_eq!(
        last.as_deref(),
        Some(
            "/wmts?tk=s3cret%2F%2Bkey&SERVICE=WMTS&REQUEST=GetTile&VERSION=1.0.0&LAYER=vec&STYLE=default&TILEMATRIXSET=w&FORMAT=tiles&TILEMATRIX=9&TILEROW=0&TILECOL=0"
        )
    );
}

/// One whose server never answers fills its own queue and nobody else's; it is asked no more, and all hear so.
#[tokio::test(flavor = "multi_thread")]
async fn a_slow_server_takes_nothing_from_others() {
    let (address, asked) = upstream().await;
    let xyz = |id: &str| {
        let url = format!("{address}/t?z={{z}}&x={{x}}&y={{y}}&of={id}");
        basemap(&format!(
            "id = '{id}'\nkind = 'xyz'\ncrs = 'gcj02'\nurl = '{url}'\n"
        ))
    };
    let server = server(vec![xyz("slow"), xyz("quick")]);
    let mut slow = JoinSet::new();
    for n in 0..100 {
        let server = server.clone();
        slow.spawn(async move {
            server
                .get(&format!("/basemap/slow/4/{}/{}", n / 10, n % 10))
                .await
        });
    }
    while asked.lock().expect("a list").len() < 8 {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    for n in 0..20 {
        assert_eq!(
            server.get(&format!("/basemap/quick/9/{n}/0")).await.body,
            PNG
        );
        let tile = format!("/tiles/15/27431/133{}.mvt", 70 + n);
        assert!(server.get(&tile).await.status.is_success());
    }
    let mut seen = [0; 2];
    while let Some(answer) = slow.join_next().await {
        let answer = answer.expect("no panic");
        match answer.status.as_u16() {
            503 => seen[0] += 1,
            504 => seen[1] += 1,
            other => panic!("{other}"),
        }
        assert!(answer.headers.contains_key("retry-after") == (answer.status == 503));
    }
    // Those beyond the queue, and those who waited in it for too long; and those that were on their way.
    assert_eq!(seen, [92, 8]);
    let of_slow = || {
        let asked = asked.lock().expect("a list");
        asked.iter().filter(|uri| uri.ends_with("of=slow")).count()
    };
    assert_eq!(of_slow(), 8);
    let next = server.get("/basemap/slow/9/0/0").await;
    assert_eq!(
        (next.status.as_u16(), of_slow()),
        (504, 8),
        "it is left alone"
    );
    assert_eq!(server.get("/basemap/quick/9/99/0").await.body, PNG);
}

/// Whatever is logged, and whatever goes wrong, the key is not in it.
#[tokio::test(flavor = "multi_thread")]
async fn no_log_has_the_key() {
    let (address, asked) = upstream().await;
    let file = key_file();
    let folder = tempfile::tempdir().expect("a folder");
    for part in ["seeds", "geodata"] {
        let to = folder.path().join(part);
        std::fs::create_dir(&to).expect("a folder");
        for entry in std::fs::read_dir(support::shipped().join(part)).expect("the plan") {
            let entry = entry.expect("a file");
            std::fs::copy(entry.path(), to.join(entry.file_name())).expect("copied");
        }
    }
    let plan = folder.path().join("seeds/plan.toml");
    let mut text = std::fs::read_to_string(&plan).expect("the plan");
    for (id, host) in [
        ("base", address.as_str()),
        ("gone", "http://127.0.0.1:9"),
        ("unknown", "http://no-such-host.invalid"),
        ("secret", "https://127.0.0.1:9"),
    ] {
        writeln!(
            text,
            "[[basemaps]]\nid = '{id}'\ntitle = {{ zh = '底图', en = 'Base' }}\nattribution = {{ zh = '某', en = 'Somebody' }}\nkind = 'xyz'\ncrs = 'gcj02'\nurl = '{host}/t?z={{z}}&x={{x}}&y={{y}}&tk={{key}}'\nkey_file = '{}'",
            file.path().display()
        )
        .expect("a text");
    }
    std::fs::write(&plan, text).expect("written");
    let mut child = Command::new(env!("CARGO_BIN_EXE_buju"))
        .args(["serve", "--listen", "127.0.0.1:0", "--plan"])
        .arg(folder.path())
        .env(
            "BUJU_LOG",
            "trace,ureq=trace,ureq_proto=trace,ureq::run=trace,rustls=trace",
        )
        .env("NO_COLOR", "1")
        .stderr(Stdio::piped())
        .spawn()
        .expect("the program runs");
    let mut lines = BufReader::new(child.stderr.take().expect("its messages")).lines();
    let mut log = String::new();
    let port = loop {
        let line = lines.next().expect("a line").expect("a text");
        if let Some(rest) = line.strip_prefix("http://") {
            break rest.split('/').next().expect("an address").to_owned();
        }
        log += &line;
    };
    let reader =
        std::thread::spawn(move || lines.map_while(Result::ok).collect::<Vec<_>>().join("\n"));
    for target in [
        "base/9",
        "base/1",
        "base/2",
        "base/5",
        "base/6",
        "base/7",
        "gone/9",
        "unknown/9",
        "secret/9",
    ] {
        let mut stream = std::net::TcpStream::connect(&port).expect("connected");
        write!(
            stream,
            "GET /basemap/{target}/0/0 HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n"
        )
        .expect("sent");
        let mut answer = String::new();
        // A picture is no text.
        let mut bytes = Vec::new();
        std::io::Read::read_to_end(&mut stream, &mut bytes).expect("an answer");
        answer += &String::from_utf8_lossy(&bytes);
        assert!(
            answer.starts_with("HTTP/1.1 ") && !answer.contains("s3cret"),
            "{answer}"
        );
    }
    child.kill().expect("it runs");
    child.wait().expect("it ends");
    log += &reader.join().expect("the log");
    assert!(
        asked
            .lock()
            .expect("a list")
            .iter()
            .any(|uri| uri.contains("s3cret"))
    );
    assert!(log.contains("/basemap/base/9/0/0"), "{log}");
    let told: Vec<_> = log.lines().filter(|line| line.contains("s3cret")).collect();
    assert!(told.is_empty(), "{told:#?}");
    // Each failure is told all the same.
    assert_eq!(log.matches("a base map's tile").count(), 8, "{log}");
}

#[test]
fn a_base_map_is_checked_before_it_is_served() {
    let good =
        "id = 'a'\nkind = 'xyz'\ncrs = 'bd09'\nurl = 'https://tiles.example/{z}/{x}/{y}.png'\n";
    assert_eq!(basemap(good).fault(), None);
    for (from, to, word) in [
        ("'a'", "'a/b'", "id"),
        ("https:", "file:", "http"),
        ("tiles.example", "{x}.example", "placeholders"),
        ("tiles.example", "me:pw@tiles.example", "login"),
        ("{y}", "y", "{y}"),
        ("{y}", "{y}?tk={key}", "key_env"),
        ("kind = 'xyz'", "kind = 'wmts'", "layer"),
        ("crs =", "key_env = 'K'\ncrs =", "no {key}"),
        ("crs =", "min_zoom = 9\nmax_zoom = 3\ncrs =", "min_zoom"),
    ] {
        let fault = basemap(&good.replace(from, to)).fault().unwrap_or_default();
        assert!(fault.contains(word), "{to}: {fault:?}");
    }
    let missing = good.replace("{y}", "{y}?tk={key}") + "key_env = 'BUJU_NO_SUCH_KEY'\n";
    let store = support::store();
    let plan = Plan {
        basemaps: vec![basemap(&missing)],
        ..store.plan().clone()
    };
    let refused = check_basemaps(&plan).expect_err("no key");
    assert!(refused.contains("BUJU_NO_SUCH_KEY"), "{refused}");
}
