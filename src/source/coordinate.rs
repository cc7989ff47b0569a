//! Coordinates as people write them in tables: `121.4`, `121,4`, `3,463,916.1`, `31°14'30"N`, `东经121度23分`.

use std::sync::OnceLock;
use std::sync::atomic::{AtomicU64, Ordering};

/// Counts the coordinates that were not plain numbers.
#[derive(Debug, Default)]
pub(super) struct Forms {
    count: AtomicU64,
    first: OnceLock<(String, f64)>,
}

/// Which of the two coordinates of a position.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Axis {
    /// Easting or longitude.
    East,
    /// Northing or latitude.
    North,
}

impl Forms {
    /// Reads a coordinate; none where the text is none, or could be two.
    pub fn read(&self, text: &str, axis: Axis) -> Option<f64> {
        let text = text.trim();
        if let Ok(number) = text.parse() {
            return Some(number);
        }
        let number = grouped(text).or_else(|| degrees(text, axis))?;
        self.count.fetch_add(1, Ordering::Relaxed);
        self.first.get_or_init(|| (text.to_owned(), number));
        Some(number)
    }

    /// Returns what was read of texts that are no plain numbers, in a sentence.
    pub fn note(&self) -> Option<String> {
        let (text, number) = self.first.get()?;
        let count = self.count.load(Ordering::Relaxed);
        Some(format!(
            "{count} coordinates are in degrees, minutes and seconds, or have a comma: {text:?} is read as {number}"
        ))
    }
}

/// A number with a decimal comma, or with commas or blanks between its thousands. A comma before just three digits
/// is a decimal comma where the number is one of degrees; of a greater one nobody can tell.
fn grouped(text: &str) -> Option<f64> {
    let (sign, digits) = match text.strip_prefix('-') {
        Some(rest) => (-1.0, rest),
        None => (1.0, text.strip_prefix('+').unwrap_or(text)),
    };
    let is_digits = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    let plain = |whole: &str, fraction: &str| {
        let number: f64 = format!("{whole}.{fraction}").parse().ok()?;
        Some(sign * number)
    };
    let thousands = |whole: &str, separator: char| -> Option<String> {
        let mut parts = whole.split(separator);
        let first = parts
            .next()
            .filter(|part| is_digits(part) && part.len() <= 3)?;
        let rest: Vec<&str> = parts.collect();
        let all = !rest.is_empty() && rest.iter().all(|part| is_digits(part) && part.len() == 3);
        all.then(|| format!("{first}{}", rest.concat()))
    };
    // 3,463,916.1 and 3.463.916,1 and 3 463 916,1
    for (separator, point) in [
        (',', '.'),
        ('.', ','),
        (' ', ','),
        (' ', '.'),
        ('\u{a0}', ','),
        ('\u{202f}', ','),
    ] {
        let (whole, fraction) = digits.split_once(point).unwrap_or((digits, "0"));
        let sure = fraction != "0"
            || digits.contains(point)
            || whole.matches(separator).count() > 1
            || separator == ' ';
        if let Some(whole) = thousands(whole, separator).filter(|_| sure && is_digits(fraction)) {
            return plain(&whole, fraction);
        }
    }
    let (whole, fraction) = digits.split_once(',')?;
    if !is_digits(whole) || !is_digits(fraction) {
        return None;
    }
    let could_be_thousands = fraction.len() == 3 && !(whole.len() > 3 || whole.starts_with('0'));
    let number = plain(whole, fraction)?;
    (!could_be_thousands || number.abs() <= 180.0).then_some(number)
}

/// Degrees with minutes and seconds, or with a letter or sign that says that they are degrees.
fn degrees(text: &str, axis: Axis) -> Option<f64> {
    const HEMISPHERES: [(&str, Axis, f64); 14] = [
        ("北纬", Axis::North, 1.0),
        ("南纬", Axis::North, -1.0),
        ("东经", Axis::East, 1.0),
        ("東經", Axis::East, 1.0),
        ("北緯", Axis::North, 1.0),
        ("西经", Axis::East, -1.0),
        ("N", Axis::North, 1.0),
        ("S", Axis::North, -1.0),
        ("E", Axis::East, 1.0),
        ("W", Axis::East, -1.0),
        ("n", Axis::North, 1.0),
        ("e", Axis::East, 1.0),
        ("w", Axis::East, -1.0),
        ("s", Axis::North, -1.0),
    ];
    // In 31d14m30s the last letter stands for the seconds.
    let of_seconds = text.contains(['d', 'm']);
    let mut hemispheres = HEMISPHERES
        .into_iter()
        .filter(|(name, ..)| !(of_seconds && *name == "s"));
    let found = hemispheres.find_map(|(name, of, sign)| {
        let rest = text
            .strip_prefix(name)
            .or_else(|| text.strip_suffix(name))?;
        Some((rest.trim(), of, sign))
    });
    let (bare, sign) = match found {
        Some((_, of, _)) if of != axis => return None,
        Some((rest, _, sign)) => (rest, Some(sign)),
        None => (text, None),
    };
    let (bare, sign) = match (bare.strip_prefix('-'), sign) {
        (Some(_), Some(_)) => return None,
        (Some(rest), None) => (rest, -1.0),
        (None, sign) => (bare.strip_prefix('+').unwrap_or(bare), sign.unwrap_or(1.0)),
    };
    let separator = |c: char| c.is_whitespace() || "°º˚度dD:：′’‘'`´分mM″”“\"˝秒s".contains(c);
    let marked = found.is_some() || bare.contains(separator);
    let parts: Vec<&str> = bare
        .split(separator)
        .filter(|part| !part.is_empty())
        .collect();
    if !marked || parts.is_empty() || parts.len() > 3 {
        return None;
    }
    let mut seconds = 0.0;
    for (at, (part, unit)) in parts.iter().zip([3600.0, 60.0, 1.0]).enumerate() {
        let is_last = at + 1 == parts.len();
        let digits = part.bytes().all(|byte| byte.is_ascii_digit());
        let fraction = part
            .bytes()
            .all(|byte| byte.is_ascii_digit() || [b'.', b','].contains(&byte));
        if !(digits || is_last && fraction) {
            return None;
        }
        let number: f64 = part.replace(',', ".").parse().ok()?;
        if at > 0 && number >= 60.0 {
            return None;
        }
        seconds += number * unit;
    }
    let most = if axis == Axis::North { 90.0 } else { 180.0 };
    let degrees = seconds / 3600.0;
    (degrees <= most).then_some(sign * degrees)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn coordinates_are_read_as_people_write_them() {
        let forms = Forms::default();
        for (text, axis, expected) in [
            ("121.4", Axis::East, Some(121.4)),
            ("31°14'30\"N", Axis::North, Some(31.241_666_666_666_667)),
            ("31°14′30″", Axis::North, Some(31.241_666_666_666_667)),
            (
                "N 31° 14' 30.00\"",
                Axis::North,
                Some(31.241_666_666_666_667),
            ),
            ("31 14 30", Axis::North, Some(31.241_666_666_666_667)),
            ("31:14:30", Axis::North, Some(31.241_666_666_666_667)),
            ("31d14m30s", Axis::North, Some(31.241_666_666_666_667)),
            ("31 14 30 S", Axis::North, Some(-31.241_666_666_666_667)),
            (
                "北纬31度14分30秒",
                Axis::North,
                Some(31.241_666_666_666_667),
            ),
            ("121度24分", Axis::East, Some(121.4)),
            ("东经121°24′", Axis::East, Some(121.4)),
            ("-71°30'", Axis::East, Some(-71.5)),
            ("71 30 W", Axis::East, Some(-71.5)),
            ("121.5°", Axis::East, Some(121.5)),
            ("121,5", Axis::East, Some(121.5)),
            ("-0,125", Axis::East, Some(-0.125)),
            ("2,352", Axis::East, Some(2.352)),
            ("628734,9", Axis::East, Some(628_734.9)),
            ("3,463,916.1", Axis::North, Some(3_463_916.1)),
            ("3.463.916,1", Axis::North, Some(3_463_916.1)),
            ("3,463,916", Axis::North, Some(3_463_916.0)),
            ("3 463 916,1", Axis::North, Some(3_463_916.1)),
            ("31,24°", Axis::North, Some(31.24)),
            // One comma and three digits after it, and no degrees.
            ("628,735", Axis::East, None),
            ("31°72′", Axis::North, None),
            ("91°", Axis::North, None),
            ("31°14'30\"N", Axis::East, None),
            ("-31 14 30 S", Axis::North, None),
            ("31.5 14", Axis::North, None),
            ("1 2 3 4", Axis::North, None),
            ("abc", Axis::North, None),
            ("", Axis::North, None),
            ("N", Axis::North, None),
            ("5,", Axis::North, None),
        ] {
            let found = forms.read(text, axis);
            let close = match (found, expected) {
                (Some(found), Some(expected)) => (found - expected).abs() < 1e-9,
                (found, expected) => found == expected,
            };
            assert!(close, "{text}: {found:?}, expected {expected:?}");
        }
        let note = forms.note().expect("told");
        assert!(note.contains("31°14'30"), "{note}");
        assert!(Forms::default().note().is_none());
    }
}
