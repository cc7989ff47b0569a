//! Kept answers are those that would be made anew.

use std::time::Duration;

use axum::http::StatusCode;
use buju::model::{ColumnType, Value};
use geo::{Geometry, Point};
use tokio::task::JoinSet;

use crate::support::{Answer, Server, column, expanded, made_up, store};

const TILE: &str = "/tiles/15/27431/13384.mvt";

/// One of every kind, good and bad.
const TARGETS: [&str; 36] = [
    "/plan",
    "/conformance",
    "/api",
    "/api?f=html&lang=en",
    "/collections",
    "/collections?f=html",
    "/collections/parcels",
    "/collections/parcels/schema",
    "/collections/parcels/queryables",
    "/collections/parcels/sortables",
    "/collections/parcels/items?limit=3",
    "/collections/parcels/items?crs=EPSG:4549&limit=3",
    "/collections/parcels/items?f=html",
    "/collections/parcels/items?f=csv&limit=2",
    "/collections/parcels/items?f=kml",
    "/collections/parcels/items/jinhuan-e4-redevelopment",
    "/collections/parcels/items/jinhuan-e4-redevelopment?f=html",
    "/collections/parcels/statistics",
    "/collections/parcels/tiles",
    "/collections/parcels/tiles/WebMercatorQuad",
    "/collections/parcels/tiles/WebMercatorQuad/15/13384/27431",
    "/collections/parcels/tiles/WebMercatorQuad/15/13384/27431?f=mvt",
    "/tiles",
    "/tiles/WorldCRS84Quad",
    "/tiles/WebMercatorQuad/15/13384/27431",
    "/tiles/8/214/104.geojson",
    TILE,
    "/tiles/15/0/0.mvt",
    "/tiles.json",
    "/tileMatrixSets/CGCS2000Quad",
    "/",
    "/tiles/15/27431/13384.png",
    "/tiles/3/8/0.geojson",
    "/collections/nowhere/items",
    "/collections/parcels/items?far=2",
    "/tiles/WebMercatorQuad/15/0/0",
];

const CODINGS: [&str; 4] = ["identity", "gzip", "br", "zstd"];

fn same(one: &Answer, other: &Answer, of: &str) {
    assert_eq!(one.status, other.status, "{of}");
    let sorted = |answer: &Answer| {
        let headers = answer.headers.iter();
        let mut headers: Vec<_> = headers
            .map(|(name, value)| (name.to_string(), value.clone()))
            .collect();
        headers.sort();
        headers
    };
    assert_eq!(sorted(one), sorted(other), "{of}");
    assert!(one.body == other.body, "{of}");
}

#[tokio::test]
async fn kept_answers_equal_those_made_anew() {
    let (without, with) = (
        Server::cached(store(), 0),
        Server::cached(store(), 64 << 20),
    );
    let (mut good, mut bad, mut empty) = (0, 0, 0);
    for target in TARGETS {
        let plain = without.get(target).await;
        for coding in CODINGS {
            let of = format!("{coding} {target}");
            let headers = [("accept-encoding", coding)];
            let made = without.send("GET", target, &headers).await;
            assert!(expanded(&made) == plain.body, "{of}");
            let first = with.send("GET", target, &headers).await;
            let again = with.send("GET", target, &headers).await;
            same(&made, &first, &of);
            same(&made, &again, &of);
            let length = again.headers.get("content-length").cloned();
            assert!(length.is_none_or(|length| length == again.body.len().to_string()));
            let head = without.send("HEAD", target, &headers).await;
            assert!(head.body.is_empty(), "{of}");
            let mut told = made.headers.clone();
            // No file is made to tell how long it is.
            if told.contains_key("accept-ranges") && !head.headers.contains_key("content-length") {
                told.remove("content-length");
            }
            assert_eq!(head.headers, told, "{of}");
            let kept = with.send("HEAD", target, &headers).await;
            assert!(kept.body.is_empty() && kept.headers == made.headers, "{of}");
            if made.status.is_success() {
                good += 1;
                empty += usize::from(made.body.is_empty());
            } else {
                bad += 1;
            }
            let Some(tag) = made.headers.get("etag") else {
                continue;
            };
            for asked in [tag.to_str().expect("a tag"), "*"] {
                let headers = [("accept-encoding", coding), ("if-none-match", asked)];
                let unchanged = without.send("GET", target, &headers).await;
                assert_eq!(unchanged.status, StatusCode::NOT_MODIFIED, "{of}");
                assert!(unchanged.body.is_empty() && unchanged.headers["etag"] == *tag);
                same(&unchanged, &with.send("GET", target, &headers).await, &of);
            }
        }
    }
    assert_eq!((good, bad, empty), (31 * 4, 5 * 4, 4));
}

/// A HEAD that comes first leaves an answer for GET, and a coding one for the others.
#[tokio::test]
async fn whatever_comes_first() {
    let without = Server::cached(store(), 0);
    for first in CODINGS {
        let with = Server::cached(store(), 64 << 20);
        with.send("HEAD", TILE, &[("accept-encoding", first)]).await;
        for coding in CODINGS {
            let headers = [("accept-encoding", coding)];
            let kept = with.send("GET", TILE, &headers).await;
            same(&without.send("GET", TILE, &headers).await, &kept, coding);
        }
    }
}

/// What is negotiated, and where the client finds the server, belongs to an answer.
#[tokio::test]
async fn nobody_gets_what_another_asked_for() {
    let server = Server::cached(store(), 64 << 20);
    let items = "/collections/parcels/items?limit=1";
    for _ in 0..2 {
        for (headers, media) in [
            (
                vec![("accept", "application/geo+json")],
                "application/geo+json",
            ),
            (vec![("accept", "text/html")], "text/html; charset=utf-8"),
            (
                vec![("accept", "image/png"), ("accept", "text/html")],
                "text/html; charset=utf-8",
            ),
            (
                vec![("accept", "image/png"), ("accept", "text/csv")],
                "text/csv; charset=utf-8",
            ),
            (vec![("accept", "image/png")], "application/problem+json"),
        ] {
            let answer = server.send("GET", items, &headers).await;
            assert_eq!(answer.header("content-type"), media, "{headers:?}");
        }
        for (lang, expected) in [("en", "en"), ("zh-CN,en;q=0.5", "zh-CN")] {
            let headers = [("accept", "text/html"), ("accept-language", lang)];
            let answer = server.send("GET", items, &headers).await;
            assert_eq!(answer.header("content-language"), expected);
        }
        for (accept, media) in [
            (
                "application/vnd.mapbox-vector-tile",
                "application/vnd.mapbox-vector-tile",
            ),
            ("*/*", "application/geo+json"),
        ] {
            let tile = "/tiles/WebMercatorQuad/15/13384/27431";
            let answer = server.send("GET", tile, &[("accept", accept)]).await;
            assert_eq!(answer.header("content-type"), media);
        }
        let host = [("host", "other.example")];
        let elsewhere = server.send("GET", "/tiles.json", &host).await;
        let here = server.get("/tiles.json").await;
        let first = |answer: &Answer| answer.json()["tiles"][0].to_string();
        assert!(first(&here).contains("//plan.example/"), "{}", first(&here));
        assert!(first(&elsewhere).contains("//other.example/"));
    }
}

/// Many ask for the same at once; half of them leave.
#[tokio::test(flavor = "multi_thread")]
async fn who_leaves_takes_nothing_from_those_who_stay() {
    let expected = Server::cached(store(), 0).get(TILE).await;
    for bytes in [0, 64 << 20] {
        let server = Server::cached(store(), bytes);
        for _ in 0..20 {
            let mut stay = JoinSet::new();
            let mut leave = JoinSet::new();
            for n in 0..40 {
                let server = server.clone();
                let tasks = if n % 2 == 0 { &mut leave } else { &mut stay };
                tasks.spawn(async move { server.get(TILE).await });
            }
            tokio::time::sleep(Duration::from_micros(200)).await;
            leave.abort_all();
            for answer in stay.join_all().await {
                same(&expected, &answer, "shared");
            }
        }
    }
}

/// Large files are not held in memory, and two who ask for the same both get it.
#[tokio::test(flavor = "multi_thread")]
async fn large_files_flow_to_everybody() {
    let row = |n| {
        let place = Geometry::Point(Point::new(f64::from(n) * 1e-3, 31.0));
        (Some(place), vec![Value::Text(format!("{n:0400}"))])
    };
    let columns = vec![column("remark", ColumnType::String, false)];
    let plan = made_up(columns, (0..6_000).map(row).collect());
    let server = Server::cached(plan, 64 << 20);
    let target = "/collections/shapes/items?f=csv";
    let mut tasks = JoinSet::new();
    for n in 0..8 {
        let server = server.clone();
        let coding = CODINGS[n % 4];
        tasks.spawn(async move {
            server
                .send("GET", target, &[("accept-encoding", coding)])
                .await
        });
    }
    for answer in tasks.join_all().await {
        assert_eq!(answer.status, StatusCode::OK);
        assert!(answer.header("etag").len() > 10);
        // Whoever comes late finds all of it.
        let length = answer.headers.get("content-length");
        assert!(length.is_none_or(|length| *length == answer.body.len().to_string()));
        let body = expanded(&answer);
        assert!(body.len() > 6_000 * 400);
        assert_eq!(csv::Reader::from_reader(&body[..]).records().count(), 6_000);
    }
}

/// Answers that nobody takes hold memory: so many that one client, and so many that all together, may have.
#[tokio::test]
async fn answers_that_are_not_taken_have_a_bound() {
    let columns = vec![column("note", ColumnType::String, false)];
    let note = |at: u32| {
        (
            None,
            vec![Value::Text(format!("{at}{}", "桃浦".repeat(500)))],
        )
    };
    let server = Server::cached(made_up(columns, (0..400).map(note).collect()), 1 << 20);
    let whole =
        |at: usize| format!("/collections/shapes/items?limit=400&filter=id%20%3C%3E%20'{at}'");
    let mut held = Vec::new();
    let refused = loop {
        let response = server.answer("GET", &whole(held.len()), &[]).await;
        if response.status() != StatusCode::OK {
            break response;
        }
        held.push(response);
        assert!(held.len() < 200, "no bound");
    };
    assert_eq!(refused.status(), StatusCode::SERVICE_UNAVAILABLE);
    assert!(refused.headers().contains_key("retry-after"));
    assert!(held.len() > 40, "{}", held.len());
    // What is short is answered all the same, and once one is taken there is room for another.
    assert_eq!(server.get("/collections").await.status, StatusCode::OK);
    held.truncate(held.len() - 2);
    assert_eq!(server.get(&whole(1000)).await.status, StatusCode::OK);
}
