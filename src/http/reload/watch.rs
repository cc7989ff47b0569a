//! Looks at the plan's files time and again, and tells when changes to them are over.
//!
//! No notices of the operating system: they do not come from network drives, and a change of some dozen files
//! is found by looking at each in less time than anybody would notice.

use std::time::{Duration, Instant};

use crate::ingest::{PlanFiles, Stamp};

/// Between two looks.
const EVERY: Duration = Duration::from_secs(2);
/// Between two looks while something changes.
const OFTEN: Duration = Duration::from_millis(250);
/// How long nothing changes before a change counts as over: programs write a file in many steps, and a person
/// saves several.
pub(super) const QUIET: Duration = Duration::from_secs(1);
/// How long a change may go on before the files are read as they are at one moment: some programs put a new file in the
/// place of the old one all the time.
const PATIENCE: Duration = Duration::from_secs(10);
/// The most that [`QUIET`] is doubled, where files change whenever they are read: to about a minute.
const DOUBLINGS: u32 = 6;
/// A look may take one part in so many of the time: a drive that is slow is not asked all the time.
const SHARE: u32 = 20;

/// Two looks, this far apart, that see the same: what is written after the second has another time than all that
/// was written before, for the clock of a file system ticks faster as a rule.
const TICK: Duration = Duration::from_millis(50);
/// Looks before it is said that files keep changing: two seconds.
const LOOKS: usize = 40;

/// The files of a plan once nobody has written to them for a moment; none where somebody always does.
pub(super) fn settled(files: &PlanFiles) -> Option<Stamp> {
    let mut last = files.stamp();
    for _ in 0..LOOKS {
        std::thread::sleep(TICK);
        let now = files.stamp();
        if now == last {
            return Some(now);
        }
        last = now;
    }
    None
}

/// What is known of files that are watched.
#[derive(Debug)]
pub(super) struct Watch {
    files: PlanFiles,
    /// What was read last.
    taken: Stamp,
    /// Something else, and since when.
    unrest: Option<(Stamp, Instant)>,
    /// Since when they are others than those that were read, with every change since.
    restless: Option<Instant>,
    /// Whether that is longer than anybody is to wait.
    is_restless: bool,
    /// How often in a row files changed while they were read.
    disturbed: u32,
    /// How long a look takes.
    look: Duration,
}

impl Watch {
    /// Watches files that looked like this when they were read.
    pub fn new(files: PlanFiles, taken: Stamp) -> Self {
        Self {
            files,
            taken,
            unrest: None,
            restless: None,
            is_restless: false,
            disturbed: 0,
            look: Duration::ZERO,
        }
    }

    /// How long it is until the next look.
    pub fn pause(&self) -> Duration {
        let usual = if self.unrest.is_some() { OFTEN } else { EVERY };
        usual.max(self.look.saturating_mul(SHARE))
    }

    /// Looks. True where the files are not those that were read, and have been quiet for long enough.
    pub fn is_due(&mut self) -> bool {
        let start = Instant::now();
        let stamp = self.files.stamp();
        self.look = start.elapsed();
        self.saw(stamp, start)
    }

    fn saw(&mut self, stamp: Stamp, now: Instant) -> bool {
        if stamp == self.taken {
            self.rest();
            return false;
        }
        let restless = *self.restless.get_or_insert(now);
        // Files that change whenever they are read are read less and less often.
        let patience = PATIENCE * 2_u32.pow(self.disturbed.min(DOUBLINGS));
        self.is_restless = now.duration_since(restless) >= patience;
        if self.is_restless {
            return true;
        }
        match self.unrest {
            Some((seen, since)) if seen == stamp => {
                let quiet = QUIET * 2_u32.pow(self.disturbed.min(DOUBLINGS));
                now.duration_since(since) >= quiet
            }
            _ => {
                self.unrest = Some((stamp, now));
                false
            }
        }
    }

    /// True where they have not been quiet for longer than anybody is to wait.
    pub fn is_restless(&self) -> bool {
        self.is_restless
    }

    fn rest(&mut self) {
        self.unrest = None;
        self.restless = None;
        self.is_restless = false;
    }

    /// The files were read, whatever came of it.
    pub fn took(&mut self, stamp: Stamp) {
        self.taken = stamp;
        self.rest();
        self.disturbed = 0;
    }

    /// They changed meanwhile, so that what was read is no version of them.
    pub fn disturbed(&mut self) {
        self.rest();
        self.disturbed = self.disturbed.saturating_add(1);
    }
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::path::Path;

    use super::*;

    fn stamps(folder: &Path) -> [Stamp; 3] {
        let files = PlanFiles::Folder(folder.to_owned());
        fs::create_dir(folder.join("seeds")).expect("a folder");
        ["a", "b", "c"].map(|name| {
            fs::write(folder.join("seeds").join(name), name).expect("written");
            files.stamp()
        })
    }

    #[test]
    fn a_change_counts_once_it_is_over() {
        let folder = tempfile::tempdir().expect("a folder");
        let [a, b, c] = stamps(folder.path());
        let start = Instant::now();
        let at = |millis| start + Duration::from_millis(millis);
        let mut watch = Watch::new(PlanFiles::Shipped, a);
        assert!(!watch.saw(a, at(0)) && watch.pause() == EVERY);
        assert!(!watch.saw(b, at(2_000)) && watch.pause() == OFTEN);
        assert!(!watch.saw(b, at(2_900)));
        // Another step of the same writer: it is waited for anew.
        assert!(!watch.saw(c, at(2_950)));
        assert!(!watch.saw(c, at(3_900)));
        assert!(watch.saw(c, at(3_950)));
        watch.took(c);
        assert!(!watch.saw(c, at(4_000)) && watch.pause() == EVERY);
        // Undone before it was over.
        assert!(!watch.saw(b, at(6_000)) && !watch.saw(c, at(6_500)));
        assert!(watch.pause() == EVERY && !watch.saw(b, at(8_000)));
    }

    #[test]
    fn files_that_change_while_they_are_read_are_read_less_and_less_often() {
        let folder = tempfile::tempdir().expect("a folder");
        let [a, b, c] = stamps(folder.path());
        let mut watch = Watch::new(PlanFiles::Shipped, a);
        let start = Instant::now();
        let mut waits = Vec::new();
        for turn in 0..9 {
            let stamp = if turn % 2 == 0 { b } else { c };
            assert!(!watch.saw(stamp, start));
            let due = (1..200).find(|second| {
                let mut other = Watch { ..watch_of(&watch) };
                other.saw(stamp, start + Duration::from_secs(*second))
            });
            waits.push(due.expect("due some time"));
            watch.disturbed();
        }
        assert_eq!(waits, [1, 2, 4, 8, 16, 32, 64, 64, 64]);
        watch.took(b);
        assert!(!watch.saw(c, start) && watch.saw(c, start + QUIET));
    }

    #[test]
    fn files_that_never_rest_are_not_waited_for_for_ever() {
        let folder = tempfile::tempdir().expect("a folder");
        let [a, b, c] = stamps(folder.path());
        let mut watch = Watch::new(PlanFiles::Shipped, a);
        let start = Instant::now();
        let due = (0..1_000_u32).find(|turn| {
            let stamp = if turn % 2 == 0 { b } else { c };
            watch.saw(stamp, start + OFTEN * *turn)
        });
        assert_eq!(due.map(|turn| OFTEN * turn), Some(PATIENCE));
        assert!(watch.is_restless());
        watch.took(b);
        assert!(!watch.is_restless() && !watch.saw(c, start + PATIENCE * 3));
        // A change that is over is waited for, as ever.
        assert!(!watch.is_restless() && watch.saw(c, start + PATIENCE * 3 + QUIET));
        assert!(!watch.is_restless());
    }

    fn watch_of(watch: &Watch) -> Watch {
        Watch {
            files: PlanFiles::Shipped,
            ..*watch
        }
    }

    #[test]
    fn a_slow_drive_is_asked_seldom() {
        let mut watch = Watch::new(PlanFiles::Shipped, PlanFiles::Shipped.stamp());
        watch.look = Duration::from_secs(1);
        assert_eq!(watch.pause(), Duration::from_secs(20));
    }
}
