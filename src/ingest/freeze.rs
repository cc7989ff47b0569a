//! A plan's files as they were at one moment, for plans that never rest.

use std::fs::{self, File, Metadata};
use std::io;
use std::path::PathBuf;
use std::time::Duration;

use tempfile::TempDir;

use super::stamp::is_aside;
use super::{PlanFiles, Stamp};
use crate::source::regular;

/// Copies of a plan's files, as they were at one moment. They are removed with this.
#[derive(Debug)]
pub struct Frozen {
    /// The copies.
    pub files: PlanFiles,
    /// Of the files that they were made of.
    pub stamp: Stamp,
    _folder: TempDir,
}

impl PlanFiles {
    /// Copies the files, if they are consistent. All are opened between two looks that see the same; what is put in the place of one later
    /// is no longer seen. Then what was opened has to stay as it is for as long as `quiet`: somebody who writes into
    /// a file would else leave half of it.
    ///
    /// None where they change while they are opened, or somebody writes into one.
    ///
    /// # Errors
    /// One cannot be read, or there is no room for the copies.
    pub fn freeze(&self, quiet: Duration) -> io::Result<Option<Frozen>> {
        let Self::Folder(folder) = self else {
            return Ok(None);
        };
        let stamp = self.stamp();
        let mut opened = Vec::new();
        for part in ["seeds", "geodata"] {
            for entry in fs::read_dir(folder.join(part))? {
                let entry = entry?;
                if is_aside(&entry.file_name()) || entry.path().is_dir() {
                    continue;
                }
                let file = regular(&entry.path())?;
                let about = file.metadata()?;
                opened.push((PathBuf::from(part).join(entry.file_name()), file, about));
            }
        }
        if self.stamp() != stamp {
            return Ok(None);
        }
        std::thread::sleep(quiet);
        let copies = TempDir::with_prefix("buju-plan-")?;
        for part in ["seeds", "geodata"] {
            fs::create_dir(copies.path().join(part))?;
        }
        for (name, file, about) in &opened {
            let mut copy = File::create_new(copies.path().join(name))?;
            io::copy(&mut &*file, &mut copy)?;
            if is_other(about, &file.metadata()?) {
                return Ok(None);
            }
        }
        Ok(Some(Frozen {
            files: Self::Folder(copies.path().to_owned()),
            stamp,
            _folder: copies,
        }))
    }
}

/// Whether a file was written to. Its name may have gone to another meanwhile.
fn is_other(before: &Metadata, after: &Metadata) -> bool {
    before.len() != after.len() || before.modified().ok() != after.modified().ok()
}

#[cfg(test)]
mod tests {
    use std::io::Write;
    use std::sync::atomic::{AtomicBool, Ordering};

    use super::*;

    const QUIET: Duration = Duration::from_millis(100);

    fn folder() -> (TempDir, PlanFiles) {
        let folder = TempDir::new().expect("a folder");
        for part in ["seeds", "geodata"] {
            fs::create_dir(folder.path().join(part)).expect("a folder");
        }
        fs::write(folder.path().join("seeds/a"), "one").expect("written");
        let files = PlanFiles::Folder(folder.path().to_owned());
        (folder, files)
    }

    #[test]
    fn what_is_replaced_is_copied_as_it_was_and_what_is_written_to_is_not() {
        let (folder, files) = folder();
        let stop = AtomicBool::new(false);
        std::thread::scope(|scope| {
            scope.spawn(|| {
                while !stop.load(Ordering::Relaxed) {
                    let draft = folder.path().join("draft");
                    fs::write(&draft, "two").expect("written");
                    fs::rename(&draft, folder.path().join("geodata/b")).expect("renamed");
                    std::thread::sleep(Duration::from_millis(10));
                }
            });
            let frozen = (0..100).find_map(|_| files.freeze(QUIET).expect("readable"));
            stop.store(true, Ordering::Relaxed);
            let frozen = frozen.expect("a moment without a change");
            let PlanFiles::Folder(copies) = &frozen.files else {
                panic!("copies in a folder");
            };
            let read = |name| fs::read_to_string(copies.join(name)).unwrap_or_default();
            assert_eq!(read("seeds/a"), "one");
            assert!(["", "two"].contains(&read("geodata/b").as_str()));
            let copies = copies.clone();
            drop(frozen);
            assert!(!copies.exists());
        });
        stop.store(false, Ordering::Relaxed);
        std::thread::scope(|scope| {
            let path = folder.path().join("geodata/b");
            scope.spawn(|| {
                let mut file = File::create(path).expect("a file");
                while !stop.load(Ordering::Relaxed) {
                    file.write_all(b"more").expect("written");
                    std::thread::sleep(Duration::from_millis(10));
                }
            });
            std::thread::sleep(QUIET);
            let frozen = files.freeze(QUIET).expect("readable");
            stop.store(true, Ordering::Relaxed);
            assert!(frozen.is_none());
        });
        assert!(files.freeze(QUIET).expect("readable").is_some());
    }
}
