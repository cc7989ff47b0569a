//! A filter after compilation: every name resolved, every type known, every literal read.

use super::like::Pattern;
use super::literal::Literal;
use super::syntax::{Comparison, Operator};
use crate::model::Span;

/// True, false, or unknown where a null is in the way.
#[derive(Debug, Clone, PartialEq)]
pub(in crate::query) enum Predicate {
    All(Vec<Predicate>),
    Any(Vec<Predicate>),
    Not(Box<Predicate>),
    Constant(bool),
    /// A boolean column.
    Flag(usize),
    Compare(Comparison, Scalar, Scalar),
    In(Scalar, Vec<Scalar>),
    Like(Text, Pattern),
    IsNull(Scalar),
    /// The geometry is null.
    NoPlace,
    Spatial(Spatial, Shape, Shape),
    Temporal(Temporal, Time, Time),
    Arrays(Relation, Array, Array),
    NoArray(Array),
}

/// A value of one of the types that compare.
#[derive(Debug, Clone, PartialEq)]
pub(in crate::query) enum Scalar {
    Number(Number),
    Text(Text),
    Flag(Box<Predicate>),
    Time(Time),
}

#[derive(Debug, Clone, PartialEq)]
pub(in crate::query) enum Number {
    Literal(f64),
    Column(usize),
    /// Where ids are numbers.
    Id,
    Chain(Box<Number>, Vec<(Operator, Number)>),
    /// m², on the ellipsoid.
    Area,
    /// m, on the ellipsoid.
    Length,
    /// m, on the ellipsoid, to a literal.
    Distance(Box<Literal>),
}

#[derive(Debug, Clone, PartialEq)]
pub(in crate::query) enum Text {
    Literal(String),
    Column(usize),
    Id,
    /// CASEI
    Caseless(Box<Text>),
    /// ACCENTI
    Accentless(Box<Text>),
}

#[derive(Debug, Clone, PartialEq)]
pub(in crate::query) enum Time {
    Literal(Span),
    /// A column of dates or timestamps.
    Column(usize),
    /// From, to.
    Interval(Box<Time>, Box<Time>),
}

/// An array of texts.
#[derive(Debug, Clone, PartialEq)]
pub(in crate::query) enum Array {
    List(Vec<Text>),
    Column(usize),
}

/// OGC 21-065r2, 8.7: arrays are compared as sets.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::query) enum Relation {
    Equals,
    Contains,
    ContainedBy,
    Overlaps,
}

impl Relation {
    pub(super) const NAMES: [(&str, Self); 4] = [
        ("a_equals", Self::Equals),
        ("a_contains", Self::Contains),
        ("a_containedby", Self::ContainedBy),
        ("a_overlaps", Self::Overlaps),
    ];

    pub(super) fn holds<T: PartialEq>(self, a: &[T], b: &[T]) -> bool {
        let within = |a: &[T], b: &[T]| a.iter().all(|text| b.contains(text));
        match self {
            Self::Equals => within(a, b) && within(b, a),
            Self::Contains => within(b, a),
            Self::ContainedBy => within(a, b),
            Self::Overlaps => a.iter().any(|text| b.contains(text)),
        }
    }
}

#[derive(Debug, Clone, PartialEq)]
pub(in crate::query) enum Shape {
    /// The feature's own.
    Own,
    Literal(Box<Literal>),
}

/// OGC 21-065r2, 8.3 and 8.5, by the DE-9IM matrix of OGC 06-103r4.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::query) enum Spatial {
    Intersects,
    Equals,
    Disjoint,
    Touches,
    Within,
    Overlaps,
    Crosses,
    Contains,
}

impl Spatial {
    pub(super) const NAMES: [(&str, Self); 8] = [
        ("s_intersects", Self::Intersects),
        ("s_equals", Self::Equals),
        ("s_disjoint", Self::Disjoint),
        ("s_touches", Self::Touches),
        ("s_within", Self::Within),
        ("s_overlaps", Self::Overlaps),
        ("s_crosses", Self::Crosses),
        ("s_contains", Self::Contains),
    ];
}

/// OGC 21-065r2, 8.6: Allen's relations of intervals.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::query) enum Temporal {
    After,
    Before,
    Contains,
    Disjoint,
    During,
    Equals,
    FinishedBy,
    Finishes,
    Intersects,
    Meets,
    MetBy,
    OverlappedBy,
    Overlaps,
    StartedBy,
    Starts,
}

impl Temporal {
    pub(super) const NAMES: [(&str, Self); 15] = [
        ("t_after", Self::After),
        ("t_before", Self::Before),
        ("t_contains", Self::Contains),
        ("t_disjoint", Self::Disjoint),
        ("t_during", Self::During),
        ("t_equals", Self::Equals),
        ("t_finishedby", Self::FinishedBy),
        ("t_finishes", Self::Finishes),
        ("t_intersects", Self::Intersects),
        ("t_meets", Self::Meets),
        ("t_metby", Self::MetBy),
        ("t_overlappedby", Self::OverlappedBy),
        ("t_overlaps", Self::Overlaps),
        ("t_startedby", Self::StartedBy),
        ("t_starts", Self::Starts),
    ];

    /// The same with the operands exchanged.
    pub(in crate::query) fn turned(self) -> Self {
        match self {
            Self::After => Self::Before,
            Self::Before => Self::After,
            Self::Contains => Self::During,
            Self::During => Self::Contains,
            Self::FinishedBy => Self::Finishes,
            Self::Finishes => Self::FinishedBy,
            Self::Meets => Self::MetBy,
            Self::MetBy => Self::Meets,
            Self::OverlappedBy => Self::Overlaps,
            Self::Overlaps => Self::OverlappedBy,
            Self::StartedBy => Self::Starts,
            Self::Starts => Self::StartedBy,
            same @ (Self::Disjoint | Self::Equals | Self::Intersects) => same,
        }
    }

    pub(super) fn holds(self, a: Span, b: Span) -> bool {
        let by_days = a.by_days() && b.by_days();
        let (a, b) = (a.limits(by_days), b.limits(by_days));
        match self {
            Self::After => a.0 > b.1,
            Self::Before => a.1 < b.0,
            Self::Disjoint => a.0 > b.1 || a.1 < b.0,
            Self::Intersects => a.0 <= b.1 && a.1 >= b.0,
            Self::Equals => a == b,
            Self::Contains => a.0 < b.0 && a.1 > b.1,
            Self::During => a.0 > b.0 && a.1 < b.1,
            Self::FinishedBy => a.0 < b.0 && a.1 == b.1,
            Self::Finishes => a.0 > b.0 && a.1 == b.1,
            Self::Meets => a.1 == b.0,
            Self::MetBy => a.0 == b.1,
            Self::OverlappedBy => a.0 > b.0 && a.0 < b.1 && a.1 > b.1,
            Self::Overlaps => a.0 < b.0 && a.1 > b.0 && a.1 < b.1,
            Self::StartedBy => a.0 == b.0 && a.1 > b.1,
            Self::Starts => a.0 == b.0 && a.1 < b.1,
        }
    }
}
