//! Parts of nested cells as columns of their own: `core_details.direction` of a column `core_details` of JSON.

use serde_json::Value as Json;

use super::{Kind, Layer, Record, SourceColumn, scalar};
use crate::model::Value;

/// A part of a column's cells.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Part {
    /// The column's position.
    column: usize,
    /// Where in its cells: names of members and positions in lists, with dots between them.
    path: String,
}

/// Adds the parts that are named to a layer's columns: those whose name begins with that of a column and a dot. Others
/// are left to whoever looks for the column.
pub(super) fn add(layer: &mut Layer, names: &[String]) -> Vec<Part> {
    let mut parts = Vec::new();
    let own = layer.columns.len();
    for name in names {
        if layer.columns.iter().any(|column| column.name == *name) {
            continue;
        }
        let inside = |(at, column): (usize, &SourceColumn)| {
            let path = name.strip_prefix(&column.name)?.strip_prefix('.')?;
            Some((column.name.len(), at, path))
        };
        let candidates = layer.columns[..own].iter().enumerate().filter_map(inside);
        // Of columns "a" and "a.b" the longer name is meant.
        let Some((_, column, path)) = candidates.max_by_key(|(length, ..)| *length) else {
            continue;
        };
        parts.push(Part {
            column,
            path: path.to_owned(),
        });
        layer.columns.push(SourceColumn {
            name: name.clone(),
            kind: Kind::Untyped,
        });
    }
    parts
}

/// Appends the values of the parts to a record's.
pub(super) fn fill(record: &mut Record, parts: &[Part]) {
    for part in parts {
        let value = match record.values.get(part.column) {
            Some(Value::Json(text) | Value::Text(text)) => {
                let json = serde_json::from_str::<Json>(text).unwrap_or_default();
                within(&json, &part.path).map_or(Value::Null, of)
            }
            Some(Value::Strings(texts)) => {
                let at = part.path.parse::<usize>().ok();
                let text = at.and_then(|at| texts.get(at));
                text.map_or(Value::Null, |text| of(&text.as_str().into()))
            }
            _ => Value::Null,
        };
        record.values.push(value);
    }
}

/// A member's name may have dots of its own, so that each way to read the path is tried.
fn within<'a>(json: &'a Json, path: &str) -> Option<&'a Json> {
    let one = |name: &str| match json {
        Json::Object(members) => members.get(name),
        Json::Array(parts) => parts.get(name.parse::<usize>().ok()?),
        _ => None,
    };
    let mut dots = path.match_indices('.');
    one(path).or_else(|| dots.find_map(|(at, _)| within(one(&path[..at])?, &path[at + 1..])))
}

fn of(json: &Json) -> Value {
    match json {
        Json::Bool(flag) => Value::Boolean(*flag),
        Json::String(text) if text.is_empty() => Value::Null,
        Json::String(text) => Value::Text(text.clone()),
        Json::Number(number) => match (number.as_i64(), number.as_f64()) {
            (Some(whole), _) => Value::Integer(whole),
            (None, Some(float)) if number.is_f64() => Value::Number(float),
            // Of more than 64 bits: its digits stay.
            _ => Value::Text(number.to_string()),
        },
        json => scalar::of_json(json.clone()),
    }
}

/// The names of the members of a cell, where it is an object.
pub(crate) fn members(value: &Value) -> Vec<String> {
    match value {
        Value::Json(text) if text.starts_with('{') => match serde_json::from_str(text) {
            Ok(Json::Object(members)) => members.into_iter().map(|(name, _)| name).collect(),
            _ => Vec::new(),
        },
        _ => Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::SourceCrs;

    #[test]
    fn parts_of_objects_are_columns() {
        let column = |name: &str| SourceColumn {
            name: name.to_owned(),
            kind: Kind::Untyped,
        };
        let mut layer = Layer {
            name: "a".to_owned(),
            columns: vec![column("core"), column("core.x"), column("plain")],
            crs: SourceCrs::Untold,
            records: None,
            notes: Vec::new(),
        };
        let names = [
            "core.a",
            "core.b.c",
            "core.list.1",
            "core.x.y",
            "plain",
            "gone.a",
            "core.d.e",
        ];
        let parts = add(&mut layer, &names.map(str::to_owned));
        let added: Vec<_> = layer.columns[3..].iter().map(|c| c.name.as_str()).collect();
        assert_eq!(
            added,
            ["core.a", "core.b.c", "core.list.1", "core.x.y", "core.d.e"]
        );
        let json = |text: &str| Value::Json(text.to_owned());
        let mut record = Record {
            number: 1,
            id: None,
            values: vec![
                json(r#"{"a":1,"b":{"c":"x"},"list":["p","q"],"d.e":true}"#),
                json(r#"{"y":["s"]}"#),
                Value::Null,
            ],
            geometry: None,
            flattened: false,
        };
        fill(&mut record, &parts);
        let text = |text: &str| Value::Text(text.to_owned());
        let expected = [
            Value::Integer(1),
            text("x"),
            text("q"),
            Value::Strings(vec!["s".to_owned()]),
            Value::Boolean(true),
        ];
        assert_eq!(record.values[3..], expected);
        record.values = vec![Value::Integer(7), Value::Null, Value::Null];
        fill(&mut record, &parts);
        assert!(record.values[3..].iter().all(Value::is_null));
    }
}
