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
    /// Tables for the file as it is: a .gpkg or .fgb that is put into geodata/, and read from there
    #[arg(long)]
    direct: bool,
    /// With --direct: the file's column whose values are ids [default: a column id, else the row's key]
    #[arg(long, value_name = "COLUMN", requires = "direct")]
    id: Option<String>,
}

pub(super) fn infer(args: &InferArgs) -> Result<ExitCode, CliError> {
    let request = Request {
        collection: args.into.clone().unwrap_or_default(),
        id: args.id.clone(),
        ..args.file.request()?
    };
    let proposed = watched(|watch| import::infer(&request, args.direct, watch))?;
    print(proposed.as_bytes())?;
    Ok(ExitCode::SUCCESS)
}
