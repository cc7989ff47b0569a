//! What a plan is before an import, as far as the import has to know it.

use std::collections::{HashMap, HashSet};

use geo::{BoundingRect, Coord, Geometry};

use super::Watch;
use super::error::ImportError;
use crate::ingest::{self, Outcome, PlanFiles};
use crate::model::{CollectionInfo, Finding, Ids, Row, Rows, Severity, Value};

/// Names that are kept: enough to see a shift by.
const NAMES: usize = 10_000;

/// A plan before an import.
#[derive(Debug, Default)]
pub struct Before {
    /// Its errors, in words; an import is refused for others.
    errors: HashSet<String>,
    /// True where it has none, so that its rows are known.
    pub sound: bool,
    /// Of the collection that is imported into, where the plan has it.
    pub rows: Option<(CollectionInfo, Rows)>,
    /// Of all others.
    others: Vec<Ids>,
    /// Where features of a name are; none where two have it.
    named: HashMap<String, Option<Coord<f64>>>,
}

impl Before {
    /// Reads the plan.
    ///
    /// # Errors
    /// The folder cannot be read.
    pub fn read(
        files: &PlanFiles,
        collection: &str,
        watch: &mut Watch,
    ) -> Result<Self, ImportError> {
        let Outcome {
            loaded, findings, ..
        } = ingest::load_telling(files, &mut *watch.tell)?;
        let errors = findings
            .iter()
            .filter(|finding| finding.severity == Severity::Error);
        let mut before = Self {
            errors: errors.map(place).collect(),
            sound: loaded.is_some(),
            ..Self::default()
        };
        for (info, rows) in loaded.into_iter().flat_map(|loaded| loaded.collections) {
            before.learn_names(&info, &rows);
            if info.id == collection {
                before.rows = Some((info, rows));
            } else {
                before.others.push(rows.ids);
            }
        }
        Ok(before)
    }

    fn learn_names(&mut self, info: &CollectionInfo, rows: &Rows) {
        let Some(at) = info.column_index("name_zh") else {
            return;
        };
        for row in (0..rows.len()).zip(0..).map(|(_, row): (_, Row)| row) {
            let Value::Text(name) = rows.columns[at].value(row) else {
                continue;
            };
            let Some(rect) = rows.shapes.get(row).bounds() else {
                continue;
            };
            if self.named.len() < NAMES || self.named.contains_key(&name) {
                let place = self.named.entry(name);
                place
                    .and_modify(|place| *place = None)
                    .or_insert(Some(rect.center()));
            }
        }
    }

    /// True where another collection has a feature of this id.
    #[must_use]
    pub fn is_elsewhere(&self, id: &str) -> bool {
        self.others.iter().any(|ids| ids.row(id).is_some())
    }

    /// True where no other collection has a feature.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.sound && self.others.iter().all(Ids::is_empty)
    }

    /// True where the collection itself has no feature.
    #[must_use]
    pub fn has_nothing(&self) -> bool {
        self.rows.as_ref().is_none_or(|(_, rows)| rows.is_empty())
    }

    /// Where the plan has a feature of this id, or of this name.
    #[must_use]
    pub fn place(&self, id: &str, name: Option<&str>) -> Option<Coord<f64>> {
        let own = self.rows.as_ref().and_then(|(_, rows)| {
            let rect = rows.shapes.get(rows.ids.row(id)?).bounds()?;
            Some(rect.center())
        });
        own.or_else(|| *self.named.get(name?)?)
    }

    /// True of an error that the plan has already.
    #[must_use]
    pub fn has(&self, finding: &Finding) -> bool {
        self.errors.contains(&place(finding))
    }
}

/// A finding without its place in the file, which may move.
fn place(finding: &Finding) -> String {
    let finding = Finding {
        line: None,
        index: None,
        ..finding.clone()
    };
    finding.to_string()
}

/// The middle of a shape's box.
pub fn center(geometry: &Geometry<f64>) -> Option<Coord<f64>> {
    Some(geometry.bounding_rect()?.center())
}
