use std::io::IsTerminal;
use std::process::ExitCode;

use clap::{Args, ValueEnum};

use super::{CliError, PlanArg, print, unknown};
use crate::encode;
use crate::query::Query;
use crate::tile::{Grid, TileCoord, TileMatrixSet};

#[derive(Debug, Args)]
pub(super) struct TileArgs {
    /// The tile as zoom/column/row
    #[arg(value_name = "Z/X/Y")]
    tile: String,
    #[command(flatten)]
    plan: PlanArg,
    /// The tile matrix set, by its id; `buju serve` lists them at /tileMatrixSets
    #[arg(long, value_name = "SET", default_value_t)]
    matrix_set: TileMatrixSet,
    /// Only these collections (repeatable)
    #[arg(long = "collection", value_name = "ID")]
    collections: Vec<String>,
    /// Tile format
    #[arg(long, value_enum, default_value_t = Format::Geojson)]
    format: Format,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum Format {
    Geojson,
    Mvt,
}

pub(super) fn tile(args: &TileArgs) -> Result<ExitCode, CliError> {
    let coord = coord(args.matrix_set, &args.tile).ok_or_else(|| CliError::Tile {
        text: args.tile.clone(),
        set: args.matrix_set,
    })?;
    let store = args.plan.open()?;
    let every = Query::default();
    let wanted = |id: &str| {
        let named = args.collections.iter().any(|wanted| wanted == id);
        (named || args.collections.is_empty()).then_some(&every)
    };
    for id in &args.collections {
        if store.collection(id).is_none() {
            return Err(unknown(id, &store));
        }
    }
    match args.format {
        Format::Geojson => {
            let mut bytes = encode::tile_geojson(&store.tile(coord, Grid::Degrees, wanted)?, &[]);
            bytes.push(b'\n');
            print(&bytes)?;
        }
        Format::Mvt => {
            if std::io::stdout().is_terminal() {
                return Err(CliError::Binary);
            }
            print(&encode::mvt(&store.tile(coord, Grid::Units, wanted)?))?;
        }
    }
    Ok(ExitCode::SUCCESS)
}

fn coord(set: TileMatrixSet, text: &str) -> Option<TileCoord> {
    let parts: Vec<_> = text.split('/').collect();
    let &[z, x, y] = parts.as_slice() else {
        return None;
    };
    TileCoord::new(set, z.parse().ok()?, x.parse().ok()?, y.parse().ok()?)
}
