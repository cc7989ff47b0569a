//! Work that takes processor time: for whom it is done, what it may cost, and where it runs.

use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::{Arc, LazyLock};
use std::thread::available_parallelism;
use std::time::{Duration, Instant};

use tokio::sync::{Semaphore, SemaphorePermit, oneshot};

use super::client::Client;
use super::pool::{Control, Pool, Sizes};
use super::problem::Problem;
use crate::query::{Budget, Stopped};

/// The longest that an answer may take to be made, or to begin.
pub(super) const PATIENCE: Duration = Duration::from_secs(30);

/// Steps of work that a request may cause, of some two nanoseconds each: about two seconds of one core.
pub(super) const MAX_STEPS: u64 = 1_000_000_000;

/// Jobs that wait to be started, per core. A map asks for six tiles at a time, so that some forty people can move
/// theirs at once on two cores; at some milliseconds per tile the last waits for a second or two. Who comes after is
/// told so at once, before their waiting takes memory from the others.
const QUEUED: usize = 128;

fn cores() -> usize {
    available_parallelism().map_or(1, usize::from)
}

/// How many threads the network needs: none of them ever works.
#[must_use]
pub fn threads() -> usize {
    cores().max(2)
}

static POOL: LazyLock<Pool> = LazyLock::new(|| {
    let cores = cores();
    Pool::new(Sizes {
        quick: cores,
        slow: 2 * cores,
        paused: 32 * cores,
        paused_each: 8 * cores,
        queued: QUEUED * cores,
    })
});

/// Files that are made at once, per core, before they flow to their clients.
const FILES: usize = 4;
static FILE_PERMITS: LazyLock<Semaphore> = LazyLock::new(|| Semaphore::new(FILES * cores()));

/// Who a request's work is for, and what it may cost. Clones share both.
#[derive(Debug, Clone)]
pub struct WorkContext {
    client: Option<Client>,
    control: Arc<Control>,
    /// The steps that the request may take.
    pub budget: Budget,
}

impl WorkContext {
    /// Of nobody, for a request that may need no work.
    #[must_use]
    pub fn idle() -> Self {
        static IDLE: LazyLock<WorkContext> = LazyLock::new(|| WorkContext {
            client: None,
            control: Arc::new(Control::until(Instant::now())),
            budget: Budget::new(0, || Some(Stopped::Interrupted)),
        });
        IDLE.clone()
    }

    /// For a request of this client, from now on.
    #[must_use]
    pub fn new(client: Option<Client>) -> Self {
        let control = Arc::new(Control::until(Instant::now() + PATIENCE));
        let asked = control.clone();
        Self {
            client,
            control,
            budget: Budget::new(MAX_STEPS, move || POOL.checkpoint(&asked)),
        }
    }
}

/// Runs a piece of work on a thread of the pool. Where this future is dropped, the work is told to stop.
///
/// # Errors
/// Its own, and 503 where too much waits already.
pub(super) async fn work<T: Send + 'static>(
    context: &WorkContext,
    work: impl FnOnce() -> Result<T, Problem> + Send + 'static,
) -> Result<T, Problem> {
    let (answer, answered) = oneshot::channel();
    let task = move || {
        // A client that has gone needs no answer.
        drop(answer.send(catch_unwind(AssertUnwindSafe(work))));
    };
    let WorkContext {
        client, control, ..
    } = context;
    let id = POOL
        .submit(*client, control, Box::new(task))
        .map_err(|_| Problem::busy())?;
    let mut waiting = Waiting {
        context,
        id: Some(id),
    };
    let done = answered.await;
    waiting.id = None;
    match done {
        Ok(Ok(result)) => result,
        // Caught where all panics of handlers are.
        Ok(Err(panic)) => resume_unwind(panic),
        // It was not started: others needed its place in the queue, or its time was over before.
        Err(_) if Instant::now() >= control.deadline() => Err(Problem::too_slow()),
        Err(_) => Err(Problem::busy()),
    }
}

/// Cancels a job when nobody waits for it any more.
struct Waiting<'a> {
    context: &'a WorkContext,
    /// None once it is done.
    id: Option<u64>,
}

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        if let Some(id) = self.id {
            self.context.control.cancel();
            POOL.forget(self.context.client, id);
        }
    }
}

/// A permit to make a file; others get it when it is dropped.
///
/// # Errors
/// The server ends.
pub(super) async fn place() -> Result<SemaphorePermit<'static>, Problem> {
    let permit = FILE_PERMITS.acquire().await;
    permit.map_err(|error| Problem::failed(&error))
}

/// Jobs in the quick lane, in the slow lane, waiting for it, and queued: for metrics.
pub(super) fn counts() -> [usize; 4] {
    POOL.counts()
}

#[cfg(test)]
mod tests {
    use std::pin::pin;
    use std::sync::mpsc;
    use std::task::{Context, Waker};

    use super::*;

    #[test]
    fn work_that_nobody_waits_for_is_told_to_stop() {
        let context = WorkContext::new(None);
        let (stop, stopped) = mpsc::channel();
        let (start, started) = mpsc::channel();
        let budget = context.budget.clone();
        {
            let mut waiting = pin!(work(&context, move || {
                start.send(()).expect("awaited");
                loop {
                    if let Err(reason) = budget.charge(1) {
                        stop.send(reason).expect("awaited");
                        return Ok(());
                    }
                }
            }));
            let mut task = Context::from_waker(Waker::noop());
            assert!(waiting.as_mut().poll(&mut task).is_pending());
            started.recv().expect("started");
        }
        assert_eq!(stopped.recv(), Ok(Stopped::Interrupted));
    }

    #[tokio::test]
    async fn a_panic_is_of_the_request_that_it_happened_to() {
        let context = WorkContext::new(None);
        let own = context.clone();
        let panics = async move { work::<()>(&own, || panic!("as it is meant to")).await };
        assert!(
            tokio::spawn(panics)
                .await
                .is_err_and(|error| error.is_panic())
        );
        assert_eq!(work(&context, || Ok(7)).await, Ok(7));
    }
}
