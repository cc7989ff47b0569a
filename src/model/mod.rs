//! The nouns of the server. No input or output here, and no import of another stage.

mod bbox;
mod feature;
mod plan;
mod schema;
mod text;
mod value;

pub use bbox::{Bbox, BboxError};
pub use feature::Feature;
pub use plan::{Camera, CollectionInfo, Figure, GeometryKind, Period, Plan, Style, View};
pub use schema::{Agreement, CodedValue, Column, ColumnType, Compute, Role};
pub use text::Text;
pub use value::{Value, ValueError};
