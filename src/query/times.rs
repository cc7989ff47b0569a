//! What conditions on times say of the columns in them, so that the plan can use an index.

use super::filter::{Comparison, Predicate, Scalar, Temporal, Time};
use crate::model::{Span, Stamp};

/// A column, and the nanoseconds since 1970 that its times meet; a missing end is open.
pub(super) type Range = (usize, Option<i128>, Option<i128>);

/// Ranges outside of which no row fulfils the predicate. They may be wider than it: evaluation
/// drops the rest.
pub(super) fn ranges(part: &Predicate) -> Vec<Range> {
    match part {
        Predicate::Compare(
            comparison,
            Scalar::Time(Time::Column(column)),
            Scalar::Time(Time::Literal(span)),
        ) => {
            let at = span.start.map(Stamp::start);
            match comparison {
                Comparison::Equal => vec![(*column, at, at)],
                Comparison::Greater | Comparison::GreaterOrEqual => vec![(*column, at, None)],
                Comparison::Less | Comparison::LessOrEqual => vec![(*column, None, at)],
                Comparison::NotEqual => Vec::new(),
            }
        }
        Predicate::Temporal(relation, time, Time::Literal(span)) => related(*relation, time, *span),
        Predicate::Temporal(relation, Time::Literal(span), time) => {
            related(relation.turned(), time, *span)
        }
        _ => Vec::new(),
    }
}

fn related(relation: Temporal, time: &Time, span: Span) -> Vec<Range> {
    let (from, to) = match time {
        Time::Column(column) => (Some(*column), Some(*column)),
        Time::Interval(from, to) => (column(from), column(to)),
        Time::Literal(_) => (None, None),
    };
    let starts = |low, high| from.map(|column| (column, low, high));
    let ends = |low, high| to.map(|column| (column, low, high));
    match relation {
        Temporal::Disjoint => Vec::new(),
        Temporal::After => starts(Some(span.limits(true).1), None)
            .into_iter()
            .collect(),
        Temporal::Before => ends(None, Some(span.limits(true).0)).into_iter().collect(),
        // Whatever else they are to each other, they have a moment in common.
        _ => {
            let (low, high) = span.limits(false);
            let both = starts(None, Some(high)).into_iter();
            both.chain(ends(Some(low), None)).collect()
        }
    }
}

fn column(time: &Time) -> Option<usize> {
    match time {
        Time::Column(column) => Some(*column),
        _ => None,
    }
}
