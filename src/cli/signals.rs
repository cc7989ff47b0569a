//! What the system tells a server: to stop, or to take up its plan anew.

use std::io::IsTerminal;

use tokio::sync::watch;

use crate::http::App;

/// Told once the server is to stop.
#[derive(Clone)]
pub(super) struct Stop(watch::Receiver<bool>);

impl Stop {
    /// Listens from now on: Ctrl-C and the signal TERM of a service manager stop the server, HUP reloads the plan.
    pub fn heard(app: App) -> std::io::Result<Self> {
        let (stop, stopped) = watch::channel(false);
        let signals = Signals::new()?;
        tokio::spawn(async move {
            signals.stop(app).await;
            stop.send_replace(true);
        });
        Ok(Self(stopped))
    }

    /// Waits for it.
    pub async fn wait(mut self) {
        // It is also told by a task that has ended.
        let _ = self.0.wait_for(|stopped| *stopped).await;
    }
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

    async fn stop(mut self, app: App) {
        loop {
            tokio::select! {
                _ = self.interrupt.recv() => return,
                _ = self.terminate.recv() => return,
                _ = self.hang_up.recv() => {
                    // A terminal that is closed sends the same signal: whoever started the server there is gone.
                    if self.on_terminal && !std::io::stderr().is_terminal() {
                        return;
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

    async fn stop(self, _: App) {
        // Where Ctrl-C cannot be heard there is nothing to wait for but the end of the process.
        if tokio::signal::ctrl_c().await.is_err() {
            std::future::pending().await
        }
    }
}
