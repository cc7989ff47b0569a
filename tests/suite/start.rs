//! The first page: what is seen before any script runs, and the pictures of views.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use buju::ingest::{self, PlanFiles};
use buju::model::{Drawer, Opens, Text};
use buju::snapshot::Snapshot;
use buju::store::Store;
use sha2::{Digest, Sha256};

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
            let on_phone = between(&html, "<source media=\"(max-width:699px)\" srcset=\"", "\"");
            assert_eq!(on_phone, format!("{picture}#phone"));
            assert!(between(&html, "<img class=\"poster\"", ">").contains("alt=\""));
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
        // By itself it may have its style, known by its digest, and nothing else.
        let policy = answer.header("content-security-policy").to_owned();
        let size = answer.body.len();
        assert!(size <= 25_000, "{id}: {size} bytes");
        let svg = String::from_utf8(answer.body).expect("UTF-8");
        let digest = STANDARD.encode(Sha256::digest(between(&svg, "<style>", "</style>")));
        let allowed = format!("style-src 'sha256-{digest}'; frame-ancestors 'none'");
        assert_eq!(policy, format!("default-src 'none'; {allowed}"));
        assert_eq!(svg.matches("<style").count(), 1);
        assert!(!svg.contains(" style="), "{id}");
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

/// Pixels of 256-pixel tiles at zoom 14, told in metres and not as the server does it.
fn mercator(lon: f64, lat: f64) -> (f64, f64) {
    let r = 6_378_137.0_f64 / (40_075_016.685_578_49 / 256.0 / 2_f64.powi(14));
    let north = (std::f64::consts::FRAC_PI_4 + lat.to_radians() / 2.0).tan();
    (r * lon.to_radians(), r * north.ln())
}

fn degrees(at: &serde_json::Value) -> (f64, f64) {
    (at[0].as_f64().expect("x"), at[1].as_f64().expect("y"))
}

/// The points of housing are that far from the middle of the picture.
async fn points_lie_around(server: &Server, svg: &str, (x0, y0): (f64, f64)) {
    let items = server
        .get("/collections/housing/items?limit=100")
        .await
        .json();
    let mut points = 0;
    for feature in items["features"].as_array().expect("features") {
        if feature["geometry"]["type"] != "Point" {
            continue;
        }
        let (lon, lat) = degrees(&feature["geometry"]["coordinates"]);
        let (x, y) = mercator(lon, lat);
        let circle = format!("cx=\"{:.0}\" cy=\"{:.0}\"", x - x0, y0 - y);
        assert!(svg.contains(&circle), "{circle}: {svg}");
        points += 1;
    }
    assert!(points > 0, "{points}");
}

/// How large a frame draws the picture, by its own style sheet: the last rule that holds is in force.
fn drawn_at(svg: &str, root: &str, width: f64, height: f64) -> f64 {
    let number = |text: &str| text.parse::<f64>().expect("a number");
    let style = between(svg, "<style>", "</style>");
    let mut found = None;
    for (at, rule) in style.match_indices(&format!("{root}{{--s:")) {
        let before = &style[..at];
        let least = before.ends_with('{').then(|| {
            let (_, media) = before.rsplit_once("@media").expect("a condition");
            (
                number(between(media, "(min-width:", "px")),
                number(between(media, "(min-height:", "px")),
            )
        });
        if least.is_none_or(|(w, h)| width >= w && height >= h) {
            let rest = &style[at + rule.len()..];
            found = Some(number(rest.split_once('}').expect("an end").0));
        }
    }
    found.expect("a scale")
}

#[tokio::test]
async fn the_picture_lies_where_the_map_will() {
    let server = Server::new(support::store());
    let svg = String::from_utf8(server.get("/poster/facilities.svg").await.body).expect("UTF-8");
    let plan = server.get("/plan").await.json();
    // The box of what the view shows, but for the ground.
    let (mut low, mut high) = ((180.0_f64, 90.0_f64), (-180.0_f64, -90.0_f64));
    for collection in plan["collections"].as_array().expect("collections") {
        if ["facilities", "housing"].contains(&collection["id"].as_str().expect("an id")) {
            let bbox = &collection["bbox"];
            let corner = |n: usize| bbox[n].as_f64().expect("degrees");
            low = (low.0.min(corner(0)), low.1.min(corner(1)));
            high = (high.0.max(corner(2)), high.1.max(corner(3)));
        }
    }
    let ((west, south), (east, north)) = (mercator(low.0, low.1), mercator(high.0, high.1));
    let middle = (f64::midpoint(west, east), f64::midpoint(south, north));
    points_lie_around(&server, &svg, middle).await;
    // Nowhere does the box reach beneath what covers the map, and a step more would: half a zoom, a quarter on a phone.
    for (root, across, down, step) in [
        (":root", 80.0, 60.0, 0.5_f64),
        (":root:target", 16.0, 98.0, 0.25),
    ] {
        for (width, height) in [
            (1066.0, 687.0),
            (390.0, 367.0),
            (300.0, 260.0),
            (180.0, 240.0),
        ] {
            let scale = drawn_at(&svg, root, width, height);
            let fits = |scale: f64| {
                (east - west) * scale <= width - across + 0.1
                    && (north - south) * scale <= height - down + 0.1
            };
            let at = format!("{root} {width} {height}: {scale}");
            assert!(fits(scale), "{at}");
            assert!(scale > 0.999 || !fits(scale * step.exp2()), "{at}");
        }
    }
}

#[tokio::test]
async fn a_picture_of_a_place_that_the_plan_names_keeps_it() {
    let mut loaded = ingest::load(&PlanFiles::Shipped)
        .expect("the plan")
        .loaded
        .expect("rows");
    let camera = loaded.plan.view;
    for view in &mut loaded.plan.views {
        view.view = Some(camera);
    }
    let server = Server::new(Store::new(Snapshot::build(loaded, Vec::new())));
    let svg = String::from_utf8(server.get("/poster/facilities.svg").await.body).expect("UTF-8");
    let [lon, lat] = camera.center;
    points_lie_around(&server, &svg, mercator(lon, lat)).await;
    // As the page steps back: zoom 13.5 opens at 14 on a map of 900 x 640, at 13 on less.
    for (width, height, scale) in [
        (900.0, 640.0, 1.0),
        (899.0, 640.0, 0.5),
        (450.0, 320.0, 0.5),
        (390.0, 367.0, 0.25),
    ] {
        let drawn = drawn_at(&svg, ":root", width, height);
        assert!((drawn - scale).abs() < 1e-3, "{width} {height}: {drawn}");
    }
}

#[tokio::test]
async fn a_phone_has_the_map_unless_a_list_is_asked_for() {
    let server = Server::new(support::store());
    let down = async |target: &str| page(&server, target).await.contains("start sheet-peek");
    for target in ["/", "/?v=municipal&lang=en", "/?tab=map", "/?s=none:none"] {
        assert!(down(target).await, "{target}");
    }
    for target in [
        "/?v=works",
        "/?v=parcels",
        "/?tab=projects,map",
        "/?s=parcels:medicine-logistics-centre-extension",
    ] {
        assert!(!down(target).await, "{target}");
    }
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
