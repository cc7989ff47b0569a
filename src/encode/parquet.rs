//! Rows as `GeoParquet` 1.1 (geoparquet.org/releases/v1.1.0): WKB in the column `geometry`, its CRS as
//! PROJJSON in the file's metadata, and the boxes of rows in the column `bbox`.
//!
//! Rows are gathered into row groups, and each leaves when it is full: memory holds one of them.

use std::collections::BTreeSet;
use std::io::Write;
use std::sync::Arc;

use ::parquet::basic::{Compression, LogicalType, Repetition, TimeUnit, Type as Physical};
use ::parquet::data_type::{
    BoolType, ByteArray, ByteArrayType, DataType, DoubleType, Int32Type, Int64Type,
};
use ::parquet::errors::ParquetError;
use ::parquet::file::metadata::KeyValue;
use ::parquet::file::properties::WriterProperties;
use ::parquet::file::writer::{SerializedFileWriter, SerializedRowGroupWriter};
use ::parquet::schema::types::{Type, TypePtr};
use geo::{BoundingRect, Rect};
use serde_json::json;

use super::error::EncodeError;
use super::format::{Format, Table};
use super::{names, wkb};
use crate::crs::Crs;
use crate::model::{Column, ColumnType, Feature, FeatureId, Value};

/// A row group is written after so many rows, or when its geometries have so many bytes.
const GROUP_ROWS: usize = 65_536;
const GROUP_BYTES: usize = 64 << 20;

const REQUIRED: Repetition = Repetition::REQUIRED;

const SIDES: [&str; 4] = ["xmin", "ymin", "xmax", "ymax"];

/// Writes row groups as rows come, and the metadata at the end.
pub(super) fn write(table: Table, out: &mut (dyn Write + Send)) -> Result<(), EncodeError> {
    let names = names::unique(table.columns, &["id", "geometry", "bbox"]);
    let numeric_ids = table.collection.numeric_ids;
    let schema = schema(table.columns, &names, numeric_ids).map_err(failed)?;
    let properties = WriterProperties::builder().set_compression(Compression::SNAPPY);
    let properties = Arc::new(properties.build());
    let mut writer = SerializedFileWriter::new(out, schema, properties).map_err(failed)?;
    let mut seen = Seen::default();
    let mut group = Group::default();
    for feature in table.features {
        let feature = feature?;
        seen.add(&feature);
        group.add(feature)?;
        if group.features.len() >= GROUP_ROWS || group.bytes >= GROUP_BYTES {
            let mut next = writer.next_row_group().map_err(failed)?;
            group
                .write(table.columns, numeric_ids, &mut next)
                .map_err(failed)?;
            next.close().map_err(failed)?;
            group = Group::default();
        }
    }
    if !group.features.is_empty() {
        let mut next = writer.next_row_group().map_err(failed)?;
        group
            .write(table.columns, numeric_ids, &mut next)
            .map_err(failed)?;
        next.close().map_err(failed)?;
    }
    let geo = seen.metadata(table.crs)?;
    writer.append_key_value_metadata(KeyValue::new("geo".to_owned(), geo));
    writer.close().map_err(failed)?;
    Ok(())
}

fn failed(error: ParquetError) -> EncodeError {
    Format::GeoParquet.failed(error)
}

fn schema(
    columns: &[Column],
    names: &[String],
    numeric_ids: bool,
) -> Result<TypePtr, ParquetError> {
    let field = |name: &str, physical, logical, repetition| {
        Type::primitive_type_builder(name, physical)
            .with_logical_type(logical)
            .with_repetition(repetition)
            .build()
            .map(Arc::new)
    };
    let text = Some(LogicalType::String);
    let mut fields = vec![if numeric_ids {
        field("id", Physical::INT64, None, REQUIRED)?
    } else {
        field("id", Physical::BYTE_ARRAY, text.clone(), REQUIRED)?
    }];
    for (column, name) in columns.iter().zip(names) {
        let (physical, logical) = match column.kind {
            ColumnType::String => (Physical::BYTE_ARRAY, text.clone()),
            ColumnType::Integer => (Physical::INT64, None),
            ColumnType::Number => (Physical::DOUBLE, None),
            ColumnType::Boolean => (Physical::BOOLEAN, None),
            ColumnType::Date => (Physical::INT32, Some(LogicalType::Date)),
            ColumnType::Timestamp => {
                let utc = LogicalType::timestamp(true, TimeUnit::MICROS);
                (Physical::INT64, Some(utc))
            }
            ColumnType::Json => (Physical::BYTE_ARRAY, Some(LogicalType::Json)),
            ColumnType::Strings => {
                let element = field("element", Physical::BYTE_ARRAY, text.clone(), REQUIRED)?;
                fields.push(list(name, element)?);
                continue;
            }
        };
        fields.push(field(name, physical, logical, Repetition::OPTIONAL)?);
    }
    fields.push(field(
        "geometry",
        Physical::BYTE_ARRAY,
        None,
        Repetition::OPTIONAL,
    )?);
    let sides = SIDES.map(|side| field(side, Physical::DOUBLE, None, REQUIRED));
    let sides = sides.into_iter().collect::<Result<_, _>>()?;
    let bbox = Type::group_type_builder("bbox")
        .with_repetition(Repetition::OPTIONAL)
        .with_fields(sides);
    fields.push(Arc::new(bbox.build()?));
    let root = Type::group_type_builder("schema").with_fields(fields);
    root.build().map(Arc::new)
}

/// A list that may be null, of elements that may not (parquet-format, `LogicalTypes.md`, "Lists").
fn list(name: &str, element: TypePtr) -> Result<TypePtr, ParquetError> {
    let repeated = Type::group_type_builder("list")
        .with_repetition(Repetition::REPEATED)
        .with_fields(vec![element]);
    let list = Type::group_type_builder(name)
        .with_logical_type(Some(LogicalType::List))
        .with_repetition(Repetition::OPTIONAL)
        .with_fields(vec![Arc::new(repeated.build()?)]);
    list.build().map(Arc::new)
}

/// What the metadata says of all rows.
#[derive(Default)]
struct Seen {
    types: BTreeSet<&'static str>,
    bounds: Option<Rect>,
}

impl Seen {
    fn add(&mut self, feature: &Feature) {
        let Some(geometry) = &feature.geometry else {
            return;
        };
        self.types.insert(wkb::type_name(geometry));
        self.bounds = match (self.bounds, geometry.bounding_rect()) {
            (Some(all), Some(own)) => Some(crate::snapshot::joined(all, own)),
            (all, own) => all.or(own),
        };
    }

    fn metadata(&self, crs: Crs) -> Result<String, EncodeError> {
        let covering: serde_json::Map<_, _> = SIDES
            .iter()
            .map(|side| ((*side).to_owned(), json!(["bbox", side])))
            .collect();
        let mut column = json!({
            "encoding": "WKB",
            "geometry_types": self.types,
            // Null says that the CRS is none that PROJ knows; absent would say CRS84.
            "crs": crs.definition()?.map(|own| own.projjson),
            "covering": { "bbox": covering },
        });
        if let Some(bounds) = self.bounds {
            let (min, max) = (bounds.min(), bounds.max());
            column["bbox"] = json!([min.x, min.y, max.x, max.y]);
        }
        let all = json!({
            "version": "1.1.0",
            "primary_column": "geometry",
            "columns": { "geometry": column },
        });
        Ok(all.to_string())
    }
}

/// Rows that wait for their group to be full, without their geometries, which are bytes already.
#[derive(Default)]
struct Group {
    features: Vec<Feature>,
    geometries: Vec<Option<Vec<u8>>>,
    boxes: Vec<Option<Rect>>,
    bytes: usize,
}

impl Group {
    fn add(&mut self, mut feature: Feature) -> Result<(), EncodeError> {
        let bytes = wkb::wkb(Format::GeoParquet, &feature)?;
        self.bytes += bytes.as_ref().map_or(0, Vec::len);
        self.geometries.push(bytes);
        let geometry = feature.geometry.take();
        self.boxes
            .push(geometry.and_then(|shape| shape.bounding_rect()));
        self.features.push(feature);
        Ok(())
    }

    fn write<W: Write + Send>(
        self,
        columns: &[Column],
        numeric_ids: bool,
        out: &mut SerializedRowGroupWriter<W>,
    ) -> Result<(), ParquetError> {
        let ids = self.features.iter().map(|feature| &feature.id);
        if numeric_ids {
            let numbers = ids.filter_map(|id| match id {
                FeatureId::Number(number) => Some(*number),
                FeatureId::Text(_) => None,
            });
            required::<Int64Type, _>(out, &numbers.collect::<Vec<_>>())?;
        } else {
            let texts = ids.map(|id| id.text().as_ref().into());
            required::<ByteArrayType, _>(out, &texts.collect::<Vec<_>>())?;
        }
        for (at, column) in columns.iter().enumerate() {
            let cells = self.features.iter().map(|feature| &feature.values[at]);
            match column.kind {
                ColumnType::String | ColumnType::Json => {
                    optional::<ByteArrayType, _>(out, cells.map(text))?;
                }
                ColumnType::Date => optional::<Int32Type, _>(out, cells.map(days))?,
                ColumnType::Timestamp => optional::<Int64Type, _>(out, cells.map(micros))?,
                ColumnType::Strings => lists(out, cells)?,
                ColumnType::Integer => optional::<Int64Type, _>(out, cells.map(integer))?,
                ColumnType::Number => optional::<DoubleType, _>(out, cells.map(Value::as_f64))?,
                ColumnType::Boolean => optional::<BoolType, _>(out, cells.map(boolean))?,
            }
        }
        let geometries = self.geometries.into_iter();
        optional::<ByteArrayType, _>(out, geometries.map(|bytes| bytes.map(ByteArray::from)))?;
        for side in 0..SIDES.len() {
            let sides = self.boxes.iter().map(|rect| {
                let rect = (*rect)?;
                Some([rect.min().x, rect.min().y, rect.max().x, rect.max().y][side])
            });
            optional::<DoubleType, _>(out, sides)?;
        }
        Ok(())
    }
}

fn text(value: &Value) -> Option<ByteArray> {
    match value {
        Value::Text(text) | Value::Json(text) => Some(text.as_str().into()),
        _ => None,
    }
}

fn days(value: &Value) -> Option<i32> {
    match value {
        Value::Date(days) => Some(*days),
        _ => None,
    }
}

fn micros(value: &Value) -> Option<i64> {
    match value {
        Value::Timestamp(micros) => Some(*micros),
        _ => None,
    }
}

fn integer(value: &Value) -> Option<i64> {
    match value {
        Value::Integer(number) => Some(*number),
        _ => None,
    }
}

fn boolean(value: &Value) -> Option<bool> {
    match value {
        Value::Boolean(flag) => Some(*flag),
        _ => None,
    }
}

fn required<T: DataType, W: Write + Send>(
    out: &mut SerializedRowGroupWriter<W>,
    values: &[T::T],
) -> Result<(), ParquetError> {
    put::<T, W>(out, values, None, None)
}

fn optional<T: DataType, W: Write + Send>(
    out: &mut SerializedRowGroupWriter<W>,
    values: impl Iterator<Item = Option<T::T>>,
) -> Result<(), ParquetError> {
    let mut levels = Vec::new();
    let seen = values.inspect(|value| levels.push(i16::from(value.is_some())));
    let there: Vec<_> = seen.flatten().collect();
    put::<T, W>(out, &there, Some(&levels), None)
}

/// A definition level of 0 is a null, of 1 an empty list, of 2 an element; a repetition level of 1
/// goes on with the list before.
fn lists<'a, W: Write + Send>(
    out: &mut SerializedRowGroupWriter<W>,
    values: impl Iterator<Item = &'a Value>,
) -> Result<(), ParquetError> {
    let (mut texts, mut defined, mut repeated) = (Vec::new(), Vec::new(), Vec::new());
    for value in values {
        let own: &[String] = match value {
            Value::Strings(own) => own,
            _ => &[],
        };
        if own.is_empty() {
            defined.push(i16::from(!value.is_null()));
            repeated.push(0);
        }
        for (at, text) in own.iter().enumerate() {
            texts.push(text.as_str().into());
            defined.push(2);
            repeated.push(i16::from(at > 0));
        }
    }
    put::<ByteArrayType, W>(out, &texts, Some(&defined), Some(&repeated))
}

fn put<T: DataType, W: Write + Send>(
    out: &mut SerializedRowGroupWriter<W>,
    values: &[T::T],
    defined: Option<&[i16]>,
    repeated: Option<&[i16]>,
) -> Result<(), ParquetError> {
    let next = out.next_column()?;
    let mut column = next.ok_or_else(|| ParquetError::General("a column too many".to_owned()))?;
    column.typed::<T>().write_batch(values, defined, repeated)?;
    column.close()
}
