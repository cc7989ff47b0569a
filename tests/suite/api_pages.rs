//! Pages for people, and which form and language is sent.

use buju::model::{ColumnType, Value};
use geo::point;

use crate::api_links::{BROWSER, well_formed};
use crate::support::{self, Answer, Server};

const E4: &str = "/collections/parcels/items/jinhuan-e4-redevelopment";

fn text(answer: Answer) -> String {
    String::from_utf8(answer.body).expect("UTF-8")
}

#[tokio::test]
async fn f_wins_then_the_best_of_accept() {
    let server = Server::new(support::store());
    let items = "/collections/parcels/items";
    for (target, accept, expected) in [
        (items, "*/*", "application/geo+json"),
        (items, "application/json", "application/geo+json"),
        (
            items,
            "application/geo+json, application/json;q=0.9",
            "application/geo+json",
        ),
        (items, "text/html", "text/html"),
        (items, "text/csv, text/html;q=0.9", "text/csv"),
        (items, "text/html;q=0.1, text/csv;q=0.2", "text/csv"),
        ("/collections/parcels/items?f=csv", "text/html", "text/csv"),
        (
            "/collections/parcels/items?f=html",
            "image/png",
            "text/html",
        ),
        (E4, "text/html", "text/html"),
        (E4, "application/json", "application/geo+json"),
        ("/collections", "text/html, */*;q=0.1", "text/html"),
        ("/collections?f=json", "text/html", "application/json"),
        (
            "/collections/parcels/schema",
            "application/json",
            "application/schema+json",
        ),
        (
            "/api",
            "application/vnd.oai.openapi+json;version=3.0, application/json",
            "application/vnd.oai.openapi+json",
        ),
        (
            "/tiles/WebMercatorQuad/15/13384/27431",
            "application/vnd.mapbox-vector-tile",
            "application/vnd.mapbox-vector-tile",
        ),
        ("/", "application/json, text/html;q=0.9", "application/json"),
        (items, "image/png", "application/problem+json"),
        (
            items,
            "application/geo+json;q=0",
            "application/problem+json",
        ),
        ("/", "image/png", "application/problem+json"),
        (
            "/tiles/WebMercatorQuad/15/13384/27431",
            "image/png",
            "application/problem+json",
        ),
    ] {
        let answer = server.send("GET", target, &[("accept", accept)]).await;
        assert!(
            answer.header("content-type").starts_with(expected),
            "{target} {accept}: {}",
            answer.header("content-type")
        );
        let status = if expected.contains("problem") {
            406
        } else {
            200
        };
        assert_eq!(answer.status, status, "{target} {accept}");
    }
}

#[tokio::test]
async fn pages_speak_the_readers_language() {
    let server = Server::new(support::store());
    let target = format!("{E4}?f=html");
    for (headers, query, lang) in [
        (vec![], "", "zh-CN"),
        (
            vec![("accept-language", "en-GB,en;q=0.9,zh;q=0.2")],
            "",
            "en",
        ),
        (vec![("accept-language", "zh-TW, en;q=0.9")], "", "zh-CN"),
        (vec![("accept-language", "fr")], "", "zh-CN"),
        (vec![("accept-language", "zh")], "&lang=en", "en"),
    ] {
        let answer = server
            .send("GET", &format!("{target}{query}"), &headers)
            .await;
        assert_eq!(
            answer.header("content-language"),
            lang,
            "{headers:?} {query}"
        );
        assert!(answer.header("vary").contains("Accept-Language"));
        assert!(text(answer).contains(&format!("<html lang=\"{lang}\">")));
    }
    let tag = |lang| {
        let (server, target) = (&server, &target);
        async move {
            server
                .send("GET", target, &[("accept-language", lang)])
                .await
                .header("etag")
                .to_owned()
        }
    };
    assert_ne!(tag("en").await, tag("zh").await);
    assert_eq!(tag("en").await, tag("en-US,en;q=0.5").await);
    assert_eq!(server.get(&format!("{target}&lang=fr")).await.status, 400);
    assert_eq!(
        server.get("/collections?lang=en").await.status,
        400,
        "JSON has both languages"
    );
    let tile = server.get("/tiles/15/27431/13384.geojson").await;
    assert!(
        !tile.header("vary").contains("Language"),
        "a tile has no language"
    );
}

#[tokio::test]
async fn a_feature_says_what_is_stated_and_how_sure_it_is() {
    let server = Server::new(support::store());
    let page = text(server.get(&format!("{E4}?f=html&lang=en")).await);
    for part in [
        "Stated by the plan",
        "Derived from stated figures",
        "Measured on the shape as drawn",
        "Source in the plan",
        "not stated",
        "35,460 m²",
        "Schematic position, about ± ",
        "stroke-dasharray=\"9 4\"",
    ] {
        assert!(page.contains(part), "{part}");
    }
    let page = text(server.get(&format!("{E4}?f=html&lang=zh")).await);
    assert!(page.contains("未提供") && page.contains("示意位置"));
    let lake = text(
        server
            .get("/collections/waters/items/taopu-lake?f=html&lang=zh")
            .await,
    );
    assert!(lake.contains("无法定位") && !lake.contains("<svg"));
    let disputed = text(
        server
            .get("/collections/parcels/items/medicine-logistics-centre-extension?f=html")
            .await,
    );
    assert!(disputed.contains("class=\"warning\"") && disputed.contains("1.79"));
}

#[tokio::test]
async fn pages_of_items_count_and_turn() {
    let server = Server::new(support::store());
    let mut target = "/collections/road-works/items?limit=7&theme=road&f=html&lang=en".to_owned();
    let mut rows = 0;
    for page in 0.. {
        let html = text(server.get(&target).await);
        assert!(html.contains("20 in all"), "{target}");
        rows += html.matches("<th scope=\"row\">").count();
        assert_eq!(html.contains("rel=\"first\""), page > 0);
        let Some((_, rest)) = html.split_once("rel=\"next\" href=\"http://plan.example") else {
            break;
        };
        target = rest
            .split('"')
            .next()
            .expect("an address")
            .replace("&amp;", "&");
        assert!(
            target.contains("theme=road") && target.contains("lang=en"),
            "{target}"
        );
    }
    assert_eq!(rows, 20);
}

#[tokio::test]
async fn texts_of_a_plan_cannot_become_markup() {
    let columns = vec![
        support::column("name_zh", ColumnType::String, false),
        support::column("<b>&\"'", ColumnType::String, false),
    ];
    let evil = "<script>alert('1')</script>\"&<img src=x>".to_owned();
    let rows = vec![(
        Some(point!(x: 121.3, y: 31.2).into()),
        vec![Value::Text(evil.clone()), Value::Text(evil)],
    )];
    let server = Server::new(support::made_up(columns, rows));
    for target in [
        "/collections/shapes",
        "/collections/shapes/items",
        "/collections/shapes/items/00000",
        "/collections/shapes/queryables",
        "/api",
    ] {
        let answer = server.send("GET", target, &[("accept", "text/html")]).await;
        assert_eq!(answer.status, 200, "{target}");
        let html = text(answer);
        assert!(
            !html.contains("<script") && !html.contains("<img") && !html.contains("<b>"),
            "{target}"
        );
    }
}

#[tokio::test]
async fn head_tells_the_length_of_get() {
    let server = Server::new(support::store());
    for (target, coding) in [(E4, "gzip"), ("/collections", "identity"), ("/api", "br")] {
        let headers = [("accept-encoding", coding)];
        let get = server.send("GET", target, &headers).await;
        let head = server.send("HEAD", target, &headers).await;
        assert!(head.status == 200 && head.body.is_empty(), "{target}");
        assert_eq!(
            head.header("content-length"),
            get.body.len().to_string(),
            "{target}"
        );
        assert_eq!(head.header("etag"), get.header("etag"), "{target}");
    }
}

/// Whoever reads pages reads a problem as one, with the same status; all others get the document.
#[tokio::test]
async fn a_problem_is_a_page_for_a_browser() {
    let server = Server::new(support::store());
    for (target, status, says) in [
        ("/collections/parcels/items?bbox=1,2,3", 400, "bbox"),
        (
            "/collections/parcels/items?a%22%3E%3Cscript%3E=1",
            400,
            "script",
        ),
        ("/collections/nowhere", 404, "nowhere"),
        ("/nowhere", 404, "/nowhere"),
        ("/tiles/WebMercatorQuad/3/8/0", 404, "tileRow"),
    ] {
        let browser = [("accept", BROWSER), ("accept-language", "en-GB")];
        let page = server.send("GET", target, &browser).await;
        assert_eq!(page.status, status, "{target}");
        assert_eq!(page.header("content-type"), "text/html; charset=utf-8");
        assert_eq!(page.header("content-language"), "en");
        assert_eq!(page.header("vary"), "Accept, Accept-Language");
        assert!(page.header("content-security-policy").contains("style-src"));
        let page = text(page);
        well_formed(&page, target);
        assert!(page.contains(says) && !page.contains("<script"), "{page}");
        let chinese = server.send("GET", target, &[("accept", BROWSER)]).await;
        assert!(text(chinese).contains("接口说明"), "{target}");
        let head = server.send("HEAD", target, &browser).await;
        assert_eq!(head.status, status, "{target}");
        assert_eq!(head.header("content-type"), "text/html; charset=utf-8");
        assert!(head.body.is_empty(), "{target}");
        for accept in [
            "*/*",
            "application/json",
            "application/geo+json",
            "image/png",
        ] {
            let document = server.send("GET", target, &[("accept", accept)]).await;
            let expected = if document.status == 406 { 406 } else { status };
            assert_eq!(document.status, expected, "{target}: {accept}");
            assert_eq!(document.header("content-type"), "application/problem+json");
            assert_eq!(document.json()["status"], expected);
        }
    }
}

/// One header decides for pages and for documents.
#[tokio::test]
async fn documents_speak_the_readers_language_as_pages_do() {
    let server = Server::new(support::store());
    for (target, of, zh, en) in [
        ("/", "/title", "桃浦镇", "Taopu"),
        ("/", "/description", "示意", "schematic"),
        ("/collections", "/collections/0/title", "", ""),
        ("/collections/parcels", "/title", "地块", "plots"),
        ("/collections/parcels/schema", "/title", "结构", "schema"),
        (
            "/collections/parcels/queryables",
            "/properties/plot_ratio/title",
            "容积率",
            "lot ratio",
        ),
        ("/tiles", "/tilesets/0/title", "桃浦镇", "Taopu"),
        (
            "/collections/parcels/tiles/WebMercatorQuad",
            "/title",
            "(WebMercatorQuad)",
            "(WebMercatorQuad)",
        ),
        (
            "/collections/parcels/tiles/WebMercatorQuad",
            "/layers/0/title",
            "地块",
            "plots",
        ),
    ] {
        let mut seen = Vec::new();
        for (lang, tag, word) in [
            ("zh-CN,en;q=0.5", "zh-CN", zh),
            ("en-GB, zh;q=0.9", "en", en),
            ("fr", "zh-CN", zh),
        ] {
            let ask = async |accept: &str| {
                let headers = [("accept", accept), ("accept-language", lang)];
                server.send("GET", target, &headers).await
            };
            let json = ask("application/json").await;
            assert_eq!(json.header("content-language"), tag, "{target} {lang}");
            assert!(json.header("vary").contains("Accept-Language"), "{target}");
            let document = json.json();
            let text = document
                .pointer(of)
                .and_then(|text| text.as_str())
                .expect("a text");
            assert!(text.contains(word), "{target} {lang}: {text}");
            seen.push(text.to_owned());
            if target != "/" {
                assert_eq!(
                    ask(BROWSER).await.header("content-language"),
                    tag,
                    "{target}"
                );
            }
        }
        assert!(seen[0] != seen[1] && seen[0] == seen[2], "{seen:?}");
    }
}
