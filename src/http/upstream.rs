//! Pictures from another server: one host, no redirects, little time, little memory, and a key that stays here.

use std::hash::{DefaultHasher, Hash, Hasher};
use std::io::{ErrorKind, read_to_string};
use std::path::Path;
use std::sync::LazyLock;
use std::time::Duration;

use axum::body::Bytes;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use ureq::Agent;

use crate::model::Basemap;
use crate::source::regular;

/// For the whole of a tile. Whoever looks at a map has gone on by then.
const PATIENCE: Duration = Duration::from_secs(10);
/// The largest tile; real ones have some tens of kilobytes.
const LARGEST: u64 = 1 << 20;
/// Kinds of picture that every browser draws and none runs.
const PICTURES: [&str; 4] = ["image/png", "image/jpeg", "image/webp", "image/gif"];

/// One client for all: connections are kept for the next tile. It goes to the host that it is told and no other:
/// through no proxy, and after no redirect.
static CLIENT: LazyLock<Agent> = LazyLock::new(|| {
    Agent::config_builder()
        .timeout_global(Some(PATIENCE))
        .max_redirects(0)
        .max_redirects_will_error(false)
        .http_status_as_error(false)
        .proxy(None)
        .user_agent(concat!("buju/", env!("CARGO_PKG_VERSION")))
        .build()
        .into()
});

/// A picture.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Picture {
    pub media: &'static str,
    pub body: Bytes,
}

/// Why there is none.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(super) enum UpstreamError {
    #[error("it did not answer in time")]
    Slow,
    #[error("it has no such tile")]
    Missing,
    #[error("it answered with status {0}")]
    Status(u16),
    #[error("it sent no picture")]
    NoPicture,
    #[error("it sent more than {LARGEST} bytes")]
    Huge,
    /// In words of this program and of the operating system: those of the client may hold the address, and that the key.
    #[error("{0}")]
    Failed(String),
}

/// Where a base map's tiles are. Its `Debug` would show the key: it has none.
pub(super) struct Upstream {
    template: String,
    key: Option<String>,
}

impl Upstream {
    /// Reads the key.
    ///
    /// # Errors
    /// The key is not where the plan says that it is; in words that do not show it.
    pub fn open(basemap: &Basemap) -> Result<Self, String> {
        let key = match (&basemap.key_env, &basemap.key_file) {
            (Some(name), _) => Some(
                std::env::var(name)
                    .map_err(|_| format!("the environment variable {name} is not set"))?,
            ),
            (None, Some(file)) => Some(
                regular(Path::new(file))
                    .and_then(read_to_string)
                    .map_err(|error| format!("its key is not in {file}: {error}"))?,
            ),
            (None, None) => None,
        };
        let key = key.map(|key| key.trim().to_owned());
        if key.as_deref() == Some("") {
            return Err("its key is empty".to_owned());
        }
        Ok(Self {
            template: basemap.template(),
            key,
        })
    }

    /// Tells one place from another, and nothing of either.
    pub fn place(&self) -> u64 {
        let mut hasher = DefaultHasher::new();
        self.template.hash(&mut hasher);
        hasher.finish()
    }

    fn address(&self, z: u8, x: u32, y: u32) -> String {
        let key = self.key.as_deref().unwrap_or_default();
        let key = utf8_percent_encode(key, NON_ALPHANUMERIC).to_string();
        self.template
            .replace("{z}", &z.to_string())
            .replace("{x}", &x.to_string())
            .replace("{y}", &y.to_string())
            .replace("{key}", &key)
    }

    /// Fetches a tile. It blocks for up to ten seconds.
    pub fn fetch(&self, z: u8, x: u32, y: u32) -> Result<Picture, UpstreamError> {
        let mut response = CLIENT
            .get(self.address(z, x, y))
            .header("accept", PICTURES.join(","))
            .call()
            .map_err(|error| failed(&error))?;
        match response.status().as_u16() {
            200 => {}
            204 | 404 => return Err(UpstreamError::Missing),
            status => return Err(UpstreamError::Status(status)),
        }
        let media = response.headers().get("content-type");
        let media = media
            .and_then(|media| media.to_str().ok())
            .unwrap_or_default();
        let bare = media
            .split(';')
            .next()
            .unwrap_or_default()
            .trim()
            .to_ascii_lowercase();
        let media = PICTURES.into_iter().find(|picture| *picture == bare);
        let media = media.ok_or(UpstreamError::NoPicture)?;
        let body = response
            .body_mut()
            .with_config()
            .limit(LARGEST)
            .read_to_vec()
            .map_err(|error| failed(&error))?;
        Ok(Picture {
            media,
            body: body.into(),
        })
    }
}

/// Why nothing came.
fn failed(error: &ureq::Error) -> UpstreamError {
    let words = match error {
        ureq::Error::Timeout(_) => return UpstreamError::Slow,
        ureq::Error::BodyExceedsLimit(_) => return UpstreamError::Huge,
        ureq::Error::Io(error) if error.kind() == ErrorKind::TimedOut => {
            return UpstreamError::Slow;
        }
        // By its kind alone: an error of this client's own has words of its own.
        ureq::Error::Io(error) => return UpstreamError::Failed(error.kind().to_string()),
        ureq::Error::HostNotFound => "its host is unknown",
        ureq::Error::ConnectionFailed => "no connection",
        ureq::Error::Tls(_) | ureq::Error::Rustls(_) | ureq::Error::TlsRequired => {
            "no encrypted connection"
        }
        ureq::Error::Protocol(_) | ureq::Error::LargeResponseHeader(..) => "its answer is not HTTP",
        ureq::Error::BadUri(_) | ureq::Error::Http(_) => "its address with the key is not a URL",
        _ => "the request failed",
    };
    UpstreamError::Failed(words.to_owned())
}
