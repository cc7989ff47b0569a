//! How reloads went, for the log, `/readyz` and `/metrics`.

use std::collections::HashSet;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, SystemTime};

use super::outcome::{Cause, Outcome, Refusal};

/// Errors of a plan that are logged; the others are counted.
const LOGGED: usize = 20;

/// How reloads went so far.
#[derive(Debug, Default)]
pub(in crate::http) struct Status(Mutex<Record>);

/// The same, at one moment.
#[derive(Debug, Clone, Default)]
pub(in crate::http) struct Record {
    pub swapped: u64,
    pub unchanged: u64,
    pub refused: u64,
    /// Since when the plan's files are looked at or read; none while nothing is done.
    pub running: Option<SystemTime>,
    /// When the last one ended, and how long it took.
    pub last: Option<(SystemTime, Duration)>,
    /// There while the plan's files are not those that are served.
    pub failure: Option<Failure>,
}

/// A plan that is refused.
#[derive(Debug, Clone)]
pub(in crate::http) struct Failure {
    /// Since its first refusal.
    pub since: SystemTime,
    /// Of the last one.
    pub refusal: Arc<Refusal>,
    /// What the log has already.
    logged: HashSet<String>,
}

impl Status {
    /// As it is now.
    pub fn read(&self) -> Record {
        self.open().clone()
    }

    /// The plan's files are looked at from now on, and perhaps read: a drive that hangs may keep it there.
    pub fn begin(&self) {
        self.open().running = Some(SystemTime::now());
    }

    /// Nothing came of it.
    pub fn rest(&self) {
        self.open().running = None;
    }

    /// Takes down what came of a reload, and logs it.
    pub fn note(&self, outcome: &Outcome, took: Duration) {
        let mut record = self.open();
        record.running = None;
        record.last = Some((SystemTime::now(), took));
        match outcome {
            Outcome::Swapped(swap) => {
                record.swapped += 1;
                record.failure = None;
                let (from, to) = (&swap.from, &swap.to);
                let (features, warnings) = (swap.features, swap.warnings);
                let (added, removed) = (swap.difference.added, swap.difference.removed);
                let seconds = took.as_secs_f64();
                tracing::info!(target: super::LOG, from, to, features, added, removed, warnings, seconds, "a new version is served");
            }
            Outcome::Unchanged { version } => {
                record.unchanged += 1;
                let mended = record.failure.take().is_some();
                tracing::info!(target: super::LOG, version, mended, "the plan is the one that is served");
            }
            Outcome::Refused(refusal) => {
                record.refused += 1;
                if refusal.cause == Cause::Writing {
                    // No version of the plan: nothing is known of it yet.
                    tracing::warn!(target: super::LOG, reason = refusal.reason, "no reload");
                } else {
                    record.refuse(refusal);
                }
            }
        }
    }

    fn open(&self) -> MutexGuard<'_, Record> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Record {
    /// Each error is logged once for as long as the plan is refused, however often it is tried.
    fn refuse(&mut self, refusal: &Refusal) {
        let refusal = Arc::new(refusal.clone());
        let failure = self.failure.get_or_insert_with(|| Failure {
            since: SystemTime::now(),
            refusal: refusal.clone(),
            logged: HashSet::new(),
        });
        failure.refusal = refusal.clone();
        let texts: HashSet<_> = refusal.told.iter().map(ToString::to_string).collect();
        let told = refusal.told.iter();
        let new = told.filter(|finding| !failure.logged.contains(&finding.to_string()));
        for finding in new.take(LOGGED) {
            tracing::error!(target: super::LOG, check = finding.check, "{finding}");
        }
        let Refusal { reason, errors, .. } = &*refusal;
        // Also where there is nothing but a reason.
        if failure.logged.insert(reason.clone()) || !texts.is_subset(&failure.logged) {
            tracing::error!(target: super::LOG, reason, errors, "no reload: the old version is served; `buju check` lists all errors");
        }
        // What is mended and comes back is news.
        failure.logged = texts;
        failure.logged.insert(refusal.reason.clone());
    }
}
