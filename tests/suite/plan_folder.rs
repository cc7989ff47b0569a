//! What a plan folder may lead to, and what its colours may be.

use std::fs;
use std::os::unix::fs::symlink;
use std::path::Path;

use buju::ingest::{self, PlanFiles};
use buju::model::{Finding, Severity};

use crate::bad_input::{copy, edit};
use crate::cli::{buju, out};

fn errors(folder: &Path) -> Vec<Finding> {
    let files = PlanFiles::Folder(folder.to_owned());
    let mut findings = ingest::load(&files).expect("a folder").findings;
    findings.retain(|finding| finding.severity == Severity::Error);
    findings
}

/// Puts a link in the place of a file, which is moved to where it leads.
fn link(folder: &Path, file: &str, to: &Path) {
    let own = folder.join(file);
    fs::rename(&own, to).expect("moved");
    symlink(to, own).expect("linked");
}

#[test]
fn a_link_out_of_the_folder_is_refused_by_file_and_key() {
    let elsewhere = tempfile::tempdir().expect("a folder");
    for (file, check, key) in [
        ("seeds/plan.toml", "missing-file", ""),
        ("seeds/collections.toml", "missing-file", ""),
        (
            "seeds/projects.csv",
            "missing-file",
            "register in seeds/plan.toml",
        ),
        (
            "geodata/parcels.geojson",
            "missing-file",
            "source in seeds/collections.toml",
        ),
    ] {
        let folder = copy();
        assert!(errors(folder.path()).is_empty());
        let target = elsewhere.path().join(file.replace('/', "-"));
        link(folder.path(), file, &target);
        let found = errors(folder.path());
        let about: Vec<_> = found
            .iter()
            .filter(|finding| finding.file == file)
            .collect();
        assert_eq!(about.len(), 1, "{found:#?}");
        assert_eq!(about[0].check, check);
        let reason = &about[0].reason;
        assert!(
            reason.contains("link that leads out of the plan folder") && reason.contains(key),
            "{reason}"
        );
        assert!(
            !reason.contains(elsewhere.path().to_str().expect("a text")),
            "{reason}"
        );
        let path = folder.path().to_str().expect("a text");
        let checked = buju(&["check", "--plan", path]);
        assert_eq!(checked.status.code(), Some(1), "{}", out(&checked));
        assert!(
            out(&checked).contains("leads out of the plan folder"),
            "{}",
            out(&checked)
        );
    }
    let folder = copy();
    for name in ["../projects.csv", "/etc/passwd", "a/b.csv", ".hidden"] {
        edit(folder.path(), "seeds/plan.toml", |text| {
            let lines = text.lines().map(|line| {
                if line.starts_with("register") {
                    format!("register = {name:?}")
                } else {
                    line.to_owned()
                }
            });
            lines.collect::<Vec<_>>().join("\n")
        });
        let found = errors(folder.path());
        let is = |finding: &Finding| {
            finding.check == "setting" && finding.reason.contains("register: expected")
        };
        assert!(found.iter().any(is), "{name}: {found:#?}");
    }
}

/// The whole of `geodata` elsewhere is out as well; a formats' own reader is no way round.
#[test]
fn folders_and_other_formats_are_no_way_out() {
    let elsewhere = tempfile::tempdir().expect("a folder");
    let folder = copy();
    link(folder.path(), "geodata", &elsewhere.path().join("geodata"));
    let found = errors(folder.path());
    assert!(
        found
            .iter()
            .any(|finding| finding.file == "geodata/parcels.geojson"),
        "{found:#?}"
    );
    for ending in ["gpkg", "fgb"] {
        let folder = copy();
        let source = format!("waters.{ending}");
        fs::write(elsewhere.path().join(&source), "SQLite format 3").expect("written");
        symlink(
            elsewhere.path().join(&source),
            folder.path().join("geodata").join(&source),
        )
        .expect("linked");
        edit(folder.path(), "seeds/collections.toml", |text| {
            text.replace("waters.geojson", &source)
        });
        let found = errors(folder.path());
        let file = format!("geodata/{source}");
        let about = found
            .iter()
            .find(|finding| finding.file == file)
            .expect("a finding");
        assert!(about.reason.contains("leads out"), "{about:?}");
    }
}

/// As Kubernetes mounts a `ConfigMap`, and as a folder that is a link itself.
#[test]
fn links_inside_the_folder_are_followed() {
    let folder = copy();
    for part in ["seeds", "geodata"] {
        let part = folder.path().join(part);
        fs::create_dir(part.join("..2026_11")).expect("a folder");
        symlink("..2026_11", part.join("..data")).expect("linked");
        for entry in fs::read_dir(&part).expect("a folder").flatten() {
            let name = entry.file_name();
            if entry.path().is_file() {
                fs::rename(entry.path(), part.join("..2026_11").join(&name)).expect("moved");
                symlink(Path::new("..data").join(&name), part.join(&name)).expect("linked");
            }
        }
    }
    assert_eq!(errors(folder.path()), []);
    let beside = tempfile::tempdir().expect("a folder");
    let whole = beside.path().join("plan");
    symlink(folder.path(), &whole).expect("linked");
    assert_eq!(errors(&whole), []);
}

#[test]
fn an_import_writes_nothing_outside() {
    let elsewhere = tempfile::tempdir().expect("a folder");
    let folder = copy();
    let target = elsewhere.path().join("context.geojson");
    let file = folder.path().join("rows.geojson");
    fs::copy(folder.path().join("geodata/context.geojson"), &file).expect("copied");
    link(folder.path(), "geodata/context.geojson", &target);
    let before = fs::read(&target).expect("read");
    let path = folder.path().to_str().expect("a text");
    let file = file.to_str().expect("a text");
    let done = buju(&["import", file, "--into", "context", "--plan", path]);
    assert!(!done.status.success());
    let said = String::from_utf8_lossy(&done.stderr);
    assert!(said.contains("leads out of the plan folder"), "{said}");
    assert_eq!(fs::read(&target).expect("read"), before);
}

#[test]
fn a_drawing_stays_in_its_folder() {
    let elsewhere = tempfile::tempdir().expect("a folder");
    for file in [
        "geodata/recipe.toml",
        "geodata/control_points.csv",
        "geodata/parcels.geojson",
    ] {
        let folder = copy();
        for extra in ["recipe.toml", "control_points.csv"] {
            let from = crate::support::shipped().join("geodata").join(extra);
            fs::copy(from, folder.path().join("geodata").join(extra)).expect("copied");
        }
        let target = elsewhere.path().join(file.replace('/', "-"));
        link(folder.path(), file, &target);
        let path = folder.path().to_str().expect("a text");
        let done = buju(&["draw", "--plan", path]);
        let said = String::from_utf8_lossy(&done.stderr);
        assert!(
            !done.status.success() && said.contains("leads out of the plan folder"),
            "{file}: {said}"
        );
    }
}

/// Colours go into style sheets, pictures and attributes as they are.
#[test]
fn what_is_no_colour_or_width_is_named() {
    for (from, to, words) in [
        (
            "#",
            "red; x: url(//x.example)",
            &["style.color", "#rrggbb"][..],
        ),
        ("#", "\\\"/><script>", &["style.color", "#rrggbb"]),
        ("#", "#12345", &["style.color", "#12345"]),
        ("#", "#12345é", &["style.color"]),
        ("#", "", &["style.color"]),
    ] {
        let folder = copy();
        edit(folder.path(), "seeds/collections.toml", |text| {
            let start =
                text.find("style = { color = \"").expect("a style") + "style = { color = \"".len();
            let end = start + text[start..].find('"').expect("an end");
            assert!(text[start..].starts_with(from));
            format!("{}{to}{}", &text[..start], &text[end..])
        });
        let found = errors(folder.path());
        assert_eq!(found.len(), 1, "{to}: {found:#?}");
        assert_eq!(
            (found[0].check, found[0].file.as_str()),
            ("setting", "seeds/collections.toml")
        );
        for word in words {
            assert!(found[0].reason.contains(word), "{}", found[0].reason);
        }
        assert!(
            found[0].reason.starts_with("collection \""),
            "{}",
            found[0].reason
        );
    }
    let folder = copy();
    edit(folder.path(), "seeds/collections.toml", |text| {
        let at = text.find(", color = \"#").expect("a colour of a code");
        format!(
            "{}, color = \"url(x)\"{}",
            &text[..at],
            &text[at + ", color = \"#123456\"".len()..]
        )
    });
    let found = errors(folder.path());
    assert!(!found.is_empty());
    for finding in &found {
        assert!(
            finding.reason.contains(": code \"") && finding.reason.contains("columns."),
            "{finding:?}"
        );
    }
    for width in ["0", "-1", "inf", "nan", "1e9"] {
        let folder = copy();
        edit(folder.path(), "seeds/collections.toml", |text| {
            text.replacen("width = 2.0", &format!("width = {width}"), 1)
        });
        let found = errors(folder.path());
        assert_eq!(found.len(), 1, "{width}: {found:#?}");
        assert!(
            found[0].reason.contains("style.width"),
            "{width}: {found:#?}"
        );
    }
}
