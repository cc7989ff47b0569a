//! Where the reading of a text stands: the next token and the depth.

use super::lex::Token;
use super::syntax::MAX_DEPTH;
use super::{FilterError, Place};

pub(super) struct Parser {
    /// Ends with `Token::End`.
    tokens: Vec<(Token, usize)>,
    next: usize,
    depth: usize,
}

impl Parser {
    pub(super) fn new(tokens: Vec<(Token, usize)>) -> Self {
        Self {
            tokens,
            next: 0,
            depth: 0,
        }
    }

    pub(super) fn peek(&self) -> &Token {
        &self.tokens[self.next].0
    }

    pub(super) fn place(&self) -> Place {
        Place::Character(self.tokens[self.next].1)
    }

    /// The token, which is then behind; the end stays.
    pub(super) fn advance(&mut self) -> Token {
        let token = self.peek().clone();
        if token != Token::End {
            self.next += 1;
        }
        token
    }

    pub(super) fn expected(&self, expected: &str) -> FilterError {
        FilterError::Syntax {
            place: self.place(),
            expected: expected.to_owned(),
            found: self.peek().name(),
        }
    }

    pub(super) fn sign(&mut self, sign: &str) -> bool {
        let here = matches!(self.peek(), Token::Sign(found) if *found == sign);
        if here {
            self.next += 1;
        }
        here
    }

    pub(super) fn word(&mut self, keyword: &str) -> bool {
        let here = self.peek().is_word(keyword);
        if here {
            self.next += 1;
        }
        here
    }

    pub(super) fn need(&mut self, sign: &str) -> Result<(), FilterError> {
        if self.sign(sign) {
            Ok(())
        } else {
            Err(self.expected(&format!("{sign:?}")))
        }
    }

    /// One level deeper.
    pub(super) fn nested<T>(
        &mut self,
        read: impl FnOnce(&mut Self) -> Result<T, FilterError>,
    ) -> Result<T, FilterError> {
        if self.depth == MAX_DEPTH {
            return Err(FilterError::TooDeep {
                place: self.place(),
                limit: MAX_DEPTH,
            });
        }
        self.depth += 1;
        let result = read(self);
        self.depth -= 1;
        result
    }

    /// Parts separated by commas, and the closing parenthesis.
    pub(super) fn list<T>(
        &mut self,
        part: impl Fn(&mut Self) -> Result<T, FilterError>,
    ) -> Result<Vec<T>, FilterError> {
        let mut parts = vec![part(self)?];
        while self.sign(",") {
            parts.push(part(self)?);
        }
        if self.sign(")") {
            Ok(parts)
        } else {
            Err(self.expected("\",\" or \")\""))
        }
    }
}
