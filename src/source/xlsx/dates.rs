//! Days and times: numbers that only their format tells from others (ECMA-376, 18.8.30 and 18.17.4).

use quick_xml::events::Event;
use std::collections::HashMap;

use super::super::SourceError;
use super::super::held::Held;
use super::super::zip::Archive;
use super::parts::part;
use crate::model::Value;

/// What a number format shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Format {
    Number,
    /// A day.
    Day,
    /// A day and a time of day.
    Moment,
    /// A time of day.
    Clock,
    /// Hours that go beyond a day.
    Duration,
    /// A code with zeros in front, `0000123`: which of [`Formats::codes`] it is.
    Code(usize),
}

/// Days from 1899-12-30 to 1970-01-01, and from 1904-01-01.
const SINCE_1900: i64 = 25_569;
const SINCE_1904: i64 = 24_107;
const DAY_MILLIS: i64 = 86_400_000;
/// 9999-12-31 in either system.
const LAST: f64 = 2_958_465.0;

/// The formats of cells, by the number that a cell has for its style.
#[derive(Debug, Default)]
pub(super) struct Formats {
    all: Vec<Format>,
    codes: Vec<Code>,
}

impl Formats {
    /// Reads the part of that name; without one all numbers are numbers.
    pub fn open(held: &Held, archive: &mut Archive, name: &str) -> Result<Self, SourceError> {
        let mut formats = Self::default();
        let Some(mut part) = part(held, archive, name)? else {
            return Ok(formats);
        };
        let mut own: HashMap<u32, Format> = HashMap::new();
        let mut buffer = Vec::new();
        let mut of_cells = false;
        loop {
            match part.next(&mut buffer)? {
                Event::Start(start) => match start.local_name().as_ref() {
                    "numFmt" => {
                        let id = part.attribute(&start, "numFmtId")?;
                        let code = part.attribute(&start, "formatCode")?;
                        if let (Some(Ok(id)), Some(code)) = (id.map(|id| id.parse()), code) {
                            own.insert(id, formats.by_code(&code));
                        }
                    }
                    "cellXfs" => of_cells = true,
                    "xf" if of_cells => {
                        let id = part.attribute(&start, "numFmtId")?;
                        let id = id.and_then(|id| id.parse().ok()).unwrap_or(0);
                        formats
                            .all
                            .push(own.get(&id).copied().unwrap_or_else(|| built_in(id)));
                    }
                    _ => {}
                },
                Event::End(end) => match end.local_name().as_ref() {
                    "cellXfs" => of_cells = false,
                    "styleSheet" => return Ok(formats),
                    _ => {}
                },
                Event::Eof => return Err(part.cut("styleSheet")),
                _ => {}
            }
        }
    }

    /// Of a cell with that style.
    pub fn of(&self, style: usize) -> Format {
        self.all.get(style).copied().unwrap_or(Format::Number)
    }

    fn by_code(&mut self, code: &str) -> Format {
        match (by_code(code), Code::new(code)) {
            (Format::Number, Some(code)) => {
                self.codes.push(code);
                Format::Code(self.codes.len() - 1)
            }
            (format, _) => format,
        }
    }

    /// What a cell shows of a number, where its format is one of codes.
    pub fn shown(&self, number: &Value, format: Format) -> Option<String> {
        match (format, number) {
            (Format::Code(at), Value::Integer(number)) => self.codes.get(at)?.shown(*number),
            _ => None,
        }
    }
}

/// A format that shows a whole number with zeros in front: `0000000`, `"A-"000`, `000-0000`.
#[derive(Debug, PartialEq, Eq)]
struct Code {
    /// A place of a digit is none.
    parts: Vec<Option<char>>,
}

impl Code {
    /// None of a format that shows anything else: a fraction, thousands, a day, a unit.
    fn new(format: &str) -> Option<Self> {
        let mut parts = Vec::new();
        let mut rest = format.chars();
        while let Some(next) = rest.next() {
            match next {
                '0' => parts.push(None),
                '"' => parts.extend(rest.by_ref().take_while(|c| *c != '"').map(Some)),
                '\\' => parts.push(Some(rest.next()?)),
                '-' | ' ' | '(' | ')' => parts.push(Some(next)),
                '[' => {
                    let _ = rest.by_ref().find(|c| *c == ']');
                }
                ';' => break,
                _ => return None,
            }
        }
        let places = parts.iter().filter(|part| part.is_none()).count();
        (places > 1).then_some(Self { parts })
    }

    /// None of a negative number.
    fn shown(&self, number: i64) -> Option<String> {
        let number = u64::try_from(number).ok()?;
        let places = self.parts.iter().filter(|part| part.is_none()).count();
        let digits = format!("{number:0places$}");
        // What is too long stands at the first place.
        let (mut first, rest) = digits.split_at(digits.len() - places + 1);
        let mut rest = rest.chars();
        let mut shown = String::new();
        for part in &self.parts {
            match part {
                Some(literal) => shown.push(*literal),
                None if !first.is_empty() => shown.push_str(std::mem::take(&mut first)),
                None => shown.extend(rest.next()),
            }
        }
        Some(shown)
    }
}

/// Formats that have a number and no text; 27 to 36 and 50 to 58 as in Chinese.
fn built_in(id: u32) -> Format {
    match id {
        14..=17 | 27..=31 | 36 | 50..=54 | 57 | 58 => Format::Day,
        22 => Format::Moment,
        18..=21 | 32..=35 | 45 | 47 | 55 | 56 => Format::Clock,
        46 => Format::Duration,
        _ => Format::Number,
    }
}

/// By its letters outside of quotes and brackets; only what stands before the first semicolon counts.
fn by_code(code: &str) -> Format {
    let (mut day, mut clock, mut month) = (false, false, false);
    let mut rest = code.chars();
    while let Some(next) = rest.next() {
        match next.to_ascii_lowercase() {
            '"' => {
                let _ = rest.by_ref().find(|c| *c == '"');
            }
            '\\' | '_' | '*' => {
                let _ = rest.next();
            }
            '[' => {
                let inside: String = rest.by_ref().take_while(|c| *c != ']').collect();
                let inside = inside.to_lowercase();
                let elapsed = |c| matches!(c, 'h' | 'm' | 's');
                if !inside.is_empty() && inside.chars().all(elapsed) {
                    return Format::Duration;
                }
            }
            ';' => break,
            'y' | 'd' => day = true,
            'h' | 's' => clock = true,
            'm' => month = true,
            // General has no meaning of its own, and its letters none either.
            _ => {}
        }
    }
    match (day, clock, month) {
        (true, true, _) => Format::Moment,
        (true, false, _) | (false, false, true) => Format::Day,
        (false, true, _) => Format::Clock,
        (false, false, false) => Format::Number,
    }
}

/// A number as its format shows it. Spreadsheets know no time zone: times are read as UTC. Clock times and
/// durations are texts, `08:30:00`.
pub(super) fn value(number: f64, format: Format, from_1904: bool) -> Result<Value, String> {
    if !number.is_finite() {
        return Err(format!("expected a number, found {number}"));
    }
    if matches!(format, Format::Number | Format::Code(_)) {
        return Ok(plain(number));
    }
    if !(0.0..=LAST + 1.0).contains(&number) {
        return Err(format!(
            "expected a date, found {number}, which is in no year from 1900 to 9999"
        ));
    }
    // To the millisecond: a time of day is a fraction that is never exact.
    #[expect(
        clippy::cast_possible_truncation,
        reason = "of some million days at most"
    )]
    let millis = (number * 86_400_000.0).round() as i64;
    let (days, rest) = (millis / DAY_MILLIS, millis % DAY_MILLIS);
    if format == Format::Duration {
        return Ok(Value::Text(clock(millis)));
    }
    if format == Format::Clock && days == 0 {
        return Ok(Value::Text(clock(rest)));
    }
    let since = match (from_1904, days) {
        (true, _) => days - SINCE_1904,
        (false, 60) => return Err("1900-02-29 is not in the calendar".to_owned()),
        // Before that day all days are one off: 1 is 1900-01-01.
        (false, 0..60) => days + 1 - SINCE_1900,
        (false, _) => days - SINCE_1900,
    };
    if format == Format::Day && rest == 0 {
        let since = i32::try_from(since).map_err(|_| format!("expected a date, found {number}"))?;
        return Ok(Value::Date(since));
    }
    Ok(Value::Timestamp((since * DAY_MILLIS + rest) * 1_000))
}

/// What is whole is whole.
fn plain(number: f64) -> Value {
    #[expect(
        clippy::cast_possible_truncation,
        reason = "the bound keeps it inside i64"
    )]
    if number.fract() == 0.0 && number.abs() <= 9_007_199_254_740_992.0 {
        return Value::Integer(number as i64);
    }
    Value::Number(number)
}

fn clock(millis: i64) -> String {
    let seconds = millis / 1_000;
    let (hours, minutes, rest) = (seconds / 3_600, seconds / 60 % 60, seconds % 60);
    let text = format!("{hours:02}:{minutes:02}:{rest:02}");
    match millis % 1_000 {
        0 => text,
        fraction => format!("{text}.{fraction:03}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn formats_show_by_their_letters() {
        for (code, expected) in [
            ("General", Format::Number),
            ("0.00E+00", Format::Number),
            ("#,##0.00\\ \"d\"", Format::Number),
            ("[Red]0;[Blue]yyyy", Format::Number),
            ("yyyy\\-mm\\-dd", Format::Day),
            ("[$-804]yyyy\"年\"m\"月\"d\"日\";@", Format::Day),
            ("yyyy/m/d h:mm", Format::Moment),
            ("h:mm AM/PM", Format::Clock),
            ("mm:ss", Format::Clock),
            ("mmm", Format::Day),
            ("[h]:mm:ss", Format::Duration),
            ("@", Format::Number),
            ("\"", Format::Number),
        ] {
            assert_eq!(by_code(code), expected, "{code}");
        }
    }

    #[test]
    fn codes_have_zeros_in_front() {
        let shown = |format: &str, number| Code::new(format)?.shown(number);
        for (format, number, expected) in [
            ("0000000", 123, Some("0000123")),
            ("000", 12_345, Some("12345")),
            ("\"A-\"000", 7, Some("A-007")),
            ("000-0000", 12_345, Some("001-2345")),
            ("[$-804]000;-000", 5, Some("005")),
            ("000", -5, None),
            ("0", 5, None),
            ("0.00", 5, None),
            ("#,##0", 5, None),
            ("00%", 5, None),
            ("0\"m²\"", 5, None),
            ("General", 5, None),
        ] {
            assert_eq!(shown(format, number).as_deref(), expected, "{format}");
        }
    }

    #[test]
    fn numbers_become_what_they_show() {
        for (number, format, text) in [
            (44_227.0, Format::Day, "2021-01-31"),
            (61.0, Format::Day, "1900-03-01"),
            (59.0, Format::Day, "1900-02-28"),
            (1.0, Format::Day, "1900-01-01"),
            (44_227.0, Format::Moment, "2021-01-31T00:00:00Z"),
            (
                44_227.354_166_666_664,
                Format::Moment,
                "2021-01-31T08:30:00Z",
            ),
            (44_227.5, Format::Day, "2021-01-31T12:00:00Z"),
            (0.354_166_666_666_667, Format::Clock, "08:30:00"),
            (1.104_166_666_666_67, Format::Duration, "26:30:00"),
            (2_958_465.0, Format::Day, "9999-12-31"),
            (12.0, Format::Number, "12"),
            (0.1, Format::Number, "0.1"),
        ] {
            let found = value(number, format, false).expect("a value");
            assert_eq!(found.to_string(), text, "{number} {format:?}");
        }
        let old = value(42_765.0, Format::Day, true).expect("a day");
        assert_eq!(old.to_string(), "2021-01-31");
        for number in [60.0, -1.0, 1e300, f64::NAN] {
            assert!(value(number, Format::Day, false).is_err(), "{number}");
        }
    }
}
