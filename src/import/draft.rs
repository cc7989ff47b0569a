//! Files of a plan that are being made: beside the ones that they will be, and in their place only when whole.

use std::fs::{self, File, TryLockError};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use tempfile::NamedTempFile;

use super::error::ImportError;
use crate::source::leads_out;

/// How drafts begin. What begins so and is locked by nobody was left behind by an import that was killed.
const PREFIX: &str = ".buju-import-";

/// What this program has begun to write.
static PENDING: Mutex<Pending> = Mutex::new(Pending {
    drafts: Vec::new(),
    is_put: false,
});

struct Pending {
    /// Where drafts are, and some that are gone.
    drafts: Vec<PathBuf>,
    /// True once the first of them is put in its place.
    is_put: bool,
}

/// Removes all drafts, so that the program can end in the midst of its work, and lets no new ones be made. False where
/// they are being put in place: that takes but a moment, and is not to be broken off.
pub fn abandon() -> bool {
    let Ok(pending) = PENDING.lock() else {
        return false;
    };
    if pending.is_put {
        return false;
    }
    for draft in &pending.drafts {
        let _ = fs::remove_file(draft);
    }
    // Whoever makes another one waits for the end.
    std::mem::forget(pending);
    true
}

/// Tells that drafts are put in place from now on.
pub fn putting() {
    if let Ok(mut pending) = PENDING.lock() {
        pending.is_put = true;
    }
}

/// A file that is not there yet.
#[derive(Debug)]
pub struct Draft {
    file: NamedTempFile,
    /// Where it will be.
    target: PathBuf,
    /// What was there when it was made of it.
    was: Option<String>,
}

impl Draft {
    /// Begins one beside its place, or where nothing is to be put there, in the system's folder for such files; removes
    /// those that nobody finishes any more.
    ///
    /// # Errors
    /// The folder cannot be written to.
    pub fn new(target: &Path, dry_run: bool) -> Result<Self, ImportError> {
        let failed = |error: io::Error| failed(target, &error);
        // Of a plan folder: its files lie in folders of it.
        let plan = target.parent().and_then(Path::parent);
        if plan.is_some_and(|plan| leads_out(plan, target)) {
            let reason = "it is a link that leads out of the plan folder";
            return Err(failed(io::Error::other(reason)));
        }
        // What a link leads to is replaced, and not the link.
        let target = &fs::canonicalize(target).unwrap_or_else(|_| target.to_owned());
        let elsewhere = std::env::temp_dir();
        let folder = match target.parent() {
            _ if dry_run => &elsewhere,
            folder => folder.unwrap_or(Path::new(".")),
        };
        sweep(folder);
        let mut builder = tempfile::Builder::new();
        #[cfg(unix)]
        let builder = builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o666));
        let mut pending = PENDING.lock().unwrap_or_else(PoisonError::into_inner);
        let file = builder.prefix(PREFIX).tempfile_in(folder).map_err(failed)?;
        pending.drafts.push(file.path().to_owned());
        drop(pending);
        // Held as long as this program runs.
        file.as_file()
            .try_lock()
            .map_err(|error| failed(error.into()))?;
        Ok(Self {
            file,
            target: target.to_owned(),
            was: None,
        })
    }

    /// A text that another one becomes.
    ///
    /// # Errors
    /// It cannot be written.
    pub fn of(target: &Path, was: &str, text: &str, dry_run: bool) -> Result<Self, ImportError> {
        let mut draft = Self::new(target, dry_run)?;
        draft.was = Some(was.to_owned());
        let written = draft.file.write_all(text.as_bytes());
        written.map_err(|error| failed(target, &error))?;
        Ok(draft)
    }

    /// Where it is now.
    #[must_use]
    pub fn path(&self) -> &Path {
        self.file.path()
    }

    /// To write to.
    pub fn file(&mut self) -> &mut File {
        self.file.as_file_mut()
    }

    /// Puts it in its place, on the disk before it has its name.
    ///
    /// # Errors
    /// It cannot be written or renamed; then what was in its place still is.
    pub fn put(self) -> Result<(), ImportError> {
        let Self { file, target, was } = self;
        // Whoever has edited it meanwhile would lose that.
        if let Some(was) = was
            && fs::read_to_string(&target).ok().as_deref() != Some(&was)
        {
            return Err(ImportError::Write {
                path: target,
                reason: "somebody has changed it meanwhile: import again".to_owned(),
            });
        }
        // As open to others as what was there.
        if let Ok(there) = fs::metadata(&target) {
            fs::set_permissions(file.path(), there.permissions())
                .map_err(|error| failed(&target, &error))?;
        }
        file.as_file()
            .sync_all()
            .map_err(|error| failed(&target, &error))?;
        file.persist(&target)
            .map_err(|error| failed(&target, &error.error))?;
        // The name is on the disk once the folder is; where a folder cannot be synced, it is soon.
        if let Some(folder) = target.parent()
            && let Ok(folder) = File::open(folder)
        {
            let _ = folder.sync_all();
        }
        Ok(())
    }
}

fn failed(target: &Path, error: &io::Error) -> ImportError {
    ImportError::Write {
        path: target.to_owned(),
        reason: error.to_string(),
    }
}

/// Removes drafts of programs that are gone. What cannot be removed does no harm.
fn sweep(folder: &Path) {
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        let is_draft = entry.file_name().to_string_lossy().starts_with(PREFIX);
        if !is_draft {
            continue;
        }
        let Ok(file) = File::open(entry.path()) else {
            continue;
        };
        if !matches!(file.try_lock(), Err(TryLockError::WouldBlock)) {
            let _ = fs::remove_file(entry.path());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_there_when_it_is_whole() {
        let folder = tempfile::tempdir().expect("a folder");
        let target = folder.path().join("a.txt");
        fs::write(&target, "before").expect("written");
        let draft = Draft::of(&target, "before", "after", false).expect("a draft");
        assert_eq!(fs::read_to_string(&target).expect("a file"), "before");
        assert_eq!(fs::read_to_string(draft.path()).expect("a file"), "after");
        draft.put().expect("put");
        assert_eq!(fs::read_to_string(&target).expect("a file"), "after");
        assert_eq!(fs::read_dir(folder.path()).expect("a folder").count(), 1);
        let late = Draft::of(&target, "before", "late", false).expect("a draft");
        let refused = late.put().expect_err("refused").to_string();
        assert!(refused.contains("changed it meanwhile"), "{refused}");
        assert_eq!(fs::read_to_string(&target).expect("a file"), "after");
    }

    #[cfg(unix)]
    #[test]
    fn a_file_stays_as_open_as_it_was_and_a_link_a_link() {
        use std::os::unix::fs::{PermissionsExt, symlink};
        let folder = tempfile::tempdir().expect("a folder");
        let (target, link) = (folder.path().join("a.txt"), folder.path().join("b.txt"));
        fs::write(&target, "before").expect("written");
        fs::set_permissions(&target, fs::Permissions::from_mode(0o640)).expect("a mode");
        symlink(&target, &link).expect("a link");
        let draft = Draft::of(&link, "before", "after", false).expect("a draft");
        draft.put().expect("put");
        assert_eq!(fs::read_to_string(&target).expect("a file"), "after");
        assert!(fs::symlink_metadata(&link).expect("there").is_symlink());
        let mode = fs::metadata(&target).expect("there").permissions().mode();
        assert_eq!(mode & 0o777, 0o640);
    }

    #[test]
    fn a_trial_writes_nothing_beside_the_plan() {
        let folder = tempfile::tempdir().expect("a folder");
        let draft = Draft::new(&folder.path().join("a"), true).expect("a draft");
        assert_eq!(fs::read_dir(folder.path()).expect("a folder").count(), 0);
        assert!(draft.path().exists());
    }

    #[test]
    fn what_was_left_behind_goes_and_what_is_made_stays() {
        let folder = tempfile::tempdir().expect("a folder");
        let left = folder.path().join(format!("{PREFIX}left"));
        fs::write(&left, "half").expect("written");
        let one = Draft::new(&folder.path().join("a"), false).expect("a draft");
        assert!(!left.exists());
        let two = Draft::new(&folder.path().join("b"), false).expect("a draft");
        assert!(one.path().exists() && two.path().exists());
        drop((one, two));
        assert_eq!(fs::read_dir(folder.path()).expect("a folder").count(), 0);
    }
}
