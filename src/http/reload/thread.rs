//! The thread that reloads.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvTimeoutError};
use std::thread::Builder;
use std::time::{Duration, Instant};

use super::Ask;
use super::outcome::{Outcome, Refusal, Swap, TOLD};
use super::watch::{QUIET, Watch, settled};
use crate::http::state::{App, Running, WeakApp};
use crate::ingest::{PlanFiles, Stamp};
use crate::store::Store;

/// Where nothing is watched it waits for those who ask.
const NEVER: Duration = Duration::from_secs(86_400);

/// How often files are read anew that change while they are read, for somebody who waits.
const TRIES: usize = 3;

/// How often a moment is looked for in which the files of a plan that never rests are consistent.
const MOMENTS: usize = 5;

/// How long requests that hold an old version are waited for: longer than most take.
const PARTING: Duration = Duration::from_millis(5);
const PARTINGS: usize = 20;

/// Starts it. It ends with the app.
pub(super) fn start(
    app: &App,
    files: PlanFiles,
    mut watch: Option<Watch>,
    asked: Receiver<Ask>,
) -> std::io::Result<()> {
    let app = app.weak();
    let run = move || while step(&app, &files, watch.as_mut(), &asked).is_some() {};
    Builder::new().name("reload".to_owned()).spawn(run)?;
    Ok(())
}

/// Waits, looks and reloads if there is reason to; none once the app is gone.
fn step(
    app: &WeakApp,
    files: &PlanFiles,
    mut watch: Option<&mut Watch>,
    asked: &Receiver<Ask>,
) -> Option<()> {
    let pause = watch.as_ref().map_or(NEVER, |watch| watch.pause());
    let first = match asked.recv_timeout(pause) {
        Ok(ask) => Some(ask),
        Err(RecvTimeoutError::Timeout) => None,
        Err(RecvTimeoutError::Disconnected) => return None,
    };
    let app = app.upgrade()?;
    let status = &app.reloads().status;
    status.begin();
    if first.is_none() && !watch.as_mut().is_some_and(|watch| watch.is_due()) {
        status.rest();
        return Some(());
    }
    // One reload is for all who have asked by now.
    let asks: Vec<_> = first.into_iter().chain(asked.try_iter()).collect();
    let start = Instant::now();
    let tries = if asks.is_empty() { 1 } else { TRIES };
    let outcome = reloaded(&app, files, watch, tries);
    if asks.is_empty() && outcome.is_disturbed() {
        // Nobody asked, and the next look will tell.
        tracing::debug!(target: super::LOG, "the plan's files changed while they were read");
        status.rest();
        return Some(());
    }
    status.note(&outcome, start.elapsed());
    let outcome = Arc::new(outcome);
    for ask in asks {
        if let Ask::Told(answer) = ask {
            // Who has gone needs no answer.
            let _ = answer.send(outcome.clone());
        }
    }
    Some(())
}

fn reloaded(app: &App, files: &PlanFiles, mut watch: Option<&mut Watch>, tries: usize) -> Outcome {
    // What never rests is not waited for.
    let is_restless = watch.as_ref().is_some_and(|watch| watch.is_restless());
    for _ in 0..tries {
        if is_restless {
            break;
        }
        let Some(stamp) = settled(files) else { break };
        let outcome = caught(app, files, stamp);
        match &mut watch {
            Some(watch) if outcome.is_disturbed() => watch.disturbed(),
            Some(watch) => watch.took(stamp),
            None => {}
        }
        if !outcome.is_disturbed() {
            return outcome;
        }
    }
    // Whoever waits for it, or has waited long enough, gets the files as they are at one moment.
    if tries < TRIES && !is_restless {
        return Outcome::Refused(Refusal::writing());
    }
    for _ in 0..MOMENTS {
        let frozen = match files.freeze(QUIET) {
            Ok(Some(frozen)) => frozen,
            Ok(None) => continue,
            Err(error) => {
                tracing::debug!(target: super::LOG, %error, "the plan's files cannot be copied");
                break;
            }
        };
        let outcome = caught(app, &frozen.files, frozen.files.stamp());
        if let Some(watch) = &mut watch {
            watch.took(frozen.stamp);
        }
        return outcome;
    }
    if let Some(watch) = &mut watch {
        watch.disturbed();
    }
    Outcome::Refused(Refusal::writing())
}

fn caught(app: &App, files: &PlanFiles, stamp: Stamp) -> Outcome {
    let made = catch_unwind(AssertUnwindSafe(|| made(app, files, stamp)));
    made.unwrap_or_else(|_| Outcome::Refused(Refusal::failure()))
}

/// Reads the files, makes a version of them ready, and puts it in the place of the running one.
fn made(app: &App, files: &PlanFiles, stamp: Stamp) -> Outcome {
    let start = Instant::now();
    let opened = Store::open(files, &mut |_| {});
    // What was read while somebody wrote is neither the old nor the new, and its errors are nobody's.
    if files.stamp() != stamp {
        return Outcome::Refused(Refusal::writing());
    }
    let opened = opened.map_err(Refusal::from);
    let swap = opened.and_then(|store| {
        let old = app.store();
        if store.version() == old.version() {
            // Keys of base maps are in no version.
            let mut same = Running::open(old.clone()).map_err(no_basemap)?;
            same.since = app.running().since;
            app.swap(same);
            return Ok(Outcome::Unchanged {
                version: old.version().to_owned(),
            });
        }
        let new = Running::open(Arc::new(store)).map_err(no_basemap)?;
        new.store.prepare();
        let swap = Swap {
            from: old.version().to_owned(),
            to: new.store.version().to_owned(),
            features: new
                .store
                .collections()
                .map(|summary| summary.features)
                .sum(),
            difference: new.store.since(&old),
            warnings: new.store.warnings().len(),
            told: new.store.warnings().iter().take(TOLD).cloned().collect(),
            seconds: start.elapsed().as_secs_f64(),
        };
        app.swap(new);
        retire(&old);
        Ok(Outcome::Swapped(swap))
    });
    swap.unwrap_or_else(Outcome::Refused)
}

/// Where a key should be is for who may administer the server.
fn no_basemap(reason: String) -> Refusal {
    let public = "a base map of the plan cannot be opened; the log has the reason";
    Refusal::plan(reason, public.to_owned())
}

/// Waits a moment for the requests that hold a version: it is then freed by this thread and not by one that answers.
fn retire(old: &Arc<Store>) {
    for _ in 0..PARTINGS {
        if Arc::strong_count(old) == 1 {
            return;
        }
        std::thread::sleep(PARTING);
    }
}
