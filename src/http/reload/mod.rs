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
use std::time::Duration;

use tokio::sync::oneshot;

use super::problem::Problem;
use super::state::App;
use crate::ingest::{PlanFiles, Stamp};

pub(super) use outcome::Outcome;
pub(super) use status::Status;

/// The target of its lines in the log.
pub(super) const LOG: &str = "buju::reload";

/// Those who wait for the next reload while one is running. Others have no reason to ask: it takes up all that is in
/// the folder when it begins.
const WAITING: usize = 1;

/// How long whoever asks is kept waiting. A large plan takes some ten seconds, and a drive that hangs has no end.
const PATIENCE: Duration = Duration::from_secs(60);

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
    /// 429 where one waits already; 503 where nothing is reloaded here, and after a minute, when it goes on by itself.
    pub async fn ask(&self) -> Result<Arc<Outcome>, Problem> {
        self.answer_within(PATIENCE).await
    }

    async fn answer_within(&self, patience: Duration) -> Result<Arc<Outcome>, Problem> {
        let asks = self.asks.get().ok_or_else(Problem::no_reloads)?;
        let (answer, answered) = oneshot::channel();
        asks.try_send(Ask::Told(answer))
            .map_err(|refused| match refused {
                TrySendError::Full(_) => Problem::many_reloads(),
                TrySendError::Disconnected(_) => Problem::no_reloads(),
            })?;
        match tokio::time::timeout(patience, answered).await {
            Ok(answered) => answered.map_err(|error| Problem::failed(&error)),
            Err(_) => Err(Problem::slow_reload()),
        }
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

#[cfg(test)]
mod tests {
    use axum::http::StatusCode;
    use axum::response::IntoResponse;

    use super::*;

    /// Nobody answers: the thread reads from a drive that hangs.
    #[tokio::test]
    async fn whoever_asks_is_not_kept_for_ever() {
        let reloads = Reloads::default();
        let (asks, _asked) = sync_channel(1);
        assert!(reloads.asks.set(asks).is_ok());
        for expected in [
            StatusCode::SERVICE_UNAVAILABLE,
            StatusCode::TOO_MANY_REQUESTS,
        ] {
            let refused = reloads.answer_within(Duration::from_millis(20)).await;
            let answer = refused.expect_err("no answer").into_response();
            assert_eq!(answer.status(), expected);
            assert!(answer.headers().contains_key("retry-after"));
        }
    }
}
