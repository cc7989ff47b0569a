//! Lines that follow others: a road work is on a road.

use geo::{Coord, coord};

use super::edges::Edges;
use super::inside::accuracy;
use super::plane::Plane;
use super::report::{Note, Notes, named};
use crate::crs::Crs;
use crate::model::{Along, Finding, Severity};
use crate::query::{Query, cql2_text, matched};
use crate::snapshot::{Collection, Row, ShapeKind, ShapeRef, Snapshot};

const CHECK: &str = "off-course";

/// Of a line so many places are looked at, beside its vertices.
const PLACES: usize = 1000;

pub(super) fn check(snapshot: &Snapshot, notes: &mut Notes<'_>) {
    if !notes.is_on(CHECK) {
        return;
    }
    for collection in &snapshot.collections {
        let Some(along) = &collection.info.audit.along else {
            continue;
        };
        let Some(other) = snapshot.collection(&along.collection) else {
            continue;
        };
        match filters(collection, other, along) {
            Ok((followed, unless)) => {
                off_course(snapshot, [collection, other], [followed, unless], notes);
            }
            Err(reason) => notes.add("setting", collection, || {
                let note = Note::about("setting", collection, reason);
                let finding = Finding {
                    severity: Severity::Error,
                    file: "seeds/collections.toml".to_owned(),
                    ..note.finding
                };
                Note { finding, ..note }
            }),
        }
    }
}

/// The rows that can be followed, and those that need not follow any.
fn filters(
    collection: &Collection,
    other: &Collection,
    along: &Along,
) -> Result<(Vec<Row>, Vec<Row>), String> {
    let rows = |key: &str, of: &Collection, text: Option<&String>| -> Result<Vec<Row>, String> {
        let mut query = Query::default();
        if let Some(text) = text {
            query.filter = cql2_text(&of.info, text, Crs::Crs84).map_err(|error| {
                let id = &collection.info.id;
                format!("collection {id:?}: audit.along.{key}: {error}")
            })?;
        }
        Ok(matched(of, &query).rows)
    };
    let followed = rows("filter", other, along.filter.as_ref())?;
    let unless = match &along.unless {
        unless @ Some(_) => rows("unless", collection, unless.as_ref())?,
        None => Vec::new(),
    };
    Ok((followed, unless))
}

fn off_course(
    snapshot: &Snapshot,
    [collection, other]: [&Collection; 2],
    [followed, unless]: [Vec<Row>; 2],
    notes: &mut Notes<'_>,
) {
    let settings = &snapshot.plan.audit;
    let shapes = followed
        .iter()
        .filter_map(|row| Some((*row, other.geometry(*row)?)));
    let edges = Edges::build(shapes);
    for row in (0..collection.count()).filter(|row| unless.binary_search(row).is_err()) {
        let Some(shape) = collection.geometry(row) else {
            continue;
        };
        let sure = accuracy(collection, row, &settings.columns.accuracy);
        let allowed = sure.unwrap_or(settings.along_m);
        let away = |at: &Coord<f64>| edges.nearest(*at);
        let places = places(&shape, allowed.max(1.0));
        let farthest = places
            .iter()
            .filter_map(away)
            .max_by(|a, b| a.0.total_cmp(&b.0));
        let Some((away, near)) = farthest else {
            notes.add(CHECK, collection, || {
                let reason = format!("{} has nothing that it could follow", other.info.id);
                Note::new(CHECK, collection, row, reason)
            });
            continue;
        };
        if away > allowed {
            notes.add(CHECK, collection, || {
                let reason = format!(
                    "a part of it lies {away:.0} m off {}, the nearest of {} there; expected at most {allowed:.0} m",
                    named(other, near),
                    other.info.id
                );
                Note::new(CHECK, collection, row, reason).with(other, near)
            });
        }
    }
}

/// The vertices of a shape, and places along its edges not farther apart than so many metres, as long
/// as they are not too many.
fn places(shape: &ShapeRef<'_>, apart: f64) -> Vec<Coord<f64>> {
    let mut places = shape.positions().to_vec();
    if matches!(shape.kind, ShapeKind::Point | ShapeKind::MultiPoint) {
        return places;
    }
    let mut room = PLACES;
    for positions in shape
        .parts()
        .flat_map(|part| part.rings().collect::<Vec<_>>())
    {
        for pair in positions.windows(2) {
            let to = Plane::at(pair[0]).metres(pair[1]);
            #[expect(
                clippy::cast_possible_truncation,
                clippy::cast_sign_loss,
                reason = "a length over at least a metre, which is cut to the room there is"
            )]
            let steps = ((to.x.hypot(to.y) / apart) as usize).min(room);
            room -= steps;
            let step = pair[1] - pair[0];
            places.extend((1..=steps).map(|at| {
                #[expect(clippy::cast_precision_loss, reason = "at most a thousand")]
                let part = at as f64 / (steps + 1) as f64;
                pair[0] + coord! { x: step.x * part, y: step.y * part }
            }));
        }
    }
    places
}
