use std::fmt;

use geo::{Coord, Rect, coord};

use super::frame::{BUFFER, EXTENT};
use super::matrix_set::TileMatrixSet;

/// A tile that exists: `x` counts from the west, `y` from the north.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct TileCoord {
    set: TileMatrixSet,
    z: u8,
    x: u32,
    y: u32,
}

impl TileCoord {
    /// `None` where the matrix set has no such tile.
    #[must_use]
    pub fn new(set: TileMatrixSet, z: u8, x: u32, y: u32) -> Option<Self> {
        let inside = set.levels().contains(&z) && x < set.columns(z) && y < set.rows(z);
        inside.then_some(Self { set, z, x, y })
    }

    /// The first and the last tile of those that can show something of a box in degrees, in their
    /// buffers too; of a box beyond the grid, the nearest ones. A level that the set does not have is
    /// taken as the nearest one.
    #[must_use]
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "clamped to the grid"
    )]
    pub fn covering(set: TileMatrixSet, z: u8, bounds: Rect<f64>) -> [Self; 2] {
        // Rather a tile too many than one too few for the last bit of a number.
        const SLACK: f64 = 1e-6;
        let z = z.clamp(*set.levels().start(), *set.levels().end());
        let columns = f64::from(set.columns(z));
        let reach = f64::from(BUFFER) / f64::from(EXTENT) + SLACK;
        let index = |share: f64, reach: f64, count: u32| {
            let last = f64::from(count - 1);
            (share * columns + reach).floor().clamp(0.0, last) as u32
        };
        let corner = |longitude: f64, latitude: f64, reach: f64| {
            let at = set.plane().project(coord! { x: longitude, y: latitude });
            Self {
                set,
                z,
                x: index(at.x, reach, set.columns(z)),
                y: index(at.y, reach, set.rows(z)),
            }
        };
        [
            corner(bounds.min().x, bounds.max().y, -reach),
            corner(bounds.max().x, bounds.min().y, reach),
        ]
    }

    /// Its tile matrix set.
    #[must_use]
    pub fn set(self) -> TileMatrixSet {
        self.set
    }

    /// Level, as the tile matrix set counts.
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

    /// The zoom of web maps that shows as much.
    #[must_use]
    pub fn zoom(self) -> u8 {
        self.set.zoom(self.z)
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

    /// Tells of positions whether they belong to this tile and to no other of its level: the western
    /// and northern borders belong to it.
    pub fn holder(self) -> impl Fn(Coord<f64>) -> bool {
        let bounds = self.bounds();
        let (low, high) = (bounds.min(), bounds.max());
        move |at| (low.x..high.x).contains(&at.x) && at.y > low.y && at.y <= high.y
    }

    /// The place in degrees at a share of the tile's sides, from its north-western corner.
    pub(super) fn position(self, share: Coord<f64>) -> Coord<f64> {
        let side = 1.0 / f64::from(self.set.columns(self.z));
        let corner = coord! { x: f64::from(self.x), y: f64::from(self.y) };
        self.set.plane().unproject((corner + share) * side)
    }

    /// The box in degrees, grown on each side by a share of the tile's side.
    fn degrees(self, margin: f64) -> Rect<f64> {
        let side = 1.0 / f64::from(self.set.columns(self.z));
        let plane = self.set.plane();
        let corner = |x: f64, y: f64| plane.unproject(coord! { x: x * side, y: y * side });
        let (x, y) = (f64::from(self.x), f64::from(self.y));
        Rect::new(
            corner(x - margin, y - margin),
            corner(x + 1.0 + margin, y + 1.0 + margin),
        )
    }
}

impl fmt::Display for TileCoord {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{}/{}/{}/{}", self.set, self.z, self.x, self.y)
    }
}
