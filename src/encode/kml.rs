//! Rows as KML 2.2 (OGC 07-147r2), CRS84.
//!
//! Cells are typed by a `Schema`. KML's `int` has 32 bits, so whole numbers are declared `double`;
//! their digits are written all the same. A null cell has no `SimpleData`, a feature without a place
//! no geometry. Control characters that XML 1.0 has no way to write are left out, and a comment at the end of the
//! file counts them. `name` is the feature's Chinese name where the collection has that column.

use std::io::{BufWriter, Write};

use geo::{Coord, Geometry, LineString, Polygon};

use super::error::EncodeError;
use super::format::Table;
use super::names;
use crate::model::{ColumnType, Feature, Value};

/// Writes one `Placemark` after the other.
pub(super) fn write(table: Table, out: &mut dyn Write) -> Result<(), EncodeError> {
    let mut out = BufWriter::new(out);
    let info = table.collection;
    let names = names::unique(table.columns, &["id"]);
    write!(
        out,
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n\
         <kml xmlns=\"http://www.opengis.net/kml/2.2\">\n<Document>\n<name>{} {}</name>\n\
         <Schema name=\"{}\" id=\"columns\">\n<SimpleField type=\"string\" name=\"id\"/>\n",
        Xml(&info.title.zh),
        Xml(&info.title.en),
        Xml(&info.id),
    )?;
    for (column, name) in table.columns.iter().zip(&names) {
        let unit = column.unit.as_ref().map(|unit| format!(" ({unit})"));
        writeln!(
            out,
            "<SimpleField type=\"{}\" name=\"{}\"><displayName>{}{}</displayName></SimpleField>",
            kind(column.kind),
            Xml(name),
            Xml(&column.title.zh),
            Xml(&unit.unwrap_or_default()),
        )?;
    }
    writeln!(out, "</Schema>")?;
    let label = table
        .columns
        .iter()
        .position(|column| column.name == "name_zh");
    let mut lost = 0;
    for feature in table.features {
        lost += placemark(&mut out, &feature?, &names, label)?;
    }
    writeln!(out, "</Document>\n</kml>")?;
    if lost > 0 {
        let characters = match lost {
            1 => "1 control character is".to_owned(),
            lost => format!("{lost} control characters are"),
        };
        writeln!(
            out,
            "<!-- {characters} left out of the texts above: XML 1.0 has no way to write them -->"
        )?;
    }
    out.flush()?;
    Ok(())
}

fn kind(kind: ColumnType) -> &'static str {
    match kind {
        // KML has no type for times, arrays or JSON: their texts are as in CSV.
        ColumnType::String
        | ColumnType::Date
        | ColumnType::Timestamp
        | ColumnType::Strings
        | ColumnType::Json => "string",
        ColumnType::Integer | ColumnType::Number => "double",
        ColumnType::Boolean => "bool",
    }
}

/// Writes a feature, and tells how many characters were left out.
fn placemark(
    out: &mut dyn Write,
    feature: &Feature,
    names: &[String],
    label: Option<usize>,
) -> std::io::Result<usize> {
    let mut lost = 0;
    let mut data = |out: &mut dyn Write, name: &str, text: &str| {
        lost += text.chars().filter(|c| forbidden(*c)).count();
        writeln!(
            out,
            "<SimpleData name=\"{}\">{}</SimpleData>",
            Xml(name),
            Xml(text)
        )
    };
    write!(out, "<Placemark>")?;
    if let Some(Value::Text(text)) = label.map(|at| &feature.values[at]) {
        write!(out, "<name>{}</name>", Xml(text))?;
    }
    writeln!(out, "<ExtendedData><SchemaData schemaUrl=\"#columns\">")?;
    data(out, "id", &feature.id.text())?;
    for (name, value) in names.iter().zip(&feature.values) {
        match value {
            Value::Null => {}
            Value::Boolean(flag) => data(out, name, if *flag { "1" } else { "0" })?,
            other => data(out, name, &other.to_string())?,
        }
    }
    writeln!(out, "</SchemaData></ExtendedData>")?;
    if let Some(geometry) = &feature.geometry {
        shape(out, geometry)?;
    }
    writeln!(out, "</Placemark>")?;
    Ok(lost)
}

fn shape(out: &mut dyn Write, geometry: &Geometry<f64>) -> std::io::Result<()> {
    match geometry {
        Geometry::Point(point) => {
            write!(out, "<Point>")?;
            coordinates(out, &[point.0])?;
            writeln!(out, "</Point>")
        }
        Geometry::Line(line) => shape(out, &LineString::from(line).into()),
        Geometry::LineString(line) => {
            write!(out, "<LineString>")?;
            coordinates(out, &line.0)?;
            writeln!(out, "</LineString>")
        }
        Geometry::Polygon(polygon) => rings(out, polygon),
        Geometry::Rect(rect) => rings(out, &rect.to_polygon()),
        Geometry::Triangle(triangle) => rings(out, &triangle.to_polygon()),
        Geometry::MultiPoint(points) => parts(out, points.iter().map(|part| (*part).into())),
        Geometry::MultiLineString(lines) => {
            parts(out, lines.iter().map(|part| part.clone().into()))
        }
        Geometry::MultiPolygon(polygons) => {
            parts(out, polygons.iter().map(|part| part.clone().into()))
        }
        Geometry::GeometryCollection(all) => parts(out, all.iter().cloned()),
    }
}

fn parts(out: &mut dyn Write, parts: impl Iterator<Item = Geometry<f64>>) -> std::io::Result<()> {
    writeln!(out, "<MultiGeometry>")?;
    for part in parts {
        shape(out, &part)?;
    }
    writeln!(out, "</MultiGeometry>")
}

fn rings(out: &mut dyn Write, polygon: &Polygon<f64>) -> std::io::Result<()> {
    let ring = |out: &mut dyn Write, side: &str, ring: &LineString<f64>| {
        write!(out, "<{side}><LinearRing>")?;
        coordinates(out, &ring.0)?;
        writeln!(out, "</LinearRing></{side}>")
    };
    writeln!(out, "<Polygon>")?;
    ring(out, "outerBoundaryIs", polygon.exterior())?;
    for hole in polygon.interiors() {
        ring(out, "innerBoundaryIs", hole)?;
    }
    writeln!(out, "</Polygon>")
}

fn coordinates(out: &mut dyn Write, line: &[Coord<f64>]) -> std::io::Result<()> {
    write!(out, "<coordinates>")?;
    for (at, position) in line.iter().enumerate() {
        let separator = if at == 0 { "" } else { " " };
        write!(out, "{separator}{},{}", position.x, position.y)?;
    }
    write!(out, "</coordinates>")
}

/// Characters that XML 1.0 has neither as such nor as a reference.
fn forbidden(character: char) -> bool {
    matches!(character, '\0'..='\u{8}' | '\u{b}' | '\u{c}' | '\u{e}'..='\u{1f}' | '\u{fffe}' | '\u{ffff}')
}

/// A text inside an element or an attribute. A carriage return is written as a reference, because a
/// reader would make a line feed of it; what XML has no way to write is left out.
struct Xml<'a>(&'a str);

impl std::fmt::Display for Xml<'_> {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        use std::fmt::Write;
        for character in self.0.chars() {
            match character {
                '&' => out.write_str("&amp;")?,
                '<' => out.write_str("&lt;")?,
                '>' => out.write_str("&gt;")?,
                '"' => out.write_str("&quot;")?,
                '\r' => out.write_str("&#13;")?,
                other if forbidden(other) => {}
                other => out.write_char(other)?,
            }
        }
        Ok(())
    }
}
