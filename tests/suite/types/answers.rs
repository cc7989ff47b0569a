//! What is served, and what can be asked for.

use serde_json::{Value as Json, json};

use super::{IDS, ids, server};
use crate::support::{self, Server};

#[tokio::test]
async fn every_type_is_shown_as_it_is() {
    let server = server();
    let answer = server.get("/collections/works/items").await;
    assert_eq!(ids(&answer), ["7", "ended", "ongoing", "祁连山路/一期"]);
    let json = answer.json();
    assert_eq!(
        json["features"][3]["properties"],
        json!({
            "name_zh": "祁连山路", "opened": "2021-01-31", "closed": "2021-12-31",
            "surveyed": "2021-02-01T00:00:00.25Z", "kinds": ["road", "drain"], "tags": ["a b", "二"],
            "about": { "费用": { "元": [1, 2.5] } },
        })
    );
    assert_eq!(json["features"][2]["properties"]["tags"], json!([]));
    assert_eq!(json["features"][1]["properties"]["tags"], Json::Null);
    assert_eq!(
        (
            &json["features"][0]["id"],
            &json["features"][1]["properties"]["about"]
        ),
        (&json!(7), &json!([1, 2]))
    );

    let csv = server.get("/collections/works/items?f=csv").await;
    let csv = String::from_utf8(csv.body).expect("UTF-8");
    let line = r#"祁连山路/一期,祁连山路,2021-01-31,2021-12-31,2021-02-01T00:00:00.25Z,"[""road"",""drain""]","[""a b"",""二""]","{""费用"":{""元"":[1,2.5]}}",POINT"#;
    assert!(csv.contains(line), "{csv}");

    for (lang, words) in [
        (
            "zh",
            [
                "道路、排水",
                "a b、二",
                "2021-02-01 00:00:00.25 UTC",
                "2021-01-31",
            ],
        ),
        (
            "en",
            [
                "Road, Drain",
                "a b, 二",
                "2021-02-01 00:00:00.25 UTC",
                "2021-12-31",
            ],
        ),
    ] {
        let path =
            "/collections/works/items/%E7%A5%81%E8%BF%9E%E5%B1%B1%E8%B7%AF%2F%E4%B8%80%E6%9C%9F";
        let page = server.get(&format!("{path}?f=html&lang={lang}")).await;
        let page = String::from_utf8(page.body).expect("UTF-8");
        for word in words.iter().chain(&["{&quot;费用&quot;:"]) {
            assert!(page.contains(word), "{word} in {page}");
        }
        let list = server
            .get(&format!("/collections/works/items?f=html&lang={lang}"))
            .await;
        let list = String::from_utf8(list.body).expect("UTF-8");
        assert!(list.contains(words[0]) && list.contains(words[3]), "{list}");
    }

    let tile = server
        .get("/tiles/0/0/0.geojson?collections=works")
        .await
        .json();
    let properties = &tile["features"][0]["properties"];
    assert_eq!(
        (
            &properties["opened"],
            &properties["kinds"],
            &properties["about"]["费用"]["元"]
        ),
        (
            &json!("2021-01-31"),
            &json!(["road", "drain"]),
            &json!([1, 2.5])
        )
    );
    let tile = server.get("/tiles/0/0/0.mvt?collections=works").await;
    let tile = String::from_utf8_lossy(&tile.body).into_owned();
    for text in [
        "2021-01-31",
        "2021-02-01T00:00:00.25Z",
        r#"["road","drain"]"#,
        r#"{"费用""#,
    ] {
        assert!(tile.contains(text), "{text} in {tile}");
    }
}

#[tokio::test]
async fn every_type_is_asked_for() {
    let server = server();
    for (query, expected) in [
        ("opened=2021-01-31", vec!["祁连山路/一期"]),
        ("opened=2021-01-01..2021-12-31", vec!["祁连山路/一期"]),
        ("opened=2021-02-01..", vec!["ongoing"]),
        ("opened=..2022-03-01", vec!["ongoing", "祁连山路/一期"]),
        ("surveyed=2021-02-01", vec!["ongoing", "祁连山路/一期"]),
        ("surveyed=2021-02-01T08:00:00%2B08:00", vec!["ongoing"]),
        (
            "surveyed=2021-02-01T08:00:00.2+08:00..",
            vec!["祁连山路/一期"],
        ),
        ("kinds=drain", vec!["ongoing", "祁连山路/一期"]),
        ("tags=a%20b", vec!["祁连山路/一期"]),
        ("tags=a", vec![]),
        ("id=7", vec!["7"]),
        ("filter=closed%20IS%20NULL", vec!["7", "ongoing"]),
        ("filter=opened%3EDATE('2021-06-01')", vec!["ongoing"]),
        (
            "filter=A_CONTAINS(kinds,('drain'))%20AND%20NOT%20A_OVERLAPS(tags,('a%20b'))",
            vec!["ongoing"],
        ),
        (
            "sortby=-opened",
            vec!["ongoing", "祁连山路/一期", "7", "ended"],
        ),
        (
            "sortby=surveyed,id",
            vec!["ongoing", "祁连山路/一期", "7", "ended"],
        ),
        ("datetime=2021-06-01", vec!["7", "祁连山路/一期"]),
        ("datetime=2023-01-01T00:00:00Z", vec!["7", "ongoing"]),
        (
            "datetime=2018-01-01/..",
            vec!["7", "ended", "ongoing", "祁连山路/一期"],
        ),
        ("datetime=/2019-06-30", vec!["7", "ended"]),
        (
            "datetime=../2021-01-31T00:00:00Z",
            vec!["7", "ended", "祁连山路/一期"],
        ),
        (
            "datetime=2021-12-31T23:59:59%2B00:00/2022-02-28",
            vec!["7", "祁连山路/一期"],
        ),
        (
            "datetime=2022-01-01T00:00:00+08:00",
            vec!["7", "祁连山路/一期"],
        ),
        ("datetime=2022-01-01T08:00:00+08:00", vec!["7"]),
        ("datetime=2021-06-01&opened=2022-01-01..", vec![]),
    ] {
        let answer = server
            .get(&format!("/collections/works/items?{query}"))
            .await;
        assert_eq!(ids(&answer), expected, "{query}");
        assert_eq!(answer.json()["numberMatched"], expected.len(), "{query}");
    }
}

#[tokio::test]
async fn instants_and_numbers_for_ids_are_asked_for() {
    let server = server();
    // One column is an instant; ids that are numbers are compared as such.
    for (query, expected) in [
        (
            "datetime=2021-01-01/..",
            vec!["-1", "10", "9007199254740993"],
        ),
        ("datetime=2019-12-31T16:00:00Z", vec!["-1", "9"]),
        ("filter=id%3E9", vec!["10", "9007199254740993"]),
        ("filter=id%20IN%20(9,10)", vec!["9", "10"]),
        ("filter=id%3D9", vec!["9"]),
        ("sortby=-id", vec!["9007199254740993", "10", "9", "-1"]),
        ("id=9007199254740993", vec!["9007199254740993"]),
    ] {
        let answer = server
            .get(&format!("/collections/spots/items?{query}"))
            .await;
        assert_eq!(ids(&answer), expected, "{query}");
    }
    // Without time columns no feature has a time, and all are found.
    let all = server
        .get("/collections/shapes/items?datetime=1900-01-01")
        .await;
    assert_eq!(ids(&all).len(), IDS.len());
}

#[tokio::test]
async fn what_is_asked_wrongly_is_told() {
    let server = server();
    for (query, parameter, words) in [
        (
            "opened=2021",
            "opened",
            "expected a date such as 2021-01-31",
        ),
        ("opened=2021-01-31T00:00:00Z", "opened", "expected a date"),
        (
            "opened=2021-02-01..2021-01-01",
            "opened",
            "from the greater to the smaller",
        ),
        ("kinds=dam", "kinds", "expected one of road, drain"),
        ("about=1", "about", "holds JSON, which cannot be queried"),
        ("filter=about%3D1", "filter", "at character 1"),
        (
            "filter=opened%3D'2021-01-31'",
            "filter",
            "at character 8: expected a date or a timestamp",
        ),
        ("sortby=tags", "sortby", "has no order"),
        ("datetime=2021-06-31", "datetime", "not in the calendar"),
        (
            "datetime=2021-02-01/2021-01-01",
            "datetime",
            "ends before it starts",
        ),
    ] {
        let answer = server
            .get(&format!("/collections/works/items?{query}"))
            .await;
        assert_eq!(answer.status, 400, "{query}");
        let json = answer.json();
        let detail = json["detail"].as_str().expect("a detail");
        assert_eq!(json["parameter"], parameter);
        assert!(detail.contains(words), "{query}: {detail}");
    }
}

/// Whole numbers are numbers, written with a fraction or without.
fn as_numbers(json: &Json) -> Json {
    match json {
        Json::Number(number) => json!(number.as_f64()),
        Json::Array(all) => all.iter().map(as_numbers).collect(),
        Json::Object(members) => {
            let members = members.iter();
            Json::Object(members.map(|(k, v)| (k.clone(), as_numbers(v))).collect())
        }
        other => other.clone(),
    }
}

/// GeoJSON is written from columns, JSON-FG from features that are made of them.
#[tokio::test]
async fn columns_are_written_as_features_are() {
    let (made_up, shipped) = (server(), Server::new(support::store()));
    let asked = [
        (&made_up, "works", ""),
        (&made_up, "works", "&properties=kinds,about"),
        (&made_up, "spots", ""),
        (&made_up, "shapes", ""),
        (&shipped, "parcels", ""),
        (
            &shipped,
            "parcels",
            "&properties=name_zh&sortby=-plot_ratio",
        ),
        (&shipped, "road-works", ""),
        (&shipped, "facilities", "&q=ts"),
        (&shipped, "context", ""),
    ];
    let mut compared = 0;
    for (server, name, more) in asked {
        let path = format!("/collections/{name}/items?limit=10000{more}");
        let own = server.get(&path).await.json();
        let other = server.get(&format!("{path}&f=jsonfg")).await.json();
        let features = |json: &Json| json["features"].as_array().expect("features").clone();
        let (own, other) = (features(&own), features(&other));
        assert_eq!(own.len(), other.len());
        for (own, other) in own.iter().zip(&other) {
            for member in ["type", "id", "geometry", "properties"] {
                let (own, other) = (as_numbers(&own[member]), as_numbers(&other[member]));
                assert_eq!(own, other, "{path} {member}");
            }
            compared += 1;
        }
    }
    assert!(compared > 100, "{compared}");
}
