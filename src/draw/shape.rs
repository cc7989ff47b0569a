//! One entry of the recipe becomes one geometry.

use std::collections::HashMap;

use geo::{
    Coord, GeodesicArea, Geometry, LineString, MultiLineString, MultiPoint, MultiPolygon, Point,
    Polygon,
};

use super::DrawError;
use super::axis;
use super::board::Board;
use super::recipe::{Corner, Cut, Entry, Place, Shape, Squares};

/// Shapes by entry id, in degrees, as they are written.
pub type Drawn<'a> = HashMap<&'a str, Geometry<f64>>;

/// Draws an entry; it may copy one of those drawn before it.
pub fn draw(board: &Board, entry: &Entry, before: &Drawn<'_>) -> Result<Geometry<f64>, DrawError> {
    let id = entry.id.as_str();
    let shape = match &entry.draw {
        Shape::Points(places) => points(board, id, places)?,
        Shape::Lines(cuts) => lines(board, id, cuts)?,
        Shape::Corners(corners) => polygon(board, id, corners)?,
        Shape::Squares(squares) => squares_in_a_row(board, id, squares)?,
        Shape::Belt(cut) => belt(board, id, cut)?,
        Shape::SameAs(other) => {
            return before
                .get(other.as_str())
                .cloned()
                .ok_or_else(|| DrawError::UnknownEntry {
                    entry: id.to_owned(),
                    other: other.clone(),
                });
        }
    };
    board.finish(id, &shape)
}

fn points(board: &Board, id: &str, places: &[Place]) -> Result<Geometry<f64>, DrawError> {
    let points = places
        .iter()
        .map(|place| board.place(id, place).map(Point::from))
        .collect::<Result<Vec<_>, _>>()?;
    one_or_many(points, MultiPoint::new).ok_or_else(|| wrong(id, "points needs one place or more"))
}

fn lines(board: &Board, id: &str, cuts: &[Cut]) -> Result<Geometry<f64>, DrawError> {
    let lines = cuts
        .iter()
        .map(|cut| board.cut(id, cut))
        .collect::<Result<Vec<_>, _>>()?;
    one_or_many(lines, MultiLineString::new)
        .ok_or_else(|| wrong(id, "lines needs one piece or more"))
}

fn belt(board: &Board, id: &str, cut: &Cut) -> Result<Geometry<f64>, DrawError> {
    let line = board.cut(id, cut)?;
    fit(board, id, board.area(id, id)?, 1.0, |half_width| {
        Polygon::new(axis::belt(&line, half_width), Vec::new()).into()
    })
}

fn polygon(board: &Board, id: &str, corners: &[Corner]) -> Result<Geometry<f64>, DrawError> {
    let mut ring: Vec<Coord<f64>> = Vec::new();
    for corner in corners {
        match corner {
            Corner::At(place) => ring.push(board.place(id, place)?),
            Corner::Side(cut) => ring.extend(board.cut(id, cut)?.0),
        }
    }
    // Where a side ends at the corner that follows it, the place is named twice.
    ring.dedup_by(|a, b| (a.x - b.x).hypot(a.y - b.y) < 0.05);
    if ring.len() < 3 {
        return Err(wrong(id, "corners needs three places or more"));
    }
    let mut ring = LineString::new(ring);
    ring.close();
    Ok(Polygon::new(ring, Vec::new()).into())
}

fn squares_in_a_row(
    board: &Board,
    id: &str,
    squares: &Squares,
) -> Result<Geometry<f64>, DrawError> {
    if squares.count == 0 {
        return Err(wrong(id, "count must be 1 or more"));
    }
    if squares
        .only
        .is_some_and(|only| only == 0 || only > squares.count)
    {
        return Err(wrong(id, "only counts from 1 to count"));
    }
    if squares.count > 1 && squares.gap_m <= 0.0 && squares.only.is_none() {
        return Err(wrong(
            id,
            "parts of one shape may not touch: give a gap_m above 0",
        ));
    }
    let line = board.axis(id, &squares.along)?;
    let center = board.place(id, &squares.center)?;
    let foot =
        axis::foot(line, center).ok_or_else(|| DrawError::ShortAxis(squares.along.clone()))?;
    let (east, north) = bearing(foot.direction);
    let [shift_east, shift_north] = squares.shift_m;
    let center = center + east * shift_east + north * shift_north;

    let row = |side: f64| -> MultiPolygon<f64> {
        let step = side + squares.gap_m;
        let first = -0.5 * step * f64::from(squares.count - 1);
        (0..squares.count)
            .map(|index| {
                let middle = center + east * (first + step * f64::from(index));
                square(middle, east * (side / 2.0), north * (side / 2.0))
            })
            .collect()
    };
    let area = board.area(id, squares.area_of.as_deref().unwrap_or(id))?;
    let fitted = fit(board, id, area, 0.5, |side| row(side).into())?;
    let Geometry::MultiPolygon(parts) = fitted else {
        return Ok(fitted);
    };
    // As drawn together, so that two entries that show one square each meet the same row.
    let mut parts = parts.0;
    if let Some(only) = squares.only {
        parts = parts.into_iter().skip(only as usize - 1).take(1).collect();
    }
    one_or_many(parts, MultiPolygon::new).ok_or_else(|| wrong(id, "no part is left"))
}

/// The two directions of a grid laid along a line: roughly east, roughly north.
fn bearing(direction: Coord<f64>) -> (Coord<f64>, Coord<f64>) {
    let turned = Coord {
        x: -direction.y,
        y: direction.x,
    };
    let lying = if direction.x.abs() >= direction.y.abs() {
        direction
    } else {
        turned
    };
    let east = if lying.x < 0.0 { -lying } else { lying };
    let north = Coord {
        x: -east.y,
        y: east.x,
    };
    (east, north)
}

fn square(middle: Coord<f64>, east: Coord<f64>, north: Coord<f64>) -> Polygon<f64> {
    let ring = vec![
        middle - east - north,
        middle + east - north,
        middle + east + north,
        middle - east + north,
        middle - east - north,
    ];
    Polygon::new(LineString::new(ring), Vec::new())
}

/// Finds the size at which a shape measures an area on the ellipsoid. The area grows with a power
/// of the size: `exponent` is its inverse, 0.5 for a square's side and 1 for a strip's width.
fn fit(
    board: &Board,
    id: &str,
    area_m2: f64,
    exponent: f64,
    shape: impl Fn(f64) -> Geometry<f64>,
) -> Result<Geometry<f64>, DrawError> {
    let fail = || DrawError::NoSize {
        entry: id.to_owned(),
        area_m2,
    };
    let mut size = 100.0;
    for _ in 0..20 {
        let drawn = shape(size);
        // Signed: the unsigned one takes a clockwise ring for the rest of the earth.
        let measured = board.degrees(id, &drawn)?.geodesic_area_signed().abs();
        let ratio = area_m2 / measured;
        if !(ratio.is_finite() && ratio > 0.0) {
            return Err(fail());
        }
        if (ratio - 1.0).abs() < 1e-9 {
            return Ok(drawn);
        }
        size *= ratio.powf(exponent);
    }
    Err(fail())
}

fn one_or_many<P, M>(mut parts: Vec<P>, many: impl Fn(Vec<P>) -> M) -> Option<Geometry<f64>>
where
    P: Into<Geometry<f64>>,
    M: Into<Geometry<f64>>,
{
    if parts.len() > 1 {
        return Some(many(parts).into());
    }
    parts.pop().map(Into::into)
}

fn wrong(id: &str, reason: &'static str) -> DrawError {
    DrawError::Shape {
        entry: id.to_owned(),
        reason,
    }
}
