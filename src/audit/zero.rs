//! Points where nobody has located anything.

use geo::{Coord, Rect};

use super::report::{Note, Notes};
use crate::snapshot::Snapshot;

const CHECK: &str = "at-zero";

pub(super) fn check(snapshot: &Snapshot, notes: &mut Notes<'_>) {
    let zero = Rect::new(Coord::zero(), Coord::zero());
    for collection in &snapshot.collections {
        for row in collection.rows_in(zero) {
            let shape = collection.geometry(row);
            let is_zero = shape.is_some_and(|shape| {
                shape
                    .positions()
                    .iter()
                    .all(|at| at.x == 0.0 && at.y == 0.0)
            });
            if is_zero {
                notes.add(CHECK, collection, || {
                    let reason = "lies at 0,0, where programs put what nobody has located; expected a place, or none";
                    Note::new(CHECK, collection, row, reason)
                });
            }
        }
    }
}
