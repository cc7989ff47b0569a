//! Geometry as well-known binary (OGC 06-103r4, Simple Feature Access, section 8), little endian.

use geo::Geometry;
use geozero::{CoordDimensions, ToWkb};

use super::error::EncodeError;
use super::format::Format;
use crate::model::Feature;

/// The bytes of a feature's geometry, x before y; `None` where it has no place.
pub(super) fn wkb(format: Format, feature: &Feature) -> Result<Option<Vec<u8>>, EncodeError> {
    let Some(geometry) = &feature.geometry else {
        return Ok(None);
    };
    let bytes = geometry.to_wkb(CoordDimensions::xy());
    bytes
        .map(Some)
        .map_err(|error| format.value(feature, "geometry", error))
}

/// The name of a geometry's type in Simple Feature Access.
pub(super) fn type_name(geometry: &Geometry<f64>) -> &'static str {
    match geometry {
        Geometry::Point(_) => "Point",
        Geometry::Line(_) | Geometry::LineString(_) => "LineString",
        Geometry::Polygon(_) | Geometry::Rect(_) | Geometry::Triangle(_) => "Polygon",
        Geometry::MultiPoint(_) => "MultiPoint",
        Geometry::MultiLineString(_) => "MultiLineString",
        Geometry::MultiPolygon(_) => "MultiPolygon",
        Geometry::GeometryCollection(_) => "GeometryCollection",
    }
}
