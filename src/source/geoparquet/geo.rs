use std::collections::BTreeSet;

use ::parquet::file::metadata::ParquetMetaData;
use serde_json::Value as Json;

use super::SourceError;
use crate::crs::Crs;
use crate::source::SourceCrs;

/// What the metadata named `geo` say.
#[derive(Debug)]
pub(super) struct Geo {
    /// The column of the geometries.
    pub primary: String,
    pub crs: SourceCrs,
    /// Other columns of geometries.
    pub others: BTreeSet<String>,
    /// Columns of boxes of the geometries, which say nothing more.
    pub boxes: BTreeSet<String>,
}

impl Geo {
    pub fn of(
        file: &str,
        metadata: &ParquetMetaData,
        notes: &mut Vec<String>,
    ) -> Result<Self, SourceError> {
        let unsupported = |reason: String| SourceError::Unsupported {
            file: file.to_owned(),
            reason,
        };
        let broken = |reason: String| SourceError::Broken {
            file: file.to_owned(),
            reason,
        };
        let pairs = metadata
            .file_metadata()
            .key_value_metadata()
            .into_iter()
            .flatten();
        let geo = pairs
            .filter(|pair| pair.key == "geo")
            .find_map(|pair| pair.value.as_ref());
        let Some(geo) = geo else {
            let reason = "is Parquet and no GeoParquet: it has no metadata named geo";
            return Err(unsupported(reason.to_owned()));
        };
        let geo: Json = serde_json::from_str(geo)
            .map_err(|error| broken(format!("its metadata named geo are no JSON: {error}")))?;
        let version = geo["version"].as_str().unwrap_or("?");
        if !version.starts_with("1.") {
            return Err(unsupported(format!(
                "expected GeoParquet 1, found version {version}"
            )));
        }
        let primary = geo["primary_column"]
            .as_str()
            .unwrap_or_default()
            .to_owned();
        let Some(column) = geo["columns"].get(&primary) else {
            return Err(broken(format!(
                "its metadata do not describe the primary column {primary:?}"
            )));
        };
        match column["encoding"].as_str() {
            Some("WKB") => {}
            other => {
                let found = other.unwrap_or("none");
                return Err(unsupported(format!(
                    "expected geometries as WKB, found the encoding {found}: write it again with geometry_encoding=\"WKB\" (GeoPandas), or -lco GEOMETRY_ENCODING=WKB (ogr2ogr)"
                )));
            }
        }
        if column["edges"].as_str() == Some("spherical") {
            notes.push("its edges are geodesics; they are read as straight lines".to_owned());
        }
        let names = geo["columns"]
            .as_object()
            .into_iter()
            .flat_map(|all| all.keys());
        let others = names.filter(|name| **name != primary).cloned().collect();
        let sides = column.pointer("/covering/bbox").and_then(Json::as_object);
        let sides = sides.into_iter().flat_map(|sides| sides.values());
        let boxes = sides
            .filter_map(|path| path[0].as_str().map(str::to_owned))
            .collect();
        Ok(Self {
            crs: crs(column),
            primary,
            others,
            boxes,
        })
    }
}

/// Absent is CRS84, null is unknown; else it is PROJJSON, which PROJ reads as it reads WKT.
fn crs(column: &Json) -> SourceCrs {
    let Some(crs) = column.get("crs") else {
        return SourceCrs::Known(Crs::Crs84);
    };
    if crs.is_null() {
        return SourceCrs::Untold;
    }
    let code = match &crs["id"]["code"] {
        Json::String(code) => code.clone(),
        code => code.to_string(),
    };
    let authority = crs["id"]["authority"].as_str().unwrap_or_default();
    match format!("{authority}:{code}").parse() {
        Ok(known) => SourceCrs::Known(known),
        Err(_) => SourceCrs::Wkt(crs.to_string()),
    }
}
