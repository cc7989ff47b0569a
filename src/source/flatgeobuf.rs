//! `FlatGeobuf` 3 with whatever columns it has. Its bytes are read by [`super::fgb`].

use std::cell::Cell as Counter;
use std::collections::HashSet;
use std::fs::File;
use std::path::{Path, PathBuf};

use flatgeobuf::{ColumnType as Stored, Feature, Geometry as Shape, GeometryType};
use geo::{Coord, Geometry, Point};

use super::chunks::Chunks;
use super::fgb::{self, Cell, Header};
use super::nested::{Nested, span};
use super::shape::{self, DEEPEST};
use super::split::{Batch, Splitter, Stop};
use super::{
    Bad, Each, Far, Kind, Layer, Options, Record, SourceColumn, SourceCrs, SourceError, layers,
    times,
};
use crate::crs::Crs;
use crate::model::{ColumnType, Value};

/// Bytes read at once.
const CHUNK: usize = 1 << 20;

/// A file whose header was read.
#[derive(Debug)]
pub(super) struct FlatGeobuf {
    path: PathBuf,
    /// Of each column of the file, the layer's; none where it is left out.
    places: Vec<Option<usize>>,
    columns: usize,
}

/// Reads the header.
pub(super) fn open(path: &Path, options: &Options) -> Result<(Layer, FlatGeobuf), SourceError> {
    let file = path.display().to_string();
    let count = Counter::new(0);
    let chunks = chunks(path, &file, &count)?;
    let mut none_yet = |_: Batch| Ok(());
    let mut splitter = Splitter::new(chunks, Vec::new(), &mut none_yet);
    let header = fgb::header(&mut splitter).map_err(|stop| refusal(&file, stop))?;
    let name = header.name.clone().filter(|name| !name.is_empty());
    let name = name.unwrap_or_else(|| layers::stem(path));
    layers::only(&file, &name, options.layer.as_deref())?;
    let mut notes = Vec::new();
    let (mut columns, mut places, mut seen) = (Vec::new(), Vec::new(), HashSet::new());
    for stored in &header.columns {
        let name = stored.name.clone();
        if !seen.insert(&stored.name) {
            let reason = format!("has two columns named {name:?}");
            return Err(SourceError::Broken { file, reason });
        }
        places.push(kind(stored.kind).map(|_| columns.len()));
        if stored.kind == Stored::DateTime {
            notes.push(format!(
                "column {name} has times: one without a zone is taken as UTC, and as a day where it is midnight, for the format has no days"
            ));
        }
        match kind(stored.kind) {
            Some(kind) => columns.push(SourceColumn { name, kind }),
            None => notes.push(format!("column {name} is left out: its cells are bytes")),
        }
    }
    let layer = Layer {
        name,
        columns,
        crs: crs(&header, &mut notes),
        records: header.features,
        notes,
    };
    let reader = FlatGeobuf {
        path: path.to_owned(),
        places,
        columns: layer.columns.len(),
    };
    Ok((layer, reader))
}

/// None where cells are bytes.
fn kind(stored: Stored) -> Option<Kind> {
    match stored {
        Stored::Bool => Some(Kind::Boolean),
        Stored::Float | Stored::Double => Some(Kind::Number),
        Stored::String => Some(Kind::Text),
        // A day or a moment, each cell for itself; and JSON is of no kind.
        Stored::DateTime | Stored::Json => Some(Kind::Untyped),
        Stored::Binary => None,
        _ => Some(Kind::Integer),
    }
}

fn crs(header: &Header, notes: &mut Vec<String>) -> SourceCrs {
    let Some(crs) = &header.crs else {
        return SourceCrs::Untold;
    };
    let org = crs.org.as_deref().unwrap_or("EPSG");
    let by_code = crs
        .code
        .as_ref()
        .and_then(|code| format!("{org}:{code}").parse().ok());
    // The offset systems of this program's own files have no code.
    let own = || crs.name.as_ref().and_then(|name| name.parse().ok());
    if let Some::<Crs>(known) = by_code.or_else(own) {
        return SourceCrs::Known(known);
    }
    if let Some(wkt) = &crs.wkt {
        return SourceCrs::Wkt(wkt.clone());
    }
    if let Some(name) = crs.name.as_ref().or(crs.code.as_ref()) {
        notes.push(format!("its CRS, {org} {name}, is not one that is known"));
    }
    SourceCrs::Untold
}

impl FlatGeobuf {
    pub fn read(&self, far: Far, each: Each) -> Result<(), SourceError> {
        let file = self.path.display().to_string();
        let length = self.path.metadata().ok().map(|data| data.len());
        let count = Counter::new(0);
        let chunks = chunks(&self.path, &file, &count)?;
        let mut none_yet = |_: Batch| Ok(());
        let mut splitter = Splitter::new(chunks, Vec::new(), &mut none_yet);
        let header = fgb::header(&mut splitter).map_err(|stop| refusal(&file, stop))?;
        if header.columns.len() != self.places.len() {
            let reason = "has changed since it was opened".to_owned();
            return Err(SourceError::Broken { file, reason });
        }
        let (chunks, untaken) = splitter.untaken();
        let mut enough = false;
        let mut hand_over = |batch: Batch| {
            far(count.get(), length);
            for (at, range) in batch.records.iter().enumerate() {
                let number = (batch.first + at + 1) as u64;
                if !each(self.record(&header, number, &batch.bytes[range.clone()])) {
                    enough = true;
                    return Err(Stop::Broken);
                }
            }
            Ok(())
        };
        let all = Splitter::new(chunks, untaken, &mut hand_over).sized();
        if enough {
            return Ok(());
        }
        all.and_then(|all| fgb::all_there(header.features, all))
            .map_err(|stop| refusal(&file, stop))
    }

    fn record(&self, header: &Header, number: u64, bytes: &[u8]) -> Result<Record, Bad> {
        let bad = |column: Option<&str>, reason: String| Bad {
            number,
            column: column.map(str::to_owned),
            reason,
        };
        let feature = fgb::feature(bytes).map_err(|reason| bad(None, reason))?;
        let values = self
            .values(header, &feature)
            .map_err(|(at, reason)| bad(at.map(|at| header.columns[at].name.as_str()), reason))?;
        let mut flattened = false;
        let geometry = match feature.geometry() {
            None => None,
            Some(shape) => {
                geometry(header, &shape, &mut flattened, 0).map_err(|reason| bad(None, reason))?
            }
        };
        Ok(Record {
            number,
            id: None,
            values,
            geometry,
            flattened,
        })
    }

    /// One per column; or what is wrong, and with which of the file's columns.
    fn values(
        &self,
        header: &Header,
        feature: &Feature,
    ) -> Result<Vec<Value>, (Option<usize>, String)> {
        let mut values = vec![None; self.columns];
        let properties = feature.properties();
        let properties = properties.as_ref().map_or(&[][..], |cells| cells.bytes());
        for cell in header.cells(properties) {
            let (stored, cell) = cell.map_err(|reason| (None, reason))?;
            let Some(Some(at)) = self.places.get(stored) else {
                continue;
            };
            let dated = header.columns[stored].kind == Stored::DateTime;
            let value = value(&cell, dated).map_err(|reason| (Some(stored), reason))?;
            if values[*at].replace(value).is_some() {
                return Err((Some(stored), "has two cells in one feature".to_owned()));
            }
        }
        let values = values.into_iter().map(|cell| cell.unwrap_or(Value::Null));
        Ok(values.collect())
    }
}

fn value(cell: &Cell, dated: bool) -> Result<Value, String> {
    Ok(match cell {
        Cell::Integer(number) => match i64::try_from(*number) {
            Ok(number) => Value::Integer(number),
            Err(_) => {
                return Err(format!(
                    "expected a whole number of 64 bits, found {number}"
                ));
            }
        },
        Cell::Number(number) if number.is_finite() => Value::Number(*number),
        Cell::Number(number) => return Err(format!("expected a finite number, found {number}")),
        Cell::Boolean(flag) => Value::Boolean(*flag),
        // Columns of bytes are left out before.
        Cell::Binary(_) => Value::Null,
        Cell::Text(text) if dated && !text.is_empty() => moment(text),
        Cell::Text(text) => Value::Text((*text).to_owned()),
        Cell::Json(text) => match serde_json::from_str::<serde_json::Value>(text) {
            Ok(json) => super::scalar::of_json(json),
            Err(error) => return Err(super::skim::not_json(&error)),
        },
    })
}

/// A day or a moment where it is one; else its text, which its reader will tell of. GDAL writes a day as its
/// midnight: without a zone it is no moment that anybody has measured.
fn moment(text: &str) -> Value {
    let midnight = text.get(10..).is_some_and(|clock| {
        let clock = clock.trim_start_matches(['T', ' ']);
        clock.strip_prefix("00:00:00").is_some_and(|rest| {
            let zeros = rest.strip_prefix('.').unwrap_or(rest);
            zeros.bytes().all(|byte| byte == b'0')
        })
    });
    let day = if midnight { &text[..10] } else { text };
    Value::parse(day, ColumnType::Date)
        .or_else(|_| Value::parse(&times::in_utc(text), ColumnType::Timestamp))
        .unwrap_or_else(|_| Value::Text(text.to_owned()))
}

/// Reads a geometry; none where it has no position.
fn geometry(
    header: &Header,
    shape: &Shape,
    flattened: &mut bool,
    depth: usize,
) -> Result<Option<Geometry<f64>>, String> {
    let kind = match shape.type_() {
        GeometryType::Unknown if depth == 0 => header.geometry,
        kind => kind,
    };
    let numbers = |there: bool| there.then_some(());
    let more = numbers(shape.z().is_some_and(|z| !z.is_empty()))
        .or_else(|| numbers(shape.m().is_some_and(|m| !m.is_empty())));
    *flattened |= more.is_some();
    if kind == GeometryType::GeometryCollection {
        return collection(header, shape, flattened, depth);
    }
    for part in shape.parts().into_iter().flatten() {
        *flattened |=
            part.z().is_some_and(|z| !z.is_empty()) || part.m().is_some_and(|m| !m.is_empty());
    }
    let empty =
        shape.xy().is_none_or(|xy| xy.is_empty()) && shape.parts().is_none_or(|all| all.is_empty());
    let name = || kind.variant_name().unwrap_or("?");
    if empty && is_plain(kind) {
        return Ok(None);
    }
    if !is_plain(kind) {
        return Err(format!(
            "its geometry is a {}, which is not read: convert it to one of points, lines and polygons",
            name()
        ));
    }
    let mut all = Nested::default();
    if header.shape(shape, &mut all).is_none() {
        return Err(format!("its geometry, a {}, is broken", name()));
    }
    assembled(kind, &all)
}

fn is_plain(kind: GeometryType) -> bool {
    matches!(
        kind,
        GeometryType::Point
            | GeometryType::LineString
            | GeometryType::Polygon
            | GeometryType::MultiPoint
            | GeometryType::MultiLineString
            | GeometryType::MultiPolygon
    )
}

fn collection(
    header: &Header,
    shape: &Shape,
    flattened: &mut bool,
    depth: usize,
) -> Result<Option<Geometry<f64>>, String> {
    if depth == DEEPEST {
        return Err(format!("its geometry is nested more than {DEEPEST} deep"));
    }
    let mut parts = Vec::new();
    for part in shape.parts().into_iter().flatten() {
        parts.extend(geometry(header, &part, flattened, depth + 1)?);
    }
    Ok(shape::collection(parts))
}

/// A geometry of its positions.
fn assembled(kind: GeometryType, all: &Nested) -> Result<Option<Geometry<f64>>, String> {
    // An empty point is written as NaN by some.
    let nowhere = |at: &Coord<f64>| at.x.is_nan() && at.y.is_nan();
    if kind == GeometryType::Point && all.positions.iter().all(nowhere) {
        return Ok(None);
    }
    for at in &all.positions {
        shape::place(at.x, at.y)?;
    }
    let line = |at: usize| all.positions[span(&all.lines, at)].to_vec();
    let polygon = |at: usize| shape::polygon(span(&all.polygons, at).map(line).collect());
    Ok(match kind {
        GeometryType::Point => all.positions.first().map(|at| Point(*at).into()),
        GeometryType::MultiPoint => shape::points(all.positions.clone()),
        GeometryType::LineString => shape::line(line(0))?.map(Into::into),
        GeometryType::MultiLineString => {
            let lines = (0..all.lines.len()).filter_map(|at| shape::line(line(at)).transpose());
            shape::lines(lines.collect::<Result<_, _>>()?)
        }
        GeometryType::Polygon => polygon(0)?.map(Into::into),
        _ => {
            let parts = (0..all.polygons.len()).filter_map(|at| polygon(at).transpose());
            shape::polygons(parts.collect::<Result<_, _>>()?)
        }
    })
}

fn chunks<'a>(path: &Path, file: &str, count: &'a Counter<u64>) -> Result<Chunks<'a>, SourceError> {
    let source = File::open(path).map_err(|error| SourceError::Io {
        file: file.to_owned(),
        reason: format!("cannot be read: {error}"),
    })?;
    Ok(Chunks::new(Box::new(source), CHUNK, count))
}

fn refusal(file: &str, stop: Stop) -> SourceError {
    let file = file.to_owned();
    match stop {
        Stop::Io(error) => SourceError::Io {
            file,
            reason: format!("cannot be read: {error}"),
        },
        Stop::Said(_, reason) => SourceError::Broken { file, reason },
        Stop::Broken | Stop::Twice => SourceError::Broken {
            file,
            reason: "is broken".to_owned(),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_days_or_moments() {
        let day = Value::Date(14_624);
        let at = |micros| Value::Timestamp(micros);
        for (text, expected) in [
            ("2010-01-15", day.clone()),
            ("2010-01-15T00:00:00", day.clone()),
            ("2010-01-15T00:00:00.000", day.clone()),
            ("2010-01-15 00:00:00", day),
            ("2010-01-15T00:00:00Z", at(1_263_513_600_000_000)),
            ("2010-01-15T08:30:00", at(1_263_544_200_000_000)),
            ("2010-01-15T08:30:00+08:00", at(1_263_515_400_000_000)),
            (
                "一月十五日上午八时",
                Value::Text("一月十五日上午八时".to_owned()),
            ),
        ] {
            assert_eq!(moment(text), expected, "{text}");
        }
    }
}
