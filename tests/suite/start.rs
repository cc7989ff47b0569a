//! The first page: what is seen before any script runs, and the pictures of views.

use buju::ingest::{self, PlanFiles};
use buju::model::{Drawer, Opens, Text};
use buju::snapshot::Snapshot;
use buju::store::Store;

use crate::api_links::BROWSER;
use crate::support::{self, Server};

async fn page(server: &Server, target: &str) -> String {
    let answer = server.send("GET", target, &[("accept", BROWSER)]).await;
    assert_eq!(answer.status, 200, "{target}");
    assert_eq!(answer.header("cache-control"), "no-cache");
    assert!(
        answer
            .header("content-security-policy")
            .contains("require-trusted-types-for")
    );
    String::from_utf8(answer.body).expect("UTF-8")
}

fn between<'a>(html: &'a str, from: &str, to: &str) -> &'a str {
    let (_, rest) = html.split_once(from).unwrap_or_else(|| panic!("no {from}"));
    rest.split_once(to).expect("an end").0
}

#[tokio::test]
async fn the_page_says_what_its_address_says() {
    let server = Server::new(support::store());
    let plan = server.get("/plan").await.json();
    for (n, view) in plan["views"].as_array().expect("views").iter().enumerate() {
        for (lang, tag) in [("zh", "zh-CN"), ("en", "en")] {
            let id = view["id"].as_str().expect("an id");
            let target = format!("/?v={id}&lang={lang}&m=121.36,31.28,15");
            let html = page(&server, &target).await;
            assert!(
                html.starts_with(&format!("<!DOCTYPE html><html lang=\"{tag}\">")),
                "{target}"
            );
            let title = between(&html, "<title>", "</title>");
            let expected = format!(
                "{} · {}",
                view["title"][lang].as_str().expect("a title"),
                plan["title"][lang].as_str().expect("a title")
            );
            assert_eq!(title, expected, "{target}");
            let introduction = view["introduction"][lang].as_str().expect("a text");
            assert!(
                html.contains(&format!(
                    "<meta name=\"description\" content=\"{introduction}\">"
                )),
                "{target}"
            );
            let canonical = between(&html, "rel=\"canonical\" href=\"", "\"");
            let own = if n == 0 {
                "/".to_owned()
            } else {
                format!("/?v={id}")
            };
            assert_eq!(canonical, format!("http://plan.example{own}"));
            let picture = between(&html, "<img class=\"poster\" src=\"", "\"");
            assert_eq!(picture, format!("/poster/{id}.svg?lang={lang}"));
            assert!(between(&html, picture, ">").contains("alt=\""));
            // Everything that the view lists has a page.
            for layer in view["layers"].as_array().expect("layers") {
                let layer = layer.as_str().expect("an id");
                if layer == "context" {
                    continue;
                }
                let items = server
                    .get(&format!("/collections/{layer}/items?limit=200"))
                    .await
                    .json();
                for feature in items["features"].as_array().expect("features") {
                    let link = format!(
                        "href=\"/f/{layer}/{}?lang={lang}\"",
                        feature["id"].as_str().expect("an id")
                    );
                    assert!(html.contains(&link), "{target}: {link}");
                }
            }
            assert!(html.contains(
                "<form class=\"search\" role=\"search\" method=\"get\" action=\"/search\">"
            ));
        }
    }
}

#[tokio::test]
async fn a_selected_project_gives_the_title_and_nothing_is_refused() {
    let server = Server::new(support::store());
    let html = page(&server, "/?s=parcels:jinhuan-e4-redevelopment&lang=en").await;
    let name = server
        .get("/collections/parcels/items/jinhuan-e4-redevelopment")
        .await
        .json();
    let name = name["properties"]["name_en"]
        .as_str()
        .expect("a name")
        .to_owned();
    assert!(between(&html, "<title>", "</title>").starts_with(&name));
    assert_eq!(
        between(&html, "rel=\"canonical\" href=\"", "\""),
        "http://plan.example/f/parcels/jinhuan-e4-redevelopment"
    );
    for odd in [
        "/?v=none",
        "/?s=none:none",
        "/?s=%3Cscript%3E",
        "/?lang=fr",
        "/?v=a&v=b",
        "/?%FF=1",
        "/?m=%3Cb%3E\"x",
    ] {
        let odd = odd.replace('"', "%22");
        let html = page(&server, &odd).await;
        assert_eq!(html.matches("<script").count(), 1, "{odd}");
        assert!(!html.contains("<b>"), "{odd}");
    }
    // The page and the landing page of programs share an address, and no answer.
    for target in ["/", "/?f=plot_ratio:2~"] {
        page(&server, target).await;
        let json = server
            .send("GET", target, &[("accept", "application/json")])
            .await;
        assert!(json.header("content-type").contains("json"), "{target}");
        page(&server, target).await;
    }
}

#[tokio::test]
async fn a_revisit_costs_nothing_and_a_copy_is_never_used_unasked() {
    let server = Server::new(support::store());
    let first = server.send("GET", "/", &[("accept", BROWSER)]).await;
    let tag = first.header("etag").to_owned();
    let again = server
        .send("GET", "/", &[("accept", BROWSER), ("if-none-match", &tag)])
        .await;
    assert_eq!(again.status, 304);
    assert_eq!(again.header("cache-control"), "no-cache");
}

#[tokio::test]
async fn every_view_has_a_small_true_picture() {
    let server = Server::new(support::store());
    let plan = server.get("/plan").await.json();
    for view in plan["views"].as_array().expect("views") {
        let id = view["id"].as_str().expect("an id");
        let answer = server.get(&format!("/poster/{id}.svg?lang=en")).await;
        assert_eq!(answer.status, 200, "{id}");
        assert_eq!(answer.header("content-type"), "image/svg+xml");
        assert!(!answer.header("etag").is_empty());
        let size = answer.body.len();
        assert!(size <= 25_000, "{id}: {size} bytes");
        let svg = String::from_utf8(answer.body).expect("UTF-8");
        assert!(
            svg.contains(view["title"]["en"].as_str().expect("a title")),
            "{id}"
        );
        let mut drawn = 0;
        for collection in plan["collections"].as_array().expect("collections") {
            let name = collection["id"].as_str().expect("an id");
            let shown = view["layers"]
                .as_array()
                .expect("layers")
                .iter()
                .any(|layer| layer == name);
            let located =
                collection["numberOfFeatures"].as_u64() > collection["withoutGeometry"].as_u64();
            let color = collection["style"]["color"].as_str().expect("a colour");
            let classed = !collection["style"]["class_column"].is_null();
            if name != "context" && located && !classed {
                assert_eq!(svg.contains(color), shown, "{id}: {name} {color}");
                drawn += usize::from(shown);
            }
        }
        assert!(
            drawn > 0 && svg.contains("stroke-dasharray"),
            "{id}: {drawn}"
        );
        assert!(svg.contains("<text"), "{id}");
    }
    for (target, status) in [
        ("/poster/none.svg", 404),
        ("/poster/overview", 404),
        ("/poster/overview.svg?lang=fr", 400),
        ("/poster/overview.svg?v=1", 400),
    ] {
        assert_eq!(server.get(target).await.status, status, "{target}");
    }
}

#[tokio::test]
async fn the_picture_lies_where_the_map_will() {
    let server = Server::new(support::store());
    let svg = String::from_utf8(server.get("/poster/facilities.svg").await.body).expect("UTF-8");
    let plan = server.get("/plan").await.json();
    let center = plan["view"]["center"].as_array().expect("a centre");
    let degrees = |n: usize| center[n].as_f64().expect("degrees");
    // Zoom 13.5 opens at 14; pixels of 256-pixel tiles, told in metres and not as the server does it.
    let metres = 40_075_016.685_578_49 / 256.0 / 2_f64.powi(14);
    let mercator = |lon: f64, lat: f64| {
        let r = 6_378_137.0_f64;
        (
            r * lon.to_radians(),
            r * (std::f64::consts::FRAC_PI_4 + lat.to_radians() / 2.0)
                .tan()
                .ln(),
        )
    };
    let (x0, y0) = mercator(degrees(0), degrees(1));
    let items = server
        .get("/collections/housing/items?limit=100")
        .await
        .json();
    let mut points = 0;
    for feature in items["features"].as_array().expect("features") {
        if feature["geometry"]["type"] != "Point" {
            continue;
        }
        let at = &feature["geometry"]["coordinates"];
        let (x, y) = mercator(at[0].as_f64().expect("x"), at[1].as_f64().expect("y"));
        let (px, py) = (1000.0 + (x - x0) / metres, 600.0 - (y - y0) / metres);
        let circle = format!("cx=\"{px:.0}\" cy=\"{py:.0}\"");
        assert!(svg.contains(&circle), "{circle}: {svg}");
        points += 1;
    }
    assert!(points > 0, "{points}");
}

#[tokio::test]
async fn a_view_opens_as_its_plan_says() {
    let mut loaded = ingest::load(&PlanFiles::Shipped)
        .expect("the plan")
        .loaded
        .expect("rows");
    loaded.plan.map_approval = Some(Text {
        zh: "沪S(2026)000号".to_owned(),
        en: "Shanghai S (2026) 000".to_owned(),
    });
    loaded.plan.views[1].opens = Opens {
        drawer: Some(Drawer::Half),
        filter: Some("plot_ratio:2~".to_owned()),
        sort: Some("-site_area_m2".to_owned()),
        ..Opens::default()
    };
    let id = loaded.plan.views[1].id.clone();
    let server = Server::new(Store::new(Snapshot::build(loaded, Vec::new())));
    let html = page(&server, &format!("/?v={id}&lang=en")).await;
    let link =
        format!("href=\"/?v={id}&amp;f=plot_ratio%3A2~&amp;sort=-site_area_m2&amp;lang=en\"");
    assert!(html.contains(&link), "{html}");
    // Room for the table, at once.
    assert!(html.contains("<div class=\"waiting\">"));
    assert!(html.contains("Map approval number: Shanghai S (2026) 000"));
    let shown = server.get("/plan").await.json();
    assert_eq!(shown["views"][1]["opens"]["drawer"], "half");
    assert_eq!(shown["map_approval"]["zh"], "沪S(2026)000号");
    let plain = page(&Server::new(support::store()), "/?lang=en").await;
    assert!(plain.contains("Map approval number: (left empty)"));
    assert!(!plain.contains("class=\"waiting\""));
}
