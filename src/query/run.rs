use std::fmt;

use geo::{Geometry, Intersects, Rect};

use super::{Condition, Filter, Query};
use crate::snapshot::{Cells, Collection, Row};

/// How the candidates of a query are found.
#[derive(Debug, Clone, PartialEq)]
pub enum Step {
    /// Every row.
    Scan,
    /// The R-tree, by box.
    Tree,
    /// The sorted index of the column at this position.
    Index(usize),
}

/// A query's plan: the narrowest access, then evaluation of the whole query on what it gives.
#[derive(Debug, Clone, PartialEq)]
pub struct Plan {
    /// The access chosen.
    pub step: Step,
    /// How many rows it gives.
    pub candidates: usize,
}

impl fmt::Display for Plan {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{:?}, {} candidates", self.step, self.candidates)
    }
}

/// Chooses the access that gives the fewest candidates. The R-tree is asked for its count, which
/// costs as much as using it; sorted indices count in O(log n).
#[must_use]
pub fn plan(collection: &Collection, query: &Query) -> Plan {
    narrowest(collection, query).0
}

/// The rows that a query matches, in id order.
#[must_use]
pub fn matched(collection: &Collection, query: &Query) -> Vec<Row> {
    let rects = query.bbox.map(|bbox| bbox.rects());
    let mut rows = narrowest(collection, query).1;
    rows.retain(|row| {
        fulfils(collection, &query.filter, *row)
            && rects.as_ref().is_none_or(|rects| {
                collection
                    .geometry(*row)
                    .is_some_and(|shape| meets(shape, rects))
            })
    });
    rows
}

fn narrowest(collection: &Collection, query: &Query) -> (Plan, Vec<Row>) {
    let mut conditions = Vec::new();
    required(&query.filter, &mut conditions);
    let slice = conditions
        .into_iter()
        .filter_map(|(column, condition)| {
            Some((column, index_slice(collection, column, condition)?))
        })
        .min_by_key(|(_, slice)| slice.len());
    let boxed = query.bbox.map(|bbox| {
        let mut rows: Vec<_> = bbox
            .rects()
            .into_iter()
            .flat_map(|rect| collection.rows_in(rect))
            .collect();
        rows.sort_unstable();
        rows.dedup();
        rows
    });
    match (slice, boxed) {
        (Some((column, slice)), boxed)
            if boxed.as_ref().is_none_or(|rows| slice.len() < rows.len()) =>
        {
            let mut rows = slice.to_vec();
            rows.sort_unstable();
            (
                Plan {
                    step: Step::Index(column),
                    candidates: rows.len(),
                },
                rows,
            )
        }
        (_, Some(rows)) => (
            Plan {
                step: Step::Tree,
                candidates: rows.len(),
            },
            rows,
        ),
        (_, None) => {
            let rows: Vec<_> = (0..collection.count()).collect();
            (
                Plan {
                    step: Step::Scan,
                    candidates: rows.len(),
                },
                rows,
            )
        }
    }
}

/// The conditions that every matching row must fulfil.
fn required<'a>(filter: &'a Filter, into: &mut Vec<(usize, &'a Condition)>) {
    match filter {
        Filter::All(parts) => parts.iter().for_each(|part| required(part, into)),
        Filter::Is { column, condition } => into.push((*column, condition)),
    }
}

fn index_slice<'a>(
    collection: &'a Collection,
    column: usize,
    condition: &Condition,
) -> Option<&'a [Row]> {
    let index = collection.index(column)?;
    let cells = collection.cells(column);
    match condition {
        Condition::Between { low, high } => Some(index.range(cells, *low, *high)),
        Condition::Text(text) => Some(index.equal(cells, text)),
        Condition::Boolean(_) => None,
    }
}

fn fulfils(collection: &Collection, filter: &Filter, row: Row) -> bool {
    match filter {
        Filter::All(parts) => parts.iter().all(|part| fulfils(collection, part, row)),
        Filter::Is { column, condition } => cell_fulfils(collection.cells(*column), row, condition),
    }
}

fn cell_fulfils(cells: &Cells, row: Row, condition: &Condition) -> bool {
    match condition {
        Condition::Between { low, high } => cells.number(row).is_some_and(|number| {
            low.is_none_or(|low| number >= low) && high.is_none_or(|high| number <= high)
        }),
        Condition::Text(text) => cells.text(row) == Some(text.as_str()),
        Condition::Boolean(flag) => {
            matches!(cells, Cells::Boolean(cells) if cells[row as usize] == Some(*flag))
        }
    }
}

/// Exactly, not by boxes: OGC API Features Part 1, 7.15.3 asks for geometries that intersect.
fn meets(shape: &Geometry<f64>, rects: &[Rect<f64>]) -> bool {
    rects.iter().any(|rect| shape.intersects(rect))
}
