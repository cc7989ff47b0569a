//! The `buju` program: parses, runs, exits.

use std::process::ExitCode;

use clap::Parser;
use tracing_subscriber::EnvFilter;

/// Loading makes and frees several times what it leaves, and tiles go on doing so. After 30 seconds of
/// random tiles on 100 000 parcels with 64 MB of cache, 1 090 MB were resident with glibc's allocator, 720
/// to 757 with mimalloc's and 287 with this one, which also loads in 60 % of the processor time.
#[cfg(not(target_env = "msvc"))]
#[global_allocator]
static ALLOCATOR: tikv_jemallocator::Jemalloc = tikv_jemallocator::Jemalloc;

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
