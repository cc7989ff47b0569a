//! `properties`: which columns of a result are shown.

use super::{Params, Refused};
use crate::model::{CollectionInfo, Column, Feature, Value};
use crate::query::{Query, nearest};

/// The columns that an answer has, in their order.
#[derive(Debug, Clone)]
pub struct Choice {
    columns: Vec<Column>,
    /// Positions in a feature's values.
    positions: Vec<usize>,
    /// True where the last column is the distance to the query's `near`.
    distance: bool,
}

impl Choice {
    /// Takes `properties` out: names of columns separated by commas; all of them where it is not
    /// given. A query by nearness adds `distance_m`.
    ///
    /// # Errors
    /// Not such a list.
    pub fn read(params: &mut Params, info: &CollectionInfo) -> Result<Option<Vec<usize>>, Refused> {
        params.read("properties", |text| positions(info, text))
    }

    /// The columns of a query's answer: those at `chosen`, or all.
    #[must_use]
    pub fn new(info: &CollectionInfo, chosen: Option<Vec<usize>>, query: &Query) -> Self {
        let positions = chosen.unwrap_or_else(|| (0..info.columns.len()).collect());
        let mut columns: Vec<_> = positions
            .iter()
            .map(|at| info.columns[*at].clone())
            .collect();
        if query.near.is_some() {
            columns.push(Column::distance());
        }
        Self {
            columns,
            positions,
            distance: query.near.is_some(),
        }
    }

    /// The columns.
    #[must_use]
    pub fn columns(&self) -> &[Column] {
        &self.columns
    }

    /// The positions of the columns in the collection; none where one of them is no column of it.
    #[must_use]
    pub fn positions(&self) -> Option<&[usize]> {
        (!self.distance).then_some(self.positions.as_slice())
    }

    /// A row with these columns only; `distance` in metres.
    #[must_use]
    pub fn of(&self, mut feature: Feature, distance: Option<f64>) -> Feature {
        let mut values: Vec<_> = self
            .positions
            .iter()
            .map(|at| std::mem::replace(&mut feature.values[*at], Value::Null))
            .collect();
        if self.distance {
            // Millimetres: what lies below is noise of the ellipsoid's series.
            let rounded = distance.map(|metres| (metres * 1000.0).round() / 1000.0);
            values.push(rounded.map_or(Value::Null, Value::Number));
        }
        feature.values = values;
        feature
    }
}

/// Every feature has its id, and a query by nearness its distance: naming them asks for nothing more.
const ALWAYS: [&str; 2] = ["id", "distance_m"];

pub(super) fn positions(info: &CollectionInfo, text: &str) -> Result<Vec<usize>, String> {
    let mut found = Vec::new();
    for name in text.split(',').map(str::trim) {
        match info.column_index(name) {
            Some(column) if found.contains(&column) => {
                return Err(format!("{name:?} is given twice"));
            }
            Some(column) => found.push(column),
            None if ALWAYS.contains(&name) => {}
            None => return Err(unknown(info, name)),
        }
    }
    Ok(found)
}

/// Says that there is no such column, and which is meant perhaps.
#[must_use]
pub fn unknown(info: &CollectionInfo, name: &str) -> String {
    let known = info.columns.iter().map(|column| column.name.as_str());
    let meant =
        nearest(name, known).map_or_else(String::new, |meant| format!("; did you mean {meant:?}?"));
    let name: String = name.chars().take(100).collect();
    format!("collection {:?} has no column {name:?}{meant}", info.id)
}
