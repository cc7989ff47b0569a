use rusqlite::types::ValueRef;

use super::layer::Form;
use super::{Kind, text};
use crate::model::{ColumnType, Value};
use crate::source::scalar;
use crate::source::times::in_utc;

/// A cell of a column of such a kind. `SQLite` lets any cell be of any type; here it must be of its column's.
pub(super) fn value(kind: Kind, cell: ValueRef) -> Result<Value, String> {
    let wrong = |expected: &str| Err(format!("expected {expected}, found {}", found(cell)));
    Ok(match (kind, cell) {
        (_, ValueRef::Null) => Value::Null,
        (Kind::Integer | Kind::Untyped, ValueRef::Integer(number)) => Value::Integer(number),
        (Kind::Integer, _) => return wrong("a whole number"),
        (Kind::Number | Kind::Untyped, ValueRef::Real(number)) if number.is_finite() => {
            Value::Number(number)
        }
        (Kind::Number, ValueRef::Integer(number)) => Value::Number(exact(number)?),
        (Kind::Number, _) => return wrong("a finite number"),
        (Kind::Boolean, ValueRef::Integer(flag @ (0 | 1))) => Value::Boolean(flag == 1),
        (Kind::Boolean, _) => return wrong("0 or 1"),
        (Kind::Text | Kind::Untyped, ValueRef::Text(bytes)) => text(utf8(bytes)?),
        (Kind::Text, _) => return wrong("a text"),
        (Kind::Date, ValueRef::Text(bytes)) => time(utf8(bytes)?, ColumnType::Date),
        (Kind::Date, _) => return wrong("a date such as 2021-01-31"),
        (Kind::Timestamp, ValueRef::Text(bytes)) => time(utf8(bytes)?, ColumnType::Timestamp),
        (Kind::Timestamp, _) => return wrong("a time such as 2021-01-31T08:00:00Z"),
        (Kind::Untyped, _) => return wrong("a text or a finite number"),
    })
}

/// A value as its column means it. A text that should be JSON and is none stays a text.
pub(super) fn formed(form: Form, value: Value) -> Value {
    match (form, value) {
        (Form::Single, Value::Number(number)) => Value::Number(scalar::of_widened(number)),
        (Form::Json, Value::Text(text)) => {
            serde_json::from_str(&text).map_or(Value::Text(text), scalar::of_json)
        }
        (_, value) => value,
    }
}

/// A cell in a few words.
pub(super) fn found(cell: ValueRef) -> String {
    match cell {
        ValueRef::Null => "nothing".to_owned(),
        ValueRef::Integer(number) => number.to_string(),
        ValueRef::Real(number) => number.to_string(),
        ValueRef::Text(bytes) => format!("{:?}", start(&String::from_utf8_lossy(bytes))),
        ValueRef::Blob(bytes) => format!("{} bytes", bytes.len()),
    }
}

fn start(text: &str) -> &str {
    text.char_indices()
        .nth(60)
        .map_or(text, |(end, _)| &text[..end])
}

fn utf8(bytes: &[u8]) -> Result<&str, String> {
    std::str::from_utf8(bytes).map_err(|error| {
        let shown = String::from_utf8_lossy(bytes);
        format!(
            "is not UTF-8 from its byte {} on: {:?}",
            error.valid_up_to() + 1,
            start(&shown)
        )
    })
}

/// A day or a time as the format has it; else its text as it stands, which whoever takes it over may read.
fn time(text: &str, kind: ColumnType) -> Value {
    let zoned = match kind {
        ColumnType::Timestamp => in_utc(text),
        _ => text.to_owned(),
    };
    Value::parse(&zoned, kind).unwrap_or_else(|_| Value::Text(text.to_owned()))
}

/// A whole number that a column of numbers has, where a double is the same number.
fn exact(number: i64) -> Result<f64, String> {
    #[expect(
        clippy::cast_precision_loss,
        clippy::cast_possible_truncation,
        reason = "that is what is found out"
    )]
    let (double, back) = (number as f64, number as f64 as i128);
    if back != i128::from(number) {
        return Err(format!("{number} is too long for a column of numbers"));
    }
    Ok(double)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_in_utc() {
        let read = |text: &str| value(Kind::Timestamp, ValueRef::Text(text.as_bytes()));
        let at = Value::Timestamp(1_612_080_000_000_000);
        for text in [
            "2021-01-31T08:00:00Z",
            "2021-01-31T08:00:00.000Z",
            "2021-01-31 08:00:00",
            "2021-01-31T16:00:00+08:00",
        ] {
            assert_eq!(read(text), Ok(at.clone()), "{text}");
        }
        for text in [
            "",
            "2021-01-31",
            "2021-02-31T08:00:00Z",
            "8 o'clock",
            "二〇二一年一月",
        ] {
            let left = Value::Text(text.to_owned());
            assert!(text.is_empty() || read(text) == Ok(left), "{text}");
        }
    }

    #[test]
    fn a_cell_is_of_its_columns_type() {
        let told = |kind, cell| value(kind, cell).expect_err("refused");
        assert!(told(Kind::Integer, ValueRef::Real(1.5)).contains("found 1.5"));
        assert!(told(Kind::Integer, ValueRef::Text(b"7")).contains("found \"7\""));
        assert!(told(Kind::Number, ValueRef::Real(f64::INFINITY)).contains("inf"));
        assert!(told(Kind::Number, ValueRef::Integer(i64::MAX)).contains("too long"));
        assert!(told(Kind::Boolean, ValueRef::Integer(2)).contains("0 or 1"));
        assert!(told(Kind::Text, ValueRef::Text(b"ab\xff")).contains("byte 3"));
        assert!(told(Kind::Text, ValueRef::Blob(b"ab")).contains("2 bytes"));
        assert_eq!(
            value(Kind::Number, ValueRef::Integer(7)),
            Ok(Value::Number(7.0))
        );
        assert_eq!(
            value(Kind::Untyped, ValueRef::Integer(7)),
            Ok(Value::Integer(7))
        );
        let empty = Value::Text(String::new());
        assert_eq!(value(Kind::Text, ValueRef::Text(b"")), Ok(empty));
    }
}
