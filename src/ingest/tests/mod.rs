//! The streaming reader against the plain one.

mod documents;
mod records;
mod reference;
mod rings;
mod rounding;

use std::fs;

use sha2::{Digest, Sha256};
use tempfile::TempDir;

use super::batch::{Part, Task};
use super::files::PlanFiles;
use super::geodata::{self, Pace};
use super::register::Register;
use crate::model::{
    CodedValue, CollectionAudit, CollectionInfo, Column, ColumnType, Finding, GeometryKind, Role,
    Style, Text,
};

const EXTENT: [f64; 4] = [100.0, 10.0, 130.0, 50.0];

/// A column of every type, one with codes.
fn info(geometry: GeometryKind) -> CollectionInfo {
    let text = |text: &str| Text {
        zh: text.to_owned(),
        en: text.to_owned(),
    };
    let column = |(name, kind): (&str, ColumnType)| Column {
        name: name.to_owned(),
        kind,
        title: text(name),
        role: Role::Stated,
        ..Column::distance()
    };
    let mut columns: Vec<_> = [
        ("name", ColumnType::String),
        ("use", ColumnType::String),
        ("storeys", ColumnType::Integer),
        ("面积", ColumnType::Number),
        ("sold", ColumnType::Boolean),
        ("day", ColumnType::Date),
        ("moment", ColumnType::Timestamp),
        ("tags", ColumnType::Strings),
        ("about", ColumnType::Json),
    ]
    .map(column)
    .into();
    columns[1].values = ["R", "G"]
        .map(|code| CodedValue {
            code: code.to_owned(),
            zh: code.to_owned(),
            en: code.to_owned(),
            color: None,
        })
        .into();
    CollectionInfo {
        id: "parcels".to_owned(),
        title: text("parcels"),
        description: text("parcels"),
        geometry,
        source: "parcels.geojson".to_owned(),
        layer: None,
        fields: std::collections::BTreeMap::new(),
        register: false,
        columns,
        min_zoom: 0,
        style: Style {
            color: "#000000".to_owned(),
            width: None,
            class_column: None,
        },
        time: None,
        audit: CollectionAudit::default(),
        numeric_ids: false,
    }
}

/// Reads a file's bytes as a plan's file of that name; the digest of what was read comes with it.
fn stream(
    name: &str,
    bytes: &[u8],
    info: &CollectionInfo,
    pace: Pace,
) -> (Result<Part, Box<Finding>>, String) {
    let folder = TempDir::new().expect("a folder");
    fs::write(folder.path().join(name), bytes).expect("written");
    let register = Register::default();
    let task = Task {
        file: name,
        info,
        extent: EXTENT,
        rounding_m: 0.02,
        register: Some(&register),
        header: None,
    };
    let mut digest = Sha256::new();
    let files = PlanFiles::Folder(folder.path().to_owned());
    let mut most = 0;
    let read = geodata::read(&files, task, pace, &mut digest, &mut |progress| {
        assert_eq!(progress.of, Some(bytes.len() as u64));
        assert!(progress.bytes >= most && progress.bytes <= bytes.len() as u64);
        most = progress.bytes;
    });
    (read, crate::model::short_hex(&digest.finalize()))
}

/// Both, in words that can be compared.
fn told(read: Result<Part, Box<Finding>>) -> (Vec<String>, Vec<String>) {
    match read {
        Err(mut finding) => {
            // serde counts a column more or less, as it reads from a slice or from a file.
            if let Some(at) = finding.reason.rfind(" column ") {
                finding.reason.truncate(at);
            }
            (Vec::new(), vec![format!("{finding:?}")])
        }
        Ok(read) => {
            let findings = read.read.iter().chain(&read.joined);
            let findings = findings.map(|finding| format!("{finding:?}")).collect();
            // In id order; numbers to their last bit.
            let rows = read.rows.finish();
            let places = format!("{:?} {} {}", read.indices, read.located, read.unlocated);
            let rows = rows.iter().map(|row| format!("{row:?}"));
            (std::iter::once(places).chain(rows).collect(), findings)
        }
    }
}
