//! Office Open XML spreadsheets (ECMA-376): a sheet is a layer, its first row with a cell the header.
//!
//! Written here because the reader that is at hand sets aside memory by what a header claims and stops the
//! program at cell names that are too long. A sheet is read while it is unpacked, row by row; the texts
//! that cells share are in memory, 256 MiB at most. What unpacks to far more than its bytes is refused as in
//! [`super::zip`].

mod book;
mod cells;
mod dates;
mod parts;
mod strings;

use std::collections::BTreeMap;
use std::path::Path;

use self::book::{Book, Sheet};
use self::cells::{Row, Rows, TITLES};
use self::dates::Formats;
use self::parts::{Part, part};
use self::strings::Strings;
use super::held::Held;
use super::layers::told;
use super::places::Columns;
use super::zip::{Archive, archive};
use super::{Bad, Each, Far, Layer, Options, Record, SourceError, Stopped, header};
use crate::model::Value;

/// How files of the old binary format begin, and encrypted ones.
const COMPOUND: [u8; 4] = [0xD0, 0xCF, 0x11, 0xE0];
/// Rows between two words on how far it is.
const BETWEEN: u64 = 256;

/// A row's number and its cells.
type HeaderRow = (u32, Vec<(usize, Result<Value, String>)>);

/// What is known of a sheet at its end.
#[derive(Debug, Default)]
struct After {
    /// Merged ranges.
    merged: u64,
    /// Rows that may be titles.
    across: Vec<u32>,
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
    /// The row of the header, and its first column.
    header: u32,
    first: usize,
    columns: Columns,
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
        columns: Columns::new(Vec::new(), &mut Vec::new()),
        held,
    };
    let name = table.choose(&book.sheets, options)?;
    let mut notes = Vec::new();
    table.read_header(&mut notes)?;
    let records = table.survey(&mut notes, stopped)?;
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
            merged: rows.merged,
            across: rows.across,
            moments: rows.moments,
        })
    }

    /// The first row with a cell, but for those of one cell that are told to be titles.
    fn first_row(&self, titles: &[u32]) -> Result<Option<HeaderRow>, SourceError> {
        let mut found = None;
        self.rows(&mut |_, _| {}, &mut |row| {
            let title = row.cells.len() == 1 && titles.contains(&row.number);
            if !row.cells.is_empty() && !title {
                found = Some((row.number, row.cells.clone()));
            }
            found.is_none()
        })?;
        Ok(found)
    }

    fn read_header(&mut self, notes: &mut Vec<String>) -> Result<(), SourceError> {
        let mut found = self.first_row(&[])?;
        // A single cell may be the title of the table: what is merged stands after the last row.
        if found
            .as_ref()
            .is_some_and(|(number, cells)| cells.len() == 1 && *number <= TITLES)
        {
            let titles = self.rows(&mut |_, _| {}, &mut |_| true)?.across;
            found = self.first_row(&titles)?;
        }
        let (number, cells) =
            found.ok_or_else(|| self.held.broken("expected a header, found a blank sheet"))?;
        let first = cells.first().map_or(0, |(at, _)| *at);
        let last = cells.last().map_or(0, |(at, _)| *at);
        let mut names = vec![String::new(); last + 1 - first];
        for (at, cell) in cells {
            let name = cell.map_err(|reason| {
                self.held
                    .broken(format!("the header, column {}: {reason}", at + 1))
            })?;
            names[at - first] = name.to_string();
        }
        if number > 1 {
            notes.push(format!(
                "the header is row {number}, the first that is neither blank nor a title across columns"
            ));
        }
        let names = header::names(names, notes).map_err(|reason| self.held.broken(reason))?;
        self.header = number;
        self.first = first;
        self.columns = Columns::new(names, notes);
        Ok(())
    }

    fn survey(&mut self, notes: &mut Vec<String>, stopped: Stopped) -> Result<u64, SourceError> {
        let (mut records, mut last) = (0_u64, self.header);
        let shape = self.columns.shape().map(|at| at + self.first);
        let mut place = None;
        // Of columns before the first that has a name: how many records have a cell there.
        let mut unnamed: BTreeMap<usize, u64> = BTreeMap::new();
        let After {
            merged, moments, ..
        } = self.rows(&mut |_, _| {}, &mut |row| {
            if row.number <= self.header || row.cells.is_empty() {
                return !stopped();
            }
            last = row.number;
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
            self.widen(first, notes)?;
        }
        if let Some(place) = place {
            self.columns.learn(&place);
        }
        // Those behind the last are nobody's.
        let blank = u64::from(last - self.header).saturating_sub(records);
        if blank > 0 {
            notes.push(format!("{blank} blank rows are left out"));
        }
        if merged > 0 {
            notes.push(format!("{merged} ranges of cells are merged: only the first cell of each has its value, the others are blank"));
        }
        if moments > 0 {
            notes.push(format!(
                "{moments} times have no zone, as all of a spreadsheet: they are read as UTC"
            ));
        }
        Ok(records)
    }

    /// Begins further left, with columns that have no name.
    fn widen(&mut self, first: usize, notes: &mut Vec<String>) -> Result<(), SourceError> {
        let unnamed = (first..self.first).map(|_| String::new());
        let own = (0..self.columns.count()).map(|at| self.columns.name(at).to_owned());
        let names: Vec<_> = unnamed.chain(own).collect();
        let names = header::names(names, notes).map_err(|reason| self.held.broken(reason))?;
        // Where the places are was told before.
        self.columns = Columns::new(names, &mut Vec::new());
        self.first = first;
        Ok(())
    }

    /// Returns what was found of its coordinates.
    pub fn found(&self) -> Option<String> {
        self.columns.found()
    }

    /// Reads all records, from the first. A record is numbered by its row, from the one below the header.
    pub fn read(&self, far: Far, each: Each) -> Result<(), SourceError> {
        self.rows(far, &mut |row| {
            row.number <= self.header || row.cells.is_empty() || each(self.record(row))
        })?;
        Ok(())
    }

    fn record(&self, row: &Row) -> Result<Record, Bad> {
        let number = u64::from(row.number - self.header);
        let mut values = vec![Value::Null; self.columns.count()];
        for (at, cell) in &row.cells {
            let bad = |column: Option<&str>, reason: String| Bad {
                number,
                column: column.map(str::to_owned),
                reason,
            };
            let place = at.checked_sub(self.first).filter(|at| *at < values.len());
            let Some(place) = place else {
                let (row, column) = (row.number, at + 1);
                return Err(bad(
                    None,
                    format!(
                        "row {row} has a cell in column {column} of the sheet, which has no name in the header"
                    ),
                ));
            };
            let value = cell.clone();
            values[place] = value.map_err(|reason| bad(Some(self.columns.name(place)), reason))?;
        }
        self.columns.record(number, values)
    }
}
