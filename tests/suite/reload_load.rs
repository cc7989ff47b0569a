//! A hundred reloads under load: no answer fails, and none is of two versions.

use std::collections::HashMap;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use buju::http::{Limits, Phase, router, serve};
use serde_json::Value as Json;
use ureq::Agent;

use crate::reload::{ALPHA, BRAVO, Edition, TOKEN, Town, app};

const RELOADS: usize = 100;

/// What a client got.
struct Got {
    status: u16,
    tag: String,
    matched: Option<usize>,
    next: Option<String>,
    body: Vec<u8>,
}

#[derive(Clone)]
struct Client {
    agent: Agent,
    base: String,
}

impl Client {
    fn new(address: SocketAddr) -> Self {
        let agent = Agent::config_builder()
            .http_status_as_error(false)
            .proxy(None)
            .timeout_global(Some(Duration::from_secs(60)))
            .build();
        Self {
            agent: agent.into(),
            base: format!("http://{address}"),
        }
    }

    fn get(&self, target: &str, headers: &[(&str, &str)]) -> Got {
        let mut request = self.agent.get(format!("{}{target}", self.base));
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let mut response = request
            .call()
            .unwrap_or_else(|error| panic!("{target}: {error}"));
        let header = |name: &str| {
            let value = response.headers().get(name);
            value
                .and_then(|value| value.to_str().ok())
                .map(str::to_owned)
        };
        let next = header("link").and_then(|links| {
            let (before, _) = links.split_once(">; rel=\"next\"")?;
            Some(before.rsplit_once('<')?.1.to_owned())
        });
        let matched = header("buju-number-matched").and_then(|count| count.parse().ok());
        let (status, tag) = (
            response.status().as_u16(),
            header("etag").unwrap_or_default(),
        );
        let body = response
            .body_mut()
            .with_config()
            .limit(1 << 26)
            .read_to_vec();
        Got {
            status,
            tag,
            matched,
            next,
            // A download that is broken off is an error here.
            body: body.unwrap_or_else(|error| panic!("{target}: {error}")),
        }
    }

    fn reload(&self) -> Json {
        let request = self.agent.post(format!("{}/admin/reload", self.base));
        let request = request.header("authorization", format!("Bearer {TOKEN}"));
        let mut response = request.send_empty().expect("an answer");
        let body = response.body_mut().read_to_vec().expect("a body");
        assert_eq!(response.status(), 200, "{}", String::from_utf8_lossy(&body));
        serde_json::from_slice(&body).expect("JSON")
    }
}

/// Which edition each version is.
type Editions = HashMap<String, &'static Edition>;

/// The edition that an answer's tag promises; all of its body must be of that.
fn promised(editions: &Editions, got: &Got, target: &str) -> &'static Edition {
    assert_eq!(
        got.status,
        200,
        "{target}: {}",
        String::from_utf8_lossy(&got.body)
    );
    let version = got
        .tag
        .trim_start_matches("W/")
        .trim_matches('"')
        .split('-')
        .next();
    let version = version.unwrap_or_default();
    editions
        .get(version)
        .unwrap_or_else(|| panic!("{target}: nobody knows {}", got.tag))
}

fn holds(body: &[u8], name: &str) -> bool {
    memchr::memmem::find(body, name.as_bytes()).is_some()
}

/// Nothing in an answer is of another edition.
fn of_one(editions: &Editions, got: &Got, target: &str) -> &'static Edition {
    let edition = promised(editions, got, target);
    let other = if *edition == ALPHA { &BRAVO } else { &ALPHA };
    assert!(
        !holds(&got.body, other.name),
        "{target}: not of {} alone",
        edition.name
    );
    // Of all features, where nothing else is asked for.
    if let Some(matched) = got.matched.filter(|_| !target.contains("rank=")) {
        assert_eq!(matched, edition.features, "{target}");
    }
    edition
}

/// The same of an answer that has features.
fn consistent(editions: &Editions, got: &Got, target: &str) -> &'static Edition {
    let edition = of_one(editions, got, target);
    assert!(holds(&got.body, edition.name), "{target}: of no edition");
    edition
}

/// All pages, each of whatever version is served then.
fn walk(client: &Client, editions: &Editions, first: &str) -> usize {
    let mut target = first.to_owned();
    for pages in 1.. {
        let got = client.get(&target, &[]);
        let edition = of_one(editions, &got, &target);
        let page: Json = serde_json::from_slice(&got.body).expect("JSON");
        // A cursor from behind the last feature of this edition is at its end.
        assert!(page["numberReturned"] == 0 || holds(&got.body, edition.name));
        let matched = page["numberMatched"].as_u64();
        assert_eq!(
            matched,
            got.matched.map(|matched| matched as u64),
            "{target}"
        );
        let links = page["links"].as_array().expect("links").iter();
        let next = links
            .filter(|link| link["rel"] == "next")
            .find_map(|link| link["href"].as_str());
        let Some(next) = next.and_then(|next| next.strip_prefix(&client.base)) else {
            return pages;
        };
        next.clone_into(&mut target);
    }
    0
}

fn download(client: &Client, editions: &Editions) {
    let target = "/collections/shapes/items?f=csv";
    let got = client.get(target, &[]);
    let edition = consistent(editions, &got, target);
    assert!(got.body.len() > 1 << 20, "it leaves while it is made");
    let mut reader = csv::Reader::from_reader(&got.body[..]);
    let rows = reader.records().map(|row| row.expect("a row"));
    let of_edition = rows.filter(|row| row.iter().any(|cell| cell == edition.name));
    assert_eq!(of_edition.count(), edition.features);
    // Some rows and, by the header's link, those after them: of whatever is served then.
    let target = "/collections/shapes/items?f=csv&limit=50";
    let got = client.get(target, &[]);
    consistent(editions, &got, target);
    let next = got.next.expect("a link");
    let next = next.strip_prefix(&client.base).expect("of this server");
    let got = client.get(next, &[]);
    consistent(editions, &got, next);
    let rows = csv::Reader::from_reader(&got.body[..]).into_records();
    assert_eq!(rows.count(), 50);
}

fn tile(client: &Client, editions: &Editions, last: &mut String) {
    let target = "/tiles/14/13717/6696.mvt";
    let mut got = client.get(
        target,
        &[("accept-encoding", "gzip"), ("if-none-match", last)],
    );
    if got.status == 304 {
        assert_eq!(got.tag, *last);
        return;
    }
    got.body = expanded(&got.body);
    consistent(editions, &got, target);
    last.clone_from(&got.tag);
}

fn expanded(body: &[u8]) -> Vec<u8> {
    let mut out = Vec::new();
    let mut decoder = flate2::read::GzDecoder::new(body);
    std::io::Read::read_to_end(&mut decoder, &mut out).expect("gzip");
    out
}

fn statistics(client: &Client, editions: &Editions) {
    let target = "/collections/shapes/statistics?properties=rank&group-by=edition";
    let got = client.get(target, &[]);
    let edition = consistent(editions, &got, target);
    let json: Json = serde_json::from_slice(&got.body).expect("JSON");
    assert_eq!(json["numberMatched"], edition.features, "{json}");
}

fn documents(client: &Client, editions: &Editions) {
    for target in [
        "/collections/shapes/items/p0001",
        "/f/shapes/p0001",
        "/collections/shapes/items?f=html&limit=5",
        "/tiles/14/13717/6696.geojson?collections=shapes",
        "/collections/shapes/items?rank=3..5&limit=20",
    ] {
        consistent(editions, &client.get(target, &[]), target);
    }
}

/// Answers so far, by what was asked.
#[derive(Default)]
struct Asked([AtomicUsize; 6]);

fn load(client: &Client, editions: &Editions, at: usize, asked: &Asked) {
    match at {
        0 => drop(walk(client, editions, "/collections/shapes/items?limit=90")),
        1 => drop(walk(
            client,
            editions,
            "/collections/shapes/items?limit=70&sortby=-rank",
        )),
        2 => download(client, editions),
        3 => tile(client, editions, &mut String::new()),
        4 => statistics(client, editions),
        _ => documents(client, editions),
    }
    asked.0[at].fetch_add(1, Ordering::Relaxed);
}

#[test]
fn a_hundred_reloads_under_load() {
    let town = Town::new();
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    let listener = runtime.block_on(tokio::net::TcpListener::bind("127.0.0.1:0"));
    let listener = listener.expect("a port");
    let client = Client::new(listener.local_addr().expect("an address"));
    let routes = router(app(&town));
    runtime.spawn(serve(
        listener,
        routes,
        Limits::default(),
        tokio::sync::watch::channel(Phase::Serving).1,
    ));

    town.publish(&BRAVO);
    let told = client.reload();
    let name = |version: &Json| version.as_str().expect("a version").to_owned();
    let editions = Editions::from([
        (name(&told["previous"]), &ALPHA),
        (name(&told["version"]), &BRAVO),
    ]);
    assert_eq!(editions.len(), 2);

    let (stop, asked) = (AtomicBool::new(false), Asked::default());
    let tags = std::thread::scope(|scope| {
        let clients: Vec<_> = (0..6)
            .map(|at| {
                let (client, editions, asked, stop) = (client.clone(), &editions, &asked, &stop);
                scope.spawn(move || {
                    while !stop.load(Ordering::Relaxed) {
                        load(&client, editions, at, asked);
                    }
                })
            })
            .collect();
        // One that asks again and again whether what it has is still that.
        let watcher = scope.spawn(|| {
            let (mut last, mut seen) = (String::new(), 0);
            while !stop.load(Ordering::Relaxed) {
                let before = last.clone();
                tile(&client, &editions, &mut last);
                seen += usize::from(last != before);
            }
            seen
        });
        let reloads = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
            for turn in 0..RELOADS {
                let edition = [&ALPHA, &BRAVO][turn % 2];
                town.publish(edition);
                let told = client.reload();
                assert_eq!(told["result"], "swapped", "{turn}: {told}");
                assert_eq!(editions[&name(&told["version"])], edition);
                // From here on nobody gets the old one.
                let target = "/collections/shapes/items?limit=2";
                assert_eq!(
                    consistent(&editions, &client.get(target, &[]), target),
                    edition
                );
                assert!(
                    !clients
                        .iter()
                        .any(std::thread::ScopedJoinHandle::is_finished),
                    "a client has failed"
                );
            }
        }));
        stop.store(true, Ordering::Relaxed);
        for client in clients {
            client.join().expect("no answer that failed");
        }
        let seen = watcher.join().expect("no answer that failed");
        reloads.expect("no reload that failed");
        seen
    });
    let counts = asked.0.map(AtomicUsize::into_inner);
    println!("answers by kind: {counts:?}; {tags} versions of a tile");
    assert!(counts.iter().all(|count| *count > 20), "{counts:?}");
    assert!(tags > RELOADS / 2, "{tags}");
    nothing_failed(&client);
}

fn nothing_failed(client: &Client) {
    let metrics = client.get("/metrics", &[]);
    let metrics = String::from_utf8(metrics.body).expect("UTF-8");
    let sample = |name: &str| {
        let line = metrics
            .lines()
            .find_map(|line| line.strip_prefix(name)?.strip_prefix(' '));
        line.unwrap_or_else(|| panic!("no {name}")).to_owned()
    };
    assert_eq!(
        sample("buju_reloads_total{result=\"swapped\"}"),
        (RELOADS + 1).to_string()
    );
    assert_eq!(sample("buju_reloads_total{result=\"refused\"}"), "0");
    for kind in ["tile", "items", "statistics", "other"] {
        let failed = format!("buju_http_requests_total{{kind=\"{kind}\",status=\"5xx\"}}");
        assert_eq!(sample(&failed), "0");
    }
    // The last answer of an old version frees it.
    let start = Instant::now();
    loop {
        let metrics = String::from_utf8(client.get("/metrics", &[]).body).expect("UTF-8");
        if metrics.lines().any(|line| line == "buju_snapshots 1") {
            break;
        }
        assert!(
            start.elapsed() < Duration::from_secs(30),
            "old versions are held"
        );
        std::thread::sleep(Duration::from_millis(50));
    }
}
