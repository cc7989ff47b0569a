//! The rows of a sheet, one after another.

use quick_xml::events::{BytesStart, Event};

use super::super::SourceError;
use super::super::header::MOST;
use super::dates::{Format, Formats, value};
use super::parts::Part;
use super::strings::{Strings, unescaped};
use crate::model::{ColumnType, Value};

/// Rows among which titles are looked for.
pub(super) const TITLES: u32 = 8;
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
    /// Of what follows the rows: so many merged ranges.
    pub merged: u64,
    /// Rows near the top that begin with cells merged across columns: titles, where there is nothing else.
    pub across: Vec<u32>,
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
            merged: 0,
            across: Vec::new(),
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
                        self.merged += 1;
                        let range = self.part.attribute(&start, "ref")?;
                        let row = range.and_then(|range| across(&range));
                        let new = |row: &u32| *row <= TITLES && !self.across.contains(row);
                        let row = row.filter(new);
                        self.across.extend(row);
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
                    match self.cell(&start)? {
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

    fn cell(&mut self, start: &BytesStart) -> Result<Result<Value, String>, SourceError> {
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
                        "{text} has more digits than a spreadsheet's numbers keep: make the column one of texts"
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

/// True of a whole number that a double does not hold: beyond 2^53 not all are.
fn is_rounded(text: &str) -> bool {
    const MOST: u128 = 1 << 53;
    let digits = text.strip_prefix('-').unwrap_or(text);
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

/// The row of a range of one row and several columns: 2 of `A2:N2`.
fn across(range: &str) -> Option<u32> {
    let (first, last) = range.split_once(':')?;
    let row = |name: &str| {
        let digits = name.trim_start_matches(|c: char| c.is_ascii_alphabetic());
        digits.parse::<u32>().ok()
    };
    let wide = column(first)? < column(last)?;
    row(first).filter(|at| wide && row(last) == Some(*at))
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
    fn a_title_is_one_row_across_columns() {
        for (range, row) in [
            ("A2:N2", Some(2)),
            ("A1:A2", None),
            ("A1:B2", None),
            ("B1:A1", None),
            ("A1", None),
            ("A:B", None),
            ("1:1", None),
        ] {
            assert_eq!(across(range), row, "{range}");
        }
    }
}
