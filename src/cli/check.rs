use std::process::ExitCode;

use clap::{Args, ValueEnum};

use super::{CliError, PlanArg, counted, described, print};
use crate::ingest::Outcome;

#[derive(Debug, Args)]
pub(super) struct CheckArgs {
    #[command(flatten)]
    plan: PlanArg,
    /// Output for people or for programs
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum Format {
    Text,
    Json,
}

pub(super) fn check(args: &CheckArgs) -> Result<ExitCode, CliError> {
    let outcome = args.plan.load()?;
    print(&match args.format {
        Format::Text => text(&outcome),
        Format::Json => json(&outcome),
    })?;
    Ok(ExitCode::from(u8::from(outcome.errors() > 0)))
}

fn text(outcome: &Outcome) -> Vec<u8> {
    let errors = outcome.errors();
    let warnings = outcome.findings.len() - errors;
    let mut out: String = outcome.findings.iter().map(described).collect();
    out.extend([
        counted(errors, "error"),
        ", ".to_owned(),
        counted(warnings, "warning"),
        "; ".to_owned(),
        counted(outcome.register_rows, "register row"),
    ]);
    out.extend([format!(
        ": {} on the map, {} without a place\n",
        outcome.located, outcome.unlocated
    )]);
    out.into_bytes()
}

fn json(outcome: &Outcome) -> Vec<u8> {
    let errors = outcome.errors();
    let json = serde_json::json!({
        "errors": errors,
        "warnings": outcome.findings.len() - errors,
        "registerRows": outcome.register_rows,
        "located": outcome.located,
        "unlocated": outcome.unlocated,
        "findings": outcome.findings,
    });
    format!("{json:#}\n").into_bytes()
}
