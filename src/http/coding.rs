//! Content codings (RFC 9110, section 12.5.3).

use std::io::{self, Write};

use axum::http::{HeaderMap, header};
use brotli::CompressorWriter;
use flate2::write::GzEncoder;

/// How a body is compressed on its way.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Coding {
    /// Not at all.
    Identity,
    /// RFC 1952.
    Gzip,
    /// RFC 7932.
    Brotli,
}

impl Coding {
    /// Its name in headers.
    pub fn name(self) -> &'static str {
        match self {
            Self::Identity => "identity",
            Self::Gzip => "gzip",
            Self::Brotli => "br",
        }
    }

    /// The coding that the client likes best; of equals the smallest.
    pub fn negotiate(headers: &HeaderMap) -> Self {
        let offers: Vec<_> = headers
            .get_all(header::ACCEPT_ENCODING)
            .iter()
            .filter_map(|value| value.to_str().ok())
            .flat_map(|value| value.split(','))
            .map(offer)
            .collect();
        let quality = |coding: Self| {
            let named = |name: &str| {
                offers
                    .iter()
                    .find(|(offered, _)| offered.eq_ignore_ascii_case(name))
            };
            let unnamed = if coding == Self::Identity { 0.001 } else { 0.0 };
            named(coding.name())
                .or_else(|| named("*"))
                .map_or(unnamed, |(_, quality)| *quality)
        };
        [Self::Brotli, Self::Gzip]
            .into_iter()
            .filter(|coding| quality(*coding) > 0.0 && quality(*coding) >= quality(Self::Identity))
            .reduce(|best, next| {
                if quality(next) > quality(best) {
                    next
                } else {
                    best
                }
            })
            .unwrap_or(Self::Identity)
    }

    /// Compresses a body.
    pub fn encode(self, body: &[u8], effort: u32) -> io::Result<Vec<u8>> {
        let mut compressor = self.compressor(Vec::new(), effort);
        compressor.write_all(body)?;
        compressor.finish()
    }

    /// Compresses what is written to it. `effort` is 0 to 11 as in brotli.
    pub fn compressor<W: Write>(self, out: W, effort: u32) -> Compressor<W> {
        match self {
            Self::Identity => Compressor::Identity(out),
            Self::Gzip => {
                let level = flate2::Compression::new(effort.min(9));
                Compressor::Gzip(Box::new(GzEncoder::new(out, level)))
            }
            Self::Brotli => {
                let writer = CompressorWriter::new(out, 16 * 1024, effort, 20);
                Compressor::Brotli(Box::new(writer))
            }
        }
    }
}

/// A writer that compresses.
pub enum Compressor<W: Write> {
    /// Not at all.
    Identity(W),
    /// RFC 1952.
    Gzip(Box<GzEncoder<W>>),
    /// RFC 7932.
    Brotli(Box<CompressorWriter<W>>),
}

impl<W: Write> Compressor<W> {
    /// Writes the end, and gives back what was written to.
    pub fn finish(self) -> io::Result<W> {
        match self {
            Self::Identity(out) => Ok(out),
            Self::Gzip(encoder) => encoder.finish(),
            Self::Brotli(writer) => Ok(writer.into_inner()),
        }
    }
}

impl<W: Write> Write for Compressor<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match self {
            Self::Identity(out) => out.write(bytes),
            Self::Gzip(encoder) => encoder.write(bytes),
            Self::Brotli(writer) => writer.write(bytes),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        match self {
            Self::Identity(out) => out.flush(),
            Self::Gzip(encoder) => encoder.flush(),
            Self::Brotli(writer) => writer.flush(),
        }
    }
}

/// One part of `Accept` or `Accept-Encoding`: `gzip;q=0.5` as a name and a quality from 0 to 1.
pub(super) fn offer(text: &str) -> (&str, f32) {
    let mut parts = text.split(';').map(str::trim);
    let name = parts.next().unwrap_or_default();
    let quality = parts
        .find_map(|part| part.strip_prefix("q="))
        .map_or(1.0, |q| q.parse().unwrap_or(0.0));
    (name, quality)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Read;

    fn chosen(accept: &str) -> &'static str {
        let mut headers = HeaderMap::new();
        headers.insert(header::ACCEPT_ENCODING, accept.parse().expect("a header"));
        Coding::negotiate(&headers).name()
    }

    #[test]
    fn qualities_are_honoured() {
        assert_eq!(chosen("gzip, deflate, br, zstd"), "br");
        assert_eq!(chosen("gzip"), "gzip");
        assert_eq!(chosen("br;q=0.2, gzip;q=0.8"), "gzip");
        assert_eq!(chosen("gzip;q=0"), "identity");
        assert_eq!(chosen("*"), "br");
        assert_eq!(chosen("br;q=0, *"), "gzip");
        assert_eq!(chosen("identity, gzip;q=0.5"), "identity");
        assert_eq!(Coding::negotiate(&HeaderMap::new()), Coding::Identity);
    }

    #[test]
    fn what_is_compressed_comes_back() {
        let body = "桃浦 ".repeat(500).into_bytes();
        let mut back = Vec::new();
        let gzip = Coding::Gzip.encode(&body, 6).expect("gzip");
        flate2::read::GzDecoder::new(&gzip[..])
            .read_to_end(&mut back)
            .expect("gunzip");
        assert_eq!(back, body);
        back.clear();
        let brotli = Coding::Brotli.encode(&body, 5).expect("brotli");
        brotli::Decompressor::new(&brotli[..], 4096)
            .read_to_end(&mut back)
            .expect("unbrotli");
        assert_eq!(back, body);
        assert!(gzip.len() < 200 && brotli.len() < 200);
    }
}
