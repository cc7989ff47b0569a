//! Tiles, by the short form and by OGC API Tiles' paths.

use axum::extract::Request;
use axum::http::StatusCode;
use axum::response::IntoResponse;

use super::answer::{Answer, GEOJSON, MVT, counted, ok, service, work};
use super::features::no_collection;
use super::negotiate;
use super::params::{Params, Path};
use super::problem::Problem;
use super::state::Service;
use crate::encode::{self, form};
use crate::tile::{Grid, TileCoord};

/// `GET /tiles/{z}/{x}/{y}.geojson` and `.mvt`: XYZ order, all collections or those named.
pub(super) async fn short(
    Path((z, x, file)): Path<(String, String, String)>,
    request: Request,
) -> Answer {
    let (y, grid) = match file.split_once('.') {
        Some((y, "geojson")) => (y, Grid::Degrees),
        Some((y, "mvt" | "pbf")) => (y, Grid::Mercator),
        _ => {
            return Err(Problem::not_found(format!(
                "expected {{y}}.geojson or {{y}}.mvt, found {file:?}"
            )));
        }
    };
    let coord = coord(&z, ("x", &x), ("y", y))?;
    let mut params = Params::parse(request.uri().query())?;
    let wanted = params.read("collections", names)?;
    params.finish()?;
    tile(service(&request)?, coord, grid, wanted).await
}

/// `GET /tiles/WebMercatorQuad/{z}/{row}/{col}`: all collections in one tile.
pub(super) async fn dataset(
    Path((z, row, col)): Path<(String, String, String)>,
    request: Request,
) -> Answer {
    let coord = coord(&z, ("tileCol", &col), ("tileRow", &row))?;
    let mut params = Params::parse(request.uri().query())?;
    let grid = grid(&mut params, &request)?;
    let wanted = params.read("collections", names)?;
    params.finish()?;
    tile(service(&request)?, coord, grid, wanted).await
}

/// `GET /collections/{c}/tiles/WebMercatorQuad/{z}/{row}/{col}`
pub(super) async fn of_collection(
    Path((id, z, row, col)): Path<(String, String, String, String)>,
    request: Request,
) -> Answer {
    let service = service(&request)?;
    if service.store.collection(&id).is_none() {
        return Err(no_collection(&id));
    }
    let coord = coord(&z, ("tileCol", &col), ("tileRow", &row))?;
    let mut params = Params::parse(request.uri().query())?;
    let grid = grid(&mut params, &request)?;
    params.finish()?;
    tile(service, coord, grid, Some(vec![id])).await
}

async fn tile(
    service: Service,
    coord: TileCoord,
    grid: Grid,
    wanted: Option<Vec<String>>,
) -> Answer {
    if let Some(unknown) = wanted
        .iter()
        .flatten()
        .find(|id| service.store.collection(id).is_none())
    {
        return Err(Problem::parameter(
            "collections",
            format!("there is no collection {unknown:?}"),
        ));
    }
    work(move || {
        let tile = service.store.tile(coord, grid, |id| {
            wanted
                .as_ref()
                .is_none_or(|names| names.iter().any(|name| name == id))
        });
        let response = match grid {
            Grid::Degrees => ok(GEOJSON, encode::tile_geojson(&tile)),
            Grid::Mercator => match encode::mvt(&tile).map_err(|error| Problem::failed(&error))? {
                empty if empty.is_empty() => StatusCode::NO_CONTENT.into_response(),
                body => ok(MVT, body),
            },
        };
        Ok(counted(response, tile.matched(), tile.returned()))
    })
    .await
}

fn coord(z: &str, x: (&str, &str), y: (&str, &str)) -> Result<TileCoord, Problem> {
    let missing = |name: &str, text: &str| {
        Problem::not_found_parameter(
            name,
            format!("WebMercatorQuad has no tile with {name} {text:?} here"),
        )
    };
    let level = z.parse().map_err(|_| missing("tileMatrix", z))?;
    let column = x.1.parse().map_err(|_| missing(x.0, x.1))?;
    let row = y.1.parse().map_err(|_| missing(y.0, y.1))?;
    TileCoord::new(level, column, row).ok_or_else(|| {
        Problem::not_found(format!(
            "WebMercatorQuad has no tile in level {z}, column {}, row {}",
            x.1, y.1
        ))
    })
}

/// The grid that the form asked for is cut on.
fn grid(params: &mut Params, request: &Request) -> Result<Grid, Problem> {
    let form = negotiate::form(params, request.headers(), &[form::GEOJSON, form::MVT])?;
    Ok(if *form == form::MVT {
        Grid::Mercator
    } else {
        Grid::Degrees
    })
}

fn names(text: &str) -> Result<Vec<String>, &'static str> {
    let names: Vec<_> = text.split(',').map(str::to_owned).collect();
    if names.iter().any(String::is_empty) {
        return Err("expected ids of collections separated by commas");
    }
    Ok(names)
}
