//! What is part of what.

use crate::snapshot::{Collection, Row, Snapshot};

/// A row of the plan: the collection's place in the plan, and the row.
pub(super) type At = (usize, Row);

/// No chain of parts and wholes is longer in earnest; one that is goes in a circle.
const LONGEST: usize = 64;

/// Whose whole is which row. Only of collections that have the column: others cost nothing.
#[derive(Debug)]
pub(super) struct Wholes {
    of: Vec<Option<Vec<Said>>>,
}

/// What a row says about its whole.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Said {
    /// It is part of nothing.
    Nothing,
    /// It is part of an id that there is not.
    Unknown,
    /// It is part of this row.
    Part(At),
}

impl Wholes {
    /// Looks every id up once. O(n log n).
    pub fn build(snapshot: &Snapshot) -> Self {
        let name = &snapshot.plan.audit.columns.whole;
        let find = |id: &str| {
            let mut all = snapshot.collections.iter().enumerate();
            all.find_map(|(at, collection)| Some((at, collection.row(id)?)))
        };
        let of_collection = |collection: &Collection| {
            let cells = collection.cells(collection.info.column_index(name)?);
            let said = |row| match cells.text(row) {
                None => Said::Nothing,
                Some(id) => find(id).map_or(Said::Unknown, Said::Part),
            };
            Some((0..collection.count()).map(said).collect())
        };
        Self {
            of: snapshot.collections.iter().map(of_collection).collect(),
        }
    }

    pub fn said(&self, (collection, row): At) -> Said {
        let of = self.of.get(collection).and_then(Option::as_ref);
        of.and_then(|all| all.get(row as usize))
            .copied()
            .unwrap_or(Said::Nothing)
    }

    /// The row that a row is part of.
    pub fn whole(&self, at: At) -> Option<At> {
        match self.said(at) {
            Said::Part(whole) => Some(whole),
            Said::Nothing | Said::Unknown => None,
        }
    }

    /// The rows that it is part of, the nearest first.
    fn above(&self, at: At) -> impl Iterator<Item = At> {
        std::iter::successors(self.whole(at), |at| self.whole(*at)).take(LONGEST)
    }

    /// True where one of them is part of the other, over others or not.
    pub fn related(&self, one: At, other: At) -> bool {
        self.above(one).any(|at| at == other) || self.above(other).any(|at| at == one)
    }

    /// True where both are part of the same row.
    pub fn siblings(&self, one: At, other: At) -> bool {
        let whole = self.whole(one);
        whole.is_some() && whole == self.whole(other)
    }

    /// True where it is part of itself.
    pub fn is_circular(&self, at: At) -> bool {
        self.above(at).any(|above| above == at)
    }
}
