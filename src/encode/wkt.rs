//! Geometry as well-known text (OGC 06-103r4, Simple Feature Access, section 7), with every digit
//! that a coordinate has.

use std::fmt::Write;

use geo::{Coord, Geometry, LineString, Polygon};

/// The text of a geometry, x before y.
pub(super) fn wkt(geometry: &Geometry<f64>) -> String {
    let mut out = String::new();
    write(&mut out, geometry);
    out
}

fn write(out: &mut String, geometry: &Geometry<f64>) {
    match geometry {
        Geometry::Point(point) => {
            out.push_str("POINT(");
            position(out, point.0);
            out.push(')');
        }
        Geometry::Line(line) => write(out, &LineString::from(line).into()),
        Geometry::LineString(line) => {
            tagged(out, "LINESTRING", &line.0, |out, at| position(out, *at));
        }
        Geometry::Polygon(polygon) => {
            out.push_str("POLYGON");
            rings(out, polygon);
        }
        Geometry::Rect(rect) => write(out, &rect.to_polygon().into()),
        Geometry::Triangle(triangle) => write(out, &triangle.to_polygon().into()),
        Geometry::MultiPoint(points) => tagged(out, "MULTIPOINT", &points.0, |out, point| {
            out.push('(');
            position(out, point.0);
            out.push(')');
        }),
        Geometry::MultiLineString(lines) => {
            tagged(out, "MULTILINESTRING", &lines.0, |out, line| {
                positions(out, line);
            });
        }
        Geometry::MultiPolygon(polygons) => tagged(out, "MULTIPOLYGON", &polygons.0, rings),
        Geometry::GeometryCollection(parts) => tagged(out, "GEOMETRYCOLLECTION", &parts.0, write),
    }
}

fn tagged<T>(out: &mut String, tag: &str, items: &[T], item: impl Fn(&mut String, &T)) {
    out.push_str(tag);
    list(out, items, item);
}

fn rings(out: &mut String, polygon: &Polygon<f64>) {
    if polygon.exterior().0.is_empty() {
        out.push_str(" EMPTY");
        return;
    }
    out.push('(');
    positions(out, polygon.exterior());
    for hole in polygon.interiors() {
        out.push(',');
        positions(out, hole);
    }
    out.push(')');
}

fn positions(out: &mut String, line: &LineString<f64>) {
    list(out, &line.0, |out, at| position(out, *at));
}

fn list<T>(out: &mut String, items: &[T], item: impl Fn(&mut String, &T)) {
    if items.is_empty() {
        out.push_str(" EMPTY");
        return;
    }
    for (at, one) in items.iter().enumerate() {
        out.push(if at == 0 { '(' } else { ',' });
        item(out, one);
    }
    out.push(')');
}

/// Rust writes the shortest digits that read back as the same number.
fn position(out: &mut String, at: Coord<f64>) {
    let written = write!(out, "{} {}", at.x, at.y);
    debug_assert!(written.is_ok(), "a string takes every text");
}

#[cfg(test)]
mod tests {
    use geo::{GeometryCollection, MultiPoint, MultiPolygon, point, polygon};

    use super::*;

    #[test]
    fn every_kind_has_its_text() {
        let hole = polygon!(
            exterior: [(x: 0., y: 0.), (x: 4., y: 0.), (x: 4., y: 4.), (x: 0., y: 0.)],
            interiors: [[(x: 1., y: 1.), (x: 2., y: 1.), (x: 2., y: 2.), (x: 1., y: 1.)]],
        );
        let place = point!(x: 121.352_000_1, y: -0.1);
        for (geometry, text) in [
            (place.into(), "POINT(121.3520001 -0.1)"),
            (
                Geometry::from(hole.clone()),
                "POLYGON((0 0,4 0,4 4,0 0),(1 1,2 1,2 2,1 1))",
            ),
            (
                MultiPolygon::from(hole).into(),
                "MULTIPOLYGON(((0 0,4 0,4 4,0 0),(1 1,2 1,2 2,1 1)))",
            ),
            (
                MultiPoint::from(vec![place]).into(),
                "MULTIPOINT((121.3520001 -0.1))",
            ),
            (
                Geometry::GeometryCollection(GeometryCollection::from(vec![place])),
                "GEOMETRYCOLLECTION(POINT(121.3520001 -0.1))",
            ),
            (
                LineString::<f64>::new(Vec::new()).into(),
                "LINESTRING EMPTY",
            ),
        ] {
            assert_eq!(wkt(&geometry), text);
        }
    }
}
