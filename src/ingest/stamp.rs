//! What a plan's files look like from outside.

use std::ffi::OsStr;
use std::fs::{self, Metadata};
use std::path::Path;
use std::time::{SystemTime, UNIX_EPOCH};

use sha2::{Digest, Sha256};

use super::PlanFiles;

/// The names, sizes and times of all files of a plan. Where two are equal, the bytes are the same as far as the
/// file system tells: it has one time for all writes within some milliseconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stamp(u128);

impl PlanFiles {
    /// Looks at every file and reads none: some microseconds per file, on a network drive a hundred times that.
    /// No memory, however many there are.
    #[must_use]
    pub fn stamp(&self) -> Stamp {
        let Self::Folder(folder) = self else {
            return Stamp(0);
        };
        let parts = ["seeds", "geodata"].map(|part| of_folder(&folder.join(part), part));
        Stamp(parts.into_iter().fold(0, u128::wrapping_add))
    }
}

/// A sum, so that the order in which the system lists files is of no account.
fn of_folder(folder: &Path, part: &str) -> u128 {
    let entries = match fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(error) => return hashed(part, &[error.kind().to_string().as_bytes()]),
    };
    let mut sum = 0_u128;
    for entry in entries.flatten() {
        let name = entry.file_name();
        if is_aside(&name) {
            continue;
        }
        // Links are followed, as reading does.
        let of_file = match fs::metadata(entry.path()) {
            Ok(about) if about.is_dir() => continue,
            Ok(about) => described(&about),
            Err(error) => error.kind().to_string().into_bytes(),
        };
        sum = sum.wrapping_add(hashed(part, &[name.as_encoded_bytes(), &of_file]));
    }
    sum
}

/// Drafts of editors and of programs that write beside a file and rename, and the memory that programs share
/// over a `SQLite` file, which changes while it is read: none is a plan's file.
pub(super) fn is_aside(name: &OsStr) -> bool {
    let name = name.as_encoded_bytes();
    name.starts_with(b".") || name.ends_with(b"~") || name.ends_with(b"-shm")
}

fn described(about: &Metadata) -> Vec<u8> {
    let mut out = about.len().to_be_bytes().to_vec();
    out.extend(nanos(about.modified().ok()).to_be_bytes());
    // A copy that keeps times, and a file put in place of another, are told by these.
    #[cfg(unix)]
    {
        use std::os::unix::fs::MetadataExt;
        out.extend(about.ino().to_be_bytes());
        out.extend(about.ctime().to_be_bytes());
        out.extend(about.ctime_nsec().to_be_bytes());
    }
    #[cfg(not(unix))]
    out.extend(nanos(about.created().ok()).to_be_bytes());
    out
}

fn nanos(time: Option<SystemTime>) -> u128 {
    let since = time.and_then(|time| time.duration_since(UNIX_EPOCH).ok());
    since.map_or(0, |since| since.as_nanos())
}

fn hashed(part: &str, texts: &[&[u8]]) -> u128 {
    let mut hash = Sha256::new();
    hash.update(part);
    for text in texts {
        hash.update(text.len().to_be_bytes());
        hash.update(text);
    }
    let digest = hash.finalize();
    u128::from_be_bytes(digest.first_chunk().copied().unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use std::fs::File;
    use std::time::Duration;

    use super::*;

    /// Each change is told, whatever it keeps; what is no plan's file is not.
    #[test]
    fn every_change_is_seen() {
        let folder = tempfile::tempdir().expect("a folder");
        let files = PlanFiles::Folder(folder.path().to_owned());
        let at = |name: &str| folder.path().join(name);
        let mut before = files.stamp();
        let mut changed = |what: &str, expected: bool| {
            let now = files.stamp();
            assert_eq!(now != before, expected, "{what}");
            before = now;
            // The clock of a file system is slow.
            std::thread::sleep(Duration::from_millis(20));
        };
        changed("nothing", false);
        fs::create_dir_all(at("seeds")).expect("a folder");
        changed("a folder", true);
        fs::write(at("seeds/a.csv"), "1").expect("written");
        changed("a file", true);
        fs::write(at("seeds/a.csv"), "2").expect("written");
        changed("of the same length", true);
        let modified = fs::metadata(at("seeds/a.csv")).and_then(|about| about.modified());
        let modified = modified.expect("a time");
        fs::write(at("seeds/a.csv"), "3").expect("written");
        let file = File::options().write(true).open(at("seeds/a.csv"));
        let set = file.and_then(|file| file.set_modified(modified));
        set.expect("set back");
        changed("of the same length and time", cfg!(unix));
        for aside in ["seeds/.a.csv.swp", "seeds/a.csv~", "seeds/a.gpkg-shm", "a"] {
            fs::write(at(aside), "x").expect("written");
            changed(aside, false);
        }
        fs::write(at("seeds/b.csv"), "3").expect("written");
        changed("another file", true);
        fs::rename(at("seeds/b.csv"), at("seeds/a.csv")).expect("renamed");
        changed("one in place of another", true);
        fs::create_dir(at("geodata")).expect("a folder");
        changed("the other folder", true);
        fs::rename(at("seeds/a.csv"), at("geodata/a.csv")).expect("renamed");
        changed("moved", true);
        fs::remove_file(at("geodata/a.csv")).expect("removed");
        changed("removed", true);
    }
}
