use std::fmt::Write;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::Args;

use super::interrupt::Interrupt;
use super::{Bar, CliError, PlanArg, counted, print, say};
use crate::crs::{Operation, Told};
use crate::import::{
    self, Asked, Changes, ImportError, Map, Named, Prepared, Request, Troubles, Watch,
};
use crate::source::{HeaderRows, Options, TableOptions, definition};

/// Of each kind of change so many ids are shown, unless all are asked for.
const EXAMPLES: usize = 10;

#[expect(
    clippy::struct_excessive_bools,
    reason = "each is an option of its own"
)]
#[derive(Debug, Args)]
pub(super) struct ImportArgs {
    #[command(flatten)]
    file: FileArgs,
    #[command(flatten)]
    plan: PlanArg,
    /// The collection's id; one that the plan does not have is made, its columns inferred
    #[arg(long, value_name = "COLLECTION")]
    into: String,
    /// The file's column whose values become ids [default: the format's own, else made of the content]
    #[arg(long, value_name = "COLUMN")]
    id: Option<String>,
    /// Let the plan's extent grow to hold the data
    #[arg(long)]
    extend: bool,
    /// Show what would change, and write nothing
    #[arg(long)]
    dry_run: bool,
    /// Show all ids of what changes, and not the first ten
    #[arg(long)]
    all: bool,
    /// Take a file without records: the collection has none then
    #[arg(long)]
    allow_empty: bool,
    /// Repair polygons that are not valid. A record whose area would change by more than PERCENT [default: 1] is refused
    #[arg(long, value_name = "PERCENT", num_args = 0..=1, require_equals = true, default_missing_value = "1")]
    repair: Option<f64>,
    /// Leave out records that cannot be taken over, and list them in FILE (CSV), each with the reason
    #[arg(long, value_name = "FILE")]
    skip_invalid: Option<PathBuf>,
}

/// How a file is read.
#[derive(Debug, Args)]
pub(super) struct FileArgs {
    /// The file: .geojson, .ndjson, .shp or its .zip, .gpkg, .fgb, .parquet, .kml, .csv, .xlsx
    file: PathBuf,
    /// The layer, where the file has several
    #[arg(long, value_name = "NAME")]
    layer: Option<String>,
    /// The encoding of the texts, where the file does not tell: gbk, gb18030, utf-8, windows-1252, 852
    #[arg(long, value_name = "NAME")]
    encoding: Option<String>,
    /// The column of the geometries (WKB) of a Parquet file that does not tell it, or that has several
    #[arg(long, value_name = "COLUMN")]
    geometry: Option<String>,
    /// The row of the header, or the rows, in a CSV or XLSX: 3, or 3-4 [default: found below titles]
    #[arg(long, value_name = "N[-M]")]
    header_row: Option<String>,
    /// The column of eastings or longitudes in a CSV or XLSX, where its name does not tell
    #[arg(long, value_name = "COLUMN", requires = "y")]
    x: Option<String>,
    /// The column of northings or latitudes in a CSV or XLSX, where its name does not tell
    #[arg(long, value_name = "COLUMN", requires = "x")]
    y: Option<String>,
    /// Give all rows of cells that are merged downwards in an XLSX the value of the first
    #[arg(long)]
    fill_merged: bool,
    /// Take rows of sums (合计, 小计, Total) in a CSV or XLSX as records; without it they are left out
    #[arg(long)]
    keep_totals: bool,
    /// A column that is left out, whatever its cells hold (repeatable)
    #[arg(long = "skip-column", value_name = "COLUMN")]
    skip_columns: Vec<String>,
    /// The CRS of the coordinates: EPSG:4549, GCJ02, BD09, a definition in WKT or PROJ's notation, or @local.prj, a
    /// file with one. It goes before what the file says
    #[arg(long, value_name = "CRS")]
    crs: Option<String>,
    /// The file has northing or latitude first, as Chinese surveys do
    #[arg(long)]
    swap_axes: bool,
    /// How to come from an older datum: EPSG:code, "+proj=helmert ..." with seven parameters, or ballpark
    #[arg(long, value_name = "OPERATION", allow_hyphen_values = true)]
    operation: Option<String>,
    #[arg(
        long = "map",
        value_name = "COLUMN=NAME[:UNIT[->UNIT]]",
        help = "Which column of the file fills which, and the unit of its numbers: 容积率=plot_ratio, 用地面积=site_area_m2:公顷, \"面积=site_area_m2:亩->m²\". A part of a nested column is named with a dot: core_details.direction=direction (repeatable)"
    )]
    maps: Vec<String>,
    /// A text that says nothing, such as 无 or - (repeatable)
    #[arg(long = "null", value_name = "TEXT", allow_hyphen_values = true)]
    nulls: Vec<String>,
}

impl FileArgs {
    /// What is asked of the file; of a plan there is nothing yet.
    pub fn request(&self) -> Result<Request, CliError> {
        let wrong = |option: &'static str, reason: String| CliError::Word {
            parameter: Some(option.to_owned()),
            reason,
        };
        let crs = self.crs.as_deref().map(crs).transpose();
        let operation = self.operation.as_deref().map(str::parse::<Operation>);
        let header = self.header_row.as_deref().map(str::parse::<HeaderRows>);
        let maps = self.maps.iter().map(|map| map.parse::<Map>());
        Ok(Request {
            file: self.file.clone(),
            options: Options {
                layer: self.layer.clone(),
                encoding: self.encoding.clone(),
                geometry: self.geometry.clone(),
                parts: Vec::new(),
                table: TableOptions {
                    header: header
                        .transpose()
                        .map_err(|reason| wrong("header-row", reason))?,
                    x: self.x.clone(),
                    y: self.y.clone(),
                    fill_merged: self.fill_merged,
                    keep_totals: self.keep_totals,
                },
                skip: self.skip_columns.clone(),
            },
            plan: PathBuf::new(),
            collection: String::new(),
            asked: Asked {
                crs: crs.map_err(|reason| wrong("crs", reason))?,
                operation: operation
                    .transpose()
                    .map_err(|error| wrong("operation", error))?,
                exchanged: self.swap_axes,
            },
            maps: maps
                .collect::<Result<_, _>>()
                .map_err(|error| wrong("map", error))?,
            id: None,
            nulls: self.nulls.clone(),
            repair: None,
            skip_invalid: None,
            extend: false,
            allow_empty: false,
            dry_run: false,
            told: EXAMPLES,
        })
    }
}

/// A CRS by its name or definition, or by a file with one.
fn crs(text: &str) -> Result<Told, String> {
    let path = text.strip_prefix('@').map(Path::new);
    let named = Told::by_text(text);
    let path = match (path, &named) {
        (None, Err(_)) => Some(Path::new(text)).filter(|path| path.is_file()),
        (path, _) => path,
    };
    let Some(path) = path else {
        return named.map_err(|error| error.to_string());
    };
    let definition = definition(path).map_err(|error| error.to_string())?;
    let told = Told::by_text(&definition);
    told.map_err(|error| format!("{}: {error}", path.display()))
}

pub(super) fn import(args: &ImportArgs) -> Result<ExitCode, CliError> {
    let folder = args.plan.plan.as_deref().ok_or(CliError::NoFolder)?;
    let repair = args.repair.map(|percent| {
        if percent.is_finite() && percent >= 0.0 {
            return Ok(percent / 100.0);
        }
        Err(CliError::Word {
            parameter: Some("repair".to_owned()),
            reason: format!("expected a percentage from 0, found {percent}"),
        })
    });
    let request = Request {
        plan: folder.to_owned(),
        collection: args.into.clone(),
        id: args.id.clone(),
        repair: repair.transpose()?,
        skip_invalid: args.skip_invalid.clone(),
        extend: args.extend,
        allow_empty: args.allow_empty,
        dry_run: args.dry_run,
        told: if args.all { usize::MAX } else { EXAMPLES },
        ..args.file.request()?
    };
    let prepared = watched(|watch| import::prepare(&request, watch))?;
    print(&report(&prepared, &request, args.dry_run))?;
    if args.dry_run {
        return Ok(ExitCode::SUCCESS);
    }
    prepared.put().map_err(told)?;
    Ok(ExitCode::SUCCESS)
}

/// Does work that a progress bar shows and Ctrl-C ends.
pub(super) fn watched<T>(
    work: impl FnOnce(&mut Watch) -> Result<T, ImportError>,
) -> Result<T, CliError> {
    let interrupt = Interrupt::new()?;
    let mut bar = Bar::new();
    let done = work(&mut Watch {
        tell: &mut |progress| bar.tell(progress),
        stopped: &|| interrupt.came(),
    });
    drop(bar);
    done.map_err(told)
}

fn report(prepared: &Prepared, request: &Request, dry_run: bool) -> Vec<u8> {
    let mut out = String::new();
    for note in &prepared.notes {
        let _ = writeln!(out, "{note}");
    }
    for warning in &prepared.warnings {
        let _ = writeln!(out, "warning: {warning}");
    }
    let records = usize::try_from(prepared.records).unwrap_or(usize::MAX);
    let records = counted(records, "record");
    let _ = write!(
        out,
        "{records} -> {}
{}",
        request.collection,
        prepared.changes.as_ref().map_or(String::new(), changes)
    );
    if dry_run {
        out.push_str("nothing was written (--dry-run)\n");
    }
    out.into_bytes()
}

fn changes(changes: &Changes) -> String {
    let line = |word: &str, named: &Named| {
        let more = match named.count - named.ids.len() {
            0 => String::new(),
            more => format!(" and {more} more"),
        };
        match named.count {
            0 => format!("{word} 0\n"),
            count => format!("{word} {count}: {}{more}\n", named.ids.join(", ")),
        }
    };
    format!(
        "{}{}{}unchanged {}\n",
        line("added", &changes.added),
        line("changed", &changes.changed),
        line("removed", &changes.removed),
        changes.same
    )
}

/// Prints what is wrong line by line; the error itself sums it up.
fn told(error: ImportError) -> CliError {
    let troubles = |troubles: &Troubles| {
        for line in &troubles.lines {
            say(&format!("{line}\n"));
        }
        say(&troubles.rest());
    };
    match &error {
        ImportError::Records { troubles: all, .. } | ImportError::Findings(all) => troubles(all),
        ImportError::Settings(findings) => {
            for finding in findings {
                say(&super::described(finding));
            }
        }
        _ => {}
    }
    error.into()
}
