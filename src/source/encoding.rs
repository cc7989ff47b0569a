//! Encodings of texts: by name, by a dBASE language driver, or found out from the texts themselves.
//!
//! UTF-8, GB18030 (with GBK and GB2312 inside it) and windows-1252 (with Latin-1 inside it) are found out. Texts in
//! UTF-8 are valid in it and others are not; the other two are told apart by their words ([`super::evidence`]). Where
//! these speak for neither, it is an error that asks, and never a text with question marks.

use std::borrow::Cow;

use encoding_rs::{BIG5, EUC_KR, Encoding, GB18030, GBK, IBM866, SHIFT_JIS, UTF_8, WINDOWS_1252};

use super::evidence::{Evidence, Leaning};

/// An encoding by what files and people call it: `UTF-8`, `GBK`, `936`, `ANSI 936`, `8859-1`, `LDID/77`.
pub(super) fn named(label: &str) -> Option<&'static Encoding> {
    let label = label.trim().to_lowercase();
    if let Some(driver) = label.strip_prefix("ldid/") {
        return by_driver(driver.parse().ok()?);
    }
    let bare = ["ansi", "oem", "cp", "ms", "x-cp"]
        .into_iter()
        .find_map(|prefix| label.strip_prefix(prefix))
        .unwrap_or(&label)
        .trim_start_matches([' ', '_', '-']);
    let page = bare.parse::<u32>().ok();
    let found = match page {
        Some(65001) => Some(UTF_8),
        Some(936) => Some(GBK),
        Some(54936) => Some(GB18030),
        Some(950) => Some(BIG5),
        Some(932) => Some(SHIFT_JIS),
        Some(949) => Some(EUC_KR),
        Some(page @ 1250..=1258) => Encoding::for_label(format!("windows-{page}").as_bytes()),
        Some(page @ (88591..=88599 | 885_910..=885_916)) => {
            let part = page.to_string()[4..].to_owned();
            Encoding::for_label(format!("iso-8859-{part}").as_bytes())
        }
        Some(_) => None,
        None => {
            let iso = bare
                .strip_prefix("8859-")
                .map(|part| format!("iso-8859-{part}"));
            let name = iso.as_deref().unwrap_or(bare);
            Encoding::for_label_no_replacement(name.as_bytes())
                .or_else(|| Encoding::for_label_no_replacement(label.as_bytes()))
        }
    };
    found.filter(|encoding| encoding.is_ascii_compatible())
}

/// What the language driver byte of a `.dbf` means; none of 0 (nothing) and 0x57 ("as the computer is
/// set", which differs from computer to computer).
pub(super) fn by_driver(driver: u8) -> Option<&'static Encoding> {
    let page = match driver {
        0x4D | 0x7A => return Some(GBK),
        0x4F | 0x78 => return Some(BIG5),
        0x13 | 0x7B => return Some(SHIFT_JIS),
        0x4E | 0x79 => return Some(EUC_KR),
        0x26 | 0x65 => return Some(IBM866),
        0x03 | 0x58 | 0x59 => "windows-1252",
        0xC8 => "windows-1250",
        0xC9 => "windows-1251",
        0xCB => "windows-1253",
        0xCA => "windows-1254",
        0x7D => "windows-1255",
        0x7E => "windows-1256",
        0xCC => "windows-1257",
        0x7C => "windows-874",
        _ => return None,
    };
    Encoding::for_label(page.as_bytes())
}

/// A text, and true where the last of its characters was cut through and is left away. That is forgiven
/// only where the text fills its field: writers cut at a field's bytes.
pub(super) fn decoded<'a>(
    encoding: &'static Encoding,
    bytes: &'a [u8],
    full: bool,
) -> Option<(Cow<'a, str>, bool)> {
    let whole = |bytes| encoding.decode_without_bom_handling_and_without_replacement(bytes);
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
pub(super) fn unreadable(encoding: &'static Encoding, bytes: &[u8]) -> String {
    let (encoding, sample) = (encoding.name(), sample(bytes));
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
        ] {
            assert_eq!(named(label).map(Encoding::name), Some(name), "{label}");
        }
        for label in ["", "utf-16", "437", "none", "replacement", "99999999999"] {
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
