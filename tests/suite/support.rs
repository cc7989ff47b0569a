//! What several tests need.

use std::io::Read;
use std::path::{Path, PathBuf};

use axum::Router;
use axum::body::Body;
use axum::http::{HeaderMap, Request, StatusCode};
use buju::http::{App, Settings, router};
use buju::ingest::{self, Loaded, PlanFiles};
use buju::model::{
    AuditSettings, Camera, CollectionAudit, CollectionInfo, Column, ColumnType, Feature, Finding,
    GeometryKind, Period, Plan, Role, Rows, Style, Text, TileBudget, Value,
};
use buju::snapshot::Snapshot;
use buju::store::Store;
use geo::Geometry;
use http_body_util::BodyExt;
use serde_json::Value as Json;
use tower::ServiceExt;

/// The shipped plan's folder.
pub fn shipped() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).to_owned()
}

/// The shipped plan, from the binary.
pub fn store() -> Store {
    Store::new(shipped_snapshot())
}

/// The shipped plan's rows.
pub fn shipped_snapshot() -> Snapshot {
    let outcome = ingest::load(&PlanFiles::Shipped).expect("the shipped plan");
    let loaded = outcome
        .loaded
        .unwrap_or_else(|| panic!("{:#?}", outcome.findings));
    Snapshot::build(loaded, outcome.findings)
}

/// A column of a made-up collection.
pub fn column(name: &str, kind: ColumnType, indexed: bool) -> Column {
    Column {
        name: name.to_owned(),
        title: text(name),
        kind,
        role: Role::Stated,
        unit: None,
        indexed,
        tile: true,
        values: Vec::new(),
        compute: None,
        agrees_with: None,
    }
}

fn text(text: &str) -> Text {
    Text {
        zh: text.to_owned(),
        en: text.to_owned(),
    }
}

/// A cell from its text in CSV; an empty text is null.
pub fn cell(kind: ColumnType, text: &str) -> Value {
    Value::parse(text, kind).unwrap_or_else(|error| panic!("{error}"))
}

/// A store with one collection, `shapes`.
pub fn made_up(columns: Vec<Column>, rows: Vec<(Option<Geometry<f64>>, Vec<Value>)>) -> Store {
    Store::new(snapshot(columns, rows))
}

/// The same with warnings.
pub fn made_up_with(
    columns: Vec<Column>,
    rows: Vec<(Option<Geometry<f64>>, Vec<Value>)>,
    findings: Vec<Finding>,
) -> Store {
    Store::new(snapshot_with(columns, rows, findings))
}

/// A snapshot with one collection, `shapes`; the ids are `00000`, `00001` and so on.
pub fn snapshot(columns: Vec<Column>, rows: Vec<(Option<Geometry<f64>>, Vec<Value>)>) -> Snapshot {
    snapshot_with(columns, rows, Vec::new())
}

fn snapshot_with(
    columns: Vec<Column>,
    rows: Vec<(Option<Geometry<f64>>, Vec<Value>)>,
    findings: Vec<Finding>,
) -> Snapshot {
    Snapshot::build(loaded(columns, rows), findings)
}

/// The same before it is built, to be changed.
pub fn loaded(columns: Vec<Column>, rows: Vec<(Option<Geometry<f64>>, Vec<Value>)>) -> Loaded {
    let info = CollectionInfo {
        id: "shapes".to_owned(),
        title: text("shapes"),
        description: text("shapes"),
        geometry: GeometryKind::Any,
        source: "shapes.geojson".to_owned(),
        layer: None,
        fields: std::collections::BTreeMap::new(),
        register: false,
        columns,
        min_zoom: 0,
        style: Style {
            color: "#000000".to_owned(),
            width: None,
            class_column: None,
        },
        time: None,
        audit: CollectionAudit::default(),
        numeric_ids: false,
    };
    let plan = Plan {
        id: "made-up".to_owned(),
        title: text("made up"),
        source_title: text("made up"),
        period: Period {
            start: 2021,
            end: 2025,
        },
        issued: "2021".to_owned(),
        publisher: None,
        attribution: Vec::new(),
        notice: text("made up"),
        extent: [-180.0, -90.0, 180.0, 90.0],
        crs: Vec::new(),
        register: None,
        map_approval: None,
        basemaps: Vec::new(),
        audit: AuditSettings::default(),
        tiles: TileBudget::default(),
        view: Camera {
            center: [0.0, 0.0],
            zoom: 1.0,
        },
        views: Vec::new(),
    };
    let feature = |(at, (geometry, values)): (usize, _)| Feature {
        id: format!("{at:05}").into(),
        geometry,
        values,
    };
    let features = rows.into_iter().enumerate().map(feature);
    let rows = Rows::collect(&info.columns, features);
    Loaded {
        plan,
        collections: vec![(info, rows)],
        version: "0".repeat(16),
    }
}

/// An answer of the router.
pub struct Answer {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub body: Vec<u8>,
}

impl Answer {
    pub fn json(&self) -> Json {
        serde_json::from_slice(&self.body)
            .unwrap_or_else(|error| panic!("{error}: {}", String::from_utf8_lossy(&self.body)))
    }

    pub fn header(&self, name: &str) -> &str {
        self.headers
            .get(name)
            .unwrap_or_else(|| panic!("no header {name}"))
            .to_str()
            .expect("a text")
    }
}

/// The body without its content coding.
pub fn expanded(answer: &Answer) -> Vec<u8> {
    let coding = answer.headers.get("content-encoding");
    let packed = &answer.body[..];
    let mut body = Vec::new();
    let read = match coding.map(|coding| coding.to_str().expect("a coding")) {
        None => return answer.body.clone(),
        Some("gzip") => flate2::read::GzDecoder::new(packed).read_to_end(&mut body),
        Some("br") => brotli::Decompressor::new(packed, 4096).read_to_end(&mut body),
        Some("zstd") => zstd::Decoder::new(packed).and_then(|mut d| d.read_to_end(&mut body)),
        Some(other) => panic!("an unknown coding {other}"),
    };
    read.expect("a whole body");
    body
}

/// The server without a port.
#[derive(Clone)]
pub struct Server(Router);

impl Server {
    pub fn new(store: Store) -> Self {
        Self::cached(store, 16 << 20)
    }

    /// One that holds so many bytes of answers.
    pub fn cached(store: Store, bytes: u64) -> Self {
        let settings = Settings {
            cache: bytes,
            allowed_hosts: ["plan.example", "other.example"]
                .map(|host| host.parse().expect("a host"))
                .to_vec(),
            ..Settings::default()
        };
        Self::of(App::new(store, settings))
    }

    pub fn of(app: App) -> Self {
        Self(router(app))
    }

    pub async fn send(&self, method: &str, target: &str, headers: &[(&str, &str)]) -> Answer {
        let response = self.answer(method, target, headers).await;
        let (parts, body) = response.into_parts();
        let body = body.collect().await.expect("a body").to_bytes().to_vec();
        Answer {
            status: parts.status,
            headers: parts.headers,
            body,
        }
    }

    /// The body of a good answer, or the error that it ends in.
    pub async fn body(&self, target: &str, headers: &[(&str, &str)]) -> Result<Vec<u8>, String> {
        let response = self.answer("GET", target, headers).await;
        assert_eq!(response.status(), StatusCode::OK);
        let body = response.into_body().collect().await;
        body.map(|body| body.to_bytes().to_vec())
            .map_err(|error| error.to_string())
    }

    /// An answer whose body is not taken yet.
    pub async fn answer(
        &self,
        method: &str,
        target: &str,
        headers: &[(&str, &str)],
    ) -> axum::response::Response {
        let mut request = Request::builder().method(method).uri(target);
        if headers.iter().all(|(name, _)| *name != "host") {
            request = request.header("host", "plan.example");
        }
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let request = request.body(Body::empty()).expect("a request");
        self.0.clone().oneshot(request).await.expect("an answer")
    }

    pub async fn get(&self, target: &str) -> Answer {
        self.send("GET", target, &[]).await
    }
}
