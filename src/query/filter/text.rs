//! CQL2 text (OGC 21-065r2, Annex B): a recursive descent over the tokens, without backtracking.
//!
//! Not the `cql2` crate: its grammar (0.6) tries a parenthesis first as a group and then as a list,
//! so `((((1 1` takes time exponential in the parentheses (seconds at 20, measured); it has no `\'`; and its
//! tree carries no positions for messages.

use geo::Geometry;

use super::lex::{Token, tokens};
use super::parser::Parser;
use super::syntax::{Comparison, Kind, Node, Operator};
use super::wkt;
use super::{FilterError, Place};

const RESERVED: [&str; 11] = [
    "and", "or", "not", "like", "between", "in", "is", "null", "true", "false", "div",
];

pub(super) fn parse(text: &str) -> Result<Node, FilterError> {
    let mut parser = Parser::new(tokens(text)?);
    let node = parser.any_of()?;
    match parser.peek() {
        Token::End => Ok(node),
        _ => Err(parser.expected("an operator or the end")),
    }
}

/// A geometry and nothing else.
pub(super) fn shape(text: &str) -> Result<Geometry<f64>, FilterError> {
    let mut parser = Parser::new(tokens(text)?);
    let shape = wkt::geometry(&mut parser)?.ok_or_else(|| parser.expected("a geometry"))?;
    match parser.peek() {
        Token::End => Ok(shape),
        _ => Err(parser.expected("the end")),
    }
}

impl Parser {
    fn chain(
        &mut self,
        keyword: &str,
        part: fn(&mut Self) -> Result<Node, FilterError>,
        kind: fn(Vec<Node>) -> Kind,
    ) -> Result<Node, FilterError> {
        let place = self.place();
        let first = part(self)?;
        if !self.peek().is_word(keyword) {
            return Ok(first);
        }
        let mut parts = vec![first];
        while self.word(keyword) {
            parts.push(part(self)?);
        }
        Ok(Node {
            place,
            kind: kind(parts),
        })
    }

    /// `booleanExpression`
    fn any_of(&mut self) -> Result<Node, FilterError> {
        self.chain("or", Self::all_of, Kind::Or)
    }

    /// `booleanTerm`
    fn all_of(&mut self) -> Result<Node, FilterError> {
        self.chain("and", Self::factor, Kind::And)
    }

    /// `booleanFactor`
    fn factor(&mut self) -> Result<Node, FilterError> {
        let place = self.place();
        if self.word("not") {
            let inner = self.nested(Self::factor)?;
            return Ok(Node {
                place,
                kind: Kind::Not(Box::new(inner)),
            });
        }
        self.predicate()
    }

    /// `comparisonPredicate`, or what else stands without an operator.
    fn predicate(&mut self) -> Result<Node, FilterError> {
        let left = self.sum()?;
        let place = self.place();
        if let Token::Sign(sign) = self.peek()
            && let Some(comparison) = Comparison::read(sign)
        {
            self.advance();
            let right = self.sum()?;
            return Ok(Node {
                place,
                kind: Kind::Compare(comparison, Box::new([left, right])),
            });
        }
        if self.word("is") {
            let not = self.word("not");
            if !self.word("null") {
                return Err(self.expected("NULL"));
            }
            return Ok(negated(not, place, Kind::IsNull(Box::new(left))));
        }
        let not = self.word("not");
        let kind = if self.word("like") {
            Kind::Like(Box::new([left, self.primary()?]))
        } else if self.word("between") {
            let low = self.sum()?;
            if !self.word("and") {
                return Err(self.expected("AND"));
            }
            Kind::Between(Box::new([left, low, self.sum()?]))
        } else if self.word("in") {
            self.need("(")?;
            Kind::In(Box::new(left), self.list(Self::sum)?)
        } else if not {
            return Err(self.expected("LIKE, BETWEEN or IN"));
        } else {
            return Ok(left);
        };
        Ok(negated(not, place, kind))
    }

    fn operators(
        &mut self,
        known: &[&str],
        part: fn(&mut Self) -> Result<Node, FilterError>,
    ) -> Result<Node, FilterError> {
        let place = self.place();
        let first = part(self)?;
        let mut rest = Vec::new();
        loop {
            let operator = match self.peek() {
                Token::Sign(sign) if known.contains(sign) => Operator::read(sign),
                word if word.is_word("div") && known.contains(&"div") => Some(Operator::Div),
                _ => None,
            };
            let Some(operator) = operator else {
                break;
            };
            self.advance();
            rest.push((operator, part(self)?));
        }
        if rest.is_empty() {
            return Ok(first);
        }
        Ok(Node {
            place,
            kind: Kind::Arithmetic(Box::new(first), rest),
        })
    }

    /// `arithmeticExpression`
    fn sum(&mut self) -> Result<Node, FilterError> {
        self.operators(&["+", "-"], Self::product)
    }

    /// `arithmeticTerm`
    fn product(&mut self) -> Result<Node, FilterError> {
        self.operators(&["*", "/", "%", "div"], Self::power)
    }

    /// `powerTerm`: one power only, so that nobody has to know how `2 ^ 3 ^ 2` binds.
    fn power(&mut self) -> Result<Node, FilterError> {
        let place = self.place();
        let base = self.signed()?;
        if !self.sign("^") {
            return Ok(base);
        }
        let exponent = self.signed()?;
        if matches!(self.peek(), Token::Sign("^")) {
            return Err(self.expected("parentheses around one of the powers"));
        }
        Ok(Node {
            place,
            kind: Kind::Arithmetic(Box::new(base), vec![(Operator::Power, exponent)]),
        })
    }

    /// `arithmeticFactor`: the sign binds tighter than a power.
    fn signed(&mut self) -> Result<Node, FilterError> {
        let place = self.place();
        if self.sign("+") {
            return self.nested(Self::signed);
        }
        if !self.sign("-") {
            return self.primary();
        }
        let inner = self.nested(Self::signed)?;
        let kind = match inner.kind {
            Kind::Number(number) => Kind::Number(-number),
            _ => Kind::Negative(Box::new(inner)),
        };
        Ok(Node { place, kind })
    }

    fn primary(&mut self) -> Result<Node, FilterError> {
        let place = self.place();
        let kind = match self.peek() {
            Token::Number(number) => {
                let number = *number;
                self.advance();
                Kind::Number(number)
            }
            Token::Text(_) | Token::Quoted(_) => match self.advance() {
                Token::Text(text) => Kind::Text(text),
                Token::Quoted(name) if self.sign("(") => Kind::Call(name, self.arguments()?),
                Token::Quoted(name) => Kind::Property(name),
                _ => return Err(self.expected("a value")),
            },
            Token::Sign("(") => {
                self.advance();
                if self.sign(")") {
                    let kind = Kind::List(Vec::new());
                    return Ok(Node { place, kind });
                }
                return self.nested(|parser| {
                    let inner = parser.any_of()?;
                    if parser.sign(",") {
                        let mut parts = vec![inner];
                        parts.extend(parser.list(Self::any_of)?);
                        return Ok(Node {
                            place,
                            kind: Kind::List(parts),
                        });
                    }
                    parser.need(")")?;
                    Ok(inner)
                });
            }
            Token::Word(_) => return self.worded(place),
            _ => return Err(self.expected("a value")),
        };
        Ok(Node { place, kind })
    }

    /// What begins with a name: a keyword, a function, a literal, a property.
    fn worded(&mut self, place: Place) -> Result<Node, FilterError> {
        if self.word("true") {
            return Ok(Node {
                place,
                kind: Kind::Flag(true),
            });
        }
        if self.word("false") {
            return Ok(Node {
                place,
                kind: Kind::Flag(false),
            });
        }
        if RESERVED.iter().any(|word| self.peek().is_word(word)) {
            return Err(self.expected("a value"));
        }
        if let Some(geometry) = wkt::geometry(self)? {
            return Ok(Node {
                place,
                kind: Kind::Geometry(geometry),
            });
        }
        let Token::Word(name) = self.advance() else {
            return Err(self.expected("a value"));
        };
        if !self.sign("(") {
            return Ok(Node {
                place,
                kind: Kind::Property(name),
            });
        }
        let arguments = self.arguments()?;
        let kind = super::literal::called(&place, name, arguments)?;
        Ok(Node { place, kind })
    }

    /// After the opening parenthesis.
    fn arguments(&mut self) -> Result<Vec<Node>, FilterError> {
        if self.sign(")") {
            return Ok(Vec::new());
        }
        self.nested(|parser| parser.list(Self::any_of))
    }
}

fn negated(not: bool, place: Place, kind: Kind) -> Node {
    let node = Node {
        place: place.clone(),
        kind,
    };
    if not {
        Node {
            place,
            kind: Kind::Not(Box::new(node)),
        }
    } else {
        node
    }
}
