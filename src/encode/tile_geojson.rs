//! A tile as GeoJSON (OGC 20-057, requirements class "geojson"): degrees, whatever the matrix.

use geo::{Coord, Geometry, LineString, Polygon};
use serde_json::{Value as Json, json};

use super::geojson::{Link, links_json};
use crate::tile::{Frame, Tile, TileFeature, TileLayer};

/// Writes a tile cut on the degrees grid.
///
/// Beyond RFC 7946 it says how many features meet the tile and how many of them it shows, in all
/// and per collection, so that nothing vanishes undeclared; `links` lead to what is left out.
#[must_use]
pub fn tile_geojson(tile: &Tile, links: &[Link]) -> Vec<u8> {
    let counts = tile.layers.iter().map(|layer| {
        let account = json!({
            "matched": layer.matched,
            "returned": layer.features.len(),
            "tooSmall": layer.too_small,
            "belowMinZoom": layer.below_min_zoom,
        });
        (layer.collection.clone(), account)
    });
    let mut out = String::from(r#"{"type":"FeatureCollection","numberMatched":"#);
    out.push_str(&tile.matched().to_string());
    out.push_str(r#","numberReturned":"#);
    out.push_str(&tile.returned().to_string());
    out.push_str(r#","collections":"#);
    out.push_str(&Json::Object(counts.collect()).to_string());
    if !links.is_empty() {
        out.push_str(r#","links":"#);
        out.push_str(&links_json(links).to_string());
    }
    out.push_str(r#","features":["#);
    let mut first = true;
    for layer in &tile.layers {
        for feature in &layer.features {
            if !std::mem::take(&mut first) {
                out.push(',');
            }
            write_feature(&mut out, &tile.frame, layer, feature);
        }
    }
    out.push_str("]}");
    out.into_bytes()
}

fn write_feature(out: &mut String, frame: &Frame, layer: &TileLayer, feature: &TileFeature) {
    out.push_str(r#"{"type":"Feature","id":"#);
    out.push_str(&feature.id.to_json().to_string());
    out.push_str(r#","geometry":"#);
    Writer { out, frame }.geometry(&feature.geometry);
    out.push_str(r#","properties":{"collection":"#);
    out.push_str(&Json::from(layer.collection.as_str()).to_string());
    for (name, value) in layer
        .columns
        .iter()
        .zip(&feature.values)
        .filter(|(_, value)| !value.is_null())
    {
        out.push(',');
        out.push_str(&Json::from(name.as_str()).to_string());
        out.push(':');
        out.push_str(&value.to_json().to_string());
    }
    if let Some(at) = feature.label {
        for (name, degrees) in [("label_lon", at.x), ("label_lat", at.y)] {
            out.extend([",\"", name, "\":", &format!("{degrees:.7}")]);
        }
    }
    out.push_str("}}");
}

/// Writes geometries straight to the text: a tile is mostly coordinates.
struct Writer<'a> {
    out: &'a mut String,
    frame: &'a Frame,
}

impl Writer<'_> {
    fn geometry(&mut self, geometry: &Geometry<i32>) {
        match geometry {
            Geometry::Point(point) => self.shape("Point", |w| w.position(point.0)),
            Geometry::MultiPoint(points) => {
                self.shape("MultiPoint", |w| {
                    w.list(points.0.iter(), |w, point| w.position(point.0));
                });
            }
            Geometry::LineString(line) => self.shape("LineString", |w| w.line(line)),
            Geometry::MultiLineString(lines) => {
                self.shape("MultiLineString", |w| w.list(lines.0.iter(), Self::line));
            }
            Geometry::Polygon(polygon) => self.shape("Polygon", |w| w.polygon(polygon)),
            Geometry::MultiPolygon(polygons) => {
                self.shape("MultiPolygon", |w| w.list(polygons.0.iter(), Self::polygon));
            }
            // A cut makes no other shapes.
            _ => self.out.push_str("null"),
        }
    }

    fn shape(&mut self, name: &str, coordinates: impl FnOnce(&mut Self)) {
        self.out.push_str(r#"{"type":""#);
        self.out.push_str(name);
        self.out.push_str(r#"","coordinates":"#);
        coordinates(self);
        self.out.push('}');
    }

    fn polygon(&mut self, polygon: &Polygon<i32>) {
        let rings = std::iter::once(polygon.exterior()).chain(polygon.interiors());
        self.list(rings, Self::line);
    }

    fn line(&mut self, line: &LineString<i32>) {
        self.list(line.0.iter(), |w, at| w.position(*at));
    }

    fn list<T>(&mut self, items: impl Iterator<Item = T>, mut write: impl FnMut(&mut Self, T)) {
        self.out.push('[');
        for (at, item) in items.enumerate() {
            if at > 0 {
                self.out.push(',');
            }
            write(self, item);
        }
        self.out.push(']');
    }

    fn position(&mut self, at: Coord<i32>) {
        let (x, y) = self.frame.scaled_degrees(at);
        self.out.push('[');
        self.decimal(x);
        self.out.push(',');
        self.decimal(y);
        self.out.push(']');
    }

    /// A whole number of units of the last decimal place, written as a decimal: exact.
    fn decimal(&mut self, scaled: i64) {
        let decimals = usize::from(self.frame.decimals());
        let digits = format!("{:0width$}", scaled.unsigned_abs(), width = decimals + 1);
        let (whole, fraction) = digits.split_at(digits.len() - decimals);
        if scaled < 0 {
            self.out.push('-');
        }
        self.out.push_str(whole);
        let fraction = fraction.trim_end_matches('0');
        if !fraction.is_empty() {
            self.out.push('.');
            self.out.push_str(fraction);
        }
    }
}
