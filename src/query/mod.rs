//! Which rows: box, time, filter, names, nearness; in which order; and what they add up to.
//!
//! A query is compiled against one collection of one snapshot and holds positions of its columns;
//! it must not be asked of another.

mod budget;
mod condition;
mod cursor;
mod filter;
mod fold;
mod interval;
mod measure;
mod names;
mod near;
mod packed;
mod page;
mod plan;
mod prepared;
mod ranges;
mod rank;
mod row_set;
mod run;
mod search;
mod sieve;
mod smallest;
mod sort;
mod statistics;
mod times;
mod walk;
mod window;

pub use crate::crs::metres_per_degree;
pub use budget::{Budget, Meter, Stopped};
pub use condition::{Condition, ConditionError, condition};
pub use cursor::CursorError;
pub use filter::{Filter, FilterError, Place, cql2_json, cql2_text, nearest, place};
pub use interval::{Interval, IntervalError};
pub use names::{Likeness, Names, TextSearch};
pub use near::Near;
pub use page::{Begin, Page, SelectError, Selection, feature, page, select, select_from};
pub use plan::{Access, Plan, plan};
pub use run::{Hit, Matches, matched, matched_in};
pub use search::{Found, FoundIn, Match, Search, search};
pub use sort::{SortBy, SortError, SortKey, sort_keys};
pub use statistics::{
    Bin, ColumnStatistics, Group, Statistics, StatisticsError, StatisticsRequest, statistics,
};
pub use window::{Window, WindowError};

/// A question to one collection.
#[derive(Debug, Clone, Default)]
pub struct Query {
    /// Only rows whose geometry meets this box; rows without a place are then left out.
    pub bbox: Option<Window>,
    /// Only rows whose time meets this, and those that have none: every row of a collection without
    /// time columns, and rows where these are null (OGC API Features Part 1, 7.15.4, C).
    pub datetime: Option<Interval>,
    /// Only rows that fulfil this.
    pub filter: Filter,
    /// Only rows whose names hold this.
    pub text: Option<TextSearch>,
    /// Only rows near these places; they come nearest first unless `sort` says otherwise.
    pub near: Option<Near>,
    /// The order; rows that are equal by it come by id.
    pub sort: Vec<SortKey>,
    /// The work that finding them may take.
    pub budget: Budget,
}

impl Query {
    /// True where every row matches.
    #[must_use]
    pub fn is_everything(&self) -> bool {
        let Self {
            bbox,
            datetime,
            filter,
            text,
            near,
            sort: _,
            budget: _,
        } = self;
        let narrowed = bbox.is_some() || datetime.is_some() || text.is_some() || near.is_some();
        !narrowed && filter.is_empty()
    }
}
