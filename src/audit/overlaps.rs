//! Polygons that share an area and should not.

use std::sync::atomic::{AtomicUsize, Ordering};

use geo::{BooleanOps, MultiPolygon, Rect, coord};

use super::opened::opened;
use super::plane::{Plane, extent, simplest};
use super::report::{Note, Notes, named};
use super::rows;
use super::sagitta::largest;
use super::touch::may_overlap;
use super::wholes::Wholes;
use crate::model::AuditSettings;
use crate::snapshot::{Collection, Row, ShapeRef, Snapshot};

const CHECK: &str = "overlap";

/// Of a row no more overlaps with later rows are measured: a pile of n polygons has n² / 2 pairs.
const MANY: usize = 50;

/// Beyond so many pairs something else is wrong: a cadastre that lies over itself a hundred times.
const MOST: usize = 1_000_000;

/// Rows of a collection that overlap so many others that not all were measured, in order.
pub(super) type Crowded = Vec<Row>;

/// The crowded rows of every collection; those that need not lie apart have none.
pub(super) fn check(snapshot: &Snapshot, wholes: &Wholes, notes: &mut Notes<'_>) -> Vec<Crowded> {
    let settings = &snapshot.plan.audit;
    let mut all = Vec::new();
    for (at, collection) in snapshot.collections.iter().enumerate() {
        let own = &collection.info.audit;
        let for_gaps = notes.is_on(super::gaps::CHECK) && (own.no_gaps || own.tiles.is_some());
        if !own.lies_apart() || !(notes.is_on(CHECK) || for_gaps) {
            all.push(Crowded::new());
            continue;
        }
        let related = |one, other| wholes.related((at, one), (at, other));
        let (pairs, crowded) = overlaps(collection, settings, related);
        if !crowded.is_empty() {
            notes.add(CHECK, collection, || {
                let reason = format!(
                    "{} features overlap more than {MANY} others each, or there are more than {MOST} pairs; \
                     not all of them were measured, and there are more overlaps than are counted",
                    crowded.len()
                );
                Note::about(CHECK, collection, reason).sized(f64::INFINITY)
            });
        }
        for pair in pairs {
            notes.add(CHECK, collection, || noted(collection, pair, settings));
        }
        all.push(crowded);
    }
    all
}

/// Two rows that share an area.
struct Overlap {
    rows: [Row; 2],
    area: f64,
}

enum Found {
    Pair(Overlap),
    Crowded(Row),
}

/// Pairs that overlap, the largest first, and rows that overlap too many others.
fn overlaps(
    collection: &Collection,
    settings: &AuditSettings,
    related: impl Fn(Row, Row) -> bool + Sync,
) -> (Vec<Overlap>, Crowded) {
    let count = AtomicUsize::new(0);
    let found = rows::each(collection.count(), |row, found| {
        let Some(shape) = collection.geometry(row).filter(ShapeRef::is_areal) else {
            return;
        };
        let Some(bounds) = shape.bounds() else {
            return;
        };
        let mut others: Vec<_> = collection
            .rows_in(bounds)
            .filter(|other| *other > row)
            .collect();
        others.sort_unstable();
        others.dedup();
        let mut own = 0;
        for other in others {
            let Some(second) = collection.geometry(other).filter(ShapeRef::is_areal) else {
                continue;
            };
            let Some(common) = second.bounds().and_then(|second| common(bounds, second)) else {
                continue;
            };
            let corner = Plane::at(common.center()).metres(common.max());
            if 4.0 * corner.x * corner.y <= settings.overlap_m2
                || !may_overlap(&shape, &second, common)
                || related(row, other)
            {
                continue;
            }
            if own >= MANY || count.load(Ordering::Relaxed) >= MOST {
                found.push(Found::Crowded(row));
                return;
            }
            let (area, _) = extent(&shared(&shape, &second, common, settings).0);
            if area > settings.overlap_m2 {
                own += 1;
                count.fetch_add(1, Ordering::Relaxed);
                let rows = [row, other];
                found.push(Found::Pair(Overlap { rows, area }));
            }
        }
    });
    let (mut pairs, mut crowded) = (Vec::new(), Crowded::new());
    for one in found {
        match one {
            Found::Pair(pair) => pairs.push(pair),
            Found::Crowded(row) => crowded.push(row),
        }
    }
    pairs.sort_by(|a, b| b.area.total_cmp(&a.area).then(a.rows.cmp(&b.rows)));
    (pairs, crowded)
}

fn common(one: Rect<f64>, other: Rect<f64>) -> Option<Rect<f64>> {
    let low = coord! { x: one.min().x.max(other.min().x), y: one.min().y.max(other.min().y) };
    let high = coord! { x: one.max().x.min(other.max().x), y: one.max().y.min(other.max().y) };
    (low.x <= high.x && low.y <= high.y).then(|| Rect::new(low, high))
}

/// What two shapes share inside the box that they have in common, without what is as narrow as a rounding
/// or as the bow of their edges there, in metres on the plane that comes with it.
fn shared(
    one: &ShapeRef<'_>,
    other: &ShapeRef<'_>,
    common: Rect<f64>,
    settings: &AuditSettings,
) -> (MultiPolygon<f64>, Plane) {
    let plane = Plane::at(common.center());
    let shared = plane.polygons(one).intersection(&plane.polygons(other));
    if extent(&shared).0 <= settings.overlap_m2 {
        return (MultiPolygon::new(Vec::new()), plane);
    }
    let bow = largest(one, common).max(largest(other, common));
    (opened(&shared, settings.rounding_m + bow), plane)
}

fn noted(collection: &Collection, pair: Overlap, settings: &AuditSettings) -> Note {
    let [first, row] = pair.rows;
    let shapes = collection.geometry(first).zip(collection.geometry(row));
    let shared = shapes.and_then(|(one, other)| {
        let common = common(one.bounds()?, other.bounds()?)?;
        Some(shared(&one, &other, common, settings))
    });
    let (shared, plane) = shared.unwrap_or_else(|| {
        (MultiPolygon::new(Vec::new()), Plane::at(coord! { x: 0.0, y: 0.0 }))
    });
    let (area, width) = extent(&shared);
    let reason = format!(
        "shares {area:.1} m² with {}, {width:.2} m wide on average",
        named(collection, first)
    );
    Note::new(CHECK, collection, row, reason)
        .with(collection, first)
        .sized(pair.area)
        .at_place(simplest(plane.back(&shared)))
}
