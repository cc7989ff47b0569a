use std::fmt;

use serde::de::{Deserialize, Deserializer, IgnoredAny, MapAccess, Visitor};
use serde_json::Value as Json;
use serde_json::error::Category;

use super::super::Bad;
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
    pub fn read(number: u64, line: Option<usize>, bytes: &[u8]) -> Read {
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
            Ok(entry) => match entry.fault() {
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
pub(super) fn value(json: Json) -> Value {
    match json {
        Json::Null => Value::Null,
        Json::Bool(flag) => Value::Boolean(flag),
        Json::String(text) if text.is_empty() => Value::Null,
        Json::String(text) => Value::Text(text),
        Json::Number(number) => match (number.as_i64(), number.as_f64()) {
            (Some(whole), _) => Value::Integer(whole),
            (None, Some(number)) => Value::Number(number),
            (None, None) => Value::Null,
        },
        json @ (Json::Array(_) | Json::Object(_)) => Value::Json(json.to_string()),
    }
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
