//! One search in everything that has a name.

use geo::{Contains, Geometry, point};
use serde_json::Value as Json;

use crate::api_links::{BROWSER, well_formed};
use crate::support::{self, Server};

const ORDER: [&str; 5] = ["exact", "start", "within", "sound", "code"];

fn rank(result: &Json) -> usize {
    let how = result["match"].as_str().expect("a word");
    ORDER
        .iter()
        .position(|one| *one == how)
        .expect("a known word")
}

/// How well a name answers a text of letters, told in another way than the server does.
fn told(name: &str, text: &str) -> Option<usize> {
    let (name, text) = (name.to_lowercase(), text.to_lowercase());
    if name == text {
        Some(0)
    } else if name.starts_with(&text) {
        Some(1)
    } else if text.split_whitespace().all(|word| name.contains(word)) {
        Some(2)
    } else {
        None
    }
}

#[tokio::test]
async fn counts_are_those_of_items_and_the_best_come_first() {
    let server = Server::new(support::store());
    let plan = server.get("/plan").await.json();
    let collections: Vec<_> = plan["collections"]
        .as_array()
        .expect("collections")
        .iter()
        .collect();
    let mut found = 0;
    for text in [
        "qls",
        "祁连山路",
        "qilianshan",
        "road",
        "Taopu Smart",
        "091-06",
        "桃浦",
        "e4",
        "a",
        "中心",
        "no such thing",
    ] {
        let target = format!("/search?limit=200&q={}", text.replace(' ', "+"));
        let target = percent(&target);
        let answer = server.get(&target).await;
        assert_eq!(answer.status, 200, "{target}");
        let answer = answer.json();
        let results = answer["results"].as_array().expect("results");
        let mut named = 0;
        for collection in &collections {
            let id = collection["id"].as_str().expect("an id");
            let q = percent(&format!(
                "/collections/{id}/items?limit=200&q={}",
                text.replace(' ', "+")
            ));
            let items = server.get(&q).await.json();
            let of = answer["collections"].as_array().expect("collections");
            let said = of.iter().find(|one| one["id"] == id);
            let by_name = said.map_or(0, |one| {
                one["numberMatchedByName"].as_u64().expect("a count")
            });
            assert_eq!(
                by_name,
                items["numberMatched"].as_u64().expect("a count"),
                "{text} in {id}"
            );
            named += by_name;
            for feature in items["features"].as_array().expect("features") {
                let hit = results
                    .iter()
                    .any(|one| one["id"] == feature["id"] && one["match"] != "code");
                assert!(hit, "{text}: {}", feature["id"]);
            }
        }
        let total = answer["numberMatched"].as_u64().expect("a count");
        assert_eq!(total, results.len() as u64, "{text}");
        let codes = results.iter().filter(|one| one["match"] == "code").count() as u64;
        assert_eq!(named + codes, total, "{text}");
        let ranks: Vec<_> = results.iter().map(rank).collect();
        assert!(ranks.is_sorted(), "{text}: {ranks:?}");
        for result in results {
            let best = ["zh", "en"]
                .iter()
                .filter_map(|lang| told(result["name"][lang].as_str()?, text))
                .min();
            if let Some(best) = best.filter(|best| *best < 2) {
                assert_eq!(rank(result), best, "{text}: {result}");
            }
            if result["match"] == "code" {
                let value = result["value"].as_str().expect("a value").to_lowercase();
                assert!(value.contains(&text.to_lowercase()), "{text}: {result}");
            }
        }
        found += results.len();
    }
    assert!(found > 100, "{found}");
}

fn percent(target: &str) -> String {
    let plain = |c: char| c.is_ascii_graphic();
    target
        .chars()
        .flat_map(|c| {
            let mut bytes = [0; 4];
            let text = c.encode_utf8(&mut bytes);
            if plain(c) {
                vec![text.to_owned()]
            } else {
                text.bytes().map(|byte| format!("%{byte:02X}")).collect()
            }
        })
        .collect()
}

#[tokio::test]
async fn labels_lie_on_what_they_name_and_links_lead_there() {
    let server = Server::new(support::store());
    let answer = server.get("/search?q=a&limit=200").await.json();
    let (mut inside, mut nowhere) = (0, 0);
    for result in answer["results"].as_array().expect("results") {
        let href = |rel: &str| {
            let links = result["links"].as_array().expect("links");
            let link = links
                .iter()
                .find(|link| link["rel"] == rel)
                .expect("a link");
            link["href"]
                .as_str()
                .expect("an address")
                .replace("http://plan.example", "")
        };
        let feature = server.get(&href("item")).await;
        assert_eq!(feature.status, 200);
        let feature = feature.json();
        assert_eq!(feature["id"], result["id"]);
        assert_eq!(feature["properties"]["name_en"], result["name"]["en"]);
        let page = server
            .send("GET", &href("about"), &[("accept", BROWSER)])
            .await;
        assert_eq!(page.status, 200);
        let Some(label) = result["label"].as_array() else {
            assert!(feature["geometry"].is_null(), "{result}");
            nowhere += 1;
            continue;
        };
        let at = point!(x: label[0].as_f64().expect("x"), y: label[1].as_f64().expect("y"));
        let geometry: geojson::Geometry =
            serde_json::from_value(feature["geometry"].clone()).expect("a geometry");
        let geometry = Geometry::<f64>::try_from(&geometry).expect("a geometry");
        let on_it = match &geometry {
            Geometry::Polygon(_) | Geometry::MultiPolygon(_) => geometry.contains(&at),
            other => {
                use geo::{Distance, Euclidean};
                Euclidean.distance(other, &Geometry::Point(at)) < 1e-6
            }
        };
        assert!(on_it, "{result}");
        inside += 1;
    }
    assert!(inside > 10 && nowhere > 3, "{inside} {nowhere}");
}

#[tokio::test]
async fn limits_boxes_and_bad_input() {
    let server = Server::new(support::store());
    let all = server.get("/search?q=a&limit=200").await.json();
    let few = server.get("/search?q=a&limit=3").await.json();
    assert_eq!(few["numberMatched"], all["numberMatched"]);
    assert_eq!(
        few["results"].as_array().expect("results")[..],
        all["results"].as_array().expect("results")[..3]
    );
    let each = server.get("/search?q=a&limit=200&each=2").await.json();
    for of in each["collections"].as_array().expect("collections") {
        let results = each["results"].as_array().expect("results");
        let shown = results
            .iter()
            .filter(|one| one["collection"] == of["id"])
            .count() as u64;
        assert_eq!(
            shown,
            of["numberMatched"].as_u64().expect("a count").min(2),
            "{of}"
        );
    }
    let bbox = "121.36,31.27,121.375,31.285";
    let inside = server
        .get(&format!("/search?q=a&limit=200&bbox={bbox}"))
        .await
        .json();
    let mut expected = 0;
    for of in all["collections"].as_array().expect("collections") {
        let id = of["id"].as_str().expect("an id");
        let here = server
            .get(&format!("/collections/{id}/items?bbox={bbox}&limit=1000"))
            .await
            .json();
        let ids: Vec<_> = here["features"]
            .as_array()
            .expect("features")
            .iter()
            .map(|one| one["id"].clone())
            .collect();
        let results = all["results"].as_array().expect("results").iter();
        expected += results
            .filter(|one| one["collection"] == id && ids.contains(&one["id"]))
            .count();
    }
    assert_eq!(inside["numberMatched"], expected);
    assert!(expected > 0 && inside["numberMatched"] != all["numberMatched"]);
    for (target, parameter) in [
        ("/search", "q"),
        ("/search?q=+", "q"),
        ("/search?q=a&limit=0", "limit"),
        ("/search?q=a&limit=x", "limit"),
        ("/search?q=a&each=-1", "each"),
        ("/search?q=a&bbox=1,2", "bbox"),
        ("/search?q=a&collection=zones", "collection"),
        ("/search?q=a&lang=en", "lang"),
    ] {
        let problem = server.get(target).await;
        assert_eq!(problem.status, 400, "{target}");
        assert_eq!(problem.json()["parameter"], parameter, "{target}");
    }
    let long = server.get(&format!("/search?q={}", "a".repeat(201))).await;
    assert_eq!(long.json()["parameter"], "q");
}

#[tokio::test]
async fn a_person_gets_a_form_and_links() {
    let server = Server::new(support::store());
    for target in [
        "/search?lang=en",
        "/search?q=qls&lang=en",
        "/search?q=&lang=en",
        "/search?q=%3Cb%3E&lang=en",
    ] {
        let answer = server.send("GET", target, &[("accept", BROWSER)]).await;
        assert_eq!(answer.status, 200, "{target}");
        let html = String::from_utf8(answer.body).expect("UTF-8");
        well_formed(&html, target);
        assert!(
            html.contains(
                "<form class=\"search\" role=\"search\" method=\"get\" action=\"/search\">"
            )
        );
        assert!(html.contains("name=\"lang\" value=\"en\""), "{target}");
        assert!(!html.contains("<b>"), "{target}");
        let hits = html.contains("/f/road-works/qilianshan-road-reconstruction?lang=en");
        assert_eq!(hits, target.contains("qls"), "{target}");
    }
}

/// Each word is looked for in every name, so there is a bound, the same wherever names are searched.
#[tokio::test]
async fn too_many_words_are_refused_by_name() {
    let server = Server::new(support::store());
    let words = vec!["qls"; 17].join("+");
    let long = "a".repeat(201);
    for path in [
        "/search?",
        "/collections/parcels/items?",
        "/collections/parcels/statistics?",
        "/tiles/15/27431/13384.mvt?",
        "/tiles.json?",
    ] {
        for (q, found) in [(&words, "67 and 17"), (&long, "201 and 1")] {
            let answer = server.get(&format!("{path}q={q}")).await;
            assert_eq!(answer.status, 400, "{path}");
            let problem = answer.json();
            assert_eq!(problem["parameter"], "q", "{path}");
            let detail = problem["detail"].as_str().expect("a text");
            assert!(
                detail.contains("200 characters") && detail.contains(found),
                "{detail}"
            );
        }
        let few = server
            .get(&format!("{path}q={}", vec!["qls"; 16].join("+")))
            .await;
        assert!(few.status.is_success(), "{path}");
    }
    // Too long for a name: nothing is offered in its place, and nothing compared.
    let page = server
        .send(
            "GET",
            &format!("/f/parcels/{long}"),
            &[("accept", "text/html")],
        )
        .await;
    assert_eq!(page.status, 404);
}
