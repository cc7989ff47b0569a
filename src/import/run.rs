//! The steps of an import, one after another.

use std::cell::Cell;
use std::path::PathBuf;

use super::before::Before;
use super::change::Changes;
use super::draft::Draft;
use super::error::{ImportError, Troubles};
use super::feature::Turning;
use super::ids::Rule;
use super::place::Placed;
use super::profile::Seen;
use super::settings::{self, EVERYWHERE, PlanText};
use super::shift::looks_shifted;
use super::target::{Target, read};
use super::wiring::source_column;
use super::write::{Written, write};
use super::{Prepared, Request, Watch};
use crate::ingest::{self, PlanFiles, Progress};
use crate::model::{Plan, Severity};
use crate::source::{Bad, FileFormat, Layer, Record, Source, SourceError};

/// Reads the file, makes the plan's files beside those that they will be, and checks the plan as it would be.
///
/// # Errors
/// Something cannot be taken over. Nothing is left behind then.
pub fn prepare(request: &Request, watch: &mut Watch) -> Result<Prepared, ImportError> {
    let files = PlanFiles::Folder(request.plan.clone());
    let before = Before::read(&files, &request.collection, watch)?;
    let (plan, infos) = ingest::settings(&files).map_err(ImportError::Settings)?;
    let source = opened(request, watch)?;
    let layer = source.layer();
    let mut notes = layer.notes.clone();

    let id = request.id.as_ref();
    let id = id
        .map(|name| source_column(layer, name, "--id"))
        .transpose()?;
    let (seen, clash) = look(&source, request, &before, watch)?;
    told_of(&seen, &mut notes);
    let extent = settings::extent(&plan).filter(|_| !request.extend);
    let file = request.file.display().to_string();
    let placed = Placed::new(&file, layer, &request.asked, &seen, extent)?;
    let crs = placed.as_ref().map_or("-", |placed| placed.name.as_str());
    if let Some(placed) = &placed {
        notes.extend(placed.notes.iter().cloned());
    }
    let target = Target::new(request, &plan, &infos, (layer, &seen), id, crs)?;
    notes.extend(target.notes.iter().cloned());
    let rule = rule(request, &target, &seen, id, clash, &before, &mut notes)?;

    let turning = Turning {
        layer,
        info: &target.info,
        wires: &target.wires,
        nulls: &request.nulls,
        placed: placed.as_ref(),
    };
    let written = write(&source, request, &target, &turning, rule, &before, watch)?;
    let mut warnings = Vec::new();
    if written.doubled > 0 {
        warnings.push(format!(
            "{} records are the same as one before: their ids have a number at the end",
            written.doubled
        ));
    }
    warnings.extend(looks_shifted(&written.pairs));
    let (mut drafts, mut files) = (Vec::new(), Vec::new());
    let data = format!("geodata/{}", target.info.source);
    files.push((data, written.draft.path().to_owned()));
    settle(
        request,
        &plan,
        &target,
        &before,
        written,
        &mut notes,
        (&mut drafts, &mut files),
    )?;
    let changes = verify(request, &before, files, &mut warnings, watch)?;
    Ok(Prepared {
        records: seen.records,
        notes,
        warnings,
        changes,
        drafts,
    })
}

/// Opens the file.
pub(super) fn opened(request: &Request, watch: &Watch) -> Result<Source, ImportError> {
    let source = Source::open_until(&request.file, &request.options, watch.stopped);
    source.map_err(|error| match error {
        SourceError::Stopped { .. } => ImportError::Stopped,
        error => error.into(),
    })
}

/// Reads records, and tells how far that is.
pub(super) fn each(
    source: &Source,
    request: &Request,
    watch: &mut Watch,
    hear: &mut dyn FnMut(Result<Record, Bad>) -> Result<(), ImportError>,
) -> Result<(), ImportError> {
    let file = request.file.display().to_string();
    let count = Cell::new(0_usize);
    let mut failed = None;
    let tell = &mut *watch.tell;
    let mut far = |bytes, of| {
        tell(Progress {
            file: &file,
            bytes,
            of,
            features: count.get(),
        });
    };
    let mut hear = |record| {
        count.set(count.get() + 1);
        let heard = if (watch.stopped)() {
            Err(ImportError::Stopped)
        } else {
            hear(record)
        };
        failed = heard.err();
        failed.is_none()
    };
    source.read(&mut far, &mut hear)?;
    failed.map_or(Ok(()), Err)
}

/// The first pass. True where an id of the format's own is that of a feature of another collection.
fn look(
    source: &Source,
    request: &Request,
    before: &Before,
    watch: &mut Watch,
) -> Result<(Seen, bool), ImportError> {
    let typed = [
        FileFormat::GeoJson,
        FileFormat::GeoJsonLines,
        FileFormat::Xlsx,
    ];
    let typed = FileFormat::of(&request.file).is_some_and(|format| typed.contains(&format));
    let mut seen = Seen::new(source.layer(), typed);
    let (mut clash, mut bad) = (false, 0_u64);
    each(source, request, watch, &mut |record| {
        match record {
            Ok(record) => {
                let id = record.id.as_ref().filter(|_| !clash);
                clash = clash || id.is_some_and(|id| before.is_elsewhere(&id.text()));
                seen.see(&record, &request.nulls);
            }
            Err(_) => bad += 1,
        }
        Ok(())
    })?;
    // Bad records are told of in the second pass, with all else that is wrong.
    if seen.records + bad == 0 {
        let reason = format!("{}: the layer has no records", request.file.display());
        return Err(ImportError::Refused(reason));
    }
    Ok((seen, clash))
}

fn told_of(seen: &Seen, notes: &mut Vec<String>) {
    let all = seen.records;
    if seen.nowhere > 0 {
        notes.push(format!(
            "{} of {all} records have no place: they are in lists and not on the map",
            seen.nowhere
        ));
    }
    if seen.flattened > 0 {
        notes.push(format!(
            "heights or measures of {} of {all} records are left out",
            seen.flattened
        ));
    }
}

/// Where ids come from, and a word on it.
fn rule(
    request: &Request,
    target: &Target,
    seen: &Seen,
    id: Option<usize>,
    clash: bool,
    before: &Before,
    notes: &mut Vec<String>,
) -> Result<Rule, ImportError> {
    let (rule, note) = if let Some(at) = id {
        let name = request.id.as_deref().unwrap_or_default();
        (Rule::Column(at), format!("ids: the column {name}"))
    } else if seen.with_id == seen.records && clash {
        let prefix = format!("{}-", target.info.id);
        let note = format!(
            "ids: the file's own after {prefix:?}, for another collection has some of them"
        );
        (Rule::Own(Some(prefix)), note)
    } else if seen.with_id == seen.records {
        (Rule::Own(None), "ids: the file's own".to_owned())
    } else {
        let some = if seen.with_id > 0 {
            " (not all records have one of their own)"
        } else {
            ""
        };
        (
            Rule::Content,
            format!("ids: made of what each record holds{some}; --id COLUMN takes a column"),
        )
    };
    if target.info.register && rule == Rule::Content {
        return Err(ImportError::Refused(format!(
            "collection {:?}: its rows are found in the register by id, and the file has none: name a column with --id",
            target.info.id
        )));
    }
    if target.info.register && !before.sound {
        return Err(ImportError::Refused(format!(
            "collection {:?}: it is in the register, and the plan has errors: `buju check` lists them, mend them first",
            target.info.id
        )));
    }
    notes.push(note);
    Ok(rule)
}

/// The drafts in the order in which they are put in place, and what the plan would be with all of them. An extent
/// grows before there is anything in it; the collection's file is there before the collection, and the
/// collection before a view shows it.
fn settle(
    request: &Request,
    plan: &Plan,
    target: &Target,
    before: &Before,
    written: Written,
    notes: &mut Vec<String>,
    (drafts, changed): (&mut Vec<Draft>, &mut Vec<(String, PathBuf)>),
) -> Result<(), ImportError> {
    let path = request.plan.join("seeds/plan.toml");
    let was = read(&path)?;
    let wrong = |reason: String| ImportError::Refused(format!("{}: {reason}", path.display()));
    let mut text = PlanText::new(&was).map_err(wrong)?;
    let unknown = plan.extent == EVERYWHERE && before.is_empty();
    let grown = written
        .bounds
        .map(|bounds| settings::joined(plan.extent, bounds));
    let grown = grown.filter(|grown| request.extend && differ(*grown, plan.extent) && !unknown);
    // What stands there when the last draft is put in place.
    let mut first = was.clone();
    if let Some(extent) = grown {
        text.set_extent(extent, false);
        drafts.push(Draft::of(&path, &was, &text.text())?);
        first = text.text();
    }
    drafts.push(written.draft);
    if let Some(tables) = &target.fresh {
        let path = request.plan.join("seeds/collections.toml");
        let was = read(&path)?;
        let mut all = was.clone();
        if !all.is_empty() && !all.ends_with('\n') {
            all.push('\n');
        }
        all.push('\n');
        all.push_str(tables);
        let draft = Draft::of(&path, &was, &all)?;
        changed.push(("seeds/collections.toml".to_owned(), draft.path().to_owned()));
        drafts.push(draft);
        text.show(&target.info.id);
    }
    if let Some(bounds) = written.bounds.filter(|_| unknown) {
        text.set_extent(settings::around(bounds), true);
    }
    if text.text() != was {
        let draft = Draft::of(&path, &first, &text.text())?;
        changed.push(("seeds/plan.toml".to_owned(), draft.path().to_owned()));
        drafts.push(draft);
    }
    notes.append(&mut text.notes);
    Ok(())
}

fn differ(one: [f64; 4], other: [f64; 4]) -> bool {
    one.iter()
        .zip(other)
        .any(|(one, other)| (one - other).abs() > 0.0)
}

/// Reads the plan as it would be: errors that it does not have now refuse the import.
fn verify(
    request: &Request,
    before: &Before,
    changed: Vec<(String, PathBuf)>,
    warnings: &mut Vec<String>,
    watch: &mut Watch,
) -> Result<Changes, ImportError> {
    let files = PlanFiles::Changed(request.plan.clone(), changed);
    let after = ingest::load_telling(&files, &mut *watch.tell)?;
    let mut troubles = Troubles::default();
    let mut doubts = Troubles::default();
    for finding in &after.findings {
        let line = || format!("[{}] {finding}", finding.check);
        match finding.severity {
            Severity::Error if !before.has(finding) => troubles.add(line),
            Severity::Warning if finding.file.starts_with("geodata/") => doubts.add(line),
            _ => {}
        }
    }
    if troubles.count > 0 {
        return Err(ImportError::Findings(troubles));
    }
    if doubts.count > 0 {
        warnings.push(format!(
            "the plan has {} warnings about places: `buju check` lists them",
            doubts.count
        ));
    }
    if (watch.stopped)() {
        return Err(ImportError::Stopped);
    }
    let own = |loaded: ingest::Loaded| {
        let mut all = loaded.collections.into_iter();
        all.find(|(info, _)| info.id == request.collection)
    };
    let Some((_, rows)) = after.loaded.and_then(own) else {
        warnings.push("the plan has errors of its own, so what changes is not told".to_owned());
        return Ok(Changes::default());
    };
    Ok(Changes::between(
        before.rows.as_ref().map(|(_, rows)| rows),
        &rows,
    ))
}

/// A layer with what was seen of it, for [`super::infer`].
pub fn seen(source: &Source, request: &Request, watch: &mut Watch) -> Result<Seen, ImportError> {
    let (seen, _) = look(source, request, &Before::default(), watch)?;
    Ok(seen)
}

/// The file's name, for messages.
pub fn file_name(layer: &Layer, request: &Request) -> String {
    let name = request.file.file_name();
    name.map_or_else(
        || layer.name.clone(),
        |name| name.to_string_lossy().into_owned(),
    )
}
