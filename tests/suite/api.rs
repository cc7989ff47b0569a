//! What the API says of itself holds.

use std::collections::HashSet;

use serde_json::Value as Json;

use crate::gdal::{Running, ogrinfo};
use crate::support::{self, Server};

fn server() -> Server {
    Server::new(support::store())
}

/// A path of the description with something in it that exists.
fn real(path: &str) -> String {
    let mut out = path.to_owned();
    for (name, value) in [
        ("{collectionId}", "parcels"),
        ("{featureId}", "jinhuan-e4-redevelopment"),
        ("{view}", "overview"),
        ("{tileMatrixSetId}", "WebMercatorQuad"),
        ("{tileMatrix}", "15"),
        ("{tileRow}", "13384"),
        ("{tileCol}", "27431"),
        ("{z}", "15"),
        ("{x}", "27431"),
        ("{y}", "13384"),
    ] {
        out = out.replace(name, value);
    }
    if out == "/search" {
        out += "?q=qls";
    }
    out
}

fn operations(api: &Json) -> Vec<(String, &Json)> {
    let paths = api["paths"].as_object().expect("paths").iter();
    paths
        .map(|(path, item)| (path.clone(), &item["get"]))
        .collect()
}

fn references(json: &Json, into: &mut Vec<String>) {
    match json {
        Json::Object(members) => members.iter().for_each(|(name, member)| match member {
            Json::String(to) if name == "$ref" => into.push(to.clone()),
            _ => references(member, into),
        }),
        Json::Array(items) => items.iter().for_each(|item| references(item, into)),
        _ => {}
    }
}

#[tokio::test]
async fn every_route_is_described_and_every_description_has_a_route() {
    let api = server().get("/api").await.json();
    let source =
        std::fs::read_to_string(support::shipped().join("src/http/router.rs")).expect("the router");
    let routes: HashSet<String> = source
        .split(".route(")
        .skip(1)
        .filter_map(|rest| rest.split('"').nth(1))
        // Files of the page, and what only administers the server, are no part of the API.
        .filter(|path| {
            !["/assets", "/sw.js", "/admin"]
                .iter()
                .any(|start| path.starts_with(start))
        })
        .map(|path| {
            path.replace("{z}/{row}/{col}", "{tileMatrix}/{tileRow}/{tileCol}")
                .replace("{set}", "{tileMatrixSetId}")
                .replace("{collection}", "{collectionId}")
                .replace("{*id}", "{featureId}")
                .replace("{picture}", "{view}.svg")
                .replace("{file}", "{y}.geojson")
        })
        .collect();
    let described: HashSet<String> = operations(&api)
        .into_iter()
        .map(|(path, _)| path.replace(".mvt", ".geojson"))
        .map(|path| {
            // Described once per collection, because their columns differ.
            match path.rsplit_once('/') {
                Some((_, last @ ("items" | "statistics"))) => {
                    format!("/collections/{{collectionId}}/{last}")
                }
                _ => path,
            }
        })
        .collect();
    assert_eq!(routes, described);
}

#[tokio::test]
async fn the_description_is_whole() {
    let answer = server().get("/api").await;
    assert_eq!(
        answer.header("content-type"),
        "application/vnd.oai.openapi+json;version=3.0"
    );
    let api = answer.json();
    assert!(
        api["openapi"]
            .as_str()
            .is_some_and(|version| version.starts_with("3.0."))
    );
    let mut all = Vec::new();
    references(&api, &mut all);
    for to in all {
        assert!(api.pointer(&to[1..]).is_some(), "{to}");
    }
    let operations = operations(&api);
    let ids: HashSet<_> = operations
        .iter()
        .map(|(_, get)| get["operationId"].as_str())
        .collect();
    assert_eq!(ids.len(), operations.len());
    for (path, get) in &operations {
        let parameters = get["parameters"].as_array().expect("parameters");
        for part in path
            .split('{')
            .skip(1)
            .filter_map(|rest| rest.split('}').next())
        {
            let found = parameters
                .iter()
                .any(|p| p["name"] == part && p["in"] == "path" && p["required"] == true);
            assert!(found, "{path}: {part}");
        }
        for status in ["200", "405", "503"] {
            assert!(
                get["responses"][status]["description"].is_string(),
                "{path}: {status}"
            );
        }
    }
    // GDAL reads them only here, and only written in full.
    let items = &api["paths"]["/collections/parcels/items"]["get"]["parameters"];
    let limit = items
        .as_array()
        .expect("parameters")
        .iter()
        .find(|p| p["name"] == "limit")
        .expect("limit");
    assert_eq!(
        (
            limit["schema"]["default"].as_u64(),
            limit["schema"]["maximum"].as_u64()
        ),
        (Some(100), Some(10_000))
    );
    assert!(
        items
            .as_array()
            .expect("parameters")
            .iter()
            .any(|p| p["name"] == "plot_ratio")
    );
}

#[tokio::test]
async fn what_is_described_is_what_is_answered() {
    let server = server();
    let api = server.get("/api").await.json();
    let mut tried = 0;
    for (path, get) in operations(&api) {
        let target = real(&path);
        // The plan names no base map; basemap.rs has a server for them.
        if target.starts_with("/basemap/") {
            continue;
        }
        let joint = if target.contains('?') { '&' } else { '?' };
        let negotiated = get["parameters"]
            .as_array()
            .is_some_and(|all| all.iter().any(|p| p["name"] == "f"));
        let responses = &get["responses"];
        let content = responses["200"]["content"].as_object().expect("content");
        let documented =
            |sent: &str| content.contains_key(sent.split("; ").next().unwrap_or_default());
        let answer = server.get(&target).await;
        assert_eq!(answer.status, 200, "{target}");
        assert!(documented(answer.header("content-type")), "{target}");
        for parameter in get["parameters"]
            .as_array()
            .into_iter()
            .flatten()
            .filter(|p| p["in"] == "query")
        {
            let name = parameter["name"].as_str().expect("a name");
            for value in parameter["schema"]["enum"]
                .as_array()
                .into_iter()
                .flatten()
                .filter_map(Json::as_str)
            {
                // Some mean something in one form only.
                let page = match name {
                    "lang" if negotiated => "&f=html",
                    "formulas" => "&f=csv",
                    _ => "",
                };
                let answer = server
                    .get(&format!("{target}{joint}{name}={value}{page}"))
                    .await;
                assert_eq!(answer.status, 200, "{target}{joint}{name}={value}");
                assert!(
                    documented(answer.header("content-type")),
                    "{target}?{name}={value}"
                );
                tried += 1;
            }
        }
        for (status, request) in [
            (
                400,
                server
                    .get(&format!("{target}{joint}no-such-parameter=1"))
                    .await,
            ),
            (405, server.send("PUT", &target, &[]).await),
            (
                406,
                server
                    .send("GET", &target, &[("accept", "image/png")])
                    .await,
            ),
        ] {
            let expected = responses.get(status.to_string()).is_some();
            assert_eq!(request.status == status, expected, "{target}: {status}");
            if expected {
                assert_eq!(
                    request.header("content-type"),
                    "application/problem+json",
                    "{target}"
                );
            }
        }
        if responses.get("304").is_some() {
            let tag = answer.header("etag");
            let again = server.send("GET", &target, &[("if-none-match", tag)]).await;
            assert_eq!(again.status, 304, "{target}");
            assert_eq!(again.header("vary"), answer.header("vary"), "{target}");
        }
        let options = server
            .send(
                "OPTIONS",
                &target,
                &[("origin", "http://elsewhere.example")],
            )
            .await;
        assert_eq!(
            (options.status.as_u16(), options.header("allow")),
            (200, "GET, HEAD, OPTIONS"),
            "{target}"
        );
        // What those who run the server ask for is not for the pages of others.
        let is_data = !["/healthz", "/readyz", "/metrics"].contains(&path.as_str());
        let allowed = options.headers.get("access-control-allow-origin");
        assert_eq!(
            allowed.is_some_and(|origin| origin == "*"),
            is_data,
            "{target}"
        );
    }
    assert!(tried > 100, "{tried}");
}

#[tokio::test]
async fn schemas_describe_the_features() {
    let server = server();
    for collection in server.get("/collections").await.json()["collections"]
        .as_array()
        .expect("collections")
    {
        let id = collection["id"].as_str().expect("an id");
        let path = format!("/collections/{id}");
        let answer = server.get(&format!("{path}/schema?f=json")).await;
        assert_eq!(answer.header("content-type"), "application/schema+json");
        let schema = answer.json();
        assert_eq!(
            schema["$schema"],
            "https://json-schema.org/draft/2020-12/schema"
        );
        assert_eq!(
            schema["$id"],
            format!("http://plan.example{path}/schema"),
            "no query string"
        );
        let properties = schema["properties"].as_object().expect("properties");
        let of_role = |role: &str| {
            properties
                .values()
                .filter(|p| p["x-ogc-role"] == role)
                .count()
        };
        assert_eq!((of_role("id"), of_role("primary-geometry")), (1, 1), "{id}");
        assert!(
            properties["geometry"]["format"]
                .as_str()
                .is_some_and(|format| format.starts_with("geometry-"))
        );
        assert!(
            properties
                .values()
                .all(|p| p["x-titles"]["zh"].is_string() && p["x-titles"]["en"].is_string())
        );
        let items = server
            .get(&format!("{path}/items?limit=10000"))
            .await
            .json();
        for feature in items["features"].as_array().expect("features") {
            let columns = feature["properties"].as_object().expect("properties");
            assert_eq!(columns.len() + 2, properties.len());
            for (name, value) in columns.iter().filter(|(_, value)| !value.is_null()) {
                let fits = match properties[name]["type"].as_str() {
                    Some("string") => value.is_string(),
                    Some("integer") => value.is_i64(),
                    Some("number") => value.is_number(),
                    Some("boolean") => value.is_boolean(),
                    _ => false,
                };
                assert!(fits, "{id}: {name} = {value}");
                if let Some(codes) = properties[name]["enum"].as_array() {
                    assert!(codes.contains(value), "{id}: {name} = {value}");
                }
            }
        }
        for document in ["queryables", "sortables"] {
            let json = server.get(&format!("{path}/{document}")).await.json();
            assert_eq!(json["additionalProperties"], false);
            assert!(json["properties"].get("name_zh").is_some(), "{id}");
        }
        let queryables = server.get(&format!("{path}/queryables")).await.json();
        for (name, property) in queryables["properties"].as_object().expect("properties") {
            let value = match (&property["enum"][0], property["type"].as_str()) {
                (Json::String(code), _) => code.clone(),
                (_, Some("boolean")) => "true".to_owned(),
                _ => "1".to_owned(),
            };
            let asked = server.get(&format!("{path}/items?{name}={value}")).await;
            assert!(
                asked.status == 200 || property.get("format").is_some(),
                "{id}: {name}"
            );
        }
    }
}

#[tokio::test]
async fn layers_tell_the_dimension_of_their_geometry() {
    let set = server().get("/tiles/WebMercatorQuad").await.json();
    let dimensions: Vec<_> = set["layers"]
        .as_array()
        .expect("layers")
        .iter()
        .map(|layer| (layer["id"].clone(), layer["geometryDimension"].clone()))
        .collect();
    assert!(
        dimensions.contains(&("parcels".into(), 2.into()))
            && dimensions.contains(&("waters".into(), 1.into()))
    );
}

#[tokio::test]
async fn declared_classes_have_their_parameters() {
    let server = server();
    let classes = server.get("/conformance").await.json();
    let declared = |class: &str| {
        let classes = classes["conformsTo"].as_array().expect("classes");
        classes
            .iter()
            .any(|uri| uri.as_str().is_some_and(|uri| uri.ends_with(class)))
    };
    assert!(
        declared("ogcapi-tiles-1/1.0/conf/core")
            && declared("ogcapi-common-1/1.0/conf/landing-page")
    );
    let api = server.get("/api").await.json();
    let described = &api["paths"]["/collections/parcels/items"]["get"]["parameters"];
    for (class, parameter, value) in [
        (
            "ogcapi-features-1/1.0/conf/core",
            "datetime",
            "2021-01-01T00:00:00Z",
        ),
        (
            "ogcapi-features-2/1.0/conf/crs",
            "crs",
            "http://www.opengis.net/def/crs/EPSG/0/4326",
        ),
        (
            "ogcapi-features-2/1.0/conf/crs",
            "bbox-crs",
            "http://www.opengis.net/def/crs/EPSG/0/4326",
        ),
        ("cql2/1.0/conf/basic-cql2", "filter", "plot_ratio%3E2"),
        ("ogcapi-common-3/1.0/conf/sortables", "sortby", "name_zh"),
    ] {
        let box_ = if parameter == "bbox-crs" {
            "&bbox=31,121,32,122"
        } else {
            ""
        };
        let answer = server
            .get(&format!(
                "/collections/parcels/items?{parameter}={value}{box_}"
            ))
            .await;
        let accepted = answer.status == 200;
        let listed = described
            .as_array()
            .expect("parameters")
            .iter()
            .any(|p| p["name"] == parameter);
        assert_eq!(accepted, listed, "{parameter}");
        assert!(accepted || !declared(class), "{class}");
    }
    let collections = server.get("/collections").await.json();
    for collection in collections["collections"].as_array().expect("collections") {
        assert_eq!(collection["crs"][0], collection["storageCrs"]);
        assert!(
            collection["crs"]
                .as_array()
                .is_some_and(|crs| crs.len() > 3)
        );
    }
}

#[test]
fn gdal_lists_every_collection_with_its_count() {
    let running = Running::start();
    let all = ogrinfo(&["-ro", "-al", "-so", &format!("OAPIF:{}", running.base)]);
    for summary in support::store().collections() {
        let layer = all
            .split("Layer name: ")
            .find(|part| part.lines().next() == Some(&summary.info.id));
        let layer = layer.unwrap_or_else(|| panic!("{}: {all}", summary.info.id));
        assert!(
            layer.contains(&format!("Feature Count: {}\n", summary.features)),
            "{layer}"
        );
    }
    let one = ogrinfo(&[
        "-ro",
        "-al",
        "-q",
        "-spat",
        "121.36",
        "31.26",
        "121.37",
        "31.28",
        &format!("OAPIF:{}/collections/parcels", running.base),
    ]);
    assert!(one.contains("OGRFeature(parcels)"), "{one}");
}
