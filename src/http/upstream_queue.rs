//! How many requests another server gets from this one. Each base map has its own queue, so that one whose server is
//! slow takes nothing from another one or from the plan's own data.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::timeout;

use super::problem::Problem;

/// Tiles that are fetched at once: what a browser asks of one host.
const RUNNING: usize = 8;
/// Requests that wait for their turn, and for how long.
const WAITING: usize = 64;
const PATIENCE: Duration = Duration::from_secs(5);
/// After so many answers in a row that did not come in time, the server is not asked for a while. Then one request
/// tries again.
const LATE: u32 = 3;
const PAUSE: Duration = Duration::from_secs(15);

/// The requests to one server.
pub(super) struct Queue {
    running: Arc<Semaphore>,
    waiting: Semaphore,
    pause: Mutex<Pause>,
}

/// Whether the server answers in time.
#[derive(Debug, Default)]
struct Pause {
    late: u32,
    until: Option<Instant>,
}

impl Default for Queue {
    fn default() -> Self {
        Self {
            running: Arc::new(Semaphore::new(RUNNING)),
            waiting: Semaphore::new(WAITING),
            pause: Mutex::default(),
        }
    }
}

impl Queue {
    /// A permit for one request; others get it when it is dropped.
    ///
    /// # Errors
    /// 503 where too many wait, or one waited too long; 504 where the server did not answer in time of late.
    pub async fn acquire(&self) -> Result<OwnedSemaphorePermit, Problem> {
        let queued = self.waiting.try_acquire().map_err(|_| Problem::busy())?;
        let permit = timeout(PATIENCE, self.running.clone().acquire_owned()).await;
        drop(queued);
        let permit = permit.map_err(|_| Problem::busy())?;
        let permit = permit.map_err(|error| Problem::failed(&error))?;
        if self.with_pause(|pause| pause.admits(Instant::now())) {
            Ok(permit)
        } else {
            Err(Problem::upstream_slow())
        }
    }

    /// Notes whether the server answered in time.
    pub fn note(&self, in_time: bool) {
        self.with_pause(|pause| pause.note(in_time, Instant::now()));
    }

    fn with_pause<T>(&self, read: impl FnOnce(&mut Pause) -> T) -> T {
        read(&mut self.pause.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Pause {
    fn admits(&mut self, now: Instant) -> bool {
        match self.until {
            Some(until) if now < until => false,
            Some(_) => {
                // This one tries; the others wait for what comes of it.
                self.until = Some(now + PAUSE);
                true
            }
            None => true,
        }
    }

    fn note(&mut self, in_time: bool, now: Instant) {
        if in_time {
            *self = Self::default();
            return;
        }
        self.late += 1;
        if self.late >= LATE {
            self.until = Some(now + PAUSE);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_server_that_is_late_is_left_alone_and_tried_again() {
        let start = Instant::now();
        let mut pause = Pause::default();
        for _ in 0..LATE {
            assert!(pause.admits(start));
            pause.note(false, start);
        }
        assert!(!pause.admits(start) && !pause.admits(start + PAUSE / 2));
        let later = start + PAUSE;
        assert!(pause.admits(later), "one tries");
        assert!(!pause.admits(later), "and nobody else");
        pause.note(false, later);
        assert!(!pause.admits(later + PAUSE / 2));
        let again = later + PAUSE;
        assert!(pause.admits(again));
        pause.note(true, again);
        assert!(pause.admits(again) && pause.admits(again));
        // Late ones count only in a row.
        pause.note(false, again);
        pause.note(false, again);
        pause.note(true, again);
        pause.note(false, again);
        assert!(pause.admits(again));
    }

    #[tokio::test]
    async fn the_queue_is_bounded() {
        let queue = Arc::new(Queue::default());
        let mut running = Vec::new();
        for _ in 0..RUNNING {
            running.push(queue.acquire().await.expect("a permit"));
        }
        let waiting: Vec<_> = (0..WAITING)
            .map(|_| {
                let queue = queue.clone();
                tokio::spawn(async move { queue.acquire().await.is_ok() })
            })
            .collect();
        while queue.waiting.available_permits() > 0 {
            tokio::task::yield_now().await;
        }
        assert_eq!(queue.acquire().await.err(), Some(Problem::busy()));
        drop(running);
        for one in waiting {
            assert!(one.await.expect("no panic"));
        }
        // Another's queue is free all the while.
        assert!(Queue::default().acquire().await.is_ok());
    }
}
