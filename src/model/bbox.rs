use std::str::FromStr;

use geo::{Coord, Rect};

/// A box in CRS84: longitude and latitude in degrees. `west > east` means that it crosses the
/// 180th meridian (RFC 7946, section 5.2).
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Bbox {
    /// Western limit, degrees.
    pub west: f64,
    /// Southern limit, degrees.
    pub south: f64,
    /// Eastern limit, degrees.
    pub east: f64,
    /// Northern limit, degrees.
    pub north: f64,
}

/// Why a text is not a box.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum BboxError {
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
    /// South above north.
    #[error("the southern limit {south} is greater than the northern limit {north}")]
    Upside {
        /// As it was given.
        south: f64,
        /// As it was given.
        north: f64,
    },
    /// Outside the range of longitude and latitude.
    #[error("{value} is not a {axis} in degrees (is the order west,south,east,north?)")]
    Range {
        /// `longitude` or `latitude`.
        axis: &'static str,
        /// As it was given.
        value: f64,
    },
}

impl Bbox {
    /// A box from its limits.
    ///
    /// # Errors
    /// A limit is out of range, or the south is above the north.
    pub fn new(west: f64, south: f64, east: f64, north: f64) -> Result<Self, BboxError> {
        for (axis, bound, value) in [
            ("longitude", 180.0, west),
            ("latitude", 90.0, south),
            ("longitude", 180.0, east),
            ("latitude", 90.0, north),
        ] {
            if !(-bound..=bound).contains(&value) {
                return Err(BboxError::Range { axis, value });
            }
        }
        if south > north {
            return Err(BboxError::Upside { south, north });
        }
        Ok(Self {
            west,
            south,
            east,
            north,
        })
    }

    /// The box as one rectangle, or as two where it crosses the 180th meridian.
    #[must_use]
    pub fn rects(&self) -> Vec<Rect<f64>> {
        let rect = |west, east| {
            Rect::new(
                Coord {
                    x: west,
                    y: self.south,
                },
                Coord {
                    x: east,
                    y: self.north,
                },
            )
        };
        if self.west <= self.east {
            vec![rect(self.west, self.east)]
        } else {
            vec![rect(self.west, 180.0), rect(-180.0, self.east)]
        }
    }

    /// True where the position lies in the box or on its border.
    #[must_use]
    pub fn contains(&self, position: Coord<f64>) -> bool {
        let across = if self.west <= self.east {
            (self.west..=self.east).contains(&position.x)
        } else {
            position.x >= self.west || position.x <= self.east
        };
        across && (self.south..=self.north).contains(&position.y)
    }
}

impl FromStr for Bbox {
    type Err = BboxError;

    /// `west,south,east,north`, or with heights: `west,south,low,east,north,high`. Heights are
    /// read and left aside, because no geometry of a plan has one.
    fn from_str(text: &str) -> Result<Self, BboxError> {
        let numbers = text
            .split(',')
            .enumerate()
            .map(|(index, part)| match part.trim().parse::<f64>() {
                Ok(number) if number.is_finite() => Ok(number),
                _ => Err(BboxError::Number {
                    position: index + 1,
                    text: part.to_owned(),
                }),
            })
            .collect::<Result<Vec<_>, _>>()?;
        match *numbers.as_slice() {
            [west, south, east, north] | [west, south, _, east, north, _] => {
                Self::new(west, south, east, north)
            }
            _ => Err(BboxError::Count(numbers.len())),
        }
    }
}
