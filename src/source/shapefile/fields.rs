//! The columns of a `.dbf`: dBASE III and IV, `FoxPro`.

use super::super::charset::Charset;
use super::super::encoding::{decoded, unreadable};
use super::super::{Kind, header};

/// Of the whole file and of each field.
pub(super) const DESCRIPTOR: usize = 32;
/// Ends the descriptors.
pub(super) const END: u8 = 0x0D;

/// What the bytes of a cell are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Stored {
    /// Characters, blanks at the end.
    Text,
    /// Digits of a whole number that 64 bits hold.
    Integer,
    /// Digits of any number.
    Number,
    /// `20210131`.
    Date,
    /// One letter.
    Boolean,
    /// Four bytes.
    Int32,
    /// Eight bytes.
    Double,
    /// Eight bytes, in units of a ten thousandth.
    Currency,
    /// A day and a time of day, four bytes each.
    Timestamp,
}

impl Stored {
    pub fn kind(self) -> Kind {
        match self {
            Self::Text => Kind::Text,
            Self::Integer | Self::Int32 => Kind::Integer,
            Self::Number | Self::Double | Self::Currency => Kind::Number,
            Self::Date => Kind::Date,
            Self::Boolean => Kind::Boolean,
            Self::Timestamp => Kind::Timestamp,
        }
    }
}

/// A column and where its cells are in a record.
#[derive(Debug)]
pub(super) struct Field {
    pub name: String,
    pub stored: Stored,
    pub at: usize,
    pub width: usize,
}

/// A descriptor as it stands.
#[derive(Debug)]
pub(super) struct Raw {
    name: Vec<u8>,
    code: u8,
    width: usize,
    decimals: usize,
}

impl Raw {
    /// Reads the descriptors of a header; `head` is all of it.
    pub fn all(head: &[u8]) -> Result<Vec<Self>, String> {
        let mut raw = Vec::new();
        for bytes in head[DESCRIPTOR..].chunks(DESCRIPTOR) {
            if bytes[0] == END {
                return Ok(raw);
            }
            let Some(bytes) = bytes.first_chunk::<DESCRIPTOR>() else {
                break;
            };
            let name = bytes[..11].split(|byte| *byte == 0).next();
            raw.push(Self {
                name: name.unwrap_or_default().to_vec(),
                code: bytes[11],
                width: bytes[16].into(),
                decimals: bytes[17].into(),
            });
        }
        Err("its header is broken: expected byte 0D after the last column, found the end of the header".to_owned())
    }

    /// Its name as it stands; that it fills its place is told by its length.
    pub fn name(&self) -> (&[u8], bool) {
        (&self.name, self.name.len() >= 10)
    }

    /// What it is; none for what is kept in other files, or is nobody's column.
    fn stored(&self, place: usize) -> Result<Option<Stored>, String> {
        let sized = |width: usize, stored| {
            if self.width == width {
                return Ok(Some(stored));
            }
            let found = self.width;
            Err(format!(
                "its header is broken: expected {width} bytes for column {place}, of type {}, found {found}",
                char::from(self.code)
            ))
        };
        match self.code {
            b'C' | b'V' => Ok(Some(Stored::Text)),
            b'N' if self.decimals == 0 && self.width < 19 => Ok(Some(Stored::Integer)),
            b'N' | b'F' => Ok(Some(Stored::Number)),
            b'D' => sized(8, Stored::Date),
            b'L' => sized(1, Stored::Boolean),
            b'I' | b'+' => sized(4, Stored::Int32),
            b'O' => sized(8, Stored::Double),
            b'B' if self.width == 8 => Ok(Some(Stored::Double)),
            b'Y' => sized(8, Stored::Currency),
            b'T' | b'@' => sized(8, Stored::Timestamp),
            b'M' | b'B' | b'G' | b'P' | b'W' | b'Q' | b'0' => Ok(None),
            other => Err(format!(
                "its header is broken: expected a letter for the type of column {place}, found byte {other:02X}"
            )),
        }
    }
}

/// The columns that are read, where `width` is that of a record. What is left out is noted.
pub(super) fn all(
    raw: &[Raw],
    width: usize,
    encoding: Charset,
    notes: &mut Vec<String>,
) -> Result<Vec<Field>, String> {
    let mut names = Vec::new();
    for (at, raw) in raw.iter().enumerate() {
        let (bytes, full) = raw.name();
        let name = decoded(encoding, bytes, full).map(|(name, _)| name.into_owned());
        if name.is_none() {
            let (place, reason) = (at + 1, unreadable(encoding, bytes));
            notes.push(format!("the name of column {place}: {reason}"));
        }
        names.push(name.unwrap_or_default());
    }
    let names = header::names(names, notes)?;
    // Some programs keep the high byte of a text's width where others keep its decimals.
    let plain = 1 + raw.iter().map(|raw| raw.width).sum::<usize>();
    let wide = |raw: &Raw| match raw.code {
        b'C' => raw.width + (raw.decimals << 8),
        _ => raw.width,
    };
    let long = plain != width && 1 + raw.iter().map(wide).sum::<usize>() == width;
    let mut fields = Vec::new();
    let mut at = 1;
    for (place, (raw, name)) in raw.iter().zip(names).enumerate() {
        let width = if long { wide(raw) } else { raw.width };
        match raw.stored(place + 1)? {
            Some(stored) => fields.push(Field {
                name,
                stored,
                at,
                width,
            }),
            None => notes.push(format!(
                "column {name} is left out: its type {} (memo, picture, binary) is kept elsewhere",
                char::from(raw.code)
            )),
        }
        at += width;
    }
    if at > width {
        return Err(format!(
            "its header is broken: its columns need {at} bytes, and a record has {width}"
        ));
    }
    Ok(fields)
}
