use crate::model::{Span, Stamp, StampError};

/// What `datetime` asks for (OGC API Features Part 1, 7.15.4).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Interval(pub Span);

/// Why a text is not an interval.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum IntervalError {
    /// One of its ends cannot be read.
    #[error(transparent)]
    Stamp(#[from] StampError),
    /// Both ends are open.
    #[error("an interval needs a start or an end")]
    Open,
    /// More than one `/`.
    #[error("expected at most one \"/\", found {0:?}")]
    Parts(String),
    /// The start is later than the end.
    #[error("the interval {0:?} ends before it starts")]
    Reversed(String),
}

impl std::str::FromStr for Interval {
    type Err = IntervalError;

    /// Reads `T`, `T/T`, `T/..`, `../T`, and the same with an empty open end.
    fn from_str(text: &str) -> Result<Self, IntervalError> {
        let end = |part: &str| {
            if matches!(part, "" | "..") {
                Ok(None)
            } else {
                Stamp::parse(part).map(Some)
            }
        };
        // A blank is what a URL makes of the + of an offset.
        let text = &text.replace(' ', "+");
        let Some((start, rest)) = text.split_once('/') else {
            return Ok(Self(Span::at(Stamp::parse(text)?)));
        };
        if rest.contains('/') {
            return Err(IntervalError::Parts(text.to_owned()));
        }
        let span = Span {
            start: end(start)?,
            end: end(rest)?,
        };
        match span {
            Span {
                start: None,
                end: None,
            } => Err(IntervalError::Open),
            span if span.reversed() => Err(IntervalError::Reversed(text.to_owned())),
            span => Ok(Self(span)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn intervals_are_closed_half_open_or_a_moment() {
        let read = |text: &str| text.parse::<Interval>();
        let day = |text| Some(Stamp::parse(text).expect("a day"));
        for (text, start, end) in [
            ("2021-01-01", day("2021-01-01"), day("2021-01-01")),
            (
                "2021-01-01/2021-02-01",
                day("2021-01-01"),
                day("2021-02-01"),
            ),
            ("../2021-02-01", None, day("2021-02-01")),
            ("/2021-02-01", None, day("2021-02-01")),
            ("2021-01-01/..", day("2021-01-01"), None),
            ("2021-01-01/", day("2021-01-01"), None),
            (
                "2021-01-01T00:00:00Z/2021-01-01",
                day("2021-01-01T00:00:00Z"),
                day("2021-01-01"),
            ),
        ] {
            assert_eq!(read(text), Ok(Interval(Span { start, end })), "{text}");
        }
        for text in [
            "",
            "..",
            "../..",
            "/",
            "a/b",
            "2021-02-01/2021-01-01",
            "2021-01-01/../..",
            "2021-01-01T/..",
        ] {
            assert!(read(text).is_err(), "{text}");
        }
    }

    #[test]
    fn a_day_lasts_to_its_end_and_a_missing_end_is_open() {
        let stamp = |text: &str| Stamp::parse(text).expect("a moment");
        let meets = |interval: &str, start: Option<&str>, end: Option<&str>| {
            let Interval(span) = interval.parse().expect("an interval");
            span.intersects(&Span {
                start: start.map(stamp),
                end: end.map(stamp),
            })
        };
        let noon = Some("2021-01-31T12:00:00Z");
        assert!(meets("2021-01-31", noon, noon));
        assert!(meets("2021-01-01/2021-01-31", noon, None));
        assert!(!meets("2021-02-01/..", noon, noon));
        assert!(meets("2021-02-01/..", noon, None));
        assert!(!meets("2021-01-31T12:00:01Z/..", noon, noon));
        assert!(meets("2021-01-31T20:00:00+08:00", noon, noon));
        assert!(meets("2021-01-31T20:00:00 08:00", noon, noon));
        assert!(meets("../2021-01-01", None, noon));
    }
}
