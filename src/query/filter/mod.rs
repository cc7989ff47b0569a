//! Filters: CQL2 (OGC 21-065r2) in text and JSON, compiled against one collection.
//!
//! text or JSON -> `Node` (syntax) -> `Predicate` (names resolved, types checked) -> rows.

mod compile;
mod error;
mod evaluate;
mod expression;
mod json;
mod lex;
mod like;
mod like_group;
mod literal;
mod operand;
mod parser;
mod syntax;
mod test;
mod text;
mod wkt;

use geo::Geometry;

use self::compile::Compiler;
use self::syntax::{MAX_BYTES, Node};
use super::Condition;
use crate::crs::Crs;
use crate::model::CollectionInfo;

pub use self::error::{FilterError, Place, nearest};
pub(super) use self::evaluate::Scene;
use self::expression::{Array, Relation};
pub(super) use self::expression::{
    List, Number, Predicate, Scalar, Set, Shape, Spatial, Temporal, Text, Time,
};
pub(super) use self::syntax::Comparison;

/// A condition on the rows of the collection that it was compiled against.
#[derive(Debug, Clone, PartialEq)]
pub struct Filter(pub(super) Predicate);

impl Default for Filter {
    /// Every row.
    fn default() -> Self {
        Self::all([])
    }
}

impl Filter {
    /// All of them; every row where there is none.
    #[must_use]
    pub fn all(filters: impl IntoIterator<Item = Self>) -> Self {
        let parts = filters.into_iter().map(|filter| filter.0).collect();
        Self(Predicate::All(parts))
    }

    /// One of them; no row where there is none.
    #[must_use]
    pub fn any(filters: impl IntoIterator<Item = Self>) -> Self {
        let parts = filters.into_iter().map(|filter| filter.0).collect();
        Self(Predicate::Any(parts))
    }

    /// The short form of a condition on the column at this position.
    #[must_use]
    pub fn column(column: usize, condition: Condition) -> Self {
        let number = |comparison, number| {
            Predicate::Compare(
                comparison,
                Scalar::Number(Number::Column(column)),
                Scalar::Number(Number::Literal(number)),
            )
        };
        Self(match condition {
            Condition::Between {
                low: None,
                high: None,
            } => Predicate::Not(Box::new(Predicate::IsNull(Scalar::Number(Number::Column(
                column,
            ))))),
            Condition::Between { low, high } => {
                let low = low.map(|low| number(Comparison::GreaterOrEqual, low));
                let high = high.map(|high| number(Comparison::LessOrEqual, high));
                Predicate::All(low.into_iter().chain(high).collect())
            }
            Condition::Text(text) => Predicate::Compare(
                Comparison::Equal,
                Scalar::Text(Text::Column(column)),
                Scalar::Text(Text::Literal(text)),
            ),
            Condition::During(span) => Predicate::Temporal(
                Temporal::Intersects,
                Time::Column(column),
                Time::Literal(span),
            ),
            Condition::Holds(text) => Predicate::Arrays(
                Relation::Contains,
                Array::Column(column),
                Array::Literals(std::iter::once(text).collect()),
            ),
            Condition::Boolean(true) => Predicate::Flag(column),
            Condition::Boolean(false) => Predicate::Not(Box::new(Predicate::Flag(column))),
        })
    }

    /// The row whose id has this text.
    #[must_use]
    pub fn id(text: &str) -> Self {
        Self(Predicate::Compare(
            Comparison::Equal,
            Scalar::Text(Text::Id),
            Scalar::Text(Text::Literal(text.to_owned())),
        ))
    }

    /// True where it asks nothing.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        matches!(&self.0, Predicate::All(parts) if parts.is_empty())
    }
}

/// Reads CQL2 text. Geometries in it are in `crs`, in its authority's axis order.
///
/// # Errors
/// It is not CQL2, or not about this collection; the error names the place.
pub fn cql2_text(info: &CollectionInfo, text: &str, crs: Crs) -> Result<Filter, FilterError> {
    bounded(text)?;
    compiled(info, &text::parse(text)?, crs)
}

/// Reads CQL2 JSON. Geometries in it are in `crs`, in its authority's axis order.
///
/// # Errors
/// It is not CQL2, or not about this collection; the error names the place.
pub fn cql2_json(info: &CollectionInfo, text: &str, crs: Crs) -> Result<Filter, FilterError> {
    bounded(text)?;
    compiled(info, &json::parse(text)?, crs)
}

/// Reads a place: two numbers, or a geometry as well-known text, in `crs` and its authority's axis
/// order. What it gives is in CRS84.
///
/// # Errors
/// Neither, or outside what the CRS can convert.
pub fn place(text: &str, crs: Crs) -> Result<Geometry<f64>, FilterError> {
    bounded(text)?;
    let start = Place::Character(1);
    let numbers: Result<Vec<f64>, _> = text.split(',').map(|part| part.trim().parse()).collect();
    let written = match numbers.as_deref() {
        Ok([first, second]) => Geometry::Point((*first, *second).into()),
        _ => text::shape(text)?,
    };
    let literal = literal::geometry(&start, &written, crs)?;
    let degrees = literal.target.map(|target| target.geometry().clone());
    degrees.ok_or_else(|| FilterError::Geometry {
        place: start,
        reason: format!("it lies outside what {crs} can convert"),
    })
}

fn bounded(text: &str) -> Result<(), FilterError> {
    if text.len() > MAX_BYTES {
        return Err(FilterError::TooLong {
            found: text.len(),
            limit: MAX_BYTES,
        });
    }
    Ok(())
}

fn compiled(info: &CollectionInfo, node: &Node, crs: Crs) -> Result<Filter, FilterError> {
    Compiler { info, crs }.predicate(node).map(Filter)
}
