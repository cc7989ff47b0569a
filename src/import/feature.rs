//! A record becomes a feature of the collection, written as a line of GeoJSON.

use std::fmt;
use std::io::{self, Write};

use geo::{CoordsIter, Geometry};
use geojson::GeometryValue;
use serde::Serialize;

use super::cell::cell;
use super::changed::is_at_zero;
use super::place::Placed;
use super::profile::kind;
use super::sound::{Sound, Soundness, Unsound};
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
    /// How shapes are judged.
    pub soundness: Soundness,
    /// True where a point at 0, 0 was never located.
    pub zero_is_nowhere: bool,
}

/// Why a record cannot be taken over.
#[derive(Debug)]
pub enum Reason {
    /// A cell does not fit its column, or there is no place for it.
    Plain {
        /// The column, where it is about one.
        column: Option<String>,
        /// What was expected and what came.
        reason: String,
    },
    /// Its shape is not valid.
    Invalid(String),
}

impl Reason {
    /// One that is about no column.
    pub fn new(reason: String) -> Self {
        let column = None;
        Self::Plain { column, reason }
    }

    /// As it follows `record 1`: a column stands beside the record.
    pub fn after_number(&self) -> String {
        match self {
            Self::Plain {
                column: Some(_), ..
            } => format!(", {self}"),
            _ => format!(": {self}"),
        }
    }
}

impl From<Bad> for Reason {
    fn from(bad: Bad) -> Self {
        Self::Plain {
            column: bad.column,
            reason: bad.reason,
        }
    }
}

impl fmt::Display for Reason {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Plain {
                column: Some(column),
                reason,
            } => write!(out, "column {column}: {reason}"),
            Self::Plain { reason, .. } => out.write_str(reason),
            Self::Invalid(reason) => write!(out, "invalid geometry: {reason}"),
        }
    }
}

impl Turning<'_> {
    /// The cells of a record: those that the collection has, each with its column. What does not fit is told.
    pub fn cells<'a>(
        &'a self,
        record: &Record,
        reasons: &mut Vec<Reason>,
    ) -> Vec<(&'a Column, Value)> {
        let mut cells = Vec::with_capacity(self.wires.len());
        for wire in self.wires {
            let column = &self.info.columns[wire.to];
            let value = record.values.get(wire.from).unwrap_or(&Value::Null);
            match cell(value, column, wire.factor, self.nulls) {
                Ok(Value::Null) => {}
                Ok(value) => cells.push((column, value)),
                Err(reason) => {
                    let header = &self.layer.columns[wire.from].name;
                    let named = if *header == column.name {
                        header.clone()
                    } else {
                        format!("{header} ({})", column.name)
                    };
                    reasons.push(Reason::Plain {
                        column: Some(named),
                        reason,
                    });
                }
            }
        }
        cells
    }

    /// The place of a record in the plan's coordinates, its rings as RFC 7946 has them. A shape without positions
    /// is none.
    pub fn geometry(&self, record: &Record, reasons: &mut Vec<Reason>) -> Option<Sound> {
        let shape = record.geometry.as_ref()?;
        if self.zero_is_nowhere && is_at_zero(shape) {
            return None;
        }
        let placed = self
            .placed
            .filter(|_| shape.coords_iter().next().is_some())?;
        let found = kind(shape);
        let expected = match self.info.geometry {
            GeometryKind::Point => "point",
            GeometryKind::Line => "line",
            GeometryKind::Polygon => "polygon",
            GeometryKind::Any => found,
        };
        if found != expected {
            let reason = format!("the collection holds {expected}s, found a {found}");
            reasons.push(Reason::new(reason));
            return None;
        }
        match self.soundness.of(shape, placed) {
            Ok(sound) => Some(Sound {
                shape: oriented(sound.shape),
                ..sound
            }),
            Err(Unsound::Elsewhere(reason)) => {
                reasons.push(Reason::new(reason));
                None
            }
            Err(Unsound::Invalid(all)) => {
                reasons.extend(all.into_iter().map(Reason::Invalid));
                None
            }
        }
    }
}

fn json(out: &mut impl Write, value: &impl Serialize) -> io::Result<()> {
    serde_json::to_writer(out, value).map_err(io::Error::from)
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
        if self.count > 0 && !self.lines {
            self.out.write_all(b",\n")?;
        }
        self.out.write_all(b"{\"type\":\"Feature\",\"id\":")?;
        json(&mut self.out, &id.to_json())?;
        self.out.write_all(b",\"properties\":{")?;
        for (at, (column, value)) in cells.into_iter().enumerate() {
            if at > 0 {
                self.out.write_all(b",")?;
            }
            json(&mut self.out, &column.name)?;
            self.out.write_all(b":")?;
            json(&mut self.out, &value.to_json())?;
        }
        self.out.write_all(b"},\"geometry\":")?;
        match geometry {
            None => self.out.write_all(b"null")?,
            Some(Geometry::Point(point)) => {
                // Half of all places are points, and there may be millions.
                self.out
                    .write_all(b"{\"type\":\"Point\",\"coordinates\":")?;
                json(&mut self.out, &[point.x(), point.y()])?;
                self.out.write_all(b"}")?;
            }
            Some(shape) => {
                let shape = geojson::Geometry::new(GeometryValue::from(shape));
                json(&mut self.out, &shape)?;
            }
        }
        self.out.write_all(b"}")?;
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
