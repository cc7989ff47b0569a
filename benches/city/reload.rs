//! `--reload TIMES`: what does a new version cost those who ask meanwhile, and does memory stay within two?

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::{scope, sleep};
use std::time::{Duration, Instant};

use crate::cadastre::{City, draw, share};
use crate::client::Client;
use crate::process::Server;
use crate::soak::{Counts, read};
use crate::{tile_at, xyz};

/// Clients that ask and read meanwhile, beside one that is timed.
const READERS: u64 = 3;
/// Between two questions of the one that is timed.
const PAUSE: Duration = Duration::from_millis(5);
/// Reloads until memory is what it will be.
const FIRST: usize = 5;

/// Reloads so many times, and tells times and memory.
pub fn reload(
    program: &Path,
    city: &City,
    times: usize,
    line: &mut impl FnMut(&str, String),
) -> io::Result<()> {
    let (folder, editions) = editions(city)?;
    let first = xyz("/tiles/{z}/{x}/{y}.mvt", tile_at(city, 0.5, 0.5, 15));
    let server = Server::start(program, &folder, &first)?;
    let loaded = server.memory().0;
    let (counts, stop) = (Counts::default(), AtomicBool::new(false));
    let (mut took, mut after, mut resident) = (Vec::new(), Vec::new(), Vec::new());
    let slowest = scope(|scope| -> io::Result<f64> {
        let (server, counts, stop) = (&server, &counts, &stop);
        let goes_on = move || !stop.load(Ordering::Relaxed);
        let readers: Vec<_> = (0..READERS)
            .map(|own| scope.spawn(move || read(server, city, own, counts, goes_on)))
            .collect();
        let clock = scope.spawn(move || timed(server, city, goes_on));
        let mut run = || -> io::Result<()> {
            for turn in 0..times {
                took.push(next(server, &folder, &editions[turn % 2])?);
                let start = Instant::now();
                let mut client = Client::new(&server.address)?;
                client.get(&xyz(
                    "/tiles/{z}/{x}/{y}.mvt",
                    place(city, draw(turn as u64)),
                ))?;
                after.push(start.elapsed().as_secs_f64() * 1e3);
                resident.push(server.memory().0);
            }
            Ok(())
        };
        let done = run();
        stop.store(true, Ordering::Relaxed);
        let gone = |_| io::Error::other("a client panicked");
        for reader in readers {
            reader.join().map_err(gone)??;
        }
        let slowest = clock.join().map_err(gone)??;
        done.map(|()| slowest)
    })?;
    let most = |of: &[f64]| of.iter().copied().fold(0.0, f64::max);
    let middle = |of: &[f64]| of.iter().sum::<f64>() / of.len().max(1) as f64;
    line(
        "reload under load, mean (at most)",
        format!("{:.2} s ({:.2} s)", middle(&took), most(&took)),
    );
    line(
        "first tile after it, mean (at most)",
        format!("{:.1} ms ({:.1} ms)", middle(&after), most(&after)),
    );
    line("any tile meanwhile, at most", format!("{slowest:.1} ms"));
    let early = most(&resident[..FIRST.min(resident.len())]);
    line(
        "memory after loading; after reloads, first and last",
        format!(
            "{loaded:.0} MB; {early:.0} MB, {:.0} MB",
            most(&resident[resident.len().saturating_sub(FIRST)..])
        ),
    );
    line("memory at most", format!("{:.0} MB", server.memory().1));
    line(
        "answers; busy",
        format!(
            "{}; {}",
            counts.answers.load(Ordering::Relaxed),
            counts.refused.load(Ordering::Relaxed)
        ),
    );
    sleep(Duration::from_secs(5));
    line("memory afterwards", format!("{:.0} MB", server.memory().0));
    Ok(())
}

/// The city's folder once more, and two files of its parcels that differ in a number.
fn editions(city: &City) -> io::Result<(PathBuf, [PathBuf; 2])> {
    let folder = city.folder.with_extension("reload");
    for part in ["seeds", "geodata"] {
        fs::create_dir_all(folder.join(part))?;
    }
    for file in [
        "seeds/plan.toml",
        "seeds/collections.toml",
        "geodata/parcels.geojson",
    ] {
        fs::copy(city.folder.join(file), folder.join(file))?;
    }
    let text = fs::read_to_string(city.folder.join("geodata/parcels.geojson"))?;
    let other = text.replacen("\"built\":", "\"built\":1", 1);
    let files = ["other.geojson", "same.geojson"].map(|name| folder.join(name));
    fs::write(&files[0], other)?;
    fs::write(&files[1], text)?;
    Ok((folder, files))
}

/// Puts a file in the place of the parcels, says so to the server, and waits until it is served.
fn next(server: &Server, folder: &Path, edition: &Path) -> io::Result<f64> {
    let draft = folder.join("geodata/.draft");
    fs::copy(edition, &draft)?;
    fs::rename(draft, folder.join("geodata/parcels.geojson"))?;
    let mut client = Client::new(&server.address)?;
    let mut version = || -> io::Result<String> {
        let answer = client.get("/readyz")?;
        let version = answer.after("\"version\"", ":\"", "\"");
        version.ok_or_else(|| io::Error::other("no version"))
    };
    let before = version()?;
    let start = Instant::now();
    let status = Command::new("kill")
        .args(["-HUP", &server.id().to_string()])
        .status()?;
    if !status.success() {
        return Err(io::Error::other(format!("kill: {status}")));
    }
    while version()? == before {
        if start.elapsed() > Duration::from_secs(600) {
            return Err(io::ErrorKind::TimedOut.into());
        }
        sleep(Duration::from_millis(2));
    }
    Ok(start.elapsed().as_secs_f64())
}

/// The slowest of many tiles, in milliseconds.
fn timed(server: &Server, city: &City, going: impl Fn() -> bool) -> io::Result<f64> {
    let mut client = Client::new(&server.address)?;
    let (mut slowest, mut at) = (0.0, 1 << 60);
    while going() {
        at += 1;
        let start = Instant::now();
        let answer = client.get(&xyz("/tiles/{z}/{x}/{y}.mvt", place(city, draw(at))))?;
        if ![200, 204].contains(&answer.status) {
            return Err(io::Error::other(format!("a tile: {}", answer.status)));
        }
        slowest = f64::max(slowest, start.elapsed().as_secs_f64() * 1e3);
        sleep(PAUSE);
    }
    Ok(slowest)
}

fn place(city: &City, key: u64) -> (u32, u32, u32) {
    tile_at(city, share(key), share(key ^ 1), 15)
}
