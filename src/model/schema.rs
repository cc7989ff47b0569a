use std::fmt;

use serde::{Deserialize, Serialize};

use super::Text;

/// What a column holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ColumnType {
    /// UTF-8 text.
    String,
    /// A whole number.
    Integer,
    /// A finite number.
    Number,
    /// True or false.
    Boolean,
    /// A day (RFC 3339, full-date).
    Date,
    /// A moment (RFC 3339, date-time), to the microsecond; kept and shown in UTC.
    Timestamp,
    /// An array of texts.
    Strings,
    /// Any JSON: shown, and no more.
    Json,
}

impl ColumnType {
    /// True where rows can be sorted and compared by it.
    #[must_use]
    pub fn is_ordered(self) -> bool {
        !matches!(self, Self::Strings | Self::Json)
    }
}

impl fmt::Display for ColumnType {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(match self {
            Self::String => "a text",
            Self::Integer => "a whole number",
            Self::Number => "a number",
            Self::Boolean => "true or false",
            Self::Date => "a date such as 2021-01-31",
            Self::Timestamp => "a time such as 2021-01-31T08:00:00Z",
            Self::Strings => "an array of texts",
            Self::Json => "JSON",
        })
    }
}

/// Who vouches for a column's values. The kinds never mix in one column.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Role {
    /// The plan states it.
    Stated,
    /// Computed from stated values; the formula is named.
    Derived,
    /// Measured from the geometry as drawn.
    Measured,
    /// How the position is known and how sure it is.
    Position,
    /// Where in the plan it is said.
    Source,
    /// An editor's remark, not a statement of the plan.
    Note,
}

/// How a column's values are computed, where they are not read.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Compute {
    /// The first stated numerator over the denominator.
    Ratio {
        /// Columns, best first; the first that is stated is used.
        numerators: Vec<String>,
        /// The column divided by.
        denominator: String,
    },
    /// The name of the column that the given ratio took as its numerator.
    RatioNumeratorOf(String),
    /// Area on the WGS 84 ellipsoid in m² (Karney 2013, Algorithms for geodesics).
    GeodesicArea,
    /// Planar area in m² in a projected CRS, given as `EPSG:code`.
    PlanarArea(String),
    /// Length on the WGS 84 ellipsoid in m.
    GeodesicLength,
}

/// Two columns that should say the same.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Agreement {
    /// The other column.
    pub column: String,
    /// The largest relative difference that is not reported, for instance 0.005 for 0.5 %.
    pub tolerance: f64,
}

/// A code of an enumeration.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CodedValue {
    /// The code that the data hold.
    pub code: String,
    /// Chinese.
    pub zh: String,
    /// English.
    pub en: String,
    /// A colour hint for the legend, `#rrggbb`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub color: Option<String>,
}

/// One column of a collection.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Column {
    /// Its name in files, queries and answers; the key of its table.
    #[serde(skip_deserializing)]
    pub name: String,
    /// Its title for people.
    pub title: Text,
    /// What it holds.
    #[serde(rename = "type")]
    pub kind: ColumnType,
    /// Who vouches for it.
    pub role: Role,
    /// The unit of its numbers, for instance `m²`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unit: Option<String>,
    /// True where queries by this column must be fast.
    #[serde(default)]
    pub indexed: bool,
    /// True where tiles carry it.
    #[serde(default)]
    pub tile: bool,
    /// The codes that it may hold; empty where it is free.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub values: Vec<CodedValue>,
    /// How it is computed; absent where it is read.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub compute: Option<Compute>,
    /// The column that should say the same.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub agrees_with: Option<Agreement>,
}

impl Column {
    /// The column that a query by nearness adds to its answer: metres to the nearest place.
    #[must_use]
    pub fn distance() -> Self {
        Self {
            name: "distance_m".to_owned(),
            title: Text {
                zh: "距离".to_owned(),
                en: "Distance".to_owned(),
            },
            kind: ColumnType::Number,
            role: Role::Measured,
            unit: Some("m".to_owned()),
            indexed: false,
            tile: false,
            values: Vec::new(),
            compute: None,
            agrees_with: None,
        }
    }
}
