//! One feature, read in one go from text to typed values.
//!
//! This is the way of a feature that has nothing wrong. Whatever is odd - an escape in a name, a
//! property that no column has, a ring that is not closed - makes it answer `None`, and the
//! feature is read again by way of [`super::feature`], which knows how to tell what is wrong.
//! It must therefore accept nothing that is not JSON.

use std::borrow::Cow;

use geo::{Coord, Geometry, LineString, MultiLineString, MultiPoint, MultiPolygon, Point, Polygon};
use serde::Deserialize;
use serde_json::Value as Json;

use crate::model::{Bbox, CollectionInfo, Column, ColumnType, FeatureId, GeometryKind, Value};
use crate::source::nested::Nested;
use crate::source::skim::Skim;

/// A feature as its file has it, not yet checked for validity.
pub(super) struct Record {
    pub id: FeatureId,
    pub geometry: Option<Geometry<f64>>,
    /// True where a position had more than two numbers.
    pub heights: bool,
    /// One per column; none where the property is not there.
    pub cells: Vec<Option<Value>>,
}

/// Reads features of one collection, one after another.
pub(super) struct Reader<'a> {
    info: &'a CollectionInfo,
    extent: Bbox,
    pub nested: Nested,
}

/// What a position has beside longitude and latitude.
#[derive(Clone, Copy, PartialEq)]
enum Height {
    None,
    Of(f64),
}

impl<'a> Reader<'a> {
    pub fn new(info: &'a CollectionInfo, [west, south, east, north]: [f64; 4]) -> Self {
        let extent = Bbox {
            west,
            south,
            east,
            north,
        };
        Self {
            info,
            extent,
            nested: Nested::default(),
        }
    }

    pub fn columns(&self) -> &'a [Column] {
        &self.info.columns
    }

    pub fn read(&mut self, text: &str) -> Option<Record> {
        let mut text = Text {
            whole: text,
            bytes: text.as_bytes(),
            at: 0,
        };
        let (mut id, mut geometry, mut cells) = (None, None, None);
        let mut is_feature = false;
        self.nested.heights = false;
        text.eat(b'{')?;
        let mut first = true;
        while text.follows(b'}', &mut first)? {
            match text.plain()? {
                "type" => {
                    text.eat(b':')?;
                    is_feature = text.plain()? == "Feature";
                }
                "id" => {
                    text.eat(b':')?;
                    once(&mut id, text.id()?)?;
                }
                "geometry" => {
                    text.eat(b':')?;
                    let found = if text.null() {
                        None
                    } else {
                        Some(self.geometry(&mut text)?)
                    };
                    once(&mut geometry, found)?;
                }
                "properties" => {
                    text.eat(b':')?;
                    let found = if text.null() {
                        vec![None; self.info.columns.len()]
                    } else {
                        properties(&mut text, &self.info.columns)?
                    };
                    once(&mut cells, found)?;
                }
                _ => {
                    text.eat(b':')?;
                    text.any::<Skim>()?;
                }
            }
        }
        text.space();
        (is_feature && text.at == text.bytes.len()).then_some(())?;
        Some(Record {
            id: id?,
            geometry: geometry?,
            heights: self.nested.heights,
            cells: cells.unwrap_or_else(|| vec![None; self.info.columns.len()]),
        })
    }

    fn geometry(&mut self, text: &mut Text) -> Option<Geometry<f64>> {
        let (mut kind, mut depth) = (None, None);
        text.eat(b'{')?;
        let mut first = true;
        while text.follows(b'}', &mut first)? {
            match text.plain()? {
                "type" => {
                    text.eat(b':')?;
                    once(&mut kind, text.plain()?)?;
                }
                "coordinates" => {
                    text.eat(b':')?;
                    once(&mut depth, self.nested.read(text)?)?;
                }
                _ => return None,
            }
        }
        self.accepted(kind?, depth?)
    }

    /// The geometry of the coordinates that were read last, where nothing is odd about it.
    pub fn accepted(&self, kind: &str, depth: usize) -> Option<Geometry<f64>> {
        let inside = |at: &Coord<f64>| {
            at.x.abs() <= 180.0 && at.y.abs() <= 90.0 && self.extent.contains(*at)
        };
        self.nested.positions.iter().all(inside).then_some(())?;
        let (family, geometry) = self.nested.geometry(kind, depth)?;
        (self.info.geometry == GeometryKind::Any || self.info.geometry == family)
            .then_some(geometry)
    }
}

impl Nested {
    /// Reads coordinates of any geometry; the depth of their arrays.
    fn read(&mut self, text: &mut Text) -> Option<usize> {
        self.clear();
        let mut depth = 0;
        let start = text.at;
        while text.eat(b'[').is_some() {
            depth += 1;
        }
        text.at = start;
        match depth {
            1 => {
                self.position(text)?;
            }
            2 => self.line(text)?,
            3 => self.polygon(text)?,
            4 => {
                text.eat(b'[')?;
                let mut first = true;
                while text.follows(b']', &mut first)? {
                    self.polygon(text)?;
                }
            }
            _ => return None,
        }
        Some(depth)
    }

    fn polygon(&mut self, text: &mut Text) -> Option<()> {
        text.eat(b'[')?;
        let mut first = true;
        while text.follows(b']', &mut first)? {
            self.line(text)?;
        }
        self.polygons.push(self.lines.len());
        (!first).then_some(())
    }

    fn line(&mut self, text: &mut Text) -> Option<()> {
        text.eat(b'[')?;
        let mut first = true;
        // A ring is closed in all its numbers.
        let (mut start, mut last) = (None, Height::None);
        while text.follows(b']', &mut first)? {
            last = self.position(text)?;
            start = start.or(Some(last));
        }
        self.lines.push(self.positions.len());
        (start == Some(last)).then_some(())
    }

    /// Takes a position; its height, where it has one.
    fn position(&mut self, text: &mut Text) -> Option<Height> {
        text.eat(b'[')?;
        let x = text.number()?;
        text.eat(b',')?;
        let y = text.number()?;
        self.positions.push(Coord { x, y });
        if text.eat(b']').is_some() {
            return Some(Height::None);
        }
        text.eat(b',')?;
        let height = text.number()?;
        text.eat(b']')?;
        self.heights = true;
        Some(Height::Of(height))
    }

    fn geometry(&self, kind: &str, depth: usize) -> Option<(GeometryKind, Geometry<f64>)> {
        let line = |at: usize| {
            let start = at.checked_sub(1).map_or(0, |before| self.lines[before]);
            LineString::new(self.positions[start..self.lines[at]].to_vec())
        };
        // Two different positions at least; a ring is closed and has four.
        let open = |line: &LineString<f64>| line.0.iter().any(|at| *at != line.0[0]);
        let polygon = |at: usize| {
            let start = at.checked_sub(1).map_or(0, |before| self.polygons[before]);
            let mut rings = (start..self.polygons[at]).map(line);
            let exterior = rings.next()?;
            let holes: Vec<_> = rings.collect();
            std::iter::once(&exterior)
                .chain(&holes)
                .all(|ring| ring.0.len() >= 4 && ring.is_closed())
                .then(|| Polygon::new(exterior, holes))
        };
        let geometry = match (kind, depth) {
            ("Point", 1) => Point(*self.positions.first()?).into(),
            ("MultiPoint", 2) if !self.positions.is_empty() => {
                MultiPoint::new(self.positions.iter().copied().map(Point).collect()).into()
            }
            ("LineString", 2) => Some(line(0)).filter(open)?.into(),
            ("MultiLineString", 3) => {
                let lines: Vec<_> = (0..self.lines.len()).map(line).collect();
                lines
                    .iter()
                    .all(open)
                    .then(|| MultiLineString::new(lines).into())?
            }
            ("Polygon", 3) => polygon(0)?.into(),
            ("MultiPolygon", 4) if !self.polygons.is_empty() => {
                let polygons = (0..self.polygons.len()).map(polygon);
                MultiPolygon::new(polygons.collect::<Option<_>>()?).into()
            }
            _ => return None,
        };
        let family = match kind {
            "Point" | "MultiPoint" => GeometryKind::Point,
            "LineString" | "MultiLineString" => GeometryKind::Line,
            _ => GeometryKind::Polygon,
        };
        Some((family, geometry))
    }
}

fn properties(text: &mut Text, columns: &[Column]) -> Option<Vec<Option<Value>>> {
    let mut cells = vec![None; columns.len()];
    text.eat(b'{')?;
    let mut first = true;
    // Files write properties in the same order each time: the next column is likely the right one.
    let mut next = 0;
    while text.follows(b'}', &mut first)? {
        let name = text.plain()?;
        let at = if columns.get(next).is_some_and(|column| column.name == name) {
            next
        } else {
            columns.iter().position(|column| column.name == name)?
        };
        next = at + 1;
        let column = &columns[at];
        text.eat(b':')?;
        if column.compute.is_some() {
            return None;
        }
        once(&mut cells[at], text.cell(column.kind)?)?;
    }
    Some(cells)
}

/// Two members of one name are odd.
pub(super) fn once<T>(slot: &mut Option<T>, value: T) -> Option<()> {
    slot.replace(value).is_none().then_some(())
}

/// JSON text and a place in it.
struct Text<'a> {
    whole: &'a str,
    bytes: &'a [u8],
    at: usize,
}

/// Powers of ten that a double holds exactly.
const TENS: [f64; 23] = [
    1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16,
    1e17, 1e18, 1e19, 1e20, 1e21, 1e22,
];

impl<'a> Text<'a> {
    fn byte(&self) -> Option<u8> {
        self.bytes.get(self.at).copied()
    }

    fn space(&mut self) {
        while let Some(b' ' | b'\n' | b'\r' | b'\t') = self.byte() {
            self.at += 1;
        }
    }

    /// Takes a byte, and whitespace before it.
    #[inline]
    fn eat(&mut self, byte: u8) -> Option<()> {
        if self.byte() != Some(byte) {
            self.space();
            if self.byte() != Some(byte) {
                return None;
            }
        }
        self.at += 1;
        Some(())
    }

    /// True where a list goes on, and its comma is behind.
    fn follows(&mut self, end: u8, first: &mut bool) -> Option<bool> {
        if self.eat(end).is_some() {
            return Some(false);
        }
        if !std::mem::take(first) {
            self.eat(b',')?;
        }
        Some(true)
    }

    fn null(&mut self) -> bool {
        self.space();
        self.word("null")
    }

    fn word(&mut self, word: &str) -> bool {
        let is = self.bytes[self.at..].starts_with(word.as_bytes());
        self.at += if is { word.len() } else { 0 };
        is
    }

    /// A text without escapes.
    fn plain(&mut self) -> Option<&'a str> {
        match self.string()? {
            Cow::Borrowed(text) => Some(text),
            Cow::Owned(_) => None,
        }
    }

    fn string(&mut self) -> Option<Cow<'a, str>> {
        self.eat(b'"')?;
        let start = self.at;
        let special = |byte: &u8| matches!(byte, b'"' | b'\\' | 0..0x20);
        self.at += self.bytes[start..].iter().position(special)?;
        if self.byte() == Some(b'"') {
            self.at += 1;
            return self.whole.get(start..self.at - 1).map(Cow::Borrowed);
        }
        self.at = start - 1;
        self.any::<String>().map(Cow::Owned)
    }

    /// Any value by way of serde.
    fn any<T: Deserialize<'a>>(&mut self) -> Option<T> {
        self.space();
        let rest = self.whole.get(self.at..)?;
        let mut values = serde_json::Deserializer::from_str(rest).into_iter::<T>();
        let value = values.next()?.ok()?;
        self.at += values.byte_offset();
        Some(value)
    }

    fn id(&mut self) -> Option<FeatureId> {
        self.space();
        if self.byte() == Some(b'"') {
            let text = self.string()?;
            return (!text.is_empty()).then(|| FeatureId::Text(text.into()));
        }
        self.integer().map(FeatureId::Number)
    }

    /// A cell whose text is of the column's type; null is `Value::Null`.
    fn cell(&mut self, kind: ColumnType) -> Option<Value> {
        if self.null() {
            return Some(Value::Null);
        }
        match kind {
            ColumnType::String => Some(match self.string()? {
                text if text.is_empty() => Value::Null,
                text => Value::Text(text.into_owned()),
            }),
            ColumnType::Integer => self.integer().map(Value::Integer),
            ColumnType::Number => self.number().map(Value::Number),
            ColumnType::Boolean if self.word("true") => Some(Value::Boolean(true)),
            ColumnType::Boolean if self.word("false") => Some(Value::Boolean(false)),
            ColumnType::Boolean => None,
            ColumnType::Date | ColumnType::Timestamp => {
                let text = self.string()?;
                Value::parse(&text, kind)
                    .ok()
                    .filter(|value| !value.is_null())
            }
            ColumnType::Strings | ColumnType::Json => {
                Value::from_json(&self.any::<Json>()?, kind).ok()
            }
        }
    }

    fn integer(&mut self) -> Option<i64> {
        let start = self.at;
        self.number()?;
        let written = self.whole.get(start..self.at)?.trim_ascii_start();
        // serde takes a minus zero for a number with a fraction.
        written.parse().ok().filter(|_| written != "-0")
    }

    /// A number as JSON writes it, rounded to the nearest double.
    #[inline]
    fn number(&mut self) -> Option<f64> {
        self.space();
        let start = self.at;
        let negative = self.byte() == Some(b'-');
        self.at += usize::from(negative);
        let mut mantissa = 0_u64;
        let zero = self.byte() == Some(b'0');
        let whole = self.digits(&mut mantissa);
        if whole == 0 || (zero && whole > 1) {
            return None;
        }
        let mut fraction = 0;
        if self.byte() == Some(b'.') {
            self.at += 1;
            fraction = self.digits(&mut mantissa);
            if fraction == 0 {
                return None;
            }
        }
        let exponent = matches!(self.byte(), Some(b'e' | b'E'));
        // Both are exact, so their quotient is the nearest double (Clinger 1990).
        if !exponent && whole + fraction <= 19 && mantissa < 1 << 53 {
            #[expect(clippy::cast_precision_loss, reason = "below 2^53")]
            let number = mantissa as f64 / TENS[fraction];
            return Some(if negative { -number } else { number });
        }
        if exponent {
            self.at += 1;
            self.at += usize::from(matches!(self.byte(), Some(b'+' | b'-')));
            if self.digits(&mut mantissa) == 0 {
                return None;
            }
        }
        let number: f64 = self.whole.get(start..self.at)?.parse().ok()?;
        number.is_finite().then_some(number)
    }

    /// Takes digits; how many.
    #[inline]
    fn digits(&mut self, mantissa: &mut u64) -> usize {
        let start = self.at;
        while let Some(byte @ b'0'..=b'9') = self.byte() {
            *mantissa = mantissa
                .wrapping_mul(10)
                .wrapping_add(u64::from(byte - b'0'));
            self.at += 1;
        }
        self.at - start
    }
}
