//! The rows of a sheet, one after another.

use std::collections::BTreeMap;

use quick_xml::events::{BytesStart, Event};

use super::super::SourceError;
use super::super::header::MOST;
use super::super::heading::Span;
use super::dates::{Format, Formats, value};
use super::parts::Part;
use super::strings::{Strings, unescaped};
use crate::model::{ColumnType, Value};

/// Merged ranges that are kept.
const SPANS: usize = 1 << 20;
/// Significant digits from which on a whole number is a code, and no large quantity.
const DIGITS: usize = 10;
/// Rows of a sheet at most.
const LAST_ROW: u32 = 1_048_576;

/// A row: its number in the sheet, and those of its cells that are not blank, by their column from 0.
#[derive(Debug, Default)]
pub(super) struct Row {
    pub number: u32,
    pub cells: Vec<(usize, Result<Value, String>)>,
}

/// Reads row after row.
pub(super) struct Rows<'a> {
    part: Part<'a>,
    strings: &'a Strings,
    formats: &'a Formats,
    from_1904: bool,
    row: Row,
    /// Merged ranges, which follow the rows: the first of them.
    pub spans: Vec<Span>,
    /// Numbers that are read as the codes that they show, by column: how many, and the first with its code.
    pub codes: BTreeMap<usize, (u64, String, String)>,
    /// Times of day with a day, so far.
    pub moments: u64,
}

impl<'a> Rows<'a> {
    pub fn new(
        part: Part<'a>,
        strings: &'a Strings,
        formats: &'a Formats,
        from_1904: bool,
    ) -> Self {
        Self {
            part,
            strings,
            formats,
            from_1904,
            row: Row::default(),
            spans: Vec::new(),
            codes: BTreeMap::new(),
            moments: 0,
        }
    }

    /// Bytes read, and how many there are at least.
    pub fn far(&mut self) -> (u64, u64) {
        self.part.far()
    }

    /// The next row that stands in the sheet, blank or not; none at the end of the sheet.
    pub fn next(&mut self) -> Result<Option<&Row>, SourceError> {
        let mut buffer = Vec::new();
        loop {
            match self.part.next(&mut buffer)? {
                Event::Start(start) => match start.local_name().as_ref() {
                    "row" => {
                        self.begin(&start)?;
                        self.cells()?;
                        return Ok(Some(&self.row));
                    }
                    "mergeCell" => {
                        let range = self.part.attribute(&start, "ref")?;
                        let span = range.and_then(|range| span(&range));
                        self.spans.extend(span.filter(|_| self.spans.len() < SPANS));
                    }
                    _ => {}
                },
                Event::End(end) if end.local_name().as_ref() == "worksheet" => return Ok(None),
                Event::Eof => return Err(self.part.cut("worksheet")),
                _ => {}
            }
        }
    }

    fn begin(&mut self, start: &BytesStart) -> Result<(), SourceError> {
        let number = match self.part.attribute(start, "r")? {
            None => Some(self.row.number + 1),
            Some(number) => number.parse().ok(),
        };
        let number =
            number.filter(|number| (1..=LAST_ROW).contains(number) && *number > self.row.number);
        self.row.number = number.ok_or_else(|| {
            let before = self.row.number;
            self.part.broken(&format!(
                "expected a row after row {before}, up to {LAST_ROW}, found another number"
            ))
        })?;
        self.row.cells.clear();
        Ok(())
    }

    fn cells(&mut self) -> Result<(), SourceError> {
        let mut buffer = Vec::new();
        let mut next = 0;
        loop {
            match self.part.next(&mut buffer)? {
                Event::Start(start) if start.local_name().as_ref() == "c" => {
                    let at = match self.part.attribute(&start, "r")? {
                        None => next,
                        Some(name) => column(&name).ok_or_else(|| {
                            self.part
                                .broken(&format!("row {}: {name:?} is no cell", self.row.number))
                        })?,
                    };
                    if at < next || at >= MOST {
                        let number = self.row.number;
                        return Err(self
                            .part
                            .broken(&format!("row {number}: its cells are in no order")));
                    }
                    next = at + 1;
                    match self.cell(&start, at)? {
                        Ok(Value::Null) => {}
                        cell => self.row.cells.push((at, cell)),
                    }
                }
                Event::Start(_) => self.part.skip("row")?,
                Event::End(_) => return Ok(()),
                Event::Eof => return Err(self.part.cut("row")),
                _ => {}
            }
        }
    }

    fn cell(
        &mut self,
        start: &BytesStart,
        at: usize,
    ) -> Result<Result<Value, String>, SourceError> {
        let kind = self.part.attribute(start, "t")?;
        let style = self.part.attribute(start, "s")?;
        let style = style.and_then(|style| style.parse().ok()).unwrap_or(0);
        let mut buffer = Vec::new();
        let (mut text, mut formula, mut stated) = (String::new(), false, false);
        loop {
            match self.part.next(&mut buffer)? {
                Event::Start(inner) => match inner.local_name().as_ref() {
                    "v" => {
                        stated = true;
                        text.clear();
                        self.part.text("v", &mut text)?;
                    }
                    "is" => {
                        stated = true;
                        text.clear();
                        self.part.rich("is", &mut text)?;
                    }
                    "f" => {
                        formula = true;
                        self.part.skip("f")?;
                    }
                    _ => self.part.skip("c")?,
                },
                Event::End(_) => break,
                Event::Eof => return Err(self.part.cut("c")),
                _ => {}
            }
        }
        // An empty value is one only where it is said to be a text: programs that do not reckon leave it empty.
        let kind = kind.as_deref().unwrap_or("n");
        if formula && (!stated || text.is_empty() && kind != "str") {
            return Ok(Err(
                "a formula without its value: open the file in a spreadsheet program and save it"
                    .to_owned(),
            ));
        }
        let format = self.formats.of(style);
        let found = self.value(kind, &text, format);
        self.moments += u64::from(matches!(found, Ok(Value::Timestamp(_))));
        if let Ok(number) = &found
            && let Some(shown) = self.formats.shown(number, format)
        {
            let (count, ..) = self
                .codes
                .entry(at)
                .or_insert_with(|| (0, number.to_string(), shown.clone()));
            *count += 1;
            return Ok(Ok(Value::Text(shown)));
        }
        Ok(found)
    }

    fn value(&self, kind: &str, text: &str, format: Format) -> Result<Value, String> {
        if text.is_empty() {
            return Ok(Value::Null);
        }
        match kind {
            "s" => {
                let found = text.trim().parse().ok().and_then(|at| self.strings.get(at));
                match found {
                    Some("") => Ok(Value::Null),
                    Some(text) => Ok(Value::Text(text.to_owned())),
                    None => {
                        let count = self.strings.count();
                        Err(format!(
                            "its text is number {text} of {count} shared ones, which is not there"
                        ))
                    }
                }
            }
            "str" | "inlineStr" => Ok(Value::Text(unescaped(text))),
            "b" => match text.trim() {
                "1" | "true" => Ok(Value::Boolean(true)),
                "0" | "false" => Ok(Value::Boolean(false)),
                other => Err(format!("expected 0 or 1, found {other:?}")),
            },
            "e" => Err(format!("the cell is {text}, an error of its formula")),
            "d" => Value::parse(text, ColumnType::Date)
                .or_else(|_| Value::parse(text, ColumnType::Timestamp))
                .or_else(|_| Value::parse(&format!("{text}Z"), ColumnType::Timestamp))
                .map_err(|error| error.to_string()),
            "n" => {
                let text = text.trim();
                if is_rounded(text) {
                    return Err(format!(
                        "{text} has more digits than a spreadsheet's numbers keep: make the column one of texts, or leave it out with --skip-column"
                    ));
                }
                let number = text.parse();
                let number = number.map_err(|_| format!("expected a number, found {text:?}"))?;
                value(number, format, self.from_1904)
            }
            other => Err(format!("its type {other:?} is not known")),
        }
    }
}

/// True of a whole number that a double does not hold: beyond 2^53 not all are. With an exponent it is one of many
/// digits: a code of 18 stands as `3.1010700100100101E+17` in the file.
fn is_rounded(text: &str) -> bool {
    const MOST: u128 = 1 << 53;
    let digits = text.strip_prefix('-').unwrap_or(text);
    if let Some((mantissa, _)) = digits.split_once(['e', 'E']) {
        let number = text.parse::<f64>().unwrap_or_default();
        let significant: String = mantissa.chars().filter(char::is_ascii_digit).collect();
        let significant = significant.trim_matches('0').len();
        return number.fract() == 0.0
            && number.abs() > 9_007_199_254_740_992.0
            && significant >= DIGITS;
    }
    // More digits than 128 bits have are more than 53 bits have too.
    let whole = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
    whole && digits.parse::<u128>().map_or(true, |number| number > MOST)
}

/// `AB12` as a column, from 0.
fn column(name: &str) -> Option<usize> {
    let letters = name.bytes().take_while(u8::is_ascii_alphabetic);
    let mut at = 0_usize;
    for letter in letters {
        at = at * 26 + usize::from(letter.to_ascii_uppercase() - b'A') + 1;
        if at > MOST {
            return None;
        }
    }
    at.checked_sub(1)
}

/// A range of cells: `A2:A4`.
fn span(range: &str) -> Option<Span> {
    let (first, last) = range.split_once(':')?;
    let row = |name: &str| {
        let digits = name.trim_start_matches(|c: char| c.is_ascii_alphabetic());
        digits.parse::<u64>().ok().filter(|row| *row > 0)
    };
    let found = Span {
        rows: (row(first)?, row(last)?),
        columns: (column(first)?, column(last)?),
    };
    (found.rows.0 <= found.rows.1 && found.columns.0 <= found.columns.1).then_some(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whole_numbers_are_not_rounded() {
        for text in [
            "0",
            "-9007199254740992",
            "9007199254740992",
            "1.5",
            "1E20",
            "",
        ] {
            assert!(!is_rounded(text), "{text}");
        }
        let long = "9".repeat(60);
        for text in [
            "9007199254740993",
            "-9007199254740993",
            "310107199001011234",
            "3.1010700100100101E+17",
            "3.10107001001001e17",
            &long,
        ] {
            assert!(is_rounded(text), "{text}");
        }
    }

    #[test]
    fn columns_have_letters() {
        for (name, at) in [
            ("A1", Some(0)),
            ("z9", Some(25)),
            ("AA10", Some(26)),
            ("XFD1048576", Some(16_383)),
            ("XFE1", None),
            ("12", None),
            ("", None),
            ("AAAAAAAAAAAAAAAAAAAAAA1", None),
        ] {
            assert_eq!(column(name), at, "{name}");
        }
    }

    #[test]
    fn ranges_have_two_ends() {
        let found = span("A2:N4").expect("a range");
        assert_eq!((found.rows, found.columns), ((2, 4), (0, 13)));
        for range in ["B1:A1", "A2:A1", "A1", "A:B", "1:1", "A0:B1", ""] {
            assert_eq!(span(range), None, "{range}");
        }
    }
}
