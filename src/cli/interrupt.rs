use std::io;
use std::process::exit;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;

use super::say;
use crate::import::abandon;

/// How long the program may take to end by itself.
const PATIENCE: Duration = Duration::from_millis(500);

/// The status of a command that could not do what was asked.
const STOPPED: i32 = 2;

/// The status of a program that a second Ctrl-C has ended.
const STATUS: i32 = 130;

/// Ctrl-C while something is written, or the signal of whoever ends the program or closes its terminal: it is to end by
/// itself, so that nothing is left behind. Where it is in the midst of something long, it ends after a moment, its drafts
/// removed. The second one ends the program at once.
pub(super) struct Interrupt(Arc<AtomicBool>);

impl Interrupt {
    /// Listens from now on.
    pub fn new() -> io::Result<Self> {
        let came = Arc::new(AtomicBool::new(false));
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()?;
        let heard = came.clone();
        thread::Builder::new()
            .name("interrupt".to_owned())
            .spawn(move || {
                runtime.block_on(async {
                    if asked_to_end().await.is_err() {
                        return;
                    }
                    heard.store(true, Ordering::Relaxed);
                    let again = tokio::time::timeout(PATIENCE, asked_to_end()).await;
                    if again.is_err() && abandon() {
                        say("buju: stopped; nothing was written\n");
                        exit(STOPPED);
                    }
                    if again.is_ok() || asked_to_end().await.is_ok() {
                        exit(STATUS);
                    }
                });
            })?;
        Ok(Self(came))
    }

    /// True once it came.
    pub fn came(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }
}

#[cfg(unix)]
async fn asked_to_end() -> io::Result<()> {
    use tokio::signal::unix::{SignalKind, signal};
    let mut interrupt = signal(SignalKind::interrupt())?;
    let mut terminate = signal(SignalKind::terminate())?;
    let mut hang_up = signal(SignalKind::hangup())?;
    tokio::select! {
        _ = interrupt.recv() => {}
        _ = terminate.recv() => {}
        _ = hang_up.recv() => {}
    }
    Ok(())
}

#[cfg(not(unix))]
async fn asked_to_end() -> io::Result<()> {
    tokio::signal::ctrl_c().await
}
