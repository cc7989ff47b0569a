use std::collections::BTreeMap;
use std::fmt;

use serde::Deserialize;

use crate::model::Text;

/// `geodata/recipe.toml`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Recipe {
    /// Lines that features lie on or are cut from: name to places along them.
    #[serde(default)]
    pub axes: BTreeMap<String, Vec<Place>>,
    /// What to draw.
    pub features: Vec<Entry>,
}

/// A place: the name of a control point, or a vertex of the recipe's own.
#[derive(Debug, Clone, Deserialize)]
#[serde(untagged)]
pub enum Place {
    /// A control point's Chinese name.
    Named(String),
    /// Longitude and latitude in degrees.
    At([f64; 2]),
}

impl fmt::Display for Place {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Named(name) => out.write_str(name),
            Self::At([lon, lat]) => write!(out, "[{lon}, {lat}]"),
        }
    }
}

/// One feature.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Entry {
    /// The register row's id, or an id of its own.
    pub id: String,
    /// Where it belongs; the register says it for its own rows.
    pub collection: Option<String>,
    /// Its name; the register says it for its own rows.
    pub name: Option<Text>,
    /// What it is; the register says it for its own rows.
    pub kind: Option<String>,
    /// How far off the drawing may be.
    pub accuracy_m: f64,
    /// How it is drawn and from what, for people.
    pub source: Text,
    /// Whether the plan states the ends of a line.
    pub limits_stated: Option<bool>,
    /// Whether the split between plots is an assumption.
    pub split_assumed: Option<bool>,
    /// How to draw it.
    pub draw: Shape,
}

/// How to draw a feature.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Shape {
    /// One point or several.
    Points(Vec<Place>),
    /// Pieces of axes.
    Lines(Vec<Cut>),
    /// A polygon through corners, which may follow axes between them.
    Corners(Vec<Corner>),
    /// Squares in a row, together of a stated area.
    Squares(Squares),
    /// A strip on both sides of an axis, of a stated area.
    Belt(Cut),
    /// The shape of an entry above.
    SameAs(String),
}

/// An axis, or a piece of it. A piece runs from the first end to the second, so that it can be
/// walked backwards.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Cut {
    /// The axis.
    pub along: String,
    /// One end; the axis' first place where absent.
    pub from: Option<Place>,
    /// The other end; the axis' last place where absent.
    pub to: Option<Place>,
}

/// A corner of a polygon, or a side of it.
#[derive(Debug, Deserialize)]
#[serde(untagged)]
pub enum Corner {
    /// The side follows an axis.
    Side(Cut),
    /// A corner.
    At(Place),
}

/// Squares side by side, west to east, turned to an axis.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Squares {
    /// The middle of the row, before it is shifted.
    pub center: Place,
    /// The axis whose nearest piece gives the bearing.
    pub along: String,
    /// Metres along and across that bearing (roughly east and north).
    #[serde(default)]
    pub shift_m: [f64; 2],
    /// How many.
    #[serde(default = "one")]
    pub count: u32,
    /// Metres between two.
    #[serde(default)]
    pub gap_m: f64,
    /// Draw only this one, counted from 1 in the west.
    pub only: Option<u32>,
    /// The register row whose site area they have together; this entry's own where absent.
    pub area_of: Option<String>,
}

fn one() -> u32 {
    1
}
