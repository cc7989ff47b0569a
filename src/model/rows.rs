use std::panic::resume_unwind;
use std::thread;

use geo::Geometry;

use super::cells::{Cells, CellsBuilder, Row};
use super::ids::{IdRef, Ids, IdsBuilder};
use super::shapes::{Shapes, ShapesBuilder};
use super::{Column, Feature, FeatureId, Value};

/// The rows of a collection in id order, column by column: a few allocations whatever their number.
#[derive(Debug, Clone)]
pub struct Rows {
    /// Ascending.
    pub ids: Ids,
    /// Where they are.
    pub shapes: Shapes,
    /// In the order of the collection's columns.
    pub columns: Vec<Cells>,
}

impl Rows {
    /// Takes features in any order.
    #[must_use]
    pub fn collect(columns: &[Column], features: impl IntoIterator<Item = Feature>) -> Self {
        let mut rows = RowsBuilder::new(columns);
        for feature in features {
            rows.push(&feature.id, feature.geometry.as_ref(), &feature.values);
        }
        rows.finish()
    }

    /// How many there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.ids.len()
    }

    /// True where there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.ids.is_empty()
    }

    /// A copy of a row.
    #[must_use]
    pub fn feature(&self, row: Row) -> Feature {
        Feature {
            id: self.ids.get(row).to_id(),
            geometry: self.shapes.get(row).to_geometry(),
            values: self.columns.iter().map(|cells| cells.value(row)).collect(),
        }
    }

    /// A copy of each row, in id order.
    pub fn iter(&self) -> impl Iterator<Item = Feature> {
        (0..self.len()).zip(0..).map(|(_, row)| self.feature(row))
    }
}

/// Rows as they come, in any order.
#[derive(Debug)]
pub struct RowsBuilder {
    ids: IdsBuilder,
    shapes: ShapesBuilder,
    columns: Vec<CellsBuilder>,
}

impl RowsBuilder {
    /// For a collection of these columns.
    #[must_use]
    pub fn new(columns: &[Column]) -> Self {
        Self {
            ids: IdsBuilder::default(),
            shapes: ShapesBuilder::default(),
            columns: columns
                .iter()
                .map(|column| CellsBuilder::new(column.kind))
                .collect(),
        }
    }

    /// Adds a row. Cells that are missing are null.
    pub fn push(&mut self, id: &FeatureId, geometry: Option<&Geometry<f64>>, values: &[Value]) {
        self.ids.push(IdRef::from(id));
        self.shapes.push(geometry);
        for (at, cells) in self.columns.iter_mut().enumerate() {
            cells.push(values.get(at).unwrap_or(&Value::Null));
        }
    }

    /// Adds all rows of others with the same columns.
    pub fn append(&mut self, more: Self) {
        self.ids.append(&more.ids);
        self.shapes.append(&more.shapes.finish());
        for (cells, more) in self.columns.iter_mut().zip(&more.columns) {
            cells.append(more);
        }
    }

    /// How many there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.ids.len()
    }

    /// True where there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The text of an id, by the position in which it came.
    #[must_use]
    pub fn id(&self, at: usize) -> &str {
        self.ids.text(at)
    }

    /// Puts the rows in id order. Nothing is moved where they came in it; else each column is, one
    /// after another.
    #[must_use]
    pub fn finish(self) -> Rows {
        let (ids, order) = self.ids.finish();
        let order = order.as_deref();
        let (shapes, columns) = (self.shapes, self.columns);
        let columns = || columns.into_iter().map(|cells| cells.finish(order));
        let (shapes, columns) = thread::scope(|scope| {
            let shapes = scope.spawn(|| match order {
                None => shapes.finish(),
                Some(order) => shapes.ordered(order),
            });
            let columns = columns().collect();
            let shapes = shapes.join();
            (shapes.unwrap_or_else(|panic| resume_unwind(panic)), columns)
        });
        Rows {
            ids,
            shapes,
            columns,
        }
    }
}

#[cfg(test)]
mod tests {
    use geo::Point;
    use proptest::collection::vec;
    use proptest::prelude::*;

    use super::*;
    use crate::model::ColumnType;

    const KINDS: [ColumnType; 8] = [
        ColumnType::String,
        ColumnType::Integer,
        ColumnType::Number,
        ColumnType::Boolean,
        ColumnType::Date,
        ColumnType::Timestamp,
        ColumnType::Strings,
        ColumnType::Json,
    ];

    fn columns() -> Vec<Column> {
        let column = |kind| Column {
            kind,
            ..Column::distance()
        };
        KINDS.map(column).into()
    }

    fn id() -> impl Strategy<Value = FeatureId> {
        prop_oneof![
            (-9..20_i64).prop_map(FeatureId::Number),
            "[a-c一二]{1,3}".prop_map(FeatureId::from)
        ]
    }

    /// One cell of each type, among many texts or few and numbers of every width.
    fn cells() -> impl Strategy<Value = Vec<Value>> {
        let text = || prop_oneof!["[a-z]{1,2}", "x"];
        let whole = prop_oneof![-9..9_i64, any::<i32>().prop_map(i64::from), any::<i64>()];
        let stated = (
            text().prop_map(Value::Text),
            whole.prop_map(Value::Integer),
            (-1e9..1e9).prop_map(Value::Number),
            any::<bool>().prop_map(Value::Boolean),
            (-9..9).prop_map(Value::Date),
            (-9..9_i64).prop_map(Value::Timestamp),
            vec(text(), 0..3).prop_map(Value::Strings),
            text().prop_map(|text| Value::Json(format!("\"{text}\""))),
        );
        (stated, any::<u8>()).prop_map(|((a, b, c, d, e, f, g, h), nulls)| {
            let all = [a, b, c, d, e, f, g, h].into_iter().enumerate();
            all.map(|(at, value)| {
                if nulls >> at & 1 == 1 {
                    Value::Null
                } else {
                    value
                }
            })
            .collect()
        })
    }

    proptest! {
        /// In whatever parts and order rows come, they are all there, in id order.
        #[test]
        fn rows_come_back_in_id_order(
            rows in vec((id(), cells(), any::<bool>()), 0..700),
            part in 1..80_usize,
            wide in any::<bool>(),
        ) {
            let mut features: Vec<_> = rows
                .into_iter()
                .zip(0_i32..)
                .map(|((id, mut values, placed), at)| {
                    if wide {
                        values[0] = Value::Text(format!("t{at}"));
                    }
                    let geometry = placed.then(|| Point::new(f64::from(at), 0.5).into());
                    Feature { id, geometry, values }
                })
                .collect();
            let mut all = RowsBuilder::new(&columns());
            for features in features.chunks(part) {
                let mut some = RowsBuilder::new(&columns());
                for feature in features {
                    some.push(&feature.id, feature.geometry.as_ref(), &feature.values);
                }
                all.append(some);
            }
            let rows = all.finish();
            features.sort_by(|a, b| a.id.cmp(&b.id));
            prop_assert!(rows.iter().eq(features.iter().cloned()));
            for (row, feature) in (0..).zip(&features) {
                let found = rows.ids.row(&feature.id.text()).expect("a row");
                prop_assert_eq!(rows.ids.get(found), IdRef::from(&feature.id));
                for (cells, value) in rows.columns.iter().zip(&feature.values) {
                    prop_assert_eq!(cells.is_null(row), value.is_null());
                }
            }
            for missing in ["zz", "007", "+7", "99", ""] {
                prop_assert_eq!(rows.ids.row(missing), None);
            }
            let texts = |at: usize| match &rows.columns[at] {
                Cells::Text { dictionary, .. } | Cells::Strings { dictionary, .. } => dictionary.clone(),
                _ => unreachable!("a column of texts"),
            };
            for dictionary in [texts(0), texts(6)] {
                prop_assert!(dictionary.iter().is_sorted_by(|a, b| a < b));
            }
        }
    }
}
