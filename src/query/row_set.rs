use crate::snapshot::Row;

/// Rows of a collection, each once: a bit for every row, however often it is found.
pub(super) struct RowSet {
    words: Vec<u64>,
    count: usize,
}

impl RowSet {
    /// No row of so many.
    pub fn new(rows: Row) -> Self {
        Self {
            words: vec![0; (rows as usize).div_ceil(64)],
            count: 0,
        }
    }

    /// Adds a row. O(1).
    pub fn insert(&mut self, row: Row) {
        let (word, bit) = (row as usize / 64, 1 << (row % 64));
        self.count += usize::from(self.words[word] & bit == 0);
        self.words[word] |= bit;
    }

    /// The rows, ascending. O(rows of the collection / 64 + rows found).
    pub fn into_rows(self) -> Vec<Row> {
        let mut rows = Vec::with_capacity(self.count);
        for (first, mut word) in (0..).step_by(64).zip(self.words) {
            while word != 0 {
                rows.push(first + word.trailing_zeros());
                word &= word - 1;
            }
        }
        rows
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn as_a_set_of_the_library(rows in proptest::collection::vec(0_u32..300, 0..400)) {
            let mut set = RowSet::new(300);
            for row in &rows {
                set.insert(*row);
            }
            let expected: BTreeSet<_> = rows.into_iter().collect();
            prop_assert_eq!(set.into_rows(), Vec::from_iter(expected));
        }
    }
}
