//! Stated areas against what is drawn, and against each other.

use geo::GeodesicArea;

use super::plane::area;
use super::report::{Note, Notes};
use super::rows;
use crate::model::{AuditSettings, Column, Unit};
use crate::snapshot::{Cells, Collection, Row, Snapshot};

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

/// A column of areas.
struct Areas<'a> {
    column: &'a Column,
    cells: &'a Cells,
    /// m² of one.
    unit: f64,
}

impl<'a> Areas<'a> {
    /// The columns of these names that a collection has.
    fn of(collection: &'a Collection, names: &[String]) -> Vec<Self> {
        let column = |name: &String| {
            let index = collection.info.column_index(name)?;
            let column = &collection.info.columns[index];
            Some(Self {
                column,
                cells: collection.cells(index),
                unit: Unit::square_metres(column.unit.as_deref())?,
            })
        };
        names.iter().filter_map(column).collect()
    }

    /// What a row states, in m².
    fn area(&self, row: Row) -> Option<f64> {
        Some(self.cells.number(row)? * self.unit)
    }

    /// `site_area_m2 is 1000`, and where the unit is another one: `site_area is 0.1 ha, 1000 m²`.
    fn said(&self, row: Row) -> String {
        let stated = self.cells.number(row).unwrap_or_default();
        let name = &self.column.name;
        match (&self.column.unit, self.area(row)) {
            (Some(unit), Some(area)) if unit != "m²" => {
                format!("{name} is {stated} {unit}, {} m²", rounded(area))
            }
            _ => format!("{name} is {stated}"),
        }
    }
}

/// To a hundredth: a product of a unit is rarely exact in binary.
fn rounded(area: f64) -> f64 {
    (area * 100.0).round() / 100.0
}

/// True where a collection has both an area to compare and something to compare it with.
pub(super) fn has_drawn(collection: &Collection, settings: &AuditSettings) -> bool {
    collection.info.geometry.holds_polygons()
        && !Areas::of(collection, &settings.columns.site_areas).is_empty()
}

/// The area on a plane decides most cases; where it comes near the tolerance, that on the ellipsoid does.
fn drawn(collection: &Collection, settings: &AuditSettings, notes: &mut Notes<'_>) {
    let Some(site) = Areas::of(collection, &settings.columns.site_areas)
        .into_iter()
        .next()
    else {
        return;
    };
    let mut found = rows::each(
        collection.count(),
        |row, found: &mut Vec<(Row, f64, f64)>| {
            let (Some(stated), Some(shape)) = (site.area(row), collection.geometry(row)) else {
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
                "{}, and the polygon has {drawn:.0} m²: {:.1} % apart, more than {:.1} %",
                site.said(row),
                apart(stated, drawn) * 100.0,
                settings.area * 100.0
            );
            Note::new(DRAWN, collection, row, reason)
                .sized(apart(stated, drawn))
                .at_column(&site.column.name)
        });
    }
}

/// What the plot ratio is compared with: the site area, and floor areas, the best first.
struct Floors<'a> {
    ratio: &'a Cells,
    site: Areas<'a>,
    stated: Vec<Areas<'a>>,
}

impl<'a> Floors<'a> {
    fn of(collection: &'a Collection, settings: &AuditSettings) -> Option<Self> {
        let names = &settings.columns;
        let ratio = collection.info.column_index(&names.plot_ratio)?;
        let floors = Areas::of(collection, &names.floor_areas);
        // One that must agree with another column is compared on loading.
        (collection.info.columns[ratio].agrees_with.is_none() && !floors.is_empty())
            .then_some(())?;
        Some(Self {
            ratio: collection.cells(ratio),
            site: Areas::of(collection, &names.site_areas)
                .into_iter()
                .next()?,
            stated: floors,
        })
    }
}

/// True where a collection has all three.
pub(super) fn has_floors(collection: &Collection, settings: &AuditSettings) -> bool {
    Floors::of(collection, settings).is_some()
}

/// Plot ratio × site area is a floor area.
fn floor(collection: &Collection, settings: &AuditSettings, notes: &mut Notes<'_>) {
    let Some(Floors {
        ratio,
        site,
        stated: floors,
    }) = Floors::of(collection, settings)
    else {
        return;
    };
    for row in 0..collection.count() {
        let stated = floors
            .iter()
            .find_map(|floor| Some((floor, floor.area(row)?)));
        let (Some(ratio), Some(area), Some((column, floor))) =
            (ratio.number(row), site.area(row), stated)
        else {
            continue;
        };
        let expected = ratio * area;
        if apart(expected, floor) > settings.floor_area {
            notes.add(FLOOR, collection, || {
                let reason = format!(
                    "{}, and {ratio} × {} m² are {expected:.2}: {:.2} % apart, more than {:.2} %",
                    column.said(row),
                    rounded(area),
                    apart(expected, floor) * 100.0,
                    settings.floor_area * 100.0
                );
                Note::new(FLOOR, collection, row, reason)
                    .sized(apart(expected, floor))
                    .at_column(&column.column.name)
            });
        }
    }
}
