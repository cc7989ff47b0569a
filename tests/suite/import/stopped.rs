//! An import that is killed or stopped leaves the plan as it was.

use std::ffi::OsString;
use std::fs;
use std::io::Write;
use std::path::Path;
use std::process::{Command, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

use super::made::{everything, folder, into_plots, items, well};

/// A file that takes some seconds.
fn large(path: &Path) {
    let mut file = std::io::BufWriter::new(fs::File::create(path).expect("a file"));
    for at in 0..200_000_u32 {
        let (x, y) = (
            121.34 + f64::from(at % 600) * 1e-5,
            31.28 + f64::from(at / 600) * 1e-5,
        );
        writeln!(
            file,
            r#"{{"type":"Feature","properties":{{"地块编号":"L-{at}"}},"geometry":{{"type":"Point","coordinates":[{x},{y}]}}}}"#
        )
        .expect("written");
    }
    file.flush().expect("written");
}

/// What stands beside the plan's files, and has something in it.
fn drafts(plan: &Path) -> Vec<OsString> {
    let all = fs::read_dir(plan.join("geodata"))
        .expect("a folder")
        .flatten();
    let all = all.filter(|entry| {
        let is_draft = entry
            .file_name()
            .to_string_lossy()
            .starts_with(".buju-import-");
        is_draft && entry.metadata().is_ok_and(|about| about.len() > 0)
    });
    all.map(|entry| entry.file_name()).collect()
}

#[cfg(unix)]
#[tokio::test]
async fn the_plan_stays_as_it_was() {
    let folder = folder();
    let folder = folder.path();
    let plan = folder.join("plan");
    well(folder, &into_plots("town.geojson"));
    large(&folder.join("large.ndjson"));
    let before = everything(&plan);
    let told = [
        "import",
        "large.ndjson",
        "--into",
        "large",
        "--id",
        "地块编号",
        "--plan",
        "plan",
    ];
    let is_draft = |name: &str| name.starts_with(".buju-import-");
    let mut left = Vec::new();
    for (signal, more) in [
        ("KILL", 0),
        ("KILL", 50),
        ("INT", 20),
        ("TERM", 20),
        ("HUP", 20),
    ] {
        let mut child = Command::new(env!("CARGO_BIN_EXE_buju"))
            .args(told)
            .current_dir(folder)
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .expect("the program runs");
        // In the midst of writing, beside what one that was killed has left.
        let started = Instant::now();
        while drafts(&plan).iter().all(|name| left.contains(name)) {
            assert!(started.elapsed() < Duration::from_secs(240), "no draft");
            assert_eq!(child.try_wait().expect("a state"), None, "it has ended");
            sleep(Duration::from_millis(2));
        }
        sleep(Duration::from_millis(more));
        let pid = child.id().to_string();
        let sent = Command::new("kill").args(["-s", signal, &pid]).status();
        assert!(sent.expect("kill").success());
        let output = child.wait_with_output().expect("an end");
        assert!(
            !output.status.success(),
            "it was done before it was stopped"
        );
        let after: Vec<_> = everything(&plan)
            .into_iter()
            .filter(|(path, _)| !is_draft(&path.file_name().expect("a name").to_string_lossy()))
            .collect();
        assert!(after == before, "the plan has changed");
        left = drafts(&plan);
        if signal == "INT" {
            let said = String::from_utf8_lossy(&output.stderr);
            assert!(said.contains("stopped; nothing was written"), "{said}");
            assert_eq!(everything(&plan).len(), before.len(), "a draft was left");
        }
    }
    assert_eq!(items(&plan, "plots").await.len(), 30);
}

/// A shape that keeps the program busy for seconds, one record.
fn comb(path: &Path) {
    let mut file = std::io::BufWriter::new(fs::File::create(path).expect("a file"));
    let head = r#"{"type":"FeatureCollection","features":[{"type":"Feature","properties":{},"geometry":{"type":"Polygon","coordinates":[[[100,30]"#;
    write!(file, "{head}").expect("written");
    for at in 0..400_000_u32 {
        let x = 121.0 - f64::from(at) * 1e-5;
        let y = 31.0 + f64::from(at % 2) * 0.01;
        write!(file, ",[{:.6},30.5],[{x:.6},{y}]", x + 1e-6).expect("written");
    }
    writeln!(file, ",[100,30]]]}}}}]}}").expect("written");
    file.flush().expect("written");
}

#[cfg(unix)]
#[test]
fn an_import_ends_in_the_midst_of_a_record() {
    let folder = folder();
    let folder = folder.path();
    comb(&folder.join("comb.geojson"));
    let before = everything(&folder.join("plan"));
    let mut child = Command::new(env!("CARGO_BIN_EXE_buju"))
        .args(["import", "comb.geojson", "--into", "comb", "--plan", "plan"])
        .current_dir(folder)
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .expect("the program runs");
    sleep(Duration::from_millis(600));
    assert_eq!(child.try_wait().expect("a state"), None, "it has ended");
    let pid = child.id().to_string();
    let started = Instant::now();
    let sent = Command::new("kill").args(["-s", "INT", &pid]).status();
    assert!(sent.expect("kill").success());
    let status = child.wait().expect("an end");
    // Half a second on an idle machine.
    assert!(
        started.elapsed() < Duration::from_secs(5),
        "{:?}",
        started.elapsed()
    );
    assert_eq!(status.code(), Some(2));
    assert!(
        everything(&folder.join("plan")) == before,
        "something was written"
    );
}
