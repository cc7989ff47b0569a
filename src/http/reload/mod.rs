//! A newer version of the plan takes the place of the running one, whole, while requests are answered.
//!
//! One thread of its own does it: it looks at the plan's files and hears of those who ask. The new version is
//! read, checked and made ready for tiles beside the old one, and only then takes its place. A request sees one
//! version from start to end, because it holds what it has got; the old one is freed by the last that holds it.
//! Until then both are in memory, and while the new one is read as much again as loading it takes.

mod outcome;
mod status;
mod thread;
mod watch;

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{SyncSender, TrySendError, sync_channel};
use std::sync::{Arc, OnceLock};

use tokio::sync::oneshot;

use super::problem::Problem;
use super::state::App;
use crate::ingest::{PlanFiles, Stamp};

pub(super) use outcome::Outcome;
pub(super) use status::Status;

/// The target of its lines in the log.
pub(super) const LOG: &str = "buju::reload";

/// Those who wait for the next reload: one serves them all, so that more have no reason to ask.
const WAITING: usize = 16;

/// Whoever wants a reload.
pub(super) enum Ask {
    /// Without an answer.
    Silent,
    /// With one.
    Told(oneshot::Sender<Arc<Outcome>>),
}

/// What an app knows of its reloads.
#[derive(Default)]
pub(super) struct Reloads {
    asks: OnceLock<SyncSender<Ask>>,
    watching: AtomicBool,
    pub status: Status,
}

impl Reloads {
    /// True where the plan's files are looked at.
    pub fn watching(&self) -> bool {
        self.watching.load(Ordering::Relaxed)
    }

    /// Asks for a reload, and waits for what comes of it. It begins after this: what was written before is in it.
    ///
    /// # Errors
    /// 429 where many wait already; 503 where nothing is reloaded here.
    pub async fn ask(&self) -> Result<Arc<Outcome>, Problem> {
        let asks = self.asks.get().ok_or_else(Problem::no_reloads)?;
        let (answer, answered) = oneshot::channel();
        asks.try_send(Ask::Told(answer))
            .map_err(|refused| match refused {
                TrySendError::Full(_) => Problem::many_reloads(),
                TrySendError::Disconnected(_) => Problem::no_reloads(),
            })?;
        answered.await.map_err(|error| Problem::failed(&error))
    }
}

impl App {
    /// Follows the plan's files from now on: reloads them when it is asked to and, where they are watched, when
    /// they have changed. `stamp` is of the files before the running version was read, so that nothing that was
    /// written since is missed.
    ///
    /// # Errors
    /// The system has no thread to spare.
    pub fn follow(&self, files: PlanFiles, stamp: Stamp, watched: bool) -> std::io::Result<()> {
        let (asks, asked) = sync_channel(WAITING);
        let reloads = self.reloads();
        if reloads.asks.set(asks).is_err() {
            // One thread is enough, and goes on.
            return Ok(());
        }
        // What is inside the program does not change.
        let watched = watched && matches!(files, PlanFiles::Folder(_));
        reloads.watching.store(watched, Ordering::Relaxed);
        let watch = watched.then(|| watch::Watch::new(files.clone(), stamp));
        thread::start(self, files, watch, asked)
    }

    /// Asks for a reload, and waits for nothing.
    pub fn reload(&self) {
        if let Some(asks) = self.reloads().asks.get() {
            // Where no more may wait, those who do get what this one wants.
            let _ = asks.try_send(Ask::Silent);
        }
    }
}
