//! A record becomes a feature of the collection, written as a line of GeoJSON.

use std::io::{self, Write};

use geo::{CoordsIter, Geometry};
use geojson::GeometryValue;
use serde_json::{Map, Value as Json};

use super::cell::cell;
use super::changed::is_at_zero;
use super::error::Troubles;
use super::place::Placed;
use super::profile::kind;
use super::wiring::Wire;
use crate::model::{CollectionInfo, Column, FeatureId, GeometryKind, Value, oriented};
use crate::source::{Bad, Layer, Record};

/// What records are turned into features by.
pub struct Turning<'a> {
    pub layer: &'a Layer,
    pub info: &'a CollectionInfo,
    pub wires: &'a [Wire],
    /// Texts that say nothing.
    pub nulls: &'a [String],
    /// None where the file has no positions.
    pub placed: Option<&'a Placed>,
    /// True where a point at 0, 0 was never located.
    pub zero_is_nowhere: bool,
}

impl Turning<'_> {
    /// The cells of a record: those that the collection has, each with its column. What does not fit is told.
    pub fn cells<'a>(
        &'a self,
        record: &Record,
        troubles: &mut Troubles,
    ) -> Vec<(&'a Column, Value)> {
        let mut cells = Vec::with_capacity(self.wires.len());
        for wire in self.wires {
            let column = &self.info.columns[wire.to];
            let value = record.values.get(wire.from).unwrap_or(&Value::Null);
            match cell(value, column, wire.factor, self.nulls) {
                Ok(Value::Null) => {}
                Ok(value) => cells.push((column, value)),
                Err(reason) => troubles.add(|| {
                    let header = &self.layer.columns[wire.from].name;
                    let named = if *header == column.name {
                        header.clone()
                    } else {
                        format!("{header} ({})", column.name)
                    };
                    let bad = Bad {
                        number: record.number,
                        column: Some(named),
                        reason,
                    };
                    bad.to_string()
                }),
            }
        }
        cells
    }

    /// The place of a record in the plan's coordinates, its rings as RFC 7946 has them. A shape without positions
    /// is none.
    pub fn geometry(&self, record: &Record, troubles: &mut Troubles) -> Option<Geometry<f64>> {
        let shape = record.geometry.as_ref()?;
        if self.zero_is_nowhere && is_at_zero(shape) {
            return None;
        }
        let placed = self
            .placed
            .filter(|_| shape.coords_iter().next().is_some())?;
        let mut bad = |reason: String| {
            troubles.add(|| format!("record {}: {reason}", record.number));
        };
        let found = kind(shape);
        let expected = match self.info.geometry {
            GeometryKind::Point => "point",
            GeometryKind::Line => "line",
            GeometryKind::Polygon => "polygon",
            GeometryKind::Any => found,
        };
        if found == "collection" {
            bad("expected one shape, found a collection of several".to_owned());
            return None;
        }
        if found != expected {
            bad(format!("the collection holds {expected}s, found a {found}"));
            return None;
        }
        match placed.geometry(shape).map(oriented) {
            Ok(shape) => Some(shape),
            Err(error) => {
                bad(error.to_string());
                None
            }
        }
    }
}

/// Writes features: a collection, or one per line.
pub struct Writer<W: Write> {
    out: W,
    lines: bool,
    count: u64,
}

impl<W: Write> Writer<W> {
    /// `lines` for a format without a document around its features.
    pub fn new(mut out: W, lines: bool) -> io::Result<Self> {
        if !lines {
            out.write_all(b"{\"type\":\"FeatureCollection\",\"features\":[\n")?;
        }
        Ok(Self {
            out,
            lines,
            count: 0,
        })
    }

    /// A feature on one line, its id first: the eye looks for it there.
    pub fn feature<'a>(
        &mut self,
        id: &FeatureId,
        cells: impl IntoIterator<Item = (&'a Column, Value)>,
        geometry: Option<&Geometry<f64>>,
    ) -> io::Result<()> {
        let cells = cells.into_iter();
        let properties: Map<String, Json> = cells
            .map(|(column, value)| (column.name.clone(), value.to_json()))
            .collect();
        let geometry = geometry.map_or_else(
            || "null".to_owned(),
            |shape| geojson::Geometry::new(GeometryValue::from(shape)).to_string(),
        );
        if self.count > 0 && !self.lines {
            self.out.write_all(b",\n")?;
        }
        write!(
            self.out,
            "{{\"type\":\"Feature\",\"id\":{},\"properties\":{},\"geometry\":{geometry}}}",
            id.to_json(),
            Json::Object(properties)
        )?;
        if self.lines {
            self.out.write_all(b"\n")?;
        }
        self.count += 1;
        Ok(())
    }

    /// Ends the document.
    pub fn finish(mut self) -> io::Result<()> {
        if !self.lines {
            self.out.write_all(b"\n]}\n")?;
        }
        self.out.flush()
    }
}
