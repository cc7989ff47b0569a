use std::cell::Cell;
use std::io::{self, Read};

/// A file read piece by piece.
pub(crate) struct Chunks<'a> {
    source: Box<dyn Read + 'a>,
    size: usize,
    /// Bytes read so far.
    count: &'a Cell<u64>,
}

impl<'a> Chunks<'a> {
    pub fn new(source: Box<dyn Read + 'a>, size: usize, count: &'a Cell<u64>) -> Self {
        Self {
            source,
            size,
            count,
        }
    }

    /// Appends the next chunk; false at the end of the file.
    pub fn more(&mut self, into: &mut Vec<u8>) -> io::Result<bool> {
        into.reserve(self.size);
        let count = (&mut self.source)
            .take(self.size as u64)
            .read_to_end(into)?;
        self.count.set(self.count.get() + count as u64);
        Ok(count > 0)
    }
}
