use std::fs::File;
use std::io::{BufRead, BufReader, Read};
use std::path::{Path, PathBuf};

use quick_xml::Reader;
use quick_xml::XmlVersion;
use quick_xml::escape::resolve_xml_entity;
use quick_xml::events::{BytesStart, Event};

use super::SourceError;

/// Elements in elements.
const DEEPEST: usize = 256;

/// A file of XML, read element by element.
///
/// A document type may declare entities, which may stand for more of them; none of it is believed, so nothing
/// can grow: a reference to anything but XML's own five is refused.
pub(super) struct Xml {
    reader: Reader<BufReader<File>>,
    buffer: Vec<u8>,
    path: PathBuf,
    open: Vec<String>,
}

/// The start of an element.
pub(super) struct Element {
    /// Without its prefix.
    pub name: String,
    pub attributes: Vec<(String, String)>,
}

/// What comes next.
enum Node {
    Start(Element),
    End,
    Text(String),
    Eof,
}

impl Element {
    pub fn attribute(&self, name: &str) -> Option<&str> {
        let found = self.attributes.iter().find(|(key, _)| key == name);
        found.map(|(_, value)| value.as_str())
    }
}

impl Xml {
    pub fn open(path: &Path) -> Result<Self, SourceError> {
        let source = File::open(path).map_err(|error| SourceError::Io {
            file: path.display().to_string(),
            reason: format!("cannot be read: {error}"),
        })?;
        let mut reader = Reader::from_reader(BufReader::with_capacity(1 << 16, source));
        reader.config_mut().expand_empty_elements = true;
        Ok(Self {
            reader,
            buffer: Vec::new(),
            path: path.to_owned(),
            open: Vec::new(),
        })
    }

    /// The name of the document's element.
    pub fn root(&mut self) -> Result<String, SourceError> {
        loop {
            match self.next()? {
                Node::Start(element) => return Ok(element.name),
                Node::Text(text) if text.trim().is_empty() => {}
                Node::Text(_) => {
                    return Err(self.broken("is not XML: it starts with text"));
                }
                Node::End | Node::Eof => {
                    return Err(self.broken("is not XML: it has no element"));
                }
            }
        }
    }

    /// Looks that nothing follows the document's element.
    pub fn end(&mut self) -> Result<(), SourceError> {
        loop {
            match self.next()? {
                Node::Eof => return Ok(()),
                Node::Text(text) if text.trim().is_empty() => {}
                _ => return Err(self.broken("has something after its last element")),
            }
        }
    }

    /// The next element in this one, which is then to be read or skipped; none where this one ends.
    pub fn child(&mut self) -> Result<Option<Element>, SourceError> {
        loop {
            match self.next()? {
                Node::Start(element) => return Ok(Some(element)),
                Node::End => return Ok(None),
                Node::Text(_) => {}
                Node::Eof => return Err(self.cut()),
            }
        }
    }

    /// The text in this element, to its end.
    pub fn text(&mut self) -> Result<String, SourceError> {
        let (mut all, mut depth) = (String::new(), 0_usize);
        loop {
            match self.next()? {
                Node::Text(text) => all.push_str(&text),
                Node::Start(_) => depth += 1,
                Node::End if depth == 0 => return Ok(all),
                Node::End => depth -= 1,
                Node::Eof => return Err(self.cut()),
            }
        }
    }

    /// Passes over this element, to its end.
    pub fn skip(&mut self) -> Result<(), SourceError> {
        self.text().map(drop)
    }

    /// How many bytes were read.
    pub fn position(&self) -> u64 {
        self.reader.buffer_position()
    }

    /// With the line up to which the file was read.
    pub fn broken(&self, reason: &str) -> SourceError {
        self.broken_at(self.reader.buffer_position(), reason)
    }

    fn broken_at(&self, position: u64, reason: &str) -> SourceError {
        let reason = match self.line(position) {
            Some(line) => format!("line {line}: {reason}"),
            None => reason.to_owned(),
        };
        SourceError::Broken {
            file: self.path.display().to_string(),
            reason,
        }
    }

    fn cut(&self) -> SourceError {
        let within = self.open.last().map_or("", String::as_str);
        self.broken(&format!("the file ends within {within} (is it cut short?)"))
    }

    fn next(&mut self) -> Result<Node, SourceError> {
        loop {
            self.buffer.clear();
            let event = match self.reader.read_event_into(&mut self.buffer) {
                Ok(event) => event,
                Err(error) => {
                    let position = self.reader.error_position();
                    return Err(self.broken_at(position, &format!("is not XML: {error}")));
                }
            };
            let read = match event {
                Event::Start(start) => element(&start).map(Node::Start),
                Event::End(_) => Ok(Node::End),
                Event::Text(text) => Ok(Node::Text(text.xml10_content().into_owned())),
                Event::CData(text) => Ok(Node::Text(text.xml10_content().into_owned())),
                Event::GeneralRef(entity) => match entity.resolve_char_ref() {
                    Ok(Some(character)) => Ok(Node::Text(character.to_string())),
                    Ok(None) => resolve_xml_entity(&entity)
                        .map(|text| Node::Text(text.to_owned()))
                        .ok_or_else(|| format!("the entity {:?} is none of XML's own", &*entity)),
                    Err(error) => Err(error.to_string()),
                },
                Event::Decl(declaration) => match declaration.encoding() {
                    Some(Ok(name)) if !is_utf8(&name) => {
                        let reason = format!("its encoding is {name}: convert it to UTF-8");
                        let file = self.path.display().to_string();
                        return Err(SourceError::Unsupported { file, reason });
                    }
                    _ => continue,
                },
                Event::Eof => Ok(Node::Eof),
                // Empty ones are expanded.
                Event::Empty(_) | Event::Comment(_) | Event::PI(_) | Event::DocType(_) => continue,
            };
            let node = read.map_err(|reason| self.broken(&reason))?;
            match &node {
                Node::Start(element) => {
                    if self.open.len() == DEEPEST {
                        return Err(self
                            .broken(&format!("its elements are nested more than {DEEPEST} deep")));
                    }
                    self.open.push(element.name.clone());
                }
                Node::End => {
                    self.open.pop();
                }
                Node::Text(_) | Node::Eof => {}
            }
            return Ok(node);
        }
    }

    /// Counts the lines before a position, by reading the file again.
    fn line(&self, position: u64) -> Option<u64> {
        let source = File::open(&self.path).ok()?;
        let mut source = BufReader::with_capacity(1 << 16, source.take(position));
        let mut line = 1;
        loop {
            let bytes = source.fill_buf().ok()?;
            if bytes.is_empty() {
                return Some(line);
            }
            line += memchr::memchr_iter(b'\n', bytes).count() as u64;
            let count = bytes.len();
            source.consume(count);
        }
    }
}

fn is_utf8(name: &str) -> bool {
    ["utf-8", "utf8", "us-ascii", "ascii"]
        .iter()
        .any(|known| name.eq_ignore_ascii_case(known))
}

fn element(start: &BytesStart) -> Result<Element, String> {
    let mut attributes = Vec::new();
    for attribute in start.attributes() {
        let attribute = attribute.map_err(|error| error.to_string())?;
        let value = attribute.normalized_value(XmlVersion::Implicit1_0);
        let value = value.map_err(|error| error.to_string())?;
        attributes.push((attribute.key.as_ref().to_owned(), value.into_owned()));
    }
    Ok(Element {
        name: start.local_name().as_ref().to_owned(),
        attributes,
    })
}
