use std::cmp::Ordering;

use super::filter::nearest;
use super::run::Matches;
use crate::model::{CollectionInfo, ColumnType, FeatureId, IdRef, Value};
use crate::snapshot::{Cells, Collection, Row};

/// The most keys that a sort may have.
const MAX_KEYS: usize = 16;

/// What rows are sorted by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SortBy {
    /// The id.
    Id,
    /// The column at this position.
    Column(usize),
    /// Metres to the nearest place of the query's `near`; nothing where it has none.
    Distance,
}

/// One key of a sort.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SortKey {
    /// What by.
    pub by: SortBy,
    /// Greatest first.
    pub descending: bool,
}

/// Why a text is not a sort.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SortError {
    /// An empty key.
    #[error("expected names of columns separated by commas, with + or - before them")]
    Empty,
    /// Not a column.
    #[error("there is no property {name:?} to sort by{}", offered(.nearest.as_deref()))]
    Property {
        /// As it was written.
        name: String,
        /// A known name that looks like it.
        nearest: Option<String>,
    },
    /// A column without an order.
    #[error("{name:?} holds {kind}, which has no order")]
    NoOrder {
        /// Column.
        name: String,
        /// Its type.
        kind: ColumnType,
    },
    /// A key twice.
    #[error("{0:?} is given twice")]
    Twice(String),
    /// Too many keys.
    #[error("a sort has at most {MAX_KEYS} keys")]
    TooMany,
}

fn offered(nearest: Option<&str>) -> String {
    nearest.map_or_else(String::new, |name| format!("; did you mean {name:?}?"))
}

/// Reads `-plot_ratio,+name_zh`: columns, `id`, and `distance_m` for queries by nearness. A blank
/// before a name is what a URL makes of `+`.
///
/// # Errors
/// Not such a list, or not columns of this collection.
pub fn sort_keys(info: &CollectionInfo, text: &str) -> Result<Vec<SortKey>, SortError> {
    let mut keys: Vec<SortKey> = Vec::new();
    for part in text.split(',') {
        let (descending, name) = match part.strip_prefix('-') {
            Some(name) => (true, name),
            None => (false, part.strip_prefix(['+', ' ']).unwrap_or(part)),
        };
        if name.is_empty() {
            return Err(SortError::Empty);
        }
        let by = match (info.column_index(name), name) {
            (Some(column), _) => {
                let kind = info.columns[column].kind;
                if !kind.is_ordered() {
                    let name = name.to_owned();
                    return Err(SortError::NoOrder { name, kind });
                }
                SortBy::Column(column)
            }
            (None, "id") => SortBy::Id,
            (None, "distance_m") => SortBy::Distance,
            (None, _) => {
                let columns = info.columns.iter().map(|column| column.name.as_str());
                return Err(SortError::Property {
                    name: name.chars().take(100).collect(),
                    nearest: nearest(name, columns.chain(["id"])),
                });
            }
        };
        if keys.iter().any(|key| key.by == by) {
            return Err(SortError::Twice(name.to_owned()));
        }
        if keys.len() == MAX_KEYS {
            return Err(SortError::TooMany);
        }
        keys.push(SortKey { by, descending });
    }
    Ok(keys)
}

/// A value of a key, of a row or of a cursor.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum KeyValue<'a> {
    Null,
    Number(f64),
    Integer(i64),
    Flag(bool),
    Text(std::borrow::Cow<'a, str>),
}

impl KeyValue<'_> {
    fn kind(&self) -> u8 {
        match self {
            Self::Null => 0,
            Self::Number(_) => 1,
            Self::Integer(_) => 2,
            Self::Flag(_) => 3,
            Self::Text(_) => 4,
        }
    }

    /// Nulls last in both directions; -0 equals 0.
    fn order(&self, other: &Self, descending: bool) -> Ordering {
        let order = match (self, other) {
            (Self::Null, Self::Null) => return Ordering::Equal,
            (Self::Null, _) => return Ordering::Greater,
            (_, Self::Null) => return Ordering::Less,
            (Self::Number(a), Self::Number(b)) => a.partial_cmp(b).unwrap_or(Ordering::Equal),
            (Self::Integer(a), Self::Integer(b)) => a.cmp(b),
            (Self::Flag(a), Self::Flag(b)) => a.cmp(b),
            (Self::Text(a), Self::Text(b)) => a.cmp(b),
            _ => self.kind().cmp(&other.kind()),
        };
        if descending { order.reverse() } else { order }
    }
}

/// A sort of the rows of a result.
pub(super) struct Order<'a> {
    pub collection: &'a Collection,
    pub keys: &'a [SortKey],
    pub matches: &'a Matches,
}

impl<'a> Order<'a> {
    /// By the position in the result.
    pub(super) fn value(&self, key: SortKey, at: usize) -> KeyValue<'a> {
        let row: Row = self.matches.rows[at];
        let place = row as usize;
        match key.by {
            SortBy::Id => match self.collection.id(row) {
                IdRef::Number(number) => KeyValue::Integer(number),
                IdRef::Text(text) => KeyValue::Text(text.into()),
            },
            SortBy::Distance => self
                .matches
                .distances
                .get(at)
                .map_or(KeyValue::Null, |metres| KeyValue::Number(*metres)),
            SortBy::Column(column) => match self.collection.cells(column) {
                Cells::Number(cells) if cells[place].is_nan() => KeyValue::Null,
                Cells::Number(cells) => KeyValue::Number(cells[place]),
                Cells::Integer(cells) => cells.get(row).map_or(KeyValue::Null, KeyValue::Integer),
                Cells::Boolean(cells) => cells.get(row).map_or(KeyValue::Null, KeyValue::Flag),
                times @ (Cells::Date(_) | Cells::Timestamp(_)) => match times.value(row) {
                    Value::Date(days) => KeyValue::Integer(days.into()),
                    Value::Timestamp(micros) => KeyValue::Integer(micros),
                    _ => KeyValue::Null,
                },
                Cells::Strings { .. } | Cells::Json(_) => KeyValue::Null,
                text @ Cells::Text { .. } => text
                    .text(row)
                    .map_or(KeyValue::Null, |text| KeyValue::Text(text.into())),
            },
        }
    }

    /// Two rows of the result; never equal, because ids are not.
    pub(super) fn order(&self, a: usize, b: usize) -> Ordering {
        self.keys
            .iter()
            .map(|key| {
                self.value(*key, a)
                    .order(&self.value(*key, b), key.descending)
            })
            .find(|order| order.is_ne())
            // Rows are in id order.
            .unwrap_or_else(|| self.matches.rows[a].cmp(&self.matches.rows[b]))
    }

    /// A row of the result against the last row of the page before.
    pub(super) fn after(&self, at: usize, values: &[KeyValue<'_>], id: &FeatureId) -> bool {
        self.keys
            .iter()
            .zip(values)
            .map(|(key, value)| self.value(*key, at).order(value, key.descending))
            .find(|order| order.is_ne())
            .unwrap_or_else(|| self.collection.id(self.matches.rows[at]).cmp(&id.into()))
            .is_gt()
    }
}
