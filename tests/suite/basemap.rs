//! Base maps handed on: what a server that is slow, huge, lost or hostile may do to ours, and where the key goes.

use std::io::Write;
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
        Some(5) => (
            StatusCode::FOUND,
            [(header::LOCATION, "http://127.0.0.1:9/elsewhere.png")],
        )
            .into_response(),
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
