use super::filter::nearest;
use crate::model::{CollectionInfo, ColumnType};

/// The most keys that a sort may have.
const MAX_KEYS: usize = 16;

/// What rows are sorted by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SortBy {
    /// The id.
    Id,
    /// The column at this position.
    Column(usize),
    /// Metres to the nearest place of the query's `near`; nothing where it has none.
    Distance,
}

/// One key of a sort.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SortKey {
    /// What by.
    pub by: SortBy,
    /// Greatest first.
    pub descending: bool,
}

/// Why a text is not a sort.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SortError {
    /// An empty key.
    #[error("expected names of columns separated by commas, with + or - before them")]
    Empty,
    /// Not a column.
    #[error("there is no property {name:?} to sort by{}", offered(.nearest.as_deref()))]
    Property {
        /// As it was written.
        name: String,
        /// A known name that looks like it.
        nearest: Option<String>,
    },
    /// A column without an order.
    #[error("{name:?} holds {kind}, which has no order")]
    NoOrder {
        /// Column.
        name: String,
        /// Its type.
        kind: ColumnType,
    },
    /// A key twice.
    #[error("{0:?} is given twice")]
    Twice(String),
    /// Too many keys.
    #[error("a sort has at most {MAX_KEYS} keys")]
    TooMany,
}

fn offered(nearest: Option<&str>) -> String {
    nearest.map_or_else(String::new, |name| format!("; did you mean {name:?}?"))
}

/// Reads `-plot_ratio,+name_zh`: columns, `id`, and `distance_m` for queries by nearness. A blank
/// before a name is what a URL makes of `+`.
///
/// # Errors
/// Not such a list, or not columns of this collection.
pub fn sort_keys(info: &CollectionInfo, text: &str) -> Result<Vec<SortKey>, SortError> {
    let mut keys: Vec<SortKey> = Vec::new();
    for part in text.split(',') {
        let (descending, name) = match part.strip_prefix('-') {
            Some(name) => (true, name),
            None => (false, part.strip_prefix(['+', ' ']).unwrap_or(part)),
        };
        if name.is_empty() {
            return Err(SortError::Empty);
        }
        let by = match (info.column_index(name), name) {
            (Some(column), _) => {
                let kind = info.columns[column].kind;
                if !kind.is_ordered() {
                    let name = name.to_owned();
                    return Err(SortError::NoOrder { name, kind });
                }
                SortBy::Column(column)
            }
            (None, "id") => SortBy::Id,
            (None, "distance_m") => SortBy::Distance,
            (None, _) => {
                let columns = info.columns.iter().map(|column| column.name.as_str());
                return Err(SortError::Property {
                    name: name.chars().take(100).collect(),
                    nearest: nearest(name, columns.chain(["id"])),
                });
            }
        };
        if keys.iter().any(|key| key.by == by) {
            return Err(SortError::Twice(name.to_owned()));
        }
        if keys.len() == MAX_KEYS {
            return Err(SortError::TooMany);
        }
        keys.push(SortKey { by, descending });
    }
    Ok(keys)
}
