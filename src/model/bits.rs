/// Truth values, eight to a byte.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Bits {
    words: Vec<u64>,
    count: usize,
}

impl Bits {
    /// Adds one at the end.
    pub fn push(&mut self, bit: bool) {
        let (word, at) = (self.count / 64, self.count % 64);
        if at == 0 {
            self.words.push(0);
        }
        self.words[word] |= u64::from(bit) << at;
        self.count += 1;
    }

    /// One of them; false beyond the last.
    #[must_use]
    pub fn get(&self, at: usize) -> bool {
        let word = self.words.get(at / 64).copied().unwrap_or_default();
        word >> (at % 64) & 1 == 1
    }

    /// How many there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.count
    }

    /// True where there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.count == 0
    }

    /// All of them, in order.
    pub fn iter(&self) -> impl Iterator<Item = bool> {
        (0..self.count).map(|at| self.get(at))
    }
}

impl FromIterator<bool> for Bits {
    fn from_iter<I: IntoIterator<Item = bool>>(all: I) -> Self {
        let mut bits = Self::default();
        all.into_iter().for_each(|bit| bits.push(bit));
        bits
    }
}

impl Extend<bool> for Bits {
    fn extend<I: IntoIterator<Item = bool>>(&mut self, more: I) {
        more.into_iter().for_each(|bit| self.push(bit));
    }
}
