//! What has changed between two plans, for programs: written feature by feature.

use std::io::{self, Write};

use serde_json::{Value as Json, json};

use crate::diff::{At, Change, Details, Difference, Place, Shift, details};
use crate::snapshot::Snapshot;

/// One document: versions, settings, and per collection counts and features.
///
/// ```text
/// { "equal": false, "tolerance_m": 0, "old": {"plan", "version"}, "new": {..},
///   "settings": [{"file", "path", "old", "new"}],
///   "collections": [{"id", "added", "removed", "moved", "changed", "unchanged",
///     "features": [{"id", "name", "change": "added" | "removed" | "moved" | "changed", "from",
///       "place": {"change": "found" | "lost" | "moved", "farthest_m", "centre_m", "area_m2": [old, new], "redrawn": true},
///       "values": [{"column", "old", "new"}]}]}] }
/// ```
///
/// A feature of which nothing but the place has changed is moved, also where its place is found or lost; one that has
/// other values too, or was in another collection (`from`), is changed, with `place` beside its `values`. A value is
/// null where its plan has none, or no such column. Members that say nothing are left out.
///
/// # Errors
/// It cannot be written.
pub fn difference_json(difference: &Difference<'_>, out: &mut dyn Write) -> io::Result<()> {
    let plan = |of: &Snapshot| json!({ "plan": of.plan.id, "version": of.version });
    let (old, new) = (plan(difference.old), plan(difference.new));
    let equal = difference.is_empty();
    write!(
        out,
        "{{\"equal\":{equal},\n\"tolerance_m\":{},\n\"old\":{old},\n\"new\":{new},\n\"settings\":[",
        json!(difference.tolerance)
    )?;
    listed(out, difference.settings.iter().map(|setting| {
        json!({ "file": setting.file, "path": setting.path, "old": setting.old, "new": setting.new })
    }))?;
    write!(out, "],\n\"collections\":[")?;
    for (at, all) in difference.collections.iter().enumerate() {
        let mut head = json!({ "id": all.collection });
        for (kind, count) in Change::KINDS.iter().zip(all.counts()) {
            head[*kind] = count.into();
        }
        head["unchanged"] = all.unchanged.into();
        let head = head.to_string();
        let head = head.strip_suffix('}').unwrap_or(&head);
        let separator = if at == 0 { "\n" } else { ",\n" };
        write!(out, "{separator}{head},\"features\":[")?;
        listed(
            out,
            all.changes.iter().map(|change| feature(difference, change)),
        )?;
        write!(out, "]}}")?;
    }
    writeln!(out, "\n]}}")
}

fn listed(out: &mut dyn Write, all: impl Iterator<Item = Json>) -> io::Result<()> {
    for (at, json) in all.enumerate() {
        let separator = if at == 0 { "\n" } else { ",\n" };
        write!(out, "{separator}{json}")?;
    }
    Ok(())
}

fn word(change: &Change) -> &'static str {
    Change::KINDS[change.kind()]
}

fn feature(difference: &Difference<'_>, change: &Change) -> Json {
    let details = details(difference, change);
    let mut json = json!({ "id": details.id });
    if let Some(name) = &details.name {
        json["name"] = json!(name);
    }
    json["change"] = json!(word(change));
    if let Some(from) = &details.from {
        json["from"] = json!(from);
    }
    if let Some(place) = &details.place {
        json["place"] = place_json(place);
    }
    if !details.values.is_empty() {
        let values = details.values.iter().map(|changed| {
            json!({
                "column": changed.column,
                "old": changed.old.to_json(),
                "new": changed.new.to_json(),
            })
        });
        json["values"] = values.collect();
    }
    json
}

fn place_json(place: &Place) -> Json {
    match place {
        Place::Found => json!({ "change": "found" }),
        Place::Lost => json!({ "change": "lost" }),
        Place::Moved(Shift {
            farthest_m,
            centre_m,
            area_m2,
            redrawn,
        }) => {
            let round = |metres: f64| (metres * 1000.0).round() / 1000.0;
            let mut json = json!({
                "change": "moved",
                "farthest_m": round(*farthest_m),
                "centre_m": round(*centre_m),
            });
            if *redrawn {
                json["redrawn"] = true.into();
            }
            if let Some(areas) = area_m2 {
                json["area_m2"] = json!(areas.map(|area| (area * 10.0).round() / 10.0));
            }
            json
        }
    }
}

/// A feature per change, in CRS84: where it is now; what is removed, or has lost its place, where it was.
///
/// # Errors
/// It cannot be written.
pub fn difference_geojson(difference: &Difference<'_>, out: &mut dyn Write) -> io::Result<()> {
    write!(out, "{{\"type\":\"FeatureCollection\",\"features\":[")?;
    let mut first = true;
    for (all, change) in difference
        .collections
        .iter()
        .flat_map(|all| all.changes.iter().map(move |change| (all, change)))
    {
        let separator = if first { "\n" } else { ",\n" };
        first = false;
        let feature = drawn(difference, &all.collection, change);
        write!(out, "{separator}{feature}")?;
    }
    writeln!(out, "\n]}}")
}

fn drawn(difference: &Difference<'_>, collection: &str, change: &Change) -> geojson::Feature {
    let details = details(difference, change);
    let (was, is) = match change {
        Change::Added(at) => (None, Some(*at)),
        Change::Removed(at) => (Some(*at), None),
        Change::Moved { old, new } | Change::Changed { old, new } => (Some(*old), Some(*new)),
    };
    let shape = |plan: &Snapshot, at: Option<At>| {
        let (collection, row) = at?;
        let shape = plan.collections[collection].geometry(row);
        shape.and_then(|shape| shape.to_geometry())
    };
    let geometry = shape(difference.new, is).or_else(|| shape(difference.old, was));
    let moved = match &details.place {
        Some(Place::Moved(shift)) => Some(shift.farthest_m),
        _ => None,
    };
    let properties = json!({
        "name_zh": details.name,
        "change": word(change),
        "of_collection": collection,
        "of_id": details.id,
        "moved_m": moved.map(|metres| (metres * 1000.0).round() / 1000.0),
        "changes": in_words(&details),
    });
    geojson::Feature {
        id: Some(geojson::feature::Id::String(format!(
            "{}:{}",
            word(change),
            details.id
        ))),
        geometry: geometry.map(|shape| geojson::Geometry::new((&shape).into())),
        properties: properties.as_object().cloned(),
        ..geojson::Feature::default()
    }
}

/// `plot_ratio: 3 -> 3.1; moved 12.3 m`; none where nothing is to be said.
fn in_words(details: &Details) -> Option<String> {
    let mut words = Vec::new();
    if let Some(from) = &details.from {
        words.push(format!("was in {from}"));
    }
    words.extend(details.place.as_ref().map(place_words));
    for changed in &details.values {
        let (old, new) = (changed.old.to_json(), changed.new.to_json());
        words.push(format!("{}: {old} -> {new}", changed.column));
    }
    (!words.is_empty()).then(|| words.join("; "))
}

/// What has become of a place, for people.
#[must_use]
pub fn place_words(place: &Place) -> String {
    match place {
        Place::Found => "has a place now".to_owned(),
        Place::Lost => "has no place any more".to_owned(),
        Place::Moved(shift) => {
            let metres = |metres: f64| {
                let digits = if metres < 0.1 { 3 } else { 2 };
                format!("{metres:.digits$}")
            };
            let mut words = format!(
                "moved by up to {} m, its centre by {} m",
                metres(shift.farthest_m),
                metres(shift.centre_m)
            );
            if shift.redrawn {
                words.insert_str(0, "drawn as another kind of shape, ");
            }
            if let Some([old, new]) = shift.area_m2 {
                let more = new - old;
                words.extend([format!("; area {old:.1} -> {new:.1} m² ({more:+.1})")]);
            }
            words
        }
    }
}
