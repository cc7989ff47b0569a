//! Lines in a plane: where a point lies along one, the piece between two such places, and its two
//! sides at a distance.

use geo::{Coord, LineString};

/// Vertices closer than this to the end of a piece are left out: nobody could tell them apart.
const SAME_PLACE_M: f64 = 0.05;

/// Where a point lies with respect to a line.
#[derive(Debug, Clone, Copy)]
pub struct Foot {
    /// Distance along the line to the nearest place on it.
    pub along_m: f64,
    /// Distance from that place.
    pub off_m: f64,
    /// Direction of the line there, a unit vector.
    pub direction: Coord<f64>,
}

/// The place on a line nearest to a point; `None` for a line without length.
pub fn foot(line: &LineString<f64>, point: Coord<f64>) -> Option<Foot> {
    let mut best: Option<Foot> = None;
    let mut passed = 0.0;
    for segment in line.lines() {
        let delta = segment.delta();
        let length = delta.x.hypot(delta.y);
        if length == 0.0 {
            continue;
        }
        let direction = delta / length;
        let to = point - segment.start;
        let along = (to.x * direction.x + to.y * direction.y).clamp(0.0, length);
        let at = segment.start + direction * along;
        let off_m = (point.x - at.x).hypot(point.y - at.y);
        if best.is_none_or(|best| off_m < best.off_m) {
            best = Some(Foot {
                along_m: passed + along,
                off_m,
                direction,
            });
        }
        passed += length;
    }
    best
}

/// The piece of a line between two distances along it, from the first to the second.
pub fn between(line: &LineString<f64>, from_m: f64, to_m: f64) -> LineString<f64> {
    let (low, high) = (from_m.min(to_m), from_m.max(to_m));
    let mut piece = Vec::new();
    let mut passed = 0.0;
    for segment in line.lines() {
        let delta = segment.delta();
        let length = delta.x.hypot(delta.y);
        let at = |distance: f64| segment.start + delta * ((distance - passed) / length);
        if piece.is_empty() && length > 0.0 && low <= passed + length {
            piece.push(at(low));
        }
        if !piece.is_empty() {
            if high <= passed + length {
                piece.push(at(high));
                break;
            }
            if passed + length > low + SAME_PLACE_M && passed + length < high - SAME_PLACE_M {
                piece.push(segment.end);
            }
        }
        passed += length;
    }
    if from_m > to_m {
        piece.reverse();
    }
    LineString::new(piece)
}

/// The ring around a line at a distance on both sides: mitred at bends, flat at the ends.
pub fn belt(line: &LineString<f64>, half_width_m: f64) -> LineString<f64> {
    let points = &line.0;
    let normals: Vec<Coord<f64>> = line
        .lines()
        .map(|segment| {
            let delta = segment.delta();
            let length = delta.x.hypot(delta.y);
            Coord {
                x: -delta.y / length,
                y: delta.x / length,
            }
        })
        .collect();
    let side = |sign: f64| {
        let normals = &normals;
        points.iter().enumerate().map(move |(index, &point)| {
            let before = normals[index.saturating_sub(1)];
            let after = normals[index.min(normals.len() - 1)];
            let sum = before + after;
            // The bisector, stretched so that both sides keep their distance: 2 / |sum|².
            let stretch = 2.0 / (sum.x * sum.x + sum.y * sum.y);
            point + sum * (stretch * half_width_m * sign)
        })
    };
    let mut ring: Vec<Coord<f64>> = side(1.0).collect();
    let mut back: Vec<Coord<f64>> = side(-1.0).collect();
    back.reverse();
    ring.append(&mut back);
    let mut ring = LineString::new(ring);
    ring.close();
    ring
}

#[cfg(test)]
mod tests {
    use geo::{Area, Polygon, coord, line_string};

    use super::*;

    fn bent() -> LineString<f64> {
        line_string![(x: 0.0, y: 0.0), (x: 100.0, y: 0.0), (x: 100.0, y: 100.0)]
    }

    #[test]
    fn the_foot_is_the_nearest_place() {
        let foot = foot(&bent(), coord! { x: 110.0, y: 40.0 }).unwrap();
        assert!((foot.along_m - 140.0).abs() < 1e-9);
        assert!((foot.off_m - 10.0).abs() < 1e-9);
        assert_eq!(foot.direction, coord! { x: 0.0, y: 1.0 });
    }

    #[test]
    fn a_piece_keeps_the_bends_between_its_ends_and_its_sense() {
        let forth = between(&bent(), 20.0, 150.0);
        let ends = line_string![(x: 20.0, y: 0.0), (x: 100.0, y: 0.0), (x: 100.0, y: 50.0)];
        assert_eq!(forth, ends);
        let mut back = between(&bent(), 150.0, 20.0);
        back.0.reverse();
        assert_eq!(forth, back);
        assert_eq!(between(&bent(), 0.0, 200.0), bent());
        // Within one segment, and from a bend.
        assert_eq!(between(&bent(), 10.0, 20.0).0.len(), 2);
        assert_eq!(between(&bent(), 100.0, 200.0).0.len(), 2);
    }

    #[test]
    fn a_belt_is_as_wide_as_it_says_around_a_bend() {
        let belt = Polygon::new(belt(&bent(), 10.0), Vec::new());
        assert!((belt.unsigned_area() - 200.0 * 20.0).abs() < 1e-9);
        let corner = coord! { x: 110.0, y: -10.0 };
        assert!(belt.exterior().0.contains(&corner));
    }
}
