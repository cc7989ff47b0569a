use std::process::ExitCode;

use clap::Args;

use super::{CliError, PlanArg, counted, print};
use crate::draw;

#[derive(Debug, Args)]
pub(super) struct DrawArgs {
    #[command(flatten)]
    plan: PlanArg,
}

pub(super) fn draw(args: &DrawArgs) -> Result<ExitCode, CliError> {
    let folder = args.plan.plan.as_deref().ok_or(CliError::NoFolder)?;
    let files = draw::draw(folder)?;
    draw::write(folder, &files)?;
    for (name, collection) in &files {
        let features = counted(collection.features.len(), "feature");
        print(format!("geodata/{name}: {features}\n").as_bytes())?;
    }
    Ok(ExitCode::SUCCESS)
}
