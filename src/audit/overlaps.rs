//! Polygons that share an area and should not.

use std::sync::atomic::{AtomicUsize, Ordering};

use geo::{BooleanOps, MultiPolygon, Rect, coord};

use super::plane::{Plane, extent, simplest};
use super::report::{Note, Notes, named};
use super::rows;
use super::touch::may_overlap;
use super::wholes::Wholes;
use crate::model::AuditSettings;
use crate::snapshot::{Collection, Row, ShapeRef, Snapshot};

const CHECK: &str = "overlap";

/// Beyond so many pairs something else is wrong: a cadastre that lies over itself a hundred times.
const MOST: usize = 1_000_000;

pub(super) fn check(snapshot: &Snapshot, wholes: &Wholes, notes: &mut Notes<'_>) {
    if !notes.is_on(CHECK) {
        return;
    }
    let settings = &snapshot.plan.audit;
    let apart = snapshot.collections.iter().enumerate();
    for (at, collection) in apart.filter(|(_, all)| all.info.audit.lies_apart()) {
        let related = |one, other| wholes.related((at, one), (at, other));
        let found = overlaps(collection, settings, related);
        if found.len() >= MOST {
            notes.add(CHECK, collection, || {
                let reason =
                    format!("more than {MOST} pairs overlap; the others are not looked for");
                Note::about(CHECK, collection, reason)
            });
        }
        for pair in found {
            notes.add(CHECK, collection, || noted(collection, pair));
        }
    }
}

/// Two rows, the area in m² that they share, and how wide it is in m.
#[derive(Debug, Clone, Copy)]
struct Overlap {
    rows: [Row; 2],
    area: f64,
    width: f64,
}

/// All pairs of rows that share more than is tolerated, each once, in order. The pairs come from the
/// R-tree, and their areas are not kept: a cadastre that lies twice over itself has millions.
fn overlaps(
    collection: &Collection,
    settings: &AuditSettings,
    related: impl Fn(Row, Row) -> bool + Sync,
) -> Vec<Overlap> {
    let (least, narrowest) = (settings.overlap_m2, settings.rounding_m);
    let pairs = AtomicUsize::new(0);
    rows::each(collection.count(), |row, found| {
        let Some(shape) = collection.geometry(row).filter(ShapeRef::is_areal) else {
            return;
        };
        if pairs.load(Ordering::Relaxed) >= MOST {
            return;
        }
        let Some(bounds) = shape.bounds() else {
            return;
        };
        let mut others: Vec<_> = collection
            .rows_in(bounds)
            .filter(|other| *other > row)
            .collect();
        others.sort_unstable();
        others.dedup();
        for other in others {
            if pairs.load(Ordering::Relaxed) >= MOST {
                return;
            }
            let Some(second) = collection.geometry(other).filter(ShapeRef::is_areal) else {
                continue;
            };
            let Some(common) = second.bounds().and_then(|second| common(bounds, second)) else {
                continue;
            };
            let plane = Plane::at(common.center());
            let corner = plane.metres(common.max());
            if 4.0 * corner.x * corner.y <= least
                || !may_overlap(&shape, &second, common)
                || related(row, other)
            {
                continue;
            }
            let (area, width) = extent(&shared(collection, [row, other], &plane));
            if area > least && width > narrowest {
                pairs.fetch_add(1, Ordering::Relaxed);
                found.push(Overlap {
                    rows: [row, other],
                    area,
                    width,
                });
            }
        }
    })
}

fn common(one: Rect<f64>, other: Rect<f64>) -> Option<Rect<f64>> {
    let low = coord! { x: one.min().x.max(other.min().x), y: one.min().y.max(other.min().y) };
    let high = coord! { x: one.max().x.min(other.max().x), y: one.max().y.min(other.max().y) };
    (low.x <= high.x && low.y <= high.y).then(|| Rect::new(low, high))
}

fn shared(collection: &Collection, rows: [Row; 2], plane: &Plane) -> MultiPolygon<f64> {
    let polygons = |row| {
        let shape = collection.geometry(row);
        shape.map_or_else(|| MultiPolygon::new(Vec::new()), |own| plane.polygons(&own))
    };
    polygons(rows[0]).intersection(&polygons(rows[1]))
}

fn noted(collection: &Collection, pair: Overlap) -> Note {
    let Overlap { rows, area, width } = pair;
    let [first, row] = rows;
    let reason = format!(
        "shares {area:.1} m² with {}, {width:.2} m wide on average",
        named(collection, first)
    );
    let note = Note::new(CHECK, collection, row, reason).with(collection, first);
    let Some(origin) = collection.geometry(row).and_then(|shape| shape.bounds()) else {
        return note;
    };
    let plane = Plane::at(origin.center());
    note.at_place(simplest(plane.back(&shared(collection, rows, &plane))))
}
