use crate::model::{Codes, Texts, Value};
use crate::snapshot::{Cells, Collection, Row};

/// With more classes than this a place would be a mix of colours; features are then merged whatever
/// their class.
const MOST: usize = 64;

/// The classes of a collection's features, counted from 0; the last one is that of rows without one.
#[derive(Debug, Clone, Copy)]
pub(super) struct Classes<'a>(Option<(&'a Texts, &'a Codes)>);

impl<'a> Classes<'a> {
    /// By the column that the style names; one class where there is none.
    pub fn of(collection: &'a Collection) -> Self {
        let column = collection.info.style.class_column.as_deref();
        let column = column.and_then(|name| collection.info.column_index(name));
        Self(column.and_then(|column| match collection.cells(column) {
            Cells::Text { dictionary, codes } if dictionary.len() < MOST => {
                Some((dictionary, codes))
            }
            _ => None,
        }))
    }

    pub fn count(self) -> usize {
        self.0.map_or(1, |(dictionary, _)| dictionary.len() + 1)
    }

    #[expect(clippy::cast_possible_truncation, reason = "at most 64")]
    pub fn class(self, row: Row) -> u8 {
        self.0.map_or(0, |(dictionary, codes)| {
            codes.get(row).unwrap_or(dictionary.len() as u32) as u8
        })
    }

    /// The text of a class.
    pub fn value(self, class: usize) -> Value {
        let text = self.0.and_then(|(dictionary, _)| dictionary.get(class));
        text.map_or(Value::Null, |text| Value::Text(text.to_owned()))
    }
}
