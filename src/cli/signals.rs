//! What the system tells a server: to stop, or to take up its plan anew.

use std::io::IsTerminal;
use std::time::Duration;

use tokio::sync::watch;
use tokio::time::sleep;

use crate::http::{App, Phase};

/// How a server ends.
#[derive(Debug, Clone, Copy)]
pub(super) struct Ending {
    /// How long new connections are still answered after the signal TERM.
    pub notice: Duration,
    /// How long answers under way may take, the notice included.
    pub drain: Duration,
}

impl Ending {
    /// Listens to signals from now on, and tells what the server is to do: Ctrl-C and the signal TERM of a service
    /// manager end it, a second one at once; HUP reloads the plan.
    pub fn listen(self, app: App) -> std::io::Result<watch::Receiver<Phase>> {
        let (phase, told) = watch::channel(Phase::Serving);
        let mut signals = Signals::new()?;
        tokio::spawn(async move {
            let first = signals.stop(&app).await;
            app.leave();
            phase.send_replace(Phase::Leaving);
            let notice = match first {
                Stop::Terminated => self.notice.min(self.drain),
                // Nobody balances load over a server that somebody runs in a terminal.
                Stop::Interrupted => Duration::ZERO,
            };
            let steps = async {
                sleep(notice).await;
                phase.send_replace(Phase::Draining);
                sleep(self.drain.saturating_sub(notice)).await;
            };
            tokio::select! {
                () = steps => {}
                _ = signals.stop(&app) => {}
            }
            phase.send_replace(Phase::Over);
            // Whoever reads phases has to see the last one.
            phase.closed().await;
        });
        Ok(told)
    }
}

/// Why a server ends.
enum Stop {
    /// By Ctrl-C, or with its terminal.
    Interrupted,
    /// By a service manager.
    Terminated,
}

#[cfg(unix)]
struct Signals {
    interrupt: tokio::signal::unix::Signal,
    terminate: tokio::signal::unix::Signal,
    hang_up: tokio::signal::unix::Signal,
    /// Whether there is a terminal to be closed.
    on_terminal: bool,
}

#[cfg(unix)]
impl Signals {
    fn new() -> std::io::Result<Self> {
        use tokio::signal::unix::{SignalKind, signal};
        Ok(Self {
            interrupt: signal(SignalKind::interrupt())?,
            terminate: signal(SignalKind::terminate())?,
            hang_up: signal(SignalKind::hangup())?,
            on_terminal: std::io::stderr().is_terminal(),
        })
    }

    async fn stop(&mut self, app: &App) -> Stop {
        loop {
            tokio::select! {
                _ = self.interrupt.recv() => return Stop::Interrupted,
                _ = self.terminate.recv() => return Stop::Terminated,
                _ = self.hang_up.recv() => {
                    // A terminal that is closed sends the same signal: whoever started the server there is gone.
                    if self.on_terminal && !std::io::stderr().is_terminal() {
                        return Stop::Interrupted;
                    }
                    app.reload();
                }
            }
        }
    }
}

#[cfg(not(unix))]
struct Signals;

#[cfg(not(unix))]
impl Signals {
    fn new() -> std::io::Result<Self> {
        Ok(Self)
    }

    async fn stop(&mut self, _: &App) -> Stop {
        // Where Ctrl-C cannot be heard there is nothing to wait for but the end of the process.
        if tokio::signal::ctrl_c().await.is_err() {
            std::future::pending().await
        }
        Stop::Interrupted
    }
}
