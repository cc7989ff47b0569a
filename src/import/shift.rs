//! Whether places have moved as the offset coordinates of Chinese web maps move them: by some 500 m, or 1.2 km.

use geo::Coord;

use crate::crs::{Crs, Reprojector};

/// Fewer pairs than these could agree by chance.
const FEWEST: usize = 3;
/// The share of the expected shift by which most places may be off it.
const TOLERANCE: f64 = 0.2;

/// A sentence where the places of features that the plan has already, before and after, differ by the shift of
/// GCJ-02 or BD-09. Half of the pairs may be anything else.
pub fn looks_shifted(pairs: &[(Coord<f64>, Coord<f64>)]) -> Option<String> {
    if pairs.len() < FEWEST {
        return None;
    }
    for crs in [Crs::Gcj02, Crs::Bd09] {
        let shift = Reprojector::new(Crs::Crs84, crs).ok()?;
        for back in [false, true] {
            let mut off = Vec::with_capacity(pairs.len());
            let mut expected = Vec::with_capacity(pairs.len());
            for (before, after) in pairs {
                let (from, to) = if back {
                    (after, before)
                } else {
                    (before, after)
                };
                let there = shift.position(*from).ok()?;
                expected.push(metres(*from, there));
                off.push(metres(*to, there));
            }
            let (far, off) = (median(expected), median(off));
            if far > 50.0 && off <= TOLERANCE * far {
                return Some(told(crs, back, pairs.len(), far));
            }
        }
    }
    None
}

fn told(crs: Crs, back: bool, count: usize, far: f64) -> String {
    let moved = format!(
        "compared with the {count} features that the plan has by the same id or name, the places of the file are moved by some {far:.0} m"
    );
    if back {
        format!(
            "{moved}, the other way round than {crs} moves them: either what the plan has is in {crs}, or --crs {crs} does not belong here"
        )
    } else {
        format!("{moved}, as {crs} moves them: this looks like {crs} (if so, --crs {crs})")
    }
}

/// Near enough over a kilometre.
fn metres(a: Coord<f64>, b: Coord<f64>) -> f64 {
    let north = (b.y - a.y) * 110_900.0;
    let east = (b.x - a.x) * 111_320.0 * a.y.to_radians().cos();
    north.hypot(east)
}

fn median(mut all: Vec<f64>) -> f64 {
    all.sort_by(f64::total_cmp);
    all.get(all.len() / 2).copied().unwrap_or(f64::INFINITY)
}

#[cfg(test)]
mod tests {
    use geo::coord;

    use super::*;

    fn places() -> Vec<Coord<f64>> {
        (0..20)
            .map(
                |at| coord! { x: 121.33 + 0.003 * f64::from(at), y: 31.26 + 0.002 * f64::from(at) },
            )
            .collect()
    }

    fn moved(how: impl Fn(Coord<f64>) -> Coord<f64>) -> Vec<(Coord<f64>, Coord<f64>)> {
        places().into_iter().map(|at| (at, how(at))).collect()
    }

    #[test]
    fn the_offset_systems_are_known_by_their_shift() {
        for (crs, far) in [(Crs::Gcj02, "48"), (Crs::Bd09, "11")] {
            let way = Reprojector::new(Crs::Crs84, crs).expect("formulas");
            let mut pairs = moved(|at| way.position(at).expect("a place"));
            let found = looks_shifted(&pairs).expect("a shift");
            assert!(
                found.contains(&format!("looks like {crs}")) && found.contains(far),
                "{found}"
            );
            // A few that moved otherwise, and what was surveyed anew by some metres.
            for (at, pair) in pairs.iter_mut().enumerate() {
                pair.1.x += if at % 4 == 0 { 0.01 } else { 0.000_1 };
            }
            assert!(looks_shifted(&pairs).is_some(), "{crs}");
            let back: Vec<_> = pairs
                .iter()
                .map(|(before, after)| (*after, *before))
                .collect();
            assert!(
                looks_shifted(&back)
                    .expect("a shift")
                    .contains("other way round")
            );
        }
    }

    #[test]
    fn other_shifts_are_no_such_thing() {
        assert_eq!(looks_shifted(&moved(|at| at)), None);
        assert_eq!(
            looks_shifted(&moved(|at| coord! { x: at.x - 0.005, y: at.y })),
            None
        );
        assert_eq!(
            looks_shifted(&moved(|at| coord! { x: at.x + 0.02, y: at.y + 0.02 })),
            None
        );
        let way = Reprojector::new(Crs::Crs84, Crs::Gcj02).expect("formulas");
        let pairs = moved(|at| way.position(at).expect("a place"));
        assert_eq!(looks_shifted(&pairs[..2]), None, "two could be chance");
    }
}
