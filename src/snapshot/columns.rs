use std::collections::BTreeMap;

use crate::model::{ColumnType, Stamp, Value};
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
    /// Days since 1970-01-01; `i32::MIN` is null.
    Date(Vec<i32>),
    /// Microseconds since 1970-01-01T00:00:00Z; `i64::MIN` is null.
    Timestamp(Vec<i64>),
    /// Arrays of texts: one after the other, as codes into a sorted dictionary. A null is the one
    /// code `u32::MAX`, so that it differs from an empty array.
    Strings {
        /// Distinct texts, ascending.
        dictionary: Vec<Box<str>>,
        /// All rows' arrays.
        codes: Vec<u32>,
        /// One per row: where its array ends in `codes`.
        ends: Vec<u32>,
    },
    /// JSON as text, one row's after the other; null where a row has none.
    Json {
        /// All rows' texts.
        texts: String,
        /// One per row: where its text ends in `texts`.
        ends: Vec<usize>,
    },
}

const NO_TEXT: u32 = u32::MAX;
const NO_DAY: i32 = i32::MIN;
const NO_MOMENT: i64 = i64::MIN;

impl Cells {
    /// Collects the cells of one column.
    ///
    /// # Panics
    /// With 2^32 texts or more in all arrays together.
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
            ColumnType::Date => Self::Date(
                values
                    .map(|v| if let Value::Date(d) = v { d } else { NO_DAY })
                    .collect(),
            ),
            ColumnType::Timestamp => Self::Timestamp(
                values
                    .map(|v| {
                        if let Value::Timestamp(m) = v {
                            m
                        } else {
                            NO_MOMENT
                        }
                    })
                    .collect(),
            ),
            ColumnType::Strings => arrays(values),
            ColumnType::Json => {
                let (mut texts, mut ends) = (String::new(), Vec::new());
                for value in values {
                    if let Value::Json(text) = value {
                        texts.push_str(&text);
                    }
                    ends.push(texts.len());
                }
                Self::Json { texts, ends }
            }
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
            Self::Date(cells) if cells[at] == NO_DAY => Value::Null,
            Self::Date(cells) => Value::Date(cells[at]),
            Self::Timestamp(cells) if cells[at] == NO_MOMENT => Value::Null,
            Self::Timestamp(cells) => Value::Timestamp(cells[at]),
            Self::Strings { .. } => self.texts(row).map_or(Value::Null, |texts| {
                Value::Strings(texts.map(str::to_owned).collect())
            }),
            Self::Json { texts, ends } => match &texts[start(ends, at)..ends[at]] {
                "" => Value::Null,
                text => Value::Json(text.to_owned()),
            },
        }
    }

    /// The texts of an array, where the cell is one.
    #[must_use]
    pub fn texts(&self, row: Row) -> Option<impl Iterator<Item = &str> + Clone> {
        let Self::Strings {
            dictionary,
            codes,
            ends,
        } = self
        else {
            return None;
        };
        let at = row as usize;
        let own = &codes[start(ends, at) as usize..ends[at] as usize];
        (own != [NO_TEXT]).then(|| own.iter().map(|code| dictionary[*code as usize].as_ref()))
    }

    /// The cell as a day or a moment, where it is one.
    #[must_use]
    pub fn stamp(&self, row: Row) -> Option<Stamp> {
        let at = row as usize;
        match self {
            Self::Date(cells) => Some(cells[at])
                .filter(|days| *days != NO_DAY)
                .map(Stamp::from_days),
            Self::Timestamp(cells) => Some(cells[at])
                .filter(|micros| *micros != NO_MOMENT)
                .map(Stamp::from_micros),
            _ => None,
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

/// Where the part of a row begins: where that of the row before ends.
fn start<T: Copy + Default>(ends: &[T], at: usize) -> T {
    at.checked_sub(1)
        .map_or_else(T::default, |before| ends[before])
}

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
    let dictionary = dictionary(texts.iter().flatten().cloned());
    let codes_of = codes_of(&dictionary);
    let codes = texts
        .iter()
        .map(|text| {
            text.as_ref()
                .map_or(NO_TEXT, |text| codes_of[text.as_ref()])
        })
        .collect();
    Cells::Text { dictionary, codes }
}

fn arrays(values: impl Iterator<Item = Value>) -> Cells {
    let arrays: Vec<_> = values
        .map(|v| {
            if let Value::Strings(texts) = v {
                Some(texts)
            } else {
                None
            }
        })
        .collect();
    let texts = arrays.iter().flatten().flatten();
    let dictionary = dictionary(texts.map(|text| text.as_str().into()));
    let codes_of = codes_of(&dictionary);
    let (mut codes, mut ends) = (Vec::new(), Vec::with_capacity(arrays.len()));
    for array in &arrays {
        match array {
            Some(texts) => codes.extend(texts.iter().map(|text| codes_of[text.as_str()])),
            None => codes.push(NO_TEXT),
        }
        ends.push(u32::try_from(codes.len()).expect("fewer than 2^32 texts"));
    }
    Cells::Strings {
        dictionary,
        codes,
        ends,
    }
}

fn dictionary(texts: impl Iterator<Item = Box<str>>) -> Vec<Box<str>> {
    let mut dictionary: Vec<_> = texts.collect();
    dictionary.sort_unstable();
    dictionary.dedup();
    dictionary
}

#[expect(
    clippy::cast_possible_truncation,
    reason = "rows are counted in u32, and so are their texts"
)]
fn codes_of(dictionary: &[Box<str>]) -> BTreeMap<&str, u32> {
    let numbered = dictionary.iter().enumerate();
    numbered
        .map(|(code, text)| (text.as_ref(), code as u32))
        .collect()
}

/// The rows of a column, sorted by its cells: a range of values is a slice.
#[derive(Debug, Clone)]
pub struct SortedIndex {
    /// Those that are stated, ascending, then the nulls.
    rows: Vec<Row>,
    stated: usize,
}

impl SortedIndex {
    /// Sorts the rows. O(n log n). Arrays and JSON have no order, and all their rows count as null.
    #[must_use]
    pub fn build(cells: &Cells, count: Row) -> Self {
        let ordered = !matches!(cells, Cells::Strings { .. } | Cells::Json { .. });
        let (mut rows, mut nulls): (Vec<Row>, Vec<Row>) =
            (0..count).partition(|row| ordered && !cells.value(*row).is_null());
        match cells {
            Cells::Text { codes, .. } => rows.sort_by_key(|row| codes[*row as usize]),
            Cells::Integer(cells) => rows.sort_by_key(|row| cells[*row as usize]),
            Cells::Number(cells) => {
                rows.sort_by(|a, b| cells[*a as usize].total_cmp(&cells[*b as usize]));
            }
            Cells::Boolean(cells) => rows.sort_by_key(|row| cells[*row as usize]),
            Cells::Date(cells) => rows.sort_by_key(|row| cells[*row as usize]),
            Cells::Timestamp(cells) => rows.sort_by_key(|row| cells[*row as usize]),
            Cells::Strings { .. } | Cells::Json { .. } => {}
        }
        let stated = rows.len();
        rows.append(&mut nulls);
        Self { rows, stated }
    }

    /// The stated rows behind those that are `before` the range, up to those that are not `until`
    /// its end. Both must hold from the first row on to some row. O(log n).
    #[must_use]
    pub fn between(&self, before: impl Fn(Row) -> bool, until: impl Fn(Row) -> bool) -> &[Row] {
        let rows = &self.rows[..self.stated];
        let start = rows.partition_point(|row| before(*row));
        let end = rows.partition_point(|row| until(*row));
        rows.get(start..end).unwrap_or_default()
    }

    /// Rows whose number lies in `low..=high`; a missing end is open. O(log n).
    #[must_use]
    pub fn range(&self, cells: &Cells, low: Option<f64>, high: Option<f64>) -> &[Row] {
        let number = |row: Row| cells.number(row).unwrap_or(f64::NAN);
        self.between(
            |row| low.is_some_and(|low| number(row) < low),
            |row| high.is_none_or(|high| number(row) <= high),
        )
    }

    /// Rows whose day or moment meets `low..=high`, in nanoseconds since 1970; a missing end is
    /// open. O(log n).
    #[must_use]
    pub fn times(&self, cells: &Cells, low: Option<i128>, high: Option<i128>) -> &[Row] {
        let start = |row: Row| cells.stamp(row).map(Stamp::start);
        let end = |row: Row| cells.stamp(row).map(Stamp::end);
        self.between(
            |row| low.is_some_and(|low| end(row).is_some_and(|end| end < low)),
            |row| high.is_none_or(|high| start(row).is_some_and(|start| start <= high)),
        )
    }

    /// Rows that state nothing.
    #[must_use]
    pub fn nulls(&self) -> &[Row] {
        &self.rows[self.stated..]
    }
}
