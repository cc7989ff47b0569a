//! What an import changes in cells, told with a count and an example.

use super::profile::Profile;
use crate::model::ColumnType;
use crate::source::{Layer, times};

/// How often something came, and where first.
#[derive(Debug, Default)]
pub struct Example {
    pub count: u64,
    /// The record and what it holds.
    first: Option<(u64, String)>,
}

impl Example {
    /// One more.
    pub fn add(&mut self, record: u64, found: &str) {
        self.count += 1;
        self.first
            .get_or_insert_with(|| (record, found.chars().take(40).collect()));
    }

    fn record(&self) -> u64 {
        self.first.as_ref().map_or(0, |(record, _)| *record)
    }

    fn found(&self) -> &str {
        self.first.as_ref().map_or("", |(_, found)| found)
    }
}

/// Returns a sentence for each change of kind, digits or meaning in the columns of a layer. `types` are those that the
/// columns get, none of a column that goes nowhere.
#[must_use]
pub fn changed(layer: &Layer, columns: &[Profile], types: &[Option<ColumnType>]) -> Vec<String> {
    let mut notes = Vec::new();
    for ((column, profile), kind) in layer.columns.iter().zip(columns).zip(types) {
        let Some(kind) = kind else { continue };
        let name = &column.name;
        let mut note = |example: &Example, what: &dyn Fn(&Example) -> String| {
            if example.count > 0 {
                notes.push(format!("column {name}: {}", what(example)));
            }
        };
        note(&profile.empty, &|texts| {
            format!(
                "{} empty and read as null, the first in record {}",
                are(texts.count, "text"),
                texts.record()
            )
        });
        note(&profile.blank, &|texts| {
            format!(
                "{} of white space alone and read as null, the first in record {}: {:?}",
                are(texts.count, "text"),
                texts.record(),
                texts.found()
            )
        });
        if *kind == ColumnType::Timestamp {
            note(&profile.cut, &|times| {
                format!(
                    "digits beyond the microsecond are left away in {}: record {} has {:?}",
                    counted(times.count, "time"),
                    times.record(),
                    times.found()
                )
            });
        }
        note(&profile.odd_times, &|times| {
            let found = times.found();
            let read = times::moment(found)
                .map(|at| at.value)
                .or_else(|| times::date(found));
            let read = read.map_or_else(
                || format!("{found:?} cannot be read"),
                |value| format!("{found:?} is read as {value}"),
            );
            format!(
                "{} written in another form than the format has: {read} (record {})",
                are(times.count, "date or time"),
                times.record()
            )
        });
        if *kind == ColumnType::String && !profile.is_text() {
            note(&profile.long, &|numbers| {
                format!(
                    "a number does not keep all digits of {}, so the column holds texts: record {} has {}",
                    counted(numbers.count, "whole number"),
                    numbers.record(),
                    numbers.found()
                )
            });
        }
    }
    notes
}

fn are(count: u64, noun: &str) -> String {
    let verb = if count == 1 { "is" } else { "are" };
    format!("{} {verb}", counted(count, noun))
}

fn counted(count: u64, noun: &str) -> String {
    match count {
        1 => format!("1 {noun}"),
        _ if noun == "date or time" => format!("{count} dates or times"),
        _ => format!("{count} {noun}s"),
    }
}

/// Returns true of a point at 0, 0, or of several there: where a place ends up that nobody has told.
#[must_use]
pub fn is_at_zero(shape: &geo::Geometry<f64>) -> bool {
    use geo::CoordsIter;
    let is_point = matches!(
        shape,
        geo::Geometry::Point(_) | geo::Geometry::MultiPoint(_)
    );
    is_point && shape.coords_count() > 0 && shape.coords_iter().all(|at| at.x == 0.0 && at.y == 0.0)
}
