//! The drawing board: control points, axes and stated areas, in metres.

use std::collections::HashMap;

use geo::{Coord, Euclidean, Geometry, Length, LineString, MapCoords, Validation};

use super::DrawError;
use super::axis;
use super::inputs::Inputs;
use super::recipe::{Cut, Place};
use crate::crs::{Crs, CrsError, Reprojector};
use crate::model::oriented;

/// A place that cuts an axis must lie this near to it: farther off, it is a slip of the recipe.
const ON_AXIS_M: f64 = 150.0;

/// A piece of an axis shorter than this is a slip of the recipe.
const SHORTEST_M: f64 = 1.0;

/// A centimetre on the ground, and the most that GeoJSON of a schematic drawing should claim.
const DECIMALS: f64 = 1e7;

pub struct Board {
    to_metres: Reprojector,
    to_degrees: Reprojector,
    points: HashMap<String, Coord<f64>>,
    axes: HashMap<String, LineString<f64>>,
    areas: HashMap<String, f64>,
}

impl Board {
    pub fn new(inputs: &Inputs) -> Result<Self, DrawError> {
        let reprojector = |from, to| {
            Reprojector::new(from, to).map_err(|source| DrawError::Projection {
                entry: "(all)".to_owned(),
                source,
            })
        };
        let mut board = Self {
            to_metres: reprojector(Crs::Crs84, Crs::UTM_51N)?,
            to_degrees: reprojector(Crs::UTM_51N, Crs::Crs84)?,
            points: HashMap::new(),
            axes: HashMap::new(),
            areas: HashMap::new(),
        };
        for point in &inputs.points {
            let at = Coord {
                x: point.lon,
                y: point.lat,
            };
            if board.points.insert(point.name_zh.clone(), at).is_some() {
                return Err(DrawError::DuplicatePoint(point.name_zh.clone()));
            }
        }
        for (name, places) in &inputs.recipe.axes {
            let entry = format!("axis {name}");
            let line = places
                .iter()
                .map(|place| board.place(&entry, place))
                .collect::<Result<Vec<_>, _>>()?;
            if line.len() < 2 || line.windows(2).any(|pair| pair[0] == pair[1]) {
                return Err(DrawError::ShortAxis(name.clone()));
            }
            board.axes.insert(name.clone(), LineString::new(line));
        }
        for row in &inputs.rows {
            if let Some(area) = row.site_area_m2 {
                board.areas.insert(row.id.clone(), area);
            }
        }
        Ok(board)
    }

    /// A place in metres.
    pub fn place(&self, entry: &str, place: &Place) -> Result<Coord<f64>, DrawError> {
        let at = match place {
            Place::Named(name) => {
                *self
                    .points
                    .get(name)
                    .ok_or_else(|| DrawError::UnknownPoint {
                        entry: entry.to_owned(),
                        point: name.clone(),
                    })?
            }
            Place::At([x, y]) => Coord { x: *x, y: *y },
        };
        self.to_metres.position(at).map_err(projection(entry))
    }

    /// An axis in metres.
    pub fn axis(&self, entry: &str, name: &str) -> Result<&LineString<f64>, DrawError> {
        self.axes.get(name).ok_or_else(|| DrawError::UnknownAxis {
            entry: entry.to_owned(),
            axis: name.to_owned(),
        })
    }

    /// A piece of an axis in metres.
    pub fn cut(&self, entry: &str, cut: &Cut) -> Result<LineString<f64>, DrawError> {
        let line = self.axis(entry, &cut.along)?;
        let at = |place: &Option<Place>, otherwise: f64| match place {
            Some(place) => self.along(entry, cut, line, place),
            None => Ok(otherwise),
        };
        let from_m = at(&cut.from, 0.0)?;
        let to_m = at(&cut.to, Euclidean.length(line))?;
        if (from_m - to_m).abs() < SHORTEST_M {
            return Err(DrawError::EmptyCut {
                entry: entry.to_owned(),
                axis: cut.along.clone(),
            });
        }
        Ok(axis::between(line, from_m, to_m))
    }

    /// How far along an axis a place lies that should lie on it.
    fn along(
        &self,
        entry: &str,
        cut: &Cut,
        line: &LineString<f64>,
        place: &Place,
    ) -> Result<f64, DrawError> {
        let foot = axis::foot(line, self.place(entry, place)?)
            .ok_or_else(|| DrawError::ShortAxis(cut.along.clone()))?;
        if foot.off_m > ON_AXIS_M {
            return Err(DrawError::FarFromAxis {
                entry: entry.to_owned(),
                axis: cut.along.clone(),
                point: place.to_string(),
                distance_m: foot.off_m,
            });
        }
        Ok(foot.along_m)
    }

    /// The site area that the register states for a row.
    pub fn area(&self, entry: &str, of: &str) -> Result<f64, DrawError> {
        self.areas
            .get(of)
            .copied()
            .ok_or_else(|| DrawError::NoArea {
                entry: entry.to_owned(),
                of: of.to_owned(),
            })
    }

    /// A shape in degrees, unrounded.
    pub fn degrees(&self, entry: &str, shape: &Geometry<f64>) -> Result<Geometry<f64>, DrawError> {
        self.to_degrees.geometry(shape).map_err(projection(entry))
    }

    /// A shape as it is written: rounded, right-hand rule, valid.
    pub fn finish(&self, entry: &str, shape: &Geometry<f64>) -> Result<Geometry<f64>, DrawError> {
        let round = |value: f64| (value * DECIMALS).round() / DECIMALS;
        let rounded = self.degrees(entry, shape)?.map_coords(|at| Coord {
            x: round(at.x),
            y: round(at.y),
        });
        let turned = oriented(rounded);
        turned
            .check_validation()
            .map_err(|error| DrawError::Invalid {
                entry: entry.to_owned(),
                reason: error.to_string(),
            })?;
        Ok(turned)
    }
}

fn projection(entry: &str) -> impl Fn(CrsError) -> DrawError + '_ {
    move |source| DrawError::Projection {
        entry: entry.to_owned(),
        source,
    }
}
