//! The `buju` program: parses, runs, exits.

use std::process::ExitCode;

use clap::Parser;
use tracing_subscriber::EnvFilter;

fn main() -> ExitCode {
    let cli = buju::cli::Cli::parse();
    let filter = EnvFilter::try_from_env("BUJU_LOG").unwrap_or_else(|_| EnvFilter::new("warn"));
    tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr)
        .init();
    cli.run().unwrap_or_else(|error| {
        eprintln!("buju: {error}");
        ExitCode::from(2)
    })
}
