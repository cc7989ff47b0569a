//! LIKE: `%` any characters, `_` one, `\` takes the next as it is; case-sensitive
//! (OGC 21-065r2, 7.1).

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
