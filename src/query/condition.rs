use crate::model::{Column, ColumnType, Span, Stamp, StampError, Value};

/// What a cell must fulfil.
#[derive(Debug, Clone, PartialEq)]
pub enum Condition {
    /// A number from `low` to `high`, both included; a missing end is open.
    Between {
        /// Lower end.
        low: Option<f64>,
        /// Upper end.
        high: Option<f64>,
    },
    /// Exactly this text.
    Text(String),
    /// Exactly this truth value.
    Boolean(bool),
    /// A day or moment in this stretch of time; a day as a limit of moments is the whole day.
    During(Span),
    /// An array that has this text.
    Holds(String),
}

/// A condition that cannot be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ConditionError {
    /// No value.
    #[error("expected a value, found nothing")]
    Empty,
    /// Not a number or a range.
    #[error("expected a number or a range such as 2..4, 2.. or ..4, found {0:?}")]
    Number(String),
    /// `low..high` with `low` greater than `high`.
    #[error("the range {0:?} runs from the greater to the smaller end")]
    Reversed(String),
    /// Not a time or a range of them.
    #[error("{0}; or a range such as 2021-01-01..2021-12-31, 2021-01-01.. or ..2021-12-31")]
    Time(#[from] StampError),
    /// A moment for a column of days.
    #[error("expected a date such as 2021-01-31, found the time {0:?}")]
    NotDay(String),
    /// Both ends are open.
    #[error("a range needs a start or an end")]
    Open,
    /// A column that is only shown.
    #[error("the column holds JSON, which cannot be queried")]
    Json,
    /// Not true or false.
    #[error("expected true or false, found {0:?}")]
    Boolean(String),
    /// Not one of an enumeration's codes.
    #[error("expected one of {expected}, found {found:?}")]
    Code {
        /// Known codes.
        expected: String,
        /// As it was written.
        found: String,
    },
}

/// Reads the short form of a condition: `3`, `2..4`, `2..`, `..4` for numbers, and the same for
/// dates and timestamps; the text itself for texts, and for arrays that have it; `true` or `false`.
///
/// # Errors
/// The text is not a condition on a column of this type.
pub fn condition(column: &Column, text: &str) -> Result<Condition, ConditionError> {
    if text.is_empty() {
        return Err(ConditionError::Empty);
    }
    match column.kind {
        ColumnType::Number | ColumnType::Integer => between(text),
        ColumnType::Date | ColumnType::Timestamp => during(column.kind, text),
        ColumnType::Json => Err(ConditionError::Json),
        ColumnType::String | ColumnType::Strings => {
            let known =
                column.values.is_empty() || column.values.iter().any(|value| value.code == text);
            if known && column.kind == ColumnType::String {
                return Ok(Condition::Text(text.to_owned()));
            }
            if known {
                return Ok(Condition::Holds(text.to_owned()));
            }
            let codes: Vec<_> = column
                .values
                .iter()
                .map(|value| value.code.as_str())
                .collect();
            Err(ConditionError::Code {
                expected: codes.join(", "),
                found: text.to_owned(),
            })
        }
        ColumnType::Boolean => match Value::parse(text, ColumnType::Boolean) {
            Ok(Value::Boolean(flag)) => Ok(Condition::Boolean(flag)),
            _ => Err(ConditionError::Boolean(text.to_owned())),
        },
    }
}

fn between(text: &str) -> Result<Condition, ConditionError> {
    let wrong = || ConditionError::Number(text.to_owned());
    let number = |part: &str| match part.trim().parse::<f64>() {
        Ok(number) if number.is_finite() => Ok(number),
        _ => Err(wrong()),
    };
    let end = |part: &str| {
        if part.is_empty() {
            Ok(None)
        } else {
            number(part).map(Some)
        }
    };
    let Some((low, high)) = text.split_once("..") else {
        let exact = number(text)?;
        return Ok(Condition::Between {
            low: Some(exact),
            high: Some(exact),
        });
    };
    match (end(low)?, end(high)?) {
        (None, None) => Err(wrong()),
        (Some(low), Some(high)) if low > high => Err(ConditionError::Reversed(text.to_owned())),
        (low, high) => Ok(Condition::Between { low, high }),
    }
}

fn during(kind: ColumnType, text: &str) -> Result<Condition, ConditionError> {
    let stamp = |part: &str| {
        // A blank is what a URL makes of the + of an offset.
        let stamp = Stamp::parse(&part.trim().replace(' ', "+"))?;
        if kind == ColumnType::Date && !stamp.is_day() {
            return Err(ConditionError::NotDay(part.to_owned()));
        }
        Ok(stamp)
    };
    let end = |part: &str| {
        Some(part)
            .filter(|part| !part.is_empty())
            .map(stamp)
            .transpose()
    };
    let Some((start, last)) = text.split_once("..") else {
        return stamp(text).map(|stamp| Condition::During(Span::at(stamp)));
    };
    let span = Span {
        start: end(start)?,
        end: end(last)?,
    };
    match span {
        Span {
            start: None,
            end: None,
        } => Err(ConditionError::Open),
        span if span.reversed() => Err(ConditionError::Reversed(text.to_owned())),
        span => Ok(Condition::During(span)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<Condition, ConditionError> {
        between(text)
    }

    #[test]
    fn ranges_are_closed_and_open() {
        let range = |low, high| Ok(Condition::Between { low, high });
        assert_eq!(read("2..4"), range(Some(2.0), Some(4.0)));
        assert_eq!(read("2.."), range(Some(2.0), None));
        assert_eq!(read("..-4.5"), range(None, Some(-4.5)));
        assert_eq!(read("3"), range(Some(3.0), Some(3.0)));
    }

    #[test]
    fn what_is_no_range_is_refused() {
        for text in ["..", "x", "2..x", "4..2", "NaN", "1e999", "2...4"] {
            assert!(read(text).is_err(), "{text}");
        }
    }

    #[test]
    fn times_are_days_moments_and_ranges() {
        let read = |text: &str| match during(ColumnType::Timestamp, text) {
            Ok(Condition::During(span)) => {
                let end = |end: Option<Stamp>| end.map_or("*".to_owned(), |at| at.to_string());
                format!("{} {}", end(span.start), end(span.end))
            }
            other => format!("{other:?}"),
        };
        assert_eq!(read("2023-01-01"), "2023-01-01 2023-01-01");
        assert_eq!(read("2023-01-01..2023-12-31"), "2023-01-01 2023-12-31");
        assert_eq!(read("2023-01-01.."), "2023-01-01 *");
        assert_eq!(
            read("..2023-01-01T08:00:00.5 08:00"),
            "* 2023-01-01T00:00:00.5Z"
        );
        for text in [
            "..",
            "2023",
            "2023-02-30",
            "2023-01-02..2023-01-01",
            "x..",
            "2023-01-01/..",
        ] {
            assert!(during(ColumnType::Timestamp, text).is_err(), "{text}");
        }
        let moment = during(ColumnType::Date, "2023-01-01T00:00:00Z..");
        assert!(
            matches!(moment, Err(ConditionError::NotDay(_))),
            "{moment:?}"
        );
    }
}
