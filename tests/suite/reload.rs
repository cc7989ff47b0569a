//! A newer version of the plan in the place of the running one.

#![expect(clippy::float_cmp, reason = "counts are whole numbers")]

use std::fmt::Write;
use std::fs;
use std::path::Path;
use std::time::Duration;

use axum::http::StatusCode;
use buju::http::{AdminToken, App, Settings};
use buju::ingest::PlanFiles;
use buju::store::Store;
use serde_json::{Value as Json, json};
use tempfile::TempDir;

use crate::support::{Answer, Server};

pub const TOKEN: &str = "a-token-for-the-tests";

/// What a town's plan says at one time. Its name is in everything that is answered.
#[derive(Debug, PartialEq, Eq)]
pub struct Edition {
    pub name: &'static str,
    pub features: usize,
}

pub const ALPHA: Edition = Edition {
    name: "edition-alpha",
    features: 400,
};
pub const BRAVO: Edition = Edition {
    name: "edition-bravo",
    features: 500,
};

/// The plan folder of a made-up town.
pub struct Town(TempDir);

impl Town {
    pub fn new() -> Self {
        let town = Self(TempDir::new().expect("a folder"));
        for part in ["seeds", "geodata"] {
            fs::create_dir(town.path().join(part)).expect("a folder");
        }
        town.write("seeds/plan.toml", PLAN);
        town.write("seeds/collections.toml", COLLECTIONS);
        town.publish(&ALPHA);
        town
    }

    pub fn path(&self) -> &Path {
        self.0.path()
    }

    pub fn files(&self) -> PlanFiles {
        PlanFiles::Folder(self.path().to_owned())
    }

    /// As programs do that mean well: beside it, and then in its place.
    pub fn write(&self, file: &str, text: &str) {
        let draft = self.path().join("draft");
        fs::write(&draft, text).expect("written");
        fs::rename(draft, self.path().join(file)).expect("renamed");
    }

    pub fn publish(&self, edition: &Edition) {
        self.write("geodata/shapes.geojson", &features(edition));
    }
}

/// Points in a grid around the town's middle, each with a kilobyte or two that no tile has.
pub fn features(edition: &Edition) -> String {
    let remark = "remark ".repeat(450);
    let mut out = "{\"type\":\"FeatureCollection\",\"features\":[".to_owned();
    for at in 0..edition.features {
        let comma = if at > 0 { "," } else { "" };
        // Of a grid of 25 columns, in ten thousandths of a degree.
        let (lon, lat) = (4_000 + at % 25 * 2, 1_960 + at / 25 * 2);
        let _ = write!(
            out,
            "{comma}\n{{\"type\":\"Feature\",\"id\":\"p{at:04}\",\"geometry\":{{\"type\":\"Point\",\"coordinates\":[121.{lon:04},31.{lat:04}]}},\
             \"properties\":{{\"edition\":\"{}\",\"rank\":{},\"remark\":\"{remark}\"}}}}",
            edition.name,
            at * 7 % 100,
        );
    }
    out + "]}"
}

const PLAN: &str = r#"id = "made-up-town"
title = { zh = "虚构", en = "A made-up town" }
source_title = { zh = "虚构", en = "A made-up plan" }
period = { start = 2021, end = 2025 }
issued = "2021"
attribution = [{ zh = "虚构", en = "Made up" }]
notice = { zh = "虚构", en = "Made up" }
extent = [121.3, 31.1, 121.5, 31.3]
view = { center = [121.4, 31.2], zoom = 14.0 }
"#;

const COLLECTIONS: &str = r##"
[[collections]]
id = "shapes"
title = { zh = "点", en = "Points" }
description = { zh = "虚构", en = "Made up" }
geometry = "point"
source = "shapes.geojson"
style = { color = "#b3261e" }
columns = ["edition", "rank", "remark"]

[columns.edition]
title = { zh = "版本", en = "Edition" }
type = "string"
role = "stated"
tile = true

[columns.rank]
title = { zh = "序", en = "Rank" }
type = "integer"
role = "stated"
indexed = true

[columns.remark]
title = { zh = "注", en = "Remark" }
type = "string"
role = "stated"
"##;

/// A server that follows a town's folder, and reloads when it is asked to.
pub fn app(town: &Town) -> App {
    let files = town.files();
    let stamp = files.stamp();
    let store = Store::open(&files, &mut |_| {}).expect("a plan");
    let settings = Settings {
        cache: 16 << 20,
        admin: AdminToken::parse(TOKEN).ok(),
        allowed_hosts: vec!["plan.example".parse().expect("a host")],
        ..Settings::default()
    };
    let app = App::new(store, settings);
    app.follow(files, stamp, false).expect("a thread");
    app
}

async fn post(server: &Server, token: &str) -> Answer {
    let bearer = format!("Bearer {token}");
    let headers = [("authorization", bearer.as_str())];
    server.send("POST", "/admin/reload", &headers).await
}

/// What `/readyz` tells those who have the token.
async fn ready_in_full(server: &Server) -> Json {
    let token = format!("Bearer {TOKEN}");
    let headers = [("authorization", token.as_str())];
    server.send("GET", "/readyz", &headers).await.json()
}

async fn reload(server: &Server) -> Json {
    let answer = post(server, TOKEN).await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.json());
    answer.json()
}

async fn version(server: &Server) -> Json {
    server.get("/readyz").await.json()["version"].clone()
}

const ITEMS: &str = "/collections/shapes/items?limit=1";
const TILE: &str = "/tiles/14/13717/6696.geojson";

#[tokio::test(flavor = "multi_thread")]
async fn a_new_version_is_served_whole_and_another_one_to_every_cache() {
    let town = Town::new();
    let server = Server::of(app(&town));
    let before = version(&server).await;
    let mut tags = Vec::new();
    for target in [ITEMS, TILE, "/plan", "/tiles.json"] {
        tags.push(server.get(target).await.header("etag").to_owned());
    }
    let kept = server.get(TILE).await;
    assert!(
        kept.json()["features"]
            .as_array()
            .is_some_and(|all| all.len() == 400)
    );
    assert_eq!(
        reload(&server).await,
        json!({ "result": "unchanged", "version": before })
    );
    let since = server.get("/readyz").await.json()["since"].clone();

    town.publish(&BRAVO);
    let told = reload(&server).await;
    assert_eq!(told["result"], "swapped");
    assert_eq!(told["previous"], before);
    assert_eq!(told["version"], version(&server).await);
    assert_ne!(told["version"], before);
    assert_eq!(
        (
            &told["features"],
            &told["added"],
            &told["removed"],
            &told["warnings"]
        ),
        (&json!(500), &json!(100), &json!(0), &json!(0))
    );
    for (target, old) in [ITEMS, TILE, "/plan", "/tiles.json"].iter().zip(tags) {
        let asked = [("if-none-match", old.as_str())];
        let answer = server.send("GET", target, &asked).await;
        assert_eq!(answer.status, StatusCode::OK, "{target}");
        assert_ne!(answer.header("etag"), old, "{target}");
    }
    let tile = server.get(TILE).await.json();
    let features = tile["features"].as_array().expect("features");
    assert!(
        features.len() == 500
            && features
                .iter()
                .all(|feature| feature["properties"]["edition"] == BRAVO.name)
    );
    assert_eq!(server.get(ITEMS).await.json()["numberMatched"], 500);

    // What went comes back, and is the same as before to every client.
    town.publish(&ALPHA);
    let told = reload(&server).await;
    assert_eq!((&told["version"], &told["removed"]), (&before, &json!(100)));
    let again = server.get(TILE).await;
    assert_eq!(again.header("etag"), kept.header("etag"));
    assert!(again.body == kept.body);
    assert!(server.get("/readyz").await.json()["since"].as_str() >= since.as_str());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_folder_with_errors_changes_nothing_and_says_so() {
    let town = Town::new();
    let server = Server::of(app(&town));
    let before = version(&server).await;
    let ready = server.get("/readyz").await.json();
    assert_eq!(
        ready["reload"],
        json!({ "status": "ok", "watching": false })
    );

    let broken = features(&BRAVO).replacen("\"rank\":7,", "\"rank\":\"seven\",", 1);
    town.write("geodata/shapes.geojson", &broken);
    for _ in 0..2 {
        let answer = post(&server, TOKEN).await;
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert_eq!(answer.header("content-type"), "application/problem+json");
        let problem = answer.json();
        assert_eq!(problem["detail"], "the plan has 1 error");
        assert_eq!(
            (&problem["errors"], &problem["version"]),
            (&json!(1), &before)
        );
        let finding = &problem["findings"][0];
        assert_eq!(
            (&finding["id"], &finding["column"]),
            (&json!("p0001"), &json!("rank"))
        );
    }
    assert_eq!(version(&server).await, before);
    let tile = server.get(TILE).await.json();
    assert!(
        tile["features"]
            .as_array()
            .is_some_and(|all| all.len() == 400)
    );
    let ready = server.get("/readyz").await;
    assert_eq!(
        (ready.status, &ready.json()["status"]),
        (StatusCode::OK, &json!("ready"))
    );
    let told = &ready.json()["reload"];
    assert_eq!(
        (&told["status"], &told["errors"]),
        (&json!("failed"), &json!(1))
    );
    // Only those who administer the server are told what is in the files.
    assert_eq!(told["first"], Json::Null);
    let told = &ready_in_full(&server).await["reload"];
    let first = told["first"].as_str().expect("a finding");
    assert!(
        first.starts_with("geodata/shapes.geojson feature 1, id p0001, column rank: "),
        "{first}"
    );
    let since = told["since"].as_str().expect("a time");
    assert!(
        since.len() == 20 && since.starts_with("20") && since.ends_with('Z'),
        "{since}"
    );
    assert_eq!(sample(&server, "buju_reload_failed").await, 1.0);
    assert_eq!(
        sample(&server, "buju_reloads_total{result=\"refused\"}").await,
        2.0
    );

    // Neither is a folder that is gone a plan without features.
    fs::rename(town.path().join("seeds"), town.path().join("elsewhere")).expect("renamed");
    assert_eq!(
        post(&server, TOKEN).await.status,
        StatusCode::UNPROCESSABLE_ENTITY
    );
    assert_eq!(version(&server).await, before);
    fs::rename(town.path().join("elsewhere"), town.path().join("seeds")).expect("renamed");
    // Nor one that is gone as a whole; everybody is told why, and not where it was.
    let beside = town.path().with_extension("beside");
    fs::rename(town.path(), &beside).expect("renamed");
    let problem = post(&server, TOKEN).await.json();
    fs::rename(&beside, town.path()).expect("renamed");
    let path = town.path().to_str().expect("a path");
    assert!(problem["detail"].to_string().contains(path), "{problem}");
    assert_eq!(problem["errors"], 1);
    let told = server.get("/readyz").await.json()["reload"].clone();
    assert_eq!(
        (&told["status"], &told["errors"]),
        (&json!("failed"), &json!(1))
    );
    let told = &ready_in_full(&server).await["reload"];
    let first = told["first"].as_str().expect("a reason");
    assert!(
        first.starts_with("the plan folder cannot be read: ") && !first.contains(path),
        "{first}"
    );
    assert_eq!(sample(&server, "buju_reload_errors").await, 1.0);

    town.publish(&BRAVO);
    assert_eq!(reload(&server).await["result"], "swapped");
    let ready = server.get("/readyz").await.json();
    assert_eq!(ready["reload"]["status"], "ok");
    assert_eq!(sample(&server, "buju_reload_failed").await, 0.0);
    // And mended by going back.
    town.write("geodata/shapes.geojson", &broken);
    assert_eq!(
        post(&server, TOKEN).await.status,
        StatusCode::UNPROCESSABLE_ENTITY
    );
    town.publish(&BRAVO);
    assert_eq!(reload(&server).await["result"], "unchanged");
    assert_eq!(server.get("/readyz").await.json()["reload"]["status"], "ok");
}

/// A metric, by its name with labels.
async fn sample(server: &Server, name: &str) -> f64 {
    let text = String::from_utf8(server.get("/metrics").await.body).expect("UTF-8");
    let lines = text.lines();
    let mut found = lines.filter_map(|line| line.strip_prefix(name)?.strip_prefix(' '));
    found
        .next()
        .and_then(|value| value.parse().ok())
        .unwrap_or_else(|| panic!("no {name} in {text}"))
}

#[tokio::test]
async fn a_reload_is_for_who_has_the_token() {
    let town = Town::new();
    let server = Server::of(app(&town));
    for (headers, word) in [
        (vec![], "Authorization: Bearer TOKEN"),
        (
            vec![("authorization", "Basic YTpi")],
            "Authorization: Bearer TOKEN",
        ),
        (
            vec![("authorization", "Bearer")],
            "Authorization: Bearer TOKEN",
        ),
        (vec![("authorization", "Bearer ")], "not the token"),
        (
            vec![("authorization", "Bearer a-token-for-the-test")],
            "not the token",
        ),
        (
            vec![("authorization", "Bearer a-token-for-the-tests2")],
            "not the token",
        ),
    ] {
        let answer = server.send("POST", "/admin/reload", &headers).await;
        assert_eq!(answer.status, StatusCode::UNAUTHORIZED, "{headers:?}");
        assert_eq!(answer.header("www-authenticate"), "Bearer realm=\"buju\"");
        let problem = answer.json();
        assert!(
            problem["detail"]
                .as_str()
                .is_some_and(|detail| detail.contains(word)),
            "{problem}"
        );
        assert!(!problem.to_string().contains(TOKEN));
    }
    let bearer = format!("bearer  {TOKEN} ");
    let allowed = ("authorization", bearer.as_str());
    let answer = server.send("POST", "/admin/reload", &[allowed]).await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.json());
    assert_eq!(answer.header("cache-control"), "no-store");
    for (method, target, more, status) in [
        ("GET", "/admin/reload", None, 405),
        ("HEAD", "/admin/reload", None, 405),
        ("PUT", "/admin/reload", None, 405),
        ("POST", "/admin/reload?force=true", None, 400),
        ("POST", "/admin/reload", Some(("content-length", "5")), 400),
        (
            "POST",
            "/admin/reload",
            Some(("transfer-encoding", "chunked")),
            400,
        ),
        ("POST", "/admin/reload", Some(("content-length", "0")), 200),
        ("POST", "/admin/reload/", None, 404),
        ("POST", "/plan", None, 405),
    ] {
        let headers: Vec<_> = [Some(allowed), more].into_iter().flatten().collect();
        let answer = server.send(method, target, &headers).await;
        assert_eq!(answer.status.as_u16(), status, "{method} {target} {more:?}");
        if status == 405 {
            let expected = if target == "/plan" {
                "GET, HEAD, OPTIONS"
            } else {
                "POST, OPTIONS"
            };
            assert_eq!(answer.header("allow"), expected, "{method} {target}");
        }
    }
    let options = server.send("OPTIONS", "/admin/reload", &[]).await;
    assert_eq!(options.header("allow"), "POST, OPTIONS");
    // No script of another page may send the token.
    let mut names = options.headers.keys();
    assert!(names.all(|name| !name.as_str().starts_with("access-control")));
}

#[tokio::test]
async fn without_a_token_nobody_may_reload() {
    let server = Server::new(crate::support::store());
    for token in ["", TOKEN] {
        let answer = post(&server, token).await;
        assert_eq!(answer.status, StatusCode::FORBIDDEN);
        let detail = answer.json()["detail"].to_string();
        assert!(detail.contains("BUJU_ADMIN_TOKEN"), "{detail}");
    }
}

/// A cursor holds the last row's place in the sort: it goes on in another version, or is refused.
#[tokio::test(flavor = "multi_thread")]
async fn a_cursor_goes_on_in_the_next_version_or_says_why_not() {
    let town = Town::new();
    let server = Server::of(app(&town));
    let next = async |target: &str| {
        let page = server.get(target).await.json();
        let links = page["links"].as_array().expect("links").iter();
        let next = links
            .filter(|link| link["rel"] == "next")
            .find_map(|link| link["href"].as_str());
        let next = next.and_then(|next| next.strip_prefix("http://plan.example"));
        next.map(str::to_owned)
    };
    let by_id = next("/collections/shapes/items?limit=300")
        .await
        .expect("a page");
    let by_rank = next("/collections/shapes/items?limit=300&sortby=rank")
        .await
        .expect("a page");
    town.publish(&BRAVO);
    reload(&server).await;
    let page = server.get(&by_id).await.json();
    assert_eq!(
        (&page["numberMatched"], &page["numberReturned"]),
        (&json!(500), &json!(200))
    );
    assert_eq!(page["features"][0]["id"], "p0300");
    let page = server.get(&by_rank).await;
    assert_eq!(page.status, StatusCode::OK);
    let ranks: Vec<_> = page.json()["features"]
        .as_array()
        .expect("features")
        .iter()
        .map(|feature| feature["properties"]["rank"].as_u64())
        .collect();
    // Of 400 rows with four of each rank, 300 are those up to 74.
    assert!(
        ranks.iter().all(|rank| *rank >= Some(74)) && ranks.is_sorted() && ranks.len() > 100,
        "{ranks:?}"
    );

    // The column that it is sorted by is another one, in another place.
    let columns = COLLECTIONS.replace(
        "[\"edition\", \"rank\", \"remark\"]",
        "[\"rank\", \"edition\", \"remark\"]",
    );
    town.write("seeds/collections.toml", &columns);
    assert_eq!(reload(&server).await["result"], "swapped");
    let refused = server.get(&by_rank).await;
    assert_eq!(refused.status, StatusCode::BAD_REQUEST);
    assert_eq!(refused.json()["parameter"], "cursor");
    // In its old place, of another type.
    town.write(
        "seeds/collections.toml",
        &COLLECTIONS.replace("\"integer\"", "\"string\""),
    );
    town.write(
        "geodata/shapes.geojson",
        &features(&ALPHA)
            .replace("\"rank\":", "\"rank\":\"")
            .replace(",\"remark\"", "\",\"remark\""),
    );
    assert_eq!(reload(&server).await["result"], "swapped");
    let refused = server.get(&by_rank).await;
    assert_eq!(
        refused.status,
        StatusCode::BAD_REQUEST,
        "{}",
        refused.json()
    );
    assert_eq!(server.get(&by_id).await.status, StatusCode::OK);
}

/// What is read at the start from elsewhere is read again: a key that is missing refuses the new version, and one that
/// was changed is used.
#[tokio::test(flavor = "multi_thread")]
async fn base_maps_are_opened_anew() {
    let town = Town::new();
    let server = Server::of(app(&town));
    let before = version(&server).await;
    let key = town.path().join("key");
    let basemap = format!(
        "\n[[basemaps]]\nid = \"base\"\ntitle = {{ zh = \"底\", en = \"Base\" }}\nkind = \"xyz\"\ncrs = \"cgcs2000\"\nurl = \"http://127.0.0.1:9/{{z}}/{{x}}/{{y}}?tk={{key}}\"\nkey_file = {:?}\nattribution = {{ zh = \"某\", en = \"Somebody\" }}\n",
        key.display().to_string()
    );
    town.write("seeds/plan.toml", &format!("{PLAN}{basemap}"));
    let refused = post(&server, TOKEN).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    let detail = refused.json()["detail"].to_string();
    assert!(
        detail.contains("base map") && detail.contains("its key is not in"),
        "{detail}"
    );
    assert_eq!(version(&server).await, before);
    assert_eq!(
        server.get("/basemap/base/1/0/0").await.status,
        StatusCode::NOT_FOUND
    );
    // Its path is for whoever may administer the server.
    let ready = server.get("/readyz").await.json()["reload"].to_string();
    assert!(
        ready.contains("failed") && !ready.contains("base map"),
        "{ready}"
    );
    let ready = ready_in_full(&server).await["reload"].to_string();
    assert!(
        ready.contains("failed") && ready.contains("base map") && !ready.contains("key"),
        "{ready}"
    );

    fs::write(&key, "first-key").expect("written");
    assert_eq!(reload(&server).await["result"], "swapped");
    assert_eq!(
        server.get("/basemap/base/1/0/0").await.status,
        StatusCode::BAD_GATEWAY
    );
    // The plan is the same, and its key is gone.
    fs::write(&key, " ").expect("written");
    let refused = post(&server, TOKEN).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(
        refused.json()["detail"]
            .to_string()
            .contains("its key is empty")
    );
}

/// Who asks while many wait is told to come again, and those who wait get what is in the folder now.
#[tokio::test(flavor = "multi_thread")]
async fn many_who_ask_at_once_share_few_reloads() {
    let town = Town::new();
    let server = Server::of(app(&town));
    town.publish(&BRAVO);
    let mut tasks = tokio::task::JoinSet::new();
    for _ in 0..60 {
        let server = server.clone();
        tasks.spawn(async move { post(&server, TOKEN).await });
    }
    let (mut done, mut later) = (0, 0);
    for answer in tasks.join_all().await {
        match answer.status {
            StatusCode::OK => done += 1,
            StatusCode::TOO_MANY_REQUESTS => {
                assert!(answer.header("retry-after").parse::<u32>().is_ok());
                later += 1;
            }
            other => panic!("{other}: {}", answer.json()),
        }
    }
    assert!(done > 0 && done + later == 60);
    let reloads = sample(&server, "buju_reloads_total{result=\"swapped\"}").await
        + sample(&server, "buju_reloads_total{result=\"unchanged\"}").await;
    assert!((1.0..=10.0).contains(&reloads), "{reloads} for {done}");
    assert_eq!(server.get(ITEMS).await.json()["numberMatched"], 500);
}

/// A reload that is under way is seen, for one may hang.
#[tokio::test(flavor = "multi_thread")]
async fn a_reload_is_seen_while_it_runs() {
    let town = Town::new();
    let server = Server::of(app(&town));
    let running = "buju_reload_running_seconds";
    assert_eq!(sample(&server, running).await, 0.0);
    town.publish(&BRAVO);
    let asking = server.clone();
    let asked = tokio::spawn(async move { post(&asking, TOKEN).await });
    let mut seen = (false, false);
    while !asked.is_finished() {
        let told = server.get("/readyz").await.json()["reload"].clone();
        let since = told["running_since"].as_str().unwrap_or_default();
        seen.0 |= since.starts_with("20") && since.ends_with('Z');
        seen.1 |= sample(&server, running).await > 0.0;
    }
    assert_eq!(asked.await.expect("an answer").status, StatusCode::OK);
    assert_eq!(seen, (true, true));
    assert_eq!(sample(&server, running).await, 0.0);
    let ready = server.get("/readyz").await.json();
    assert_eq!(ready["reload"]["running_since"], Json::Null);
}

/// Nobody writes to a pipe: whoever opened it would wait for ever.
#[cfg(unix)]
#[tokio::test(flavor = "multi_thread")]
async fn a_pipe_in_the_place_of_a_file_is_an_error_that_names_it() {
    let town = Town::new();
    let server = Server::of(app(&town));
    for file in [
        "geodata/shapes.geojson",
        "seeds/collections.toml",
        "seeds/plan.toml",
    ] {
        let (path, kept) = (town.path().join(file), town.path().join("kept"));
        fs::rename(&path, &kept).expect("renamed");
        crate::reload_program::pipe(&path);
        let answer = tokio::time::timeout(Duration::from_secs(30), post(&server, TOKEN));
        let answer = answer.await.unwrap_or_else(|_| panic!("{file} is read"));
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
        let first = ready_in_full(&server).await["reload"]["first"].to_string();
        assert!(
            first.contains(file) && first.contains("found a pipe"),
            "{first}"
        );
        fs::rename(&kept, &path).expect("renamed");
        assert_eq!(reload(&server).await["result"], "unchanged", "{file}");
    }
}

/// Somebody writes all the time: what is read is no version of anything.
#[tokio::test(flavor = "multi_thread")]
async fn files_that_never_rest_are_not_taken_up() {
    let town = Town::new();
    let server = Server::of(app(&town));
    let before = version(&server).await;
    let stop = std::sync::Arc::new(std::sync::atomic::AtomicBool::new(false));
    let (path, stopped) = (town.path().join("geodata/shapes.geojson"), stop.clone());
    let writer = std::thread::spawn(move || {
        while !stopped.load(std::sync::atomic::Ordering::Relaxed) {
            fs::write(&path, features(&BRAVO)).expect("written");
            std::thread::sleep(Duration::from_millis(10));
        }
    });
    let answer = post(&server, TOKEN).await;
    stop.store(true, std::sync::atomic::Ordering::Relaxed);
    writer.join().expect("the writer");
    // Where the writer rests between emptying and filling it, on a busy machine, the empty file is read and refused.
    let not_taken_up = [StatusCode::CONFLICT, StatusCode::UNPROCESSABLE_ENTITY];
    assert!(not_taken_up.contains(&answer.status), "{}", answer.json());
    assert_eq!(version(&server).await, before);
    assert_eq!(reload(&server).await["result"], "swapped");
}
