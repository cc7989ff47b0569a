//! A filter after compilation: every name resolved, every type known, every literal read.

use std::collections::HashSet;

use super::like::Pattern;
use super::literal::Literal;
use super::syntax::{Comparison, Operator};
use crate::model::{Span, Stamp};

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
    In(Scalar, List),
    Like(Text, Pattern),
    IsNull(Scalar),
    /// The geometry is null.
    NoPlace,
    Spatial(Spatial, Shape, Shape),
    Temporal(Temporal, Time, Time),
    Arrays(Relation, Array, Array),
    NoArray(Array),
}

/// What a value may be one of.
#[derive(Debug, Clone, PartialEq)]
pub(in crate::query) enum List {
    /// Only literals: looked up in O(1).
    Literals(Set),
    Mixed(Vec<Scalar>),
}

/// Literals of one type.
#[derive(Debug, Clone, PartialEq)]
pub(in crate::query) enum Set {
    Numbers(Numbers),
    Texts(HashSet<String>),
    /// First moments, in nanoseconds since 1970.
    Times(HashSet<Option<i128>>),
}

impl Set {
    /// None where one of the items is no literal, or of another type than the first.
    pub(super) fn of(items: &[Scalar]) -> Option<Self> {
        match items.first()? {
            Scalar::Number(_) => {
                let number = |item: &Scalar| match item {
                    Scalar::Number(Number::Literal(number)) => Some(Numbers::bits(*number)),
                    _ => None,
                };
                let bits = items.iter().map(number).collect::<Option<_>>()?;
                Some(Self::Numbers(Numbers(bits)))
            }
            Scalar::Text(_) => {
                let text = |item: &Scalar| match item {
                    Scalar::Text(Text::Literal(text)) => Some(text.clone()),
                    _ => None,
                };
                Some(Self::Texts(items.iter().map(text).collect::<Option<_>>()?))
            }
            Scalar::Time(_) => {
                let time = |item: &Scalar| match item {
                    Scalar::Time(Time::Literal(span)) => Some(span.start.map(Stamp::start)),
                    _ => None,
                };
                Some(Self::Times(items.iter().map(time).collect::<Option<_>>()?))
            }
            Scalar::Flag(_) => None,
        }
    }
}

/// Numbers by their bits; both zeros are one.
#[derive(Debug, Clone, PartialEq)]
pub(in crate::query) struct Numbers(HashSet<u64>);

impl Numbers {
    fn bits(number: f64) -> u64 {
        (number + 0.0).to_bits()
    }

    pub(super) fn contains(&self, number: f64) -> bool {
        self.0.contains(&Self::bits(number))
    }

    /// Each once, in no particular order.
    pub(in crate::query) fn iter(&self) -> impl Iterator<Item = f64> {
        self.0.iter().map(|bits| f64::from_bits(*bits))
    }
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

impl Operator {
    /// True where any number stays what it is.
    pub(super) fn is_identity(self, operand: &Number) -> bool {
        let neutral = match self {
            Self::Plus | Self::Minus => 0.0,
            Self::Times | Self::Divide | Self::Power => 1.0,
            Self::Div | Self::Modulo => return false,
        };
        *operand == Number::Literal(neutral)
    }
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
    Literals(HashSet<String>),
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

    pub(super) fn holds(self, a: &HashSet<&str>, b: &HashSet<&str>) -> bool {
        match self {
            Self::Equals => a == b,
            Self::Contains => b.is_subset(a),
            Self::ContainedBy => a.is_subset(b),
            Self::Overlaps => !a.is_disjoint(b),
        }
    }

    /// The same of an array of few texts and a set of any number.
    pub(super) fn holds_with<T: AsRef<str>>(self, few: &[T], set: &HashSet<String>) -> bool {
        let mut few = few.iter().map(AsRef::as_ref);
        match self {
            Self::Overlaps => few.any(|text: &str| set.contains(text)),
            Self::ContainedBy => few.all(|text: &str| set.contains(text)),
            Self::Contains | Self::Equals => {
                let own: HashSet<&str> = few.collect();
                let contains =
                    set.len() <= own.len() && set.iter().all(|text| own.contains(text.as_str()));
                contains && (self == Self::Contains || own.len() == set.len())
            }
        }
    }

    /// The same with the operands exchanged.
    pub(super) fn turned(self) -> Self {
        match self {
            Self::Contains => Self::ContainedBy,
            Self::ContainedBy => Self::Contains,
            same @ (Self::Equals | Self::Overlaps) => same,
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
    /// The same with the operands exchanged.
    pub(super) fn turned(self) -> Self {
        match self {
            Self::Within => Self::Contains,
            Self::Contains => Self::Within,
            same => same,
        }
    }

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
