//! LIKE: `%` any characters, `_` one, `\` takes the next as it is; case-sensitive
//! (OGC 21-065r2, 7.1).

#[derive(Debug, Clone, PartialEq, Eq, Hash)]
enum Piece {
    Exactly(char),
    One,
    Any,
}

/// A pattern, read.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(in crate::query) struct Pattern {
    pieces: Vec<Piece>,
}

/// A backslash at the very end, with nothing to take as it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct LoneEscape;

impl Pattern {
    /// Reads a pattern; `fold` is applied to what stands for itself, so that it cannot make or
    /// break a wildcard.
    pub(super) fn read(text: &str, fold: impl Fn(&str) -> String) -> Result<Self, LoneEscape> {
        let mut pieces = Vec::new();
        let mut run = String::new();
        let flush = |run: &mut String, pieces: &mut Vec<Piece>| {
            pieces.extend(fold(run).chars().map(Piece::Exactly));
            run.clear();
        };
        let mut rest = text.chars();
        while let Some(c) = rest.next() {
            match c {
                '\\' => run.push(rest.next().ok_or(LoneEscape)?),
                '%' | '_' => {
                    flush(&mut run, &mut pieces);
                    let piece = if c == '%' { Piece::Any } else { Piece::One };
                    if piece != Piece::Any || pieces.last() != Some(&Piece::Any) {
                        pieces.push(piece);
                    }
                }
                c => run.push(c),
            }
        }
        flush(&mut run, &mut pieces);
        Ok(Self { pieces })
    }

    /// What every match begins with.
    pub(in crate::query) fn prefix(&self) -> String {
        let exact = self.pieces.iter().map_while(|piece| match piece {
            Piece::Exactly(c) => Some(*c),
            _ => None,
        });
        exact.collect()
    }

    /// The longest run of characters that every match holds; none where there is none.
    pub(super) fn needle(&self) -> Option<String> {
        let runs = self
            .pieces
            .split(|piece| !matches!(piece, Piece::Exactly(_)));
        let longest = runs
            .max_by_key(|run| run.len())
            .filter(|run| !run.is_empty())?;
        let exact = longest.iter().filter_map(|piece| match piece {
            Piece::Exactly(c) => Some(*c),
            _ => None,
        });
        Some(exact.collect())
    }

    /// True where a text matches if it holds the needle, wherever.
    pub(super) fn is_needle_anywhere(&self) -> bool {
        let [Piece::Any, needle @ .., Piece::Any] = self.pieces.as_slice() else {
            return false;
        };
        needle
            .iter()
            .all(|piece| matches!(piece, Piece::Exactly(_)))
    }

    /// Of the whole text. O(text × pattern) at worst: a failure goes back to the last `%` only.
    pub(super) fn matches(&self, text: &str) -> bool {
        let after = |rest: &'_ str| rest.chars().next().map(char::len_utf8);
        let (mut rest, mut piece) = (text, 0);
        let mut retry: Option<(&str, usize)> = None;
        while let Some(length) = after(rest) {
            match self.pieces.get(piece) {
                Some(Piece::Any) => {
                    retry = Some((rest, piece));
                    piece += 1;
                }
                Some(Piece::One) => (rest, piece) = (&rest[length..], piece + 1),
                Some(Piece::Exactly(c)) if rest.starts_with(*c) => {
                    (rest, piece) = (&rest[length..], piece + 1);
                }
                _ => match retry {
                    Some((from, any)) => {
                        let from = &from[after(from).unwrap_or_default()..];
                        retry = Some((from, any));
                        (rest, piece) = (from, any + 1);
                    }
                    None => return false,
                },
            }
        }
        self.pieces[piece..]
            .iter()
            .all(|piece| *piece == Piece::Any)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// By the definition: every way to spend the text is tried.
    fn expected(text: &[char], pieces: &[Piece]) -> bool {
        match pieces {
            [] => text.is_empty(),
            [Piece::Any, rest @ ..] => (0..=text.len()).any(|at| expected(&text[at..], rest)),
            [Piece::One, rest @ ..] => !text.is_empty() && expected(&text[1..], rest),
            [Piece::Exactly(c), rest @ ..] => text.first() == Some(c) && expected(&text[1..], rest),
        }
    }

    proptest! {
        #[test]
        fn as_if_all_ways_were_tried(text in "[ab路]{0,8}", pattern in "[ab路%_]{0,6}") {
            let read = Pattern::read(&pattern, str::to_owned).expect("no escape");
            let characters: Vec<char> = text.chars().collect();
            let matches = read.matches(&text);
            prop_assert_eq!(matches, expected(&characters, &read.pieces));
            let holds = read.needle().is_none_or(|needle| text.contains(&needle));
            prop_assert!(holds || !matches);
            prop_assert!(!read.is_needle_anywhere() || matches == holds);
        }
    }
}
