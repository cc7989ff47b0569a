//! The plan as it is served: built once, then only read.
//!
//! Rows are in id order. Columns are typed arrays. The R-tree holds boxes and row numbers, not
//! geometries; an attribute index is the rows sorted by a column.

mod boxes;
mod collection;
mod columns;
mod pairs;

use crate::ingest::Loaded;
use crate::model::{Finding, Plan};

pub use crate::model::{
    Cells, Codes, IdRef, Part, Row, ShapeKind, ShapeRef, Shapes, ShapesBuilder, bounds,
};
pub use collection::{Collection, Summary, joined};
pub use columns::SortedIndex;
pub use pairs::Pair;

/// One version of a plan.
#[derive(Debug)]
pub struct Snapshot {
    /// As `plan.toml` describes it.
    pub plan: Plan,
    /// In the order of `collections.toml`.
    pub collections: Vec<Collection>,
    /// Warnings that travel with the plan.
    pub findings: Vec<Finding>,
    /// Digest of the inputs, in hex.
    pub version: String,
}

impl Snapshot {
    /// Builds columns, indices and R-trees. O(n log n).
    #[must_use]
    pub fn build(loaded: Loaded, findings: Vec<Finding>) -> Self {
        let collections = loaded
            .collections
            .into_iter()
            .map(|(info, rows)| Collection::build(info, rows))
            .collect();
        Self {
            plan: loaded.plan,
            collections,
            findings,
            version: loaded.version,
        }
    }

    /// A collection by its id.
    #[must_use]
    pub fn collection(&self, id: &str) -> Option<&Collection> {
        self.collections
            .iter()
            .find(|collection| collection.info.id == id)
    }
}
