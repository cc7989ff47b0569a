//! Many patterns on one text: a single pass over the text tells which of them can match.

use std::collections::HashMap;

use aho_corasick::{AhoCorasick, AhoCorasickKind, MatchKind};

use super::expression::Text;
use super::like::Pattern;

/// All patterns of a filter on one text.
pub(super) struct LikeGroup<'f> {
    pub text: &'f Text,
    patterns: Vec<&'f Pattern>,
    positions: HashMap<&'f Pattern, usize>,
    finder: Option<Finder>,
}

/// What tells which patterns can match.
struct Finder {
    needles: AhoCorasick,
    /// Per needle, its patterns.
    of_needle: Vec<Vec<usize>>,
    /// Patterns without a needle.
    others: Vec<usize>,
}

impl<'f> LikeGroup<'f> {
    pub fn new(text: &'f Text) -> Self {
        Self {
            text,
            patterns: Vec::new(),
            positions: HashMap::new(),
            finder: None,
        }
    }

    /// Adds a pattern if it is not there; its position.
    pub fn add(&mut self, pattern: &'f Pattern) -> usize {
        let next = self.patterns.len();
        let at = *self.positions.entry(pattern).or_insert(next);
        if at == next {
            self.patterns.push(pattern);
        }
        at
    }

    /// Makes the finder, once all patterns are there. Without one each pattern is tried.
    pub fn finish(&mut self) {
        let mut of_needle: Vec<Vec<usize>> = Vec::new();
        let mut needles: Vec<String> = Vec::new();
        let mut known: HashMap<String, usize> = HashMap::new();
        let mut others = Vec::new();
        for (at, pattern) in self.patterns.iter().enumerate() {
            let Some(needle) = pattern.needle() else {
                others.push(at);
                continue;
            };
            let place = *known.entry(needle.clone()).or_insert_with(|| {
                needles.push(needle);
                of_needle.push(Vec::new());
                needles.len() - 1
            });
            of_needle[place].push(at);
        }
        let built = AhoCorasick::builder()
            .match_kind(MatchKind::Standard)
            .kind(Some(AhoCorasickKind::ContiguousNFA))
            .build(&needles);
        // Never by the bytes that a filter may have.
        self.finder = built.ok().map(|needles| Finder {
            needles,
            of_needle,
            others,
        });
    }

    /// Which patterns match a text, by their positions; adds the steps that it takes.
    pub fn matches(&self, text: &str, steps: &mut u64) -> Vec<bool> {
        let mut matched = vec![false; self.patterns.len()];
        *steps += self.patterns.len() as u64 / 8 + text.len() as u64 * 3;
        let mut try_one = |at: usize, matched: &mut Vec<bool>| {
            *steps += text.len() as u64 * 2;
            matched[at] = self.patterns[at].matches(text);
        };
        let Some(finder) = &self.finder else {
            (0..self.patterns.len()).for_each(|at| try_one(at, &mut matched));
            return matched;
        };
        let mut seen = vec![false; finder.of_needle.len()];
        for found in finder.needles.find_overlapping_iter(text) {
            let needle = found.pattern().as_usize();
            if std::mem::replace(&mut seen[needle], true) {
                continue;
            }
            for at in &finder.of_needle[needle] {
                if self.patterns[*at].is_needle_anywhere() {
                    matched[*at] = true;
                } else {
                    try_one(*at, &mut matched);
                }
            }
        }
        for at in &finder.others {
            try_one(*at, &mut matched);
        }
        matched
    }
}

#[cfg(test)]
mod tests {
    use proptest::collection::vec;
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn as_each_pattern_says(text in "[ab路]{0,9}", patterns in vec("[ab路%_]{0,5}", 1..40)) {
            let read = |text: &String| Pattern::read(text, str::to_owned).expect("no escape");
            let patterns: Vec<_> = patterns.iter().map(read).collect();
            let own = Text::Id;
            let mut group = LikeGroup::new(&own);
            let places: Vec<_> = patterns.iter().map(|pattern| group.add(pattern)).collect();
            group.finish();
            let matched = group.matches(&text, &mut 0);
            for (pattern, at) in patterns.iter().zip(places) {
                prop_assert_eq!(matched[at], pattern.matches(&text));
            }
        }
    }
}
