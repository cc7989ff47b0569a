//! The cells that merged features are drawn in.

use super::frame::{BUFFER, EXTENT};

/// A tile cut into cells: rectangles of a power of two units that meet the tile's sides, and around
/// them a ring of cells as deep as the buffer. Neighbouring tiles have the same cells.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Net {
    /// Powers of two.
    across: u32,
    down: u32,
}

/// The largest cell is so large, as a power of two.
const COARSEST: u32 = 8;

/// Which cells of a net have something: a bit for each, and how many come before each word.
pub(super) struct Filled {
    pub net: Net,
    words: Vec<u64>,
    before: Vec<usize>,
}

impl Net {
    pub fn columns(self) -> i32 {
        (i32::from(EXTENT) >> self.across) + 2
    }

    pub fn rows(self) -> i32 {
        (i32::from(EXTENT) >> self.down) + 2
    }

    /// The number of the cell at a position in units; beyond the buffer, of the nearest one.
    #[inline]
    fn at(self, x: i32, y: i32) -> usize {
        let place = |unit: i32, size: u32, count: i32| {
            if unit < 0 {
                0
            } else {
                ((unit >> size) + 1).min(count - 1)
            }
        };
        let row = place(y, self.down, self.rows());
        number(row * self.columns() + place(x, self.across, self.columns()))
    }

    /// West, north, width and height of a cell.
    pub fn extent(self, column: i32, row: i32) -> [i32; 4] {
        let side = |at: i32, size: u32, count: i32| match at {
            0 => (-i32::from(BUFFER), i32::from(BUFFER)),
            last if last == count - 1 => (i32::from(EXTENT), i32::from(BUFFER)),
            inner => ((inner - 1) << size, 1 << size),
        };
        let (west, width) = side(column, self.across, self.columns());
        let (north, height) = side(row, self.down, self.rows());
        [west, north, width, height]
    }

    /// With half as many cells.
    fn coarser(self) -> Self {
        if self.across > self.down {
            Self {
                down: self.down + 1,
                ..self
            }
        } else {
            Self {
                across: self.across + 1,
                ..self
            }
        }
    }

    fn cell(self, cell: usize) -> (i32, i32) {
        let columns = number(self.columns());
        let (row, column) = (cell / columns, cell % columns);
        (signed(column), signed(row))
    }

    /// Where a cell of this net lies in a coarser one.
    fn in_coarser(self, cell: usize, to: Self) -> usize {
        let (column, row) = self.cell(cell);
        let [west, north, ..] = self.extent(column, row);
        to.at(west, north)
    }
}

impl Filled {
    /// The finest net with cells of at least so many units, as a power of two, of which at most so many
    /// are filled by some positions; the coarsest one where all have more. O(positions).
    pub fn finest(
        least: u32,
        most: usize,
        places: impl Iterator<Item = (i32, i32)> + Clone,
    ) -> Self {
        let least = least.min(COARSEST);
        let mut net = Net {
            across: least,
            down: least,
        };
        let first = places.map(|(x, y)| net.at(x, y));
        let (mut words, mut cells) = distinct(net, first);
        while cells.len() > most && net.down < COARSEST {
            let half = net.coarser();
            let coarser = cells.iter().map(|cell| net.in_coarser(*cell, half));
            (words, cells) = distinct(half, coarser);
            net = half;
        }
        let mut count = 0;
        let before = words
            .iter()
            .map(|word| {
                let before = count;
                count += word.count_ones() as usize;
                before
            })
            .collect();
        Self { net, words, before }
    }

    /// The place of a filled cell among them, in rows from the north, each from the west.
    #[inline]
    pub fn slot(&self, x: i32, y: i32) -> usize {
        let cell = self.net.at(x, y);
        let below = self.words[cell / 64] & ((1_u64 << (cell % 64)) - 1);
        self.before[cell / 64] + below.count_ones() as usize
    }

    /// Column and row of all, in the order of their slots.
    pub fn cells(&self) -> Vec<(i32, i32)> {
        let mut out = Vec::new();
        for (at, word) in self.words.iter().enumerate() {
            let mut left = *word;
            while left != 0 {
                out.push(self.net.cell(at * 64 + left.trailing_zeros() as usize));
                left &= left - 1;
            }
        }
        out
    }
}

/// Bits of the cells, and each cell once.
fn distinct(net: Net, cells: impl Iterator<Item = usize>) -> (Vec<u64>, Vec<usize>) {
    let mut words = vec![0_u64; number(net.columns() * net.rows()).div_ceil(64)];
    let mut out = Vec::new();
    for cell in cells {
        let (word, bit) = (&mut words[cell / 64], 1_u64 << (cell % 64));
        if *word & bit == 0 {
            *word |= bit;
            out.push(cell);
        }
    }
    (words, out)
}

#[expect(clippy::cast_sign_loss, reason = "cells are counted from 0")]
fn number(cell: i32) -> usize {
    cell as usize
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_possible_wrap,
    reason = "a tile has some million cells"
)]
fn signed(number: usize) -> i32 {
    number as i32
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use proptest::collection::vec;
    use proptest::prelude::*;

    use super::*;

    proptest! {
        /// Every position lies in its cell, slots count the filled cells, and cells cover the tile and
        /// its buffer once.
        #[test]
        fn cells_hold_their_positions(
            places in vec((-128..4224_i32, -128..4224_i32), 1..300),
            least in 0..8_u32,
            most in 1..400_usize,
        ) {
            let filled = Filled::finest(least, most, places.iter().copied());
            let cells = filled.cells();
            prop_assert!(cells.len() <= most || filled.net.down == COARSEST);
            let mut used = BTreeSet::new();
            for (x, y) in &places {
                let slot = filled.slot(*x, *y);
                used.insert(slot);
                let (column, row) = cells[slot];
                let [west, north, width, height] = filled.net.extent(column, row);
                prop_assert!((west..west + width).contains(x) && (north..north + height).contains(y));
            }
            prop_assert_eq!(used.len(), cells.len());
            let net = filled.net;
            let area: i32 = (0..net.columns() * net.rows())
                .map(|cell| net.extent(cell % net.columns(), cell / net.columns()))
                .map(|[_, _, width, height]| width * height)
                .sum();
            prop_assert_eq!(area, 4352 * 4352);
        }
    }
}
