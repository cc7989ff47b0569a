//! The conditions of a query, arranged once for all rows: patterns on the same text are put together, and the
//! texts that are folded are listed, so that each is folded once a row.

use super::expression::{Array, List, Predicate, Scalar, Text};
use super::like_group::LikeGroup;

/// A condition, arranged.
pub(in crate::query) enum Test<'f> {
    All(Vec<Test<'f>>),
    Any(Vec<Test<'f>>),
    Not(Box<Test<'f>>),
    /// A pattern, by its group and its position there.
    Like(usize, usize),
    Other(&'f Predicate),
}

/// What the conditions of a query share.
#[derive(Default)]
pub(super) struct Shared<'f> {
    pub groups: Vec<LikeGroup<'f>>,
    /// Texts without case or accents, the inner ones too.
    pub folded: Vec<&'f Text>,
}

impl<'f> Shared<'f> {
    /// Arranges the conditions.
    pub fn arranged(parts: &[&'f Predicate]) -> (Self, Vec<Test<'f>>) {
        let mut shared = Self::default();
        let tests = parts.iter().map(|part| shared.test(part)).collect();
        shared.groups.iter_mut().for_each(LikeGroup::finish);
        (shared, tests)
    }

    fn test(&mut self, predicate: &'f Predicate) -> Test<'f> {
        let mut all = |parts: &'f [Predicate]| parts.iter().map(|part| self.test(part)).collect();
        match predicate {
            Predicate::All(parts) => Test::All(all(parts)),
            Predicate::Any(parts) => Test::Any(all(parts)),
            Predicate::Not(inner) => Test::Not(Box::new(self.test(inner))),
            Predicate::Like(text, pattern) => {
                self.text(text);
                let known = self.groups.iter().position(|group| group.text == text);
                let group = known.unwrap_or_else(|| {
                    self.groups.push(LikeGroup::new(text));
                    self.groups.len() - 1
                });
                Test::Like(group, self.groups[group].add(pattern))
            }
            other => {
                self.look_into(other);
                Test::Other(other)
            }
        }
    }

    /// Lists the folded texts of a condition.
    fn look_into(&mut self, predicate: &'f Predicate) {
        match predicate {
            Predicate::Compare(_, a, b) => {
                self.scalar(a);
                self.scalar(b);
            }
            Predicate::In(value, list) => {
                self.scalar(value);
                if let List::Mixed(items) = list {
                    for item in items {
                        self.scalar(item);
                    }
                }
            }
            Predicate::IsNull(scalar) => self.scalar(scalar),
            Predicate::Arrays(_, a, b) => {
                for array in [a, b] {
                    if let Array::List(texts) = array {
                        for text in texts {
                            self.text(text);
                        }
                    }
                }
            }
            _ => {}
        }
    }

    fn scalar(&mut self, scalar: &'f Scalar) {
        if let Scalar::Text(text) = scalar {
            self.text(text);
        }
    }

    fn text(&mut self, text: &'f Text) {
        if let Text::Caseless(inner) | Text::Accentless(inner) = text {
            self.text(inner);
            if !self.folded.contains(&text) {
                self.folded.push(text);
            }
        }
    }
}
