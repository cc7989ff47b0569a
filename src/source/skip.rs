use super::{Layer, Record};

/// Columns that are left out of a layer and of its records.
#[derive(Debug, Default)]
pub(super) struct Skipped(Vec<usize>);

impl Skipped {
    /// Takes the columns out of the layer.
    ///
    /// # Errors
    /// It has no column of that name. `column_15` may stand for cells without a name.
    pub fn new(layer: &mut Layer, names: &[String]) -> Result<Self, String> {
        let mut places = Vec::new();
        for name in names {
            let all = layer.columns.iter().enumerate();
            let before = places.len();
            places.extend(all.filter(|(_, c)| c.name == *name).map(|(at, _)| at));
            if places.len() == before && !is_unnamed(name) {
                let known: Vec<_> = layer.columns.iter().map(|c| c.name.as_str()).collect();
                return Err(format!(
                    "--skip-column {name}: the layer has no column {name:?}; it has {}",
                    super::layers::told(&known)
                ));
            }
        }
        places.sort_unstable();
        places.dedup();
        for at in places.iter().rev() {
            let column = layer.columns.remove(*at);
            let name = column.name;
            layer
                .notes
                .push(format!("column {name} is left out (--skip-column)"));
        }
        Ok(Self(places))
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Takes their cells out of a record.
    pub fn apply(&self, record: &mut Record) {
        for at in self.0.iter().rev() {
            if *at < record.values.len() {
                record.values.remove(*at);
            }
        }
    }
}

/// How a column without a name is called: by its place.
fn is_unnamed(name: &str) -> bool {
    name.strip_prefix("column_")
        .is_some_and(|place| place.parse::<usize>().is_ok())
}
