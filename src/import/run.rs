//! The steps of an import, one after another.

use std::cell::Cell;
use std::io::Write;
use std::path::PathBuf;

use geo::Coord;
use tempfile::NamedTempFile;

use super::before::Before;
use super::change::Changes;
use super::changed::changed;
use super::draft::Draft;
use super::error::{ImportError, Troubles};
use super::feature::Turning;
use super::ids::{Rule, of_column};
use super::one_kind::one_kind;
use super::place::Placed;
use super::profile::Seen;
use super::settings::{self, EVERYWHERE, PlanText};
use super::shift::looks_shifted;
use super::sound::Soundness;
use super::target::{Target, read};
use super::wiring::source_column;
use super::write::{Written, write};
use super::{Prepared, Request, Watch};
use crate::ingest::{self, PlanFiles, Progress};
use crate::model::{Bbox, ColumnType, Finding, Plan, Severity};
use crate::source::{Bad, FileFormat, Layer, Options, Record, Source, SourceError};

/// Reads the file, makes the plan's files beside those that they will be, and checks the plan as it would be.
///
/// # Errors
/// Something cannot be taken over. Nothing is left behind then.
pub fn prepare(request: &Request, watch: &mut Watch) -> Result<Prepared, ImportError> {
    let files = PlanFiles::Folder(request.plan.clone());
    let before = match unwritten(&files, request) {
        Some((name, empty)) => {
            let files =
                PlanFiles::Changed(request.plan.clone(), vec![(name, empty.path().to_owned())]);
            Before::read(&files, &request.collection, watch)?
        }
        None => Before::read(&files, &request.collection, watch)?,
    };
    let (plan, infos) = ingest::settings(&files).map_err(ImportError::Settings)?;
    let source = opened(request, watch)?;
    let layer = source.layer();
    let mut notes = layer.notes.clone();

    let (seen, id, clash) = look(&source, request, &before, watch)?;
    told_of(&seen, &mut notes);
    notes.extend(nested(layer, &seen));
    notes.extend(source.found());
    some_place(request, layer, &seen)?;
    let extent = settings::extent(&plan).filter(|_| !request.extend);
    let file = request.file.display().to_string();
    let placed = Placed::new(&file, layer, &request.asked, &seen, extent)?;
    let crs = placed.as_ref().map_or("-", |placed| placed.name.as_str());
    if let Some(placed) = &placed {
        notes.extend(placed.notes.iter().cloned());
    }
    let target = Target::new(request, &plan, &infos, (layer, &seen), id, crs)?;
    notes.extend(target.notes.iter().cloned());
    notes.extend(changed(layer, &seen.columns, &types(layer, &target)));
    let of_moments = target.wires.iter().filter(|wire| {
        let column = &target.info.columns[wire.to];
        column.kind == ColumnType::Timestamp
    });
    notes.extend(of_moments.filter_map(|wire| without_zone(layer, &seen, wire.from)));
    let rule = rule(request, &target, &seen, id, clash, &before, &mut notes)?;

    let turning = Turning {
        layer,
        info: &target.info,
        wires: &target.wires,
        nulls: &request.nulls,
        placed: placed.as_ref(),
        soundness: Soundness {
            repair: request.repair,
            rounding_m: plan.audit.rounding_m,
        },
        zero_is_nowhere: zero_is_nowhere(placed.as_ref(), settings::extent(&plan)),
    };
    let mut written = write(
        (&source, rule),
        request,
        (&target, extent),
        &turning,
        &before,
        watch,
    )?;
    let mut warnings = std::mem::take(&mut written.warnings);
    if written.taken == 0 && seen.records > 0 && !request.allow_empty {
        return Err(nothing_left(&file, &seen, &warnings));
    }
    if written.doubled > 0 {
        warnings.push(format!(
            "{} as one before: the ids of what is the same have a number at the end",
            match written.doubled {
                1 => "1 record is the same".to_owned(),
                count => format!("{count} records are the same"),
            }
        ));
    }
    let shifted = looks_shifted(&written.pairs);
    warnings.extend(shifted.clone());
    let skipped = written.skipped.take();
    let taken = written.taken;
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
    let own = format!("geodata/{}", target.info.source);
    let changes = verify(
        request,
        &before,
        files,
        (&own, shifted),
        &mut warnings,
        watch,
    )?;
    drafts.extend(skipped);
    Ok(Prepared {
        records: taken,
        notes,
        warnings,
        changes,
        drafts,
    })
}

/// The types that the columns of a layer get; none of one that goes nowhere.
fn types(layer: &Layer, target: &Target) -> Vec<Option<ColumnType>> {
    let mut types = vec![None; layer.columns.len()];
    for wire in &target.wires {
        types[wire.from] = Some(target.info.columns[wire.to].kind);
    }
    types
}

/// A collection whose tables somebody has written, and whose file is made by this import: before it there is an
/// empty one.
fn unwritten(files: &PlanFiles, request: &Request) -> Option<(String, NamedTempFile)> {
    let (_, infos) = ingest::settings(files).ok()?;
    let info = infos.iter().find(|info| info.id == request.collection)?;
    let name = format!("geodata/{}", info.source);
    let is_json = info.source.ends_with("json");
    if !is_json || request.plan.join(&name).exists() {
        return None;
    }
    let mut empty = NamedTempFile::new().ok()?;
    empty
        .write_all(b"{\"type\":\"FeatureCollection\",\"features\":[]}")
        .ok()?;
    Some((name, empty))
}

fn nothing_left(file: &str, seen: &Seen, warnings: &[String]) -> ImportError {
    ImportError::Refused(format!(
        "{file}: none of its {} records can be taken over; --allow-empty is for a collection that is to have none. {}",
        seen.records + seen.bad,
        warnings.join("; ")
    ))
}

/// Makes one shape of a record's geometry collection; what is left out, in words.
pub(super) fn unify(record: &mut Record) -> Option<String> {
    let (shape, left) = one_kind(record.geometry.take()?);
    record.geometry = Some(shape);
    left
}

/// Opens the file.
pub(super) fn opened(request: &Request, watch: &Watch) -> Result<Source, ImportError> {
    let named = request.maps.iter().map(|map| &map.from).chain(&request.id);
    let options = Options {
        parts: named.cloned().collect(),
        ..request.options.clone()
    };
    let source = Source::open_until(&request.file, &options, watch.stopped);
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

/// The first pass: what is there, the column of ids if one is told, and whether an id is that of a feature of another
/// collection.
fn look(
    source: &Source,
    request: &Request,
    before: &Before,
    watch: &mut Watch,
) -> Result<(Seen, Option<usize>, bool), ImportError> {
    let layer = source.layer();
    let id = request.id.as_ref();
    let id = id.map(|name| source_column(layer, name, "--id"));
    let at = id.as_ref().and_then(|at| at.as_ref().ok()).copied();
    let typed = [
        FileFormat::GeoJson,
        FileFormat::GeoJsonLines,
        FileFormat::Xlsx,
    ];
    let typed = FileFormat::of(&request.file).is_some_and(|format| typed.contains(&format));
    let mut seen = Seen::new(source.layer(), typed);
    let mut clash = false;
    each(source, request, watch, &mut |record| {
        match record {
            Ok(mut record) => {
                if let Some(left) = unify(&mut record) {
                    seen.partial.add(record.number, &left);
                }
                let id = match at {
                    _ if clash => None,
                    Some(at) => of_column(&record, at).ok(),
                    None => record.id.clone(),
                };
                clash = clash || id.is_some_and(|id| before.is_elsewhere(&id.text()));
                seen.see(&record, &request.nulls);
            }
            Err(bad) => {
                seen.bad += 1;
                seen.first_bad.get_or_insert(bad);
            }
        }
        Ok(())
    })?;
    // Bad records are told of in the second pass, with all else that is wrong.
    if seen.records + seen.bad == 0 && !request.allow_empty {
        let reason = format!(
            "{}: the layer has no records; --allow-empty is for a collection that is to have none",
            request.file.display()
        );
        return Err(ImportError::Refused(reason));
    }
    // A file without records need not have the column either.
    let id = match id {
        Some(Err(error)) if seen.records > 0 => return Err(error),
        other => other.and_then(Result::ok),
    };
    Ok((seen, id, clash))
}

/// Refuses a CRS that is told where there is nothing that is in it: the map would stay empty.
fn some_place(request: &Request, layer: &Layer, seen: &Seen) -> Result<(), ImportError> {
    if request.asked.crs.is_none()
        || seen.records == 0
        || seen.nowhere < seen.records
        || seen.bad > 0
    {
        return Ok(());
    }
    let records = seen.records;
    let is_table = matches!(
        FileFormat::of(&request.file),
        Some(FileFormat::Csv | FileFormat::Xlsx)
    );
    let way = if is_table {
        let names: Vec<_> = layer
            .columns
            .iter()
            .take(20)
            .map(|column| column.name.as_str())
            .collect();
        format!(
            "name the columns of the coordinates with --x (easting or longitude) and --y (northing or latitude); it has {}",
            names.join(", ")
        )
    } else {
        "its shapes are empty".to_owned()
    };
    Err(ImportError::Refused(format!(
        "{}: --crs is told, and none of its {records} records has a place: {way}. Without --crs it is imported as records without a place",
        request.file.display()
    )))
}

/// Returns true where a point at 0, 0 of the file is not where the plan is.
fn zero_is_nowhere(placed: Option<&Placed>, extent: Option<Bbox>) -> bool {
    let zero = placed.and_then(|placed| placed.position(Coord::zero()).ok());
    !zero
        .zip(extent)
        .is_some_and(|(zero, extent)| extent.contains(zero))
}

fn told_of(seen: &Seen, notes: &mut Vec<String>) {
    let all = seen.records;
    notes.extend(seen.partial.told());
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

/// A word on each column of objects, whose members are not seen in the plan unless they become columns.
pub(super) fn nested(layer: &Layer, seen: &Seen) -> Vec<String> {
    let columns = layer.columns.iter().zip(&seen.columns);
    let nested = columns.filter_map(|(column, profile)| {
        let first = profile.members.first()?;
        let (name, members) = (&column.name, &profile.members);
        Some(format!(
            "column {name} holds objects, of which {} can be columns of their own: --map \"{name}.{first}={}\"",
            members.iter().map(String::as_str).collect::<Vec<_>>().join(", "),
            super::name::column(first).name
        ))
    });
    nested.collect()
}

/// A word on times of a column, from 0, that have no zone.
pub(super) fn without_zone(layer: &Layer, seen: &Seen, at: usize) -> Option<String> {
    let (column, profile) = (layer.columns.get(at)?, seen.columns.get(at)?);
    let such = profile.zoneless;
    (such > 0).then(|| {
        let name = &column.name;
        format!("column {name}: {such} times have no zone, and are taken as UTC")
    })
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
    let prefix = clash.then(|| format!("{}-", target.info.id));
    let after = prefix.as_ref().map_or(String::new(), |prefix| {
        format!(" after {prefix:?}, for another collection has some of them")
    });
    let (rule, note) = if let Some(at) = id {
        let name = request.id.as_deref().unwrap_or_default();
        let note = format!("ids: the column {name}{after}");
        (Rule::Column(at, prefix), note)
    } else if seen.with_id == seen.records && seen.records > 0 {
        let note = format!("ids: the file's own{after}");
        (Rule::Own(prefix), note)
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
        drafts.push(Draft::of(&path, &was, &text.text(), request.dry_run)?);
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
        let draft = Draft::of(&path, &was, &all, request.dry_run)?;
        changed.push(("seeds/collections.toml".to_owned(), draft.path().to_owned()));
        drafts.push(draft);
    }
    // One whose tables somebody wrote by hand is not on the map either before it has something.
    let is_shown = plan
        .views
        .iter()
        .any(|view| view.layers.contains(&target.info.id));
    if target.fresh.is_some() || (!is_shown && before.has_nothing()) {
        text.show(&target.info.id);
    }
    if let Some(bounds) = written.bounds.filter(|_| unknown) {
        text.set_extent(settings::around(bounds), true);
    }
    if text.text() != was {
        let draft = Draft::of(&path, &first, &text.text(), request.dry_run)?;
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
    (own, shifted): (&str, Option<String>),
    warnings: &mut Vec<String>,
    watch: &mut Watch,
) -> Result<Option<Changes>, ImportError> {
    let files = PlanFiles::Changed(request.plan.clone(), changed);
    let after = ingest::load_telling(&files, &mut *watch.tell)?;
    let mut troubles = Troubles::default();
    let mut doubts = Troubles::default();
    for finding in &after.findings {
        let line = || format!("[{}] {}", finding.check, of_record(request, own, finding));
        match finding.severity {
            Severity::Error if !before.has(finding) => troubles.add(line),
            Severity::Warning if finding.file.starts_with("geodata/") => doubts.add(line),
            _ => {}
        }
    }
    if troubles.count > 0 {
        // A shift explains places outside the plan better than each of them does.
        let outside = |finding: &Finding| finding.check == "outside-extent";
        let grows = after.findings.iter().any(outside).then(|| {
            "--extend lets the plan's extent grow to hold the data; --skip-invalid FILE leaves such records out, and lists them in FILE".to_owned()
        });
        troubles.hint = shifted.or(grows);
        return Err(ImportError::Findings(troubles));
    }
    if doubts.count > 0 {
        warnings.push(format!(
            "the plan has {} about places: `buju check` lists them",
            counted(doubts.count, "warning")
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
        return Ok(None);
    };
    let before = before.rows.as_ref().map(|(_, rows)| rows);
    Ok(Some(Changes::between(before, &rows, request.told)))
}

/// A finding about the collection's file as one about the record of the imported file: each became a feature, in order.
fn of_record(request: &Request, own: &str, finding: &Finding) -> String {
    match finding.index {
        Some(index) if finding.file == own => Finding {
            file: format!("{}: record {}", request.file.display(), index + 1),
            index: None,
            ..finding.clone()
        }
        .to_string(),
        _ => finding.to_string(),
    }
}

/// `1 warning`, `2 warnings`.
fn counted(count: u64, noun: &str) -> String {
    let plural = if count == 1 { "" } else { "s" };
    format!("{count} {noun}{plural}")
}

/// What was seen of a layer, and its column of ids if one is told, for [`super::infer`].
pub fn seen(
    source: &Source,
    request: &Request,
    watch: &mut Watch,
) -> Result<(Seen, Option<usize>), ImportError> {
    let (seen, id, _) = look(source, request, &Before::default(), watch)?;
    Ok((seen, id))
}

/// The file's name, for messages.
pub fn file_name(layer: &Layer, request: &Request) -> String {
    let name = request.file.file_name();
    name.map_or_else(
        || layer.name.clone(),
        |name| name.to_string_lossy().into_owned(),
    )
}
