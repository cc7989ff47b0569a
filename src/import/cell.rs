//! A cell of a file becomes one of a column: of its type, or an error that says what was expected.

use crate::model::{CodedValue, Column, ColumnType, Factor, Value};
use crate::source::times::{date, moment};

/// Reads a cell. `nulls` are the texts that say nothing, beside the empty one.
///
/// # Errors
/// What was expected and what came.
pub fn cell(
    value: &Value,
    column: &Column,
    factor: Option<Factor>,
    nulls: &[String],
) -> Result<Value, String> {
    let value = match value {
        Value::Text(text) => {
            let trimmed = text.trim();
            if trimmed.is_empty() || nulls.iter().any(|null| null == trimmed) {
                return Ok(Value::Null);
            }
            // A free text is taken as it is, blanks and all.
            if column.kind == ColumnType::String && column.values.is_empty() {
                return Ok(Value::Text(text.clone()));
            }
            of_text(trimmed, column.kind)
        }
        other => typed(other, column.kind),
    };
    let value = value?;
    let value = match factor {
        Some(factor) if !factor.is_one() => {
            let number = factor
                .of(&value)
                .ok_or_else(|| format!("{value} is too large a number to convert"))?;
            typed(&number, column.kind)?
        }
        _ => value,
    };
    coded(value, column)
}

fn wrong(kind: ColumnType, found: &str) -> String {
    let start: String = found.chars().take(60).collect();
    let more = if start.len() < found.len() { "..." } else { "" };
    format!("expected {kind}, found {start}{more}")
}

fn of_text(text: &str, kind: ColumnType) -> Result<Value, String> {
    let found = || wrong(kind, &format!("{text:?}"));
    match kind {
        ColumnType::Boolean => match text {
            "true" | "TRUE" | "True" | "是" | "1" => Ok(Value::Boolean(true)),
            "false" | "FALSE" | "False" | "否" | "0" => Ok(Value::Boolean(false)),
            _ => Err(found()),
        },
        ColumnType::Date => date(text).ok_or_else(found),
        ColumnType::Timestamp => moment(text).map(|at| at.value).ok_or_else(found),
        // 12 and 12.0 are one whole number.
        ColumnType::Integer => match Value::parse(text, kind) {
            Ok(value) => Ok(value),
            Err(_) => match Value::parse(text, ColumnType::Number) {
                Ok(number) => typed(&number, kind).map_err(|_| found()),
                Err(_) => Err(found()),
            },
        },
        ColumnType::Number if !keeps_digits(text) => Err(format!(
            "{text:?} has more digits than a number keeps: a column of texts has them all"
        )),
        _ => Value::parse(text, kind).map_err(|_| found()),
    }
}

/// Returns false of a whole number that a double does not hold: a code of twenty digits would become another one.
#[must_use]
pub fn keeps_digits(text: &str) -> bool {
    let digits = text.strip_prefix(['-', '+']).unwrap_or(text);
    let whole = digits.split_once('.').map_or(digits, |(whole, _)| whole);
    // Fifteen digits are always kept, and what has an exponent is written for its size.
    if whole.len() <= 15 || !whole.bytes().all(|byte| byte.is_ascii_digit()) {
        return true;
    }
    whole.parse::<i128>().is_ok_and(is_exact)
}

/// Returns true of a whole number that a double holds exactly.
#[must_use]
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_precision_loss,
    reason = "that is what is found out"
)]
pub fn is_exact(number: i128) -> bool {
    (number as f64) as i128 == number
}

/// Returns whether a text is a time that does not tell its zone, and whether it has digits beyond the microsecond.
#[must_use]
pub fn of_time(text: &str) -> (bool, bool) {
    moment(text).map_or((false, false), |at| (!at.zoned, at.cut))
}

const DAY: i64 = 86_400_000_000;

fn typed(value: &Value, kind: ColumnType) -> Result<Value, String> {
    let found = || wrong(kind, &value.to_string());
    Ok(match (kind, value) {
        (_, Value::Null) => Value::Null,
        (ColumnType::String, Value::Text(_))
        | (ColumnType::Integer, Value::Integer(_))
        | (ColumnType::Number, Value::Number(_))
        | (ColumnType::Boolean, Value::Boolean(_))
        | (ColumnType::Date, Value::Date(_))
        | (ColumnType::Timestamp, Value::Timestamp(_))
        | (ColumnType::Strings, Value::Strings(_))
        | (ColumnType::Json, Value::Json(_)) => value.clone(),
        (
            ColumnType::String,
            Value::Integer(_)
            | Value::Number(_)
            | Value::Boolean(_)
            | Value::Date(_)
            | Value::Timestamp(_),
        ) => Value::Text(value.to_string()),
        // Of a column whose cells are texts in the main.
        (ColumnType::String, Value::Strings(_) | Value::Json(_)) => {
            Value::Text(value.to_json().to_string())
        }
        (ColumnType::Number, Value::Integer(number)) if !is_exact((*number).into()) => {
            return Err(format!(
                "{number} has more digits than a number keeps: a column of texts or of whole numbers has them all"
            ));
        }
        (ColumnType::Number, Value::Integer(_)) => {
            value.as_f64().map(Value::Number).ok_or_else(found)?
        }
        (ColumnType::Integer, Value::Number(number)) => {
            whole(*number).map(Value::Integer).ok_or_else(found)?
        }
        (ColumnType::Boolean, Value::Integer(0)) => Value::Boolean(false),
        (ColumnType::Boolean, Value::Integer(1)) => Value::Boolean(true),
        (ColumnType::Date, Value::Timestamp(micros)) if micros.rem_euclid(DAY) == 0 => {
            let day = i32::try_from(micros.div_euclid(DAY)).map_err(|_| found())?;
            Value::Date(day)
        }
        (ColumnType::Timestamp, Value::Date(days)) => Value::Timestamp(i64::from(*days) * DAY),
        (ColumnType::Json, Value::Strings(_)) => Value::Json(value.to_json().to_string()),
        (ColumnType::Json, Value::Integer(_) | Value::Number(_) | Value::Boolean(_)) => {
            Value::Json(value.to_json().to_string())
        }
        (ColumnType::Strings, Value::Json(text)) => {
            Value::parse(text, ColumnType::Strings).map_err(|_| found())?
        }
        // A day or a moment as a number is one of several calendars: nothing to guess.
        _ => return Err(found()),
    })
}

/// A number without a fraction that a double holds exactly.
#[expect(
    clippy::cast_possible_truncation,
    reason = "the bound keeps the number inside i64"
)]
fn whole(number: f64) -> Option<i64> {
    (number.fract() == 0.0 && number.abs() <= 9_007_199_254_740_992.0).then_some(number as i64)
}

/// A text of an enumeration is one of its codes, or the title of one: then it becomes the code.
fn coded(value: Value, column: &Column) -> Result<Value, String> {
    if column.values.is_empty() {
        return Ok(value);
    }
    match value {
        Value::Text(text) => code(&text, column).map(Value::Text),
        Value::Strings(texts) => {
            let codes = texts.iter().map(|text| code(text, column));
            codes.collect::<Result<_, _>>().map(Value::Strings)
        }
        other => Ok(other),
    }
}

fn code(text: &str, column: &Column) -> Result<String, String> {
    if column.values.iter().any(|known| known.code == text) {
        return Ok(text.to_owned());
    }
    let titled = |known: &&CodedValue| known.zh == text || known.en.eq_ignore_ascii_case(text);
    let mut found = column.values.iter().filter(titled);
    match (found.next(), found.next()) {
        (Some(known), None) => Ok(known.code.clone()),
        (Some(one), Some(other)) => Err(format!(
            "{text:?} is the title of two codes: write {} or {}",
            one.code, other.code
        )),
        _ => {
            let codes: Vec<_> = column
                .values
                .iter()
                .map(|known| known.code.as_str())
                .collect();
            Err(wrong_code(&codes, text))
        }
    }
}

fn wrong_code(codes: &[&str], text: &str) -> String {
    let shown = codes.len().min(12);
    let more = match codes.len() - shown {
        0 => String::new(),
        more => format!(" and {more} more"),
    };
    format!(
        "expected one of {}{more}, found {text:?}",
        codes[..shown].join(", ")
    )
}

/// The type that a text could be of, the strictest first; for columns whose file does not type them.
#[must_use]
pub fn could_be(text: &str, kind: ColumnType) -> bool {
    match kind {
        ColumnType::Integer => {
            // A number with zeros in front is a code: 091 is not 91.
            let digits = text.strip_prefix('-').unwrap_or(text);
            let plain = digits == "0" || !digits.starts_with('0');
            plain && digits.starts_with(|c: char| c.is_ascii_digit()) && text.parse::<i64>().is_ok()
        }
        ColumnType::Number => {
            let digits = text.strip_prefix('-').unwrap_or(text);
            let code = digits.len() > 1 && digits.starts_with('0') && !digits.starts_with("0.");
            let number = |c: char| c.is_ascii_digit() || c == '.';
            !code
                && digits.starts_with(number)
                && text.parse::<f64>().is_ok_and(f64::is_finite)
                && keeps_digits(text)
        }
        ColumnType::Boolean => matches!(
            text,
            "true" | "false" | "TRUE" | "FALSE" | "True" | "False" | "是" | "否"
        ),
        ColumnType::Date => !text.bytes().all(|byte| byte.is_ascii_digit()) && date(text).is_some(),
        ColumnType::Timestamp => moment(text).is_some(),
        ColumnType::String => true,
        ColumnType::Strings | ColumnType::Json => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn column(kind: ColumnType) -> Column {
        Column {
            kind,
            ..Column::distance()
        }
    }

    fn read(value: &Value, kind: ColumnType) -> Result<Value, String> {
        cell(value, &column(kind), None, &["无".to_owned()])
    }

    fn text(text: &str) -> Value {
        Value::Text(text.to_owned())
    }

    #[test]
    fn moments_are_read_as_programs_write_them() {
        let at = Value::Timestamp(1_612_080_000_000_000);
        for (written, zoned) in [
            ("2021-01-31T08:00:00Z", true),
            ("2021-01-31 16:00:00+08:00", true),
            ("2021-01-31 16:00:00+08", true),
            ("2021/01/31 08:00:00", false),
            ("2021/1/31 8:00", false),
            ("2021-01-31T08:00:00.000", false),
            ("2021年1月31日 08:00:00", false),
        ] {
            assert_eq!(
                read(&text(written), ColumnType::Timestamp),
                Ok(at.clone()),
                "{written}"
            );
            assert!(could_be(written, ColumnType::Timestamp), "{written}");
            assert_eq!(of_time(written), (!zoned, false), "{written}");
        }
        for written in [
            "2021-01-31",
            "2021-01-31 8",
            "2021-02-30 08:00:00",
            "2021-01-31 25:00:00",
            "2021-01-31 08:00:00 CST",
            "20210131 08:00:00",
            "8:00",
            "2021-01-31 08:00 – 09:00",
        ] {
            assert!(
                read(&text(written), ColumnType::Timestamp).is_err(),
                "{written}"
            );
            assert!(!could_be(written, ColumnType::Timestamp), "{written}");
        }
    }

    #[test]
    fn cells_become_what_their_column_holds() {
        use ColumnType as T;
        for (value, kind, expected) in [
            (text(" 1.8 "), T::Number, Value::Number(1.8)),
            (text(""), T::Number, Value::Null),
            (text(" a "), T::String, text(" a ")),
            (text("  "), T::String, Value::Null),
            (text("无"), T::Integer, Value::Null),
            (text("12.0"), T::Integer, Value::Integer(12)),
            (Value::Number(12.0), T::Integer, Value::Integer(12)),
            (Value::Integer(91), T::String, text("91")),
            (Value::Number(1.5), T::String, text("1.5")),
            (text("是"), T::Boolean, Value::Boolean(true)),
            (text("2021年1月31日"), T::Date, Value::Date(18_658)),
            (text("20210131"), T::Date, Value::Date(18_658)),
            (text("2021/1/31"), T::Date, Value::Date(18_658)),
            (
                Value::Date(1),
                T::Timestamp,
                Value::Timestamp(86_400_000_000),
            ),
            (Value::Timestamp(86_400_000_000), T::Date, Value::Date(1)),
        ] {
            assert_eq!(read(&value, kind), Ok(expected), "{value:?} {kind:?}");
        }
    }

    #[test]
    fn what_does_not_fit_is_told() {
        use ColumnType as T;
        for (value, kind, expected) in [
            (
                text("1.8左右"),
                T::Number,
                "expected a number, found \"1.8左右\"",
            ),
            (text("NaN"), T::Number, "expected a number, found \"NaN\""),
            (
                Value::Number(1.5),
                T::Integer,
                "expected a whole number, found 1.5",
            ),
            (text("2021-02-30"), T::Date, "expected a date"),
            (text("21-02-03"), T::Date, "expected a date"),
            (Value::Integer(44_227), T::Date, "found 44227"),
            (
                Value::Integer(2),
                T::Boolean,
                "expected true or false, found 2",
            ),
            (Value::Json("{}".to_owned()), T::Number, "expected a number"),
        ] {
            let found = read(&value, kind).expect_err("refused");
            assert!(found.contains(expected), "{value:?}: {found}");
        }
    }

    #[test]
    fn titles_of_codes_are_codes() {
        let coded = |code: &str, zh: &str| CodedValue {
            code: code.to_owned(),
            zh: zh.to_owned(),
            en: code.to_uppercase(),
            color: None,
        };
        let column = Column {
            values: vec![
                coded("new", "新建"),
                coded("wide", "拓宽"),
                coded("wider", "拓宽"),
            ],
            ..column(ColumnType::String)
        };
        let read = |value| cell(&text(value), &column, None, &[]);
        assert_eq!(read("新建"), Ok(text("new")));
        assert_eq!(read("NEW"), Ok(text("new")));
        assert!(read("拓宽").expect_err("two").contains("wide or wider"));
        assert!(
            read("x")
                .expect_err("none")
                .contains("expected one of new, wide, wider, found \"x\"")
        );
    }

    #[test]
    fn codes_with_zeros_are_no_numbers() {
        use ColumnType as T;
        for (text, kind, expected) in [
            ("091", T::Integer, false),
            ("0", T::Integer, true),
            ("-5", T::Integer, true),
            ("+5", T::Integer, false),
            ("0.5", T::Number, true),
            ("00.5", T::Number, false),
            ("1e3", T::Number, true),
            ("inf", T::Number, false),
            ("2021-01-31", T::Date, true),
            ("20210131", T::Date, false),
            ("2021-01-31T08:00:00Z", T::Timestamp, true),
            ("是", T::Boolean, true),
            ("1", T::Boolean, false),
        ] {
            assert_eq!(could_be(text, kind), expected, "{text} {kind:?}");
        }
    }
}
