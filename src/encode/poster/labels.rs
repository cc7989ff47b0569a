//! Which of the things in a picture are named.

use geo::Coord;

use super::Piece;

/// In all.
pub(super) const LABELS: usize = 12;
/// Pixels to both sides of the middle in which names stand.
const NAMED: f64 = 500.0;
/// A half zoom back, and names are this much nearer to each other.
const ROOM: f64 = 1.5;
/// A name that has this many times the room is seen on a phone as well.
const ROOMY: f64 = 3.0;

/// A name in the picture.
pub(super) struct Label {
    pub at: Coord<f64>,
    pub name: String,
    /// It has room where the map is a phone's, too.
    pub roomy: bool,
}

/// A few names of large things, none over another.
pub(super) fn labels(pieces: &[Piece]) -> Vec<Label> {
    let mut placed: Vec<(Label, f64)> = Vec::new();
    for piece in pieces {
        let Some(name) = piece.name.as_deref() else {
            continue;
        };
        let letters = name.chars().map(|c| if c.is_ascii() { 4.0 } else { 7.5 });
        let half: f64 = letters.sum();
        let middle = piece.at.x.abs() < NAMED;
        // Free of those that are seen as well when everything is `times` as large against the map.
        let free = |times: f64, seen: fn(&Label) -> bool| {
            placed
                .iter()
                .filter(|(label, _)| seen(label))
                .all(|(label, other)| {
                    let (x, y) = (
                        (label.at.x - piece.at.x).abs(),
                        (label.at.y - piece.at.y).abs(),
                    );
                    label.name != name && (y > 24.0 * times || x > (other + half) * times + 10.0)
                })
        };
        if placed.len() < LABELS && middle && half < 130.0 && free(ROOM, |_| true) {
            let roomy = half < 70.0 && free(ROOMY, |label| label.roomy);
            let label = Label {
                at: piece.at,
                name: name.to_owned(),
                roomy,
            };
            placed.push((label, half));
        }
    }
    placed.into_iter().map(|(label, _)| label).collect()
}
