//! Abstract tests of the standards that no other module holds, named by their identifiers:
//! OGC 17-069r4 (annex A), 18-058r1 (annex A) and 20-057 (annex A). `./dev cite` runs OGC's own suites.

use buju::crs::{Crs, Reprojector};
use geo::Geometry;
use serde_json::Value as Json;

use crate::support::{self, Server};

const CRS84: &str = "http://www.opengis.net/def/crs/OGC/1.3/CRS84";

fn server() -> Server {
    Server::new(support::store())
}

async fn collections(server: &Server) -> Vec<Json> {
    let list = server.get("/collections").await.json();
    list["collections"].as_array().expect("a list").clone()
}

fn id(collection: &Json) -> &str {
    collection["id"].as_str().expect("an id")
}

fn links<'a>(document: &'a Json, rel: &str) -> Vec<&'a Json> {
    let links = document["links"].as_array().expect("links").iter();
    links.filter(|link| link["rel"] == rel).collect()
}

fn ids(page: &Json) -> Vec<&str> {
    let features = page["features"].as_array().expect("features").iter();
    features
        .map(|feature| feature["id"].as_str().expect("an id"))
        .collect()
}

fn extent(collection: &Json) -> [f64; 4] {
    let corners = &collection["extent"]["spatial"]["bbox"][0];
    std::array::from_fn(|at| corners[at].as_f64().expect("a number"))
}

fn written(numbers: &[f64]) -> String {
    let numbers: Vec<_> = numbers.iter().map(ToString::to_string).collect();
    numbers.join(",")
}

/// 17-069r4: /conf/core/fc-md-links, sfc-md-success, fc-links, fc-rel-type, f-links: a link to the document
/// itself and one to every other form of it, each with its type.
#[tokio::test]
async fn conf_core_links() {
    let server = server();
    let mut targets = vec!["/collections".to_owned()];
    for collection in collections(&server).await {
        let path = format!("/collections/{}", id(&collection));
        let first = server.get(&format!("{path}/items?limit=1")).await.json();
        targets.push(format!("{path}/items/{}", ids(&first)[0]));
        targets.push(format!("{path}/items"));
        targets.push(path);
    }
    for target in targets {
        let document = server.get(&target).await.json();
        assert_eq!(links(&document, "self").len(), 1, "{target}");
        let alternates = links(&document, "alternate");
        assert!(
            alternates.iter().any(|link| link["type"] == "text/html"),
            "{target}"
        );
        for link in document["links"].as_array().expect("links") {
            for member in ["rel", "href", "type"] {
                assert!(link[member].is_string(), "{target}: {link}");
            }
        }
    }
}

/// 17-069r4: /conf/core/fc-bbox-definition, fc-limit-definition, fc-time-definition.
#[tokio::test]
async fn conf_core_parameter_definitions() {
    let api = server().get("/api").await.json();
    for (path, item) in api["paths"].as_object().expect("paths") {
        if !path.ends_with("/items") {
            continue;
        }
        let parameters = item["get"]["parameters"].as_array().expect("parameters");
        for (name, kind) in [
            ("bbox", "array"),
            ("limit", "integer"),
            ("datetime", "string"),
        ] {
            let found = parameters
                .iter()
                .find(|parameter| parameter["name"] == name);
            let found = found.unwrap_or_else(|| panic!("{path}: {name}"));
            assert_eq!(found["in"], "query");
            assert_eq!(found["required"], false);
            assert_eq!(found["style"], "form", "{path}: {name}");
            assert_eq!(found["explode"], false, "{path}: {name}");
            assert_eq!(found["schema"]["type"], kind);
            if name == "bbox" {
                let either = found["schema"]["oneOf"].as_array().expect("two lengths");
                let lengths: Vec<_> = either
                    .iter()
                    .map(|one| (one["minItems"].as_u64(), one["maxItems"].as_u64()))
                    .collect();
                assert_eq!(lengths, [(Some(4), Some(4)), (Some(6), Some(6))]);
                assert_eq!(found["schema"]["items"]["type"], "number");
            }
        }
    }
}

/// 17-069r4: /conf/core/fc-bbox-response, with the boxes that the suite tries: across the meridian, the
/// equator and the 180th meridian, and at the poles.
#[tokio::test]
async fn conf_core_fc_bbox_response() {
    let server = server();
    for collection in collections(&server).await {
        let path = format!("/collections/{}/items?limit=10000", id(&collection));
        let all = server.get(&path).await.json();
        let placed = all["features"].as_array().expect("features").iter();
        let placed = placed.filter(|feature| !feature["geometry"].is_null());
        let expected = placed.count();
        let own = extent(&collection);
        for (corners, matched) in [
            (own, expected),
            ([-1.5, 50.0, 1.5, 53.0], 0),
            ([-80.0, -5.0, -70.0, 5.0], 0),
            ([177.0, 65.0, -177.0, 70.0], 0),
            ([-180.0, 85.0, 180.0, 90.0], 0),
            ([-180.0, -90.0, 180.0, -85.0], 0),
        ] {
            let target = format!("{path}&bbox={}", written(&corners));
            let page = server.get(&target).await;
            assert_eq!(page.status, 200, "{target}");
            assert_eq!(page.json()["numberMatched"], matched, "{target}");
        }
    }
}

/// 17-069r4: /conf/core/fc-limit-response.
#[tokio::test]
async fn conf_core_fc_limit_response() {
    let server = server();
    for collection in collections(&server).await {
        for limit in [1, 3, 100] {
            let path = format!("/collections/{}/items", id(&collection));
            let page = server.get(&format!("{path}?limit={limit}")).await.json();
            let returned = ids(&page).len();
            assert!(returned <= limit, "{path}: {returned} of {limit}");
            assert_eq!(page["numberReturned"], returned);
        }
    }
}

/// 18-058r1: /conf/crs/crs-uri, fc-md-crs-list, fc-md-storageCrs: identifiers by OGC's rule for names, the
/// default first, the storage among those served; a whole number or `0` as the version.
#[tokio::test]
async fn conf_crs_metadata() {
    let server = server();
    for collection in collections(&server).await {
        let crs = collection["crs"].as_array().expect("a list");
        assert_eq!(crs[0], CRS84);
        assert!(crs.contains(&collection["storageCrs"]));
        for one in crs {
            let name = one.as_str().expect("a text");
            let known = name
                .strip_prefix("http://www.opengis.net/def/crs/")
                .is_none_or(|rest| rest.split('/').filter(|part| !part.is_empty()).count() == 3);
            assert!(known, "{name}");
        }
        let path = format!("/collections/{}", id(&collection));
        let alone = server.get(&path).await.json();
        assert_eq!(alone["crs"], collection["crs"]);
        assert_eq!(alone["storageCrs"], collection["storageCrs"]);
    }
}

/// 18-058r1: /conf/crs/bbox-crs-parameter and bbox-crs-parameter-default: the extent of a collection in any
/// CRS matches the same features, though the corners have been converted to and fro.
#[tokio::test]
async fn conf_crs_bbox_crs_parameter() {
    let server = server();
    for collection in collections(&server).await {
        let path = format!("/collections/{}/items?limit=10000", id(&collection));
        let [west, south, east, north] = extent(&collection);
        let own = format!("{path}&bbox={}", written(&[west, south, east, north]));
        let expected = server.get(&own).await.json();
        let corners = geo::Rect::new(
            geo::coord! { x: west, y: south },
            geo::coord! { x: east, y: north },
        );
        let corners = Geometry::Polygon(corners.to_polygon());
        for (crs, north_first) in [("4326", true), ("3857", false), ("4549", true)] {
            let to: Crs = format!("EPSG:{crs}").parse().expect("a CRS");
            let to = Reprojector::new(Crs::Crs84, to).expect("a conversion");
            let moved = to.geometry(&corners).expect("converted");
            let rect = geo::BoundingRect::bounding_rect(&moved).expect("a box");
            let (min, max) = (rect.min(), rect.max());
            let numbers = if north_first {
                [min.y, min.x, max.y, max.x]
            } else {
                [min.x, min.y, max.x, max.y]
            };
            let target = format!(
                "{path}&bbox-crs=http://www.opengis.net/def/crs/EPSG/0/{crs}&bbox={}",
                written(&numbers)
            );
            let page = server.get(&target).await;
            assert_eq!(page.status, 200, "{target}");
            assert_eq!(ids(&page.json()), ids(&expected), "{target}");
        }
    }
}

/// 18-058r1: /conf/crs/crs-parameter, -default, -invalid and the header of each answer.
#[tokio::test]
async fn conf_crs_crs_parameter() {
    let server = server();
    for collection in collections(&server).await {
        let path = format!("/collections/{}/items", id(&collection));
        let first = server.get(&format!("{path}?limit=1")).await;
        assert_eq!(first.header("content-crs"), format!("<{CRS84}>"));
        let feature = format!("{path}/{}", ids(&first.json())[0]);
        for target in [path, feature] {
            for crs in collection["crs"].as_array().expect("a list") {
                let crs = crs.as_str().expect("a text");
                let answer = server.get(&format!("{target}?crs={crs}")).await;
                assert_eq!(answer.status, 200, "{target}: {crs}");
                assert_eq!(answer.header("content-crs"), format!("<{crs}>"));
            }
            let unknown = "http://www.opengis.net/def/crs/0/unsupported";
            for name in ["crs", "bbox-crs"] {
                let answer = server.get(&format!("{target}?{name}={unknown}")).await;
                assert_eq!(answer.status, 400, "{target}: {name}");
            }
        }
    }
}

/// 20-057: /conf/tilesets-list/tileset-links, /conf/tileset/description, /conf/dataset-tilesets/landingpage,
/// /conf/geodata-tilesets/desc-links.
#[tokio::test]
async fn conf_tilesets() {
    let server = server();
    let vector = "http://www.opengis.net/def/rel/ogc/1.0/tilesets-vector";
    let scheme = "http://www.opengis.net/def/rel/ogc/1.0/tiling-scheme";
    let mut registered = 0;
    let mut parents = vec![server.get("/?f=json").await.json()];
    parents.extend(collections(&server).await);
    for parent in parents {
        let lists = links(&parent, vector);
        assert_eq!(lists.len(), 1, "{parent}");
        let list = lists[0]["href"].as_str().expect("an address");
        assert!(list.ends_with("/tiles"), "{list}");
        let tilesets = server.get(list).await.json();
        for tileset in tilesets["tilesets"].as_array().expect("tilesets") {
            assert_eq!(tileset["dataType"], "vector");
            assert!(tileset["crs"].is_string());
            let own = links(tileset, "self")[0]["href"].as_str().expect("a link");
            assert!(own.starts_with(&format!("{list}/")), "{own}");
            let full = server.get(own).await.json();
            for member in ["dataType", "crs", "tileMatrixSetURI"] {
                assert_eq!(full[member], tileset[member], "{own}");
            }
            for document in [tileset, &full] {
                let grid = links(document, scheme)[0]["href"].as_str();
                let grid = server.get(grid.expect("a link")).await.json();
                // Where no register has it, neither names it.
                assert_eq!(grid["uri"], full["tileMatrixSetURI"], "{own}");
                registered += usize::from(grid["uri"].is_string());
            }
            let templates = links(&full, "item");
            assert!(!templates.is_empty(), "{own}");
            for template in templates {
                let href = template["href"].as_str().expect("a template");
                assert_eq!(template["templated"], true, "{href}");
                assert!(template["type"].is_string(), "{href}");
                for variable in ["{tileMatrix}", "{tileRow}", "{tileCol}"] {
                    assert!(href.contains(variable), "{href}");
                }
            }
        }
    }
    assert!(registered > 20, "{registered}");
}

/// 20-057: /conf/core/tc-op, tc-success and tc-error: every tile of the limits is one, and none beyond them.
#[tokio::test]
async fn conf_core_tiles() {
    let server = server();
    let list = server.get("/tiles").await.json();
    for tileset in list["tilesets"].as_array().expect("tilesets") {
        let own = links(tileset, "self")[0]["href"].as_str().expect("a link");
        let set = server.get(own).await.json();
        for template in links(&set, "item") {
            let href = template["href"].as_str().expect("a template");
            let filled = |level: &str, row: u64, col: u64| {
                href.replace("{tileMatrix}", level)
                    .replace("{tileRow}", &row.to_string())
                    .replace("{tileCol}", &col.to_string())
            };
            for limits in set["tileMatrixSetLimits"].as_array().expect("limits") {
                let level = limits["tileMatrix"].as_str().expect("a level");
                let number = |name: &str| limits[name].as_u64().expect("a number");
                let (row, col) = (number("maxTileRow"), number("minTileCol"));
                let target = filled(level, row, col);
                let answer = server.get(&target).await;
                assert!([200, 204].contains(&answer.status.as_u16()), "{target}");
                if answer.status == 200 {
                    assert_eq!(answer.header("content-type"), template["type"], "{target}");
                }
                let beyond = number("maxTileCol") + 1;
                for target in [filled(level, row + 1, col), filled(level, row, beyond)] {
                    assert_eq!(server.get(&target).await.status, 404, "{target}");
                }
            }
            for target in [filled("25", 0, 0), filled("x", 0, 0)] {
                assert_eq!(server.get(&target).await.status, 404, "{target}");
            }
        }
    }
}

/// 20-057: /conf/oas30/operation-id: table 26's endings.
#[tokio::test]
async fn conf_oas30_operation_id() {
    let api = server().get("/api").await.json();
    let paths = api["paths"].as_object().expect("paths").values();
    let ids: Vec<_> = paths
        .map(|item| item["get"]["operationId"].as_str().expect("an id"))
        .collect();
    for ending in [
        "getTileMatrixSetsList",
        "getTileMatrixSet",
        "dataset.vector.getTileSetsList",
        "dataset.vector.getTileSet",
        "dataset.vector.getTile",
        "collection.vector.getTileSetsList",
        "collection.vector.getTileSet",
        "collection.vector.getTile",
    ] {
        assert!(ids.iter().any(|id| id.ends_with(ending)), "{ending}");
    }
}
