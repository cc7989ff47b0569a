use std::cell::Cell;
use std::io::{self, Read};

use sha2::{Digest, Sha256};

/// A file read piece by piece; each byte enters the digest once, on its way.
pub(super) struct Chunks<'a> {
    source: Box<dyn Read>,
    size: usize,
    digest: &'a mut Sha256,
    /// Bytes read so far.
    count: &'a Cell<u64>,
}

impl<'a> Chunks<'a> {
    pub fn new(
        source: Box<dyn Read>,
        size: usize,
        digest: &'a mut Sha256,
        count: &'a Cell<u64>,
    ) -> Self {
        Self {
            source,
            size,
            digest,
            count,
        }
    }

    /// Appends the next chunk; false at the end of the file.
    pub fn more(&mut self, into: &mut Vec<u8>) -> io::Result<bool> {
        let start = into.len();
        into.reserve(self.size);
        let count = (&mut self.source)
            .take(self.size as u64)
            .read_to_end(into)?;
        self.digest.update(&into[start..]);
        self.count.set(self.count.get() + count as u64);
        Ok(count > 0)
    }
}
