use quick_xml::events::Event;

use super::super::SourceError;
use super::super::held::Held;
use super::super::zip::Archive;
use super::parts::part;

/// Bytes of all texts, and how many there may be: what each of them takes counts too, for an empty one has
/// some bytes in memory and next to none in the archive.
const LARGEST: usize = 1 << 28;
const MOST: usize = 1 << 23;

/// The texts that cells share: one after another in memory, for cells name them in any order. What a file
/// claims their number to be is not looked at.
#[derive(Debug, Default)]
pub(super) struct Strings {
    text: String,
    /// Within [`LARGEST`].
    ends: Vec<u32>,
}

impl Strings {
    /// Reads the part of that name; a workbook without one shares nothing.
    pub fn open(held: &Held, archive: &mut Archive, name: &str) -> Result<Self, SourceError> {
        let mut strings = Self::default();
        let Some(mut part) = part(held, archive, name)? else {
            return Ok(strings);
        };
        let mut buffer = Vec::new();
        let mut one = String::new();
        loop {
            match part.next(&mut buffer)? {
                Event::Start(start) if start.local_name().as_ref() == "si" => {
                    one.clear();
                    part.rich("si", &mut one)?;
                    let one = unescaped(&one);
                    let end = strings.text.len() + one.len();
                    let held = u32::try_from(end).ok().filter(|_| end <= LARGEST);
                    let Some(end) = held.filter(|_| strings.ends.len() < MOST) else {
                        return Err(part.broken(&format!(
                            "it has more than {} MiB of texts, or more than {MOST} of them; save the sheet as CSV",
                            LARGEST >> 20
                        )));
                    };
                    strings.text.push_str(&one);
                    strings.ends.push(end);
                }
                Event::End(end) if end.local_name().as_ref() == "sst" => return Ok(strings),
                Event::Eof => return Err(part.cut("sst")),
                _ => {}
            }
        }
    }

    pub fn get(&self, at: usize) -> Option<&str> {
        let end = *self.ends.get(at)?;
        let start = at.checked_sub(1).map_or(0, |before| self.ends[before]);
        self.text.get(start as usize..end as usize)
    }

    pub fn count(&self) -> usize {
        self.ends.len()
    }
}

/// `_x000D_` is how a text has characters that XML has not.
pub(super) fn unescaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find("_x") {
        let code = rest
            .get(at + 2..at + 6)
            .filter(|_| rest.as_bytes().get(at + 6) == Some(&b'_'));
        let code = code.filter(|code| code.bytes().all(|byte| byte.is_ascii_hexdigit()));
        let character = code.and_then(|code| char::from_u32(u32::from_str_radix(code, 16).ok()?));
        let (kept, after) = match character {
            Some(_) => (at, at + 7),
            None => (at + 2, at + 2),
        };
        out.push_str(&rest[..kept]);
        out.extend(character);
        rest = &rest[after..];
    }
    out.push_str(rest);
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn characters_that_xml_has_not() {
        for (text, expected) in [
            ("a_x000D_b", "a\rb"),
            ("_x005F_x000D_", "_x000D_"),
            ("_x", "_x"),
            ("_x12", "_x12"),
            ("_xZZZZ_", "_xZZZZ_"),
            ("_xD800_", "_xD800_"),
            ("桃_x6843_浦_x桃浦", "桃桃浦_x桃浦"),
        ] {
            assert_eq!(unescaped(text), expected);
        }
    }
}
