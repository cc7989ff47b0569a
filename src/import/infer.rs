//! What `collections.toml` would say of a file, without a plan.

use std::collections::BTreeMap;
use std::fmt::Write;

use super::changed::changed;
use super::error::ImportError;
use super::name;
use super::place::{Placed, looks_like};
use super::profile::Seen;
use super::proposal::propose;
use super::run::{file_name, nested, opened, seen, without_zone};
use super::{Request, Watch};
use crate::model::ColumnType;
use crate::source::{Layer, SourceCrs};

/// Proposes the tables of a file's layer, with remarks on what was seen; `direct` where the file itself is to be the
/// collection's source.
///
/// # Errors
/// The file cannot be read.
pub fn infer(request: &Request, direct: bool, watch: &mut Watch) -> Result<String, ImportError> {
    let source = opened(request, watch)?;
    let layer = source.layer();
    let (seen, id_column) = seen(&source, request, watch)?;
    if let (0, Some(bad)) = (seen.records, &seen.first_bad) {
        return Err(ImportError::Refused(format!(
            "{}: none of its {} records can be read; the first: {bad}",
            request.file.display(),
            seen.bad
        )));
    }
    let file = file_name(layer, request);
    let path = request.file.display().to_string();
    let placed = Placed::new(&path, layer, &request.asked, &seen, None);
    let mut out = String::new();
    let mut remark = |text: &str| {
        let text = text.replace(char::is_control, " ");
        let _ = writeln!(out, "# {text}");
    };
    remark(&format!(
        "{file}, layer {}: {} records",
        layer.name, seen.records
    ));
    let kinds: Vec<_> = seen
        .kinds
        .iter()
        .map(|(kind, count)| format!("{count} {kind}s"))
        .collect();
    remark(&format!(
        "shapes: {}; without a place: {}",
        kinds.join(", "),
        seen.nowhere
    ));
    if let Some(bad) = &seen.first_bad {
        remark(&format!(
            "{} more cannot be read, the first: {bad}",
            seen.bad
        ));
    }
    layer.notes.iter().for_each(|note| remark(note));
    source.found().iter().for_each(|note| remark(note));
    for note in nested(layer, &seen) {
        remark(&note);
    }
    let crs = match &placed {
        Ok(Some(placed)) => {
            placed.notes.iter().for_each(|note| remark(note));
            placed.name.clone()
        }
        Ok(None) => "-".to_owned(),
        Err(error) => {
            remark(&error.to_string());
            if layer.crs != SourceCrs::Untold {
                remark(&looks_like(&seen.sample, None));
            }
            "?".to_owned()
        }
    };
    for note in of_cells(layer, &seen) {
        remark(&note);
    }
    let unique = layer.columns.iter().zip(&seen.columns);
    let unique: Vec<_> = unique
        .filter(|(_, profile)| profile.is_unique() && profile.could_be_ids())
        .map(|(c, _)| c.name.as_str())
        .collect();
    if !unique.is_empty() {
        remark(&format!(
            "no two alike, so --id could be one of: {}",
            unique.join(", ")
        ));
    }
    remark(
        "Titles in English are the file's own words where no other is known; roles are for you to check.",
    );
    let id = if request.collection.is_empty() {
        name::collection(&layer.name)
    } else {
        request.collection.clone()
    };
    let proposal = propose(
        &id,
        &file,
        &crs,
        layer,
        &seen,
        &request.maps,
        &BTreeMap::new(),
    )?;
    let proposal = if direct {
        proposal.into_direct(layer, &file, id_column, &request.maps)?
    } else {
        proposal
    };
    out.push('\n');
    out.push_str(&proposal.toml());
    Ok(out)
}

/// What becomes of cells and places as they are taken over.
fn of_cells(layer: &Layer, seen: &Seen) -> Vec<String> {
    let types: Vec<_> = seen
        .columns
        .iter()
        .map(|profile| Some(profile.column_type()))
        .collect();
    let mut notes = changed(layer, &seen.columns, &types);
    if seen.at_zero > 0 {
        notes.push(format!(
            "points at 0,0, which nobody has located: {}",
            seen.at_zero
        ));
    }
    for (at, kind) in types.iter().enumerate() {
        if *kind == Some(ColumnType::Timestamp) {
            notes.extend(without_zone(layer, seen, at));
        }
    }
    notes
}
