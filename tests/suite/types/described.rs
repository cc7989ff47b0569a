//! Schemas, queryables, parameters, extents and the time of JSON-FG.

use serde_json::{Value as Json, json};

use super::server;
use crate::support::Answer;

#[tokio::test]
async fn types_and_times_are_described() {
    let server = server();
    let extent = |id: &str| format!("/collections/{id}?f=json");
    let of = server.get(&extent("works")).await.json();
    assert_eq!(of["extent"]["temporal"]["interval"], json!([[null, null]]));
    let of = server.get(&extent("spots")).await.json();
    assert_eq!(
        of["extent"]["temporal"],
        json!({ "interval": [["2019-12-31T16:00:00Z", "2024-01-01T00:00:00Z"]], "trs": "http://www.opengis.net/def/uom/ISO-8601/0/Gregorian" })
    );
    let of = server.get(&extent("shapes")).await.json();
    assert!(of["extent"].get("temporal").is_none(), "{of}");

    let schema = server.get("/collections/works/schema?f=json").await.json();
    let of = |name: &str, key: &str| schema["properties"][name][key].clone();
    for (name, kind, format, role) in [
        (
            "opened",
            "string",
            json!("date"),
            json!("primary-interval-start"),
        ),
        (
            "closed",
            "string",
            json!("date"),
            json!("primary-interval-end"),
        ),
        ("surveyed", "string", json!("date-time"), Json::Null),
        ("kinds", "array", Json::Null, Json::Null),
    ] {
        assert_eq!(
            (of(name, "type"), of(name, "format"), of(name, "x-ogc-role")),
            (json!(kind), format, role),
            "{name}"
        );
    }
    assert_eq!(of("kinds", "items")["enum"], json!(["road", "drain"]));
    assert_eq!(of("tags", "items"), json!({ "type": "string" }));
    assert!(
        of("about", "type")
            .as_array()
            .is_some_and(|kinds| kinds.contains(&json!("object")))
    );
    assert_eq!(of("id", "type"), "string");
    let schema = server.get("/collections/spots/schema?f=json").await.json();
    assert_eq!(
        schema["properties"]["surveyed"]["x-ogc-role"],
        "primary-instant"
    );
    assert_eq!(schema["properties"]["id"]["type"], "integer");
}

#[tokio::test]
async fn what_can_be_asked_is_described() {
    let server = server();
    let names = |json: &Json| -> Vec<String> {
        json["properties"]
            .as_object()
            .expect("properties")
            .keys()
            .cloned()
            .collect()
    };
    let queryables = server.get("/collections/works/queryables").await.json();
    assert_eq!(
        names(&queryables),
        [
            "id", "geometry", "name_zh", "opened", "closed", "surveyed", "kinds", "tags"
        ]
    );
    let sortables = server.get("/collections/works/sortables").await.json();
    assert_eq!(
        names(&sortables),
        ["id", "name_zh", "opened", "closed", "surveyed"]
    );

    let api = server.get("/api?f=json").await.json();
    let parameters = api["paths"]["/collections/works/items"]["get"]["parameters"]
        .as_array()
        .expect("parameters");
    let pattern = |name: &str| {
        let of = parameters
            .iter()
            .find(|parameter| parameter["name"] == name)?;
        Some(
            of["schema"]["pattern"]
                .as_str()
                .unwrap_or_default()
                .to_owned(),
        )
    };
    assert!(pattern("opened").expect("opened").contains("[0-9]{4}"));
    assert!(pattern("surveyed").expect("surveyed").contains("[Zz]"));
    assert_eq!(
        (pattern("tags"), pattern("about")),
        (Some(String::new()), None)
    );

    let classes = server.get("/conformance").await.json();
    let class = json!("http://www.opengis.net/spec/cql2/1.0/conf/array-functions");
    assert!(
        classes["conformsTo"]
            .as_array()
            .expect("classes")
            .contains(&class)
    );
}

#[tokio::test]
async fn times_are_on_pages_and_in_json_fg() {
    let server = server();
    let page = server.get("/collections/spots?f=html&lang=en").await;
    let page = String::from_utf8(page.body).expect("UTF-8");
    assert!(
        page.contains("2019-12-31T16:00:00Z – 2024-01-01T00:00:00Z"),
        "{page}"
    );

    let time = |answer: Answer| -> Vec<Json> {
        let json = answer.json();
        json["features"]
            .as_array()
            .expect("features")
            .iter()
            .map(|feature| feature["time"].clone())
            .collect()
    };
    assert_eq!(
        time(server.get("/collections/works/items?f=jsonfg").await),
        [
            Json::Null,
            json!({ "interval": ["..", "2019-06-30"] }),
            json!({ "interval": ["2022-03-01", ".."] }),
            json!({ "interval": ["2021-01-31", "2021-12-31"] }),
        ]
    );
    assert_eq!(
        time(
            server
                .get("/collections/spots/items?f=jsonfg&limit=2")
                .await
        ),
        [Json::Null, json!({ "timestamp": "2019-12-31T16:00:00Z" })]
    );
}
