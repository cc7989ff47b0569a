use std::cmp::Ordering;
use std::ops::Range;

use crate::model::{Cells, Row, Stamp};

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
        let ordered = !matches!(cells, Cells::Strings { .. } | Cells::Json(_));
        let stated = |row: &Row| ordered && !cells.is_null(*row);
        let mut rows: Vec<Row> = (0..count).filter(stated).collect();
        match cells {
            Cells::Text { codes, .. } => rows.sort_by_key(|row| codes.get(*row)),
            Cells::Integer(cells) => rows.sort_by_key(|row| cells.get(*row)),
            Cells::Number(cells) => {
                // No stated number is NaN, and -0 equals 0.
                let order = |a: f64, b: f64| a.partial_cmp(&b).unwrap_or(Ordering::Equal);
                rows.sort_by(|a, b| order(cells[*a as usize], cells[*b as usize]));
            }
            Cells::Boolean(cells) => rows.sort_by_key(|row| cells.get(*row)),
            Cells::Date(cells) => rows.sort_by_key(|row| cells[*row as usize]),
            Cells::Timestamp(cells) => rows.sort_by_key(|row| cells[*row as usize]),
            Cells::Strings { .. } | Cells::Json(_) => {}
        }
        let count_stated = rows.len();
        rows.extend((0..count).filter(|row| !stated(row)));
        Self {
            rows,
            stated: count_stated,
        }
    }

    /// The stated rows behind those that are `before` the range, up to those that are not `until`
    /// its end. Both must hold from the first row on to some row. O(log n).
    #[must_use]
    pub fn between(&self, before: impl Fn(Row) -> bool, until: impl Fn(Row) -> bool) -> &[Row] {
        &self.rows[self.places(before, until)]
    }

    /// Where [`Self::between`] is in [`Self::rows`].
    #[must_use]
    pub fn places(
        &self,
        before: impl Fn(Row) -> bool,
        until: impl Fn(Row) -> bool,
    ) -> Range<usize> {
        let start = self.stated().partition_point(|row| before(*row));
        let end = self.stated().partition_point(|row| until(*row));
        start..end.max(start)
    }

    /// Rows whose number lies in `low..=high`; a missing end is open. O(log n).
    #[must_use]
    pub fn range(&self, cells: &Cells, low: Option<f64>, high: Option<f64>) -> &[Row] {
        &self.rows[self.places_of(cells, low, high)]
    }

    /// Where [`Self::range`] is in [`Self::rows`].
    #[must_use]
    pub fn places_of(&self, cells: &Cells, low: Option<f64>, high: Option<f64>) -> Range<usize> {
        let number = |row: Row| cells.number(row).unwrap_or(f64::NAN);
        self.places(
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

    /// All rows: [`Self::stated`], then [`Self::nulls`].
    #[must_use]
    pub fn rows(&self) -> &[Row] {
        &self.rows
    }

    /// Rows that state something, ascending by it; those that are equal in id order.
    #[must_use]
    pub fn stated(&self) -> &[Row] {
        &self.rows[..self.stated]
    }

    /// Rows that state nothing, in id order.
    #[must_use]
    pub fn nulls(&self) -> &[Row] {
        &self.rows[self.stated..]
    }
}
