use std::fs::File;
use std::io::{BufRead, BufReader, Read};
use std::path::{Path, PathBuf};

use encoding_rs::Encoding;
use quick_xml::Reader;
use quick_xml::XmlVersion;
use quick_xml::escape::resolve_xml_entity;
use quick_xml::events::{BytesStart, Event};

use super::SourceError;
use crate::source::charset::Charset;
use crate::source::decoding::Decoded;
use crate::source::encoding::named;
use crate::source::held::{LONGEST, Meter};

/// Elements in elements.
const DEEPEST: usize = 256;

/// A file of XML, read element by element.
///
/// A document type may declare entities, which may stand for more of them; none of it is believed, so nothing
/// can grow: a reference to anything but XML's own five is refused.
pub(super) struct Xml {
    reader: Reader<Meter<BufReader<Box<dyn Read>>>>,
    /// Of the file; none where it is in UTF-8.
    encoding: Option<&'static Encoding>,
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
        let io = |error: std::io::Error| SourceError::Io {
            file: path.display().to_string(),
            reason: format!("cannot be read: {error}"),
        };
        let encoding = encoding(path).map_err(io)?;
        let source = source(path, encoding).map_err(io)?;
        let source = BufReader::with_capacity(1 << 16, source);
        let mut reader = Reader::from_reader(Meter::new(source));
        reader.config_mut().expand_empty_elements = true;
        Ok(Self {
            reader,
            encoding,
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

    /// A record has come to its end, and the next may be as long as one may be.
    pub fn rest(&mut self) {
        self.reader.get_mut().reset();
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
                Err(quick_xml::Error::Io(_)) if self.reader.get_ref().is_over() => {
                    let limit = LONGEST >> 20;
                    let within = self.open.last().map_or("", String::as_str);
                    return Err(self.broken(&format!(
                        "a placemark or another element in {within} is longer than {limit} MiB (is a tag not closed?)"
                    )));
                }
                Err(error) => {
                    let position = self.reader.error_position();
                    let hint = match error {
                        quick_xml::Error::Encoding(_) => {
                            " (it is not in UTF-8: an XML declaration such as <?xml version=\"1.0\" encoding=\"GBK\"?> has to tell the encoding)"
                        }
                        _ => "",
                    };
                    return Err(self.broken_at(position, &format!("is not XML: {error}{hint}")));
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
                    Some(Ok(name)) if self.encoding.is_none() && !is_utf8(&name) => {
                        let reason =
                            format!("its encoding {name} is not known: convert it to UTF-8");
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
        let source = source(&self.path, self.encoding).ok()?;
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

/// The bytes of a file, in UTF-8.
fn source(path: &Path, encoding: Option<&'static Encoding>) -> std::io::Result<Box<dyn Read>> {
    let file = File::open(path)?;
    Ok(match encoding {
        None => Box::new(file),
        Some(encoding) => Box::new(Decoded::new(file, encoding)),
    })
}

/// The encoding by the mark that a file begins with, or by its XML declaration; none of UTF-8, and of a name that
/// is not known.
fn encoding(path: &Path) -> std::io::Result<Option<&'static Encoding>> {
    const DECLARATION: u64 = 256;
    let mut head = Vec::new();
    File::open(path)?.take(DECLARATION).read_to_end(&mut head)?;
    if let Some((marked, _)) = Encoding::for_bom(&head) {
        return Ok(Some(marked).filter(|marked| *marked != encoding_rs::UTF_8));
    }
    let head = String::from_utf8_lossy(&head);
    let declared = head
        .strip_prefix("<?xml")
        .and_then(|rest| rest.split_once("?>"));
    let name = declared.and_then(|(declared, _)| {
        let (_, rest) = declared.split_once("encoding")?;
        let rest = rest.trim_start().strip_prefix('=')?.trim_start();
        let quote = rest
            .chars()
            .next()
            .filter(|quote| ['"', '\''].contains(quote))?;
        rest[1..].split(quote).next()
    });
    let found = name
        .filter(|name| !is_utf8(name))
        .and_then(named)
        .and_then(Charset::web);
    Ok(found.filter(|found| *found != encoding_rs::UTF_8))
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
