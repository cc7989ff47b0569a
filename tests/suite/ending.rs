//! How the program ends, and its port for those who run it.

#![cfg(unix)]

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::process::{Child, ChildStderr, Command, Stdio};
use std::time::{Duration, Instant};

use crate::reload::{Edition, TOKEN, Town};

const LONG: Duration = Duration::from_secs(60);

/// A running server; it ends with this.
struct Program {
    child: Child,
    messages: BufReader<ChildStderr>,
    address: String,
}

impl Program {
    fn start(arguments: &[&str]) -> Self {
        let mut command = Command::new(env!("CARGO_BIN_EXE_buju"));
        command
            .args(["serve", "--listen", "127.0.0.1:0", "--no-watch"])
            .args(arguments)
            .env_remove("BUJU_PLAN")
            .env("BUJU_ADMIN_TOKEN", TOKEN)
            .stderr(Stdio::piped());
        let mut child = command.spawn().expect("the program runs");
        let messages = BufReader::new(child.stderr.take().expect("its messages"));
        let mut program = Self {
            child,
            messages,
            address: String::new(),
        };
        program.address = program.next_address();
        program
    }

    fn next_address(&mut self) -> String {
        let mut line = String::new();
        loop {
            line.clear();
            let read = self.messages.read_line(&mut line).expect("a line");
            assert!(read > 0, "the program ended");
            if let Some(rest) = line.strip_prefix("http://") {
                return rest.split('/').next().expect("an address").to_owned();
            }
        }
    }

    fn signal(&self, name: &str) {
        let id = self.child.id().to_string();
        let sent = Command::new("kill").args([name, &id]).status();
        assert!(sent.is_ok_and(|status| status.success()));
    }

    fn exit(&mut self) -> Option<i32> {
        let start = Instant::now();
        while start.elapsed() < LONG {
            if let Some(status) = self.child.try_wait().expect("a state") {
                return status.code();
            }
            std::thread::sleep(Duration::from_millis(20));
        }
        panic!("the server still runs");
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

fn ask(address: &str, head: &str) -> TcpStream {
    let mut stream = TcpStream::connect(address).expect("connected");
    stream.set_read_timeout(Some(LONG)).expect("a time");
    write!(stream, "{head}\r\nhost: a\r\n\r\n").expect("sent");
    stream
}

fn answer(address: &str, head: &str) -> String {
    let mut stream = ask(address, &format!("{head}\r\nconnection: close"));
    let mut answer = String::new();
    stream.read_to_string(&mut answer).expect("an answer");
    answer
}

/// An answer of some megabytes of which the client has read the beginning.
fn stalled(address: &str) -> TcpStream {
    let mut stream = ask(address, "GET /collections/shapes/items?f=csv HTTP/1.1");
    stream.read_exact(&mut [0; 1_000]).expect("a beginning");
    stream
}

/// Long enough that it does not fit into the buffers of two sockets.
fn large_town() -> Town {
    let town = Town::new();
    town.publish(&Edition {
        name: "edition-large",
        features: 8_000,
    });
    town
}

#[test]
fn the_exit_code_tells_whether_an_answer_was_cut_off() {
    let town = large_town();
    let plan = town.path().to_str().expect("a path");
    let arguments = ["--plan", plan, "--drain", "1s", "--drain-notice", "100ms"];
    // Nothing was asked.
    let mut idle = Program::start(&arguments);
    let open = TcpStream::connect(&idle.address).expect("connected");
    idle.signal("-TERM");
    assert_eq!(idle.exit(), Some(0));
    drop(open);
    // An answer is under way, and is not done in time.
    let mut busy = Program::start(&arguments);
    let cut = stalled(&busy.address);
    busy.signal("-TERM");
    assert_eq!(busy.exit(), Some(3));
    let mut said = String::new();
    busy.messages.read_to_string(&mut said).expect("messages");
    assert!(said.contains("answers were cut off"), "{said}");
    drop(cut);
}

#[test]
fn answers_under_way_are_waited_for_and_a_second_signal_is_not() {
    let town = large_town();
    let plan = town.path().to_str().expect("a path");
    let arguments = ["--plan", plan, "--drain", "10m", "--drain-notice", "1h"];
    let mut server = Program::start(&arguments);
    let mut slow = stalled(&server.address);
    server.signal("-INT");
    // Listening stops at once where somebody has pressed Ctrl-C.
    let start = Instant::now();
    while TcpStream::connect(&server.address).is_ok() {
        assert!(start.elapsed() < LONG, "it still listens");
        std::thread::sleep(Duration::from_millis(20));
    }
    assert!(server.child.try_wait().expect("a state").is_none());
    let mut rest = Vec::new();
    slow.read_to_end(&mut rest).expect("the rest");
    assert!(rest.len() > 8_000 * 3_000, "{} bytes", rest.len());
    assert_eq!(server.exit(), Some(0));

    let mut server = Program::start(&arguments);
    let slow = stalled(&server.address);
    server.signal("-TERM");
    let ready = answer(&server.address, "GET /readyz HTTP/1.1");
    let start = Instant::now();
    let mut ready = ready;
    while !ready.starts_with("HTTP/1.1 503 ") {
        assert!(start.elapsed() < LONG, "{ready}");
        ready = answer(&server.address, "GET /readyz HTTP/1.1");
    }
    assert!(answer(&server.address, "GET /plan HTTP/1.1").starts_with("HTTP/1.1 200 "));
    server.signal("-TERM");
    assert_eq!(server.exit(), Some(3));
    drop(slow);
}

#[test]
fn those_who_run_the_server_have_a_port_of_their_own() {
    let town = Town::new();
    let plan = town.path().to_str().expect("a path");
    let mut server = Program::start(&["--plan", plan, "--admin-listen", "127.0.0.1:0"]);
    let apart = server.next_address();
    let status = |address: &str, head: &str| {
        let answer = answer(address, head);
        answer.split(' ').nth(1).expect("a status").to_owned()
    };
    let reload = format!("POST /admin/reload HTTP/1.1\r\nauthorization: Bearer {TOKEN}");
    for (head, own, all) in [
        ("GET /metrics HTTP/1.1", "200", "404"),
        (reload.as_str(), "200", "404"),
        ("POST /admin/reload HTTP/1.1", "401", "404"),
        ("GET /readyz HTTP/1.1", "200", "200"),
        ("GET /healthz HTTP/1.1", "200", "200"),
        ("GET /collections HTTP/1.1", "404", "200"),
    ] {
        assert_eq!(status(&apart, head), own, "{head}");
        assert_eq!(status(&server.address, head), all, "{head}");
    }
    // What is wrong with a plan is told there, and to the public only that something is.
    town.write("seeds/plan.toml", "secret = 1");
    assert_eq!(status(&apart, &reload), "422");
    let (own, all) = (
        answer(&apart, "GET /readyz HTTP/1.1"),
        answer(&server.address, "GET /readyz HTTP/1.1"),
    );
    assert!(
        own.contains("\"first\":") && own.contains("secret"),
        "{own}"
    );
    assert!(
        all.contains("\"status\":\"failed\"") && !all.contains("secret"),
        "{all}"
    );
}
