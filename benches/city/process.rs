//! A server process, and what the kernel says that it used.

use std::fs;
use std::io;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use crate::client::Client;

/// A running server; it ends with this.
pub struct Server {
    child: Option<Child>,
    pid: u32,
    /// Host and port.
    pub address: String,
    /// From its start to its first right answer.
    pub ready: Duration,
}

impl Server {
    /// Starts `buju serve` on a plan folder and waits until `path` is answered with 200.
    pub fn start(program: &Path, plan: &Path, path: &str) -> io::Result<Self> {
        let mut program = Command::new(program);
        program.arg("serve").arg("--plan").arg(plan);
        Self::run(
            program,
            |program, address| program.args(["--listen", address]),
            path,
        )
    }

    /// Starts a server on a free port, which `at` tells it, and waits likewise.
    pub fn run(
        mut program: Command,
        at: for<'c> fn(&'c mut Command, &str) -> &'c mut Command,
        path: &str,
    ) -> io::Result<Self> {
        let listener = std::net::TcpListener::bind("127.0.0.1:0")?;
        let address = listener.local_addr()?.to_string();
        drop(listener);
        let start = Instant::now();
        let child = at(&mut program, &address)
            .env("BUJU_LOG", "error")
            .stderr(Stdio::inherit())
            .spawn()?;
        let pid = child.id();
        let mut server = Self {
            child: Some(child),
            pid,
            address,
            ready: Duration::ZERO,
        };
        loop {
            let answer = Client::new(&server.address).and_then(|mut client| client.get(path));
            if answer.is_ok_and(|answer| answer.status == 200) {
                server.ready = start.elapsed();
                return Ok(server);
            }
            if let Some(child) = &mut server.child
                && let Some(status) = child.try_wait()?
            {
                return Err(io::Error::other(format!("the server ended: {status}")));
            }
            if start.elapsed() > Duration::from_secs(600) {
                return Err(io::ErrorKind::TimedOut.into());
            }
            std::thread::sleep(Duration::from_millis(10));
        }
    }

    /// A server that runs already.
    pub fn other(address: &str, pid: u32) -> Self {
        Self {
            child: None,
            pid,
            address: address.to_owned(),
            ready: Duration::ZERO,
        }
    }

    /// Processor time that it has used: of all its threads, in user and system mode.
    pub fn cpu(&self) -> Duration {
        let stat = fs::read_to_string(format!("/proc/{}/stat", self.pid)).unwrap_or_default();
        // The command's name may hold blanks; after its bracket the fields are counted from 3.
        let fields: Vec<&str> = match stat.rsplit_once(')') {
            Some((_, rest)) => rest.split_whitespace().collect(),
            None => Vec::new(),
        };
        let ticks = |at: usize| {
            fields
                .get(at)
                .and_then(|t| t.parse::<u64>().ok())
                .unwrap_or(0)
        };
        // USER_HZ is 100 on every Linux that Rust runs on.
        Duration::from_millis((ticks(11) + ticks(12)) * 10)
    }

    /// Resident memory now and at its most, in MB.
    pub fn memory(&self) -> (f64, f64) {
        let status = fs::read_to_string(format!("/proc/{}/status", self.pid)).unwrap_or_default();
        let field = |name: &str| {
            let line = status.lines().find(|line| line.starts_with(name));
            let kib = line.and_then(|line| line.split_whitespace().nth(1));
            kib.and_then(|kib| kib.parse::<f64>().ok()).unwrap_or(0.0) / 1024.0
        };
        (field("VmRSS:"), field("VmHWM:"))
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        if let Some(mut child) = self.child.take() {
            let _ = child.kill();
            let _ = child.wait();
        }
    }
}
