use rusqlite::OptionalExtension;

use super::SourceError;
use super::open::Database;
use crate::crs::Crs;
use crate::source::SourceCrs;

/// A reference system as its table describes it.
struct Described {
    name: String,
    organization: String,
    code: i64,
    definition: String,
    description: Option<String>,
}

/// Systems that nobody defines: the standard's cartesian and geographic one, and the one that GDAL writes since 3.9.
const UNDEFINED: [i64; 3] = [-1, 0, 99_999];

/// The CRS of a layer with such an `srs_id`; none where it stands for a system that nobody defines.
pub(super) fn of(
    database: &Database,
    srs: Option<i64>,
    notes: &mut Vec<String>,
) -> Result<SourceCrs, SourceError> {
    let Some(srs) = srs else {
        return Ok(SourceCrs::Untold);
    };
    let found = database
        .connection
        .query_row(
            "SELECT srs_name, organization, organization_coordsys_id, definition, description
             FROM gpkg_spatial_ref_sys WHERE srs_id = ?",
            [srs],
            |row| {
                Ok(Described {
                    name: row.get(0)?,
                    organization: row.get(1)?,
                    code: row.get(2)?,
                    definition: row.get(3)?,
                    description: row.get(4)?,
                })
            },
        )
        .optional()
        .map_err(|error| database.failed("gpkg_spatial_ref_sys", &error))?;
    let Some(found) = found else {
        if srs > 0 {
            notes.push(format!("its SRS {srs} is not in gpkg_spatial_ref_sys"));
        }
        return Ok(SourceCrs::Untold);
    };
    // The offset systems of this program's own files have no code; the description names them.
    let own = found
        .description
        .as_deref()
        .and_then(|text| text.parse().ok());
    if let Some(own @ (Crs::Gcj02 | Crs::Bd09)) = own {
        return Ok(SourceCrs::Known(own));
    }
    let code = u32::try_from(found.code).ok().filter(|code| *code > 0);
    if let (Some(code), true) = (code, found.organization.eq_ignore_ascii_case("EPSG")) {
        return Ok(SourceCrs::Known(Crs::Epsg(code)));
    }
    let definition = found.definition.trim();
    let is_named_so = ["undefined", "unknown"].iter().any(|word| {
        let start = found.name.trim().get(..word.len());
        start.is_some_and(|start| start.eq_ignore_ascii_case(word))
    });
    let nothing = definition.is_empty() || definition.eq_ignore_ascii_case("undefined");
    if nothing || UNDEFINED.contains(&srs) || is_named_so {
        // That -1 and 0 are none, the standard says.
        if srs > 0 {
            notes.push(format!("its SRS {srs} is {:?}: no CRS", found.name));
        }
        return Ok(SourceCrs::Untold);
    }
    Ok(SourceCrs::Wkt(definition.to_owned()))
}
