//! The register: one CSV row per project of the plan.

use std::collections::{HashMap, HashSet};

use super::code_problem;
use crate::model::{CollectionInfo, Column, Finding, Value};

/// The register's rows by id, each with the cells that its collection knows.
#[derive(Debug, Default)]
pub(super) struct Register {
    /// Columns that the register has, apart from `id` and `collection`.
    pub header: Vec<String>,
    /// In the order of the file.
    pub rows: Vec<Row>,
    /// From id to position in `rows`.
    pub by_id: HashMap<String, usize>,
    /// The file, for findings.
    pub file: String,
}

/// One row of the register.
#[derive(Debug)]
pub(super) struct Row {
    pub id: String,
    pub collection: String,
    pub line: usize,
    /// In the order of [`Register::header`].
    pub cells: Vec<Value>,
}

impl Register {
    /// The cell of a row, where the register has that column.
    pub fn cell(&self, row: &Row, column: &str) -> Option<Value> {
        let position = self.header.iter().position(|name| name == column)?;
        row.cells.get(position).cloned()
    }
}

/// Reads the register. What is wrong with one row is reported and the others are read; `None` means
/// that the file as a whole cannot be understood.
pub(super) fn read(
    file: &str,
    bytes: &[u8],
    infos: &[CollectionInfo],
    findings: &mut Vec<Finding>,
) -> Option<Register> {
    let mut register = Register {
        file: file.to_owned(),
        ..Register::default()
    };
    if bytes.is_empty() {
        findings.push(Finding::error(
            "syntax",
            file,
            "is empty: expected a header line",
        ));
        return None;
    }
    if let Some(line) = open_quote(bytes) {
        let reason = "a quote is opened and never closed (is the file cut short?)";
        findings.push(Finding::error("syntax", file, reason).at_line(line));
        return None;
    }
    let mut reader = csv::Reader::from_reader(bytes);
    let header = match reader.headers() {
        Ok(header) => header.clone(),
        Err(error) => {
            findings.push(Finding::error("syntax", file, csv_reason(&error)).at_line(1));
            return None;
        }
    };
    let (id_at, collection_at) = structural(file, &header, findings)?;
    let columns = known_columns(infos);
    let fields = fields(file, &header, &columns, findings);
    register.header = fields
        .iter()
        .map(|(_, column)| column.name.clone())
        .collect();

    for record in reader.records() {
        let record = match record {
            Ok(record) => record,
            Err(error) => {
                let finding = Finding::error("syntax", file, csv_reason(&error));
                findings.push(match error.position() {
                    Some(position) => finding.at_line(line(bytes, position)),
                    None => finding,
                });
                continue;
            }
        };
        let at = record.position().map_or(0, |at| line(bytes, at));
        let id = record.get(id_at).unwrap_or_default().to_owned();
        let collection = record.get(collection_at).unwrap_or_default().to_owned();
        let Some(info) = row_problems(file, at, &id, &collection, &register, infos, findings)
        else {
            continue;
        };
        let cells = fields
            .iter()
            .map(|(position, column)| {
                let text = record.get(*position).unwrap_or_default();
                cell(file, at, &id, column, text, info, findings)
            })
            .collect();
        register.by_id.insert(id.clone(), register.rows.len());
        register.rows.push(Row {
            id,
            collection,
            line: at,
            cells,
        });
    }
    Some(register)
}

/// The line of a quote that is opened and never closed. The CSV reader takes all that follows for
/// one cell, so rows would be lost without a word.
fn open_quote(bytes: &[u8]) -> Option<usize> {
    let (mut line, mut opened) = (1, 1);
    let (mut quoted, mut closed, mut field_starts) = (false, false, true);
    for byte in bytes {
        if *byte == b'"' && (quoted || closed || field_starts) {
            // A quote right behind one that closed belongs to the same cell: it was a doubled one.
            if field_starts {
                opened = line;
            }
            closed = quoted;
            quoted = !quoted;
            field_starts = false;
        } else {
            closed = false;
            field_starts = !quoted && matches!(byte, b',' | b'\r' | b'\n');
        }
        line += usize::from(*byte == b'\n');
    }
    quoted.then_some(opened)
}

/// Reads a cell; a wrong one is reported and left empty.
fn cell(
    file: &str,
    line: usize,
    id: &str,
    column: &Column,
    text: &str,
    info: &CollectionInfo,
    findings: &mut Vec<Finding>,
) -> Value {
    let place = |finding: Finding| finding.at_line(line).at_id(id).at_column(&column.name);
    let value = match Value::parse(text, column.kind) {
        Ok(value) => value,
        Err(error) => {
            findings.push(place(Finding::error("wrong-type", file, error.to_string())));
            return Value::Null;
        }
    };
    if !value.is_null() && info.column_index(&column.name).is_none() {
        let reason = format!(
            "collection {:?} has no such column, so {text:?} would be lost",
            info.id
        );
        findings.push(place(Finding::error("unknown-column", file, reason)));
    }
    if let Some(reason) = code_problem(column, &value) {
        findings.push(place(Finding::error("unknown-code", file, reason)));
    }
    value
}

/// The row's collection, if the row can be kept.
fn row_problems<'a>(
    file: &str,
    line: usize,
    id: &str,
    collection: &str,
    register: &Register,
    infos: &'a [CollectionInfo],
    findings: &mut Vec<Finding>,
) -> Option<&'a CollectionInfo> {
    let place = |finding: Finding| finding.at_line(line).at_id(id);
    if id.is_empty() {
        findings.push(Finding::error("missing-id", file, "the row has no id").at_line(line));
        return None;
    }
    if let Some(first) = register
        .by_id
        .get(id)
        .and_then(|first| register.rows.get(*first))
    {
        let reason = format!("the id is already used in line {}", first.line);
        findings.push(place(Finding::error("duplicate-id", file, reason)));
        return None;
    }
    let info = infos
        .iter()
        .find(|info| info.id == collection && info.register);
    if info.is_none() {
        let known: Vec<_> = infos
            .iter()
            .filter(|i| i.register)
            .map(|i| i.id.as_str())
            .collect();
        let reason = format!("expected one of {}, found {collection:?}", known.join(", "));
        findings.push(
            place(Finding::error("unknown-collection", file, reason)).at_column("collection"),
        );
    }
    info
}

fn structural(
    file: &str,
    header: &csv::StringRecord,
    findings: &mut Vec<Finding>,
) -> Option<(usize, usize)> {
    let mut find = |name: &str| {
        let position = header.iter().position(|field| field == name);
        if position.is_none() {
            let reason = "the header has no such column";
            findings.push(
                Finding::error("missing-column", file, reason)
                    .at_line(1)
                    .at_column(name),
            );
        }
        position
    };
    let (id, collection) = (find("id"), find("collection"));
    id.zip(collection)
}

/// Which field of the file is which column.
fn fields<'a>(
    file: &str,
    header: &csv::StringRecord,
    columns: &HashMap<&str, &'a Column>,
    findings: &mut Vec<Finding>,
) -> Vec<(usize, &'a Column)> {
    let mut seen = HashSet::new();
    let mut fields = Vec::new();
    for (position, name) in header.iter().enumerate() {
        let wrong = |check, reason| {
            Finding::error(check, file, reason)
                .at_line(1)
                .at_column(name)
        };
        if !seen.insert(name) {
            findings.push(wrong("duplicate-column", "the header has the column twice"));
        } else if name == "id" || name == "collection" {
        } else if let Some(column) = columns.get(name) {
            if column.compute.is_some() {
                findings.push(wrong(
                    "computed-column",
                    "the column is computed, so it cannot be read",
                ));
            } else {
                fields.push((position, *column));
            }
        } else {
            findings.push(wrong(
                "unknown-column",
                "no collection of the register has such a column",
            ));
        }
    }
    fields
}

fn known_columns(infos: &[CollectionInfo]) -> HashMap<&str, &Column> {
    let registered = infos.iter().filter(|info| info.register);
    registered
        .flat_map(|info| &info.columns)
        .map(|column| (column.name.as_str(), column))
        .collect()
}

/// The line on which a record starts. The reader's position stands right behind the record before:
/// in a file with CRLF before that line's LF, and before blank lines.
fn line(bytes: &[u8], position: &csv::Position) -> usize {
    let before = usize::try_from(position.line()).unwrap_or(usize::MAX);
    let start = usize::try_from(position.byte()).unwrap_or(usize::MAX);
    let rest = bytes.get(start..).unwrap_or_default().iter();
    let skipped = rest.take_while(|byte| matches!(byte, b'\r' | b'\n'));
    before + skipped.filter(|byte| **byte == b'\n').count()
}

fn csv_reason(error: &csv::Error) -> String {
    match error.kind() {
        csv::ErrorKind::UnequalLengths {
            expected_len, len, ..
        } => {
            format!("expected {expected_len} fields as in the header, found {len}")
        }
        csv::ErrorKind::Utf8 { err, .. } => format!("field {} is not UTF-8", err.field() + 1),
        _ => error.to_string(),
    }
}
