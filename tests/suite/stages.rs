//! A file uses only what stands above its own stage in `src/lib.rs`.

use std::fs;
use std::path::{Path, PathBuf};

fn sources(folder: &Path, into: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            sources(&path, into);
        } else if path.extension().is_some_and(|ending| ending == "rs") {
            into.push(path);
        }
    }
}

/// Names after `crate::`, also those in braces.
fn imports(source: &str) -> Vec<String> {
    let mut names = Vec::new();
    for (at, _) in source.match_indices("crate::") {
        let rest = &source[at + "crate::".len()..];
        assert!(
            !rest.starts_with('{'),
            "write one use per stage, so that this test can read it"
        );
        names.push(
            rest.chars()
                .take_while(|c| c.is_alphanumeric() || *c == '_')
                .collect(),
        );
    }
    names
}

#[test]
fn data_flows_one_way() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let lib = fs::read_to_string(root.join("lib.rs")).expect("lib.rs");
    let stages: Vec<_> = lib
        .lines()
        .filter_map(|line| line.strip_prefix("pub mod ")?.strip_suffix(';'))
        .collect();
    assert!(stages.len() > 8, "{stages:?}");
    let mut files = Vec::new();
    sources(&root, &mut files);
    let mut checked = 0;
    for file in files {
        let inside = file.strip_prefix(&root).expect("inside src");
        let own = inside
            .components()
            .next()
            .expect("a name")
            .as_os_str()
            .to_string_lossy();
        let own = own.trim_end_matches(".rs");
        let Some(rank) = stages.iter().position(|stage| *stage == own) else {
            assert!(
                ["lib", "main"].contains(&own),
                "{} is in no stage",
                inside.display()
            );
            continue;
        };
        for name in imports(&fs::read_to_string(&file).expect("a source file")) {
            let used = stages.iter().position(|stage| *stage == name);
            let used =
                used.unwrap_or_else(|| panic!("{}: crate::{name} is no stage", inside.display()));
            assert!(
                used <= rank,
                "{} uses {name}, which stands below it",
                inside.display()
            );
            checked += 1;
        }
    }
    assert!(checked > 30, "only {checked} imports were found");
}

#[test]
fn only_crs_names_proj() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut files = Vec::new();
    sources(&root, &mut files);
    for file in files {
        let source = fs::read_to_string(&file).expect("a source file");
        let names = source.contains("proj::") || source.contains("use proj");
        assert!(
            !names || file.starts_with(root.join("crs")),
            "{} names proj",
            file.display()
        );
    }
}
