use std::io::IsTerminal;
use std::process::ExitCode;

use clap::{Args, ValueEnum};

use super::{CliError, PlanArg, print, unknown};
use crate::encode;
use crate::tile::{Grid, TileCoord};

#[derive(Debug, Args)]
pub(super) struct TileArgs {
    /// The tile as zoom/column/row
    #[arg(value_name = "Z/X/Y")]
    tile: String,
    #[command(flatten)]
    plan: PlanArg,
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
    let coord = coord(&args.tile).ok_or_else(|| CliError::Tile(args.tile.clone()))?;
    let store = args.plan.open()?;
    let wanted = |id: &str| {
        args.collections.is_empty() || args.collections.iter().any(|wanted| wanted == id)
    };
    for id in &args.collections {
        if store.collection(id).is_none() {
            return Err(unknown(id, &store));
        }
    }
    match args.format {
        Format::Geojson => {
            let mut bytes = encode::tile_geojson(&store.tile(coord, Grid::Degrees, wanted));
            bytes.push(b'\n');
            print(&bytes)?;
        }
        Format::Mvt => {
            if std::io::stdout().is_terminal() {
                return Err(CliError::Binary);
            }
            print(&encode::mvt(&store.tile(coord, Grid::Mercator, wanted))?)?;
        }
    }
    Ok(ExitCode::SUCCESS)
}

fn coord(text: &str) -> Option<TileCoord> {
    let parts: Vec<_> = text.split('/').collect();
    let &[z, x, y] = parts.as_slice() else {
        return None;
    };
    TileCoord::new(z.parse().ok()?, x.parse().ok()?, y.parse().ok()?)
}
