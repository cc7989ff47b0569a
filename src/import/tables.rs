//! A proposed collection as tables of `collections.toml`.

use std::fmt::Write;

use super::proposal::Proposal;
use crate::model::{CodedValue, Column, ColumnType, Compute, GeometryKind, Text};

impl Proposal {
    /// The tables, to be put at the end of `collections.toml`.
    #[must_use]
    pub fn toml(&self) -> String {
        let info = &self.info;
        let mut out = String::new();
        let _ = writeln!(out, "[[collections]]\nid = {}", quoted(&info.id));
        let _ = writeln!(out, "title = {}", pair(&info.title));
        let _ = writeln!(out, "description = {}", pair(&info.description));
        let geometry = match info.geometry {
            GeometryKind::Point => "point",
            GeometryKind::Line => "line",
            GeometryKind::Polygon => "polygon",
            GeometryKind::Any => "any",
        };
        let _ = writeln!(
            out,
            "geometry = \"{geometry}\"\nsource = {}",
            quoted(&info.source)
        );
        if let Some(layer) = &info.layer {
            let _ = writeln!(out, "layer = {}", quoted(layer));
        }
        if !info.fields.is_empty() {
            let pairs = info.fields.iter();
            let pairs: Vec<_> = pairs
                .map(|(field, name)| format!("{} = {}", key(field), quoted(name)))
                .collect();
            let _ = writeln!(out, "fields = {{ {} }}", pairs.join(", "));
        }
        if let Some(time) = &info.time {
            let end = time.end.as_ref();
            let end = end.map_or(String::new(), |end| format!(", end = {}", quoted(end)));
            let _ = writeln!(out, "time = {{ start = {}{end} }}", quoted(&time.start));
        }
        let class = info.style.class_column.as_ref();
        let class = class.map_or(String::new(), |name| {
            format!(", class_column = {}", quoted(name))
        });
        let width = info
            .style
            .width
            .map_or(String::new(), |width| format!(", width = {width:?}"));
        let _ = writeln!(
            out,
            "style = {{ color = {}{width}{class} }}",
            quoted(&info.style.color)
        );
        if info.geometry == GeometryKind::Polygon {
            out.push_str("# audit = { no_overlap = true, no_gaps = true }   # for buju check, if its polygons must lie apart\n");
        }
        out.push_str("columns = [\n");
        for column in &info.columns {
            let _ = writeln!(out, "  {},", quoted(&column.name));
        }
        out.push_str("]\n");
        for (at, remark) in &self.fresh {
            let _ = write!(out, "\n# {remark}\n{}", table(&info.columns[*at]));
        }
        out
    }
}

fn table(column: &Column) -> String {
    let mut out = String::new();
    let kind = match column.kind {
        ColumnType::String => "string",
        ColumnType::Integer => "integer",
        ColumnType::Number => "number",
        ColumnType::Boolean => "boolean",
        ColumnType::Date => "date",
        ColumnType::Timestamp => "timestamp",
        ColumnType::Strings => "strings",
        ColumnType::Json => "json",
    };
    let role = if column.compute.is_some() {
        "measured"
    } else {
        "stated"
    };
    let _ = writeln!(
        out,
        "[columns.{}]\ntitle = {}",
        key(&column.name),
        pair(&column.title)
    );
    let _ = writeln!(out, "type = \"{kind}\"\nrole = \"{role}\"");
    if let Some(unit) = &column.unit {
        let _ = writeln!(out, "unit = {}", quoted(unit));
    }
    for (name, flag) in [("indexed", column.indexed), ("tile", column.tile)] {
        if flag {
            let _ = writeln!(out, "{name} = true");
        }
    }
    match &column.compute {
        Some(Compute::GeodesicArea) => out.push_str("compute = \"geodesic_area\"\n"),
        Some(Compute::GeodesicLength) => out.push_str("compute = \"geodesic_length\"\n"),
        _ => {}
    }
    if !column.values.is_empty() {
        out.push_str("values = [\n");
        for CodedValue {
            code,
            zh,
            en,
            color,
        } in &column.values
        {
            let color = color.as_ref().map_or(String::new(), |color| {
                format!(", color = {}", quoted(color))
            });
            let _ = writeln!(
                out,
                "  {{ code = {}, zh = {}, en = {}{color} }},",
                quoted(code),
                quoted(zh),
                quoted(en)
            );
        }
        out.push_str("]\n");
    }
    out
}

/// A text in TOML.
pub fn quoted(text: &str) -> String {
    toml::Value::String(text.to_owned()).to_string()
}

fn key(name: &str) -> String {
    let bare = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '-';
    if name.chars().all(bare) {
        name.to_owned()
    } else {
        quoted(name)
    }
}

/// A text in two languages in TOML.
pub fn pair(text: &Text) -> String {
    format!("{{ zh = {}, en = {} }}", quoted(&text.zh), quoted(&text.en))
}
