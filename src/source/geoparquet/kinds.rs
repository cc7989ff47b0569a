use std::collections::HashSet;

use ::parquet::basic::{ConvertedType as Old, LogicalType as Logical, TimeUnit, Type as Physical};
use ::parquet::file::metadata::ParquetMetaData;
use ::parquet::schema::types::{ColumnDescPtr, ColumnDescriptor};

use super::SourceError;
use super::arrow::Leaves;
use super::geo::{Encoding, Geo};
use crate::model::Value;
use crate::source::{Kind, SourceColumn};

/// A column that is read.
#[derive(Debug)]
pub(super) struct Reading {
    /// Its place among the leaves of the schema.
    pub leaf: usize,
    pub how: How,
}

/// Where geometries are among the leaves of the schema.
#[derive(Debug, Clone, Copy)]
pub(super) enum ShapeReading {
    Wkb(usize),
    Arrow(Leaves),
}

/// What a cell's bytes stand for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum How {
    Boolean,
    Whole,
    /// Of so many bits, none of them for the sign.
    Unsigned(u8),
    Number,
    Decimal(u32),
    Days,
    Millis,
    Micros,
    Nanos,
    Text,
    Json,
}

/// A cell that was decoded.
#[derive(Debug, Clone, Copy)]
pub(super) enum Raw<'a> {
    Boolean(bool),
    Int32(i32),
    Int64(i64),
    Number(f64),
    Bytes(&'a [u8]),
}

/// The columns of a file.
pub(super) struct Schema {
    pub geometry: ShapeReading,
    pub columns: Vec<SourceColumn>,
    /// One per column.
    pub readings: Vec<Reading>,
}

/// Finds the geometry, and the columns that are read.
pub(super) fn schema(
    file: &str,
    metadata: &ParquetMetaData,
    geo: &Geo,
    notes: &mut Vec<String>,
) -> Result<Schema, SourceError> {
    let broken = |reason: String| SourceError::Broken {
        file: file.to_owned(),
        reason,
    };
    let (mut geometry, mut columns, mut readings) = (None, Vec::new(), Vec::new());
    let (mut seen, mut nested) = (HashSet::new(), HashSet::new());
    let schema = metadata.file_metadata().schema_descr();
    if let Encoding::Arrow(kind) = geo.encoding {
        let found = arrow(schema.columns(), &geo.primary, kind);
        geometry = Some(ShapeReading::Arrow(found.map_err(broken)?));
    }
    for (leaf, described) in schema.columns().iter().enumerate() {
        let [name, more @ ..] = described.path().parts() else {
            continue;
        };
        if !more.is_empty() || described.max_rep_level() > 0 {
            // Once for all its leaves.
            let is_known = geo.boxes.contains(name) || *name == geo.primary;
            if nested.insert(name) && !is_known {
                notes.push(format!("column {name} is left out: its cells are nested"));
            }
            continue;
        }
        if !seen.insert(name) {
            return Err(broken(format!("has two columns named {name:?}")));
        }
        if *name == geo.primary {
            if described.physical_type() != Physical::BYTE_ARRAY {
                return Err(broken(format!(
                    "its column {name:?} of geometries has no bytes"
                )));
            }
            geometry = Some(ShapeReading::Wkb(leaf));
            continue;
        }
        let is_other = geo.others.contains(name);
        if let Some(how) = how(described, notes).filter(|_| !is_other) {
            columns.push(SourceColumn {
                name: name.clone(),
                kind: how.kind(),
            });
            readings.push(Reading { leaf, how });
        } else {
            let what = if is_other {
                "more geometries".to_owned()
            } else {
                format!("of type {}", described.physical_type())
            };
            notes.push(format!("column {name} is left out: its cells are {what}"));
        }
    }
    let Some(geometry) = geometry else {
        return Err(broken(format!(
            "has no column {:?} of geometries",
            geo.primary
        )));
    };
    Ok(Schema {
        geometry,
        columns,
        readings,
    })
}

/// The leaves of geometries that are nested lists of positions.
fn arrow(
    columns: &[ColumnDescPtr],
    primary: &str,
    kind: super::geo::Arrow,
) -> Result<Leaves, String> {
    let own = |(_, column): &(usize, &ColumnDescPtr)| {
        column.path().parts().first().map(String::as_str) == Some(primary)
    };
    let ordinate = |name: &str| {
        let mut all = columns.iter().enumerate().filter(own);
        let found = all.find(|(_, column)| {
            column.name() == name
                && column.max_rep_level() == kind.depth()
                && column.physical_type() == Physical::DOUBLE
        });
        found.map(|(leaf, _)| leaf).ok_or_else(|| {
            format!(
                "its column {primary:?} of geometries, as lists of positions, has no numbers {name} {} lists deep: write it again with geometry_encoding=\"WKB\" (GeoPandas), or -lco GEOMETRY_ENCODING=WKB (ogr2ogr)",
                kind.depth()
            )
        })
    };
    let (x, y) = (ordinate("x")?, ordinate("y")?);
    let more = columns.iter().enumerate().filter(own).count() > 2;
    Ok(Leaves { x, y, more, kind })
}

/// None where cells are nothing that a table of a plan has.
fn how(described: &ColumnDescriptor, notes: &mut Vec<String>) -> Option<How> {
    let name = described.name();
    let mut without_zone = |utc: bool| {
        if !utc {
            notes.push(format!(
                "column {name} has times without a zone: they are taken as UTC"
            ));
        }
    };
    let scale = |scale: i32| u32::try_from(scale).ok().map(How::Decimal);
    let by_logical = match (described.physical_type(), described.logical_type_ref()) {
        (Physical::INT32, Some(Logical::Date)) => Some(How::Days),
        (Physical::INT64, Some(Logical::Timestamp(own))) => {
            without_zone(own.is_adjusted_to_u_t_c);
            return Some(match own.unit {
                TimeUnit::MILLIS => How::Millis,
                TimeUnit::MICROS => How::Micros,
                TimeUnit::NANOS => {
                    notes.push(format!(
                        "column {name} has times in nanoseconds: they are cut to microseconds"
                    ));
                    How::Nanos
                }
            });
        }
        (Physical::INT32 | Physical::INT64, Some(Logical::Integer(own))) => {
            let bits = u8::try_from(own.bit_width).unwrap_or(64);
            Some(if own.is_signed {
                How::Whole
            } else {
                How::Unsigned(bits)
            })
        }
        (kept, Some(Logical::Decimal(own))) if keeps_decimals(kept) => {
            return scale(own.scale);
        }
        (Physical::BYTE_ARRAY, Some(Logical::String | Logical::Enum)) => Some(How::Text),
        (Physical::BYTE_ARRAY, Some(Logical::Json)) => Some(How::Json),
        // Times of day, UUIDs and what is newer than this.
        (_, Some(Logical::Unknown) | None) => None,
        (_, Some(_)) => return None,
    };
    by_logical.or_else(|| {
        Some(
            match (described.physical_type(), described.converted_type()) {
                (Physical::BOOLEAN, Old::NONE) => How::Boolean,
                (Physical::INT32, Old::DATE) => How::Days,
                (Physical::INT64, Old::TIMESTAMP_MILLIS) => How::Millis,
                (Physical::INT64, Old::TIMESTAMP_MICROS) => How::Micros,
                (kept, Old::DECIMAL) if keeps_decimals(kept) => {
                    return scale(described.type_scale());
                }
                (Physical::INT32 | Physical::INT64, Old::UINT_8) => How::Unsigned(8),
                (Physical::INT32 | Physical::INT64, Old::UINT_16) => How::Unsigned(16),
                (Physical::INT32 | Physical::INT64, Old::UINT_32) => How::Unsigned(32),
                (Physical::INT32 | Physical::INT64, Old::UINT_64) => How::Unsigned(64),
                (
                    Physical::INT32 | Physical::INT64,
                    Old::NONE | Old::INT_8 | Old::INT_16 | Old::INT_32 | Old::INT_64,
                ) => How::Whole,
                (Physical::FLOAT | Physical::DOUBLE, Old::NONE) => How::Number,
                (Physical::BYTE_ARRAY, Old::UTF8 | Old::ENUM) => How::Text,
                (Physical::BYTE_ARRAY, Old::JSON) => How::Json,
                _ => return None,
            },
        )
    })
}

/// Decimals are whole numbers with a scale, in 4 or 8 bytes, or in as many as it takes.
fn keeps_decimals(kept: Physical) -> bool {
    matches!(
        kept,
        Physical::INT32 | Physical::INT64 | Physical::BYTE_ARRAY | Physical::FIXED_LEN_BYTE_ARRAY
    )
}

impl How {
    fn kind(self) -> Kind {
        match self {
            Self::Boolean => Kind::Boolean,
            Self::Whole | Self::Unsigned(_) => Kind::Integer,
            Self::Number | Self::Decimal(_) => Kind::Number,
            Self::Days => Kind::Date,
            Self::Millis | Self::Micros | Self::Nanos => Kind::Timestamp,
            Self::Text => Kind::Text,
            Self::Json => Kind::Untyped,
        }
    }

    /// The value of a cell.
    pub fn value(self, raw: Raw) -> Result<Value, String> {
        let wide = |raw: Raw| match raw {
            Raw::Int32(number) => Some(i64::from(number)),
            Raw::Int64(number) => Some(number),
            _ => None,
        };
        let far = |number: i64| format!("{number} is no time of four-digit years");
        Ok(match (self, raw) {
            (Self::Boolean, Raw::Boolean(flag)) => Value::Boolean(flag),
            (Self::Number, Raw::Number(number)) if number.is_finite() => Value::Number(number),
            (Self::Number, Raw::Number(number)) => {
                return Err(format!("expected a finite number, found {number}"));
            }
            (Self::Days, Raw::Int32(days)) => {
                dated(Value::Date(days)).ok_or_else(|| far(days.into()))?
            }
            (Self::Text, Raw::Bytes(bytes)) => match utf8(bytes)? {
                "" => Value::Null,
                text => Value::Text(text.to_owned()),
            },
            (Self::Json, Raw::Bytes(bytes)) => {
                let json = serde_json::from_slice::<serde_json::Value>(bytes);
                let json = json.map_err(|error| super::super::skim::not_json(&error))?;
                crate::source::scalar::of_json(json)
            }
            (Self::Decimal(scale), Raw::Bytes(bytes)) => decimal(big_endian(bytes)?, scale)?,
            (how, raw) => {
                let Some(number) = wide(raw) else {
                    return Err("its cells are not of the type that its column has".to_owned());
                };
                return how.whole(number).ok_or_else(|| far(number))?;
            }
        })
    }

    /// A value that is kept as a whole number; none where it is a time too far away.
    fn whole(self, number: i64) -> Option<Result<Value, String>> {
        let value = match self {
            Self::Unsigned(bits) => return Some(unsigned(number, bits)),
            Self::Decimal(scale) => return Some(decimal(number.into(), scale)),
            Self::Millis => dated(Value::Timestamp(number.checked_mul(1000)?))?,
            Self::Micros => dated(Value::Timestamp(number))?,
            Self::Nanos => dated(Value::Timestamp(number.div_euclid(1000)))?,
            _ => Value::Integer(number),
        };
        Some(Ok(value))
    }
}

/// A time whose text is one again: years have four digits.
fn dated(value: Value) -> Option<Value> {
    let text = value.to_string();
    let day = text.get(..10)?;
    crate::model::Stamp::parse(day).ok().map(|_| value)
}

fn utf8(bytes: &[u8]) -> Result<&str, String> {
    std::str::from_utf8(bytes)
        .map_err(|error| format!("is not UTF-8 from its byte {} on", error.valid_up_to() + 1))
}

/// The bits were kept as if one of them were for the sign.
fn unsigned(number: i64, bits: u8) -> Result<Value, String> {
    match (number, bits) {
        (0.., _) => Ok(Value::Integer(number)),
        (_, 64) => Err(format!(
            "expected a whole number up to {}, found {}",
            i64::MAX,
            number.cast_unsigned()
        )),
        (_, bits) => Ok(Value::Integer(number & ((1 << bits) - 1))),
    }
}

/// A number with a sign of up to 16 bytes, the first the greatest.
fn big_endian(bytes: &[u8]) -> Result<i128, String> {
    let sign = bytes
        .first()
        .map_or(0, |first| if *first < 0x80 { 0 } else { 0xff });
    let mut all = [sign; 16];
    let (Some(free), false) = (all.len().checked_sub(bytes.len()), bytes.is_empty()) else {
        return Err(format!(
            "expected a decimal of 1 to 16 bytes, found {}",
            bytes.len()
        ));
    };
    all[free..].copy_from_slice(bytes);
    Ok(i128::from_be_bytes(all))
}

/// By its digits, so that 0.1 is 0.1; before the point it must be what a double holds.
fn decimal(number: i128, scale: u32) -> Result<Value, String> {
    const MOST: u128 = 1 << 53;
    let text = format!("{number}e-{scale}");
    let whole = 10_u128
        .checked_pow(scale)
        .map_or(0, |unit| number.unsigned_abs() / unit);
    if whole > MOST {
        return Err(format!("{text} has more digits than a number keeps"));
    }
    match text.parse::<f64>() {
        Ok(number) if number.is_finite() => Ok(Value::Number(number)),
        _ => Err(format!("{text} is no number")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_stand_for_what_their_column_says() {
        let day = |days| How::Days.value(Raw::Int32(days));
        assert_eq!(day(18_658), Ok(Value::Date(18_658)));
        assert!(day(i32::MAX).is_err() && day(i32::MIN).is_err());
        let at = Value::Timestamp(1_500_000);
        assert_eq!(How::Millis.value(Raw::Int64(1500)), Ok(at.clone()));
        assert_eq!(How::Micros.value(Raw::Int64(1_500_000)), Ok(at.clone()));
        assert_eq!(How::Nanos.value(Raw::Int64(1_500_000_999)), Ok(at));
        assert!(How::Millis.value(Raw::Int64(i64::MAX)).is_err());
        assert!(How::Micros.value(Raw::Int64(i64::MIN)).is_err());
        assert_eq!(How::Decimal(1).value(Raw::Int32(1)), Ok(Value::Number(0.1)));
        let decimal = |bytes| How::Decimal(2).value(Raw::Bytes(bytes));
        assert_eq!(decimal(&[0x04, 0xd2]), Ok(Value::Number(12.34)));
        assert_eq!(decimal(&[0xff]), Ok(Value::Number(-0.01)));
        assert_eq!(decimal(&[0xff; 16]), Ok(Value::Number(-0.01)));
        assert!(decimal(&[]).is_err() && decimal(&[0; 17]).is_err());
        assert!(
            decimal(&[0x7f; 16])
                .expect_err("rounded")
                .contains("digits")
        );
        assert_eq!(
            How::Unsigned(32).value(Raw::Int32(-1)),
            Ok(Value::Integer(0xffff_ffff))
        );
        assert!(How::Unsigned(64).value(Raw::Int64(-1)).is_err());
        assert!(How::Number.value(Raw::Number(f64::NAN)).is_err());
        assert!(How::Text.value(Raw::Bytes(b"\xff")).is_err());
        assert_eq!(
            How::Json.value(Raw::Bytes(b"[1, 2]")),
            Ok(Value::Json("[1,2]".to_owned()))
        );
    }
}
