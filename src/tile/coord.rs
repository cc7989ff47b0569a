use std::fmt;

use geo::{Coord, Rect, coord};

use super::frame::{BUFFER, EXTENT};
use super::mercator;

/// The deepest zoom of WebMercatorQuad (OGC 17-083r4, annex D.1).
pub const MAX_ZOOM: u8 = 24;

/// A tile of WebMercatorQuad that exists: `x` counts from the west, `y` from the north.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct TileCoord {
    z: u8,
    x: u32,
    y: u32,
}

impl TileCoord {
    /// `None` where the matrix has no such tile.
    #[must_use]
    pub fn new(z: u8, x: u32, y: u32) -> Option<Self> {
        let inside = z <= MAX_ZOOM && x < 1 << z && y < 1 << z;
        inside.then_some(Self { z, x, y })
    }

    /// The tile of a zoom that a position lies in; of a position beyond the grid, the nearest one.
    #[must_use]
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "clamped to the grid"
    )]
    pub fn holding(z: u8, position: Coord<f64>) -> Self {
        let z = z.min(MAX_ZOOM);
        let tiles = f64::from(1_u32 << z);
        let at = mercator::project(position);
        let index = |share: f64| (share * tiles).floor().clamp(0.0, tiles - 1.0) as u32;
        Self {
            z,
            x: index(at.x),
            y: index(at.y),
        }
    }

    /// Zoom.
    #[must_use]
    pub fn z(self) -> u8 {
        self.z
    }

    /// Column.
    #[must_use]
    pub fn x(self) -> u32 {
        self.x
    }

    /// Row.
    #[must_use]
    pub fn y(self) -> u32 {
        self.y
    }

    /// The tile's box in degrees, without its buffer.
    #[must_use]
    pub fn bounds(self) -> Rect<f64> {
        self.degrees(0.0)
    }

    /// The box in degrees of what the tile shows: itself and its buffer.
    #[must_use]
    pub fn buffered(self) -> Rect<f64> {
        self.degrees(f64::from(BUFFER) / f64::from(EXTENT))
    }

    /// True where the position belongs to this tile and to no other of its zoom: the western and
    /// northern borders belong to it.
    #[must_use]
    pub fn holds(self, position: Coord<f64>) -> bool {
        let bounds = self.bounds();
        (bounds.min().x..bounds.max().x).contains(&position.x)
            && position.y > bounds.min().y
            && position.y <= bounds.max().y
    }

    /// The box in degrees, grown on each side by a share of the tile's side.
    fn degrees(self, margin: f64) -> Rect<f64> {
        let side = 1.0 / f64::from(1u32 << self.z);
        let corner = |x: f64, y: f64| mercator::unproject(coord! { x: x * side, y: y * side });
        let (x, y) = (f64::from(self.x), f64::from(self.y));
        Rect::new(
            corner(x - margin, y - margin),
            corner(x + 1.0 + margin, y + 1.0 + margin),
        )
    }
}

impl fmt::Display for TileCoord {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{}/{}/{}", self.z, self.x, self.y)
    }
}
