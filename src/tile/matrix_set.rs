use std::fmt;
use std::ops::RangeInclusive;
use std::str::FromStr;

use super::plane::Plane;
use crate::crs::Crs;

/// A tile matrix set (OGC 17-083r4): how the world is cut into tiles. In each of them a level has
/// twice as many tiles in both directions as the one above, and tiles are as wide as they are high.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum TileMatrixSet {
    /// The square of web maps, in EPSG:3857 (OGC 17-083r4, annex D).
    #[default]
    WebMercatorQuad,
    /// Longitude and latitude of CRS84, two tiles at level 0 (annex D).
    WorldCrs84Quad,
    /// The grid of China's national map service: EPSG:4490, two tiles at level 1, which is its first
    /// (GB/T 35634-2017; the matrix set `c` of Tianditu). No register has it; the name is the one
    /// that its users gave it.
    Cgcs2000Quad,
}

/// Not the name of a tile matrix set.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("there is no tile matrix set {found:?}; there are {known}")]
pub struct TileMatrixSetError {
    found: String,
    known: String,
}

impl TileMatrixSet {
    /// All of them, the one of web maps first.
    pub const ALL: [Self; 3] = [
        Self::WebMercatorQuad,
        Self::WorldCrs84Quad,
        Self::Cgcs2000Quad,
    ];

    /// Its name.
    #[must_use]
    pub fn id(self) -> &'static str {
        match self {
            Self::WebMercatorQuad => "WebMercatorQuad",
            Self::WorldCrs84Quad => "WorldCRS84Quad",
            Self::Cgcs2000Quad => "CGCS2000Quad",
        }
    }

    /// The CRS that its definition is in. Coordinates of CGCS2000 and of CRS84 are the same numbers
    /// here: the datums differ by centimetres, and PROJ knows no better.
    #[must_use]
    pub fn crs(self) -> Crs {
        match self {
            Self::WebMercatorQuad => Crs::WEB_MERCATOR,
            Self::WorldCrs84Quad => Crs::Crs84,
            Self::Cgcs2000Quad => Crs::Epsg(4490),
        }
    }

    /// Its levels.
    #[must_use]
    pub fn levels(self) -> RangeInclusive<u8> {
        match self {
            Self::WebMercatorQuad => 0..=24,
            Self::WorldCrs84Quad => 0..=23,
            Self::Cgcs2000Quad => 1..=20,
        }
    }

    /// The level of `WebMercatorQuad` whose cells are as wide at the equator. What a level can show
    /// depends on it, and not on how a matrix set counts.
    #[must_use]
    pub fn zoom(self, level: u8) -> u8 {
        match self {
            Self::WebMercatorQuad | Self::Cgcs2000Quad => level,
            Self::WorldCrs84Quad => level + 1,
        }
    }

    /// The first level that shows as much as this zoom; the last one where none does.
    #[must_use]
    pub fn level(self, zoom: u8) -> u8 {
        let fine = self.levels().find(|level| self.zoom(*level) >= zoom);
        fine.unwrap_or(*self.levels().end())
    }

    /// Tiles from west to east.
    #[must_use]
    pub fn columns(self, level: u8) -> u32 {
        1 << self.zoom(level)
    }

    /// Tiles from north to south.
    #[must_use]
    pub fn rows(self, level: u8) -> u32 {
        match self.plane() {
            Plane::Mercator => self.columns(level),
            Plane::Degrees => self.columns(level) / 2,
        }
    }

    pub(super) fn plane(self) -> Plane {
        match self {
            Self::WebMercatorQuad => Plane::Mercator,
            Self::WorldCrs84Quad | Self::Cgcs2000Quad => Plane::Degrees,
        }
    }
}

impl fmt::Display for TileMatrixSet {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(self.id())
    }
}

impl FromStr for TileMatrixSet {
    type Err = TileMatrixSetError;

    fn from_str(text: &str) -> Result<Self, TileMatrixSetError> {
        let known = || Self::ALL.map(Self::id).join(", ");
        Self::ALL
            .into_iter()
            .find(|set| set.id() == text)
            .ok_or_else(|| TileMatrixSetError {
                found: text.chars().take(60).collect(),
                known: known(),
            })
    }
}
