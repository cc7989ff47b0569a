//! `FlatGeobuf` 3 (flatgeobuf.org, "Specification"): header, R-tree, features, each as long as its
//! first four bytes say. The R-tree is passed over: rows are put in another order anyway.
//!
//! An id is the column of that name. As with [`super::record`], what is odd is read again by way of
//! [`super::feature`], which tells what is wrong.

use flatgeobuf::{ColumnType as Stored, Feature, Geometry as Shape, GeometryType};
use flatgeobuf::{size_prefixed_root_as_feature, size_prefixed_root_as_header};
use geo::Coord;
use serde_json::{Map, Value as Json, json};

use super::record::{Nested, Reader, Record, once};
use super::split::{Splitter, Stop};
use crate::model::{CollectionInfo, ColumnType, FeatureId, Value};

/// The last byte is a patch level, which changes nothing for readers.
const MAGIC: [u8; 7] = *b"fgb\x03fgb";
/// A header is names and an extent; one that seems longer is none.
const LONGEST_HEADER: usize = 1 << 26;
/// Bytes of a node of the R-tree: a box and an offset.
const NODE: u64 = 40;

/// What a file says of all its features.
#[derive(Debug)]
pub(super) struct Header {
    columns: Vec<StoredColumn>,
    geometry: GeometryType,
    /// How many features follow, where the file says.
    pub features: Option<u64>,
}

#[derive(Debug)]
struct StoredColumn {
    name: String,
    kind: Stored,
    /// The collection's column of that name, where it is one that is read.
    column: Option<usize>,
}

/// Reads up to the first feature.
pub(super) fn header(splitter: &mut Splitter, info: &CollectionInfo) -> Result<Header, Stop> {
    let said = |reason: &str| Stop::Said("syntax", reason.to_owned());
    let start = splitter.bytes(MAGIC.len() + 1)?;
    if start.is_none_or(|start| !start.starts_with(&MAGIC)) {
        return Err(said("is not FlatGeobuf 3: it does not start with fgb3fgb"));
    }
    let cut = || said("the file ends too early (is it cut short?)");
    let length = splitter.length()?.ok_or_else(cut)?;
    if length > LONGEST_HEADER {
        return Err(said("its FlatGeobuf header is broken"));
    }
    let bytes = splitter.bytes(4 + length)?.ok_or_else(cut)?;
    let header = size_prefixed_root_as_header(bytes)
        .map_err(|error| said(&format!("its FlatGeobuf header is broken: {error}")))?;
    if let Some(crs) = header.crs() {
        let named = crs.code_string().map(str::to_owned);
        let named = named.unwrap_or_else(|| crs.code().to_string());
        let unnamed = named == "0" && crs.wkt().is_none() && crs.name().is_none();
        if !(unnamed || named == "4326" || named.ends_with("CRS84")) {
            let org = crs.org().unwrap_or("EPSG");
            let name = crs.name().unwrap_or("?");
            let reason = format!(
                "expected WGS 84, longitude before latitude (EPSG:4326 or OGC:CRS84), found {org}:{named} {name:?}"
            );
            return Err(Stop::Said("crs", reason));
        }
    }
    let column = |name: &str| {
        let at = info.column_index(name)?;
        info.columns[at].compute.is_none().then_some(at)
    };
    let columns = header.columns().into_iter().flatten();
    let columns = columns.map(|stored| StoredColumn {
        name: stored.name().to_owned(),
        kind: stored.type_(),
        column: column(stored.name()),
    });
    let count = header.features_count();
    let found = Header {
        columns: columns.collect(),
        geometry: header.geometry_type(),
        features: (count > 0).then_some(count),
    };
    let node_size = u64::from(header.index_node_size());
    if count > 0 && node_size > 0 {
        if node_size == 1 {
            return Err(said("its FlatGeobuf index is broken: nodes of one entry"));
        }
        let (mut level, mut nodes) = (count, count);
        while level > 1 {
            level = level.div_ceil(node_size);
            nodes = nodes.saturating_add(level);
        }
        // A tree of one leaf has a root all the same.
        nodes += u64::from(count == 1);
        if !splitter.skip(nodes.saturating_mul(NODE))? {
            return Err(cut());
        }
    }
    Ok(found)
}

/// A feature by either way.
pub(super) enum Read {
    Record(Record),
    /// As GeoJSON would have it.
    Odd(Json),
}

impl Header {
    /// Reads a feature's bytes, its length before it.
    pub fn read(&self, bytes: &[u8], reader: &mut Reader) -> Result<Read, String> {
        let feature = size_prefixed_root_as_feature(bytes)
            .map_err(|error| format!("is not a FlatGeobuf feature: {error}"))?;
        if feature.columns().is_some_and(|columns| !columns.is_empty()) {
            return Err("has columns of its own, which are not read".to_owned());
        }
        Ok(match self.record(&feature, reader) {
            Some(record) => Read::Record(record),
            None => Read::Odd(self.json(&feature)?),
        })
    }

    fn record(&self, feature: &Feature, reader: &mut Reader) -> Option<Record> {
        let (mut id, mut cells) = (None, vec![None; reader.columns().len()]);
        let properties = feature.properties();
        let properties = properties.as_ref().map_or(&[][..], |cells| cells.bytes());
        for cell in self.cells(properties) {
            let (stored, cell) = cell.ok()?;
            match stored.column {
                Some(at) => once(&mut cells[at], cell.value(reader.columns()[at].kind)?)?,
                None if stored.name == "id" => once(&mut id, cell.id()?)?,
                None => return None,
            }
        }
        let (geometry, heights) = match feature.geometry() {
            None => (None, false),
            Some(shape) => {
                reader.nested.clear();
                let (kind, depth) = self.shape(&shape, &mut reader.nested)?;
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

    fn kind(&self, shape: &Shape) -> GeometryType {
        match shape.type_() {
            GeometryType::Unknown => self.geometry,
            kind => kind,
        }
    }

    fn shape(&self, shape: &Shape, into: &mut Nested) -> Option<(&'static str, usize)> {
        match self.kind(shape) {
            GeometryType::Point => {
                positions(shape, into)?;
                (into.positions.len() == 1).then_some(("Point", 1))
            }
            GeometryType::MultiPoint => {
                positions(shape, into)?;
                Some(("MultiPoint", 2))
            }
            GeometryType::LineString => {
                lines(shape, into)?;
                (into.lines.len() == 1).then_some(("LineString", 2))
            }
            GeometryType::MultiLineString => {
                lines(shape, into)?;
                Some(("MultiLineString", 3))
            }
            GeometryType::Polygon => {
                lines(shape, into)?;
                into.polygons.push(into.lines.len());
                Some(("Polygon", 3))
            }
            GeometryType::MultiPolygon => {
                for part in shape.parts()? {
                    lines(&part, into)?;
                    into.polygons.push(into.lines.len());
                }
                Some(("MultiPolygon", 4))
            }
            _ => None,
        }
    }

    /// The cells of a feature; an error where their bytes end too early.
    fn cells<'a>(
        &'a self,
        bytes: &'a [u8],
    ) -> impl Iterator<Item = Result<(&'a StoredColumn, Cell<'a>), String>> {
        let mut rest = bytes;
        std::iter::from_fn(move || {
            if rest.is_empty() {
                return None;
            }
            let found = self.cell(&mut rest);
            if found.is_none() {
                rest = &[];
            }
            Some(found.ok_or_else(|| "its properties are broken".to_owned()))
        })
    }

    fn cell<'a>(&'a self, rest: &mut &'a [u8]) -> Option<(&'a StoredColumn, Cell<'a>)> {
        let number = u16::from_le_bytes(taken(rest)?);
        let stored = self.columns.get(usize::from(number))?;
        let cell = match stored.kind {
            Stored::Byte => Cell::Integer(i8::from_le_bytes(taken(rest)?).into()),
            Stored::UByte => Cell::Integer(u8::from_le_bytes(taken(rest)?).into()),
            Stored::Bool => Cell::Boolean(taken::<1>(rest)? != [0]),
            Stored::Short => Cell::Integer(i16::from_le_bytes(taken(rest)?).into()),
            Stored::UShort => Cell::Integer(u16::from_le_bytes(taken(rest)?).into()),
            Stored::Int => Cell::Integer(i32::from_le_bytes(taken(rest)?).into()),
            Stored::UInt => Cell::Integer(u32::from_le_bytes(taken(rest)?).into()),
            Stored::Long => Cell::Integer(i64::from_le_bytes(taken(rest)?).into()),
            Stored::ULong => Cell::Integer(u64::from_le_bytes(taken(rest)?).into()),
            Stored::Float => Cell::Number(f32::from_le_bytes(taken(rest)?).into()),
            Stored::Double => Cell::Number(f64::from_le_bytes(taken(rest)?)),
            Stored::String | Stored::DateTime | Stored::Json | Stored::Binary => {
                let length = u32::from_le_bytes(taken(rest)?) as usize;
                let bytes = rest.split_off(..length)?;
                match stored.kind {
                    Stored::Binary => Cell::Binary(length),
                    Stored::Json => Cell::Json(std::str::from_utf8(bytes).ok()?),
                    _ => Cell::Text(std::str::from_utf8(bytes).ok()?),
                }
            }
            _ => return None,
        };
        Some((stored, cell))
    }

    /// The feature as GeoJSON would have it, whatever is wrong with it.
    fn json(&self, feature: &Feature) -> Result<Json, String> {
        let properties = feature.properties();
        let properties = properties.as_ref().map_or(&[][..], |cells| cells.bytes());
        let mut members = Map::new();
        let mut whole = Map::new();
        whole.insert("type".to_owned(), "Feature".into());
        for cell in self.cells(properties) {
            let (stored, cell) = cell?;
            if stored.name == "id" {
                whole.insert("id".to_owned(), cell.json());
            } else {
                members.insert(stored.name.clone(), cell.json());
            }
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
        let kind = self.kind(shape);
        let mut all = Nested::default();
        let Some((kind, _)) = self.shape(shape, &mut all) else {
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

fn span(ends: &[usize], at: usize) -> std::ops::Range<usize> {
    at.checked_sub(1).map_or(0, |before| ends[before])..ends[at]
}

fn positions(shape: &Shape, into: &mut Nested) -> Option<()> {
    let numbers = shape.xy()?;
    let mut numbers = numbers.iter();
    while let Some(x) = numbers.next() {
        let y = numbers.next()?;
        into.positions.push(Coord { x, y });
    }
    Some(())
}

/// Lines or rings; a shape of one need not say where it ends.
fn lines(shape: &Shape, into: &mut Nested) -> Option<()> {
    let start = into.positions.len();
    positions(shape, into)?;
    let whole = into.positions.len();
    match shape.ends().filter(|ends| !ends.is_empty()) {
        None => into.lines.push(whole),
        Some(ends) => {
            let mut last = start;
            for end in ends {
                let end = start + end as usize;
                if end < last || end > whole {
                    return None;
                }
                last = end;
                into.lines.push(end);
            }
            (last == whole).then_some(())?;
        }
    }
    Some(())
}

fn taken<const N: usize>(rest: &mut &[u8]) -> Option<[u8; N]> {
    let (taken, after) = rest.split_first_chunk()?;
    *rest = after;
    Some(*taken)
}

/// A cell as the file has it.
enum Cell<'a> {
    Integer(i128),
    Number(f64),
    Boolean(bool),
    Text(&'a str),
    Json(&'a str),
    /// How many bytes.
    Binary(usize),
}

impl Cell<'_> {
    fn id(&self) -> Option<FeatureId> {
        match self {
            Self::Integer(number) => Some(i64::try_from(*number).ok()?.into()),
            Self::Text(text) if !text.is_empty() => Some((*text).into()),
            _ => None,
        }
    }

    fn value(&self, kind: ColumnType) -> Option<Value> {
        match (kind, self) {
            (ColumnType::String, Self::Text("")) => Some(Value::Null),
            (ColumnType::String, Self::Text(text)) => Some(Value::Text((*text).to_owned())),
            (ColumnType::Integer, Self::Integer(number)) => {
                i64::try_from(*number).ok().map(Value::Integer)
            }
            #[expect(clippy::cast_precision_loss, reason = "as JSON's numbers are read")]
            (ColumnType::Number, Self::Integer(number)) => Some(Value::Number(*number as f64)),
            (ColumnType::Number, Self::Number(number)) if number.is_finite() => {
                Some(Value::Number(*number))
            }
            (ColumnType::Boolean, Self::Boolean(flag)) => Some(Value::Boolean(*flag)),
            (ColumnType::Date | ColumnType::Timestamp, Self::Text(text)) if !text.is_empty() => {
                Value::parse(text, kind).ok()
            }
            (ColumnType::Strings | ColumnType::Json, Self::Json(text)) => {
                Value::from_json(&serde_json::from_str(text).ok()?, kind).ok()
            }
            _ => None,
        }
    }

    fn json(&self) -> Json {
        match self {
            Self::Integer(number) => i64::try_from(*number).map_or_else(
                |_| u64::try_from(*number).unwrap_or(u64::MAX).into(),
                Into::into,
            ),
            // What JSON has no number for is no number of a plan either.
            Self::Number(number) if !number.is_finite() => number.to_string().into(),
            Self::Number(number) => (*number).into(),
            Self::Boolean(flag) => (*flag).into(),
            Self::Text(text) => (*text).into(),
            Self::Json(text) => serde_json::from_str(text).unwrap_or_else(|_| (*text).into()),
            Self::Binary(count) => format!("{count} bytes").into(),
        }
    }
}
