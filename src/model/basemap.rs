use serde::{Deserialize, Serialize};

use super::Text;

/// A raster map from elsewhere that the server hands on, so that its key stays here and no reader's browser asks
/// anybody else.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Basemap {
    /// Its name in links: ASCII letters, digits, `-` and `_`.
    pub id: String,
    /// Title for people.
    pub title: Text,
    /// How `url` is to be read.
    #[serde(skip_serializing)]
    pub kind: BasemapKind,
    /// Of tiles, an address with `{z}`, `{x}`, `{y}`; of WMTS, that of the service, which is asked by keys and values.
    /// Both may have a `{key}`. Its host is the only one that is ever asked.
    #[serde(skip_serializing)]
    pub url: String,
    /// The environment variable that holds the key.
    #[serde(default, skip_serializing)]
    pub key_env: Option<String>,
    /// The file that holds the key.
    #[serde(default, skip_serializing)]
    pub key_file: Option<String>,
    /// The system that its pictures are drawn in.
    pub crs: BasemapCrs,
    /// The first zoom that it has.
    #[serde(default)]
    pub min_zoom: u8,
    /// The last zoom that it has.
    #[serde(default = "usual_zoom")]
    pub max_zoom: u8,
    /// Whom to name.
    pub attribution: Text,
    /// Under which number it may be shown (审图号).
    #[serde(default)]
    pub approval: Option<String>,
    /// Of WMTS: the layer.
    #[serde(default, skip_serializing)]
    pub layer: Option<String>,
    /// Of WMTS: the matrix set, on the grid of web maps with 256-pixel tiles.
    #[serde(default, skip_serializing)]
    pub matrix_set: Option<String>,
    /// Of WMTS: the style.
    #[serde(default = "usual_style", skip_serializing)]
    pub style: String,
    /// Of WMTS: the format.
    #[serde(default = "usual_format", skip_serializing)]
    pub format: String,
}

fn usual_zoom() -> u8 {
    18
}

fn usual_style() -> String {
    "default".to_owned()
}

fn usual_format() -> String {
    "tiles".to_owned()
}

/// How tiles are asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum BasemapKind {
    /// By an address per tile.
    Xyz,
    /// OGC WMTS 1.0 by keys and values.
    Wmts,
}

/// The system of a base map's pictures.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum BasemapCrs {
    /// Web Mercator of CGCS2000 or WGS 84.
    Cgcs2000,
    /// The same, shifted as Chinese web maps are.
    Gcj02,
    /// Baidu's own grid.
    Bd09,
}

impl Basemap {
    /// The address of a tile with `{z}`, `{x}`, `{y}` and perhaps `{key}`.
    #[must_use]
    pub fn template(&self) -> String {
        match self.kind {
            BasemapKind::Xyz => self.url.clone(),
            BasemapKind::Wmts => {
                let joint = if self.url.contains('?') { '&' } else { '?' };
                let of = |text: &Option<String>| text.clone().unwrap_or_default();
                format!(
                    "{}{joint}SERVICE=WMTS&REQUEST=GetTile&VERSION=1.0.0&LAYER={}&STYLE={}&TILEMATRIXSET={}&FORMAT={}&TILEMATRIX={{z}}&TILEROW={{y}}&TILECOL={{x}}",
                    self.url,
                    of(&self.layer),
                    self.style,
                    of(&self.matrix_set),
                    self.format
                )
            }
        }
    }

    /// What is wrong with it, in words that show no key; none where nothing is.
    #[must_use]
    pub fn fault(&self) -> Option<String> {
        let plain = |text: &str| {
            !text.is_empty()
                && text
                    .bytes()
                    .all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_')
        };
        if !plain(&self.id) {
            return Some("an id has only ASCII letters, digits, - and _".to_owned());
        }
        let Some((scheme, rest)) = self.url.split_once("://") else {
            return Some("url: expected http:// or https://".to_owned());
        };
        let host = rest.split(['/', '?', '#']).next().unwrap_or_default();
        if !["http", "https"].contains(&scheme) || host.is_empty() || host.contains(['{', '}', '@'])
        {
            return Some(
                "url: expected http:// or https:// and a host without placeholders or a login"
                    .to_owned(),
            );
        }
        let wmts = self.kind == BasemapKind::Wmts;
        if wmts && (self.layer.is_none() || self.matrix_set.is_none()) {
            return Some("wmts needs layer and matrix_set".to_owned());
        }
        let template = self.template();
        if let Some(missing) = ["{z}", "{x}", "{y}"]
            .iter()
            .find(|part| !template.contains(**part))
        {
            return Some(format!("url: {missing} is missing"));
        }
        let keys = usize::from(self.key_env.is_some()) + usize::from(self.key_file.is_some());
        match (template.contains("{key}"), keys) {
            (true, 1) | (false, 0) => {}
            (true, _) => return Some("url has {key}: give one of key_env and key_file".to_owned()),
            (false, _) => return Some("a key is given, and url has no {key}".to_owned()),
        }
        let zooms = self.min_zoom <= self.max_zoom && self.max_zoom <= 24;
        (!zooms).then(|| "min_zoom and max_zoom: expected 0 to 24, in order".to_owned())
    }
}
