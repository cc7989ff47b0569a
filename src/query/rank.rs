//! Places of rows in a sort, as numbers: what is compared often must be compared fast.

use std::borrow::Cow;

use super::sort::{SortBy, SortKey};
use crate::model::{FeatureId, IdRef};
use crate::snapshot::{Cells, Collection, Row};

/// A value of a key, of a row or of a cursor.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum KeyValue<'a> {
    Null,
    Number(f64),
    Integer(i64),
    Flag(bool),
    Text(Cow<'a, str>),
}

/// Where a value of a key stands in the order of the sort: nulls last in both directions.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Rank {
    null: bool,
    at: u64,
}

impl Rank {
    const NULL: Self = Self { null: true, at: 0 };

    fn of_number(number: f64) -> Self {
        if number.is_nan() {
            return Self::NULL;
        }
        // -0 equals 0. Of positive numbers the bits compare as they do, of negative ones turned.
        let bits = (number + 0.0).to_bits();
        let at = if number < 0.0 { !bits } else { bits | SIGN };
        Self { null: false, at }
    }

    fn of_integer(number: i64) -> Self {
        let at = number.cast_unsigned() ^ SIGN;
        Self { null: false, at }
    }

    /// By the place in an order, or before it.
    fn of_place(place: Result<u32, u32>) -> Self {
        let at = match place {
            Ok(at) => 2 * u64::from(at) + 1,
            Err(before) => 2 * u64::from(before),
        };
        Self { null: false, at }
    }

    fn turned(self, descending: bool) -> Self {
        match self {
            Self { null: false, at } if descending => Self {
                null: false,
                at: !at,
            },
            other => other,
        }
    }
}

const SIGN: u64 = 1 << 63;

impl SortKey {
    /// That of a row; `metres` is the row's distance.
    pub(super) fn rank(self, collection: &Collection, row: Row, metres: Option<f64>) -> Rank {
        let integer = |number: Option<i64>| number.map_or(Rank::NULL, Rank::of_integer);
        let rank = match self.by {
            SortBy::Id => Rank::of_place(Ok(row)),
            SortBy::Distance => metres.map_or(Rank::NULL, Rank::of_number),
            SortBy::Column(column) => match collection.cells(column) {
                Cells::Number(cells) => Rank::of_number(cells[row as usize]),
                Cells::Text { codes, .. } => {
                    let code = codes.get(row);
                    code.map_or(Rank::NULL, |code| Rank::of_place(Ok(code)))
                }
                cells => integer(whole(cells, row)),
            },
        };
        rank.turned(self.descending)
    }

    /// That of a cursor's value; none where the key has no such values.
    pub(super) fn rank_of(self, collection: &Collection, value: &KeyValue) -> Option<Rank> {
        let id = |id| Rank::of_place(collection.place_of(id));
        let rank = match (self.by, value) {
            (SortBy::Id, KeyValue::Integer(number)) => id(IdRef::Number(*number)),
            (SortBy::Id, KeyValue::Text(text)) => id(IdRef::Text(text)),
            (SortBy::Id, _) => return None,
            (_, KeyValue::Null) => Rank::NULL,
            (SortBy::Distance, KeyValue::Number(number)) => Rank::of_number(*number),
            (SortBy::Distance, _) => return None,
            (SortBy::Column(column), value) => match (collection.cells(column), value) {
                (Cells::Number(_), KeyValue::Number(number)) => Rank::of_number(*number),
                (Cells::Text { dictionary, .. }, KeyValue::Text(text)) => {
                    Rank::of_place(dictionary.position(text))
                }
                (Cells::Boolean(_), KeyValue::Flag(flag)) => Rank::of_integer((*flag).into()),
                (
                    Cells::Integer(_) | Cells::Date(_) | Cells::Timestamp(_),
                    KeyValue::Integer(number),
                ) => Rank::of_integer(*number),
                _ => return None,
            },
        };
        Some(rank.turned(self.descending))
    }

    /// What a cursor keeps of a row.
    pub(super) fn value(
        self,
        collection: &Collection,
        row: Row,
        metres: Option<f64>,
    ) -> KeyValue<'_> {
        match self.by {
            SortBy::Id => match collection.id(row) {
                IdRef::Number(number) => KeyValue::Integer(number),
                IdRef::Text(text) => KeyValue::Text(text.into()),
            },
            SortBy::Distance => metres.map_or(KeyValue::Null, KeyValue::Number),
            SortBy::Column(column) => match collection.cells(column) {
                cells @ Cells::Number(_) => {
                    cells.number(row).map_or(KeyValue::Null, KeyValue::Number)
                }
                cells @ Cells::Text { .. } => cells
                    .text(row)
                    .map_or(KeyValue::Null, |text| KeyValue::Text(text.into())),
                Cells::Boolean(cells) => cells.get(row).map_or(KeyValue::Null, KeyValue::Flag),
                cells => whole(cells, row).map_or(KeyValue::Null, KeyValue::Integer),
            },
        }
    }
}

/// A cell as a whole number: days, microseconds, 0 and 1. Arrays and JSON have no order.
fn whole(cells: &Cells, row: Row) -> Option<i64> {
    match cells {
        Cells::Integer(cells) => cells.get(row),
        Cells::Boolean(cells) => cells.get(row).map(i64::from),
        Cells::Date(cells) => Some(cells[row as usize])
            .filter(|days| *days != i32::MIN)
            .map(i64::from),
        Cells::Timestamp(cells) => Some(cells[row as usize]).filter(|micros| *micros != i64::MIN),
        _ => None,
    }
}

/// From where on a page begins: the ranks of its first row at least, and among equal ones the row.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Start {
    pub ranks: Vec<Rank>,
    pub row: Row,
}

impl Start {
    /// After the row of a cursor, which may be gone; none where the values are not of these keys.
    pub(super) fn after(
        collection: &Collection,
        keys: &[SortKey],
        values: &[KeyValue],
        id: &FeatureId,
    ) -> Option<Self> {
        let pairs = keys.iter().zip(values);
        let ranks = pairs.map(|(key, value)| key.rank_of(collection, value));
        Some(Self {
            ranks: ranks.collect::<Option<_>>()?,
            row: collection.row_after(id.into()),
        })
    }
}
