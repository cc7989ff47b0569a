//! ESRI Shapefile: shapes in a `.shp`, their columns in a `.dbf` beside it, an index, a CRS and an
//! encoding in three more files.
//!
//! Its parts come from a folder or from a zip archive ([`super::zip`]). The `.dbf` must be there: without
//! it the attributes would vanish. Row and shape of the same place are one record; a row that is marked as
//! deleted takes its shape with it. The order in which the rings of a polygon stand and go is mended
//! ([`rings`]); nothing else is.

mod cells;
mod dbf;
mod fields;
mod rings;
mod shape;
mod shp;

use std::fs;
use std::path::{Path, PathBuf};

use encoding_rs::{GB18030, UTF_8};

use self::dbf::Table;
use self::shp::Shapes;
use super::held::Held;
use super::{Bad, Each, Far, Layer, Options, Record, SourceCrs, SourceError};

/// Definitions of a CRS have some hundred bytes.
const LONGEST_PRJ: u64 = 1 << 16;
/// Names of encodings have some ten.
const LONGEST_CPG: u64 = 256;
/// Records between two words on how far it is.
const BETWEEN: u64 = 256;

/// The files of one layer.
#[derive(Debug)]
pub(super) struct Parts {
    /// Of the layer.
    pub name: String,
    pub shp: Held,
    pub shx: Option<Held>,
    pub dbf: Option<Held>,
    pub prj: Option<Held>,
    pub cpg: Option<Held>,
}

/// A shapefile that is open.
#[derive(Debug)]
pub(super) struct Shapefile {
    shapes: Shapes,
    table: Table,
}

/// Opens a `.shp` with what stands beside it.
pub(super) fn open(path: &Path, options: &Options) -> Result<(Layer, Shapefile), SourceError> {
    let name = path.file_stem().unwrap_or_default().to_string_lossy();
    if let Some(asked) = options.layer.as_deref().filter(|asked| *asked != name) {
        return Err(SourceError::Layer {
            file: path.display().to_string(),
            reason: format!("it has no layer {asked:?}"),
            layers: name.into_owned(),
        });
    }
    let beside = |ending| {
        beside(path, ending)
            .map(|path| Held::open(&path))
            .transpose()
    };
    let parts = Parts {
        name: name.into_owned(),
        shp: Held::open(path)?,
        shx: beside("shx")?,
        dbf: beside("dbf")?,
        prj: beside("prj")?,
        cpg: beside("cpg")?,
    };
    parts.open(options)
}

/// A file of the same name with another ending, whatever its case.
pub(super) fn beside(path: &Path, ending: &str) -> Option<PathBuf> {
    let plain = path.with_extension(ending);
    if plain.is_file() {
        return Some(plain);
    }
    let folder = path
        .parent()
        .filter(|folder| !folder.as_os_str().is_empty());
    let files = fs::read_dir(folder.unwrap_or(Path::new("."))).ok()?;
    files.flatten().map(|entry| entry.path()).find(|found| {
        let same = found
            .extension()
            .is_some_and(|is| is.eq_ignore_ascii_case(ending));
        same && found.file_stem() == path.file_stem()
    })
}

impl Parts {
    /// Reads all headers, and the table once.
    pub fn open(self, options: &Options) -> Result<(Layer, Shapefile), SourceError> {
        let mut notes = Vec::new();
        let Some(dbf) = self.dbf else {
            return Err(self.shp.broken(
                "there is no .dbf beside it: its columns would be lost (put the .dbf of the same name there)",
            ));
        };
        let crs = match &self.prj {
            None => SourceCrs::Untold,
            Some(prj) => told(prj)?,
        };
        let cpg = match &self.cpg {
            None => None,
            Some(cpg) => Some(label(cpg)?),
        };
        let names = [self.shp.name.clone(), dbf.name.clone()];
        let shapes = Shapes::open(self.shp, self.shx, &mut notes)?;
        let cpg = cpg.as_deref().filter(|label| !label.is_empty());
        let table = Table::open(dbf, cpg, options, &mut notes)?;
        if shapes.count != table.count {
            let [shp, dbf] = names;
            let (shape_count, row_count) = (shapes.count, table.count);
            return Err(SourceError::Broken {
                file: shp,
                reason: format!(
                    "it has {shape_count} shapes, and {dbf} has {row_count} rows: they do not belong together"
                ),
            });
        }
        let layer = Layer {
            name: self.name,
            columns: table.columns(),
            crs,
            records: Some(table.count),
            notes,
        };
        Ok((layer, Shapefile { shapes, table }))
    }
}

/// The definition of a CRS in a file of its own, such as a `.prj`; empty where there is none in it.
///
/// # Errors
/// It cannot be read, or is too long or no text.
pub fn definition(path: &Path) -> Result<String, SourceError> {
    text(&Held::open(path)?)
}

/// The CRS of a `.prj`.
pub(super) fn told(prj: &Held) -> Result<SourceCrs, SourceError> {
    let wkt = text(prj)?;
    if wkt.is_empty() {
        return Ok(SourceCrs::Untold);
    }
    let file = prj.name.clone();
    Ok(SourceCrs::Prj { file, wkt })
}

/// The text of a `.prj`. Names in it may be in GBK.
fn text(prj: &Held) -> Result<String, SourceError> {
    if prj.length > LONGEST_PRJ {
        let length = prj.length;
        return Err(prj.broken(format!(
            "expected the definition of a CRS, found {length} bytes"
        )));
    }
    let bytes = prj.bytes(0, LONGEST_PRJ)?;
    let bytes = bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(&bytes);
    let decoded = [UTF_8, GB18030]
        .into_iter()
        .find_map(|encoding| encoding.decode_without_bom_handling_and_without_replacement(bytes));
    let text = decoded.ok_or_else(|| prj.broken("expected a text in UTF-8 or GBK"))?;
    let text = text.trim_matches(|c: char| c.is_whitespace() || c == '\0');
    Ok(text.to_owned())
}

/// What a `.cpg` says.
fn label(cpg: &Held) -> Result<String, SourceError> {
    if cpg.length > LONGEST_CPG {
        let length = cpg.length;
        return Err(cpg.broken(format!(
            "expected the name of an encoding, found {length} bytes"
        )));
    }
    let bytes = cpg.bytes(0, LONGEST_CPG)?;
    let bytes = bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(&bytes);
    let text = String::from_utf8_lossy(bytes);
    Ok(text
        .trim_matches(|c: char| c.is_whitespace() || c == '\0')
        .to_owned())
}

impl Shapefile {
    /// Reads all records, from the first.
    pub fn read(&self, far: Far, each: Each) -> Result<(), SourceError> {
        let mut shapes = self.shapes.records();
        let mut rows = self.table.rows();
        let bytes = self.shapes.length() + self.table.length();
        let width = self.table.length() / self.table.count.max(1);
        for number in 1..=self.table.count {
            let row = rows.next()?;
            let shape = shapes.next()?;
            if number.is_multiple_of(BETWEEN) {
                far((shapes.at() + number * width).min(bytes), Some(bytes));
            }
            if !dbf::deleted(row) && !each(self.record(number, row, shape)) {
                return Ok(());
            }
        }
        far(bytes, Some(bytes));
        Ok(())
    }

    fn record(&self, number: u64, row: &[u8], shape: shape::Shape) -> Result<Record, Bad> {
        let bad = |column, reason| Bad {
            number,
            column,
            reason,
        };
        let (geometry, flattened) =
            shape.map_err(|reason| bad(None, format!("its shape is broken: {reason}")))?;
        let values = self.table.values(row);
        Ok(Record {
            number,
            id: None,
            values: values.map_err(|(column, reason)| bad(Some(column), reason))?,
            geometry,
            flattened,
        })
    }
}
