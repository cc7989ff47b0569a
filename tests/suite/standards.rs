//! What OGC's documents and test suites ask for by the letter, and what common clients send.

use std::fmt::Write;

use buju::crs::Crs;
use buju::model::ColumnType;
use buju::query::{self, Query, Window, cql2_json, cql2_text};
use buju::snapshot::Snapshot;
use buju::store::Store;
use geo::point;
use serde_json::{Value as Json, json};

use crate::support::{self, Server};

/// Every byte of it.
fn escaped(text: &str) -> String {
    text.bytes().fold(String::new(), |mut out, byte| {
        write!(out, "%{byte:02X}").expect("written");
        out
    })
}

fn link<'a>(document: &'a Json, rel: &str) -> &'a str {
    let mut links = document["links"].as_array().expect("links").iter();
    let link = links.find(|link| link["rel"] == rel).expect(rel);
    let href = link["href"].as_str().expect("an address");
    href.strip_prefix("http://plan.example").expect(href)
}

/// Requirement 7 of Part 1, as `ets-ogcapi-features10` compares it.
#[tokio::test]
async fn the_schema_of_bbox_has_its_limits_beside_the_choice() {
    let server = Server::new(support::store());
    let api = server.get("/api").await.json();
    let mut found = 0;
    for path in api["paths"].as_object().expect("paths").values() {
        let parameters = path["get"]["parameters"].as_array().expect("parameters");
        for bbox in parameters.iter().filter(|one| one["name"] == "bbox") {
            let schema = &bbox["schema"];
            assert_eq!(
                (&schema["minItems"], &schema["maxItems"]),
                (&json!(4), &json!(6))
            );
            assert_eq!(schema["oneOf"].as_array().map(Vec::len), Some(2));
            found += 1;
        }
    }
    assert!(found > 20, "{found}");
}

#[tokio::test]
async fn lists_of_tilesets_have_the_limits_of_each() {
    let server = Server::new(support::store());
    for parent in ["", "/collections/parcels"] {
        let list = server.get(&format!("{parent}/tiles")).await.json();
        let sets = list["tilesets"].as_array().expect("tilesets");
        assert_eq!(sets.len(), 3);
        for set in sets {
            let own = server.get(link(set, "self")).await.json();
            assert!(
                set["tileMatrixSetLimits"]
                    .as_array()
                    .is_some_and(|all| !all.is_empty())
            );
            assert_eq!(set["tileMatrixSetLimits"], own["tileMatrixSetLimits"]);
        }
    }
    // A collection without any place has no limits.
    let nowhere = Server::new(support::made_up(Vec::new(), vec![(None, Vec::new())]));
    let list = nowhere.get("/tiles").await.json();
    assert!(list["tilesets"][0].get("tileMatrixSetLimits").is_none());
}

#[tokio::test]
async fn a_tileset_leads_to_its_tilejson() {
    let server = Server::new(support::store());
    for (tileset, expected) in [
        ("/tiles/WebMercatorQuad", "/tiles.json"),
        (
            "/collections/parcels/tiles/WebMercatorQuad",
            "/tiles.json?collections=parcels",
        ),
        (
            "/collections/parcels/tiles/WebMercatorQuad?plot_ratio=2..",
            "/tiles.json?collections=parcels&plot_ratio=2..",
        ),
    ] {
        let document = server.get(tileset).await.json();
        let address = link(&document, "describedby");
        assert_eq!(address, expected);
        let tilejson = server.get(address).await.json();
        let layers = tilejson["vector_layers"].as_array().expect("layers");
        assert_eq!(
            layers.len(),
            document["layers"].as_array().expect("layers").len()
        );
        assert_eq!(layers[0]["id"], document["layers"][0]["id"]);
    }
    let list = server.get("/collections/parcels/tiles").await.json();
    let of = |set: &Json| {
        let links = set["links"].as_array().expect("links").iter();
        links.filter(|link| link["rel"] == "describedby").count()
    };
    let counts: Vec<_> = list["tilesets"]
        .as_array()
        .expect("sets")
        .iter()
        .map(of)
        .collect();
    assert_eq!(counts, [1, 0, 0], "TileJSON knows one grid");
}

/// OGC 20-057, /req/collections-selection: by id or by address, the first beneath the others.
#[tokio::test]
async fn collections_of_a_tile_come_in_the_order_that_is_asked_for() {
    let server = Server::new(support::store());
    let tile = "/tiles/WebMercatorQuad/14/6692/13715";
    let by_address = "http://plan.example/collections/zones,parcels";
    for (asked, expected) in [
        ("parcels,zones", ["parcels", "zones"]),
        ("zones,parcels", ["zones", "parcels"]),
        ("zones,parcels,zones", ["zones", "parcels"]),
        (by_address, ["zones", "parcels"]),
    ] {
        let geojson = server
            .get(&format!("{tile}?f=geojson&collections={asked}"))
            .await
            .json();
        let features = geojson["features"].as_array().expect("features").iter();
        let mut order: Vec<_> = features
            .map(|feature| {
                feature["properties"]["collection"]
                    .as_str()
                    .expect("a name")
            })
            .collect();
        order.dedup();
        assert_eq!(order, expected, "{asked}");
        let mvt = server
            .get(&format!("{tile}?f=mvt&collections={asked}"))
            .await;
        let mvt = fast_mvt::MvtReaderRef::new(&mvt.body).expect("a tile");
        let layers: Vec<_> = mvt.layers().map(|layer| layer.name().to_owned()).collect();
        assert_eq!(layers, expected, "{asked}");
        let tileset = format!("/tiles/WebMercatorQuad?collections={asked}");
        let tileset = server.get(&tileset).await.json();
        let layers = tileset["layers"].as_array().expect("layers").iter();
        let layers: Vec<_> = layers
            .map(|layer| layer["id"].as_str().expect("an id"))
            .collect();
        assert_eq!(layers, expected, "{asked}");
    }
    for wrong in [
        "",
        "parcels,",
        "nowhere",
        "http://other.example/collections/parcels",
    ] {
        let answer = server.get(&format!("{tile}?collections={wrong}")).await;
        assert_eq!(answer.status, 400, "{wrong}");
        assert_eq!(answer.json()["parameter"], "collections");
    }
}

/// OGC 21-065r2, /req/cql2-text/escaping.
#[tokio::test]
async fn escapes_of_cql2_text_are_read() {
    let names = [
        "a\u{7}b", "a\u{8}b", "a\tb", "a\nb", "a\u{b}b", "a\u{c}b", "a\rb", "a'b", "a\\b", "a\\qb",
        "100%", "100x", "ab", "a\\%b",
    ];
    let rows = names.map(|name| (None, vec![support::cell(ColumnType::String, name)]));
    let column = support::column("name", ColumnType::String, true);
    let store = support::made_up(vec![column], rows.to_vec());
    let server = Server::new(store);
    let found = async |lang: &str, filter: &str| {
        let target = format!(
            "/collections/shapes/items?filter-lang=cql2-{lang}&filter={}",
            escaped(filter)
        );
        let page = server.get(&target).await.json();
        let features = page["features"]
            .as_array()
            .unwrap_or_else(|| panic!("{page}"));
        let names = features
            .iter()
            .map(|one| one["properties"]["name"].as_str());
        names
            .map(|name| name.expect("a name").to_owned())
            .collect::<Vec<_>>()
    };
    for (filter, expected) in [
        (r"name = 'a\ab'", &["a\u{7}b"][..]),
        (r"name = 'a\bb'", &["a\u{8}b"]),
        (r"name = 'a\tb'", &["a\tb"]),
        (r"name = 'a\nb'", &["a\nb"]),
        (r"name = 'a\vb'", &["a\u{b}b"]),
        (r"name = 'a\fb'", &["a\u{c}b"]),
        (r"name = 'a\rb'", &["a\rb"]),
        (r"name = 'a\'b'", &["a'b"]),
        ("name = 'a''b'", &["a'b"]),
        (r"name = 'a\\b'", &["a\\b"]),
        // As clients write it that double every backslash, and as people do.
        (r"name = 'a\\qb'", &["a\\qb"]),
        (r"name = 'a\qb'", &["a\\qb"]),
        (r"name IN ('a\\b', 'a\tb')", &["a\tb", "a\\b"]),
        (r"name LIKE 'a\t_'", &["a\tb"]),
        (r"name LIKE '100\%'", &["100%"]),
        (r"name LIKE '100\\%'", &["100%"]),
        ("name LIKE '100_'", &["100%", "100x"]),
        (r"name LIKE 'a\\\\b'", &["a\\b"]),
        (r"name LIKE 'a\\\\\\%b'", &["a\\%b"]),
        (r"CASEI(name) LIKE CASEI('A\\\\B')", &["a\\b"]),
    ] {
        assert_eq!(found("text", filter).await, expected, "{filter}");
    }
    // A JSON text is the value itself: the pattern's own escapes are all that is left.
    for (value, expected) in [("a\\\\b", "a\\b"), ("100\\%", "100%"), ("a\t_", "a\tb")] {
        let filter = json!({ "op": "like", "args": [{ "property": "name" }, value] });
        assert_eq!(found("json", &filter.to_string()).await, [expected]);
    }
    let filter = json!({ "op": "=", "args": [{ "property": "name" }, "a\\b"] });
    assert_eq!(found("json", &filter.to_string()).await, ["a\\b"]);
    let info = &support::store()
        .collection("parcels")
        .expect("it")
        .info
        .clone();
    for pattern in [r"name_zh LIKE 'C:\\temp'", r"name_zh LIKE '\\'"] {
        let error = cql2_text(info, pattern, Crs::Crs84)
            .expect_err(pattern)
            .to_string();
        assert!(error.contains("double it (written"), "{error}");
    }
    let filter = r#"{"op":"like","args":[{"property":"name_zh"},"C:\\temp"]}"#;
    let error = cql2_json(info, filter, Crs::Crs84)
        .expect_err(filter)
        .to_string();
    assert!(
        error.contains("before 't'") && !error.contains("written"),
        "{error}"
    );
}

/// Points on the equator and near the poles, by their longitude.
fn world() -> (Snapshot, Vec<f64>) {
    let longitudes = vec![
        -180.0, -179.9, -170.5, -90.0, 0.0, 30.0, 121.0, 179.5, 179.99, 180.0,
    ];
    let row = |lon: &f64| (Some(point!(x: *lon, y: 1.0).into()), Vec::new());
    (
        support::snapshot(Vec::new(), longitudes.iter().map(row).collect()),
        longitudes,
    )
}

fn inside(snapshot: &Snapshot, bbox: &str, crs: Crs) -> Vec<usize> {
    let window = Window::parse(bbox, crs).unwrap_or_else(|error| panic!("{bbox}: {error}"));
    let query = Query {
        bbox: Some(window),
        ..Query::default()
    };
    let matches = query::matched(&snapshot.collections[0], &query).expect("within its budget");
    matches.rows.into_iter().map(|row| row as usize).collect()
}

/// Web maps that show the world more than once send where they are, not where that is on the globe.
#[test]
fn a_box_beyond_the_world_goes_round_it() {
    let (snapshot, longitudes) = world();
    let metres = std::f64::consts::PI * 6_378_137.0 / 180.0;
    let mut wraps = 0;
    for step in -31..=31 {
        let west = f64::from(step) * 23.7;
        for width in [0.6, 20.0, 179.0, 301.5, 359.7, 360.0, 400.0, 800.0] {
            let east = west + width;
            // A meridian is a whole number of turns from itself.
            let is_inside = |lon: &f64| {
                (-4..=4).any(|turn| {
                    let lon = lon + 360.0 * f64::from(turn);
                    lon >= west && lon <= east
                })
            };
            let expected: Vec<_> = (0..longitudes.len())
                .filter(|at| is_inside(&longitudes[*at]))
                .collect();
            wraps += usize::from(west.min(-east) < -180.0);
            let degrees = format!("{west},-10,{east},10");
            assert_eq!(
                inside(&snapshot, &degrees, Crs::Crs84),
                expected,
                "{degrees}"
            );
            let latitude_first = format!("-10,{west},10,{east}");
            let found = inside(&snapshot, &latitude_first, Crs::Epsg(4490));
            assert_eq!(found, expected, "EPSG:4490 {latitude_first}");
            let mercator = format!("{},-1e6,{},1e6", west * metres, east * metres);
            let found = inside(&snapshot, &mercator, Crs::WEB_MERCATOR);
            assert_eq!(found, expected, "EPSG:3857 {mercator} ({west} to {east})");
        }
    }
    assert!(wraps > 200, "{wraps}");
    let all: Vec<_> = (0..longitudes.len()).collect();
    for (bbox, crs) in [
        ("-400,-200,400,200", Crs::Crs84),
        ("-180,-90,180,90", Crs::Crs84),
        ("-5e7,-5e7,5e7,5e7", Crs::WEB_MERCATOR),
        (
            "-20037508.35,-20037508.35,20037508.35,20037508.35",
            Crs::WEB_MERCATOR,
        ),
        (
            "-20037508.342789244,-2e7,20037508.342789244,2e7",
            Crs::WEB_MERCATOR,
        ),
    ] {
        assert_eq!(inside(&snapshot, bbox, crs), all, "{bbox}");
    }
    // As it was: from the west eastwards to the east.
    assert_eq!(
        inside(&snapshot, "170,-10,-175,10", Crs::Crs84),
        [0, 1, 7, 8, 9]
    );
    for (bbox, word) in [
        ("-10,-91,10,10", "-91 is not a latitude"),
        ("31,121,32,122", "121 is not a latitude"),
        ("-10,121,10,122", "121 is not a latitude"),
        ("629000,31,632000,32", "629000 is not a longitude"),
        ("-10,inf,10,10", "not a finite number"),
    ] {
        let error = Window::parse(bbox, Crs::Crs84).expect_err(bbox).to_string();
        assert!(error.contains(word), "{bbox}: {error}");
    }
}

/// The same over HTTP, on items, tiles and in CQL2.
#[tokio::test]
async fn leaflets_box_of_the_world_is_the_world() {
    let (snapshot, longitudes) = world();
    let mut snapshot = snapshot;
    snapshot.plan.crs = vec!["EPSG:3857".to_owned()];
    let server = Server::new(Store::new(snapshot));
    for query in [
        "bbox=-400,-95,400,95",
        "bbox=-4e7,-4e7,4e7,4e7&bbox-crs=EPSG:3857",
        "filter=S_INTERSECTS(geometry,BBOX(-400,-90,400,90))",
    ] {
        let page = server
            .get(&format!("/collections/shapes/items?{query}"))
            .await;
        assert_eq!(page.status, 200, "{query}");
        assert_eq!(page.json()["numberMatched"], longitudes.len(), "{query}");
    }
    let tile = server
        .get("/tiles/0/0/0.geojson?bbox=175,-90,185,90")
        .await
        .json();
    assert_eq!(tile["numberMatched"], 5);
}
