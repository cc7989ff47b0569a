//! Features that cannot be converted to a CRS that the plan is served in.

use super::report::{Note, Notes};
use crate::crs::{Crs, Reprojector};
use crate::snapshot::{Collection, Snapshot};

const CHECK: &str = "outside-crs";

pub(super) fn check(snapshot: &Snapshot, notes: &mut Notes<'_>) {
    if !notes.is_on(CHECK) {
        return;
    }
    for name in &snapshot.plan.crs {
        // A name that is no CRS was found on loading.
        let Some(to) = name
            .parse()
            .ok()
            .and_then(|crs| Reprojector::new(Crs::Crs84, crs).ok())
        else {
            continue;
        };
        for collection in &snapshot.collections {
            convertible(collection, name, &to, notes);
        }
    }
}

/// Degrees, of the box around a region: what a projection cannot show are no islands of this size.
const REGION: f64 = 10.0;

/// Rows one after the other; of a town or region not where the sides of its box can be converted, so that a
/// million parcels cost nothing.
fn convertible(collection: &Collection, name: &str, to: &Reprojector, notes: &mut Notes<'_>) {
    let Some(bounds) = collection.bounds() else {
        return;
    };
    let is_region = bounds.width().max(bounds.height()) <= REGION;
    if is_region && to.bounds(bounds).is_ok() {
        return;
    }
    for row in 0..collection.count() {
        let Some(shape) = collection.geometry(row) else {
            continue;
        };
        let positions = shape.positions().iter();
        let Some(error) = positions.map(|at| to.position(*at)).find_map(Result::err) else {
            continue;
        };
        notes.add(CHECK, collection, || {
            let reason = format!(
                "cannot be converted to {name}, which plan.toml serves: {error}; with crs={name} it cannot be read"
            );
            Note::new(CHECK, collection, row, reason)
        });
    }
}
