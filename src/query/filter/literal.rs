//! Literals of both encodings: dates, boxes, geometries.

use geo::{Area, Coord, CoordsIter, Geometry, MapCoords, Polygon, Rect, Validation, coord};

use super::syntax::{Kind, Node};
use super::{FilterError, Place};
use crate::crs::{Crs, Reprojector};
use crate::model::{Span, Stamp};
use crate::query::measure::Target;
use crate::query::prepared::Prepared;
use crate::query::window::{self, Window};

/// The literals that are written as functions; every other name stays a function.
pub(super) fn called(
    place: &Place,
    name: String,
    mut arguments: Vec<Node>,
) -> Result<Kind, FilterError> {
    let count = |name: &str, expected, found| FilterError::Arguments {
        place: place.clone(),
        name: name.to_owned(),
        expected,
        found,
    };
    let found = arguments.len();
    match name.to_ascii_lowercase().as_str() {
        literal @ ("date" | "timestamp") => match (found, arguments.pop()) {
            (
                1,
                Some(Node {
                    kind: Kind::Text(text),
                    ..
                }),
            ) => Ok(if literal == "date" {
                Kind::Date(text)
            } else {
                Kind::Timestamp(text)
            }),
            (1, Some(other)) => Err(wrong(&other, "a text in 'quotes'")),
            _ => Err(count(literal, "1 text", found)),
        },
        "interval" => {
            let ends: [Node; 2] = arguments
                .try_into()
                .map_err(|_| count("interval", "2 arguments", found))?;
            Ok(Kind::Interval(Box::new(ends)))
        }
        "bbox" => {
            let numbers = arguments.iter().map(|argument| match argument.kind {
                Kind::Number(number) => Ok(number),
                _ => Err(wrong(argument, "a number")),
            });
            Ok(Kind::Box(numbers.collect::<Result<_, _>>()?))
        }
        _ => Ok(Kind::Call(name, arguments)),
    }
}

/// A type error.
pub(super) fn wrong(node: &Node, expected: &str) -> FilterError {
    FilterError::Type {
        place: node.place.clone(),
        expected: expected.to_owned(),
        found: node.kind.name(),
    }
}

fn out_of_range(place: &Place, reason: String) -> FilterError {
    FilterError::Literal {
        place: place.clone(),
        reason,
    }
}

/// `DATE('...')`: a day.
pub(super) fn date(place: &Place, text: &str) -> Result<Span, FilterError> {
    match Stamp::parse(text) {
        Ok(stamp) if stamp.is_day() => Ok(Span::at(stamp)),
        Ok(_) => Err(out_of_range(place, format!("{text:?} is not a date"))),
        Err(error) => Err(out_of_range(place, error.to_string())),
    }
}

/// `TIMESTAMP('...')`: a moment.
pub(super) fn timestamp(place: &Place, text: &str) -> Result<Span, FilterError> {
    match Stamp::parse(text) {
        Ok(stamp) if !stamp.is_day() => Ok(Span::at(stamp)),
        Ok(_) => Err(out_of_range(
            place,
            format!("{text:?} is a date, not a timestamp"),
        )),
        Err(error) => Err(out_of_range(place, error.to_string())),
    }
}

/// An end of an interval: a day, a moment, or `..`.
pub(super) fn end(place: &Place, text: &str) -> Result<Option<Stamp>, FilterError> {
    if text == ".." {
        return Ok(None);
    }
    Stamp::parse(text)
        .map(Some)
        .map_err(|error| out_of_range(place, error.to_string()))
}

/// A geometry literal, ready to be compared with features.
#[derive(Debug, Clone, PartialEq)]
pub(in crate::query) struct Literal {
    /// The CRS that it was given in; tests are made in that CRS.
    pub crs: Crs,
    /// Easting or longitude first.
    pub geometry: Geometry<f64>,
    /// For a box: itself, in one or two parts.
    pub rects: Option<Vec<Rect<f64>>>,
    /// Boxes in CRS84 that hold it all; none where they cannot be told.
    pub reach: Option<Vec<Rect<f64>>>,
    /// The geometry, ready to be compared with many others.
    pub prepared: Prepared,
    /// The same in CRS84, ready to be measured to; none where PROJ cannot convert it.
    pub target: Option<Target>,
}

impl Literal {
    fn new(
        crs: Crs,
        geometry: Geometry<f64>,
        rects: Option<Vec<Rect<f64>>>,
        reach: Option<Vec<Rect<f64>>>,
    ) -> Self {
        Self {
            crs,
            prepared: Prepared::new(&geometry),
            target: degrees(&geometry, crs).map(Target::new),
            geometry,
            rects,
            reach,
        }
    }
}

fn crs_error(crs: Crs) -> impl Fn(crate::crs::CrsError) -> FilterError {
    move |reason| FilterError::Crs { crs, reason }
}

/// `BBOX(...)` (OGC 21-065r2, 8.3).
pub(super) fn bbox(place: &Place, numbers: &[f64], crs: Crs) -> Result<Literal, FilterError> {
    let window = Window::new(numbers, crs).map_err(|error| FilterError::Geometry {
        place: place.clone(),
        reason: error.to_string(),
    })?;
    let rects = window.rects().to_vec();
    let reach = window.reach().map(<[_]>::to_vec);
    Ok(Literal::new(crs, window.shape(), Some(rects), reach))
}

/// A geometry as it was written: in the authority's axis order.
pub(super) fn geometry(
    place: &Place,
    written: &Geometry<f64>,
    crs: Crs,
) -> Result<Literal, FilterError> {
    let invalid = |reason: String| FilterError::Geometry {
        place: place.clone(),
        reason,
    };
    let northing_first = crs.northing_first().map_err(crs_error(crs))?;
    let geometry = if northing_first {
        written.map_coords(|at| coord! { x: at.y, y: at.x })
    } else {
        written.clone()
    };
    if window::in_degrees(crs).map_err(crs_error(crs))? {
        for Coord { x, y } in geometry.coords_iter() {
            if x.abs() > 180.0 || y.abs() > 90.0 {
                let order = if northing_first {
                    "latitude, longitude"
                } else {
                    "longitude, latitude"
                };
                return Err(invalid(format!(
                    "longitude {x}, latitude {y} is not on the globe (the order in {crs} is {order})"
                )));
            }
        }
    }
    geometry
        .check_validation()
        .map_err(|error| invalid(error.to_string()))?;
    if has_flat_polygon(&geometry) {
        let reason = "a polygon encloses no area: its positions lie on one line";
        return Err(invalid(reason.to_owned()));
    }
    let reach =
        geo::BoundingRect::bounding_rect(&geometry).and_then(|rect| window::reach(crs, &[rect]));
    Ok(Literal::new(crs, geometry, None, reach))
}

/// Whether a polygon of a geometry encloses no area, which geo takes for valid.
fn has_flat_polygon(geometry: &Geometry<f64>) -> bool {
    let flat = |polygon: &Polygon<f64>| polygon.unsigned_area() == 0.0;
    match geometry {
        Geometry::Polygon(polygon) => flat(polygon),
        Geometry::MultiPolygon(polygons) => polygons.iter().any(flat),
        Geometry::GeometryCollection(parts) => parts.iter().any(has_flat_polygon),
        _ => false,
    }
}

fn degrees(geometry: &Geometry<f64>, crs: Crs) -> Option<Geometry<f64>> {
    if window::is_degrees_of_storage(crs) {
        return Some(geometry.clone());
    }
    let to = Reprojector::new(crs, Crs::Crs84).ok()?;
    to.geometry(geometry).ok()
}
