//! Statistics, nearness, choice of columns and files over HTTP.

use axum::http::StatusCode;
use buju::model::{ColumnType, Value};
use buju::snapshot::Snapshot;
use buju::store::Store;
use geo::{Distance, Geodesic, Geometry, Point};
use serde_json::Value as Json;

use crate::support::{self, Server, column, expanded, made_up, store};

async fn json(server: &Server, target: &str) -> Json {
    let answer = server.get(target).await;
    assert_eq!(answer.status, StatusCode::OK, "{target}: {}", answer.json());
    answer.json()
}

async fn refused(server: &Server, target: &str, parameter: &str, reason: &str) {
    let answer = server.get(target).await;
    let problem = answer.json();
    assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{target}");
    assert_eq!(problem["parameter"], parameter, "{target}: {problem}");
    let detail = problem["detail"].as_str().expect("a detail");
    assert!(detail.contains(reason), "{target}: {detail}");
}

/// A number of a feature, where it states one.
fn number(feature: &Json, column: &str) -> Option<f64> {
    feature["properties"][column].as_f64()
}

#[tokio::test]
async fn site_area_by_land_use_of_large_plots_is_one_request() {
    let server = Server::new(store());
    let filter = "filter=site_area_m2%20%3E%2012000";
    let items = json(
        &server,
        &format!("/collections/parcels/items?{filter}&limit=1000"),
    )
    .await;
    let rows = items["features"].as_array().expect("features");
    let target = format!(
        "/collections/parcels/statistics?{filter}&properties=site_area_m2&group-by=land_use_zh&quantiles=0,0.25,1&bins=3"
    );
    let found = json(&server, &target).await;
    assert_eq!(found["numberMatched"], items["numberMatched"]);
    let areas: Vec<f64> = rows
        .iter()
        .filter_map(|row| number(row, "site_area_m2"))
        .collect();
    assert!(areas.len() > 2, "the filter leaves something to add up");
    let whole = &found["columns"][0];
    assert_eq!(whole["column"], "site_area_m2");
    assert_eq!(whole["unit"], "m²");
    assert_eq!(whole["stated"], areas.len());
    assert_eq!(whole["nulls"], rows.len() - areas.len());
    let close = |json: &Json, expected: f64| {
        let found = json.as_f64().expect("a number");
        assert!((found - expected).abs() < 1e-6, "{found} {expected}");
    };
    close(&whole["sum"], areas.iter().sum());
    close(
        &whole["min"],
        areas.iter().copied().fold(f64::MAX, f64::min),
    );
    close(
        &whole["quantiles"][2]["value"],
        areas.iter().copied().fold(0.0, f64::max),
    );
    let counts = whole["histogram"].as_array().expect("bins").iter();
    let counted: u64 = counts.filter_map(|bin| bin["count"].as_u64()).sum();
    assert_eq!(counted, areas.len() as u64);
    let groups = found["groups"].as_array().expect("groups");
    assert_eq!(found["groupBy"]["column"], "land_use_zh");
    let mut seen = 0;
    for group in groups {
        let own = rows
            .iter()
            .filter(|row| row["properties"]["land_use_zh"] == group["value"]);
        let (count, sum) = own.fold((0, 0.0), |(count, sum), row| {
            (count + 1, sum + number(row, "site_area_m2").unwrap_or(0.0))
        });
        assert_eq!(group["numberMatched"], count, "{group}");
        close(&group["columns"][0]["sum"], sum);
        seen += count;
    }
    assert_eq!(seen, rows.len());
    let link = found["links"].as_array().expect("links").iter();
    let items_link = link.clone().find(|link| link["rel"] == "items");
    let href = items_link.expect("a link to the rows")["href"].to_string();
    assert!(
        href.contains(filter) && !href.contains("group-by"),
        "{href}"
    );
    let page = server
        .send("GET", &target, &[("accept", "text/html")])
        .await;
    let page = String::from_utf8(page.body).expect("UTF-8");
    assert!(page.contains("<caption>全部</caption>") && page.contains("未述及"));
}

#[tokio::test]
async fn a_histogram_between_given_edges_has_every_row_somewhere() {
    let server = Server::new(store());
    let items = json(&server, "/collections/parcels/items?limit=1000").await;
    let rows = items["features"].as_array().expect("features");
    let areas: Vec<f64> = rows
        .iter()
        .filter_map(|row| number(row, "site_area_m2"))
        .collect();
    let target = "/collections/parcels/statistics?properties=site_area_m2&edges=12000,40000,60000";
    let column = &json(&server, target).await["columns"][0];
    let count = |low: f64, high: f64| {
        areas
            .iter()
            .filter(|area| (low..high).contains(*area))
            .count()
    };
    assert_eq!(column["below"], count(0.0, 12000.0));
    assert_eq!(column["above"], count(60000.5, f64::INFINITY));
    for (at, [low, high]) in [[12000.0, 40000.0], [40000.0, 60000.0]]
        .into_iter()
        .enumerate()
    {
        let bin = &column["histogram"][at];
        assert_eq!(
            [bin["low"].as_f64(), bin["high"].as_f64()],
            [Some(low), Some(high)]
        );
        assert_eq!(bin["count"], count(low, high));
    }
    assert_eq!(column["nulls"], rows.len() - areas.len());
    assert!(count(0.0, 12000.0) > 0 && count(60000.5, f64::INFINITY) > 0);
    // Where nothing matches, the bins are still those.
    let none = json(&server, &format!("{target}&filter=plot_ratio%20%3E%2099")).await;
    assert_eq!(none["columns"][0]["histogram"][1]["high"], 60000);
}

#[tokio::test]
async fn what_cannot_be_added_up_is_refused() {
    let server = Server::new(store());
    let base = "/collections/parcels/statistics";
    for (query, parameter, reason) in [
        (
            "properties=name_zh",
            "properties",
            "holds a text, not numbers",
        ),
        (
            "properties=plot_ration",
            "properties",
            "did you mean \"plot_ratio\"?",
        ),
        (
            "properties=plot_ratio,plot_ratio",
            "properties",
            "given twice",
        ),
        ("group-by=plot_ratio", "group-by", "grouped by"),
        ("group-by=nothing", "group-by", "no column"),
        ("quantiles=0.5,2", "quantiles", "from 0 to 1"),
        ("bins=0", "bins", "from 1"),
        ("bins=1001", "bins", "found 1001 bins; at most 1000"),
        ("group-by=id,name_zh", "group-by", "expected one column"),
        ("edges=0,1", "edges", "one column"),
        ("properties=plot_ratio&edges=1", "edges", "at least two"),
        ("properties=plot_ratio&edges=2,1", "edges", "ascend"),
        ("properties=plot_ratio&edges=1,x", "edges", "\"x\""),
        ("properties=plot_ratio&edges=0,inf", "edges", "\"inf\""),
        (
            "properties=plot_ratio&edges=0,1&bins=3",
            "edges",
            "leave bins out",
        ),
        ("limit=3", "limit", "not known here"),
    ] {
        refused(&server, &format!("{base}?{query}"), parameter, reason).await;
    }
    assert_eq!(
        server.get("/collections/none/statistics").await.status,
        StatusCode::NOT_FOUND
    );
}

#[tokio::test]
async fn features_near_a_point_come_nearest_first() {
    let server = Server::new(made_up(
        vec![column("height", ColumnType::Number, true)],
        (0..200_u32)
            .map(|at| {
                let (x, y) = (f64::from(at * 73 % 199), f64::from(at * 151 % 197));
                let place = Point::new(121.3 + x * 1e-4, 31.2 + y * 1e-4);
                (
                    Some(Geometry::Point(place)),
                    vec![Value::Number(f64::from(at))],
                )
            })
            .chain([(None, vec![Value::Null])])
            .collect(),
    ));
    let all = json(&server, "/collections/shapes/items?limit=1000").await;
    let centre = Point::new(121.31, 31.21);
    let mut expected: Vec<(String, f64)> = all["features"]
        .as_array()
        .expect("features")
        .iter()
        .filter(|feature| !feature["geometry"].is_null())
        .map(|feature| {
            let at = &feature["geometry"]["coordinates"];
            let place = Point::new(at[0].as_f64().expect("x"), at[1].as_f64().expect("y"));
            let id = feature["id"].as_str().expect("an id").to_owned();
            (id, Geodesic.distance(centre, place))
        })
        .filter(|(_, metres)| *metres <= 700.0)
        .collect();
    expected.sort_by(|a, b| a.1.total_cmp(&b.1));
    assert!(expected.len() > 20 && expected.len() < 190);
    for near in ["near=121.31,31.21", "near=POINT(121.31%2031.21)"] {
        let mut found: Vec<(String, f64)> = Vec::new();
        let mut next = Some(format!(
            "/collections/shapes/items?{near}&within=700&limit=7"
        ));
        while let Some(target) = next {
            let page = json(&server, &target).await;
            assert_eq!(page["numberMatched"], expected.len());
            found.extend(
                page["features"]
                    .as_array()
                    .expect("features")
                    .iter()
                    .map(|feature| {
                        let metres = number(feature, "distance_m").expect("metres");
                        (feature["id"].as_str().expect("an id").to_owned(), metres)
                    }),
            );
            let links = page["links"].as_array().expect("links").iter();
            next = links
                .clone()
                .find(|link| link["rel"] == "next")
                .map(|link| {
                    let href = link["href"].as_str().expect("an address");
                    href.replace("http://plan.example", "")
                });
        }
        let ids = |pairs: &[(String, f64)]| -> Vec<String> {
            pairs.iter().map(|(id, _)| id.clone()).collect()
        };
        assert_eq!(ids(&found), ids(&expected), "{near}");
        for ((_, found), (_, expected)) in found.iter().zip(&expected) {
            assert!((found - expected).abs() < 0.001, "{found} {expected}");
        }
    }
    let csv = server
        .get("/collections/shapes/items?near=121.31,31.21&within=700&f=csv")
        .await;
    let mut csv = csv::Reader::from_reader(&csv.body[..]);
    let header = csv.headers().expect("a header").clone();
    assert_eq!(header.get(2), Some("distance_m"));
    assert_eq!(csv.records().count(), expected.len());
}

#[tokio::test]
async fn parcels_near_road_works() {
    let server = Server::new(store());
    let near = |query: &str| format!("/collections/parcels/items?limit=1000&{query}");
    let all = json(&server, &near("near=road-works&within=300")).await;
    let count = all["numberMatched"].as_u64().expect("a count");
    assert!(count > 0);
    // Each work on its own, and the union of them.
    let works = json(&server, "/collections/road-works/items?limit=1000").await;
    let mut union = std::collections::BTreeMap::new();
    for work in works["features"].as_array().expect("features") {
        if work["geometry"].is_null() {
            continue;
        }
        let id = work["id"].as_str().expect("an id");
        let one = json(&server, &near(&format!("near=road-works/{id}&within=300"))).await;
        for parcel in one["features"].as_array().expect("features") {
            let metres = number(parcel, "distance_m").expect("metres");
            let least = union.entry(parcel["id"].to_string()).or_insert(metres);
            *least = least.min(metres);
        }
    }
    let found: std::collections::BTreeMap<_, _> = all["features"]
        .as_array()
        .expect("features")
        .iter()
        .map(|parcel| {
            let metres = number(parcel, "distance_m").expect("metres");
            (parcel["id"].to_string(), metres)
        })
        .collect();
    assert_eq!(found, union);
    // The order of EPSG:4490 is latitude, longitude.
    let here = json(&server, &near("near=121.36,31.285&within=5000")).await;
    let there = json(
        &server,
        &near("near=31.285,121.36&near-crs=EPSG:4490&within=5000"),
    )
    .await;
    assert!(here["numberMatched"].as_u64() > Some(2));
    assert_eq!(here["features"], there["features"]);
    let some = json(
        &server,
        &near("near=road-works&within=300&near-filter=kind%3D%27new%27"),
    )
    .await;
    assert!(some["numberMatched"].as_u64().expect("a count") <= count);
    let page = server
        .send(
            "GET",
            &near("near=road-works&within=300&lang=en"),
            &[("accept", "text/html")],
        )
        .await;
    let page = String::from_utf8(page.body).expect("UTF-8");
    assert!(page.contains("Distance (m)"), "{page}");
}

#[tokio::test]
async fn nearness_that_cannot_be_is_refused() {
    let server = Server::new(store());
    for (query, parameter, reason) in [
        ("near=road-works", "within", "near needs it"),
        ("within=3", "within", "without near"),
        ("near-filter=id%3D1", "near-filter", "without near"),
        (
            "near=road-works&within=-1",
            "within",
            "metres from 0 to 100000",
        ),
        (
            "near=road-works&within=x",
            "within",
            "metres from 0 to 100000",
        ),
        (
            "near=nowhere&within=3",
            "near",
            "expected a collection (parcels, ",
        ),
        (
            "near=road-works/none&within=3",
            "near",
            "no feature \"none\"",
        ),
        ("near=1,200&within=3", "near", "not on the globe"),
        (
            "near=1,2&within=3&near-filter=true",
            "near-filter",
            "names no collection",
        ),
        (
            "near=road-works&within=3&near-filter=x%3D",
            "near-filter",
            "at character",
        ),
        ("near=POINT(1%202&within=3", "near", "expected"),
    ] {
        refused(
            &server,
            &format!("/collections/parcels/items?{query}"),
            parameter,
            reason,
        )
        .await;
    }
}

#[tokio::test]
async fn columns_are_chosen() {
    let server = Server::new(store());
    let base = "/collections/parcels/items";
    let page = json(
        &server,
        &format!("{base}?properties=site_area_m2,name_zh&limit=3"),
    )
    .await;
    for feature in page["features"].as_array().expect("features") {
        let names: Vec<_> = feature["properties"]
            .as_object()
            .expect("members")
            .keys()
            .collect();
        assert_eq!(names, ["site_area_m2", "name_zh"]);
        assert!(feature["id"].is_string() && feature.get("geometry").is_some());
    }
    let csv = server
        .get(&format!("{base}?properties=plot_ratio&f=csv"))
        .await;
    let text = String::from_utf8(csv.body).expect("UTF-8");
    assert!(text.starts_with("id,plot_ratio,geometry\n"), "{text}");
    refused(
        &server,
        &format!("{base}?properties=far"),
        "properties",
        "no column \"far\"",
    )
    .await;
    refused(
        &server,
        &format!("{base}?properties=,"),
        "properties",
        "no column \"\"",
    )
    .await;
}

#[tokio::test]
async fn a_file_is_whole_where_no_limit_is_asked() {
    let server = many(150, None);
    let base = "/collections/shapes/items";
    let page = json(&server, base).await;
    let all = page["numberMatched"].as_u64().expect("a count");
    assert_eq!((all, page["numberReturned"].as_u64()), (150, Some(100)));
    let csv = server.get(&format!("{base}?f=csv&bom=true")).await;
    assert!(csv.body.starts_with("\u{feff}id,".as_bytes()));
    assert_eq!(csv.header("buju-number-returned"), all.to_string());
    let rows = csv::Reader::from_reader(&csv.body[..]).records().count();
    assert_eq!(rows as u64, all);
    let some = server.get(&format!("{base}?f=csv&limit=7")).await;
    assert!(!some.body.starts_with("\u{feff}".as_bytes()));
    assert!(some.header("link").contains("rel=\"next\""));
    refused(&server, &format!("{base}?bom=true"), "bom", "f=csv").await;
}

/// Rows of 200 bytes and more; the last one is where it is said, if it is.
fn many(rows: u32, last: Option<Point>) -> Server {
    let text = |at| Value::Text(format!("{at:0>200}"));
    let row = |at| {
        let own = Point::new(120.0 + f64::from(at) * 1e-4, 31.0);
        let place = last.filter(|_| at + 1 == rows).unwrap_or(own);
        (Some(Geometry::Point(place)), vec![text(at)])
    };
    let columns = vec![column("remark", ColumnType::String, false)];
    let mut loaded = support::loaded(columns, (0..rows).map(row).collect());
    loaded.plan.crs = vec!["EPSG:4549".to_owned()];
    Server::new(Store::new(Snapshot::build(loaded, Vec::new())))
}

#[tokio::test(flavor = "multi_thread")]
async fn a_large_file_leaves_while_it_is_made() {
    const ROWS: u32 = 20_000;
    let server = many(ROWS, None);
    let target = "/collections/shapes/items?f=csv";
    let plain = server.get(target).await;
    assert!(plain.body.len() > 1 << 22);
    assert!(!plain.headers.contains_key("content-length"));
    assert_eq!(plain.header("buju-number-returned"), ROWS.to_string());
    let rows = csv::Reader::from_reader(&plain.body[..]).records().count();
    assert_eq!(rows, ROWS as usize);
    let gzip = server
        .send("GET", target, &[("accept-encoding", "gzip")])
        .await;
    assert_eq!(gzip.header("content-encoding"), "gzip");
    assert!(expanded(&gzip) == plain.body && gzip.body.len() * 4 < plain.body.len());
    for coding in ["br", "zstd"] {
        let packed = server
            .send("GET", target, &[("accept-encoding", coding)])
            .await;
        assert_eq!(packed.header("content-encoding"), coding);
        assert!(expanded(&packed) == plain.body, "{coding}");
    }
    assert_ne!(gzip.header("etag"), plain.header("etag"));
    let parquet = server.get("/collections/shapes/items?f=gpkg").await;
    assert!(parquet.body.starts_with(b"SQLite format 3\0"));
    assert!(parquet.body.len() > 1 << 22);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_format_cannot_hold_is_named_or_breaks_off() {
    let target = "/collections/shapes/items?f=csv&crs=http://www.opengis.net/def/crs/EPSG/0/4549";
    // A quarter of the way round the world, where a transverse Mercator ends.
    let far = Some(Point::new(30.0, 0.0));
    let answer = many(3, far).get(target).await;
    let problem = answer.json();
    assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{problem}");
    let detail = problem["detail"].as_str().expect("a detail");
    assert!(
        problem["parameter"] == "crs"
            && detail.contains("\"00002\"")
            && detail.contains("EPSG:4549"),
        "{detail}"
    );
    // Too late for a problem: the body ends in an error, and not as if it were whole.
    for coding in ["identity", "gzip", "br", "zstd"] {
        let headers = [("accept-encoding", coding)];
        let body = many(20_000, far).body(target, &headers).await;
        assert!(body.is_err(), "{coding}");
        let body = many(20_000, None).body(target, &headers).await;
        assert!(body.is_ok(), "{coding}");
    }
}
