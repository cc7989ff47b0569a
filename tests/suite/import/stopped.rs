//! An import that is killed or stopped leaves the plan as it was.

use std::fs;
use std::io::Write;
use std::process::{Command, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

use super::made::{everything, folder, items, well};

/// A file that takes some seconds.
fn large(path: &std::path::Path) {
    let mut file = std::io::BufWriter::new(fs::File::create(path).expect("a file"));
    for at in 0..400_000_u32 {
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

#[cfg(unix)]
#[tokio::test]
async fn the_plan_stays_as_it_was() {
    let folder = folder();
    let folder = folder.path();
    let plan = folder.join("plan");
    well(
        folder,
        &[
            "import",
            "town.geojson",
            "--into",
            "plots",
            "--id",
            "地块编号",
            "--plan",
            "plan",
        ],
    );
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
    for (signal, more) in [("KILL", 0), ("KILL", 150), ("INT", 50)] {
        let mut child = Command::new(env!("CARGO_BIN_EXE_buju"))
            .args(told)
            .current_dir(folder)
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .expect("the program runs");
        // In the midst of writing.
        let started = Instant::now();
        while !everything(&plan).iter().any(|(path, bytes)| {
            let name = path.file_name().expect("a name").to_string_lossy();
            is_draft(&name) && !bytes.is_empty()
        }) {
            assert!(started.elapsed() < Duration::from_secs(60), "no draft");
            assert_eq!(child.try_wait().expect("a state"), None, "it has ended");
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
        if signal == "INT" {
            let said = String::from_utf8_lossy(&output.stderr);
            assert!(said.contains("stopped; nothing was written"), "{said}");
            assert_eq!(everything(&plan).len(), before.len(), "a draft was left");
        }
    }
    // What was killed left a draft, which the next one has removed.
    assert_eq!(items(&plan, "plots").await.len(), 30);
}
