//! Tiles, by the short form and by OGC API Tiles' paths.

use axum::extract::Request;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::IntoResponse;

use super::answer::{Answer, GEOJSON, MVT, counted, ok, service};
use super::features::no_collection;
use super::links;
use super::negotiate;
use super::params::{Params, Path};
use super::problem::Problem;
use super::state::Service;
use super::tile_query::TileQuery;
use super::work::work;
use crate::encode::{self, form};
use crate::tile::{Grid, TileCoord, TileMatrixSet};

/// `GET /tiles/{z}/{x}/{y}.geojson` and `.mvt`: XYZ order, all collections or those named.
pub(super) async fn short(
    Path((z, x, file)): Path<(String, String, String)>,
    request: Request,
) -> Answer {
    let (y, grid) = match file.split_once('.') {
        Some((y, "geojson")) => (y, Grid::Degrees),
        Some((y, "mvt" | "pbf")) => (y, Grid::Units),
        _ => {
            return Err(Problem::not_found(format!(
                "expected {{y}}.geojson or {{y}}.mvt, found {file:?}"
            )));
        }
    };
    let place = [("z", z.as_str()), ("x", &x), ("y", y)];
    let tile = Asked {
        coord: coord(TileMatrixSet::WebMercatorQuad, place)?,
        grid,
        of: None,
        // Web maps know no limits and ask for every tile in sight.
        limited: false,
        params: Params::parse(request.uri().query())?,
        raw: request.uri().query().map(str::to_owned),
    };
    answer(service(&request)?, tile).await
}

/// `GET /tiles/{set}/{z}/{row}/{col}`: all collections in one tile, or those named.
pub(super) async fn dataset(
    Path((set, z, row, col)): Path<(String, String, String, String)>,
    request: Request,
) -> Answer {
    let tile = by_ogc(None, &set, [&z, &col, &row], &request)?;
    answer(service(&request)?, tile).await
}

/// `GET /collections/{c}/tiles/{set}/{z}/{row}/{col}`
pub(super) async fn of_collection(
    Path((id, set, z, row, col)): Path<(String, String, String, String, String)>,
    request: Request,
) -> Answer {
    if service(&request)?.store.collection(&id).is_none() {
        return Err(no_collection(&id));
    }
    let tile = by_ogc(Some(id), &set, [&z, &col, &row], &request)?;
    answer(service(&request)?, tile).await
}

fn by_ogc(
    of: Option<String>,
    set: &str,
    [z, col, row]: [&str; 3],
    request: &Request,
) -> Result<Asked, Problem> {
    let place = [("tileMatrix", z), ("tileCol", col), ("tileRow", row)];
    let coord = coord(matrix_set(set)?, place)?;
    let mut params = Params::parse(request.uri().query())?;
    let forms = &[form::GEOJSON, form::MVT];
    let form = negotiate::form(&mut params, request.headers(), forms)?;
    Ok(Asked {
        coord,
        grid: if *form == form::MVT {
            Grid::Units
        } else {
            Grid::Degrees
        },
        of,
        limited: true,
        params,
        raw: request.uri().query().map(str::to_owned),
    })
}

/// The tile matrix set that a path names.
pub(super) fn matrix_set(id: &str) -> Result<TileMatrixSet, Problem> {
    id.parse()
        .map_err(|error| Problem::not_found_parameter("tileMatrixSetId", format!("{error}")))
}

/// A tile that exists; the parameters are named level, column, row.
fn coord(set: TileMatrixSet, place: [(&str, &str); 3]) -> Result<TileCoord, Problem> {
    let [level, column, row] = place;
    let part = |(name, text): (&str, &str), [low, high]: [u32; 2]| {
        // As the tile matrix set writes it: `07` and `+7` are not 7.
        let number = text.parse().ok().filter(|n: &u32| n.to_string() == text);
        number.filter(|n| (low..=high).contains(n)).ok_or_else(|| {
            let at = if name == level.0 {
                String::new()
            } else {
                format!(" in level {}", level.1)
            };
            let reason = format!("{set} has no {name} {text:?}{at}; expected {low} to {high}");
            Problem::not_found_parameter(name, reason)
        })
    };
    let levels = set.levels();
    let z = part(level, [*levels.start(), *levels.end()].map(u32::from))?;
    let z = u8::try_from(z).map_err(|error| Problem::failed(&error))?;
    let x = part(column, [0, set.columns(z) - 1])?;
    let y = part(row, [0, set.rows(z) - 1])?;
    TileCoord::new(set, z, x, y).ok_or_else(|| Problem::failed(&"a tile between others"))
}

/// What the path and the form say; the parameters that are left say what is in it.
struct Asked {
    coord: TileCoord,
    grid: Grid,
    of: Option<String>,
    /// True where tiles beyond the limits in the tileset's metadata do not exist (OGC 20-057,
    /// /req/core/tc-error).
    limited: bool,
    params: Params,
    /// The query string, for links.
    raw: Option<String>,
}

async fn answer(service: Service, asked: Asked) -> Answer {
    let context = service.work.clone();
    work(&context, move || {
        let store = &service.store;
        let Asked { coord, grid, .. } = asked;
        let of = asked.of.as_deref();
        let wanted = TileQuery::read(asked.params, asked.raw.as_deref(), &service, of)?;
        if asked.limited
            && let Some(bounds) = wanted.bounds(store)
        {
            within_limits(coord, TileCoord::covering(coord.set(), coord.z(), bounds))?;
        }
        let mut tile = store.tile(coord, grid, |id| wanted.query(id))?;
        wanted.order(&mut tile);
        let items = wanted.items(&service.base, &tile);
        let mut response = match grid {
            Grid::Degrees => ok(GEOJSON, encode::tile_geojson(&tile, &items)),
            Grid::Units => match encode::mvt(&tile) {
                empty if empty.is_empty() => StatusCode::NO_CONTENT.into_response(),
                body => ok(MVT, body),
            },
        };
        if let Some(links) = links::header(&items) {
            response.headers_mut().insert(header::LINK, links);
        }
        let mut response = counted(response, tile.matched(), tile.returned());
        if tile.merged() > 0 {
            let headers = response.headers_mut();
            headers.insert("buju-number-merged", HeaderValue::from(tile.merged()));
        }
        Ok(response)
    })
    .await
}

fn within_limits(tile: TileCoord, [first, last]: [TileCoord; 2]) -> Result<(), Problem> {
    for (name, found, low, high) in [
        ("tileCol", tile.x(), first.x(), last.x()),
        ("tileRow", tile.y(), first.y(), last.y()),
    ] {
        if !(low..=high).contains(&found) {
            let reason = format!(
                "{found} is beyond the limits of this tileset: in level {} it has {low} to {high}",
                tile.z()
            );
            return Err(Problem::not_found_parameter(name, reason));
        }
    }
    Ok(())
}
