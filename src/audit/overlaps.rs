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

/// Unless those that are left are so few: one polygon that lies over a town has as many.
const LEFT: usize = 20_000;

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
                    "{} features overlap {MANY} others each and may overlap more, or there are more than \
                     {MOST} pairs; what is left was not measured and is not counted",
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
#[derive(Clone, Copy)]
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
    let measured = |row, most, found: &mut Vec<Found>| {
        let Some(shape) = collection.geometry(row).filter(ShapeRef::is_areal) else {
            return;
        };
        let mut own = 0;
        for other in later(collection, row) {
            let Some(second) = collection.geometry(other).filter(ShapeRef::is_areal) else {
                continue;
            };
            let bounds = shape.bounds().zip(second.bounds());
            let Some(common) = bounds.and_then(|(one, other)| common(one, other)) else {
                continue;
            };
            let corner = Plane::at(common.center()).metres(common.max());
            if 4.0 * corner.x * corner.y <= settings.overlap_m2
                || !may_overlap(&shape, &second, common)
                || related(row, other)
            {
                continue;
            }
            if own >= most || count.load(Ordering::Relaxed) >= MOST {
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
    };
    let found = rows::each(collection.count(), |row, found| measured(row, MANY, found));
    let (mut pairs, mut crowded) = sorted_out(found);
    let mut left = 0;
    let few = crowded.iter().all(|row| {
        left += later(collection, *row).len();
        left <= LEFT
    });
    if few {
        pairs.retain(|pair| crowded.binary_search(&pair.rows[0]).is_err());
        let mut found = Vec::new();
        for row in crowded {
            measured(row, usize::MAX, &mut found);
        }
        let (more, still) = sorted_out(found);
        pairs.extend(more);
        crowded = still;
    }
    pairs.sort_by(|a, b| b.area.total_cmp(&a.area).then(a.rows.cmp(&b.rows)));
    (pairs, crowded)
}

/// Later rows whose boxes meet that of a row, in order.
fn later(collection: &Collection, row: Row) -> Vec<Row> {
    let bounds = collection.geometry(row).and_then(|shape| shape.bounds());
    let all = bounds.into_iter().flat_map(|own| collection.rows_in(own));
    let mut later: Vec<_> = all.filter(|other| *other > row).collect();
    later.sort_unstable();
    later.dedup();
    later
}

fn sorted_out(found: Vec<Found>) -> (Vec<Overlap>, Crowded) {
    let (mut pairs, mut crowded) = (Vec::new(), Crowded::new());
    for one in found {
        match one {
            Found::Pair(pair) => pairs.push(pair),
            Found::Crowded(row) => crowded.push(row),
        }
    }
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
    let note = |reason| {
        let note = Note::new(CHECK, collection, row, reason);
        note.with(collection, first).sized(pair.area)
    };
    let Some((shared, plane)) = shared else {
        return note("shares an area".to_owned());
    };
    let (area, width) = extent(&shared);
    let reason = format!(
        "shares {area:.1} m² with {}, {width:.2} m wide on average",
        named(collection, first)
    );
    note(reason).at_place(simplest(plane.back(&shared)))
}
