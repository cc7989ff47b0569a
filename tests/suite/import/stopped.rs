//! An import that is killed or stopped leaves the plan as it was.

use std::fs;
use std::io::Write;
use std::process::{Command, Stdio};
use std::thread::sleep;
use std::time::Duration;

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
    for (signal, wait) in [("KILL", 300), ("KILL", 900), ("INT", 600)] {
        let mut child = Command::new(env!("CARGO_BIN_EXE_buju"))
            .args(told)
            .current_dir(folder)
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .expect("the program runs");
        sleep(Duration::from_millis(wait));
        let sent = Command::new("kill")
            .args(["-s", signal, &child.id().to_string()])
            .status();
        assert!(
            sent.expect("kill").success(),
            "it was done before it was stopped"
        );
        let output = child.wait_with_output().expect("an end");
        assert!(!output.status.success());
        let after: Vec<_> = everything(&plan)
            .into_iter()
            .filter(|(path, _)| {
                let name = path.file_name().expect("a name").to_string_lossy();
                !name.starts_with(".buju-import-")
            })
            .collect();
        assert_eq!(after.len(), before.len());
        assert!(after == before, "the plan has changed");
        if signal == "INT" {
            let said = String::from_utf8_lossy(&output.stderr);
            assert!(said.contains("stopped; nothing was written"), "{said}");
            assert_eq!(
                everything(&plan).len(),
                before.len(),
                "a draft was left behind"
            );
        }
        child = Command::new("true").spawn().expect("nothing");
        let _ = child.wait();
    }
    assert_eq!(items(&plan, "plots").await.len(), 30);
}
