//! The `.shp` of a shapefile and its `.shx` ("ESRI Shapefile Technical Description", 1998).
//!
//! The index is followed where it is there: a file that was edited may have records that nothing leads
//! to any more. Lengths are held against the bytes that are there before anything is read.

use std::io::{BufReader, Read};

use super::super::SourceError;
use super::super::held::{Held, Reading};
use super::shape::{Kind, MULTIPATCH, Shape, kind, shape};

/// Both files begin with so many bytes about themselves.
const HEAD: u64 = 100;
const MAGIC: i32 = 9994;
const VERSION: i32 = 1000;
/// Of a record in `.shp`: its number, and its length in units of two bytes.
const RECORD_HEAD: u64 = 8;
/// Of a record in `.shx`: where it is, and its length.
const ENTRY: u64 = 8;

/// The shapes of a file.
#[derive(Debug)]
pub(super) struct Shapes {
    shp: Held,
    shx: Option<Held>,
    kind: Kind,
    /// Where the records end, by the header.
    end: u64,
    /// How many there are, seen and not only claimed.
    pub count: u64,
}

impl Shapes {
    /// Reads the headers; without an index goes from record to record once, to count them.
    pub fn open(
        shp: Held,
        shx: Option<Held>,
        notes: &mut Vec<String>,
    ) -> Result<Self, SourceError> {
        let (code, end) = head(&shp)?;
        let (kind, _) = kind(code).map_err(|reason| {
            if code == MULTIPATCH {
                shp.unsupported(reason)
            } else {
                shp.broken(format!("its header is broken: {reason}"))
            }
        })?;
        if end < shp.length {
            let rest = shp.length - end;
            notes.push(format!(
                "{rest} bytes after the end that the .shp tells are not read"
            ));
        }
        let indexed = match &shx {
            None => {
                notes.push(
                    "there is no .shx: the records are read in the order of the .shp".to_owned(),
                );
                None
            }
            Some(shx) => Some(entries(shx)?),
        };
        let mut shapes = Self {
            shp,
            shx,
            kind,
            end,
            count: 0,
        };
        shapes.count = match indexed {
            Some(count) => count,
            None => shapes.counted()?,
        };
        Ok(shapes)
    }

    /// Bytes of the `.shp`.
    pub fn length(&self) -> u64 {
        self.shp.length
    }

    /// All shapes, from the first.
    pub fn records(&self) -> Records<'_> {
        let buffered = |held| BufReader::with_capacity(1 << 16, held);
        Records {
            shapes: self,
            shp: buffered(self.shp.from(HEAD)),
            at: HEAD,
            index: self.shx.as_ref().map(|shx| buffered(shx.from(HEAD))),
            content: Vec::new(),
        }
    }

    fn counted(&self) -> Result<u64, SourceError> {
        let mut records = self.records();
        let mut count = 0;
        while records.at < self.end {
            let length = records.record_head()?.map_err(|reason| {
                let number = count + 1;
                self.shp.broken(format!("record {number}: {reason}"))
            })?;
            records.go(records.at + length)?;
            count += 1;
        }
        Ok(count)
    }
}

/// The type of all shapes and the length in bytes, of either file.
fn head(held: &Held) -> Result<(i32, u64), SourceError> {
    let bytes = held.bytes(0, HEAD)?;
    let Some(first) = bytes.first_chunk::<100>() else {
        let length = held.length;
        return Err(held.broken(format!(
            "expected a header of {HEAD} bytes, found {length} bytes (is the file cut short?)"
        )));
    };
    let magic = big(first, 0);
    let version = little(first, 28);
    if magic != MAGIC || version != VERSION {
        return Err(held.broken(format!(
            "is no part of a shapefile: expected {MAGIC} and {VERSION} in its header, found {magic} and {version}"
        )));
    }
    let length = bytes_of(big(first, 24));
    if length > held.length {
        let have = held.length;
        return Err(held.broken(format!(
            "its header tells of {length} bytes, and it has {have} (is the file cut short?)"
        )));
    }
    if length < HEAD {
        return Err(held.broken(format!(
            "its header tells of {length} bytes, fewer than the header has"
        )));
    }
    Ok((little(first, 32), length))
}

/// How many records an index has.
fn entries(shx: &Held) -> Result<u64, SourceError> {
    let (_, length) = head(shx)?;
    let bytes = length - HEAD;
    if !bytes.is_multiple_of(ENTRY) {
        return Err(shx.broken(format!(
            "expected entries of {ENTRY} bytes after the header, found {bytes} bytes (is the file cut short?)"
        )));
    }
    Ok(bytes / ENTRY)
}

fn big(bytes: &[u8; 100], at: usize) -> i32 {
    i32::from_be_bytes([bytes[at], bytes[at + 1], bytes[at + 2], bytes[at + 3]])
}

fn little(bytes: &[u8; 100], at: usize) -> i32 {
    i32::from_le_bytes([bytes[at], bytes[at + 1], bytes[at + 2], bytes[at + 3]])
}

/// Of a number of units of two bytes. Files beyond 4 GiB have numbers that look negative.
fn bytes_of(words: i32) -> u64 {
    u64::from(words.cast_unsigned()) * 2
}

/// Reads shape after shape.
pub(super) struct Records<'a> {
    shapes: &'a Shapes,
    shp: BufReader<Reading<'a>>,
    /// Where `shp` is.
    at: u64,
    index: Option<BufReader<Reading<'a>>>,
    content: Vec<u8>,
}

impl Records<'_> {
    /// Where the reading is, in bytes of the `.shp`.
    pub fn at(&self) -> u64 {
        self.at
    }

    /// The next shape; call it as often as there are records. A shape that cannot be read is an error of
    /// its own where the index leads to the next one, and else the end.
    pub fn next(&mut self) -> Result<Shape, SourceError> {
        if let Some(index) = &mut self.index {
            let mut entry = [0; 8];
            index
                .read_exact(&mut entry)
                .map_err(|error| self.shapes.shp.io(&error))?;
            let [a, b, c, d, ..] = entry;
            let at = bytes_of(i32::from_be_bytes([a, b, c, d]));
            if at < HEAD || at.saturating_add(RECORD_HEAD) > self.shapes.end {
                let end = self.shapes.end;
                return Ok(Err(format!(
                    "the .shx says that it begins at byte {at}, and the .shp has {end} bytes"
                )));
            }
            self.go(at)?;
        }
        let length = match self.record_head()? {
            Ok(length) => length,
            Err(reason) if self.index.is_some() => return Ok(Err(reason)),
            Err(reason) => return Err(self.shapes.shp.broken(reason)),
        };
        self.content.clear();
        let read = (&mut self.shp).take(length).read_to_end(&mut self.content);
        let read = read.map_err(|error| self.shapes.shp.io(&error))? as u64;
        self.at += read;
        if read < length {
            return Err(self.shapes.shp.broken("the file ends within a record"));
        }
        Ok(shape(&self.content, self.shapes.kind))
    }

    /// The length of the record that begins here, its content next.
    fn record_head(&mut self) -> Result<Result<u64, String>, SourceError> {
        let end = self.shapes.end;
        let left = end.saturating_sub(self.at);
        if left < RECORD_HEAD {
            return Ok(Err(format!(
                "expected a record at byte {}, found the end at byte {end} (is the file cut short?)",
                self.at
            )));
        }
        let mut head = [0; 8];
        self.shp
            .read_exact(&mut head)
            .map_err(|error| self.shapes.shp.io(&error))?;
        self.at += RECORD_HEAD;
        let [.., a, b, c, d] = head;
        let length = bytes_of(i32::from_be_bytes([a, b, c, d]));
        let left = left - RECORD_HEAD;
        if length > left {
            return Ok(Err(format!(
                "it claims {length} bytes, and {left} are left (is the file cut short?)"
            )));
        }
        Ok(Ok(length))
    }

    /// To a byte; what is near is in the buffer already.
    fn go(&mut self, to: u64) -> Result<(), SourceError> {
        let by = i128::from(to) - i128::from(self.at);
        let by = i64::try_from(by).map_err(|_| self.shapes.shp.broken("its index is broken"))?;
        self.shp
            .seek_relative(by)
            .map_err(|error| self.shapes.shp.io(&error))?;
        self.at = to;
        Ok(())
    }
}
