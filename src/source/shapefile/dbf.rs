//! The `.dbf` of a shapefile: the columns, and a row per shape.
//!
//! It is gone through once when it is opened: rows that are deleted and texts that are cut are counted,
//! and the encoding is found out where nothing tells it.

use std::io::{BufReader, Read};

use encoding_rs::UTF_8;

use super::super::charset::Charset;
use super::super::encoding::{self, Detector, by_driver, decoded, named, settled};
use super::super::held::{Held, Reading};
use super::super::{Options, SourceColumn, SourceError};
use super::cells::{self, full, trimmed};
use super::fields::{self, DESCRIPTOR, Field, Raw, Stored};
use crate::model::Value;

/// The driver byte of files that say "as the computer is set".
const AS_THE_COMPUTER: u8 = 0x57;
/// Marks a row that is deleted and not yet gone.
const DELETED: u8 = b'*';

/// The rows of a file.
#[derive(Debug)]
pub(super) struct Table {
    dbf: Held,
    /// Where the rows begin, and how long each is.
    start: u64,
    width: u16,
    pub count: u64,
    pub fields: Vec<Field>,
    encoding: Charset,
    /// Columns whose cells are not looked at.
    skip: Vec<String>,
}

/// What the header says.
struct Head {
    start: u16,
    width: u16,
    count: u32,
    driver: u8,
    raw: Vec<Raw>,
}

impl Table {
    /// Reads the header, then all rows once.
    pub fn open(
        dbf: Held,
        cpg: Option<&str>,
        options: &Options,
        notes: &mut Vec<String>,
    ) -> Result<Self, SourceError> {
        let head = head(&dbf)?;
        let told = told(head.driver, cpg, options, notes).map_err(|reason| dbf.broken(reason))?;
        let fields = |encoding, notes: &mut Vec<String>| {
            fields::all(&head.raw, head.width.into(), encoding, notes)
        };
        let first = told.unwrap_or(UTF_8.into());
        let mut table = Self {
            start: head.start.into(),
            width: head.width,
            count: head.count.into(),
            encoding: first,
            fields: fields(first, &mut Vec::new()).map_err(|reason| dbf.broken(reason))?,
            skip: options.skip.clone(),
            dbf,
        };
        if told.is_none() {
            let (encoding, found) = table.found_out(&head.raw)?;
            table.encoding = encoding;
            notes.extend(found);
        }
        table.fields = fields(table.encoding, notes).map_err(|reason| table.dbf.broken(reason))?;
        table.survey(notes)?;
        Ok(table)
    }

    /// Bytes of the file.
    pub fn length(&self) -> u64 {
        self.dbf.length
    }

    pub fn columns(&self) -> Vec<SourceColumn> {
        let column = |field: &Field| SourceColumn {
            name: field.name.clone(),
            kind: field.stored.kind(),
        };
        self.fields.iter().map(column).collect()
    }

    /// All rows, from the first.
    pub fn rows(&self) -> Rows<'_> {
        Rows {
            table: self,
            from: BufReader::with_capacity(1 << 16, self.dbf.from(self.start)),
            row: Vec::new(),
        }
    }

    /// The cells of a row, or the column that has none and why.
    pub fn values(&self, row: &[u8]) -> Result<Vec<Value>, (String, String)> {
        let cell = |field: &Field| {
            if self.skip.contains(&field.name) {
                return Ok(Value::Null);
            }
            cells::value(field, row, self.encoding).map_err(|reason| (field.name.clone(), reason))
        };
        self.fields.iter().map(cell).collect()
    }

    fn texts<'a>(&'a self, row: &'a [u8]) -> impl Iterator<Item = (usize, &'a [u8], bool)> {
        let texts = self.fields.iter().enumerate();
        let texts = texts.filter(|(_, field)| field.stored == Stored::Text);
        texts.filter_map(|(at, field)| {
            let text = trimmed(row.get(field.at..field.at + field.width)?);
            Some((at, text, full(text, field.width)))
        })
    }

    /// The encoding, by all names and texts.
    fn found_out(&self, raw: &[Raw]) -> Result<(Charset, Vec<String>), SourceError> {
        let mut detector = Detector::default();
        for (at, raw) in raw.iter().enumerate() {
            let (name, full) = raw.name();
            detector.text(name, full, 0, at);
        }
        let mut rows = self.rows();
        for number in 1..=self.count {
            let row = rows.next()?;
            if !deleted(row) {
                for (at, text, full) in self.texts(row) {
                    detector.text(text, full, number, at);
                }
            }
        }
        let column = |at: usize| self.fields[at].name.clone();
        let (encoding, notes) =
            settled(detector.verdict(), column).map_err(|reason| self.dbf.broken(reason))?;
        Ok((encoding.into(), notes))
    }

    fn survey(&self, notes: &mut Vec<String>) -> Result<(), SourceError> {
        let mut cut = vec![0_u64; self.fields.len()];
        let mut gone = 0_u64;
        let mut rows = self.rows();
        for _ in 0..self.count {
            let row = rows.next()?;
            if deleted(row) {
                gone += 1;
                continue;
            }
            for (at, text, full) in self.texts(row) {
                let lost = full
                    && !text.is_ascii()
                    && decoded(self.encoding, text, true).is_some_and(|(_, lost)| lost);
                cut[at] += u64::from(lost);
            }
        }
        if gone > 0 {
            notes.push(format!(
                "{gone} records are marked as deleted, and left out with their shapes"
            ));
        }
        for (field, cut) in self.fields.iter().zip(cut).filter(|(_, cut)| *cut > 0) {
            let Field { name, width, .. } = field;
            notes.push(format!(
                "column {name}: {cut} texts were cut within a character, at the {width} bytes of the column; the half character is left away"
            ));
        }
        Ok(())
    }
}

fn head(dbf: &Held) -> Result<Head, SourceError> {
    let have = dbf.length;
    let cut = |what: String| {
        dbf.broken(format!(
            "{what}, found {have} bytes (is the file cut short?)"
        ))
    };
    let first = dbf.bytes(0, DESCRIPTOR as u64)?;
    let Some(first) = first.first_chunk::<DESCRIPTOR>() else {
        return Err(cut(format!("expected a header of {DESCRIPTOR} bytes")));
    };
    let version = first[0];
    if version & 0x07 == 4 {
        return Err(dbf.unsupported(format!(
            "it is of a later dBASE (version byte {version:02X}); dBASE III, IV and FoxPro are read"
        )));
    }
    let head = Head {
        count: u32::from_le_bytes([first[4], first[5], first[6], first[7]]),
        start: u16::from_le_bytes([first[8], first[9]]),
        width: u16::from_le_bytes([first[10], first[11]]),
        driver: first[29],
        raw: Vec::new(),
    };
    let Head {
        start,
        width,
        count,
        ..
    } = head;
    if usize::from(start) <= DESCRIPTOR || width == 0 {
        return Err(dbf.broken(format!(
            "is no dBASE file: its header has {start} bytes and its records have {width}"
        )));
    }
    let need = u64::from(start) + u64::from(width) * u64::from(count);
    if need > have {
        return Err(cut(format!(
            "expected {need} bytes, for {count} records of {width} bytes after a header of {start}"
        )));
    }
    let bytes = dbf.bytes(0, start.into())?;
    let raw = Raw::all(&bytes).map_err(|reason| dbf.broken(reason))?;
    Ok(Head { raw, ..head })
}

/// The encoding that somebody tells: the person who asks, the `.cpg`, the driver byte, in this order. A
/// wrong `.cpg` is common, and there would be no way around it.
fn told(
    driver: u8,
    cpg: Option<&str>,
    options: &Options,
    notes: &mut Vec<String>,
) -> Result<Option<Charset>, String> {
    let whatever = cpg.filter(|label| encoding::is_whatever(label));
    let of_file = cpg
        .filter(|_| whatever.is_none())
        .map(|label| (label, named(label)));
    if let Some(label) = &options.encoding {
        let asked = encoding::named(label).ok_or_else(|| {
            format!("{label:?} is no encoding that is known: expected gb18030, gbk, utf-8, big5, windows-1252, 852 ...")
        })?;
        if let Some((label, _)) = of_file.filter(|(_, encoding)| *encoding != Some(asked)) {
            let asked = asked.name();
            notes.push(format!(
                "its .cpg says {label}; the texts are read as {asked}, as was asked"
            ));
        }
        return Ok(Some(asked));
    }
    match of_file {
        Some((_, Some(encoding))) => return Ok(Some(encoding)),
        Some((label, None)) => {
            return Err(format!(
                "its .cpg says {label:?}, which is no encoding that is known; tell it with --encoding (gb18030, utf-8, windows-1252, 852 ...)"
            ));
        }
        None => {}
    }
    let lacking = match whatever {
        Some(label) => format!("its .cpg says {label:?}, which names no encoding"),
        None => "there is no .cpg".to_owned(),
    };
    if whatever.is_some() {
        notes.push(format!(
            "{lacking}: the texts are read as if there were none"
        ));
    }
    let by_driver = by_driver(driver);
    // Programs write these two whatever the texts are in, and any bytes are a text in them.
    let doubtful = by_driver.filter(|encoding| ["cp437", "cp850"].contains(&encoding.name()));
    if let Some(doubtful) = doubtful {
        let name = doubtful.name();
        notes.push(format!(
            "the language driver {driver:02X} of the .dbf says {name}, which many programs write for any texts, and is not believed; --encoding {name} is"
        ));
        return Ok(None);
    }
    if let Some(encoding) = by_driver {
        let name = encoding.name();
        notes.push(format!("{lacking}: the texts are read as {name}, by the language driver {driver:02X} of the .dbf"));
        return Ok(Some(encoding));
    }
    if driver != 0 && driver != AS_THE_COMPUTER {
        notes.push(format!(
            "the language driver {driver:02X} of the .dbf is not known"
        ));
    }
    Ok(None)
}

/// Reads row after row.
pub(super) struct Rows<'a> {
    table: &'a Table,
    from: BufReader<Reading<'a>>,
    row: Vec<u8>,
}

impl Rows<'_> {
    /// The next row; call it as often as there are rows.
    pub fn next(&mut self) -> Result<&[u8], SourceError> {
        self.row.resize(self.table.width.into(), 0);
        self.from
            .read_exact(&mut self.row)
            .map_err(|error| self.table.dbf.io(&error))?;
        Ok(&self.row)
    }
}

/// True where a row is marked as deleted.
pub(super) fn deleted(row: &[u8]) -> bool {
    row.first() == Some(&DELETED)
}
