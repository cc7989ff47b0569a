//! Column names that a format can tell apart, and what else is said of a column.

use std::collections::HashSet;

use crate::model::{Column, Role};

/// The columns' names, in order, changed only where two would be one in a format that ignores case,
/// or where the format has a column of that name already: `Geometry` becomes `Geometry_2`.
pub(super) fn unique(columns: &[Column], taken: &[&str]) -> Vec<String> {
    let mut seen: HashSet<String> = taken.iter().map(|name| name.to_lowercase()).collect();
    let names = columns.iter().map(|column| {
        let mut name = column.name.clone();
        let mut next = 2;
        while !seen.insert(name.to_lowercase()) {
            name = format!("{}_{next}", column.name);
            next += 1;
        }
        name
    });
    names.collect()
}

/// A column's role in a word, as `collections.toml` has it.
pub(super) fn role(role: Role) -> &'static str {
    match role {
        Role::Stated => "stated",
        Role::Derived => "derived",
        Role::Measured => "measured",
        Role::Position => "position",
        Role::Source => "source",
        Role::Note => "note",
    }
}

/// The longest beginning of a text that has at most so many bytes and ends with a whole character.
pub(super) fn beginning(text: &str, bytes: usize) -> &str {
    let mut end = bytes.min(text.len());
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    &text[..end]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{ColumnType, Text};

    fn column(name: &str) -> Column {
        let title = Text {
            zh: name.to_owned(),
            en: name.to_owned(),
        };
        Column {
            name: name.to_owned(),
            title,
            kind: ColumnType::String,
            role: Role::Note,
            unit: None,
            indexed: false,
            tile: false,
            values: Vec::new(),
            compute: None,
            agrees_with: None,
        }
    }

    #[test]
    fn names_differ_without_case() {
        let columns = ["a", "Geometry", "A", "名"].map(column);
        assert_eq!(
            unique(&columns, &["id", "geometry"]),
            ["a", "Geometry_2", "A_2", "名"]
        );
    }

    #[test]
    fn a_beginning_ends_with_a_whole_character() {
        assert_eq!(beginning("布局", 5), "布");
        assert_eq!(beginning("ab", 5), "ab");
    }
}
