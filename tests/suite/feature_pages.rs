//! `/f/{collection}/{id}`: what a person reads without script.

use buju::model::{ColumnType, Value};
use geo::point;
use serde_json::Value as Json;

use crate::api_links::{BROWSER, well_formed};
use crate::bad_input::{copy, edit};
use crate::support::{self, Answer, Server};

const MEDICINE: &str = "/f/parcels/medicine-logistics-centre-extension";

async fn read(server: &Server, target: &str) -> Answer {
    server.send("GET", target, &[("accept", BROWSER)]).await
}

fn text(answer: &Answer) -> String {
    String::from_utf8(answer.body.clone()).expect("UTF-8")
}

/// Numbers as the page writes them, so that they can be looked for: 1,500,000.
fn bare(html: &str) -> String {
    let digit = |c: Option<&char>| c.is_some_and(char::is_ascii_digit);
    let chars: Vec<char> = html.chars().collect();
    let keep = |at: &usize| !(chars[*at] == ',' && digit(chars.get(at + 1)));
    (0..chars.len()).filter(keep).map(|at| chars[at]).collect()
}

#[tokio::test]
async fn every_feature_has_a_page_with_all_that_is_known() {
    let server = Server::new(support::store());
    let plan = server.get("/plan").await.json();
    let columns = plan["columns"].as_array().expect("columns").clone();
    let role = |name: &str| {
        let column = columns.iter().find(|column| column["name"] == name);
        column.expect("a column")["role"]
            .as_str()
            .expect("a role")
            .to_owned()
    };
    let (mut pages, mut figures, mut sourced) = (0, 0, 0);
    for collection in plan["collections"].as_array().expect("collections") {
        let id = collection["id"].as_str().expect("an id");
        let items = server
            .get(&format!("/collections/{id}/items?limit=1000"))
            .await
            .json();
        for feature in items["features"].as_array().expect("features") {
            let name = feature["id"].as_str().expect("an id");
            let target = format!("/f/{id}/{name}");
            let answer = read(&server, &target).await;
            assert_eq!(answer.status, 200, "{target}");
            let html = text(&answer);
            well_formed(&html, &target);
            assert!(!html.contains("<script"), "{target}");
            let canonical =
                format!("<link rel=\"canonical\" href=\"http://plan.example{target}\">");
            assert!(html.contains(&canonical), "{target}");
            assert!(html.contains(&format!("/?s={id}:{name}")), "{target}");
            let html = bare(&html);
            let stated = html
                .split_once("<section id=\"stated\">")
                .map_or("", |(_, rest)| {
                    rest.split("</section>").next().unwrap_or_default()
                });
            for (column, value) in feature["properties"].as_object().expect("properties") {
                if let Json::Number(number) = value {
                    assert!(
                        html.contains(&number.to_string()),
                        "{target}: {column} {number}"
                    );
                    figures += 1;
                    // Another column may hold the same number.
                    let is_stated = feature["properties"]
                        .as_object()
                        .expect("properties")
                        .iter()
                        .any(|(other, value)| {
                            value.as_f64() == number.as_f64() && role(other) == "stated"
                        });
                    assert_eq!(
                        stated.contains(&format!(">{number} "))
                            || stated.contains(&format!(">{number}<")),
                        is_stated,
                        "{target}: {column} {number} stands with the wrong figures"
                    );
                }
            }
            if feature["properties"]["plan_chapter"].is_number() && !stated.is_empty() {
                let told =
                    stated.matches("<dd>").count() - stated.matches("class=\"none\"").count();
                assert_eq!(stated.matches("href=\"#source\"").count(), told, "{target}");
                sourced += told;
            }
            pages += 1;
        }
    }
    assert!(
        pages > 100 && figures > 300 && sourced > 200,
        "{pages} {figures} {sourced}"
    );
}

#[tokio::test]
async fn figures_are_compared_in_both_languages() {
    let server = Server::new(support::store());
    let html = text(&read(&server, &format!("{MEDICINE}?lang=en")).await);
    let json = server
        .get("/collections/parcels/items/medicine-logistics-centre-extension")
        .await
        .json();
    let of = |name: &str| json["properties"][name].as_f64().expect("a number");
    let product = (of("plot_ratio") * of("site_area_m2") * 10.0).round() / 10.0;
    let html = bare(&html);
    assert!(html.contains(&format!("<dd>{product} m²")), "{product}");
    assert!(html.contains("not what the plan states"));
    assert!(
        html.contains("its own areas give 1.7485"),
        "the check in words"
    );
    assert!(html.contains("schematic") && html.contains("± "));
    assert!(html.contains("Chapter 5"));
    let chinese = server
        .send(
            "GET",
            MEDICINE,
            &[("accept", BROWSER), ("accept-language", "zh")],
        )
        .await;
    assert_eq!(chinese.header("content-language"), "zh-CN");
    let chinese = text(&chinese);
    for word in [
        "按容积率计建筑面积",
        "按规划自己的面积推算",
        "示意",
        "第5章",
        "附近 300 米以内",
    ] {
        assert!(chinese.contains(word), "{word}");
    }
}

#[tokio::test]
async fn neighbours_are_those_of_the_api() {
    let server = Server::new(support::store());
    let html = text(&read(&server, &format!("{MEDICINE}?lang=en")).await);
    let near = "near=parcels/medicine-logistics-centre-extension&within=300&limit=8";
    let mut links = 0;
    for collection in [
        "road-works",
        "zones",
        "transport",
        "waters",
        "parcels",
        "greens",
    ] {
        let page = server
            .get(&format!("/collections/{collection}/items?{near}"))
            .await
            .json();
        for feature in page["features"].as_array().expect("features") {
            let id = feature["id"].as_str().expect("an id");
            let own = id == "medicine-logistics-centre-extension";
            let link = format!("/f/{collection}/{id}?lang=en\">");
            assert_eq!(html.contains(&link), !own, "{collection}/{id}");
            let metres = feature["properties"]["distance_m"]
                .as_f64()
                .expect("metres");
            if !own && metres >= 0.5 {
                let after = html.split_once(&link).expect("the link").1;
                let said = format!("<span class=\"hint\">{metres:.0} m</span>");
                assert!(after[..200].contains(&said), "{id}: {said}");
            }
            links += usize::from(!own);
        }
    }
    assert!(links > 1, "{links}");
}

/// The titles of the collections under "within 300 m", in their order.
fn near_titles(html: &str) -> Vec<String> {
    let section = html
        .split_once("<section id=\"nearby\">")
        .map(|(_, rest)| rest);
    let section = section.and_then(|rest| rest.split("</section>").next());
    let parts = section.unwrap_or_default().split("<h3>").skip(1);
    parts
        .map(|part| part.split("</h3>").next().expect("an end").to_owned())
        .collect()
}

#[tokio::test]
async fn which_neighbours_come_first_is_said_by_the_plan() {
    let titles = async |works: Option<&str>| {
        let mut loaded = buju::ingest::load(&buju::ingest::PlanFiles::Shipped)
            .expect("the plan")
            .loaded
            .expect("rows");
        let views = &mut loaded.plan.views;
        let view = views.iter_mut().find(|view| view.opens.list.is_some());
        let opens = &mut view.expect("a view that lists works").opens;
        match works {
            Some("road-works") => {}
            Some(id) => opens.collection = Some(id.to_owned()),
            None => opens.list = None,
        }
        let snapshot = buju::snapshot::Snapshot::build(loaded, Vec::new());
        let server = Server::new(buju::store::Store::new(snapshot));
        near_titles(&text(&read(&server, &format!("{MEDICINE}?lang=en")).await))
    };
    let first = async |works| titles(works).await.remove(0);
    assert_eq!(first(Some("road-works")).await, "Road works");
    // Named even where none of them is near.
    assert_eq!(first(Some("greens")).await, "Green space");
    // Without works the plan's own order, and only what is near.
    let plain = titles(None).await;
    let order = [
        "Industry plots",
        "Industrial parks and key areas",
        "Road works",
    ];
    let at = |title: &String| order.iter().position(|one| one == title);
    assert!(plain.iter().filter_map(at).is_sorted(), "{plain:?}");
    assert_ne!(plain[0], "Road works");
    assert!(!plain.contains(&"Green space".to_owned()), "{plain:?}");
}

/// Where a plan says what shapes rest on, one of which it does not is no survey; where it says nothing of that,
/// neither does the page.
#[tokio::test]
async fn a_shape_is_schematic_unless_it_is_said_to_be_surveyed() {
    let badge = "<span class=\"badge unsure\">schematic</span>";
    let dashes = "stroke-dasharray=\"9 4\"";
    for (basis, schematic) in [("surveyed", false), ("", true)] {
        let folder = copy();
        let said = format!("\"geometry_basis\":\"{basis}\",");
        let said = if basis.is_empty() { "" } else { &said };
        edit(folder.path(), "geodata/parcels.geojson", |text| {
            text.replace("\"geometry_basis\":\"schematic\",", said)
        });
        edit(folder.path(), "seeds/collections.toml", |text| {
            let code = "{ code = \"schematic\",";
            text.replace(
                code,
                &format!("{{ code = \"surveyed\", zh = \"实测\", en = \"Surveyed\" }}, {code}"),
            )
        });
        let files = buju::ingest::PlanFiles::Folder(folder.path().to_owned());
        let outcome = buju::ingest::load(&files).expect("a folder");
        let loaded = outcome
            .loaded
            .unwrap_or_else(|| panic!("{:#?}", outcome.findings));
        let snapshot = buju::snapshot::Snapshot::build(loaded, Vec::new());
        let server = Server::new(buju::store::Store::new(snapshot));
        let page = text(&read(&server, &format!("{MEDICINE}?lang=en")).await);
        assert_eq!(page.contains(badge), schematic, "{basis:?}: {page}");
        assert_eq!(page.contains(dashes), schematic, "{basis:?}");
        let list = text(&read(&server, "/collections/parcels/items?f=html&lang=en").await);
        assert_eq!(list.contains(dashes), schematic, "{basis:?}");
    }
}

#[tokio::test]
async fn a_page_that_is_gone_helps_on_and_a_program_gets_a_problem() {
    let server = Server::new(support::store());
    for (target, offered) in [
        // A slip, another collection, and nothing like anything.
        (
            "/f/parcels/jinhuan-e4-redevelopmnt?lang=en",
            "/f/parcels/jinhuan-e4-redevelopment?lang=en",
        ),
        (
            "/f/zones/jinhuan-e4-redevelopment?lang=en",
            "/f/parcels/jinhuan-e4-redevelopment?lang=en",
        ),
        (
            "/f/no-such/qilianshan-road?lang=en",
            "/f/road-works/qilianshan-road-reconstruction?lang=en",
        ),
        ("/f/parcels/0000?lang=en", "/search"),
    ] {
        let answer = read(&server, target).await;
        assert_eq!(answer.status, 404, "{target}");
        assert!(answer.header("content-type").starts_with("text/html"));
        let html = text(&answer);
        well_formed(&html, target);
        assert!(html.contains("role=\"search\""), "{target}");
        assert!(html.contains(offered), "{target}: {html}");
    }
    let problem = server
        .send("GET", "/f/parcels/none", &[("accept", "*/*")])
        .await;
    assert_eq!(problem.status, 404);
    assert_eq!(problem.json()["parameter"], "featureId");
    let problem = server.get("/f/none/none").await;
    assert_eq!(problem.json()["parameter"], "collectionId");
    let problem = server.get(&format!("{MEDICINE}?near=zones")).await;
    assert_eq!(problem.status, 400);
    assert_eq!(problem.json()["parameter"], "near");
}

#[tokio::test]
async fn any_id_has_a_page() {
    let columns = vec![support::column("name_zh", ColumnType::String, false)];
    let mut loaded = support::loaded(columns, Vec::new());
    let ids = ["a/b", "桃浦 1", "50%", "x?y#z", "<b>&\"", "..", "7"];
    let rows = ids.map(|id| buju::model::Feature {
        id: id.into(),
        geometry: Some(point!(x: 121.36, y: 31.28).into()),
        values: vec![Value::Text("名".to_owned())],
    });
    let (info, kept) = &mut loaded.collections[0];
    *kept = buju::model::Rows::collect(&info.columns, rows.into_iter());
    let server = Server::new(buju::store::Store::new(buju::snapshot::Snapshot::build(
        loaded,
        Vec::new(),
    )));
    for (path, id) in [
        ("a%2Fb", "a/b"),
        ("a/b", "a/b"),
        ("%E6%A1%83%E6%B5%A6%201", "桃浦 1"),
        ("50%25", "50%"),
        ("x%3Fy%23z", "x?y#z"),
        ("%3Cb%3E%26%22", "<b>&\""),
        ("7", "7"),
    ] {
        let target = format!("/f/shapes/{path}");
        let answer = read(&server, &target).await;
        assert_eq!(answer.status, 200, "{id}");
        let html = text(&answer);
        well_formed(&html, &target);
        let canonical = html
            .split_once("rel=\"canonical\" href=\"http://plan.example")
            .expect("a link")
            .1;
        let canonical = canonical.split('"').next().expect("an address");
        let again = read(&server, canonical).await;
        assert_eq!(again.status, 200, "{id}: {canonical}");
        // All in one segment: what a proxy does with slashes must not matter.
        assert_eq!(canonical.matches('/').count(), 3, "{canonical}");
    }
}
