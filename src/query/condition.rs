use crate::model::{Column, ColumnType, Value};

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
    #[error("the range {0:?} runs from the greater to the smaller number")]
    Reversed(String),
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

/// Reads the short form of a condition: `3`, `2..4`, `2..`, `..4` for numbers; the text itself for
/// texts; `true` or `false`.
///
/// # Errors
/// The text is not a condition on a column of this type.
pub fn condition(column: &Column, text: &str) -> Result<Condition, ConditionError> {
    if text.is_empty() {
        return Err(ConditionError::Empty);
    }
    match column.kind {
        ColumnType::Number | ColumnType::Integer => between(text),
        ColumnType::String => {
            let known =
                column.values.is_empty() || column.values.iter().any(|value| value.code == text);
            if known {
                return Ok(Condition::Text(text.to_owned()));
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
}
