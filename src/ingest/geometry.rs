//! One geometry: from JSON to a checked, right-handed shape.

use geo::{Geometry, Polygon, Winding, coord};
use geojson::{GeometryValue, Position};
use serde_json::Value as Json;

use super::valid;
use crate::model::{Bbox, GeometryKind, Severity, oriented};

/// Reports a problem: severity, check, reason.
pub(super) type Report<'a> = &'a mut dyn FnMut(Severity, &'static str, String);

/// Reads a geometry. `None` after an error was reported.
///
/// Exterior rings come out counter-clockwise and holes clockwise (RFC 7946, section 3.1.6); a ring
/// the other way round is turned and reported as a warning.
pub(super) fn read(
    json: Json,
    kind: GeometryKind,
    (extent, rounding_m): ([f64; 4], f64),
    report: Report,
) -> Option<Geometry<f64>> {
    let mut error = |check, reason: String| report(Severity::Error, check, reason);
    let value = match serde_json::from_value::<geojson::Geometry>(json) {
        Ok(geometry) => geometry.value,
        Err(problem) => {
            error("syntax", format!("the geometry cannot be read: {problem}"));
            return None;
        }
    };
    if !fits(&value, kind) {
        error(
            "geometry-kind",
            format!(
                "the collection holds {}, found {}",
                named(kind),
                value.type_name()
            ),
        );
        return None;
    }
    let mut positions = Vec::new();
    lines(&value, &mut |line| positions.extend_from_slice(line));
    if positions.is_empty() {
        error(
            "empty-geometry",
            "has no coordinates: write null where no place is known".to_owned(),
        );
        return None;
    }
    if let Some(reason) = position_problem(&positions, extent) {
        error(reason.0, reason.1);
        return None;
    }
    let mut sound = true;
    rings(&value, &mut |name, ring| {
        if ring.len() < 4 {
            sound = false;
            error(
                "ring-too-short",
                format!("{name} has {} positions, expected at least 4", ring.len()),
            );
        } else if ring.first() != ring.last() {
            sound = false;
            error(
                "ring-not-closed",
                format!(
                    "{name} is not closed: it starts at {} and ends at {}",
                    shown(&ring[0]),
                    shown(&ring[ring.len() - 1])
                ),
            );
        }
    });
    if !sound {
        // The other rings are looked at one by one: together they are no polygon.
        rings(&value, &mut |name, ring| {
            let closed = ring.len() > 3 && ring.first() == ring.last();
            let line = || {
                ring.iter()
                    .map(|at| coord! { x: at[0], y: at[1] })
                    .collect()
            };
            let problem = closed.then(|| valid::ring_problem(&line())).flatten();
            if let Some(problem) = problem {
                error("invalid-geometry", format!("{name} {problem}"));
            }
        });
        return None;
    }
    let heights = positions.iter().any(|position| position.len() > 2);
    let geometry = match Geometry::<f64>::try_from(value) {
        Ok(geometry) => geometry,
        Err(problem) => {
            report(
                Severity::Error,
                "syntax",
                format!("the geometry cannot be read: {problem}"),
            );
            return None;
        }
    };
    checked(geometry, heights, rounding_m, report)
}

/// Checks and turns a geometry whose rings are closed and whose positions are in the extent. `None`
/// after an error was reported.
pub(super) fn checked(
    geometry: Geometry<f64>,
    heights: bool,
    rounding_m: f64,
    report: Report,
) -> Option<Geometry<f64>> {
    if heights {
        report(
            Severity::Warning,
            "height-dropped",
            "positions have more than longitude and latitude; the rest is not kept".to_owned(),
        );
    }
    let problems = valid::problems_beyond(&geometry, rounding_m);
    if !problems.is_empty() {
        for problem in problems {
            report(Severity::Error, "invalid-geometry", problem);
        }
        return None;
    }
    Some(right_handed(geometry, report))
}

fn fits(value: &GeometryValue, kind: GeometryKind) -> bool {
    use GeometryValue as V;
    let found = match value {
        V::Point { .. } | V::MultiPoint { .. } => GeometryKind::Point,
        V::LineString { .. } | V::MultiLineString { .. } => GeometryKind::Line,
        V::Polygon { .. } | V::MultiPolygon { .. } => GeometryKind::Polygon,
        V::GeometryCollection { .. } => return false,
    };
    kind == GeometryKind::Any || kind == found
}

fn named(kind: GeometryKind) -> &'static str {
    match kind {
        GeometryKind::Point => "points",
        GeometryKind::Line => "lines",
        GeometryKind::Polygon => "polygons",
        GeometryKind::Any => "points, lines and polygons",
    }
}

/// Visits every run of positions.
fn lines(value: &GeometryValue, visit: &mut impl FnMut(&[Position])) {
    use GeometryValue as V;
    match value {
        V::Point { coordinates } => visit(std::slice::from_ref(coordinates)),
        V::MultiPoint { coordinates } | V::LineString { coordinates } => visit(coordinates),
        V::MultiLineString { coordinates } | V::Polygon { coordinates } => {
            for line in coordinates {
                visit(line);
            }
        }
        V::MultiPolygon { coordinates } => {
            for ring in coordinates.iter().flatten() {
                visit(ring);
            }
        }
        V::GeometryCollection { .. } => {}
    }
}

/// Visits every ring of polygons with a name for people.
fn rings(value: &GeometryValue, visit: &mut impl FnMut(String, &[Position])) {
    let mut polygon = |prefix: String, rings: &[Vec<Position>]| {
        for (index, ring) in rings.iter().enumerate() {
            let name = if index == 0 {
                "the exterior ring".to_owned()
            } else {
                format!("hole {index}")
            };
            visit(format!("{prefix}{name}"), ring);
        }
    };
    match value {
        GeometryValue::Polygon { coordinates } => polygon(String::new(), coordinates),
        GeometryValue::MultiPolygon { coordinates } => {
            for (index, rings) in coordinates.iter().enumerate() {
                polygon(format!("polygon {}: ", index + 1), rings);
            }
        }
        _ => {}
    }
}

/// The first position that cannot be right, with the likely reason.
fn position_problem(positions: &[Position], extent: [f64; 4]) -> Option<(&'static str, String)> {
    let [west, south, east, north] = extent;
    let extent = Bbox {
        west,
        south,
        east,
        north,
    };
    let inside = |x: f64, y: f64| extent.contains(coord! { x: x, y: y });
    for position in positions {
        let &[x, y, ..] = position.as_slice() else {
            return Some((
                "syntax",
                format!("position {} has fewer than two numbers", shown(position)),
            ));
        };
        let exchanged = inside(y, x);
        let hint = if exchanged {
            "; longitude and latitude are exchanged"
        } else {
            ""
        };
        if !(x.abs() <= 180.0 && y.abs() <= 90.0) {
            let hint = if exchanged {
                hint
            } else {
                " (is it in another CRS?)"
            };
            return Some((
                "out-of-range",
                format!(
                    "position {} is not longitude, latitude in degrees{hint}",
                    shown(position)
                ),
            ));
        }
        if !inside(x, y) {
            return Some((
                "outside-extent",
                format!(
                    "position {} is outside the plan's extent {west},{south},{east},{north}{hint}",
                    shown(position)
                ),
            ));
        }
    }
    None
}

fn shown(position: &Position) -> String {
    let numbers: Vec<_> = position.as_slice().iter().map(f64::to_string).collect();
    format!("[{}]", numbers.join(", "))
}

fn right_handed(geometry: Geometry<f64>, report: Report) -> Geometry<f64> {
    if !valid::parts(&geometry).any(left_handed) {
        return geometry;
    }
    report(Severity::Warning, "ring-orientation", "a ring is wound the wrong way round (RFC 7946: exterior counter-clockwise, holes clockwise); it was turned".to_owned());
    oriented(geometry)
}

fn left_handed(polygon: &Polygon<f64>) -> bool {
    polygon.exterior().is_cw() || polygon.interiors().iter().any(Winding::is_ccw)
}
