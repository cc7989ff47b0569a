//! Where the rows are: all coordinates of a collection in one array.
//!
//! A row has parts, a part has rings, a ring has positions, and each level keeps one array of
//! offsets into the next. A million parcels are five allocations and not five million; a row costs
//! 13 bytes beside its positions of 16.

use geo::{
    Coord, Geometry, LineString, MultiLineString, MultiPoint, MultiPolygon, Point, Polygon, Rect,
};

use super::cells::Row;

/// What shape a row has.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ShapeKind {
    /// No place is known.
    Nowhere,
    /// One position.
    Point,
    /// Positions, in one ring of one part.
    MultiPoint,
    /// One part of one ring, which is open.
    LineString,
    /// A part per line, each of one open ring.
    MultiLineString,
    /// One part: the exterior ring, then holes; closed, the first position is repeated.
    Polygon,
    /// A part per polygon.
    MultiPolygon,
}

/// The shapes of a collection's rows, longitude and latitude in degrees (CRS84), exactly as they
/// were read.
#[derive(Debug, Clone, Default)]
pub struct Shapes {
    kinds: Vec<ShapeKind>,
    /// Per row, where its parts end.
    parts: Vec<u32>,
    /// Per part, where its rings end.
    rings: Vec<u32>,
    /// Per ring, where its positions end.
    ends: Vec<u32>,
    positions: Vec<Coord<f64>>,
}

/// The place of row `at` in an array of ends.
fn span(ends: &[u32], at: usize) -> std::ops::Range<usize> {
    let start = at.checked_sub(1).map_or(0, |before| ends[before] as usize);
    start..ends[at] as usize
}

#[expect(
    clippy::cast_possible_truncation,
    reason = "positions are counted when pushed"
)]
fn end(count: usize) -> u32 {
    count as u32
}

/// Builds shapes row by row: first [`Self::begin`], then for each part its rings, for each ring its
/// positions.
///
/// ```text
/// begin(Polygon)  ring() at(..) at(..) .. ring() at(..) ..
/// begin(MultiPolygon)  part() ring() at(..) ..  part() ring() at(..) ..
/// begin(Nowhere)
/// ```
#[derive(Debug, Default)]
pub struct ShapesBuilder(Shapes);

impl ShapesBuilder {
    /// Makes room, where the numbers are known: growing copies what is there.
    #[must_use]
    pub fn with_capacity(rows: usize, positions: usize) -> Self {
        Self(Shapes {
            kinds: Vec::with_capacity(rows),
            parts: Vec::with_capacity(rows),
            rings: Vec::with_capacity(rows),
            ends: Vec::with_capacity(rows),
            positions: Vec::with_capacity(positions),
        })
    }

    /// The next row. All kinds but those of several parts have their only part opened.
    pub fn begin(&mut self, kind: ShapeKind) {
        self.0.kinds.push(kind);
        self.0.parts.push(end(self.0.rings.len()));
        match kind {
            ShapeKind::Nowhere | ShapeKind::MultiLineString | ShapeKind::MultiPolygon => {}
            ShapeKind::Polygon => self.part(),
            ShapeKind::Point | ShapeKind::MultiPoint | ShapeKind::LineString => {
                self.part();
                self.ring();
            }
        }
    }

    /// The next part of the row.
    pub fn part(&mut self) {
        self.0.rings.push(end(self.0.ends.len()));
        if let Some(last) = self.0.parts.last_mut() {
            *last += 1;
        }
    }

    /// The next ring of the part; a line or some points are one ring.
    pub fn ring(&mut self) {
        self.0.ends.push(end(self.0.positions.len()));
        if let Some(last) = self.0.rings.last_mut() {
            *last += 1;
        }
    }

    /// The next position of the ring.
    ///
    /// # Panics
    /// With 2^32 positions, which are 64 GB.
    pub fn at(&mut self, position: Coord<f64>) {
        self.0.positions.push(position);
        if let Some(last) = self.0.ends.last_mut() {
            *last = last.checked_add(1).expect("fewer than 2^32 positions");
        }
    }

    /// A whole ring.
    fn line(&mut self, line: &LineString<f64>) {
        self.ring();
        line.0.iter().for_each(|at| self.at(*at));
    }

    fn polygon(&mut self, polygon: &Polygon<f64>) {
        self.line(polygon.exterior());
        polygon.interiors().iter().for_each(|ring| self.line(ring));
    }

    /// A row that was made elsewhere.
    ///
    /// # Panics
    /// With a collection of geometries, which no plan holds.
    pub fn push(&mut self, geometry: Option<&Geometry<f64>>) {
        let Some(geometry) = geometry else {
            return self.begin(ShapeKind::Nowhere);
        };
        match geometry {
            Geometry::Point(point) => {
                self.begin(ShapeKind::Point);
                self.at(point.0);
            }
            Geometry::MultiPoint(points) => {
                self.begin(ShapeKind::MultiPoint);
                points.iter().for_each(|point| self.at(point.0));
            }
            Geometry::Line(line) => {
                self.begin(ShapeKind::LineString);
                self.at(line.start);
                self.at(line.end);
            }
            Geometry::LineString(line) => {
                self.begin(ShapeKind::LineString);
                line.0.iter().for_each(|at| self.at(*at));
            }
            Geometry::MultiLineString(lines) => {
                self.begin(ShapeKind::MultiLineString);
                for line in lines {
                    self.part();
                    self.line(line);
                }
            }
            Geometry::Polygon(polygon) => {
                self.begin(ShapeKind::Polygon);
                self.polygon(polygon);
            }
            Geometry::MultiPolygon(polygons) => {
                self.begin(ShapeKind::MultiPolygon);
                for polygon in polygons {
                    self.part();
                    self.polygon(polygon);
                }
            }
            Geometry::Rect(rect) => self.push(Some(&rect.to_polygon().into())),
            Geometry::Triangle(triangle) => self.push(Some(&triangle.to_polygon().into())),
            Geometry::GeometryCollection(_) => panic!("no plan holds a collection of geometries"),
        }
    }

    /// A copy of a row of other shapes: how rows that were read apart, or in another order, are put
    /// in order.
    pub fn copy(&mut self, shape: &ShapeRef<'_>) {
        self.0.kinds.push(shape.kind);
        self.0.parts.push(end(self.0.rings.len()));
        for part in shape.parts() {
            self.part();
            for ring in part.rings() {
                self.ring();
                for at in ring {
                    self.at(*at);
                }
            }
        }
    }

    /// Adds all rows of others.
    ///
    /// # Panics
    /// With 2^32 positions, which are 64 GB.
    pub fn append(&mut self, more: &Shapes) {
        let shapes = &mut self.0;
        let (parts, rings, positions) = (
            end(shapes.rings.len()),
            end(shapes.ends.len()),
            end(shapes.positions.len()),
        );
        shapes.kinds.extend_from_slice(&more.kinds);
        shapes
            .parts
            .extend(more.parts.iter().map(|end| parts + end));
        shapes
            .rings
            .extend(more.rings.iter().map(|end| rings + end));
        shapes
            .ends
            .extend(more.ends.iter().map(|end| positions + end));
        shapes.positions.extend_from_slice(&more.positions);
        u32::try_from(shapes.positions.len()).expect("fewer than 2^32 positions");
    }

    /// The rows in another order, which names each once.
    #[must_use]
    pub fn ordered(self, order: &[Row]) -> Shapes {
        let shapes = self.0;
        let mut ordered = Self::with_capacity(order.len(), shapes.positions.len());
        for row in order {
            ordered.copy(&shapes.get(*row));
        }
        drop(shapes);
        ordered.finish()
    }

    /// Done: gives back the room that was not needed.
    #[must_use]
    pub fn finish(self) -> Shapes {
        let mut shapes = self.0;
        shapes.kinds.shrink_to_fit();
        shapes.parts.shrink_to_fit();
        shapes.rings.shrink_to_fit();
        shapes.ends.shrink_to_fit();
        shapes.positions.shrink_to_fit();
        shapes
    }
}

impl Shapes {
    /// How many rows there are, with and without a place.
    #[must_use]
    pub fn rows(&self) -> usize {
        self.kinds.len()
    }

    /// All positions of all rows, one after another.
    #[must_use]
    pub fn positions(&self) -> &[Coord<f64>] {
        &self.positions
    }

    /// A row's shape.
    #[must_use]
    pub fn get(&self, row: Row) -> ShapeRef<'_> {
        let at = row as usize;
        ShapeRef {
            kind: self.kinds[at],
            shapes: self,
            parts: span(&self.parts, at),
        }
    }

    /// Every row's shape.
    pub fn iter(&self) -> impl Iterator<Item = ShapeRef<'_>> {
        (0..end(self.rows())).map(|row| self.get(row))
    }
}

/// A row's shape: slices of the collection's arrays.
#[derive(Debug, Clone)]
pub struct ShapeRef<'a> {
    /// What it is.
    pub kind: ShapeKind,
    shapes: &'a Shapes,
    parts: std::ops::Range<usize>,
}

/// A part of a shape: a polygon, a line, or points.
#[derive(Debug, Clone)]
pub struct Part<'a> {
    shapes: &'a Shapes,
    rings: std::ops::Range<usize>,
}

impl<'a> Part<'a> {
    /// Its rings.
    pub fn rings(&self) -> impl Iterator<Item = &'a [Coord<f64>]> + use<'a> {
        let shapes = self.shapes;
        self.rings
            .clone()
            .map(|ring| &shapes.positions[span(&shapes.ends, ring)])
    }

    /// Where its positions lie in [`Shapes::positions`].
    #[must_use]
    pub fn span(&self) -> std::ops::Range<usize> {
        let start = |ring: usize| {
            ring.checked_sub(1)
                .map_or(0, |before| self.shapes.ends[before] as usize)
        };
        start(self.rings.start)..start(self.rings.end)
    }

    /// The exterior ring, or the line, or the points.
    #[must_use]
    pub fn exterior(&self) -> &'a [Coord<f64>] {
        self.rings().next().unwrap_or_default()
    }

    /// As a polygon.
    #[must_use]
    pub fn to_polygon(&self) -> Polygon<f64> {
        let mut rings = self.rings().map(|ring| LineString::new(ring.to_vec()));
        let exterior = rings.next().unwrap_or(LineString::new(Vec::new()));
        Polygon::new(exterior, rings.collect())
    }
}

impl<'a> ShapeRef<'a> {
    /// Its parts; none of a shape that is nowhere.
    pub fn parts(&self) -> impl Iterator<Item = Part<'a>> + use<'a> {
        let shapes = self.shapes;
        self.parts.clone().map(move |part| Part {
            shapes,
            rings: span(&shapes.rings, part),
        })
    }

    /// How many parts it has.
    #[must_use]
    pub fn part_count(&self) -> usize {
        self.parts.len()
    }

    /// Its only part, or the first.
    #[must_use]
    pub fn first_part(&self) -> Option<Part<'a>> {
        self.parts().next()
    }

    /// Where its positions lie in [`Shapes::positions`].
    #[must_use]
    pub fn span(&self) -> std::ops::Range<usize> {
        let ring = |part: usize| part.checked_sub(1).map_or(0, |p| self.shapes.rings[p]);
        Part {
            shapes: self.shapes,
            rings: ring(self.parts.start) as usize..ring(self.parts.end) as usize,
        }
        .span()
    }

    /// Its positions, those of all rings one after another.
    #[must_use]
    pub fn positions(&self) -> &'a [Coord<f64>] {
        &self.shapes.positions[self.span()]
    }

    /// True where it covers areas.
    #[must_use]
    pub fn is_areal(&self) -> bool {
        matches!(self.kind, ShapeKind::Polygon | ShapeKind::MultiPolygon)
    }

    /// The box around it, exactly; none where it is nowhere. O(positions).
    #[must_use]
    pub fn bounds(&self) -> Option<Rect<f64>> {
        bounds(self.positions())
    }

    /// An own geometry with the same positions; none where it is nowhere.
    #[must_use]
    pub fn to_geometry(&self) -> Option<Geometry<f64>> {
        let line = |part: Part<'_>| LineString::new(part.exterior().to_vec());
        let own: Vec<Coord<f64>> = match self.kind {
            ShapeKind::Nowhere => return None,
            ShapeKind::Point | ShapeKind::MultiPoint => self.positions().to_vec(),
            _ => Vec::new(),
        };
        Some(match self.kind {
            ShapeKind::Nowhere => return None,
            ShapeKind::Point => Point(*own.first()?).into(),
            ShapeKind::MultiPoint => MultiPoint::new(own.into_iter().map(Point).collect()).into(),
            ShapeKind::LineString => self.first_part().map(line)?.into(),
            ShapeKind::MultiLineString => {
                MultiLineString::new(self.parts().map(line).collect()).into()
            }
            ShapeKind::Polygon => self.first_part()?.to_polygon().into(),
            ShapeKind::MultiPolygon => {
                MultiPolygon::new(self.parts().map(|part| part.to_polygon()).collect()).into()
            }
        })
    }
}

/// The box around positions.
#[must_use]
pub fn bounds(positions: &[Coord<f64>]) -> Option<Rect<f64>> {
    let (first, rest) = positions.split_first()?;
    let (mut low, mut high) = (*first, *first);
    for at in rest {
        low.x = low.x.min(at.x);
        low.y = low.y.min(at.y);
        high.x = high.x.max(at.x);
        high.y = high.y.max(at.y);
    }
    Some(Rect::new(low, high))
}

#[cfg(test)]
mod tests {
    use geo::wkt;

    use super::*;

    #[test]
    fn shapes_come_back_as_they_went_in() {
        let rows: [Option<Geometry<f64>>; 8] = [
            Some(wkt!(POINT(1. 2.)).into()),
            None,
            Some(MultiPoint::from(vec![(1.0, 2.0), (3.0, 4.0)]).into()),
            Some(wkt!(LINESTRING(0. 0., 1. 1., 2. 0.)).into()),
            Some(wkt!(MULTILINESTRING((0. 0., 1. 1.), (5. 5., 6. 6., 7. 5.))).into()),
            Some(wkt!(POLYGON((0. 0., 9. 0., 9. 9., 0. 0.), (5. 1., 8. 4., 8. 1., 5. 1.))).into()),
            Some(
                wkt!(MULTIPOLYGON(((0. 0., 1. 0., 1. 1., 0. 0.)), ((5. 5., 6. 5., 6. 6., 5. 5.))))
                    .into(),
            ),
            None,
        ];
        let mut shapes = ShapesBuilder::default();
        for row in &rows {
            shapes.push(row.as_ref());
        }
        let shapes = shapes.finish();
        let back: Vec<_> = shapes.iter().map(|shape| shape.to_geometry()).collect();
        assert_eq!(back, rows);
        assert_eq!(shapes.get(3).positions().len(), 3);
        assert_eq!(
            shapes
                .get(6)
                .parts()
                .map(|part| part.span())
                .collect::<Vec<_>>(),
            [19..23, 23..27]
        );
        // Backwards, as another order of rows.
        let mut turned = ShapesBuilder::default();
        for row in (0..8).rev() {
            turned.copy(&shapes.get(row));
        }
        let turned = turned.finish();
        let back: Vec<_> = turned.iter().map(|shape| shape.to_geometry()).collect();
        assert!(back.iter().eq(rows.iter().rev()));
    }
}
