//! What features are called: a column of the file, the format's own ids, or a digest of what the feature is.

use std::collections::HashMap;
use std::collections::hash_map::Entry;

use geo::CoordsIter;
use sha2::{Digest, Sha256};

use crate::model::{FeatureId, Value, short_hex};
use crate::source::{Bad, Layer, Record};

/// Where ids come from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Rule {
    /// A column of the file; with this before each, where others of the plan are called the same.
    Column(usize, Option<String>),
    /// The format has them; with this before each, where others of the plan are called the same.
    Own(Option<String>),
    /// The same record is called the same in every import.
    Content,
}

/// Names records, each once.
#[derive(Debug)]
pub struct Names {
    rule: Rule,
    /// Its id: the same record is called otherwise in another one.
    collection: String,
    /// The file's columns in the order of their names, which is not that in which records come.
    order: Vec<usize>,
    /// Names that were given, each with its record.
    seen: HashMap<Box<str>, u64>,
    /// Records that are the same as one before.
    pub doubled: u64,
}

impl Names {
    /// By a rule, of the records of a layer that go into a collection.
    #[must_use]
    pub fn new(rule: Rule, layer: &Layer, collection: &str) -> Self {
        let mut order: Vec<usize> = (0..layer.columns.len()).collect();
        order.sort_by(|a, b| layer.columns[*a].name.cmp(&layer.columns[*b].name));
        Self {
            rule,
            collection: collection.to_owned(),
            order,
            seen: HashMap::new(),
            doubled: 0,
        }
    }

    /// True of a name that was given.
    #[must_use]
    pub fn has(&self, id: &str) -> bool {
        self.seen.contains_key(id)
    }

    /// The name of a record.
    ///
    /// # Errors
    /// It has none, or one that another has.
    pub fn name(&mut self, record: &Record, layer: &Layer) -> Result<FeatureId, Bad> {
        let (id, column) = match &self.rule {
            Rule::Content => return Ok(self.by_content(record, layer)),
            Rule::Own(prefix) => {
                let own = record.id.clone().ok_or_else(String::new);
                (own.map(|id| prefixed(prefix.as_deref(), id)), None)
            }
            Rule::Column(at, prefix) => {
                let column = layer.columns.get(*at).map(|column| column.name.clone());
                let id = of_column(record, *at);
                (id.map(|id| prefixed(prefix.as_deref(), id)), column)
            }
        };
        let bad = |reason: String| Bad {
            number: record.number,
            column,
            reason,
        };
        let id = match id {
            Ok(id) => id,
            Err(found) if found.is_empty() => {
                return Err(bad("expected an id, found none".to_owned()));
            }
            Err(found) => {
                let reason = format!("expected a text or a whole number as an id, found {found}");
                return Err(bad(reason));
            }
        };
        match self.seen.entry(id.text().into()) {
            Entry::Occupied(before) => Err(bad(format!(
                "the id {:?} is that of record {} too; --id COLUMN takes a column whose values differ",
                id.text(),
                before.get()
            ))),
            Entry::Vacant(free) => {
                free.insert(record.number);
                Ok(id)
            }
        }
    }

    fn by_content(&mut self, record: &Record, layer: &Layer) -> FeatureId {
        let digest = self.digest(record, layer);
        let mut name = digest.clone();
        if self.has(&name) {
            self.doubled += 1;
            let numbered = (2_u64..).map(|number| format!("{digest}-{number}"));
            let mut free = numbered.filter(|name| !self.has(name));
            name = free.next().unwrap_or_default();
        }
        self.seen.insert(name.as_str().into(), record.number);
        name.into()
    }

    /// Of the record as the file has it, so that neither `--map` nor the order of records or of columns changes it, and
    /// a column that says nothing is none.
    fn digest(&self, record: &Record, layer: &Layer) -> String {
        let mut hash = Sha256::new();
        let mut add = |text: &str| {
            hash.update((text.len() as u64).to_le_bytes());
            hash.update(text);
        };
        add(&self.collection);
        for at in &self.order {
            let nothing = |value: &Value| {
                value.is_null() || matches!(value, Value::Text(text) if text.is_empty())
            };
            let value = record.values.get(*at).filter(|value| !nothing(value));
            if let Some(value) = value {
                add(&layer.columns[*at].name);
                add(&value.to_string());
            }
        }
        for at in record.geometry.iter().flat_map(CoordsIter::coords_iter) {
            hash.update(at.x.to_le_bytes());
            hash.update(at.y.to_le_bytes());
        }
        short_hex(&hash.finalize())
    }
}

fn prefixed(prefix: Option<&str>, id: FeatureId) -> FeatureId {
    match prefix {
        Some(prefix) => format!("{prefix}{id}").into(),
        None => id,
    }
}

/// The id that a column of a record holds.
///
/// # Errors
/// What it holds instead; an empty text where that is nothing.
pub fn of_column(record: &Record, at: usize) -> Result<FeatureId, String> {
    of_value(record.values.get(at).unwrap_or(&Value::Null))
}

fn of_value(value: &Value) -> Result<FeatureId, String> {
    let text = match value {
        Value::Text(text) => text.trim(),
        Value::Null => "",
        Value::Integer(number) => return Ok(FeatureId::Number(*number)),
        #[expect(
            clippy::cast_possible_truncation,
            reason = "the bound keeps the number inside i64"
        )]
        Value::Number(number) if number.fract() == 0.0 && number.abs() < 9e15 => {
            return Ok(FeatureId::Number(*number as i64));
        }
        other => return Err(other.to_string()),
    };
    if text.is_empty() {
        Err(String::new())
    } else {
        Ok(text.into())
    }
}

#[cfg(test)]
mod tests {
    use geo::point;

    use super::*;
    use crate::source::{Kind, SourceColumn, SourceCrs};

    fn layer() -> Layer {
        Layer {
            name: "a".to_owned(),
            columns: vec![SourceColumn {
                name: "编号".to_owned(),
                kind: Kind::Untyped,
            }],
            crs: SourceCrs::Untold,
            records: None,
            notes: Vec::new(),
        }
    }

    fn record(number: u64, value: Value, x: f64) -> Record {
        Record {
            number,
            id: None,
            values: vec![value],
            geometry: Some(point!(x: x, y: 1.0).into()),
            flattened: false,
        }
    }

    fn text(text: &str) -> Value {
        Value::Text(text.to_owned())
    }

    #[test]
    fn a_column_names_each_once() {
        let mut names = Names::new(Rule::Column(0, None), &layer(), "a");
        let mut name = |number, value| names.name(&record(number, value, 0.0), &layer());
        assert_eq!(name(1, text(" A-1 ")), Ok("A-1".into()));
        assert_eq!(name(2, Value::Number(7.0)), Ok(FeatureId::Number(7)));
        for (number, value, expected) in [
            (
                3,
                text("A-1"),
                "record 3, column 编号: the id \"A-1\" is that of record 1 too",
            ),
            (
                4,
                text("7"),
                "record 4, column 编号: the id \"7\" is that of record 2 too",
            ),
            (
                5,
                text(" "),
                "record 5, column 编号: expected an id, found none",
            ),
            (6, Value::Number(0.5), "found 0.5"),
        ] {
            let bad = name(number, value).expect_err("refused").to_string();
            assert!(bad.contains(expected), "{bad}");
        }
    }

    #[test]
    fn content_names_the_same_alike_in_any_order() {
        let one = || record(1, text("a"), 0.5);
        let other = || record(2, text("b"), 0.5);
        let names = |records: &[Record]| -> Vec<String> {
            let mut names = Names::new(Rule::Content, &layer(), "a");
            let name = |record| names.name(record, &layer()).expect("a name").to_string();
            records.iter().map(name).collect()
        };
        let there = names(&[one(), other(), one()]);
        let back = names(&[other(), one()]);
        assert_eq!([&there[1], &there[0]], [&back[0], &back[1]]);
        assert_eq!(there[2], format!("{}-2", there[0]));
        assert_ne!(there[0], there[1]);
    }

    #[test]
    fn own_ids_take_a_prefix() {
        let mut names = Names::new(Rule::Own(Some("roads-".to_owned())), &layer(), "a");
        let mut numbered = record(1, Value::Null, 0.0);
        numbered.id = Some(FeatureId::Number(1));
        assert_eq!(names.name(&numbered, &layer()), Ok("roads-1".into()));
        let bad = names.name(&record(2, Value::Null, 0.0), &layer());
        assert!(bad.expect_err("none").to_string().contains("found none"));
    }
}
