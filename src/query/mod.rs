//! Which rows: a box, a filter tree, and a page of the result.

mod condition;
mod page;
mod run;

use crate::model::Bbox;

pub use condition::{Condition, ConditionError, condition};
pub use page::{Page, feature, page};
pub use run::{Plan, Step, matched, plan};

/// A filter over columns, which are named by their position.
#[derive(Debug, Clone, PartialEq)]
pub enum Filter {
    /// All of them; true where there is none.
    All(Vec<Filter>),
    /// One column fulfils a condition. A null fulfils none.
    Is {
        /// Position in the collection's columns.
        column: usize,
        /// What it must fulfil.
        condition: Condition,
    },
}

/// A question to one collection.
#[derive(Debug, Clone, PartialEq)]
pub struct Query {
    /// Only rows whose geometry meets this box; rows without a place are then left out.
    pub bbox: Option<Bbox>,
    /// Only rows that fulfil this.
    pub filter: Filter,
}

impl Default for Query {
    fn default() -> Self {
        Self {
            bbox: None,
            filter: Filter::All(Vec::new()),
        }
    }
}
