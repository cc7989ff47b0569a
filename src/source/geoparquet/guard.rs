//! What stands between a file and its decoder.
//!
//! The decoder makes room by what a page's header claims, before it looks whether the page can be that long.
//! Headers are therefore looked at here as they are read, and pages once more before they are decoded.

use std::fs::File;
use std::io::{BufReader, Read, Seek, SeekFrom};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use ::parquet::basic::{Encoding, Type as Physical};
use ::parquet::column::page::{Page, PageMetadata, PageReader};
use ::parquet::errors::{ParquetError, Result};
use ::parquet::file::reader::{ChunkReader, Length};
use bytes::Bytes;

/// What the pages under way may have together.
const BUDGET: u64 = 1 << 30;
/// Snappy makes at most 64 bytes of 3; no page is longer by more than this.
const SNAPPY: u64 = 32;
/// More than the beginning of a header that is looked at.
const HEAD: u64 = 32;

/// The bytes of all pages under way.
#[derive(Debug, Default)]
pub(super) struct Budget(AtomicU64);

/// A file for the pages of one column.
pub(super) struct Guard {
    source: Arc<File>,
    snappy: bool,
    budget: Arc<Budget>,
    /// What this column takes of it.
    own: AtomicU64,
}

impl Guard {
    pub fn new(source: &Arc<File>, snappy: bool, budget: &Arc<Budget>) -> Self {
        Self {
            source: Arc::clone(source),
            snappy,
            budget: Arc::clone(budget),
            own: AtomicU64::new(0),
        }
    }

    fn at(&self, start: u64) -> Result<File> {
        let mut source = self.source.try_clone()?;
        source.seek(SeekFrom::Start(start))?;
        Ok(source)
    }

    fn look(&self, start: u64) -> Result<()> {
        let mut head = Vec::new();
        self.at(start)?.take(HEAD).read_to_end(&mut head)?;
        let Some((long, short)) = sizes(&head) else {
            return Err(wrong("a page's header is broken".to_owned()));
        };
        if self.snappy && long > short.saturating_mul(SNAPPY) + SNAPPY {
            return Err(wrong(format!(
                "a page claims to be {long} bytes, packed in {short}"
            )));
        }
        let before = self.own.swap(long, Ordering::Relaxed);
        self.budget.0.fetch_sub(before, Ordering::Relaxed);
        let all = self
            .budget
            .0
            .fetch_add(long, Ordering::Relaxed)
            .saturating_add(long);
        if all > BUDGET {
            return Err(wrong(format!(
                "its pages under way claim {all} bytes, expected at most {BUDGET}"
            )));
        }
        Ok(())
    }
}

impl Length for Guard {
    fn len(&self) -> u64 {
        self.source.metadata().map_or(0, |data| data.len())
    }
}

impl ChunkReader for Guard {
    type T = BufReader<File>;

    /// Is asked for where a page's header begins.
    fn get_read(&self, start: u64) -> Result<BufReader<File>> {
        self.look(start)?;
        Ok(BufReader::new(self.at(start)?))
    }

    fn get_bytes(&self, start: u64, length: usize) -> Result<Bytes> {
        let left = self.len().saturating_sub(start);
        if length as u64 > left {
            return Err(wrong(format!(
                "a page claims {length} bytes, and {left} are left of the file"
            )));
        }
        let mut bytes = Vec::with_capacity(length);
        self.at(start)?
            .take(length as u64)
            .read_to_end(&mut bytes)?;
        if bytes.len() != length {
            return Err(wrong("the file ends within a page".to_owned()));
        }
        Ok(bytes.into())
    }
}

fn wrong(reason: String) -> ParquetError {
    ParquetError::General(reason)
}

/// The first three fields of a page's header (Thrift's compact protocol): its type, how long it is, and how
/// long it is packed.
fn sizes(head: &[u8]) -> Option<(u64, u64)> {
    /// The next field, of 32 bits.
    const FIELD: u8 = 0x15;
    let mut rest = head;
    let mut found = [0; 3];
    for number in &mut found {
        let (tag, after) = rest.split_first()?;
        rest = after;
        if *tag != FIELD {
            return None;
        }
        let mut folded = 0_u64;
        for shift in (0..35).step_by(7) {
            let (byte, after) = rest.split_first()?;
            rest = after;
            folded |= u64::from(byte & 0x7f) << shift;
            if byte & 0x80 == 0 {
                break;
            }
        }
        // Odd ones are negative.
        *number = (folded & 1 == 0).then_some(folded >> 1)?;
    }
    Some((found[1], found[2]))
}

/// Pages that were looked at.
pub(super) struct Pages<R> {
    inner: R,
    physical: Physical,
    /// True where the column's dictionary has come.
    dictionary: bool,
}

impl<R: PageReader> Pages<R> {
    pub fn new(inner: R, physical: Physical) -> Self {
        Self {
            inner,
            physical,
            dictionary: false,
        }
    }

    fn look(&mut self, page: &Page) -> Result<()> {
        let encoding = page.encoding();
        let length = page.buffer().len() as u64;
        let known = matches!(
            encoding,
            Encoding::PLAIN
                | Encoding::PLAIN_DICTIONARY
                | Encoding::RLE_DICTIONARY
                | Encoding::RLE
                | Encoding::DELTA_BINARY_PACKED
                | Encoding::BYTE_STREAM_SPLIT
        );
        // The others make room for as many values as they claim.
        if !known {
            return Err(wrong(format!(
                "its cells are encoded as {encoding}, which is not read: write it again with plain or dictionary encoding"
            )));
        }
        let by_dictionary = matches!(
            encoding,
            Encoding::PLAIN_DICTIONARY | Encoding::RLE_DICTIONARY
        );
        if page.is_data_page() && by_dictionary && !self.dictionary {
            return Err(wrong(
                "a page is written with a dictionary, and there is none".to_owned(),
            ));
        }
        self.dictionary |= page.is_dictionary_page();
        if let Page::DictionaryPage { num_values, .. } = page {
            let least = match self.physical {
                Physical::INT64 | Physical::DOUBLE => 8,
                Physical::BOOLEAN | Physical::FIXED_LEN_BYTE_ARRAY => 1,
                _ => 4,
            };
            if u64::from(*num_values) > length / least {
                return Err(wrong(format!(
                    "a dictionary claims {num_values} values in {length} bytes"
                )));
            }
        }
        Ok(())
    }
}

impl<R: PageReader> Iterator for Pages<R> {
    type Item = Result<Page>;

    fn next(&mut self) -> Option<Result<Page>> {
        self.get_next_page().transpose()
    }
}

impl<R: PageReader> PageReader for Pages<R> {
    fn get_next_page(&mut self) -> Result<Option<Page>> {
        let page = self.inner.get_next_page()?;
        if let Some(page) = &page {
            self.look(page)?;
        }
        Ok(page)
    }

    fn peek_next_page(&mut self) -> Result<Option<PageMetadata>> {
        self.inner.peek_next_page()
    }

    fn skip_next_page(&mut self) -> Result<()> {
        self.inner.skip_next_page()
    }
}

#[cfg(test)]
mod tests {
    use super::sizes;

    #[test]
    fn the_sizes_of_a_page_are_read() {
        // A data page of 300 bytes, packed in 2.
        assert_eq!(
            sizes(&[0x15, 0, 0x15, 0xd8, 4, 0x15, 4, 0x2c]),
            Some((300, 2))
        );
        assert_eq!(
            sizes(&[0x15, 0, 0x15, 0xfe, 0xff, 0xff, 0xff, 0x0f, 0x15, 4]),
            Some((0x7fff_ffff, 2))
        );
        // A negative size, another field, and an end too early.
        assert_eq!(sizes(&[0x15, 0, 0x15, 1, 0x15, 4]), None);
        assert_eq!(sizes(&[0x15, 0, 0x25, 2, 0x15, 4]), None);
        assert_eq!(sizes(&[0x15, 0, 0x15, 0xff]), None);
    }
}
