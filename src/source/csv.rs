//! CSV and TSV (RFC 4180): a header, then a record per line; a cell in quotes may hold lines.
//!
//! The file is gone through once when it is opened, to find out its encoding and how many records it has.
//! Delimiters, quotes and line ends are bytes that no character of UTF-8, GBK, GB18030 or Big5 contains, so
//! cells are cut out first and decoded one by one; UTF-16, which spreadsheets write as "Unicode text", is
//! decoded as a whole.

use std::io::{BufReader, Read};
use std::path::Path;

use csv::{ByteRecord, ReaderBuilder};
use encoding_rs::{Encoding, UTF_8, UTF_16BE, UTF_16LE};

use super::charset::Charset;
use super::decoding::Decoded;
use super::encoding::{Detector, decoded, named, settled, unreadable};
use super::heading::{self, HEAD, HeadCell, HeadRow};
use super::held::{Held, Meter};
use super::places::Columns;
use super::shapefile::{beside, told};
use super::totals::{self, Totals};
use super::{Bad, Each, Far, Layer, Options, SourceCrs, SourceError, Stopped, header, times};
use crate::model::Value;

/// Bytes in which the first line is looked for; a header that is longer is none.
const LONGEST_HEADER: u64 = 1 << 20;
/// What cells are parted by.
const DELIMITERS: [u8; 3] = [b',', b';', b'\t'];
/// Records between two words on how far it is.
const BETWEEN: u64 = 256;

/// A table that is open.
#[derive(Debug)]
pub(super) struct Table {
    held: Held,
    /// Where the header begins, after a byte order mark.
    start: u64,
    delimiter: u8,
    encoding: Charset,
    /// The row of the header, from 0, or the last of several.
    header: u64,
    columns: Columns,
}

/// Opens a table by its path.
pub(super) fn open(
    path: &Path,
    options: &Options,
    stopped: Stopped,
) -> Result<(Layer, Table), SourceError> {
    let held = Held::open(path)?;
    let name = path.file_stem().unwrap_or_default().to_string_lossy();
    if let Some(asked) = options.layer.as_deref().filter(|asked| *asked != name) {
        return Err(SourceError::Layer {
            file: held.name,
            reason: format!("it has no layer {asked:?}"),
            layers: name.into_owned(),
        });
    }
    let mut notes = Vec::new();
    let asked = asked(options).map_err(|reason| held.broken(reason))?;
    let (marked, start) = mark(&held)?;
    let marked = marked.map(Charset::from);
    let encoding = marked.or(asked);
    if let (Some(marked), Some(asked)) = (marked, asked)
        && marked != asked
    {
        let (marked, asked) = (marked.name(), asked.name());
        notes.push(format!(
            "it begins with the mark of {marked}, and is read as that, not as {asked}"
        ));
    }
    let wide = encoding
        .and_then(Charset::web)
        .filter(|encoding| !encoding.is_ascii_compatible());
    let line = first_line(&held, start, wide)?;
    let tabs = path
        .extension()
        .is_some_and(|ending| ending.eq_ignore_ascii_case("tsv"));
    let mut table = Table {
        delimiter: if tabs { b'\t' } else { delimiter(&line) },
        header: 0,
        columns: Columns::default(),
        encoding: encoding.unwrap_or(UTF_8.into()),
        held,
        start,
    };
    if encoding.is_none() {
        let (encoding, found) = table.found_out(stopped)?;
        table.encoding = encoding.into();
        // UTF-8 is what is expected.
        notes.extend(found.into_iter().filter(|_| encoding != UTF_8));
    }
    table.read_header(options, &mut notes)?;
    let records = table.survey(&mut notes, stopped)?;
    let prj = beside(path, "prj")
        .map(|path| Held::open(&path))
        .transpose()?;
    let crs = match (table.columns.crs(), prj) {
        (SourceCrs::Untold, Some(prj)) => told(&prj)?,
        (crs, _) => crs,
    };
    let layer = Layer {
        name: name.into_owned(),
        columns: table.columns.of_layer(),
        crs,
        records: Some(records),
        notes,
    };
    Ok((layer, table))
}

/// The encoding that was asked for; UTF-16 has a mark, or is asked for by its whole name.
fn asked(options: &Options) -> Result<Option<Charset>, String> {
    let Some(label) = &options.encoding else {
        return Ok(None);
    };
    let wide = Encoding::for_label(label.trim().as_bytes());
    let wide = wide.filter(|encoding| [UTF_16LE, UTF_16BE].contains(encoding));
    let found = named(label).or(wide.map(Charset::from));
    let unknown = || {
        format!(
            "{label:?} is no encoding that is known: expected gb18030, gbk, utf-8, utf-16le, big5, windows-1252, 852 ..."
        )
    };
    found.map(Some).ok_or_else(unknown)
}

/// The encoding by a byte order mark, and how many bytes that has.
fn mark(held: &Held) -> Result<(Option<&'static Encoding>, u64), SourceError> {
    let start = held.bytes(0, 3)?;
    Ok(
        Encoding::for_bom(&start).map_or((None, 0), |(encoding, length)| {
            (Some(encoding), length as u64)
        }),
    )
}

/// The first line, to find the delimiter in.
fn first_line(
    held: &Held,
    start: u64,
    wide: Option<&'static Encoding>,
) -> Result<Vec<u8>, SourceError> {
    let mut bytes = Vec::new();
    let from = held.from(start);
    let read = match wide {
        Some(encoding) => Decoded::new(from, encoding)
            .take(LONGEST_HEADER)
            .read_to_end(&mut bytes),
        None => from.take(LONGEST_HEADER).read_to_end(&mut bytes),
    };
    read.map_err(|error| held.broken(error.to_string()))?;
    if bytes.trim_ascii().is_empty() {
        return Err(held.broken("expected a header of column names, found nothing"));
    }
    let all = || bytes.split(|byte| matches!(byte, b'\r' | b'\n'));
    let mut lines = all().filter(|line| !line.is_empty()).take(HEAD);
    // Titles have no delimiter.
    let line = lines.find(|line| line.iter().any(|byte| DELIMITERS.contains(byte)));
    let line = line.or_else(|| all().find(|line| !line.is_empty()));
    Ok(line.unwrap_or_default().to_vec())
}

/// What stands most often in the header outside of quotes: a comma, a semicolon or a tab.
fn delimiter(line: &[u8]) -> u8 {
    let mut quoted = false;
    let mut counts = DELIMITERS.map(|delimiter| (0_usize, delimiter));
    for byte in line {
        quoted ^= *byte == b'"';
        for (count, delimiter) in &mut counts {
            *count += usize::from(!quoted && byte == delimiter);
        }
    }
    // The first of those that are equal.
    let most = counts.into_iter().rev().max_by_key(|(count, _)| *count);
    most.map_or(b',', |(_, delimiter)| delimiter)
}

/// Line breaks in so many cells of a row.
fn breaks(row: &ByteRecord, cells: usize) -> u64 {
    let cells = row.iter().take(cells);
    cells
        .map(|cell| memchr::memchr_iter(b'\n', cell).count() as u64)
        .sum()
}

/// True where no cell has anything in it.
fn blank(row: &ByteRecord) -> bool {
    row.iter().all(|cell| cell.trim_ascii().is_empty())
}

impl Table {
    /// The table from its header on; what was UTF-16 in UTF-8.
    fn bytes(&self) -> Box<dyn Read + '_> {
        let from = BufReader::new(self.held.from(self.start));
        match self
            .encoding
            .web()
            .filter(|encoding| !encoding.is_ascii_compatible())
        {
            None => Box::new(from),
            Some(wide) => Box::new(Decoded::new(from, wide)),
        }
    }

    fn parser(&self) -> ReaderBuilder {
        let mut parser = ReaderBuilder::new();
        parser
            .has_headers(false)
            .flexible(true)
            .delimiter(self.delimiter);
        parser
    }

    /// Goes through all rows; `hear` gets the number of a row, from 0, and its cells. Blank rows are counted and not
    /// heard.
    fn rows(
        &self,
        far: Far,
        hear: &mut dyn FnMut(u64, &ByteRecord) -> bool,
    ) -> Result<(), SourceError> {
        let mut meter = Meter::new(self.bytes());
        let mut rows = self.parser().from_reader(&mut meter);
        let mut row = ByteRecord::new();
        let mut number = 0_u64;
        loop {
            rows.get_mut().reset();
            let more = rows.read_byte_record(&mut row).map_err(|error| {
                let record = number.saturating_sub(self.header);
                self.held.broken(format!("record {record}: {error}"))
            })?;
            if !more {
                far(self.held.length, Some(self.held.length));
                return Ok(());
            }
            if number.is_multiple_of(BETWEEN) {
                far(
                    rows.get_ref().total().min(self.held.length),
                    Some(self.held.length),
                );
            }
            if !blank(&row) && !hear(number, &row) {
                return Ok(());
            }
            number += 1;
        }
    }

    fn found_out(&self, stopped: Stopped) -> Result<(&'static Encoding, Vec<String>), SourceError> {
        let mut detector = Detector::default();
        let mut names = ByteRecord::new();
        self.rows(&mut |_, _| {}, &mut |number, row| {
            if number == 0 {
                names = row.clone();
            }
            for (at, cell) in row.iter().enumerate() {
                detector.text(cell, false, number, at);
            }
            !stopped()
        })?;
        self.go_on(stopped)?;
        let name =
            |at: usize| String::from_utf8_lossy(names.get(at).unwrap_or_default()).into_owned();
        settled(detector.verdict(), name).map_err(|reason| self.held.broken(reason))
    }

    fn go_on(&self, stopped: Stopped) -> Result<(), SourceError> {
        if stopped() {
            let file = self.held.name.clone();
            return Err(SourceError::Stopped { file });
        }
        Ok(())
    }

    /// Finds the header among the first rows, or where it was told to be.
    fn read_header(
        &mut self,
        options: &Options,
        notes: &mut Vec<String>,
    ) -> Result<(), SourceError> {
        let asked = options.table.header;
        let (mut rows, mut failed) = (Vec::new(), None);
        self.rows(&mut |_, _| {}, &mut |number, row| {
            match self.head_row(number, row) {
                Ok(row) => rows.push(row),
                Err(reason) => failed = Some(reason),
            }
            let enough = rows.len() >= HEAD
                && asked
                    .is_none_or(|asked| rows.last().is_some_and(|row| row.row > asked.last + 2));
            !enough && failed.is_none()
        })?;
        let broken = |reason: String| self.held.broken(reason);
        // What stands below the header need not be a text.
        if let Some(reason) = failed.filter(|_| rows.is_empty()) {
            return Err(broken(reason));
        }
        let found = heading::find(&rows, &[], asked).map_err(broken)?;
        notes.extend(found.notes);
        // Cells before the first name have none.
        let unnamed = (0..found.column).map(|_| String::new());
        let width = rows.iter().find(|row| row.index == found.index);
        let width = width.map_or(0, |row| row.width);
        let mut names: Vec<_> = unnamed.chain(found.names).collect();
        names.resize(names.len().max(width), String::new());
        let names = header::names(names, notes).map_err(broken)?;
        self.columns = Columns::new(names, options, notes).map_err(broken)?;
        self.header = found.index;
        Ok(())
    }

    fn head_row(&self, number: u64, row: &ByteRecord) -> Result<HeadRow, String> {
        let mut cells = Vec::new();
        for (column, cell) in row.iter().enumerate() {
            let text = self.text(cell)?;
            if !text.trim().is_empty() {
                let is_text = !times::is_number(text.trim()) && times::date(text.trim()).is_none();
                cells.push(HeadCell {
                    column,
                    text,
                    is_text,
                });
            }
        }
        Ok(HeadRow {
            row: self.line(row),
            index: number,
            width: row.len(),
            cells,
        })
    }

    /// The line of the file on which a row begins. The parser has the one on which the row before it ends, and blank
    /// lines are no rows.
    fn line(&self, row: &ByteRecord) -> u64 {
        let start = row.position().map_or(0, csv::Position::byte);
        let (mut line, mut before) = (1, 0);
        for (at, byte) in (0..).zip(BufReader::new(self.bytes()).bytes()) {
            let Ok(byte) = byte else { break };
            let ends = matches!(byte, b'\r' | b'\n');
            if at >= start && !ends {
                break;
            }
            line += u64::from(ends && (before, byte) != (b'\r', b'\n'));
            before = byte;
        }
        line
    }

    /// The word by which a row is one of sums.
    fn total(&self, row: &ByteRecord) -> Option<String> {
        let cell = |at: usize| row.get(at).unwrap_or_default().trim_ascii();
        let text = |at: usize| Some(cell(at)).filter(|cell| cell.len() <= totals::LONGEST);
        self.columns
            .total(|at| !cell(at).is_empty(), |at| self.text(text(at)?).ok())
    }

    /// Refuses a quote that is open at the end of the file: all records from there on would be one cell. Where
    /// it is, what is put behind the last record is no record of its own.
    fn closed(&self, last: &ByteRecord) -> Result<(), SourceError> {
        let Some(start) = last.position() else {
            return Ok(());
        };
        let failed = |error: &dyn std::fmt::Display| self.held.broken(error.to_string());
        let mut bytes = self.bytes();
        let mut before = bytes.by_ref().take(start.byte());
        std::io::copy(&mut before, &mut std::io::sink()).map_err(|error| failed(&error))?;
        let rows = self.parser().from_reader(bytes.chain(&b"\n-\n"[..]));
        if rows.into_byte_records().take(2).count() > 1 {
            return Ok(());
        }
        let line = start.line() + breaks(last, last.len().saturating_sub(1));
        Err(self.held.broken(format!(
            "line {line}: cell {} begins with a quote that is closed nowhere",
            last.len()
        )))
    }

    /// Counts the records, and learns the CRS from the first place that tells one.
    fn survey(&mut self, notes: &mut Vec<String>, stopped: Stopped) -> Result<u64, SourceError> {
        let (mut records, mut last) = (0, self.header);
        let mut totals = Totals::default();
        let shape = self.columns.shape();
        let mut place = None;
        // The last record of all, where its last cell has lines.
        let mut lined = None;
        self.rows(&mut |_, _| {}, &mut |number, row| {
            if number <= self.header {
                return !stopped();
            }
            last = number;
            lined = (row.iter().next_back())
                .is_some_and(|cell| cell.contains(&b'\n'))
                .then(|| row.clone());
            if let Some(word) = self.total(row) {
                totals.add(|| self.line(row), &word);
                return !stopped();
            }
            records += 1;
            if place.is_none() {
                let cell = shape
                    .and_then(|at| row.get(at))
                    .unwrap_or_default()
                    .trim_ascii();
                let told = cell
                    .get(..4)
                    .is_some_and(|start| start.eq_ignore_ascii_case(b"srid"));
                place = told.then(|| self.text(cell).ok()).flatten();
            }
            !stopped()
        })?;
        self.go_on(stopped)?;
        if let Some(lined) = lined {
            self.closed(&lined)?;
        }
        if let Some(place) = place {
            self.columns.learn(&place);
        }
        let blank = last - self.header - records - totals.count();
        if blank > 0 {
            notes.push(format!("{blank} blank rows are left out"));
        }
        notes.extend(totals.note());
        Ok(records)
    }

    /// The encoding of cells: what was UTF-16 is UTF-8 by now.
    fn encoding(&self) -> Charset {
        if self.encoding.is_ascii_compatible() {
            self.encoding
        } else {
            UTF_8.into()
        }
    }

    fn text(&self, cell: &[u8]) -> Result<String, String> {
        let encoding = self.encoding();
        match decoded(encoding, cell, false) {
            Some((text, _)) => Ok(text.into_owned()),
            None => Err(unreadable(encoding, cell)),
        }
    }

    /// Returns what was found of its coordinates.
    pub fn found(&self) -> Option<String> {
        self.columns.found()
    }

    /// Reads all records, from the first.
    pub fn read(&self, far: Far, each: Each) -> Result<(), SourceError> {
        self.rows(far, &mut |number, row| {
            number <= self.header
                || self.total(row).is_some()
                || each(self.record(number - self.header, row))
        })
    }

    fn record(&self, number: u64, row: &ByteRecord) -> Result<super::Record, Bad> {
        let bad = |column: Option<&str>, reason| Bad {
            number,
            column: column.map(str::to_owned),
            reason,
        };
        // Blank cells behind the last are nobody's.
        let blank = |at| row.get(at).is_none_or(|cell| cell.trim_ascii().is_empty());
        let fits =
            row.len() >= self.columns.count() && (self.columns.count()..row.len()).all(blank);
        if !fits {
            let (expected, found) = (self.columns.count(), row.len());
            let mut reason = format!("expected {expected} cells, as the header has, found {found}");
            let lines = row.iter().position(|cell| cell.contains(&b'\n'));
            if let (Some(at), Some(start)) = (lines, row.position()) {
                let line = start.line() + breaks(row, at);
                let hint = format!(
                    "; cell {} has lines from line {line} on: is its quote closed?",
                    at + 1
                );
                reason.push_str(&hint);
            } else if number == 1 {
                reason.push_str("; if another row is the header, --header-row tells which");
            }
            return Err(bad(None, reason));
        }
        let mut values = Vec::with_capacity(self.columns.count());
        for (at, cell) in row.iter().take(self.columns.count()).enumerate() {
            if self.columns.is_skipped(at) {
                values.push(Value::Null);
                continue;
            }
            let text = self.text(cell);
            let text = text.map_err(|reason| bad(Some(self.columns.name(at)), reason))?;
            values.push(if text.is_empty() {
                Value::Null
            } else {
                Value::Text(text)
            });
        }
        self.columns.record(number, values)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_delimiter_is_what_the_header_has_most_of() {
        for (line, expected) in [
            (&b"a,b,c"[..], b','),
            (b"a;b;c,d", b';'),
            (b"a\tb", b'\t'),
            (b"\"x;y;z\",b", b','),
            (b"one", b','),
        ] {
            assert_eq!(delimiter(line), expected, "{line:?}");
        }
    }
}
