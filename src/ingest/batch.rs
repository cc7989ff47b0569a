//! What a thread makes of the records that it is given.

use super::feature::{self, Entry};
use super::flatgeobuf::{Header, Read};
use super::join;
use super::record::Reader;
use super::register::Register;
use crate::model::{CollectionInfo, Finding, RowsBuilder};
use crate::source::skim::not_json;
use crate::source::split::Batch;

/// What all threads know of a file.
#[derive(Clone, Copy)]
pub(super) struct Task<'a> {
    pub file: &'a str,
    pub info: &'a CollectionInfo,
    pub extent: [f64; 4],
    /// What the plan's audit takes for rounding.
    pub rounding_m: f64,
    /// None where it should be there and cannot be read: nothing can be joined.
    pub register: Option<&'a Register>,
    /// Of a format that has one.
    pub header: Option<&'a Header>,
}

/// What came of a batch.
#[derive(Debug)]
pub(super) struct Part {
    /// That of the batch.
    pub number: usize,
    /// Every feature that has an id. Where the register lacks its row, it has nothing else; but
    /// then nobody will see it, for that is an error.
    pub rows: RowsBuilder,
    /// The place of each in the file, counted in features.
    pub indices: Vec<u32>,
    /// How many have a row and a place, and how many a row and none.
    pub located: usize,
    pub unlocated: usize,
    /// About features as such.
    pub read: Vec<Finding>,
    /// About their cells.
    pub joined: Vec<Finding>,
    /// True where a record is not JSON, in a format where the file is not JSON then.
    pub broken: bool,
}

impl Part {
    pub fn new(info: &CollectionInfo, number: usize) -> Self {
        Self {
            number,
            rows: RowsBuilder::new(&info.columns),
            indices: Vec::new(),
            located: 0,
            unlocated: 0,
            read: Vec::new(),
            joined: Vec::new(),
            broken: false,
        }
    }

    /// Adds what came of the next batch.
    pub fn append(&mut self, mut next: Self) {
        self.broken |= next.broken;
        self.rows.append(next.rows);
        self.indices.append(&mut next.indices);
        self.located += next.located;
        self.unlocated += next.unlocated;
        self.read.append(&mut next.read);
        self.joined.append(&mut next.joined);
    }
}

impl Task<'_> {
    /// Reads, checks and joins the features of a batch.
    pub fn run(self, batch: &Batch) -> Part {
        let mut part = Part::new(self.info, batch.number);
        let mut reader = Reader::new(self.info, self.extent);
        let text = match self.header {
            None => std::str::from_utf8(&batch.bytes).ok(),
            Some(_) => None,
        };
        for (at, range) in batch.records.iter().enumerate() {
            let index = batch.first + at;
            let line = batch.lines.get(at).copied();
            let record = text
                .and_then(|text| text.get(range.clone()))
                .and_then(|text| reader.read(text));
            let bytes = &batch.bytes[range.clone()];
            let read = match (record, self.header) {
                (Some(record), _) => Ok(Read::Record(record)),
                (None, Some(header)) => header.read(bytes, &mut reader),
                (None, None) => match serde_json::from_slice(bytes) {
                    Ok(json) => Ok(Read::Odd(json)),
                    Err(error) if line.is_some() => Err(not_json(&error)),
                    Err(_) => {
                        part.broken = true;
                        return part;
                    }
                },
            };
            self.add(&mut part, index, line, read);
        }
        part
    }

    /// Checks and joins a feature that was read, or reports why it was not.
    pub fn add(
        self,
        part: &mut Part,
        index: usize,
        line: Option<usize>,
        read: Result<Read, String>,
    ) {
        let place = |finding: Finding| Finding {
            line,
            index: Some(index),
            ..finding
        };
        let mut report = |finding| part.read.push(place(finding));
        let entry = match read {
            Ok(Read::Record(record)) => {
                let rounding_m = self.rounding_m;
                Some(feature::checked(self.file, record, rounding_m, &mut report))
            }
            Ok(Read::Odd(json)) => {
                let bounds = (self.extent, self.rounding_m);
                feature::read(self.file, json, self.info, bounds, &mut report)
            }
            Err(reason) => {
                report(Finding::error("syntax", self.file, reason));
                None
            }
        };
        let Some(Entry {
            id,
            geometry,
            mut properties,
        }) = entry
        else {
            return;
        };
        let values = self.register.and_then(|register| {
            let mut report = |finding: Finding| part.joined.push(place(finding.at_id(&id.text())));
            join::values(
                self.file,
                self.info,
                &id,
                geometry.as_ref(),
                &mut properties,
                register,
                &mut report,
            )
        });
        match (&values, &geometry) {
            (Some(_), Some(_)) => part.located += 1,
            (Some(_), None) => part.unlocated += 1,
            (None, _) => {}
        }
        let values = values.unwrap_or_default();
        part.rows.push(&id, geometry.as_ref(), &values);
        part.indices.push(u32::try_from(index).unwrap_or(u32::MAX));
    }
}
