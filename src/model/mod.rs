//! The nouns of the server. No input or output here, and no import of another stage.

mod bbox;
mod digest;
mod feature;
mod finding;
mod id;
mod plan;
mod schema;
mod text;
mod time;
mod value;

pub use bbox::{Bbox, BboxError};
pub use digest::short_hex;
pub use feature::Feature;
pub use finding::{Finding, Severity};
pub use id::FeatureId;
pub use plan::{
    Camera, CollectionInfo, Figure, GeometryKind, Period, Plan, Style, TimeColumns, View,
};
pub use schema::{Agreement, CodedValue, Column, ColumnType, Compute, Role};
pub use text::Text;
pub use time::{Span, Stamp, StampError};
pub use value::{Value, ValueError};
