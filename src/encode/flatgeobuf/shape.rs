//! Geometry as `FlatGeobuf`'s tables.

use flatbuffers::{FlatBufferBuilder, WIPOffset};
use flatgeobuf::{Geometry as FgbGeometry, GeometryArgs, GeometryType};
use geo::{Coord, Geometry, LineString, Polygon};

/// Adds a geometry, with its type, because a file may have several.
pub(super) fn geometry<'a>(
    fbb: &mut FlatBufferBuilder<'a>,
    shape: &Geometry<f64>,
) -> (GeometryType, WIPOffset<FgbGeometry<'a>>) {
    let polygon_parts = |polygon: &Polygon<f64>| -> Vec<LineString<f64>> {
        let rings = std::iter::once(polygon.exterior()).chain(polygon.interiors());
        rings.cloned().collect()
    };
    match shape {
        Geometry::Point(point) => flat(fbb, GeometryType::Point, &[vec![point.0].into()]),
        Geometry::Line(line) => flat(fbb, GeometryType::LineString, &[line.into()]),
        Geometry::LineString(line) => {
            flat(fbb, GeometryType::LineString, std::slice::from_ref(line))
        }
        Geometry::Polygon(polygon) => flat(fbb, GeometryType::Polygon, &polygon_parts(polygon)),
        Geometry::Rect(rect) => geometry(fbb, &rect.to_polygon().into()),
        Geometry::Triangle(triangle) => geometry(fbb, &triangle.to_polygon().into()),
        Geometry::MultiPoint(points) => {
            let positions: Vec<Coord> = points.iter().map(|point| point.0).collect();
            flat(fbb, GeometryType::MultiPoint, &[positions.into()])
        }
        Geometry::MultiLineString(lines) => flat(fbb, GeometryType::MultiLineString, &lines.0),
        Geometry::MultiPolygon(polygons) => {
            let all = polygons
                .iter()
                .map(|part| flat(fbb, GeometryType::Polygon, &polygon_parts(part)).1);
            let all = all.collect::<Vec<_>>();
            nested(fbb, GeometryType::MultiPolygon, &all)
        }
        Geometry::GeometryCollection(all) => {
            let all = all
                .iter()
                .map(|part| geometry(fbb, part).1)
                .collect::<Vec<_>>();
            nested(fbb, GeometryType::GeometryCollection, &all)
        }
    }
}

/// Positions in one vector; where there are several lines or rings, where each of them ends.
fn flat<'a>(
    fbb: &mut FlatBufferBuilder<'a>,
    kind: GeometryType,
    parts: &[LineString<f64>],
) -> (GeometryType, WIPOffset<FgbGeometry<'a>>) {
    let xy: Vec<f64> = parts.iter().flatten().flat_map(|at| [at.x, at.y]).collect();
    let mut end = 0_u32;
    let ends: Vec<u32> = parts
        .iter()
        .map(|part| {
            end += u32::try_from(part.0.len()).unwrap_or(u32::MAX);
            end
        })
        .collect();
    let several = ends.len() > 1 || kind == GeometryType::MultiLineString;
    let arguments = GeometryArgs {
        ends: several.then(|| fbb.create_vector(&ends)),
        xy: Some(fbb.create_vector(&xy)),
        type_: kind,
        ..GeometryArgs::default()
    };
    (kind, FgbGeometry::create(fbb, &arguments))
}

fn nested<'a>(
    fbb: &mut FlatBufferBuilder<'a>,
    kind: GeometryType,
    parts: &[WIPOffset<FgbGeometry<'a>>],
) -> (GeometryType, WIPOffset<FgbGeometry<'a>>) {
    let arguments = GeometryArgs {
        parts: Some(fbb.create_vector(parts)),
        type_: kind,
        ..GeometryArgs::default()
    };
    (kind, FgbGeometry::create(fbb, &arguments))
}
