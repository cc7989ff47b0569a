//! From a folder of plain files to checked rows.
//!
//! Everything wrong is reported in one run, each problem with its file and place. An error refuses
//! the plan; a warning travels with it, so that whoever looks at a feature is told.

mod files;
mod geodata;
mod geometry;
mod join;
mod register;
mod settings;

use std::collections::HashMap;

use sha2::{Digest, Sha256};

use crate::model::{CollectionInfo, Column, Feature, Finding, Plan, Severity, Value, short_hex};

pub use files::{FileError, PlanFiles};

/// A plan that was read and checked.
#[derive(Debug, Clone)]
pub struct Loaded {
    /// From `plan.toml`.
    pub plan: Plan,
    /// From `collections.toml`, in its order, each with its rows.
    pub collections: Vec<(CollectionInfo, Vec<Feature>)>,
    /// Digest of the bytes of every file that was read and of the program's version, in hex.
    pub version: String,
}

/// What a run over a plan folder found.
#[derive(Debug, Clone)]
pub struct Outcome {
    /// The plan, where no finding is an error.
    pub loaded: Option<Loaded>,
    /// Errors first, then warnings, each in the order of the files.
    pub findings: Vec<Finding>,
    /// Rows of the register that could be read.
    pub register_rows: usize,
    /// How many of them have a feature with a place.
    pub located: usize,
    /// How many of them have a feature without one.
    pub unlocated: usize,
}

impl Outcome {
    /// How many findings are errors.
    #[must_use]
    pub fn errors(&self) -> usize {
        self.findings
            .iter()
            .filter(|finding| finding.severity == Severity::Error)
            .count()
    }
}

/// Reads and checks a plan folder.
///
/// # Errors
/// The folder itself cannot be read. What is wrong *inside* the folder comes as findings.
pub fn load(files: &PlanFiles) -> Result<Outcome, FileError> {
    files.check_folder()?;
    let mut findings = Vec::new();
    let mut reader = Reader {
        files,
        digest: Sha256::new(),
        findings: &mut findings,
    };

    let plan = reader
        .read("seeds/plan.toml")
        .and_then(|bytes| settings::plan(&bytes, reader.findings));
    let infos = reader
        .read("seeds/collections.toml")
        .and_then(|bytes| settings::collections(&bytes, reader.findings));
    let (Some(plan), Some(infos)) = (plan, infos) else {
        return Ok(Outcome {
            loaded: None,
            findings,
            register_rows: 0,
            located: 0,
            unlocated: 0,
        });
    };
    settings::register_is_named(&plan, &infos, reader.findings);
    settings::views_name_collections(&plan, &infos, reader.findings);

    let register = plan.register.as_deref().and_then(|name| {
        let file = format!("seeds/{name}");
        let bytes = reader.read(&file)?;
        register::read(&file, &bytes, &infos, reader.findings)
    });
    let unreadable = register.is_none();
    let register = register.unwrap_or_default();
    let register_rows = register.rows.len();

    let mut collections = Vec::with_capacity(infos.len());
    let (mut located, mut unlocated) = (0, 0);
    let mut owners = HashMap::new();
    for info in infos {
        let file = format!("geodata/{}", info.source);
        // A missing file was reported once; that each of its rows is missing too is no news.
        let Some(bytes) = reader.read(&file) else {
            continue;
        };
        let Some(entries) = geodata::read(&file, &bytes, &info, plan.extent, reader.findings)
        else {
            continue;
        };
        geodata::ids_are_unique(&file, &entries, &mut owners, reader.findings);
        // A register that is not there or cannot be read was reported once, too.
        if info.register && unreadable {
            continue;
        }
        let features = join::join(&file, &info, entries, &register, reader.findings);
        if info.register {
            let placed = features
                .iter()
                .filter(|feature| feature.geometry.is_some())
                .count();
            located += placed;
            unlocated += features.len() - placed;
        }
        collections.push((info, features));
    }
    let version = reader.version();
    findings.sort_by_key(|finding| finding.severity);
    let refused = findings
        .iter()
        .any(|finding| finding.severity == Severity::Error);
    let loaded = (!refused).then_some(Loaded {
        plan,
        collections,
        version,
    });
    Ok(Outcome {
        loaded,
        findings,
        register_rows,
        located,
        unlocated,
    })
}

const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";

/// Reads files, and remembers what was read.
struct Reader<'a> {
    files: &'a PlanFiles,
    digest: Sha256,
    findings: &'a mut Vec<Finding>,
}

impl Reader<'_> {
    fn read(&mut self, file: &str) -> Option<Vec<u8>> {
        match self.files.read(file) {
            Ok(mut bytes) => {
                // Name and length part one file's bytes from the next one's.
                self.digest.update(format!("{file}\0{}\0", bytes.len()));
                self.digest.update(&bytes);
                // Windows programs put a byte order mark before UTF-8; no format here needs one.
                if bytes.starts_with(BYTE_ORDER_MARK) {
                    bytes.drain(..BYTE_ORDER_MARK.len());
                }
                Some(bytes)
            }
            Err(error) => {
                self.findings
                    .push(Finding::error("missing-file", file, error.reason));
                None
            }
        }
    }

    fn version(&mut self) -> String {
        self.digest.update(env!("CARGO_PKG_VERSION"));
        short_hex(&std::mem::take(&mut self.digest).finalize())
    }
}

/// Why a cell is none of its column's codes; of an array, each text must be one.
fn code_problem(column: &Column, value: &Value) -> Option<String> {
    let texts = match value {
        Value::Text(text) => std::slice::from_ref(text),
        Value::Strings(texts) => texts.as_slice(),
        _ => return None,
    };
    let is_known = |text: &&String| column.values.iter().any(|known| &known.code == *text);
    if column.values.is_empty() {
        return None;
    }
    let text = texts.iter().find(|text| !is_known(text))?;
    let codes: Vec<_> = column
        .values
        .iter()
        .map(|known| known.code.as_str())
        .collect();
    let expected = codes.join(", ");
    Some(format!("expected one of {expected}, found {text:?}"))
}
