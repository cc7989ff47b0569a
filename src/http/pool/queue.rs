//! Jobs that wait to be started, client by client.

use std::collections::{HashMap, VecDeque};

use super::{Busy, Job};
use crate::http::client::Client;

#[derive(Default)]
pub(super) struct Queue {
    of_clients: HashMap<Option<Client>, VecDeque<Job>>,
    /// Clients with jobs, in turn.
    turn: VecDeque<Option<Client>>,
    length: usize,
}

impl Queue {
    pub fn len(&self) -> usize {
        self.length
    }

    pub fn is_empty(&self) -> bool {
        self.length == 0
    }

    /// Adds a job at the end of its client's.
    pub fn push(&mut self, client: Option<Client>, job: Job) {
        let jobs = self.of_clients.entry(client).or_default();
        if jobs.is_empty() {
            self.turn.push_back(client);
        }
        jobs.push_back(job);
        self.length += 1;
    }

    /// Drops the newest job of the client with the most, unless that is the one who asks.
    pub fn make_room(&mut self, client: Option<Client>) -> Result<(), Busy> {
        let own = self.of_clients.get(&client).map_or(0, VecDeque::len);
        let longest = self.of_clients.iter().max_by_key(|(_, jobs)| jobs.len());
        let (longest, length) = longest.map_or((client, 0), |(key, jobs)| (*key, jobs.len()));
        if length <= own + 1 {
            return Err(Busy);
        }
        self.remove(longest, VecDeque::pop_back);
        Ok(())
    }

    /// Takes a job of a client out.
    pub fn remove(
        &mut self,
        client: Option<Client>,
        take: impl FnOnce(&mut VecDeque<Job>) -> Option<Job>,
    ) -> Option<Job> {
        let jobs = self.of_clients.get_mut(&client)?;
        let job = take(jobs)?;
        self.length -= 1;
        if jobs.is_empty() {
            self.of_clients.remove(&client);
            self.turn.retain(|other| *other != client);
        }
        Some(job)
    }

    /// The next job, client by client.
    pub fn take(&mut self) -> Option<(Option<Client>, Job)> {
        let client = self.turn.pop_front()?;
        let jobs = self.of_clients.get_mut(&client)?;
        let job = jobs.pop_front()?;
        self.length -= 1;
        if jobs.is_empty() {
            self.of_clients.remove(&client);
        } else {
            self.turn.push_back(client);
        }
        Some((client, job))
    }
}
