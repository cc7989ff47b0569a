//! Content codings (RFC 9110, section 12.5.3).

use std::io::{self, Write};

use axum::http::{HeaderMap, header};
use brotli::CompressorWriter;
use flate2::write::GzEncoder;
use zstd::stream::write::Encoder as ZstdEncoder;

/// How a body is compressed on its way.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Coding {
    /// Not at all.
    Identity,
    /// RFC 1952.
    Gzip,
    /// RFC 7932.
    Brotli,
    /// RFC 8878.
    Zstd,
}

/// How much time a body's compression is worth.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Effort {
    /// A client waits for it. Of a vector tile of 130 kB remain 51 % as gzip (2.3 ms), 51 % as br
    /// (1.5 ms) and 52 % as zstd (0.5 ms); br comes to 46 % at 5, in 4.9 ms.
    Waiting,
    /// Once per run of the program, before the first answer: of the page's script zstd keeps 28.3 % in
    /// 15 ms; at 19 it would keep 26.6 %, in 140 ms.
    Start,
}

impl Coding {
    /// The level in the coding's own scale.
    fn level(self, effort: Effort) -> u32 {
        let (waiting, start) = match self {
            Self::Identity => (0, 0),
            Self::Gzip => (4, 9),
            Self::Brotli => (3, 9),
            Self::Zstd => (3, 12),
        };
        match effort {
            Effort::Waiting => waiting,
            Effort::Start => start,
        }
    }

    /// Its name in headers.
    pub fn name(self) -> &'static str {
        match self {
            Self::Identity => "identity",
            Self::Gzip => "gzip",
            Self::Brotli => "br",
            Self::Zstd => "zstd",
        }
    }

    /// The coding that the client likes best. Of equals zstd: within a few percent of br's size, it takes a
    /// third of its time here and less at the client; then br, which is as fast as gzip and smaller.
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
        [Self::Zstd, Self::Brotli, Self::Gzip]
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
    pub fn encode(self, body: &[u8], effort: Effort) -> io::Result<Vec<u8>> {
        if self == Self::Zstd {
            // Knows the length, so that it takes no more memory than the body needs.
            let level = i32::try_from(self.level(effort)).map_err(io::Error::other)?;
            return zstd::bulk::compress(body, level);
        }
        let mut compressor = self.compressor(Vec::new(), effort)?;
        compressor.write_all(body)?;
        compressor.finish()
    }

    /// Compresses what is written to it.
    pub fn compressor<W: Write>(self, out: W, effort: Effort) -> io::Result<Compressor<W>> {
        let level = self.level(effort);
        Ok(match self {
            Self::Identity => Compressor::Identity(out),
            Self::Gzip => {
                let level = flate2::Compression::new(level);
                Compressor::Gzip(Box::new(GzEncoder::new(out, level)))
            }
            Self::Brotli => {
                let writer = CompressorWriter::new(out, 16 * 1024, level, 20);
                Compressor::Brotli(Box::new(writer))
            }
            Self::Zstd => {
                let level = i32::try_from(level).map_err(io::Error::other)?;
                Compressor::Zstd(Box::new(ZstdEncoder::new(out, level)?))
            }
        })
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
    /// RFC 8878.
    Zstd(Box<ZstdEncoder<'static, W>>),
}

impl<W: Write> Compressor<W> {
    /// Writes the end, and gives back what was written to.
    pub fn finish(self) -> io::Result<W> {
        match self {
            Self::Identity(out) => Ok(out),
            Self::Gzip(encoder) => encoder.finish(),
            Self::Brotli(writer) => Ok(writer.into_inner()),
            Self::Zstd(encoder) => encoder.finish(),
        }
    }
}

impl<W: Write> Write for Compressor<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match self {
            Self::Identity(out) => out.write(bytes),
            Self::Gzip(encoder) => encoder.write(bytes),
            Self::Brotli(writer) => writer.write(bytes),
            Self::Zstd(encoder) => encoder.write(bytes),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        match self {
            Self::Identity(out) => out.flush(),
            Self::Gzip(encoder) => encoder.flush(),
            Self::Brotli(writer) => writer.flush(),
            Self::Zstd(encoder) => encoder.flush(),
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
        assert_eq!(chosen("gzip, deflate, br, zstd"), "zstd");
        assert_eq!(chosen("gzip, deflate, br"), "br");
        assert_eq!(chosen("gzip"), "gzip");
        assert_eq!(chosen("br;q=0.2, gzip;q=0.8"), "gzip");
        assert_eq!(chosen("zstd;q=0.7, br;q=0.8, gzip;q=0.8"), "br");
        assert_eq!(chosen("ZSTD"), "zstd");
        assert_eq!(chosen("gzip;q=0"), "identity");
        assert_eq!(chosen("*"), "zstd");
        assert_eq!(chosen("zstd;q=0, *"), "br");
        assert_eq!(chosen("identity, gzip;q=0.5"), "identity");
        assert_eq!(Coding::negotiate(&HeaderMap::new()), Coding::Identity);
    }

    fn expanded(coding: Coding, body: &[u8]) -> Vec<u8> {
        let mut back = Vec::new();
        let read = match coding {
            Coding::Identity => (&mut &body[..]).read_to_end(&mut back),
            Coding::Gzip => flate2::read::GzDecoder::new(body).read_to_end(&mut back),
            Coding::Brotli => brotli::Decompressor::new(body, 4096).read_to_end(&mut back),
            Coding::Zstd => {
                zstd::Decoder::new(body).and_then(|mut decoder| decoder.read_to_end(&mut back))
            }
        };
        read.expect("a whole body");
        back
    }

    #[test]
    fn what_is_compressed_comes_back() {
        let body = "桃浦 ".repeat(500).into_bytes();
        for coding in [Coding::Identity, Coding::Gzip, Coding::Brotli, Coding::Zstd] {
            for effort in [Effort::Waiting, Effort::Start] {
                let whole = coding.encode(&body, effort).expect("compressed");
                let mut parts = coding.compressor(Vec::new(), effort).expect("a compressor");
                parts.write_all(&body[..999]).expect("a part");
                parts.write_all(&body[999..]).expect("the rest");
                for packed in [whole, parts.finish().expect("the end")] {
                    assert_eq!(expanded(coding, &packed), body);
                    assert!(coding == Coding::Identity || packed.len() < 200);
                }
            }
        }
    }
}
