use std::cmp::Ordering;
use std::hash::{BuildHasher, RandomState};
use std::sync::LazyLock;

use hashbrown::HashTable;
use hashbrown::hash_table::Entry;

/// Texts one after another in one allocation: a text costs its bytes and 8 more.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Texts {
    bytes: String,
    ends: Vec<usize>,
}

impl Texts {
    /// Adds one at the end.
    pub fn push(&mut self, text: &str) {
        self.bytes.push_str(text);
        self.ends.push(self.bytes.len());
    }

    /// How many there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.ends.len()
    }

    /// True where there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.ends.is_empty()
    }

    /// How many bytes they have together.
    #[must_use]
    pub fn bytes(&self) -> usize {
        self.bytes.len()
    }

    /// One of them; none beyond the last.
    #[must_use]
    pub fn get(&self, at: usize) -> Option<&str> {
        let end = *self.ends.get(at)?;
        let start = at.checked_sub(1).map_or(0, |before| self.ends[before]);
        self.bytes.get(start..end)
    }

    /// Where a text stands among texts in ascending order, or where it would. O(log n).
    ///
    /// # Errors
    /// It is not there: the place of the first that is greater.
    pub fn position(&self, wanted: &str) -> Result<u32, u32> {
        let (mut low, mut high) = (0, u32::try_from(self.len()).unwrap_or(u32::MAX));
        while low < high {
            let middle = low.midpoint(high);
            match self.get(middle as usize).unwrap_or_default().cmp(wanted) {
                Ordering::Less => low = middle + 1,
                Ordering::Equal => return Ok(middle),
                Ordering::Greater => high = middle,
            }
        }
        Err(low)
    }

    /// All of them, in order.
    pub fn iter(&self) -> impl Iterator<Item = &str> {
        (0..self.len()).filter_map(|at| self.get(at))
    }

    /// Adds all of others at the end.
    pub fn append(&mut self, others: &Self) {
        let before = self.bytes.len();
        self.bytes.push_str(&others.bytes);
        self.ends.extend(others.ends.iter().map(|end| before + end));
    }

    /// The same in another order, which names each once.
    #[must_use]
    pub fn ordered(&self, order: &[u32]) -> Self {
        let mut ordered = Self {
            bytes: String::with_capacity(self.bytes.len()),
            ends: Vec::with_capacity(order.len()),
        };
        for at in order {
            ordered.push(self.get(*at as usize).unwrap_or_default());
        }
        ordered
    }

    /// Gives back the room that is not needed.
    pub fn shrink(&mut self) {
        self.bytes.shrink_to_fit();
        self.ends.shrink_to_fit();
    }
}

impl<'a> FromIterator<&'a str> for Texts {
    fn from_iter<I: IntoIterator<Item = &'a str>>(all: I) -> Self {
        let mut texts = Self::default();
        all.into_iter().for_each(|text| texts.push(text));
        texts
    }
}

/// One for all tables of a run, so that a text that moves to another table keeps its hash.
static HASHER: LazyLock<RandomState> = LazyLock::new(RandomState::new);

/// Distinct texts, numbered as they come.
#[derive(Debug, Clone, Default)]
pub(super) struct Interner {
    texts: Texts,
    /// One per text: a table that grows need not read the texts again.
    hashes: Vec<u64>,
    codes: HashTable<u32>,
}

impl Interner {
    /// The code of a text, a new one where it is new.
    pub fn code(&mut self, text: &str) -> u32 {
        self.hashed(text, HASHER.hash_one(text))
    }

    /// # Panics
    /// With 2^32 texts.
    fn hashed(&mut self, text: &str, hash: u64) -> u32 {
        let (texts, hashes) = (&self.texts, &self.hashes);
        let same = |code: &u32| texts.get(*code as usize) == Some(text);
        let entry = self.codes.entry(hash, same, |code| hashes[*code as usize]);
        if let Entry::Occupied(found) = &entry {
            return *found.get();
        }
        let code = u32::try_from(texts.len()).expect("fewer than 2^32 texts");
        entry.insert(code);
        self.texts.push(text);
        self.hashes.push(hash);
        code
    }

    /// The codes of others' texts here.
    pub fn absorb(&mut self, others: &Self) -> Vec<u32> {
        let others = others.texts.iter().zip(&others.hashes);
        others
            .map(|(text, hash)| self.hashed(text, *hash))
            .collect()
    }

    /// The texts in ascending order, and each code's place among them.
    pub fn sorted(self) -> (Texts, Vec<u32>) {
        let mut texts = self.texts;
        drop((self.codes, self.hashes));
        let mut order: Vec<u32> = (0..texts.len()).zip(0..).map(|(_, code)| code).collect();
        let text = |code: &u32| texts.get(*code as usize);
        if !order.is_sorted_by_key(text) {
            order.sort_unstable_by_key(text);
            texts = texts.ordered(&order);
        }
        texts.shrink();
        let mut places = vec![0; order.len()];
        for (place, code) in (0..).zip(&order) {
            places[*code as usize] = place;
        }
        (texts, places)
    }
}
