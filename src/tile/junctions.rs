//! Where borders fork.
//!
//! Neighbours share borders vertex by vertex. A vertex from which edges lead to more than two others
//! is a junction: there a third neighbour begins, or a border stops being shared. Between two
//! junctions every ring that has one vertex has them all, so that a border which is simplified from
//! junction to junction, always in the same direction, is the same for all that share it.

use std::thread;

use geo::Coord;

use super::threads;
use crate::snapshot::Shapes;

/// A bit per position.
#[derive(Debug)]
pub(super) struct Junctions(Vec<u64>);

/// Vertices that one thread looks at together: 48 MB.
const AT_ONCE: usize = 1 << 21;

impl Junctions {
    /// Finds the junctions of all polygons. Hashes stand for positions: of two different ones with
    /// the same hash, which may happen once in a million plans, one might become a junction more.
    ///
    /// O(n log n) in positions, in as many passes as it takes to stay within little memory.
    pub fn find(shapes: &Shapes) -> Self {
        let count = shapes.positions().len();
        let passes = count.div_ceil(AT_ONCE).next_power_of_two();
        let workers = threads().min(passes);
        let found = thread::scope(|scope| {
            let workers: Vec<_> = (0..workers)
                .map(|worker| {
                    scope.spawn(move || {
                        let mut bits = vec![0_u64; count.div_ceil(64)];
                        let mut corners = Vec::new();
                        for pass in (worker..passes).step_by(workers) {
                            let mine = |key| key & (passes as u64 - 1) == pass as u64;
                            collect(shapes, mine, &mut corners);
                            mark(&mut corners, &mut bits);
                        }
                        bits
                    })
                })
                .collect();
            workers
                .into_iter()
                .map(threads_result)
                .reduce(|mut all, bits| {
                    all.iter_mut().zip(bits).for_each(|(all, own)| *all |= own);
                    all
                })
        });
        Self(found.unwrap_or_default())
    }

    pub fn holds(&self, position: usize) -> bool {
        self.0[position / 64] >> (position % 64) & 1 == 1
    }
}

fn threads_result<T>(worker: thread::ScopedJoinHandle<'_, T>) -> T {
    worker.join().expect("a worker does not panic")
}

/// A vertex of a ring.
#[derive(Debug, Clone, Copy)]
struct Corner {
    /// The hash of where it is.
    key: u64,
    /// Those of the one before it and the one after it.
    others: [u32; 2],
    /// Its place among all positions.
    position: u32,
}

/// The vertices of all rings of polygons whose key is wanted.
fn collect(shapes: &Shapes, wanted: impl Fn(u64) -> bool, into: &mut Vec<Corner>) {
    into.clear();
    for shape in shapes.iter().filter(crate::snapshot::ShapeRef::is_areal) {
        for part in shape.parts() {
            let mut start = part.span().start;
            for ring in part.rings() {
                corners(ring, start, &wanted, into);
                start += ring.len();
            }
        }
    }
}

#[expect(clippy::cast_possible_truncation, reason = "fewer than 2^32 positions")]
fn corners(
    ring: &[Coord<f64>],
    start: usize,
    wanted: impl Fn(u64) -> bool,
    into: &mut Vec<Corner>,
) {
    let count = ring.len().saturating_sub(1);
    if count < 3 {
        return;
    }
    let mut before = hash(ring[count - 1]);
    let mut key = hash(ring[0]);
    for (at, next) in ring[1..].iter().enumerate() {
        let after = hash(*next);
        if wanted(key) {
            into.push(Corner {
                key,
                others: [short(before), short(after)],
                position: (start + at) as u32,
            });
        }
        (before, key) = (key, after);
    }
}

/// Sets the bits of those at places from which edges lead to more than two others.
fn mark(corners: &mut [Corner], bits: &mut [u64]) {
    corners.sort_unstable_by_key(|corner| corner.key);
    for place in corners.chunk_by(|a, b| a.key == b.key) {
        let [first, second] = place[0].others;
        // Both others of a spike are the same.
        let mut known = [first, second];
        let forks = place.iter().flat_map(|corner| corner.others).any(|other| {
            if known.contains(&other) {
                return false;
            }
            let free = known[0] == known[1];
            known[1] = other;
            !free
        });
        if forks {
            for corner in place {
                let position = corner.position as usize;
                bits[position / 64] |= 1 << (position % 64);
            }
        }
    }
}

/// Enough to tell the others of one vertex apart.
fn short(key: u64) -> u32 {
    (key >> 32) as u32
}

/// After splitmix64 (Steele, Lea, Flood 2014).
fn hash(at: Coord<f64>) -> u64 {
    // Minus zero is zero.
    let (x, y) = ((at.x + 0.0).to_bits(), (at.y + 0.0).to_bits());
    let mut z = x.wrapping_mul(0x9e37_79b9_7f4a_7c15) ^ y.rotate_left(32);
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}
