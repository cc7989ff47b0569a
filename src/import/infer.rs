//! What `collections.toml` would say of a file, without a plan.

use std::collections::BTreeMap;
use std::fmt::Write;

use super::error::ImportError;
use super::name;
use super::place::{Placed, looks_like};
use super::proposal::propose;
use super::run::{file_name, opened, seen};
use super::{Request, Watch};
use crate::source::SourceCrs;

/// Proposes the tables of a file's layer, with remarks on what was seen.
///
/// # Errors
/// The file cannot be read.
pub fn infer(request: &Request, watch: &mut Watch) -> Result<String, ImportError> {
    let source = opened(request, watch)?;
    let layer = source.layer();
    let seen = seen(&source, request, watch)?;
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
    layer.notes.iter().for_each(|note| remark(note));
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
    let unique = layer.columns.iter().zip(&seen.columns);
    let unique: Vec<_> = unique
        .filter(|(_, profile)| profile.is_unique())
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
    out.push('\n');
    out.push_str(&proposal.toml());
    Ok(out)
}
