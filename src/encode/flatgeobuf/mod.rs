//! Rows as `FlatGeobuf` 3 (flatgeobuf.org, "Specification"), with its index.
//!
//! The file is header, R-tree, features in the tree's order, so features wait in a temporary file
//! until the last one is known; in memory stay 40 bytes for each. The crate's own writer has no null
//! geometry, hence its tables and its tree are used directly. A feature without a place is in the
//! file after all others, and in the tree with a box that no query meets.

mod shape;

use std::fs::File;
use std::io::{BufReader, BufWriter, Read, Seek, SeekFrom, Write};

use flatbuffers::{FlatBufferBuilder, WIPOffset};
use flatgeobuf::packed_r_tree::{NodeItem, PackedRTree, calc_extent, hilbert_sort};
use flatgeobuf::{
    Column as FgbColumn, ColumnArgs, ColumnType as FgbType, Crs as FgbCrs, CrsArgs,
    Feature as FgbFeature, FeatureArgs, GeometryType, Header, HeaderArgs,
};
use geo::BoundingRect;

use super::error::EncodeError;
use super::format::{Format, Table};
use super::names;
use crate::model::{Column, ColumnType, Feature, FeatureId, Value};

const MAGIC: [u8; 8] = *b"fgb\x03fgb\x00";

/// A feature's bytes in the temporary file.
struct Spooled {
    start: u64,
    bytes: u64,
}

/// What the header says of all features.
#[derive(Default)]
struct Seen {
    types: Vec<GeometryType>,
    nodes: Vec<NodeItem>,
    without_place: Vec<NodeItem>,
}

/// Writes the features to a temporary file, then everything in order.
pub(super) fn write(mut table: Table, out: &mut dyn Write) -> Result<(), EncodeError> {
    let mut spool = BufWriter::new(tempfile::tempfile()?);
    let mut spooled: Vec<Spooled> = Vec::new();
    let mut seen = Seen::default();
    let mut builder = FlatBufferBuilder::new();
    let columns = table.columns;
    let numeric_ids = table.collection.numeric_ids;
    for feature in &mut table.features {
        let feature = feature?;
        let start = spooled.last().map_or(0, |last| last.start + last.bytes);
        let node = encode(
            &mut builder,
            columns,
            numeric_ids,
            &feature,
            &mut seen.types,
        )?;
        let mut node = node.unwrap_or_else(|| NodeItem::create(0));
        node.offset = spooled.len() as u64;
        if node.min_x <= node.max_x {
            seen.nodes.push(node);
        } else {
            seen.without_place.push(node);
        }
        let bytes = builder.finished_data();
        spool.write_all(bytes)?;
        spooled.push(Spooled {
            start,
            bytes: bytes.len() as u64,
        });
        builder.reset();
    }
    let spool = spool
        .into_inner()
        .map_err(std::io::IntoInnerError::into_error)?;
    let mut out = BufWriter::new(out);
    finish(&table, seen, &spooled, spool, &mut out)?;
    out.flush()?;
    Ok(())
}

fn finish(
    table: &Table,
    mut seen: Seen,
    spooled: &[Spooled],
    spool: File,
    out: &mut impl Write,
) -> Result<(), EncodeError> {
    let extent = calc_extent(&seen.nodes);
    hilbert_sort(&mut seen.nodes, &extent);
    let indexed = !seen.nodes.is_empty();
    let mut order = seen.nodes;
    order.append(&mut seen.without_place);

    out.write_all(&MAGIC)?;
    out.write_all(&header(
        table,
        &seen.types,
        &extent,
        spooled.len(),
        indexed,
    )?)?;
    if indexed {
        let mut offset = 0;
        let leaves = order.iter().map(|node| {
            let mut leaf = node.clone();
            leaf.offset = offset;
            offset += at(spooled, node).bytes;
            leaf
        });
        let leaves: Vec<_> = leaves.collect();
        let tree = PackedRTree::build(&leaves, &extent, PackedRTree::DEFAULT_NODE_SIZE);
        let tree = tree.map_err(|error| Format::FlatGeobuf.failed(error))?;
        tree.stream_write(out)?;
    }
    let mut spool = BufReader::new(spool);
    for node in &order {
        let place = at(spooled, node);
        spool.seek(SeekFrom::Start(place.start))?;
        std::io::copy(&mut Read::take(&mut spool, place.bytes), out)?;
    }
    Ok(())
}

#[expect(
    clippy::cast_possible_truncation,
    reason = "the offset was made of an index"
)]
fn at<'a>(spooled: &'a [Spooled], node: &NodeItem) -> &'a Spooled {
    &spooled[node.offset as usize]
}

fn header(
    table: &Table,
    types: &[GeometryType],
    extent: &NodeItem,
    count: usize,
    indexed: bool,
) -> Result<Vec<u8>, EncodeError> {
    let mut fbb = FlatBufferBuilder::new();
    let kind = if table.collection.numeric_ids {
        ColumnType::Integer
    } else {
        ColumnType::String
    };
    let id = column(&mut fbb, "id", kind, None);
    let names = names::unique(table.columns, &["id"]);
    let mut columns = vec![id];
    for (one, name) in table.columns.iter().zip(&names) {
        let unit = one.unit.as_deref().map(|unit| format!("; {unit}"));
        let role = names::role(one.role);
        let about = format!("{}; {role}{}", one.title.en, unit.unwrap_or_default());
        let words = Some((one.title.zh.as_str(), about.as_str()));
        columns.push(column(&mut fbb, name, one.kind, words));
    }
    let columns = fbb.create_vector(&columns);
    let definition = table.crs.definition()?;
    let crs = match &definition {
        Some(own) => CrsArgs {
            org: Some(fbb.create_string("EPSG")),
            code: i32::try_from(own.code).unwrap_or(0),
            name: Some(fbb.create_string(&own.name)),
            wkt: Some(fbb.create_string(&own.wkt)),
            ..CrsArgs::default()
        },
        // No organisation defines the offset systems; their name is all that can be said.
        None => CrsArgs {
            name: Some(fbb.create_string(&table.crs.to_string())),
            description: Some(fbb.create_string(&table.crs.uri())),
            ..CrsArgs::default()
        },
    };
    let info = table.collection;
    let envelope = [extent.min_x, extent.min_y, extent.max_x, extent.max_y];
    let arguments = HeaderArgs {
        name: Some(fbb.create_string(&info.id)),
        envelope: indexed.then(|| fbb.create_vector(&envelope)),
        geometry_type: match types {
            [only] => *only,
            _ => GeometryType::Unknown,
        },
        columns: Some(columns),
        features_count: count as u64,
        index_node_size: if indexed {
            PackedRTree::DEFAULT_NODE_SIZE
        } else {
            0
        },
        crs: Some(FgbCrs::create(&mut fbb, &crs)),
        title: Some(fbb.create_string(&format!("{} {}", info.title.zh, info.title.en))),
        description: Some(fbb.create_string(&info.description.en)),
        ..HeaderArgs::default()
    };
    let header = Header::create(&mut fbb, &arguments);
    fbb.finish_size_prefixed(header, None);
    Ok(fbb.finished_data().to_vec())
}

fn column<'a>(
    fbb: &mut FlatBufferBuilder<'a>,
    name: &str,
    kind: ColumnType,
    words: Option<(&str, &str)>,
) -> WIPOffset<FgbColumn<'a>> {
    let arguments = ColumnArgs {
        name: Some(fbb.create_string(name)),
        type_: match kind {
            ColumnType::String => FgbType::String,
            ColumnType::Integer => FgbType::Long,
            ColumnType::Number => FgbType::Double,
            ColumnType::Boolean => FgbType::Bool,
            // ISO 8601 in either precision; the format has no type for a day.
            ColumnType::Date | ColumnType::Timestamp => FgbType::DateTime,
            ColumnType::Strings | ColumnType::Json => FgbType::Json,
        },
        title: words.map(|(title, _)| fbb.create_string(title)),
        description: words.map(|(_, about)| fbb.create_string(about)),
        ..ColumnArgs::default()
    };
    FgbColumn::create(fbb, &arguments)
}

/// Leaves the feature's bytes in the builder and answers with its box.
fn encode(
    fbb: &mut FlatBufferBuilder,
    columns: &[Column],
    numeric_ids: bool,
    feature: &Feature,
    types: &mut Vec<GeometryType>,
) -> Result<Option<NodeItem>, EncodeError> {
    let long = |column: &str| {
        let reason = "it is longer than 4 GiB";
        Format::FlatGeobuf.value(feature, column, reason)
    };
    // A cell is the number of its column, then its bytes; a null has neither.
    let mut cells = vec![0, 0];
    match feature.id {
        FeatureId::Number(number) if numeric_ids => cells.extend(number.to_le_bytes()),
        _ => put_text(&mut cells, &feature.id.text()).ok_or_else(|| long("id"))?,
    }
    for ((at, value), column) in (1..=u16::MAX).zip(&feature.values).zip(columns) {
        if !value.is_null() {
            cells.extend(at.to_le_bytes());
        }
        match value {
            Value::Null => {}
            Value::Text(text) => {
                put_text(&mut cells, text).ok_or_else(|| long(&column.name))?;
            }
            Value::Integer(number) => cells.extend(number.to_le_bytes()),
            Value::Number(number) => cells.extend(number.to_le_bytes()),
            Value::Boolean(flag) => cells.push(u8::from(*flag)),
            Value::Date(_) | Value::Timestamp(_) | Value::Strings(_) | Value::Json(_) => {
                put_text(&mut cells, &value.to_string()).ok_or_else(|| long(&column.name))?;
            }
        }
    }
    let geometry = feature.geometry.as_ref().map(|shape| {
        let (kind, table) = shape::geometry(fbb, shape);
        if !types.contains(&kind) {
            types.push(kind);
        }
        table
    });
    let properties = Some(fbb.create_vector(&cells));
    let table = FgbFeature::create(
        fbb,
        &FeatureArgs {
            geometry,
            properties,
            columns: None,
        },
    );
    fbb.finish_size_prefixed(table, None);
    let rect = feature
        .geometry
        .as_ref()
        .and_then(BoundingRect::bounding_rect);
    Ok(rect.map(|rect| NodeItem::bounds(rect.min().x, rect.min().y, rect.max().x, rect.max().y)))
}

/// `None` where the format cannot count the bytes.
fn put_text(out: &mut Vec<u8>, text: &str) -> Option<()> {
    let bytes = u32::try_from(text.len()).ok()?;
    out.extend(bytes.to_le_bytes());
    out.extend(text.as_bytes());
    Some(())
}
