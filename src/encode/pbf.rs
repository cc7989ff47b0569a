//! Protocol buffers, as far as vector tiles need them.

/// A field's number and wire type.
#[inline]
pub(super) fn field(out: &mut Vec<u8>, number: u32, wire_type: u32) {
    varint(out, (number << 3 | wire_type).into());
}

#[inline]
#[expect(clippy::cast_possible_truncation, reason = "seven bits at a time")]
pub(super) fn varint(out: &mut Vec<u8>, mut number: u64) {
    while number >= 0x80 {
        out.push(number as u8 | 0x80);
        number >>= 7;
    }
    out.push(number as u8);
}

/// Bytes on their way to a vector: to add one to an array takes less than to ask a vector for room.
pub(super) struct Short<'a> {
    out: &'a mut Vec<u8>,
    bytes: [u8; 256],
    length: usize,
}

impl<'a> Short<'a> {
    pub fn new(out: &'a mut Vec<u8>) -> Self {
        Self {
            out,
            bytes: [0; 256],
            length: 0,
        }
    }

    /// Two numbers, as most come.
    #[inline]
    pub fn pair(&mut self, first: u32, second: u32) {
        if self.length + 10 > self.bytes.len() {
            self.flush();
        }
        self.number(first);
        self.number(second);
    }

    #[inline]
    pub fn varint(&mut self, number: u32) {
        if self.length + 5 > self.bytes.len() {
            self.flush();
        }
        self.number(number);
    }

    #[inline]
    #[expect(clippy::cast_possible_truncation, reason = "seven bits at a time")]
    fn number(&mut self, mut number: u32) {
        while number >= 0x80 {
            self.bytes[self.length] = number as u8 | 0x80;
            self.length += 1;
            number >>= 7;
        }
        self.bytes[self.length] = number as u8;
        self.length += 1;
    }

    /// Hands over what is there.
    pub fn flush(&mut self) {
        self.out.extend_from_slice(&self.bytes[..self.length]);
        self.length = 0;
    }
}

/// Zigzag: small numbers of either sign are short.
#[inline]
pub(super) fn zigzag(number: i32) -> u32 {
    ((number << 1) ^ (number >> 31)).cast_unsigned()
}

pub(super) fn length_field(out: &mut Vec<u8>, number: u32, bytes: &[u8]) {
    field(out, number, 2);
    varint(out, bytes.len() as u64);
    out.extend_from_slice(bytes);
}

pub(super) fn text_field(out: &mut Vec<u8>, number: u32, text: &str) {
    length_field(out, number, text.as_bytes());
}

/// Writes something behind its length, which is taken for one byte: what is longer is moved.
#[inline]
pub(super) fn with_length(out: &mut Vec<u8>, write: impl FnOnce(&mut Vec<u8>)) {
    let start = out.len();
    out.push(0);
    write(out);
    let length = out.len() - start - 1;
    if length < 0x80 {
        #[expect(clippy::cast_possible_truncation, reason = "checked")]
        {
            out[start] = length as u8;
        }
    } else {
        place_length(out, start, 1);
    }
}

/// The same for something that is likely to have so many bytes, so that it need not be moved.
pub(super) fn with_long_length(out: &mut Vec<u8>, likely: usize, write: impl FnOnce(&mut Vec<u8>)) {
    let start = out.len();
    varint(out, likely as u64);
    let room = out.len() - start;
    write(out);
    place_length(out, start, room);
}

/// Writes the length of all that begins `room` bytes after `start` into those bytes.
fn place_length(out: &mut Vec<u8>, start: usize, room: usize) {
    let end = out.len();
    let mut length = Vec::with_capacity(10);
    varint(&mut length, (end - start - room) as u64);
    if length.len() > room {
        out.resize(end + length.len() - room, 0);
    }
    if length.len() != room {
        out.copy_within(start + room..end, start + length.len());
        out.truncate(end - room + length.len());
    }
    out[start..start + length.len()].copy_from_slice(&length);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_have_as_many_bytes_as_they_need() {
        for count in [0, 1, 127, 128, 300, 16_383, 16_384, 3_000_000] {
            let mut expected = vec![9];
            length_field(&mut expected, 2, &vec![7; count]);
            for likely in [0, 100, 20_000, 3_000_000] {
                let mut out = vec![9];
                field(&mut out, 2, 2);
                with_long_length(&mut out, likely, |out| out.resize(out.len() + count, 7));
                assert!(out == expected, "{count} {likely}");
            }
            let mut out = vec![9];
            field(&mut out, 2, 2);
            with_length(&mut out, |out| out.resize(out.len() + count, 7));
            assert!(out == expected, "{count}");
        }
    }
}
