//! One piece of work for all requests that want the same at the same time.
//!
//! It runs in a task of its own: a client that goes away takes nothing from the others. Work for which
//! nobody waits any more is dropped, so that clients who ask and leave cost nothing lasting.

use std::collections::HashMap;
use std::pin::pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::watch;

type Key = Box<[u8]>;
type Landing<T> = watch::Sender<Option<Arc<T>>>;

/// Work under way, by what it is for.
pub(super) struct Flights<T>(Arc<Mutex<HashMap<Key, Landing<T>>>>);

/// What somebody else may have begun.
pub(super) enum Boarding<T> {
    /// Nobody has: the work can be started.
    First(Flight<T>),
    /// It is under way.
    Joined(Passenger<T>),
}

/// Waits for work.
pub(super) struct Passenger<T>(watch::Receiver<Option<Arc<T>>>);

/// Work that begins, or has begun. Where it is dropped - by a panic, too - its place is free again.
pub(super) struct Flight<T> {
    flights: Flights<T>,
    key: Key,
    landing: Landing<T>,
    first: Option<Passenger<T>>,
}

impl<T> Default for Flights<T> {
    fn default() -> Self {
        Self(Arc::default())
    }
}

impl<T> Flights<T> {
    /// Joins the work for a key.
    pub fn board(&self, key: &[u8]) -> Boarding<T> {
        let mut open = self.open();
        if let Some(landing) = open.get(key) {
            return Boarding::Joined(Passenger(landing.subscribe()));
        }
        let (landing, first) = watch::channel(None);
        open.insert(key.into(), landing.clone());
        Boarding::First(Flight {
            flights: Self(self.0.clone()),
            key: key.into(),
            landing,
            first: Some(Passenger(first)),
        })
    }

    fn open(&self) -> MutexGuard<'_, HashMap<Key, Landing<T>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<T: Send + Sync + 'static> Flight<T> {
    /// Starts the work.
    pub fn start(mut self, work: impl Future<Output = T> + Send + 'static) -> Passenger<T> {
        let first = self.first.take();
        let first = first.unwrap_or_else(|| Passenger(self.landing.subscribe()));
        tokio::spawn(async move {
            let mut work = pin!(work);
            loop {
                tokio::select! {
                    biased;
                    done = &mut work => {
                        self.landing.send_replace(Some(Arc::new(done)));
                        return;
                    }
                    () = self.landing.closed() => {
                        // Somebody may just have come.
                        let mut open = self.flights.open();
                        if self.landing.receiver_count() == 0 {
                            open.remove(&self.key);
                            return;
                        }
                    }
                }
            }
        });
        first
    }
}

impl<T> Drop for Flight<T> {
    fn drop(&mut self) {
        let mut open = self.flights.open();
        // Once nobody waited, another may have taken the place.
        let own = |landing: &Landing<T>| landing.same_channel(&self.landing);
        if open.get(&self.key).is_some_and(own) {
            open.remove(&self.key);
        }
    }
}

impl<T> Passenger<T> {
    /// What came of the work; nothing if it panicked.
    pub async fn arrived(mut self) -> Option<Arc<T>> {
        let landed = self.0.wait_for(Option::is_some).await.ok()?;
        landed.clone()
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};
    use std::time::Duration;

    use tokio::time::sleep;

    use super::*;

    type Counter = Arc<AtomicUsize>;

    /// Joins work that takes some time and counts its beginnings and its ends.
    fn board(flights: &Flights<usize>, key: &str, counts: &[Counter; 2]) -> Passenger<usize> {
        match flights.board(key.as_bytes()) {
            Boarding::Joined(passenger) => passenger,
            Boarding::First(flight) => {
                let [begun, ended] = counts.clone();
                flight.start(async move {
                    let number = begun.fetch_add(1, Ordering::SeqCst);
                    sleep(Duration::from_millis(50)).await;
                    ended.fetch_add(1, Ordering::SeqCst);
                    number
                })
            }
        }
    }

    fn read(counts: &[Counter; 2]) -> [usize; 2] {
        counts.each_ref().map(|count| count.load(Ordering::SeqCst))
    }

    #[tokio::test]
    async fn those_who_ask_at_once_share_the_work() {
        let (flights, counts) = (Flights::default(), Default::default());
        let all: Vec<_> = (0..100).map(|_| board(&flights, "a", &counts)).collect();
        let other = board(&flights, "b", &counts);
        for passenger in all {
            assert_eq!(passenger.arrived().await.as_deref(), Some(&0));
        }
        assert_eq!(other.arrived().await.as_deref(), Some(&1));
        assert!(flights.open().is_empty());
        assert_eq!(
            board(&flights, "a", &counts).arrived().await.as_deref(),
            Some(&2)
        );
        assert_eq!(read(&counts), [3, 3]);
    }

    #[tokio::test]
    async fn the_first_may_leave() {
        let (flights, counts) = (Flights::default(), Default::default());
        let first = board(&flights, "a", &counts);
        let second = board(&flights, "a", &counts);
        sleep(Duration::from_millis(10)).await;
        drop(first);
        assert_eq!(second.arrived().await.as_deref(), Some(&0));
        assert_eq!(read(&counts), [1, 1]);
    }

    #[tokio::test]
    async fn work_for_nobody_is_dropped() {
        let (flights, counts) = (Flights::default(), Default::default());
        let passengers = [(); 3].map(|()| board(&flights, "a", &counts));
        sleep(Duration::from_millis(10)).await;
        drop(passengers);
        sleep(Duration::from_millis(100)).await;
        assert_eq!(read(&counts), [1, 0]);
        assert!(flights.open().is_empty());
        assert_eq!(
            board(&flights, "a", &counts).arrived().await.as_deref(),
            Some(&1)
        );
    }

    #[tokio::test]
    async fn a_panic_harms_those_who_wait_and_nobody_after() {
        let (flights, counts) = (Flights::<usize>::default(), Default::default());
        let Boarding::First(flight) = flights.board(b"a") else {
            panic!("nobody was before");
        };
        let first = flight.start(async {
            sleep(Duration::from_millis(10)).await;
            panic!("as it is meant to")
        });
        let second = board(&flights, "a", &counts);
        assert_eq!(first.arrived().await, None);
        assert_eq!(second.arrived().await, None);
        assert_eq!(
            board(&flights, "a", &counts).arrived().await.as_deref(),
            Some(&0)
        );
    }

    #[tokio::test]
    async fn a_flight_that_never_starts_leaves_no_trace() {
        let (flights, counts) = (Flights::default(), Default::default());
        drop(flights.board(b"a"));
        assert_eq!(
            board(&flights, "a", &counts).arrived().await.as_deref(),
            Some(&0)
        );
    }
}
