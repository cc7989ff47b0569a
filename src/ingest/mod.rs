//! From a folder of plain files to checked rows.
//!
//! Everything wrong is reported in one run, each problem with its file and place. An error refuses
//! the plan; a warning travels with it, so that whoever looks at a feature is told.

mod audit;
mod batch;
mod feature;
mod files;
mod flatgeobuf;
mod foreign;
mod freeze;
mod geodata;
mod geometry;
mod hashing;
mod join;
mod planar;
mod record;
mod register;
mod rounding;
mod settings;
mod stamp;
mod style;
mod sweep;
mod unique;
mod valid;

#[cfg(test)]
mod tests;

use sha2::{Digest, Sha256};

use crate::model::{
    CollectionInfo, Column, Finding, Plan, Rows, Severity, Value, short_hex, turned_off,
};
use crate::source::split::BYTE_ORDER_MARK;

use batch::{Part, Task};
use geodata::Pace;
use unique::UniqueIds;

pub use files::{FileError, PlanFiles};
pub use freeze::Frozen;
pub use geodata::Progress;
pub use settings::is_reserved;
pub use stamp::Stamp;
pub use valid::{problems, problems_beyond};

/// A plan that was read and checked.
#[derive(Debug, Clone)]
pub struct Loaded {
    /// From `plan.toml`.
    pub plan: Plan,
    /// From `collections.toml`, in its order, each with its rows.
    pub collections: Vec<(CollectionInfo, Rows)>,
    /// Digest of the bytes of every file that was read and of the program's version, in hex.
    pub version: String,
}

/// What a run over a plan folder found.
#[derive(Debug, Clone)]
pub struct Outcome {
    /// The plan, where no finding is an error.
    pub loaded: Option<Loaded>,
    /// Where all errors are of shapes, the plan without these: not to be served, but to be looked at for more.
    pub rest: Option<Loaded>,
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

/// Checks whose errors are of one shape alone: its row is read without a place.
const SHAPES: [&str; 7] = [
    "empty-geometry",
    "geometry-kind",
    "invalid-geometry",
    "out-of-range",
    "outside-extent",
    "ring-not-closed",
    "ring-too-short",
];

/// Reads and checks a plan folder.
///
/// # Errors
/// The folder itself cannot be read. What is wrong *inside* the folder comes as findings.
pub fn load(files: &PlanFiles) -> Result<Outcome, FileError> {
    load_telling(files, &mut |_| {})
}

/// The same, and tells how far it is.
///
/// # Errors
/// The folder itself cannot be read.
pub fn load_telling(
    files: &PlanFiles,
    tell: &mut dyn FnMut(Progress),
) -> Result<Outcome, FileError> {
    let pace = Pace::of_this_machine();
    files.check_folder()?;
    let mut findings = Vec::new();
    let mut reader = Reader {
        files,
        digest: Sha256::new(),
        findings: &mut findings,
    };

    let Some((plan, infos)) = reader.settings() else {
        return Ok(Outcome {
            loaded: None,
            rest: None,
            findings,
            register_rows: 0,
            located: 0,
            unlocated: 0,
        });
    };
    settings::register_is_named(&plan, &infos, reader.findings);
    settings::views_name_collections(&plan, &infos, reader.findings);
    audit::names_are_there(&plan, &infos, reader.findings);

    let register = plan.register.as_deref().and_then(|name| {
        let file = format!("seeds/{name}");
        let bytes = reader.read(&file)?;
        register::read(&file, &bytes, &infos, reader.findings)
    });
    // A register that is not there or cannot be read was reported once; that its rows are missing
    // is no news.
    let unreadable = register.is_none();
    let register = register.unwrap_or_default();
    let register_rows = register.rows.len();

    let mut read = Vec::with_capacity(infos.len());
    let mut ids = UniqueIds::default();
    let (mut located, mut unlocated) = (0, 0);
    for info in infos {
        let file = format!("geodata/{}", info.source);
        let task = Task {
            file: &file,
            info: &info,
            extent: plan.extent,
            rounding_m: plan.audit.rounding_m,
            register: (!info.register || !unreadable).then_some(&register),
            header: None,
        };
        reader.begin(&file);
        // A missing file is reported once, too.
        let whole = geodata::read(files, task, pace, &mut reader.digest, tell);
        let findings = &mut *reader.findings;
        let off = info.audit.off.clone();
        let shown = |finding: &Finding| {
            finding.severity == Severity::Error || !turned_off(&off, finding.check)
        };
        let mut whole = match whole {
            Ok(whole) => whole,
            Err(finding) => {
                findings.push(*finding);
                continue;
            }
        };
        findings.extend(whole.read.drain(..).filter(shown));
        ids.check(&file, &whole, &read, findings);
        if info.register && !unreadable {
            join::rows_without_entry(&file, &info, &whole.rows, &register, findings);
            located += whole.located;
            unlocated += whole.unlocated;
        }
        findings.extend(whole.joined.drain(..).filter(shown));
        read.push((info, file, whole));
    }
    drop(ids);
    let version = reader.version();
    findings
        .retain(|finding| finding.severity == Severity::Error || !plan.audit.is_off(finding.check));
    findings.sort_by_key(|finding| finding.severity);
    let errors = || {
        let is_error = |finding: &&Finding| finding.severity == Severity::Error;
        findings.iter().filter(is_error)
    };
    let refused = errors().next().is_some();
    let whole = errors().all(|finding| SHAPES.contains(&finding.check));
    let collections = |read: Vec<_>| {
        let rows = |(info, _, whole): (_, _, Part)| (info, whole.rows.finish());
        read.into_iter().map(rows).collect()
    };
    let loaded = whole.then(|| Loaded {
        plan,
        collections: collections(read),
        version,
    });
    let (loaded, rest) = if refused {
        (None, loaded)
    } else {
        (loaded, None)
    };
    Ok(Outcome {
        loaded,
        rest,
        findings,
        register_rows,
        located,
        unlocated,
    })
}

/// Reads the settings of a plan folder alone: `plan.toml` and `collections.toml`.
///
/// # Errors
/// What is wrong with them.
pub fn settings(files: &PlanFiles) -> Result<(Plan, Vec<CollectionInfo>), Vec<Finding>> {
    let mut findings = Vec::new();
    let mut reader = Reader {
        files,
        digest: Sha256::new(),
        findings: &mut findings,
    };
    let settings = reader.settings();
    let refused = findings
        .iter()
        .any(|finding| finding.severity == Severity::Error);
    settings.filter(|_| !refused).ok_or(findings)
}

/// Reads files, and remembers what was read.
struct Reader<'a> {
    files: &'a PlanFiles,
    digest: Sha256,
    findings: &'a mut Vec<Finding>,
}

impl Reader<'_> {
    /// Both files are read, so that what is wrong in either is told.
    fn settings(&mut self) -> Option<(Plan, Vec<CollectionInfo>)> {
        let plan = self.read("seeds/plan.toml");
        let plan = plan.and_then(|bytes| settings::plan(&bytes, self.findings));
        let infos = self.read("seeds/collections.toml");
        let infos = infos.and_then(|bytes| settings::collections(&bytes, self.findings));
        plan.zip(infos)
    }

    fn read(&mut self, file: &str) -> Option<Vec<u8>> {
        match self.files.read(file) {
            Ok(mut bytes) => {
                self.begin(file);
                self.digest.update(&bytes);
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

    /// The name parts one file's bytes from the next one's, for each file is part of a plan once.
    fn begin(&mut self, file: &str) {
        self.digest.update(format!("\0{file}\0"));
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
