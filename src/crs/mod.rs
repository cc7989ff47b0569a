//! Coordinate reference systems. The only stage that names `proj`.
//!
//! A `Proj` is neither `Send` nor `Sync`, and making one takes milliseconds: each thread keeps
//! those that it has used. Where PROJ has to look for an operation between two datums it takes a quarter of a
//! second, so it is not asked where there is nothing to find: between WGS 84 and CGCS2000. `proj` normalises every
//! CRS to longitude or easting first, so nothing outside this stage has to know an authority's axis order; [`Crs::northing_first`] tells it, from
//! PROJ's own database, and [`Reprojector::to_authority`] applies it.

mod axes;
mod china;
mod definition;
mod ground;
mod identify;
mod inward;
mod name;
mod operation;
mod reproject;
mod zones;

pub use definition::Definition;
pub use ground::{metres_per_degree, sagitta};
pub use identify::{Datum, Told};
pub use inward::Inward;
pub use operation::Operation;
pub use reproject::Reprojector;
pub use zones::Zone;

/// A CRS by its name. Whether PROJ knows the code is seen when it is used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Crs {
    /// WGS 84, longitude then latitude, degrees: the CRS of GeoJSON and of all storage here.
    Crs84,
    /// A code of the EPSG dataset.
    Epsg(u32),
    /// The offset coordinates of `AMap` and Tencent maps, longitude then latitude. Unofficial.
    Gcj02,
    /// The offset coordinates of Baidu maps, longitude then latitude. Unofficial.
    Bd09,
}

/// A CRS that the server does not know, or a position that cannot be converted.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum CrsError {
    /// Not the name of a CRS.
    #[error(
        "unknown CRS {0:?}: expected OGC:CRS84, EPSG:code, GCJ02, BD09, or the URI of one of them"
    )]
    Unknown(String),
    /// A code that PROJ's database has no CRS of.
    #[error("{0}: the EPSG dataset has no CRS of this code")]
    NotListed(Crs),
    /// PROJ has no such CRS, or no operation between two.
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
    /// A feature with such a position.
    #[error("feature {id:?} cannot be converted to {to}: {reason}")]
    Feature {
        /// Its id.
        id: String,
        /// Target.
        to: Crs,
        /// Of the position.
        reason: Box<CrsError>,
    },
    /// A CRS of a site or of nothing, whose place on the earth it does not tell.
    #[error("{0} is a local CRS, which does not say where on the earth it is")]
    Local(String),
    /// Coordinates that are not converted unasked, or not in the way that was asked.
    #[error("{name}: {reason}")]
    Refused {
        /// Of the CRS.
        name: String,
        /// Why, and what can be done.
        reason: String,
    },
}

/// Keeps PROJ from telling on standard error what it stumbles over: an error is given for it here, and says more.
/// Only its environment tells it so, which is why this has to be before any thread is started; whoever has set
/// the variable himself hears what he has asked for.
pub fn silence() {
    // One line that is always right.
    let _ = dotenvy::from_read(&b"PROJ_DEBUG=0"[..]);
}

impl Crs {
    /// WGS 84 / Pseudo-Mercator, metres. Inflates areas (1.37 times at Shanghai): for drawing only.
    pub const WEB_MERCATOR: Self = Self::Epsg(3857);
    /// CGCS2000 / 3-degree Gauss-Kruger CM 120E, metres: the statutory grid at Shanghai.
    pub const CGCS2000_GK_120: Self = Self::Epsg(4549);
    /// WGS 84 / UTM zone 51N, metres.
    pub const UTM_51N: Self = Self::Epsg(32651);
}
