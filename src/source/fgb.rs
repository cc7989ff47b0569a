//! `FlatGeobuf` 3 (flatgeobuf.org, "Specification"): header, R-tree, features, each as long as its
//! first four bytes say. The R-tree is passed over: rows are put in another order anyway.
//!
//! What is here is the format's; what a feature becomes is its reader's.

use flatgeobuf::{ColumnType as Stored, Crs as CrsTable, Feature, Geometry as Shape, GeometryType};
use flatgeobuf::{size_prefixed_root_as_feature, size_prefixed_root_as_header};
use geo::Coord;

use super::nested::Nested;
use super::split::{Splitter, Stop};

/// The last byte is a patch level, which changes nothing for readers.
const MAGIC: [u8; 7] = *b"fgb\x03fgb";
/// A header is names and an extent; one that seems longer is none.
const LONGEST_HEADER: usize = 1 << 26;
/// Bytes of a node of the R-tree: a box and an offset.
const NODE: u64 = 40;

/// What a file says of all its features.
#[derive(Debug)]
pub(crate) struct Header {
    pub name: Option<String>,
    pub columns: Vec<StoredColumn>,
    pub crs: Option<StoredCrs>,
    pub geometry: GeometryType,
    /// How many features follow, where the file says.
    pub features: Option<u64>,
}

#[derive(Debug)]
pub(crate) struct StoredColumn {
    pub name: String,
    pub kind: Stored,
}

/// A CRS in the words of the file.
#[derive(Debug)]
pub(crate) struct StoredCrs {
    pub org: Option<String>,
    /// None where it is 0.
    pub code: Option<String>,
    pub name: Option<String>,
    pub wkt: Option<String>,
}

impl StoredCrs {
    fn new(crs: &CrsTable) -> Self {
        let owned = |text: Option<&str>| text.filter(|text| !text.is_empty()).map(str::to_owned);
        let number = Some(crs.code()).filter(|code| *code != 0);
        Self {
            org: owned(crs.org()),
            code: owned(crs.code_string()).or_else(|| number.map(|code| code.to_string())),
            name: owned(crs.name()),
            wkt: owned(crs.wkt()),
        }
    }
}

/// Reads up to the first feature.
pub(crate) fn header(splitter: &mut Splitter) -> Result<Header, Stop> {
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
    let columns = header.columns().into_iter().flatten();
    let columns = columns.map(|stored| StoredColumn {
        name: stored.name().to_owned(),
        kind: stored.type_(),
    });
    let count = header.features_count();
    let found = Header {
        name: header.name().map(str::to_owned),
        columns: columns.collect(),
        crs: header.crs().map(|crs| StoredCrs::new(&crs)),
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

/// A file cut between two features is whole as far as it goes.
pub(crate) fn all_there(said: Option<u64>, found: usize) -> Result<(), Stop> {
    match said {
        Some(said) if said != found as u64 => {
            let reason = format!(
                "expected {said} features as its header says, found {found} (is it cut short?)"
            );
            Err(Stop::Said("syntax", reason))
        }
        _ => Ok(()),
    }
}

/// A feature of its bytes, its length before it.
pub(crate) fn feature(bytes: &[u8]) -> Result<Feature<'_>, String> {
    let feature = size_prefixed_root_as_feature(bytes)
        .map_err(|error| format!("is not a FlatGeobuf feature: {error}"))?;
    if feature.columns().is_some_and(|columns| !columns.is_empty()) {
        return Err("has columns of its own, which are not read".to_owned());
    }
    Ok(feature)
}

impl Header {
    pub fn kind(&self, shape: &Shape) -> GeometryType {
        match shape.type_() {
            GeometryType::Unknown => self.geometry,
            kind => kind,
        }
    }

    /// The positions of a shape, the name of its type and the depth of its arrays in `GeoJSON`; none where
    /// it is broken, or of a type that has no such arrays.
    pub fn shape(&self, shape: &Shape, into: &mut Nested) -> Option<(&'static str, usize)> {
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
    pub fn cells<'a>(
        &'a self,
        bytes: &'a [u8],
    ) -> impl Iterator<Item = Result<(usize, Cell<'a>), String>> {
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

    fn cell<'a>(&'a self, rest: &mut &'a [u8]) -> Option<(usize, Cell<'a>)> {
        let number = usize::from(u16::from_le_bytes(taken(rest)?));
        let stored = self.columns.get(number)?;
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
            Stored::Float => {
                Cell::Number(super::scalar::of_single(f32::from_le_bytes(taken(rest)?)))
            }
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
        Some((number, cell))
    }
}

pub(super) fn positions(shape: &Shape, into: &mut Nested) -> Option<()> {
    let numbers = shape.xy()?;
    let mut numbers = numbers.iter();
    while let Some(x) = numbers.next() {
        let y = numbers.next()?;
        into.positions.push(Coord { x, y });
    }
    Some(())
}

/// Lines or rings; a shape of one need not say where it ends.
pub(super) fn lines(shape: &Shape, into: &mut Nested) -> Option<()> {
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
pub(crate) enum Cell<'a> {
    Integer(i128),
    Number(f64),
    Boolean(bool),
    Text(&'a str),
    Json(&'a str),
    /// How many bytes.
    Binary(usize),
}
