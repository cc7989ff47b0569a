use std::io::{self, Read};

use encoding_rs::{Decoder, DecoderResult, Encoding};

/// Bytes that are decoded at once.
const PIECE: usize = 1 << 14;

/// A text in another encoding read as UTF-8; what is malformed is an error, with its place.
pub(super) struct Decoded<R> {
    inner: R,
    encoding: &'static Encoding,
    decoder: Decoder,
    /// Read and not yet decoded, from `at` on.
    raw: Vec<u8>,
    at: usize,
    ended: bool,
    /// Decoded and not yet given, from `given` on.
    text: Vec<u8>,
    given: usize,
    /// Bytes decoded.
    total: u64,
}

impl<R: Read> Decoded<R> {
    pub fn new(inner: R, encoding: &'static Encoding) -> Self {
        Self {
            inner,
            encoding,
            decoder: encoding.new_decoder_without_bom_handling(),
            raw: Vec::new(),
            at: 0,
            ended: false,
            text: Vec::new(),
            given: 0,
            total: 0,
        }
    }

    /// Decodes the next piece; nothing comes at the end.
    fn fill(&mut self) -> io::Result<()> {
        self.text.clear();
        self.given = 0;
        while self.text.is_empty() {
            if self.at == self.raw.len() {
                if self.ended {
                    return Ok(());
                }
                self.raw.resize(PIECE, 0);
                let count = self.inner.read(&mut self.raw)?;
                self.raw.truncate(count);
                self.at = 0;
                self.ended = count == 0;
            }
            // What does not fit is decoded the next time.
            let mut out = vec![0; 2 * PIECE];
            let (result, read, written) = self.decoder.decode_to_utf8_without_replacement(
                &self.raw[self.at..],
                &mut out,
                self.ended,
            );
            self.at += read;
            self.total += read as u64;
            if let DecoderResult::Malformed(..) = result {
                let (place, encoding) = (self.total, self.encoding.name());
                return Err(io::Error::other(format!(
                    "expected {encoding}, found half a character before byte {place}"
                )));
            }
            out.truncate(written);
            self.text = out;
        }
        Ok(())
    }
}

impl<R: Read> Read for Decoded<R> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        if self.given == self.text.len() {
            self.fill()?;
        }
        let rest = &self.text[self.given..];
        let count = rest.len().min(into.len());
        into[..count].copy_from_slice(&rest[..count]);
        self.given += count;
        Ok(count)
    }
}

#[cfg(test)]
mod tests {
    use encoding_rs::{GBK, UTF_16BE, UTF_16LE};

    use super::*;

    #[test]
    fn every_text_comes_out() {
        let text = "a,桃浦\r\n𠮷,😀\n".repeat(5_000);
        let units: Vec<u16> = text.encode_utf16().collect();
        let little: Vec<u8> = units.iter().flat_map(|unit| unit.to_le_bytes()).collect();
        let big: Vec<u8> = units.iter().flat_map(|unit| unit.to_be_bytes()).collect();
        for (bytes, encoding) in [(&little, UTF_16LE), (&big, UTF_16BE)] {
            let mut out = String::new();
            let read = Decoded::new(&bytes[..], encoding).read_to_string(&mut out);
            read.expect("UTF-16");
            assert!(out == text);
            let cut = Decoded::new(&bytes[..bytes.len() - 1], encoding).read_to_string(&mut out);
            assert!(cut.is_err());
        }
        let (gbk, ..) = GBK.encode("桃浦镇");
        let mut out = String::new();
        let read = Decoded::new(&gbk[..], GBK).read_to_string(&mut out);
        assert_eq!((read.expect("GBK"), out.as_str()), (9, "桃浦镇"));
        let mut out = String::new();
        let half = Decoded::new(&[0x00, 0xD8, 0x41, 0x00][..], UTF_16LE).read_to_string(&mut out);
        let error = half.expect_err("half a character").to_string();
        assert!(error.contains("half a character"), "{error}");
    }
}
