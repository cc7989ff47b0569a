use std::io::{self, BufWriter, IsTerminal, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::{Args, ValueEnum};
use tempfile::NamedTempFile;

use super::{CliError, PlanArg, print, unknown};
use crate::crs::{Crs, Reprojector};
use crate::encode::{self, EncodeError, Table, Wishes};
use crate::grammar::{self, Choice, Params};
use crate::model::CollectionInfo;
use crate::query::{Budget, Selection};

#[derive(Debug, Args)]
pub(super) struct QueryArgs {
    /// The collection's id, for instance parcels
    collection: String,
    #[command(flatten)]
    plan: PlanArg,
    /// A condition COLUMN=VALUE; a number may be a range such as 2..4, 2.. or ..4 (repeatable: all
    /// must hold)
    #[arg(long = "where", value_name = "COLUMN=VALUE")]
    conditions: Vec<String>,
    #[command(flatten)]
    words: Words,
    /// Only these columns, separated by commas, in this order
    #[arg(long, value_name = "COLUMNS")]
    properties: Option<String>,
    /// The CRS of the coordinates written, for instance EPSG:4549
    #[arg(long, value_name = "CRS")]
    crs: Option<String>,
    /// At most so many features
    #[arg(long, value_name = "N")]
    limit: Option<usize>,
    /// Output format
    #[arg(long, value_enum, default_value_t = Format::Table)]
    format: Format,
    /// Begin a CSV with a byte order mark, by which Excel knows UTF-8
    #[arg(long)]
    bom: bool,
    /// Write to this file; it is there once it is whole
    #[arg(long, short, value_name = "FILE")]
    output: Option<PathBuf>,
    /// Say how the query is answered instead of answering it
    #[arg(long)]
    explain: bool,
}

const FILTER_HELP: &str =
    "A CQL2 expression, for instance \"plot_ratio > 2 AND site_area_m2 > 10000\"";

/// The grammar's parameters, by its own names: what the API takes, this takes too.
#[derive(Debug, Args)]
struct Words {
    #[arg(long, value_name = "CQL2", help = FILTER_HELP)]
    filter: Option<String>,
    /// The language of the filter: cql2-text or cql2-json [default: cql2-text]
    #[arg(long, value_name = "LANG")]
    filter_lang: Option<String>,
    /// The CRS of the geometries in the filter [default: CRS84]
    #[arg(long, value_name = "CRS")]
    filter_crs: Option<String>,
    /// Only features that meet this box: west,south,east,north in degrees
    #[arg(long, value_name = "BOX", allow_hyphen_values = true)]
    bbox: Option<String>,
    /// The CRS of the box, whose numbers are in its authority's order [default: CRS84]
    #[arg(long, value_name = "CRS")]
    bbox_crs: Option<String>,
    /// Only features of this time: an instant, or an interval such as 2021-01-01/..
    #[arg(long, value_name = "TIME")]
    datetime: Option<String>,
    /// Only features whose name holds this: Chinese, English, pinyin or its initials
    #[arg(long, value_name = "TEXT")]
    q: Option<String>,
    /// Only the feature with this id
    #[arg(long, value_name = "ID")]
    id: Option<String>,
    /// Only features near this, nearest first: a collection, collection/feature, two numbers, WKT
    #[arg(long, value_name = "PLACE", allow_hyphen_values = true)]
    near: Option<String>,
    /// The greatest distance of --near in metres
    #[arg(long, value_name = "METRES")]
    within: Option<String>,
    /// The CRS of the numbers in --near and --near-filter [default: CRS84]
    #[arg(long, value_name = "CRS")]
    near_crs: Option<String>,
    /// Only features of --near's collection that fulfil this CQL2 expression
    #[arg(long, value_name = "CQL2")]
    near_filter: Option<String>,
    /// Columns to sort by, with - before those that descend
    #[arg(long, value_name = "COLUMNS", allow_hyphen_values = true)]
    sortby: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    /// For a terminal
    Table,
    Geojson,
    Csv,
    /// Excel
    Xlsx,
    #[value(help = "GeoPackage")]
    Gpkg,
    #[value(help = "FlatGeobuf")]
    Fgb,
    /// Shapefiles in a zip
    Shp,
    Kml,
    #[value(help = "GeoParquet")]
    Parquet,
    /// JSON-FG
    Jsonfg,
}

impl Format {
    fn file(self) -> Option<encode::Format> {
        Some(match self {
            Self::Table => return None,
            Self::Geojson => encode::Format::GeoJson,
            Self::Csv => encode::Format::Csv,
            Self::Xlsx => encode::Format::Xlsx,
            Self::Gpkg => encode::Format::GeoPackage,
            Self::Fgb => encode::Format::FlatGeobuf,
            Self::Shp => encode::Format::Shapefile,
            Self::Kml => encode::Format::Kml,
            Self::Parquet => encode::Format::GeoParquet,
            Self::Jsonfg => encode::Format::JsonFg,
        })
    }

    fn is_text(self) -> bool {
        matches!(
            self,
            Self::Table | Self::Geojson | Self::Csv | Self::Kml | Self::Jsonfg
        )
    }
}

pub(super) fn query(args: &QueryArgs) -> Result<ExitCode, CliError> {
    if args.bom && args.format != Format::Csv {
        return Err(CliError::Option(
            "--bom means nothing but with --format csv",
        ));
    }
    if !args.format.is_text() && args.output.is_none() && io::stdout().is_terminal() {
        return Err(CliError::Option(
            "this format is not for a terminal: name a file with --output",
        ));
    }
    let store = args.plan.open()?;
    let missing = || unknown(&args.collection, &store);
    let info = store.collection(&args.collection).ok_or_else(missing)?.info;
    let mut params = args.params(info)?;
    let crs = grammar::crs(&mut params, "crs", &store)?;
    let chosen = Choice::read(&mut params, info)?;
    let query = grammar::query(&mut params, &store, info, &Budget::default())?;
    params.finish()?;
    if args.explain {
        let explained = store.explain(&args.collection, &query)?;
        print(format!("{}\n", explained.ok_or_else(missing)?).as_bytes())?;
        return Ok(ExitCode::SUCCESS);
    }
    let limit = args.limit.unwrap_or(usize::MAX);
    let found = store
        .select(&args.collection, &query, limit, None)?
        .ok_or_else(missing)?;
    let choice = Choice::new(info, chosen, &query);
    let mut bytes = Vec::new();
    let Some(format) = args.format.file() else {
        let rows: Vec<_> = found
            .features()
            .map(|(row, metres)| choice.of(row, metres))
            .collect();
        bytes.extend(encode::table(choice.columns(), &rows).into_bytes());
        writeln!(bytes, "{} of {}", rows.len(), found.matched)?;
        return args.put(|out| Ok(out.write_all(&bytes)?));
    };
    args.put(|out| file(info, crs, &choice, &found, format, args.bom, out))
}

/// Writes features in a format.
fn file(
    info: &CollectionInfo,
    crs: Crs,
    choice: &Choice,
    found: &Selection,
    format: encode::Format,
    bom: bool,
    out: &mut (dyn Write + Send),
) -> Result<(), EncodeError> {
    let to = Reprojector::new(Crs::Crs84, crs)?;
    let mut rows = found.features().map(|(row, metres)| {
        let mut feature = choice.of(row, metres);
        let shape = feature.geometry.as_ref();
        feature.geometry = shape.map(|shape| to.geometry(shape)).transpose()?;
        Ok(feature)
    });
    let table = Table {
        collection: info,
        columns: choice.columns(),
        crs,
        features: &mut rows,
    };
    let wishes = Wishes {
        bom,
        matched: Some(found.matched),
        ..Wishes::default()
    };
    encode::write(format, table, wishes, out)
}

impl QueryArgs {
    fn params(&self, info: &CollectionInfo) -> Result<Params, CliError> {
        let mut params = Params::default();
        let words = &self.words;
        let given = [
            ("filter", &words.filter),
            ("filter-lang", &words.filter_lang),
            ("filter-crs", &words.filter_crs),
            ("bbox", &words.bbox),
            ("bbox-crs", &words.bbox_crs),
            ("datetime", &words.datetime),
            ("q", &words.q),
            ("id", &words.id),
            ("near", &words.near),
            ("within", &words.within),
            ("near-crs", &words.near_crs),
            ("near-filter", &words.near_filter),
            ("sortby", &words.sortby),
            ("properties", &self.properties),
            ("crs", &self.crs),
        ];
        for (name, value) in given {
            if let Some(value) = value {
                params.put(name, value.clone())?;
            }
        }
        for text in &self.conditions {
            let wrong = |reason: String| CliError::Where {
                text: text.clone(),
                reason,
            };
            let (name, value) = text
                .split_once('=')
                .ok_or_else(|| wrong("expected COLUMN=VALUE".to_owned()))?;
            if info.column_index(name).is_none() {
                return Err(wrong(grammar::unknown(info, name)));
            }
            params
                .put(name, value.to_owned())
                .map_err(|error| wrong(error.to_string()))?;
        }
        Ok(params)
    }

    /// Writes to the file, which is there only once it is whole, or to standard output.
    fn put(
        &self,
        write: impl FnOnce(&mut (dyn Write + Send)) -> Result<(), EncodeError>,
    ) -> Result<ExitCode, CliError> {
        let Some(path) = &self.output else {
            let mut out = BufWriter::new(io::stdout());
            let done = write(&mut out).and_then(|()| Ok(out.flush()?));
            return match done {
                // A reader that stops reading (`| head`) is no error.
                Err(EncodeError::Io(error)) if error.kind() == io::ErrorKind::BrokenPipe => {
                    Ok(ExitCode::SUCCESS)
                }
                other => Ok(other.map(|()| ExitCode::SUCCESS)?),
            };
        };
        let failed = |reason: io::Error| CliError::Output {
            path: path.clone(),
            reason,
        };
        let folder = path
            .parent()
            .filter(|folder| !folder.as_os_str().is_empty());
        let mut draft = draft(folder.unwrap_or(Path::new("."))).map_err(failed)?;
        let mut out = BufWriter::new(draft.as_file_mut());
        write(&mut out)?;
        out.flush().map_err(failed)?;
        drop(out);
        draft.persist(path).map_err(|error| failed(error.error))?;
        Ok(ExitCode::SUCCESS)
    }
}

/// A file beside the one that it will be, as open to others as any that a program makes.
fn draft(folder: &Path) -> io::Result<NamedTempFile> {
    let mut builder = tempfile::Builder::new();
    #[cfg(unix)]
    let builder = builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o666));
    builder.prefix(".buju-").tempfile_in(folder)
}
