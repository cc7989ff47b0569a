//! Threads for processor work, apart from those of the network.
//!
//! A job starts in the quick lane, which has as many slots as there are cores. One that runs longer than a slice is
//! moved to the slow lane: its slot is free for the next job, and the system schedules its thread behind all
//! others. So the wait of a cheap request does not depend on what the expensive ones cost. Where the slow lane is
//! full, a job waits at its next checkpoint, those of the client with the fewest slow jobs first. Jobs that wait to
//! be started are taken client by client.
//!
//! Handing a job over costs a queue and two wake-ups, and a thread that was lowered ends with its job, because only
//! root may raise a thread again.

mod priority;
mod queue;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use self::priority::Thread;
pub(super) use self::priority::lower_this_thread;
use self::queue::Queue;
use super::client::Client;
use crate::query::Stopped;

/// How long a job may keep a slot of the quick lane: several times what a tile takes.
const SLICE: Duration = Duration::from_millis(8);

/// The supervisor sleeps only after so many slices without a job: waking it costs each job of an idle server more
/// than it costs to look.
const WATCHFUL: u32 = 25;

/// How long a thread without a job is kept.
const KEPT: Duration = Duration::from_secs(10);

/// Sizes of a pool.
#[derive(Debug, Clone, Copy)]
pub(super) struct Sizes {
    /// Jobs that run at once in the quick lane.
    pub quick: usize,
    /// Jobs that run at once in the slow lane.
    pub slow: usize,
    /// Jobs that wait for the slow lane, each with its thread and what it has found so far.
    pub paused: usize,
    /// Of these, jobs of one client.
    pub paused_each: usize,
    /// Jobs that wait to be started.
    pub queued: usize,
}

/// What a job shares with whoever waits for it.
#[derive(Debug)]
pub(super) struct Control {
    deadline: Instant,
    cancelled: AtomicBool,
    /// The slow lane was full when the slice ended.
    pause: AtomicBool,
}

impl Control {
    pub fn until(deadline: Instant) -> Self {
        Self {
            deadline,
            cancelled: AtomicBool::new(false),
            pause: AtomicBool::new(false),
        }
    }

    /// Nobody waits for the work any more.
    pub fn cancel(&self) {
        self.cancelled.store(true, Ordering::Relaxed);
    }

    /// When the work must be done.
    pub fn deadline(&self) -> Instant {
        self.deadline
    }

    fn is_over(&self) -> bool {
        self.cancelled.load(Ordering::Relaxed) || Instant::now() >= self.deadline
    }
}

/// More jobs wait than may.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Busy;

type Task = Box<dyn FnOnce() + Send>;

/// Threads and their jobs.
#[derive(Clone)]
pub(super) struct Pool(Arc<Shared>);

struct Shared {
    sizes: Sizes,
    state: Mutex<State>,
    /// Threads without a job.
    idle: Condvar,
    /// Jobs that are paused.
    paused: Condvar,
    /// The supervisor.
    watched: Condvar,
}

#[derive(Default)]
struct State {
    queue: Queue,
    running: BTreeMap<u64, Running>,
    quick: usize,
    slow: usize,
    waiting: usize,
    idle: usize,
    next: u64,
    supervised: bool,
    /// The supervisor sleeps until it is woken.
    unwatched: bool,
}

struct Job {
    id: u64,
    task: Task,
    control: Arc<Control>,
}

struct Running {
    client: Option<Client>,
    since: Instant,
    lane: Lane,
    thread: Thread,
    control: Arc<Control>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Lane {
    Quick,
    Slow,
    /// Waits for the slow lane.
    Paused,
}

impl Pool {
    pub fn new(sizes: Sizes) -> Self {
        Self(Arc::new(Shared {
            sizes,
            state: Mutex::default(),
            idle: Condvar::new(),
            paused: Condvar::new(),
            watched: Condvar::new(),
        }))
    }

    /// Queues a job, and names it. A task must not unwind.
    ///
    /// # Errors
    /// The queue is full, and this client has as much of it as any other.
    pub fn submit(
        &self,
        client: Option<Client>,
        control: &Arc<Control>,
        task: Task,
    ) -> Result<u64, Busy> {
        let shared = &self.0;
        let mut state = shared.lock();
        if state.queue.len() >= shared.sizes.queued {
            state.queue.make_room(client)?;
        }
        let id = state.next;
        state.next += 1;
        let control = control.clone();
        state.queue.push(client, Job { id, task, control });
        shared.supervise(&mut state);
        shared.staff(&mut state);
        Ok(id)
    }

    /// Takes a job out of the queue if it has not started.
    pub fn forget(&self, client: Option<Client>, id: u64) {
        let mut state = self.0.lock();
        state.queue.remove(client, |jobs| {
            let at = jobs.iter().position(|job| job.id == id)?;
            jobs.remove(at)
        });
        // A job that waits for the slow lane sees that nobody waits for it.
        drop(state);
        self.0.paused.notify_all();
    }

    /// Why a running job is to stop, if it is. Blocks while the slow lane has no slot for it.
    pub fn checkpoint(&self, control: &Control) -> Option<Stopped> {
        if control.pause.load(Ordering::Relaxed)
            && let Err(Busy) = self.0.pause(control)
        {
            return Some(Stopped::Busy);
        }
        control.is_over().then_some(Stopped::Interrupted)
    }

    /// Jobs in the quick lane, in the slow lane, waiting for it, and queued.
    pub fn counts(&self) -> [usize; 4] {
        let state = self.0.lock();
        [state.quick, state.slow, state.waiting, state.queue.len()]
    }
}

impl State {
    fn count(&self, lane: Lane, client: Option<Client>) -> usize {
        let own = |job: &&Running| job.lane == lane && job.client == client;
        self.running.values().filter(own).count()
    }

    /// The paused job that is next: of the client with the fewest slow jobs, the oldest.
    fn next_paused(&self) -> Option<u64> {
        let paused = self.running.iter();
        paused
            .filter(|(_, job)| job.lane == Lane::Paused && !job.control.is_over())
            .min_by_key(|(id, job)| (self.count(Lane::Slow, job.client), **id))
            .map(|(id, _)| *id)
    }
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Wakes or starts a thread where a job could be started.
    fn staff(self: &Arc<Self>, state: &mut State) {
        if state.queue.is_empty() || state.quick >= self.sizes.quick {
            return;
        }
        if state.idle > 0 {
            self.idle.notify_one();
            return;
        }
        let shared = self.clone();
        let spawned = thread::Builder::new()
            .name("buju-work".to_owned())
            .spawn(move || shared.work());
        if let Err(error) = spawned {
            // The threads that are there go on with the queue.
            tracing::error!(%error, "a thread for work could not be started");
        }
    }

    /// Has the supervisor look at the jobs.
    fn supervise(self: &Arc<Self>, state: &mut State) {
        if !state.supervised {
            let shared = self.clone();
            let spawned = thread::Builder::new()
                .name("buju-supervisor".to_owned())
                .spawn(move || shared.watch());
            state.supervised = spawned.is_ok();
        } else if state.unwatched {
            state.unwatched = false;
            self.watched.notify_one();
        }
    }

    /// A thread: job after job.
    fn work(self: &Arc<Self>) {
        let own = Thread::current();
        let mut state = self.lock();
        loop {
            let job = (state.quick < self.sizes.quick).then(|| state.queue.take());
            let Some((client, job)) = job.flatten() else {
                state.idle += 1;
                let (next, waited) = self
                    .idle
                    .wait_timeout(state, KEPT)
                    .unwrap_or_else(PoisonError::into_inner);
                state = next;
                state.idle -= 1;
                if waited.timed_out() && state.queue.is_empty() {
                    return;
                }
                continue;
            };
            if job.control.is_over() {
                // Whoever waited is gone, or hears of the deadline by itself.
                drop(job);
                continue;
            }
            let running = Running {
                client,
                since: Instant::now(),
                lane: Lane::Quick,
                thread: own,
                control: job.control,
            };
            state.quick += 1;
            state.running.insert(job.id, running);
            // More may be waiting than this thread can do.
            self.staff(&mut state);
            drop(state);
            (job.task)();
            state = self.lock();
            if !self.finished(&mut state, job.id) {
                self.staff(&mut state);
                return;
            }
        }
    }

    /// Takes a job off the list; true where its thread may go on.
    fn finished(&self, state: &mut State, id: u64) -> bool {
        let lane = state.running.remove(&id).map(|job| job.lane);
        match lane {
            Some(Lane::Slow) => {
                state.slow -= 1;
                self.paused.notify_all();
                false
            }
            Some(Lane::Paused) => {
                state.waiting -= 1;
                false
            }
            Some(Lane::Quick) | None => {
                state.quick -= usize::from(lane.is_some());
                true
            }
        }
    }

    /// The supervisor: moves jobs whose slice is over.
    fn watch(self: &Arc<Self>) {
        let mut state = self.lock();
        let mut still = 0;
        loop {
            still = if state.running.is_empty() {
                still + 1
            } else {
                0
            };
            state = if still < WATCHFUL {
                let woken = self.watched.wait_timeout(state, SLICE);
                woken.unwrap_or_else(PoisonError::into_inner).0
            } else {
                state.unwatched = true;
                still = 0;
                let woken = self.watched.wait(state);
                woken.unwrap_or_else(PoisonError::into_inner)
            };
            self.demote(&mut state);
        }
    }

    fn demote(self: &Arc<Self>, state: &mut State) {
        let now = Instant::now();
        let over = |job: &Running| job.lane == Lane::Quick && now - job.since >= SLICE;
        let over = state.running.iter().filter(|(_, job)| over(job));
        let over: Vec<u64> = over.map(|(id, _)| *id).collect();
        for id in over {
            let Some(job) = state.running.get_mut(&id) else {
                continue;
            };
            if state.slow < self.sizes.slow {
                job.lane = Lane::Slow;
                job.control.pause.store(false, Ordering::Relaxed);
                job.thread.lower();
                state.slow += 1;
                state.quick -= 1;
                self.staff(state);
            } else {
                // Taken out of the quick lane by itself, at its next checkpoint.
                job.control.pause.store(true, Ordering::Relaxed);
            }
        }
    }

    /// Waits for a slot of the slow lane, or for the job's end.
    ///
    /// # Errors
    /// As many wait as may.
    fn pause(self: &Arc<Self>, control: &Control) -> Result<(), Busy> {
        control.pause.store(false, Ordering::Relaxed);
        let mut state = self.lock();
        let is_own = |job: &Running| std::ptr::eq(&raw const *job.control, &raw const *control);
        let own = state.running.iter().find(|(_, job)| is_own(job));
        let Some((id, client)) = own
            .filter(|(_, job)| job.lane == Lane::Quick)
            .map(|(id, job)| (*id, job.client))
        else {
            return Ok(());
        };
        if state.waiting >= self.sizes.paused
            || state.count(Lane::Paused, client) >= self.sizes.paused_each
        {
            return Err(Busy);
        }
        state.quick -= 1;
        state.waiting += 1;
        if let Some(job) = state.running.get_mut(&id) {
            job.lane = Lane::Paused;
        }
        self.staff(&mut state);
        loop {
            let left = control.deadline.saturating_duration_since(Instant::now());
            if left.is_zero() || control.cancelled.load(Ordering::Relaxed) {
                // Another may have been passed over for this one.
                self.paused.notify_all();
                return Ok(());
            }
            if state.slow < self.sizes.slow && state.next_paused() == Some(id) {
                state.slow += 1;
                state.waiting -= 1;
                if let Some(job) = state.running.get_mut(&id) {
                    job.lane = Lane::Slow;
                    job.thread.lower();
                }
                if state.slow < self.sizes.slow {
                    self.paused.notify_all();
                }
                return Ok(());
            }
            let woken = self.paused.wait_timeout(state, left);
            state = woken.unwrap_or_else(PoisonError::into_inner).0;
        }
    }
}
