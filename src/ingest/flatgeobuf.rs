//! `FlatGeobuf` ([`crate::source::fgb`]) as a collection's file: an id is the column of that name.
//!
//! As with [`super::record`], what is odd is read again by way of [`super::feature`], which tells what
//! is wrong.

use flatgeobuf::{Feature, Geometry as Shape};
use geo::Coord;
use serde_json::{Map, Value as Json, json};

use super::record::{Reader, Record, once};
use crate::model::{CollectionInfo, Column, ColumnType, FeatureId, Value};
use crate::source::fgb::{self, Cell};
use crate::source::nested::{Nested, span};
use crate::source::split::{Splitter, Stop};

/// What a file says of all its features, and what each of its columns is to the collection.
#[derive(Debug)]
pub(super) struct Header {
    file: fgb::Header,
    fields: Vec<Field>,
}

/// What a column of the file is.
#[derive(Debug)]
enum Field {
    Id,
    /// The collection's column there.
    Column(usize),
    LeftOut,
    /// Of this name, and none that the collection takes: to be told.
    Odd(String),
}

/// Reads up to the first feature.
pub(super) fn header(splitter: &mut Splitter, info: &CollectionInfo) -> Result<Header, Stop> {
    let file = fgb::header(splitter)?;
    if let Some(crs) = &file.crs {
        let unnamed = crs.code.is_none() && crs.wkt.is_none() && crs.name.is_none();
        let named = crs.code.as_deref().unwrap_or("0");
        if !(unnamed || named == "4326" || named.ends_with("CRS84")) {
            let org = crs.org.as_deref().unwrap_or("EPSG");
            let name = crs.name.as_deref().unwrap_or("?");
            let reason = format!(
                "expected WGS 84, longitude before latitude (EPSG:4326 or OGC:CRS84), found {org}:{named} {name:?}"
            );
            return Err(Stop::Said("crs", reason));
        }
    }
    let field = |stored: &str| match info.field(stored) {
        None => Field::LeftOut,
        Some("id") => Field::Id,
        Some(name) => match info.column_index(name) {
            Some(at) if info.columns[at].compute.is_none() => Field::Column(at),
            _ => Field::Odd(name.to_owned()),
        },
    };
    let fields = file.columns.iter().map(|stored| field(&stored.name));
    let fields = fields.collect();
    Ok(Header { file, fields })
}

/// A feature by either way.
pub(super) enum Read {
    Record(Record),
    /// As GeoJSON would have it.
    Odd(Json),
}

impl Header {
    /// How many features follow, where the file says.
    pub fn features(&self) -> Option<u64> {
        self.file.features
    }

    /// Reads a feature's bytes, its length before it.
    pub fn read(&self, bytes: &[u8], reader: &mut Reader) -> Result<Read, String> {
        let feature = fgb::feature(bytes)?;
        Ok(match self.record(&feature, reader) {
            Some(record) => Read::Record(record),
            None => Read::Odd(self.json(&feature, reader.columns())?),
        })
    }

    fn record(&self, feature: &Feature, reader: &mut Reader) -> Option<Record> {
        let (mut id, mut cells) = (None, vec![None; reader.columns().len()]);
        let properties = feature.properties();
        let properties = properties.as_ref().map_or(&[][..], |cells| cells.bytes());
        for cell in self.file.cells(properties) {
            let (stored, cell) = cell.ok()?;
            match self.fields[stored] {
                Field::Column(at) => {
                    once(&mut cells[at], value(&cell, reader.columns()[at].kind)?)?;
                }
                Field::Id => once(&mut id, id_of(&cell)?)?,
                Field::LeftOut => {}
                Field::Odd(_) => return None,
            }
        }
        let (geometry, heights) = match feature.geometry() {
            None => (None, false),
            Some(shape) => {
                reader.nested.clear();
                let (kind, depth) = self.file.shape(&shape, &mut reader.nested)?;
                let heights = shape.z().is_some_and(|z| !z.is_empty());
                (Some(reader.accepted(kind, depth)?), heights)
            }
        };
        Some(Record {
            id: id?,
            geometry,
            heights,
            cells,
        })
    }

    /// The feature as GeoJSON would have it, whatever is wrong with it.
    fn json(&self, feature: &Feature, columns: &[Column]) -> Result<Json, String> {
        let properties = feature.properties();
        let properties = properties.as_ref().map_or(&[][..], |cells| cells.bytes());
        let mut members = Map::new();
        let mut whole = Map::new();
        whole.insert("type".to_owned(), "Feature".into());
        for cell in self.file.cells(properties) {
            let (stored, cell) = cell?;
            let name = match &self.fields[stored] {
                Field::LeftOut => continue,
                Field::Id => {
                    whole.insert("id".to_owned(), json_of(&cell));
                    continue;
                }
                Field::Column(at) => &columns[*at].name,
                Field::Odd(name) => name,
            };
            members.insert(name.clone(), json_of(&cell));
        }
        whole.insert("properties".to_owned(), members.into());
        let geometry = match feature.geometry() {
            None => Json::Null,
            Some(shape) => self.geometry_json(&shape)?,
        };
        whole.insert("geometry".to_owned(), geometry);
        Ok(whole.into())
    }

    fn geometry_json(&self, shape: &Shape) -> Result<Json, String> {
        let kind = self.file.kind(shape);
        let mut all = Nested::default();
        let Some((kind, _)) = self.file.shape(shape, &mut all) else {
            let kind = kind.variant_name().unwrap_or("?");
            return Err(format!("its geometry, of type {kind}, cannot be read"));
        };
        let wrong = all.positions.iter().find(|at| !(at.x + at.y).is_finite());
        if let Some(at) = wrong {
            return Err(format!("position [{}, {}] is no place", at.x, at.y));
        }
        let place = |at: &Coord<f64>| json!([at.x, at.y]);
        let places = |at: &[Coord<f64>]| -> Json { at.iter().map(place).collect() };
        let line = |at: usize| places(&all.positions[span(&all.lines, at)]);
        let coordinates = match kind {
            "Point" => place(&all.positions[0]),
            "MultiPoint" => places(&all.positions),
            "LineString" => line(0),
            "MultiLineString" | "Polygon" => (0..all.lines.len()).map(line).collect(),
            _ => (0..all.polygons.len())
                .map(|part| span(&all.polygons, part).map(line).collect::<Json>())
                .collect(),
        };
        Ok(json!({ "type": kind, "coordinates": coordinates }))
    }
}

fn id_of(cell: &Cell) -> Option<FeatureId> {
    match cell {
        Cell::Integer(number) => Some(i64::try_from(*number).ok()?.into()),
        Cell::Text(text) if !text.is_empty() => Some((*text).into()),
        _ => None,
    }
}

fn value(cell: &Cell, kind: ColumnType) -> Option<Value> {
    match (kind, cell) {
        (ColumnType::String, Cell::Text("")) => Some(Value::Null),
        (ColumnType::String, Cell::Text(text)) => Some(Value::Text((*text).to_owned())),
        (ColumnType::Integer, Cell::Integer(number)) => {
            i64::try_from(*number).ok().map(Value::Integer)
        }
        #[expect(clippy::cast_precision_loss, reason = "as JSON's numbers are read")]
        (ColumnType::Number, Cell::Integer(number)) => Some(Value::Number(*number as f64)),
        (ColumnType::Number, Cell::Number(number)) if number.is_finite() => {
            Some(Value::Number(*number))
        }
        (ColumnType::Boolean, Cell::Boolean(flag)) => Some(Value::Boolean(*flag)),
        (ColumnType::Date | ColumnType::Timestamp, Cell::Text(text)) if !text.is_empty() => {
            Value::parse(text, kind).ok()
        }
        (ColumnType::Strings | ColumnType::Json, Cell::Json(text)) => {
            Value::from_json(&serde_json::from_str(text).ok()?, kind).ok()
        }
        _ => None,
    }
}

fn json_of(cell: &Cell) -> Json {
    match cell {
        Cell::Integer(number) => i64::try_from(*number).map_or_else(
            |_| u64::try_from(*number).unwrap_or(u64::MAX).into(),
            Into::into,
        ),
        // What JSON has no number for is no number of a plan either.
        Cell::Number(number) if !number.is_finite() => number.to_string().into(),
        Cell::Number(number) => (*number).into(),
        Cell::Boolean(flag) => (*flag).into(),
        Cell::Text(text) => (*text).into(),
        Cell::Json(text) => serde_json::from_str(text).unwrap_or_else(|_| (*text).into()),
        Cell::Binary(count) => format!("{count} bytes").into(),
    }
}
