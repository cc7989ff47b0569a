//! Work that takes processor time.
//!
//! It runs where its request is, for most of it takes less than to hand it to another thread and back
//! does. So that it never holds up the network, there are more threads than may work at once.

use std::sync::LazyLock;
use std::thread::available_parallelism;

use tokio::sync::{Semaphore, SemaphorePermit};

use super::problem::Problem;

/// Pieces of work that run at once, per core. More than one, so that one that takes long does not hold
/// up all others; not many more, or they would only take memory and time from each other.
const RUNNING: usize = 4;

/// Requests that wait for a place, per core. A map asks for six tiles at a time, so that some forty
/// people can move theirs at once on two cores; at some milliseconds per tile the last waits for a second
/// or two. Who comes after is told so at once, before their waiting takes memory from the others.
const WAITING: usize = 128;

/// Threads that never work, for the network and what is small.
const FREE: usize = 2;

fn cores() -> usize {
    available_parallelism().map_or(1, usize::from)
}

/// How many threads a server needs, so that some are free whatever is worked at.
#[must_use]
pub fn threads() -> usize {
    RUNNING * cores() + FREE
}

static ROOM: LazyLock<Room> = LazyLock::new(|| Room::new(RUNNING * cores(), WAITING * cores()));

/// Runs a piece of work, on this thread.
///
/// # Errors
/// Its own, and 503 where too many wait already.
pub(super) async fn work<T>(work: impl FnOnce() -> Result<T, Problem>) -> Result<T, Problem> {
    let _place = place().await?;
    work()
}

/// A place to work; others get it when it is dropped.
///
/// # Errors
/// 503 where too many wait already.
pub(super) async fn place() -> Result<SemaphorePermit<'static>, Problem> {
    ROOM.enter().await
}

struct Room {
    running: Semaphore,
    waiting: Semaphore,
}

impl Room {
    fn new(running: usize, waiting: usize) -> Self {
        Self {
            running: Semaphore::new(running),
            waiting: Semaphore::new(waiting),
        }
    }

    async fn enter(&self) -> Result<SemaphorePermit<'_>, Problem> {
        // Whoever waits is served before this one: a place that becomes free is theirs already.
        if let Ok(place) = self.running.try_acquire() {
            return Ok(place);
        }
        // Who leaves gives the place in the queue back, too.
        let _queued = self.waiting.try_acquire().map_err(|_| Problem::busy())?;
        let place = self.running.acquire().await;
        place.map_err(|error| Problem::failed(&error))
    }
}

#[cfg(test)]
mod tests {
    use std::pin::pin;
    use std::task::{Context, Poll, Waker};

    use axum::http::{StatusCode, header};
    use axum::response::IntoResponse;

    use super::*;

    #[test]
    fn the_queue_is_bounded_and_in_order() {
        let room = Room::new(1, 2);
        let mut context = Context::from_waker(Waker::noop());
        let (mut first, mut second) = (pin!(room.enter()), pin!(room.enter()));
        let Poll::Ready(Ok(place)) = first.as_mut().poll(&mut context) else {
            panic!("the room is empty");
        };
        assert!(second.as_mut().poll(&mut context).is_pending());
        {
            let mut leaves = pin!(room.enter());
            assert!(leaves.as_mut().poll(&mut context).is_pending());
            let Poll::Ready(Err(refused)) = pin!(room.enter()).poll(&mut context) else {
                panic!("the queue is full");
            };
            let refused = refused.into_response();
            assert_eq!(refused.status(), StatusCode::SERVICE_UNAVAILABLE);
            assert!(refused.headers().contains_key(header::RETRY_AFTER));
        }
        // The one that left made room.
        let mut third = pin!(room.enter());
        assert!(third.as_mut().poll(&mut context).is_pending());
        drop(place);
        // Nobody passes those who wait.
        assert!(third.as_mut().poll(&mut context).is_pending());
        let Poll::Ready(Ok(place)) = second.as_mut().poll(&mut context) else {
            panic!("the place is free");
        };
        assert!(third.as_mut().poll(&mut context).is_pending());
        drop(place);
        assert!(third.as_mut().poll(&mut context).is_ready());
    }
}
