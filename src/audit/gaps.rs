//! Holes between polygons that should tile.

use geo::{MapCoords, MultiPolygon, Polygon, Rect, coord};

use super::edges::Edges;
use super::plane::{Plane, extent};
use super::report::{Note, Notes, named};
use super::winding::{bare_of, enclosed};
use crate::model::AuditSettings;
use crate::snapshot::{Collection, Row, ShapeRef, Snapshot, bounds};

const CHECK: &str = "gap";

pub(super) fn check(snapshot: &Snapshot, notes: &mut Notes<'_>) {
    if !notes.is_on(CHECK) {
        return;
    }
    let settings = &snapshot.plan.audit;
    for collection in &snapshot.collections {
        if let Some(zones) = &collection.info.audit.tiles
            && let Some(zones) = snapshot.collection(zones)
        {
            for row in 0..zones.count() {
                uncovered(collection, zones, row, settings, notes);
            }
        }
        if collection.info.audit.no_gaps {
            for hole in enclosed((0..collection.count()).filter_map(|row| collection.geometry(row)))
            {
                let (area, width) = measured(&hole);
                let narrow = settings.rounding_m..settings.gap_width_m;
                if area > settings.gap_m2 && narrow.contains(&width) {
                    notes.add(CHECK, collection, || noted(collection, hole, area, width));
                }
            }
        }
    }
}

/// What the collection leaves of a polygon that it should fill.
fn uncovered(
    collection: &Collection,
    zones: &Collection,
    row: Row,
    settings: &AuditSettings,
    notes: &mut Notes<'_>,
) {
    let Some(shape) = zones.geometry(row).filter(ShapeRef::is_areal) else {
        return;
    };
    let Some(bounds) = shape.bounds() else {
        return;
    };
    let mut rows: Vec<_> = collection.rows_in(bounds).collect();
    rows.sort_unstable();
    rows.dedup();
    let tiles = rows.iter().filter_map(|row| collection.geometry(*row));
    for part in bare_of(&shape, tiles) {
        let (area, width) = measured(&part);
        if area > settings.gap_m2 && width > settings.rounding_m {
            notes.add(CHECK, collection, || {
                let reason = format!(
                    "{area:.1} m² of {}, {width:.2} m wide on average, are in no feature of {}",
                    named(zones, row),
                    collection.info.id
                );
                Note::about(CHECK, collection, reason)
                    .with(zones, row)
                    .at_place(part)
            });
        }
    }
}

/// Area in m² and mean width in m.
fn measured(polygon: &Polygon<f64>) -> (f64, f64) {
    let plane = Plane::at(polygon.exterior().0[0]);
    extent(&MultiPolygon::new(vec![
        polygon.map_coords(|at| plane.metres(at)),
    ]))
}

fn noted(collection: &Collection, hole: Polygon<f64>, area: f64, width: f64) -> Note {
    let around = neighbours(collection, &hole);
    let mut words: Vec<_> = around
        .iter()
        .take(4)
        .map(|row| named(collection, *row))
        .collect();
    if around.len() > words.len() {
        words.push(format!("{} more", around.len() - words.len()));
    }
    let reason = format!(
        "{area:.1} m², {width:.2} m wide on average, lie enclosed between {}",
        words.join(", ")
    );
    let Some((first, others)) = around.split_first() else {
        return Note::about(CHECK, collection, reason).at_place(hole);
    };
    let note = Note::new(CHECK, collection, *first, reason).at_place(hole);
    others
        .iter()
        .fold(note, |note, other| note.with(collection, *other))
}

/// Rows with an edge at a position of the hole.
fn neighbours(collection: &Collection, hole: &Polygon<f64>) -> Vec<Row> {
    // Positions of the grid are a little beside those of the file.
    const BESIDE: f64 = 1e-6;
    let Some(around) = bounds(&hole.exterior().0) else {
        return Vec::new();
    };
    let margin = coord! { x: BESIDE, y: BESIDE };
    let wide = Rect::new(around.min() - margin, around.max() + margin);
    let mut rows: Vec<_> = collection.rows_in(wide).collect();
    rows.sort_unstable();
    rows.dedup();
    rows.retain(|row| {
        let shape = collection.geometry(*row);
        shape.is_some_and(|shape| {
            let edges = Edges::build(std::iter::once((0, shape)));
            let mut corners = hole.exterior().0.iter();
            corners.any(|at| edges.nearest(*at).is_some_and(|(away, _)| away < 0.05))
        })
    });
    rows
}
