//! The API through the router, without a port.

use serde_json::Value as Json;

use crate::support::{self, Server};

fn server() -> Server {
    Server::new(support::store())
}

const TILE: &str = "/tiles/15/27431/13384.geojson";

#[tokio::test]
async fn the_first_interface_is_linked() {
    let server = server();
    let landing = server
        .send("GET", "/", &[("accept", "application/json")])
        .await
        .json();
    let mut visited = 0;
    let mut open = vec![landing];
    while let Some(document) = open.pop() {
        let own = document["links"].as_array().into_iter().flatten();
        let nested = document["collections"].as_array().into_iter().flatten();
        let nested =
            nested.flat_map(|collection| collection["links"].as_array().into_iter().flatten());
        for link in own.chain(nested) {
            let href = link["href"].as_str().expect("an address");
            if href.contains('{') || link["rel"] == "self" {
                continue;
            }
            let target = href
                .strip_prefix("http://plan.example")
                .unwrap_or_else(|| panic!("{href}"));
            let answer = server.get(target).await;
            assert_eq!(answer.status, 200, "{target}");
            let media = link["type"].as_str().expect("a type");
            assert!(
                answer.header("content-type").starts_with(media),
                "{target}: {}",
                answer.header("content-type")
            );
            visited += 1;
            if target == "/collections" {
                open.push(answer.json());
            }
        }
    }
    assert!(visited >= 14, "{visited} links");
}

#[tokio::test]
async fn numbers_and_texts_filter() {
    let server = server();
    let ids = async |query: &str| {
        let answer = server.get(&format!("/collections/{query}")).await;
        assert_eq!(
            answer.status,
            200,
            "{query}: {}",
            String::from_utf8_lossy(&answer.body)
        );
        let json = answer.json();
        let ids: Vec<_> = json["features"]
            .as_array()
            .expect("features")
            .iter()
            .map(|f| f["id"].as_str().expect("an id").to_owned())
            .collect();
        assert_eq!(json["numberMatched"], ids.len());
        ids
    };
    assert_eq!(
        ids("parcels/items?plot_ratio=2..4").await,
        ["jinhuan-e4-redevelopment"]
    );
    assert_eq!(
        ids("parcels/items?plot_ratio=..2").await,
        ["medicine-logistics-centre-extension"]
    );
    assert_eq!(
        ids("parcels/items?site_area_m2=100000..&limit=5").await,
        ["ali-digital-agriculture-supply-chain-centre"]
    );
    assert_eq!(ids("road-works/items?kind=drainage").await.len(), 2);
    assert_eq!(
        ids("road-works/items?kind=undergrounding&plan_table=2")
            .await
            .len(),
        4
    );
    assert_eq!(ids("parcels/items?name_zh=%E4%B8%8A%E6%B5%B7%E9%97%BB%E5%A4%A9%E4%B8%8B%E4%BA%A7%E4%B8%9A%E5%9B%AD%E4%B8%80%E6%9C%9F").await, ["wentianxia-industrial-park-phase-1"]);
    assert!(ids("parcels/items?bbox=0,0,1,1").await.is_empty());
}

#[tokio::test]
async fn next_links_visit_every_feature_once() {
    let server = server();
    let mut target = "/collections/road-works/items?limit=7&theme=road".to_owned();
    let mut seen = Vec::new();
    loop {
        let page = server.get(&target).await.json();
        assert_eq!(page["numberMatched"], 20);
        let features = page["features"].as_array().expect("features");
        assert_eq!(page["numberReturned"], features.len());
        seen.extend(
            features
                .iter()
                .map(|feature| feature["id"].as_str().expect("an id").to_owned()),
        );
        let next = page["links"]
            .as_array()
            .expect("links")
            .iter()
            .find(|link| link["rel"] == "next");
        match next {
            Some(link) => {
                let href = link["href"].as_str().expect("an address");
                assert!(
                    href.contains("theme=road") && href.contains("limit=7"),
                    "{href}"
                );
                href.strip_prefix("http://plan.example")
                    .expect("this server")
                    .clone_into(&mut target);
            }
            None => break,
        }
    }
    assert_eq!(seen.len(), 20);
    seen.sort();
    seen.dedup();
    assert_eq!(seen.len(), 20);
}

/// However the cursor is written, the next link has one and not two.
#[tokio::test]
async fn a_cursor_is_replaced() {
    let next = async |target: &str| {
        let page = server().get(target).await.json();
        let links = page["links"].as_array().expect("links");
        let next = links.iter().find(|link| link["rel"] == "next");
        let href = next.expect("a next page")["href"].as_str();
        href.expect("an address").replace("http://plan.example", "")
    };
    let items = "/collections/parcels/items?limit=1";
    let second = next(items).await;
    let (_, cursor) = second.split_once("cursor=").expect("a cursor");
    for name in ["cursor", "%63ursor"] {
        let target = next(&format!("{items}&{name}={cursor}")).await;
        assert_eq!(server().get(&target).await.status, 200, "{target}");
    }
    for wrong in ["cursor", "cursor=", "%63ursor=a", "cursor=../../etc"] {
        let answer = server().get(&format!("{items}&{wrong}")).await;
        assert_eq!(answer.status, 400, "{wrong}");
        assert_eq!(answer.json()["parameter"], "cursor");
    }
}

/// A table has no links: its headers say that it goes on, and where.
#[tokio::test]
async fn tables_are_paged_in_headers() {
    let server = server();
    let mut target = "/collections/road-works/items?f=csv&limit=7&theme=road".to_owned();
    let mut rows = 0;
    loop {
        let page = server.get(&target).await;
        assert_eq!(page.header("buju-number-matched"), "20");
        let lines = String::from_utf8(page.body).expect("UTF-8").lines().count() - 1;
        assert_eq!(page.headers["buju-number-returned"], lines.to_string());
        rows += lines;
        let Some(link) = page.headers.get("link") else {
            break;
        };
        let link = link.to_str().expect("a text");
        assert!(
            link.ends_with(r#">; rel="next"; type="text/csv""#),
            "{link}"
        );
        let href = link
            .strip_prefix("<http://plan.example")
            .expect("this server");
        target = href.split('>').next().expect("an address").to_owned();
    }
    assert_eq!(rows, 20);
}

#[tokio::test]
async fn features_without_a_place_are_listed_with_null() {
    let feature = server()
        .get("/collections/waters/items/taopu-lake")
        .await
        .json();
    assert!(feature["geometry"].is_null());
    assert!(
        feature["properties"]["no_geometry_reason_zh"]
            .as_str()
            .is_some_and(|reason| !reason.is_empty())
    );
    assert!(
        feature["properties"]["site_area_m2"].is_null(),
        "not stated is null, not 0"
    );
}

#[tokio::test]
async fn warnings_travel_with_their_feature() {
    let feature = server()
        .get("/collections/parcels/items/medicine-logistics-centre-extension")
        .await
        .json();
    assert_eq!(feature["findings"][0]["check"], "columns-disagree");
    assert_eq!(feature["properties"]["plot_ratio"], 1.79);
    assert_eq!(feature["properties"]["plot_ratio_derived"], 1.7485);
}

#[tokio::test]
async fn what_is_asked_wrongly_is_a_problem_that_names_the_parameter() {
    let server = server();
    for (target, status, parameter) in [
        ("/collections/parcels/items?bbox=1,2,3", 400, "bbox"),
        ("/collections/parcels/items?bbox=1,5,2,4", 400, "bbox"),
        ("/collections/parcels/items?bbox=1,a,2,4", 400, "bbox"),
        ("/collections/parcels/items?bbox=31,121,32,122", 400, "bbox"),
        ("/collections/parcels/items?limit=0", 400, "limit"),
        ("/collections/parcels/items?limit=ten", 400, "limit"),
        ("/collections/parcels/items?limit=1&limit=2", 400, "limit"),
        (
            "/collections/parcels/items?plot_ratio=4..2",
            400,
            "plot_ratio",
        ),
        ("/collections/parcels/items?plot_ratio=", 400, "plot_ratio"),
        ("/collections/parcels/items?q=", 400, "q"),
        ("/collections/parcels/items?id=", 400, "id"),
        ("/collections/parcels/items?q=%20", 400, "q"),
        ("/collections/parcels/items?far=2", 400, "far"),
        ("/collections/parcels/items?f=gml", 400, "f"),
        ("/collections/road-works/items?kind=digging", 400, "kind"),
        ("/collections/nowhere/items", 404, "collectionId"),
        ("/collections/nowhere", 404, "collectionId"),
        ("/collections/parcels/items/nothing", 404, "featureId"),
        (
            "/collections/parcels/items/jinhuan-e4-redevelopment?x=1",
            400,
            "x",
        ),
        (
            "/collections/parcels/tiles/WebMercatorQuad/3/8/0",
            404,
            "tileRow",
        ),
        (
            "/collections/nowhere/tiles/WebMercatorQuad/3/1/1",
            404,
            "collectionId",
        ),
        (
            "/collections/parcels/tiles/WebMercatorQuad/3/1/1?f=png",
            400,
            "f",
        ),
        ("/tiles/3/8/0.geojson", 404, "x"),
        ("/tiles/25/0/0.geojson", 404, "z"),
        ("/tiles/3/-1/0.geojson", 404, "x"),
        ("/tiles/3/1/1.png", 404, ""),
        (
            "/tiles/3/1/1.geojson?collections=nowhere",
            400,
            "collections",
        ),
        ("/tiles/3/1/1.geojson?filter=x", 400, "filter"),
        ("/plan?x", 400, "x"),
        ("/nothing/here", 404, ""),
        ("/collections/parcels/items?name_zh=%ff", 400, ""),
    ] {
        let answer = server.get(target).await;
        assert_eq!(answer.status, status, "{target}");
        assert_eq!(
            answer.header("content-type"),
            "application/problem+json",
            "{target}"
        );
        let problem = answer.json();
        assert_eq!(problem["status"], status, "{target}");
        assert_eq!(
            problem["parameter"].as_str().unwrap_or_default(),
            parameter,
            "{target}: {problem}"
        );
    }
}

#[tokio::test]
async fn a_path_that_is_not_utf8_is_a_problem() {
    for path in [
        "/collections/%FF",
        "/collections/parcels/items/%FF",
        "/tiles/%FF/1/1.mvt",
        "/assets/%FF",
    ] {
        let answer = server().get(path).await;
        assert_eq!(answer.status, 400, "{path}");
        assert_eq!(
            answer.header("content-type"),
            "application/problem+json",
            "{path}"
        );
    }
}

#[tokio::test]
async fn a_greater_limit_is_lowered_and_no_error() {
    let answer = server()
        .get("/collections/parcels/items?limit=99999999")
        .await;
    assert_eq!(
        (
            answer.status.as_u16(),
            answer.json()["numberReturned"].as_u64()
        ),
        (200, Some(10))
    );
}

#[tokio::test]
async fn only_reading_is_allowed() {
    let server = server();
    for target in ["/plan", TILE, "/collections/parcels/items"] {
        let answer = server.send("DELETE", target, &[]).await;
        assert_eq!(
            (answer.status.as_u16(), answer.header("allow")),
            (405, "GET, HEAD, OPTIONS"),
            "{target}"
        );
        assert_eq!(answer.header("content-type"), "application/problem+json");
        let head = server.send("HEAD", target, &[]).await;
        assert!(head.status == 200 && head.body.is_empty());
    }
}

#[tokio::test]
async fn scripts_of_other_pages_may_read() {
    let server = server();
    let from = ("origin", "http://elsewhere.example");
    for target in [TILE, "/plan", "/assets/none.js", "/nothing/here"] {
        let answer = server.send("GET", target, &[from]).await;
        assert_eq!(answer.header("access-control-allow-origin"), "*");
        let exposed = answer.header("access-control-expose-headers");
        let mut names = exposed.split(',');
        assert!(names.any(|name| name == "buju-number-merged"), "{exposed}");
        let wanted = ("access-control-request-method", "GET");
        let header = ("access-control-request-headers", "if-none-match");
        let asked = [from, wanted, header];
        let before = server.send("OPTIONS", target, &asked).await;
        assert_eq!(before.status, 200, "{target}");
        assert!(before.body.is_empty());
        assert_eq!(before.header("access-control-allow-origin"), "*");
        assert_eq!(before.header("access-control-allow-methods"), "GET,HEAD");
        let allowed = before.header("access-control-allow-headers");
        assert!(allowed.contains("if-none-match"), "{allowed}");
    }
}

#[tokio::test]
async fn tiles_carry_ids_collections_and_counts() {
    let server = server();
    let answer = server.get(TILE).await;
    assert_eq!(answer.header("content-type"), "application/geo+json");
    let tile = answer.json();
    assert_eq!(
        tile["numberReturned"].to_string(),
        answer.header("buju-number-returned")
    );
    assert_eq!(
        tile["numberMatched"].to_string(),
        answer.header("buju-number-matched")
    );
    let e4 = tile["features"]
        .as_array()
        .expect("features")
        .iter()
        .find(|f| f["id"] == "jinhuan-e4-redevelopment")
        .expect("E4");
    assert_eq!(e4["properties"]["collection"], "parcels");
    assert_eq!(e4["properties"]["plot_ratio"], 3);
    assert!(e4["properties"]["label_lon"].is_number());
    let counts = &tile["collections"]["parcels"];
    assert!(counts["matched"].as_u64() >= counts["returned"].as_u64());

    let same = server.get("/tiles/WebMercatorQuad/15/13384/27431").await;
    assert!(same.body == answer.body, "row before column in OGC's order");
    let one = server
        .get("/collections/parcels/tiles/WebMercatorQuad/15/13384/27431?f=geojson")
        .await
        .json();
    assert!(
        one["features"]
            .as_array()
            .expect("features")
            .iter()
            .all(|f| f["properties"]["collection"] == "parcels")
    );
    assert_eq!(one["collections"]["parcels"], *counts);
    let short = server
        .get(&format!("{TILE}?collections=parcels"))
        .await
        .json();
    assert_eq!(short, one);
}

#[tokio::test]
async fn empty_tiles_exist() {
    let server = server();
    let geojson = server.get("/tiles/15/0/0.geojson").await;
    assert_eq!(
        (
            geojson.status.as_u16(),
            geojson.json()["features"].as_array().map(Vec::len)
        ),
        (200, Some(0))
    );
    let mvt = server.get("/tiles/15/0/0.mvt").await;
    assert!(
        mvt.status == 204 && mvt.body.is_empty() && !mvt.headers.contains_key("content-encoding")
    );
    assert_eq!(mvt.header("buju-number-matched"), "0");
}

#[tokio::test]
async fn vector_tiles_are_tiles_of_the_same() {
    let answer = server().get("/tiles/15/27431/13384.mvt").await;
    assert_eq!(
        answer.header("content-type"),
        "application/vnd.mapbox-vector-tile"
    );
    let reader = fast_mvt::MvtReaderRef::new(&answer.body).expect("a vector tile");
    let features: usize = reader
        .layers()
        .map(fast_mvt::MvtLayerRef::feature_count)
        .sum();
    assert_eq!(features.to_string(), answer.header("buju-number-returned"));
    assert!(reader.layers().any(|layer| layer.name() == "parcels"));
}

/// GDAL and others read no attribute that the documents of a tileset do not name.
#[tokio::test]
async fn every_attribute_of_a_vector_tile_is_described() {
    let server = server();
    let tilejson = server.get("/tiles.json").await.json();
    let tileset = server.get("/tiles/WebMercatorQuad").await.json();
    let described = |layers: &Json, name: &str, key: &str, attribute: &str| {
        let layers = layers.as_array().expect("layers").iter();
        let layer = layers.into_iter().find(|layer| layer["id"] == name);
        let layer = layer.unwrap_or_else(|| panic!("no layer {name}"));
        layer
            .pointer(key)
            .expect("attributes")
            .get(attribute)
            .is_some()
    };
    let answer = server.get("/tiles/15/27431/13384.mvt").await;
    let reader = fast_mvt::MvtReaderRef::new(&answer.body).expect("a vector tile");
    let mut seen = 0;
    for layer in reader.layers() {
        for attribute in layer.keys() {
            let name = layer.name();
            let (fields, properties) = ("/fields", "/propertiesSchema/properties");
            assert!(
                described(&tilejson["vector_layers"], name, fields, attribute)
                    && described(&tileset["layers"], name, properties, attribute),
                "{name}: {attribute}"
            );
            seen += usize::from(["id", "label_lon", "kind"].contains(attribute));
        }
    }
    assert!(seen > 3, "{seen}");
}

#[tokio::test]
async fn an_etag_is_enough_to_answer() {
    let server = server();
    let first = server.get(TILE).await;
    let tag = first.header("etag").to_owned();
    assert!(first.headers.contains_key("cache-control"));
    for asked in [
        tag.clone(),
        format!("W/{tag}"),
        format!("\"other\", {tag}"),
        "*".to_owned(),
    ] {
        let answer = server.send("GET", TILE, &[("if-none-match", &asked)]).await;
        assert!(answer.status == 304 && answer.body.is_empty(), "{asked}");
        assert_eq!(answer.header("etag"), tag);
    }
    assert_eq!(
        server
            .send("GET", TILE, &[("if-none-match", "\"other\"")])
            .await
            .status,
        200
    );
    // A tag belongs to one representation.
    let zipped = server
        .send("GET", TILE, &[("accept-encoding", "gzip")])
        .await;
    assert_ne!(zipped.header("etag"), tag);
    assert_ne!(
        server
            .get("/tiles/15/27430/13384.geojson")
            .await
            .header("etag"),
        tag
    );
    assert_eq!(
        server
            .send("GET", "/collections/nowhere", &[("if-none-match", "*")])
            .await
            .status,
        404
    );
}

#[tokio::test]
async fn codings_carry_the_same_bytes() {
    let server = server();
    let plain = server.get(TILE).await;
    assert!(!plain.headers.contains_key("content-encoding"));
    assert!(plain.header("vary").contains("Accept-Encoding"));
    for coding in ["gzip", "br", "zstd"] {
        let answer = server
            .send("GET", TILE, &[("accept-encoding", coding)])
            .await;
        assert_eq!(answer.header("content-encoding"), coding);
        assert!(answer.body.len() * 2 < plain.body.len());
        let body = support::expanded(&answer);
        assert!(body == plain.body, "{coding}");
    }
}

#[tokio::test]
async fn tilejson_describes_the_tiles() {
    let json = server().get("/tiles.json").await.json();
    assert_eq!(json["tilejson"], "3.0.0");
    assert_eq!(
        json["tiles"][0],
        "http://plan.example/tiles/{z}/{x}/{y}.mvt"
    );
    let layers: Vec<_> = json["vector_layers"]
        .as_array()
        .expect("layers")
        .iter()
        .map(|layer| layer["id"].as_str().expect("an id"))
        .collect();
    assert!(layers.contains(&"parcels") && layers.contains(&"context"));
    assert_eq!(json["bounds"].as_array().map(Vec::len), Some(4));
    assert!(json["center"][2].is_u64(), "{}", json["center"]);
}

#[tokio::test]
async fn a_browser_gets_the_page_and_a_program_the_api() {
    let server = server();
    let page = server
        .send(
            "GET",
            "/",
            &[("accept", "text/html,application/xhtml+xml,*/*;q=0.8")],
        )
        .await;
    assert!(page.header("content-type").starts_with("text/html"));
    let policy = page.header("content-security-policy");
    assert!(
        policy.contains("default-src 'none'") && !policy.contains("unsafe"),
        "{policy}"
    );
    let html = String::from_utf8(page.body).expect("UTF-8");
    let script = html
        .split("src=\"")
        .nth(1)
        .and_then(|rest| rest.split('"').next())
        .expect("a script");
    let asset = server
        .send("GET", script, &[("accept-encoding", "br")])
        .await;
    assert_eq!(
        (asset.status.as_u16(), asset.header("content-encoding")),
        (200, "br")
    );
    assert!(asset.header("cache-control").contains("immutable"));
    assert_eq!(server.get("/assets/../Cargo.toml").await.status, 404);
    // The page's own filter is no form; without a page there is none.
    let html = [("accept", "text/html")];
    for filter in ["plot_ratio:2~3", "plot_ratio%3A2~3", ""] {
        let filtered = &format!("/?v=parcels&f={filter}");
        let page = server.send("GET", filtered, &html).await;
        assert_eq!(page.status, 200, "{filtered}");
        assert!(page.header("content-type").starts_with("text/html"));
        let json = [("accept", "application/json")];
        let refused = server.send("GET", filtered, &json).await;
        assert_eq!(refused.status, 400, "{filtered}");
    }
    assert_eq!(server.get("/?f=xml").await.status, 400);
    // At the root, or it would serve nothing but the assets; with a policy that lets it fetch.
    let worker = server.get("/sw.js").await;
    let policy = worker.header("content-security-policy");
    assert_eq!(
        (
            worker.status.as_u16(),
            worker.header("cache-control"),
            policy
        ),
        (200, "no-cache", "default-src 'none'; connect-src 'self'")
    );
    assert!(worker.header("content-type").starts_with("text/javascript"));
    assert_eq!(
        server.get("/").await.header("content-type"),
        "application/json"
    );
    for (accept, media) in [
        ("Text/HTML", "text/html; charset=utf-8"),
        (
            "text/html;level=1;q=0.9, */*;q=0.8",
            "text/html; charset=utf-8",
        ),
        ("application/json, text/html;q=0.1", "application/json"),
        ("text/html;q=0, */*", "application/json"),
    ] {
        let answer = server.send("GET", "/", &[("accept", accept)]).await;
        assert_eq!(answer.header("content-type"), media, "{accept}");
    }
    // The page's own state is no parameter of the API.
    assert_eq!(
        server
            .send("GET", "/?v=parcels&lang=en", &[("accept", "text/html")])
            .await
            .status,
        200
    );
    // Somebody shares its address: programs that take anything are given the page, and of others the parameter is refused.
    for (accept, status) in [("*/*", 200), ("application/json", 400)] {
        for target in ["/?v=parcels", "/?s=parcels:jinhuan-e4-redevelopment"] {
            let answer = server.send("GET", target, &[("accept", accept)]).await;
            assert_eq!(answer.status, status, "{accept} {target}");
        }
    }
    assert_eq!(server.get("/?x=parcels").await.status, 400);
    assert_eq!(server.get("/?v=parcels&f=json").await.status, 400);
}

#[tokio::test]
async fn health_and_readiness() {
    let server = server();
    assert_eq!(server.get("/healthz").await.body, b"ok\n");
    let ready = server.get("/readyz").await.json();
    assert_eq!(ready["status"], "ready");
    assert_eq!(ready["plan"], "taopu-2021-2025");
}

/// Every address that the README shows is there.
#[tokio::test]
async fn the_readme_tells_the_truth() {
    let server = server();
    let readme = std::fs::read_to_string(support::shipped().join("README.md")).expect("a README");
    let mut tried = 0;
    for (at, _) in readme.match_indices("$B/") {
        let rest = &readme[at + 2..];
        let target = rest.split(['"', '`', ' ', '\n']).next().expect("a target");
        let answer = server.get(target).await;
        assert_eq!(answer.status, 200, "{target}");
        tried += 1;
    }
    assert!(tried >= 18, "{tried} addresses");
}

#[tokio::test]
async fn coordinates_come_in_the_crs_asked_for() {
    let server = server();
    let first = async |crs: &str| {
        let target = format!("/collections/parcels/items/jinhuan-e4-redevelopment{crs}");
        let answer = server.get(&target).await;
        assert_eq!(answer.status, 200, "{target}");
        let at = answer.json()["geometry"]["coordinates"][0][0].clone();
        (
            answer.header("content-crs").to_owned(),
            at[0].as_f64().expect("x"),
            at[1].as_f64().expect("y"),
        )
    };
    let (name, lon, lat) = first("").await;
    assert_eq!(name, "<http://www.opengis.net/def/crs/OGC/1.3/CRS84>");
    for code in [4326, 4490] {
        let uri = format!("http://www.opengis.net/def/crs/EPSG/0/{code}");
        assert_eq!(
            first(&format!("?crs={uri}")).await,
            (format!("<{uri}>"), lat, lon)
        );
    }
    let (_, northing, easting) = first("?crs=EPSG:4549").await;
    assert!(
        (3_460_000.0..3_464_000.0).contains(&northing) && (625_000.0..635_000.0).contains(&easting)
    );
    let (name, x, y) = first("?crs=GCJ02").await;
    assert_eq!(name, "<urn:x-buju:def:crs:GCJ02>");
    let off = geo::Distance::distance(
        &geo::Geodesic,
        geo::point!(x: x, y: y),
        geo::point!(x: lon, y: lat),
    );
    assert!((480.0..490.0).contains(&off), "{off} m");
    for wrong in ["EPSG:2154", "EPSG:1", "nonsense"] {
        let problem = server
            .get(&format!("/collections/parcels/items?crs={wrong}"))
            .await;
        assert_eq!(
            (
                problem.status.as_u16(),
                problem.json()["parameter"].as_str()
            ),
            (400, Some("crs")),
            "{wrong}"
        );
    }
    let listed = server
        .get("/collections/parcels/items?crs=EPSG:3857&limit=1")
        .await;
    assert!(
        listed.json()["features"][0]["geometry"]
            .to_string()
            .contains("1350")
    );
}

async fn matching(server: &Server, query: &str) -> Vec<String> {
    let answer = server.get(&format!("/collections/{query}")).await;
    let text = String::from_utf8_lossy(&answer.body);
    assert_eq!(answer.status, 200, "{query}: {text}");
    let json = answer.json();
    let features = json["features"].as_array().expect("features");
    assert_eq!(json["numberMatched"], features.len(), "{query}");
    let ids = features
        .iter()
        .map(|feature| feature["id"].as_str().expect("an id").to_owned());
    ids.collect()
}

/// What GIS staff ask: by area, plot ratio and name, sorted, in a box of the statutory grid.
#[tokio::test]
async fn one_grammar_filters_and_sorts() {
    let server = server();
    let found = matching(&server, "parcels/items?filter=plot_ratio%20%3E%3D%202%20OR%20site_area_m2%20%3E%20100000&sortby=-site_area_m2").await;
    assert_eq!(
        found,
        [
            "ali-digital-agriculture-supply-chain-centre",
            "jinhuan-e4-redevelopment"
        ]
    );
    let json = "%7B%22op%22%3A%22%3E%3D%22%2C%22args%22%3A%5B%7B%22property%22%3A%22plot_ratio%22%7D%2C2%5D%7D";
    let found = matching(
        &server,
        &format!("parcels/items?filter-lang=cql2-json&filter={json}"),
    )
    .await;
    assert_eq!(found, ["jinhuan-e4-redevelopment"]);
    let found = matching(&server, "road-works/items?q=qls&kind=reconstruction").await;
    assert_eq!(found, ["qilianshan-road-reconstruction"]);
    let e4 = server
        .get("/collections/parcels/items/jinhuan-e4-redevelopment?crs=EPSG:4549")
        .await
        .json();
    let ring = e4["geometry"]["coordinates"][0]
        .as_array()
        .expect("a ring")
        .clone();
    let number = |at: usize, axis: usize| ring[at][axis].as_f64().expect("a number");
    let (north, east) = (number(0, 0), number(0, 1));
    let window = format!(
        "{},{},{},{}",
        north - 1.0,
        east - 1.0,
        north + 1.0,
        east + 1.0
    );
    let found = matching(
        &server,
        &format!("parcels/items?bbox-crs=EPSG:4549&bbox={window}"),
    )
    .await;
    assert_eq!(found, ["jinhuan-e4-redevelopment"], "northing comes first");
    assert_eq!(
        matching(&server, "parcels/items?datetime=2021-01-01/..&plot_ratio=3")
            .await
            .len(),
        1
    );
}

#[tokio::test]
async fn a_wrong_filter_names_parameter_and_place() {
    let server = server();
    for (query, parameter, expected) in [
        ("filter=plot_ratio%20%3E", "filter", ""),
        ("filter=plot_rato%20%3E%202", "filter", "plot_ratio"),
        ("filter=plot_ratio%20%3E%20'x'", "filter", ""),
        ("filter=nothing(1)", "filter", "nothing"),
        ("filter-lang=sql&filter=x", "filter-lang", "cql2-text"),
        (
            "filter-crs=EPSG:2154&filter=plot_ratio%3E1",
            "filter-crs",
            "EPSG:2154",
        ),
        ("bbox-crs=nonsense&bbox=1,2,3,4", "bbox-crs", "nonsense"),
        ("sortby=nothing", "sortby", "nothing"),
        ("datetime=yesterday", "datetime", "yesterday"),
        ("cursor=broken", "cursor", ""),
        ("f=kml&crs=EPSG:4549", "crs", "KML"),
    ] {
        let answer = server
            .get(&format!("/collections/parcels/items?{query}"))
            .await;
        assert_eq!(answer.status, 400, "{query}");
        let problem = answer.json();
        assert_eq!(problem["parameter"], parameter, "{query}");
        assert!(
            problem["detail"]
                .as_str()
                .is_some_and(|detail| detail.contains(expected)),
            "{problem}"
        );
    }
}

#[tokio::test]
async fn every_format_can_be_downloaded() {
    let server = server();
    for (format, media, magic) in [
        ("csv", "text/csv; charset=utf-8", &b"id,"[..]),
        (
            "xlsx",
            "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
            b"PK",
        ),
        (
            "gpkg",
            "application/geopackage+sqlite3",
            b"SQLite format 3\0",
        ),
        ("fgb", "application/flatgeobuf", b"fgb"),
        ("shp", "application/zip", b"PK"),
        ("kml", "application/vnd.google-earth.kml+xml", b"<?xml"),
        ("parquet", "application/vnd.apache.parquet", b"PAR1"),
        ("jsonfg", "application/vnd.ogc.fg+json", b"{"),
    ] {
        for target in [
            format!("/collections/parcels/items?f={format}"),
            format!("/collections/parcels/items?f={format}&limit=1"),
        ] {
            let answer = server.get(&target).await;
            assert_eq!(
                (answer.status.as_u16(), answer.header("content-type")),
                (200, media),
                "{target}"
            );
            assert!(answer.body.starts_with(magic), "{target}");
            assert_eq!(answer.header("buju-number-matched"), "10", "{target}");
            assert!(
                answer.header("content-disposition").contains("parcels."),
                "{target}"
            );
            assert_eq!(
                answer.headers.contains_key("link"),
                target.contains("limit"),
                "{target}"
            );
        }
    }
}
