//! One file, and how far it is.

use std::fs::File;
use std::io;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use axum::body::Bytes;
use tokio::sync::watch;

use crate::http::problem::Problem;

/// What is known of a file before its first byte.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::http) struct Facts {
    pub matched: usize,
    pub returned: usize,
    /// The cursor of what comes after.
    pub next: Option<String>,
}

/// How far a file is.
#[derive(Debug, Clone)]
pub(super) enum Progress {
    Begun,
    /// It is so small that it has no file.
    Small(Facts, Bytes),
    /// So many bytes are there, or none yet.
    Growing(Facts, u64),
    Finished(Facts, u64),
    Failed(Problem),
    /// Whoever was to make it has gone.
    Abandoned,
}

impl Progress {
    pub fn is_settled(&self) -> bool {
        !matches!(self, Self::Begun | Self::Growing(..))
    }
}

/// One file.
pub(in crate::http) struct Spool {
    pub(super) progress: watch::Sender<Progress>,
    /// None before it is begun, and once its room has been taken.
    pub(super) file: Mutex<Option<Arc<File>>>,
    /// Nobody waits for it any more.
    pub(super) unwanted: AtomicBool,
}

impl Spool {
    /// False where it was settled before.
    pub(super) fn settle(&self, progress: Progress) -> bool {
        self.progress.send_if_modified(|now| {
            let open = !now.is_settled();
            if open {
                *now = progress;
            }
            open
        })
    }

    pub(super) fn file(&self) -> io::Result<Arc<File>> {
        let file = self.file.lock().unwrap_or_else(PoisonError::into_inner);
        file.clone()
            .ok_or_else(|| io::Error::other("the room of a file was needed for another"))
    }

    pub(super) fn withdraw(&self) {
        let mut file = self.file.lock().unwrap_or_else(PoisonError::into_inner);
        *file = None;
    }
}

impl Spool {
    /// False once nobody waits for it: there is no reason to go on.
    pub fn is_wanted(&self) -> bool {
        !self.unwanted.load(Ordering::Relaxed)
    }

    /// True while nobody knows how it ends.
    pub fn is_open(&self) -> bool {
        !self.progress.borrow().is_settled()
    }

    /// It cannot be made.
    pub fn fail(&self, problem: Problem) {
        self.settle(Progress::Failed(problem));
    }
}
