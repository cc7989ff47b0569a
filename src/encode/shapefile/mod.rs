//! Rows as ESRI shapefiles in one zip: `.shp`, `.shx`, `.dbf`, `.prj` and `.cpg`, a set of them for
//! each kind of shape that occurs, and `columns.csv`.
//!
//! The format is old and narrow, and `columns.csv` says what that did: the name of ten bytes that
//! stands for a column, and in how many cells the text is cut. `texts.csv`, which is there only
//! then, has those texts in full, by feature and column. A column with a whole number of more than 18 digits is one of
//! texts, for readers round such numbers; `columns.csv` says that too. Arrays and JSON are JSON texts; a time is a
//! text in UTC, because a date field has days only. A feature without a place is a null shape;
//! where a collection has shapes of any kind it is in a `.dbf` of its own.

mod dbf;
mod shp;

use std::borrow::Cow;
use std::fs::File;
use std::io::{BufWriter, Write};

use zip::write::SimpleFileOptions;
use zip::{ZipWriter, write::StreamWriter};

use self::dbf::{Field, LONGEST_TEXT, Records};
use self::shp::{Shape, Shapes};
use super::error::EncodeError;
use super::format::{Format, Table};
use super::names;
use crate::model::{Column, Feature, GeometryKind, Value};

/// One set of files.
struct Set {
    /// `None`: a table only.
    kind: Option<Shape>,
    shapes: Option<Shapes>,
    records: Records,
}

impl Set {
    fn new(kind: Option<Shape>) -> std::io::Result<Self> {
        Ok(Self {
            kind,
            shapes: kind.map(Shapes::new).transpose()?,
            records: Records::new()?,
        })
    }

    fn suffix(&self) -> &'static str {
        match self.kind {
            None => "_without_place",
            Some(Shape::Point) => "_points",
            Some(Shape::MultiPoint) => "_multipoints",
            Some(Shape::Line) => "_lines",
            Some(Shape::Polygon) => "_polygons",
        }
    }
}

/// Texts that a field cannot hold, as CSV in a temporary file.
type Texts = csv::Writer<BufWriter<File>>;

/// Fills the sets, then writes the zip.
pub(super) fn write(table: Table, out: &mut (dyn Write + Send)) -> Result<(), EncodeError> {
    let info = table.collection;
    let without_place = match info.geometry {
        GeometryKind::Point => Some(Shape::Point),
        GeometryKind::Line => Some(Shape::Line),
        GeometryKind::Polygon => Some(Shape::Polygon),
        GeometryKind::Any => None,
    };
    let mut fields = Field::all(table.columns);
    let mut texts = csv::Writer::from_writer(BufWriter::new(tempfile::tempfile()?));
    record(&mut texts, ["id", "column", "text"])?;
    let mut sets: Vec<Set> = Vec::new();
    for feature in table.features {
        let feature = feature?;
        let kind = match &feature.geometry {
            None => without_place,
            Some(geometry) => Some(Shape::of(geometry).ok_or_else(|| {
                let reason = "it is a collection of geometries";
                Format::Shapefile.value(&feature, "geometry", reason)
            })?),
        };
        let cells = cells(&feature, table.columns, &mut fields, &mut texts)?;
        let set = set(&mut sets, kind)?;
        set.records.add(&cells)?;
        if let Some(shapes) = &mut set.shapes
            && !shapes.add(feature.geometry.as_ref())?
        {
            return Err(Format::Shapefile.size(info, "a .shp has at most 4 GiB"));
        }
    }
    if sets.is_empty() {
        set(&mut sets, without_place)?;
    }
    let cut = fields.iter().any(|field| field.cut > 0);
    let mut zip = Zip(ZipWriter::new_stream(out));
    let definition = table.crs.definition()?;
    let several = sets.len() > 1;
    for set in sets {
        let suffix = if several { set.suffix() } else { "" };
        let name = |extension: &str| format!("{}{suffix}.{extension}", info.id);
        if let Some(shapes) = set.shapes {
            let [mut shp, mut shx] = shapes.finish()?;
            std::io::copy(&mut shp, zip.file(&name("shp"))?)?;
            std::io::copy(&mut shx, zip.file(&name("shx"))?)?;
            if let Some(definition) = &definition {
                zip.file(&name("prj"))?
                    .write_all(definition.esri_wkt.as_bytes())?;
            }
        }
        let mut dbf = BufWriter::new(zip.file(&name("dbf"))?);
        set.records.write(&fields, &mut dbf)?;
        dbf.flush()?;
        drop(dbf);
        zip.file(&name("cpg"))?.write_all(b"UTF-8")?;
    }
    if definition.is_none() {
        let about = format!("{}: unofficial, hence no .prj\n", table.crs.uri());
        zip.file("crs.txt")?.write_all(about.as_bytes())?;
    }
    explain(zip.file("columns.csv")?, table.columns, &fields)?;
    if cut {
        let texts = texts
            .into_inner()
            .map_err(csv::IntoInnerError::into_error)?;
        let mut texts = shp::rewound(texts)?;
        std::io::copy(&mut texts, zip.file("texts.csv")?)?;
    }
    zip.0.finish().map_err(failed)?;
    Ok(())
}

fn failed(error: zip::result::ZipError) -> EncodeError {
    match error {
        zip::result::ZipError::Io(error) => EncodeError::Io(error),
        other => Format::Shapefile.failed(other),
    }
}

/// An archive whose bytes leave as they come.
struct Zip<'a>(ZipWriter<StreamWriter<&'a mut (dyn Write + Send)>>);

impl Zip<'_> {
    /// Begins a file; what is written goes into it.
    fn file(&mut self, name: &str) -> Result<&mut dyn Write, EncodeError> {
        // No time of its own, so that the bytes of a version are always the same.
        let options = SimpleFileOptions::default()
            .large_file(true)
            .last_modified_time(zip::DateTime::default());
        self.0.start_file(name, options).map_err(failed)?;
        Ok(&mut self.0)
    }
}

fn set(sets: &mut Vec<Set>, kind: Option<Shape>) -> Result<&mut Set, EncodeError> {
    let known = sets.iter().position(|set| set.kind == kind);
    let at = known.unwrap_or(sets.len());
    if known.is_none() {
        sets.push(Set::new(kind)?);
    }
    Ok(&mut sets[at])
}

fn cells(
    feature: &Feature,
    columns: &[Column],
    fields: &mut [Field],
    texts: &mut Texts,
) -> Result<Vec<String>, EncodeError> {
    let id = Value::Text(feature.id.to_string());
    let values = std::iter::once(&id).chain(&feature.values);
    let names = std::iter::once("id").chain(columns.iter().map(|column| column.name.as_str()));
    let mut cells = Vec::with_capacity(fields.len());
    for ((value, name), field) in values.zip(names).zip(fields) {
        let mut value = value;
        let short;
        let text = match value {
            Value::Text(text) => Some(Cow::Borrowed(text)),
            Value::Strings(_) | Value::Json(_) => Some(Cow::Owned(value.to_string())),
            _ => None,
        };
        if let Some(text) = text
            && !dbf::holds(&text)
        {
            record(texts, [feature.id.text().as_ref(), name, &text])?;
            field.cut += 1;
            let clean = text.trim().replace('\0', " ");
            let kept = if clean.len() > LONGEST_TEXT {
                let ellipsis = '…';
                let room = LONGEST_TEXT - ellipsis.len_utf8();
                format!("{}{ellipsis}", names::beginning(&clean, room))
            } else {
                clean
            };
            short = Value::Text(kept);
            value = &short;
        }
        let cell = field.cell(value);
        cells.push(cell.map_err(|reason| Format::Shapefile.value(feature, name, reason))?);
    }
    Ok(cells)
}

fn explain(out: &mut dyn Write, columns: &[Column], fields: &[Field]) -> Result<(), EncodeError> {
    let mut table = csv::Writer::from_writer(out);
    record(
        &mut table,
        [
            "field",
            "column",
            "title_zh",
            "title_en",
            "type",
            "unit",
            "role",
            "texts_cut",
        ],
    )?;
    let id = &fields[0];
    let cut = id.cut.to_string();
    record(&mut table, [&id.name, "id", "", "", "a text", "", "", &cut])?;
    for (column, field) in columns.iter().zip(&fields[1..]) {
        let unit = column.unit.as_deref().unwrap_or_default();
        record(
            &mut table,
            [
                &field.name,
                &column.name,
                &column.title.zh,
                &column.title.en,
                &field.kind_as_written(),
                unit,
                names::role(column.role),
                &field.cut.to_string(),
            ],
        )?;
    }
    table.flush()?;
    Ok(())
}

fn record<'a, W: Write>(
    out: &mut csv::Writer<W>,
    cells: impl IntoIterator<Item = &'a str>,
) -> Result<(), EncodeError> {
    out.write_record(cells)
        .map_err(|error| match error.into_kind() {
            csv::ErrorKind::Io(error) => EncodeError::Io(error),
            other => Format::Shapefile.failed(format!("{other:?}")),
        })
}
