use std::fmt;

use serde::de::{Deserialize, Deserializer, IgnoredAny, MapAccess, Visitor};
use serde_json::Value as Json;
use serde_json::error::Category;

use super::super::{Bad, scalar};
use crate::model::{FeatureId, Value};

/// A feature as its text has it: members of one name are all there, for the format lets none stand twice.
#[derive(Debug, Default)]
pub(super) struct Entry {
    kind: Option<Json>,
    id: Option<Json>,
    pub geometry: Option<Json>,
    pub properties: Vec<(String, Json)>,
    /// Names of other members.
    pub foreign: Vec<String>,
    twice: Option<&'static str>,
}

/// What came of a record.
pub(super) enum Read {
    Entry(Box<Entry>),
    /// JSON, and no feature; or a line that is no JSON, which the next one may be.
    Bad(Bad),
    /// No JSON, and so neither is the file.
    NotJson,
}

/// What is wrong with a record, with its line where records are lines.
pub(super) fn bad(number: u64, line: Option<usize>, column: Option<String>, reason: String) -> Bad {
    let reason = match line {
        Some(line) => format!("line {line}: {reason}"),
        None => reason,
    };
    Bad {
        number,
        column,
        reason,
    }
}

impl Entry {
    /// Reads a record; the numbers of columns to `skip` may be of any size.
    pub fn read(number: u64, line: Option<usize>, bytes: &[u8], skip: &[String]) -> Read {
        let bad = |reason| Read::Bad(bad(number, line, None, reason));
        match serde_json::from_slice::<Self>(bytes) {
            Err(error) if error.classify() == Category::Data => {
                let text = error.to_string();
                // The line within a record tells nobody where it is.
                let reason = text
                    .rsplit_once(" at line ")
                    .map_or(&*text, |(reason, _)| reason);
                bad(reason.to_owned())
            }
            Err(_) if line.is_none() => Read::NotJson,
            Err(error) => bad(super::not_json(&error)),
            Ok(entry) => match entry.fault().or_else(|| entry.rounded(bytes, skip)) {
                Some(reason) => bad(reason),
                None => Read::Entry(Box::new(entry)),
            },
        }
    }

    fn fault(&self) -> Option<String> {
        if let Some(name) = self.twice {
            return Some(format!("the feature has two members named {name}"));
        }
        match &self.kind {
            Some(Json::String(kind)) if kind == "Feature" => None,
            Some(kind) => Some(format!("expected a Feature, found {}", brief(kind))),
            None => Some("expected a Feature, found an object without a type".to_owned()),
        }
    }

    /// A whole number of more than 64 bits, which is no longer the same once it is parsed: then the text is
    /// looked through for it. Numbers of that size are rare, so that few texts are.
    fn rounded(&self, bytes: &[u8], skip: &[String]) -> Option<String> {
        let huge = |json: &Json| {
            let number = json.as_f64().filter(|_| json.is_f64());
            number.is_some_and(|number| number.abs() >= 9_223_372_036_854_775_808.0)
        };
        let mut read = self
            .properties
            .iter()
            .filter(|(name, _)| !skip.contains(name));
        if !read.any(|(_, json)| huge(json)) {
            return None;
        }
        let found = longest_whole(bytes)?;
        Some(format!(
            "expected whole numbers of 64 bits, found {found}: as a text it stays what it is, and --skip-column leaves its column out"
        ))
    }

    /// Its id, a text or a whole number.
    pub fn id(&self) -> Result<Option<FeatureId>, String> {
        match &self.id {
            None | Some(Json::Null) => Ok(None),
            Some(Json::String(text)) if !text.is_empty() => Ok(Some(text.as_str().into())),
            Some(Json::Number(number)) if number.is_i64() => {
                Ok(number.as_i64().map(FeatureId::Number))
            }
            Some(other) => Err(format!(
                "expected id to be a text or a whole number of 64 bits, found {}",
                brief(other)
            )),
        }
    }
}

/// A property, typed by itself.
pub(super) fn value(json: Json) -> Result<Value, String> {
    Ok(match json {
        Json::Null => Value::Null,
        Json::Bool(flag) => Value::Boolean(flag),
        Json::String(text) => Value::Text(text),
        Json::Number(number) => match (number.as_i64(), number.as_f64()) {
            (Some(whole), _) => Value::Integer(whole),
            (None, _) if number.is_u64() => {
                return Err(format!(
                    "expected a whole number up to {}, found {number}: as a text it stays what it is",
                    i64::MAX
                ));
            }
            (None, Some(number)) => Value::Number(number),
            (None, None) => Value::Null,
        },
        json @ (Json::Array(_) | Json::Object(_)) => scalar::of_json(json),
    })
}

/// The first whole number that 64 bits do not hold, of digits alone, in a valid JSON text.
fn longest_whole(json: &[u8]) -> Option<&str> {
    let (mut at, mut quoted) = (0, false);
    while at < json.len() {
        match json[at] {
            b'\\' if quoted => at += 1,
            b'"' => quoted = !quoted,
            b'-' | b'0'..=b'9' if !quoted => {
                let of_number = |byte: &u8| {
                    byte.is_ascii_digit() || matches!(byte, b'-' | b'+' | b'.' | b'e' | b'E')
                };
                let length = json[at..].iter().take_while(|byte| of_number(byte)).count();
                let number = &json[at..at + length];
                let digits = number.strip_prefix(b"-").unwrap_or(number);
                if digits.len() > 18 && digits.iter().all(u8::is_ascii_digit) {
                    let number = std::str::from_utf8(number).ok()?;
                    // What 64 bits hold is read as it is.
                    if number.parse::<i64>().is_err() {
                        return Some(number);
                    }
                }
                at += length;
                continue;
            }
            _ => {}
        }
        at += 1;
    }
    None
}

/// The start of a JSON value, so that a message stays readable.
pub(super) fn brief(json: &Json) -> String {
    let text = json.to_string();
    match text.char_indices().nth(60) {
        Some((end, _)) => format!("{}...", &text[..end]),
        None => text,
    }
}

impl<'de> Deserialize<'de> for Entry {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        from.deserialize_map(Members)
    }
}

struct Members;

impl<'de> Visitor<'de> for Members {
    type Value = Entry;

    fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("a Feature")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Entry, A::Error> {
        let mut entry = Entry::default();
        let (mut geometry, mut properties) = (false, false);
        while let Some(name) = members.next_key::<String>()? {
            let again = match name.as_str() {
                "type" => entry.kind.replace(members.next_value()?).is_some(),
                "id" => entry.id.replace(members.next_value()?).is_some(),
                "geometry" => {
                    entry.geometry = members.next_value()?;
                    std::mem::replace(&mut geometry, true)
                }
                "properties" => {
                    let pairs = members.next_value::<Option<Pairs>>()?;
                    entry.properties = pairs.map(|pairs| pairs.0).unwrap_or_default();
                    std::mem::replace(&mut properties, true)
                }
                _ => {
                    members.next_value::<IgnoredAny>()?;
                    // A box says nothing that the geometry does not.
                    if name != "bbox" {
                        entry.foreign.push(name);
                    }
                    continue;
                }
            };
            if again {
                let names = ["type", "id", "geometry", "properties"];
                entry.twice = names.into_iter().find(|known| *known == name);
            }
        }
        Ok(entry)
    }
}

/// The members of an object, each as often as it stands there.
struct Pairs(Vec<(String, Json)>);

impl<'de> Deserialize<'de> for Pairs {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        from.deserialize_map(PairsVisitor)
    }
}

struct PairsVisitor;

impl<'de> Visitor<'de> for PairsVisitor {
    type Value = Pairs;

    fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("properties to be an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Pairs, A::Error> {
        let mut pairs = Vec::new();
        while let Some(pair) = members.next_entry()? {
            pairs.push(pair);
        }
        Ok(Pairs(pairs))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(properties: &str) -> Option<String> {
        let text = format!(r#"{{"type":"Feature","geometry":null,"properties":{properties}}}"#);
        match Entry::read(1, None, text.as_bytes(), &[]) {
            Read::Bad(bad) => Some(bad.reason),
            Read::NotJson => Some("not JSON".to_owned()),
            Read::Entry(entry) => {
                let mut values = entry.properties.into_iter();
                values.find_map(|(_, json)| value(json).err())
            }
        }
    }

    #[test]
    fn whole_numbers_are_not_rounded() {
        for number in [
            "9223372036854775808",
            "18446744073709551616",
            "-9223372036854775809",
            "310107199001011234567890",
        ] {
            let text = refused(&format!(r#"{{"a":1,"b":{number}}}"#));
            assert!(
                text.as_ref().is_some_and(|text| text.contains(number)),
                "{text:?}"
            );
        }
        for fine in [
            "9223372036854775807",
            "1e20",
            "-3.4e38",
            r#""18446744073709551616""#,
            r#"1e300,"c":"\\\"18446744073709551616""#,
            r#"1e20,"b":2305843009213693951"#,
        ] {
            assert_eq!(refused(&format!(r#"{{"a":{fine}}}"#)), None, "{fine}");
        }
    }
}
