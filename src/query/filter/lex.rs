//! CQL2 text into tokens (OGC 21-065r2, Annex B).

use super::syntax::{digits, shortened};
use super::{FilterError, Place};

#[derive(Debug, Clone, PartialEq)]
pub(super) enum Token {
    /// A name without quotes: property, function or keyword.
    Word(String),
    /// A name in double quotes: always a property or function.
    Quoted(String),
    Number(f64),
    Text(String),
    Sign(&'static str),
    End,
}

impl Token {
    pub(super) fn is_word(&self, keyword: &str) -> bool {
        matches!(self, Self::Word(word) if word.eq_ignore_ascii_case(keyword))
    }

    pub(super) fn name(&self) -> String {
        match self {
            Self::Word(word) => format!("{:?}", shortened(word)),
            Self::Quoted(name) => format!("the name {:?}", shortened(name)),
            Self::Number(number) => format!("the number {}", digits(*number)),
            Self::Text(text) => format!("the text {:?}", shortened(text)),
            Self::Sign(sign) => format!("{sign:?}"),
            Self::End => "the end".to_owned(),
        }
    }
}

/// Longer signs first, so that `<=` is not read as `<`.
const SIGNS: [&str; 14] = [
    "<=", ">=", "<>", "<", ">", "=", "(", ")", ",", "+", "-", "*", "/", "%",
];

pub(super) fn tokens(text: &str) -> Result<Vec<(Token, usize)>, FilterError> {
    let mut reader = Reader { rest: text, at: 1 };
    let mut tokens = Vec::new();
    loop {
        reader.skip(|c| matches!(c, ' ' | '\t' | '\r' | '\n'));
        let at = reader.at;
        let token = reader.token()?;
        let end = token == Token::End;
        tokens.push((token, at));
        if end {
            return Ok(tokens);
        }
    }
}

/// What a character stands for behind a backslash.
fn unescaped(character: char) -> Option<char> {
    Some(match character {
        '\'' | '\\' => character,
        'a' => '\u{7}',
        'b' => '\u{8}',
        't' => '\t',
        'n' => '\n',
        'v' => '\u{b}',
        'f' => '\u{c}',
        'r' => '\r',
        _ => return None,
    })
}

struct Reader<'a> {
    rest: &'a str,
    /// Characters read, and one.
    at: usize,
}

fn starts_name(c: char) -> bool {
    c.is_alphabetic() || matches!(c, '_' | ':')
}

fn goes_on_name(c: char) -> bool {
    starts_name(c)
        || c.is_alphanumeric()
        || c == '.'
        || unicode_normalization::char::is_combining_mark(c)
}

impl<'a> Reader<'a> {
    fn take(&mut self, bytes: usize) -> &'a str {
        let (taken, rest) = self.rest.split_at(bytes);
        self.at += taken.chars().count();
        self.rest = rest;
        taken
    }

    fn skip(&mut self, wanted: impl Fn(char) -> bool) -> &'a str {
        let end = self.rest.find(|c| !wanted(c)).unwrap_or(self.rest.len());
        self.take(end)
    }

    fn syntax(&self, expected: &str) -> FilterError {
        let found = self.rest.chars().next();
        FilterError::Syntax {
            place: Place::Character(self.at),
            expected: expected.to_owned(),
            found: found.map_or_else(|| "the end".to_owned(), |c| format!("{c:?}")),
        }
    }

    fn token(&mut self) -> Result<Token, FilterError> {
        let Some(first) = self.rest.chars().next() else {
            return Ok(Token::End);
        };
        match first {
            '\'' => self.text(),
            '"' => self.quoted(),
            c if c.is_ascii_digit() || c == '.' => self.number(),
            c if starts_name(c) => Ok(Token::Word(self.skip(goes_on_name).to_owned())),
            '^' => {
                self.take(1);
                Ok(Token::Sign("^"))
            }
            _ => match SIGNS.into_iter().find(|sign| self.rest.starts_with(sign)) {
                Some(sign) => {
                    self.take(sign.len());
                    Ok(Token::Sign(sign))
                }
                None => Err(self.syntax("a name, a number, a text in 'quotes' or an operator")),
            },
        }
    }

    /// A text in quotes, with its escapes read (21-065r2, /req/cql2-text/escaping). A backslash before
    /// any other character stands for itself, so that a pattern of LIKE may have `\%` and `\_`.
    fn text(&mut self) -> Result<Token, FilterError> {
        self.take(1);
        let mut text = String::new();
        loop {
            text.push_str(self.skip(|c| !matches!(c, '\'' | '\\')));
            if self.rest.starts_with("''") {
                self.take(2);
                text.push('\'');
            } else if let Some(escaped) = self.rest.strip_prefix('\\') {
                self.take(1);
                match escaped.chars().next().and_then(unescaped) {
                    Some(character) => {
                        self.take(1);
                        text.push(character);
                    }
                    None => text.push('\\'),
                }
            } else if self.rest.starts_with('\'') {
                self.take(1);
                return Ok(Token::Text(text));
            } else {
                return Err(self.syntax("a quote ' that closes the text"));
            }
        }
    }

    fn quoted(&mut self) -> Result<Token, FilterError> {
        self.take(1);
        let mut name = String::new();
        loop {
            name.push_str(self.skip(|c| c != '"'));
            if self.rest.starts_with("\"\"") {
                self.take(2);
                name.push('"');
            } else if self.rest.starts_with('"') {
                self.take(1);
                return Ok(Token::Quoted(name));
            } else {
                return Err(self.syntax("a double quote that closes the name"));
            }
        }
    }

    fn number(&mut self) -> Result<Token, FilterError> {
        let place = Place::Character(self.at);
        let start = self.rest;
        self.skip(|c| c.is_ascii_digit());
        if self.rest.starts_with('.') {
            self.take(1);
            self.skip(|c| c.is_ascii_digit());
        }
        if self.rest.starts_with(['e', 'E']) {
            self.take(1);
            if self.rest.starts_with(['+', '-']) {
                self.take(1);
            }
            if self.skip(|c| c.is_ascii_digit()).is_empty() {
                return Err(self.syntax("the digits of an exponent"));
            }
        }
        if self.rest.starts_with(goes_on_name) {
            return Err(self.syntax("the end of the number"));
        }
        let written = &start[..start.len() - self.rest.len()];
        match written.parse::<f64>() {
            Ok(number) if number.is_finite() => Ok(Token::Number(number)),
            Ok(_) => Err(FilterError::Literal {
                place,
                reason: format!("the number {} is too great", shortened(written)),
            }),
            Err(_) => Err(FilterError::Syntax {
                place,
                expected: "a number".to_owned(),
                found: format!("{:?}", shortened(written)),
            }),
        }
    }
}
