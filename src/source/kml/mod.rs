//! OGC KML 2.2: the placemarks of a file, whatever folders they are in, in CRS84.
//!
//! What says how to draw or from where to look is passed over; what else cannot be a record - overlays, links,
//! tracks - is left out and counted. The file is read twice, for its columns are those that any placemark has.

mod placemark;
mod schema;
mod shapes;
mod xml;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use super::columns::Columns;
use super::{
    Bad, Each, Far, Kind, Layer, Options, Record, SourceColumn, SourceCrs, SourceError, Stopped,
    layers,
};
use crate::crs::Crs;
use crate::model::Value;

use placemark::{ELEMENTS, Placemark};
use schema::Schemas;
use xml::Xml;

/// Placemarks after which it is told how far the reading is.
const TOLD: u64 = 256;

/// A file whose columns are known.
#[derive(Debug)]
pub(super) struct Kml {
    path: PathBuf,
    /// Which of [`ELEMENTS`] are columns, and where.
    elements: [Option<usize>; ELEMENTS.len()],
    /// Names in the extended data; they come after the elements.
    data: Columns,
    columns: usize,
}

/// What is found in a document.
enum Item {
    Placemark(Box<Placemark>),
    /// An element that is no record.
    Left(String),
}

/// Hears of items and of bytes read; false to hear no more.
type Visit<'a> = &'a mut dyn FnMut(Item, u64) -> Result<bool, SourceError>;

/// Reads the file once.
pub(super) fn open(
    path: &Path,
    options: &Options,
    stopped: Stopped,
) -> Result<(Layer, Kml), SourceError> {
    let file = path.display().to_string();
    let name = layers::stem(path);
    layers::only(&file, &name, options.layer.as_deref())?;
    let (mut records, mut data) = (0, Columns::default());
    let mut there = [false; ELEMENTS.len()];
    let mut left: BTreeMap<String, u64> = BTreeMap::new();
    walk(path, &mut |item, _| {
        if stopped() {
            let file = file.clone();
            return Err(SourceError::Stopped { file });
        }
        match item {
            Item::Left(name) => *left.entry(name).or_default() += 1,
            Item::Placemark(placemark) => {
                records += 1;
                for (there, text) in there.iter_mut().zip(&placemark.elements) {
                    *there |= text.is_some();
                }
                for (name, _) in &placemark.data {
                    data.add(&file, name)?;
                }
                for name in placemark.left {
                    *left.entry(name).or_default() += 1;
                }
            }
        }
        Ok(true)
    })?;
    let mut notes: Vec<_> = left
        .iter()
        .map(|(name, count)| format!("left out: {count} of {name}"))
        .collect();
    let mut columns = Vec::new();
    let mut elements = [None; ELEMENTS.len()];
    for (at, name) in ELEMENTS.iter().enumerate().filter(|(at, _)| there[*at]) {
        elements[at] = Some(columns.len());
        columns.push(untyped((*name).to_owned()));
    }
    for column in data.untyped() {
        let taken = columns.iter().any(|other| other.name == column.name);
        columns.push(if taken {
            let name = format!("{} (ExtendedData)", column.name);
            notes.push(format!(
                "{} is an element and extended data: the latter is column {name}",
                column.name
            ));
            untyped(name)
        } else {
            column
        });
    }
    let reader = Kml {
        path: path.to_owned(),
        elements,
        data,
        columns: columns.len(),
    };
    let layer = Layer {
        name,
        columns,
        crs: SourceCrs::Known(Crs::Crs84),
        records: Some(records),
        notes,
    };
    Ok((layer, reader))
}

fn untyped(name: String) -> SourceColumn {
    SourceColumn {
        name,
        kind: Kind::Untyped,
    }
}

impl Kml {
    pub fn read(&self, far: Far, each: Each) -> Result<(), SourceError> {
        let length = self.path.metadata().ok().map(|data| data.len());
        let mut number = 0;
        walk(&self.path, &mut |item, bytes| {
            let Item::Placemark(placemark) = item else {
                return Ok(true);
            };
            number += 1;
            if number % TOLD == 0 {
                far(bytes, length);
            }
            Ok(each(self.record(number, *placemark)))
        })
    }

    fn record(&self, number: u64, placemark: Placemark) -> Result<Record, Bad> {
        let bad = |column: Option<String>, reason: String| Bad {
            number,
            column,
            reason,
        };
        if let Some(reason) = placemark.fault {
            return Err(bad(None, reason));
        }
        let geometry = placemark.geometry.map_err(|reason| bad(None, reason))?;
        let mut values = vec![None; self.columns];
        for (place, text) in self.elements.iter().zip(placemark.elements) {
            if let (Some(at), Some(text)) = (place, text) {
                values[*at] = Some(value(text));
            }
        }
        let before = self.columns - self.data.len();
        for (name, text) in placemark.data {
            let Some(at) = self.data.place(&name) else {
                let reason = "is not in the file as it was opened: it has changed".to_owned();
                return Err(bad(Some(name), reason));
            };
            if values[before + at].replace(value(text)).is_some() {
                let reason = "the placemark has two of this name".to_owned();
                return Err(bad(Some(name), reason));
            }
        }
        let values = values.into_iter().map(|cell| cell.unwrap_or(Value::Null));
        Ok(Record {
            number,
            id: placemark.id.map(Into::into),
            values: values.collect(),
            geometry,
            flattened: placemark.flattened,
        })
    }
}

fn value(text: String) -> Value {
    if text.is_empty() {
        Value::Null
    } else {
        Value::Text(text)
    }
}

/// Visits what is in a file.
fn walk(path: &Path, visit: Visit) -> Result<(), SourceError> {
    let mut xml = Xml::open(path)?;
    let root = xml.root()?;
    if root != "kml" {
        return Err(xml.broken(&format!("expected an element kml, found {root}")));
    }
    let mut within = Within::default();
    if container(&mut xml, false, &mut within, visit)? {
        xml.end()?;
    }
    Ok(())
}

/// What is known where the reading is.
#[derive(Default)]
struct Within {
    /// The names of the folders around it.
    folders: Vec<String>,
    /// Those before it.
    schemas: Schemas,
}

/// Visits what is in an element; false where enough was heard.
fn container(
    xml: &mut Xml,
    is_folder: bool,
    within: &mut Within,
    visit: Visit,
) -> Result<bool, SourceError> {
    while let Some(element) = xml.child()? {
        xml.rest();
        let item = match element.name.as_str() {
            "Document" => {
                if !container(xml, false, within, visit)? {
                    return Ok(false);
                }
                continue;
            }
            "Folder" => {
                within.folders.push(String::new());
                let on = container(xml, true, within, visit)?;
                within.folders.pop();
                if !on {
                    return Ok(false);
                }
                continue;
            }
            "name" => {
                let name = xml.text()?;
                if let Some(folder) = within.folders.last_mut().filter(|_| is_folder) {
                    name.trim().clone_into(folder);
                }
                continue;
            }
            "Placemark" => {
                let placemark = Placemark::read(xml, &element, &within.folders, &[])?;
                Item::Placemark(Box::new(placemark))
            }
            "Schema" => {
                within.schemas.read(xml, &element)?;
                continue;
            }
            name if within.schemas.fields(name).is_some() => {
                let fields = within.schemas.fields(name).unwrap_or_default();
                let placemark = Placemark::read(xml, &element, &within.folders, fields)?;
                Item::Placemark(Box::new(placemark))
            }
            name if placemark::draws(name) || name == "description" => {
                xml.skip()?;
                continue;
            }
            _ => {
                xml.skip()?;
                Item::Left(element.name)
            }
        };
        if !visit(item, xml.position())? {
            return Ok(false);
        }
    }
    Ok(true)
}
