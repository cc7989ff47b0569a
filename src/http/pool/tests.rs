//! Two lanes of one slot each.

use std::net::Ipv4Addr;
use std::sync::mpsc;

use super::*;

const SIZES: Sizes = Sizes {
    quick: 1,
    slow: 1,
    paused: 2,
    paused_each: 2,
    queued: 4,
};

fn client(number: u8) -> Client {
    Client::of(Ipv4Addr::new(10, 0, 0, number).into())
}

fn control() -> Arc<Control> {
    Arc::new(Control::until(Instant::now() + Duration::from_secs(60)))
}

/// Work that ends when this is dropped.
type Gate = mpsc::Sender<()>;

fn gated(pool: &Pool, client: Client) -> Gate {
    let (open, opened) = mpsc::channel();
    let (started, start) = mpsc::channel();
    let task = move || {
        started.send(()).expect("awaited");
        let _ = opened.recv();
    };
    pool.submit(Some(client), &control(), Box::new(task))
        .expect("room");
    start.recv().expect("started");
    open
}

fn settled(pool: &Pool, expected: [usize; 4]) {
    for _ in 0..5_000 {
        if pool.counts() == expected {
            return;
        }
        thread::sleep(Duration::from_millis(1));
    }
    panic!("{:?} and not {expected:?}", pool.counts());
}

#[test]
fn a_long_job_leaves_its_slot_to_the_next() {
    let pool = Pool::new(SIZES);
    let long = gated(&pool, client(1));
    settled(&pool, [0, 1, 0, 0]);
    let (done, finished) = mpsc::channel();
    let task = move || done.send(()).expect("awaited");
    pool.submit(Some(client(2)), &control(), Box::new(task))
        .expect("room");
    finished.recv().expect("done beside the long one");
    drop(long);
    settled(&pool, [0; 4]);
}

#[test]
fn clients_take_turns() {
    let pool = Pool::new(SIZES);
    // Both lanes are taken.
    let held = [gated(&pool, client(9)), gated(&pool, client(9))];
    let (done, order) = mpsc::channel();
    for number in [1, 1, 1, 2] {
        let done = done.clone();
        let task = move || done.send(number).expect("awaited");
        pool.submit(Some(client(number)), &control(), Box::new(task))
            .expect("room");
    }
    assert_eq!(pool.counts()[3], 4);
    drop(held);
    let order: Vec<_> = order.iter().take(4).collect();
    assert_eq!(order, [1, 2, 1, 1]);
}

#[test]
fn the_queue_is_bounded_and_its_longest_part_gives_way() {
    let pool = Pool::new(SIZES);
    let held = [gated(&pool, client(9)), gated(&pool, client(9))];
    let (done, order) = mpsc::channel();
    let submit = |number: u8| {
        let done = done.clone();
        let task = move || done.send(number).expect("awaited");
        pool.submit(Some(client(number)), &control(), Box::new(task))
    };
    for _ in 0..4 {
        submit(1).expect("room");
    }
    assert_eq!(submit(1), Err(Busy));
    submit(2).expect("one of the first client gives way");
    submit(2).expect("another");
    // Both have two.
    assert_eq!(submit(2), Err(Busy));
    drop(held);
    let mut all: Vec<_> = order.iter().take(4).collect();
    all.sort_unstable();
    assert_eq!(all, [1, 1, 2, 2]);
}

#[test]
fn a_job_that_nobody_waits_for_is_not_started() {
    let pool = Pool::new(SIZES);
    let held = [gated(&pool, client(9)), gated(&pool, client(9))];
    let (done, order) = mpsc::channel();
    let submit = |control: &Arc<Control>, number: u8| {
        let done = done.clone();
        let task = move || done.send(number).expect("awaited");
        pool.submit(Some(client(1)), control, Box::new(task))
            .expect("room")
    };
    let gone = control();
    let forgotten = submit(&gone, 1);
    submit(&control(), 2);
    pool.forget(Some(client(1)), forgotten);
    let over = Arc::new(Control::until(Instant::now()));
    submit(&over, 3);
    submit(&control(), 4);
    drop(held);
    let order: Vec<_> = order.iter().take(2).collect();
    assert_eq!(order, [2, 4]);
    settled(&pool, [0; 4]);
}

/// Work that asks whether it is to stop until it is, and says why.
fn asking(pool: &Pool, client: Client, control: &Arc<Control>) -> mpsc::Receiver<Stopped> {
    let (stop, stopped) = mpsc::channel();
    let (own, asked) = (pool.clone(), control.clone());
    let task = move || {
        loop {
            if let Some(reason) = own.checkpoint(&asked) {
                return stop.send(reason).expect("awaited");
            }
            thread::sleep(Duration::from_millis(1));
        }
    };
    pool.submit(Some(client), control, Box::new(task))
        .expect("room");
    stopped
}

#[test]
fn who_waits_for_the_slow_lane_gets_it_in_turn_or_leaves() {
    let pool = Pool::new(SIZES);
    let first = gated(&pool, client(1));
    settled(&pool, [0, 1, 0, 0]);
    let controls = [control(), control(), control()];
    let paused = asking(&pool, client(1), &controls[0]);
    settled(&pool, [0, 1, 1, 0]);
    let other = asking(&pool, client(2), &controls[1]);
    settled(&pool, [0, 1, 2, 0]);
    // A third would be too many.
    let refused = asking(&pool, client(3), &controls[2]);
    assert_eq!(refused.recv(), Ok(Stopped::Busy));
    // Quick ones pass meanwhile.
    let quick = gated(&pool, client(4));
    drop(quick);
    drop(first);
    settled(&pool, [0, 1, 1, 0]);
    for control in &controls {
        control.cancel();
    }
    pool.forget(Some(client(1)), u64::MAX);
    for stopped in [paused, other] {
        assert_eq!(stopped.recv(), Ok(Stopped::Interrupted));
    }
    settled(&pool, [0; 4]);
}
