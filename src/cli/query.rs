use std::process::ExitCode;

use clap::{Args, ValueEnum};

use super::{CliError, PlanArg, print, unknown};
use crate::encode;
use crate::model::{Bbox, CollectionInfo};
use crate::query::{Filter, Query, condition};

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
    /// Only features that meet this box: west,south,east,north in degrees
    #[arg(long, value_name = "BOX", allow_hyphen_values = true)]
    bbox: Option<Bbox>,
    /// At most so many features
    #[arg(long, value_name = "N")]
    limit: Option<usize>,
    /// Output format
    #[arg(long, value_enum, default_value_t = Format::Table)]
    format: Format,
    /// Say how the query is answered instead of answering it
    #[arg(long)]
    explain: bool,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum Format {
    Table,
    Geojson,
    Csv,
}

pub(super) fn query(args: &QueryArgs) -> Result<ExitCode, CliError> {
    let store = args.plan.open()?;
    let missing = || unknown(&args.collection, &store);
    let summary = store.collection(&args.collection).ok_or_else(missing)?;
    let columns = &summary.info.columns;
    let parts = args.conditions.iter().map(|text| part(summary.info, text));
    let query = Query {
        bbox: args.bbox.map(Into::into),
        filter: Filter::all(parts.collect::<Result<Vec<_>, _>>()?),
        ..Query::default()
    };
    if args.explain {
        let explained = store.explain(&args.collection, &query);
        print(format!("{}\n", explained.ok_or_else(missing)?).as_bytes())?;
        return Ok(ExitCode::SUCCESS);
    }
    let limit = args.limit.unwrap_or(usize::MAX);
    let page = store.items(&args.collection, &query, limit, None)?;
    let page = page.ok_or_else(missing)?;
    match args.format {
        Format::Table => {
            let note = format!("{} of {}\n", page.features.len(), page.matched);
            print((encode::table(columns, &page.features) + &note).as_bytes())?;
        }
        Format::Csv => print(&encode::csv(columns, &page.features)?)?,
        Format::Geojson => {
            let mut bytes = encode::feature_collection(columns, page, &[]);
            bytes.push(b'\n');
            print(&bytes)?;
        }
    }
    Ok(ExitCode::SUCCESS)
}

fn part(info: &CollectionInfo, text: &str) -> Result<Filter, CliError> {
    let wrong = |reason: String| CliError::Where {
        text: text.to_owned(),
        reason,
    };
    let (name, value) = text
        .split_once('=')
        .ok_or_else(|| wrong("expected COLUMN=VALUE".to_owned()))?;
    let column = info
        .column_index(name)
        .ok_or_else(|| wrong(format!("collection {:?} has no column {name:?}", info.id)))?;
    let condition =
        condition(&info.columns[column], value).map_err(|error| wrong(error.to_string()))?;
    Ok(Filter::column(column, condition))
}
