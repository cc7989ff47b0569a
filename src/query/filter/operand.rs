//! Operands of comparisons: numbers, texts, the functions that give them, and patterns.

use super::FilterError;
use super::compile::{Compiler, Property, unknown};
use super::expression::{Number, Predicate, Scalar, Shape, Spatial, Text};
use super::like::Pattern;
use super::literal::wrong;
use super::syntax::{Kind, Node, Operator};
use crate::model::ColumnType;
use crate::query::fold;

/// Functions that give numbers.
pub(super) const OWN: [&str; 3] = ["area_m2", "length_m", "distance_m"];

/// Functions that give texts.
pub(super) const TEXTS: [&str; 2] = ["casei", "accenti"];

impl Compiler<'_> {
    pub(super) fn scalar(&self, node: &Node) -> Result<Scalar, FilterError> {
        match &node.kind {
            Kind::Number(_) | Kind::Arithmetic(..) | Kind::Negative(_) => {
                self.number(node).map(Scalar::Number)
            }
            Kind::Text(_) => self.text(node).map(Scalar::Text),
            Kind::Date(_) | Kind::Timestamp(_) => self.time(node, false).map(Scalar::Time),
            Kind::Property(name) => match self.property(&node.place, name)? {
                Property::Id if self.info.numeric_ids => Ok(Scalar::Number(Number::Id)),
                Property::Id | Property::Column(_, ColumnType::String) => {
                    self.text(node).map(Scalar::Text)
                }
                Property::Column(_, ColumnType::Date | ColumnType::Timestamp) => {
                    self.time(node, false).map(Scalar::Time)
                }
                Property::Column(_, ColumnType::Number | ColumnType::Integer) => {
                    self.number(node).map(Scalar::Number)
                }
                Property::Column(column, ColumnType::Boolean) => {
                    Ok(Scalar::Flag(Box::new(Predicate::Flag(column))))
                }
                Property::Column(_, ColumnType::Strings) => Err(wrong(
                    node,
                    "a number, a text, a time or a truth value (arrays: A_CONTAINS, A_OVERLAPS, A_EQUALS, A_CONTAINEDBY)",
                )),
                Property::Column(_, ColumnType::Json) | Property::Geometry => {
                    Err(wrong(node, "a number, a text, a time or a truth value"))
                }
            },
            Kind::Call(name, _) => {
                let name = name.to_ascii_lowercase();
                if TEXTS.contains(&name.as_str()) {
                    self.text(node).map(Scalar::Text)
                } else if OWN.contains(&name.as_str()) {
                    self.number(node).map(Scalar::Number)
                } else {
                    self.predicate(node)
                        .map(|flag| Scalar::Flag(Box::new(flag)))
                }
            }
            Kind::Interval(_) => Err(wrong(node, "a date or a timestamp (use T_ functions)")),
            Kind::List(_) | Kind::Geometry(_) | Kind::Box(_) => {
                Err(wrong(node, "a number, a text, a time or a truth value"))
            }
            _ => self
                .predicate(node)
                .map(|flag| Scalar::Flag(Box::new(flag))),
        }
    }

    fn number(&self, node: &Node) -> Result<Number, FilterError> {
        match &node.kind {
            Kind::Number(number) => Ok(Number::Literal(*number)),
            Kind::Negative(inner) => {
                let inner = self.number(inner)?;
                Ok(chain(Number::Literal(0.0), vec![(Operator::Minus, inner)]))
            }
            Kind::Arithmetic(first, rest) => {
                let rest = rest
                    .iter()
                    .map(|(operator, operand)| Ok((*operator, self.number(operand)?)));
                let rest = rest.collect::<Result<_, FilterError>>()?;
                Ok(chain(self.number(first)?, rest))
            }
            Kind::Property(name) => match self.property(&node.place, name)? {
                Property::Column(column, ColumnType::Number | ColumnType::Integer) => {
                    Ok(Number::Column(column))
                }
                Property::Id if self.info.numeric_ids => Ok(Number::Id),
                _ => Err(wrong(node, "a number")),
            },
            Kind::Call(name, arguments) => self.measure(node, name, arguments),
            _ => Err(wrong(node, "a number")),
        }
    }

    /// The server's own functions. The geometry may be named, and is the feature's own.
    fn measure(&self, node: &Node, name: &str, arguments: &[Node]) -> Result<Number, FilterError> {
        let lower = name.to_ascii_lowercase();
        let count = |expected| FilterError::Arguments {
            place: node.place.clone(),
            name: lower.clone(),
            expected,
            found: arguments.len(),
        };
        match lower.as_str() {
            "area_m2" | "length_m" => {
                match arguments {
                    [] => {}
                    [own] => match self.shape(own)? {
                        Shape::Own => {}
                        Shape::Literal(_) => return Err(wrong(own, "no argument, or geometry")),
                    },
                    _ => return Err(count("no argument")),
                }
                Ok(if lower == "area_m2" {
                    Number::Area
                } else {
                    Number::Length
                })
            }
            "distance_m" => {
                let target = match arguments {
                    [target] => target,
                    [own, target] if matches!(self.shape(own)?, Shape::Own) => target,
                    _ => return Err(count("one geometry literal")),
                };
                match self.shape(target)? {
                    Shape::Literal(literal) if literal.target.is_none() => {
                        Err(FilterError::Geometry {
                            place: target.place.clone(),
                            reason: format!("it lies outside what {} can convert", self.crs),
                        })
                    }
                    Shape::Literal(literal) => Ok(Number::Distance(literal)),
                    Shape::Own => Err(wrong(target, "a geometry literal")),
                }
            }
            _ if Spatial::NAMES.iter().any(|(known, _)| *known == lower) => {
                Err(wrong(node, "a number"))
            }
            _ => Err(unknown(node, name)),
        }
    }

    pub(super) fn text(&self, node: &Node) -> Result<Text, FilterError> {
        match &node.kind {
            Kind::Text(text) => Ok(Text::Literal(text.clone())),
            Kind::Property(name) => match self.property(&node.place, name)? {
                Property::Column(column, ColumnType::String) => Ok(Text::Column(column)),
                Property::Id => Ok(Text::Id),
                _ => Err(wrong(node, "a text")),
            },
            Kind::Call(name, arguments) => {
                let (fold, inner) = folding(node, name, arguments)?;
                Ok(match (fold, self.text(inner)?) {
                    (Fold::Case, Text::Literal(text)) => Text::Literal(fold::caseless(&text)),
                    (Fold::Accent, Text::Literal(text)) => Text::Literal(fold::accentless(&text)),
                    (Fold::Case, text) => Text::Caseless(Box::new(text)),
                    (Fold::Accent, text) => Text::Accentless(Box::new(text)),
                })
            }
            _ => Err(wrong(node, "a text")),
        }
    }
}

/// A calculation; its result where it is one of literals only, and without what changes no number.
fn chain(first: Number, mut rest: Vec<(Operator, Number)>) -> Number {
    rest.retain(|(operator, operand)| !operator.is_identity(operand));
    if rest.is_empty() {
        return first;
    }
    let literal = |number: &Number| match number {
        Number::Literal(number) => Some(*number),
        _ => None,
    };
    let mut operands = rest
        .iter()
        .map(|(operator, operand)| Some((*operator, literal(operand)?)));
    let result = literal(&first).and_then(|first| {
        operands.try_fold(first, |sum, operand| {
            let (operator, operand) = operand?;
            operator.apply(sum, operand)
        })
    });
    // Without a finite result it is null, as a calculation.
    result.map_or_else(|| Number::Chain(Box::new(first), rest), Number::Literal)
}

#[derive(Clone, Copy)]
enum Fold {
    Case,
    Accent,
}

/// CASEI or ACCENTI, and what it is applied to.
fn folding<'n>(
    node: &Node,
    name: &str,
    arguments: &'n [Node],
) -> Result<(Fold, &'n Node), FilterError> {
    let fold = match name.to_ascii_lowercase().as_str() {
        "casei" => Fold::Case,
        "accenti" => Fold::Accent,
        other if OWN.contains(&other) => return Err(wrong(node, "a text")),
        _ => return Err(unknown(node, name)),
    };
    match arguments {
        [inner] => Ok((fold, inner)),
        _ => Err(FilterError::Arguments {
            place: node.place.clone(),
            name: name.to_owned(),
            expected: "one text",
            found: arguments.len(),
        }),
    }
}

/// `patternExpression`: a text, or CASEI or ACCENTI of one.
pub(super) fn like(text: Text, pattern: &Node) -> Result<Predicate, FilterError> {
    let mut folds = Vec::new();
    let mut inner = pattern;
    while let Kind::Call(name, arguments) = &inner.kind {
        let (fold, next) = folding(inner, name, arguments)?;
        folds.push(fold);
        inner = next;
    }
    let Kind::Text(written) = &inner.kind else {
        return Err(wrong(inner, "a pattern in 'quotes'"));
    };
    let folded = |text: &str| {
        folds
            .iter()
            .rev()
            .fold(text.to_owned(), |text, fold| match fold {
                Fold::Case => fold::caseless(&text),
                Fold::Accent => fold::accentless(&text),
            })
    };
    let pattern = Pattern::read(written, folded).map_err(|_| FilterError::Literal {
        place: inner.place.clone(),
        reason: "the pattern ends in a lone backslash; write \\\\ for one".to_owned(),
    })?;
    Ok(Predicate::Like(text, pattern))
}
