//! Holes between polygons that should tile.

use geo::{BoundingRect, Coord, MapCoords, MultiPolygon, Polygon, Rect, coord};

use super::edges::Edges;
use super::opened::opened;
use super::overlaps::Crowded;
use super::plane::{Plane, extent};
use super::report::{Note, Notes, named};
use super::sagitta::largest;
use super::winding::{bare_of, enclosed};
use crate::model::AuditSettings;
use crate::snapshot::{Collection, Row, ShapeRef, Snapshot, bounds};

pub(super) const CHECK: &str = "gap";

/// Positions of the overlay's grid are a little beside those of the file: so many degrees, 0.1 m.
const BESIDE: f64 = 1e-6;

pub(super) fn check(snapshot: &Snapshot, crowded: &[Crowded], notes: &mut Notes<'_>) {
    if !notes.is_on(CHECK) {
        return;
    }
    let settings = &snapshot.plan.audit;
    for (collection, crowded) in snapshot.collections.iter().zip(crowded) {
        let own = &collection.info.audit;
        let zones = own.tiles.as_ref().and_then(|id| snapshot.collection(id));
        let tiles = Tiles {
            collection,
            crowded,
            settings,
        };
        if !crowded.is_empty() && (zones.is_some() || own.no_gaps) {
            notes.add(CHECK, collection, || {
                let reason = format!(
                    "{} features lie over so many others that gaps beside them were not looked for",
                    crowded.len()
                );
                Note::about(CHECK, collection, reason).sized(f64::INFINITY)
            });
        }
        if let Some(zones) = zones {
            let rows = 0..zones.count();
            let found = rows.flat_map(|row| tiles.missing(zones, row));
            let mut found: Vec<_> = found.collect();
            found.sort_by(|a, b| b.1.area.total_cmp(&a.1.area));
            for (row, gap) in found {
                notes.add(CHECK, collection, || tiles.bare(zones, row, gap));
            }
        }
        if own.no_gaps {
            let mut found: Vec<_> = tiles.holes().collect();
            found.sort_by(|a, b| b.area.total_cmp(&a.area));
            for gap in found {
                notes.add(CHECK, collection, || enclosed_between(collection, gap));
            }
        }
    }
}

/// A place that no polygon covers, in degrees, without its threads.
struct Gap {
    place: Polygon<f64>,
    area: f64,
    width: f64,
    /// What was taken for rounding, in m.
    tolerance: f64,
}

/// Polygons that should tile.
#[derive(Clone, Copy)]
struct Tiles<'a> {
    collection: &'a Collection,
    /// They overlap so often that the overlay would take forever: it has a piece per crossing of edges.
    crowded: &'a [Row],
    settings: &'a AuditSettings,
}

impl<'a> Tiles<'a> {
    fn shape(&self, row: Row) -> Option<ShapeRef<'a>> {
        let left_out = self.crowded.binary_search(&row).is_ok();
        self.collection.geometry(row).filter(|_| !left_out)
    }

    /// Enclosed holes that are no yards.
    fn holes(self) -> impl Iterator<Item = Gap> {
        let shapes = (0..self.collection.count()).filter_map(move |row| self.shape(row));
        let all = enclosed(shapes).into_iter();
        let gaps = all.flat_map(move |hole| self.gaps(&hole, None));
        gaps.filter(move |gap| gap.width < self.settings.gap_width_m)
    }

    /// What they leave of a polygon that they should fill.
    fn missing(self, zones: &'a Collection, row: Row) -> Vec<(Row, Gap)> {
        let Some(shape) = zones.geometry(row).filter(ShapeRef::is_areal) else {
            return Vec::new();
        };
        let rows = shape
            .bounds()
            .map(|bounds| rows_in(self.collection, bounds));
        let rows = rows.unwrap_or_default();
        let tiles = rows.iter().filter_map(|row| self.shape(*row));
        let bare = bare_of(&shape, tiles).into_iter();
        let gaps = bare.flat_map(|part| self.gaps(&part, Some(&shape)));
        gaps.map(|gap| (row, gap)).collect()
    }

    /// What is left of a bare place without threads: those a rounding wide, and then those as wide as the
    /// edges beside may be bent.
    fn gaps(&self, bare: &Polygon<f64>, ground: Option<&ShapeRef<'_>>) -> Vec<Gap> {
        let plane = Plane::at(bare.exterior().0[0]);
        let bare = MultiPolygon::from(bare.map_coords(|at| plane.metres(at)));
        let Self {
            collection,
            crowded,
            settings,
        } = *self;
        let large = |polygons: &MultiPolygon<f64>| extent(polygons).0 > settings.gap_m2;
        if !large(&bare) {
            return Vec::new();
        }
        let mut gaps = Vec::new();
        for core in opened(&bare, settings.rounding_m) {
            let core = MultiPolygon::from(core);
            let around = core.bounding_rect().filter(|_| large(&core));
            let Some(around) = around.map(|around| beside(plane.back(&around))) else {
                continue;
            };
            let rows = rows_in(collection, around);
            if rows.iter().any(|row| crowded.binary_search(row).is_ok()) {
                continue;
            }
            let shapes = rows.iter().filter_map(|row| collection.geometry(*row));
            let bows = shapes.map(|shape| largest(&shape, around));
            let own = ground.map_or(0.0, |shape| largest(shape, around));
            let tolerance = settings.rounding_m + bows.fold(own, f64::max);
            for left in opened(&core, tolerance) {
                let (area, width) = extent(&MultiPolygon::from(left.clone()));
                if area > settings.gap_m2 {
                    gaps.push(Gap {
                        place: plane.back(&left),
                        area,
                        width,
                        tolerance,
                    });
                }
            }
        }
        gaps
    }

    fn bare(&self, zones: &Collection, row: Row, gap: Gap) -> Note {
        let reason = format!(
            "{:.1} m² of {}, {:.2} m wide on average, are in no feature of {}",
            gap.area,
            named(zones, row),
            gap.width,
            self.collection.info.id
        );
        Note::about(CHECK, self.collection, reason)
            .with(zones, row)
            .sized(gap.area)
            .at_place(gap.place)
    }
}

fn rows_in(collection: &Collection, rect: Rect<f64>) -> Vec<Row> {
    let mut rows: Vec<_> = collection.rows_in(rect).collect();
    rows.sort_unstable();
    rows.dedup();
    rows
}

fn beside(rect: Rect<f64>) -> Rect<f64> {
    let margin = coord! { x: BESIDE, y: BESIDE };
    Rect::new(rect.min() - margin, rect.max() + margin)
}

fn enclosed_between(collection: &Collection, gap: Gap) -> Note {
    let around = neighbours(collection, &gap);
    let mut words: Vec<_> = around
        .iter()
        .take(4)
        .map(|row| named(collection, *row))
        .collect();
    if around.len() > words.len() {
        words.push(format!("{} more", around.len() - words.len()));
    }
    let Gap {
        place, area, width, ..
    } = gap;
    let reason = format!(
        "{area:.1} m², {width:.2} m wide on average, lie enclosed between {}",
        words.join(", ")
    );
    let note = match around.first() {
        Some(first) => Note::new(CHECK, collection, *first, reason),
        None => Note::about(CHECK, collection, reason),
    };
    let others = around.iter().skip(1);
    others
        .fold(note, |note, other| note.with(collection, *other))
        .sized(area)
        .at_place(place)
}

/// Rows with an edge at a position of the gap.
fn neighbours(collection: &Collection, gap: &Gap) -> Vec<Row> {
    let exterior = gap.place.exterior();
    let Some(around) = bounds(&exterior.0) else {
        return Vec::new();
    };
    let mut rows = rows_in(collection, beside(around));
    rows.retain(|row| {
        let shape = collection.geometry(*row);
        shape.is_some_and(|shape| {
            let edges = Edges::build(std::iter::once((0, shape)));
            let near = |at: &Coord<f64>| {
                let nearest = edges.nearest(*at);
                // Positions of the grid are a little beside those of the file.
                nearest.is_some_and(|(away, _)| away < 0.03 + gap.tolerance)
            };
            exterior.0.iter().any(near)
        })
    });
    rows
}
