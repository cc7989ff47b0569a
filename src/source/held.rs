use std::fs::File;
use std::io::{self, BufRead, Read, Seek, SeekFrom};
use std::path::Path;

use super::{SourceError, regular};

/// A file that is open, with its true length: what a header claims is held against it.
///
/// Readers of it keep their own place, so that a source can be read twice at once.
#[derive(Debug)]
pub(super) struct Held {
    /// As it is called in messages.
    pub name: String,
    /// In bytes.
    pub length: u64,
    file: File,
}

impl Held {
    /// Opens a file by its path.
    pub fn open(path: &Path) -> Result<Self, SourceError> {
        let name = path.display().to_string();
        let opened = regular(path).and_then(|file| Self::new(name.clone(), file));
        opened.map_err(|error| io_error(&name, &error))
    }

    /// A file that has no path, or none that is worth naming.
    pub fn new(name: String, file: File) -> io::Result<Self> {
        let length = file.metadata()?.len();
        Ok(Self { name, length, file })
    }

    /// Reads from a place on. Not buffered.
    pub fn from(&self, at: u64) -> Reading<'_> {
        Reading { held: self, at }
    }

    /// Reads so many bytes at a place, or fewer at the end.
    pub fn bytes(&self, at: u64, count: u64) -> Result<Vec<u8>, SourceError> {
        let mut bytes = Vec::new();
        let read = self.from(at).take(count).read_to_end(&mut bytes);
        read.map_err(|error| self.io(&error))?;
        Ok(bytes)
    }

    /// What the system says of it, as an error.
    pub fn io(&self, error: &io::Error) -> SourceError {
        io_error(&self.name, error)
    }

    /// What is wrong with it, as an error.
    pub fn broken(&self, reason: impl Into<String>) -> SourceError {
        broken(&self.name, reason)
    }

    /// What of it is not read, as an error.
    pub fn unsupported(&self, reason: impl Into<String>) -> SourceError {
        SourceError::Unsupported {
            file: self.name.clone(),
            reason: reason.into(),
        }
    }
}

fn io_error(name: &str, error: &io::Error) -> SourceError {
    SourceError::Io {
        file: name.to_owned(),
        reason: error.to_string(),
    }
}

fn broken(name: &str, reason: impl Into<String>) -> SourceError {
    SourceError::Broken {
        file: name.to_owned(),
        reason: reason.into(),
    }
}

/// A reader of a [`Held`] with its own place.
#[derive(Debug, Clone)]
pub(super) struct Reading<'a> {
    held: &'a Held,
    at: u64,
}

impl Read for Reading<'_> {
    #[cfg(unix)]
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let count = std::os::unix::fs::FileExt::read_at(&self.held.file, into, self.at)?;
        self.at = self.at.saturating_add(count as u64);
        Ok(count)
    }

    #[cfg(windows)]
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let count = std::os::windows::fs::FileExt::seek_read(&self.held.file, into, self.at)?;
        self.at = self.at.saturating_add(count as u64);
        Ok(count)
    }
}

impl Seek for Reading<'_> {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        let at = match to {
            SeekFrom::Start(at) => Some(at),
            SeekFrom::End(by) => self.held.length.checked_add_signed(by),
            SeekFrom::Current(by) => self.at.checked_add_signed(by),
        };
        self.at = at.ok_or_else(|| io::Error::from(io::ErrorKind::InvalidInput))?;
        Ok(self.at)
    }
}

/// The longest record of a text format. One that seems longer is a quote or a tag that is not closed.
pub(super) const LONGEST: u64 = 64 << 20;

/// Fails where more than [`LONGEST`] bytes pass without a [`Meter::reset`]: a parser that looks for an
/// end that never comes would take all memory.
#[derive(Debug)]
pub(super) struct Meter<R> {
    inner: R,
    since: u64,
    total: u64,
}

impl<R> Meter<R> {
    pub fn new(inner: R) -> Self {
        Self {
            inner,
            since: 0,
            total: 0,
        }
    }

    /// A record has come to its end.
    pub fn reset(&mut self) {
        self.since = 0;
    }

    /// True where the record is too long.
    pub fn is_over(&self) -> bool {
        self.since > LONGEST
    }

    /// Bytes that have passed.
    pub fn total(&self) -> u64 {
        self.total
    }

    fn count(&mut self, bytes: usize) {
        self.since = self.since.saturating_add(bytes as u64);
        self.total = self.total.saturating_add(bytes as u64);
    }

    fn check(&self) -> io::Result<()> {
        if self.is_over() {
            let limit = LONGEST >> 20;
            return Err(io::Error::other(format!(
                "it is longer than {limit} MiB (is a quote or a tag not closed?)"
            )));
        }
        Ok(())
    }
}

impl<R: Read> Read for Meter<R> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        self.check()?;
        let count = self.inner.read(into)?;
        self.count(count);
        Ok(count)
    }
}

impl<R: BufRead> BufRead for Meter<R> {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        self.check()?;
        self.inner.fill_buf()
    }

    fn consume(&mut self, count: usize) {
        self.count(count);
        self.inner.consume(count);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_record_without_an_end_stops() {
        let mut meter = Meter::new(io::BufReader::new(io::repeat(b'x')));
        let mut record = Vec::new();
        let read = (&mut meter).take(LONGEST).read_to_end(&mut record);
        assert_eq!(read.expect("within the limit") as u64, LONGEST);
        meter.reset();
        record.clear();
        let error = meter.read_until(b'\n', &mut record).expect_err("no end");
        assert!(error.to_string().contains("64 MiB"), "{error}");
        assert!(record.len() as u64 <= LONGEST + (1 << 20));
    }

    #[test]
    fn readers_keep_their_own_place() {
        use std::io::Write;
        let mut file = tempfile::tempfile().expect("a file");
        file.write_all(b"abcdef").expect("written");
        let held = Held::new("letters".to_owned(), file).expect("held");
        let (mut first, mut second) = (held.from(0), held.from(3));
        let mut two = [0; 2];
        first.read_exact(&mut two).expect("two");
        assert_eq!(&two, b"ab");
        second.read_exact(&mut two).expect("two");
        assert_eq!(&two, b"de");
        first.seek(SeekFrom::End(-1)).expect("a place");
        assert_eq!(first.read(&mut two).expect("one"), 1);
        assert_eq!(two[0], b'f');
        assert!(first.seek(SeekFrom::Current(-9)).is_err());
        assert_eq!(held.bytes(4, u64::MAX).expect("the rest"), b"ef");
    }
}
