//! Days and times as programs and people write them.

use crate::model::{ColumnType, Value};

/// Reads a day: 2021-01-31, 2021/1/31, 2021.1.31, 2021年1月31日 or 20210131; or its midnight without a zone, as
/// programs write a day that have no type for it.
pub(crate) fn date(text: &str) -> Option<Value> {
    let midnight = ["T00:00:00", " 00:00:00"];
    let text = midnight
        .iter()
        .find_map(|clock| text.strip_suffix(clock))
        .unwrap_or(text);
    let parts: Vec<&str> = if text.len() == 8 && text.bytes().all(|byte| byte.is_ascii_digit()) {
        vec![&text[..4], &text[4..6], &text[6..]]
    } else {
        let text = text.strip_suffix('日').unwrap_or(text);
        text.split(['-', '/', '.', '年', '月']).collect()
    };
    let [year, month, day] = parts.as_slice() else {
        return None;
    };
    let number = |part: &str, most: usize| {
        let digits = !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
        (digits && part.len() <= most)
            .then(|| part.parse::<u32>().ok())
            .flatten()
    };
    if year.len() != 4 {
        return None;
    }
    let (year, month, day) = (number(year, 4)?, number(month, 2)?, number(day, 2)?);
    Value::parse(&format!("{year:04}-{month:02}-{day:02}"), ColumnType::Date).ok()
}

/// A time with a zone, where a format has its times in UTC and lets the zone be left out: so `GeoPackage` (its
/// table 1), and `SQLite`'s own functions write a blank for the T.
pub(super) fn in_utc(text: &str) -> String {
    let mut bytes = text.to_owned();
    if bytes.as_bytes().get(10) == Some(&b' ') {
        bytes.replace_range(10..11, "T");
    }
    let clock = bytes.get(11..).unwrap_or_default();
    if !clock.is_empty() && !clock.contains(['Z', 'z', '+', '-']) {
        bytes.push('Z');
    }
    bytes
}

/// A time of a day.
#[derive(Debug, PartialEq)]
pub(crate) struct Moment {
    pub value: Value,
    /// False where it tells no zone, as GDAL, QGIS and spreadsheets write times: it is taken as UTC.
    pub zoned: bool,
    /// True where it had digits beyond the microsecond, which are left away.
    pub cut: bool,
}

/// Reads a day and a time of day: 2021-01-31T08:00:00Z, 2021/01/31 08:00:00, 2021-1-31 8:00, 2018/02/13 23:59:59+01.
pub(crate) fn moment(text: &str) -> Option<Moment> {
    let (day, clock) = text.split_once(['T', 't', ' '])?;
    // A day in one word of digits is a number here.
    let Value::Date(days) = date(day).filter(|_| !day.bytes().all(|byte| byte.is_ascii_digit()))?
    else {
        return None;
    };
    let clock = clock.trim_start();
    let end = clock
        .find(|c: char| !(c.is_ascii_digit() || c == ':' || c == '.'))
        .unwrap_or(clock.len());
    let (time, zone) = clock.split_at(end);
    let time = match time.find(':')? {
        1 => format!("0{time}"),
        _ => time.to_owned(),
    };
    let seconds = if time.len() == 5 { ":00" } else { "" };
    let (time, cut) = to_micros(&time);
    let zoned = !zone.is_empty();
    let zone = zone.trim_start();
    // PostgreSQL writes the hours of an offset alone, and ISO 8601 lets the colon be left out.
    let zone = match zone.len() {
        0 => "Z".to_owned(),
        3 => format!("{zone}:00"),
        5 if zone.is_ascii() && !zone.contains(':') => format!("{}:{}", &zone[..3], &zone[3..]),
        _ => zone.to_owned(),
    };
    let text = format!("{}T{time}{seconds}{zone}", Value::Date(days));
    let value = Value::parse(&text, ColumnType::Timestamp).ok()?;
    Some(Moment { value, zoned, cut })
}

/// A time of day with six digits of a fraction at most; true where others than zeros were left away.
fn to_micros(time: &str) -> (String, bool) {
    match time.split_once('.') {
        Some((whole, fraction)) if fraction.len() > 6 && fraction.is_ascii() => {
            let (kept, rest) = fraction.split_at(6);
            let cut = rest.bytes().any(|digit| digit != b'0');
            let digits = rest.bytes().all(|byte| byte.is_ascii_digit());
            if digits {
                (format!("{whole}.{kept}"), cut)
            } else {
                (time.to_owned(), false)
            }
        }
        _ => (time.to_owned(), false),
    }
}

/// Returns true of a text that is a number in digits.
pub(super) fn is_number(text: &str) -> bool {
    text.starts_with(|c: char| c.is_ascii_digit() || matches!(c, '-' | '+' | '.'))
        && text.parse::<f64>().is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digits_beyond_the_microsecond_are_left_away() {
        for (text, cut) in [
            ("2021-01-31T08:00:00.123456789Z", true),
            ("2021-01-31T08:00:00.123456000Z", false),
            ("2021-01-31T08:00:00.123456Z", false),
            ("2021-01-31 16:00:00.123456789+0800", true),
        ] {
            let found = moment(text).expect(text);
            assert_eq!(
                found.value,
                Value::Timestamp(1_612_080_000_123_456),
                "{text}"
            );
            assert_eq!((found.cut, found.zoned), (cut, true), "{text}");
        }
        assert_eq!(moment("2021-01-31T08:00:00.12345678x"), None);
    }

    #[test]
    fn times_of_surveys_are_read() {
        let found = moment("2018/02/13 23:59:59+01").expect("a time");
        assert_eq!(found.value.to_string(), "2018-02-13T22:59:59Z");
        assert_eq!(date("2022/9/8").expect("a day").to_string(), "2022-09-08");
    }
}
