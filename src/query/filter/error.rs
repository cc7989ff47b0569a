use std::fmt;

use crate::crs::{Crs, CrsError};

/// Where in a filter.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Place {
    /// Character of a text, counted from 1.
    Character(usize),
    /// JSON Pointer (RFC 6901) into a JSON filter.
    Pointer(String),
}

impl fmt::Display for Place {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Character(at) => write!(out, "at character {at}"),
            Self::Pointer(path) if path.is_empty() => out.write_str("at the top"),
            Self::Pointer(path) => write!(out, "at {path}"),
        }
    }
}

/// Why a text or JSON value is not a filter on a collection.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum FilterError {
    /// Against the grammar.
    #[error("{place}: expected {expected}, found {found}")]
    Syntax {
        /// Where.
        place: Place,
        /// What the grammar allows there.
        expected: String,
        /// What stands there.
        found: String,
    },
    /// Not a column of the collection.
    #[error("{place}: there is no property {name:?}{}", offered(.nearest.as_deref()))]
    Property {
        /// Where.
        place: Place,
        /// As it was written.
        name: String,
        /// A known name that looks like it.
        nearest: Option<String>,
    },
    /// Not a function that is known here.
    #[error("{place}: there is no function {name:?}{}", offered(.nearest.as_deref()))]
    Function {
        /// Where.
        place: Place,
        /// As it was written.
        name: String,
        /// A known name that looks like it.
        nearest: Option<String>,
    },
    /// A known function that this server has no use for.
    #[error("{place}: {name} is not supported: {reason}")]
    Unsupported {
        /// Where.
        place: Place,
        /// Function.
        name: String,
        /// Why.
        reason: &'static str,
    },
    /// An operand of the wrong type.
    #[error("{place}: expected {expected}, found {found}")]
    Type {
        /// Where.
        place: Place,
        /// What is needed there.
        expected: String,
        /// What stands there.
        found: String,
    },
    /// The wrong number of arguments.
    #[error("{place}: {name} takes {expected}, found {found}")]
    Arguments {
        /// Where.
        place: Place,
        /// Function or operator.
        name: String,
        /// What it takes.
        expected: &'static str,
        /// How many were given.
        found: usize,
    },
    /// A geometry literal that is not valid.
    #[error("{place}: not a valid geometry: {reason}")]
    Geometry {
        /// Where.
        place: Place,
        /// Why.
        reason: String,
    },
    /// A number, date or pattern that is malformed or out of range.
    #[error("{place}: {reason}")]
    Literal {
        /// Where.
        place: Place,
        /// Why.
        reason: String,
    },
    /// Longer than a filter may be.
    #[error("the filter has {found} bytes; at most {limit} are read")]
    TooLong {
        /// Bytes.
        found: usize,
        /// Bytes.
        limit: usize,
    },
    /// Nested deeper than a filter may be.
    #[error("{place}: the filter is nested more than {limit} levels deep")]
    TooDeep {
        /// Where.
        place: Place,
        /// Levels.
        limit: usize,
    },
    /// The CRS of its geometries is not known, or has no conversion.
    #[error("filter-crs {crs}: {reason}")]
    Crs {
        /// As it was asked for.
        crs: Crs,
        /// Why.
        reason: CrsError,
    },
}

fn offered(nearest: Option<&str>) -> String {
    nearest.map_or_else(String::new, |name| format!("; did you mean {name:?}?"))
}

/// The known name that looks most like a wrong one, where one does.
#[must_use]
pub fn nearest<'a>(name: &str, known: impl Iterator<Item = &'a str>) -> Option<String> {
    // A long name against all columns would cost much and help nobody.
    if name.len() > 100 {
        return None;
    }
    let wrong = name.to_lowercase();
    known
        .map(|known| {
            let likeness = strsim::jaro_winkler(&wrong, &known.to_lowercase());
            (likeness, known)
        })
        .filter(|(likeness, _)| *likeness > 0.7)
        .max_by(|a, b| a.0.total_cmp(&b.0))
        .map(|(_, known)| known.to_owned())
}
