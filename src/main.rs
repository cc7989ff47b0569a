//! The `buju` program: parses, runs, exits.

use std::io::IsTerminal;
use std::process::ExitCode;

use clap::Parser;
use tracing_subscriber::EnvFilter;

/// Answers of all sizes are made and freed all the time. Under three minutes of random load on 100 000
/// parcels (`--soak` of `benches/city`) 392 MB were resident with glibc's allocator in the end, and 23 MB
/// more each minute; with this one it stayed between 305 and 342 MB for seven. What loading has freed goes
/// back within a quarter of a minute, until which 128 MB are resident instead of 70.
#[cfg(not(target_env = "msvc"))]
#[global_allocator]
static ALLOCATOR: tikv_jemallocator::Jemalloc = tikv_jemallocator::Jemalloc;

fn main() -> ExitCode {
    buju::crs::silence();
    let cli = buju::cli::Cli::parse();
    let filter = EnvFilter::try_from_env("BUJU_LOG")
        .unwrap_or_else(|_| EnvFilter::new("warn,buju::reload=info"));
    // Colours are for people, and a log in a file is read by programs.
    let plain = std::env::var_os("NO_COLOR").is_some_and(|set| !set.is_empty());
    tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_ansi(!plain && std::io::stderr().is_terminal())
        .with_writer(std::io::stderr)
        .init();
    cli.run().unwrap_or_else(|error| {
        buju::cli::say(&format!("buju: {error}\n"));
        ExitCode::from(2)
    })
}
