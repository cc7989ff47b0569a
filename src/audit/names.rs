//! Names as they are compared.

use unicode_normalization::UnicodeNormalization;

use crate::model::ColumnType;
use crate::snapshot::Collection;

/// The column of names: the first text column whose name starts with `name`. A second one is a
/// translation, and would tell everything twice.
pub(super) fn column(collection: &Collection) -> Option<usize> {
    let mut columns = collection.info.columns.iter();
    columns.position(|column| column.kind == ColumnType::String && column.name.starts_with("name"))
}

/// In small letters, of the usual width: Ａ１ is a1.
fn usual(name: &str) -> impl Iterator<Item = char> {
    name.nfkc().flat_map(char::to_lowercase)
}

/// A name without what stands in brackets, which tells things apart, in small letters of the usual width.
pub(super) fn plain(name: &str) -> String {
    let mut depth = 0_usize;
    let mut plain = String::new();
    for c in usual(name) {
        match c {
            '(' | '[' | '【' => depth += 1,
            ')' | ']' | '】' => depth = depth.saturating_sub(1),
            _ if depth == 0 => plain.push(c),
            _ => {}
        }
    }
    plain.trim().to_owned()
}

/// A whole name in small letters of the usual width, without spaces, dashes and what cannot be seen. Between two
/// digits a dash is left, for 14-1 is not 141.
pub(super) fn folded(name: &str) -> String {
    let mut folded = String::new();
    let mut apart = false;
    for c in usual(name) {
        match c {
            '\u{ad}' | '\u{200b}'..='\u{200d}' | '\u{feff}' => {}
            '-' | '_' | '\u{2010}'..='\u{2015}' | '\u{2212}' => apart = true,
            _ if c.is_whitespace() => apart = true,
            _ => {
                if apart && c.is_numeric() && folded.ends_with(char::is_numeric) {
                    folded.push('-');
                }
                apart = false;
                folded.push(c);
            }
        }
    }
    folded
}

/// A name without the directions of its roads: 祁连山南路 is 祁连山路, and Wuwei East Road is Wuwei Road. A road's name
/// has two characters at least: 真南路 is none of a 真路, but 真北路 is the same with some direction. Others are part of
/// the name (中山路, 西藏路), or say where it is (金昌路北侧).
pub(super) fn undirected(plain: &str) -> String {
    let words: Vec<_> = plain.split_whitespace().collect();
    let last = words.iter().rfind(|word| !is_direction(word));
    let is_road = last.is_some_and(|word| is_way(word)) && !words.contains(&"of");
    let next_is_way = |at: usize| words.get(at + 1).is_some_and(|next| is_way(next));
    let kept = (0..words.len())
        .filter(|at| !(is_direction(words[*at]) && (is_road || next_is_way(*at))))
        .map(|at| words[at]);
    let kept: Vec<_> = kept.collect();
    // East Road has no other name.
    let spaced = if kept.len() > 1 {
        kept.join(" ")
    } else {
        words.join(" ")
    };
    let all: Vec<char> = spaced.chars().collect();
    let is_of_road = |at: usize| {
        DIRECTIONS.contains(all[at])
            && match all[at + 1..] {
                ['大', next, ..] => "路街道".contains(next),
                [next, ..] => "路街道巷弄".contains(next),
                [] => false,
            }
    };
    let kept = (0..all.len()).filter_map(|at| match at {
        1 if is_of_road(at) => Some('向'),
        2.. if is_of_road(at) => None,
        _ => Some(all[at]),
    });
    kept.collect()
}

const DIRECTIONS: &str = "东南西北中";

fn is_way(word: &str) -> bool {
    let word = word.trim_end_matches('.');
    matches!(
        word,
        "road" | "rd" | "street" | "st" | "avenue" | "ave" | "lane"
    )
}

fn is_direction(word: &str) -> bool {
    matches!(
        word,
        "east"
            | "south"
            | "west"
            | "north"
            | "middle"
            | "central"
            | "eastern"
            | "southern"
            | "western"
            | "northern"
    )
}

/// A character that counts or letters things, or says where they are: names that differ by it are a series, and no
/// mistake.
pub(super) fn is_ordinal(c: char) -> bool {
    c.is_ascii_alphanumeric()
        || c.is_whitespace()
        || c.is_numeric()
        || "一二三四五六七八九十百甲乙丙丁戊己庚辛壬癸上下前后左右内外新老".contains(c)
        || DIRECTIONS.contains(c)
        || (!c.is_alphanumeric())
}
