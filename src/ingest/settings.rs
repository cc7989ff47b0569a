//! `plan.toml` and `collections.toml`.

use std::collections::{BTreeMap, HashSet};

use geo::coord;
use serde::Deserialize;

use super::style::style_problems;
use crate::crs::{Crs, Reprojector};
use crate::model::{
    Agreement, Bbox, CollectionAudit, CollectionInfo, Column, ColumnType, Compute, Finding,
    GeometryKind, Plan, Style, Text, TimeColumns, View,
};

pub(super) const PLAN: &str = "seeds/plan.toml";
pub(super) const COLLECTIONS: &str = "seeds/collections.toml";

/// What every feature has, what tiles add to it, and the parameters of a query: a column of such a
/// name would hide it, or be hidden.
const NOT_COLUMNS: [&str; 33] = [
    "id",
    "geometry",
    "geom",
    "distance_m",
    "collection",
    "collections",
    "label_lon",
    "label_lat",
    "bbox",
    "bbox-crs",
    "bins",
    "bom",
    "crs",
    "cursor",
    "datetime",
    "edges",
    "f",
    "filter",
    "filter-crs",
    "filter-lang",
    "formulas",
    "group-by",
    "lang",
    "limit",
    "near",
    "near-crs",
    "near-filter",
    "offset",
    "properties",
    "q",
    "quantiles",
    "sortby",
    "within",
];

/// True of a name that no column can have.
#[must_use]
pub fn is_reserved(name: &str) -> bool {
    NOT_COLUMNS.contains(&name)
}

pub(super) fn plan(bytes: &[u8], findings: &mut Vec<Finding>) -> Option<Plan> {
    let plan: Plan = toml(PLAN, bytes, findings)?;
    let [west, south, east, north] = plan.extent;
    match Bbox::new(west, south, east, north) {
        Ok(extent) => cameras_look_at_the_plan(&plan, extent, findings),
        Err(error) => findings.push(Finding::error("setting", PLAN, format!("extent: {error}"))),
    }
    for name in &plan.crs {
        let known = name
            .parse::<Crs>()
            .and_then(|crs| Reprojector::new(Crs::Crs84, crs));
        if let Err(error) = known {
            findings.push(Finding::error("setting", PLAN, format!("crs: {error}")));
        }
    }
    let mut known = HashSet::new();
    for basemap in &plan.basemaps {
        let twice = (!known.insert(&basemap.id)).then(|| "the id is used twice".to_owned());
        if let Some(reason) = basemap.fault().or(twice) {
            let reason = format!("basemap {:?}: {reason}", basemap.id);
            findings.push(Finding::error("setting", PLAN, reason));
        }
    }
    if let Some(register) = &plan.register {
        file_name(PLAN, "register", register, findings);
    }
    Some(plan)
}

/// A map that opens elsewhere, or at no zoom, shows nothing.
fn cameras_look_at_the_plan(plan: &Plan, extent: Bbox, findings: &mut Vec<Finding>) {
    let own = plan
        .views
        .iter()
        .filter_map(|view| Some((format!("view {:?}", view.id), view.view?)));
    for (name, camera) in std::iter::once(("view".to_owned(), plan.view)).chain(own) {
        let mut wrong = |reason: String| {
            findings.push(Finding::error("setting", PLAN, format!("{name}: {reason}")));
        };
        let [x, y] = camera.center;
        if !extent.contains(coord! { x: x, y: y }) {
            wrong(format!(
                "center [{x}, {y}] is not longitude, latitude inside the plan's extent"
            ));
        }
        if !(0.0..=24.0).contains(&camera.zoom) {
            wrong(format!("zoom {} is not a number from 0 to 24", camera.zoom));
        }
    }
}

pub(super) fn collections(
    bytes: &[u8],
    findings: &mut Vec<Finding>,
) -> Option<Vec<CollectionInfo>> {
    let file: CollectionsFile = toml(COLLECTIONS, bytes, findings)?;
    let mut ids = HashSet::new();
    let mut infos = Vec::with_capacity(file.collections.len());
    for entry in file.collections {
        let mut wrong = |reason: String| {
            findings.push(Finding::error(
                "setting",
                COLLECTIONS,
                format!("collection {:?}: {reason}", entry.id),
            ));
        };
        if !ids.insert(entry.id.clone()) {
            wrong("the id is used twice".to_owned());
        }
        if entry.id.is_empty()
            || !entry
                .id
                .bytes()
                .all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_')
        {
            wrong("an id has only ASCII letters, digits, - and _".to_owned());
        }
        let mut columns = Vec::with_capacity(entry.columns.len());
        for name in &entry.columns {
            match file.columns.get(name) {
                Some(column) => columns.push(Column {
                    name: name.clone(),
                    ..column.clone()
                }),
                None => wrong(format!("column {name:?} has no [columns.{name}] table")),
            }
        }
        let time = entry.time.as_ref();
        let problems = column_problems(&columns, &entry.style);
        let problems = problems
            .into_iter()
            .chain(style_problems(&columns, &entry.style));
        for problem in problems.chain(time_problems(&columns, time)) {
            wrong(problem);
        }
        if entry.layer.is_some() && !entry.source.to_lowercase().ends_with(".gpkg") {
            wrong(format!(
                "layer: only a .gpkg has layers, and source is {:?}",
                entry.source
            ));
        }
        for problem in field_problems(&entry) {
            wrong(problem);
        }
        file_name(COLLECTIONS, "source", &entry.source, findings);
        infos.push(CollectionInfo {
            id: entry.id,
            title: entry.title,
            description: entry.description,
            geometry: entry.geometry,
            source: entry.source,
            layer: entry.layer,
            fields: entry.fields,
            register: entry.register,
            columns,
            min_zoom: entry.min_zoom,
            style: entry.style,
            time: entry.time,
            audit: entry.audit,
            numeric_ids: false,
        });
    }
    Some(infos)
}

/// Only a file that other programs write has names of its own, and each leads to one column that is there.
fn field_problems(entry: &CollectionEntry) -> Vec<String> {
    let mut problems = Vec::new();
    let source = entry.source.to_lowercase();
    if !entry.fields.is_empty() && ![".gpkg", ".fgb"].iter().any(|end| source.ends_with(end)) {
        problems.push(format!(
            "fields: only of a .gpkg or .fgb, and source is {:?}",
            entry.source
        ));
    }
    let mut named = HashSet::new();
    for (field, name) in entry.fields.iter().filter(|(_, name)| !name.is_empty()) {
        if name != "id" && !entry.columns.contains(name) {
            problems.push(format!(
                "fields: {field:?} is to be {name:?}, which is none of its columns"
            ));
        }
        if !named.insert(name) {
            problems.push(format!("fields: two are to be {name:?}"));
        }
    }
    problems
}

/// Collections that take rows from the register need one.
pub(super) fn register_is_named(
    plan: &Plan,
    infos: &[CollectionInfo],
    findings: &mut Vec<Finding>,
) {
    for info in infos.iter().filter(|info| info.register) {
        if plan.register.is_none() {
            let reason = format!(
                "collection {:?}: register is true, but {PLAN} names no register",
                info.id
            );
            findings.push(Finding::error("setting", COLLECTIONS, reason));
        }
    }
}

/// Every layer of a view must be a collection.
pub(super) fn views_name_collections(
    plan: &Plan,
    infos: &[CollectionInfo],
    findings: &mut Vec<Finding>,
) {
    for view in &plan.views {
        for layer in &view.layers {
            if !infos.iter().any(|info| &info.id == layer) {
                let reason = format!("view {:?}: layer {layer:?} is not a collection", view.id);
                findings.push(Finding::error("setting", PLAN, reason));
            }
        }
        if let Err(reason) = opens_with_what_is_there(view, infos) {
            let reason = format!("view {:?}: opens: {reason}", view.id);
            findings.push(Finding::error("setting", PLAN, reason));
        }
    }
}

/// A filter by a column that is not there would be set aside by the page, and say so to every visitor.
fn opens_with_what_is_there(view: &View, infos: &[CollectionInfo]) -> Result<(), String> {
    let opens = &view.opens;
    if opens.collection.is_none() && opens.filter.is_none() && opens.sort.is_none() {
        return Ok(());
    }
    let find = |id: &String| infos.iter().find(|info| &info.id == id);
    let first = || {
        view.layers
            .iter()
            .filter_map(find)
            .find(|info| info.register)
    };
    let info = match &opens.collection {
        Some(id) => find(id).ok_or_else(|| format!("{id:?} is not a collection"))?,
        None => first().ok_or("it names no collection, and none of its layers has projects")?,
    };
    let has = |part: &str, name: &str| match info.column_index(name) {
        Some(_) => Ok(()),
        None => Err(format!("{part}: {:?} has no column {name:?}", info.id)),
    };
    for clause in opens.filter.iter().flat_map(|text| text.split(';')) {
        let (name, terms) = clause.split_once(':').unwrap_or((clause, ""));
        if terms.is_empty() {
            return Err(format!("filter: expected column:value, found {clause:?}"));
        }
        has("filter", name)?;
    }
    for key in opens.sort.iter().flat_map(|text| text.split(',')) {
        has("sort", key.strip_prefix('-').unwrap_or(key))?;
    }
    Ok(())
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct CollectionsFile {
    #[serde(default)]
    columns: std::collections::BTreeMap<String, Column>,
    // A plan that was just begun has none.
    #[serde(default)]
    collections: Vec<CollectionEntry>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct CollectionEntry {
    id: String,
    title: Text,
    description: Text,
    geometry: GeometryKind,
    source: String,
    #[serde(default)]
    layer: Option<String>,
    #[serde(default)]
    fields: BTreeMap<String, String>,
    #[serde(default)]
    register: bool,
    columns: Vec<String>,
    #[serde(default)]
    min_zoom: u8,
    style: Style,
    #[serde(default)]
    time: Option<TimeColumns>,
    #[serde(default)]
    audit: CollectionAudit,
}

/// Columns may only name columns of their own collection, and only of a fitting type.
fn column_problems(columns: &[Column], style: &Style) -> Vec<String> {
    let find = |name: &str| columns.iter().find(|column| column.name == name);
    let numeric = |name: &str| {
        find(name).is_some_and(|c| matches!(c.kind, ColumnType::Number | ColumnType::Integer))
    };
    let mut problems = Vec::new();
    let mut names = HashSet::new();
    for column in columns {
        let name = &column.name;
        if !names.insert(name) {
            problems.push(format!("column {name:?} is listed twice"));
        }
        if is_reserved(name) {
            problems.push(format!(
                "{name:?} cannot be a column: the server uses the name itself"
            ));
        }
        if column.indexed && !column.kind.is_ordered() {
            problems.push(format!(
                "column {name:?}: {} has no order, so it cannot be indexed",
                column.kind
            ));
        }
        if !column.values.is_empty()
            && !matches!(column.kind, ColumnType::String | ColumnType::Strings)
        {
            problems.push(format!("column {name:?}: only texts have codes"));
        }
        match &column.compute {
            Some(Compute::Ratio {
                numerators,
                denominator,
            }) => {
                for other in numerators.iter().chain([denominator]) {
                    if !numeric(other) {
                        problems.push(format!(
                            "column {name:?}: {other:?} is not a number column of this collection"
                        ));
                    }
                }
            }
            Some(Compute::RatioNumeratorOf(other)) => {
                let ratio = find(other).and_then(|column| column.compute.as_ref());
                if !matches!(ratio, Some(Compute::Ratio { .. })) {
                    problems.push(format!(
                        "column {name:?}: {other:?} is not a ratio of this collection"
                    ));
                }
            }
            Some(Compute::PlanarArea(crs)) => {
                if let Err(error) = crs.parse::<Crs>() {
                    problems.push(format!("column {name:?}: {error}"));
                }
            }
            Some(Compute::GeodesicArea | Compute::GeodesicLength) | None => {}
        }
        let computes_text = matches!(column.compute, Some(Compute::RatioNumeratorOf(_)));
        let fits = match (&column.compute, column.kind) {
            (None, _) => true,
            (Some(_), ColumnType::String) => computes_text,
            (Some(_), ColumnType::Number) => !computes_text,
            (Some(_), _) => false,
        };
        if !fits {
            problems.push(format!(
                "column {name:?}: its type does not fit what it computes"
            ));
        }
        if let Some(Agreement {
            column: other,
            tolerance,
        }) = &column.agrees_with
        {
            if !numeric(other) || !numeric(name) {
                problems.push(format!("column {name:?}: can only agree with a number column of this collection, not {other:?}"));
            }
            if !(tolerance.is_finite() && *tolerance >= 0.0) {
                problems.push(format!(
                    "column {name:?}: tolerance {tolerance} is not a number from 0"
                ));
            }
        }
    }
    if let Some(name) = &style.class_column
        && find(name)
            .is_none_or(|column| column.values.is_empty() || column.kind != ColumnType::String)
    {
        problems.push(format!(
            "style.class_column {name:?} is not an enumerated column of this collection"
        ));
    }
    problems
}

/// A time is from a date to a date, or from a timestamp to a timestamp.
fn time_problems(columns: &[Column], time: Option<&TimeColumns>) -> Vec<String> {
    let Some(time) = time else {
        return Vec::new();
    };
    let kind = |name: &str| columns.iter().find(|c| c.name == name).map(|c| c.kind);
    let ends = [("start", Some(&time.start)), ("end", time.end.as_ref())];
    let mut problems = Vec::new();
    for (key, name) in ends {
        let Some(name) = name else { continue };
        if !matches!(kind(name), Some(ColumnType::Date | ColumnType::Timestamp)) {
            problems.push(format!(
                "time.{key}: {name:?} is not a date or timestamp column of this collection"
            ));
        }
    }
    if let (true, Some(end)) = (problems.is_empty(), &time.end) {
        if *end == time.start {
            problems.push(format!(
                "time: {end:?} is both start and end; name it as start only"
            ));
        } else if kind(end) != kind(&time.start) {
            problems.push("time: start and end must both be dates or both timestamps".to_owned());
        }
    }
    problems
}

/// Files of a plan lie in its folder: no path, so that a plan cannot read elsewhere.
fn file_name(file: &str, key: &str, name: &str, findings: &mut Vec<Finding>) {
    if name.is_empty() || name.starts_with('.') || name.contains(['/', '\\', '\0']) {
        let reason = format!("{key}: expected the name of a file in the folder, found {name:?}");
        findings.push(Finding::error("setting", file, reason));
    }
}

fn toml<T: serde::de::DeserializeOwned>(
    file: &str,
    bytes: &[u8],
    findings: &mut Vec<Finding>,
) -> Option<T> {
    let text = match std::str::from_utf8(bytes) {
        Ok(text) => text,
        Err(error) => {
            let line = line_of(bytes, error.valid_up_to());
            findings.push(Finding::error("syntax", file, "is not UTF-8").at_line(line));
            return None;
        }
    };
    toml::from_str(text)
        .map_err(|error| {
            let finding = Finding::error("syntax", file, error.message());
            let line = error.span().map(|span| line_of(bytes, span.start));
            findings.push(match line {
                Some(line) => finding.at_line(line),
                None => finding,
            });
        })
        .ok()
}

fn line_of(bytes: &[u8], offset: usize) -> usize {
    1 + bytes
        .iter()
        .take(offset)
        .filter(|byte| **byte == b'\n')
        .count()
}
