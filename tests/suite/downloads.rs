//! Files: parts of them, many readers of them, and what stays of them.

use std::sync::{Arc, Mutex};
use std::time::{Duration, SystemTime};

use axum::body::Body;
use axum::http::{Method, Request, StatusCode};
use axum::middleware::{Next, from_fn};
use axum::response::Response;
use buju::http::{App, Limits, Phase, Settings, router, serve};
use buju::model::{ColumnType, Value};
use buju::store::Store;
use geo::{Geometry, Point};
use http_body_util::BodyExt;
use tokio::net::TcpListener;
use tokio::sync::watch;
use tower::ServiceExt;

use crate::gdal::ogrinfo;
use crate::support::{Answer, Server, column, expanded, made_up};

const FORMATS: [&str; 9] = [
    "geojson", "csv", "xlsx", "gpkg", "fgb", "shp", "kml", "parquet", "jsonfg",
];

/// Rows of half a kilobyte that no compression makes much shorter.
fn store(rows: u32) -> Store {
    let mut seed = 1_u64;
    let mut noise = || {
        let words = (0..40).map(|_| {
            seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            format!("{:x}", seed >> 20)
        });
        Value::Text(words.collect())
    };
    let rows = (0..rows).map(|at| {
        let place = Point::new(f64::from(at) * 1e-4, 31.0);
        (Some(Geometry::Point(place)), vec![noise()])
    });
    let columns = vec![column("remark", ColumnType::String, false)];
    made_up(columns, rows.collect())
}

/// One that makes every answer anew.
fn uncached(rows: u32) -> Server {
    Server::cached(store(rows), 0)
}

fn target(format: &str) -> String {
    // Which comes page by page else.
    let more = if format == "jsonfg" {
        "&limit=10000"
    } else {
        ""
    };
    format!("/collections/shapes/items?f={format}{more}")
}

const SMALL: u32 = 20;
const LARGE: u32 = 4_500;

/// A version has one file of each format, or a download could not be resumed and a part would be of no use.
#[tokio::test(flavor = "multi_thread")]
async fn the_bytes_of_a_version_are_always_the_same() {
    for rows in [SMALL, LARGE] {
        let (one, other) = (uncached(rows), uncached(rows));
        for format in FORMATS {
            for coding in ["identity", "gzip", "br", "zstd"] {
                let headers = [("accept-encoding", coding)];
                let target = target(format);
                let first = one.send("GET", &target, &headers).await;
                assert_eq!(first.status, StatusCode::OK, "{format}");
                let second = other.send("GET", &target, &headers).await;
                assert!(first.body == second.body, "{format}, {coding}, {rows} rows");
                assert_eq!(first.header("etag"), second.header("etag"));
            }
        }
    }
    // No time of making is in them.
    let server = uncached(SMALL);
    let xlsx = server.get(&target("xlsx")).await.body;
    let mut book = zip::ZipArchive::new(std::io::Cursor::new(xlsx)).expect("a workbook");
    let core = std::io::read_to_string(book.by_name("docProps/core.xml").expect("there"));
    let core = core.expect("a text");
    assert!(
        core.contains("1980-01-01T00:00:00Z</dcterms:created>"),
        "{core}"
    );
    for format in ["xlsx", "shp"] {
        let body = server.get(&target(format)).await.body;
        let mut archive = zip::ZipArchive::new(std::io::Cursor::new(body)).expect("an archive");
        for at in 0..archive.len() {
            let file = archive.by_index(at).expect("a file");
            assert_eq!(
                file.last_modified(),
                Some(zip::DateTime::default()),
                "{format}"
            );
        }
    }
    let gpkg = server.get(&target("gpkg")).await.body;
    let text = b"1980-01-01T00:00:00.000Z";
    assert!(gpkg.windows(text.len()).any(|bytes| bytes == text));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_compressed_is_not_compressed_again() {
    for rows in [SMALL, LARGE] {
        let server = Server::new(store(rows));
        for format in FORMATS {
            let target = target(format);
            let plain = server.get(&target).await;
            let packed = server
                .send("GET", &target, &[("accept-encoding", "gzip")])
                .await;
            let is_packed = packed.headers.contains_key("content-encoding");
            let expected = !["xlsx", "shp", "parquet"].contains(&format);
            assert_eq!(is_packed, expected, "{format}, {rows} rows");
            assert!(expanded(&packed) == plain.body, "{format}");
            assert_eq!(
                packed.header("etag") == plain.header("etag"),
                !expected,
                "{format}"
            );
            // And is found to be known.
            let known = [
                ("accept-encoding", "gzip"),
                ("if-none-match", packed.header("etag")),
            ];
            let again = server.send("GET", &target, &known).await;
            assert_eq!(
                again.status,
                StatusCode::NOT_MODIFIED,
                "{format}, {rows} rows"
            );
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn parts_are_parts_of_the_whole() {
    for (rows, cache) in [(SMALL, 16 << 20), (SMALL, 0), (LARGE, 16 << 20)] {
        let server = Server::cached(store(rows), cache);
        // GeoJSON comes page by page, and is no file.
        for format in &FORMATS[1..] {
            let target = target(format);
            let whole = server.get(&target).await;
            assert_eq!(whole.header("accept-ranges"), "bytes", "{format}");
            let (body, tag) = (&whole.body, whole.header("etag"));
            let end = body.len();
            assert!((rows == LARGE) == (end > 1 << 20), "{format}: {end} bytes");
            for (range, from, to) in [
                ("bytes=0-0".to_owned(), 0, 1),
                ("bytes=0-15".to_owned(), 0, 16),
                (format!("bytes={}-", end - 10), end - 10, end),
                ("bytes=-7".to_owned(), end - 7, end),
                (
                    format!("bytes={}-{}", end / 3, end / 3 * 2),
                    end / 3,
                    end / 3 * 2 + 1,
                ),
                (format!("bytes=100-{}", end * 2), 100, end),
                (format!("bytes=-{}", end * 2), 0, end),
            ] {
                for more in [
                    None,
                    Some(("if-range", tag)),
                    Some(("accept-encoding", "gzip, br")),
                ] {
                    let headers: Vec<_> = [("range", range.as_str())]
                        .into_iter()
                        .chain(more)
                        .collect();
                    let part = server.send("GET", &target, &headers).await;
                    assert_eq!(
                        part.status,
                        StatusCode::PARTIAL_CONTENT,
                        "{format} {headers:?}"
                    );
                    assert!(part.body == body[from..to], "{format} {headers:?}");
                    assert_eq!(
                        part.header("content-range"),
                        format!("bytes {from}-{}/{end}", to - 1)
                    );
                    assert_eq!(part.header("content-length"), (to - from).to_string());
                    assert_eq!(part.header("etag"), tag);
                    assert_eq!(part.header("content-type"), whole.header("content-type"));
                    assert!(!part.headers.contains_key("content-encoding"));
                }
            }
            whole_where_no_part_is(&server, &target, body).await;
            for range in [
                format!("bytes={end}-"),
                format!("bytes={}-{}", end * 2, end * 3),
                "bytes=-0".to_owned(),
            ] {
                let refused = server.send("GET", &target, &[("range", &range)]).await;
                assert_eq!(
                    refused.status,
                    StatusCode::RANGE_NOT_SATISFIABLE,
                    "{format} {range}"
                );
                assert_eq!(refused.header("content-range"), format!("bytes */{end}"));
                assert_eq!(refused.header("content-type"), "application/problem+json");
            }
        }
        // A page is no file.
        let page = server
            .send("GET", &target("geojson"), &[("range", "bytes=0-9")])
            .await;
        assert_eq!(page.status, StatusCode::OK);
        assert!(!page.headers.contains_key("accept-ranges"));
    }
}

async fn whole_where_no_part_is(server: &Server, target: &str, body: &[u8]) {
    for headers in [
        // Several at once, another unit, and what is no range.
        &[("range", "bytes=0-1,5-6")][..],
        &[("range", "rows=0-1")],
        &[("range", "bytes=5-1")],
        &[("range", "bytes=a-b")],
        // Another file than the one that was begun: a date is never exact enough.
        &[("range", "bytes=5-"), ("if-range", "\"other-identity\"")],
        &[
            ("range", "bytes=5-"),
            ("if-range", "Mon, 30 Nov 2026 00:00:00 GMT"),
        ],
    ] {
        let whole = server.send("GET", target, headers).await;
        assert_eq!(whole.status, StatusCode::OK, "{target} {headers:?}");
        assert!(whole.body == body, "{target} {headers:?}");
    }
    // What is known already is not sent, whatever part is wanted.
    let tag = server.get(target).await.header("etag").to_owned();
    let known = [("range", "bytes=5-"), ("if-none-match", tag.as_str())];
    let known = server.send("GET", target, &known).await;
    assert_eq!(known.status, StatusCode::NOT_MODIFIED);
}

/// A client that was sent a compressed file goes on with that.
#[tokio::test(flavor = "multi_thread")]
async fn a_compressed_download_is_resumed() {
    for rows in [SMALL, LARGE] {
        let server = uncached(rows);
        let target = target("csv");
        let gzip = ("accept-encoding", "gzip");
        let whole = server.send("GET", &target, &[gzip]).await;
        let tag = whole.header("etag").to_owned();
        let headers = [gzip, ("range", "bytes=100-"), ("if-range", &tag)];
        let rest = server.send("GET", &target, &headers).await;
        assert_eq!(rest.status, StatusCode::PARTIAL_CONTENT);
        assert!(rest.body == whole.body[100..] && rest.header("content-encoding") == "gzip");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_head_makes_no_file_but_for_those_who_read_parts() {
    for rows in [SMALL, LARGE] {
        let server = uncached(rows);
        for format in &FORMATS[1..] {
            let target = target(format);
            let head = server.send("HEAD", &target, &[]).await;
            assert_eq!(head.status, StatusCode::OK, "{format}");
            // GDAL and Python's fsspec ask for the length first, and then for parts of what was made for that.
            let is_made = ["gpkg", "fgb", "parquet"].contains(format);
            assert_eq!(
                head.headers.contains_key("content-length"),
                is_made,
                "{format}"
            );
            let whole = server.get(&target).await;
            let again = server.send("HEAD", &target, &[]).await;
            assert_eq!(again.header("content-length"), whole.body.len().to_string());
            assert!(head.body.is_empty() && again.body.is_empty());
            for name in [
                "etag",
                "content-type",
                "accept-ranges",
                "buju-number-returned",
                "vary",
            ] {
                assert_eq!(head.header(name), whole.header(name), "{format}");
                assert_eq!(again.header(name), whole.header(name), "{format}");
            }
        }
    }
}

/// GDAL reads what it needs of a remote file, and no more.
#[tokio::test(flavor = "multi_thread")]
async fn gdal_reads_parts_of_a_remote_file() {
    let sent = Arc::new(Mutex::new(Vec::new()));
    let noted = sent.clone();
    let app = router(App::new(store(LARGE), Settings::default()));
    let app = app.layer(from_fn(move |request: Request<Body>, next: Next| {
        let noted = noted.clone();
        let is_get = request.method() == Method::GET;
        async move {
            let response = next.run(request).await;
            let length = response.headers().get("content-length");
            let length = length.and_then(|length| length.to_str().ok()?.parse::<u64>().ok());
            if is_get {
                let told = (response.status(), length.unwrap_or(u64::MAX));
                noted.lock().expect("notes").push(told);
            }
            response
        }
    }));
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = listener.local_addr().expect("an address");
    let (_phase, told) = watch::channel(Phase::Serving);
    tokio::spawn(serve(listener, app, Limits::default(), told));
    for format in ["gpkg", "fgb"] {
        let url = format!("/vsicurl/http://{address}{}", target(format));
        let within = [
            "-ro", "-al", "-so", "-spat", "0.09995", "30.9", "0.10055", "31.1",
        ];
        let read = move || ogrinfo(&[&within[..], &[&url]].concat());
        let info = tokio::task::spawn_blocking(read).await.expect("GDAL");
        assert!(info.contains("Feature Count: 6"), "{info}");
        let sent = std::mem::take(&mut *sent.lock().expect("notes"));
        assert!(!sent.is_empty());
        for (status, length) in &sent {
            assert_eq!(*status, StatusCode::PARTIAL_CONTENT, "{format}: {sent:?}");
            assert!(*length < 1 << 20, "{format}: {sent:?}");
        }
    }
}

async fn begin(app: &App, target: &str) -> Response {
    let request = Request::builder().uri(target).header("host", "a");
    let request = request.body(Body::empty()).expect("a request");
    let answer = router(app.clone()).oneshot(request).await;
    answer.expect("an answer")
}

/// Sixteen who read slowly blocked every large file for everybody.
#[tokio::test(flavor = "multi_thread")]
async fn slow_readers_hold_up_nobody() {
    let app = App::new(store(LARGE), Settings::default());
    let mut slow = Vec::new();
    for at in 0..40 {
        // Of the same file, and of others.
        let format = FORMATS[1 + at % 8];
        let target = format!(
            "/collections/shapes/items?f={format}&limit={}",
            4_000 + at / 16
        );
        let mut answer = begin(&app, &target).await;
        assert_eq!(answer.status(), StatusCode::OK, "{target}");
        let first = answer.body_mut().frame().await;
        assert!(first.is_some_and(|frame| frame.is_ok()), "{target}");
        slow.push(answer);
    }
    let server = Server::of(app);
    let whole = server.get(&target("gpkg")).await;
    assert!(whole.body.starts_with(b"SQLite format 3\0"));
    // They lose nothing.
    for answer in slow {
        let length = answer.headers().get("content-length").cloned();
        let body = answer.into_body().collect().await.expect("the rest");
        assert!(body.to_bytes().len() > 1 << 19 && length.is_none_or(|length| !length.is_empty()));
    }
}

/// Where there is no room it is said before any work is done.
#[tokio::test(flavor = "multi_thread")]
async fn temporary_files_have_a_quota() {
    let settings = Settings {
        temp: Some(8 << 20),
        ..Settings::default()
    };
    let app = App::new(store(LARGE), settings);
    let kept = begin(&app, &target("gpkg")).await;
    let other = begin(&app, &target("csv")).await;
    assert_eq!(
        (kept.status(), other.status()),
        (StatusCode::OK, StatusCode::OK)
    );
    let server = Server::of(app);
    let refused = server.get(&target("kml")).await;
    assert_eq!(refused.status, StatusCode::SERVICE_UNAVAILABLE);
    assert!(refused.headers.contains_key("retry-after"));
    assert!(refused.json()["detail"].to_string().contains("no room"));
    // Small files need none.
    let small = format!("{}&limit=10", target("kml"));
    assert_eq!(server.get(&small).await.status, StatusCode::OK);
    drop((kept, other));
    assert_eq!(server.get(&target("kml")).await.status, StatusCode::OK);
}

#[test]
fn leftovers_of_a_killed_program_are_removed() {
    let folder = std::env::temp_dir();
    let id = std::process::id();
    let [old, new, other] = [
        "buju-old-{}.gpkg.tmp",
        "buju-new-{}.gpkg.tmp",
        "other-{}.gpkg.tmp",
    ]
    .map(|name| folder.join(name.replace("{}", &id.to_string())));
    for path in [&old, &new, &other] {
        let file = std::fs::File::create(path).expect("a file");
        if path != &new {
            let past = SystemTime::now() - Duration::from_secs(3_600);
            file.set_modified(past).expect("a time");
        }
    }
    buju::encode::remove_leftovers();
    let stay = [&old, &new, &other].map(|path| path.exists());
    for path in [&old, &new, &other] {
        drop(std::fs::remove_file(path));
    }
    assert_eq!(stay, [false, true, true]);
}

/// The pages of others may read parts, and learn which they have got.
#[tokio::test]
async fn scripts_of_other_pages_may_ask_for_parts() {
    let server = Server::new(store(SMALL));
    let asked = [
        ("origin", "https://a.example"),
        ("access-control-request-method", "GET"),
        ("access-control-request-headers", "range,if-range"),
    ];
    let preflight = server.send("OPTIONS", &target("fgb"), &asked).await;
    let allowed = preflight.header("access-control-allow-headers");
    assert!(allowed.split(',').any(|name| name == "range"), "{allowed}");
    assert!(
        allowed.split(',').any(|name| name == "if-range"),
        "{allowed}"
    );
    let part = server
        .send("GET", &target("fgb"), &[("range", "bytes=0-7")])
        .await;
    let exposed = part.header("access-control-expose-headers");
    for name in ["content-range", "accept-ranges", "etag"] {
        assert!(exposed.split(',').any(|other| other == name), "{exposed}");
    }
    assert_eq!(part.body, b"fgb\x03fgb\x00");
}

fn is_for_data(answer: &Answer) -> bool {
    answer.headers.contains_key("access-control-allow-origin")
}

/// What those who run the server ask for is not for the pages of others.
#[tokio::test]
async fn only_data_are_for_the_pages_of_others() {
    let server = Server::new(store(SMALL));
    for path in [
        "/collections",
        "/plan",
        "/tiles.json",
        "/nothing",
        "/assets/nothing",
    ] {
        assert!(is_for_data(&server.get(path).await), "{path}");
        assert!(
            is_for_data(&server.send("OPTIONS", path, &[]).await),
            "{path}"
        );
    }
    for path in [
        "/metrics",
        "/healthz",
        "/readyz",
        "/admin/reload",
        "/admin/nothing",
    ] {
        for method in ["GET", "POST", "OPTIONS"] {
            let answer = server
                .send(method, path, &[("origin", "https://a.example")])
                .await;
            let names = answer.headers.keys().map(ToString::to_string);
            let cors: Vec<_> = names
                .filter(|name| name.starts_with("access-control"))
                .collect();
            assert!(cors.is_empty(), "{method} {path}: {cors:?}");
        }
    }
}
