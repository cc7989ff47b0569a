//! The program as an operator runs it: watched files, signals, the token, the log.

use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use serde_json::Value as Json;

use crate::reload::{ALPHA, BRAVO, Edition, TOKEN, Town, features};

/// Longer than anything here takes, on a busy machine too.
const LONG: Duration = Duration::from_secs(60);
/// Looks at the files, and the quiet after a change, take three seconds together.
const SEVERAL_LOOKS: Duration = Duration::from_secs(7);

/// A running server; it ends with this.
struct Program {
    child: Child,
    address: String,
    log: Arc<Mutex<String>>,
}

impl Program {
    fn start(town: &Town, arguments: &[&str], token: Option<&str>) -> Self {
        let mut command = Command::new(env!("CARGO_BIN_EXE_buju"));
        command
            .args(["serve", "--listen", "127.0.0.1:0", "--plan"])
            .arg(town.path())
            .args(arguments)
            .stderr(Stdio::piped());
        for variable in [
            "BUJU_LOG",
            "BUJU_WATCH",
            "BUJU_ADMIN_TOKEN",
            "BUJU_ADMIN_TOKEN_FILE",
        ] {
            command.env_remove(variable);
        }
        if let Some(token) = token {
            command.env("BUJU_ADMIN_TOKEN", token);
        }
        let mut child = command.spawn().expect("the program runs");
        let mut lines = BufReader::new(child.stderr.take().expect("its messages"))
            .lines()
            .map_while(Result::ok);
        let address = lines
            .find_map(|line| Some(line.strip_prefix("http://")?.split('/').next()?.to_owned()));
        let log = Arc::new(Mutex::new(String::new()));
        let into = log.clone();
        std::thread::spawn(move || {
            lines.for_each(|line| into.lock().expect("the log").extend([&line, "\n"]));
        });
        Self {
            child,
            address: address.expect("an address"),
            log,
        }
    }

    fn send(&self, head: &str) -> (u16, String) {
        let mut stream = TcpStream::connect(&self.address).expect("connected");
        stream.set_read_timeout(Some(LONG)).expect("a time");
        write!(stream, "{head}\r\nhost: a\r\nconnection: close\r\n\r\n").expect("sent");
        let mut answer = String::new();
        stream.read_to_string(&mut answer).expect("an answer");
        let (head, body) = answer.split_once("\r\n\r\n").expect("a head");
        let status = head
            .split(' ')
            .nth(1)
            .and_then(|status| status.parse().ok());
        (status.expect("a status"), body.to_owned())
    }

    fn ready(&self) -> Json {
        let (status, body) = self.send("GET /readyz HTTP/1.1");
        assert_eq!(status, 200);
        serde_json::from_str(&body).expect("JSON")
    }

    fn serves(&self, edition: &Edition) -> bool {
        self.ready()["features"] == edition.features
    }

    fn wait_for(&self, what: &str, done: impl Fn(&Self) -> bool) -> Duration {
        let start = Instant::now();
        while !done(self) {
            assert!(
                start.elapsed() < LONG,
                "{what}: {}\n{}",
                self.ready(),
                self.log()
            );
            std::thread::sleep(Duration::from_millis(50));
        }
        start.elapsed()
    }

    fn log(&self) -> String {
        self.log.lock().expect("the log").clone()
    }

    fn sample(&self, name: &str) -> String {
        let (_, body) = self.send("GET /metrics HTTP/1.1");
        let found = body
            .lines()
            .find_map(|line| line.strip_prefix(name)?.strip_prefix(' '));
        found.unwrap_or_else(|| panic!("no {name}")).to_owned()
    }

    fn hang_up(&self) {
        let id = self.child.id().to_string();
        let sent = Command::new("kill").args(["-HUP", &id]).status();
        assert!(sent.is_ok_and(|status| status.success()));
    }

    fn ended(&mut self) -> bool {
        self.child.try_wait().expect("a state").is_some()
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[test]
fn files_are_watched_and_a_broken_plan_leaves_the_old_one() {
    let town = Town::new();
    let server = Program::start(&town, &[], None);
    assert!(server.serves(&ALPHA) && server.ready()["reload"]["watching"] == true);
    let old = server.ready()["version"].clone();
    town.publish(&BRAVO);
    let waited = server.wait_for("the new version", |server| server.serves(&BRAVO));
    assert!(
        waited > Duration::from_millis(900),
        "it waits until the change is over: {waited:?}"
    );
    let new = server.ready()["version"].clone();
    server.wait_for("its line", |server| {
        let log = server.log();
        let line = log
            .lines()
            .find(|line| line.contains("a new version is served"));
        line.is_some_and(|line| {
            let parts = [
                format!("from={old}"),
                format!("to={new}"),
                "features=500 added=100 removed=0 warnings=0 seconds=".to_owned(),
                "INFO buju::reload".to_owned(),
            ];
            parts.iter().all(|part| line.contains(part))
        })
    });

    let broken = features(&ALPHA).replace("\"rank\":7,", "\"rank\":\"seven\",");
    town.write("geodata/shapes.geojson", &broken);
    server.wait_for("the refusal", |server| {
        server.ready()["reload"]["status"] == "failed"
    });
    assert!(server.serves(&BRAVO));
    assert_eq!(server.sample("buju_reload_failed"), "1");
    assert_eq!(server.sample("buju_reload_errors"), "4");
    // It is tried again by nobody: each error is in the log once, now and after several looks.
    std::thread::sleep(SEVERAL_LOOKS);
    server.hang_up();
    server.wait_for("another try", |server| {
        server.sample("buju_reloads_total{result=\"refused\"}") == "2"
    });
    let log = server.log();
    for id in ["p0001", "p0101", "p0201", "p0301"] {
        assert_eq!(
            log.matches(&format!("id {id}, column rank")).count(),
            1,
            "{log}"
        );
    }
    assert_eq!(log.matches("the old version is served").count(), 1, "{log}");
    // Less is wrong: that is news, and no error is told again.
    let better = broken.replacen("\"rank\":\"seven\",", "\"rank\":7,", 2);
    town.write("geodata/shapes.geojson", &better);
    server.wait_for("the second refusal", |server| {
        server.sample("buju_reload_errors") == "2"
    });
    server.wait_for("its line", |server| {
        server.log().contains("the plan has 2 errors")
    });
    assert_eq!(server.log().matches("column rank").count(), 4);

    town.publish(&ALPHA);
    server.wait_for("the mended plan", |server| server.serves(&ALPHA));
    let reload = server.ready()["reload"].clone();
    assert_eq!(
        (&reload["status"], &reload["errors"]),
        (&"ok".into(), &Json::Null)
    );
    assert_eq!(server.sample("buju_reload_failed"), "0");
    assert_eq!(server.ready()["version"], old);
    assert!(!server.log().contains("panicked"), "{}", server.log());
}

#[test]
fn a_signal_reloads_where_nothing_is_watched() {
    let town = Town::new();
    for arguments in [&["--no-watch"][..], &["--watch=false"]] {
        town.publish(&ALPHA);
        let mut server = Program::start(&town, arguments, None);
        assert!(server.ready()["reload"]["watching"] == false);
        town.publish(&BRAVO);
        std::thread::sleep(SEVERAL_LOOKS);
        assert!(server.serves(&ALPHA));
        server.hang_up();
        server.wait_for("the new version", |server| server.serves(&BRAVO));
        // Many at once end nothing.
        (0..40).for_each(|_| server.hang_up());
        town.publish(&ALPHA);
        server.hang_up();
        server.wait_for("the other version", |server| server.serves(&ALPHA));
        assert!(!server.ended());
    }
}

/// Whoever closes the terminal that a server was started in wants it gone, and the same signal says so.
#[cfg(target_os = "linux")]
#[test]
fn a_terminal_that_is_closed_ends_the_server() {
    const SCRIPT: &str = r#"
import os, pty, sys, time
child, terminal = pty.fork()
if child == 0:
    os.execv(sys.argv[1], sys.argv[1:])
said = b""
while b"stop with" not in said:
    said += os.read(terminal, 4096)
os.kill(child, 1)
time.sleep(1)
if os.waitpid(child, os.WNOHANG)[0]:
    sys.exit("the signal alone has ended it")
os.close(terminal)
for _ in range(300):
    ended, status = os.waitpid(child, os.WNOHANG)
    if ended:
        sys.exit(os.waitstatus_to_exitcode(status))
    time.sleep(0.1)
os.kill(child, 9)
sys.exit("it still runs")
"#;
    let town = Town::new();
    let output = Command::new("python3")
        .args([
            "-c",
            SCRIPT,
            env!("CARGO_BIN_EXE_buju"),
            "serve",
            "--listen",
            "127.0.0.1:0",
            "--plan",
        ])
        .arg(town.path())
        .output()
        .expect("python3");
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
}

/// A program that puts a new file in the place of the old one all the time: it was never taken up.
#[test]
fn a_file_that_is_always_replaced_is_taken_up() {
    for arguments in [&[][..], &["--no-watch"]] {
        let town = Town::new();
        let server = Program::start(&town, arguments, Some(TOKEN));
        assert!(server.serves(&ALPHA));
        let stop = std::sync::atomic::AtomicBool::new(false);
        std::thread::scope(|scope| {
            let writer = scope.spawn(|| {
                let mut text = features(&BRAVO);
                while !stop.load(std::sync::atomic::Ordering::Relaxed) {
                    text.push(' ');
                    town.write("geodata/shapes.geojson", &text);
                    std::thread::sleep(Duration::from_millis(100));
                }
            });
            // By itself, or for somebody who asks.
            if !arguments.is_empty() {
                let post = format!("POST /admin/reload HTTP/1.1\r\nauthorization: Bearer {TOKEN}");
                let (status, body) = server.send(&post);
                assert!(
                    status == 200 && body.contains("swapped"),
                    "{status}: {body}"
                );
            }
            let start = Instant::now();
            while !server.serves(&BRAVO) && start.elapsed() < LONG {
                std::thread::sleep(Duration::from_millis(50));
            }
            stop.store(true, std::sync::atomic::Ordering::Relaxed);
            writer.join().expect("written");
        });
        assert!(server.serves(&BRAVO), "{}", server.log());
        let refused = server.sample("buju_reloads_total{result=\"refused\"}");
        assert_eq!(refused, "0", "{}", server.log());
    }
}

/// A program that writes a file where it stands, slowly: no part of it is ever served.
#[test]
fn half_written_files_are_never_served() {
    let town = Town::new();
    let server = Program::start(&town, &[], None);
    let path = town.path().join("geodata/shapes.geojson");
    let whole = features(&BRAVO);
    // Shorter than what counts as quiet, and much longer.
    for (parts, pause) in [(8, Duration::from_millis(600)), (2, Duration::from_secs(5))] {
        let mut file = fs::File::create(&path).expect("a file");
        for part in whole.as_bytes().chunks(whole.len().div_ceil(parts)) {
            file.write_all(part)
                .and_then(|()| file.sync_all())
                .expect("written");
            let until = Instant::now() + pause;
            while Instant::now() < until {
                let ready = server.ready();
                let features = &ready["features"];
                assert!(
                    *features == ALPHA.features || *features == BRAVO.features,
                    "{ready}"
                );
                std::thread::sleep(Duration::from_millis(20));
            }
        }
        drop(file);
        let swaps = "buju_reloads_total{result=\"swapped\"}";
        server.wait_for("the whole file", |server| server.serves(&BRAVO));
        server.wait_for("no failure", |server| {
            server.sample("buju_reload_failed") == "0"
        });
        let refused = server.sample("buju_reloads_total{result=\"refused\"}");
        let expected = if parts == 2 { "1" } else { "0" };
        assert_eq!(refused, expected, "{}", server.log());
        let before = server.sample(swaps);
        town.publish(&ALPHA);
        server.wait_for("the first again", |server| server.serves(&ALPHA));
        assert_ne!(server.sample(swaps), before);
    }
}

#[test]
fn the_token_comes_from_the_environment_or_a_file_and_is_shown_nowhere() {
    let town = Town::new();
    let file = town.path().join("token");
    fs::write(&file, format!("{TOKEN}\n")).expect("written");
    let from_file = ["--admin-token-file", file.to_str().expect("a path")];
    for (arguments, token) in [(&[][..], Some(TOKEN)), (&from_file[..], None)] {
        town.publish(&ALPHA);
        let server = Program::start(&town, &[&["--no-watch"], arguments].concat(), token);
        let post = |token: &str| {
            server.send(&format!(
                "POST /admin/reload HTTP/1.1\r\nauthorization: Bearer {token}"
            ))
        };
        assert_eq!(post("another-token-of-somebody").0, 401);
        town.publish(&BRAVO);
        let (status, body) = post(TOKEN);
        assert_eq!(status, 200, "{body}");
        assert!(server.serves(&BRAVO));
        for shown in [body, server.log(), server.ready().to_string()] {
            assert!(!shown.contains(TOKEN), "{shown}");
        }
    }
    let run = |arguments: &[&str], token: Option<&str>| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_buju"));
        command.arg("serve").args(arguments);
        if let Some(token) = token {
            command.env("BUJU_ADMIN_TOKEN", token);
        }
        let output = command.output().expect("the program runs");
        let both = [output.stdout, output.stderr].concat();
        (
            output.status.code(),
            String::from_utf8(both).expect("UTF-8"),
        )
    };
    let (code, help) = run(&["--help"], Some(TOKEN));
    assert_eq!(code, Some(0));
    assert!(
        help.contains("BUJU_ADMIN_TOKEN") && help.contains("--no-watch") && !help.contains(TOKEN)
    );
    let (code, refused) = run(&[], Some("short"));
    assert_eq!(code, Some(2));
    assert!(
        refused.contains("BUJU_ADMIN_TOKEN: expected a token of at least 16 characters, found 5"),
        "{refused}"
    );
    let (code, refused) = run(&from_file, Some(TOKEN));
    assert_eq!(code, Some(2));
    assert!(
        refused.contains("expected one of them") && !refused.contains(TOKEN),
        "{refused}"
    );
    let (code, _) = run(&["--admin-token", TOKEN], None);
    assert_eq!(code, Some(2), "there is no such option");
}

/// A pipe that nobody writes to.
#[cfg(unix)]
pub fn pipe(path: &std::path::Path) {
    let made = Command::new("mkfifo").arg(path).status();
    assert!(made.is_ok_and(|status| status.success()));
}

/// Every reader of files, with a pipe in the place of one.
#[cfg(unix)]
#[test]
fn no_command_waits_for_a_pipe() {
    let town = Town::new();
    let folder = tempfile::TempDir::new().expect("a folder");
    for ending in [
        "geojson", "ndjson", "shp", "zip", "gpkg", "fgb", "parquet", "kml", "csv", "xlsx",
    ] {
        pipe(&folder.path().join(format!("a.{ending}")));
    }
    // What stands beside it.
    fs::write(folder.path().join("b.shp"), [0; 100]).expect("written");
    pipe(&folder.path().join("b.dbf"));
    let names = fs::read_dir(folder.path()).expect("a folder");
    let mut commands: Vec<_> = names
        .map(|entry| entry.expect("a file").path())
        .filter(|path| path.extension().is_some_and(|ending| ending != "dbf"))
        .map(|path| {
            let mut command = Command::new(env!("CARGO_BIN_EXE_buju"));
            command.args(["import", "--into", "shapes"]).arg(path);
            command
        })
        .collect();
    let broken = Town::new();
    fs::remove_file(broken.path().join("geodata/shapes.geojson")).expect("removed");
    pipe(&broken.path().join("geodata/shapes.geojson"));
    let mut check = Command::new(env!("CARGO_BIN_EXE_buju"));
    check.arg("check");
    commands.push(check);
    let last = commands.len() - 1;
    for (at, mut command) in commands.into_iter().enumerate() {
        let plan = if at == last { &broken } else { &town };
        command
            .arg("--plan")
            .arg(plan.path())
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        let mut child = command.spawn().expect("the program runs");
        let start = Instant::now();
        while child.try_wait().expect("a state").is_none() {
            if start.elapsed() > LONG {
                child.kill().expect("ended");
                panic!("{command:?} waits");
            }
            std::thread::sleep(Duration::from_millis(20));
        }
        let output = child.wait_with_output().expect("its words");
        assert!(!output.status.success(), "{command:?}");
        let said = [output.stdout, output.stderr].concat();
        let said = String::from_utf8_lossy(&said);
        assert!(
            said.contains("found a pipe or device"),
            "{command:?}: {said}"
        );
    }
}

/// What many reloads leave behind: two versions at most while one takes the other's place, and one in the end.
#[cfg(target_os = "linux")]
#[test]
fn memory_does_not_grow_with_reloads() {
    let town = Town::new();
    let server = Program::start(&town, &["--no-watch", "--cache-mb", "0"], Some(TOKEN));
    let post = format!("POST /admin/reload HTTP/1.1\r\nauthorization: Bearer {TOKEN}");
    let large = Edition {
        name: "edition-large",
        features: 2_000,
    };
    let mut resident: Vec<f64> = Vec::new();
    for turn in 0..50 {
        let mut text = features(if turn % 2 == 0 { &large } else { &BRAVO });
        // Each has a version of its own.
        text = text.replacen("remark ", &format!("turn {turn} "), 1);
        town.write("geodata/shapes.geojson", &text);
        let (status, body) = server.send(&post);
        assert!(status == 200 && body.contains("swapped"), "{turn}: {body}");
        let (status, _) = server.send("GET /collections/shapes/items?f=csv HTTP/1.1");
        assert_eq!(status, 200);
        resident.push(
            server
                .sample("process_resident_memory_bytes")
                .parse()
                .expect("bytes"),
        );
    }
    server.wait_for("one version", |server| {
        server.sample("buju_snapshots") == "1"
    });
    let most = |of: &[f64]| of.iter().copied().fold(0.0, f64::max);
    let (early, late) = (most(&resident[..10]), most(&resident[40..]));
    println!("resident: {early} bytes in the first ten reloads, {late} in the last");
    assert!(late < early * 1.25, "{resident:?}");
}
