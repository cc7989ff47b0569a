//! What an import changes, by id.

use crate::model::{Row, Rows};

/// Some ids of many: the first, and how many there are.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub struct Named {
    /// In order.
    pub ids: Vec<String>,
    /// All.
    pub count: usize,
}

impl Named {
    fn add(&mut self, id: &str, most: usize) {
        if self.ids.len() < most {
            self.ids.push(id.to_owned());
        }
        self.count += 1;
    }
}

/// Features before and after.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub struct Changes {
    /// Only after.
    pub added: Named,
    /// Before and after, with another place or other values.
    pub changed: Named,
    /// Only before.
    pub removed: Named,
    /// Before and after alike.
    pub same: usize,
}

impl Changes {
    /// Compares the rows of a collection, and tells at most so many ids of each kind. O(n log n).
    #[must_use]
    pub fn between(before: Option<&Rows>, after: &Rows, most: usize) -> Self {
        let mut changes = Self::default();
        for feature in after.iter() {
            let id = feature.id.text();
            let old = before.and_then(|rows| Some(rows.feature(rows.ids.row(&id)?)));
            match old {
                None => changes.added.add(&id, most),
                Some(old) if old == feature => changes.same += 1,
                Some(_) => changes.changed.add(&id, most),
            }
        }
        if let Some(rows) = before {
            let all = (0..rows.len())
                .zip(0..)
                .map(|(_, row): (_, Row)| rows.ids.get(row).text());
            for id in all.filter(|id| after.ids.row(id).is_none()) {
                changes.removed.add(&id, most);
            }
        }
        changes
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Column, Feature, Value};

    fn rows(rows: &[(&str, f64)]) -> Rows {
        let feature = |(id, value): &(&str, f64)| Feature {
            id: (*id).into(),
            geometry: None,
            values: vec![Value::Number(*value)],
        };
        Rows::collect(&[Column::distance()], rows.iter().map(feature))
    }

    #[test]
    fn features_are_told_apart_by_id_and_value() {
        let changes = Changes::between(
            Some(&rows(&[("a", 1.0), ("b", 2.0), ("c", 3.0)])),
            &rows(&[("a", 1.0), ("b", 2.5), ("d", 3.0)]),
            10,
        );
        assert_eq!(changes.same, 1);
        assert_eq!(changes.added.ids, ["d"]);
        assert_eq!(changes.changed.ids, ["b"]);
        assert_eq!(changes.removed.ids, ["c"]);
        let all = Changes::between(None, &rows(&[("a", 1.0), ("b", 2.0)]), 1);
        assert_eq!((all.added.count, all.removed.count), (2, 0));
        assert_eq!(all.added.ids, ["a"]);
    }
}
