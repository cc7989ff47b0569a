use geo::{Coord, Geometry, Line, MultiPolygon, Point, Rect, coord};

use crate::crs::{Crs, CrsError, Reprojector};
use crate::model::Bbox;

/// A box in a CRS: what lies in it is asked in that CRS, not between two converted corners.
#[derive(Debug, Clone, PartialEq)]
pub struct Window {
    crs: Crs,
    /// Easting or longitude first; two where the box crosses the 180th meridian.
    rects: Vec<Rect<f64>>,
    /// Boxes in CRS84 that hold it all; none where they cannot be told.
    reach: Option<Vec<Rect<f64>>>,
}

/// Why numbers are not a box.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum WindowError {
    /// Not four or six numbers.
    #[error("expected 4 or 6 numbers separated by commas, found {0}")]
    Count(usize),
    /// One of them is not a finite number.
    #[error("number {position} is {text:?}, which is not a finite number")]
    Number {
        /// Counted from 1.
        position: usize,
        /// As it was written.
        text: String,
    },
    /// The lower limit is above the upper.
    #[error("the lower {axis} {low} is greater than the upper {high}")]
    Upside {
        /// `latitude`, `northing` or `easting`.
        axis: &'static str,
        /// As it was given.
        low: f64,
        /// As it was given.
        high: f64,
    },
    /// Not on the globe.
    #[error("{value} is not a {axis} in degrees ({crs} has {order})")]
    Range {
        /// `longitude` or `latitude`.
        axis: &'static str,
        /// As it was given.
        value: f64,
        /// The box's CRS.
        crs: Crs,
        /// Its axes.
        order: &'static str,
    },
    /// The CRS is not known.
    #[error(transparent)]
    Crs(#[from] CrsError),
}

impl Window {
    /// Reads `west,south,east,north` in the order of the CRS's authority (for EPSG:4490:
    /// `south,west,north,east`), with or without heights, which are left aside.
    ///
    /// # Errors
    /// Not a box, or not in this CRS.
    pub fn parse(text: &str, crs: Crs) -> Result<Self, WindowError> {
        let numbers =
            text.split(',')
                .enumerate()
                .map(|(index, part)| match part.trim().parse::<f64>() {
                    Ok(number) if number.is_finite() => Ok(number),
                    _ => Err(WindowError::Number {
                        position: index + 1,
                        text: part.chars().take(40).collect(),
                    }),
                });
        Self::new(&numbers.collect::<Result<Vec<_>, _>>()?, crs)
    }

    /// A box from its numbers, as in [`Self::parse`].
    ///
    /// # Errors
    /// Not a box, or not in this CRS.
    pub fn new(numbers: &[f64], crs: Crs) -> Result<Self, WindowError> {
        let (low, high) = match *numbers {
            [a, b, c, d] | [a, b, _, c, d, _] => ((a, b), (c, d)),
            _ => return Err(WindowError::Count(numbers.len())),
        };
        let northing_first = crs.northing_first()?;
        let place = |(first, second)| {
            if northing_first {
                coord! { x: second, y: first }
            } else {
                coord! { x: first, y: second }
            }
        };
        let (low, high): (Coord<f64>, Coord<f64>) = (place(low), place(high));
        let degrees = in_degrees(crs)?;
        if degrees {
            let order = if northing_first {
                "latitude before longitude"
            } else {
                "longitude before latitude"
            };
            let limits = [low, high]
                .into_iter()
                .flat_map(|at| [("latitude", 90.0, at.y), ("longitude", 180.0, at.x)]);
            for (axis, bound, value) in limits {
                if !(-bound..=bound).contains(&value) {
                    return Err(WindowError::Range {
                        axis,
                        value,
                        crs,
                        order,
                    });
                }
            }
        }
        let upside = |axis, low, high| Err(WindowError::Upside { axis, low, high });
        let northing = if degrees { "latitude" } else { "northing" };
        if low.y > high.y {
            return upside(northing, low.y, high.y);
        }
        let rects = if low.x <= high.x {
            vec![Rect::new(low, high)]
        } else if degrees {
            vec![
                Rect::new(low, coord! { x: 180.0, y: high.y }),
                Rect::new(coord! { x: -180.0, y: low.y }, high),
            ]
        } else {
            return upside("easting", low.x, high.x);
        };
        Ok(Self {
            reach: reach(crs, &rects),
            crs,
            rects,
        })
    }

    /// The CRS of the box.
    #[must_use]
    pub fn crs(&self) -> Crs {
        self.crs
    }

    /// The box, easting or longitude first, in two parts where it crosses the 180th meridian.
    #[must_use]
    pub fn rects(&self) -> &[Rect<f64>] {
        &self.rects
    }

    /// Boxes in CRS84 that hold it all; none where they cannot be told.
    #[must_use]
    pub fn reach(&self) -> Option<&[Rect<f64>]> {
        self.reach.as_deref()
    }

    /// The box as a geometry: a point or a line where it has no width or height.
    pub(super) fn shape(&self) -> Geometry<f64> {
        if let [rect] = self.rects.as_slice()
            && (rect.width() == 0.0 || rect.height() == 0.0)
        {
            return if rect.min() == rect.max() {
                Geometry::Point(Point(rect.min()))
            } else {
                Geometry::LineString(Line::new(rect.min(), rect.max()).into())
            };
        }
        let parts: Vec<_> = self.rects.iter().map(|rect| rect.to_polygon()).collect();
        match <[_; 1]>::try_from(parts) {
            Ok([part]) => Geometry::Polygon(part),
            Err(parts) => Geometry::MultiPolygon(MultiPolygon::new(parts)),
        }
    }
}

impl From<Bbox> for Window {
    fn from(bbox: Bbox) -> Self {
        let rects = bbox.rects();
        Self {
            crs: Crs::Crs84,
            reach: Some(rects.clone()),
            rects,
        }
    }
}

/// CRSs whose positions are those of CRS84 but for the order of the axes.
pub(super) fn is_degrees_of_storage(crs: Crs) -> bool {
    matches!(crs, Crs::Crs84 | Crs::Epsg(4326))
}

/// True for a CRS of longitude and latitude in degrees: a position keeps its numbers, but for the
/// small differences between datums.
pub(super) fn in_degrees(crs: Crs) -> Result<bool, CrsError> {
    if matches!(crs, Crs::Crs84 | Crs::Gcj02 | Crs::Bd09 | Crs::Epsg(4326)) {
        return Ok(true);
    }
    let to = Reprojector::new(Crs::Crs84, crs)?;
    // Some CRSs refuse far places, so a few are tried.
    let near = |at: Coord<f64>| {
        to.position(at)
            .ok()
            .map(|there| (there.x - at.x).abs() < 1.0 && (there.y - at.y).abs() < 1.0)
    };
    let places = [(121.0, 31.0), (2.5, 47.0), (-97.0, 38.0), (149.0, -35.0)];
    Ok(places
        .into_iter()
        .find_map(|(x, y)| near(coord! { x: x, y: y }))
        .unwrap_or(false))
}

/// Boxes in CRS84 that hold the given boxes; none where PROJ cannot convert them.
pub(super) fn reach(crs: Crs, rects: &[Rect<f64>]) -> Option<Vec<Rect<f64>>> {
    if is_degrees_of_storage(crs) {
        return Some(rects.to_vec());
    }
    let back = Reprojector::new(crs, Crs::Crs84).ok()?;
    let there = Reprojector::new(Crs::Crs84, crs).ok()?;
    let part = |rect: &Rect<f64>| {
        let found = back.bounds(*rect).ok()?;
        // `bounds` walks along the sides; a pole inside the box lies beyond all of them.
        for latitude in [-90.0, 90.0] {
            let pole = there.position(coord! { x: 0.0, y: latitude });
            if pole.is_ok_and(|pole| geo::Intersects::intersects(rect, &pole)) {
                return None;
            }
        }
        // Between two steps a side may bulge, and so may a feature's edge that is straight there.
        let pad = coord! {
            x: found.width() * 0.02 + 1e-6,
            y: found.height() * 0.02 + 1e-6,
        };
        Some(Rect::new(found.min() - pad, found.max() + pad))
    };
    rects.iter().map(part).collect()
}
