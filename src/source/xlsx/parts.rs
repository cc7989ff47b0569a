//! The parts of a workbook: XML in a zip archive.

use std::io::{self, BufReader, Read};

use quick_xml::escape::resolve_predefined_entity;
use quick_xml::events::{BytesRef, BytesStart, Event};
use quick_xml::{Reader, XmlVersion};

use super::super::SourceError;
use super::super::held::{Held, LONGEST, Meter};
use super::super::zip::{Archive, expected, failed};

/// The bytes of a part, which must not be too many for what they were packed into.
struct Unpacked<R> {
    entry: R,
    packed: u64,
    total: u64,
}

impl<R: Read> Read for Unpacked<R> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let count = self.entry.read(into)?;
        self.total += count as u64;
        expected(self.total, self.packed).map_err(io::Error::other)?;
        Ok(count)
    }
}

/// A part that is read event by event.
pub(super) struct Part<'a> {
    xml: Reader<Meter<BufReader<Box<dyn Read + 'a>>>>,
    held: &'a Held,
    name: String,
    /// Bytes, by the archive.
    claimed: u64,
}

/// Opens a part by its path in the archive, whatever its case; none where there is none.
pub(super) fn part<'a>(
    held: &'a Held,
    archive: &'a mut Archive<'_>,
    name: &str,
) -> Result<Option<Part<'a>>, SourceError> {
    let alike = |raw: &[u8]| raw.eq_ignore_ascii_case(name.as_bytes());
    let index = archive
        .index_for_name(name)
        .or_else(|| archive.file_names_raw().position(alike));
    let Some(index) = index else {
        return Ok(None);
    };
    let entry = archive
        .by_index(index)
        .map_err(|error| failed(held, name, error))?;
    let claimed = entry.size();
    let unpacked = Unpacked {
        packed: entry.compressed_size().min(held.length),
        entry,
        total: 0,
    };
    let bytes: Box<dyn Read + 'a> = Box::new(unpacked);
    let mut xml = Reader::from_reader(Meter::new(BufReader::new(bytes)));
    xml.config_mut().expand_empty_elements = true;
    Ok(Some(Part {
        xml,
        held,
        name: name.to_owned(),
        claimed,
    }))
}

impl Part<'_> {
    /// The next event; an empty element is a start and an end.
    pub fn next<'b>(&mut self, buffer: &'b mut Vec<u8>) -> Result<Event<'b>, SourceError> {
        buffer.clear();
        self.xml.get_mut().reset();
        let event = self.xml.read_event_into(buffer);
        event.map_err(|error| self.held.broken(format!("{}: {error}", self.name)))
    }

    /// Bytes read, and how many there are at least.
    pub fn far(&mut self) -> (u64, u64) {
        let total = self.xml.get_mut().total();
        (total, total.max(self.claimed))
    }

    /// What is wrong with it.
    pub fn broken(&self, reason: &str) -> SourceError {
        self.held.broken(format!("{}: {reason}", self.name))
    }

    /// It ends where an element has not.
    pub fn cut(&self, element: &str) -> SourceError {
        self.broken(&format!(
            "expected the end of {element}, found the end of the part (is the file cut short?)"
        ))
    }

    /// An attribute, by its name without a prefix.
    pub fn attribute(&self, of: &BytesStart, name: &str) -> Result<Option<String>, SourceError> {
        for attribute in of.attributes().with_checks(false) {
            let attribute = attribute.map_err(|error| self.broken(&error.to_string()))?;
            if attribute.key.local_name().as_ref() == name {
                let value = attribute.normalized_value(XmlVersion::Implicit1_0);
                let value = value.map_err(|error| self.broken(&error.to_string()))?;
                return Ok(Some(value.into_owned()));
            }
        }
        Ok(None)
    }

    /// The text of an element that has just begun, up to its end. Elements in it are left aside.
    pub fn text(&mut self, element: &str, into: &mut String) -> Result<(), SourceError> {
        let mut buffer = Vec::new();
        let mut depth = 0;
        loop {
            match self.next(&mut buffer)? {
                Event::Text(text) if depth == 0 => into.push_str(&text.xml10_content()),
                Event::CData(text) if depth == 0 => into.push_str(&text.xml10_content()),
                Event::GeneralRef(name) if depth == 0 => self.reference(&name, into)?,
                Event::Start(_) => depth += 1,
                Event::End(_) if depth == 0 => return Ok(()),
                Event::End(_) => depth -= 1,
                Event::Eof => return Err(self.cut(element)),
                _ => {}
            }
            if into.len() as u64 > LONGEST {
                return Err(self.broken(&format!("a text is longer than {} MiB", LONGEST >> 20)));
            }
        }
    }

    /// `&amp;` and `&#26691;`; entities of a document's own are not made up.
    fn reference(&self, name: &BytesRef, into: &mut String) -> Result<(), SourceError> {
        let character = name.resolve_char_ref();
        if let Some(character) = character.map_err(|error| self.broken(&error.to_string()))? {
            into.push(character);
            return Ok(());
        }
        let known = resolve_predefined_entity(name);
        into.push_str(known.ok_or_else(|| self.broken(&format!("&{}; is no character", &**name)))?);
        Ok(())
    }

    /// Passes over an element that has just begun.
    pub fn skip(&mut self, element: &str) -> Result<(), SourceError> {
        let mut buffer = Vec::new();
        let mut depth = 0;
        loop {
            match self.next(&mut buffer)? {
                Event::Start(_) => depth += 1,
                Event::End(_) if depth == 0 => return Ok(()),
                Event::End(_) => depth -= 1,
                Event::Eof => return Err(self.cut(element)),
                _ => {}
            }
        }
    }

    /// The text of a cell or of a shared string, in runs or not, readings apart; up to the end of the
    /// element that has just begun.
    pub fn rich(&mut self, element: &str, into: &mut String) -> Result<(), SourceError> {
        let mut buffer = Vec::new();
        let mut depth = 0;
        loop {
            match self.next(&mut buffer)? {
                Event::Start(start) => match start.local_name().as_ref() {
                    "t" => self.text("t", into)?,
                    "rPh" => self.skip("rPh")?,
                    _ => depth += 1,
                },
                Event::End(_) if depth == 0 => return Ok(()),
                Event::End(_) => depth -= 1,
                Event::Eof => return Err(self.cut(element)),
                _ => {}
            }
        }
    }
}
