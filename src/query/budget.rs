//! What a request may cost. Work is counted in steps while it is done, so that the same request over the same
//! data is refused on every machine or on none, and it stops when nobody waits for it any more.

use std::cell::Cell;
use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// Steps that are counted on one thread before they are charged, and before anybody is asked whether to go on:
/// some twenty microseconds of work.
const CHUNK: u64 = 10_000;

/// The steps that a request may still take, and whether it is still wanted. A step is about two nanoseconds: a
/// comparison of two numbers. Clones share the steps. The default has no limit.
#[derive(Clone, Default)]
pub struct Budget(Option<Arc<Shared>>);

struct Shared {
    spent: AtomicU64,
    limit: u64,
    interrupted: Box<dyn Fn() -> Option<Stopped> + Send + Sync>,
}

/// Why work was not finished.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Stopped {
    /// More work than a request may cause.
    #[error(
        "the query takes more than {limit} steps of work, the limit for one request; narrow it by bbox, an indexed column or a simpler filter"
    )]
    TooMuch {
        /// The steps that were allowed.
        limit: u64,
    },
    /// More places to measure distances to than a request may hold in memory.
    #[error(
        "near names {found} features with {positions} positions, and at most {limit} features with {most} positions are allowed; narrow them with near-filter"
    )]
    TooManyTargets {
        /// Features that near names.
        found: usize,
        /// Their positions.
        positions: usize,
        /// The most features.
        limit: usize,
        /// The most positions.
        most: usize,
    },
    /// The client has gone, or the time is over.
    #[error("the request was interrupted")]
    Interrupted,
    /// Too many expensive requests wait.
    #[error("too many expensive requests are waiting")]
    Busy,
}

impl Budget {
    /// At most `limit` steps, and only as long as `interrupted` has no reason to stop. It is called every few
    /// thousand steps, on the thread that works, and may block it.
    pub fn new(
        limit: u64,
        interrupted: impl Fn() -> Option<Stopped> + Send + Sync + 'static,
    ) -> Self {
        Self(Some(Arc::new(Shared {
            spent: AtomicU64::new(0),
            limit,
            interrupted: Box::new(interrupted),
        })))
    }

    /// A counter for one thread.
    #[must_use]
    pub fn meter(&self) -> Meter<'_> {
        Meter {
            budget: self,
            uncharged: Cell::new(0),
        }
    }

    /// Charges steps at once.
    ///
    /// # Errors
    /// The limit is exceeded, or the work is interrupted.
    pub fn charge(&self, steps: u64) -> Result<(), Stopped> {
        let Some(shared) = &self.0 else { return Ok(()) };
        let before = shared.spent.fetch_add(steps, Ordering::Relaxed);
        if before.saturating_add(steps) > shared.limit {
            let limit = shared.limit;
            return Err(Stopped::TooMuch { limit });
        }
        (shared.interrupted)().map_or(Ok(()), Err)
    }

    /// The steps that were charged so far.
    #[must_use]
    pub fn spent(&self) -> u64 {
        let shared = self.0.as_ref();
        shared.map_or(0, |shared| shared.spent.load(Ordering::Relaxed))
    }
}

impl fmt::Debug for Budget {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Some(shared) => write!(out, "Budget({} of {})", self.spent(), shared.limit),
            None => write!(out, "Budget(unlimited)"),
        }
    }
}

/// Counts steps and charges them by the chunk. What is left when it is dropped is less than a chunk and not
/// charged.
pub struct Meter<'a> {
    budget: &'a Budget,
    uncharged: Cell<u64>,
}

impl Meter<'_> {
    /// Counts steps.
    ///
    /// # Errors
    /// The limit is exceeded, or the work is interrupted.
    #[inline]
    pub fn spend(&self, steps: u64) -> Result<(), Stopped> {
        let uncharged = self.uncharged.get().saturating_add(steps);
        if uncharged < CHUNK {
            self.uncharged.set(uncharged);
            return Ok(());
        }
        self.uncharged.set(0);
        self.budget.charge(uncharged)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::AtomicBool;

    use super::*;

    #[test]
    fn the_limit_is_shared_by_all_who_work() {
        let budget = Budget::new(3 * CHUNK, || None);
        let (one, other) = (budget.clone(), budget.clone());
        assert_eq!(one.meter().spend(2 * CHUNK), Ok(()));
        assert_eq!(other.meter().spend(CHUNK), Ok(()));
        let limit = 3 * CHUNK;
        assert_eq!(one.meter().spend(CHUNK), Err(Stopped::TooMuch { limit }));
        assert_eq!(Budget::default().meter().spend(u64::MAX), Ok(()));
    }

    #[test]
    fn small_steps_add_up_to_a_question() {
        let stop = Arc::new(AtomicBool::new(false));
        let asked = stop.clone();
        let budget = Budget::new(u64::MAX, move || {
            asked
                .load(Ordering::Relaxed)
                .then_some(Stopped::Interrupted)
        });
        let meter = budget.meter();
        for _ in 0..CHUNK {
            assert_eq!(meter.spend(1), Ok(()));
        }
        stop.store(true, Ordering::Relaxed);
        let until_asked = (0..=CHUNK).position(|_| meter.spend(1).is_err());
        assert_eq!(
            until_asked,
            Some(usize::try_from(CHUNK).expect("small") - 1)
        );
    }
}
