//! What a client has stored stays as it is: a 304 and the answer to HEAD have no header that the answer to GET has not.

use axum::http::{HeaderMap, StatusCode, header};
use buju::model::{ColumnType, Value};
use geo::{Geometry, Point};

use crate::api_links::BROWSER;
use crate::support::{Server, column, made_up, store};

const CODINGS: [&str; 4] = ["identity", "gzip", "br", "zstd"];

/// Every route that has a tag, each form of it: for a program, and for a browser.
const TARGETS: [(&str, &str); 46] = [
    ("/", BROWSER),
    ("/", "application/json"),
    ("/?f=json", "*/*"),
    ("/?v=works&lang=en", BROWSER),
    ("/?f=plot_ratio:2~", BROWSER),
    ("/plan", "*/*"),
    ("/conformance", "*/*"),
    ("/conformance", BROWSER),
    ("/api", "*/*"),
    ("/api?lang=en", BROWSER),
    ("/search?q=qls", "*/*"),
    ("/search?q=qls", BROWSER),
    ("/search", BROWSER),
    ("/f/parcels/medicine-logistics-centre-extension", "*/*"),
    (
        "/f/parcels/medicine-logistics-centre-extension?lang=en",
        BROWSER,
    ),
    ("/collections", "*/*"),
    ("/collections", BROWSER),
    ("/collections/parcels", "*/*"),
    ("/collections/parcels", BROWSER),
    ("/collections/parcels/schema", BROWSER),
    ("/collections/parcels/queryables", "*/*"),
    ("/collections/parcels/sortables", "*/*"),
    ("/collections/parcels/items?limit=3", "*/*"),
    ("/collections/parcels/items?limit=3&crs=EPSG:4549", "*/*"),
    ("/collections/parcels/items", BROWSER),
    ("/collections/parcels/items?f=csv", "*/*"),
    ("/collections/parcels/items?f=kml", "*/*"),
    ("/collections/parcels/items/jinhuan-e4-redevelopment", "*/*"),
    (
        "/collections/parcels/items/jinhuan-e4-redevelopment",
        BROWSER,
    ),
    ("/collections/parcels/statistics", "*/*"),
    ("/collections/parcels/statistics", BROWSER),
    ("/collections/parcels/tiles", "*/*"),
    ("/collections/parcels/tiles/WebMercatorQuad", BROWSER),
    (
        "/collections/parcels/tiles/WebMercatorQuad/15/13384/27431",
        "*/*",
    ),
    ("/tiles", BROWSER),
    ("/tiles/WorldCRS84Quad", "*/*"),
    ("/tiles/WebMercatorQuad/15/13384/27431?f=mvt", "*/*"),
    ("/tiles/8/214/104.geojson", "*/*"),
    ("/tiles/15/27431/13384.mvt", "*/*"),
    // Empty.
    ("/tiles/15/0/0.mvt", "*/*"),
    ("/tiles.json", "*/*"),
    ("/tileMatrixSets", "*/*"),
    ("/tileMatrixSets/CGCS2000Quad", BROWSER),
    ("/poster/municipal.svg?lang=en", "image/svg+xml"),
    ("/poster/municipal.svg", BROWSER),
    ("/sw.js", "*/*"),
];

/// That is sent again, and what must be told of a stored answer (RFC 9110, section 15.4.5).
const TOLD: [header::HeaderName; 5] = [
    header::ETAG,
    header::CACHE_CONTROL,
    header::VARY,
    header::CONTENT_LOCATION,
    header::EXPIRES,
];

fn agree(stored: &HeaderMap, told: &HeaderMap, of: &str) {
    // The length of a body that was sent while it was made is known afterwards.
    let is_new =
        |name: &header::HeaderName| *name == header::CONTENT_LENGTH && !stored.contains_key(name);
    for name in told.keys().filter(|name| !is_new(name)) {
        let values =
            |headers: &HeaderMap| headers.get_all(name).iter().cloned().collect::<Vec<_>>();
        assert_eq!(values(stored), values(told), "{name} of {of}");
    }
    for name in TOLD {
        assert_eq!(stored.get(&name), told.get(&name), "{name} of {of}");
    }
}

/// The answers to GET, HEAD and conditional requests; of a body that is kept, and of one that is made each time.
async fn check(server: &Server, target: &str, accept: &str, length: bool) {
    for coding in CODINGS {
        let of = format!("{coding} {target} {accept}");
        let plain = [("accept", accept), ("accept-encoding", coding)];
        let stored = server.send("GET", target, &plain).await;
        assert!(stored.status.is_success(), "{of}: {}", stored.status);
        assert!(
            stored.headers.contains_key(header::CONTENT_SECURITY_POLICY),
            "{of}"
        );
        let head = server.send("HEAD", target, &plain).await;
        assert!(head.body.is_empty() && head.status == stored.status, "{of}");
        agree(&stored.headers, &head.headers, &of);
        if length {
            let mut expected = stored.headers.clone();
            // HEAD makes no file for its length (RFC 9110, section 9.3.2).
            if target.contains("/items?f=") && !head.headers.contains_key(header::CONTENT_LENGTH) {
                expected.remove(header::CONTENT_LENGTH);
            }
            assert_eq!(expected, head.headers, "{of}");
        }
        let tag = stored.header("etag");
        for asked in [
            tag.to_owned(),
            format!("W/{tag}"),
            format!("\"other\", {tag}"),
            "*".to_owned(),
        ] {
            for method in ["GET", "HEAD"] {
                let headers = [plain[0], plain[1], ("if-none-match", &asked)];
                let unchanged = server.send(method, target, &headers).await;
                assert_eq!(unchanged.status, StatusCode::NOT_MODIFIED, "{of} {asked}");
                assert!(unchanged.body.is_empty(), "{of}");
                agree(&stored.headers, &unchanged.headers, &of);
            }
        }
        let headers = [plain[0], plain[1], ("if-none-match", "\"other\"")];
        let mut again = server.send("GET", target, &headers).await.headers;
        agree(&stored.headers, &again, &of);
        if !length && !stored.headers.contains_key(header::CONTENT_LENGTH) {
            again.remove(header::CONTENT_LENGTH);
        }
        assert_eq!(again, stored.headers, "{of}");
    }
}

#[tokio::test]
async fn a_304_changes_nothing_of_what_is_stored() {
    for bytes in [0, 64 << 20] {
        let server = Server::cached(store(), bytes);
        for (target, accept) in TARGETS {
            check(&server, target, accept, true).await;
        }
        // The files of the page, as it names them.
        let page = server
            .send("GET", "/collections", &[("accept", BROWSER)])
            .await;
        let page = String::from_utf8(page.body).expect("UTF-8");
        let (_, style) = page
            .split_once("rel=\"stylesheet\" href=\"")
            .expect("a style");
        check(
            &server,
            style.split('"').next().expect("an end"),
            "text/css",
            true,
        )
        .await;
        let start = server.send("GET", "/", &[("accept", BROWSER)]).await;
        let start = String::from_utf8(start.body).expect("UTF-8");
        let files: Vec<_> = start
            .split(['"', ' '])
            .filter(|part| part.starts_with("/assets/"))
            .collect();
        assert!(files.len() >= 3, "{files:?}");
        for file in files {
            check(&server, file, "*/*", true).await;
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn nor_does_one_of_a_body_that_flows() {
    let row = |n| {
        let place = Geometry::Point(Point::new(f64::from(n) * 1e-3, 31.0));
        (Some(place), vec![Value::Text(format!("{n:0400}"))])
    };
    let columns = vec![column("remark", ColumnType::String, false)];
    let server = Server::new(made_up(columns, (0..6_000).map(row).collect()));
    check(&server, "/collections/shapes/items?f=csv", "*/*", false).await;
}

/// An error stays one, whatever a client says that it has.
#[tokio::test]
async fn an_error_is_never_a_304() {
    let server = Server::new(store());
    for (target, status) in [
        ("/nothing", 404),
        ("/assets/nothing.js", 404),
        ("/collections/nothing/items", 404),
        ("/f/parcels/nothing", 404),
        ("/collections?nothing=1", 400),
        ("/tiles/15/27431/13384.png", 404),
    ] {
        for accept in [BROWSER, "*/*"] {
            let headers = [("accept", accept), ("if-none-match", "*")];
            let answer = server.send("GET", target, &headers).await;
            assert_eq!(answer.status, status, "{target}");
            let head = server.send("HEAD", target, &headers).await;
            assert_eq!(head.status, status, "{target}");
            agree(&answer.headers, &head.headers, target);
        }
    }
}

/// What is in two languages says so, also where it says what went wrong.
#[tokio::test]
async fn a_page_of_two_languages_varies_with_them() {
    let server = Server::new(store());
    let mut two = 0;
    for (method, target) in [
        ("GET", "/nothing"),
        ("GET", "/f/parcels/nothing"),
        ("GET", "/f/nothing/nothing"),
        ("GET", "/collections/parcels/items/nothing"),
        ("GET", "/collections/nothing"),
        ("GET", "/collections?nothing=1"),
        ("GET", "/search?q=a&limit=none"),
        ("GET", "/tiles/15/27431/13384.png"),
        ("GET", "/poster/none.svg"),
        ("GET", "/basemap/none/1/0/0"),
        ("GET", "/assets/none.js"),
        ("GET", "/?f=json&x=1"),
        ("POST", "/collections"),
        ("DELETE", "/"),
        ("POST", "/admin/reload"),
        ("GET", "/admin/reload"),
    ] {
        let ask = async |accept: &str, lang: &str| {
            let headers = [("accept", accept), ("accept-language", lang)];
            server.send(method, target, &headers).await
        };
        let (zh, en) = (ask(BROWSER, "zh-CN").await, ask(BROWSER, "en").await);
        let json = ask("*/*", "en").await;
        assert!(zh.status.is_client_error(), "{target}: {}", zh.status);
        for answer in [&zh, &en, &json] {
            let vary = answer.header("vary").to_ascii_lowercase();
            let named: Vec<_> = vary.split(',').map(str::trim).collect();
            assert!(named.contains(&"accept"), "{target}: {vary}");
            assert!(named.contains(&"accept-language"), "{target}: {vary}");
        }
        two += usize::from(zh.body != en.body && zh.header("content-language") == "zh-CN");
    }
    assert_eq!(two, 16);
    // Nothing that it can have fits.
    let none = server
        .send("GET", "/collections", &[("accept", "image/png")])
        .await;
    assert_eq!(none.status, 406);
    assert!(none.header("vary").contains("Accept"));
}

/// The page keeps its filter in `f`, and what else stands there in an address is for the header to decide about.
#[tokio::test]
async fn what_is_kept_of_a_page_is_no_answer_to_a_program() {
    for target in [
        "/?f=json&f=plot_ratio:3~",
        "/?f=plot_ratio:3~&f=json",
        "/?f=json&f=html",
        "/?f=json&v=%zz",
        "/?f=json&v=%ff",
        "/?f=json&x=1&x=2",
        "/?%66=json&f=json",
    ] {
        for first in [BROWSER, "application/json"] {
            let server = Server::new(store());
            let fresh = Server::cached(store(), 0);
            for accept in [first, "application/json", BROWSER, "application/json"] {
                let headers = [("accept", accept)];
                let answer = server.send("GET", target, &headers).await;
                let expected = fresh.send("GET", target, &headers).await;
                assert_eq!(answer.status, expected.status, "{target} {first} {accept}");
                assert!(answer.body == expected.body, "{target} {first} {accept}");
            }
        }
    }
}
