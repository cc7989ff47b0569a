//! JSON written straight to bytes.

use serde_json::Value as Json;

use crate::model::{IdRef, Value};
use crate::snapshot::{Cells, Row};

/// A text with its quotes; most need no escapes.
pub(super) fn text(out: &mut Vec<u8>, text: &str) {
    let plain = |byte: &u8| *byte >= 0x20 && *byte != b'"' && *byte != b'\\';
    if text.as_bytes().iter().all(plain) {
        out.push(b'"');
        out.extend_from_slice(text.as_bytes());
        out.push(b'"');
    } else {
        other(out, &text.into());
    }
}

/// Anything, as it is written everywhere else.
pub(super) fn other(out: &mut Vec<u8>, json: &Json) {
    out.extend_from_slice(json.to_string().as_bytes());
}

/// JSON that is written out.
pub(super) fn push(out: &mut Vec<u8>, json: &str) {
    out.extend_from_slice(json.as_bytes());
}

pub(super) fn id(out: &mut Vec<u8>, id: IdRef) {
    match id {
        IdRef::Text(id) => text(out, id),
        IdRef::Number(id) => decimal(out, id, 0, false),
    }
}

/// A cell; nothing where it is null, and then it says false.
pub(super) fn cell(out: &mut Vec<u8>, cells: &Cells, row: Row) -> bool {
    match cells {
        Cells::Text { .. } => cells.text(row).map(|value| text(out, value)),
        Cells::Number(_) => cells.number(row).map(|value| float(out, value)),
        Cells::Integer(numbers) => numbers.get(row).map(|value| decimal(out, value, 0, false)),
        Cells::Boolean(flags) => flags
            .get(row)
            .map(|flag| push(out, if flag { "true" } else { "false" })),
        Cells::Date(_) | Cells::Timestamp(_) | Cells::Strings { .. } | Cells::Json { .. } => {
            let value = cells.value(row);
            (!value.is_null()).then(|| other(out, &value.to_json()))
        }
    }
    .is_some()
}

/// A number as `Value::to_json` has it. Most have few decimals, and are written as whole numbers of
/// the last one: of two different numbers of 15 digits no two are the same in binary.
pub(super) fn float(out: &mut Vec<u8>, value: f64) {
    for (decimals, scale) in [(0, 1.0), (2, 1e2), (4, 1e4)] {
        let scaled = value * scale;
        #[expect(clippy::float_cmp, reason = "only the very number will do")]
        if scaled.abs() < 1e15 && scaled.round() / scale == value {
            #[expect(clippy::cast_possible_truncation, reason = "below 10^15")]
            decimal(out, scaled.round() as i64, decimals, true);
            return;
        }
    }
    other(out, &Value::Number(value).to_json());
}

/// A short text that is written from its end.
struct Piece {
    bytes: [u8; 64],
    start: usize,
}

impl Piece {
    fn new() -> Self {
        Self {
            bytes: [0; 64],
            start: 64,
        }
    }

    fn bytes(&self) -> &[u8] {
        &self.bytes[self.start..]
    }

    #[inline]
    fn byte(&mut self, byte: u8) {
        self.start -= 1;
        self.bytes[self.start] = byte;
    }

    /// The last digit of a number, which loses it.
    #[inline]
    fn digit(&mut self, rest: &mut u64) {
        self.byte((*rest % 10) as u8 + b'0');
        *rest /= 10;
    }

    /// The same with two, for one division.
    #[inline]
    fn two_digits(&mut self, rest: &mut u64) {
        let pair = (*rest % 100) as u8;
        *rest /= 100;
        self.byte(b'0' + pair % 10);
        self.byte(b'0' + pair / 10);
    }

    /// A whole number of units of the last decimal place, written as a decimal: exact. Zeros at the end
    /// are left away where `trimmed`.
    #[inline]
    fn decimal(&mut self, scaled: i64, decimals: usize, trimmed: bool) {
        let mut rest = scaled.unsigned_abs();
        let mut left = decimals;
        if trimmed {
            while left > 0 && rest.is_multiple_of(10) {
                rest /= 10;
                left -= 1;
            }
        }
        if left > 0 {
            while left > 1 {
                self.two_digits(&mut rest);
                left -= 2;
            }
            if left > 0 {
                self.digit(&mut rest);
            }
            self.byte(b'.');
        }
        while rest > 99 {
            self.two_digits(&mut rest);
        }
        self.digit(&mut rest);
        if rest > 0 {
            self.digit(&mut rest);
        }
        if scaled < 0 {
            self.byte(b'-');
        }
    }
}

/// A decimal on its own.
pub(super) fn decimal(out: &mut Vec<u8>, scaled: i64, decimals: usize, trimmed: bool) {
    let mut piece = Piece::new();
    piece.decimal(scaled, decimals, trimmed);
    out.extend_from_slice(piece.bytes());
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn written(write: impl FnOnce(&mut Vec<u8>)) -> String {
        let mut out = Vec::new();
        write(&mut out);
        String::from_utf8(out).expect("a text")
    }

    #[test]
    fn decimals_are_exact() {
        for (scaled, decimals, trimmed, text) in [
            (0, 0, true, "0"),
            (0, 7, true, "0"),
            (0, 7, false, "0.0000000"),
            (-5, 2, true, "-0.05"),
            (1_213_500_000, 7, true, "121.35"),
            (1_213_500_000, 7, false, "121.3500000"),
            (-90, 0, true, "-90"),
            (i64::MIN, 0, true, "-9223372036854775808"),
        ] {
            assert_eq!(written(|out| decimal(out, scaled, decimals, trimmed)), text);
        }
    }

    proptest! {
        #[test]
        fn numbers_are_those_of_json(
            value in prop_oneof![any::<f64>(), -1e6..1e6f64],
            decimals in prop::option::of(0..7i32),
        ) {
            let value = decimals.map_or(value, |decimals| {
                let scale = 10f64.powi(decimals);
                (value * scale).round() / scale
            });
            prop_assume!(value.is_finite());
            let json = Value::Number(value).to_json();
            prop_assert_eq!(written(|out| float(out, value)), json.to_string());
        }

        #[test]
        fn texts_are_those_of_json(value in any::<String>()) {
            prop_assert_eq!(written(|out| text(out, &value)), Json::from(value).to_string());
        }
    }
}
