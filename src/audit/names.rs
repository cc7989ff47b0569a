//! Names as they are compared.

use crate::model::ColumnType;
use crate::snapshot::Collection;

/// The column of names: the first text column whose name starts with `name`. A second one is a
/// translation, and would tell everything twice.
pub(super) fn column(collection: &Collection) -> Option<usize> {
    let mut columns = collection.info.columns.iter();
    columns.position(|column| column.kind == ColumnType::String && column.name.starts_with("name"))
}

/// A name without what stands in brackets, which tells things apart, in small letters.
pub(super) fn plain(name: &str) -> String {
    let mut depth = 0_usize;
    let mut plain = String::new();
    for c in name.chars() {
        match c {
            '(' | '（' | '[' | '【' => depth += 1,
            ')' | '）' | ']' | '】' => depth = depth.saturating_sub(1),
            _ if depth == 0 => plain.extend(c.to_lowercase()),
            _ => {}
        }
    }
    plain.trim().to_owned()
}

/// A name without words of direction; none where it has none, or where hardly anything is left.
pub(super) fn undirected(plain: &str) -> Option<String> {
    let words = plain.split_whitespace();
    let kept: Vec<_> = words.filter(|word| !is_direction(word)).collect();
    let spaced = kept.join(" ");
    let left: String = spaced
        .chars()
        .filter(|c| !"东南西北中".contains(*c))
        .collect();
    (left.chars().count() >= 2).then_some(left)
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

/// A character that counts or letters things: names that differ by it are a series, and no mistake.
pub(super) fn is_ordinal(c: char) -> bool {
    c.is_ascii_alphanumeric()
        || c.is_whitespace()
        || c.is_numeric()
        || "一二三四五六七八九十百甲乙丙丁戊己庚辛壬癸上下前后左右内外新老".contains(c)
        || (!c.is_alphanumeric())
}
