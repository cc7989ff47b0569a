use geo::{Coord, Rect, coord};

use super::coord::TileCoord;
use super::plane::{Band, Plane};

/// Grid units along a tile's side, in both formats the measure of what a zoom can show.
pub const EXTENT: u16 = 4096;

/// Grid units that a tile reaches beyond its sides, so that wide lines and symbols meet.
pub const BUFFER: u16 = 128;

/// Which integer grid a tile is cut on. Each format is repaired on the very grid that it writes, so
/// that what leaves the server is valid and not only what stood before the last rounding.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Grid {
    /// 4096 units along a side in the plane of the tile matrix set, y to the south: Mapbox Vector
    /// Tiles.
    Units,
    /// Decimal degrees, rounded to a quarter of such a unit or finer: GeoJSON tiles of every tile
    /// matrix set.
    Degrees,
}

/// A tile's grid: maps degrees to grid positions and back.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Frame {
    grid: Grid,
    plane: Plane,
    /// World position of the tile's north-western corner: units of the level, or degrees scaled.
    origin: Coord<f64>,
    /// Units from the 180th meridian to itself, or units per degree.
    scale: f64,
    decimals: u8,
}

impl Frame {
    /// The frame of a tile.
    #[must_use]
    pub fn new(tile: TileCoord, grid: Grid) -> Self {
        let decimals = decimals(tile.zoom());
        let (origin, scale) = match grid {
            Grid::Units => {
                let corner = coord! { x: f64::from(tile.x()), y: f64::from(tile.y()) };
                let columns = f64::from(tile.set().columns(tile.z()));
                (corner * f64::from(EXTENT), columns * f64::from(EXTENT))
            }
            Grid::Degrees => {
                let scale = 10f64.powi(i32::from(decimals));
                let inner = tile.bounds();
                // A whole number, so that neighbouring tiles round to the same world grid.
                let origin = coord! { x: (inner.min().x * scale).round(), y: (inner.max().y * scale).round() };
                (origin, scale)
            }
        };
        Self {
            grid,
            plane: tile.set().plane(),
            origin,
            scale,
            decimals,
        }
    }

    /// Which grid it is.
    #[must_use]
    pub fn grid(&self) -> Grid {
        self.grid
    }

    /// From degrees to a position on the grid before rounding.
    #[must_use]
    pub fn place(&self, at: Coord<f64>) -> Coord<f64> {
        match self.grid {
            Grid::Units => self.plane.project(at) * self.scale - self.origin,
            Grid::Degrees => at * self.scale - self.origin,
        }
    }

    /// Places many positions of a box in degrees, with an error of at most a thousandth of a unit.
    pub(super) fn placer(&self, window: Rect<f64>) -> Placer {
        let (south, north) = (window.min().y, window.max().y);
        match self.grid {
            Grid::Units => Placer {
                scale: self.scale / 360.0,
                offset: self.scale * 0.5 - self.origin.x,
                band: Some(Band::new(self.plane, south, north, 1e-3 / self.scale)),
                height: (self.scale, self.origin.y),
            },
            Grid::Degrees => Placer {
                scale: self.scale,
                offset: -self.origin.x,
                band: None,
                height: (self.scale, self.origin.y),
            },
        }
    }

    /// A position in units of the tile, x from 0 in the west to [`EXTENT`], y from 0 in the north,
    /// whichever grid this is.
    pub(super) fn unit(&self, tile: TileCoord, at: Coord<f64>) -> Coord<i32> {
        match self.grid {
            Grid::Units => rounded(at),
            Grid::Degrees => {
                let share = at / f64::from(EXTENT);
                rounded(self.place(tile.position(share)))
            }
        }
    }

    /// Decimal places of the degrees grid.
    #[must_use]
    pub fn decimals(&self) -> u8 {
        self.decimals
    }

    /// The world position of a grid point of [`Grid::Degrees`], in units of the last decimal place.
    #[must_use]
    #[expect(clippy::cast_possible_truncation, reason = "at most 180 times 10^9")]
    pub fn scaled_degrees(&self, at: Coord<i32>) -> (i64, i64) {
        (
            self.origin.x as i64 + i64::from(at.x),
            self.origin.y as i64 + i64::from(at.y),
        )
    }
}

/// Places positions on a grid.
#[derive(Debug, Clone, Copy)]
pub(super) struct Placer {
    scale: f64,
    offset: f64,
    /// None on the grid of degrees.
    band: Option<Band>,
    /// Scale and origin of y.
    height: (f64, f64),
}

impl Placer {
    /// The grid point nearest to a position inside the box that this was made for.
    #[inline]
    pub fn place(&self, at: Coord<f64>) -> Coord<i32> {
        rounded(self.exactly(at))
    }

    /// The grid's cell that holds a position, which may lie anywhere.
    #[inline]
    #[expect(clippy::cast_possible_truncation, reason = "kept in range")]
    pub fn floor(&self, at: Coord<f64>) -> Coord<i32> {
        // `f64::floor` is a call on common processors. What is cut off from a positive number is its
        // floor; what is farther to the west or north than this is beyond every cell.
        const FAR: i32 = 1 << 24;
        let floor = |number: f64| ((number + f64::from(FAR)) as i32).saturating_sub(FAR);
        let at = self.exactly(at);
        coord! { x: floor(at.x), y: floor(at.y) }
    }

    /// The same before rounding.
    #[inline]
    fn exactly(&self, at: Coord<f64>) -> Coord<f64> {
        let (scale, origin) = self.height;
        let y = match &self.band {
            Some(band) => band.y(at.y) * scale - origin,
            None => at.y * scale - origin,
        };
        coord! { x: at.x * self.scale + self.offset, y: y }
    }
}

/// The nearest grid point; of two, the one with the greater numbers. Positions are at most some hundred
/// thousand units from the tile, so they fit. `f64::round` is a call on common processors, and takes
/// longer than all the rest.
#[inline]
#[expect(clippy::cast_possible_truncation, reason = "near the tile")]
fn rounded(at: Coord<f64>) -> Coord<i32> {
    const FAR: i32 = 1 << 24;
    let round = |number: f64| ((number + (f64::from(FAR) + 0.5)) as i32).wrapping_sub(FAR);
    coord! { x: round(at.x), y: round(at.y) }
}

/// Decimal places at which one step is at most a quarter of a grid unit of the zoom, at most 9.
fn decimals(zoom: u8) -> u8 {
    let unit = 360.0 / (f64::from(EXTENT) * f64::from(1u32 << zoom));
    let mut decimals = 0;
    let mut step = 1.0;
    while step > unit / 4.0 && decimals < 9 {
        step /= 10.0;
        decimals += 1;
    }
    decimals
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn decimals_follow_the_zoom() {
        assert_eq!([0, 10, 15, 18, 24].map(decimals), [2, 5, 7, 8, 9]);
    }
}
