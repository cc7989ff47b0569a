//! Finds where features begin and end in a file that is read in chunks.
//!
//! Nothing is parsed here but the few members around the features, and of a feature only quotes and
//! braces are looked at: this is the part of the work that one thread has to do alone. Whether
//! what lies between two borders is JSON is seen by whoever reads it.

use std::io;
use std::ops::Range;

use memchr::{memchr, memchr_iter, memchr2, memchr3};
use serde_json::Value as Json;

use super::chunks::Chunks;
use super::held::LONGEST;
use super::skim::Skim;

/// Windows programs put it before UTF-8; no format here needs one.
pub(crate) const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";
/// Stands before each record of a GeoJSON text sequence (RFC 8142).
const RECORD_SEPARATOR: u8 = 0x1e;
/// How much of a file's start is kept for a message about it.
const HEAD: usize = 4096;

/// Whole records of a file, for one thread.
#[derive(Debug, Default)]
pub(crate) struct Batch {
    /// Batches before this one.
    pub number: usize,
    /// Records before this one's.
    pub first: usize,
    pub bytes: Vec<u8>,
    /// Where each record lies in `bytes`.
    pub records: Vec<Range<usize>>,
    /// One per record in a format of lines, else empty.
    pub lines: Vec<usize>,
    /// True where no batch follows.
    pub last: bool,
}

/// Why a file was not read to its end.
#[derive(Debug)]
pub(crate) enum Stop {
    /// The system could not read on.
    Io(io::Error),
    /// Somewhere it is not JSON, or it is no object.
    Broken,
    /// For a reason that its reader tells, by a check.
    Said(&'static str, String),
    /// It has two arrays of features: readers differ in which of them they believe.
    Twice,
}

impl From<io::Error> for Stop {
    fn from(error: io::Error) -> Self {
        Self::Io(error)
    }
}

/// What stands around the features of a feature collection.
#[derive(Debug, Default)]
pub(crate) struct Document {
    pub kind: Option<Json>,
    pub crs: Option<Json>,
    /// True where `features` is an array.
    pub has_features: bool,
    /// The start of the file.
    pub head: Vec<u8>,
}

/// The window of a file that is looked at, and the records in it.
pub(crate) struct Splitter<'a, 'h> {
    chunks: Chunks<'a>,
    hand_over: &'h mut dyn FnMut(Batch) -> Result<(), Stop>,
    buffer: Vec<u8>,
    /// What comes next.
    at: usize,
    /// Where the value under way begins: what lies before it is no longer needed here.
    start: usize,
    batch: Batch,
    head: Vec<u8>,
}

impl<'a, 'h> Splitter<'a, 'h> {
    /// Of a file whose next bytes are in the buffer already.
    pub fn new(
        chunks: Chunks<'a>,
        buffer: Vec<u8>,
        hand_over: &'h mut dyn FnMut(Batch) -> Result<(), Stop>,
    ) -> Self {
        Self {
            chunks,
            hand_over,
            buffer,
            at: 0,
            start: 0,
            batch: Batch::default(),
            head: Vec::new(),
        }
    }

    /// Splits a feature collection; its members may come in any order.
    pub fn collection(mut self) -> Result<Document, Stop> {
        let mut document = Document::default();
        self.byte_order_mark()?;
        self.expect(b'{')?;
        let mut twice = false;
        let mut first = true;
        while self.follows(b'}', first)? {
            first = false;
            let key = self.value()?;
            let key: String = parsed(&self.buffer[key])?;
            self.expect(b':')?;
            if key == "features" && self.peek()? == Some(b'[') {
                twice |= std::mem::replace(&mut document.has_features, true);
                self.features()?;
                continue;
            }
            self.peek()?;
            let value = self.value()?;
            let value = &self.buffer[value];
            match key.as_str() {
                "type" => document.kind = Some(parsed(value)?),
                "crs" => document.crs = Some(parsed(value)?),
                _ => {
                    document.has_features &= key != "features";
                    parsed::<Skim>(value)?;
                }
            }
        }
        if self.peek()?.is_some() {
            return Err(Stop::Broken);
        }
        self.finish()?;
        if twice {
            return Err(Stop::Twice);
        }
        document.head = self.head;
        Ok(document)
    }

    /// Splits newline-delimited GeoJSON, or a GeoJSON text sequence (RFC 8142): one feature per
    /// record, blank ones left out.
    pub fn records(mut self) -> Result<(), Stop> {
        self.byte_order_mark()?;
        let mut line = 1;
        let separator = loop {
            match self.buffer.get(self.at) {
                Some(b' ' | b'\t' | b'\r') => self.at += 1,
                Some(b'\n') => {
                    self.at += 1;
                    line += 1;
                }
                Some(&RECORD_SEPARATOR) => break RECORD_SEPARATOR,
                Some(_) => break b'\n',
                None => {
                    self.start = self.at;
                    if !self.more()? {
                        break b'\n';
                    }
                }
            }
        };
        loop {
            self.start = self.at;
            let mut more = true;
            while let rest = &self.buffer[self.at..]
                && more
            {
                if let Some(length) = memchr(separator, rest) {
                    self.at += length;
                    break;
                }
                self.at = self.buffer.len();
                more = self.more()?;
            }
            let raw = &self.buffer[self.start..self.at];
            let record = raw.trim_ascii();
            if !record.is_empty() {
                let from = self.start + (raw.len() - raw.trim_ascii_start().len());
                self.batch
                    .lines
                    .push(line + newlines(&self.buffer[self.start..from]));
                self.batch.records.push(from..from + record.len());
            }
            if !more {
                return self.finish();
            }
            self.at += 1;
            line += newlines(&self.buffer[self.start..self.at]);
        }
    }

    /// Takes so many bytes; none where the file has fewer.
    pub fn bytes(&mut self, count: usize) -> Result<Option<&[u8]>, Stop> {
        if !self.holds(count)? {
            return Ok(None);
        }
        self.at += count;
        Ok(Some(&self.buffer[self.at - count..self.at]))
    }

    /// The length that stands before the next record, not yet taken; none where the file ends.
    pub fn length(&mut self) -> Result<Option<usize>, Stop> {
        if !self.holds(4)? {
            return Ok(None);
        }
        let length = self.buffer[self.at..].first_chunk().copied();
        Ok(length.map(|length| u32::from_le_bytes(length) as usize))
    }

    /// Passes over bytes; false where the file has fewer.
    pub fn skip(&mut self, mut count: u64) -> Result<bool, Stop> {
        loop {
            let held = (self.buffer.len() - self.at) as u64;
            if held >= count {
                self.at += usize::try_from(count).unwrap_or_default();
                return Ok(true);
            }
            count -= held;
            self.at = self.buffer.len();
            self.start = self.at;
            if !self.more()? {
                return Ok(false);
            }
        }
    }

    /// Splits records that have their lengths before them; how many there are.
    pub fn sized(mut self) -> Result<usize, Stop> {
        let cut = || {
            Stop::Said(
                "syntax",
                "the file ends too early (is it cut short?)".to_owned(),
            )
        };
        loop {
            let Some(length) = self.length()? else {
                if self.at < self.buffer.len() {
                    return Err(cut());
                }
                let count = self.batch.first + self.batch.records.len();
                self.finish()?;
                return Ok(count);
            };
            if !self.holds(4 + length)? {
                return Err(cut());
            }
            self.batch.records.push(self.at..self.at + 4 + length);
            self.at += 4 + length;
        }
    }

    /// What was not taken, for another splitter.
    pub fn untaken(mut self) -> (Chunks<'a>, Vec<u8>) {
        (self.chunks, self.buffer.split_off(self.at))
    }

    /// True where the file has so many bytes more, which are in the buffer then.
    fn holds(&mut self, count: usize) -> Result<bool, Stop> {
        self.start = self.at;
        while self.buffer.len() - self.at < count {
            if !self.more()? {
                return Ok(false);
            }
        }
        Ok(true)
    }

    fn features(&mut self) -> Result<(), Stop> {
        self.expect(b'[')?;
        let mut first = true;
        while self.follows(b']', first)? {
            first = false;
            let feature = self.value()?;
            self.batch.records.push(feature);
        }
        Ok(())
    }

    /// True where a list goes on, and its comma is behind.
    fn follows(&mut self, end: u8, first: bool) -> Result<bool, Stop> {
        match self.peek()? {
            Some(byte) if byte == end => {
                self.at += 1;
                Ok(false)
            }
            Some(b',') if !first => {
                self.at += 1;
                // Broken is also what ends behind its comma.
                match self.peek()? {
                    Some(byte) if byte != end => Ok(true),
                    _ => Err(Stop::Broken),
                }
            }
            Some(_) if first => Ok(true),
            _ => Err(Stop::Broken),
        }
    }

    fn expect(&mut self, byte: u8) -> Result<(), Stop> {
        if self.peek()? != Some(byte) {
            return Err(Stop::Broken);
        }
        self.at += 1;
        Ok(())
    }

    /// The next byte that is no whitespace, not yet taken.
    fn peek(&mut self) -> Result<Option<u8>, Stop> {
        loop {
            while let Some(byte) = self.buffer.get(self.at) {
                if !matches!(byte, b' ' | b'\t' | b'\n' | b'\r') {
                    return Ok(Some(*byte));
                }
                self.at += 1;
            }
            self.start = self.at;
            if !self.more()? {
                return Ok(None);
            }
        }
    }

    /// Takes a value, which is in the buffer as a whole then.
    fn value(&mut self) -> Result<Range<usize>, Stop> {
        self.start = self.at;
        match self.buffer.get(self.at) {
            Some(b'{') => self.object()?,
            Some(b'[') => self.array()?,
            Some(b'"') => self.string()?,
            _ => self.word()?,
        }
        if self.start == self.at {
            return Err(Stop::Broken);
        }
        Ok(self.start..self.at)
    }

    /// Brackets need no look: an array in an object that lacks its end is seen by its reader.
    fn object(&mut self) -> Result<(), Stop> {
        let mut depth = 0_usize;
        loop {
            let rest = &self.buffer[self.at..];
            let Some(offset) = memchr3(b'"', b'{', b'}', rest) else {
                self.rest()?;
                continue;
            };
            let byte = rest[offset];
            self.at += offset;
            match byte {
                b'"' => self.string()?,
                b'{' => {
                    depth += 1;
                    self.at += 1;
                }
                _ => {
                    depth -= 1;
                    self.at += 1;
                    if depth == 0 {
                        return Ok(());
                    }
                }
            }
        }
    }

    fn array(&mut self) -> Result<(), Stop> {
        let mut depth = 0_usize;
        loop {
            let Some(byte) = self.buffer.get(self.at) else {
                self.rest()?;
                continue;
            };
            match byte {
                b'"' => {
                    self.string()?;
                    continue;
                }
                b'[' | b'{' => depth += 1,
                b']' | b'}' => depth -= 1,
                _ => {}
            }
            self.at += 1;
            if depth == 0 {
                return Ok(());
            }
        }
    }

    fn string(&mut self) -> Result<(), Stop> {
        self.at += 1;
        loop {
            let rest = &self.buffer[self.at..];
            let Some(offset) = memchr2(b'"', b'\\', rest) else {
                self.rest()?;
                continue;
            };
            let escaped = rest[offset] == b'\\';
            self.at += offset + 1;
            if !escaped {
                return Ok(());
            }
            if self.at == self.buffer.len() {
                self.rest()?;
            }
            self.at += 1;
        }
    }

    /// A number, `true`, `false`, `null`, or what is none of them.
    fn word(&mut self) -> Result<(), Stop> {
        let ends = |byte: &u8| {
            matches!(
                byte,
                b',' | b']' | b'}' | b':' | b' ' | b'\t' | b'\n' | b'\r'
            )
        };
        loop {
            if let Some(length) = self.buffer[self.at..].iter().position(ends) {
                self.at += length;
                return Ok(());
            }
            self.at = self.buffer.len();
            if !self.more()? {
                return Ok(());
            }
        }
    }

    /// The buffer holds no more of the value under way, and the file must.
    fn rest(&mut self) -> Result<(), Stop> {
        self.at = self.buffer.len();
        if self.more()? {
            Ok(())
        } else {
            Err(Stop::Broken)
        }
    }

    /// Hands over what is complete, and reads the next chunk behind what is not. False at the end
    /// of the file.
    fn more(&mut self) -> Result<bool, Stop> {
        if self.batch.records.is_empty() {
            self.buffer.drain(..self.start);
        } else {
            let rest = self.buffer.split_off(self.start);
            let bytes = std::mem::replace(&mut self.buffer, rest);
            self.emit(bytes, false)?;
        }
        self.at -= self.start;
        self.start = 0;
        // What is under way is in memory as a whole, and its reader takes a multiple of it.
        if self.buffer.len() as u64 > LONGEST {
            let (before, limit) = (self.batch.first, LONGEST >> 20);
            return Err(Stop::Said(
                "syntax",
                format!(
                    "what follows record {before} is longer than {limit} MiB (is a quote or a bracket not closed?)"
                ),
            ));
        }
        let before = self.buffer.len();
        let more = self.chunks.more(&mut self.buffer)?;
        let wanted = HEAD.saturating_sub(self.head.len());
        self.head.extend(self.buffer[before..].iter().take(wanted));
        Ok(more)
    }

    fn finish(&mut self) -> Result<(), Stop> {
        let bytes = std::mem::take(&mut self.buffer);
        self.emit(bytes, true)
    }

    fn emit(&mut self, bytes: Vec<u8>, last: bool) -> Result<(), Stop> {
        let next = Batch {
            number: self.batch.number + 1,
            first: self.batch.first + self.batch.records.len(),
            ..Batch::default()
        };
        let batch = std::mem::replace(&mut self.batch, next);
        (self.hand_over)(Batch {
            bytes,
            last,
            ..batch
        })
    }

    fn byte_order_mark(&mut self) -> Result<(), Stop> {
        while self.buffer.len() < BYTE_ORDER_MARK.len() && self.more()? {}
        if self.buffer.starts_with(BYTE_ORDER_MARK) {
            self.at = BYTE_ORDER_MARK.len();
        }
        self.start = self.at;
        Ok(())
    }
}

fn newlines(bytes: &[u8]) -> usize {
    memchr_iter(b'\n', bytes).count()
}

fn parsed<T: serde::de::DeserializeOwned>(bytes: &[u8]) -> Result<T, Stop> {
    serde_json::from_slice(bytes).map_err(|_| Stop::Broken)
}
