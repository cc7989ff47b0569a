//! Office Open XML spreadsheets (ECMA-376): a sheet is a layer, its first row with a cell the header.
//!
//! Written here because the reader that is at hand sets aside memory by what a header claims and stops the
//! program at cell names that are too long. A sheet is read while it is unpacked, row by row; the texts
//! that cells share are in memory, 256 MiB at most. What unpacks to far more than its bytes is refused as in
//! [`super::zip`].

mod book;
mod cells;
mod dates;
mod fill;
mod parts;
mod strings;

use std::collections::BTreeMap;
use std::path::Path;

use self::book::{Book, Sheet};
use self::cells::{Row, Rows};
use self::dates::Formats;
use self::fill::Fill;
use self::parts::{Part, part};
use self::strings::Strings;
use super::heading::{self, HEAD, HeadCell, HeadRow, Span};
use super::held::Held;
use super::layers::told;
use super::places::Columns;
use super::totals::Totals;
use super::zip::{Archive, archive};
use super::{Bad, Each, Far, Layer, Options, Record, SourceError, Stopped, header, times};
use crate::model::Value;

/// How files of the old binary format begin, and encrypted ones.
const COMPOUND: [u8; 4] = [0xD0, 0xCF, 0x11, 0xE0];
/// Rows between two words on how far it is.
const BETWEEN: u64 = 256;

/// What is known of a sheet at its end.
#[derive(Debug, Default)]
struct After {
    spans: Vec<Span>,
    codes: BTreeMap<usize, (u64, String, String)>,
    /// Times of day with a day.
    moments: u64,
}

/// A sheet that is open.
#[derive(Debug)]
pub(super) struct Table {
    held: Held,
    part: String,
    strings: Strings,
    formats: Formats,
    from_1904: bool,
    /// The row of the header, or the last of several, and its first column.
    header: u32,
    first: usize,
    columns: Columns,
    /// What is merged downwards below the header, where it is to be filled.
    merged: Vec<Span>,
}

/// Opens the sheet that is asked for, or the only one that is not blank.
pub(super) fn open(
    path: &Path,
    options: &Options,
    stopped: Stopped,
) -> Result<(Layer, Table), SourceError> {
    let held = Held::open(path)?;
    if held.bytes(0, 4)? == COMPOUND {
        return Err(held.unsupported(
            "it is encrypted, or of the old format .xls; save it as .xlsx without a password",
        ));
    }
    let mut archive = archive(&held)?;
    let book = Book::open(&held, &mut archive)?;
    let strings = Strings::open(&held, &mut archive, &book.strings)?;
    let formats = Formats::open(&held, &mut archive, &book.styles)?;
    let mut table = Table {
        part: String::new(),
        strings,
        formats,
        from_1904: book.from_1904,
        header: 0,
        first: 0,
        columns: Columns::default(),
        merged: Vec::new(),
        held,
    };
    let name = table.choose(&book.sheets, options)?;
    let mut notes = Vec::new();
    table.read_header(options, &mut notes)?;
    let records = table.survey(options, &mut notes, stopped)?;
    let layer = Layer {
        name,
        columns: table.columns.of_layer(),
        crs: table.columns.crs(),
        records: Some(records),
        notes,
    };
    Ok((layer, table))
}

impl Table {
    fn choose(&mut self, sheets: &[Sheet], options: &Options) -> Result<String, SourceError> {
        let error = |held: &Held, reason: String, names: &[&str]| SourceError::Layer {
            file: held.name.clone(),
            reason,
            layers: told(names),
        };
        if let Some(asked) = &options.layer {
            let sheet = sheets.iter().find(|sheet| sheet.name == *asked);
            let sheet = sheet.ok_or_else(|| {
                let all: Vec<_> = sheets.iter().map(|sheet| sheet.name.as_str()).collect();
                error(&self.held, format!("it has no sheet {asked:?}"), &all)
            })?;
            self.part.clone_from(&sheet.part);
            return Ok(sheet.name.clone());
        }
        let mut found: Vec<&Sheet> = Vec::new();
        for sheet in sheets.iter().filter(|sheet| !sheet.hidden) {
            self.part.clone_from(&sheet.part);
            let mut filled = false;
            self.rows(&mut |_, _| {}, &mut |row| {
                filled = !row.cells.is_empty();
                !filled
            })?;
            found.extend(filled.then_some(sheet));
        }
        match found.as_slice() {
            [] => Err(self.held.broken("expected a sheet with cells, found none")),
            [sheet] => {
                self.part.clone_from(&sheet.part);
                Ok(sheet.name.clone())
            }
            several => {
                let names: Vec<_> = several.iter().map(|sheet| sheet.name.as_str()).collect();
                let reason = "it has several sheets with cells; choose one with --layer";
                Err(error(&self.held, reason.to_owned(), &names))
            }
        }
    }

    /// Goes through the rows of the sheet; gives what is known at its end, where it came there.
    fn rows(&self, far: Far, hear: &mut dyn FnMut(&Row) -> bool) -> Result<After, SourceError> {
        let mut archive: Archive = archive(&self.held)?;
        let found: Option<Part> = part(&self.held, &mut archive, &self.part)?;
        let part =
            found.ok_or_else(|| self.held.broken(format!("it has no part {}", self.part)))?;
        let mut rows = Rows::new(part, &self.strings, &self.formats, self.from_1904);
        let mut count = 0_u64;
        while let Some(row) = rows.next()? {
            if !hear(row) {
                return Ok(After::default());
            }
            count += 1;
            if count.is_multiple_of(BETWEEN) {
                let (read, of) = rows.far();
                far(read, Some(of));
            }
        }
        let (read, _) = rows.far();
        far(read, Some(read));
        Ok(After {
            spans: rows.spans,
            codes: rows.codes,
            moments: rows.moments,
        })
    }

    /// The first rows that have cells.
    fn head(&self, options: &Options) -> Result<Vec<HeadRow>, SourceError> {
        let asked = options.table.header;
        let mut rows: Vec<HeadRow> = Vec::new();
        self.rows(&mut |_, _| {}, &mut |row| {
            if !row.cells.is_empty() {
                rows.push(head_row(row));
            }
            let enough = rows.len() >= HEAD
                && asked
                    .is_none_or(|asked| rows.last().is_some_and(|row| row.row > asked.last + 2));
            !enough
        })?;
        Ok(rows)
    }

    fn read_header(
        &mut self,
        options: &Options,
        notes: &mut Vec<String>,
    ) -> Result<(), SourceError> {
        let rows = self.head(options)?;
        if rows.is_empty() {
            return Err(self.held.broken("expected a header, found a blank sheet"));
        }
        // What is merged stands after the last row: it is looked for where the first rows may be titles or more than
        // one row of names.
        let first = &rows[0].cells;
        let gaps = first.last().map_or(0, |cell| cell.column + 1) > first.len()
            || rows.iter().skip(1).any(|row| row.cells.len() > first.len());
        let spans = if first.len() == 1 || gaps || options.table.header.is_some() {
            self.rows(&mut |_, _| {}, &mut |_| true)?.spans
        } else {
            Vec::new()
        };
        let last = rows.last().map_or(0, |row| row.row);
        let spans: Vec<_> = spans
            .into_iter()
            .filter(|span| span.rows.0 <= last)
            .collect();
        let broken = |reason: String| self.held.broken(reason);
        let found = heading::find(&rows, &spans, options.table.header).map_err(broken)?;
        notes.extend(found.notes);
        let names = header::names(found.names, notes).map_err(broken)?;
        self.columns = Columns::new(names, options, notes).map_err(broken)?;
        self.header = u32::try_from(found.index).unwrap_or(u32::MAX);
        self.first = found.column;
        Ok(())
    }

    /// The word by which a row is one of sums.
    fn total(&self, row: &Row) -> Option<String> {
        let cell = |at: usize| {
            let found = row
                .cells
                .iter()
                .find(|(column, _)| *column == at + self.first);
            found.map(|(_, cell)| cell)
        };
        let stated = |at: usize| match cell(at) {
            Some(Ok(Value::Text(text))) => !text.trim().is_empty(),
            Some(_) => true,
            None => false,
        };
        let text = |at: usize| match cell(at) {
            Some(Ok(Value::Text(text))) => Some(text.clone()),
            _ => None,
        };
        self.columns.total(stated, text)
    }

    fn survey(
        &mut self,
        options: &Options,
        notes: &mut Vec<String>,
        stopped: Stopped,
    ) -> Result<u64, SourceError> {
        let (mut records, mut last) = (0_u64, self.header);
        let mut totals = Totals::default();
        let shape = self.columns.shape().map(|at| at + self.first);
        let mut place = None;
        // Of columns before the first that has a name: how many records have a cell there.
        let mut unnamed: BTreeMap<usize, u64> = BTreeMap::new();
        let After {
            spans,
            codes,
            moments,
        } = self.rows(&mut |_, _| {}, &mut |row| {
            if row.number <= self.header || row.cells.is_empty() {
                return !stopped();
            }
            last = row.number;
            if let Some(word) = self.total(row) {
                totals.add(|| row.number.into(), &word);
                return !stopped();
            }
            records += 1;
            for (at, _) in row.cells.iter().take_while(|(at, _)| *at < self.first) {
                *unnamed.entry(*at).or_default() += 1;
            }
            let cell = row.cells.iter().find(|(at, _)| Some(*at) == shape);
            if let Some((_, Ok(Value::Text(text)))) = cell
                && place.is_none()
                && text.trim_start().to_lowercase().starts_with("srid")
            {
                place = Some(text.clone());
            }
            !stopped()
        })?;
        if stopped() {
            let file = self.held.name.clone();
            return Err(SourceError::Stopped { file });
        }
        // One that is full is the number of the row, which pandas writes under no name; else it is a remark.
        let full = unnamed.into_iter().find(|(_, cells)| *cells == records);
        if let Some((first, _)) = full {
            self.widen(first, options, notes)?;
        }
        if let Some(place) = place {
            self.columns.learn(&place);
        }
        // Those behind the last are nobody's.
        let blank = u64::from(last - self.header).saturating_sub(records + totals.count());
        if blank > 0 {
            notes.push(format!("{blank} blank rows are left out"));
        }
        notes.extend(totals.note());
        self.merged(&spans, options, notes);
        for (at, (count, number, shown)) in codes {
            if let Some(at) = at
                .checked_sub(self.first)
                .filter(|at| *at < self.columns.count())
            {
                let name = self.columns.name(at);
                notes.push(format!(
                    "column {name}: {count} numbers are codes with zeros in front by their format, and are read as the texts that the sheet shows: {number} as {shown}"
                ));
            }
        }
        if moments > 0 {
            notes.push(format!(
                "{moments} times have no zone, as all of a spreadsheet: they are read as UTC"
            ));
        }
        Ok(records)
    }

    /// Keeps what is to be filled, and tells of what is merged below the header.
    fn merged(&mut self, spans: &[Span], options: &Options, notes: &mut Vec<String>) {
        let header = u64::from(self.header);
        let below = || spans.iter().filter(|span| span.rows.1 > header);
        let across = below().filter(|span| span.rows.0 == span.rows.1).count();
        if across > 0 {
            notes.push(format!("{across} ranges of cells are merged across columns: only the first cell of each has its value, the others are blank"));
        }
        let down: Vec<Span> = below()
            .filter(|span| span.rows.0 < span.rows.1 && span.rows.0 > header)
            .copied()
            .collect();
        let Some(first) = down.first() else { return };
        let name = first
            .columns
            .0
            .checked_sub(self.first)
            .map_or("", |at| self.columns.name(at));
        let example = format!(
            "the first is column {name:?}, rows {} to {}",
            first.rows.0, first.rows.1
        );
        let count = down.len();
        if options.table.fill_merged {
            notes.push(format!("{count} ranges of cells are merged downwards: each of their rows gets the value of the first (--fill-merged); {example}"));
            self.merged = down;
            self.merged.sort_by_key(|span| span.rows);
        } else {
            notes.push(format!("{count} ranges of cells are merged downwards: only the first row of each has its value, the others are blank; {example} (--fill-merged gives it to all)"));
        }
    }

    /// Begins further left, with columns that have no name.
    fn widen(
        &mut self,
        first: usize,
        options: &Options,
        notes: &mut Vec<String>,
    ) -> Result<(), SourceError> {
        let unnamed = (first..self.first).map(|_| String::new());
        let own = (0..self.columns.count()).map(|at| self.columns.name(at).to_owned());
        let names: Vec<_> = unnamed.chain(own).collect();
        let names = header::names(names, notes).map_err(|reason| self.held.broken(reason))?;
        // Where the places are was told before.
        let columns = Columns::new(names, options, &mut Vec::new());
        self.columns = columns.map_err(|reason| self.held.broken(reason))?;
        self.first = first;
        Ok(())
    }

    /// Returns what was found of its coordinates.
    pub fn found(&self) -> Option<String> {
        self.columns.found()
    }

    /// Reads all records, from the first. A record is numbered by its row, from the one below the header.
    pub fn read(&self, far: Far, each: Each) -> Result<(), SourceError> {
        let mut fill = Fill::new(&self.merged);
        self.rows(far, &mut |row| {
            if row.number <= self.header || row.cells.is_empty() {
                return true;
            }
            let filled = fill.row(row);
            self.total(row).is_some() || each(self.record(row, filled))
        })?;
        Ok(())
    }

    /// `filled` are cells of ranges that begin in rows before.
    fn record(&self, row: &Row, filled: Vec<(usize, Value)>) -> Result<Record, Bad> {
        let number = u64::from(row.number - self.header);
        let mut values = vec![Value::Null; self.columns.count()];
        for (at, value) in filled {
            if let Some(place) = at.checked_sub(self.first).filter(|at| *at < values.len()) {
                values[place] = value;
            }
        }
        for (at, cell) in &row.cells {
            let bad = |column: Option<&str>, reason: String| Bad {
                number,
                column: column.map(str::to_owned),
                reason,
            };
            let place = at.checked_sub(self.first).filter(|at| *at < values.len());
            let Some(place) = place else {
                let (row, column, header) = (row.number, at + 1, self.header);
                if self.columns.skips_unnamed(column) {
                    continue;
                }
                return Err(bad(
                    None,
                    format!(
                        "row {row} has a cell in column {column} of the sheet, which has no name in the header, row {header} (--header-row tells another row, --skip-column column_{column} leaves such cells out)"
                    ),
                ));
            };
            if self.columns.is_skipped(place) {
                continue;
            }
            let value = cell.clone();
            values[place] = value.map_err(|reason| bad(Some(self.columns.name(place)), reason))?;
        }
        self.columns.record(number, values)
    }
}

fn head_row(row: &Row) -> HeadRow {
    let cell = |(column, cell): &(usize, Result<Value, String>)| {
        let (text, is_text) = match cell {
            Ok(Value::Text(text)) => (text.clone(), !times::is_number(text.trim())),
            // 2021 may be the name of a column.
            Ok(value) => (value.to_string(), false),
            Err(_) => (String::new(), false),
        };
        HeadCell {
            column: *column,
            text,
            is_text,
        }
    };
    HeadRow {
        row: row.number.into(),
        index: row.number.into(),
        width: 0,
        cells: row.cells.iter().map(cell).collect(),
    }
}
