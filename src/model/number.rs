//! Numbers as text.

use std::fmt;

/// A number in the fewest digits that read back as the same number, without an exponent. Of two such texts that are as
/// near it is the one with an even last digit, as in JSON, ECMAScript and Python; Rust's own formatting takes the other.
pub struct Digits(pub f64);

impl fmt::Display for Digits {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        if !self.0.is_finite() {
            return write!(out, "{}", self.0);
        }
        let mut buffer = zmij::Buffer::new();
        let text = buffer.format_finite(self.0);
        let Some((mantissa, exponent)) = text.split_once('e') else {
            return out.write_str(text.strip_suffix(".0").unwrap_or(text));
        };
        let exponent: i32 = exponent.parse().map_err(|_| fmt::Error)?;
        let (sign, mantissa) = match mantissa.strip_prefix('-') {
            Some(rest) => ("-", rest),
            None => ("", mantissa),
        };
        let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
        let fraction = fraction.trim_end_matches('0');
        // One digit stands before the point.
        let places = usize::try_from(exponent.unsigned_abs()).map_err(|_| fmt::Error)?;
        out.write_str(sign)?;
        if exponent < 0 {
            write!(out, "0.{whole:0>places$}{fraction}")
        } else {
            let (before, after) = fraction.split_at(fraction.len().min(places));
            write!(out, "{whole}{before:0<places$}")?;
            if after.is_empty() {
                Ok(())
            } else {
                write!(out, ".{after}")
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    #[expect(
        clippy::excessive_precision,
        reason = "the numbers are these, and their shortest texts are shorter"
    )]
    fn digits_are_those_of_json() {
        for (number, text) in [
            (0.0, "0"),
            (-0.0, "-0"),
            (0.1, "0.1"),
            (-2.35, "-2.35"),
            (11_820.0, "11820"),
            (1_000_000_000_000_000.25, "1000000000000000.2"),
            (549_755_813_888.031_25, "549755813888.0312"),
            (1e21, "1000000000000000000000"),
            (-1.5e22, "-15000000000000000000000"),
            (1e-7, "0.0000001"),
            (-1.25e-9, "-0.00000000125"),
            (123_456_789_012_345_680_000.0, "123456789012345680000"),
        ] {
            assert_eq!(Digits(number).to_string(), text);
            let json = serde_json::Value::from(number).to_string();
            assert_eq!(text.parse::<f64>(), json.parse::<f64>());
        }
        assert_eq!(Digits(f64::INFINITY).to_string(), "inf");
        // Any bits that are a number read back as the same bits, and are laid out as Rust lays them out.
        let mut bits = 0x9E37_79B9_7F4A_7C15_u64;
        for _ in 0..20_000 {
            bits = bits
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1_442_695_040_888_963_407);
            let number = f64::from_bits(bits);
            if number.is_finite() {
                let text = Digits(number).to_string();
                assert_eq!(text.parse::<f64>().map(f64::to_bits), Ok(bits), "{text}");
                assert_eq!(text.len(), number.to_string().len(), "{text} {number}");
            }
        }
    }
}
