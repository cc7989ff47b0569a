//! `GeoJSON` as others write it: a feature collection, one feature, a feature per line, or a text sequence.
//!
//! The file is split by [`super::split`] and read twice: its columns are those that any feature has, and its
//! `crs` member - of the format's first version, which GDAL still writes - may stand at its end.

mod entry;
mod geometry;

use std::cell::Cell;
use std::collections::BTreeSet;
use std::fs::File;
use std::io::Read as _;
use std::path::{Path, PathBuf};

use serde_json::Value as Json;

use super::chunks::Chunks;
use super::columns::Columns;
use super::held::LONGEST;
use super::layers;
use super::skim::{not_json, stumble};
use super::split::{BYTE_ORDER_MARK, Batch, Document, Splitter, Stop};
use super::{Bad, Each, Far, Layer, Options, Record, SourceCrs, SourceError, Stopped};
use crate::crs::Crs;

use entry::{Entry, Read};

/// Bytes read at once.
const CHUNK: usize = 1 << 20;
/// How many names of members that are left out a note tells.
const TOLD: usize = 8;

/// Where the features of a file are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Form {
    /// In the array of a feature collection.
    Collection,
    /// The file is one.
    Feature,
    /// One per line, or per record of a text sequence.
    Lines,
}

/// A file whose columns are known.
#[derive(Debug)]
pub(super) struct GeoJson {
    path: PathBuf,
    form: Form,
    columns: Columns,
    /// Columns whose cells are not looked at.
    skip: Vec<String>,
}

/// What the first reading finds.
#[derive(Default)]
struct Seen {
    columns: Columns,
    records: u64,
    /// How many of them are features.
    features: u64,
    skip: Vec<String>,
    bad: Option<Bad>,
    foreign: BTreeSet<String>,
}

/// A record's bytes, its number and, where records are lines, its line; false to hear no more.
type Visit<'a> = &'a mut dyn FnMut(u64, Option<usize>, &[u8]) -> Result<bool, Refused>;

/// Why reading ends before the file does.
enum Refused {
    /// The file is not JSON.
    Broken,
    Said(SourceError),
}

/// Reads the file once.
pub(super) fn open(
    path: &Path,
    lines: bool,
    options: &Options,
    stopped: Stopped,
) -> Result<(Layer, GeoJson), SourceError> {
    let name = layers::stem(path);
    let file = path.display().to_string();
    layers::only(&file, &name, options.layer.as_deref())?;
    let mut notes = Vec::new();
    let misnamed = !lines && is_lines(path);
    if misnamed {
        notes.push("it has a feature per line, as a .geojsonl, and is read as that".to_owned());
    }
    let lines = lines || misnamed;
    let mut form = if lines { Form::Lines } else { Form::Collection };
    let mut seen = Seen {
        skip: options.skip.clone(),
        ..Seen::default()
    };
    let mut look = |number, line, bytes: &[u8]| {
        if stopped() {
            let file = file.clone();
            return Err(Refused::Said(SourceError::Stopped { file }));
        }
        seen.look(&file, number, line, bytes)
    };
    let mut document = walk(path, form, &mut |_, _| {}, &mut look)?;
    if document.kind == Some("Feature".into()) {
        form = Form::Feature;
        walk(path, form, &mut |_, _| {}, &mut look)?;
    } else if !lines {
        features_are_there(path, &file, &document)?;
    }
    if seen.features == 0
        && let Some(bad) = seen.bad
    {
        let reason = bad.to_string();
        return Err(SourceError::Broken { file, reason });
    }
    if lines && seen.records == 0 {
        let reason = "expected a feature per line, found an empty file".to_owned();
        return Err(SourceError::Broken { file, reason });
    }
    let crs = crs(document.crs.take(), &mut notes);
    if !seen.foreign.is_empty() {
        let names: Vec<_> = seen.foreign.iter().take(TOLD).map(String::as_str).collect();
        let names = names.join(", ");
        notes.push(format!(
            "members of features beside their properties are left out: {names}"
        ));
    }
    let layer = Layer {
        name,
        columns: seen.columns.untyped(),
        crs,
        records: Some(seen.records),
        notes,
    };
    let reader = GeoJson {
        path: path.to_owned(),
        form,
        columns: seen.columns,
        skip: options.skip.clone(),
    };
    Ok((layer, reader))
}

impl Seen {
    fn look(
        &mut self,
        file: &str,
        number: u64,
        line: Option<usize>,
        bytes: &[u8],
    ) -> Result<bool, Refused> {
        self.records = number;
        let entry = match Entry::read(number, line, bytes, &self.skip) {
            Read::Entry(entry) => entry,
            Read::Bad(bad) => {
                self.bad.get_or_insert(bad);
                return Ok(true);
            }
            Read::NotJson => return Err(Refused::Broken),
        };
        self.features += 1;
        for (name, _) in &entry.properties {
            self.columns.add(file, name).map_err(Refused::Said)?;
        }
        let room = TOLD.saturating_sub(self.foreign.len());
        self.foreign.extend(entry.foreign.into_iter().take(room));
        Ok(true)
    }
}

impl GeoJson {
    pub fn read(&self, far: Far, each: Each) -> Result<(), SourceError> {
        walk(&self.path, self.form, far, &mut |number, line, bytes| {
            let record = match Entry::read(number, line, bytes, &self.skip) {
                Read::Entry(entry) => self.record(number, line, *entry),
                Read::Bad(bad) => Err(bad),
                Read::NotJson => return Err(Refused::Broken),
            };
            Ok(each(record))
        })?;
        Ok(())
    }

    fn record(&self, number: u64, line: Option<usize>, entry: Entry) -> Result<Record, Bad> {
        let bad = |column: Option<String>, reason| entry::bad(number, line, column, reason);
        let id = entry.id().map_err(|reason| bad(None, reason))?;
        let mut flattened = false;
        let geometry = match &entry.geometry {
            None => None,
            Some(json) => {
                geometry::read(json, &mut flattened).map_err(|reason| bad(None, reason))?
            }
        };
        let mut values = vec![None; self.columns.len()];
        for (name, json) in entry.properties {
            // A column that is new has come into the file since it was opened.
            let Some(at) = self.columns.place(&name) else {
                let reason = "is not in the file as it was opened: it has changed".to_owned();
                return Err(bad(Some(name), reason));
            };
            let json = if self.skip.contains(&name) {
                serde_json::Value::Null
            } else {
                json
            };
            let value = entry::value(json).map_err(|reason| bad(Some(name.clone()), reason))?;
            if values[at].replace(value).is_some() {
                let reason = "the feature has two properties of this name".to_owned();
                return Err(bad(Some(name), reason));
            }
        }
        let values = values
            .into_iter()
            .map(|cell| cell.unwrap_or(crate::model::Value::Null));
        Ok(Record {
            number,
            id,
            values: values.collect(),
            geometry,
            flattened,
        })
    }
}

/// Visits the records of a file.
fn walk(path: &Path, form: Form, far: Far, visit: Visit) -> Result<Document, SourceError> {
    let file = path.display().to_string();
    let io = |error: std::io::Error| SourceError::Io {
        file: file.clone(),
        reason: format!("cannot be read: {error}"),
    };
    let source = File::open(path).map_err(io)?;
    let length = source.metadata().ok().map(|data| data.len());
    if form == Form::Feature {
        return whole(path, &file, visit);
    }
    let count = Cell::new(0);
    let (mut told, mut enough) = (None, false);
    let mut hand_over = |batch: Batch| {
        far(count.get(), length);
        for (at, range) in batch.records.iter().enumerate() {
            let number = (batch.first + at + 1) as u64;
            let line = batch.lines.get(at).copied();
            match visit(number, line, &batch.bytes[range.clone()]) {
                Ok(true) => {}
                Ok(false) => {
                    enough = true;
                    return Err(Stop::Broken);
                }
                Err(Refused::Broken) => {
                    told = Some(refusal(path, &file, Stop::Broken, Some(number)));
                    return Err(Stop::Broken);
                }
                Err(Refused::Said(error)) => {
                    told = Some(error);
                    return Err(Stop::Broken);
                }
            }
        }
        Ok(())
    };
    let chunks = Chunks::new(Box::new(source), CHUNK, &count);
    let splitter = Splitter::new(chunks, Vec::new(), &mut hand_over);
    let document = match form {
        Form::Lines => splitter.records().map(|()| Document::default()),
        _ => splitter.collection(),
    };
    match document {
        _ if enough => Ok(Document::default()),
        Err(stop) => Err(told.unwrap_or_else(|| refusal(path, &file, stop, None))),
        Ok(document) => Ok(document),
    }
}

/// True of a file whose first line is a feature, with something behind it: such a file is no JSON, so that
/// nothing can be mistaken for it. What cannot be read is told of when it is read.
fn is_lines(path: &Path) -> bool {
    let mut start = Vec::new();
    let read = File::open(path).and_then(|file| file.take(CHUNK as u64).read_to_end(&mut start));
    let start = start.strip_prefix(BYTE_ORDER_MARK).unwrap_or(&start);
    let start = start.trim_ascii_start();
    let Some(end) = memchr::memchr(b'\n', start).filter(|_| read.is_ok()) else {
        return false;
    };
    let more = !start[end..].trim_ascii_start().is_empty();
    more && serde_json::from_slice::<Json>(&start[..end])
        .is_ok_and(|line| line["type"] == "Feature")
}

/// A file that is one feature.
fn whole(path: &Path, file: &str, visit: Visit) -> Result<Document, SourceError> {
    let mut bytes = Vec::new();
    let read = File::open(path)
        .and_then(|source| source.take(LONGEST + 1).read_to_end(&mut bytes))
        .map_err(|error| SourceError::Io {
            file: file.to_owned(),
            reason: format!("cannot be read: {error}"),
        })?;
    if read as u64 > LONGEST {
        return Err(SourceError::Broken {
            file: file.to_owned(),
            reason: format!("its feature is longer than {} MiB", LONGEST >> 20),
        });
    }
    let text = bytes.strip_prefix(BYTE_ORDER_MARK).unwrap_or(&bytes);
    match visit(1, None, text) {
        Ok(_) => Ok(Document::default()),
        Err(Refused::Said(error)) => Err(error),
        Err(Refused::Broken) => Err(refusal(path, file, Stop::Broken, None)),
    }
}

/// Why a file was not read to its end, with the record and the line where its reader stumbled.
fn refusal(path: &Path, file: &str, stop: Stop, record: Option<u64>) -> SourceError {
    let record = record.map_or_else(String::new, |number| format!("record {number}: "));
    let broken = |reason: String| SourceError::Broken {
        file: file.to_owned(),
        reason,
    };
    let io = |error: std::io::Error| SourceError::Io {
        file: file.to_owned(),
        reason: format!("cannot be read: {error}"),
    };
    match stop {
        Stop::Io(error) => io(error),
        Stop::Said(_, reason) => broken(reason),
        Stop::Twice => broken("expected one array named features, found two".to_owned()),
        Stop::Broken => match File::open(path) {
            Err(error) => io(error),
            Ok(source) => broken(match stumble(Box::new(source)) {
                Some(error) => record + &not_json(&error),
                None => "expected a FeatureCollection or a Feature, found other JSON".to_owned(),
            }),
        },
    }
}

/// What makes a document of features none.
fn features_are_there(path: &Path, file: &str, document: &Document) -> Result<(), SourceError> {
    let broken = |reason: String| {
        Err(SourceError::Broken {
            file: file.to_owned(),
            reason,
        })
    };
    match &document.kind {
        Some(Json::String(kind)) if kind == "FeatureCollection" => {}
        Some(kind) => {
            return broken(format!(
                "expected a FeatureCollection or a Feature, found {kind}"
            ));
        }
        None => {
            // Whether there was anything is known to whoever reads it again.
            let length = path.metadata().map(|data| data.len()).unwrap_or_default();
            return broken(format!(
                "expected a FeatureCollection or a Feature, found {length} bytes without a type"
            ));
        }
    }
    if !document.has_features {
        return broken("expected an array named features".to_owned());
    }
    Ok(())
}

/// By the member that the format's first version has; CRS84 where it is not there.
fn crs(member: Option<Json>, notes: &mut Vec<String>) -> SourceCrs {
    let Some(member) = member else {
        return SourceCrs::Known(Crs::Crs84);
    };
    let name = member.pointer("/properties/name").and_then(Json::as_str);
    if let Some(crs) = name.and_then(|name| name.parse().ok()) {
        return SourceCrs::Known(crs);
    }
    notes.push(format!(
        "its crs member is not one that is known: {}",
        entry::brief(&member)
    ));
    SourceCrs::Untold
}
