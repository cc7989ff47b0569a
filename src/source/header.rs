use std::collections::HashMap;

/// As many as a spreadsheet has.
pub(super) const MOST: usize = 16_384;

/// The names of columns as they are used: blanks at their ends away, and one that is empty called by its
/// place. Two that are the same are an error: values could not be told apart.
pub(super) fn names(
    raw: impl IntoIterator<Item = String>,
    notes: &mut Vec<String>,
) -> Result<Vec<String>, String> {
    let mut seen = HashMap::new();
    let mut names = Vec::new();
    for (at, name) in raw.into_iter().enumerate() {
        let place = at + 1;
        if place > MOST {
            return Err(format!("expected {MOST} columns at most, found more"));
        }
        let name = match name.trim() {
            "" => {
                notes.push(format!(
                    "column {place} has no name: it is called column_{place}"
                ));
                format!("column_{place}")
            }
            name => name.to_owned(),
        };
        if let Some(first) = seen.insert(name.clone(), place) {
            return Err(format!(
                "expected columns with names of their own, found {name:?} as column {first} and column {place}"
            ));
        }
        names.push(name);
    }
    Ok(names)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_unique_and_never_empty() {
        let raw = |names: &[&str]| {
            names
                .iter()
                .map(|name| (*name).to_owned())
                .collect::<Vec<_>>()
        };
        let mut notes = Vec::new();
        let found = names(raw(&["名称 ", "", "a"]), &mut notes).expect("names");
        assert_eq!(found, ["名称", "column_2", "a"]);
        assert_eq!(notes, ["column 2 has no name: it is called column_2"]);
        let error = names(raw(&["a", "b", " a"]), &mut notes).expect_err("twice");
        assert!(error.contains("\"a\" as column 1 and column 3"), "{error}");
    }
}
