use std::io::{BufWriter, Write};
use std::process::ExitCode;

use clap::{Args, ValueEnum};

use super::{CliError, PlanArg, counted, print, printed, severity};
use crate::audit::{self, Report};
use crate::encode::{self, Counts};
use crate::model::{AuditSettings, CHECKS, Check, Scope, Severity};
use crate::snapshot::Snapshot;

/// Of each check so many findings are shown, unless all are asked for.
const EXAMPLES: usize = 5;

#[derive(Debug, Args)]
pub(super) struct CheckArgs {
    #[command(flatten)]
    plan: PlanArg,
    /// Output for people, for programs, for continuous integration or for a map
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
    /// All findings, and not the first five of each check (of the other formats, the first 10 000)
    #[arg(long)]
    all: bool,
    /// What else exits with 1
    #[arg(long, value_enum, value_name = "WHAT")]
    deny: Option<Deny>,
    /// List all checks, each with what it means and whether the plan turns it off, and check nothing
    #[arg(long)]
    list: bool,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum Format {
    Text,
    Json,
    /// A layer of findings
    Geojson,
    /// `JUnit`, a test case per check
    #[value(help = "JUnit, a test case per check")]
    Junit,
    /// SARIF 2.1.0
    Sarif,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Deny {
    Warnings,
}

pub(super) fn check(args: &CheckArgs) -> Result<ExitCode, CliError> {
    let mut outcome = args.plan.load()?;
    let counts = Counts::from(&outcome);
    let findings = std::mem::take(&mut outcome.findings);
    let loaded = outcome.loaded.or(outcome.rest);
    let settings = loaded.as_ref().map(|loaded| loaded.plan.audit.clone());
    let settings = settings.unwrap_or_default();
    if args.list {
        print(&list(args.format, &settings))?;
        return Ok(ExitCode::SUCCESS);
    }
    let limit = if args.all { usize::MAX } else { audit::KEPT };
    let snapshot = loaded.map(|loaded| Snapshot::build(loaded, Vec::new()));
    let report = match &snapshot {
        Some(snapshot) => audit::audit(snapshot, findings, limit),
        None => audit::refused(findings),
    };
    let denied = args.deny == Some(Deny::Warnings);
    match args.format {
        Format::Text => print(&text(&report, counts, snapshot.as_ref(), args.all))?,
        Format::Json => print(&encode::findings_json(&report, counts))?,
        Format::Junit => print(&encode::findings_junit(&report, &settings.off, denied))?,
        Format::Sarif => print(&encode::findings_sarif(&report))?,
        Format::Geojson => printed(|out| {
            let mut out = BufWriter::new(out);
            encode::findings_geojson(&report, snapshot.as_ref(), &mut out)?;
            out.flush()
        })?,
    }
    let bad = report.count(Severity::Error) > 0 || (denied && report.count(Severity::Warning) > 0);
    Ok(ExitCode::from(u8::from(bad)))
}

fn text(report: &Report, counts: Counts, snapshot: Option<&Snapshot>, all: bool) -> Vec<u8> {
    let mut out = String::new();
    for tally in &report.tallies {
        let check = tally.check;
        let head = [
            severity(check.severity),
            " [",
            check.name,
            "] ",
            check.en,
            " ",
            check.zh,
        ];
        out.extend(head);
        out.extend([format!(": {}\n", tally.count)]);
        let shown = if all { usize::MAX } else { EXAMPLES };
        let notes: Vec<_> = report.notes_of(check).take(shown).collect();
        for note in &notes {
            out.extend([format!("  {}\n", note.finding)]);
        }
        if notes.len() < tally.count {
            out.extend([format!(
                "  ... and {} more (--all)\n",
                tally.count - notes.len()
            )]);
        }
    }
    if !report.audited {
        out.push_str("The audit was not made: it needs a plan without errors of settings, files and figures.\n");
    } else if report.count(Severity::Error) > 0 {
        out.push_str("The audit was made without the shapes that have errors.\n");
    }
    if !report.idle.is_empty() {
        let names: Vec<_> = report.idle.iter().map(|check| check.name).collect();
        out.extend([format!(
            "Had nothing to look at: {}. buju check --list says what they need.\n",
            names.join(", ")
        )]);
    }
    out.extend([
        counted(report.count(Severity::Error), "error"),
        ", ".to_owned(),
        counted(report.count(Severity::Warning), "warning"),
        "; ".to_owned(),
        rows(counts, snapshot),
    ]);
    out.into_bytes()
}

/// What the plan is about: the register, and where it has none, all features.
fn rows(counts: Counts, snapshot: Option<&Snapshot>) -> String {
    let (what, located, unlocated) = match snapshot {
        Some(snapshot) if counts.register_rows == 0 => {
            let all = snapshot.collections.iter().map(|one| one.summary(0));
            let (features, nowhere) = all.fold((0, 0), |(features, nowhere), one| {
                (features + one.features, nowhere + one.without_geometry)
            });
            (counted(features, "feature"), features - nowhere, nowhere)
        }
        _ => (
            counted(counts.register_rows, "register row"),
            counts.located,
            counts.unlocated,
        ),
    };
    format!("{what}: {located} on the map, {unlocated} without a place\n")
}

fn list(format: Format, settings: &AuditSettings) -> Vec<u8> {
    if matches!(format, Format::Json) {
        let one = |check: &Check| {
            serde_json::json!({
                "check": check.name,
                "severity": check.severity,
                "made": made(check),
                "on": !settings.is_off(check.name),
                "title": { "zh": check.zh, "en": check.en },
                "about": check.about,
                "settings": check.settings,
            })
        };
        let all: Vec<_> = CHECKS.iter().map(one).collect();
        return format!("{:#}\n", serde_json::Value::from(all)).into_bytes();
    }
    let mut out = String::new();
    for check in CHECKS {
        let off = if settings.is_off(check.name) {
            ", off"
        } else {
            ""
        };
        out.extend([format!(
            "{} ({}, {}{off}) {} {}\n  {}\n",
            check.name,
            severity(check.severity),
            made(check),
            check.en,
            check.zh,
            check.about
        )]);
        if !check.settings.is_empty() {
            out.extend([format!("  [audit] {}\n", check.settings.join(", "))]);
        }
    }
    out.into_bytes()
}

/// When a check is made, in words.
fn made(check: &Check) -> &'static str {
    match check.scope {
        Scope::Load => "on loading, always",
        Scope::Warn => "on loading",
        Scope::Audit => "by buju check",
    }
}
