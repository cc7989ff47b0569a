//! Days, moments and stretches of time.

use std::fmt;

/// A day or a moment of time, as RFC 3339 writes them.
///
/// A day is kept as a day. What is compared with another day is compared by days; what is compared
/// with a moment is the whole day, in UTC.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stamp {
    /// Nanoseconds since 1970-01-01T00:00:00Z, of the day's start for a day.
    nanos: i128,
    /// True for a day.
    day: bool,
}

/// Why a text is not a day or a moment.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum StampError {
    /// Not in the form of RFC 3339.
    #[error(
        "expected a date such as 2021-01-31 or a time such as 2021-01-31T08:00:00Z, found {0:?}"
    )]
    Form(String),
    /// In its form, but not in the calendar.
    #[error("{0:?} is not in the calendar")]
    Calendar(String),
}

const MICROSECOND: i128 = 1_000;
const SECOND: i128 = 1_000_000_000;
const DAY: i128 = 86_400 * SECOND;

/// RFC 3339 has four digits for a year: 0000-01-01 and 9999-12-31, in days since 1970-01-01.
const FIRST_DAY: i64 = -719_528;
const LAST_DAY: i64 = 2_932_896;

impl Stamp {
    /// Reads `2021-01-31`, or `2021-01-31T08:00:00.5+08:00` with `Z` or an offset (RFC 3339,
    /// section 5.6). A leap second counts as the second after it; digits after the ninth of a
    /// fraction are left aside.
    ///
    /// # Errors
    /// Another form, or a day or time that does not exist.
    pub fn parse(text: &str) -> Result<Self, StampError> {
        let form = || StampError::Form(text.to_owned());
        let calendar = || StampError::Calendar(text.to_owned());
        let bytes = text.as_bytes();
        let date = bytes.get(..10).ok_or_else(form)?;
        let (Some(year), b'-', Some(month), b'-', Some(day)) = (
            digits(&date[..4]),
            date[4],
            digits(&date[5..7]),
            date[7],
            digits(&date[8..]),
        ) else {
            return Err(form());
        };
        if !(1..=12).contains(&month) || !(1..=days_in(year, month)).contains(&day) {
            return Err(calendar());
        }
        let start = i128::from(days_since_1970(year, month, day)) * DAY;
        let rest = &bytes[10..];
        if rest.is_empty() {
            return Ok(Self {
                nanos: start,
                day: true,
            });
        }
        let clock = rest.get(..9).ok_or_else(form)?;
        let (b'T' | b't', Some(hour), b':', Some(minute), b':', Some(second)) = (
            clock[0],
            digits(&clock[1..3]),
            clock[3],
            digits(&clock[4..6]),
            clock[6],
            digits(&clock[7..9]),
        ) else {
            return Err(form());
        };
        if hour > 23 || minute > 59 || second > 60 {
            return Err(calendar());
        }
        let (fraction, zone) = fraction(&rest[9..]).ok_or_else(form)?;
        let offset = offset(zone).ok_or_else(form)?;
        let seconds = hour * 3600 + minute * 60 + second - offset;
        Ok(Self {
            nanos: start + i128::from(seconds) * SECOND + fraction,
            day: false,
        })
    }

    /// A day, counted from 1970-01-01.
    #[must_use]
    pub fn from_days(days: i32) -> Self {
        Self {
            nanos: i128::from(days) * DAY,
            day: true,
        }
    }

    /// A moment, in microseconds since 1970-01-01T00:00:00Z.
    #[must_use]
    pub fn from_micros(micros: i64) -> Self {
        Self {
            nanos: i128::from(micros) * MICROSECOND,
            day: false,
        }
    }

    /// True for a day.
    #[must_use]
    pub fn is_day(self) -> bool {
        self.day
    }

    /// The moment at which it starts.
    #[must_use]
    pub fn start(self) -> i128 {
        self.nanos
    }

    /// The last moment of it.
    #[must_use]
    pub fn end(self) -> i128 {
        if self.day {
            self.nanos + DAY - 1
        } else {
            self.nanos
        }
    }
}

/// A full-date in days since 1970-01-01; none where the text is no day of the calendar.
pub(super) fn days_of(text: &str) -> Option<i32> {
    let stamp = Stamp::parse(text).ok().filter(|stamp| stamp.day)?;
    i32::try_from(stamp.nanos / DAY).ok()
}

/// A date-time in microseconds since 1970-01-01T00:00:00Z; none where the text is no moment, where
/// it is finer than a microsecond, or where UTC has no year of four digits for it.
pub(super) fn micros_of(text: &str) -> Option<i64> {
    let stamp = Stamp::parse(text).ok().filter(|stamp| !stamp.day)?;
    let mut fraction = text.split_once('.').map_or("", |(_, rest)| rest).bytes();
    let finer = |digit: &u8| digit.is_ascii_digit() && *digit != b'0';
    let digits = fraction.by_ref().take_while(u8::is_ascii_digit);
    if digits.skip(6).any(|digit| finer(&digit)) {
        return None;
    }
    let day = i64::try_from(stamp.nanos.div_euclid(DAY)).ok()?;
    if !(FIRST_DAY..=LAST_DAY).contains(&day) {
        return None;
    }
    i64::try_from(stamp.nanos.div_euclid(MICROSECOND)).ok()
}

/// Year, month and day in the proleptic Gregorian calendar, the inverse of [`days_since_1970`].
fn calendar(days: i64) -> (i64, i64, i64) {
    let days = days + 719_468;
    let era = days.div_euclid(146_097);
    let of_era = days.rem_euclid(146_097);
    let year = (of_era - of_era / 1_460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year + year / 4 - year / 100);
    let month = (5 * of_year + 2) / 153;
    let day = of_year - (153 * month + 2) / 5 + 1;
    let (year, month) = if month < 10 {
        (year, month + 3)
    } else {
        (year + 1, month - 9)
    };
    (era * 400 + year, month, day)
}

impl fmt::Display for Stamp {
    /// `2021-01-31`, or `2021-01-31T08:00:00.5Z`: in UTC, with no more decimals than it has.
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let days = i64::try_from(self.nanos.div_euclid(DAY)).unwrap_or(LAST_DAY);
        let (year, month, day) = calendar(days);
        write!(out, "{year:04}-{month:02}-{day:02}")?;
        if self.day {
            return Ok(());
        }
        let of_day = self.nanos.rem_euclid(DAY);
        let seconds = of_day / SECOND;
        let (hour, minute, second) = (seconds / 3600, seconds / 60 % 60, seconds % 60);
        write!(out, "T{hour:02}:{minute:02}:{second:02}")?;
        let fraction = format!("{:09}", of_day % SECOND);
        let fraction = fraction.trim_end_matches('0');
        if !fraction.is_empty() {
            write!(out, ".{fraction}")?;
        }
        out.write_str("Z")
    }
}

fn digits(bytes: &[u8]) -> Option<i64> {
    bytes.iter().try_fold(0, |sum, byte| {
        byte.is_ascii_digit()
            .then(|| sum * 10 + i64::from(byte - b'0'))
    })
}

/// `.25` in nanoseconds, and what stands behind it.
fn fraction(bytes: &[u8]) -> Option<(i128, &[u8])> {
    let Some(rest) = bytes.strip_prefix(b".") else {
        return Some((0, bytes));
    };
    let count = rest.iter().take_while(|byte| byte.is_ascii_digit()).count();
    let kept = count.min(9);
    let scale = u32::try_from(9 - kept).ok()?;
    let nanos = i128::from(digits(&rest[..kept])?) * 10_i128.pow(scale);
    (count > 0).then_some((nanos, &rest[count..]))
}

/// `Z` or `+08:00`, in seconds.
fn offset(bytes: &[u8]) -> Option<i64> {
    match bytes {
        b"Z" | b"z" => Some(0),
        [sign @ (b'+' | b'-'), a, b, b':', c, d] => {
            let (hours, minutes) = (digits(&[*a, *b])?, digits(&[*c, *d])?);
            let seconds = hours * 3600 + minutes * 60;
            let known = hours < 24 && minutes < 60;
            known.then_some(if *sign == b'-' { -seconds } else { seconds })
        }
        _ => None,
    }
}

fn days_in(year: i64, month: i64) -> i64 {
    let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    match month {
        2 if leap => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

/// In the proleptic Gregorian calendar; the year is counted from March so that the leap day comes
/// last.
fn days_since_1970(year: i64, month: i64, day: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let era = year.div_euclid(400);
    let of_era = year.rem_euclid(400);
    let of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    era * 146_097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719_468
}

/// A stretch of time, both ends included; a missing end is open.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Span {
    /// First day or moment.
    pub start: Option<Stamp>,
    /// Last day or moment.
    pub end: Option<Stamp>,
}

impl Span {
    /// A single day or moment.
    #[must_use]
    pub fn at(stamp: Stamp) -> Self {
        Self {
            start: Some(stamp),
            end: Some(stamp),
        }
    }

    /// True where both ends are stated and exchanged.
    #[must_use]
    pub fn reversed(&self) -> bool {
        matches!((self.start, self.end), (Some(start), Some(end)) if start.start() > end.end())
    }

    /// True where no moment is named, only days, as an end or as both.
    #[must_use]
    pub fn by_days(&self) -> bool {
        [self.start, self.end]
            .into_iter()
            .flatten()
            .all(Stamp::is_day)
    }

    /// Its ends as moments, in nanoseconds. By days, the last day stands for itself; else it lasts
    /// to its end.
    #[must_use]
    pub fn limits(&self, by_days: bool) -> (i128, i128) {
        let end = |stamp: Stamp| if by_days { stamp.start() } else { stamp.end() };
        (
            self.start.map_or(i128::MIN, Stamp::start),
            self.end.map_or(i128::MAX, end),
        )
    }

    /// True where the two have a moment in common.
    #[must_use]
    pub fn intersects(&self, other: &Self) -> bool {
        let by_days = self.by_days() && other.by_days();
        let (start, end) = self.limits(by_days);
        let (other_start, other_end) = other.limits(by_days);
        start <= other_end && other_start <= end
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seconds(text: &str) -> i128 {
        Stamp::parse(text).expect(text).start() / SECOND
    }

    /// As `date -u -d TEXT +%s` gives it.
    #[test]
    fn moments_are_counted_from_1970() {
        assert_eq!(seconds("1970-01-01"), 0);
        assert_eq!(seconds("2021-01-31T08:00:00+08:00"), 1_612_051_200);
        assert_eq!(seconds("2000-02-29T23:59:59Z"), 951_868_799);
        assert_eq!(seconds("1900-03-01t00:00:00z"), -2_203_891_200);
        assert_eq!(seconds("0000-01-01"), -62_167_219_200);
        assert_eq!(seconds("9999-12-31T23:59:60Z"), 253_402_300_800);
        let half = Stamp::parse("1970-01-01T00:00:00.5Z").expect("a moment");
        assert_eq!(half.start(), SECOND / 2);
    }

    #[test]
    fn what_is_written_is_read() {
        for text in [
            "0000-01-01",
            "1600-02-29",
            "1899-12-31",
            "1969-12-31",
            "2024-02-29",
            "9999-12-31",
            "0000-01-01T00:00:00Z",
            "1969-12-31T23:59:59.999999Z",
            "2021-01-31T08:00:00.5Z",
            "9999-12-31T23:59:59.000001Z",
        ] {
            assert_eq!(Stamp::parse(text).expect(text).to_string(), text);
            match (days_of(text), micros_of(text)) {
                (Some(days), None) => assert_eq!(Stamp::from_days(days).to_string(), text),
                (None, Some(micros)) => assert_eq!(Stamp::from_micros(micros).to_string(), text),
                other => panic!("{text}: {other:?}"),
            }
        }
        for days in (-800_000..3_000_000).step_by(17) {
            let (year, month, day) = calendar(days);
            assert_eq!(days_since_1970(year, month, day), days);
        }
    }

    #[test]
    fn a_cell_is_kept_whole_or_refused() {
        assert_eq!(
            micros_of("2021-01-31T08:00:00.1234560+08:00"),
            Some(1_612_051_200_123_456)
        );
        for text in [
            "2021-01-31T08:00:00.1234567Z",
            "2021-01-31T08:00:00.0000000001Z",
            "9999-12-31T23:59:59-01:00",
            "0000-01-01T00:00:00+00:01",
            "9999-12-31T23:59:60Z",
            "2021-01-31",
        ] {
            assert_eq!(micros_of(text), None, "{text}");
        }
        assert_eq!(days_of("2021-01-31T08:00:00Z"), None);
    }

    #[test]
    fn what_is_no_moment_is_refused() {
        for text in [
            "",
            "2021",
            "2021-1-1",
            "2021-02-29",
            "1900-02-29",
            "2021-13-01",
            "2021-00-01",
            "2021-01-00",
            "2021-01-01T",
            "2021-01-01T24:00:00Z",
            "2021-01-01T00:60:00Z",
            "2021-01-01T00:00:00",
            "2021-01-01T00:00:00.Z",
            "2021-01-01T00:00:00+0800",
            "2021-01-01T00:00:00+24:00",
            "2021-01-01 00:00:00Z",
            "二〇二一年〇",
            "-021-01-01",
        ] {
            assert!(Stamp::parse(text).is_err(), "{text}");
        }
    }
}
