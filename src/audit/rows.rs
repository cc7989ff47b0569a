//! All rows of a collection, by all processors.

use std::panic::resume_unwind;
use std::sync::atomic::{AtomicU32, Ordering};
use std::thread;

use crate::snapshot::Row;

/// Rows that a thread takes at once.
const BLOCK: Row = 2048;

/// What the work gives for every row, in the order of rows whichever thread did it.
pub(super) fn each<T: Send>(count: Row, work: impl Fn(Row, &mut Vec<T>) + Sync) -> Vec<T> {
    let next = AtomicU32::new(0);
    let blocks = count.div_ceil(BLOCK);
    let run = || {
        let mut done = Vec::new();
        loop {
            let block = next.fetch_add(1, Ordering::Relaxed);
            if block >= blocks {
                return done;
            }
            let first = block * BLOCK;
            let mut found = Vec::new();
            for row in first..count.min(first.saturating_add(BLOCK)) {
                work(row, &mut found);
            }
            if !found.is_empty() {
                done.push((block, found));
            }
        }
    };
    let threads = thread::available_parallelism().map_or(1, usize::from);
    if blocks < 2 || threads < 2 {
        return run().into_iter().flat_map(|(_, found)| found).collect();
    }
    let mut done: Vec<_> = thread::scope(|scope| {
        let threads: Vec<_> = (0..threads).map(|_| scope.spawn(run)).collect();
        let joined = threads.into_iter().map(thread::ScopedJoinHandle::join);
        joined
            .flat_map(|done| done.unwrap_or_else(|panic| resume_unwind(panic)))
            .collect()
    });
    done.sort_unstable_by_key(|(block, _)| *block);
    done.into_iter().flat_map(|(_, found)| found).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_come_once_and_in_order() {
        for count in [0, 1, BLOCK, BLOCK + 1, 9 * BLOCK - 1] {
            let found = each(count, |row, out| out.push(row));
            assert!(found.iter().copied().eq(0..count), "{count}");
        }
    }
}
