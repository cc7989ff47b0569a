//! Coordinate reference systems. The only file that names `proj`.
//!
//! A `Proj` is neither `Send` nor `Sync`, and making one takes milliseconds: each thread keeps
//! those that it has used. `proj` normalises every CRS to longitude or easting first, so nothing
//! outside this file has to know an authority's axis order.

use std::cell::RefCell;
use std::collections::HashMap;
use std::fmt;
use std::rc::Rc;
use std::str::FromStr;

use geo::{Coord, Geometry, MapCoords};
use proj::Proj;

/// A CRS that the server knows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Crs {
    /// WGS 84, longitude then latitude, degrees: the CRS of GeoJSON and of all storage here.
    Crs84,
    /// WGS 84 / Pseudo-Mercator, metres. Inflates areas (1.37 times at Shanghai): for drawing only.
    WebMercator,
    /// CGCS2000 / 3-degree Gauss-Kruger CM 120E, metres: the statutory grid of Shanghai's longitude.
    Cgcs2000Gk120,
    /// WGS 84 / UTM zone 51N, metres.
    Utm51N,
}

/// A CRS that the server does not know, or a position that cannot be converted.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum CrsError {
    /// Not one of [`Crs`].
    #[error("unknown CRS {0:?}; known are {known}", known = Crs::KNOWN)]
    Unknown(String),
    /// PROJ has no operation between two CRSs.
    #[error("no conversion from {from} to {to}: {reason}")]
    Operation {
        /// Source.
        from: Crs,
        /// Target.
        to: Crs,
        /// In PROJ's words.
        reason: String,
    },
    /// PROJ refused a position.
    #[error("position {x} {y} cannot be converted from {from} to {to}: {reason}")]
    Position {
        /// First coordinate.
        x: f64,
        /// Second coordinate.
        y: f64,
        /// Source.
        from: Crs,
        /// Target.
        to: Crs,
        /// In PROJ's words.
        reason: String,
    },
}

impl Crs {
    const KNOWN: &'static str = "OGC:CRS84, EPSG:3857, EPSG:4549, EPSG:32651";

    fn definition(self) -> &'static str {
        match self {
            Self::Crs84 => "OGC:CRS84",
            Self::WebMercator => "EPSG:3857",
            Self::Cgcs2000Gk120 => "EPSG:4549",
            Self::Utm51N => "EPSG:32651",
        }
    }
}

impl fmt::Display for Crs {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(self.definition())
    }
}

impl FromStr for Crs {
    type Err = CrsError;

    fn from_str(text: &str) -> Result<Self, CrsError> {
        [
            Self::Crs84,
            Self::WebMercator,
            Self::Cgcs2000Gk120,
            Self::Utm51N,
        ]
        .into_iter()
        .find(|crs| crs.definition() == text)
        .ok_or_else(|| CrsError::Unknown(text.to_owned()))
    }
}

thread_local! {
    static OPERATIONS: RefCell<HashMap<(Crs, Crs), Rc<Proj>>> = RefCell::default();
}

/// Converts positions from one CRS to another, longitude or easting first on both sides.
pub struct Reprojector {
    from: Crs,
    to: Crs,
    operation: Rc<Proj>,
}

impl Reprojector {
    /// The conversion between two CRSs; the first on a thread costs some milliseconds.
    ///
    /// # Errors
    /// PROJ has no operation between the two.
    pub fn new(from: Crs, to: Crs) -> Result<Self, CrsError> {
        OPERATIONS.with_borrow_mut(|operations| {
            if let Some(operation) = operations.get(&(from, to)) {
                return Ok(Self {
                    from,
                    to,
                    operation: Rc::clone(operation),
                });
            }
            let operation = Proj::new_known_crs(from.definition(), to.definition(), None)
                .map(Rc::new)
                .map_err(|error| CrsError::Operation {
                    from,
                    to,
                    reason: error.to_string(),
                })?;
            operations.insert((from, to), Rc::clone(&operation));
            Ok(Self {
                from,
                to,
                operation,
            })
        })
    }

    /// Converts one position.
    ///
    /// # Errors
    /// It lies outside what the operation can convert.
    pub fn position(&self, at: Coord<f64>) -> Result<Coord<f64>, CrsError> {
        let failed = |reason| CrsError::Position {
            x: at.x,
            y: at.y,
            from: self.from,
            to: self.to,
            reason,
        };
        let to = self
            .operation
            .convert(at)
            .map_err(|error| failed(error.to_string()))?;
        if to.x.is_finite() && to.y.is_finite() {
            Ok(to)
        } else {
            Err(failed("the result is not finite".to_owned()))
        }
    }

    /// Converts every position of a geometry; segments stay straight in the target CRS.
    ///
    /// # Errors
    /// One of the positions lies outside what the operation can convert.
    pub fn geometry(&self, geometry: &Geometry<f64>) -> Result<Geometry<f64>, CrsError> {
        geometry.try_map_coords(|at| self.position(at))
    }
}
