use std::fmt;

use super::number::Digits;
use super::time::{days_of, micros_of};
use super::{ColumnType, Stamp};

/// One cell. `Null` means "the plan does not say", never zero or an empty text.
#[derive(Debug, Clone, PartialEq)]
pub enum Value {
    /// Not stated.
    Null,
    /// UTF-8 text, never empty.
    Text(String),
    /// A whole number.
    Integer(i64),
    /// A finite number.
    Number(f64),
    /// True or false.
    Boolean(bool),
    /// Days since 1970-01-01.
    Date(i32),
    /// Microseconds since 1970-01-01T00:00:00Z.
    Timestamp(i64),
    /// Texts, in the order stated; an empty array is a statement, and no null.
    Strings(Vec<String>),
    /// JSON that is not null, as compact text.
    Json(String),
}

/// A cell that is not of its column's type.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("expected {expected}, found {found}")]
pub struct ValueError {
    /// What the column holds.
    pub expected: ColumnType,
    /// The cell as it was written.
    pub found: String,
}

impl Value {
    /// Reads a cell of a text format (CSV, a query parameter). An empty cell is `Null`; arrays and
    /// JSON are written as JSON.
    ///
    /// # Errors
    /// The text is not of the column's type; numbers must be finite.
    pub fn parse(text: &str, kind: ColumnType) -> Result<Self, ValueError> {
        let wrong = || ValueError {
            expected: kind,
            found: brief(&format!("{text:?}")),
        };
        if text.is_empty() {
            return Ok(Self::Null);
        }
        match kind {
            ColumnType::String => Ok(Self::Text(text.to_owned())),
            ColumnType::Integer => text.parse().map(Self::Integer).map_err(|_| wrong()),
            ColumnType::Number => match text.parse::<f64>() {
                Ok(number) if number.is_finite() => Ok(Self::Number(number)),
                _ => Err(wrong()),
            },
            ColumnType::Boolean => match text {
                "true" => Ok(Self::Boolean(true)),
                "false" => Ok(Self::Boolean(false)),
                _ => Err(wrong()),
            },
            ColumnType::Date => days_of(text).map(Self::Date).ok_or_else(wrong),
            ColumnType::Timestamp => micros_of(text).map(Self::Timestamp).ok_or_else(wrong),
            ColumnType::Strings | ColumnType::Json => serde_json::from_str(text)
                .ok()
                .and_then(|json| Self::from_json(&json, kind).ok())
                .ok_or_else(wrong),
        }
    }

    /// Reads a JSON property.
    ///
    /// # Errors
    /// The value is not of the column's type. A whole number is a valid `Number`; a number with a
    /// fraction is not a valid `Integer`.
    pub fn from_json(json: &serde_json::Value, kind: ColumnType) -> Result<Self, ValueError> {
        use serde_json::Value as Json;
        let wrong = || ValueError {
            expected: kind,
            found: brief(&json.to_string()),
        };
        match (kind, json) {
            (_, Json::Null) => Ok(Self::Null),
            (ColumnType::String, Json::String(text)) if text.is_empty() => Ok(Self::Null),
            (ColumnType::String, Json::String(text)) => Ok(Self::Text(text.clone())),
            (ColumnType::Integer, Json::Number(number)) if number.is_i64() => {
                Ok(number.as_i64().map_or(Self::Null, Self::Integer))
            }
            (ColumnType::Number, Json::Number(number)) => {
                Ok(number.as_f64().map_or(Self::Null, Self::Number))
            }
            (ColumnType::Boolean, Json::Bool(flag)) => Ok(Self::Boolean(*flag)),
            (ColumnType::Date, Json::String(text)) => {
                days_of(text).map(Self::Date).ok_or_else(wrong)
            }
            (ColumnType::Timestamp, Json::String(text)) => {
                micros_of(text).map(Self::Timestamp).ok_or_else(wrong)
            }
            (ColumnType::Strings, Json::Array(parts)) => {
                let texts = parts.iter().map(|part| part.as_str().map(str::to_owned));
                let texts = texts.collect::<Option<_>>();
                texts.map(Self::Strings).ok_or_else(wrong)
            }
            (ColumnType::Json, json) => Ok(Self::Json(json.to_string())),
            _ => Err(wrong()),
        }
    }

    /// Reads [`Self::Json`] again. Only text that was made of JSON is in one.
    fn parsed(text: &str) -> serde_json::Value {
        serde_json::from_str(text).unwrap_or_default()
    }

    /// The cell as JSON; `Null` is JSON `null`.
    #[must_use]
    pub fn to_json(&self) -> serde_json::Value {
        match self {
            Self::Null => serde_json::Value::Null,
            Self::Text(text) => text.as_str().into(),
            Self::Integer(number) => (*number).into(),
            // Whole numbers are written without a fraction: 11820, not 11820.0.
            Self::Number(number) => whole(*number).map_or_else(|| (*number).into(), Into::into),
            Self::Boolean(flag) => (*flag).into(),
            Self::Date(_) | Self::Timestamp(_) => self.to_string().into(),
            Self::Strings(texts) => texts.as_slice().into(),
            Self::Json(text) => Self::parsed(text),
        }
    }

    /// The cell as a number, where it is one.
    #[must_use]
    #[expect(
        clippy::cast_precision_loss,
        reason = "whole numbers of a plan are far below 2^53"
    )]
    pub fn as_f64(&self) -> Option<f64> {
        match self {
            Self::Integer(number) => Some(*number as f64),
            Self::Number(number) => Some(*number),
            _ => None,
        }
    }

    /// The cell as a time, where it is one.
    #[must_use]
    pub fn as_stamp(&self) -> Option<Stamp> {
        match self {
            Self::Date(days) => Some(Stamp::from_days(*days)),
            Self::Timestamp(micros) => Some(Stamp::from_micros(*micros)),
            _ => None,
        }
    }

    /// True where the plan says nothing.
    #[must_use]
    pub fn is_null(&self) -> bool {
        matches!(self, Self::Null)
    }
}

impl fmt::Display for Value {
    /// As [`Value::parse`] reads it.
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Null => Ok(()),
            Self::Text(text) | Self::Json(text) => out.write_str(text),
            Self::Integer(number) => write!(out, "{number}"),
            Self::Number(number) => Digits(*number).fmt(out),
            Self::Boolean(flag) => write!(out, "{flag}"),
            Self::Date(days) => Stamp::from_days(*days).fmt(out),
            Self::Timestamp(micros) => Stamp::from_micros(*micros).fmt(out),
            Self::Strings(texts) => write!(out, "{}", serde_json::Value::from(texts.as_slice())),
        }
    }
}

/// The start of what was found, so that a message stays readable.
fn brief(found: &str) -> String {
    match found.char_indices().nth(80) {
        Some((end, _)) => format!("{}...", &found[..end]),
        None => found.to_owned(),
    }
}

#[expect(
    clippy::cast_possible_truncation,
    reason = "the bound keeps the number inside i64"
)]
fn whole(number: f64) -> Option<i64> {
    (number.fract() == 0.0 && number.abs() < 9.0e15).then_some(number as i64)
}
