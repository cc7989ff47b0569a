//! Clips to a rectangle. General boolean operations cost an order of magnitude more.

use geo::{Coord, Rect};

/// Calls `part` with each part of a line inside the rectangle, borders included (Liang and Barsky
/// 1984, per segment). `room` is used again from line to line.
pub(super) fn line(
    points: &[Coord<f64>],
    rect: Rect<f64>,
    room: &mut Vec<Coord<f64>>,
    mut part: impl FnMut(&[Coord<f64>]),
) {
    room.clear();
    for pair in points.windows(2) {
        let (from, to) = (pair[0], pair[1]);
        let Some((enter, leave)) = inside(from, to, rect) else {
            if !room.is_empty() {
                part(room);
                room.clear();
            }
            continue;
        };
        let at = |share: f64| {
            if share <= 0.0 {
                from
            } else if share >= 1.0 {
                to
            } else {
                from + (to - from) * share
            }
        };
        if room.is_empty() {
            room.push(at(enter));
        }
        room.push(at(leave));
        if leave < 1.0 {
            part(room);
            room.clear();
        }
    }
    if !room.is_empty() {
        part(room);
        room.clear();
    }
}

/// The share of a segment inside the rectangle, as two numbers from 0 to 1.
fn inside(from: Coord<f64>, to: Coord<f64>, rect: Rect<f64>) -> Option<(f64, f64)> {
    let step = to - from;
    let (mut enter, mut leave) = (0.0f64, 1.0f64);
    for (towards, room) in [
        (-step.x, from.x - rect.min().x),
        (step.x, rect.max().x - from.x),
        (-step.y, from.y - rect.min().y),
        (step.y, rect.max().y - from.y),
    ] {
        if towards == 0.0 {
            if room < 0.0 {
                return None;
            }
        } else if towards < 0.0 {
            enter = enter.max(room / towards);
        } else {
            leave = leave.min(room / towards);
        }
    }
    (enter <= leave).then_some((enter, leave))
}

/// A closed ring, given in `points` without its repeated last point, cut to the rectangle in place
/// (Sutherland and Hodgman 1974). The result may run back and forth along the border where the ring
/// left and came back: `repair` removes such parts, which have no area.
pub(super) fn ring(points: &mut Vec<Coord<f64>>, rect: Rect<f64>, room: &mut Vec<Coord<f64>>) {
    let (low, high) = (rect.min(), rect.max());
    half_plane(points, room, |at| at.x - low.x);
    half_plane(points, room, |at| high.x - at.x);
    half_plane(points, room, |at| at.y - low.y);
    half_plane(points, room, |at| high.y - at.y);
}

/// Keeps the side where `space` is not negative.
fn half_plane(
    points: &mut Vec<Coord<f64>>,
    room: &mut Vec<Coord<f64>>,
    space: impl Fn(Coord<f64>) -> f64,
) {
    if points.iter().all(|at| space(*at) >= 0.0) {
        return;
    }
    room.clear();
    let Some(mut from) = points.last().copied() else {
        return;
    };
    let mut from_space = space(from);
    for &to in points.iter() {
        let to_space = space(to);
        if (from_space < 0.0) != (to_space < 0.0) {
            room.push(from + (to - from) * (from_space / (from_space - to_space)));
        }
        if to_space >= 0.0 {
            room.push(to);
        }
        (from, from_space) = (to, to_space);
    }
    std::mem::swap(points, room);
}
