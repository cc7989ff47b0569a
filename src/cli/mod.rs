//! The command line: what was typed. One file per command does it.

mod check;
mod diff;
mod draw;
mod duration;
mod error;
mod import;
mod infer;
mod interrupt;
mod new;
mod progress;
mod query;
mod serve;
mod signals;
mod tile;
mod token;

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::{Args, Parser, Subcommand};

use crate::ingest::{self, Outcome, PlanFiles};
use crate::model::{Finding, Severity};
use crate::store::{OpenError, Store};

pub use error::CliError;
use progress::Bar;

/// Serves a town plan's project layout as a live map, an API and tiles.
#[derive(Debug, Parser)]
#[command(name = "buju", version, propagate_version = true, max_term_width = 100)]
pub struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Serve the map, the API and the tiles
    ///
    /// Changes to the plan's files are taken up while it runs: a new version is read beside the old one and takes its
    /// place whole. One with errors is logged and refused, and the old one stays.
    ///
    /// Exits with 0 if every answer was sent whole when it was told to end, 3 if some were cut off, 2 if it could not
    /// be started.
    #[command(after_help = "Example: buju serve --plan my-town --listen 0.0.0.0:8080")]
    Serve(serve::ServeArgs),
    /// Check a plan folder and report everything wrong with it
    ///
    /// Beside what cannot be served, it looks for what is likely to be a mistake: overlaps, gaps, slivers,
    /// duplicates, features outside of what they belong to, figures and names that disagree. A plan can
    /// turn each such check off, and say what it tolerates.
    ///
    /// Exits with 0 if the plan can be served (there may be warnings), 1 if there are errors, 2 if
    /// the folder could not be read.
    #[command(after_help = "Example: buju check --plan my-town --format json")]
    Check(check::CheckArgs),
    /// Compare two plan folders
    ///
    /// Exits with 0 if they say the same, 1 if they do not, 2 if one of them cannot be read.
    #[command(after_help = "Example: buju diff my-town-2024 my-town --format geojson")]
    Diff(diff::DiffArgs),
    /// Query the features of a collection
    #[command(
        after_help = "Example: buju query parcels --where plot_ratio=2.. --sortby -site_area_m2 --format csv"
    )]
    Query(Box<query::QueryArgs>),
    /// Write one tile to standard output
    #[command(after_help = "Example: buju tile 15/27431/13384 --format geojson")]
    Tile(tile::TileArgs),
    /// Make a plan folder for another town
    #[command(after_help = "Example: buju new my-town --title 我镇规划 --title-en \"My town\"")]
    New(new::NewArgs),
    /// Show what a data file holds, and the tables of collections.toml that it suggests
    #[command(after_help = "Example: buju infer plots.shp")]
    Infer(infer::InferArgs),
    /// Import a data file of another program into a collection of a plan folder
    ///
    /// The file's records take the place of what the collection holds. Nothing is written where one of them is
    /// wrong, or where the plan would have errors that it does not have now.
    ///
    /// Columns are joined as --map says, else by equal names, else by titles. Units: m² ha 万m² 亩 km², m km cm mm,
    /// 元 万元 百万元 亿元, 1 % ‰, 人 万人, in Chinese or as signs; a unit in brackets in the file's header is one too.
    #[command(
        after_help = "Example: buju import plots.shp --into parcels --map 容积率=plot_ratio --map 用地面积=site_area_m2:公顷 --id 地块编号 --plan my-town"
    )]
    Import(Box<import::ImportArgs>),
    /// Draw a plan's schematic geometry from its recipe, into its geodata/ folder
    #[command(after_help = "Example: buju draw --plan my-town")]
    Draw(draw::DrawArgs),
}

#[derive(Debug, Args)]
struct PlanArg {
    /// The plan folder, with seeds/ and geodata/ [default: the plan that the program ships with]
    #[arg(long, value_name = "DIR", env = "BUJU_PLAN")]
    plan: Option<PathBuf>,
}

impl Cli {
    /// Runs the command.
    ///
    /// # Errors
    /// The command could not do what was asked.
    pub fn run(self) -> Result<ExitCode, CliError> {
        match self.command {
            Command::Serve(args) => serve::serve(&args),
            Command::Check(args) => check::check(&args),
            Command::Diff(args) => diff::run(&args),
            Command::Query(args) => query::query(&args),
            Command::Tile(args) => tile::tile(&args),
            Command::Draw(args) => draw::draw(&args),
            Command::New(args) => new::new(&args),
            Command::Infer(args) => infer::infer(&args),
            Command::Import(args) => import::import(&args),
        }
    }
}

impl PlanArg {
    fn load(&self) -> Result<Outcome, CliError> {
        opened(self.plan.as_deref())
    }

    fn files(&self) -> PlanFiles {
        PlanFiles::new(self.plan.as_deref())
    }

    /// Reads the plan; its errors are printed and refuse it.
    fn open(&self) -> Result<Store, CliError> {
        let mut bar = Bar::new();
        let opened = Store::open(&self.files(), &mut |progress| bar.tell(progress));
        drop(bar);
        let store = opened.map_err(|error| match error {
            OpenError::Folder(error) => CliError::Plan(error),
            OpenError::Refused(errors) => {
                for finding in &errors {
                    say(&described(finding));
                }
                CliError::Refused(counted(errors.len(), "error"))
            }
        })?;
        if !store.warnings().is_empty() {
            let count = counted(store.warnings().len(), "warning");
            say(&format!("{count}: `buju check` lists them\n"));
        }
        Ok(store)
    }
}

/// Reads a plan folder, and tells on a terminal how far it is.
fn opened(folder: Option<&Path>) -> Result<Outcome, CliError> {
    let mut bar = Bar::new();
    let files = PlanFiles::new(folder);
    Ok(ingest::load_telling(&files, &mut |progress| {
        bar.tell(progress);
    })?)
}

fn counted(count: usize, noun: &str) -> String {
    format!("{count} {noun}{}", if count == 1 { "" } else { "s" })
}

fn described(finding: &Finding) -> String {
    let severity = severity(finding.severity);
    format!("{severity} [{}] {finding}\n", finding.check)
}

fn severity(severity: Severity) -> &'static str {
    match severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
    }
}

fn unknown(asked: &str, store: &Store) -> CliError {
    let known: Vec<_> = store
        .collections()
        .map(|summary| summary.info.id.as_str())
        .collect();
    CliError::Collection {
        asked: asked.to_owned(),
        known: known.join(", "),
    }
}

/// Writes to standard error. Where that is closed or full there is nobody to tell.
pub fn say(text: &str) {
    let _ = std::io::stderr().lock().write_all(text.as_bytes());
}

/// Writes to standard output. A reader that stops reading (`| head`) is no error.
fn print(bytes: &[u8]) -> Result<(), CliError> {
    printed(|out| out.write_all(bytes))
}

/// The same, of what is written piece by piece.
fn printed(write: impl FnOnce(&mut dyn Write) -> std::io::Result<()>) -> Result<(), CliError> {
    match write(&mut std::io::stdout().lock()) {
        Err(error) if error.kind() == std::io::ErrorKind::BrokenPipe => Ok(()),
        other => Ok(other?),
    }
}
