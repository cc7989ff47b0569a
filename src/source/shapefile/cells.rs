//! The cells of a `.dbf`. What is blank, or full of asterisks (a number that had no room), is null.

use super::super::charset::Charset;
use super::super::encoding::{decoded, unreadable};
use super::fields::{Field, Stored};
use crate::model::{ColumnType, Value};

/// Julian day number of 1970-01-01.
const EPOCH: i64 = 2_440_588;
const DAY_MICROS: i64 = 86_400_000_000;

/// Reads a cell of a record.
pub(super) fn value(field: &Field, record: &[u8], encoding: Charset) -> Result<Value, String> {
    let bytes = record
        .get(field.at..field.at + field.width)
        .unwrap_or_default();
    match field.stored {
        Stored::Text => text(bytes, encoding),
        Stored::Integer => digits(bytes, integer),
        Stored::Number => digits(bytes, number),
        Stored::Date => date(bytes),
        Stored::Boolean => boolean(bytes),
        Stored::Int32 => Ok(fixed(bytes).map_or(Value::Null, |bytes| {
            Value::Integer(i32::from_le_bytes(bytes).into())
        })),
        Stored::Double => match fixed(bytes).map(f64::from_le_bytes) {
            None => Ok(Value::Null),
            Some(number) if number.is_finite() => Ok(Value::Number(number)),
            Some(number) => Err(format!("expected a number, found {number}")),
        },
        Stored::Currency => Ok(fixed(bytes).map_or(Value::Null, |bytes| {
            #[expect(clippy::cast_precision_loss, reason = "amounts are far below 2^53")]
            Value::Number(i64::from_le_bytes(bytes) as f64 / 1e4)
        })),
        Stored::Timestamp => timestamp(bytes),
    }
}

/// Without the padding at its end.
pub(super) fn trimmed(bytes: &[u8]) -> &[u8] {
    let end = bytes
        .iter()
        .rposition(|byte| !matches!(byte, b' ' | 0))
        .map_or(0, |last| last + 1);
    &bytes[..end]
}

/// True where a text may have been cut at the end of its field: at least one byte of the character that
/// had no room may be there, or none.
pub(super) fn full(text: &[u8], width: usize) -> bool {
    text.len() + 3 >= width
}

fn text(bytes: &[u8], encoding: Charset) -> Result<Value, String> {
    let text = trimmed(bytes);
    if text.is_empty() {
        return Ok(Value::Null);
    }
    let Some((text, _)) = decoded(encoding, text, full(text, bytes.len())) else {
        return Err(unreadable(encoding, text));
    };
    // Nothing is left where less than a character had room.
    if text.is_empty() {
        return Ok(Value::Null);
    }
    Ok(Value::Text(text.into_owned()))
}

fn digits(bytes: &[u8], read: fn(&str) -> Result<Value, String>) -> Result<Value, String> {
    let found = bytes.trim_ascii();
    let blank = |byte: &u8| matches!(byte, b'*' | b' ' | 0);
    if found.iter().all(blank) {
        return Ok(Value::Null);
    }
    let text = std::str::from_utf8(trimmed(found));
    let text = text.map_err(|_| {
        let found = String::from_utf8_lossy(found);
        format!("expected a number, found {found:?}")
    })?;
    read(text)
}

fn integer(text: &str) -> Result<Value, String> {
    if let Ok(number) = text.parse() {
        return Ok(Value::Integer(number));
    }
    // `12.` and `12.000` are whole too.
    let whole = text
        .split_once('.')
        .filter(|(_, fraction)| fraction.bytes().all(|digit| digit == b'0'))
        .and_then(|(whole, _)| whole.parse().ok());
    whole
        .map(Value::Integer)
        .ok_or_else(|| format!("expected a whole number, found {text:?}"))
}

fn number(text: &str) -> Result<Value, String> {
    let wrong = || format!("expected a number, found {text:?}");
    let number = text.parse::<f64>().map_err(|_| wrong())?;
    if !number.is_finite() {
        return Err(wrong());
    }
    // A code of twenty digits must not become another one.
    if let Ok(whole) = text.parse::<i128>()
        && !kept(whole, number)
    {
        return Err(format!(
            "{text} has more digits than a number keeps (it would become {number}); store the column as text"
        ));
    }
    Ok(Value::Number(number))
}

#[expect(
    clippy::cast_possible_truncation,
    reason = "it saturates, and is unequal then"
)]
fn kept(whole: i128, number: f64) -> bool {
    number as i128 == whole
}

fn date(bytes: &[u8]) -> Result<Value, String> {
    let found = trimmed(bytes);
    if found.iter().all(|byte| matches!(byte, b' ' | b'0' | 0)) {
        return Ok(Value::Null);
    }
    let wrong = || {
        let found = String::from_utf8_lossy(bytes);
        format!("expected a date such as 20210131, found {found:?}")
    };
    let text = std::str::from_utf8(bytes)
        .ok()
        .filter(|text| text.len() == 8 && text.is_ascii())
        .ok_or_else(wrong)?;
    let written = format!("{}-{}-{}", &text[..4], &text[4..6], &text[6..]);
    Value::parse(&written, ColumnType::Date).map_err(|_| wrong())
}

fn boolean(bytes: &[u8]) -> Result<Value, String> {
    match bytes {
        b"T" | b"t" | b"Y" | b"y" => Ok(Value::Boolean(true)),
        b"F" | b"f" | b"N" | b"n" => Ok(Value::Boolean(false)),
        b"?" | b" " | [0] | [] => Ok(Value::Null),
        other => {
            let found = String::from_utf8_lossy(other);
            Err(format!("expected T, F, Y, N or ?, found {found:?}"))
        }
    }
}

/// Julian day and milliseconds.
fn timestamp(bytes: &[u8]) -> Result<Value, String> {
    let Some(both) = fixed(bytes).map(i64::from_le_bytes) else {
        return Ok(Value::Null);
    };
    // The day is the low half.
    let (day, millis) = (both & 0xFFFF_FFFF, both >> 32);
    if day == 0 && millis == 0 {
        return Ok(Value::Null);
    }
    if !(0..86_400_000).contains(&millis) || !(1_721_060..=5_373_484).contains(&day) {
        return Err(format!(
            "expected a day and a time, found day {day} and {millis} milliseconds"
        ));
    }
    Ok(Value::Timestamp(
        (day - EPOCH) * DAY_MICROS + millis * 1_000,
    ))
}

/// The bytes of a binary cell; blanks are null.
fn fixed<const N: usize>(bytes: &[u8]) -> Option<[u8; N]> {
    let found: [u8; N] = bytes.try_into().ok()?;
    (found != [b' '; N]).then_some(found)
}

#[cfg(test)]
mod tests {
    use encoding_rs::{GBK, UTF_8};

    use super::*;

    fn cell(stored: Stored, bytes: &[u8]) -> Result<Value, String> {
        let field = Field {
            name: "a".to_owned(),
            stored,
            at: 1,
            width: bytes.len(),
        };
        value(&field, &[b" ", bytes].concat(), UTF_8.into())
    }

    #[test]
    fn cells_are_read_exactly() {
        for (stored, bytes, expected) in [
            (Stored::Integer, &b"     42"[..], Value::Integer(42)),
            (Stored::Integer, b"-7     ", Value::Integer(-7)),
            (Stored::Integer, b"12.00", Value::Integer(12)),
            (
                Stored::Integer,
                b"999999999999999999",
                Value::Integer(999_999_999_999_999_999),
            ),
            (Stored::Integer, b"*******", Value::Null),
            (Stored::Integer, b"\0\0\0", Value::Null),
            (Stored::Number, b"   1.50", Value::Number(1.5)),
            (
                Stored::Number,
                b" 1.7976931348623157e+308",
                Value::Number(f64::MAX),
            ),
            (Stored::Number, b"  ", Value::Null),
            (Stored::Number, b"3.5\0\0", Value::Number(3.5)),
            (Stored::Text, b"a b  \0 ", Value::Text("a b".to_owned())),
            (Stored::Text, b"  a", Value::Text("  a".to_owned())),
            (Stored::Text, b"   ", Value::Null),
            (Stored::Date, b"20210131", Value::Date(18_658)),
            (Stored::Date, b"00000000", Value::Null),
            (Stored::Date, b"        ", Value::Null),
            (Stored::Boolean, b"t", Value::Boolean(true)),
            (Stored::Boolean, b"N", Value::Boolean(false)),
            (Stored::Boolean, b"?", Value::Null),
            (Stored::Int32, &[0xFE, 0xFF, 0xFF, 0xFF], Value::Integer(-2)),
            (Stored::Double, &0.1_f64.to_le_bytes(), Value::Number(0.1)),
            (
                Stored::Currency,
                &12_345_i64.to_le_bytes(),
                Value::Number(1.2345),
            ),
            (
                Stored::Timestamp,
                &[0x8D, 0x3D, 0x25, 0, 0xE8, 3, 0, 0],
                Value::Timestamp(DAY_MICROS + 1_000_000),
            ),
        ] {
            assert_eq!(cell(stored, bytes), Ok(expected), "{stored:?} {bytes:?}");
        }
    }

    #[test]
    fn what_is_no_cell_says_so() {
        for (stored, bytes, found) in [
            (
                Stored::Integer,
                &b"1.5"[..],
                "a whole number, found \"1.5\"",
            ),
            (Stored::Integer, b"1e3", "a whole number"),
            (Stored::Integer, b"99999999999999999999", "a whole number"),
            (Stored::Number, b"1,5", "a number, found \"1,5\""),
            (Stored::Number, b"nan", "a number, found \"nan\""),
            (Stored::Number, b"1e999", "a number"),
            (
                Stored::Number,
                b"12345678901234567891",
                "more digits than a number keeps",
            ),
            (Stored::Number, b"\xE6\xA1", "a number, found"),
            (
                Stored::Date,
                b"20210230",
                "a date such as 20210131, found \"20210230\"",
            ),
            (Stored::Date, b"2021-1-1", "a date"),
            (Stored::Date, "2021一月".as_bytes(), "a date"),
            (Stored::Boolean, b"x", "T, F, Y, N or ?, found \"x\""),
            (
                Stored::Double,
                &f64::NAN.to_le_bytes(),
                "a number, found NaN",
            ),
            (
                Stored::Timestamp,
                &[1, 0, 0, 0, 0, 0, 0, 0],
                "a day and a time",
            ),
            (
                Stored::Text,
                b"\xCC\xD2 abcdef",
                "a text in UTF-8, found bytes that are none (CC D2",
            ),
        ] {
            let error = cell(stored, bytes).expect_err("no cell");
            assert!(error.contains(found), "{error}");
        }
    }

    #[test]
    fn a_text_may_be_cut_where_its_field_ends() {
        let (gbk, _, _) = GBK.encode("桃浦镇");
        let field = |width| Field {
            name: "a".to_owned(),
            stored: Stored::Text,
            at: 0,
            width,
        };
        let read = |bytes: &[u8]| value(&field(bytes.len()), bytes, GBK.into());
        assert_eq!(read(&gbk[..5]), Ok(Value::Text("桃浦".to_owned())));
        assert_eq!(read(&gbk[..1]), Ok(Value::Null));
        assert!(read(&[&gbk[..5], b"        "].concat()).is_err());
    }
}
