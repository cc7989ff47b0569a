use super::bits::Bits;
use super::texts::{Interner, Texts};
use super::{ColumnType, Stamp, Value};

/// A row number of a collection: position in id order.
pub type Row = u32;

/// Codes of texts, one per row, as small as their number allows; the greatest of a width is null.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Codes {
    /// Of fewer than 256 texts.
    Small(Vec<u8>),
    /// Of fewer than 65 536.
    Medium(Vec<u16>),
    /// Of any number.
    Large(Vec<u32>),
}

const NO_TEXT: u32 = u32::MAX;
const NO_DAY: i32 = i32::MIN;
const NO_MOMENT: i64 = i64::MIN;

impl Codes {
    #[expect(
        clippy::cast_possible_truncation,
        reason = "null is the greatest of each width, and codes are fewer"
    )]
    fn new(codes: Vec<u32>, texts: usize) -> Self {
        if u8::try_from(texts).is_ok() {
            Self::Small(codes.into_iter().map(|code| code as u8).collect())
        } else if u16::try_from(texts).is_ok() {
            Self::Medium(codes.into_iter().map(|code| code as u16).collect())
        } else {
            Self::Large(codes)
        }
    }

    /// The code of a row; none where it is null.
    #[must_use]
    pub fn get(&self, row: Row) -> Option<u32> {
        let at = row as usize;
        match self {
            Self::Small(codes) => (codes[at] != u8::MAX).then(|| codes[at].into()),
            Self::Medium(codes) => (codes[at] != u16::MAX).then(|| codes[at].into()),
            Self::Large(codes) => (codes[at] != NO_TEXT).then(|| codes[at]),
        }
    }

    /// How many rows there are.
    #[must_use]
    pub fn len(&self) -> usize {
        match self {
            Self::Small(codes) => codes.len(),
            Self::Medium(codes) => codes.len(),
            Self::Large(codes) => codes.len(),
        }
    }

    /// True where there is no row.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

/// Whole numbers, one per row, as small as the greatest allows, and which of them are stated.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Integers {
    numbers: Narrow,
    stated: Bits,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Narrow {
    Short(Vec<i16>),
    Middle(Vec<i32>),
    Long(Vec<i64>),
}

impl Integers {
    fn new(numbers: Vec<i64>, stated: Bits) -> Self {
        let most = numbers.iter().map(|number| number.unsigned_abs()).max();
        let most = most.unwrap_or_default();
        #[expect(clippy::cast_possible_truncation, reason = "the greatest fits")]
        let numbers = if most <= 0x7fff {
            Narrow::Short(numbers.into_iter().map(|number| number as i16).collect())
        } else if most <= 0x7fff_ffff {
            Narrow::Middle(numbers.into_iter().map(|number| number as i32).collect())
        } else {
            Narrow::Long(numbers)
        };
        Self { numbers, stated }
    }

    /// The number of a row; none where it is null.
    #[must_use]
    pub fn get(&self, row: Row) -> Option<i64> {
        let at = row as usize;
        let number = match &self.numbers {
            Narrow::Short(numbers) => numbers[at].into(),
            Narrow::Middle(numbers) => numbers[at].into(),
            Narrow::Long(numbers) => numbers[at],
        };
        self.stated.get(at).then_some(number)
    }
}

/// Truth values, one per row, and which of them are stated.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Booleans {
    flags: Bits,
    stated: Bits,
}

impl Booleans {
    /// The truth value of a row; none where it is null.
    #[must_use]
    pub fn get(&self, row: Row) -> Option<bool> {
        let at = row as usize;
        self.stated.get(at).then(|| self.flags.get(at))
    }
}

/// A column's cells, one per row, without an allocation per cell.
#[derive(Debug, Clone, PartialEq)]
pub enum Cells {
    /// Codes into a sorted dictionary. Equal texts are kept once, and codes compare as the texts do.
    Text {
        /// Distinct texts, ascending.
        dictionary: Texts,
        /// One per row.
        codes: Codes,
    },
    /// Whole numbers.
    Integer(Integers),
    /// Numbers; NaN is null (a stated number is finite).
    Number(Vec<f64>),
    /// Truth values.
    Boolean(Booleans),
    /// Days since 1970-01-01; `i32::MIN` is null.
    Date(Vec<i32>),
    /// Microseconds since 1970-01-01T00:00:00Z; `i64::MIN` is null.
    Timestamp(Vec<i64>),
    /// Arrays of texts: one after the other, as codes into a sorted dictionary. A null is the one
    /// code `u32::MAX`, so that it differs from an empty array.
    Strings {
        /// Distinct texts, ascending.
        dictionary: Texts,
        /// All rows' arrays.
        codes: Vec<u32>,
        /// One per row: where its array ends in `codes`.
        ends: Vec<u32>,
    },
    /// JSON as text, one per row; an empty one where a row has none.
    Json(Texts),
}

impl Cells {
    /// Collects the cells of one column.
    ///
    /// # Panics
    /// With 2^32 texts or more in all arrays together.
    #[must_use]
    pub fn build(kind: ColumnType, values: impl Iterator<Item = Value>) -> Self {
        let mut cells = CellsBuilder::new(kind);
        values.for_each(|value| cells.push(&value));
        cells.finish(None)
    }

    /// The cell of a row.
    #[must_use]
    pub fn value(&self, row: Row) -> Value {
        let at = row as usize;
        match self {
            Self::Text { .. } => self
                .text(row)
                .map_or(Value::Null, |text| Value::Text(text.to_owned())),
            Self::Integer(cells) => cells.get(row).map_or(Value::Null, Value::Integer),
            Self::Number(cells) if cells[at].is_nan() => Value::Null,
            Self::Number(cells) => Value::Number(cells[at]),
            Self::Boolean(cells) => cells.get(row).map_or(Value::Null, Value::Boolean),
            Self::Date(cells) if cells[at] == NO_DAY => Value::Null,
            Self::Date(cells) => Value::Date(cells[at]),
            Self::Timestamp(cells) if cells[at] == NO_MOMENT => Value::Null,
            Self::Timestamp(cells) => Value::Timestamp(cells[at]),
            Self::Strings { .. } => self.texts(row).map_or(Value::Null, |texts| {
                Value::Strings(texts.map(str::to_owned).collect())
            }),
            Self::Json(texts) => match texts.get(at) {
                None | Some("") => Value::Null,
                Some(text) => Value::Json(text.to_owned()),
            },
        }
    }

    /// True where a row states nothing.
    #[must_use]
    pub fn is_null(&self, row: Row) -> bool {
        let at = row as usize;
        match self {
            Self::Text { codes, .. } => codes.get(row).is_none(),
            Self::Integer(cells) => !cells.stated.get(at),
            Self::Number(cells) => cells[at].is_nan(),
            Self::Boolean(cells) => !cells.stated.get(at),
            Self::Date(cells) => cells[at] == NO_DAY,
            Self::Timestamp(cells) => cells[at] == NO_MOMENT,
            Self::Strings { .. } => self.texts(row).is_none(),
            Self::Json(texts) => texts.get(at).is_none_or(str::is_empty),
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
        let own = &codes[span(ends, row as usize)];
        let text = |code: &u32| dictionary.get(*code as usize);
        (own != [NO_TEXT]).then(|| own.iter().filter_map(text))
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
    #[expect(
        clippy::cast_precision_loss,
        reason = "whole numbers of a plan are far below 2^53"
    )]
    pub fn number(&self, row: Row) -> Option<f64> {
        match self {
            Self::Number(cells) => Some(cells[row as usize]).filter(|number| !number.is_nan()),
            Self::Integer(cells) => cells.get(row).map(|number| number as f64),
            _ => None,
        }
    }

    /// The cell as a text, where it is one.
    #[must_use]
    pub fn text(&self, row: Row) -> Option<&str> {
        let Self::Text { dictionary, codes } = self else {
            return None;
        };
        dictionary.get(codes.get(row)? as usize)
    }
}

/// Where the part of a row lies in what all rows share.
fn span(ends: &[u32], at: usize) -> std::ops::Range<usize> {
    let start = at.checked_sub(1).map_or(0, |before| ends[before]);
    start as usize..ends[at] as usize
}

/// Cells as they come, in any order of rows.
#[derive(Debug, Clone)]
pub(super) enum CellsBuilder {
    Text {
        dictionary: Interner,
        codes: Vec<u32>,
    },
    Integer(Vec<i64>, Bits),
    Number(Vec<f64>),
    Boolean(Bits, Bits),
    Date(Vec<i32>),
    Timestamp(Vec<i64>),
    Strings {
        dictionary: Interner,
        codes: Vec<u32>,
        ends: Vec<u32>,
    },
    Json(Texts),
}

impl CellsBuilder {
    pub fn new(kind: ColumnType) -> Self {
        match kind {
            ColumnType::String => Self::Text {
                dictionary: Interner::default(),
                codes: Vec::new(),
            },
            ColumnType::Integer => Self::Integer(Vec::new(), Bits::default()),
            ColumnType::Number => Self::Number(Vec::new()),
            ColumnType::Boolean => Self::Boolean(Bits::default(), Bits::default()),
            ColumnType::Date => Self::Date(Vec::new()),
            ColumnType::Timestamp => Self::Timestamp(Vec::new()),
            ColumnType::Strings => Self::Strings {
                dictionary: Interner::default(),
                codes: Vec::new(),
                ends: Vec::new(),
            },
            ColumnType::Json => Self::Json(Texts::default()),
        }
    }

    /// The cell of the next row; one of another type counts as null.
    pub fn push(&mut self, value: &Value) {
        match (self, value) {
            (Self::Text { dictionary, codes }, Value::Text(text)) => {
                codes.push(dictionary.code(text));
            }
            (Self::Text { codes, .. }, _) => codes.push(NO_TEXT),
            (Self::Integer(numbers, stated), Value::Integer(number)) => {
                numbers.push(*number);
                stated.push(true);
            }
            (Self::Integer(numbers, stated), _) => {
                numbers.push(0);
                stated.push(false);
            }
            (Self::Number(numbers), value) => numbers.push(value.as_f64().unwrap_or(f64::NAN)),
            (Self::Boolean(flags, stated), value) => {
                flags.push(*value == Value::Boolean(true));
                stated.push(matches!(value, Value::Boolean(_)));
            }
            (Self::Date(days), Value::Date(day)) => days.push(*day),
            (Self::Date(days), _) => days.push(NO_DAY),
            (Self::Timestamp(moments), Value::Timestamp(moment)) => moments.push(*moment),
            (Self::Timestamp(moments), _) => moments.push(NO_MOMENT),
            (
                Self::Strings {
                    dictionary,
                    codes,
                    ends,
                },
                value,
            ) => {
                match value {
                    Value::Strings(texts) => {
                        codes.extend(texts.iter().map(|text| dictionary.code(text)));
                    }
                    _ => codes.push(NO_TEXT),
                }
                ends.push(end(codes));
            }
            (Self::Json(texts), Value::Json(text)) => texts.push(text),
            (Self::Json(texts), _) => texts.push(""),
        }
    }

    /// Adds the cells of more rows of the same column.
    pub fn append(&mut self, more: &Self) {
        match (self, more) {
            (
                Self::Text { dictionary, codes },
                Self::Text {
                    dictionary: others,
                    codes: more,
                },
            ) => {
                let known = dictionary.absorb(others);
                codes.extend(more.iter().map(|code| coded(&known, *code)));
            }
            (Self::Integer(numbers, stated), Self::Integer(more, of_them)) => {
                numbers.extend(more);
                stated.extend(of_them.iter());
            }
            (Self::Number(numbers), Self::Number(more)) => numbers.extend(more),
            (Self::Boolean(flags, stated), Self::Boolean(more, of_them)) => {
                flags.extend(more.iter());
                stated.extend(of_them.iter());
            }
            (Self::Date(days), Self::Date(more)) => days.extend(more),
            (Self::Timestamp(moments), Self::Timestamp(more)) => moments.extend(more),
            (
                Self::Strings {
                    dictionary,
                    codes,
                    ends,
                },
                Self::Strings {
                    dictionary: others,
                    codes: more,
                    ends: more_ends,
                },
            ) => {
                let known = dictionary.absorb(others);
                let before = end(codes);
                codes.extend(more.iter().map(|code| coded(&known, *code)));
                // The new end was counted, so no sum is greater.
                end(codes);
                ends.extend(more_ends.iter().map(|end| before + end));
            }
            (Self::Json(texts), Self::Json(more)) => texts.append(more),
            _ => unreachable!("a column has one type"),
        }
    }

    /// The cells in an order of rows, or as they came.
    pub fn finish(self, order: Option<&[Row]>) -> Cells {
        match self {
            Self::Text { dictionary, codes } => {
                let (dictionary, places) = dictionary.sorted();
                let codes = ordered(codes, order);
                let codes = codes.into_iter().map(|code| coded(&places, code)).collect();
                Cells::Text {
                    codes: Codes::new(codes, dictionary.len()),
                    dictionary,
                }
            }
            Self::Integer(numbers, stated) => Cells::Integer(Integers::new(
                ordered(numbers, order),
                ordered_bits(stated, order),
            )),
            Self::Number(numbers) => Cells::Number(ordered(numbers, order)),
            Self::Boolean(flags, stated) => Cells::Boolean(Booleans {
                flags: ordered_bits(flags, order),
                stated: ordered_bits(stated, order),
            }),
            Self::Date(days) => Cells::Date(ordered(days, order)),
            Self::Timestamp(moments) => Cells::Timestamp(ordered(moments, order)),
            Self::Strings {
                dictionary,
                codes,
                ends,
            } => {
                let (dictionary, places) = dictionary.sorted();
                let mut own = Vec::with_capacity(codes.len());
                let mut own_ends = Vec::with_capacity(ends.len());
                for at in rows(order, ends.len()) {
                    let codes = codes[span(&ends, at as usize)].iter();
                    own.extend(codes.map(|code| coded(&places, *code)));
                    own_ends.push(end(&own));
                }
                Cells::Strings {
                    dictionary,
                    codes: own,
                    ends: own_ends,
                }
            }
            Self::Json(mut texts) => {
                if let Some(order) = order {
                    texts = texts.ordered(order);
                }
                texts.shrink();
                Cells::Json(texts)
            }
        }
    }
}

/// Another number for a code; null stays null.
fn coded(numbers: &[u32], code: u32) -> u32 {
    numbers.get(code as usize).copied().unwrap_or(NO_TEXT)
}

fn end(codes: &[u32]) -> u32 {
    u32::try_from(codes.len()).expect("fewer than 2^32 texts in the arrays of a column")
}

fn ordered<T: Copy>(mut cells: Vec<T>, order: Option<&[Row]>) -> Vec<T> {
    let Some(order) = order else {
        cells.shrink_to_fit();
        return cells;
    };
    order.iter().map(|row| cells[*row as usize]).collect()
}

fn ordered_bits(bits: Bits, order: Option<&[Row]>) -> Bits {
    match order {
        None => bits,
        Some(order) => order.iter().map(|row| bits.get(*row as usize)).collect(),
    }
}

/// The rows in an order, or as they came.
fn rows(order: Option<&[Row]>, count: usize) -> impl Iterator<Item = Row> {
    let as_they_came = (0..count).zip(0..).map(|(_, row)| row);
    let count = if order.is_some() { 0 } else { count };
    order
        .into_iter()
        .flatten()
        .copied()
        .chain(as_they_came.take(count))
}
