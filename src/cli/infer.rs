use std::process::ExitCode;

use clap::Args;

use super::import::{FileArgs, watched};
use super::{CliError, print};
use crate::import::{self, Request};

#[derive(Debug, Args)]
pub(super) struct InferArgs {
    #[command(flatten)]
    file: FileArgs,
    /// The collection's id [default: the layer's name, spelt]
    #[arg(long, value_name = "COLLECTION")]
    into: Option<String>,
}

pub(super) fn infer(args: &InferArgs) -> Result<ExitCode, CliError> {
    let request = Request {
        collection: args.into.clone().unwrap_or_default(),
        ..args.file.request()?
    };
    let proposed = watched(|watch| import::infer(&request, watch))?;
    print(proposed.as_bytes())?;
    Ok(ExitCode::SUCCESS)
}
