//! Bytes of finished answers that wait in memory until their clients have taken them.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use axum::body::Bytes;

use super::client::Client;
use super::problem::Problem;

/// A shorter body is not counted: the system takes it off our hands at once.
const SHORT: usize = 128 << 10;

/// All of them together, and those of one client: whoever takes nothing of what was asked for leaves the others theirs.
const MOST: usize = 256 << 20;
const MOST_OF_ONE: usize = MOST / 4;

/// All bodies under way. Clones are the same.
#[derive(Clone, Default)]
pub(super) struct Unsent(Arc<Mutex<Sums>>);

#[derive(Default)]
struct Sums {
    all: usize,
    of: HashMap<Option<Client>, usize>,
}

impl Unsent {
    /// A body for a client, counted until the last of it is dropped.
    pub fn body(&self, client: Option<Client>, body: &Bytes) -> Result<Bytes, Problem> {
        if body.len() <= SHORT {
            return Ok(body.clone());
        }
        let mut sums = self.lock();
        let own = sums.of.get(&client).copied().unwrap_or(0) + body.len();
        let all = sums.all + body.len();
        // The largest answer there is may always leave alone.
        if all > MOST.max(body.len()) || own > MOST_OF_ONE.max(body.len()) {
            return Err(Problem::unsent());
        }
        sums.all = all;
        sums.of.insert(client, own);
        drop(sums);
        Ok(Bytes::from_owner(Counted {
            body: body.clone(),
            client,
            unsent: self.clone(),
        }))
    }

    /// How many bytes wait.
    pub fn bytes(&self) -> usize {
        self.lock().all
    }

    fn lock(&self) -> MutexGuard<'_, Sums> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

struct Counted {
    body: Bytes,
    client: Option<Client>,
    unsent: Unsent,
}

impl AsRef<[u8]> for Counted {
    fn as_ref(&self) -> &[u8] {
        &self.body
    }
}

impl Drop for Counted {
    fn drop(&mut self) {
        let mut sums = self.unsent.lock();
        sums.all -= self.body.len();
        if let Some(own) = sums.of.get_mut(&self.client) {
            *own -= self.body.len();
            if *own == 0 {
                sums.of.remove(&self.client);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::net::Ipv4Addr;

    use super::*;

    #[test]
    fn one_client_leaves_the_others_theirs() {
        let unsent = Unsent::default();
        let client = |last| Some(Client::of(Ipv4Addr::new(10, 0, 0, last).into()));
        let body = Bytes::from(vec![7; 1 << 20]);
        let share = MOST_OF_ONE / body.len();
        let take = |last| unsent.body(client(last), &body);
        let mut held: Vec<_> = (0..share).map(|_| take(1).expect("room")).collect();
        assert!(take(1).is_err());
        held.extend([2, 3, 4].iter().flat_map(|last| {
            let own = (0..share).map(|_| take(*last).expect("room"));
            own.collect::<Vec<_>>()
        }));
        assert_eq!(unsent.bytes(), MOST);
        assert!(take(9).is_err());
        assert!(unsent.body(client(1), &body.slice(..SHORT)).is_ok());
        // Parts of a body hold the whole.
        let first = held.remove(0);
        let part = first.slice(5..9);
        drop(first);
        assert!(take(9).is_err());
        drop(part);
        assert!(take(1).is_ok());
        drop(held);
        assert_eq!(unsent.bytes(), 0);
        assert!(unsent.lock().of.is_empty());
        let huge = Bytes::from(vec![7; MOST + 1]);
        assert!(unsent.body(client(1), &huge).is_ok());
    }
}
