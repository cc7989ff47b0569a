use std::io::{IsTerminal, Write};
use std::time::{Duration, Instant};

use crate::ingest::Progress;

/// What is done sooner needs no bar.
const PATIENCE: Duration = Duration::from_secs(1);
const BETWEEN: Duration = Duration::from_millis(100);

/// A line on the terminal that tells how far a long load is. Nothing where standard error is no
/// terminal: a log has no use for it.
pub(super) struct Bar {
    terminal: bool,
    start: Instant,
    shown: Option<Instant>,
    /// The file that is read, and when its reading began.
    file: String,
    since: Instant,
}

impl Bar {
    pub fn new() -> Self {
        let now = Instant::now();
        Self {
            terminal: std::io::stderr().is_terminal(),
            start: now,
            shown: None,
            file: String::new(),
            since: now,
        }
    }

    pub fn tell(&mut self, progress: Progress) {
        let now = Instant::now();
        if self.file != progress.file {
            progress.file.clone_into(&mut self.file);
            self.since = now;
        }
        let soon = self.shown.is_some_and(|shown| now - shown < BETWEEN);
        if !self.terminal || soon || now - self.start < PATIENCE {
            return;
        }
        self.shown = Some(now);
        // To the start of the line, and what was behind is wiped out.
        write(&format!("\r{}\x1b[K", line(progress, now - self.since)));
    }
}

impl Drop for Bar {
    fn drop(&mut self) {
        if self.shown.is_some() {
            write("\r\x1b[K");
        }
    }
}

/// Whether a terminal took it is nothing to stop a load for.
fn write(text: &str) {
    let mut terminal = std::io::stderr().lock();
    let _ = terminal.write_all(text.as_bytes());
    let _ = terminal.flush();
}

/// `geodata/parcels.geojson  43 % of 555 MB  430000 features  164 MB/s  2 s left`
#[expect(clippy::cast_precision_loss, reason = "a rough figure")]
fn line(progress: Progress, spent: Duration) -> String {
    let rate = progress.bytes as f64 / spent.as_secs_f64().max(0.001);
    let megabytes = |bytes: f64| (bytes / 1e6).round();
    let (of, left) = match progress.of {
        Some(of) if of > 0 => {
            let share = (progress.bytes as f64 / of as f64).min(1.0);
            let left = of.saturating_sub(progress.bytes) as f64 / rate.max(1.0);
            (
                format!(
                    "{:.0} % of {} MB",
                    (share * 100.0).floor(),
                    megabytes(of as f64)
                ),
                format!("  {:.0} s left", left.ceil()),
            )
        }
        _ => (
            format!("{} MB", megabytes(progress.bytes as f64)),
            String::new(),
        ),
    };
    format!(
        "{}  {of}  {} features  {} MB/s{left}",
        progress.file,
        progress.features,
        megabytes(rate)
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_tells_how_far_and_how_long() {
        let progress = Progress {
            file: "geodata/parcels.geojson",
            bytes: 240_000_000,
            of: Some(555_000_000),
            features: 430_000,
        };
        assert_eq!(
            line(progress, Duration::from_millis(1500)),
            "geodata/parcels.geojson  43 % of 555 MB  430000 features  160 MB/s  2 s left"
        );
        let unknown = Progress {
            of: None,
            ..progress
        };
        assert_eq!(
            line(unknown, Duration::from_secs(2)),
            "geodata/parcels.geojson  240 MB  430000 features  120 MB/s"
        );
        let nothing = Progress {
            bytes: 0,
            of: Some(0),
            ..progress
        };
        assert!(line(nothing, Duration::ZERO).contains(" 0 MB "));
    }
}
