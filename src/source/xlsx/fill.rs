use super::super::header::MOST;
use super::super::heading::Span;
use super::cells::Row;
use crate::model::Value;

/// Gives the value of a range that is merged downwards to the rows below its first.
pub(super) struct Fill<'a> {
    /// By their first rows.
    spans: &'a [Span],
    /// Those that begin at or above the last row, each with its value.
    open: Vec<(Span, Value)>,
}

impl<'a> Fill<'a> {
    pub fn new(spans: &'a [Span]) -> Self {
        Self {
            spans,
            open: Vec::new(),
        }
    }

    /// The cells of a row that come from rows above it. Rows are given in order.
    pub fn row(&mut self, row: &Row) -> Vec<(usize, Value)> {
        if self.spans.is_empty() && self.open.is_empty() {
            return Vec::new();
        }
        let number = u64::from(row.number);
        self.open.retain(|(span, _)| span.rows.1 >= number);
        let filled = self
            .open
            .iter()
            .map(|(span, value)| (span.columns.0, value.clone()));
        let filled: Vec<_> = filled.filter(|(_, value)| !value.is_null()).collect();
        while let Some((span, rest)) = self.spans.split_first()
            && span.rows.0 <= number
        {
            self.spans = rest;
            let cell = row.cells.iter().find(|(at, _)| *at == span.columns.0);
            // Ranges do not overlap, so there are no more than columns.
            if let Some((_, Ok(value))) = cell
                && span.rows.0 == number
                && self.open.len() < MOST
            {
                self.open.push((*span, value.clone()));
            }
        }
        filled
    }
}
