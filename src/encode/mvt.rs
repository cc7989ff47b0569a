//! A tile as a Mapbox Vector Tile, version 2.1.
//!
//! Written straight from the tile's positions and the collection's columns. The numbers in comments are
//! those of the fields in `vector_tile.proto`.

use std::collections::HashMap;

use super::pbf::{
    Short, field, length_field, text_field, varint, with_length, with_long_length, zigzag,
};
use crate::model::{IdRef, Value};
use crate::snapshot::{Cells, Row};
use crate::tile::{EXTENT, GridKind, GridShape, Tile, TileLayer};

const VARINT: u32 = 0;

/// A row that has no such attribute.
const NONE: u32 = u32::MAX;

/// Writes a tile cut on the Mercator grid: one layer per collection, named as it is.
///
/// A feature id of the format is a whole number from 0 on; any other id is the attribute `id`.
/// Attributes are scalars, so times are texts, and arrays and JSON are their JSON text. Merged features have no id,
/// and `merged`, `count`, `area_m2` and their class instead.
#[must_use]
pub fn mvt(tile: &Tile) -> Vec<u8> {
    let mut out = Vec::new();
    for layer in &tile.layers {
        if layer.shown() + layer.merged_features.len() > 0 {
            let likely = layer.bytes();
            out.reserve(likely + likely / 4 + 256);
            // Tile.layers
            field(&mut out, 3, 2);
            with_long_length(&mut out, likely, |out| layer_body(out, layer));
        }
    }
    out
}

/// Values stand between the features, where each first comes up: their numbers count values only, and
/// nothing is written twice.
fn layer_body(out: &mut Vec<u8>, layer: &TileLayer) {
    let info = &layer.collection.info;
    // Layer.version, name, extent
    field(out, 15, VARINT);
    varint(out, 2);
    text_field(out, 1, &info.id);
    field(out, 5, VARINT);
    varint(out, EXTENT.into());
    let mut table = Table::default();
    let own_key = table.key("id");
    let collection = (table.key("collection"), table.text(out, &info.id));
    let columns: Vec<_> = layer
        .columns
        .iter()
        .map(|column| {
            let key = table.key(&info.columns[*column].name);
            let rows = layer.rows().map(|(row, _, _)| row);
            let cells = layer.collection.cells(*column);
            (key, table.column(out, cells, layer.shown(), rows))
        })
        .collect();
    let label = [table.key("label_lon"), table.key("label_lat")];
    for (at, (row, shape, place)) in layer.rows().enumerate() {
        let (number, id) = match layer.collection.id(row) {
            IdRef::Text(text) => (None, Some(table.unique_text(out, text))),
            IdRef::Number(number) => match u64::try_from(number) {
                Ok(number) => (Some(number), None),
                Err(_) => (None, Some(table.integer(out, number))),
            },
        };
        let place = place.map(|place| [table.double(out, place.x), table.double(out, place.y)]);
        // Layer.features
        field(out, 2, 2);
        with_length(out, |out| {
            if let Some(number) = number {
                // Feature.id
                field(out, 1, VARINT);
                varint(out, number);
            }
            // Feature.tags
            field(out, 2, 2);
            with_length(out, |out| {
                let mut tags = Short::new(out);
                if let Some(id) = id {
                    tags.pair(own_key, id);
                }
                tags.pair(collection.0, collection.1);
                for (key, values) in &columns {
                    if values[at] != NONE {
                        tags.pair(*key, values[at]);
                    }
                }
                for (key, value) in label.iter().zip(place.iter().flatten()) {
                    tags.pair(*key, *value);
                }
                tags.flush();
            });
            geometry(out, shape);
        });
    }
    merged(out, layer, &mut table, collection);
    for key in &table.keys {
        // Layer.keys
        text_field(out, 3, key);
    }
}

fn merged(out: &mut Vec<u8>, layer: &TileLayer, table: &mut Table, collection: (u32, u32)) {
    let class = layer.collection.info.style.class_column.as_deref();
    for (at, feature) in layer.merged_features.iter().enumerate() {
        let mut tags = vec![collection];
        let yes = table.boolean(out, true);
        tags.push((table.key("merged"), yes));
        #[expect(clippy::cast_possible_wrap, reason = "rows are counted in u32")]
        let count = table.integer(out, feature.count as i64);
        tags.push((table.key("count"), count));
        if feature.area_m2 > 0.0 {
            let area = table.double(out, feature.area_m2.round());
            tags.push((table.key("area_m2"), area));
        }
        if let (Some(name), Value::Text(text)) = (class, &feature.class) {
            let class = table.text(out, text);
            tags.push((table.key(name), class));
        }
        field(out, 2, 2);
        with_length(out, |out| {
            field(out, 2, 2);
            with_length(out, |out| {
                for (key, value) in &tags {
                    varint(out, (*key).into());
                    varint(out, (*value).into());
                }
            });
            geometry(out, layer.merged_shapes.get(at));
        });
    }
}

/// Feature.type and Feature.geometry
fn geometry(out: &mut Vec<u8>, shape: GridShape) {
    const MOVE: u32 = 1;
    const LINE: u32 = 2;
    const CLOSE: u32 = 7 | 1 << 3;
    #[expect(clippy::cast_possible_truncation, reason = "a ring of a tile")]
    let command = |id: u32, count: usize| id | (count as u32) << 3;
    field(out, 3, VARINT);
    out.push(match shape.kind {
        GridKind::Points => 1,
        GridKind::Lines => 2,
        GridKind::Polygons => 3,
    });
    field(out, 4, 2);
    with_length(out, |out| {
        let mut out = Short::new(out);
        let (mut x, mut y) = (0, 0);
        let mut to = |out: &mut Short, at: &geo::Coord<i32>| {
            out.pair(zigzag(at.x.wrapping_sub(x)), zigzag(at.y.wrapping_sub(y)));
            (x, y) = (at.x, at.y);
        };
        for ring in shape.rings() {
            let Some((first, rest)) = ring.positions.split_first() else {
                continue;
            };
            if shape.kind == GridKind::Points {
                out.varint(command(MOVE, ring.positions.len()));
                for at in ring.positions {
                    to(&mut out, at);
                }
                continue;
            }
            out.varint(command(MOVE, 1));
            to(&mut out, first);
            out.varint(command(LINE, rest.len()));
            for at in rest {
                to(&mut out, at);
            }
            if shape.kind == GridKind::Polygons {
                out.varint(CLOSE);
            }
        }
        out.flush();
    });
}

/// A layer's keys, and how many values it has. A value is written once for each column; those that hardly
/// repeat as often as they come.
#[derive(Default)]
struct Table {
    keys: Vec<String>,
    count: u32,
    /// Truth values and what is no column's, by their bytes.
    known: HashMap<Vec<u8>, u32>,
}

impl Table {
    #[expect(clippy::cast_possible_truncation, reason = "columns are few")]
    fn key(&mut self, name: &str) -> u32 {
        let known = self.keys.iter().position(|known| known == name);
        known.unwrap_or_else(|| {
            self.keys.push(name.to_owned());
            self.keys.len() - 1
        }) as u32
    }

    fn next(&mut self) -> u32 {
        self.count += 1;
        self.count - 1
    }

    /// `Value.string_value`
    fn unique_text(&mut self, out: &mut Vec<u8>, text: &str) -> u32 {
        // Layer.values
        field(out, 4, 2);
        if text.len() < 126 {
            // Both lengths are one byte.
            #[expect(clippy::cast_possible_truncation, reason = "checked")]
            let length = text.len() as u8;
            out.extend_from_slice(&[length + 2, 1 << 3 | 2, length]);
            out.extend_from_slice(text.as_bytes());
        } else {
            with_length(out, |out| text_field(out, 1, text));
        }
        self.next()
    }

    /// `Value.double_value`
    fn double(&mut self, out: &mut Vec<u8>, number: f64) -> u32 {
        // Nine bytes: the field, and eight of the number.
        let mut value = [4 << 3 | 2, 9, 3 << 3 | 1, 0, 0, 0, 0, 0, 0, 0, 0];
        value[3..].copy_from_slice(&number.to_le_bytes());
        out.extend_from_slice(&value);
        self.next()
    }

    fn known(&mut self, out: &mut Vec<u8>, value: Vec<u8>) -> u32 {
        if let Some(known) = self.known.get(&value) {
            return *known;
        }
        length_field(out, 4, &value);
        let next = self.next();
        self.known.insert(value, next);
        next
    }

    fn text(&mut self, out: &mut Vec<u8>, text: &str) -> u32 {
        let mut value = Vec::new();
        text_field(&mut value, 1, text);
        self.known(out, value)
    }

    /// `Value.int_value`
    fn integer(&mut self, out: &mut Vec<u8>, number: i64) -> u32 {
        let mut value = Vec::new();
        field(&mut value, 4, VARINT);
        varint(&mut value, number.cast_unsigned());
        self.known(out, value)
    }

    /// The same of a column that knows its values.
    fn unique_integer(&mut self, out: &mut Vec<u8>, number: i64) -> u32 {
        field(out, 4, 2);
        with_length(out, |out| {
            field(out, 4, VARINT);
            varint(out, number.cast_unsigned());
        });
        self.next()
    }

    /// `Value.bool_value`
    fn boolean(&mut self, out: &mut Vec<u8>, flag: bool) -> u32 {
        self.known(out, vec![7 << 3, flag.into()])
    }

    /// The numbers of the values of a column's rows, one after the other.
    fn column(
        &mut self,
        out: &mut Vec<u8>,
        cells: &Cells,
        count: usize,
        rows: impl Iterator<Item = Row>,
    ) -> Vec<u32> {
        let mut seen = Seen::for_values(count);
        let mut values = Vec::with_capacity(count);
        match cells {
            Cells::Text { dictionary, codes } if dictionary.len() <= 256 => {
                let mut written = vec![NONE; dictionary.len()];
                values.extend(rows.map(|row| {
                    let code = codes.get(row).map(|code| code as usize);
                    let Some((code, text)) = code.zip(code.and_then(|code| dictionary.get(code)))
                    else {
                        return NONE;
                    };
                    if written[code] == NONE {
                        written[code] = self.unique_text(out, text);
                    }
                    written[code]
                }));
            }
            Cells::Text { dictionary, codes } => {
                // Of a column of unique texts, a tile has no two equal ones.
                let repeats = dictionary.len() * 2 < codes.len();
                values.extend(rows.map(|row| {
                    let code = codes.get(row);
                    let Some((code, text)) =
                        code.and_then(|code| Some((code, dictionary.get(code as usize)?)))
                    else {
                        return NONE;
                    };
                    if repeats {
                        seen.get_or(code.into(), || self.unique_text(out, text))
                    } else {
                        self.unique_text(out, text)
                    }
                }));
            }
            Cells::Integer(cells) => values.extend(rows.map(|row| {
                cells.get(row).map_or(NONE, |number| {
                    seen.get_or(number.cast_unsigned(), || self.unique_integer(out, number))
                })
            })),
            Cells::Number(cells) => values.extend(rows.map(|row| {
                let number = cells[row as usize];
                if number.is_nan() {
                    return NONE;
                }
                seen.get_or(number.to_bits(), || self.double(out, number))
            })),
            Cells::Boolean(cells) => values.extend(
                rows.map(|row| cells.get(row).map_or(NONE, |flag| self.boolean(out, flag))),
            ),
            Cells::Date(_) | Cells::Timestamp(_) | Cells::Strings { .. } | Cells::Json { .. } => {
                values.extend(rows.map(|row| match cells.value(row) {
                    Value::Null => NONE,
                    value => self.text(out, &value.to_string()),
                }));
            }
        }
        values
    }
}

/// Values of a column that were written, by their bits: open addressing, no allocation per value. Where
/// the first ones hardly repeat, the others are not looked up.
struct Seen {
    slots: Vec<(u64, u32)>,
    room: usize,
    asked: usize,
    known: usize,
}

/// So many values are a sample.
const SAMPLE: usize = 64;

impl Seen {
    fn for_values(count: usize) -> Self {
        Self {
            slots: Vec::new(),
            room: (count * 2).next_power_of_two(),
            asked: 0,
            known: 0,
        }
    }

    fn get_or(&mut self, bits: u64, write: impl FnOnce() -> u32) -> u32 {
        if self.asked == SAMPLE && self.known * 32 < SAMPLE {
            return write();
        }
        if self.asked < SAMPLE {
            self.asked += 1;
        }
        if self.slots.is_empty() {
            self.slots.resize(self.room, (0, NONE));
        }
        let mask = self.slots.len() - 1;
        let mut at = (bits.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 32) as usize & mask;
        loop {
            let (known, value) = self.slots[at];
            if value == NONE {
                let value = write();
                self.slots[at] = (bits, value);
                return value;
            }
            if known == bits {
                self.known += usize::from(self.asked < SAMPLE);
                return value;
            }
            at = (at + 1) & mask;
        }
    }
}
