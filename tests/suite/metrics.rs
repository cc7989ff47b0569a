//! `/metrics`, read as Prometheus reads it.

#![expect(clippy::float_cmp, reason = "counts are whole numbers")]

use std::collections::HashMap;

use crate::support::{self, Server};

/// Samples by name and labels, and metrics by name.
#[derive(Debug, Default)]
struct Scrape {
    kinds: HashMap<String, String>,
    samples: HashMap<(String, Vec<(String, String)>), f64>,
}

/// Reads the text format (Prometheus' documentation, "Exposition formats"): every line is one of those that it
/// describes, a metric's lines stand together, and no sample comes twice.
fn read(text: &str) -> Scrape {
    let mut out = Scrape::default();
    assert!(text.ends_with('\n'));
    let mut current = String::new();
    for line in text.lines() {
        if let Some(rest) = line.strip_prefix("# HELP ") {
            let (name, help) = rest.split_once(' ').expect("a text");
            assert!(!help.is_empty() && is_name(name), "{line}");
            assert!(!out.kinds.contains_key(name), "twice: {line}");
            name.clone_into(&mut current);
        } else if let Some(rest) = line.strip_prefix("# TYPE ") {
            let (name, kind) = rest.split_once(' ').expect("a type");
            assert!(["counter", "gauge", "histogram"].contains(&kind), "{line}");
            assert_eq!(name, current, "its help stands before");
            assert!(
                out.kinds.insert(name.to_owned(), kind.to_owned()).is_none(),
                "{line}"
            );
        } else {
            let (name, labels, value) = sample(line);
            let kind = out.kinds.get(&current).expect("a type before");
            let parts: &[&str] = match kind.as_str() {
                "histogram" => &["_bucket", "_sum", "_count"],
                _ => &[""],
            };
            assert!(
                parts.iter().any(|part| name == format!("{current}{part}")),
                "{line} in {current}"
            );
            assert_eq!(kind == "counter", name.ends_with("_total"), "{line}");
            assert!(
                out.samples.insert((name, labels), value).is_none(),
                "twice: {line}"
            );
        }
    }
    out
}

fn is_name(text: &str) -> bool {
    let letter = |char: char| char.is_ascii_alphabetic() || char == '_' || char == ':';
    text.starts_with(letter)
        && text
            .chars()
            .all(|char| letter(char) || char.is_ascii_digit())
}

fn sample(line: &str) -> (String, Vec<(String, String)>, f64) {
    let (head, value) = line.rsplit_once(' ').expect("a value");
    let value = value.parse().unwrap_or_else(|_| panic!("{line}"));
    let Some((name, rest)) = head.split_once('{') else {
        assert!(is_name(head), "{line}");
        return (head.to_owned(), Vec::new(), value);
    };
    assert!(is_name(name), "{line}");
    let mut rest = rest.strip_suffix('}').expect("an end");
    let mut labels = Vec::new();
    while !rest.is_empty() {
        let (label, after) = rest.split_once("=\"").expect("a label");
        assert!(is_name(label) && !label.contains(':'), "{line}");
        let mut text = String::new();
        let mut chars = after.chars();
        loop {
            match chars.next().expect("a closing quote") {
                '"' => break,
                '\\' => text.push(match chars.next() {
                    Some('n') => '\n',
                    Some(char @ ('\\' | '"')) => char,
                    other => panic!("{other:?} in {line}"),
                }),
                char => text.push(char),
            }
        }
        labels.push((label.to_owned(), text));
        rest = chars.as_str();
        rest = rest.strip_prefix(',').unwrap_or(rest);
    }
    (name.to_owned(), labels, value)
}

impl Scrape {
    fn of(&self, name: &str, labels: &[(&str, &str)]) -> f64 {
        let labels = labels
            .iter()
            .map(|(name, text)| ((*name).to_owned(), (*text).to_owned()));
        let key = (name.to_owned(), labels.collect());
        *self
            .samples
            .get(&key)
            .unwrap_or_else(|| panic!("no {key:?} in {:#?}", self.samples.keys()))
    }
}

async fn scrape(server: &Server) -> Scrape {
    let answer = server.get("/metrics").await;
    assert_eq!(answer.status, 200);
    assert_eq!(
        answer.header("content-type"),
        "text/plain; version=0.0.4; charset=utf-8"
    );
    assert_eq!(answer.header("cache-control"), "no-store");
    read(&String::from_utf8(answer.body).expect("UTF-8"))
}

const TILE: &str = "/tiles/15/27431/13384.mvt";

#[tokio::test]
async fn every_answer_is_counted() {
    let server = Server::new(support::store());
    let before = scrape(&server).await;
    let count = |scrape: &Scrape, kind, status| {
        scrape.of(
            "buju_http_requests_total",
            &[("kind", kind), ("status", status)],
        )
    };
    assert_eq!(count(&before, "tile", "2xx"), 0.0);
    let tag = server.get(TILE).await.header("etag").to_owned();
    server.get(TILE).await;
    assert_eq!(
        server
            .send("GET", TILE, &[("if-none-match", &tag)])
            .await
            .status,
        304
    );
    for target in [
        "/tiles/15/x/0.mvt",
        "/tiles/99/0/0.mvt",
        "/collections/parcels/items?far=2",
        "/collections/parcels/items",
        "/no/such/thing",
    ] {
        server.get(target).await;
    }
    server.send("DELETE", "/plan", &[]).await;
    server.send("OPTIONS", "/search", &[]).await;
    let after = scrape(&server).await;
    for (kind, status, expected) in [
        ("tile", "2xx", 2.0),
        ("tile", "3xx", 1.0),
        ("tile", "4xx", 2.0),
        ("items", "2xx", 1.0),
        ("items", "4xx", 1.0),
        ("other", "4xx", 2.0),
        ("search", "2xx", 1.0),
        ("server", "2xx", 1.0),
        ("tile", "5xx", 0.0),
    ] {
        assert_eq!(count(&after, kind, status), expected, "{kind} {status}");
    }
    // The tile was made once, and asked for three times.
    assert_eq!(after.of("buju_cache_hits_total", &[]), 2.0);
    assert!(after.of("buju_cache_answers", &[]) >= 2.0);
    assert!(after.of("buju_cache_bytes", &[]) > 1000.0);
    assert_eq!(
        after.of("buju_cache_capacity_bytes", &[]),
        f64::from(16 << 20)
    );
}

#[tokio::test]
async fn a_histogram_is_one() {
    let server = Server::new(support::store());
    for _ in 0..5 {
        server.get(TILE).await;
    }
    let scrape = scrape(&server).await;
    let name = "buju_http_request_duration_seconds";
    assert_eq!(scrape.kinds[name], "histogram");
    for kind in [
        "tile",
        "items",
        "statistics",
        "search",
        "basemap",
        "asset",
        "server",
        "other",
    ] {
        let of_kind = |(name_, labels): &&(String, Vec<(String, String)>)| {
            *name_ == format!("{name}_bucket") && labels[0].1 == kind
        };
        let mut bins: Vec<(f64, f64)> = scrape
            .samples
            .keys()
            .filter(of_kind)
            .map(|key| {
                (
                    key.1[1].1.replace("+Inf", "inf").parse().expect("a bound"),
                    scrape.samples[key],
                )
            })
            .collect();
        bins.sort_by(|a, b| a.0.total_cmp(&b.0));
        assert!(
            bins.len() == 9 && bins.is_sorted_by(|a, b| a.1 <= b.1),
            "{bins:?}"
        );
        let all = scrape.of(&format!("{name}_count"), &[("kind", kind)]);
        assert_eq!(bins[8], (f64::INFINITY, all));
        let classes = ["1xx", "2xx", "3xx", "4xx", "5xx"].map(|status| {
            scrape.of(
                "buju_http_requests_total",
                &[("kind", kind), ("status", status)],
            )
        });
        assert_eq!(classes.iter().sum::<f64>(), all, "{kind}");
        let sum = scrape.of(&format!("{name}_sum"), &[("kind", kind)]);
        assert!((all > 0.0) == (sum > 0.0) && sum < 60.0, "{kind}: {sum}");
    }
}

#[tokio::test]
async fn the_version_that_is_served_is_told() {
    let server = Server::new(support::store());
    let ready = server.get("/readyz").await.json();
    let scrape = scrape(&server).await;
    let version = ready["version"].as_str().expect("a version");
    let info = [("plan", "taopu-2021-2025"), ("version", version)];
    assert_eq!(scrape.of("buju_snapshot_info", &info), 1.0);
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
    let now = now.expect("a time").as_secs_f64();
    for name in [
        "buju_snapshot_loaded_timestamp_seconds",
        "process_start_time_seconds",
    ] {
        assert!((now - scrape.of(name, &[])).abs() < 60.0, "{name}");
    }
    let features = |(name, _): &&(String, Vec<_>)| *name == "buju_snapshot_features";
    let features: f64 = scrape
        .samples
        .keys()
        .filter(features)
        .map(|key| scrape.samples[key])
        .sum();
    assert_eq!(Some(features), ready["features"].as_f64());
    assert_eq!(scrape.of("buju_snapshot_warnings", &[]), 1.0);
    assert_eq!(scrape.of("buju_snapshots", &[]), 1.0);
    assert_eq!(scrape.of("buju_reload_failed", &[]), 0.0);
    assert_eq!(scrape.of("buju_reload_watching", &[]), 0.0);
    assert_eq!(
        scrape.of("buju_reloads_total", &[("result", "swapped")]),
        0.0
    );
    #[cfg(target_os = "linux")]
    assert!(scrape.of("process_resident_memory_bytes", &[]) > 1e6);
    assert_eq!(server.get("/metrics?x=1").await.status, 400);
}
