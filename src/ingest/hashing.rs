use std::io::{self, Read};

use sha2::{Digest, Sha256};

/// A file, each byte of which enters the digest once, on its way.
pub(super) struct Hashing<'a> {
    pub source: Box<dyn Read>,
    pub digest: &'a mut Sha256,
}

impl Read for Hashing<'_> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let count = self.source.read(into)?;
        self.digest.update(&into[..count]);
        Ok(count)
    }
}
