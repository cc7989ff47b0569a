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
