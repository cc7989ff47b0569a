//! A cell of a file becomes one of a column: of its type, or an error that says what was expected.

use crate::model::{CodedValue, Column, ColumnType, Factor, Value};

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
        ColumnType::Timestamp => moment(text).map(|(value, _)| value).ok_or_else(found),
        // 12 and 12.0 are one whole number.
        ColumnType::Integer => match Value::parse(text, kind) {
            Ok(value) => Ok(value),
            Err(_) => match Value::parse(text, ColumnType::Number) {
                Ok(number) => typed(&number, kind).map_err(|_| found()),
                Err(_) => Err(found()),
            },
        },
        _ => Value::parse(text, kind).map_err(|_| found()),
    }
}

/// 2021-01-31, 2021/1/31, 2021.1.31, 2021年1月31日 or 20210131; or its midnight without a zone, as programs write
/// a day that have no type for it.
fn date(text: &str) -> Option<Value> {
    let midnight = ["T00:00:00", " 00:00:00"];
    let text = midnight
        .iter()
        .find_map(|clock| text.strip_suffix(clock))
        .unwrap_or(text);
    let parts: Vec<&str> = if text.len() == 8 && text.bytes().all(|byte| byte.is_ascii_digit()) {
        vec![&text[..4], &text[4..6], &text[6..]]
    } else {
        let text = text.strip_suffix('日').unwrap_or(text);
        text.split(['-', '/', '.', '年', '月']).collect()
    };
    let [year, month, day] = parts.as_slice() else {
        return None;
    };
    let number = |part: &str, most: usize| {
        let digits = !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
        (digits && part.len() <= most)
            .then(|| part.parse::<u32>().ok())
            .flatten()
    };
    if year.len() != 4 {
        return None;
    }
    let (year, month, day) = (number(year, 4)?, number(month, 2)?, number(day, 2)?);
    Value::parse(&format!("{year:04}-{month:02}-{day:02}"), ColumnType::Date).ok()
}

/// A day and a time of day: 2021-01-31T08:00:00Z, 2021/01/31 08:00:00, 2021-1-31 8:00. False for one without a zone, as GDAL,
/// QGIS and spreadsheets write them: it is taken as UTC.
fn moment(text: &str) -> Option<(Value, bool)> {
    let (day, clock) = text.split_once(['T', 't', ' '])?;
    // A day in one word of digits is a number here.
    let Value::Date(days) = date(day).filter(|_| !day.bytes().all(|byte| byte.is_ascii_digit()))?
    else {
        return None;
    };
    let clock = clock.trim_start();
    let end = clock
        .find(|c: char| !(c.is_ascii_digit() || c == ':' || c == '.'))
        .unwrap_or(clock.len());
    let (time, zone) = clock.split_at(end);
    let time = match time.find(':')? {
        1 => format!("0{time}"),
        _ => time.to_owned(),
    };
    let seconds = if time.len() == 5 { ":00" } else { "" };
    let zoned = !zone.is_empty();
    // PostgreSQL writes the hours of an offset alone.
    let zone = match (zone.trim_start(), zone.trim_start().len()) {
        ("", _) => "Z".to_owned(),
        (hours, 3) => format!("{hours}:00"),
        (zone, _) => zone.to_owned(),
    };
    let text = format!("{}T{time}{seconds}{zone}", Value::Date(days));
    let value = Value::parse(&text, ColumnType::Timestamp).ok()?;
    Some((value, zoned))
}

/// Whether a text is a moment that does not tell its zone.
#[must_use]
pub fn lacks_zone(text: &str) -> bool {
    moment(text.trim()).is_some_and(|(_, zoned)| !zoned)
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
            !code && digits.starts_with(number) && text.parse::<f64>().is_ok_and(f64::is_finite)
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
            assert_eq!(lacks_zone(written), !zoned, "{written}");
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
