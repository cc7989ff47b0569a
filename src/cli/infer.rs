use std::process::ExitCode;

use clap::Args;

use super::import::{FileArgs, told};
use super::interrupt::Interrupt;
use super::{Bar, CliError, print};
use crate::import::{self, Request, Watch};

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
    let interrupt = Interrupt::new()?;
    let mut bar = Bar::new();
    let mut watch = Watch {
        tell: &mut |progress| bar.tell(progress),
        stopped: &|| interrupt.came(),
    };
    let proposed = import::infer(&request, &mut watch);
    drop(bar);
    print(proposed.map_err(told)?.as_bytes())?;
    Ok(ExitCode::SUCCESS)
}
