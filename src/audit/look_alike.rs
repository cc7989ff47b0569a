//! Names that are taken for each other: 祁连山路 and 祁连山南路 are two roads.
//!
//! Not every two names that are alike: plots in a row, parts of one whole and things that are numbered
//! are called alike on purpose, and so are those on two sides of a road. But one name in two spellings is
//! never meant. Every name is looked up under what is left of it without spaces, dashes, width and case,
//! without the directions of roads, under its sound, and, if it is long, with each character left open or
//! out; names that meet under one of them are compared. O(characters log characters).

use std::collections::HashSet;
use std::hash::{DefaultHasher, Hash, Hasher};

use pinyin::ToPinyin;

use super::names::{column, folded, is_ordinal, plain, undirected};
use super::report::{Note, Notes, named};
use super::wholes::{At, Wholes};
use crate::snapshot::{Cells, Snapshot};

const CHECK: &str = "look-alike-names";

/// In a shorter name a character is too much of it: 金昌路 and 金迎路 are not alike.
const LONG: usize = 6;
/// Of so many names that meet under one key each is compared with the next ones only.
const NEXT: usize = 16;

/// A distinct name, and the first row that has it.
struct Name<'a> {
    text: &'a str,
    /// Nothing where a name before has the same: what it is alike is told of that one.
    plain: String,
    at: At,
}

/// Two names by their places in the list, and what makes them alike.
type Pair = (u32, u32, String);

pub(super) fn check(snapshot: &Snapshot, wholes: &Wholes, notes: &mut Notes<'_>) {
    if !notes.is_on(CHECK) {
        return;
    }
    let names = collected(snapshot);
    let mut pairs = meet(&names, |name| name.text, spellings, by_spelling);
    let mut alike = meet(&names, |name| &name.plain, directions, by_direction);
    alike.extend(meet(&names, |name| &name.plain, sounds, by_sound));
    alike.extend(meet(&names, |name| &name.plain, characters, by_character));
    alike.retain(|(one, other, _)| {
        let (one, other) = (names[*one as usize].at, names[*other as usize].at);
        !wholes.related(one, other) && !wholes.siblings(one, other)
    });
    pairs.extend(alike);
    // The first reason is told.
    pairs.sort_by_key(|(one, other, _)| (*one, *other));
    pairs.dedup_by_key(|(one, other, _)| (*one, *other));
    for (one, other, how) in pairs {
        let (first, second) = (&names[one as usize], &names[other as usize]);
        let collection = |at: At| &snapshot.collections[at.0];
        notes.add(CHECK, collection(second.at), || {
            let shown = |at: At| {
                let of = collection(at);
                let cells = column(of).map(|column| of.cells(column).value(at.1));
                cells.map(|name| name.to_string()).unwrap_or_default()
            };
            let reason = format!(
                "{:?} is easily taken for {:?} of {}: {how}",
                shown(second.at),
                shown(first.at),
                named(collection(first.at), first.at.1)
            );
            let of = collection(second.at);
            let note = Note::new(CHECK, of, second.at.1, reason);
            let note = note.with(collection(first.at), first.at.1);
            match column(of) {
                Some(column) => note.at_column(&of.info.columns[column].name),
                None => note,
            }
        });
    }
}

/// Each name once, in the order of the plan.
fn collected(snapshot: &Snapshot) -> Vec<Name<'_>> {
    let mut names = Vec::new();
    let (mut texts, mut plains) = (HashSet::new(), HashSet::new());
    for (at, collection) in snapshot.collections.iter().enumerate() {
        let cells = column(collection).map(|column| collection.cells(column));
        let Some(Cells::Text { dictionary, codes }) = cells else {
            continue;
        };
        let mut seen = vec![false; dictionary.len()];
        for row in 0..collection.count() {
            let Some(code) = codes.get(row).map(|code| code as usize) else {
                continue;
            };
            if std::mem::replace(&mut seen[code], true) {
                continue;
            }
            let text = dictionary.get(code).unwrap_or_default();
            let mut plain = plain(text);
            if plain.is_empty() || !texts.insert(text) {
                continue;
            }
            if !plains.insert(key(&plain)) {
                plain.clear();
            }
            names.push(Name {
                text,
                plain,
                at: (at, row),
            });
        }
    }
    names
}

/// Pairs of names that have a key in common and are alike.
fn meet<'a>(
    names: &'a [Name<'a>],
    of: impl Fn(&'a Name<'a>) -> &'a str,
    keys: fn(&str) -> Vec<u64>,
    compare: fn(&str, &str) -> Option<String>,
) -> Vec<Pair> {
    let mut met: Vec<(u64, u32)> = Vec::new();
    for (name, at) in names.iter().zip(0..) {
        let name = of(name);
        if !name.is_empty() {
            met.extend(keys(name).into_iter().map(|key| (key, at)));
        }
    }
    met.sort_unstable();
    met.dedup();
    let mut pairs = Vec::new();
    for group in met.chunk_by(|a, b| a.0 == b.0) {
        for (at, (_, one)) in group.iter().enumerate() {
            for (_, other) in group[at + 1..].iter().take(NEXT) {
                let name = |at: u32| of(&names[at as usize]);
                if let Some(how) = compare(name(*one), name(*other)) {
                    pairs.push((*one, *other, how));
                }
            }
        }
    }
    pairs
}

fn key(of: impl Hash) -> u64 {
    let mut hasher = DefaultHasher::new();
    of.hash(&mut hasher);
    hasher.finish()
}

fn spellings(name: &str) -> Vec<u64> {
    vec![key(folded(name))]
}

fn by_spelling(one: &str, other: &str) -> Option<String> {
    let how = "they differ by spaces, dashes, width or case alone";
    (one != other && folded(one) == folded(other)).then(|| how.to_owned())
}

fn directions(name: &str) -> Vec<u64> {
    vec![key(undirected(name))]
}

fn by_direction(one: &str, other: &str) -> Option<String> {
    (undirected(one) == undirected(other)).then(|| "they differ by a direction".to_owned())
}

/// The first reading of each character; names of less than three characters sound alike too often.
fn sound(name: &str) -> Option<String> {
    let chinese = name.chars().filter(|c| c.to_pinyin().is_some()).count();
    let reading = |c: char| match c.to_pinyin() {
        Some(reading) => reading.plain().to_owned() + " ",
        None => c.to_string(),
    };
    (chinese >= 3).then(|| name.chars().map(reading).collect())
}

fn sounds(name: &str) -> Vec<u64> {
    sound(name).map(key).into_iter().collect()
}

fn by_sound(one: &str, other: &str) -> Option<String> {
    let read = sound(one)?;
    (Some(&read) == sound(other).as_ref()).then(|| format!("both are read {}", read.trim()))
}

/// Of a long name: itself, and with each character that is not of a series left out.
fn characters(name: &str) -> Vec<u64> {
    let all: Vec<char> = name.chars().collect();
    if all.len() + 1 < LONG {
        return Vec::new();
    }
    let without = |at: usize| key([&all[..at], &all[at + 1..]].concat());
    let open = (0..all.len())
        .filter(|at| !is_ordinal(all[*at]))
        .map(without);
    std::iter::once(key(&all)).chain(open).collect()
}

/// One character replaced at its place, or one more.
fn by_character(one: &str, other: &str) -> Option<String> {
    let (a, b): (Vec<char>, Vec<char>) = (one.chars().collect(), other.chars().collect());
    if a.len().max(b.len()) < LONG || a.len().abs_diff(b.len()) > 1 || a == b {
        return None;
    }
    let start = a.iter().zip(&b).take_while(|(a, b)| a == b).count();
    let (rest_a, rest_b) = (&a[start..], &b[start..]);
    let end = rest_a.iter().rev().zip(rest_b.iter().rev());
    let end = end.take_while(|(a, b)| a == b).count();
    let (mid_a, mid_b) = (&rest_a[..rest_a.len() - end], &rest_b[..rest_b.len() - end]);
    let plain = |middle: &[char]| middle.len() <= 1 && !middle.iter().any(|c| is_ordinal(*c));
    let text = |middle: &[char]| middle.iter().collect::<String>();
    (plain(mid_a) && plain(mid_b)).then(|| match (mid_a, mid_b) {
        ([], more) | (more, []) => format!("they differ by {} alone", text(more)),
        _ => format!("they differ by {} and {} alone", text(mid_a), text(mid_b)),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn alike(one: &str, other: &str) -> bool {
        let plains = [plain(one), plain(other)];
        let by = |compare: fn(&str, &str) -> Option<String>| {
            plains[0] != plains[1] && compare(&plains[0], &plains[1]).is_some()
        };
        by_spelling(one, other).is_some() || by(by_direction) || by(by_sound) || by(by_character)
    }

    #[test]
    fn what_is_easily_confused() {
        for (one, other) in [
            ("祁连山路", "祁连山南路"),
            ("祁连山路站", "祁连山南路站"),
            ("桃浦路", "桃浦西路"),
            ("武威路", "武威东路"),
            ("南京东路", "南京西路"),
            ("真南路", "真北路"),
            ("西藏路", "西藏中路"),
            ("世纪大道", "世纪东大道"),
            ("李子园路", "梨子园路"),
            ("Wuwei Road", "Wuwei East Road"),
            ("Wuwei Road Station", "Wuwei East Road Station"),
            ("Nanjing Road", "East Nanjing Road"),
            ("Nanjing Road (W)", "Nanjing Road West"),
            ("桃浦养老护理医院", "桃浦安老护理医院"),
            ("同济医学科研孵化基地", "同济医学科研孵化园基地"),
            ("祁连山路", "祁连山路 "),
            ("祁连山路", "祁连山 路"),
            ("祁连山路", "祁连山\u{200b}路"),
            ("A1地块", "Ａ１地块"),
            ("A-01地块", "A01地块"),
            ("14-1地块", "14—1 地块"),
            ("真南路（西段）", "真南路(西段)"),
            ("Qilianshan Rd", "qilianshan rd"),
        ] {
            assert!(alike(one, other) && alike(other, one), "{one} {other}");
        }
    }

    #[test]
    fn what_is_told_apart() {
        for (one, other) in [
            ("金昌路", "金迎路"),
            ("金昌路北侧地块", "金昌路南侧地块"),
            ("金昌路东侧绿化带", "金昌路绿化带"),
            ("供应链中心东地块", "供应链中心西地块"),
            ("North Side of Jinchang Road", "South Side of Jinchang Road"),
            (
                "Jinchang Road North Side Plot",
                "Jinchang Road South Side Plot",
            ),
            ("中山路", "山路"),
            ("西藏路", "藏路"),
            ("广东路", "广路"),
            ("山西路", "山路"),
            ("East Road", "West Road"),
            ("真南路（西段）", "真南路（东段）"),
            ("上海闻天下产业园一期", "上海闻天下产业园二期"),
            ("武威路1082弄小区住宅", "武威路1087弄小区住宅"),
            ("未来岛 N14-1 地块", "未来岛 N14-2 地块"),
            ("N14-1 地块", "N1-41 地块"),
            ("14-1 地块", "141 地块"),
            ("东路", "西路"),
            ("未来岛公园", "未来岛高新技术产业园"),
        ] {
            assert!(!alike(one, other), "{one} {other}");
        }
    }
}
