//! One `.shp` with its `.shx` (ESRI Shapefile Technical Description, July 1998).

use std::fs::File;
use std::io::{BufWriter, Read, Seek, Write};

use geo::algorithm::orient::{Direction, Orient};
use geo::{BoundingRect, Coord, Geometry, LineString, Polygon, Rect};

/// The kinds of shape that a plan can have; a file holds one of them, and nulls.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Shape {
    Point = 1,
    Line = 3,
    Polygon = 5,
    MultiPoint = 8,
}

impl Shape {
    /// `None` for a collection of geometries, which the format does not know.
    pub(super) fn of(geometry: &Geometry<f64>) -> Option<Self> {
        Some(match geometry {
            Geometry::Point(_) => Self::Point,
            Geometry::Line(_) | Geometry::LineString(_) | Geometry::MultiLineString(_) => {
                Self::Line
            }
            Geometry::Polygon(_)
            | Geometry::MultiPolygon(_)
            | Geometry::Rect(_)
            | Geometry::Triangle(_) => Self::Polygon,
            Geometry::MultiPoint(_) => Self::MultiPoint,
            Geometry::GeometryCollection(_) => return None,
        })
    }

    fn code(self) -> i32 {
        self as i32
    }
}

/// A header counts 16-bit words in 32 bits with a sign.
const MOST_WORDS: u64 = i32::MAX as u64;
const HEADER_WORDS: u64 = 50;

/// Records in temporary files; their headers are known at the end.
pub(super) struct Shapes {
    kind: Shape,
    records: BufWriter<File>,
    index: BufWriter<File>,
    count: u64,
    words: u64,
    bounds: Option<Rect>,
}

impl Shapes {
    pub(super) fn new(kind: Shape) -> std::io::Result<Self> {
        Ok(Self {
            kind,
            records: BufWriter::new(tempfile::tempfile()?),
            index: BufWriter::new(tempfile::tempfile()?),
            count: 0,
            words: HEADER_WORDS,
            bounds: None,
        })
    }

    /// Adds a record; `None` is a null shape. False where the file would be too long.
    pub(super) fn add(&mut self, geometry: Option<&Geometry<f64>>) -> std::io::Result<bool> {
        let bytes = geometry.map_or_else(|| 0_i32.to_le_bytes().to_vec(), record);
        let own = (bytes.len() / 2) as u64;
        if self.words + 4 + own > MOST_WORDS {
            return Ok(false);
        }
        self.count += 1;
        for number in [self.words, own] {
            self.index.write_all(&short(number).to_be_bytes())?;
        }
        for number in [self.count, own] {
            self.records.write_all(&short(number).to_be_bytes())?;
        }
        self.records.write_all(&bytes)?;
        self.words += 4 + own;
        if let Some(rect) = geometry.and_then(BoundingRect::bounding_rect) {
            self.bounds = Some(
                self.bounds
                    .map_or(rect, |all| crate::snapshot::joined(all, rect)),
            );
        }
        Ok(true)
    }

    /// The `.shp` and the `.shx`, each as its bytes from the first to the last.
    pub(super) fn finish(self) -> std::io::Result<[Box<dyn Read>; 2]> {
        let header = |words| {
            let header = header(self.kind, words, self.bounds);
            std::io::Cursor::new(header)
        };
        let shp = header(self.words).chain(rewound(self.records)?);
        let shx = header(HEADER_WORDS + 4 * self.count).chain(rewound(self.index)?);
        Ok([Box::new(shp), Box::new(shx)])
    }
}

pub(super) fn rewound(written: BufWriter<File>) -> std::io::Result<File> {
    let mut file = written
        .into_inner()
        .map_err(std::io::IntoInnerError::into_error)?;
    file.rewind()?;
    Ok(file)
}

/// Checked against [`MOST_WORDS`] before.
fn short(number: u64) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}

fn header(kind: Shape, words: u64, bounds: Option<Rect>) -> Vec<u8> {
    let mut out = Vec::with_capacity(100);
    out.extend(9994_i32.to_be_bytes());
    out.extend([0; 20]);
    out.extend(short(words).to_be_bytes());
    out.extend(1000_i32.to_le_bytes());
    out.extend(kind.code().to_le_bytes());
    let sides = bounds.map_or([0.0; 4], sides);
    out.extend(sides.map(f64::to_le_bytes).concat());
    out.extend([0; 32]);
    out
}

fn sides(rect: Rect) -> [f64; 4] {
    [rect.min().x, rect.min().y, rect.max().x, rect.max().y]
}

/// The content of a record.
fn record(geometry: &Geometry<f64>) -> Vec<u8> {
    match geometry {
        Geometry::Point(point) => {
            let mut out = Shape::Point.code().to_le_bytes().to_vec();
            out.extend(position(point.0));
            out
        }
        Geometry::MultiPoint(points) => {
            let positions: Vec<Coord> = points.iter().map(|point| point.0).collect();
            parts(Shape::MultiPoint, geometry, &[positions.into()])
        }
        Geometry::Line(line) => parts(Shape::Line, geometry, &[line.into()]),
        Geometry::LineString(line) => parts(Shape::Line, geometry, std::slice::from_ref(line)),
        Geometry::MultiLineString(lines) => parts(Shape::Line, geometry, &lines.0),
        Geometry::Polygon(polygon) => parts(Shape::Polygon, geometry, &rings(polygon)),
        Geometry::Rect(rect) => record(&rect.to_polygon().into()),
        Geometry::Triangle(triangle) => record(&triangle.to_polygon().into()),
        Geometry::MultiPolygon(polygons) => {
            let all: Vec<_> = polygons.iter().flat_map(rings).collect();
            parts(Shape::Polygon, geometry, &all)
        }
        // Refused by `Shape::of` before it comes here.
        Geometry::GeometryCollection(_) => 0_i32.to_le_bytes().to_vec(),
    }
}

/// The format tells a hole by its direction: outer rings run clockwise.
fn rings(polygon: &Polygon<f64>) -> Vec<LineString<f64>> {
    let (exterior, interiors) = polygon.orient(Direction::Reversed).into_inner();
    std::iter::once(exterior).chain(interiors).collect()
}

fn parts(kind: Shape, geometry: &Geometry<f64>, parts: &[LineString<f64>]) -> Vec<u8> {
    let count = |number: usize| short(number as u64).to_le_bytes();
    let positions = parts.iter().map(|part| part.0.len());
    let mut out = kind.code().to_le_bytes().to_vec();
    let sides = geometry.bounding_rect().map_or([0.0; 4], sides);
    out.extend(sides.map(f64::to_le_bytes).concat());
    if kind != Shape::MultiPoint {
        out.extend(count(parts.len()));
    }
    out.extend(count(positions.clone().sum()));
    if kind != Shape::MultiPoint {
        let mut first = 0;
        for length in positions {
            out.extend(count(first));
            first += length;
        }
    }
    for at in parts.iter().flatten() {
        out.extend(position(*at));
    }
    out
}

fn position(at: Coord<f64>) -> Vec<u8> {
    [at.x, at.y].map(f64::to_le_bytes).concat()
}
