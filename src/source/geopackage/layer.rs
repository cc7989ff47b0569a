use rusqlite::OptionalExtension;

use super::open::Database;
use super::{SourceError, kind};
use crate::source::{Kind, SourceColumn, layers};

/// A table or view that is a layer.
#[derive(Debug)]
pub(super) struct Table {
    pub name: String,
    /// The column of the row's number, where it has a name.
    pub key: Option<String>,
    pub geometry: Option<String>,
    pub srs: Option<i64>,
    /// All others that are read.
    pub columns: Vec<SourceColumn>,
    /// One per column.
    pub forms: Vec<Form>,
}

/// What the cells of a column are beyond their kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Form {
    Plain,
    /// Numbers of 32 bits, which `SQLite` keeps in 64.
    Single,
    /// Texts that are JSON, as the schema extension says.
    Json,
}

/// A line of `gpkg_contents`.
struct Listed {
    name: String,
    /// Of features; else a table without places.
    places: bool,
    geometry: Option<String>,
    srs: Option<i64>,
}

impl Table {
    /// Finds the layer that is asked for. Where none is, tables without places stand back: programs keep styles
    /// in them.
    pub fn chosen(
        database: &Database,
        asked: Option<&str>,
        notes: &mut Vec<String>,
    ) -> Result<Self, SourceError> {
        let mut all = listed(database)?;
        let with_places = all.iter().filter(|one| one.places).count();
        if asked.is_none() && with_places == 1 && all.len() > 1 {
            let others = all.iter().filter(|one| !one.places);
            let others: Vec<_> = others.map(|one| one.name.as_str()).collect();
            let others = others.join(", ");
            notes.push(format!(
                "tables without places are not read unless they are named: {others}"
            ));
            all.retain(|one| one.places);
        }
        let names: Vec<_> = all.iter().map(|one| one.name.as_str()).collect();
        let at = layers::chosen(&database.file, &names, asked)?;
        let one = all.swap_remove(at);
        if one.places && one.geometry.is_none() {
            let name = one.name;
            return Err(database.broken(format!(
                "layer {name:?} is one of features, and gpkg_geometry_columns does not name its geometry"
            )));
        }
        one.described(database, notes)
    }

    /// Asks for the key, the geometry and all other columns, in this order.
    pub fn select(&self) -> String {
        let columns = self.columns.iter().map(|column| &column.name);
        let names = self.key.iter().chain(&self.geometry).chain(columns);
        let names: Vec<_> = names.map(|name| quoted(name)).collect();
        // A table of nothing but a key that is not read has rows all the same.
        let names = if names.is_empty() {
            "NULL".to_owned()
        } else {
            names.join(", ")
        };
        format!("SELECT {names} FROM {}", quoted(&self.name))
    }
}

/// The tables that a file lists.
fn listed(database: &Database) -> Result<Vec<Listed>, SourceError> {
    let failed = |error: rusqlite::Error| database.failed("gpkg_contents", &error);
    let has = |name: &str| {
        let asked = "SELECT 1 FROM sqlite_master WHERE type IN ('table', 'view') AND name = ? COLLATE NOCASE";
        let found = database.connection.query_row(asked, [name], |_| Ok(()));
        found
            .optional()
            .map(|found| found.is_some())
            .map_err(failed)
    };
    if !has("gpkg_contents")? {
        let reason = "is a file of SQLite and no GeoPackage: it has no table gpkg_contents";
        return Err(database.broken(reason.to_owned()));
    }
    // A file of nothing but tables without places may lack the table of geometries.
    let geometries = if has("gpkg_geometry_columns")? {
        "gpkg_geometry_columns"
    } else {
        "(SELECT NULL AS table_name, NULL AS column_name, NULL AS srs_id)"
    };
    let asked = format!(
        "SELECT c.table_name, c.data_type = 'features', g.column_name, g.srs_id
         FROM gpkg_contents AS c LEFT JOIN {geometries} AS g ON g.table_name = c.table_name COLLATE NOCASE
         WHERE c.data_type IN ('features', 'attributes', 'aspatial')"
    );
    let mut asked = database.connection.prepare(&asked).map_err(failed)?;
    let rows = asked.query_map([], |row| {
        Ok(Listed {
            name: row.get(0)?,
            places: row.get(1)?,
            geometry: row.get(2)?,
            srs: row.get(3)?,
        })
    });
    rows.map_err(failed)?
        .collect::<Result<_, _>>()
        .map_err(failed)
}

impl Listed {
    /// Reads the columns.
    fn described(self, database: &Database, notes: &mut Vec<String>) -> Result<Table, SourceError> {
        let name = self.name;
        let failed = |error: rusqlite::Error| database.failed(&format!("layer {name:?}"), &error);
        let asked = "SELECT type, sql FROM sqlite_master WHERE type IN ('table', 'view') AND name = ? COLLATE NOCASE";
        let made: Option<(String, Option<String>)> = database
            .connection
            .query_row(asked, [&name], |row| Ok((row.get(0)?, row.get(1)?)))
            .optional()
            .map_err(failed)?;
        let Some((made, sql)) = made else {
            return Err(database.broken(format!("layer {name:?} is listed, and has no table")));
        };
        let sql = sql.unwrap_or_default().to_uppercase();
        if sql.split_whitespace().nth(1) == Some("VIRTUAL") {
            return Err(SourceError::Unsupported {
                file: database.file.clone(),
                reason: format!("layer {name:?} is a virtual table: copy it to a table of its own"),
            });
        }
        let mut table = Table {
            key: None,
            geometry: None,
            srs: self.srs,
            columns: Vec::new(),
            forms: Vec::new(),
            name: name.clone(),
        };
        let columns = columns(database, &name).map_err(failed)?;
        // Only a whole number that alone is the key is the row's own.
        let alone = columns.iter().filter(|column| column.key).count() == 1;
        let geometry = self.geometry.as_deref().unwrap_or_default();
        let json = json_columns(database, &name);
        for column in columns {
            if self.geometry.is_some() && column.name.eq_ignore_ascii_case(geometry) {
                table.geometry = Some(column.name);
            } else if alone && column.key && column.declared.eq_ignore_ascii_case("INTEGER") {
                table.key = Some(column.name);
            } else if let Some(kind) = kind(&column.declared) {
                let name = column.name;
                let is_json = json.iter().any(|json| json.eq_ignore_ascii_case(&name));
                let (kind, form) = match kind {
                    Kind::Text if is_json => (Kind::Untyped, Form::Json),
                    Kind::Number if column.declared.trim().eq_ignore_ascii_case("FLOAT") => {
                        (kind, Form::Single)
                    }
                    kind => (kind, Form::Plain),
                };
                table.columns.push(SourceColumn { name, kind });
                table.forms.push(form);
            } else {
                let Described { name, declared, .. } = column;
                notes.push(format!(
                    "column {name} is left out: its cells are of type {declared}"
                ));
            }
        }
        if self.geometry.is_some() && table.geometry.is_none() {
            return Err(database.broken(format!(
                "layer {name:?} has no column {geometry:?} of geometries"
            )));
        }
        if made == "view" {
            notes.push(format!(
                "{name} is a view: its rows have no key, and so no ids"
            ));
        }
        Ok(table)
    }
}

/// A column as `SQLite` describes it.
struct Described {
    name: String,
    declared: String,
    key: bool,
}

fn columns(database: &Database, table: &str) -> rusqlite::Result<Vec<Described>> {
    let asked = "SELECT name, type, pk > 0 FROM pragma_table_xinfo(?)";
    let mut asked = database.connection.prepare(asked)?;
    let rows = asked.query_map([table], |row| {
        Ok(Described {
            name: row.get(0)?,
            declared: row.get(1)?,
            key: row.get(2)?,
        })
    });
    rows?.collect()
}

/// The columns of a table whose texts are JSON; most files do not tell of any.
fn json_columns(database: &Database, table: &str) -> Vec<String> {
    let asked = "SELECT column_name FROM gpkg_data_columns
                 WHERE table_name = ? COLLATE NOCASE AND mime_type = 'application/json'";
    let Ok(mut asked) = database.connection.prepare(asked) else {
        return Vec::new();
    };
    let names = asked.query_map([table], |row| row.get(0));
    names.map_or_else(|_| Vec::new(), |names| names.flatten().collect())
}

/// How many rows GDAL has counted, where it has.
pub(super) fn records(database: &Database, table: &str) -> Option<u64> {
    let asked = "SELECT feature_count FROM gpkg_ogr_contents WHERE table_name = ? COLLATE NOCASE";
    let found = database
        .connection
        .query_row(asked, [table], |row| row.get::<_, Option<i64>>(0));
    // Most files have no such table, and a wrong count is no more than a wrong guess.
    found
        .ok()
        .flatten()
        .and_then(|count| u64::try_from(count).ok())
}

fn quoted(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}
