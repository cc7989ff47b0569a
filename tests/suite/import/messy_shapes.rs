//! The README's options for messy files, those about shapes and ids, as they stand there.

use std::fs;

use super::made::{folder, ill, well};
use crate::support::shipped;

/// The example of an option in the README's table, without the program's name.
fn example(option: &str) -> Vec<String> {
    let readme = fs::read_to_string(shipped().join("README.md")).expect("the README");
    let table = readme
        .split("More of them, for encodings, formats and shapes:")
        .nth(1)
        .expect("the table");
    let start = format!("| `{option}` |");
    let row = table.lines().find(|line| line.starts_with(&start));
    let row = row.unwrap_or_else(|| panic!("no row {option}"));
    let example = row.rsplit('`').nth(1).expect("an example");
    let words = example
        .split(' ')
        .map(|word| if word == "my-town" { "plan" } else { word });
    words.skip(1).map(str::to_owned).collect()
}

#[test]
fn examples_of_options_help() {
    let square = "[[121.36,31.27],[121.361,31.27],[121.361,31.271],[121.36,31.271],[121.36,31.27]]";
    let bow_tie =
        "[[121.38,31.27],[121.381,31.271],[121.381,31.27],[121.38,31.271],[121.38,31.27]]";
    let hole =
        "[[121.362,31.27],[121.362,31.2703],[121.3623,31.2703],[121.3623,31.27],[121.362,31.27]]";
    let feature = |code: &str, rings: &str| {
        format!(
            r#"{{"type":"Feature","id":7,"properties":{{"code":"{code}"}},"geometry":{{"type":"Polygon","coordinates":[{rings}]}}}}"#
        )
    };
    let file = |features: &[String]| {
        format!(
            r#"{{"type":"FeatureCollection","features":[{}]}}"#,
            features.join(",")
        )
    };
    let without_id = |text: String| text.replace("\"id\":7,", "");
    let plots = without_id(file(&[feature("a", square), feature("b", bow_tie)]));
    let holes = without_id(file(&[feature("a", &format!("{square},{hole}"))]));
    let doubles = file(&[feature("a", square), feature("b", square)]);
    for (option, name, text, expected) in [
        (
            "--skip-invalid FILE",
            "plots.geojson",
            &plots,
            "1 record is left out and listed in skipped.csv",
        ),
        ("--repair", "plots.geojson", &plots, "repaired record 2"),
        (
            "--repair=PERCENT",
            "holes.geojson",
            &holes,
            "repaired record 1",
        ),
        ("--id", "doubles.geojson", &doubles, "2 records -> doubles"),
    ] {
        let folder = folder();
        let folder = folder.path();
        fs::write(folder.join(name), text).expect("written");
        let words = example(option);
        let words: Vec<&str> = words.iter().map(String::as_str).collect();
        // Without the option the file is refused, and the message names a way out.
        let bare = ["import", name, "--into", "x", "--plan", "plan"];
        let said = ill(folder, &bare);
        let named = option.split(['=', ' ']).next().expect("a word");
        assert!(said.contains(named), "{option}: {said}");
        let told = well(folder, &words);
        assert!(told.contains(expected), "{option}: {told}");
    }
}
