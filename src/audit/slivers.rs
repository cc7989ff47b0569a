//! Polygons that are hardly there.

use std::f64::consts::PI;

use super::plane::{Plane, ring, width};
use super::report::{Note, Notes};
use super::rows;
use crate::snapshot::{Collection, Row, ShapeRef, Snapshot};

const CHECK: &str = "sliver";

/// A part of a row that is a sliver.
struct Sliver {
    row: Row,
    part: usize,
    area: f64,
    width: f64,
}

pub(super) fn check(snapshot: &Snapshot, notes: &mut Notes<'_>) {
    if !notes.is_on(CHECK) {
        return;
    }
    let settings = &snapshot.plan.audit;
    let (widest, thinnest) = (settings.sliver_width_m, settings.sliver_thinness);
    for collection in &snapshot.collections {
        let mut found = rows::each(collection.count(), |row, found| {
            slivers(collection, row, widest, thinnest, found);
        });
        found.sort_by(|a, b| a.width.total_cmp(&b.width));
        for Sliver {
            row,
            part,
            area,
            width,
        } in found
        {
            notes.add(CHECK, collection, || {
                let shape = collection.geometry(row);
                let many = shape.as_ref().is_some_and(|shape| shape.part_count() > 1);
                let which = if many {
                    format!("polygon {}", part + 1)
                } else {
                    "the polygon".to_owned()
                };
                let reason = format!("{which} is {width:.2} m wide on average and {area:.1} m² large; expected at least {widest} m where it is as thin");
                let note = Note::new(CHECK, collection, row, reason).sized(-width);
                match shape.and_then(|shape| shape.parts().nth(part)) {
                    Some(part) if many => note.at_place(part.to_polygon()),
                    _ => note,
                }
            });
        }
    }
}

fn slivers(collection: &Collection, row: Row, widest: f64, thinnest: f64, found: &mut Vec<Sliver>) {
    let Some(shape) = collection.geometry(row).filter(ShapeRef::is_areal) else {
        return;
    };
    for (at, part) in shape.parts().enumerate() {
        let Some(first) = part.exterior().first() else {
            continue;
        };
        let plane = Plane::at(*first);
        let (mut area, mut round) = (0.0, 0.0);
        for (hole, positions) in part.rings().enumerate() {
            let (own, length) = ring(positions, &plane);
            area += if hole == 0 { own } else { -own };
            round += length;
        }
        let roundness = 4.0 * PI * area / (round * round).max(f64::MIN_POSITIVE);
        let width = width(area, round);
        if width < widest && roundness < thinnest {
            found.push(Sliver {
                row,
                part: at,
                area,
                width,
            });
        }
    }
}
