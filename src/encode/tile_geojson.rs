//! A tile as GeoJSON (OGC 20-057, requirements class "geojson"): degrees, whatever the matrix.

use geo::Coord;
use serde_json::{Value as Json, json};

use super::geojson::{Link, links_json};
use super::json::{other, text};
use crate::model::{IdRef, Value};
use crate::snapshot::{Cells, Row};
use crate::tile::{Frame, GridKind, GridRing, GridShape, Tile, TileLayer};

/// Writes a tile cut on the degrees grid.
///
/// Beyond RFC 7946 it says how many features meet the tile and how many of them it shows, in all
/// and per collection, so that nothing vanishes undeclared; `links` lead to what is left out. Merged
/// features have no id, and the properties `merged`, `count`, `area_m2` and their class.
#[must_use]
pub fn tile_geojson(tile: &Tile, links: &[Link]) -> Vec<u8> {
    let counts = tile.layers.iter().map(|layer| {
        let account = json!({
            "matched": layer.matched,
            "returned": layer.shown(),
            "merged": layer.merged,
            "tooSmall": layer.too_small,
            "thinned": layer.thinned,
            "belowMinZoom": layer.below_min_zoom,
        });
        (layer.collection.info.id.clone(), account)
    });
    let likely: usize = tile.layers.iter().map(TileLayer::text_bytes).sum();
    let mut out = Vec::with_capacity(2048 + likely + likely / 8);
    push(&mut out, r#"{"type":"FeatureCollection","numberMatched":"#);
    push(&mut out, &tile.matched().to_string());
    push(&mut out, r#","numberReturned":"#);
    push(&mut out, &tile.returned().to_string());
    push(&mut out, r#","collections":"#);
    push(&mut out, &Json::Object(counts.collect()).to_string());
    if !links.is_empty() {
        push(&mut out, r#","links":"#);
        push(&mut out, &links_json(links).to_string());
    }
    push(&mut out, r#","features":["#);
    let start = out.len();
    for layer in &tile.layers {
        write_layer(&mut out, start, &tile.frame, layer);
    }
    push(&mut out, "]}");
    out
}

fn push(out: &mut Vec<u8>, text: &str) {
    out.extend_from_slice(text.as_bytes());
}

fn write_layer(out: &mut Vec<u8>, start: usize, frame: &Frame, layer: &TileLayer) {
    let info = &layer.collection.info;
    let begin = |out: &mut Vec<u8>| {
        if out.len() > start {
            out.push(b',');
        }
        push(out, r#"{"type":"Feature","#);
    };
    let mut properties = br#","properties":{"collection":"#.to_vec();
    text(&mut properties, &info.id);
    let columns: Vec<_> = layer
        .columns
        .iter()
        .map(|column| {
            let mut name = vec![b','];
            text(&mut name, &info.columns[*column].name);
            name.push(b':');
            (name, layer.collection.cells(*column))
        })
        .collect();
    let mut writer = Writer { out, frame };
    for (row, shape, label) in layer.rows() {
        begin(writer.out);
        push(writer.out, r#""id":"#);
        match layer.collection.id(row) {
            IdRef::Text(id) => text(writer.out, id),
            IdRef::Number(id) => decimal(writer.out, id, 0, false),
        }
        push(writer.out, r#","geometry":"#);
        writer.geometry(shape);
        writer.out.extend_from_slice(&properties);
        for (name, cells) in &columns {
            cell(writer.out, name, cells, row);
        }
        if let Some(at) = label {
            for (name, degrees) in [(r#","label_lon":"#, at.x), (r#","label_lat":"#, at.y)] {
                push(writer.out, name);
                #[expect(clippy::cast_possible_truncation, reason = "at most 180 times 10^7")]
                decimal(writer.out, (degrees * 1e7).round() as i64, 7, false);
            }
        }
        push(writer.out, "}}");
    }
    let class = info.style.class_column.as_deref();
    for (at, feature) in layer.merged_features.iter().enumerate() {
        begin(writer.out);
        push(writer.out, r#""geometry":"#);
        writer.geometry(layer.merged_shapes.get(at));
        writer.out.extend_from_slice(&properties);
        push(writer.out, r#","merged":true,"count":"#);
        other(writer.out, &feature.count.into());
        if feature.area_m2 > 0.0 {
            push(writer.out, r#","area_m2":"#);
            other(
                writer.out,
                &Value::Number(feature.area_m2.round()).to_json(),
            );
        }
        if let (Some(name), Value::Text(value)) = (class, &feature.class) {
            writer.out.push(b',');
            text(writer.out, name);
            writer.out.push(b':');
            text(writer.out, value);
        }
        push(writer.out, "}}");
    }
}

/// A cell with its name before it; nothing where it is null.
fn cell(out: &mut Vec<u8>, name: &[u8], cells: &Cells, row: Row) {
    let at = row as usize;
    match cells {
        Cells::Text { .. } => {
            if let Some(value) = cells.text(row) {
                out.extend_from_slice(name);
                text(out, value);
            }
        }
        Cells::Number(numbers) => {
            if !numbers[at].is_nan() {
                out.extend_from_slice(name);
                float(out, numbers[at]);
            }
        }
        Cells::Integer(numbers) => {
            if let Some(value) = numbers.get(row) {
                out.extend_from_slice(name);
                decimal(out, value, 0, false);
            }
        }
        Cells::Boolean(flags) => {
            if let Some(flag) = flags.get(row) {
                out.extend_from_slice(name);
                push(out, if flag { "true" } else { "false" });
            }
        }
        Cells::Date(_) | Cells::Timestamp(_) | Cells::Strings { .. } | Cells::Json { .. } => {
            let value = cells.value(row);
            if !value.is_null() {
                out.extend_from_slice(name);
                other(out, &value.to_json());
            }
        }
    }
}

/// A number as `Value::to_json` has it. Most have few decimals, and are written as whole numbers of
/// the last one: of two different numbers of 15 digits no two are the same in binary.
fn float(out: &mut Vec<u8>, value: f64) {
    for (decimals, scale) in [(0, 1.0), (2, 1e2), (4, 1e4)] {
        let scaled = value * scale;
        #[expect(clippy::float_cmp, reason = "only the very number will do")]
        if scaled.abs() < 1e15 && scaled.round() / scale == value {
            #[expect(clippy::cast_possible_truncation, reason = "below 10^15")]
            decimal(out, scaled.round() as i64, decimals, true);
            return;
        }
    }
    other(out, &Value::Number(value).to_json());
}

/// Writes geometries straight to the text: a tile is mostly coordinates.
struct Writer<'a> {
    out: &'a mut Vec<u8>,
    frame: &'a Frame,
}

impl Writer<'_> {
    fn geometry(&mut self, shape: GridShape) {
        let many = shape.part_count() > 1;
        push(self.out, r#"{"type":""#);
        match shape.kind {
            GridKind::Points => {
                let points = || shape.rings().flat_map(|ring| ring.positions);
                if points().count() > 1 {
                    push(self.out, r#"MultiPoint","coordinates":["#);
                    self.positions(points());
                    self.out.push(b']');
                } else {
                    push(self.out, r#"Point","coordinates":"#);
                    self.positions(points());
                }
            }
            GridKind::Lines => {
                let name = if many {
                    "MultiLineString"
                } else {
                    "LineString"
                };
                push(self.out, name);
                push(self.out, r#"","coordinates":"#);
                if many {
                    self.out.push(b'[');
                }
                for (at, ring) in shape.rings().enumerate() {
                    self.line(at, ring, false);
                }
                if many {
                    self.out.push(b']');
                }
            }
            GridKind::Polygons => {
                let name = if many { "MultiPolygon" } else { "Polygon" };
                push(self.out, name);
                push(self.out, r#"","coordinates":"#);
                if many {
                    self.out.push(b'[');
                }
                for (at, ring) in shape.rings().enumerate() {
                    if ring.exterior {
                        if at > 0 {
                            push(self.out, "],");
                        }
                        self.out.push(b'[');
                    }
                    self.line(usize::from(!ring.exterior), ring, true);
                }
                self.out.push(b']');
                if many {
                    self.out.push(b']');
                }
            }
        }
        self.out.push(b'}');
    }

    fn line(&mut self, before: usize, ring: GridRing, closed: bool) {
        if before > 0 {
            self.out.push(b',');
        }
        self.out.push(b'[');
        self.positions(ring.positions);
        if closed && let Some(first) = ring.positions.first() {
            self.out.push(b',');
            self.positions([first]);
        }
        self.out.push(b']');
    }

    fn positions<'p>(&mut self, positions: impl IntoIterator<Item = &'p Coord<i32>>) {
        let decimals = usize::from(self.frame.decimals());
        for (at, position) in positions.into_iter().enumerate() {
            if at > 0 {
                self.out.push(b',');
            }
            let (x, y) = self.frame.scaled_degrees(*position);
            // [x,y], from its end: one piece for the vector instead of seven.
            let mut piece = Piece::new();
            piece.byte(b']');
            piece.decimal(y, decimals, true);
            piece.byte(b',');
            piece.decimal(x, decimals, true);
            piece.byte(b'[');
            self.out.extend_from_slice(piece.bytes());
        }
    }
}

/// A short text that is written from its end.
struct Piece {
    bytes: [u8; 64],
    start: usize,
}

impl Piece {
    fn new() -> Self {
        Self {
            bytes: [0; 64],
            start: 64,
        }
    }

    fn bytes(&self) -> &[u8] {
        &self.bytes[self.start..]
    }

    #[inline]
    fn byte(&mut self, byte: u8) {
        self.start -= 1;
        self.bytes[self.start] = byte;
    }

    /// The last digit of a number, which loses it.
    #[inline]
    fn digit(&mut self, rest: &mut u64) {
        self.byte((*rest % 10) as u8 + b'0');
        *rest /= 10;
    }

    /// The same with two, for one division.
    #[inline]
    fn two_digits(&mut self, rest: &mut u64) {
        let pair = (*rest % 100) as u8;
        *rest /= 100;
        self.byte(b'0' + pair % 10);
        self.byte(b'0' + pair / 10);
    }

    /// A whole number of units of the last decimal place, written as a decimal: exact. Zeros at the end
    /// are left away where `trimmed`.
    #[inline]
    fn decimal(&mut self, scaled: i64, decimals: usize, trimmed: bool) {
        let mut rest = scaled.unsigned_abs();
        let mut left = decimals;
        if trimmed {
            while left > 0 && rest.is_multiple_of(10) {
                rest /= 10;
                left -= 1;
            }
        }
        if left > 0 {
            while left > 1 {
                self.two_digits(&mut rest);
                left -= 2;
            }
            if left > 0 {
                self.digit(&mut rest);
            }
            self.byte(b'.');
        }
        while rest > 99 {
            self.two_digits(&mut rest);
        }
        self.digit(&mut rest);
        if rest > 0 {
            self.digit(&mut rest);
        }
        if scaled < 0 {
            self.byte(b'-');
        }
    }
}

/// A decimal on its own.
fn decimal(out: &mut Vec<u8>, scaled: i64, decimals: usize, trimmed: bool) {
    let mut piece = Piece::new();
    piece.decimal(scaled, decimals, trimmed);
    out.extend_from_slice(piece.bytes());
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn written(write: impl FnOnce(&mut Vec<u8>)) -> String {
        let mut out = Vec::new();
        write(&mut out);
        String::from_utf8(out).expect("a text")
    }

    #[test]
    fn decimals_are_exact() {
        for (scaled, decimals, trimmed, text) in [
            (0, 0, true, "0"),
            (0, 7, true, "0"),
            (0, 7, false, "0.0000000"),
            (-5, 2, true, "-0.05"),
            (1_213_500_000, 7, true, "121.35"),
            (1_213_500_000, 7, false, "121.3500000"),
            (-90, 0, true, "-90"),
            (i64::MIN, 0, true, "-9223372036854775808"),
        ] {
            assert_eq!(written(|out| decimal(out, scaled, decimals, trimmed)), text);
        }
    }

    proptest! {
        #[test]
        fn numbers_are_those_of_json(
            value in prop_oneof![any::<f64>(), -1e6..1e6f64],
            decimals in prop::option::of(0..7i32),
        ) {
            let value = decimals.map_or(value, |decimals| {
                let scale = 10f64.powi(decimals);
                (value * scale).round() / scale
            });
            prop_assume!(value.is_finite());
            let json = Value::Number(value).to_json();
            prop_assert_eq!(written(|out| float(out, value)), json.to_string());
        }

        #[test]
        fn texts_are_those_of_json(value in any::<String>()) {
            prop_assert_eq!(written(|out| text(out, &value)), Json::from(value).to_string());
        }
    }
}
