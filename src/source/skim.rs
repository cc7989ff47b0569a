use std::fmt;
use std::io::{self, BufRead, BufReader, Read};

use serde::de::{Deserialize, Deserializer, Error, MapAccess, SeqAccess, Visitor};

use super::split::BYTE_ORDER_MARK;

/// Any JSON, read as strictly as a `serde_json::Value` and not kept: no memory, same errors.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Skim;

impl<'de> Deserialize<'de> for Skim {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        from.deserialize_any(Any)
    }
}

struct Any;

impl<'de> Visitor<'de> for Any {
    type Value = Skim;

    fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("any valid JSON value")
    }

    fn visit_bool<E: Error>(self, _: bool) -> Result<Skim, E> {
        Ok(Skim)
    }

    fn visit_i64<E: Error>(self, _: i64) -> Result<Skim, E> {
        Ok(Skim)
    }

    fn visit_u64<E: Error>(self, _: u64) -> Result<Skim, E> {
        Ok(Skim)
    }

    fn visit_f64<E: Error>(self, _: f64) -> Result<Skim, E> {
        Ok(Skim)
    }

    fn visit_str<E: Error>(self, _: &str) -> Result<Skim, E> {
        Ok(Skim)
    }

    fn visit_unit<E: Error>(self) -> Result<Skim, E> {
        Ok(Skim)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut values: A) -> Result<Skim, A::Error> {
        while values.next_element::<Skim>()?.is_some() {}
        Ok(Skim)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Skim, A::Error> {
        // A key is a text, and all its escapes must be right.
        while members.next_key::<Skim>()?.is_some() {
            members.next_value::<Skim>()?;
        }
        Ok(Skim)
    }
}

/// Reads a file again, all of it and slowly, to say where it is no JSON. Of a large one nothing is
/// kept, so that any size can be told of; a number out of range at the end of a line is then counted
/// to the next line, for `serde_json` looks a byte ahead.
pub(crate) fn stumble(mut source: Box<dyn Read>) -> Option<serde_json::Error> {
    const SMALL: u64 = 1 << 24;
    let mut head = Vec::new();
    // What cannot be read is found again below.
    let read = source.by_ref().take(SMALL).read_to_end(&mut head);
    if read.is_ok_and(|count| (count as u64) < SMALL) {
        let text = head.strip_prefix(BYTE_ORDER_MARK).unwrap_or(&head);
        return serde_json::from_slice::<Skim>(text).err();
    }
    let source = io::Cursor::new(head).chain(source);
    let mut source = BufReader::with_capacity(1 << 16, source);
    if source
        .fill_buf()
        .is_ok_and(|start| start.starts_with(BYTE_ORDER_MARK))
    {
        source.consume(BYTE_ORDER_MARK.len());
    }
    serde_json::from_reader::<_, Skim>(source).err()
}

/// Why a text is not JSON.
pub(crate) fn not_json(error: &serde_json::Error) -> String {
    let what = if error.is_eof() {
        "the file ends too early (is it cut short?)"
    } else {
        "is not JSON"
    };
    let text = error.to_string();
    let hints = [
        (
            "invalid unicode code point",
            "JSON is in UTF-8, and this is not: it is likely GBK, which `iconv -f GB18030 -t UTF-8` turns to it",
        ),
        (
            "control character",
            "a line break in a text is written \\n, a tab \\t",
        ),
        (
            "trailing comma",
            "the last member of a list has no comma behind it",
        ),
        (
            "expected value",
            "numbers, texts in double quotes, true, false and null are values; NaN, comments and nothing are none",
        ),
        (
            "lone leading surrogate",
            "half of a character that was cut through",
        ),
    ];
    let hint = hints.iter().find(|(start, _)| text.starts_with(start));
    let hint = hint.map_or_else(String::new, |(_, hint)| format!(" ({hint})"));
    format!("{what}: {text}{hint}")
}
