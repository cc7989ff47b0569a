use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_encode};
use rusqlite::config::DbConfig;
use rusqlite::ffi::ErrorCode;
use rusqlite::limits::Limit;
use rusqlite::{Connection, OpenFlags};

use super::SourceError;

const MAGIC: &[u8] = b"SQLite format 3\0";
/// Longer texts and blobs are none of a plan.
const LONGEST: i32 = 1 << 28;
/// Instructions of `SQLite` between two looks at the count of looks.
const LOOK: i32 = 1_000_000;
/// Looks in which a row must come. A view may ask for endless work: this is some seconds of it.
const LOOKS: u32 = 500;
/// All of a path but these means something in a URI.
const PATH: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'/')
    .remove(b'.')
    .remove(b'-')
    .remove(b'_');

/// A file that is open for reading and for nothing else.
///
/// It is taken for one that nobody changes meanwhile (`immutable`): no lock is taken and no file is made
/// beside it. What it brings is not trusted: its triggers do not run, its views may call harmless functions
/// only, and no extension can be loaded.
#[derive(Debug)]
pub(super) struct Database {
    pub connection: Connection,
    /// In bytes.
    pub length: u64,
    pub file: String,
    looks: Arc<AtomicU32>,
}

impl Database {
    pub fn open(path: &Path) -> Result<Self, SourceError> {
        let file = path.display().to_string();
        let length = whole(path, &file)?;
        all_in_one_file(path, &file)?;
        let looks = Arc::new(AtomicU32::new(0));
        let connection = connect(path, &looks).map_err(|error| SourceError::Broken {
            file: file.clone(),
            reason: error.to_string(),
        })?;
        Ok(Self {
            connection,
            length,
            file,
            looks,
        })
    }

    /// A row has come: the next one may take as long.
    pub fn rest(&self) {
        self.looks.store(0, Ordering::Relaxed);
    }

    /// Why `SQLite` could not go on, and where.
    pub fn failed(&self, place: &str, error: &rusqlite::Error) -> SourceError {
        let reason = match error.sqlite_error_code() {
            Some(ErrorCode::DatabaseCorrupt) => {
                format!("{place}: {error} (is the file cut short?)")
            }
            Some(ErrorCode::OperationInterrupted) => {
                format!(
                    "{place}: the next row takes too long to find; is it of a view that never ends?"
                )
            }
            _ => format!("{place}: {error}"),
        };
        self.broken(reason)
    }

    pub fn broken(&self, reason: String) -> SourceError {
        SourceError::Broken {
            file: self.file.clone(),
            reason,
        }
    }
}

fn connect(path: &Path, looks: &Arc<AtomicU32>) -> rusqlite::Result<Connection> {
    let encoded = percent_encode(path.as_os_str().as_encoded_bytes(), PATH).to_string();
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY
        | OpenFlags::SQLITE_OPEN_URI
        | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let uri = format!("file:{encoded}?mode=ro&immutable=1");
    let connection = Connection::open_with_flags(uri, flags)?;
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_DEFENSIVE, true)?;
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_TRIGGER, false)?;
    connection.set_limit(Limit::SQLITE_LIMIT_LENGTH, LONGEST)?;
    connection.set_limit(Limit::SQLITE_LIMIT_ATTACHED, 0)?;
    let looks = Arc::clone(looks);
    let handler = move || looks.fetch_add(1, Ordering::Relaxed) >= LOOKS;
    connection.progress_handler(LOOK, Some(handler));
    connection.execute_batch(
        "PRAGMA trusted_schema = OFF; PRAGMA query_only = ON; PRAGMA cell_size_check = ON; PRAGMA temp_store = FILE",
    )?;
    Ok(connection)
}

/// Looks whether the file is `SQLite`'s and as long as it says; how long it is.
fn whole(path: &Path, file: &str) -> Result<u64, SourceError> {
    let io = |error: std::io::Error| SourceError::Io {
        file: file.to_owned(),
        reason: format!("cannot be read: {error}"),
    };
    let broken = |reason: String| SourceError::Broken {
        file: file.to_owned(),
        reason,
    };
    let mut source = File::open(path).map_err(io)?;
    let length = source.metadata().map_err(io)?.len();
    let mut head = Vec::new();
    source
        .by_ref()
        .take(100)
        .read_to_end(&mut head)
        .map_err(io)?;
    if !head.starts_with(MAGIC) {
        let start = String::from_utf8_lossy(&head[..head.len().min(16)]).into_owned();
        return Err(broken(format!(
            "is not a GeoPackage: expected a file of SQLite, found one that starts with {start:?}"
        )));
    }
    let number = |at: usize| {
        let bytes = head.get(at..).and_then(|rest| rest.first_chunk());
        bytes.map_or(0, |bytes| u32::from_be_bytes(*bytes))
    };
    let page = match number(14) & 0xffff {
        1 => 65_536,
        size => u64::from(size),
    };
    // The number of pages counts where it was written by the last change.
    let said = u64::from(number(28)) * page;
    if number(24) == number(92) && said > length {
        return Err(broken(format!(
            "expected {said} bytes as its header says, found {length} (is it cut short?)"
        )));
    }
    Ok(length)
}

/// Changes that are not yet in the file itself would be missed.
fn all_in_one_file(path: &Path, file: &str) -> Result<(), SourceError> {
    for ending in ["-wal", "-journal"] {
        let mut beside = path.as_os_str().to_owned();
        beside.push(ending);
        let beside = PathBuf::from(beside);
        if beside.metadata().is_ok_and(|data| data.len() > 0) {
            return Err(SourceError::Unsupported {
                file: file.to_owned(),
                reason: format!(
                    "{} holds changes that are not in the file yet: close the program that has it open, or copy the layer with ogr2ogr",
                    beside.display()
                ),
            });
        }
    }
    Ok(())
}
