use std::borrow::Cow;
use std::cmp::Ordering;
use std::fmt;

use super::FeatureId;
use super::bits::Bits;
use super::cells::Row;
use super::texts::Texts;

/// A [`FeatureId`] that is kept elsewhere.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum IdRef<'a> {
    /// A whole number.
    Number(i64),
    /// Any other name, never empty.
    Text(&'a str),
}

impl<'a> IdRef<'a> {
    /// As it stands in a path.
    #[must_use]
    pub fn text(self) -> Cow<'a, str> {
        match self {
            Self::Number(number) => Cow::Owned(number.to_string()),
            Self::Text(text) => Cow::Borrowed(text),
        }
    }

    /// An own copy.
    #[must_use]
    pub fn to_id(self) -> FeatureId {
        match self {
            Self::Number(number) => FeatureId::Number(number),
            Self::Text(text) => FeatureId::Text(text.into()),
        }
    }
}

impl fmt::Display for IdRef<'_> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.text())
    }
}

impl<'a> From<&'a FeatureId> for IdRef<'a> {
    fn from(id: &'a FeatureId) -> Self {
        match id {
            FeatureId::Number(number) => Self::Number(*number),
            FeatureId::Text(text) => Self::Text(text),
        }
    }
}

/// Ids in order: first the numbers, then the texts.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Ids {
    numbers: Vec<i64>,
    texts: Texts,
}

impl Ids {
    /// How many there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.numbers.len() + self.texts.len()
    }

    /// True where there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// True where there is one and none is a text.
    #[must_use]
    pub fn are_numbers(&self) -> bool {
        self.texts.is_empty() && !self.numbers.is_empty()
    }

    /// That of a row.
    ///
    /// # Panics
    /// There is no such row.
    #[must_use]
    pub fn get(&self, row: Row) -> IdRef<'_> {
        let at = row as usize;
        match self.numbers.get(at) {
            Some(number) => IdRef::Number(*number),
            None => IdRef::Text(self.texts.get(at - self.numbers.len()).expect("a row")),
        }
    }

    /// The row whose id has this text. O(log n).
    #[must_use]
    pub fn row(&self, id: &str) -> Option<Row> {
        let number = id.parse::<i64>().ok();
        // 7 is the text of a number, 007 and +7 are not.
        let number = number.filter(|number| number.to_string() == id);
        let at = number.and_then(|number| self.place(IdRef::Number(number)).ok());
        at.or_else(|| self.place(IdRef::Text(id)).ok())
    }

    /// The row of an id. O(log n).
    ///
    /// # Errors
    /// There is none: the first row whose id is greater, or the number of rows.
    pub fn place(&self, id: IdRef<'_>) -> Result<Row, Row> {
        let (mut low, mut high) = (0, Row::try_from(self.len()).unwrap_or(Row::MAX));
        while low < high {
            let middle = low.midpoint(high);
            match self.get(middle).cmp(&id) {
                Ordering::Less => low = middle + 1,
                Ordering::Equal => return Ok(middle),
                Ordering::Greater => high = middle,
            }
        }
        Err(low)
    }
}

/// Ids as they come.
#[derive(Debug, Clone, Default)]
pub(super) struct IdsBuilder {
    texts: Texts,
    numbers: Bits,
}

impl IdsBuilder {
    pub fn push(&mut self, id: IdRef<'_>) {
        self.texts.push(&id.text());
        self.numbers.push(matches!(id, IdRef::Number(_)));
    }

    pub fn append(&mut self, more: &Self) {
        self.texts.append(&more.texts);
        self.numbers.extend(more.numbers.iter());
    }

    pub fn len(&self) -> usize {
        self.texts.len()
    }

    pub fn text(&self, at: usize) -> &str {
        self.texts.get(at).unwrap_or_default()
    }

    /// The ids in order, and the order: none where they came in it. Equal ones stay as they came.
    pub fn finish(self) -> (Ids, Option<Vec<Row>>) {
        let mut numbers: Vec<(i64, Row)> = Vec::new();
        let mut order: Vec<Row> = Vec::new();
        let parsed = |at: usize| self.text(at).parse().unwrap_or_default();
        for (row, at) in (0..).zip(0..self.len()) {
            if self.numbers.get(at) {
                numbers.push((parsed(at), row));
            } else {
                order.push(row);
            }
        }
        numbers.sort_unstable();
        let text = |row: &Row| self.text(*row as usize);
        if !order.is_sorted_by_key(text) {
            order.sort_by_key(text);
        }
        let texts = |order: &[Row]| {
            let mut texts = self.texts.ordered(order);
            texts.shrink();
            texts
        };
        if numbers.is_empty() && order.is_sorted() {
            let mut texts = self.texts;
            texts.shrink();
            let numbers = Vec::new();
            return (Ids { numbers, texts }, None);
        }
        let texts = texts(&order);
        let order: Vec<Row> = numbers.iter().map(|(_, row)| *row).chain(order).collect();
        let numbers = numbers.into_iter().map(|(number, _)| number).collect();
        let in_order = order.is_sorted();
        (Ids { numbers, texts }, (!in_order).then_some(order))
    }
}
