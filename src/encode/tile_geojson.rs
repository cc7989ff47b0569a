//! A tile as GeoJSON (OGC 20-057, requirements class "geojson"): degrees, whatever the matrix.

use geo::Coord;
use serde_json::{Value as Json, json};

use super::geojson::{Link, links_json};
use super::json::{cell, decimal, id, other, push, text};
use super::position;
use crate::model::Value;
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
        id(writer.out, layer.collection.id(row));
        push(writer.out, r#","geometry":"#);
        writer.geometry(shape);
        writer.out.extend_from_slice(&properties);
        for (name, cells) in &columns {
            named(writer.out, name, cells, row);
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
fn named(out: &mut Vec<u8>, name: &[u8], cells: &Cells, row: Row) {
    let start = out.len();
    out.extend_from_slice(name);
    if !cell(out, cells, row) {
        out.truncate(start);
    }
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
        for (before, own) in positions.into_iter().enumerate() {
            if before > 0 {
                self.out.push(b',');
            }
            let at = self.frame.scaled_degrees(*own);
            position::scaled(self.out, at, decimals);
        }
    }
}
