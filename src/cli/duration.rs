//! Lengths of time, as they are typed: `30s`.

use std::time::Duration;

/// Reads a whole number with a unit: ms, s, m or h. Seconds where there is none.
pub(super) fn duration(text: &str) -> Result<Duration, String> {
    let expected = || format!("expected a time such as 30s, 2m or 500ms, found {text:?}");
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    let (number, unit) = text.split_at(digits);
    let number: u64 = number.parse().map_err(|_| expected())?;
    let millis = match unit {
        "ms" => 1,
        "" | "s" => 1_000,
        "m" => 60_000,
        "h" => 3_600_000,
        _ => return Err(expected()),
    };
    let millis = number.checked_mul(millis).filter(|millis| *millis <= MOST);
    Ok(Duration::from_millis(
        millis.ok_or_else(|| "longer than a day".to_owned())?,
    ))
}

const MOST: u64 = 24 * 3_600_000;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_have_units() {
        for (text, millis) in [
            ("0", 0),
            ("30", 30_000),
            ("30s", 30_000),
            ("500ms", 500),
            ("2m", 120_000),
            ("24h", MOST),
        ] {
            assert_eq!(duration(text), Ok(Duration::from_millis(millis)), "{text}");
        }
        for text in [
            "",
            "s",
            "-1s",
            "1.5s",
            "30 s",
            "1d",
            "25h",
            "99999999999999999999",
        ] {
            assert!(duration(text).is_err(), "{text}");
        }
    }
}
