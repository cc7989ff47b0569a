//! Every link in every document leads to what it says.

use std::collections::HashSet;

use serde_json::Value as Json;

use crate::support::{self, Server};

const BASE: &str = "http://plan.example";
pub const BROWSER: &str = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8";

/// A tile of the town, wherever a template asks for one.
fn filled(template: &str) -> String {
    let mut out = template.to_owned();
    let (level, row) = match template {
        set if set.contains("/WorldCRS84Quad/") => ("14", "5345"),
        set if set.contains("/CGCS2000Quad/") => ("15", "5345"),
        _ => ("15", "13384"),
    };
    for (name, value) in [
        ("{tileMatrix}", level),
        ("{tileRow}", row),
        ("{tileCol}", "27431"),
        ("{z}", "15"),
        ("{x}", "27431"),
        ("{y}", "13384"),
    ] {
        out = out.replace(name, value);
    }
    out
}

fn json_links(document: &Json, into: &mut Vec<Json>) {
    match document {
        Json::Object(members) => {
            for (name, member) in members {
                match member {
                    Json::Array(links) if name == "links" => into.extend(links.iter().cloned()),
                    _ => json_links(member, into),
                }
            }
        }
        Json::Array(items) => items.iter().for_each(|item| json_links(item, into)),
        _ => {}
    }
}

#[tokio::test]
async fn every_link_of_every_json_document_is_true() {
    let server = Server::new(support::store());
    let mut open = vec![
        "/".to_owned(),
        "/collections/parcels/items?limit=3".to_owned(),
    ];
    open.push("/collections/parcels/items/jinhuan-e4-redevelopment".to_owned());
    let mut seen: HashSet<String> = open.iter().cloned().collect();
    let mut links_seen = 0;
    while let Some(target) = open.pop() {
        let answer = server.get(&target).await;
        assert_eq!(answer.status, 200, "{target}");
        if !answer.header("content-type").contains("json") {
            continue;
        }
        let mut links = Vec::new();
        json_links(&answer.json(), &mut links);
        for link in links {
            let href = link["href"].as_str().expect("an address");
            assert_eq!(
                href.contains('{'),
                link["templated"] == true,
                "{target}: {href}"
            );
            assert!(
                link["title"].is_string() && link["rel"].is_string(),
                "{target}: {link}"
            );
            let next = filled(
                href.strip_prefix(BASE)
                    .unwrap_or_else(|| panic!("{target}: {href}")),
            );
            let media = link["type"].as_str().expect("a type");
            let linked = server.get(&next).await;
            if linked.status == 204 {
                assert_eq!(linked.header("buju-number-returned"), "0", "{next}");
                continue;
            }
            if linked.status == 404 && link["templated"] == true {
                // That collection has no tile there, and its tileset says so.
                let problem = linked.json();
                let detail = problem["detail"].as_str().unwrap_or_default();
                assert!(detail.contains("beyond the limits"), "{next}: {detail}");
                continue;
            }
            assert_eq!(linked.status, 200, "{target}: {next}");
            let sent = linked.header("content-type");
            assert_eq!(sent.split("; ").next(), Some(media), "{target}: {next}");
            links_seen += 1;
            if seen.insert(next.clone()) {
                open.push(next);
            }
        }
    }
    assert!(
        seen.len() > 100 && links_seen > 300,
        "{} documents, {links_seen} links",
        seen.len()
    );
}

/// Attributes of every tag that has an address: the tag's text.
fn tags(html: &str) -> impl Iterator<Item = &str> {
    html.split('<')
        .skip(1)
        .filter_map(|rest| rest.split_once('>'))
        .map(|(tag, _)| tag)
}

fn attribute<'a>(tag: &'a str, name: &str) -> Option<&'a str> {
    tag.split_once(&format!(" {name}=\""))?.1.split('"').next()
}

/// Elements close in the order in which they open, and nothing runs or styles itself.
pub fn well_formed(html: &str, target: &str) {
    const VOID: [&str; 5] = ["meta", "link", "br", "input", "img"];
    let mut open: Vec<&str> = Vec::new();
    for tag in tags(html).filter(|tag| !tag.starts_with('!')) {
        if let Some(name) = tag.strip_prefix('/') {
            assert_eq!(open.pop(), Some(name), "{target}");
            continue;
        }
        let name = tag.split(' ').next().unwrap_or_default();
        assert!(name != "script" && name != "style", "{target}: {tag}");
        assert!(
            attribute(tag, "style").is_none() && !tag.contains(" on"),
            "{target}: {tag}"
        );
        if name == "svg" {
            assert!(
                attribute(tag, "aria-label").is_some_and(|label| !label.is_empty()),
                "{target}"
            );
        }
        if !VOID.contains(&name) {
            open.push(name);
        }
    }
    assert!(open.is_empty(), "{target}: {open:?}");
    assert_eq!(html.matches("<h1>").count(), 1, "{target}");
    let ids: Vec<_> = tags(html).filter_map(|tag| attribute(tag, "id")).collect();
    assert_eq!(
        ids.iter().collect::<HashSet<_>>().len(),
        ids.len(),
        "{target}"
    );
}

#[tokio::test]
async fn every_link_of_every_page_is_true() {
    let server = Server::new(support::store());
    let mut open = vec![
        "/collections?lang=en".to_owned(),
        "/collections/road-works/items?limit=7".to_owned(),
    ];
    let mut seen: HashSet<String> = open.iter().cloned().collect();
    let mut typed = HashSet::new();
    let mut pages = 0;
    while let Some(target) = open.pop() {
        let answer = server.send("GET", &target, &[("accept", BROWSER)]).await;
        assert_eq!(answer.status, 200, "{target}");
        if !answer.header("content-type").starts_with("text/html")
            || target.starts_with("/?")
            || target == "/"
        {
            continue;
        }
        let policy = answer.header("content-security-policy");
        assert!(
            policy.contains("default-src 'none'") && !policy.contains("script-src"),
            "{target}"
        );
        let html = String::from_utf8(answer.body).expect("UTF-8");
        well_formed(&html, &target);
        pages += 1;
        for tag in tags(&html) {
            let Some(href) = attribute(tag, "href").filter(|href| !href.starts_with('#')) else {
                continue;
            };
            let href = href.replace("&amp;", "&");
            // Of this server: with its host, or on whatever host the page is.
            let next = href.strip_prefix(BASE).unwrap_or(&href).to_owned();
            assert!(next.starts_with('/'), "{target}: {href}");
            if let Some(media) = attribute(tag, "type") {
                // One feature as a file is made as another is: a form per collection will do.
                let kind = next
                    .split_once("?id=")
                    .map_or(next.clone(), |(items, rest)| {
                        let form = rest.split_once('&').map_or("", |(_, form)| form);
                        format!("{items}?{form}")
                    });
                if !typed.insert(kind) {
                    continue;
                }
                let linked = server.send("GET", &next, &[("accept", BROWSER)]).await;
                assert_eq!(linked.status, 200, "{target}: {next}");
                assert!(
                    linked.header("content-type").starts_with(media),
                    "{target}: {next}"
                );
            } else if seen.insert(next.clone()) {
                open.push(next);
            }
        }
    }
    assert!(pages > 300, "{pages} pages");
}

/// A format that has no room for so many columns, or that is bound to another CRS, is not linked to.
#[tokio::test]
async fn no_link_leads_to_a_format_that_always_refuses() {
    let columns = (0..2001)
        .map(|at| support::column(&format!("c{at}"), buju::model::ColumnType::Integer, false))
        .collect();
    let row = (None, vec![buju::model::Value::Null; 2001]);
    let server = Server::new(support::made_up(columns, vec![row]));
    let formats = |document: &Json| {
        let mut links = Vec::new();
        json_links(document, &mut links);
        let hrefs = links.iter().filter_map(|link| link["href"].as_str());
        let formats = hrefs
            .filter_map(|href| href.split_once("f="))
            .map(|(_, format)| format.to_owned());
        formats.collect::<HashSet<_>>()
    };
    let items = server.get("/collections/shapes/items?limit=1").await.json();
    let collection = server.get("/collections/shapes").await.json();
    for document in [&items, &collection] {
        let offered = formats(document);
        for format in ["gpkg", "shp"] {
            assert!(!offered.contains(format), "{format}: {offered:?}");
        }
        for format in ["csv", "xlsx", "kml", "parquet", "fgb"] {
            assert!(offered.contains(format), "{format}: {offered:?}");
            let answer = server
                .get(&format!("/collections/shapes/items?f={format}"))
                .await;
            assert_eq!(answer.status, 200, "{format}");
        }
    }
    let few = server
        .get("/collections/shapes/items?limit=1&properties=c1")
        .await
        .json();
    assert!(formats(&few).contains("gpkg"));
    let crs = "http://www.opengis.net/def/crs/EPSG/0/3857";
    let page = server
        .get(&format!("/collections/shapes/items?crs={crs}"))
        .await
        .json();
    assert!(
        !formats(&page)
            .iter()
            .any(|format| format.starts_with("kml")),
        "{page}"
    );
    for path in ["/collections/shapes/items?limit=1", "/collections/shapes"] {
        let page = server
            .get(&format!(
                "{path}{}f=html",
                if path.contains('?') { "&" } else { "?" }
            ))
            .await;
        let text = String::from_utf8_lossy(&support::expanded(&page)).into_owned();
        assert!(!text.contains("f=gpkg") && text.contains("f=csv"), "{path}");
    }
}
