//! What stands between a file and its decoder.
//!
//! The decoder makes room by what a page's header claims, before it looks whether the page can be that long.
//! Headers are therefore looked at here as they are read, and pages once more before they are decoded.

use std::fs::File;
use std::io::{self, BufReader, Read, Seek, SeekFrom};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use ::parquet::basic::{Compression, Encoding, Type as Physical};
use ::parquet::column::page::{Page, PageMetadata, PageReader};
use ::parquet::errors::{ParquetError, Result};
use ::parquet::file::reader::{ChunkReader, Length};
use ::parquet::schema::types::ColumnDescriptor;
use bytes::Bytes;

/// What the pages under way may have together.
const BUDGET: u64 = 1 << 30;
/// Snappy makes at most 64 bytes of 3; no page is longer by more than this.
const SNAPPY: u64 = 32;
/// Texts of a page whose lengths stand apart from them.
const LENGTHS: u32 = 1 << 24;
/// More than the beginning of a header that is looked at.
const HEAD: u64 = 64;

/// The bytes of all pages under way.
#[derive(Debug, Default)]
pub(super) struct Budget(AtomicU64);

/// A file for the pages of one column.
pub(super) struct Guard {
    source: Arc<File>,
    packed: Compression,
    budget: Arc<Budget>,
    /// What this column takes of it: the bytes that the page under way claims.
    own: AtomicU64,
    /// How many of the page's bytes are not packed.
    plain: AtomicU64,
}

impl Guard {
    pub fn new(source: &Arc<File>, packed: Compression, budget: &Arc<Budget>) -> Self {
        Self {
            source: Arc::clone(source),
            packed,
            budget: Arc::clone(budget),
            own: AtomicU64::new(0),
            plain: AtomicU64::new(0),
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
        let Some(Sizes { long, short, plain }) = sizes(&head) else {
            return Err(wrong("a page's header is broken".to_owned()));
        };
        self.plain.store(plain, Ordering::Relaxed);
        if self.packed == Compression::SNAPPY && long > short.saturating_mul(SNAPPY) + SNAPPY {
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

    /// Refuses a page of Brotli that becomes more than it claims: its decoder would take all that comes, and a few
    /// bytes may become any number.
    fn unpacks(&self, page: &[u8]) -> Result<()> {
        let (long, plain) = (
            self.own.load(Ordering::Relaxed),
            self.plain.load(Ordering::Relaxed),
        );
        let packed = usize::try_from(plain)
            .ok()
            .and_then(|plain| page.get(plain..));
        let (Some(packed), Some(claimed)) = (packed, long.checked_sub(plain)) else {
            return Err(wrong("a page is shorter than its levels".to_owned()));
        };
        if claimed == 0 {
            return Ok(());
        }
        let unpacked = brotli::Decompressor::new(packed, 1 << 12);
        let length = io::copy(&mut unpacked.take(claimed + 1), &mut io::sink())?;
        if length > claimed {
            return Err(wrong(format!(
                "a page claims to be {long} bytes, and is longer"
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
        if matches!(self.packed, Compression::BROTLI(_)) {
            self.unpacks(&bytes)?;
        }
        Ok(bytes.into())
    }
}

fn wrong(reason: String) -> ParquetError {
    ParquetError::General(reason)
}

/// What a page's header says of its bytes.
#[derive(Debug, PartialEq, Eq)]
struct Sizes {
    /// How long it is.
    long: u64,
    /// How long it is packed.
    short: u64,
    /// How many bytes at its start are never packed: the levels of a data page of the second version, or all.
    plain: u64,
}

/// Reads the first fields of a page's header (Thrift's compact protocol): its type, how long it is, and how
/// long it is packed; of a data page of the second version the lengths of its levels too.
fn sizes(head: &[u8]) -> Option<Sizes> {
    /// The type of a data page of the second version.
    const SECOND: i64 = 3;
    /// The next field is false.
    const FALSE: u8 = 0x12;
    let mut rest = head;
    let [kind, long, short] = numbers::<3>(&mut rest)?;
    let [long, short] = [u64::try_from(long).ok()?, u64::try_from(short).ok()?];
    let mut plain = 0;
    if kind == SECOND {
        // A checksum may stand before the page's own header.
        if rest.first() == Some(&FIELD) {
            numbers::<1>(&mut rest)?;
        }
        rest = rest.split_first()?.1;
        // Values, nulls, rows, the encoding, and the lengths of both levels.
        let [_, _, _, _, one, other] = numbers::<6>(&mut rest)?;
        plain = u64::try_from(one).ok()? + u64::try_from(other).ok()?;
        if rest.first() == Some(&FALSE) {
            plain = long;
        }
    }
    Some(Sizes { long, short, plain })
}

/// The next field, of 32 bits.
const FIELD: u8 = 0x15;

/// So many fields of 32 bits that follow each other.
fn numbers<const COUNT: usize>(rest: &mut &[u8]) -> Option<[i64; COUNT]> {
    let mut found = [0; COUNT];
    for number in &mut found {
        let (tag, after) = rest.split_first()?;
        *rest = after;
        if *tag != FIELD {
            return None;
        }
        let folded = varint(rest)?;
        let half = i64::try_from(folded >> 1).ok()?;
        // Odd ones are negative.
        *number = if folded & 1 == 0 { half } else { -half - 1 };
    }
    Some(found)
}

/// A number in bytes of seven bits; of up to 35.
fn varint(rest: &mut &[u8]) -> Option<u64> {
    let mut number = 0_u64;
    for shift in (0..35).step_by(7) {
        let (byte, after) = rest.split_first()?;
        *rest = after;
        number |= u64::from(byte & 0x7f) << shift;
        if byte & 0x80 == 0 {
            break;
        }
    }
    Some(number)
}

/// Pages that were looked at.
pub(super) struct Pages<R> {
    inner: R,
    physical: Physical,
    /// How many kinds of levels stand before the values.
    levels: usize,
    /// True where the column's dictionary has come.
    dictionary: bool,
    /// Values that may come yet.
    left: u64,
}

impl<R: PageReader> Pages<R> {
    pub fn new(inner: R, described: &ColumnDescriptor) -> Self {
        let levels = [described.max_rep_level(), described.max_def_level()];
        Self {
            inner,
            physical: described.physical_type(),
            levels: levels.into_iter().filter(|most| *most > 0).count(),
            dictionary: false,
            left: u64::MAX,
        }
    }

    /// Refuses more values than so many: a row of lists may have any number of them.
    pub fn at_most(self, values: u64) -> Self {
        Self {
            left: values,
            ..self
        }
    }

    /// Refuses a page of lengths that are more than it has values: room is made for as many as it claims.
    fn lengths(&self, page: &Page) -> Result<()> {
        let broken = || wrong("the lengths of a page's texts are broken".to_owned());
        let mut rest = &page.buffer()[..];
        match page {
            Page::DataPageV2 {
                def_levels_byte_len: one,
                rep_levels_byte_len: other,
                ..
            } => {
                let levels = usize::try_from(u64::from(*one) + u64::from(*other))?;
                rest = rest.get(levels..).ok_or_else(broken)?;
            }
            _ => {
                for _ in 0..self.levels {
                    let (length, after) = rest.split_first_chunk().ok_or_else(broken)?;
                    let length = usize::try_from(u32::from_le_bytes(*length))?;
                    rest = after.get(length..).ok_or_else(broken)?;
                }
            }
        }
        // Values in a block, parts of a block, and values in all.
        let [_, _, all] = [varint(&mut rest), varint(&mut rest), varint(&mut rest)];
        let all = all.ok_or_else(broken)?;
        let values = page.num_values();
        if all > u64::from(values) || values > LENGTHS {
            return Err(wrong(format!(
                "a page of texts claims {all} lengths for {values} values, expected at most {LENGTHS}"
            )));
        }
        Ok(())
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
                | Encoding::DELTA_LENGTH_BYTE_ARRAY
        );
        // The others make room for as many values as they claim.
        if !known {
            return Err(wrong(format!(
                "its cells are encoded as {encoding}, which is not read: write it again with plain or dictionary encoding"
            )));
        }
        if encoding == Encoding::DELTA_LENGTH_BYTE_ARRAY {
            self.lengths(page)?;
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
        if page.is_data_page() {
            let left = self.left.checked_sub(page.num_values().into());
            self.left = left.ok_or_else(|| {
                wrong(
                    "a row group has too many positions: write it again with smaller row groups"
                        .to_owned(),
                )
            })?;
        }
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
    use super::{Sizes, sizes};

    #[test]
    fn the_sizes_of_a_page_are_read() {
        let of = |long, short, plain| Some(Sizes { long, short, plain });
        // A data page of 300 bytes, packed in 2.
        assert_eq!(
            sizes(&[0x15, 0, 0x15, 0xd8, 4, 0x15, 4, 0x2c]),
            of(300, 2, 0)
        );
        assert_eq!(
            sizes(&[0x15, 0, 0x15, 0xfe, 0xff, 0xff, 0xff, 0x0f, 0x15, 4]),
            of(0x7fff_ffff, 2, 0)
        );
        // Of the second version, with a checksum, and levels of 3 and 4 bytes.
        let second = [
            0x15, 6, 0x15, 40, 0x15, 30, 0x15, 1, 0x4c, 0x15, 2, 0x15, 0, 0x15, 2, 0x15, 0, 0x15,
            6, 0x15, 8,
        ];
        assert_eq!(sizes(&second), of(20, 15, 7));
        // The same without one, not packed.
        let plain = [
            0x15, 6, 0x15, 40, 0x15, 40, 0x5c, 0x15, 2, 0x15, 0, 0x15, 2, 0x15, 0, 0x15, 6, 0x15,
            8, 0x12,
        ];
        assert_eq!(sizes(&plain), of(20, 20, 20));
        // A negative size, another field, and an end too early.
        assert_eq!(sizes(&[0x15, 0, 0x15, 1, 0x15, 4]), None);
        assert_eq!(sizes(&[0x15, 0, 0x25, 2, 0x15, 4]), None);
        assert_eq!(sizes(&[0x15, 0, 0x15, 0xff]), None);
    }
}
