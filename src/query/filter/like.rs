//! LIKE: `%` any characters, `_` one, `\%`, `\_` and `\\` these characters themselves; case-sensitive
//! (OGC 21-065r2, 7.1).
//!
//! The pattern is the value of a text, as in SQL and in CQL2 JSON: CQL2 text reads the escapes of the text in
//! quotes first, so there `'100\%'` and `'100\\%'` both are 100 %, and a backslash is `'\\\\'`.

#[derive(Debug, Clone, PartialEq)]
enum Piece {
    Exactly(char),
    One,
    Any,
}

/// A pattern, read.
#[derive(Debug, Clone, PartialEq)]
pub(in crate::query) struct Pattern {
    pieces: Vec<Piece>,
}

/// A backslash that escapes nothing. It is refused, as in SQL, because its writer meant something else.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(super) enum PatternError {
    #[error("the pattern ends in a lone backslash; for a backslash, double it")]
    Lone,
    #[error(
        "a backslash before {0:?} escapes nothing in a pattern, only \\%, \\_ and \\\\ do; for a backslash, double it"
    )]
    Idle(char),
}

impl Pattern {
    /// Reads a pattern; `fold` is applied to what stands for itself, so that it cannot make or
    /// break a wildcard.
    pub(super) fn read(text: &str, fold: impl Fn(&str) -> String) -> Result<Self, PatternError> {
        let mut pieces = Vec::new();
        let mut run = String::new();
        let flush = |run: &mut String, pieces: &mut Vec<Piece>| {
            pieces.extend(fold(run).chars().map(Piece::Exactly));
            run.clear();
        };
        let mut rest = text.chars();
        while let Some(c) = rest.next() {
            match c {
                '\\' => match rest.next().ok_or(PatternError::Lone)? {
                    escaped @ ('%' | '_' | '\\') => run.push(escaped),
                    other => return Err(PatternError::Idle(other)),
                },
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

    /// Of the whole text. O(text × pattern) at worst: a failure goes back to the last `%` only.
    pub(super) fn matches(&self, text: &str) -> bool {
        let text: Vec<char> = text.chars().collect();
        let (mut at, mut piece) = (0, 0);
        let mut retry: Option<(usize, usize)> = None;
        while at < text.len() {
            match self.pieces.get(piece) {
                Some(Piece::Any) => {
                    retry = Some((at, piece));
                    piece += 1;
                }
                Some(Piece::One) => (at, piece) = (at + 1, piece + 1),
                Some(Piece::Exactly(c)) if *c == text[at] => (at, piece) = (at + 1, piece + 1),
                _ => match retry {
                    Some((from, any)) => {
                        retry = Some((from + 1, any));
                        (at, piece) = (from + 1, any + 1);
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
