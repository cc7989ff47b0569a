//! The `buju` program: parses, runs, exits.

use std::io::IsTerminal;
use std::process::ExitCode;

use clap::Parser;
use tracing_log::log_tracer::Builder as LogTracerBuilder;
use tracing_log::{AsLog, LogTracer};
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
    start_log();
    cli.run().unwrap_or_else(|error| {
        buju::cli::say(&format!("buju: {error}\n"));
        ExitCode::from(2)
    })
}

/// What fetches base maps writes whole addresses, with the key, into the log: it is left out, whatever `BUJU_LOG` asks for.
const SECRETIVE: [&str; 3] = ["ureq", "ureq_proto", "rustls"];

/// To standard error. Nothing here can fail but by being called twice.
fn start_log() {
    let filter = EnvFilter::try_from_env("BUJU_LOG")
        .unwrap_or_else(|_| EnvFilter::new("warn,buju::reload=info"));
    // Colours are for people, and a log in a file is read by programs.
    let plain = std::env::var_os("NO_COLOR").is_some_and(|set| !set.is_empty());
    let log = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_ansi(!plain && std::io::stderr().is_terminal())
        .with_writer(std::io::stderr)
        .finish();
    if tracing::subscriber::set_global_default(log).is_err() {
        return;
    }
    let level = tracing::level_filters::LevelFilter::current().as_log();
    let others = LogTracer::builder().with_max_level(level);
    let others = SECRETIVE
        .into_iter()
        .fold(others, LogTracerBuilder::ignore_crate);
    if let Err(error) = others.init() {
        tracing::warn!(%error, "other crates do not log");
    }
}
