use geo::{Coord, Geometry, LineString, MultiLineString, MultiPoint, MultiPolygon, Point, Polygon};

use crate::snapshot::Shapes;

/// What a shape of a tile is made of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum GridKind {
    /// One ring of one or more positions.
    Points,
    /// Each ring is a line.
    Lines,
    /// Rings without their repeated last position; an exterior ring begins a polygon.
    Polygons,
}

/// A ring of a shape.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct GridRing<'a> {
    /// On the tile's grid.
    pub positions: &'a [Coord<i32>],
    /// False for holes.
    pub exterior: bool,
}

/// Shapes on a tile's grid: all positions in one array.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct GridShapes {
    /// What each shape is, and where its rings end.
    shapes: Vec<(GridKind, usize)>,
    /// Where each ring ends, and whether it is an exterior one.
    rings: Vec<(usize, bool)>,
    positions: Vec<Coord<i32>>,
}

/// A shape of a tile: slices of the tile's arrays.
#[derive(Debug, Clone, Copy)]
pub struct GridShape<'a> {
    /// What it is made of.
    pub kind: GridKind,
    shapes: &'a GridShapes,
    first: usize,
    end: usize,
}

impl GridShapes {
    /// How many shapes there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.shapes.len()
    }

    /// True where there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.shapes.is_empty()
    }

    /// One of them.
    #[must_use]
    pub fn get(&self, at: usize) -> GridShape<'_> {
        let (kind, end) = self.shapes[at];
        GridShape {
            kind,
            shapes: self,
            first: at.checked_sub(1).map_or(0, |before| self.shapes[before].1),
            end,
        }
    }

    /// Makes room for so many shapes like those of a collection.
    pub(super) fn reserve(&mut self, like: &Shapes, count: usize) {
        let typical = like.positions().len() / like.rows().max(1) + 1;
        self.positions.reserve(count * typical.min(64));
        self.shapes.reserve(count);
        self.rings.reserve(count);
    }

    /// How many positions the rings have, the open one too.
    pub(super) fn positions(&self) -> usize {
        self.positions.len()
    }

    /// Adds a position to the open ring, unless it is the last one again.
    #[inline]
    pub(super) fn place(&mut self, at: Coord<i32>, ring_start: usize) {
        if self.positions.len() == ring_start || self.positions.last() != Some(&at) {
            self.positions.push(at);
        }
    }

    /// Adds positions to a ring that was begun here, each once where it comes several times in a row.
    #[inline]
    pub(super) fn place_all(&mut self, count: usize, all: impl Iterator<Item = Coord<i32>>) {
        self.positions.reserve(count);
        let mut last = None;
        for at in all {
            if last != Some(at) {
                self.positions.push(at);
                last = Some(at);
            }
        }
    }

    /// Ends a ring of a polygon that was begun at `start`; false, and nothing is left of it, where it
    /// has fewer than three positions.
    pub(super) fn end_ring(&mut self, start: usize, exterior: bool, reversed: bool) -> bool {
        while self.positions.len() > start + 1 && self.positions.last() == self.positions.get(start)
        {
            self.positions.pop();
        }
        if self.positions.len() < start + 3 {
            self.positions.truncate(start);
            return false;
        }
        if reversed {
            self.positions[start..].reverse();
        }
        self.rings.push((self.positions.len(), exterior));
        true
    }

    /// Ends a line that was begun at `start`, as [`Self::end_ring`] does, where it has fewer than
    /// `least` positions.
    pub(super) fn end_line(&mut self, start: usize, least: usize) {
        if self.positions.len() < start + least {
            self.positions.truncate(start);
        } else {
            self.rings.push((self.positions.len(), true));
        }
    }

    /// The rings that belong to no shape yet.
    pub(super) fn open(&self) -> GridShape<'_> {
        GridShape {
            kind: GridKind::Polygons,
            shapes: self,
            first: self.shapes.last().map_or(0, |(_, end)| *end),
            end: self.rings.len(),
        }
    }

    /// Takes back the rings that belong to no shape yet.
    pub(super) fn drop_open(&mut self) {
        let rings = self.shapes.last().map_or(0, |(_, end)| *end);
        self.rings.truncate(rings);
        let positions = self.rings.last().map_or(0, |(end, _)| *end);
        self.positions.truncate(positions);
    }

    /// Makes a shape of the open rings; false where there are none.
    pub(super) fn end_shape(&mut self, kind: GridKind) -> bool {
        let first = self.shapes.last().map_or(0, |(_, end)| *end);
        if self.rings.len() == first {
            return false;
        }
        self.shapes.push((kind, self.rings.len()));
        true
    }
}

impl<'a> GridShape<'a> {
    /// Its rings.
    pub fn rings(self) -> impl Iterator<Item = GridRing<'a>> + Clone {
        let shapes = self.shapes;
        (self.first..self.end).map(move |ring| {
            let start = ring
                .checked_sub(1)
                .map_or(0, |before| shapes.rings[before].0);
            let (end, exterior) = shapes.rings[ring];
            GridRing {
                positions: &shapes.positions[start..end],
                exterior,
            }
        })
    }

    /// How many rings it has.
    #[must_use]
    pub fn ring_count(self) -> usize {
        self.end - self.first
    }

    /// How many polygons or lines it has.
    #[must_use]
    pub fn part_count(self) -> usize {
        self.rings().filter(|ring| ring.exterior).count()
    }

    /// As a geometry of its own.
    #[must_use]
    pub fn to_geometry(self) -> Geometry<i32> {
        let line = |ring: GridRing| LineString::new(ring.positions.to_vec());
        match self.kind {
            GridKind::Points => {
                let points = self.rings().flat_map(|ring| ring.positions);
                let mut points: Vec<_> = points.map(|at| Point(*at)).collect();
                if points.len() == 1 {
                    points.remove(0).into()
                } else {
                    MultiPoint::new(points).into()
                }
            }
            GridKind::Lines => {
                let mut lines: Vec<_> = self.rings().map(line).collect();
                if lines.len() == 1 {
                    lines.remove(0).into()
                } else {
                    MultiLineString::new(lines).into()
                }
            }
            GridKind::Polygons => {
                let mut polygons: Vec<Polygon<i32>> = Vec::new();
                for ring in self.rings() {
                    match polygons.last_mut().filter(|_| !ring.exterior) {
                        Some(polygon) => {
                            polygon.interiors_push(line(ring));
                        }
                        // Closes the ring.
                        None => polygons.push(Polygon::new(line(ring), Vec::new())),
                    }
                }
                if polygons.len() == 1 {
                    polygons.remove(0).into()
                } else {
                    MultiPolygon::new(polygons).into()
                }
            }
        }
    }
}
