//! Geometry collections become one shape, or what is left out of them is told.

use geo::{Geometry, LineString, MultiLineString, MultiPoint, MultiPolygon, Point, Polygon};

/// What a collection holds, however deep.
#[derive(Default)]
struct Parts {
    points: Vec<Point<f64>>,
    lines: Vec<LineString<f64>>,
    polygons: Vec<Polygon<f64>>,
}

/// A shape of one kind. Of a collection of several kinds the polygons are taken, else the lines: a point beside them is where
/// a label stands. What is left out is told in words.
#[must_use]
pub fn one_kind(geometry: Geometry<f64>) -> (Geometry<f64>, Option<String>) {
    if !matches!(geometry, Geometry::GeometryCollection(_)) {
        return (geometry, None);
    }
    let mut parts = Parts::default();
    parts.add(geometry);
    let Parts {
        points,
        lines,
        polygons,
    } = parts;
    let (point_count, line_count) = (points.len(), lines.len());
    let counted = |count: usize, noun: &str| match count {
        0 => None,
        1 => Some(format!("1 {noun}")),
        count => Some(format!("{count} {noun}s")),
    };
    let left_out = |some: [Option<String>; 2], kept: &str| {
        let some: Vec<_> = some.into_iter().flatten().collect();
        (!some.is_empty()).then(|| format!("{} beside its {kept}", some.join(" and ")))
    };
    if !polygons.is_empty() {
        let left = [counted(point_count, "point"), counted(line_count, "line")];
        let left = left_out(left, "polygons");
        return (one_or(polygons, |all| MultiPolygon::new(all).into()), left);
    }
    if !lines.is_empty() {
        let left = left_out([counted(point_count, "point"), None], "lines");
        return (one_or(lines, |all| MultiLineString::new(all).into()), left);
    }
    (one_or(points, |all| MultiPoint::new(all).into()), None)
}

/// The only one, or all as one shape.
fn one_or<T: Into<Geometry<f64>>>(
    mut all: Vec<T>,
    several: impl FnOnce(Vec<T>) -> Geometry<f64>,
) -> Geometry<f64> {
    match all.pop() {
        Some(only) if all.is_empty() => only.into(),
        last => {
            all.extend(last);
            several(all)
        }
    }
}

impl Parts {
    fn add(&mut self, geometry: Geometry<f64>) {
        match geometry {
            Geometry::Point(point) => self.points.push(point),
            Geometry::MultiPoint(points) => self.points.extend(points),
            Geometry::Line(line) => self.lines.push(line.into()),
            Geometry::LineString(line) => self.lines.push(line),
            Geometry::MultiLineString(lines) => self.lines.extend(lines),
            Geometry::Polygon(polygon) => self.polygons.push(polygon),
            Geometry::MultiPolygon(polygons) => self.polygons.extend(polygons),
            Geometry::Rect(rect) => self.polygons.push(rect.to_polygon()),
            Geometry::Triangle(triangle) => self.polygons.push(triangle.to_polygon()),
            Geometry::GeometryCollection(parts) => {
                for part in parts {
                    self.add(part);
                }
            }
        }
    }
}

/// Records whose geometry collections are taken in part.
#[derive(Debug, Default)]
pub struct Partial {
    count: u64,
    /// The first of them.
    first: Option<String>,
}

impl Partial {
    /// Counts a record, with what is left out of it.
    pub fn add(&mut self, number: u64, left: &str) {
        self.count += 1;
        self.first
            .get_or_insert_with(|| format!("record {number}: {left}"));
    }

    /// A sentence on them; none where there are none.
    #[must_use]
    pub fn told(&self) -> Option<String> {
        let first = self.first.as_ref()?;
        let records = match self.count {
            1 => "1 record is a geometry collection".to_owned(),
            count => format!("{count} records are geometry collections"),
        };
        Some(format!(
            "{records} of several kinds, and parts are left out ({first})"
        ))
    }
}

#[cfg(test)]
mod tests {
    use geo::wkt;

    use super::*;

    fn together<const N: usize>(parts: [Geometry<f64>; N]) -> Geometry<f64> {
        Geometry::GeometryCollection(parts.into_iter().collect())
    }

    #[test]
    fn a_label_is_left_out_and_told() {
        let inner = together([
            wkt!(POINT(3. 3.)).into(),
            wkt!(LINESTRING(0. 0., 1. 0.)).into(),
        ]);
        let triangle = wkt!(POLYGON((0. 0., 2. 0., 2. 2., 0. 0.)));
        let shape = together([wkt!(POINT(1. 1.)).into(), triangle.clone().into(), inner]);
        let (shape, left) = one_kind(shape);
        assert_eq!(shape, triangle.into());
        assert_eq!(
            left.as_deref(),
            Some("2 points and 1 line beside its polygons")
        );
    }

    #[test]
    fn shapes_of_one_kind_are_one_however_nested() {
        let inner = together([wkt!(MULTIPOINT(3. 3., 4. 4.)).into()]);
        let nested = together([wkt!(POINT(1. 1.)).into(), inner]);
        let expected = wkt!(MULTIPOINT(1. 1., 3. 3., 4. 4.));
        assert_eq!(one_kind(nested), (expected.into(), None));
    }
}
