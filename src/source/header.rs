use std::collections::{HashMap, HashSet};

/// As many as a spreadsheet has.
pub(super) const MOST: usize = 16_384;

/// The names of columns as they are used: blanks at their ends and line breaks away, one that is empty called by its
/// place, and one that is there already with a number behind it.
pub(super) fn names(
    raw: impl IntoIterator<Item = String>,
    notes: &mut Vec<String>,
) -> Result<Vec<String>, String> {
    let raw: Vec<String> = raw
        .into_iter()
        .take(MOST + 1)
        .map(|name| on_one_line(&name))
        .collect();
    if raw.len() > MOST {
        return Err(format!("expected {MOST} columns at most, found more"));
    }
    // No number makes a name that another column has itself.
    let own: HashSet<&str> = raw.iter().map(String::as_str).collect();
    let mut places: HashMap<String, usize> = HashMap::new();
    let mut numbers: HashMap<String, usize> = HashMap::new();
    let mut names = Vec::new();
    for (at, name) in raw.iter().enumerate() {
        let place = at + 1;
        let mut name = name.clone();
        if name.is_empty() {
            name = format!("column_{place}");
            notes.push(format!("column {place} has no name: it is called {name}"));
        }
        if let Some(first) = places.get(&name).copied() {
            let number = numbers.entry(name.clone()).or_insert(1);
            let numbered = loop {
                *number += 1;
                let numbered = format!("{name}_{number}");
                if !own.contains(numbered.as_str()) && !places.contains_key(&numbered) {
                    break numbered;
                }
            };
            notes.push(format!(
                "column {place} is called {name} as column {first} is: it is taken as {numbered}"
            ));
            name = numbered;
        }
        places.insert(name.clone(), place);
        names.push(name);
    }
    Ok(names)
}

/// A name that was broken for a narrow column: `用地⏎面积`, `Site⏎area`.
fn on_one_line(name: &str) -> String {
    let mut lines = name.split(['\r', '\n']).map(str::trim);
    let mut one = lines.next().unwrap_or_default().to_owned();
    for line in lines.filter(|line| !line.is_empty()) {
        let latin = one.ends_with(|c: char| c.is_ascii_alphanumeric())
            && line.starts_with(|c: char| c.is_ascii_alphanumeric());
        if latin {
            one.push(' ');
        }
        one.push_str(line);
    }
    one
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(raw: &[&str]) -> (Vec<String>, Vec<String>) {
        let mut notes = Vec::new();
        let raw = raw.iter().map(|name| (*name).to_owned());
        let found = names(raw, &mut notes).expect("names");
        (found, notes)
    }

    #[test]
    fn names_are_unique_and_never_empty() {
        let (names, notes) = found(&["名称 ", "", "a"]);
        assert_eq!(names, ["名称", "column_2", "a"]);
        assert_eq!(notes, ["column 2 has no name: it is called column_2"]);
        let (names, notes) = found(&["备注", "a", "备注", "备注_2", " 备注"]);
        assert_eq!(names, ["备注", "a", "备注_3", "备注_2", "备注_4"]);
        assert_eq!(
            notes[0],
            "column 3 is called 备注 as column 1 is: it is taken as 备注_3"
        );
        let (names, _) = found(&["column_2", ""]);
        assert_eq!(names, ["column_2", "column_2_2"]);
        let (names, _) = found(&["用地\n面积", "Site\r\narea", "经度\n(度)"]);
        assert_eq!(names, ["用地面积", "Site area", "经度(度)"]);
        assert_eq!(found(&vec!["a"; MOST]).0.len(), MOST);
    }
}
