//! Search by name: Chinese, English, pinyin and pinyin initials.

use std::sync::Arc;

use pinyin::ToPinyinMulti;

use super::fold;
use crate::snapshot::{Cells, Collection, Row};

/// The names of a collection, ready to be searched. Built once per collection: the readings of the
/// characters are looked up here, not per request.
#[derive(Debug, Default)]
pub struct Names {
    /// Distinct names.
    names: Vec<Name>,
    /// Per distinct name, ascending.
    rows: Vec<Vec<Row>>,
}

#[derive(Debug)]
struct Name {
    /// Without case and accents.
    folded: String,
    /// Per character; empty for one that has no reading.
    readings: Vec<Vec<String>>,
}

/// A text to search names for, and the rows that it was found in.
#[derive(Debug, Clone)]
pub struct TextSearch {
    text: String,
    rows: Arc<[Row]>,
}

impl TextSearch {
    /// As it was asked for.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Ascending.
    pub(super) fn rows(&self) -> &[Row] {
        &self.rows
    }

    pub(super) fn holds(&self, row: Row) -> bool {
        self.rows.binary_search(&row).is_ok()
    }
}

impl Names {
    /// Collects the text columns whose name starts with `name`.
    #[must_use]
    pub fn build(collection: &Collection) -> Self {
        let mut all = Self::default();
        for (at, column) in collection.info.columns.iter().enumerate() {
            let cells = collection.cells(at);
            let (true, Cells::Text { dictionary, codes }) =
                (column.name.starts_with("name"), cells)
            else {
                continue;
            };
            let first = all.names.len();
            all.names.extend(dictionary.iter().map(Name::new));
            all.rows.resize(all.names.len(), Vec::new());
            for row in 0..collection.count() {
                if let Some(code) = codes.get(row) {
                    all.rows[first + code as usize].push(row);
                }
            }
        }
        all
    }

    /// Finds the rows of which one name holds every word of the text: as a part of it where the
    /// word is Chinese, at the start of one of its words where it is not, or as the pinyin or the
    /// initials of some of its characters. Case and accents do not matter. A text without a word
    /// finds nothing. O(distinct names).
    #[must_use]
    pub fn search(&self, text: &str) -> TextSearch {
        let folded = fold::caseless(&fold::accentless(text));
        let words: Vec<&str> = folded.split_whitespace().collect();
        let found = |name: &Name| !words.is_empty() && words.iter().all(|word| name.holds(word));
        let pairs = self.names.iter().zip(&self.rows);
        let mut rows: Vec<Row> = pairs
            .filter(|(name, _)| found(name))
            .flat_map(|(_, rows)| rows.iter().copied())
            .collect();
        rows.sort_unstable();
        rows.dedup();
        TextSearch {
            text: text.to_owned(),
            rows: rows.into(),
        }
    }
}

impl Name {
    fn new(text: &str) -> Self {
        let folded = fold::caseless(&fold::accentless(text));
        let readings = folded.chars().map(readings).collect();
        Self { folded, readings }
    }

    fn holds(&self, word: &str) -> bool {
        let inside = |(at, _): (usize, &str)| {
            let before = self.folded[..at].chars().next_back();
            let first = word.chars().next();
            // A word of letters begins where a word begins; Chinese is written without gaps.
            first.is_some_and(|c| !c.is_alphanumeric() || is_chinese(c))
                || before.is_none_or(|c| !c.is_alphanumeric() || is_chinese(c))
        };
        self.folded.match_indices(word).any(inside) || self.sounds(word)
    }

    /// From any character on, each by a whole reading or by its initial; the last may be cut.
    fn sounds(&self, word: &str) -> bool {
        let spelled: String = word.chars().filter(|c| *c != '\'').collect();
        if spelled.is_empty() || !spelled.bytes().all(|byte| byte.is_ascii_lowercase()) {
            return false;
        }
        (0..self.readings.len()).any(|start| self.sounds_from(start, &spelled))
    }

    /// Positions of the word that can be reached, character by character: no more work than
    /// characters × word.
    fn sounds_from(&self, start: usize, word: &str) -> bool {
        let mut reached = vec![false; word.len()];
        reached[0] = true;
        for readings in &self.readings[start..] {
            let mut next = vec![false; word.len()];
            for at in (0..word.len()).filter(|at| reached[*at]) {
                let rest = &word[at..];
                for reading in readings {
                    if reading.starts_with(rest) {
                        return true;
                    }
                    if rest.starts_with(reading.as_str()) {
                        next[at + reading.len()] = true;
                    }
                    if rest.starts_with(&reading[..1]) {
                        next[at + 1] = true;
                    }
                }
            }
            if !next.contains(&true) {
                return false;
            }
            reached = next;
        }
        false
    }
}

fn is_chinese(c: char) -> bool {
    matches!(c, '\u{3400}'..='\u{9fff}' | '\u{f900}'..='\u{faff}' | '\u{20000}'..='\u{323af}' | '〇')
}

/// All readings of a character, without tones; `lü` as it is typed: `lv` and `lu`.
fn readings(c: char) -> Vec<String> {
    let mut found: Vec<String> = c
        .to_pinyin_multi()
        .into_iter()
        .flatten()
        .flat_map(|reading| {
            [
                reading.plain().replace('ü', "v"),
                reading.plain().replace('ü', "u"),
            ]
        })
        .map(|reading| fold::accentless(&reading))
        .filter(|reading| !reading.is_empty() && reading.is_ascii())
        .collect();
    found.sort_unstable();
    found.dedup();
    found
}
