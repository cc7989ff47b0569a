use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::{Args, ValueEnum};
use unicode_width::UnicodeWidthStr;

use super::{CliError, counted, described, opened, printed, say};
use crate::diff::{Change, Difference, details, diff};
use crate::encode::{self, place_words};
use crate::model::{Finding, Severity};
use crate::snapshot::Snapshot;

/// Of each collection so many features are shown, unless all are asked for.
const SHOWN: usize = 50;
/// A value is shown up to so many columns of a terminal.
const WIDEST: usize = 60;

#[derive(Debug, Args)]
pub(super) struct DiffArgs {
    /// The plan folder as it was
    #[arg(value_name = "OLD")]
    old: PathBuf,
    /// The plan folder as it is
    #[arg(value_name = "NEW")]
    new: PathBuf,
    /// A place whose outline lies within so many metres of what it was has not moved: 0.02 lets coordinates be cut to
    /// seven decimals. Less than half a millimetre is never told
    #[arg(long, value_name = "METRES", default_value_t = 0.0, value_parser = metres)]
    tolerance: f64,
    /// Output for people, for programs or for a map
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
    /// All features, and not the first fifty of each collection (the other formats have all)
    #[arg(long)]
    all: bool,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum Format {
    Text,
    Json,
    /// A layer of changes
    Geojson,
}

fn metres(text: &str) -> Result<f64, String> {
    let metres: Option<f64> = text.parse().ok();
    let from_zero = metres.filter(|metres| metres.is_finite() && *metres >= 0.0);
    from_zero.ok_or_else(|| "expected a number of metres from 0".to_owned())
}

pub(super) fn run(args: &DiffArgs) -> Result<ExitCode, CliError> {
    let (old, new) = (snapshot(&args.old)?, snapshot(&args.new)?);
    let difference = diff(&old, &new, args.tolerance);
    printed(|out| {
        let mut out = BufWriter::new(out);
        match args.format {
            Format::Text => text(&difference, args.all, &mut out)?,
            Format::Json => encode::difference_json(&difference, &mut out)?,
            Format::Geojson => encode::difference_geojson(&difference, &mut out)?,
        }
        out.flush()
    })?;
    Ok(ExitCode::from(u8::from(!difference.is_empty())))
}

/// A plan with errors cannot be compared: they are printed. Warnings are no difference.
fn snapshot(folder: &Path) -> Result<Snapshot, CliError> {
    let outcome = opened(Some(folder))?;
    let Some(loaded) = outcome.loaded else {
        let is_error = |finding: &&Finding| finding.severity == Severity::Error;
        for finding in outcome.findings.iter().filter(is_error) {
            say(&described(finding));
        }
        return Err(CliError::Incomparable {
            folder: folder.to_owned(),
            errors: counted(outcome.errors(), "error"),
        });
    };
    Ok(Snapshot::build(loaded, Vec::new()))
}

fn text(difference: &Difference<'_>, all: bool, out: &mut dyn Write) -> io::Result<()> {
    settings(difference, out)?;
    let mut sums = [0; 4];
    for changes in &difference.collections {
        let counts = changes.counts();
        for (sum, count) in sums.iter_mut().zip(counts) {
            *sum += count;
        }
        if changes.changes.is_empty() {
            continue;
        }
        writeln!(
            out,
            "{}: {}, {} as before",
            changes.collection,
            listed(counts),
            changes.unchanged
        )?;
        let shown = if all { usize::MAX } else { SHOWN };
        for change in changes.changes.iter().take(shown) {
            feature(difference, change, out)?;
        }
        let more = changes.changes.len().saturating_sub(shown);
        if more > 0 {
            writeln!(out, "  ... and {more} more (--all)")?;
        }
    }
    writeln!(
        out,
        "{}; {}",
        listed(sums),
        counted(difference.settings.len(), "setting")
    )
}

/// `1 added, 0 removed, 2 moved, 0 changed`.
fn listed(counts: [usize; 4]) -> String {
    let kinds = counts.iter().zip(Change::KINDS);
    let words: Vec<_> = kinds
        .map(|(count, kind)| format!("{count} {kind}"))
        .collect();
    words.join(", ")
}

fn settings(difference: &Difference<'_>, out: &mut dyn Write) -> io::Result<()> {
    let mut file = "";
    let width = difference
        .settings
        .iter()
        .map(|setting| setting.path.width())
        .max();
    for setting in &difference.settings {
        if setting.file != file {
            writeln!(out, "seeds/{}", setting.file)?;
            file = setting.file;
        }
        let pad = " ".repeat(width.unwrap_or_default() - setting.path.width());
        let (old, new) = (shown(&setting.old), shown(&setting.new));
        writeln!(out, "  {}{pad}  {old} -> {new}", setting.path)?;
    }
    Ok(())
}

fn feature(difference: &Difference<'_>, change: &Change, out: &mut dyn Write) -> io::Result<()> {
    let details = details(difference, change);
    let sign = match change {
        Change::Added(_) => '+',
        Change::Removed(_) => '-',
        Change::Moved { .. } => '>',
        Change::Changed { .. } => '~',
    };
    let name = details.name.as_deref().unwrap_or_default();
    writeln!(
        out,
        "{}",
        format!("  {sign} {}  {}", details.id, fitted(name)).trim_end()
    )?;
    let mut lines: Vec<(&str, String)> = Vec::new();
    if let Some(from) = &details.from {
        lines.push(("collection", format!("was {from}")));
    }
    if let Some(place) = &details.place {
        lines.push(("geometry", place_words(place)));
    }
    for changed in &details.values {
        let (old, new) = (shown(&changed.old.to_json()), shown(&changed.new.to_json()));
        lines.push((&changed.column, format!("{old} -> {new}")));
    }
    let width = lines
        .iter()
        .map(|(key, _)| key.width())
        .max()
        .unwrap_or_default();
    for (key, words) in lines {
        let pad = " ".repeat(width - key.width());
        writeln!(out, "      {key}{pad}  {words}")?;
    }
    Ok(())
}

/// A value as JSON, cut where it is long; what is not there is a dash.
fn shown(value: &serde_json::Value) -> String {
    match value {
        serde_json::Value::Null => "-".to_owned(),
        value => fitted(&value.to_string()),
    }
}

/// Chinese characters count as two columns; control characters would move the cursor.
fn fitted(text: &str) -> String {
    let clean = text.replace(char::is_control, " ");
    if clean.width() <= WIDEST {
        return clean;
    }
    let mut kept = String::new();
    let mut width = 0;
    for c in clean.chars() {
        width += c.to_string().width();
        if width >= WIDEST {
            break;
        }
        kept.push(c);
    }
    kept.push('…');
    kept
}
