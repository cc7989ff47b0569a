//! From what was written to what is evaluated: names resolved against one collection, types
//! checked, literals read. Whatever can be wrong is found here, so that evaluation cannot fail.

use std::cmp::Ordering;

use super::error::nearest;
use super::evaluate::related;
use super::expression::{
    Array, List, Number, Predicate, Relation, Scalar, Set, Shape, Spatial, Temporal, Text, Time,
};
use super::literal::{self, Literal, wrong};
use super::operand::{OWN, TEXTS, like};
use super::syntax::{Comparison, Kind, Node};
use super::{FilterError, Place};
use crate::crs::Crs;
use crate::model::{CollectionInfo, ColumnType, Span, Stamp};

/// Names of the geometry as a property.
const GEOMETRY: [&str; 2] = ["geometry", "geom"];

/// So many values of one property are one look-up; fewer are compared as fast.
const MANY: usize = 8;

pub(super) struct Compiler<'a> {
    pub info: &'a CollectionInfo,
    pub crs: Crs,
}

/// What a property is.
pub(super) enum Property {
    Column(usize, ColumnType),
    Id,
    Geometry,
}

impl Compiler<'_> {
    /// An expression that is true, false or unknown.
    pub(super) fn predicate(&self, node: &Node) -> Result<Predicate, FilterError> {
        let many = |parts: &[Node]| {
            let parts = parts.iter().map(|part| self.predicate(part));
            parts.collect::<Result<Vec<_>, _>>()
        };
        match &node.kind {
            Kind::And(parts) => many(parts).map(Predicate::All),
            Kind::Or(parts) => many(parts).map(alternatives),
            Kind::Not(inner) => Ok(Predicate::Not(Box::new(self.predicate(inner)?))),
            Kind::Flag(flag) => Ok(Predicate::Constant(*flag)),
            Kind::Property(name) => match self.property(&node.place, name)? {
                Property::Column(column, ColumnType::Boolean) => Ok(Predicate::Flag(column)),
                _ => Err(wrong(node, "a condition")),
            },
            Kind::Compare(comparison, operands) => {
                let [left, right] = &**operands;
                self.compare(*comparison, left, right)
            }
            Kind::Between(operands) => {
                let [value, low, high] = &**operands;
                Ok(Predicate::All(vec![
                    self.compare(Comparison::GreaterOrEqual, value, low)?,
                    self.compare(Comparison::LessOrEqual, value, high)?,
                ]))
            }
            Kind::In(value, list) => {
                let first = self.scalar(value)?;
                let read = |item: &Node| {
                    let scalar = self.scalar(item)?;
                    alike(&first, &scalar, item)?;
                    Ok(scalar)
                };
                let items = list.iter().map(read).collect::<Result<Vec<_>, _>>()?;
                let list = Set::of(&items).map_or(List::Mixed(items), List::Literals);
                Ok(Predicate::In(first, list))
            }
            Kind::Like(operands) => {
                let [value, pattern] = &**operands;
                let text = self.text(value)?;
                like(text, pattern)
            }
            Kind::IsNull(inner) => {
                if let Kind::Property(name) = &inner.kind {
                    match self.property(&inner.place, name)? {
                        Property::Geometry => return Ok(Predicate::NoPlace),
                        Property::Column(column, ColumnType::Strings) => {
                            return Ok(Predicate::NoArray(Array::Column(column)));
                        }
                        _ => {}
                    }
                }
                Ok(Predicate::IsNull(self.scalar(inner)?))
            }
            Kind::Call(name, arguments) => self.relation(node, name, arguments),
            _ => Err(wrong(node, "a condition")),
        }
    }

    fn compare(
        &self,
        comparison: Comparison,
        left: &Node,
        right: &Node,
    ) -> Result<Predicate, FilterError> {
        let (a, b) = (self.scalar(left)?, self.scalar(right)?);
        alike(&a, &b, right)?;
        let flags = matches!(a, Scalar::Flag(_));
        if flags && !matches!(comparison, Comparison::Equal | Comparison::NotEqual) {
            return Err(wrong(
                left,
                "a number, a text or a time to compare by order",
            ));
        }
        if let Some(order) = literals(&a, &b) {
            return Ok(Predicate::Constant(comparison.holds(order)));
        }
        // A literal on the right, so that whoever looks for an index has one case.
        let literal = matches!(
            a,
            Scalar::Number(Number::Literal(_))
                | Scalar::Text(Text::Literal(_))
                | Scalar::Time(Time::Literal(_))
        );
        Ok(if literal {
            Predicate::Compare(comparison.turned(), b, a)
        } else {
            Predicate::Compare(comparison, a, b)
        })
    }

    /// Spatial, temporal and array predicates.
    fn relation(
        &self,
        node: &Node,
        name: &str,
        arguments: &[Node],
    ) -> Result<Predicate, FilterError> {
        let lower = name.to_ascii_lowercase();
        let find = |known: &str| known == lower;
        let spatial = Spatial::NAMES.iter().find(|(known, _)| find(known));
        let temporal = Temporal::NAMES.iter().find(|(known, _)| find(known));
        let arrays = Relation::NAMES.iter().find(|(known, _)| find(known));
        if spatial.is_none() && temporal.is_none() && arrays.is_none() {
            let scalar = TEXTS.contains(&lower.as_str()) || OWN.contains(&lower.as_str());
            return Err(if scalar {
                wrong(node, "a condition")
            } else {
                unknown(node, name)
            });
        }
        let [left, right] = arguments else {
            return Err(FilterError::Arguments {
                place: node.place.clone(),
                name: name.to_owned(),
                expected: "2 arguments",
                found: arguments.len(),
            });
        };
        if let Some((_, relation)) = arrays {
            let (left, right) = (self.array(left)?, self.array(right)?);
            return Ok(Predicate::Arrays(*relation, left, right));
        }
        if let Some((_, spatial)) = spatial {
            let (left, right) = (self.shape(left)?, self.shape(right)?);
            if let (Shape::Literal(a), Shape::Literal(b)) = (&left, &right) {
                let related = related(*spatial, &a.geometry, &b.geometry);
                return Ok(Predicate::Constant(related));
            }
            return Ok(Predicate::Spatial(*spatial, left, right));
        }
        let temporal = temporal.map_or(Temporal::Intersects, |(_, temporal)| *temporal);
        let (left, right) = (self.time(left, false)?, self.time(right, false)?);
        if let (Time::Literal(a), Time::Literal(b)) = (&left, &right) {
            return Ok(Predicate::Constant(temporal.holds(*a, *b)));
        }
        Ok(Predicate::Temporal(temporal, left, right))
    }

    /// In CQL2 text, one text in parentheses is an array: there the parser cannot tell.
    fn array(&self, node: &Node) -> Result<Array, FilterError> {
        match &node.kind {
            Kind::List(parts) => {
                let texts = parts.iter().map(|part| self.text(part));
                texts.collect::<Result<_, _>>().map(array_of)
            }
            Kind::Property(name) => match self.property(&node.place, name)? {
                Property::Column(column, ColumnType::Strings) => Ok(Array::Column(column)),
                _ => Err(wrong(node, "an array of texts")),
            },
            Kind::Call(name, _) if !TEXTS.contains(&name.to_ascii_lowercase().as_str()) => {
                Err(unknown(node, name))
            }
            Kind::Text(_) | Kind::Call(..) if matches!(node.place, Place::Character(_)) => {
                Ok(array_of(vec![self.text(node)?]))
            }
            _ => Err(wrong(node, "an array of texts")),
        }
    }

    pub(super) fn shape(&self, node: &Node) -> Result<Shape, FilterError> {
        let literal = |literal: Literal| Shape::Literal(Box::new(literal));
        match &node.kind {
            Kind::Property(name) => match self.property(&node.place, name)? {
                Property::Geometry => Ok(Shape::Own),
                _ => Err(wrong(node, "a geometry")),
            },
            Kind::Geometry(written) => {
                literal::geometry(&node.place, written, self.crs).map(literal)
            }
            Kind::Box(numbers) => literal::bbox(&node.place, numbers, self.crs).map(literal),
            Kind::Call(name, _) => Err(unknown(node, name)),
            _ => Err(wrong(node, "a geometry")),
        }
    }

    /// In an interval, a text is an end of it.
    pub(super) fn time(&self, node: &Node, in_interval: bool) -> Result<Time, FilterError> {
        match &node.kind {
            Kind::Date(text) => literal::date(&node.place, text).map(Time::Literal),
            Kind::Timestamp(text) => literal::timestamp(&node.place, text).map(Time::Literal),
            Kind::Text(text) if in_interval => {
                let stamp = literal::end(&node.place, text)?;
                Ok(Time::Literal(Span {
                    start: stamp,
                    end: stamp,
                }))
            }
            Kind::Interval(ends) if !in_interval => {
                let [start, end] = &**ends;
                match (self.time(start, true)?, self.time(end, true)?) {
                    (Time::Literal(start), Time::Literal(end)) => {
                        let span = Span {
                            start: start.start,
                            end: end.end,
                        };
                        if span.reversed() {
                            return Err(FilterError::Literal {
                                place: node.place.clone(),
                                reason: "the interval ends before it starts".to_owned(),
                            });
                        }
                        Ok(Time::Literal(span))
                    }
                    (start, end) => Ok(Time::Interval(Box::new(start), Box::new(end))),
                }
            }
            Kind::Property(name) => match self.property(&node.place, name)? {
                Property::Column(column, ColumnType::Date | ColumnType::Timestamp) => {
                    Ok(Time::Column(column))
                }
                _ => Err(wrong(node, "a column of dates or timestamps")),
            },
            Kind::Call(name, _) => Err(unknown(node, name)),
            _ => Err(wrong(node, "a date, a timestamp or an interval")),
        }
    }

    pub(super) fn property(&self, place: &Place, name: &str) -> Result<Property, FilterError> {
        if let Some(column) = self.info.column_index(name) {
            let kind = self.info.columns[column].kind;
            if kind == ColumnType::Json {
                return Err(FilterError::Unsupported {
                    place: place.clone(),
                    name: format!("the property {name:?}"),
                    reason: "it holds JSON, which cannot be queried",
                });
            }
            return Ok(Property::Column(column, kind));
        }
        if name == "id" {
            return Ok(Property::Id);
        }
        if GEOMETRY.contains(&name) {
            return Ok(Property::Geometry);
        }
        let columns = self.info.columns.iter().map(|column| column.name.as_str());
        Err(FilterError::Property {
            place: place.clone(),
            name: name.to_owned(),
            nearest: nearest(name, columns.chain(["id", "geometry"])),
        })
    }
}

fn array_of(texts: Vec<Text>) -> Array {
    let literal = |text: &Text| match text {
        Text::Literal(text) => Some(text.clone()),
        _ => None,
    };
    let literals = texts.iter().map(literal).collect();
    Option::map_or(literals, Array::List(texts), Array::Literals)
}

/// How two literals compare; none where one is not a literal.
fn literals(a: &Scalar, b: &Scalar) -> Option<Ordering> {
    match (a, b) {
        (Scalar::Number(Number::Literal(a)), Scalar::Number(Number::Literal(b))) => {
            a.partial_cmp(b)
        }
        (Scalar::Text(Text::Literal(a)), Scalar::Text(Text::Literal(b))) => Some(a.cmp(b)),
        (Scalar::Time(Time::Literal(a)), Scalar::Time(Time::Literal(b))) => {
            let start = |span: &Span| span.start.map(Stamp::start);
            Some(start(a)?.cmp(&start(b)?))
        }
        _ => None,
    }
}

/// Two scalars that can be compared.
fn alike(a: &Scalar, b: &Scalar, second: &Node) -> Result<(), FilterError> {
    let expected = match (a, b) {
        (Scalar::Number(_), Scalar::Number(_))
        | (Scalar::Text(_), Scalar::Text(_))
        | (Scalar::Flag(_), Scalar::Flag(_))
        | (Scalar::Time(_), Scalar::Time(_)) => return Ok(()),
        (Scalar::Number(_), _) => "a number",
        (Scalar::Text(_), _) => "a text",
        (Scalar::Flag(_), _) => "true or false",
        (Scalar::Time(_), _) => "a date or a timestamp, as DATE('2021-01-31')",
    };
    Err(wrong(second, expected))
}

pub(super) fn unknown(node: &Node, name: &str) -> FilterError {
    let spatial = Spatial::NAMES.iter().map(|(name, _)| *name);
    let temporal = Temporal::NAMES.iter().map(|(name, _)| *name);
    let arrays = Relation::NAMES.iter().map(|(name, _)| *name);
    let known = spatial
        .chain(temporal)
        .chain(arrays)
        .chain(OWN)
        .chain(TEXTS);
    FilterError::Function {
        place: node.place.clone(),
        name: name.to_owned(),
        nearest: nearest(name, known),
    }
}

/// One of them: `a = 1 OR a = 2 OR ...` as `a IN (1, 2, ...)`, which looks all of them up at once.
fn alternatives(parts: Vec<Predicate>) -> Predicate {
    let equal = |part: &Predicate| match part {
        Predicate::Compare(Comparison::Equal, value, item) => {
            let is_literal = matches!(
                item,
                Scalar::Number(Number::Literal(_)) | Scalar::Text(Text::Literal(_))
            );
            is_literal.then(|| (value.clone(), item.clone()))
        }
        _ => None,
    };
    let Some((value, _)) = parts.iter().find_map(equal) else {
        return Predicate::Any(parts);
    };
    let of_value = |part: &Predicate| equal(part).filter(|(own, _)| *own == value);
    let items: Vec<_> = parts
        .iter()
        .filter_map(|part| Some(of_value(part)?.1))
        .collect();
    let set = Some(items).filter(|items| items.len() >= MANY);
    let Some(set) = set.as_deref().and_then(Set::of) else {
        return Predicate::Any(parts);
    };
    let mut rest = parts;
    rest.retain(|part| of_value(part).is_none());
    let found = Predicate::In(value, List::Literals(set));
    if rest.is_empty() {
        return found;
    }
    rest.push(found);
    Predicate::Any(rest)
}
