//! A `GeoPackage` as a collection's file, or a `FlatGeobuf` in a CRS of its own: [`crate::source`] reads its records, and
//! each goes the way of a feature in `GeoJSON`, which knows how to tell what is wrong. An id is the column of that
//! name, else the row's key.
//!
//! Coordinates in another CRS are converted here. That costs a second per half a million positions or so, on
//! one thread: a large collection loads faster from `FlatGeobuf`.

use std::io::Read as _;
use std::path::Path;

use geo::{CoordsIter, Geometry};
use serde_json::{Map, Value as Json, json};
use sha2::{Digest, Sha256};

use super::batch::{Part, Task};
use super::files::PlanFiles;
use super::flatgeobuf::Read;
use super::geodata::{Progress, Tell};
use crate::crs::{Crs, Inward, Told};
use crate::model::{ColumnType, Finding, Value};
use crate::source::{Bad, Layer, Options, Record, Source, SourceCrs, SourceError, regular};

/// True of a file that tells another CRS than longitude and latitude.
pub(super) fn is_in_another_crs(files: &PlanFiles, file: &str) -> bool {
    let path = files.path(file).ok().flatten();
    let source = path.and_then(|path| Source::open(&path, &Options::default()).ok());
    source.is_some_and(|source| matches!(told(&source.layer().crs), Ok(Some(_))))
}

/// Reads a layer's features.
pub(super) fn read(
    files: &PlanFiles,
    task: Task,
    digest: &mut Sha256,
    tell: Tell,
) -> Result<Part, Box<Finding>> {
    let refused = |check, reason: String| Box::new(Finding::error(check, task.file, reason));
    let failed = |error: &SourceError| {
        let check = match error {
            SourceError::Io { .. } | SourceError::Stopped { .. } => "missing-file",
            SourceError::Layer { .. } => "setting",
            SourceError::Broken { .. } | SourceError::Unsupported { .. } => "syntax",
        };
        refused(check, error.reason())
    };
    let path = files.path(task.file);
    let path = path.map_err(|error| refused("missing-file", error.reason))?;
    let Some(path) = path else {
        let reason = "it is read from a folder, not from the program itself";
        return Err(refused("missing-file", reason.to_owned()));
    };
    hashed(&path, digest)
        .map_err(|error| refused("missing-file", format!("cannot be read: {error}")))?;
    let options = Options {
        layer: task.info.layer.clone(),
        ..Options::default()
    };
    let source = Source::open(&path, &options).map_err(|error| failed(&error))?;
    let told_crs = told(&source.layer().crs).map_err(|reason| refused("crs", reason))?;
    let mut to_plan = ToPlan {
        told: told_crs,
        made: None,
    };
    let mut part = Part::new(task.info, 0);
    let (mut bytes, mut of) = (0, None);
    let count = std::cell::Cell::new(0);
    let mut far = |read, all| {
        (bytes, of) = (read, all);
        tell(Progress {
            file: task.file,
            bytes,
            of,
            features: count.get(),
        });
    };
    let mut each = |record: Result<Record, Bad>| {
        count.set(count.get() + 1);
        match record {
            Ok(record) => add(task, &mut part, source.layer(), record, &mut to_plan),
            Err(bad) => {
                let mut finding = Finding::error("syntax", task.file, bad.reason);
                finding.column = bad.column;
                part.read.push(finding.at_index(index(bad.number)));
            }
        }
        // What cannot be converted at all is told once.
        !matches!(to_plan.made, Some(Err(_)))
    };
    source
        .read(&mut far, &mut each)
        .map_err(|error| failed(&error))?;
    match to_plan.made {
        Some(Err(reason)) => Err(refused("crs", reason)),
        _ => Ok(part),
    }
}

/// Each byte enters the digest, as with every file of a plan.
fn hashed(path: &Path, digest: &mut Sha256) -> std::io::Result<()> {
    let mut source = regular(path)?;
    let mut bytes = Vec::new();
    loop {
        bytes.clear();
        if source.by_ref().take(1 << 20).read_to_end(&mut bytes)? == 0 {
            return Ok(());
        }
        digest.update(&bytes);
    }
}

/// What a file tells of its CRS; none where its coordinates are longitude and latitude as a plan has them.
fn told(crs: &SourceCrs) -> Result<Option<Told>, String> {
    let told = match crs {
        SourceCrs::Known(Crs::Crs84 | Crs::Epsg(4326)) => return Ok(None),
        SourceCrs::Known(crs) => Told::by_code(*crs),
        SourceCrs::Wkt(text) | SourceCrs::Prj { wkt: text, .. } => Told::by_wkt(text),
        SourceCrs::Untold => {
            return Err("it does not tell its CRS: buju import takes it by --crs".to_owned());
        }
    };
    told.map(Some).map_err(|error| error.to_string())
}

/// The conversion to longitude and latitude. Which one is best depends on where the first place is.
struct ToPlan {
    told: Option<Told>,
    made: Option<Result<Inward, String>>,
}

impl ToPlan {
    fn geometry(&mut self, shape: Geometry<f64>) -> Result<Geometry<f64>, String> {
        let (Some(told), Some(near)) = (&self.told, shape.coords_iter().next()) else {
            return Ok(shape);
        };
        let make = || Inward::new(told, None, near).map_err(|error| error.to_string());
        match self.made.get_or_insert_with(make) {
            Ok(inward) => inward.geometry(&shape).map_err(|error| error.to_string()),
            Err(reason) => Err(reason.clone()),
        }
    }
}

/// Records are counted from 1, features from 0.
fn index(number: u64) -> usize {
    usize::try_from(number.saturating_sub(1)).unwrap_or(usize::MAX)
}

fn add(task: Task, part: &mut Part, layer: &Layer, record: Record, to_plan: &mut ToPlan) {
    let index = index(record.number);
    let flattened = record.flattened;
    let read = feature(task, layer, record, to_plan);
    if let (true, Ok(Read::Odd(json))) = (flattened, &read) {
        let reason = "positions have more than longitude and latitude; the rest is not kept";
        let finding = Finding::warning("height-dropped", task.file, reason);
        let id = &json["id"];
        let id = id.as_str().map_or_else(|| id.to_string(), str::to_owned);
        part.read.push(finding.at_index(index).at_id(&id));
    }
    task.add(part, index, None, read);
}

/// The record as GeoJSON would have it.
fn feature(
    task: Task,
    layer: &Layer,
    record: Record,
    to_plan: &mut ToPlan,
) -> Result<Read, String> {
    let mut whole = Map::new();
    whole.insert("type".to_owned(), "Feature".into());
    if let Some(id) = &record.id {
        whole.insert("id".to_owned(), id.to_json());
    }
    let mut properties = Map::new();
    for (column, value) in layer.columns.iter().zip(record.values) {
        match task.info.field(&column.name) {
            None => {}
            Some("id") => {
                whole.insert("id".to_owned(), value.to_json());
            }
            Some(_)
                if value.is_null() || matches!(&value, Value::Text(text) if text.is_empty()) => {}
            Some(name) => {
                properties.insert(name.to_owned(), property(task, name, &value));
            }
        }
    }
    whole.insert("properties".to_owned(), properties.into());
    let geometry = match record.geometry {
        None => Json::Null,
        Some(shape) => written(&to_plan.geometry(shape)?),
    };
    whole.insert("geometry".to_owned(), geometry);
    Ok(Read::Odd(whole.into()))
}

/// The format has no type for arrays and JSON: both are texts in it.
fn property(task: Task, name: &str, value: &Value) -> Json {
    let column = task.info.columns.iter().find(|column| column.name == name);
    match (column.map(|column| column.kind), value) {
        (Some(ColumnType::Strings | ColumnType::Json), Value::Text(text)) => {
            serde_json::from_str(text).unwrap_or_else(|_| value.to_json())
        }
        // Texts of JSON, where the plan keeps them as the texts that they are.
        (Some(ColumnType::String), Value::Strings(_) | Value::Json(_)) => {
            value.to_json().to_string().into()
        }
        _ => value.to_json(),
    }
}

fn written(shape: &Geometry<f64>) -> Json {
    json!(geojson::Geometry::new(geojson::GeometryValue::from(shape)))
}
