use geo::{Coord, Geometry, Point};

use super::SourceError;
use super::xml::Xml;
use crate::source::shape::{self, DEEPEST};

/// What is left out of a geometry.
#[derive(Debug, Default)]
pub(super) struct Flat {
    /// True where a position had a height other than 0, which most files write for none.
    pub flattened: bool,
    /// Names of elements.
    pub left: Vec<String>,
}

/// What came of a geometry: none where it has no position, or why it is no geometry.
type Shape = Result<Option<Geometry<f64>>, String>;

pub(super) fn is_shape(name: &str) -> bool {
    matches!(
        name,
        "Point" | "LineString" | "LinearRing" | "Polygon" | "MultiGeometry"
    )
}

/// Reads a geometry that has just begun, to its end, whatever is wrong with it.
pub(super) fn read(
    xml: &mut Xml,
    name: &str,
    flat: &mut Flat,
    depth: usize,
) -> Result<Shape, SourceError> {
    Ok(match name {
        "Polygon" => polygon(xml, flat)?,
        "MultiGeometry" => several(xml, flat, depth)?,
        _ => {
            let positions = positions(xml, flat)?;
            positions.and_then(|positions| match (name, positions.as_slice()) {
                ("Point", []) => Ok(None),
                ("Point", [at]) => Ok(Some(Point(*at).into())),
                ("Point", more) => Err(format!("a point has {} positions, expected 1", more.len())),
                _ => Ok(shape::line(positions)?.map(Into::into)),
            })
        }
    })
}

fn polygon(xml: &mut Xml, flat: &mut Flat) -> Result<Shape, SourceError> {
    let (mut outer, mut holes) = (Vec::new(), Vec::new());
    while let Some(side) = xml.child()? {
        let rings = match side.name.as_str() {
            "outerBoundaryIs" => &mut outer,
            "innerBoundaryIs" => &mut holes,
            _ => {
                xml.skip()?;
                continue;
            }
        };
        while let Some(ring) = xml.child()? {
            match ring.name.as_str() {
                "LinearRing" => rings.push(positions(xml, flat)?),
                _ => xml.skip()?,
            }
        }
    }
    if outer.len() > 1 {
        let count = outer.len();
        return Ok(Err(format!(
            "a polygon has {count} outer rings, expected 1"
        )));
    }
    if outer.is_empty() && !holes.is_empty() {
        return Ok(Err("a polygon has holes and no outer ring".to_owned()));
    }
    let rings: Result<Vec<_>, String> = outer.into_iter().chain(holes).collect();
    Ok(rings.and_then(|rings| Ok(shape::polygon(rings)?.map(Into::into))))
}

/// Points, lines or polygons alone are one geometry of several; mixed ones are a collection.
fn several(xml: &mut Xml, flat: &mut Flat, depth: usize) -> Result<Shape, SourceError> {
    if depth == DEEPEST {
        xml.skip()?;
        return Ok(Err(format!(
            "its geometry is nested more than {DEEPEST} deep"
        )));
    }
    let (mut parts, mut fault) = (Vec::new(), None);
    while let Some(child) = xml.child()? {
        if !is_shape(&child.name) {
            xml.skip()?;
            flat.left.push(child.name);
            continue;
        }
        match read(xml, &child.name, flat, depth + 1)? {
            Ok(part) => parts.extend(part),
            Err(reason) => fault = fault.or(Some(reason)),
        }
    }
    Ok(match fault {
        Some(reason) => Err(reason),
        None => Ok(joined(parts)),
    })
}

fn joined(parts: Vec<Geometry<f64>>) -> Option<Geometry<f64>> {
    match parts.first() {
        Some(Geometry::Point(_)) => all(&parts).map_or_else(
            || shape::collection(parts.clone()),
            |points: Vec<Point<f64>>| {
                shape::points(points.into_iter().map(|point| point.0).collect())
            },
        ),
        Some(Geometry::LineString(_)) => {
            all(&parts).map_or_else(|| shape::collection(parts.clone()), shape::lines)
        }
        Some(Geometry::Polygon(_)) => {
            all(&parts).map_or_else(|| shape::collection(parts.clone()), shape::polygons)
        }
        _ => shape::collection(parts),
    }
}

/// The parts, where all are of one type.
fn all<T: TryFrom<Geometry<f64>>>(parts: &[Geometry<f64>]) -> Option<Vec<T>> {
    let typed = parts.iter().map(|part| T::try_from(part.clone()).ok());
    typed.collect()
}

/// The positions in the `coordinates` of an element that has just begun.
fn positions(
    xml: &mut Xml,
    flat: &mut Flat,
) -> Result<Result<Vec<Coord<f64>>, String>, SourceError> {
    let mut found = Ok(Vec::new());
    while let Some(child) = xml.child()? {
        if child.name == "coordinates" {
            let text = xml.text()?;
            found = found.and_then(|mut before: Vec<_>| {
                before.append(&mut listed(&text, flat)?);
                Ok(before)
            });
        } else {
            // How it is laid over the ground.
            xml.skip()?;
        }
    }
    Ok(found)
}

/// Longitude, latitude and perhaps a height, with commas; positions stand apart by blanks. Blanks beside a comma, which
/// the standard does not have, part nothing.
fn listed(text: &str, flat: &mut Flat) -> Result<Vec<Coord<f64>>, String> {
    let place = |tuple: &str| {
        let wrong = || {
            format!(
                "expected longitude,latitude or longitude,latitude,height, found {:?}",
                start(tuple)
            )
        };
        let parts = tuple.split(',').map(str::trim_ascii);
        let numbers: Result<Vec<f64>, _> = parts.map(str::parse).collect();
        match numbers.map_err(|_| wrong())?.as_slice() {
            [x, y] => shape::place(*x, *y),
            [x, y, height] => {
                flat.flattened |= *height != 0.0;
                shape::place(*x, *y)
            }
            _ => Err(wrong()),
        }
    };
    tuples(text).map(place).collect()
}

/// The runs of numbers between blanks that no comma stands beside.
fn tuples(text: &str) -> impl Iterator<Item = &str> {
    let mut rest = text.trim_ascii();
    std::iter::from_fn(move || {
        let mut end = 0;
        loop {
            let blank = rest[end..].find(|c: char| c.is_ascii_whitespace());
            end = blank.map_or(rest.len(), |at| end + at);
            let after = rest[end..].trim_ascii_start();
            if after.is_empty() || !(after.starts_with(',') || rest[..end].ends_with(',')) {
                let tuple = &rest[..end];
                rest = after;
                return (!tuple.is_empty()).then_some(tuple);
            }
            // On to the end of the next number, past the comma that it may begin with.
            let comma = usize::from(after.starts_with(','));
            let next = after[comma..].trim_ascii_start();
            end = rest.len() - next.len();
        }
    })
}

fn start(text: &str) -> &str {
    text.char_indices()
        .nth(40)
        .map_or(text, |(end, _)| &text[..end])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blanks_beside_commas_part_nothing() {
        for (text, expected) in [
            ("1,2 3,4", vec!["1,2", "3,4"]),
            (" 1, 2, 0\n3 ,4 , 5 ", vec!["1, 2, 0", "3 ,4 , 5"]),
            ("1,2,\n 0", vec!["1,2,\n 0"]),
            ("1, 2,", vec!["1, 2,"]),
            (",", vec![","]),
            ("  ", vec![]),
        ] {
            assert_eq!(tuples(text).collect::<Vec<_>>(), expected, "{text:?}");
        }
        let mut flat = Flat::default();
        let read = listed("121.36, 31.27, 0 121.37 , 31.28", &mut flat).expect("positions");
        assert_eq!(read.len(), 2);
        assert!(!flat.flattened);
        assert!(listed("1, 2,", &mut flat).is_err());
    }
}
