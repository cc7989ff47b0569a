//! Cells that a spreadsheet would run (CWE-1236, OWASP "CSV Injection").
//!
//! A spreadsheet takes a text of a CSV that begins with `=`, `+`, `-` or `@` for a formula, which can call other
//! servers and, in old versions, programs. An apostrophe before it makes it a text.

use std::borrow::Cow;
use std::str::FromStr;

use crate::model::{Feature, FeatureId, Value};

/// What is done with texts that a spreadsheet would run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Formulas {
    /// They stay as they are, for programs that read data.
    #[default]
    Keep,
    /// An apostrophe is put before them.
    Escape,
}

/// The full-width forms count because spreadsheets with a Chinese or Japanese keyboard take them for the others.
const SIGNS: [char; 8] = ['=', '+', '-', '@', '＝', '＋', '－', '＠'];

/// Where the semicolon separates cells, as in spreadsheets of much of Europe, a comma does not, and quotes
/// behind it do not count: then a new cell begins at each of these within a text.
const CELL_ENDS: [char; 4] = [';', '\t', '\r', '\n'];

/// Not a name of [`Formulas`].
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("expected keep or escape, found {0:?}")]
pub struct FormulasError(String);

impl FromStr for Formulas {
    type Err = FormulasError;

    fn from_str(text: &str) -> Result<Self, FormulasError> {
        match text {
            "keep" => Ok(Self::Keep),
            "escape" => Ok(Self::Escape),
            other => Err(FormulasError(other.to_owned())),
        }
    }
}

impl Formulas {
    /// What is done where nothing is asked: a file with a byte order mark is for a spreadsheet.
    #[must_use]
    pub fn usual(bom: bool) -> Self {
        if bom { Self::Escape } else { Self::Keep }
    }

    /// A text as a cell.
    pub(super) fn text(self, text: &str) -> Cow<'_, str> {
        match self {
            Self::Keep => Cow::Borrowed(text),
            Self::Escape => harmless(text),
        }
    }

    /// A value as a cell. Numbers and booleans are no texts: `-5` stays a number.
    pub(super) fn cell(self, value: &Value) -> String {
        let written = value.to_string();
        match value {
            Value::Integer(_) | Value::Number(_) | Value::Boolean(_) | Value::Null => written,
            // JSON is a number, or begins with a sign of its own.
            Value::Json(_) if serde_json::from_str::<f64>(&written).is_ok() => written,
            Value::Json(_)
            | Value::Strings(_)
            | Value::Text(_)
            | Value::Date(_)
            | Value::Timestamp(_) => self.text(&written).into_owned(),
        }
    }

    /// An id as a cell.
    pub(super) fn id(self, feature: &Feature) -> String {
        let written = feature.id.text();
        match feature.id {
            FeatureId::Number(_) => written.into_owned(),
            FeatureId::Text(_) => self.text(&written).into_owned(),
        }
    }
}

/// True of a text that a spreadsheet would run if it were typed into a cell.
pub(super) fn is_formula(text: &str) -> bool {
    text.starts_with(['\t', '\r', '\n']) || has_sign(text)
}

fn has_sign(text: &str) -> bool {
    let unseen = |c: char| c.is_whitespace() || c.is_control() || c == '\u{feff}';
    text.trim_start_matches(unseen).starts_with(SIGNS)
}

fn harmless(text: &str) -> Cow<'_, str> {
    if !is_formula(text) && !text.contains(SIGNS) {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len() + 1);
    for (at, piece) in text.split_inclusive(CELL_ENDS).enumerate() {
        if has_sign(piece) || at == 0 && is_formula(piece) {
            out.push('\'');
        }
        out.push_str(piece);
    }
    Cow::Owned(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_apostrophe_is_put_before_what_would_be_run() {
        let escaped = |text: &str| Formulas::Escape.text(text).into_owned();
        for (text, expected) in [
            ("=1+1", "'=1+1"),
            ("+86 21 5555", "'+86 21 5555"),
            ("-1", "'-1"),
            ("@SUM(A1)", "'@SUM(A1)"),
            ("＝1+1", "'＝1+1"),
            ("\t=1", "'\t'=1"),
            ("\rx", "'\rx"),
            ("\nx", "'\nx"),
            ("  =1", "'  =1"),
            ("\u{feff}=1", "'\u{feff}=1"),
            ("a;=1", "a;'=1"),
            ("a\n\n-b; +c", "a\n\n'-b;' +c"),
        ] {
            assert_eq!(escaped(text), expected, "{text:?}");
            assert_eq!(Formulas::Keep.text(text), text);
        }
        for text in [
            "",
            "a=1",
            "1-2",
            "祁连山路",
            "a; b\nc",
            "'=1",
            "a,=1",
            "a\n",
            "#1",
        ] {
            assert_eq!(escaped(text), text);
        }
    }

    #[test]
    fn numbers_stay_numbers() {
        let cell = |value: Value| Formulas::Escape.cell(&value);
        assert_eq!(cell(Value::Integer(-5)), "-5");
        assert_eq!(cell(Value::Number(-0.5)), "-0.5");
        assert_eq!(cell(Value::Json("-5".to_owned())), "-5");
        assert_eq!(cell(Value::Text("-5".to_owned())), "'-5");
        assert_eq!(cell(Value::Null), "");
    }
}
