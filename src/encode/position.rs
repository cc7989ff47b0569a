//! Positions as JSON: what most answers are made of, so no byte is written twice.

use geo::Coord;

use super::json::float;

/// Decimal places that are written at the most.
const DECIMALS: usize = 9;
const UNIT: u64 = 10_u64.pow(9);
const SCALES: [i64; 10] = [
    1,
    10,
    100,
    1_000,
    10_000,
    100_000,
    1_000_000,
    10_000_000,
    100_000_000,
    1_000_000_000,
];

/// The two digits of every number below a hundred.
const PAIRS: [[u8; 2]; 100] = {
    let mut pairs = [[b'0'; 2]; 100];
    let mut at = 0;
    while at < 100 {
        #[expect(clippy::cast_possible_truncation, reason = "below a hundred")]
        {
            pairs[at] = [b'0' + (at / 10) as u8, b'0' + (at % 10) as u8];
        }
        at += 1;
    }
    pairs
};

/// Room for two numbers of three digits before the point, with signs, brackets and the comma.
type Text = [u8; 40];

/// `[x,y]`, each a whole number of units of this decimal place (at most the ninth) and below a
/// thousand. Exact, without zeros at the end.
pub(super) fn scaled(out: &mut Vec<u8>, (x, y): (i64, i64), decimals: usize) {
    let scale = SCALES[DECIMALS - decimals];
    let mut text: Text = [b'['; 40];
    let comma = number(&mut text, 1, x * scale);
    text[comma] = b',';
    let end = number(&mut text, comma + 1, y * scale);
    text[end] = b']';
    out.extend_from_slice(&text[..=end]);
}

/// `[x,y]` in degrees, each as the shortest text that is read as the very number.
pub(super) fn degrees(out: &mut Vec<u8>, at: Coord<f64>) {
    let sevenths = (sevenths(at.x), sevenths(at.y));
    if let (Some(x), Some(y)) = sevenths {
        return scaled(out, (x, y), 7);
    }
    out.push(b'[');
    float(out, at.x);
    out.push(b',');
    float(out, at.y);
    out.push(b']');
}

/// A number of degrees in units of the seventh decimal place, where it is one of them: of different
/// numbers of 15 digits no two are the same in binary.
fn sevenths(value: f64) -> Option<i64> {
    // `f64::round` is a call on common processors.
    let nearest = value * 1e7 + 0.5_f64.copysign(value);
    if nearest.abs() >= 1e10 {
        return None;
    }
    #[expect(clippy::cast_possible_truncation, reason = "below 10^10")]
    let nearest = nearest as i64;
    #[expect(
        clippy::float_cmp,
        clippy::cast_precision_loss,
        reason = "only the very number will do, and all below 2^53 are exact"
    )]
    let same = nearest as f64 / 1e7 == value;
    same.then_some(nearest)
}

/// Writes a number from this place on; where it ends.
#[expect(clippy::cast_possible_truncation, reason = "parts of a number")]
fn number(text: &mut Text, mut at: usize, scaled: i64) -> usize {
    if scaled < 0 {
        text[at] = b'-';
        at += 1;
    }
    let all = scaled.unsigned_abs();
    let (whole, part) = ((all / UNIT) as u32, (all % UNIT) as u32);
    if whole > 99 {
        text[at] = b'0' + (whole / 100) as u8;
        at += 1;
    }
    if whole > 9 {
        text[at..at + 2].copy_from_slice(&PAIRS[(whole % 100) as usize]);
        at += 2;
    } else {
        text[at] = b'0' + whole as u8;
        at += 1;
    }
    if part == 0 {
        return at;
    }
    text[at] = b'.';
    // No digit waits for another.
    let (high, low) = (part / 100_000, part % 100_000);
    let digits = &mut text[at + 1..at + 1 + DECIMALS];
    digits[0..2].copy_from_slice(&PAIRS[(high / 100) as usize]);
    digits[2..4].copy_from_slice(&PAIRS[(high % 100) as usize]);
    digits[4..6].copy_from_slice(&PAIRS[(low / 1000) as usize]);
    digits[6..8].copy_from_slice(&PAIRS[(low / 10 % 100) as usize]);
    digits[8] = b'0' + (low % 10) as u8;
    let zeros = digits.iter().rev().take_while(|digit| **digit == b'0');
    at + 1 + DECIMALS - zeros.count()
}

#[cfg(test)]
mod tests {
    use geo::coord;
    use proptest::prelude::*;

    use super::*;
    use crate::model::Value;

    fn written(write: impl FnOnce(&mut Vec<u8>)) -> String {
        let mut out = Vec::new();
        write(&mut out);
        String::from_utf8(out).expect("a text")
    }

    #[test]
    fn positions_are_exact() {
        for (at, decimals, text) in [
            ((0, 0), 0, "[0,0]"),
            ((-5, 5), 2, "[-0.05,0.05]"),
            ((1_213_500_000, -312_000_001), 7, "[121.35,-31.2000001]"),
            ((-180, 90), 0, "[-180,90]"),
            (
                (999_999_999_999, -100_000_000_001),
                9,
                "[999.999999999,-100.000000001]",
            ),
        ] {
            assert_eq!(written(|out| scaled(out, at, decimals)), text);
        }
    }

    proptest! {
        #[test]
        fn degrees_are_those_of_json(
            x in -200.0..200.0f64,
            y in prop_oneof![any::<f64>(), -100.0..100.0f64],
            decimals in prop::option::of(0..10_i32),
        ) {
            let [x, y] = [x, y].map(|value| decimals.map_or(value, |decimals| {
                let scale = 10f64.powi(decimals);
                (value * scale).round() / scale
            }));
            prop_assume!(y.is_finite() && x.is_sign_positive() == (x >= 0.0) && (y != 0.0 || y.is_sign_positive()));
            let json = [x, y].map(|value| Value::Number(value).to_json().to_string());
            let found = written(|out| degrees(out, coord! { x: x, y: y }));
            prop_assert_eq!(found, format!("[{},{}]", json[0], json[1]));
        }
    }
}
