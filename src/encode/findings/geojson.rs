use std::io::{self, Write};

use geo::Geometry;
use serde_json::json;

use crate::audit::{Note, Report};
use crate::model::check;
use crate::snapshot::Snapshot;

/// A feature per finding, in CRS84, where it is: the overlap or the gap itself, else the feature that it
/// is about; a null geometry where that is nowhere. No property has a name that a collection of a plan
/// could not have, so that the file can be one.
///
/// # Errors
/// It cannot be written.
pub fn findings_geojson(
    report: &Report,
    snapshot: Option<&Snapshot>,
    out: &mut dyn Write,
) -> io::Result<()> {
    write!(out, "{{\"type\":\"FeatureCollection\",\"features\":[")?;
    for (note, number) in report.notes.iter().zip(1..) {
        let separator = if number == 1 { "\n" } else { ",\n" };
        write!(out, "{separator}{}", feature(note, number, snapshot))?;
    }
    writeln!(out, "\n]}}")
}

fn feature(note: &Note, number: usize, snapshot: Option<&Snapshot>) -> geojson::Feature {
    let finding = &note.finding;
    let (zh, en) = check(finding.check).map_or(("", finding.check), |check| (check.zh, check.en));
    let titled = |title: &str| match &finding.id {
        Some(id) => format!("{title}: {id}"),
        None => title.to_owned(),
    };
    let properties = json!({
        "name_zh": titled(zh),
        "name_en": titled(en),
        "check": finding.check,
        "severity": finding.severity,
        "of_collection": note.collection,
        "of_id": finding.id,
        "others": (!note.others.is_empty()).then(|| note.others.join(", ")),
        "file": finding.file,
        "line": finding.line,
        "column": finding.column,
        "reason": finding.reason,
    });
    let geometry = place(note, snapshot);
    geojson::Feature {
        id: Some(geojson::feature::Id::String(format!("finding-{number}"))),
        geometry: geometry.map(|shape| geojson::Geometry::new((&shape).into())),
        properties: properties.as_object().cloned(),
        ..geojson::Feature::default()
    }
}

fn place(note: &Note, snapshot: Option<&Snapshot>) -> Option<Geometry<f64>> {
    if note.place.is_some() {
        return note.place.clone();
    }
    let collection = snapshot?.collection(note.collection.as_deref()?)?;
    let row = collection.row(note.finding.id.as_deref()?)?;
    collection.geometry(row)?.to_geometry()
}
