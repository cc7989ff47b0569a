//! Stated areas against what is drawn, and against each other.

use geo::GeodesicArea;

use super::plane::area;
use super::report::{Note, Notes};
use super::rows;
use crate::model::AuditSettings;
use crate::snapshot::{Collection, Row, Snapshot};

const DRAWN: &str = "area-disagrees";
const FLOOR: &str = "floor-area-disagrees";

pub(super) fn check(snapshot: &Snapshot, notes: &mut Notes<'_>) {
    let settings = &snapshot.plan.audit;
    for collection in &snapshot.collections {
        if notes.is_on(DRAWN) {
            drawn(collection, settings, notes);
        }
        if notes.is_on(FLOOR) {
            floor(collection, settings, notes);
        }
    }
}

fn apart(one: f64, other: f64) -> f64 {
    (one - other).abs() / one.abs().max(other.abs()).max(f64::MIN_POSITIVE)
}

/// The area on a plane decides most cases; where it comes near the tolerance, that on the ellipsoid does.
fn drawn(collection: &Collection, settings: &AuditSettings, notes: &mut Notes<'_>) {
    let name = &settings.columns.site_area;
    let Some(column) = collection.info.column_index(name) else {
        return;
    };
    let cells = collection.cells(column);
    let mut found = rows::each(
        collection.count(),
        |row, found: &mut Vec<(Row, f64, f64)>| {
            let (Some(stated), Some(shape)) = (cells.number(row), collection.geometry(row)) else {
                return;
            };
            if !shape.is_areal() || apart(stated, area(&shape)) < settings.area / 2.0 {
                return;
            }
            let geometry = shape.to_geometry();
            let drawn = geometry.map_or(0.0, |shape| shape.geodesic_area_unsigned());
            if apart(stated, drawn) > settings.area {
                found.push((row, stated, drawn));
            }
        },
    );
    found.sort_by(|a, b| apart(b.1, b.2).total_cmp(&apart(a.1, a.2)));
    for (row, stated, drawn) in found {
        notes.add(DRAWN, collection, || {
            let reason = format!(
                "{name} is {stated}, and the polygon has {drawn:.0} m²: {:.1} % apart, more than {:.1} %",
                apart(stated, drawn) * 100.0,
                settings.area * 100.0
            );
            Note::new(DRAWN, collection, row, reason)
                .sized(apart(stated, drawn))
                .at_column(name)
        });
    }
}

/// Plot ratio × site area is a floor area.
fn floor(collection: &Collection, settings: &AuditSettings, notes: &mut Notes<'_>) {
    let info = &collection.info;
    let names = &settings.columns;
    let index = |name: &String| info.column_index(name);
    let (Some(ratio), Some(site)) = (index(&names.plot_ratio), index(&names.site_area)) else {
        return;
    };
    let floors: Vec<_> = names.floor_areas.iter().filter_map(index).collect();
    if info.columns[ratio].agrees_with.is_some() {
        return;
    }
    for row in 0..collection.count() {
        let number = |column: usize| collection.cells(column).number(row);
        let stated = floors.iter().find_map(|at| Some((*at, number(*at)?)));
        let (Some(ratio), Some(site), Some((column, floor))) =
            (number(ratio), number(site), stated)
        else {
            continue;
        };
        let expected = ratio * site;
        if apart(expected, floor) > settings.floor_area {
            notes.add(FLOOR, collection, || {
                let name = &info.columns[column].name;
                let reason = format!(
                    "{name} is {floor}, and {ratio} × {site} m² are {expected:.2}: {:.2} % apart, more than {:.2} %",
                    apart(expected, floor) * 100.0,
                    settings.floor_area * 100.0
                );
                Note::new(FLOOR, collection, row, reason)
                    .sized(apart(expected, floor))
                    .at_column(name)
            });
        }
    }
}
