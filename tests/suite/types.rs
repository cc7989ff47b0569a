//! Dates, timestamps, arrays, JSON, times of features and odd ids, from files to answers.

mod answers;
mod described;
mod files;
mod geopackages;
mod ids;
mod sources;

use std::fs;
use std::path::Path;

use buju::ingest::{self, PlanFiles};
use buju::snapshot::Snapshot;
use buju::store::Store;
use serde_json::{Value as Json, json};
use tempfile::TempDir;

use crate::support::{Answer, Server};

const PLAN: &str = r#"
id = "made-up"
title = { zh = "试", en = "Made up" }
source_title = { zh = "试", en = "Made up" }
period = { start = 2021, end = 2025 }
issued = "2021"
attribution = []
notice = { zh = "试", en = "Made up" }
extent = [-180, -90, 180, 90]
register = "works.csv"
view = { center = [121.3, 31.2], zoom = 10 }
"#;

const COLLECTIONS: &str = r##"
[columns.name_zh]
title = { zh = "名称", en = "Name" }
type = "string"
role = "stated"

[columns.opened]
title = { zh = "开工", en = "Opened" }
type = "date"
role = "stated"
indexed = true
tile = true

[columns.closed]
title = { zh = "竣工", en = "Closed" }
type = "date"
role = "stated"

[columns.surveyed]
title = { zh = "测量", en = "Surveyed" }
type = "timestamp"
role = "position"
tile = true

[columns.kinds]
title = { zh = "类别", en = "Kinds" }
type = "strings"
role = "stated"
tile = true
values = [{ code = "road", zh = "道路", en = "Road" }, { code = "drain", zh = "排水", en = "Drain" }]

[columns.tags]
title = { zh = "标签", en = "Tags" }
type = "strings"
role = "note"

[columns.about]
title = { zh = "附注", en = "About" }
type = "json"
role = "note"
tile = true

[[collections]]
id = "works"
title = { zh = "工程", en = "Works" }
description = { zh = "工程", en = "Works" }
geometry = "any"
source = "works.geojson"
register = true
columns = ["name_zh", "opened", "closed", "surveyed", "kinds", "tags", "about"]
style = { color = "#336699" }
time = { start = "opened", end = "closed" }

[[collections]]
id = "spots"
title = { zh = "点", en = "Spots" }
description = { zh = "点", en = "Spots" }
geometry = "point"
source = "spots.geojson"
columns = ["surveyed"]
style = { color = "#336699" }
time = { start = "surveyed" }

[[collections]]
id = "shapes"
title = { zh = "形", en = "Shapes" }
description = { zh = "形", en = "Shapes" }
geometry = "any"
source = "shapes.geojson"
columns = ["name_zh"]
style = { color = "#336699" }
"##;

const WORKS: &str = r#"id,collection,name_zh,opened,closed,kinds,about
祁连山路/一期,works,祁连山路,2021-01-31,2021-12-31,"[""road"",""drain""]","{""费用"": {""元"": [1, 2.5]}}"
ongoing,works,在建,2022-03-01,,"[""drain""]",
ended,works,旧,,2019-06-30,[],"[1,2]"
7,works,未定,,,,
"#;

/// `surveyed` and `tags` come from the properties, the rest from the register.
fn works() -> Json {
    let feature = |id: Json, geometry: Json, properties: Json| json!({ "type": "Feature", "id": id, "geometry": geometry, "properties": properties });
    let point = json!({ "type": "Point", "coordinates": [121.35, 31.25] });
    let features = [
        feature(
            json!("祁连山路/一期"),
            point,
            json!({ "surveyed": "2021-02-01T08:00:00.25+08:00", "tags": ["a b", "二"] }),
        ),
        feature(
            json!("ongoing"),
            Json::Null,
            json!({ "surveyed": "2021-02-01T00:00:00Z", "tags": [] }),
        ),
        feature(json!("ended"), Json::Null, json!({ "tags": null })),
        feature(json!(7), Json::Null, json!({})),
    ];
    json!({ "type": "FeatureCollection", "features": features })
}

fn spots() -> Json {
    let spot = |id: i64, surveyed: Json| {
        json!({
            "type": "Feature", "id": id,
            "geometry": { "type": "Point", "coordinates": [121.35, 31.25] },
            "properties": { "surveyed": surveyed },
        })
    };
    json!({ "type": "FeatureCollection", "features": [
        spot(10, json!("2021-06-01T12:00:00Z")),
        spot(9, json!("2020-01-01T00:00:00+08:00")),
        spot(-1, Json::Null),
        spot(9_007_199_254_740_993, json!("2024-01-01T00:00:00Z")),
    ] })
}

/// Ids that a path, a query, HTML or a browser would take for something else.
const IDS: [&str; 12] = [
    "a b",
    "a/b",
    "/",
    "100%",
    "%2F",
    "why?",
    "#1",
    "x&y=z;<i>'\"",
    "中文·地块",
    ".",
    "..",
    "+1",
];

fn shapes() -> Json {
    let square = |west: f64, size: f64| {
        json!([
            [west, 10.0],
            [west + size, 10.0],
            [west + size, 10.0 + size],
            [west, 10.0 + size],
            [west, 10.0]
        ])
    };
    let hole = json!([
        [21.0, 11.0],
        [21.0, 12.0],
        [22.0, 12.0],
        [22.0, 11.0],
        [21.0, 11.0]
    ]);
    let geometries = [
        json!({ "type": "Polygon", "coordinates": [square(20.0, 4.0), hole] }),
        json!({ "type": "MultiPolygon", "coordinates": [[square(30.0, 1.0)], [square(33.0, 1.0)]] }),
        json!({ "type": "MultiPolygon", "coordinates": [[square(178.0, 2.0)], [square(-180.0, 1.0)]] }),
        json!({ "type": "MultiLineString", "coordinates": [[[179.0, 20.0], [180.0, 20.5]], [[-180.0, 20.5], [-179.0, 21.0]]] }),
        json!({ "type": "MultiPoint", "coordinates": [[40.0, 10.0], [42.0, 10.0]] }),
    ];
    let features = IDS.iter().enumerate().map(|(at, id)| {
        let geometry = geometries.get(at).unwrap_or(&Json::Null);
        json!({ "type": "Feature", "id": id, "geometry": geometry, "properties": { "name_zh": id } })
    });
    json!({ "type": "FeatureCollection", "features": features.collect::<Vec<_>>() })
}

fn folder() -> TempDir {
    let folder = TempDir::new().expect("a folder");
    let put = |file: &str, text: &str| {
        let path = folder.path().join(file);
        fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
        fs::write(path, text).expect("written");
    };
    put("seeds/plan.toml", PLAN);
    put("seeds/collections.toml", COLLECTIONS);
    put("seeds/works.csv", WORKS);
    put("geodata/works.geojson", &works().to_string());
    put("geodata/spots.geojson", &spots().to_string());
    put("geodata/shapes.geojson", &shapes().to_string());
    folder
}

fn edit(folder: &Path, file: &str, from: &str, to: &str) {
    let path = folder.join(file);
    let before = fs::read_to_string(&path).expect("a file");
    assert!(before.contains(from), "{file} has no {from}");
    fs::write(path, before.replacen(from, to, 1)).expect("written");
}

/// The findings of a plan folder, as people read them.
fn told(folder: &Path) -> Vec<String> {
    let outcome = ingest::load(&PlanFiles::Folder(folder.to_owned())).expect("a folder");
    outcome.findings.iter().map(ToString::to_string).collect()
}

fn server() -> Server {
    let folder = folder();
    let files = PlanFiles::Folder(folder.path().to_owned());
    let outcome = ingest::load(&files).expect("a folder");
    let loaded = outcome
        .loaded
        .unwrap_or_else(|| panic!("{:#?}", outcome.findings));
    Server::new(Store::new(Snapshot::build(loaded, outcome.findings)))
}

fn ids(answer: &Answer) -> Vec<String> {
    let json = answer.json();
    let features = json["features"]
        .as_array()
        .cloned()
        .unwrap_or_else(|| panic!("{json}"));
    let text = |id: &Json| id.as_str().map_or_else(|| id.to_string(), str::to_owned);
    features
        .iter()
        .map(|feature| text(&feature["id"]))
        .collect()
}

fn link(json: &Json, rel: &str) -> String {
    let links = json["links"].as_array().expect("links");
    let found = links.iter().find(|link| link["rel"] == rel);
    let href = found.unwrap_or_else(|| panic!("{rel}: {json}"))["href"].as_str();
    href.expect("an address").replace("http://plan.example", "")
}
