use std::collections::BTreeMap;

use crate::model::{ColumnType, Value};
use crate::snapshot::Row;

/// A column's cells, one per row, without an allocation per cell.
#[derive(Debug, Clone)]
pub enum Cells {
    /// Codes into a sorted dictionary; `u32::MAX` is null. Equal texts are kept once, and codes
    /// compare as the texts do.
    Text {
        /// Distinct texts, ascending.
        dictionary: Vec<Box<str>>,
        /// One per row.
        codes: Vec<u32>,
    },
    /// Whole numbers, and which of them are stated.
    Integer(Vec<Option<i64>>),
    /// Numbers; NaN is null (a stated number is finite).
    Number(Vec<f64>),
    /// Truth values.
    Boolean(Vec<Option<bool>>),
}

const NO_TEXT: u32 = u32::MAX;

impl Cells {
    /// Collects the cells of one column.
    #[must_use]
    pub fn build(kind: ColumnType, values: impl Iterator<Item = Value>) -> Self {
        match kind {
            ColumnType::String => texts(values),
            ColumnType::Integer => Self::Integer(
                values
                    .map(|v| {
                        if let Value::Integer(n) = v {
                            Some(n)
                        } else {
                            None
                        }
                    })
                    .collect(),
            ),
            ColumnType::Number => {
                Self::Number(values.map(|v| v.as_f64().unwrap_or(f64::NAN)).collect())
            }
            ColumnType::Boolean => Self::Boolean(
                values
                    .map(|v| {
                        if let Value::Boolean(b) = v {
                            Some(b)
                        } else {
                            None
                        }
                    })
                    .collect(),
            ),
        }
    }

    /// The cell of a row.
    #[must_use]
    pub fn value(&self, row: Row) -> Value {
        let at = row as usize;
        match self {
            Self::Text { .. } => self
                .text(row)
                .map_or(Value::Null, |text| Value::Text(text.to_owned())),
            Self::Integer(cells) => cells[at].map_or(Value::Null, Value::Integer),
            Self::Number(cells) if cells[at].is_nan() => Value::Null,
            Self::Number(cells) => Value::Number(cells[at]),
            Self::Boolean(cells) => cells[at].map_or(Value::Null, Value::Boolean),
        }
    }

    /// The cell as a number, where it is one.
    #[must_use]
    pub fn number(&self, row: Row) -> Option<f64> {
        match self {
            Self::Number(cells) => Some(cells[row as usize]).filter(|number| !number.is_nan()),
            Self::Integer(_) => self.value(row).as_f64(),
            _ => None,
        }
    }

    /// The cell as a text, where it is one.
    #[must_use]
    pub fn text(&self, row: Row) -> Option<&str> {
        let Self::Text { dictionary, codes } = self else {
            return None;
        };
        let code = codes[row as usize];
        dictionary.get(code as usize).map(AsRef::as_ref)
    }
}

#[expect(
    clippy::cast_possible_truncation,
    reason = "rows are counted in u32, and so are their texts"
)]
fn texts(values: impl Iterator<Item = Value>) -> Cells {
    let texts: Vec<_> = values
        .map(|v| {
            if let Value::Text(text) = v {
                Some(text.into_boxed_str())
            } else {
                None
            }
        })
        .collect();
    let mut dictionary: Vec<_> = texts.iter().flatten().cloned().collect();
    dictionary.sort_unstable();
    dictionary.dedup();
    let codes_of: BTreeMap<&str, u32> = dictionary
        .iter()
        .enumerate()
        .map(|(code, text)| (text.as_ref(), code as u32))
        .collect();
    let codes = texts
        .iter()
        .map(|text| {
            text.as_ref()
                .map_or(NO_TEXT, |text| codes_of[text.as_ref()])
        })
        .collect();
    Cells::Text { dictionary, codes }
}

/// The rows of a column that are stated, sorted by its cells: a range of values is a slice.
#[derive(Debug, Clone)]
pub struct SortedIndex {
    rows: Vec<Row>,
}

impl SortedIndex {
    /// Sorts the rows. O(n log n).
    #[must_use]
    pub fn build(cells: &Cells, count: Row) -> Self {
        let mut rows: Vec<Row> = (0..count)
            .filter(|row| !cells.value(*row).is_null())
            .collect();
        match cells {
            Cells::Text { codes, .. } => rows.sort_by_key(|row| codes[*row as usize]),
            Cells::Integer(cells) => rows.sort_by_key(|row| cells[*row as usize]),
            Cells::Number(cells) => {
                rows.sort_by(|a, b| cells[*a as usize].total_cmp(&cells[*b as usize]));
            }
            Cells::Boolean(cells) => rows.sort_by_key(|row| cells[*row as usize]),
        }
        Self { rows }
    }

    /// Rows whose number lies in `low..=high`; a missing end is open. O(log n).
    #[must_use]
    pub fn range(&self, cells: &Cells, low: Option<f64>, high: Option<f64>) -> &[Row] {
        let number = |row: &Row| cells.number(*row).unwrap_or(f64::NAN);
        let start = low.map_or(0, |low| self.rows.partition_point(|row| number(row) < low));
        let end = high.map_or(self.rows.len(), |high| {
            self.rows.partition_point(|row| number(row) <= high)
        });
        self.rows.get(start..end).unwrap_or_default()
    }

    /// Rows with exactly this text. O(log n).
    #[must_use]
    pub fn equal(&self, cells: &Cells, text: &str) -> &[Row] {
        let start = self
            .rows
            .partition_point(|row| cells.text(*row) < Some(text));
        let end = self
            .rows
            .partition_point(|row| cells.text(*row) <= Some(text));
        self.rows.get(start..end).unwrap_or_default()
    }
}
