//! Lines that follow others: a road work is on a road.

use super::edges::Edges;
use super::farthest::from_edges;
use super::inside::accuracy;
use super::report::{Note, Notes, metres, named};
use crate::crs::Crs;
use crate::model::{Along, Finding, Severity};
use crate::query::{Query, cql2_text, matched};
use crate::snapshot::{Collection, Row, Snapshot};

const CHECK: &str = "off-course";

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
        let matches = matched(of, &query).map_err(|error| error.to_string())?;
        Ok(matches.rows)
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
        let Some((away, near)) = from_edges(&shape, &edges, allowed) else {
            notes.add(CHECK, collection, || {
                let reason = format!("{} has nothing that it could follow", other.info.id);
                Note::new(CHECK, collection, row, reason).sized(f64::INFINITY)
            });
            continue;
        };
        if away > allowed {
            notes.add(CHECK, collection, || {
                let reason = format!(
                    "a part of it lies {} off {}, the nearest of {} there; expected at most {}",
                    metres(away),
                    named(other, near),
                    other.info.id,
                    metres(allowed)
                );
                Note::new(CHECK, collection, row, reason)
                    .with(other, near)
                    .sized(away)
            });
        }
    }
}
