//! What a collection's features look like (OGC 23-058r2), and what they can be asked by, as JSON
//! Schema 2020-12.

use serde_json::{Map, Value as Json, json};

use crate::model::{CollectionInfo, Column, ColumnType, GeometryKind, Role, Text};

const DIALECT: &str = "https://json-schema.org/draft/2020-12/schema";

/// The schema of the features of a collection; `address` is its own.
#[must_use]
pub fn schema(info: &CollectionInfo, address: &str) -> Json {
    let mut properties = Map::new();
    properties.insert("id".to_owned(), id());
    properties.insert("geometry".to_owned(), geometry(info.geometry));
    properties.extend(info.columns.iter().map(named));
    document(info, address, ("结构", "schema"), &properties)
}

/// What features can be queried by: every column, the place and the id.
#[must_use]
pub fn queryables(info: &CollectionInfo, address: &str) -> Json {
    let mut properties = Map::new();
    properties.insert("id".to_owned(), id());
    properties.insert("geometry".to_owned(), geometry(info.geometry));
    properties.extend(info.columns.iter().map(named));
    let mut out = document(info, address, ("可查询的字段", "queryables"), &properties);
    out["additionalProperties"] = false.into();
    out
}

/// What features can be sorted by: every column and the id.
#[must_use]
pub fn sortables(info: &CollectionInfo, address: &str) -> Json {
    let mut properties = Map::new();
    properties.insert("id".to_owned(), id());
    properties.extend(info.columns.iter().map(named));
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

/// Queryables and sortables are schemas as well, and each schema names its id by its role.
fn id() -> Json {
    let mut out = titled("string", ("编号", "Id"));
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
        ColumnType::String => "string",
        ColumnType::Integer => "integer",
        ColumnType::Number => "number",
        ColumnType::Boolean => "boolean",
    };
    let mut out = titled(kind, (&column.title.zh, &column.title.en));
    out["x-buju-role"] = json!(column.role);
    if let Some(unit) = &column.unit {
        match ucum(unit) {
            Some(code) => out["x-ogc-unit"] = code.into(),
            None => out["x-unit"] = unit.as_str().into(),
        }
    }
    if !column.values.is_empty() {
        out["enum"] = column
            .values
            .iter()
            .map(|value| value.code.as_str())
            .collect();
        out["oneOf"] = column
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
