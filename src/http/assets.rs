//! The map page: built by the front end's bundler, inside the binary.

use std::collections::HashMap;
use std::sync::LazyLock;

use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use rust_embed::RustEmbed;
use sha2::{Digest, Sha256};

use super::answer::Answer;
use super::coding::{Coding, Effort};
use super::conditional::AskedTags;
use super::params::Path;
use super::problem::Problem;
use super::state::App;
use crate::model::short_hex;

#[derive(RustEmbed)]
#[folder = "web/dist"]
struct Dist;

/// Files under `assets/` have a digest in their name, so they never change.
const IMMUTABLE: &str = "public, max-age=31536000, immutable";

/// What the page may do: nothing but its own files and this server's answers.
pub(super) const PAGE_POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; \
     connect-src 'self'; manifest-src 'self'; base-uri 'none'; form-action 'self'; \
     frame-ancestors 'self'; require-trusted-types-for 'script'; trusted-types default";

struct Asset {
    media: HeaderValue,
    tag: String,
    identity: Bytes,
    gzip: Bytes,
    brotli: Bytes,
    zstd: Bytes,
}

/// The style sheet of the pages that the server writes itself.
const STYLE: &[u8] = include_bytes!("pages.css");

/// The page's files with their compressed variants.
pub(super) struct Assets {
    files: HashMap<String, Asset>,
    style: String,
    icon: Option<String>,
    head: String,
}

/// What is inside the binary is the same for every server in it.
static ASSETS: LazyLock<Assets> = LazyLock::new(Assets::load);

/// Compresses the page's files, once: a quarter of a second of one processor, which is best spent while a plan
/// is read. Who asks for a file before waits for it.
pub fn pack_page() {
    LazyLock::force(&ASSETS);
}

impl Assets {
    /// Those of this program.
    pub fn shared() -> &'static Self {
        &ASSETS
    }

    /// Reads and compresses every file.
    fn load() -> Self {
        let dist = Dist::iter().filter_map(|path| Some((path.to_string(), Asset::load(&path)?)));
        let mut files: HashMap<_, _> = dist.collect();
        let digest = short_hex(&Sha256::digest(STYLE));
        let style = format!("assets/pages-{digest}.css");
        if let Some(asset) = Asset::pack(&style, digest, Bytes::from_static(STYLE)) {
            files.insert(style.clone(), asset);
        }
        let page = files.get("index.html");
        let head = page.and_then(|page| head(&page.identity));
        let icon = |path: &&String| path.starts_with("assets/icon-");
        Self {
            head: head.unwrap_or_default(),
            icon: files.keys().find(icon).cloned(),
            files,
            style,
        }
    }

    /// The path of the style sheet.
    pub fn style(&self) -> String {
        format!("/{}", self.style)
    }

    /// The path of the icon; none where the binary was built without the page.
    pub fn icon(&self) -> Option<String> {
        self.icon.as_ref().map(|icon| format!("/{icon}"))
    }

    /// What the bundle wants in the head of the page: its script, its style sheet, its icon. Empty where the binary
    /// was built without the page. `root` is the path that the server's paths begin with.
    pub fn head(&self, root: &str) -> String {
        self.head.replace("\"./", &format!("\"{root}/"))
    }
}

/// What stands between the title of the bundler's document and the end of its head.
fn head(document: &[u8]) -> Option<String> {
    let text = std::str::from_utf8(document).ok()?;
    let (_, after) = text.split_once("</title>")?;
    Some(after.split_once("</head>")?.0.trim().to_owned())
}

/// `GET /assets/{path}`
pub(super) async fn asset(
    State(app): State<App>,
    Path(path): Path<String>,
    headers: HeaderMap,
) -> Answer {
    let name = format!("assets/{path}");
    let asset = app.assets().files.get(&name);
    let asset = asset.ok_or_else(|| Problem::not_found(format!("there is no file {name:?}")))?;
    Ok(asset.response(&headers, IMMUTABLE))
}

/// `GET /sw.js`, at the root because a service worker sees what lies below it. The page's policy would
/// forbid it to fetch.
pub(super) async fn service_worker(State(app): State<App>, headers: HeaderMap) -> Answer {
    let asset = app.assets().files.get("sw.js");
    let asset = asset.ok_or_else(|| Problem::not_found("there is no file \"sw.js\"".to_owned()))?;
    let mut response = asset.response(&headers, "no-cache");
    response.headers_mut().insert(
        header::CONTENT_SECURITY_POLICY,
        HeaderValue::from_static("default-src 'none'; connect-src 'self'"),
    );
    Ok(response)
}

impl Asset {
    fn load(path: &str) -> Option<Self> {
        let file = Dist::get(path)?;
        let digest = short_hex(&file.metadata.sha256_hash());
        Self::pack(path, digest, Bytes::from(file.data.into_owned()))
    }

    fn pack(path: &str, digest: String, body: Bytes) -> Option<Self> {
        let packed = |coding: Coding| coding.encode(&body, Effort::Start).map(Bytes::from).ok();
        Some(Self {
            media: HeaderValue::from_static(media(path)),
            tag: digest,
            gzip: packed(Coding::Gzip)?,
            brotli: packed(Coding::Brotli)?,
            zstd: packed(Coding::Zstd)?,
            identity: body,
        })
    }

    fn response(&self, headers: &HeaderMap, cache: &'static str) -> Response {
        let coding = Coding::negotiate(headers);
        let body = match coding {
            Coding::Identity => &self.identity,
            Coding::Gzip => &self.gzip,
            Coding::Brotli => &self.brotli,
            Coding::Zstd => &self.zstd,
        };
        let tag = format!("\"{}-{}\"", self.tag, coding.name());
        let known = AskedTags::read(headers).fit(&tag);
        let mut response = if known {
            StatusCode::NOT_MODIFIED.into_response()
        } else {
            body.clone().into_response()
        };
        let out = response.headers_mut();
        out.insert(header::CACHE_CONTROL, HeaderValue::from_static(cache));
        out.insert(header::VARY, HeaderValue::from_static("Accept-Encoding"));
        if let Ok(tag) = HeaderValue::from_str(&tag) {
            out.insert(header::ETAG, tag);
        }
        if !known {
            out.insert(header::CONTENT_TYPE, self.media.clone());
            if coding != Coding::Identity {
                out.insert(
                    header::CONTENT_ENCODING,
                    HeaderValue::from_static(coding.name()),
                );
            }
        }
        response
    }
}

/// The kinds of file that the bundler makes.
fn media(path: &str) -> &'static str {
    match path.rsplit('.').next() {
        Some("html") => "text/html; charset=utf-8",
        Some("js") => "text/javascript; charset=utf-8",
        Some("css") => "text/css; charset=utf-8",
        Some("svg") => "image/svg+xml",
        Some("png") => "image/png",
        Some("webmanifest" | "json") => "application/json",
        _ => "application/octet-stream",
    }
}
