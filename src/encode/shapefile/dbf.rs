//! The `.dbf` of a shapefile: dBASE III, in UTF-8 by its `.cpg`.
//!
//! A record has a fixed width and the header comes first, so cells wait in a temporary file, as
//! texts, until the widest of each column is known.

use std::fs::File;
use std::io::{BufReader, BufWriter, Read, Write};

use super::super::names;
use super::shp::rewound;
use crate::model::{Column, ColumnType, Value};

/// What a character field holds at most.
pub(super) const LONGEST_TEXT: usize = 254;
/// Readers take a whole number of more digits for a float.
const LONGEST_INTEGER: usize = 18;
/// Every 64-bit float has an exact text no longer than this.
const LONGEST_NUMBER: usize = 24;

/// `20210131`: a date field has just this width.
const DATE: u8 = 8;

/// A field of all files of one download.
#[derive(Debug)]
pub(super) struct Field {
    /// At most ten bytes, unique without case.
    pub(super) name: String,
    pub(super) kind: ColumnType,
    width: u8,
    decimals: u8,
    /// How many cells it could not hold as they are.
    pub(super) cut: u64,
}

impl Field {
    /// `id`, then the columns.
    pub(super) fn all(columns: &[Column]) -> Vec<Self> {
        let mut fields: Vec<Self> = Vec::new();
        let own = columns
            .iter()
            .map(|column| (column.name.as_str(), column.kind));
        for (name, kind) in std::iter::once(("id", ColumnType::String)).chain(own) {
            let mut short = names::beginning(name, 10).to_owned();
            let mut number = 1;
            while fields
                .iter()
                .any(|field| field.name.eq_ignore_ascii_case(&short))
            {
                let ending = format!("_{number}");
                short = format!("{}{ending}", names::beginning(name, 10 - ending.len()));
                number += 1;
            }
            fields.push(Self {
                name: short,
                kind,
                width: if kind == ColumnType::Date { DATE } else { 1 },
                decimals: 0,
                cut: 0,
            });
        }
        fields
    }

    /// The text of a cell, or why the field cannot hold it. A null is blank, but of a truth value it is
    /// `?`: readers take a blank one for false.
    pub(super) fn cell(&mut self, value: &Value) -> Result<String, String> {
        let text = match value {
            Value::Null if self.kind == ColumnType::Boolean => "?".to_owned(),
            Value::Null => String::new(),
            Value::Boolean(flag) => if *flag { "T" } else { "F" }.to_owned(),
            Value::Integer(number) => number.to_string(),
            Value::Number(number) => digits(*number),
            Value::Text(text) => text.clone(),
            Value::Date(_) => value.to_string().replace('-', ""),
            Value::Timestamp(_) | Value::Strings(_) | Value::Json(_) => value.to_string(),
        };
        let mut width = text.len();
        if matches!(value, Value::Number(_)) {
            let mantissa = text.split('e').next().unwrap_or_default();
            let fraction = mantissa
                .split_once('.')
                .map_or(0, |(_, digits)| digits.len());
            // One at least, or readers take the column for whole numbers.
            let decimals = u8::try_from(fraction.max(1)).unwrap_or(u8::MAX);
            self.decimals = self.decimals.max(decimals);
            width = width.max(usize::from(self.decimals) + 2);
        }
        let width = u8::try_from(width).map_err(|_| format!("it has {width} bytes"))?;
        self.width = self.width.max(width);
        Ok(text)
    }

    /// True of whole numbers of which one is longer than readers read: the field is one of texts.
    fn is_text_of_digits(&self) -> bool {
        self.kind == ColumnType::Integer && usize::from(self.width) > LONGEST_INTEGER
    }

    /// The type of its cells for people.
    pub(super) fn kind_as_written(&self) -> String {
        if self.is_text_of_digits() {
            format!(
                "{}, as text: some have more than {LONGEST_INTEGER} digits",
                self.kind
            )
        } else {
            self.kind.to_string()
        }
    }

    fn code(&self) -> u8 {
        match self.kind {
            ColumnType::Integer if self.is_text_of_digits() => b'C',
            ColumnType::String | ColumnType::Timestamp | ColumnType::Strings | ColumnType::Json => {
                b'C'
            }
            ColumnType::Date => b'D',
            ColumnType::Integer | ColumnType::Number => b'N',
            ColumnType::Boolean => b'L',
        }
    }

    fn descriptor(&self) -> [u8; 32] {
        let mut out = [0; 32];
        out[..self.name.len()].copy_from_slice(self.name.as_bytes());
        out[11] = self.code();
        out[16] = self.width;
        out[17] = self.decimals;
        out
    }
}

/// True where a field gives back just this text: blanks at its ends are padding to readers.
pub(super) fn holds(text: &str) -> bool {
    text.len() <= LONGEST_TEXT && text.trim() == text && !text.contains('\0')
}

/// The shortest text that reads back as the same number; with an exponent where that is shorter
/// than a field.
fn digits(number: f64) -> String {
    let plain = Value::Number(number).to_string();
    if plain.len() <= LONGEST_NUMBER {
        plain
    } else {
        format!("{number:e}")
    }
}

/// Cells in a temporary file: a length and so many bytes for each.
pub(super) struct Records {
    spool: BufWriter<File>,
    count: u32,
}

impl Records {
    pub(super) fn new() -> std::io::Result<Self> {
        Ok(Self {
            spool: BufWriter::new(tempfile::tempfile()?),
            count: 0,
        })
    }

    /// Cells by [`Field::cell`], so each is short enough.
    pub(super) fn add(&mut self, cells: &[String]) -> std::io::Result<()> {
        for cell in cells {
            let length = u8::try_from(cell.len()).unwrap_or(u8::MAX);
            self.spool.write_all(&[length])?;
            self.spool
                .write_all(&cell.as_bytes()[..usize::from(length)])?;
        }
        self.count += 1;
        Ok(())
    }

    /// The whole file; fails where a header cannot count so many fields or bytes.
    pub(super) fn write(self, fields: &[Field], out: &mut dyn Write) -> std::io::Result<()> {
        let record = 1 + fields
            .iter()
            .map(|field| usize::from(field.width))
            .sum::<usize>();
        let too_wide = |_| std::io::Error::other("its table has too many columns");
        let record = u16::try_from(record).map_err(too_wide)?;
        let head = u16::try_from(32 + 32 * fields.len() + 1).map_err(too_wide)?;
        // dBASE III; no date, so that the same rows are the same bytes.
        out.write_all(&[3, 80, 1, 1])?;
        out.write_all(&self.count.to_le_bytes())?;
        out.write_all(&head.to_le_bytes())?;
        out.write_all(&record.to_le_bytes())?;
        out.write_all(&[0; 20])?;
        for field in fields {
            out.write_all(&field.descriptor())?;
        }
        out.write_all(b"\r")?;
        let mut cells = BufReader::new(rewound(self.spool)?);
        for _ in 0..self.count {
            out.write_all(b" ")?;
            for field in fields {
                let mut length = [0];
                cells.read_exact(&mut length)?;
                let mut cell = vec![0; usize::from(length[0])];
                cells.read_exact(&mut cell)?;
                let blanks = vec![b' '; usize::from(field.width - length[0])];
                let (first, second) = match field.code() {
                    b'N' | b'L' => (&blanks, &cell),
                    _ => (&cell, &blanks),
                };
                out.write_all(first)?;
                out.write_all(second)?;
            }
        }
        out.write_all(&[0x1a])
    }
}
