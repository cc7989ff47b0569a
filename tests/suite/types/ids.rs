//! Addresses of any id, numbers, and shapes of every kind.

use serde_json::json;

use super::{IDS, ids, link, server, shapes};

/// Every byte of it.
fn escaped(id: &str) -> String {
    id.bytes().fold(String::new(), |mut out, byte| {
        out.extend(["%", &format!("{byte:02X}")]);
        out
    })
}

#[tokio::test]
async fn any_id_has_an_address() {
    let server = server();
    let items = server.get("/collections/shapes/items").await;
    let mut sorted = IDS.to_vec();
    sorted.sort_unstable();
    assert_eq!(ids(&items), sorted);
    let list = server.get("/collections/shapes/items?f=html&lang=en").await;
    let list = String::from_utf8(list.body).expect("UTF-8");
    let mut next = "/collections/shapes/items?limit=1".to_owned();
    for (at, id) in sorted.iter().enumerate() {
        let page = server.get(&next).await;
        assert_eq!(ids(&page), [*id]);
        if at + 1 < sorted.len() {
            next = link(&page.json(), "next");
        }
        let escaped = escaped(id);
        let path = format!("/collections/shapes/items/{escaped}");
        let item = server.get(&path).await;
        assert_eq!(
            (item.status.as_u16(), &item.json()["id"]),
            (200, &json!(id)),
            "{path}"
        );
        let own = link(&item.json(), "self");
        assert!(!own.ends_with("/.") && !own.ends_with("/.."), "{own}");
        let again = server.get(&own).await.json();
        assert_eq!(again["properties"]["name_zh"], *id, "{own}");
        let page = server.get(&link(&again, "alternate")).await;
        assert_eq!(
            (page.status.as_u16(), page.header("content-type")),
            (200, "text/html; charset=utf-8")
        );
        // The table of items leads to a page that shows it, also where a browser drops dots.
        let href = match *id {
            "." | ".." => format!("/collections/shapes/items?id={id}&amp;lang=en"),
            _ => format!(
                "{}?lang=en",
                own.replace("/collections/shapes/items/", "/f/shapes/")
            ),
        };
        assert!(
            list.contains(&format!("href=\"{href}\"")),
            "{href} in {list}"
        );
        let one = server
            .get(&format!("/collections/shapes/items?id={escaped}"))
            .await;
        assert_eq!(ids(&one), [*id]);
    }
    // Some clients leave a slash as it is.
    let item = server.get("/collections/shapes/items/a/b").await;
    assert_eq!(item.json()["id"], "a/b");
    for missing in ["a%2Fc", "a/c", "%252E", "+2"] {
        let item = server
            .get(&format!("/collections/shapes/items/{missing}"))
            .await;
        assert_eq!(item.status, 404, "{missing}");
        assert_eq!(item.json()["parameter"], "featureId", "{missing}");
    }
}

#[tokio::test]
async fn numbers_stay_numbers() {
    let server = server();
    let items = server.get("/collections/spots/items").await.json();
    let all: Vec<_> = items["features"]
        .as_array()
        .expect("features")
        .iter()
        .map(|feature| feature["id"].clone())
        .collect();
    assert_eq!(
        all,
        [
            json!(-1),
            json!(9),
            json!(10),
            json!(9_007_199_254_740_993_i64)
        ]
    );
    let item = server
        .get("/collections/spots/items/9007199254740993")
        .await
        .json();
    assert_eq!(item["id"], json!(9_007_199_254_740_993_i64));
    assert!(link(&item, "self").ends_with("/collections/spots/items/9007199254740993"));
    let mut next = "/collections/spots/items?limit=1&sortby=-surveyed".to_owned();
    let mut seen = Vec::new();
    while seen.len() < 4 {
        let page = server.get(&next).await;
        seen.extend(ids(&page));
        if seen.len() < 4 {
            next = link(&page.json(), "next");
        }
    }
    assert_eq!(seen, ["9007199254740993", "10", "9", "-1"]);
    let tile = server
        .get("/tiles/0/0/0.geojson?collections=spots")
        .await
        .json();
    assert_eq!(tile["features"][1]["id"], json!(9));

    let tile = server.get("/tiles/0/0/0.mvt?collections=spots,works").await;
    let tile = fast_mvt::MvtReaderRef::new(&tile.body).expect("a tile");
    let mut layers = tile.layers();
    let spots = layers.find(|layer| layer.name() == "spots").expect("spots");
    let read: Vec<_> = spots.features().map(fast_mvt::MvtFeatureRef::id).collect();
    assert_eq!(read, [None, Some(9), Some(10), Some(9_007_199_254_740_993)]);
}

#[tokio::test]
async fn shapes_with_holes_in_parts_and_across_180_degrees() {
    let server = server();
    let found = async |bbox: &str| {
        let answer = server
            .get(&format!("/collections/shapes/items?bbox={bbox}"))
            .await;
        let mut ids = ids(&answer);
        ids.sort_unstable();
        ids
    };
    assert_eq!(
        found("21.2,11.2,21.8,11.8").await,
        Vec::<String>::new(),
        "in the hole"
    );
    assert_eq!(found("20.2,10.2,20.8,10.8").await, ["a b"]);
    assert_eq!(
        found("31.5,10,32.5,11").await,
        Vec::<String>::new(),
        "between the parts"
    );
    assert_eq!(found("33.5,10,34,11").await, ["a/b"]);
    assert_eq!(found("41,9,43,11").await, ["%2F"]);
    assert_eq!(found("179,9,-179.5,21").await, ["/", "100%"]);
    assert_eq!(found("-180,9,-179.5,12").await, ["/"]);
    assert_eq!(found("-170,-90,170,9").await, Vec::<String>::new());
    let item = server.get("/collections/shapes/items/a%20b").await.json();
    assert_eq!(item["geometry"], shapes()["features"][0]["geometry"]);
    let item = server.get("/collections/shapes/items/%2F").await.json();
    assert_eq!(item["geometry"], shapes()["features"][2]["geometry"]);
    let item = server.get("/collections/shapes/items/..").await.json();
    assert!(item["geometry"].is_null());
    for format in [
        "html", "csv", "xlsx", "gpkg", "fgb", "shp", "kml", "parquet", "jsonfg",
    ] {
        let answer = server
            .get(&format!("/collections/shapes/items?f={format}"))
            .await;
        assert_eq!(answer.status, 200, "{format}");
    }
}
