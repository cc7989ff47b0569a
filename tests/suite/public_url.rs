//! A server behind a proxy: below a path of its host, and asked by names that it does not know.

use std::io::{BufRead, BufReader};
use std::process::{Command, Stdio};

use buju::http::{App, Settings};

use crate::api_links::BROWSER;
use crate::support::{Answer, Server, store};

fn behind(url: &str) -> Server {
    let public_url = Some(url.parse().expect("a URL"));
    let settings = Settings {
        public_url,
        cache: 16 << 20,
        ..Settings::default()
    };
    Server::of(App::new(store(), settings))
}

fn text(answer: &Answer) -> String {
    String::from_utf8(answer.body.clone()).expect("UTF-8")
}

/// What a browser would ask for next: every address of a page that is not another site's.
fn addresses(html: &str) -> Vec<String> {
    let mut all = Vec::new();
    for name in [" href=\"", " src=\"", " action=\"", " srcset=\""] {
        for part in html.split(name).skip(1) {
            let href = part.split('"').next().expect("an end");
            all.push(href.replace("&amp;", "&"));
        }
    }
    all
}

#[tokio::test]
async fn every_address_of_a_page_is_below_the_path() {
    for root in ["/town", "/plan", "/a/b"] {
        let url = format!("https://host.example{root}");
        let server = behind(&url);
        let mut seen = 0;
        for target in [
            "/",
            "/?v=works&lang=en",
            "/collections?f=html",
            "/collections/parcels/items?f=html&limit=2",
            "/f/parcels/medicine-logistics-centre-extension",
            "/f/parcels/nothing",
            "/search?q=qls&f=html",
            "/api?f=html",
            "/tiles?f=html",
            "/nothing",
        ] {
            // The proxy takes the path away, or leaves it.
            for asked in [target.to_owned(), format!("{root}{target}")] {
                let page = server.send("GET", &asked, &[("accept", BROWSER)]).await;
                let html = text(&page);
                assert!(
                    page.header("content-type").starts_with("text/html"),
                    "{asked}"
                );
                for address in addresses(&html) {
                    if address.starts_with('#') || address.starts_with("https://www.") {
                        continue;
                    }
                    let path = address
                        .strip_prefix("https://host.example")
                        .unwrap_or(&address);
                    let below = path
                        .strip_prefix(root)
                        .unwrap_or_else(|| panic!("{address} of {asked}"));
                    assert!(below.starts_with('/'), "{address} of {asked}");
                    seen += 1;
                }
            }
        }
        assert!(seen > 500, "{seen}");
    }
}

#[tokio::test]
async fn the_path_may_be_taken_away_or_left() {
    let server = behind("https://host.example/town");
    for target in [
        "/plan",
        "/?f=json",
        "/collections/parcels/items?limit=2",
        "/tiles/15/27431/13384.mvt",
        "/tiles.json",
        "/poster/municipal.svg",
        "/sw.js",
        "/healthz",
        "/collections/nothing",
    ] {
        let taken = server.get(target).await;
        let left = server.get(&format!("/town{target}")).await;
        assert_eq!(taken.status, left.status, "{target}");
        assert_eq!(taken.headers, left.headers, "{target}");
        assert!(taken.body == left.body, "{target}");
        assert!(!text_or_bytes(&left).contains("/town/town"), "{target}");
    }
    let links = server.get("/town/collections").await.json();
    assert_eq!(
        links["links"][0]["href"],
        "https://host.example/town/collections"
    );
    // Without its slash, a folder has no files.
    let moved = server.get("/town?v=works").await;
    assert_eq!(
        (moved.status.as_u16(), moved.header("location")),
        (308, "/town/?v=works")
    );
    // A path with the name of a route is one.
    let plan = behind("https://host.example/plan");
    assert!(plan.get("/plan").await.json()["views"].is_array());
    assert!(plan.get("/plan/plan").await.json()["views"].is_array());
    let tiles = behind("https://host.example/tiles");
    let tile = tiles.get("/tiles/15/27431/13384.mvt").await;
    assert!(
        tile.status == 200 && tile.body == tiles.get("/tiles/tiles/15/27431/13384.mvt").await.body
    );
}

fn text_or_bytes(answer: &Answer) -> String {
    String::from_utf8_lossy(&answer.body).into_owned()
}

#[tokio::test]
async fn links_name_no_host_that_a_client_made_up() {
    let settings = Settings {
        allowed_hosts: vec!["plan.example".parse().expect("a host")],
        cache: 16 << 20,
        ..Settings::default()
    };
    let server = Server::of(App::new(store(), settings));
    let targets = [
        "/?f=json",
        "/collections",
        "/collections/parcels/items?limit=1",
        "/collections/parcels/items?limit=1&f=html",
        "/collections/parcels/items?limit=1&f=csv",
        "/tiles.json",
        "/api",
        "/search?q=qls",
        "/f/parcels/medicine-logistics-centre-extension",
        "/?v=works&f=",
        "/nothing",
    ];
    for target in targets {
        for accept in ["*/*", BROWSER] {
            let ask = async |host: &str| {
                let headers = [("host", host), ("accept", accept)];
                server.send("GET", target, &headers).await
            };
            let evil = ask("evil.example").await;
            let head = format!("{:?}", evil.headers);
            assert!(
                !text_or_bytes(&evil).contains("evil") && !head.contains("evil"),
                "{target}"
            );
            // The same for all such, so that one answer serves everybody; and none of a host that is known.
            let other = ask("203.0.113.5:81").await;
            assert!(
                evil.body == other.body && evil.headers == other.headers,
                "{target}"
            );
            let known = ask("plan.example").await;
            let tag = |answer: &Answer| answer.headers.get("etag").cloned();
            assert!(
                tag(&known).is_none() || tag(&known) != tag(&evil),
                "{target}"
            );
        }
    }
    let ask = async |host: &str| server.send("GET", "/collections", &[("host", host)]).await;
    for (host, href, cache) in [
        (
            "plan.example:81",
            "http://plan.example:81/collections",
            "public",
        ),
        ("evil.example", "/collections", "public"),
        // Nobody but who asks is sent there.
        (
            "127.0.0.1:8080",
            "http://127.0.0.1:8080/collections",
            "private",
        ),
        (
            "server-name:8080",
            "http://server-name:8080/collections",
            "private",
        ),
    ] {
        let answer = ask(host).await;
        assert_eq!(answer.json()["links"][0]["href"], href);
        let told = answer.header("cache-control");
        assert_eq!(
            told,
            format!("{cache}, max-age=60, must-revalidate"),
            "{host}"
        );
    }
}

/// A client that puts a link that is a path behind the slash of the address that it knows is sent to where that leads.
#[tokio::test]
async fn two_slashes_are_one() {
    let (plain, town) = (Server::new(store()), behind("https://host.example/town"));
    for (server, asked, to) in [
        (
            &plain,
            "//collections/parcels/items?limit=1",
            "/collections/parcels/items?limit=1",
        ),
        // Never another host.
        (&plain, "////evil.example/", "/evil.example/"),
        (&town, "/town//api", "/town/api"),
        (&town, "//api", "/town/api"),
    ] {
        let moved = server.get(asked).await;
        assert_eq!((moved.status.as_u16(), moved.header("location")), (308, to));
    }
}

#[test]
fn gdal_follows_links_that_are_paths() {
    let mut child = Command::new(env!("CARGO_BIN_EXE_buju"))
        .args(["serve", "--listen", "127.0.0.1:0"])
        .env_remove("BUJU_ALLOWED_HOSTS")
        .env_remove("BUJU_PUBLIC_URL")
        .stderr(Stdio::piped())
        .spawn()
        .expect("the program runs");
    let lines = BufReader::new(child.stderr.take().expect("its messages")).lines();
    let mut lines = lines.map_while(Result::ok);
    let port = lines.find_map(|line| {
        let rest = line.strip_prefix("http://127.0.0.1:")?.split('/').next()?;
        Some(rest.to_owned())
    });
    let port = port.expect("a port");
    // A name that leads to this machine, and that the server does not know.
    let mut answers = Vec::new();
    for slash in ["", "/"] {
        let out = Command::new("ogrinfo")
            .args([
                "-ro",
                &format!("OAPIF:http://plan.town.example:{port}{slash}"),
                "road-works",
            ])
            .args([
                "-oo",
                "PAGE_SIZE=5",
                "--config",
                "GDAL_HTTP_PROXY",
                &format!("127.0.0.1:{port}"),
            ])
            .output()
            .expect("GDAL runs");
        let told = String::from_utf8_lossy(&out.stdout).into_owned();
        answers.push((told.matches("\nOGRFeature").count(), out));
    }
    child.kill().expect("it runs");
    child.wait().expect("it ends");
    for (features, out) in answers {
        assert_eq!(features, 20, "{out:?}");
    }
}

#[tokio::test]
async fn a_request_has_one_host() {
    let server = Server::new(store());
    for (target, hosts) in [
        (
            "/healthz",
            vec![("host", "plan.example"), ("host", "plan.example")],
        ),
        (
            "/collections",
            vec![("host", "plan.example"), ("host", "other.example")],
        ),
        ("/", vec![("host", "plan.example/x")]),
        ("/plan", vec![("host", "a@plan.example")]),
        ("/plan", vec![("host", "plan.example:0x50")]),
    ] {
        let answer = server.send("GET", target, &hosts).await;
        assert_eq!(answer.status, 400, "{target} {hosts:?}");
        assert_eq!(answer.header("content-type"), "application/problem+json");
        let problem = answer.json();
        let detail = problem["detail"].as_str().expect("a detail");
        assert!(detail.starts_with("header Host: "), "{detail}");
    }
    // The absolute address wins.
    let answer = server
        .send(
            "GET",
            "http://plan.example/collections",
            &[("host", "evil.example")],
        )
        .await;
    assert_eq!(
        answer.json()["links"][0]["href"],
        "http://plan.example/collections"
    );
}

#[test]
fn a_public_url_that_is_none_is_refused_at_the_start() {
    for (option, text, word) in [
        ("--public-url", "javascript:alert(1)", "http://"),
        ("--public-url", "plan.example", "http://"),
        ("--public-url", "https://a:b@plan.example", "user name"),
        ("--public-url", "https://plan.example/?a", "query"),
        ("--public-url", "https://plan.example/#a", "fragment"),
        ("--public-url", "https://plan.example/a/../b", "path"),
        ("--allowed-host", "https://plan.example", "host name"),
        ("--allowed-host", "plan.example,*.example", "host name"),
    ] {
        let out = Command::new(env!("CARGO_BIN_EXE_buju"))
            .args(["serve", "--listen", "127.0.0.1:0", option, text])
            .env_remove("BUJU_PUBLIC_URL")
            .env_remove("BUJU_ALLOWED_HOSTS")
            .output()
            .expect("the program runs");
        let said = String::from_utf8_lossy(&out.stderr);
        assert_eq!(out.status.code(), Some(2), "{text}: {said}");
        assert!(
            said.contains(option) && said.contains(word),
            "{text}: {said}"
        );
    }
}
