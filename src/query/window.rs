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
    /// In degrees and in Web Mercator a box may reach beyond the world, as that of a web map does which shows
    /// the world more than once: one of the world's width or more is the whole way round, and a narrower one
    /// goes on at the other side of the 180th meridian. A box from pole to pole and beyond ends at the poles.
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
        let (mut low, mut high): (Coord<f64>, Coord<f64>) = (place(low), place(high));
        let degrees = in_degrees(crs)?;
        if degrees {
            if low.y < -90.0 && high.y > 90.0 {
                (low.y, high.y) = (-90.0, 90.0);
            }
            let order = if northing_first {
                "latitude before longitude"
            } else {
                "longitude before latitude"
            };
            let limits = [low, high]
                .into_iter()
                .flat_map(|at| [("latitude", 90.0, at.y), ("longitude", FARTHEST, at.x)]);
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
        let world = match crs {
            _ if degrees => Some((180.0, 0.0)),
            Crs::WEB_MERCATOR => Some((MERCATOR_HALF, MERCATOR_SEAM)),
            _ => None,
        };
        if low.x > high.x && !degrees {
            return upside("easting", low.x, high.x);
        }
        let rects = match world {
            Some((half, seam)) => round_the_world(low, high, half, seam),
            None => vec![Rect::new(low, high)],
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

/// The farthest that a longitude may be off the world: web maps count on as they are turned, but not for ever.
const FARTHEST: f64 = 3600.0;

/// Half the width of the world in Web Mercator: pi times the radius of its sphere (EPSG guidance note 7-2, 1.3.3.2).
const MERCATOR_HALF: f64 = std::f64::consts::PI * 6_378_137.0;

/// In metres: a position on the 180th meridian is converted to one that is off by less.
const MERCATOR_SEAM: f64 = 0.001;

/// A box on a world that goes on behind both its sides, which are at `half` and `-half`: in one or two parts.
/// A part that ends at a side reaches over it by `seam`.
fn round_the_world(low: Coord<f64>, high: Coord<f64>, half: f64, seam: f64) -> Vec<Rect<f64>> {
    // So much is lost where the sides of the world are written with nine digits.
    const ROUNDING: f64 = 1e-9;
    let part = |west: f64, east: f64| {
        Rect::new(coord! { x: west, y: low.y }, coord! { x: east, y: high.y })
    };
    // What is on the world already keeps its numbers to the last bit.
    let onto = |x: f64| {
        if x.abs() <= half {
            x
        } else {
            (x + half).rem_euclid(2.0 * half) - half
        }
    };
    let side = half + seam;
    if high.x - low.x >= 2.0 * half * (1.0 - ROUNDING) {
        return vec![part(-side, side)];
    }
    let (west, east) = (onto(low.x), onto(high.x));
    if west <= east {
        vec![part(west, east)]
    } else {
        vec![part(west, side), part(-side, east)]
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
