//! Search by name: Chinese, English, pinyin and pinyin initials.
//!
//! A name is found well or less well: [`Likeness`] says how, so that what is called exactly so comes first.

use std::sync::Arc;

use pinyin::ToPinyinMulti;

use super::{Budget, Stopped, fold};
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

/// Steps of looking for a word in a name, and in how one of its characters is read.
const PER_WORD: u64 = 30;
const PER_READING: u64 = 20;

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

/// How well a name answers a search, the best first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Likeness {
    /// It is the text.
    Exact,
    /// It begins with the text.
    Start,
    /// It holds every word.
    Within,
    /// At least one word is only in how its characters are read.
    Sound,
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
    /// finds nothing. O(distinct names × words).
    ///
    /// # Errors
    /// The budget stops it.
    pub fn search(&self, text: &str, budget: &Budget) -> Result<TextSearch, Stopped> {
        let rows = self.ranked(text, budget)?.into_iter();
        Ok(TextSearch {
            text: text.to_owned(),
            rows: rows.map(|(row, _)| row).collect(),
        })
    }

    /// The same rows, ascending, each with its best name's likeness.
    ///
    /// # Errors
    /// The budget stops it.
    pub fn ranked(&self, text: &str, budget: &Budget) -> Result<Vec<(Row, Likeness)>, Stopped> {
        let folded = fold::caseless(&fold::accentless(text));
        let words: Vec<&str> = folded.split_whitespace().collect();
        let meter = budget.meter();
        let mut found = Vec::new();
        for (name, rows) in self.names.iter().zip(&self.rows) {
            let each = PER_WORD + PER_READING * name.readings.len() as u64;
            meter.spend(each * words.len() as u64)?;
            if let Some(likeness) = name.likeness(folded.trim(), &words) {
                found.extend(rows.iter().map(|row| (*row, likeness)));
            }
        }
        found.sort_unstable();
        found.dedup_by_key(|(row, _)| *row);
        Ok(found)
    }

    /// The rows whose names look most like a text that is none of them, from 0 to 1 (Jaro-Winkler), the best
    /// first. O(names × their length).
    #[must_use]
    pub fn similar(&self, text: &str, count: usize) -> Vec<(f64, Row)> {
        let folded = fold::caseless(&fold::accentless(text));
        let pairs = self.names.iter().zip(&self.rows);
        let mut all: Vec<_> = pairs
            .filter_map(|(name, rows)| {
                let row = *rows.first()?;
                Some((strsim::jaro_winkler(&folded, &name.folded), row))
            })
            .collect();
        all.sort_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1)));
        all.truncate(count);
        all
    }
}

impl Name {
    fn new(text: &str) -> Self {
        let folded = fold::caseless(&fold::accentless(text));
        let readings = folded.chars().map(readings).collect();
        Self { folded, readings }
    }

    /// How well it answers; not at all where a word is missing.
    fn likeness(&self, text: &str, words: &[&str]) -> Option<Likeness> {
        if words.is_empty() {
            return None;
        }
        let written = words.iter().all(|word| self.spells(word));
        if !written && !words.iter().all(|word| self.holds(word)) {
            return None;
        }
        Some(match self.folded.strip_prefix(text) {
            Some("") => Likeness::Exact,
            Some(_) if written => Likeness::Start,
            _ if written => Likeness::Within,
            _ => Likeness::Sound,
        })
    }

    fn holds(&self, word: &str) -> bool {
        self.spells(word) || self.sounds(word)
    }

    fn spells(&self, word: &str) -> bool {
        let inside = |(at, _): (usize, &str)| {
            let before = self.folded[..at].chars().next_back();
            let first = word.chars().next();
            // A word of letters begins where a word begins; Chinese is written without gaps.
            first.is_some_and(|c| !c.is_alphanumeric() || is_chinese(c))
                || before.is_none_or(|c| !c.is_alphanumeric() || is_chinese(c))
        };
        self.folded.match_indices(word).any(inside)
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
