//! Rows as a `GeoPackage` 1.3 (OGC 12-128r18): one feature table with an R-tree, and a title for every
//! column.
//!
//! `SQLite` writes all over its file, so the table is built in a temporary one and then copied.

use std::collections::BTreeSet;
use std::io::{self, Seek, Write};
use std::time::{Duration, SystemTime};

use geo::{BoundingRect, Rect};
use rusqlite::types::Value as Cell;
use rusqlite::{Connection, ErrorCode, params, params_from_iter};

use super::error::EncodeError;
use super::format::{Format, Table};
use super::{names, wkb};
use crate::crs::Crs;
use crate::model::{Column, ColumnType, FeatureId, Value};

/// The tables that every `GeoPackage` with features, an R-tree and column titles has.
const SCHEMA: &str = include_str!("geopackage.sql");

/// How temporary files are named in the moment in which they have a name.
const PREFIX: &str = "buju-";
const SUFFIX: &str = ".gpkg.tmp";

/// Removes temporary files that a program has left that was killed in that moment. They are old by then: those of a
/// program that runs have lost their names.
pub fn remove_leftovers() {
    let Ok(folder) = std::fs::read_dir(std::env::temp_dir()) else {
        return;
    };
    for entry in folder.flatten() {
        let name = entry.file_name();
        let name = name.as_encoded_bytes();
        let is_ours = name.starts_with(PREFIX.as_bytes()) && name.ends_with(SUFFIX.as_bytes());
        let changed = entry.metadata().and_then(|about| about.modified());
        if is_ours && changed.is_ok_and(|changed| changed < SystemTime::now() - LEFT) {
            // Another program may be faster.
            drop(std::fs::remove_file(entry.path()));
        }
    }
}

const LEFT: Duration = Duration::from_secs(600);

/// When the contents were changed last: what the standard wants and nobody knows. Always the same, so that the bytes of
/// a version are, and a download can be resumed.
const LAST_CHANGE: &str = "1980-01-01T00:00:00.000Z";

/// Builds the file and copies it.
pub(super) fn write(table: Table, out: &mut dyn Write) -> Result<(), EncodeError> {
    let file = tempfile::Builder::new()
        .prefix(PREFIX)
        .suffix(SUFFIX)
        .tempfile()?;
    let connection = Connection::open(file.path()).map_err(failed)?;
    // `SQLite` has it open: without a name nothing of it stays, however the program ends. Where the system keeps the name
    // of an open file, it goes at the end.
    let (mut file, path) = file.into_parts();
    drop(std::fs::remove_file(&path));
    fill(&connection, table)?;
    connection.close().map_err(|(_, error)| failed(error))?;
    file.rewind()?;
    io::copy(&mut file, out)?;
    Ok(())
}

fn failed(error: rusqlite::Error) -> EncodeError {
    match error.sqlite_error_code() {
        Some(ErrorCode::DiskFull) => EncodeError::Io(io::ErrorKind::StorageFull.into()),
        _ => Format::GeoPackage.failed(error),
    }
}

fn fill(connection: &Connection, table: Table) -> Result<(), EncodeError> {
    let layer = &layer_name(&table.collection.id);
    let names = names::unique(table.columns, &["fid", "geom", "id"]);
    let run = |sql: &str| connection.execute_batch(sql).map_err(failed);
    run("PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; BEGIN")?;
    run(SCHEMA)?;
    let srs = reference_systems(connection, table.crs)?;
    let numeric_ids = table.collection.numeric_ids;
    run(&feature_table(layer, table.columns, &names, numeric_ids))?;
    describe(connection, layer, table.columns, &names).map_err(failed)?;

    let marks = vec!["?"; names.len() + 3].join(", ");
    let insert = format!("INSERT INTO {} VALUES ({marks})", quoted(layer));
    let mut insert = connection.prepare(&insert).map_err(failed)?;
    let tree = quoted(&format!("rtree_{layer}_geom"));
    let index = format!("INSERT INTO {tree} VALUES (?, ?, ?, ?, ?)");
    let mut index = connection.prepare(&index).map_err(failed)?;
    let mut bounds: Option<Rect> = None;
    let mut types = BTreeSet::new();
    for (row, feature) in (1_i64..).zip(table.features) {
        let feature = feature?;
        let bytes = wkb::wkb(Format::GeoPackage, &feature)?;
        let rect = feature
            .geometry
            .as_ref()
            .and_then(BoundingRect::bounding_rect);
        let blob = bytes.map_or(Cell::Null, |bytes| Cell::Blob(blob(srs, rect, &bytes)));
        let id = match feature.id {
            FeatureId::Number(number) if numeric_ids => Cell::Integer(number),
            other => Cell::Text(other.to_string()),
        };
        let head = [Cell::Integer(row), blob, id];
        let cells = head.into_iter().chain(feature.values.into_iter().map(cell));
        insert.execute(params_from_iter(cells)).map_err(failed)?;
        types.extend(feature.geometry.as_ref().map(wkb::type_name));
        let Some(rect) = rect else { continue };
        let (min, max) = (rect.min(), rect.max());
        index
            .execute(params![row, min.x, max.x, min.y, max.y])
            .map_err(failed)?;
        bounds = Some(bounds.map_or(rect, |all| crate::snapshot::joined(all, rect)));
    }
    let kind = match types.first() {
        Some(only) if types.len() == 1 => only.to_uppercase(),
        _ => "GEOMETRY".to_owned(),
    };
    let info = table.collection;
    connection
        .execute(
            "INSERT INTO gpkg_contents (table_name, data_type, identifier, description, last_change, min_x, min_y, max_x, max_y, srs_id)
             VALUES (?, 'features', ?, ?, ?, ?, ?, ?, ?, ?)",
            params![
                layer,
                format!("{} {}", info.title.zh, info.title.en),
                format!("{}\n{}", info.description.zh, info.description.en),
                LAST_CHANGE,
                bounds.map(|rect| rect.min().x),
                bounds.map(|rect| rect.min().y),
                bounds.map(|rect| rect.max().x),
                bounds.map(|rect| rect.max().y),
                srs,
            ],
        )
        .map_err(failed)?;
    connection
        .execute(
            "INSERT INTO gpkg_geometry_columns VALUES (?, 'geom', ?, ?, 0, 0)",
            params![layer, kind, srs],
        )
        .map_err(failed)?;
    connection
        .execute(
            "INSERT INTO gpkg_extensions VALUES (?, 'geom', 'gpkg_rtree_index',
             'http://www.geopackage.org/spec130/#extension_rtree', 'write-only')",
            params![layer],
        )
        .map_err(failed)?;
    drop((insert, index));
    run(&tree_triggers(layer))?;
    run("COMMIT")
}

/// The table's name: the collection's id, unless tables of that name are `SQLite`'s or the format's own.
fn layer_name(id: &str) -> String {
    let lower = id.to_ascii_lowercase();
    let own = ["sqlite_", "gpkg_", "rtree_"];
    if own.iter().any(|prefix| lower.starts_with(prefix)) {
        format!("layer_{id}")
    } else {
        id.to_owned()
    }
}

/// Adds the systems that the standard requires, and the table's own. The unofficial offset systems
/// say what they are.
fn reference_systems(connection: &Connection, crs: Crs) -> Result<i64, EncodeError> {
    let mut add = connection
        .prepare("INSERT OR IGNORE INTO gpkg_spatial_ref_sys VALUES (?, ?, ?, ?, ?, ?)")
        .map_err(failed)?;
    for (name, id) in [("cartesian", -1), ("geographic", 0)] {
        let name = format!("undefined {name} coordinate reference system");
        add.execute(params![name, id, "NONE", id, "undefined", name])
            .map_err(failed)?;
    }
    let mut last = 0;
    for crs in [Crs::Epsg(4326), crs] {
        let added = if let Some(own) = crs.definition()? {
            last = i64::from(own.code);
            add.execute(params![
                own.name,
                last,
                "EPSG",
                last,
                own.wkt,
                None::<String>
            ])
        } else {
            last = if crs == Crs::Gcj02 { 900_001 } else { 900_002 };
            let name = format!("{crs} (unofficial offset coordinates)");
            // A local system: no program is to mistake it for one that it can convert.
            let wkt = format!(
                r#"LOCAL_CS["{name}",LOCAL_DATUM["{crs}",0],UNIT["degree",0.0174532925199433],AXIS["Longitude",EAST],AXIS["Latitude",NORTH]]"#
            );
            add.execute(params![name, last, "NONE", last, wkt, crs.uri()])
        };
        added.map_err(failed)?;
    }
    Ok(last)
}

fn feature_table(layer: &str, columns: &[Column], names: &[String], numeric_ids: bool) -> String {
    let id = if numeric_ids { "INTEGER" } else { "TEXT" };
    let typed = columns.iter().zip(names).map(|(column, name)| {
        let kind = match column.kind {
            ColumnType::String | ColumnType::Strings | ColumnType::Json => "TEXT",
            ColumnType::Date => "DATE",
            ColumnType::Timestamp => "DATETIME",
            ColumnType::Integer => "INTEGER",
            ColumnType::Number => "DOUBLE",
            ColumnType::Boolean => "BOOLEAN",
        };
        format!(", {} {kind}", quoted(name))
    });
    format!(
        "CREATE TABLE {} (fid INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL, geom BLOB, id {id} NOT NULL UNIQUE{});
         CREATE VIRTUAL TABLE {} USING rtree(id, minx, maxx, miny, maxy)",
        quoted(layer),
        typed.collect::<String>(),
        quoted(&format!("rtree_{layer}_geom")),
    )
}

/// Titles, units and roles, by the schema extension.
fn describe(
    connection: &Connection,
    layer: &str,
    columns: &[Column],
    names: &[String],
) -> rusqlite::Result<()> {
    let mut add = connection.prepare(
        "INSERT INTO gpkg_data_columns (table_name, column_name, name, title, description, mime_type)
         VALUES (?, ?, ?, ?, ?, ?)",
    )?;
    for (column, name) in columns.iter().zip(names) {
        let unit = column.unit.as_deref().map(|unit| format!("; {unit}"));
        let description = format!(
            "{}; {}{}",
            column.title.en,
            names::role(column.role),
            unit.unwrap_or_default()
        );
        let is_json = matches!(column.kind, ColumnType::Strings | ColumnType::Json);
        let mime = is_json.then_some("application/json");
        add.execute(params![
            layer,
            name,
            name,
            column.title.zh,
            description,
            mime
        ])?;
    }
    Ok(())
}

fn cell(value: Value) -> Cell {
    match value {
        Value::Null => Cell::Null,
        Value::Text(text) => Cell::Text(text),
        Value::Integer(number) => Cell::Integer(number),
        Value::Number(number) => Cell::Real(number),
        Value::Boolean(flag) => Cell::Integer(flag.into()),
        Value::Timestamp(micros) => Cell::Text(moment(micros)),
        other @ (Value::Date(_) | Value::Strings(_) | Value::Json(_)) => {
            Cell::Text(other.to_string())
        }
    }
}

/// Clause 1.1.1.1.4 has three decimals; more where fewer would cut.
fn moment(micros: i64) -> String {
    let text = Value::Timestamp(micros).to_string();
    let bare = text.trim_end_matches('Z');
    match bare.split_once('.') {
        None => format!("{bare}.000Z"),
        Some((seconds, fraction)) => format!("{seconds}.{fraction:0<3}Z"),
    }
}

/// WKB with the header of clause 2.1.3: magic, version, flags, SRS and box.
fn blob(srs: i64, rect: Option<Rect>, wkb: &[u8]) -> Vec<u8> {
    const LITTLE_ENDIAN: u8 = 1;
    const BOX_XY: u8 = 1 << 1;
    const EMPTY: u8 = 1 << 4;
    let flags = LITTLE_ENDIAN | if rect.is_some() { BOX_XY } else { EMPTY };
    let mut out = vec![b'G', b'P', 0, flags];
    let srs = i32::try_from(srs).unwrap_or(0);
    out.extend(srs.to_le_bytes());
    if let Some(rect) = rect {
        let (min, max) = (rect.min(), rect.max());
        out.extend([min.x, max.x, min.y, max.y].map(f64::to_le_bytes).concat());
    }
    out.extend(wkb);
    out
}

/// Keeps the R-tree right when a program edits the table (annex F.3). The functions are the
/// program's own.
fn tree_triggers(layer: &str) -> String {
    let (table, tree) = (quoted(layer), quoted(&format!("rtree_{layer}_geom")));
    let put = format!(
        "INSERT OR REPLACE INTO {tree} VALUES (NEW.fid, ST_MinX(NEW.geom), ST_MaxX(NEW.geom), ST_MinY(NEW.geom), ST_MaxY(NEW.geom));"
    );
    let there = "(NEW.geom NOTNULL AND NOT ST_IsEmpty(NEW.geom))";
    let gone = "(NEW.geom ISNULL OR ST_IsEmpty(NEW.geom))";
    let delete = format!("DELETE FROM {tree} WHERE id = OLD.fid;");
    let delete_both = format!("DELETE FROM {tree} WHERE id IN (OLD.fid, NEW.fid);");
    let triggers = [
        ("insert", "INSERT ON", there.to_owned(), put.clone()),
        (
            "update1",
            "UPDATE OF geom ON",
            format!("OLD.fid = NEW.fid AND {there}"),
            put.clone(),
        ),
        (
            "update2",
            "UPDATE OF geom ON",
            format!("OLD.fid = NEW.fid AND {gone}"),
            delete.clone(),
        ),
        (
            "update3",
            "UPDATE ON",
            format!("OLD.fid != NEW.fid AND {there}"),
            delete.clone() + &put,
        ),
        (
            "update4",
            "UPDATE ON",
            format!("OLD.fid != NEW.fid AND {gone}"),
            delete_both,
        ),
        (
            "delete",
            "DELETE ON",
            "OLD.geom NOT NULL".to_owned(),
            delete,
        ),
    ];
    let sql = triggers.map(|(name, event, when, action)| {
        let name = quoted(&format!("rtree_{layer}_geom_{name}"));
        format!("CREATE TRIGGER {name} AFTER {event} {table} WHEN {when} BEGIN {action} END;\n")
    });
    sql.concat()
}

fn quoted(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}
