//! Whether texts that are no UTF-8 are of a Western language or Chinese: a letter with an accent and the next letter
//! are a Chinese character in GBK as well, so that being valid in it proves nothing.

use encoding_rs::WINDOWS_1252;

/// So many times more words have to speak for one than for the other.
const CLEARLY: u64 = 8;

/// Words that speak for either.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Evidence {
    western: u64,
    chinese: u64,
    /// The first Western word.
    sample: Option<String>,
}

/// What the words speak for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Leaning {
    Western,
    Chinese,
    /// Neither, or both.
    Neither,
}

impl Evidence {
    /// Weighs the words of a text that is no UTF-8.
    pub fn weigh(&mut self, bytes: &[u8]) {
        // Quotes and dashes part Western words: l’été.
        let is_part = |byte: &u8| {
            byte.is_ascii_alphabetic() || (*byte >= 0x80 && !matches!(byte, 0x85 | 0x91..=0x97))
        };
        for word in bytes.split(|byte| !is_part(byte)) {
            if word.is_ascii() {
                continue;
            }
            if is_western(word) {
                self.western += 1;
                self.sample.get_or_insert_with(|| {
                    let (text, _) = WINDOWS_1252.decode_without_bom_handling(word);
                    text.chars().take(40).collect()
                });
            } else if is_chinese(word) {
                self.chinese += 1;
            }
        }
    }

    pub fn leaning(&self) -> Leaning {
        match (self.western, self.chinese) {
            (western, chinese) if western > 0 && western >= CLEARLY * chinese => Leaning::Western,
            (western, chinese) if chinese > 0 && chinese >= CLEARLY * western => Leaning::Chinese,
            _ => Leaning::Neither,
        }
    }

    /// The first Western word.
    pub fn sample(&self) -> &str {
        self.sample.as_deref().unwrap_or_default()
    }
}

/// True of a word of Latin letters, most of them of ASCII, none of them a capital among small ones.
fn is_western(word: &[u8]) -> bool {
    let high = word.iter().filter(|byte| !byte.is_ascii()).count();
    let is_letter = |byte: &u8| {
        byte.is_ascii()
            || matches!(byte, 0x8A | 0x8C | 0x8E | 0x9A | 0x9C | 0x9E | 0x9F | 0xC0..=0xD6 | 0xD8..=0xF6 | 0xF8..)
    };
    let runs = word.split(u8::is_ascii).any(|run| run.len() > 2);
    if 2 * high > word.len() || word.len() - high < 2 || runs || !word.iter().all(is_letter) {
        return false;
    }
    let (text, _) = WINDOWS_1252.decode_without_bom_handling(word);
    // ß is small in capitals too.
    let upper = |c: char| c == 'ß' || c.is_uppercase();
    let lower = |c: char| c.is_lowercase();
    text.chars().all(upper) || text.chars().skip(1).all(lower)
}

/// True of a word with a character of GB2312, whose bytes are both beyond ASCII.
fn is_chinese(word: &[u8]) -> bool {
    let mut rest = word;
    while let [lead, after @ ..] = rest {
        if lead.is_ascii() {
            rest = after;
            continue;
        }
        match after {
            [0xA1..=0xFE, ..] if (0x81..=0xFE).contains(lead) => return true,
            [_, after @ ..] => rest = after,
            [] => return false,
        }
    }
    false
}

#[cfg(test)]
mod tests {
    use encoding_rs::{Encoding, GB18030};

    use super::*;

    fn leaning(encoding: &'static Encoding, texts: &[&str]) -> Leaning {
        let mut evidence = Evidence::default();
        for text in texts {
            let (bytes, _, unmapped) = encoding.encode(text);
            assert!(!unmapped, "{text}");
            evidence.weigh(&bytes);
        }
        evidence.leaning()
    }

    #[test]
    fn words_speak_for_their_language() {
        for text in [
            "Région",
            "Fußweg",
            "Größe",
            "São Paulo",
            "CONCEIÇÃO",
            "Île-de-France",
            "Málaga",
            "Århus",
            "STRAßE",
            "l’église",
            "Provence-Alpes-Côte d'Azur",
        ] {
            assert_eq!(leaning(WINDOWS_1252, &[text]), Leaning::Western, "{text}");
        }
        for text in [
            "桃浦镇",
            "A地块",
            "D区",
            "CAD图",
            "GIS区",
            "ab区cd",
            "XX区AB",
            "朱镕基",
            "地块A-1",
            "（一）",
            "臺灣路",
            "3号楼B座",
            "Ⅱ期",
            "规划用地R2",
        ] {
            assert_eq!(leaning(GB18030, &[text]), Leaning::Chinese, "{text}");
        }
    }

    #[test]
    fn what_is_balanced_speaks_for_neither() {
        let mut evidence = Evidence::default();
        for text in [&b"R\xE9gion"[..], b"\xCC\xD2\xC6\xD6"] {
            evidence.weigh(text);
        }
        assert_eq!(evidence.leaning(), Leaning::Neither);
        assert_eq!(evidence.sample(), "Région");
        assert_eq!(leaning(WINDOWS_1252, &["35°C"]), Leaning::Neither);
        assert_eq!(leaning(GB18030, &[]), Leaning::Neither);
    }
}
