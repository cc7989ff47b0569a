//! A shape from the bytes of its record. Counts are held against the bytes that are there before anything
//! is read by them.

use geo::{Coord, Geometry, LineString, MultiLineString, MultiPoint, Point};

use super::rings;

/// What a shape is, heights and measures apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Null,
    Point,
    Line,
    Polygon,
    MultiPoint,
}

/// The type of surfaces in space.
pub(super) const MULTIPATCH: i32 = 31;

/// A kind, and whether it has heights or measures.
pub(super) fn kind(code: i32) -> Result<(Kind, bool), String> {
    let more = match code / 10 {
        0 => false,
        1 | 2 => true,
        _ if code == MULTIPATCH => {
            return Err("multipatches are not read: they are surfaces in space".to_owned());
        }
        _ => return Err(format!("{code} is no type of shape")),
    };
    let kind = match code % 10 {
        0 if code == 0 => Kind::Null,
        1 => Kind::Point,
        3 => Kind::Line,
        5 => Kind::Polygon,
        8 => Kind::MultiPoint,
        _ => return Err(format!("{code} is no type of shape")),
    };
    Ok((kind, more))
}

/// A shape, none where it is null, and true where heights or measures were left out.
pub(super) type Shape = Result<(Option<Geometry<f64>>, bool), String>;

/// Reads the content of a record.
pub(super) fn shape(content: &[u8], of_file: Kind) -> Shape {
    let mut rest = content;
    let code = taken(&mut rest).map(i32::from_le_bytes);
    let code =
        code.ok_or_else(|| format!("expected a type of shape, found {} bytes", content.len()))?;
    let (kind, more) = kind(code)?;
    if kind == Kind::Null {
        return Ok((None, false));
    }
    if kind != of_file {
        return Err(format!(
            "expected {of_file:?}, as the header says, found {kind:?}"
        ));
    }
    let geometry = match kind {
        Kind::Null => None,
        Kind::Point => {
            let at = place(&mut rest)
                .ok_or_else(|| "expected two coordinates, found the end".to_owned())?;
            Some(Geometry::Point(Point(found(at, 1)?)))
        }
        Kind::MultiPoint => {
            let [points] = counts(&mut rest)?;
            let points = places(&mut rest, points)?;
            let points: Vec<_> = points.into_iter().map(Point).collect();
            (!points.is_empty()).then(|| MultiPoint::new(points).into())
        }
        Kind::Line => {
            let mut lines = parts(&mut rest)?;
            if let Some(at) = lines.iter().position(|line| line.0.len() < 2) {
                return Err(format!("its part {} is a line of one position", at + 1));
            }
            match lines.len() {
                0 | 1 => lines.pop().map(Geometry::LineString),
                _ => Some(MultiLineString::new(lines).into()),
            }
        }
        Kind::Polygon => {
            let rings = parts(&mut rest)?;
            let sound = |ring: &LineString<f64>| ring.0.len() > 3 && ring.is_closed();
            if let Some(at) = rings.iter().position(|ring| !sound(ring)) {
                return Err(format!(
                    "expected rings of four positions or more, the last equal to the first, found another as part {}",
                    at + 1
                ));
            }
            rings::polygons(rings)?
        }
    };
    let flattened = more && geometry.is_some();
    Ok((geometry, flattened))
}

fn taken<const N: usize>(rest: &mut &[u8]) -> Option<[u8; N]> {
    let (taken, after) = rest.split_first_chunk()?;
    *rest = after;
    Some(*taken)
}

/// The box of the shape, which is not believed, and the counts after it.
fn counts<const N: usize>(rest: &mut &[u8]) -> Result<[u64; N], String> {
    let cut = || "expected a box and counts, found the end".to_owned();
    taken::<32>(rest).ok_or_else(cut)?;
    let mut counts = [0; N];
    for count in &mut counts {
        *count = u32::from_le_bytes(taken(rest).ok_or_else(cut)?).into();
    }
    Ok(counts)
}

fn place(rest: &mut &[u8]) -> Option<Coord<f64>> {
    let x = f64::from_le_bytes(taken(rest)?);
    let y = f64::from_le_bytes(taken(rest)?);
    Some(Coord { x, y })
}

/// A position if it is one.
fn found(at: Coord<f64>, number: usize) -> Result<Coord<f64>, String> {
    if at.x.is_finite() && at.y.is_finite() {
        return Ok(at);
    }
    Err(format!(
        "its position {number} is ({}, {}), which is no place",
        at.x, at.y
    ))
}

fn places(rest: &mut &[u8], count: u64) -> Result<Vec<Coord<f64>>, String> {
    let have = rest.len() as u64 / 16;
    if count > have {
        return Err(format!(
            "it claims {count} positions, and has bytes for {have}"
        ));
    }
    let mut places = Vec::new();
    for number in 1..=count {
        // So many bytes are there.
        let Some(at) = place(rest) else { break };
        places.push(found(at, usize::try_from(number).unwrap_or(usize::MAX))?);
    }
    Ok(places)
}

/// The lines or rings of a shape; those without a position are left away.
fn parts(rest: &mut &[u8]) -> Result<Vec<LineString<f64>>, String> {
    let [parts, points] = counts(rest)?;
    let have = rest.len() as u64 / 4;
    if parts > have {
        return Err(format!("it claims {parts} parts, and has bytes for {have}"));
    }
    let mut starts = Vec::new();
    for part in 1..=parts {
        let Some(start) = taken(rest).map(u32::from_le_bytes) else {
            break;
        };
        let after = starts.last().copied().unwrap_or_default();
        if u64::from(start) > points || start < after || (part == 1 && start != 0) {
            return Err(format!(
                "its part {part} begins at position {start}, after one at {after}, of {points} positions"
            ));
        }
        starts.push(start);
    }
    let places = places(rest, points)?;
    if starts.is_empty() && !places.is_empty() {
        return Err(format!("it has {points} positions and no part"));
    }
    let ends = starts.iter().skip(1).map(|end| *end as usize);
    let ends = ends.chain([places.len()]);
    let spans = starts.iter().map(|start| *start as usize).zip(ends);
    let lines = spans.map(|(start, end)| LineString::new(places[start..end].to_vec()));
    Ok(lines.filter(|line| !line.0.is_empty()).collect())
}
