//! Clips to a rectangle. General boolean operations cost an order of magnitude more.

use geo::{Coord, Rect};

/// The parts of a line inside the rectangle, borders included (Liang and Barsky 1984, per segment).
pub(super) fn line(points: &[Coord<f64>], rect: Rect<f64>) -> Vec<Vec<Coord<f64>>> {
    let mut parts: Vec<Vec<Coord<f64>>> = Vec::new();
    let mut open = false;
    for pair in points.windows(2) {
        let &[from, to] = pair else { continue };
        let Some((enter, leave)) = inside(from, to, rect) else {
            open = false;
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
        match parts.last_mut().filter(|_| open) {
            Some(part) => part.push(at(leave)),
            None => parts.push(vec![at(enter), at(leave)]),
        }
        open = leave >= 1.0;
    }
    parts
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

/// A closed ring, given without its repeated last point, cut to the rectangle (Sutherland and
/// Hodgman 1974). The result may run back and forth along the border where the ring left and came
/// back: `repair` removes such parts, which have no area.
pub(super) fn ring(points: Vec<Coord<f64>>, rect: Rect<f64>) -> Vec<Coord<f64>> {
    let within = |at: &Coord<f64>| {
        at.x >= rect.min().x && at.x <= rect.max().x && at.y >= rect.min().y && at.y <= rect.max().y
    };
    if points.iter().all(within) {
        return points;
    }
    let x = |at: Coord<f64>| at.x;
    let y = |at: Coord<f64>| at.y;
    let points = half_plane(&points, |at| x(at) - rect.min().x);
    let points = half_plane(&points, |at| rect.max().x - x(at));
    let points = half_plane(&points, |at| y(at) - rect.min().y);
    half_plane(&points, |at| rect.max().y - y(at))
}

/// Keeps the side where `room` is not negative.
fn half_plane(points: &[Coord<f64>], room: impl Fn(Coord<f64>) -> f64) -> Vec<Coord<f64>> {
    let mut out = Vec::with_capacity(points.len() + 4);
    let Some(mut from) = points.last().copied() else {
        return out;
    };
    let mut from_room = room(from);
    for &to in points {
        let to_room = room(to);
        if (from_room < 0.0) != (to_room < 0.0) {
            out.push(from + (to - from) * (from_room / (from_room - to_room)));
        }
        if to_room >= 0.0 {
            out.push(to);
        }
        (from, from_room) = (to, to_room);
    }
    out
}
