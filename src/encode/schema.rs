//! What a collection's features look like (OGC 23-058r2), and what they can be asked by, as JSON
//! Schema 2020-12.

use serde_json::{Map, Value as Json, json};

use crate::model::{CollectionInfo, Column, ColumnType, GeometryKind, Role, Text, TimeColumns};

const DIALECT: &str = "https://json-schema.org/draft/2020-12/schema";

/// The schema of the features of a collection; `address` is its own.
#[must_use]
pub fn schema(info: &CollectionInfo, address: &str) -> Json {
    let mut properties = Map::new();
    properties.insert("id".to_owned(), id(info));
    properties.insert("geometry".to_owned(), geometry(info.geometry));
    properties.extend(info.columns.iter().map(named));
    for (name, role) in time_roles(info) {
        properties[name]["x-ogc-role"] = role.into();
    }
    document(info, address, ("结构", "schema"), &properties)
}

/// What features can be queried by: every column that does not hold JSON, the place and the id.
#[must_use]
pub fn queryables(info: &CollectionInfo, address: &str) -> Json {
    let mut properties = Map::new();
    properties.insert("id".to_owned(), id(info));
    properties.insert("geometry".to_owned(), geometry(info.geometry));
    let queryable = |column: &&Column| column.kind != ColumnType::Json;
    properties.extend(info.columns.iter().filter(queryable).map(named));
    let mut out = document(info, address, ("可查询的字段", "queryables"), &properties);
    out["additionalProperties"] = false.into();
    out
}

/// What features can be sorted by: every column with an order, and the id.
#[must_use]
pub fn sortables(info: &CollectionInfo, address: &str) -> Json {
    let mut properties = Map::new();
    properties.insert("id".to_owned(), id(info));
    let sortable = |column: &&Column| column.kind.is_ordered();
    properties.extend(info.columns.iter().filter(sortable).map(named));
    let mut out = document(info, address, ("可排序的字段", "sortables"), &properties);
    out["additionalProperties"] = false.into();
    out
}

fn document(
    info: &CollectionInfo,
    address: &str,
    what: (&str, &str),
    properties: &Map<String, Json>,
) -> Json {
    let titles = Text {
        zh: format!("{}：{}", info.title.zh, what.0),
        en: format!("{}: {}", info.title.en, what.1),
    };
    json!({
        "$schema": DIALECT,
        "$id": address,
        "type": "object",
        "title": titles.en,
        "x-titles": titles,
        "description": info.description.en,
        "properties": properties,
    })
}

/// OGC 23-058r2, advanced property roles: those of the columns that make up the time.
fn time_roles(info: &CollectionInfo) -> Vec<(&str, &'static str)> {
    match &info.time {
        None => Vec::new(),
        Some(TimeColumns { start, end: None }) => vec![(start, "primary-instant")],
        Some(TimeColumns {
            start,
            end: Some(end),
        }) => vec![
            (start, "primary-interval-start"),
            (end, "primary-interval-end"),
        ],
    }
}

/// Queryables and sortables are schemas as well, and each schema names its id by its role.
fn id(info: &CollectionInfo) -> Json {
    let kind = if info.numeric_ids {
        "integer"
    } else {
        "string"
    };
    let mut out = titled(kind, ("编号", "Id"));
    out["x-ogc-role"] = "id".into();
    out
}

/// Each kind includes its multi-part form.
fn geometry(kind: GeometryKind) -> Json {
    let mut out = json!({ "title": "Geometry", "x-titles": { "zh": "图形", "en": "Geometry" } });
    out["format"] = match kind {
        GeometryKind::Point => "geometry-point-or-multipoint",
        GeometryKind::Line => "geometry-linestring-or-multilinestring",
        GeometryKind::Polygon => "geometry-polygon-or-multipolygon",
        GeometryKind::Any => "geometry-any",
    }
    .into();
    out["x-ogc-role"] = "primary-geometry".into();
    out
}

fn titled(kind: &str, (zh, en): (&str, &str)) -> Json {
    json!({ "type": kind, "title": en, "x-titles": { "zh": zh, "en": en } })
}

fn named(column: &Column) -> (String, Json) {
    (column.name.clone(), property(column))
}

/// One column. A null is not a value of a property but its absence, so no type names it.
pub(super) fn property(column: &Column) -> Json {
    let kind = match column.kind {
        ColumnType::String | ColumnType::Date | ColumnType::Timestamp => "string",
        ColumnType::Integer => "integer",
        ColumnType::Number => "number",
        ColumnType::Boolean => "boolean",
        ColumnType::Strings => "array",
        ColumnType::Json => "object",
    };
    let mut out = titled(kind, (&column.title.zh, &column.title.en));
    match column.kind {
        ColumnType::Date => out["format"] = "date".into(),
        ColumnType::Timestamp => out["format"] = "date-time".into(),
        ColumnType::Strings => out["items"] = json!({ "type": "string" }),
        ColumnType::Json => out["type"] = json!(["object", "array", "string", "number", "boolean"]),
        _ => {}
    }
    out["x-buju-role"] = json!(column.role);
    if let Some(unit) = &column.unit {
        match ucum(unit) {
            Some(code) => out["x-ogc-unit"] = code.into(),
            None => out["x-unit"] = unit.as_str().into(),
        }
    }
    if !column.values.is_empty() {
        let of = match column.kind {
            ColumnType::Strings => &mut out["items"],
            _ => &mut out,
        };
        of["enum"] = column
            .values
            .iter()
            .map(|value| value.code.as_str())
            .collect();
        of["oneOf"] = column
            .values
            .iter()
            .map(|value| json!({ "const": value.code, "title": value.en, "x-titles": { "zh": value.zh, "en": value.en } }))
            .collect();
    }
    if column.compute.is_some() || matches!(column.role, Role::Derived | Role::Measured) {
        out["readOnly"] = true.into();
    }
    out
}

/// The code of a unit in UCUM, the language of `x-ogc-unit`; money has none there.
fn ucum(unit: &str) -> Option<&str> {
    let known = [
        ("m²", "m2"),
        ("m³", "m3"),
        ("m", "m"),
        ("km", "km"),
        ("km²", "km2"),
        ("ha", "har"),
        ("%", "%"),
        ("°", "deg"),
    ];
    known
        .iter()
        .find(|(shown, _)| *shown == unit)
        .map(|(_, code)| *code)
}
