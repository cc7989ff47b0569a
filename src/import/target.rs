//! The collection that is imported into: one of the plan's, or one that the file suggests.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use serde::Deserialize;

use super::Request;
use super::error::ImportError;
use super::profile::Seen;
use super::proposal::{Proposal, propose};
use super::wiring::{Wire, wire};
use crate::model::{CollectionInfo, Column, Plan};
use crate::source::Layer;

/// Where records go.
#[derive(Debug)]
pub struct Target {
    /// The collection.
    pub info: CollectionInfo,
    /// Which column fills which.
    pub wires: Vec<Wire>,
    /// Sentences for people.
    pub notes: Vec<String>,
    /// Its tables for `collections.toml`, where the plan does not have it yet.
    pub fresh: Option<String>,
    /// Columns that the register fills.
    pub stated: Vec<String>,
}

impl Target {
    /// Finds the collection, or proposes one.
    ///
    /// # Errors
    /// What was told of columns does not fit, or the collection cannot be written.
    pub fn new(
        request: &Request,
        plan: &Plan,
        infos: &[CollectionInfo],
        (layer, seen): (&Layer, &Seen),
        id: Option<usize>,
        crs: &str,
    ) -> Result<Self, ImportError> {
        let refused = |reason: String| {
            ImportError::Refused(format!("collection {:?}: {reason}", request.collection))
        };
        let Some(info) = infos.iter().find(|info| info.id == request.collection) else {
            let allowed = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
            if request.collection.is_empty() || !request.collection.chars().all(allowed) {
                return Err(refused(
                    "an id has only ASCII letters, digits, - and _".to_owned(),
                ));
            }
            let file = request
                .file
                .file_name()
                .map_or_else(String::new, |name| name.to_string_lossy().into_owned());
            let known = columns(&request.plan)?;
            let proposal = propose(
                &request.collection,
                &file,
                crs,
                layer,
                seen,
                &request.maps,
                &known,
            )?;
            return Ok(Self::proposed(proposal, layer));
        };
        if !matches!(
            ending(&info.source),
            "geojson" | "json" | "ndjson" | "geojsonl" | "geojsons"
        ) {
            return Err(refused(format!(
                "its source is {:?}, which is not written here: name a .geojson file as its source first",
                info.source
            )));
        }
        let stated = match plan.register.as_ref().filter(|_| info.register) {
            Some(register) => header(&request.plan.join("seeds").join(register))?,
            None => Vec::new(),
        };
        let wiring = wire(layer, info, &request.maps, id, &stated)?;
        let mut notes = wiring.notes;
        if info.register {
            notes.push(format!(
                "{} is in the register, which stays the place of its figures: taken over are places, and columns that the register has not; rows of the register that the file does not have stay as they are",
                info.id
            ));
        }
        Ok(Self {
            info: info.clone(),
            wires: wiring.wires,
            notes,
            fresh: None,
            stated,
        })
    }

    fn proposed(proposal: Proposal, layer: &Layer) -> Self {
        let mut notes = vec![format!(
            "{} is new: its columns follow from the file",
            proposal.info.id
        )];
        for wire in &proposal.wires {
            let column = &proposal.info.columns[wire.to];
            let times = wire
                .factor
                .map_or(String::new(), |factor| format!(" (times {factor})"));
            let from = &layer.columns[wire.from].name;
            notes.push(format!("{from} -> {}, {}{times}", column.name, column.kind));
        }
        if let Some(time) = &proposal.info.time {
            let end = time
                .end
                .as_ref()
                .map_or(String::new(), |end| format!(" to {end}"));
            notes.push(format!(
                "its time is {}{end}: datetime= finds features by it",
                time.start
            ));
        }
        Self {
            fresh: Some(proposal.toml()),
            info: proposal.info,
            wires: proposal.wires,
            notes,
            stated: Vec::new(),
        }
    }

    /// Its file.
    #[must_use]
    pub fn file(&self, plan: &Path) -> PathBuf {
        plan.join("geodata").join(&self.info.source)
    }

    /// True of a format of a feature per line.
    #[must_use]
    pub fn is_lines(&self) -> bool {
        !matches!(ending(&self.info.source), "geojson" | "json")
    }
}

fn ending(file: &str) -> &str {
    file.rsplit_once('.').map_or("", |(_, ending)| ending)
}

/// The columns of `collections.toml`, those of no collection too.
pub fn columns(plan: &Path) -> Result<BTreeMap<String, Column>, ImportError> {
    #[derive(Deserialize)]
    struct File {
        #[serde(default)]
        columns: BTreeMap<String, Column>,
    }
    let path = plan.join("seeds/collections.toml");
    let text = read(&path)?;
    let file: File = toml::from_str(&text).map_err(|error| {
        ImportError::Refused(format!("{}: {}", path.display(), error.message()))
    })?;
    Ok(file.columns)
}

/// A text file of the plan.
pub fn read(path: &Path) -> Result<String, ImportError> {
    fs::read_to_string(path).map_err(|error| {
        ImportError::Refused(format!("{}: cannot be read: {error}", path.display()))
    })
}

/// The register's columns.
fn header(path: &Path) -> Result<Vec<String>, ImportError> {
    let failed = |error: csv::Error| {
        ImportError::Refused(format!("{}: cannot be read: {error}", path.display()))
    };
    let mut reader = csv::Reader::from_path(path).map_err(failed)?;
    let header = reader.headers().map_err(failed)?;
    let names = header
        .iter()
        .map(|name| name.trim_start_matches('\u{feff}').to_owned());
    Ok(names
        .filter(|name| name != "id" && name != "collection")
        .collect())
}
