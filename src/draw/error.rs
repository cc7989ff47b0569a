use std::io;
use std::path::PathBuf;

use crate::crs::CrsError;

/// Why a plan cannot be drawn. `entry` is the `id` of a recipe entry, or `axis NAME`.
#[derive(Debug, thiserror::Error)]
pub enum DrawError {
    /// A file cannot be read.
    #[error("{}: {source}", path.display())]
    Read {
        /// Which.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// A file cannot be written.
    #[error("cannot write {}: {source}", path.display())]
    Write {
        /// Which.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// A file that is not in the plan's folder, by its name or by a link.
    #[error("{}: leads out of the plan folder; expected a file inside", path.display())]
    Outside {
        /// Which.
        path: PathBuf,
    },
    /// A TOML file is malformed or has an unknown key.
    #[error("{}: {source}", path.display())]
    Toml {
        /// Which.
        path: PathBuf,
        /// Where and why.
        source: Box<toml::de::Error>,
    },
    /// A CSV file is malformed, or lacks a column that drawing needs.
    #[error("{}: {source}", path.display())]
    Csv {
        /// Which.
        path: PathBuf,
        /// Where and why.
        source: csv::Error,
    },
    /// Two control points have one name.
    #[error("control point {0:?} is listed twice")]
    DuplicatePoint(String),
    /// Two recipe entries have one id.
    #[error("recipe entry {0:?} is listed twice")]
    DuplicateEntry(String),
    /// The recipe names a place that is not a control point.
    #[error("recipe entry {entry:?}: no control point is called {point:?}")]
    UnknownPoint {
        /// Where.
        entry: String,
        /// As it is written there.
        point: String,
    },
    /// The recipe names an axis that it does not define.
    #[error("recipe entry {entry:?}: no axis is called {axis:?}")]
    UnknownAxis {
        /// Where.
        entry: String,
        /// As it is written there.
        axis: String,
    },
    /// An axis with fewer than two places, or with one place twice in a row.
    #[error("axis {0:?} needs two places or more, and no place twice in a row")]
    ShortAxis(String),
    /// A place at which an axis is cut does not lie on it.
    #[error(
        "recipe entry {entry:?}: {point} lies {distance_m:.0} m off axis {axis:?}, which it should cut"
    )]
    FarFromAxis {
        /// Where.
        entry: String,
        /// The axis.
        axis: String,
        /// The place.
        point: String,
        /// How far off.
        distance_m: f64,
    },
    /// Both ends of a cut are one place.
    #[error("recipe entry {entry:?}: nothing of axis {axis:?} lies between the two ends")]
    EmptyCut {
        /// Where.
        entry: String,
        /// The axis.
        axis: String,
    },
    /// A shape is sized by a stated area that the register does not state.
    #[error("recipe entry {entry:?}: the register states no site_area_m2 for {of:?}")]
    NoArea {
        /// Where.
        entry: String,
        /// The register row.
        of: String,
    },
    /// A shape cannot be made to measure the stated area.
    #[error("recipe entry {entry:?}: no size gives {area_m2} m²")]
    NoSize {
        /// Where.
        entry: String,
        /// Stated.
        area_m2: f64,
    },
    /// A shape without parts.
    #[error("recipe entry {entry:?}: {reason}")]
    Shape {
        /// Where.
        entry: String,
        /// What is wrong.
        reason: &'static str,
    },
    /// An entry copies the shape of an entry that does not stand above it.
    #[error("recipe entry {entry:?}: no entry above it is called {other:?}")]
    UnknownEntry {
        /// Where.
        entry: String,
        /// As it is written there.
        other: String,
    },
    /// What was drawn is not a valid geometry.
    #[error("recipe entry {entry:?}: the drawn shape is not valid: {reason}")]
    Invalid {
        /// Where.
        entry: String,
        /// In the words of the validation.
        reason: String,
    },
    /// A place cannot be projected.
    #[error("recipe entry {entry:?}: {source}")]
    Projection {
        /// Where.
        entry: String,
        /// Why.
        source: CrsError,
    },
    /// An entry that is no row of the register and does not say where it belongs.
    #[error("recipe entry {0:?} is no row of the register and names no collection")]
    NoCollection(String),
    /// A row of the register is forgotten.
    #[error(
        "register row {0:?} has neither a recipe entry nor a reason for being without geometry"
    )]
    NotDrawn(String),
    /// A row of the register is drawn although it says why it is not.
    #[error("register row {0:?} has a recipe entry and a reason for being without geometry")]
    DrawnAndReasoned(String),
}
