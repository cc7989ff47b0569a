//! Encodings of texts: by name, by a dBASE language driver, or found out from the texts themselves.
//!
//! UTF-8, GB18030 (with GBK and GB2312 inside it) and windows-1252 (with Latin-1 inside it) are found out. Texts in
//! UTF-8 are valid in it and others are not; the other two are told apart by their words ([`super::evidence`]). Where
//! these speak for neither, it is an error that asks, and never a text with question marks.

use std::borrow::Cow;

use encoding_rs::{
    BIG5, EUC_JP, EUC_KR, Encoding, GB18030, GBK, IBM866, KOI8_R, KOI8_U, MACINTOSH, SHIFT_JIS,
    UTF_8, WINDOWS_1252, X_MAC_CYRILLIC,
};

use super::evidence::{Evidence, Leaning};

use super::charset::Charset;

/// Returns an encoding by what files and people call it: `UTF-8`, `GBK`, `936`, `ANSI 936`, `ISO 88591`, `852`,
/// `LDID/77`.
pub(super) fn named(label: &str) -> Option<Charset> {
    let label = label.trim().to_lowercase();
    if let Some(driver) = label.strip_prefix("ldid/") {
        return by_driver(driver.trim().parse().ok()?);
    }
    let blank = [' ', '_', '-', '/', ':'];
    let after = |prefix: &str| Some(label.strip_prefix(prefix)?.trim_start_matches(blank));
    let page = [
        "",
        "ansi",
        "oem",
        "cp",
        "ms",
        "x-cp",
        "dos",
        "ibm",
        "windows",
        "win",
        "codepage",
        "code page",
    ]
    .into_iter()
    .find_map(|prefix| after(prefix)?.parse().ok());
    if let Some(page) = page {
        return by_page(page);
    }
    // The part of ISO 8859, however it is written: "ISO 88591", "ISO_8859-1", "8859-15".
    let digits: String = label.chars().filter(char::is_ascii_digit).collect();
    let is_iso = label
        .trim_start_matches("iso")
        .chars()
        .all(|c| c.is_ascii_digit() || blank.contains(&c));
    if is_iso && digits.starts_with("8859") {
        return by_page(digits.parse().ok()?);
    }
    let dashed = label.replace([' ', '_'], "-");
    let found = match dashed.as_str() {
        "utf" | "utf-8-sig" | "utf-8-bom" => Some(UTF_8),
        "latin-1" | "latin" => Encoding::for_label(b"latin1"),
        "euc-cn" | "gb-18030" | "gb18030-2000" | "gb18030-2005" => Some(GB18030),
        "gb-2312" | "gb2312-80" => Some(GBK),
        "big-5" => Some(BIG5),
        _ => [&label, &dashed]
            .into_iter()
            .find_map(|name| Encoding::for_label_no_replacement(name.as_bytes())),
    };
    found
        .filter(|encoding| encoding.is_ascii_compatible())
        .map(Charset::from)
}

/// Returns true of what a `.cpg` says where a program has written that the texts are in whatever encoding the
/// computer was set to, which tells nothing.
pub(super) fn is_whatever(label: &str) -> bool {
    ["system", "oem", "ansi", "default", "locale"].contains(&label.trim().to_lowercase().as_str())
}

/// Returns an encoding by the number of its code page, Windows' numbers of other encodings included.
fn by_page(page: u32) -> Option<Charset> {
    let web = |label: String| Encoding::for_label(label.as_bytes());
    let found = match page {
        65001 => Some(UTF_8),
        936 | 20936 | 51936 => Some(GBK),
        54936 | 18030 => Some(GB18030),
        950 => Some(BIG5),
        932 => Some(SHIFT_JIS),
        949 | 51949 => Some(EUC_KR),
        51932 | 20932 => Some(EUC_JP),
        866 => Some(IBM866),
        874 => web("windows-874".to_owned()),
        20866 => Some(KOI8_R),
        21866 => Some(KOI8_U),
        10000 => Some(MACINTOSH),
        10007 => Some(X_MAC_CYRILLIC),
        1250..=1258 => web(format!("windows-{page}")),
        28591..=28606 => web(format!("iso-8859-{}", page - 28590)),
        88591..=88599 => web(format!("iso-8859-{}", page - 88590)),
        885_910..=885_916 => web(format!("iso-8859-{}", page - 885_900)),
        _ => return Charset::dos(page),
    };
    found.map(Charset::from)
}

/// Returns what the language driver byte of a `.dbf` means; none of 0 (nothing) and 0x57 ("as the computer is
/// set", which differs from computer to computer).
pub(super) fn by_driver(driver: u8) -> Option<Charset> {
    by_page(match driver {
        0x4D | 0x7A => 936,
        0x4F | 0x78 => 950,
        0x13 | 0x7B => 932,
        0x4E | 0x79 => 949,
        0x01 | 0x09 | 0x0B | 0x0D | 0x0F | 0x11 | 0x15 | 0x18 | 0x19 | 0x1B => 437,
        0x02 | 0x0A | 0x0E | 0x10 | 0x12 | 0x14 | 0x16 | 0x1A | 0x1D | 0x25 | 0x37 => 850,
        0x1F | 0x22 | 0x23 | 0x40 | 0x64 | 0x87 => 852,
        0x6A | 0x86 => 737,
        0x6B | 0x88 => 857,
        0x24 => 860,
        0x67 => 861,
        0x1C | 0x6C => 863,
        0x08 | 0x17 | 0x66 => 865,
        0x26 | 0x65 => 866,
        0x03 | 0x58 | 0x59 => 1252,
        0xC8 => 1250,
        0xC9 => 1251,
        0xCB => 1253,
        0xCA => 1254,
        0x7D => 1255,
        0x7E => 1256,
        0xCC => 1257,
        0x50 | 0x7C => 874,
        _ => return None,
    })
}

/// A text, and true where the last of its characters was cut through and is left away. That is forgiven
/// only where the text fills its field: writers cut at a field's bytes.
pub(super) fn decoded(
    encoding: impl Into<Charset>,
    bytes: &[u8],
    full: bool,
) -> Option<(Cow<'_, str>, bool)> {
    let encoding = encoding.into();
    let whole = |bytes| encoding.decode(bytes);
    if let Some(text) = whole(bytes) {
        return Some((text, false));
    }
    // The longest characters have four bytes.
    let most = if full { 3.min(bytes.len()) } else { 0 };
    (1..=most).find_map(|lost| {
        let text = whole(&bytes[..bytes.len() - lost])?;
        Some((text, true))
    })
}

/// The beginning of bytes that are no text, for a message.
fn sample(bytes: &[u8]) -> String {
    let start = bytes
        .iter()
        .position(|byte| !byte.is_ascii())
        .unwrap_or_default();
    let shown = bytes[start..].iter().take(8);
    let shown: Vec<_> = shown.map(|byte| format!("{byte:02X}")).collect();
    shown.join(" ")
}

/// What to say of bytes that are no text.
pub(super) fn unreadable(encoding: impl Into<Charset>, bytes: &[u8]) -> String {
    let (encoding, sample) = (encoding.into().name(), sample(bytes));
    format!(
        "expected a text in {encoding}, found bytes that are none ({sample}); if it is in another encoding, tell it with --encoding"
    )
}

/// Hears all texts of a file, and says what they are.
#[derive(Debug, Default)]
pub(super) struct Detector {
    /// Texts that are not ASCII.
    texts: u64,
    /// Of these, such as are UTF-8.
    utf8: u64,
    /// The first that is no UTF-8, and the first that is no GB18030.
    not_utf8: Option<Unreadable>,
    not_gb18030: Option<Unreadable>,
    evidence: Evidence,
    /// The first text that is no UTF-8, in GB18030 and in windows-1252.
    readings: Option<(String, String)>,
}

/// A text that an encoding does not explain.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Unreadable {
    /// Its record, from 1; 0 is the header.
    pub number: u64,
    /// Which of the texts of the record, from 0.
    pub column: usize,
    /// Some of its bytes.
    pub sample: String,
}

/// What texts are.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Verdict {
    /// Of ASCII alone: every encoding is right.
    Ascii,
    Utf8,
    /// So many of so many texts would be UTF-8 as well.
    Gb18030 {
        also_utf8: u64,
        texts: u64,
    },
    /// Of a Western language, as a word shows.
    Western(String),
    /// Of no language that shows: a text, as GB18030 and as windows-1252 have it.
    Balanced(Unreadable, String, String),
    /// The first text that is no UTF-8, and the first that is no GB18030.
    Neither(Unreadable, Unreadable),
}

impl Detector {
    /// Hears a text; `full` as with [`decoded`].
    pub fn text(&mut self, bytes: &[u8], full: bool, number: u64, column: usize) {
        if bytes.is_ascii() {
            return;
        }
        self.texts += 1;
        let place = || Unreadable {
            number,
            column,
            sample: sample(bytes),
        };
        if decoded(UTF_8, bytes, full).is_some() {
            self.utf8 += 1;
        } else {
            self.evidence.weigh(bytes);
            if self.not_utf8.is_none() {
                self.not_utf8 = Some(place());
                let read = |encoding: &'static Encoding| {
                    let (text, _) = encoding.decode_without_bom_handling(bytes);
                    text.chars().take(20).collect()
                };
                self.readings = Some((read(GB18030), read(WINDOWS_1252)));
            }
        }
        if self.not_gb18030.is_none() && decoded(GB18030, bytes, full).is_none() {
            self.not_gb18030 = Some(place());
        }
    }

    pub fn verdict(self) -> Verdict {
        let leaning = self.evidence.leaning();
        match (self.not_utf8, self.not_gb18030) {
            _ if self.texts == 0 => Verdict::Ascii,
            (None, _) => Verdict::Utf8,
            (Some(_), _) if leaning == Leaning::Western && self.utf8 == 0 => {
                Verdict::Western(self.evidence.sample().to_owned())
            }
            (Some(at), None) if leaning != Leaning::Chinese => {
                let (gb18030, western) = self.readings.unwrap_or_default();
                Verdict::Balanced(at, gb18030, western)
            }
            (Some(_), None) => Verdict::Gb18030 {
                also_utf8: self.utf8,
                texts: self.texts,
            },
            (Some(utf8), Some(gb18030)) => Verdict::Neither(utf8, gb18030),
        }
    }
}

/// The encoding that the texts of a file show, what to note of it, or why none can be told.
pub(super) fn settled(
    verdict: Verdict,
    column: impl Fn(usize) -> String,
) -> Result<(&'static Encoding, Vec<String>), String> {
    let place = |at: &Unreadable| match at.number {
        0 => format!("the header, column {}", at.column + 1),
        number => format!("record {number}, column {}", column(at.column)),
    };
    match verdict {
        Verdict::Ascii => Ok((UTF_8, Vec::new())),
        Verdict::Utf8 => Ok((
            UTF_8,
            vec!["the texts are read as UTF-8, which they are".to_owned()],
        )),
        Verdict::Gb18030 { also_utf8, texts } => {
            let mut notes =
                vec!["the texts are read as GB18030 (GBK): they are not UTF-8".to_owned()];
            if also_utf8 > 0 {
                notes.push(format!(
                    "{also_utf8} of {texts} texts that are not ASCII would be UTF-8 as well: look whether two encodings are mixed"
                ));
            }
            Ok((GB18030, notes))
        }
        Verdict::Western(word) => Ok((
            WINDOWS_1252,
            vec![format!(
                "the texts are read as windows-1252 (Latin-1): they are not UTF-8, and have words such as {word}; --encoding tells another"
            )],
        )),
        Verdict::Balanced(at, gb18030, western) => Err(format!(
            "the encoding of its texts is not told and cannot be found out: {} is {gb18030:?} in GB18030 and {western:?} in windows-1252; \
             tell it with --encoding (gb18030, windows-1252, big5 ...)",
            place(&at)
        )),
        Verdict::Neither(utf8, gb18030) => Err(format!(
            "the encoding of its texts is not told and cannot be found out: {} is no UTF-8 ({}), {} is no GB18030 ({}); \
                 tell it with --encoding (gb18030, utf-8, big5, windows-1252 ...)",
            place(&utf8),
            utf8.sample,
            place(&gb18030),
            gb18030.sample
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_encoding_has_many_names() {
        for (label, name) in [
            ("UTF-8", "UTF-8"),
            ("utf8\n", "UTF-8"),
            ("65001", "UTF-8"),
            ("GBK", "GBK"),
            ("936", "GBK"),
            ("CP936", "GBK"),
            ("ANSI 936", "GBK"),
            ("OEM 936", "GBK"),
            ("GB2312", "GBK"),
            ("gb18030", "gb18030"),
            ("Big5", "Big5"),
            ("950", "Big5"),
            ("ISO-8859-1", "windows-1252"),
            ("8859-1", "windows-1252"),
            ("88591", "windows-1252"),
            ("885915", "ISO-8859-15"),
            ("1252", "windows-1252"),
            ("windows-1251", "windows-1251"),
            ("LDID/77", "GBK"),
            ("ISO 88591", "windows-1252"),
            ("ISO_8859-2", "ISO-8859-2"),
            ("ISO 885915", "ISO-8859-15"),
            ("ISO8859-5", "ISO-8859-5"),
            ("28605", "ISO-8859-15"),
            ("Latin 1", "windows-1252"),
            ("latin2", "ISO-8859-2"),
            ("UTF 8", "UTF-8"),
            ("utf_8", "UTF-8"),
            ("UTF-8-SIG", "UTF-8"),
            ("Windows 1251", "windows-1251"),
            ("win-1250", "windows-1250"),
            ("437", "cp437"),
            ("cp850", "cp850"),
            ("IBM852", "cp852"),
            ("OEM 866", "IBM866"),
            ("DOS-866", "IBM866"),
            ("LDID/1", "cp437"),
            ("LDID/100", "cp852"),
            ("MS936", "GBK"),
            ("CP_936", "GBK"),
            ("gb_18030", "gb18030"),
            ("koi8-r", "KOI8-R"),
        ] {
            assert_eq!(named(label).map(Charset::name), Some(name), "{label}");
        }
        for label in [
            "",
            "utf-16",
            "none",
            "replacement",
            "99999999999",
            "8859",
            "iso",
            "System",
            "OEM",
        ] {
            assert_eq!(named(label), None, "{label}");
        }
    }

    fn verdict(texts: &[&[u8]]) -> Verdict {
        let mut detector = Detector::default();
        for (at, text) in texts.iter().enumerate() {
            detector.text(text, false, at as u64 + 1, 0);
        }
        detector.verdict()
    }

    #[test]
    fn texts_show_their_encoding() {
        let (gbk, _, _) = GBK.encode("桃浦镇人民政府");
        assert_eq!(verdict(&[b"abc", b""]), Verdict::Ascii);
        assert_eq!(verdict(&[b"abc", "桃浦".as_bytes()]), Verdict::Utf8);
        let found = verdict(&[&gbk, "桃浦".as_bytes()]);
        let expected = Verdict::Gb18030 {
            also_utf8: 1,
            texts: 2,
        };
        assert_eq!(found, expected);
        let Verdict::Neither(utf8, _) = verdict(&[&gbk, b"caf\xE9 au lait"]) else {
            panic!("neither");
        };
        assert_eq!(
            (utf8.number, utf8.sample.as_str()),
            (1, "CC D2 C6 D6 D5 F2 C8 CB")
        );
    }

    #[test]
    fn only_the_end_of_a_full_field_may_be_cut() {
        for (encoding, text) in [(UTF_8, "桃浦镇"), (GB18030, "桃浦镇"), (GB18030, "桃浦㐀")]
        {
            let (bytes, _, _) = encoding.encode(text);
            let cut = &bytes[..bytes.len() - 1];
            let (found, lost) = decoded(encoding, cut, true).expect("forgiven");
            assert_eq!((found.as_ref(), lost), ("桃浦", true));
            assert_eq!(decoded(encoding, cut, false), None);
            let within = [cut, b"  abcdef"].concat();
            assert_eq!(decoded(encoding, &within, true), None, "{text}");
        }
    }
}
