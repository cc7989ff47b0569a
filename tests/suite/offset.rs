//! `offset`: rows that are left out before a page begins.

use buju::model::ColumnType;
use buju::store::Store;
use geo::point;
use serde_json::Value as Json;

use crate::support::{self, Server, cell};

const COUNT: usize = 57;

/// Points in a row, with a column that has few values and one that is not indexed.
fn store() -> Store {
    let columns = vec![
        support::column("kind", ColumnType::Integer, true),
        support::column("name", ColumnType::String, false),
    ];
    let row = |at: usize| {
        #[expect(clippy::cast_precision_loss, reason = "few")]
        let place = point!(x: 121.0 + at as f64 / 1000.0, y: 31.0);
        let kind = if at.is_multiple_of(9) {
            String::new()
        } else {
            (at % 5).to_string()
        };
        let cells = vec![
            cell(ColumnType::Integer, &kind),
            cell(ColumnType::String, &format!("n{}", (at * 31) % COUNT)),
        ];
        (Some(place.into()), cells)
    };
    support::made_up(columns, (0..COUNT).map(row).collect())
}

fn ids(page: &Json) -> Vec<String> {
    let features = page["features"]
        .as_array()
        .unwrap_or_else(|| panic!("{page}"));
    let id = |feature: &Json| feature["id"].as_str().expect("an id").to_owned();
    features.iter().map(id).collect()
}

fn next(page: &Json) -> Option<String> {
    let mut links = page["links"].as_array().expect("links").iter();
    let link = links.find(|link| link["rel"] == "next")?;
    let href = link["href"].as_str().expect("an address");
    Some(
        href.strip_prefix("http://plan.example")
            .expect(href)
            .to_owned(),
    )
}

const QUERIES: [&str; 7] = [
    "",
    "&sortby=kind",
    "&sortby=-kind,name",
    "&sortby=-name",
    "&kind=1..3",
    "&kind=1..3&sortby=-kind",
    "&near=121.02,31&within=1500",
];

#[tokio::test]
async fn a_page_begins_behind_so_many_rows() {
    let server = Server::new(store());
    for query in QUERIES {
        let whole = server
            .get(&format!("/collections/shapes/items?limit=100{query}"))
            .await
            .json();
        let all = ids(&whole);
        assert!(
            all.len() > 10 && whole["numberMatched"] == all.len(),
            "{query}"
        );
        for offset in [0, 1, 7, all.len() - 1, all.len(), all.len() + 1, 10_000] {
            let target = format!("/collections/shapes/items?limit=5&offset={offset}{query}");
            let page = server.get(&target).await.json();
            let expected: Vec<_> = all.iter().skip(offset).take(5).cloned().collect();
            assert_eq!(ids(&page), expected, "{target}");
            assert_eq!(page["numberMatched"], all.len(), "{target}");
            assert_eq!(page["numberReturned"], expected.len(), "{target}");
            // The links go on from there, each row once.
            let mut seen = ids(&page);
            let mut address = next(&page);
            while let Some(target) = address {
                assert!(!target.contains("offset"), "{target}");
                let page = server.get(&target).await.json();
                seen.extend(ids(&page));
                address = next(&page);
            }
            let rest: Vec<_> = all.iter().skip(offset).cloned().collect();
            assert_eq!(seen, rest, "{query} from {offset}");
        }
    }
}

#[tokio::test]
async fn files_begin_there_too() {
    let server = Server::new(store());
    let items = "/collections/shapes/items";
    let lines = async |target: String| {
        let csv = server.get(&target).await;
        let text = String::from_utf8(csv.body).expect("UTF-8");
        text.lines().skip(1).map(str::to_owned).collect::<Vec<_>>()
    };
    let all = lines(format!("{items}?f=csv&sortby=-name")).await;
    assert_eq!(all.len(), COUNT);
    let rest = lines(format!("{items}?f=csv&sortby=-name&offset=50")).await;
    assert_eq!(rest, all[50..]);
    let some = lines(format!("{items}?f=csv&sortby=-name&offset=3&limit=2")).await;
    assert_eq!(some, all[3..5]);
    for format in [
        "xlsx", "gpkg", "fgb", "shp", "kml", "parquet", "jsonfg", "html",
    ] {
        let answer = server.get(&format!("{items}?f={format}&offset=55")).await;
        assert_eq!(answer.status, 200, "{format}");
        if format != "html" {
            assert_eq!(answer.header("buju-number-returned"), "2", "{format}");
            assert_eq!(answer.header("buju-number-matched"), "57", "{format}");
        }
    }
}

#[tokio::test]
async fn what_is_no_offset_is_named() {
    let server = Server::new(store());
    for wrong in ["-1", "x", "", "1.5", "10001", "99999999999999999999999"] {
        let target = format!("/collections/shapes/items?offset={wrong}");
        let answer = server.get(&target).await;
        assert_eq!(answer.status, 400, "{target}");
        let problem = answer.json();
        assert_eq!(problem["parameter"], "offset");
        let detail = problem["detail"].as_str().expect("a text");
        assert!(
            detail.contains("0 to 10000") && detail.contains("cursor"),
            "{detail}"
        );
    }
    let page = server.get("/collections/shapes/items?limit=5").await.json();
    let next = next(&page).expect("more");
    let both = server.get(&format!("{next}&offset=5")).await;
    assert_eq!(
        (both.status.as_u16(), &both.json()["parameter"]),
        (400, &"offset".into())
    );
    for elsewhere in [
        "/collections/shapes/statistics?offset=1",
        "/tiles/0/0/0.geojson?offset=1",
        "/collections/shapes/items/00001?offset=1",
    ] {
        let answer = server.get(elsewhere).await;
        assert_eq!(
            (answer.status.as_u16(), &answer.json()["parameter"]),
            (400, &"offset".into())
        );
    }
}

#[tokio::test]
async fn the_description_has_its_bounds() {
    let server = Server::new(store());
    let api = server.get("/api").await.json();
    let parameters = &api["paths"]["/collections/shapes/items"]["get"]["parameters"];
    let mut parameters = parameters.as_array().expect("parameters").iter();
    let offset = parameters
        .find(|one| one["name"] == "offset")
        .expect("offset");
    let schema = &offset["schema"];
    assert_eq!(
        (&schema["minimum"], &schema["maximum"]),
        (&0.into(), &10_000.into())
    );
}
