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

/// Vertices of which one thread keeps track at a time: with 16 bytes for each in a table that is at
/// most two thirds full, 32 MB.
const AT_ONCE: usize = 1 << 20;

impl Junctions {
    /// Finds the junctions of all polygons. Hashes stand for positions: of two different ones with
    /// the same hash, which may happen once in a million plans, one might become a junction more.
    ///
    /// O(positions), in as many passes as it takes to stay within little memory.
    pub fn find(shapes: &Shapes) -> Self {
        let count = shapes.positions().len();
        let passes = count.div_ceil(AT_ONCE).next_power_of_two();
        let workers = threads().min(passes);
        let found = thread::scope(|scope| {
            let workers: Vec<_> = (0..workers)
                .map(|worker| {
                    scope.spawn(move || {
                        let mut bits = vec![0_u64; count.div_ceil(64)];
                        let mut table = Table::of(count / passes + 64);
                        for pass in (worker..passes).step_by(workers) {
                            table.pass(shapes, pass as u64, passes as u64, &mut bits);
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

/// A vertex and the first two others that edges lead to.
#[derive(Debug, Clone, Copy, Default)]
struct Slot {
    /// 0 where the slot is free.
    key: u64,
    /// 0 for none; both `u32::MAX` at a junction.
    others: [u32; 2],
}

const JUNCTION: [u32; 2] = [u32::MAX; 2];

struct Table(Vec<Slot>);

impl Table {
    fn of(vertices: usize) -> Self {
        Self(vec![
            Slot::default();
            (vertices * 3 / 2).next_power_of_two()
        ])
    }

    /// Looks at the vertices whose hash belongs to this pass.
    fn pass(&mut self, shapes: &Shapes, pass: u64, passes: u64, bits: &mut [u64]) {
        self.0.fill(Slot::default());
        let mine = |key: u64| key & (passes - 1) == pass;
        visit(shapes, |_, before, key, after| {
            if mine(key) {
                let slot = self.slot(key);
                if slot.others == JUNCTION {
                    return;
                }
                for other in [short(before), short(after)] {
                    if slot.others.contains(&other) {
                        continue;
                    }
                    if let Some(free) = slot.others.iter_mut().find(|free| **free == 0) {
                        *free = other;
                    } else {
                        slot.others = JUNCTION;
                        return;
                    }
                }
            }
        });
        visit(shapes, |position, _, key, _| {
            if mine(key) && self.slot(key).others == JUNCTION {
                bits[position / 64] |= 1 << (position % 64);
            }
        });
    }

    fn slot(&mut self, key: u64) -> &mut Slot {
        let mask = self.0.len() - 1;
        let mut at = (key >> 20) as usize & mask;
        while self.0[at].key != key && self.0[at].key != 0 {
            at = (at + 1) & mask;
        }
        self.0[at].key = key;
        &mut self.0[at]
    }
}

/// Never 0 and never `u32::MAX`.
fn short(key: u64) -> u32 {
    ((key >> 32) as u32).clamp(1, u32::MAX - 1)
}

/// Every vertex of every ring of polygons: its position, and the hashes of the one before, itself, and
/// the one after.
fn visit(shapes: &Shapes, mut at: impl FnMut(usize, u64, u64, u64)) {
    for shape in shapes.iter().filter(crate::snapshot::ShapeRef::is_areal) {
        let mut start = shape.span().start;
        for ring in shape
            .parts()
            .flat_map(|part| part.rings().collect::<Vec<_>>())
        {
            let count = ring.len().saturating_sub(1);
            if count > 2 {
                let mut before = hash(ring[count - 1]);
                let mut key = hash(ring[0]);
                for vertex in 0..count {
                    let after = hash(ring[vertex + 1]);
                    at(start + vertex, before, key, after);
                    (before, key) = (key, after);
                }
            }
            start += ring.len();
        }
    }
}

/// Never 0. After splitmix64 (Steele, Lea, Flood 2014).
fn hash(at: Coord<f64>) -> u64 {
    // Minus zero is zero.
    let (x, y) = ((at.x + 0.0).to_bits(), (at.y + 0.0).to_bits());
    let mut z = x.wrapping_mul(0x9e37_79b9_7f4a_7c15) ^ y.rotate_left(32);
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    (z ^ (z >> 31)).max(1)
}
