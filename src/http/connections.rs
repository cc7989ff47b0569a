//! Which connections are open, and which end so that others can begin.
//!
//! There is a bound for all, and one for each client address. When either is reached, connections that wait for a
//! request end, the longest idle first; a head that arrives slowly is no request yet. Only where all are being
//! answered does a newcomer wait or is refused.

use std::collections::{HashMap, HashSet};
use std::net::IpAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use tokio::sync::{Notify, oneshot};

use super::client::Client;
use super::network::Network;
use super::wire::Activity;

/// A client that has taken nothing of its answer for so long ends for a newcomer, where nobody is idle.
const BLOCKED: Duration = Duration::from_secs(5);

/// When all places are taken, this share of them is emptied at once: finding the longest idle means looking at all.
const SHARE: usize = 64;

/// How many connections there may be.
#[derive(Debug)]
pub(super) struct Bounds {
    pub all: usize,
    pub per_address: usize,
    /// Addresses that the second bound is not for: proxies, behind which there are many clients.
    pub exempt: Vec<Network>,
}

/// All connections that are open.
pub(super) struct Connections {
    bounds: Bounds,
    start: Instant,
    open: Mutex<Open>,
    /// Told whenever one has ended.
    freed: Notify,
}

#[derive(Default)]
struct Open {
    entries: HashMap<u64, Entry>,
    by_client: HashMap<Client, HashSet<u64>>,
    next: u64,
}

struct Entry {
    client: Option<Client>,
    activity: Arc<Activity>,
    /// Ends the connection where it is dropped.
    _end: oneshot::Sender<()>,
}

/// Why a connection is not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Denied {
    /// Its address has as many as it may, and all are being answered.
    Address,
    /// All are being answered.
    All,
}

/// A connection among the others, until this is dropped.
pub(super) struct Place {
    connections: Arc<Connections>,
    id: u64,
    pub activity: Arc<Activity>,
    /// Resolves where the connection has to end for another.
    pub ended: oneshot::Receiver<()>,
}

impl Connections {
    pub fn new(bounds: Bounds) -> Arc<Self> {
        Arc::new(Self {
            bounds,
            start: Instant::now(),
            open: Mutex::default(),
            freed: Notify::new(),
        })
    }

    /// Takes a connection, and ends idle ones where it must.
    pub fn admit(self: &Arc<Self>, address: IpAddr) -> Result<Place, Denied> {
        let is_exempt = self
            .bounds
            .exempt
            .iter()
            .any(|network| network.contains(address));
        let client = (!is_exempt).then(|| Client::of(address));
        let mut open = self.open();
        if let Some(own) = client.and_then(|client| open.by_client.get(&client))
            && own.len() >= self.bounds.per_address
        {
            let victims = open.longest_idle(own.iter(), 1);
            if victims.is_empty() {
                return Err(Denied::Address);
            }
            open.end(&victims);
        }
        if open.entries.len() >= self.bounds.all && !self.make_room(&mut open) {
            return Err(Denied::All);
        }
        let (end, ended) = oneshot::channel();
        let activity = Arc::new(Activity::new(self.start));
        let id = open.next;
        open.next += 1;
        if let Some(client) = client {
            open.by_client.entry(client).or_default().insert(id);
        }
        open.entries.insert(
            id,
            Entry {
                client,
                activity: activity.clone(),
                _end: end,
            },
        );
        Ok(Place {
            connections: self.clone(),
            id,
            activity,
            ended,
        })
    }

    /// Ends some idle connections: the system has no more files to open.
    pub fn relieve(&self) {
        self.make_room(&mut self.open());
    }

    fn make_room(&self, open: &mut Open) -> bool {
        let share = (self.bounds.all / SHARE).max(1);
        let mut victims = open.longest_idle(open.entries.keys(), share);
        if victims.is_empty() {
            victims.extend(open.longest_blocked(self.start.elapsed()));
        }
        open.end(&victims);
        !victims.is_empty()
    }

    /// Waits until a connection has ended.
    pub async fn freed(&self) {
        self.freed.notified().await;
    }

    /// Ends all connections that wait for a request.
    pub fn end_idle(&self) {
        let mut open = self.open();
        let victims = open.longest_idle(open.entries.keys(), usize::MAX);
        open.end(&victims);
    }

    /// How many answers are being made or sent.
    pub fn answering(&self) -> usize {
        let open = self.open();
        let answering = open
            .entries
            .values()
            .filter(|entry| entry.activity.is_answering());
        answering.count()
    }

    fn open(&self) -> MutexGuard<'_, Open> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Open {
    fn longest_idle<'a>(&self, among: impl Iterator<Item = &'a u64>, most: usize) -> Vec<u64> {
        let mut idle: Vec<(u64, u64)> = among
            .filter_map(|id| Some((self.entries.get(id)?.activity.idle()?, *id)))
            .collect();
        let most = most.min(idle.len());
        if most < idle.len() && most > 0 {
            idle.select_nth_unstable(most - 1);
        }
        idle.truncate(most);
        idle.into_iter().map(|(_, id)| id).collect()
    }

    fn longest_blocked(&self, now: Duration) -> Option<u64> {
        let before = now.checked_sub(BLOCKED)?.as_millis();
        self.entries
            .iter()
            .filter_map(|(id, entry)| Some((entry.activity.blocked()?, *id)))
            .filter(|(since, _)| u128::from(*since) <= before)
            .min()
            .map(|(_, id)| id)
    }

    fn end(&mut self, ids: &[u64]) {
        for id in ids {
            let Some(entry) = self.entries.remove(id) else {
                continue;
            };
            let Some(client) = entry.client else { continue };
            if let Some(own) = self.by_client.get_mut(&client) {
                own.remove(id);
                if own.is_empty() {
                    self.by_client.remove(&client);
                }
            }
        }
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        self.connections.open().end(&[self.id]);
        self.connections.freed.notify_waiters();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn connections(all: usize, per_address: usize) -> Arc<Connections> {
        Connections::new(Bounds {
            all,
            per_address,
            exempt: vec!["127.0.0.0/8".parse().expect("a network")],
        })
    }

    fn has_ended(place: &mut Place) -> bool {
        place.ended.try_recv() == Err(oneshot::error::TryRecvError::Closed)
    }

    fn address(last: u8) -> IpAddr {
        IpAddr::from([192, 0, 2, last])
    }

    #[test]
    fn idle_ones_give_way_and_answers_do_not() {
        let connections = connections(2, 2);
        let mut first = connections.admit(address(1)).expect("taken");
        let mut second = connections.admit(address(2)).expect("taken");
        let answer = first.activity.answer();
        let mut third = connections.admit(address(3)).expect("taken");
        assert!(!has_ended(&mut first) && has_ended(&mut second));
        let other = third.activity.answer();
        assert_eq!(connections.answering(), 2);
        assert_eq!(connections.admit(address(4)).err(), Some(Denied::All));
        drop(answer);
        let _fourth = connections.admit(address(4)).expect("taken");
        assert!(has_ended(&mut first) && !has_ended(&mut third));
        drop((first, second, other, third));
        assert_eq!(connections.open().entries.len(), 1);
        assert_eq!(connections.open().by_client.len(), 1);
    }

    #[test]
    fn an_address_takes_places_from_itself() {
        let connections = connections(100, 2);
        let other = connections.admit(address(9)).expect("taken");
        let mut places: Vec<_> = (0..10)
            .map(|_| connections.admit(address(1)).expect("taken"))
            .collect();
        let ended = places
            .iter_mut()
            .filter_map(|place| has_ended(place).then_some(()));
        assert_eq!(ended.count(), 8);
        assert_eq!(connections.open().entries.len(), 3);
        let answers: Vec<_> = places.iter().map(|place| place.activity.answer()).collect();
        assert_eq!(connections.admit(address(1)).err(), Some(Denied::Address));
        assert!(connections.admit(address(2)).is_ok());
        // Many stand behind a proxy.
        let behind: Vec<_> = (0..20)
            .map(|_| {
                connections
                    .admit(IpAddr::from([127, 0, 0, 1]))
                    .expect("taken")
            })
            .collect();
        assert!(behind.len() == 20 && other.activity.idle().is_some());
        drop(answers);
    }

    #[test]
    fn the_longest_idle_goes_first() {
        let connections = connections(3, 100);
        let mut places: Vec<_> = (0..3)
            .map(|_| {
                std::thread::sleep(Duration::from_millis(3));
                connections.admit(address(1)).expect("taken")
            })
            .collect();
        // The first is used once more.
        std::thread::sleep(Duration::from_millis(3));
        drop(places[0].activity.answer());
        let _new = connections.admit(address(2)).expect("taken");
        let ended: Vec<_> = places.iter_mut().map(has_ended).collect();
        assert_eq!(ended, [false, true, false]);
    }

    #[test]
    fn an_ipv6_subscriber_is_one_client() {
        let [one, same, other] = ["2001:db8:1:2::3", "2001:db8:1:2:ffff::", "2001:db8:1:3::3"]
            .map(|text| Client::of(text.parse().expect("an address")));
        assert!(one == same && one != other);
    }
}
