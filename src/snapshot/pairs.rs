//! How many rows lie in a range of one index and in a range of another, without looking at them.

use std::ops::Range;
use std::sync::OnceLock;

use super::columns::SortedIndex;
use crate::model::Row;

/// So many pairs of columns are kept; a plan with thirty indices has 435.
const MOST: usize = 6;

/// Bits whose ones are counted at once.
const WORD: usize = 64;
/// Words between two stored sums: an eighth of the memory of the bits, and four counts at the most.
const BLOCK: usize = 4;

/// The pairs of columns that were asked for together, each made when it is asked for first: what few
/// ask for costs nothing, and what many ask for is made once.
#[derive(Debug, Default)]
pub(super) struct Pairs([OnceLock<((usize, usize), Pair)>; MOST]);

impl Pairs {
    /// The pair of two columns, made by `build` where it is not there yet; none where so many others
    /// were asked for before that there is no room.
    pub fn get(&self, columns: (usize, usize), build: impl Fn() -> Pair) -> Option<&Pair> {
        let mut kept = self.0.iter().map(|slot| {
            let (own, pair) = slot.get_or_init(|| (columns, build()));
            (*own == columns).then_some(pair)
        });
        kept.find_map(|pair| pair)
    }
}

/// For each place in the index of one column, the place of the same row in the index of another, as a
/// wavelet matrix (Claude, Navarro, Ordóñez: The wavelet matrix, 2015): bit by bit from the highest,
/// zeros moved before ones. Of a million rows it takes 20 bits each and an eighth more.
#[derive(Debug)]
pub struct Pair(Vec<Level>);

impl Pair {
    /// O(n log n): about a tenth of a second for a million rows.
    pub(super) fn build(first: &SortedIndex, second: &SortedIndex) -> Self {
        let rows = first.rows().len();
        let mut places = vec![0; rows];
        for (place, row) in (0..).zip(second.rows()) {
            places[*row as usize] = place;
        }
        let mut values: Vec<Row> = first
            .rows()
            .iter()
            .map(|row| places[*row as usize])
            .collect();
        let bits = usize::BITS - rows.saturating_sub(1).leading_zeros();
        let mut ones = Vec::with_capacity(rows);
        let levels = (0..bits).rev().map(|bit| {
            let level = Level::build(&values, bit);
            ones.clear();
            let mut zeros = 0;
            for at in 0..rows {
                let value = values[at];
                if value >> bit & 1 == 1 {
                    ones.push(value);
                } else {
                    values[zeros] = value;
                    zeros += 1;
                }
            }
            values[zeros..].copy_from_slice(&ones);
            level
        });
        Self(levels.collect())
    }

    /// How many rows have their place in the first index in one range and that in the second in
    /// another. O(log n).
    #[must_use]
    pub fn count(&self, first: Range<usize>, second: Range<usize>) -> usize {
        let below = |limit| self.below(first.clone(), limit);
        below(second.end).saturating_sub(below(second.start))
    }

    /// How many in a range of the first index have a place below the limit in the second.
    fn below(&self, Range { mut start, mut end }: Range<usize>, limit: usize) -> usize {
        let mut below = 0;
        if limit >> self.0.len() > 0 {
            return end.saturating_sub(start);
        }
        for (bit, level) in (0..self.0.len()).rev().zip(&self.0) {
            let (before, until) = (level.ones(start), level.ones(end));
            if limit >> bit & 1 == 1 {
                below += (end - start).saturating_sub(until - before);
                (start, end) = (level.zeros + before, level.zeros + until);
            } else {
                (start, end) = (start - before, end - until);
            }
        }
        below
    }
}

/// One bit of every value.
#[derive(Debug)]
struct Level {
    words: Vec<u64>,
    /// Ones before each block of words.
    sums: Vec<u32>,
    zeros: usize,
}

impl Level {
    fn build(values: &[Row], bit: u32) -> Self {
        let word = |chunk: &[Row]| {
            let bits = chunk.iter().rev();
            bits.fold(0, |word, value| word << 1 | u64::from(*value >> bit & 1))
        };
        let words: Vec<u64> = values.chunks(WORD).map(word).collect();
        let mut sum = 0;
        let sums = words.chunks(BLOCK).map(|block| {
            let before = sum;
            sum += block.iter().map(|word| word.count_ones()).sum::<u32>();
            before
        });
        let mut sums: Vec<u32> = sums.collect();
        sums.push(sum);
        Self {
            zeros: values.len() - sum as usize,
            words,
            sums,
        }
    }

    /// Ones before a place.
    fn ones(&self, place: usize) -> usize {
        let (word, bit) = (place / WORD, place % WORD);
        let block = word / BLOCK;
        let whole = &self.words[block * BLOCK..word];
        let whole: u32 = whole.iter().map(|word| word.count_ones()).sum();
        let rest = match bit {
            0 => 0,
            bit => (self.words[word] << (WORD - bit)).count_ones(),
        };
        (self.sums[block] + whole + rest) as usize
    }
}

#[cfg(test)]
mod tests {
    use proptest::collection::vec;
    use proptest::prelude::*;

    use super::*;
    use crate::model::{Cells, ColumnType, Value};

    fn index(numbers: &[Option<u8>]) -> SortedIndex {
        let values = numbers.iter().map(|number| match number {
            Some(number) => Value::Integer(i64::from(*number)),
            None => Value::Null,
        });
        let cells = Cells::build(ColumnType::Integer, values);
        let count = Row::try_from(numbers.len()).expect("few");
        SortedIndex::build(&cells, count)
    }

    proptest! {
        #[test]
        fn as_counting_one_by_one(
            cells in vec((any::<Option<u8>>(), any::<Option<u8>>()), 0..700),
            ends in [0.0..1.0, 0.0..1.0, 0.0..1.0, 0.0..1.0],
        ) {
            let (first, second): (Vec<_>, Vec<_>) = cells.iter().copied().unzip();
            let (first, second) = (index(&first), index(&second));
            let pair = Pair::build(&first, &second);
            #[expect(clippy::cast_sign_loss, clippy::cast_possible_truncation, clippy::cast_precision_loss, reason = "small")]
            let end = |share: f64| (share * (cells.len() + 1) as f64) as usize;
            let range = |a: f64, b: f64| end(a.min(b))..end(a.max(b));
            let (one, other) = (range(ends[0], ends[1]), range(ends[2], ends[3]));
            let others = &second.rows()[other.clone()];
            let expected = first.rows()[one.clone()].iter().filter(|row| others.contains(row)).count();
            prop_assert_eq!(pair.count(one, other), expected);
        }
    }

    #[test]
    fn there_is_room_for_some_and_each_is_built_once() {
        let pairs = Pairs::default();
        let builds = std::cell::Cell::new(0);
        let build = || {
            builds.set(builds.get() + 1);
            Pair::build(&index(&[Some(2), None]), &index(&[None, Some(1)]))
        };
        for _ in 0..2 {
            for at in 0..MOST + 2 {
                assert_eq!(pairs.get((0, at), build).is_some(), at < MOST);
            }
        }
        assert_eq!(builds.get(), MOST);
    }
}
