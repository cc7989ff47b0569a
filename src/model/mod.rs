//! The nouns of the server. No input or output here, and no import of another stage.

mod audit;
mod basemap;
mod bbox;
mod bits;
mod cells;
mod check;
mod digest;
mod feature;
mod finding;
mod id;
mod ids;
mod meets;
mod number;
mod plan;
mod rings;
mod rows;
mod schema;
mod shapes;
mod text;
mod texts;
mod time;
mod unit;
mod value;

pub use audit::{ALL, Along, AuditColumns, AuditSettings, CollectionAudit, turned_off};
pub use basemap::{Basemap, BasemapCrs, BasemapKind};
pub use bbox::{Bbox, BboxError};
pub use bits::Bits;
pub use cells::{Booleans, Cells, Codes, Integers, Row};
pub use check::{CHECKS, Check, Scope, check};
pub use digest::short_hex;
pub use feature::Feature;
pub use finding::{Finding, Severity};
pub use id::FeatureId;
pub use ids::{IdRef, Ids};
pub use plan::{
    BASIS, CONTEXT, Camera, CollectionInfo, Drawer, Figure, GeometryKind, List, Opens, Period,
    Plan, Rail, Style, TileBudget, TimeColumns, View,
};
pub use rings::oriented;
pub use rows::{Rows, RowsBuilder};
pub use schema::{Agreement, CodedValue, Column, ColumnType, Compute, Role};
pub use shapes::{Part, ShapeKind, ShapeRef, Shapes, ShapesBuilder, bounds};
pub use text::Text;
pub use texts::Texts;
pub use time::{Span, Stamp, StampError};
pub use unit::{Factor, Unit};
pub use value::{Value, ValueError};
