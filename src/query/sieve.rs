//! Conditions that one column decides, evaluated column by column: a pass over row numbers per
//! condition instead of a walk through the whole filter per row.

use std::collections::BTreeMap;

use super::filter::{Comparison, Number, Predicate, Scalar, Text};
use crate::snapshot::{Cells, Codes, Collection, Row};

/// Numbers from `low` to `high`, both included.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Range {
    pub low: f64,
    pub high: f64,
}

impl Range {
    const ALL: Self = Self {
        low: f64::NEG_INFINITY,
        high: f64::INFINITY,
    };

    /// What a comparison leaves, exactly: between a number and the next one there is none. None for
    /// those that are no range.
    fn of(comparison: Comparison, limit: f64) -> Option<Self> {
        let (low, high) = match comparison {
            Comparison::Equal => (limit, limit),
            Comparison::Greater => (limit.next_up(), f64::INFINITY),
            Comparison::GreaterOrEqual => (limit, f64::INFINITY),
            Comparison::Less => (f64::NEG_INFINITY, limit.next_down()),
            Comparison::LessOrEqual => (f64::NEG_INFINITY, limit),
            Comparison::NotEqual => return None,
        };
        (!limit.is_nan()).then_some(Self { low, high })
    }

    fn and(self, other: Self) -> Self {
        Self {
            low: self.low.max(other.low),
            high: self.high.min(other.high),
        }
    }

    /// The lower end, where there is one.
    pub fn low(self) -> Option<f64> {
        (self.low > f64::NEG_INFINITY).then_some(self.low)
    }

    /// The upper end, where there is one.
    pub fn high(self) -> Option<f64> {
        (self.high < f64::INFINITY).then_some(self.high)
    }
}

/// A range of a number column, where a condition is one.
pub(super) fn range(part: &Predicate) -> Option<(usize, Range)> {
    let Predicate::Compare(
        comparison,
        Scalar::Number(Number::Column(column)),
        Scalar::Number(Number::Literal(limit)),
    ) = part
    else {
        return None;
    };
    Some((*column, Range::of(*comparison, *limit)?))
}

/// Conditions on one column together, by column.
pub(super) fn ranges<'a>(parts: impl IntoIterator<Item = &'a Predicate>) -> BTreeMap<usize, Range> {
    let mut ranges = BTreeMap::new();
    for (column, range) in parts.into_iter().filter_map(range) {
        let known = ranges.entry(column).or_insert(Range::ALL);
        *known = known.and(range);
    }
    ranges
}

/// The parts that every matching row must fulfil.
pub(super) fn required(predicate: &Predicate) -> Vec<&Predicate> {
    match predicate {
        Predicate::All(parts) => parts.iter().flat_map(required).collect(),
        other => vec![other],
    }
}

/// A filter, split into what columns decide alone and the rest.
pub(super) struct Sieve<'a> {
    collection: &'a Collection,
    ranges: BTreeMap<usize, Range>,
    texts: Vec<(&'a Codes, Option<u32>)>,
    rest: Vec<&'a Predicate>,
}

impl<'a> Sieve<'a> {
    /// `known` is a column whose range the rows are known to fulfil.
    pub fn new(collection: &'a Collection, filter: &'a Predicate, known: Option<usize>) -> Self {
        let parts = required(filter);
        let mut ranges = ranges(parts.iter().copied());
        ranges.retain(|column, _| Some(*column) != known);
        let (mut texts, mut rest) = (Vec::new(), Vec::new());
        for part in parts {
            if range(part).is_some() {
                continue;
            }
            match text(collection, part) {
                Some(wanted) => texts.push(wanted),
                None => rest.push(part),
            }
        }
        Self {
            collection,
            ranges,
            texts,
            rest,
        }
    }

    /// Drops rows that fall through, and keeps the order. O(rows) per column.
    pub fn sift(&self, rows: &mut Vec<Row>) {
        for (column, range) in &self.ranges {
            let within = |number: f64| number >= range.low && number <= range.high;
            match self.collection.cells(*column) {
                // Null is NaN, and in no range.
                Cells::Number(cells) => keep(rows, |row| within(cells[row as usize])),
                cells => keep(rows, |row| cells.number(row).is_some_and(within)),
            }
        }
        for (codes, wanted) in &self.texts {
            match (wanted, codes) {
                (None, _) => rows.clear(),
                (Some(code), Codes::Small(codes)) => {
                    keep(rows, |row| u32::from(codes[row as usize]) == *code);
                }
                (Some(code), codes) => keep(rows, |row| codes.get(row) == Some(*code)),
            }
        }
    }

    /// What rows that are left must fulfil besides.
    pub fn rest(&self) -> &[&'a Predicate] {
        &self.rest
    }
}

/// A text column and the text that it must equal, where a condition is that.
pub(super) fn equal(part: &Predicate) -> Option<(usize, &str)> {
    let Predicate::Compare(
        Comparison::Equal,
        Scalar::Text(Text::Column(column)),
        Scalar::Text(Text::Literal(wanted)),
    ) = part
    else {
        return None;
    };
    Some((*column, wanted))
}

/// The same as its codes and the text's, which is none where no row has it.
fn text<'a>(collection: &'a Collection, part: &Predicate) -> Option<(&'a Codes, Option<u32>)> {
    let (column, wanted) = equal(part)?;
    let Cells::Text { dictionary, codes } = collection.cells(column) else {
        return None;
    };
    Some((codes, dictionary.position(wanted).ok()))
}

/// As `Vec::retain`, without a branch per row: half of them would be mispredicted, which costs more
/// than writing every row number back.
fn keep(rows: &mut Vec<Row>, wanted: impl Fn(Row) -> bool) {
    let mut kept = 0;
    for at in 0..rows.len() {
        let row = rows[at];
        rows[kept] = row;
        kept += usize::from(wanted(row));
    }
    rows.truncate(kept);
}
