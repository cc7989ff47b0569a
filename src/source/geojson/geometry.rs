use geo::{Coord, Geometry, Point};
use serde_json::Value as Json;

use super::super::shape::{self, DEEPEST};
use super::entry::brief;

/// Reads a geometry; none where it has no position. Numbers after the second of a position are left out.
pub(super) fn read(json: &Json, flattened: &mut bool) -> Result<Option<Geometry<f64>>, String> {
    part(json, flattened, 0)
}

fn part(json: &Json, flattened: &mut bool, depth: usize) -> Result<Option<Geometry<f64>>, String> {
    if json.is_null() {
        return Ok(None);
    }
    let Some(kind) = json.get("type").and_then(Json::as_str) else {
        return Err(format!(
            "expected a geometry with a type, found {}",
            brief(json)
        ));
    };
    if kind == "GeometryCollection" {
        if depth == DEEPEST {
            return Err(format!("its geometry is nested more than {DEEPEST} deep"));
        }
        let mut parts = Vec::new();
        for json in array(json.get("geometries"), "geometries")? {
            parts.extend(part(json, flattened, depth + 1)?);
        }
        return Ok(shape::collection(parts));
    }
    let coordinates = array(json.get("coordinates"), "coordinates")?;
    Ok(match kind {
        "Point" if coordinates.is_empty() => None,
        "Point" => Some(Point(position(coordinates, flattened)?).into()),
        "MultiPoint" => shape::points(positions(coordinates, flattened)?),
        "LineString" => shape::line(positions(coordinates, flattened)?)?.map(Into::into),
        "MultiLineString" => {
            let lines = nested(coordinates, flattened)?.into_iter();
            let lines = lines.filter_map(|line| shape::line(line).transpose());
            shape::lines(lines.collect::<Result<_, _>>()?)
        }
        "Polygon" => shape::polygon(nested(coordinates, flattened)?)?.map(Into::into),
        "MultiPolygon" => {
            let mut polygons = Vec::new();
            for rings in coordinates {
                let rings = nested(array(Some(rings), "coordinates")?, flattened)?;
                polygons.extend(shape::polygon(rings)?);
            }
            shape::polygons(polygons)
        }
        other => {
            return Err(format!(
                "its geometry has the type {other:?}, which is none"
            ));
        }
    })
}

fn array<'a>(json: Option<&'a Json>, what: &str) -> Result<&'a [Json], String> {
    match json {
        Some(Json::Array(parts)) => Ok(parts),
        Some(other) => Err(format!(
            "expected an array of {what}, found {}",
            brief(other)
        )),
        None => Err(format!("its geometry has no {what}")),
    }
}

/// Lines or rings.
fn nested(parts: &[Json], flattened: &mut bool) -> Result<Vec<Vec<Coord<f64>>>, String> {
    let line = |json| positions(array(Some(json), "positions")?, flattened);
    parts.iter().map(line).collect()
}

fn positions(parts: &[Json], flattened: &mut bool) -> Result<Vec<Coord<f64>>, String> {
    let place = |json| position(array(Some(json), "numbers")?, flattened);
    parts.iter().map(place).collect()
}

fn position(numbers: &[Json], flattened: &mut bool) -> Result<Coord<f64>, String> {
    let number = |at: usize| numbers.get(at).and_then(Json::as_f64);
    let (Some(x), Some(y)) = (number(0), number(1)) else {
        let found = brief(&Json::Array(numbers.to_vec()));
        return Err(format!("expected a position of two numbers, found {found}"));
    };
    *flattened |= numbers.len() > 2;
    shape::place(x, y)
}
