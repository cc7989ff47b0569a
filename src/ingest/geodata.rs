//! `geodata/*`: a file of features per collection, read by all processors at once.
//!
//! One thread reads and splits, the others parse, check and join whole features, and what they made
//! is put together in the order of the file. Only some batches are under way at a time, so the
//! memory that is needed beside the result does not grow with the file.

use std::cell::Cell;
use std::collections::BTreeMap;
use std::io::Read;
use std::sync::{Arc, Mutex, PoisonError, mpsc};
use std::thread;

use serde_json::Value as Json;
use sha2::Sha256;

use super::batch::{Part, Task};
use super::feature::{brief, shortened};
use super::files::PlanFiles;
use super::flatgeobuf;
use super::foreign;
use super::hashing::Hashing;
use crate::model::Finding;
use crate::source::chunks::Chunks;
use crate::source::fgb;
use crate::source::skim::{not_json, stumble};
use crate::source::split::{Batch, Document, Splitter, Stop};

/// How a file is read.
#[derive(Debug, Clone, Copy)]
pub(super) struct Pace {
    /// Bytes read at once. Less would cost a hand-over per few features, more memory per thread.
    pub chunk: usize,
    /// Threads that parse, beside the one that reads.
    pub threads: usize,
}

impl Pace {
    pub fn of_this_machine() -> Self {
        Self {
            chunk: 1 << 20,
            threads: thread::available_parallelism().map_or(1, usize::from),
        }
    }
}

/// How far the reading of a file is.
#[derive(Debug, Clone, Copy)]
pub struct Progress<'a> {
    /// The file, relative to the plan folder.
    pub file: &'a str,
    /// Bytes that were read.
    pub bytes: u64,
    /// How many there are, where that is known.
    pub of: Option<u64>,
    /// Features that were found.
    pub features: usize,
}

/// Hears of progress, some hundred times per gigabyte.
pub(super) type Tell<'a> = &'a mut dyn FnMut(Progress);

/// The formats, by the ending of the file's name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Format {
    /// A feature collection (RFC 7946).
    Collection,
    /// A feature per line, or a text sequence (RFC 8142).
    Records,
    FlatGeobuf,
    /// A database, which is read by rows.
    GeoPackage,
}

fn format(file: &str) -> Format {
    match file.rsplit_once('.') {
        Some((_, "ndjson" | "geojsonl" | "geojsons")) => Format::Records,
        Some((_, "fgb")) => Format::FlatGeobuf,
        Some((_, "gpkg")) => Format::GeoPackage,
        _ => Format::Collection,
    }
}

/// What came of a file, put together in its order.
#[derive(Debug)]
struct Collected {
    whole: Part,
    /// Parts that are done before one that stands before them in the file.
    early: BTreeMap<usize, Part>,
}

impl Collected {
    fn add(&mut self, part: Part) {
        self.early.insert(part.number, part);
        while let Some(part) = self.early.remove(&self.whole.number) {
            self.whole.number += 1;
            self.whole.append(part);
        }
    }
}

/// Reads a file's features. What is wrong with one feature is reported and the others are read;
/// a finding in place of them means that the file as a whole cannot be understood.
pub(super) fn read(
    files: &PlanFiles,
    task: Task,
    pace: Pace,
    digest: &mut Sha256,
    tell: Tell,
) -> Result<Part, Box<Finding>> {
    let by_records = match format(task.file) {
        Format::GeoPackage => true,
        // In longitude and latitude it is read by all processors.
        Format::FlatGeobuf => foreign::is_in_another_crs(files, task.file),
        Format::Collection | Format::Records => false,
    };
    if by_records {
        return foreign::read(files, task, digest, tell);
    }
    let source = files
        .open(task.file)
        .map_err(|error| Box::new(Finding::error("missing-file", task.file, error.reason)))?;
    let count = Cell::new(0);
    let source = Box::new(Hashing { source, digest });
    let chunks = Chunks::new(source, pace.chunk, &count);
    let of = files.length(task.file);
    let mut told = |features| {
        tell(Progress {
            file: task.file,
            bytes: count.get(),
            of,
            features,
        });
    };
    let mut collected = Collected {
        whole: Part::new(task.info, 0),
        early: BTreeMap::new(),
    };
    let document = split(task, pace, chunks, &mut told, &mut collected)
        .map_err(|stop| Box::new(refusal(files, task.file, &stop)))?;
    match document.and_then(|document| not_a_collection(task.file, &document)) {
        Some(finding) => Err(Box::new(finding)),
        None => Ok(collected.whole),
    }
}

/// Runs the threads. The document is none in a format of records.
fn split(
    task: Task,
    pace: Pace,
    chunks: Chunks,
    told: &mut dyn FnMut(usize),
    collected: &mut Collected,
) -> Result<Option<Document>, Stop> {
    let format = format(task.file);
    let (mut header, mut chunks, mut buffer) = (None, chunks, Vec::new());
    if format == Format::FlatGeobuf {
        let mut none_yet = |_: Batch| Ok(());
        let mut splitter = Splitter::new(chunks, buffer, &mut none_yet);
        header = Some(flatgeobuf::header(&mut splitter, task.info)?);
        (chunks, buffer) = splitter.untaken();
    }
    let task = Task {
        header: header.as_ref(),
        ..task
    };
    thread::scope(|scope| {
        let mut threads: Option<Threads> = None;
        let mut hand_over = |batch: Batch| {
            told(batch.first + batch.records.len());
            let threads = match &mut threads {
                // A small file is not worth a thread.
                None if batch.last => {
                    collected.add(task.run(&batch));
                    return Ok(());
                }
                Some(threads) => threads,
                None => threads.insert(Threads::start(scope, task, pace.threads)),
            };
            threads.give(batch, collected);
            if collected.whole.broken {
                return Err(Stop::Broken);
            }
            Ok(())
        };
        let splitter = Splitter::new(chunks, buffer, &mut hand_over);
        let document = match format {
            // A GeoPackage is read elsewhere.
            Format::Collection | Format::GeoPackage => splitter.collection().map(Some),
            Format::Records => splitter.records().map(|()| None),
            Format::FlatGeobuf => splitter.sized().and_then(|count| {
                let all = header.as_ref().and_then(flatgeobuf::Header::features);
                fgb::all_there(all, count).map(|()| None)
            }),
        };
        if let Some(threads) = threads {
            threads.finish(collected);
        }
        match document {
            Ok(_) if collected.whole.broken => Err(Stop::Broken),
            document => document,
        }
    })
}

/// Threads that turn batches into parts.
struct Threads {
    batches: mpsc::Sender<Batch>,
    parts: mpsc::Receiver<Part>,
    under_way: usize,
    most: usize,
}

impl Threads {
    fn start<'scope, 'env>(
        scope: &'scope thread::Scope<'scope, 'env>,
        task: Task<'env>,
        count: usize,
    ) -> Self {
        let (batches, queue) = mpsc::channel::<Batch>();
        let queue = Arc::new(Mutex::new(queue));
        let (done, parts) = mpsc::channel();
        for _ in 0..count {
            let (queue, done) = (queue.clone(), done.clone());
            scope.spawn(move || {
                loop {
                    let batch = queue.lock().unwrap_or_else(PoisonError::into_inner).recv();
                    // Whoever waits for no more parts has seen enough.
                    let Ok(batch) = batch else { break };
                    if done.send(task.run(&batch)).is_err() {
                        break;
                    }
                }
            });
        }
        Self {
            batches,
            parts,
            under_way: 0,
            most: 2 * count + 1,
        }
    }

    /// Gives a batch to whichever thread is free first; waits while too many are under way.
    fn give(&mut self, batch: Batch, into: &mut Collected) {
        while self.under_way >= self.most
            && let Ok(part) = self.parts.recv()
        {
            self.under_way -= 1;
            into.add(part);
        }
        while let Ok(part) = self.parts.try_recv() {
            self.under_way -= 1;
            into.add(part);
        }
        // Threads that are gone have panicked, which the scope passes on.
        if self.batches.send(batch).is_ok() {
            self.under_way += 1;
        }
    }

    fn finish(self, into: &mut Collected) {
        drop(self.batches);
        self.parts.iter().for_each(|part| into.add(part));
    }
}

/// Why a file was not read to its end, with the line where its reader stumbled.
fn refusal(files: &PlanFiles, file: &str, stop: &Stop) -> Finding {
    match stop {
        Stop::Io(error) => Finding::error("missing-file", file, format!("cannot be read: {error}")),
        Stop::Said(check, reason) => Finding::error(check, file, reason),
        Stop::Twice => Finding::error(
            "syntax",
            file,
            "expected one array named features, found two",
        ),
        Stop::Broken => match files.open(file).map(stumble) {
            Ok(Some(error)) => {
                Finding::error("syntax", file, not_json(&error)).at_line(error.line())
            }
            Ok(None) => {
                let mut head = Vec::new();
                // What cannot be read again is named by what could.
                if let Ok(source) = files.open(file) {
                    let _ = source.take(4096).read_to_end(&mut head);
                }
                not_that(file, None, &head)
            }
            Err(error) => Finding::error("missing-file", file, error.reason),
        },
    }
}

/// What makes a document of features none.
fn not_a_collection(file: &str, document: &Document) -> Option<Finding> {
    if document.kind.as_ref() != Some(&"FeatureCollection".into()) {
        return Some(not_that(file, document.kind.as_ref(), &document.head));
    }
    if let Some(crs) = &document.crs {
        let name = crs
            .pointer("/properties/name")
            .and_then(Json::as_str)
            .unwrap_or("?");
        if !name.ends_with("CRS84") {
            let reason = format!("GeoJSON is in CRS84 (RFC 7946, section 4), found crs {name:?}");
            return Some(Finding::error("crs", file, reason));
        }
    }
    (!document.has_features)
        .then(|| Finding::error("syntax", file, "expected an array named features"))
}

fn not_that(file: &str, kind: Option<&Json>, head: &[u8]) -> Finding {
    let found = kind.map_or_else(|| start_of(head), Json::to_string);
    let reason = format!("expected a FeatureCollection, found {found}");
    Finding::error("syntax", file, reason)
}

/// The start of a document without its whitespace.
fn start_of(head: &[u8]) -> String {
    let text = String::from_utf8_lossy(head);
    let text = text.trim_start_matches('\u{feff}');
    if let Ok(json) = serde_json::from_str(text) {
        return brief(&json);
    }
    let (mut quoted, mut escaped) = (false, false);
    let shown = text.chars().filter(|char| {
        let shown = quoted || !char.is_ascii_whitespace();
        quoted ^= *char == '"' && !escaped;
        escaped = quoted && *char == '\\' && !escaped;
        shown
    });
    shortened(&shown.collect::<String>())
}
