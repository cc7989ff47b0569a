//! `./dev bench`: a made-up city, a server on it, and what its answers cost.
//!
//! Speed is told in requests per second of processor time of the whole server process, so that other
//! work on the machine shows little; the times of single answers are wall-clock.

#![expect(
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "small numbers"
)]

mod cadastre;
mod ceiling;
mod client;
mod flatgeobuf;
mod hostile;
mod process;
mod reload;
mod requests;
mod soak;
mod table;

use std::collections::HashSet;
use std::io;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use cadastre::{City, city, draw, share};
use client::{Answer, Client};
use process::Server;
use requests::{bounds, requests};
use table::Line;

fn main() -> io::Result<()> {
    let mut sizes = Vec::new();
    let mut program = None;
    let mut folder = PathBuf::from("target/bench");
    let mut peers = Vec::new();
    let mut length = None;
    let mut times = None;
    let mut attacked = None;
    let mut only = String::new();
    let mut asks = false;
    let mut arguments = std::env::args().skip(1);
    while let Some(argument) = arguments.next() {
        let mut value = || {
            arguments
                .next()
                .ok_or_else(|| io::Error::other("a value is missing"))
        };
        match argument.as_str() {
            // Cargo tells every benchmark that it is one.
            "--bench" => {}
            "--program" => program = Some(PathBuf::from(value()?)),
            "--folder" => folder = PathBuf::from(value()?),
            "--only" => only = value()?,
            "--soak" => length = Some(value()?.parse().map_err(io::Error::other)?),
            "--reload" => times = Some(value()?.parse().map_err(io::Error::other)?),
            "--hostile" => attacked = Some(value()?.parse().map_err(io::Error::other)?),
            "--requests" => asks = true,
            "--ceiling" => {
                let bytes = value()?.parse().map_err(io::Error::other)?;
                return ceiling::serve(bytes, &value()?);
            }
            "--peer" => peers.push(Peer::parse(&value()?)?),
            size => sizes.push(parcels(size)?),
        }
    }
    if sizes.is_empty() {
        sizes = vec![10_000, 100_000];
    }
    if asks {
        for size in sizes {
            println!("{}", requests(&city(&folder, size)?));
        }
        return Ok(());
    }
    let program = program.ok_or_else(|| io::Error::other("--program FILE is missing"))?;
    println!("{}", machine());
    let mut tables = Vec::new();
    for size in &sizes {
        let city = city(&folder, *size)?;
        let lines = match (length, times, attacked) {
            (Some(seconds), ..) => soaked(&program, &city, Duration::from_secs(seconds))?,
            (_, Some(times), _) => reloaded(&program, &city, times)?,
            (.., Some(seconds)) => attacks(&program, &city, Duration::from_secs(seconds), &only)?,
            (None, None, None) => measure(&program, &city, &peers, &only)?,
        };
        tables.push((*size, lines));
    }
    table::print(&tables);
    Ok(())
}

/// `100k`, `1m` or a plain number.
fn parcels(text: &str) -> io::Result<u64> {
    let lower = text.to_lowercase();
    let (digits, unit) = match lower.strip_suffix('k') {
        Some(digits) => (digits, 1_000),
        None => lower
            .strip_suffix('m')
            .map_or((lower.as_str(), 1), |digits| (digits, 1_000_000)),
    };
    let number: u64 = digits
        .parse()
        .map_err(|_| io::Error::other(format!("expected parcels such as 100k, found {text:?}")))?;
    Ok(number * unit)
}

/// Another server of the same data: `NAME,PID,HOST:PORT,/path/{z}/{x}/{y}`.
struct Peer {
    name: String,
    pid: u32,
    address: String,
    path: String,
}

impl Peer {
    fn parse(text: &str) -> io::Result<Self> {
        let parts: Vec<_> = text.splitn(4, ',').collect();
        let &[name, pid, address, path] = parts.as_slice() else {
            return Err(io::Error::other(
                "--peer NAME,PID,HOST:PORT,/path/{z}/{x}/{y}",
            ));
        };
        Ok(Self {
            name: name.to_owned(),
            pid: pid.parse().map_err(io::Error::other)?,
            address: address.to_owned(),
            path: path.to_owned(),
        })
    }
}

/// Tells a figure at once, and keeps it for the table.
fn teller(parcels: u64, lines: &mut Vec<Line>) -> impl FnMut(&str, String) {
    move |what, figure| {
        eprintln!("{parcels:>9}  {what:<46} {figure}");
        lines.push((what.to_owned(), figure));
    }
}

/// Only memory, under a load as long as asked for.
fn soaked(program: &Path, city: &City, length: Duration) -> io::Result<Vec<Line>> {
    let mut lines: Vec<Line> = Vec::new();
    let mut line = teller(city.parcels, &mut lines);
    let first = xyz("/tiles/{z}/{x}/{y}.mvt", tile_at(city, 0.5, 0.5, 15));
    let server = Server::start(program, &city.folder, &first)?;
    line(
        "memory after loading",
        format!("{:.0} MB", server.memory().0),
    );
    soak::soak(&server, city, length, &mut line)?;
    drop(line);
    Ok(lines)
}

/// Only requests that are meant to hurt, each for so long.
fn attacks(program: &Path, city: &City, length: Duration, only: &str) -> io::Result<Vec<Line>> {
    let mut lines: Vec<Line> = Vec::new();
    let mut line = teller(city.parcels, &mut lines);
    let first = xyz("/tiles/{z}/{x}/{y}.mvt", tile_at(city, 0.5, 0.5, 15));
    let server = Server::start(program, &city.folder, &first)?;
    hostile::hostile(&server, city, length, only, &mut line)?;
    drop(line);
    Ok(lines)
}

/// Only reloads, under load.
fn reloaded(program: &Path, city: &City, times: usize) -> io::Result<Vec<Line>> {
    let mut lines: Vec<Line> = Vec::new();
    let mut line = teller(city.parcels, &mut lines);
    reload::reload(program, city, times, &mut line)?;
    drop(line);
    Ok(lines)
}

/// What of `only` is named, or all of it where that is empty: tiles, zooms, viewports, items, flatgeobuf.
fn measure(program: &Path, city: &City, peers: &[Peer], only: &str) -> io::Result<Vec<Line>> {
    let wanted = |part| only.is_empty() || only.split(',').any(|one| one == part);
    let mut lines: Vec<Line> = Vec::new();
    let mut line = teller(city.parcels, &mut lines);
    let middle = tile_at(city, 0.5, 0.5, 15);
    let first = xyz("/tiles/{z}/{x}/{y}.mvt", middle);
    let server = starts(
        program,
        &city.folder,
        "GeoJSON",
        city.bytes,
        &first,
        &mut line,
    )?;
    let (resident, most) = server.memory();
    line(
        "memory after loading (at most)",
        format!("{resident:.0} MB ({most:.0} MB)"),
    );

    if wanted("tiles") {
        cut_tiles(&server, city, peers, &mut line)?;
    }
    if wanted("zooms") {
        low_zooms(&server, city, &mut line)?;
    }
    if wanted("viewports") {
        viewports(&server, city, &mut line)?;
    }
    if wanted("items") {
        queries(&server, city, &mut line)?;
    }
    let (resident, most) = server.memory();
    line(
        "memory at the end (at most)",
        format!("{resident:.0} MB ({most:.0} MB)"),
    );
    drop(server);
    if wanted("flatgeobuf") {
        let (folder, bytes) = flatgeobuf::written(program, city)?;
        starts(program, &folder, "FlatGeobuf", bytes, &first, &mut line)?;
    }
    drop(line);
    Ok(lines)
}

/// How long it takes until the first features and the first tile are answered, from a source of so many
/// bytes, and what of both processors was used for that; the server of the tile.
fn starts(
    program: &Path,
    folder: &Path,
    source: &str,
    bytes: u64,
    tile: &str,
    line: &mut impl FnMut(&str, String),
) -> io::Result<Server> {
    line(source, format!("{:.0} MB", bytes as f64 / 1e6));
    let mut start = |what: &str, path: &str| {
        let server = Server::start(program, folder, path)?;
        let seconds = server.ready.as_secs_f64();
        let rate = bytes as f64 / 1e6 / seconds;
        let cpu = server.cpu().as_secs_f64();
        line(
            &format!("{source}: start to first right {what}"),
            format!("{seconds:.2} s ({rate:.0} MB/s; {cpu:.2} core-s)"),
        );
        Ok(server)
    };
    let items = "/collections/parcels/items?limit=1&plot_ratio=1..2";
    drop(start("features", items)?);
    start("tile", tile)
}

fn cut_tiles(
    server: &Server,
    city: &City,
    peers: &[Peer],
    line: &mut impl FnMut(&str, String),
) -> io::Result<()> {
    let tiles = tiles(city, 400);
    for (what, path) in [
        ("MVT tiles z12-z17", "/tiles/{z}/{x}/{y}.mvt"),
        ("GeoJSON tiles z12-z17", "/tiles/{z}/{x}/{y}.geojson"),
    ] {
        let paths: Vec<_> = tiles.iter().map(|tile| xyz(path, *tile)).collect();
        line(&format!("{what}, first time"), told(&run(server, &paths)?));
        let hot = again(server, &paths)?;
        line(&format!("{what}, again"), told(&hot));
        let ceiling = ceiling::start(hot.bytes / hot.requests)?;
        line(
            "a fixed body of that size, without any work",
            told(&again(&ceiling, &["/".to_owned()])?),
        );
    }
    for peer in peers {
        let other = Server::other(&peer.address, peer.pid);
        let paths: Vec<_> = tiles.iter().map(|tile| xyz(&peer.path, *tile)).collect();
        line(
            &format!("{}: tiles z12-z17, first time", peer.name),
            told(&run(&other, &paths)?),
        );
        line(
            &format!("{}: tiles z12-z17, again", peer.name),
            told(&again(&other, &paths)?),
        );
    }
    Ok(())
}

fn queries(server: &Server, city: &City, line: &mut impl FnMut(&str, String)) -> io::Result<()> {
    let base = "/collections/parcels/items";
    let boxes: Vec<_> = (0..5000)
        .map(|at| format!("{base}?limit=100&bbox={}", window(city, at)))
        .collect();
    line(
        "items in a box of 250-450 m, limit 100",
        told(&run(server, &boxes)?),
    );
    let filters = |more: &str, count: u64| -> Vec<String> {
        let one = |at| {
            let (low, high, area) = bounds(at);
            format!("{base}?plot_ratio={low:.3}..{high:.3}&site_area_m2={area:.1}..&{more}")
        };
        (0..count).map(one).collect()
    };
    line(
        "plot_ratio in a range, site_area over a bound",
        told(&run(server, &filters("limit=100", 1000))?),
    );
    let sorted = filters("limit=100&sortby=-site_area_m2", 1000);
    line("the same, sorted by area", told(&run(server, &sorted)?));
    line(
        "exact count of that filter",
        told(&run(server, &filters("limit=1", 2000))?),
    );
    line(
        "pages of 1000 through all",
        told(&pages(server, city, base)?),
    );
    Ok(())
}

/// What a run of requests cost.
#[derive(Default)]
struct Cost {
    requests: usize,
    cpu: Duration,
    bytes: usize,
    slowest: Duration,
    returned: u64,
}

fn told(cost: &Cost) -> String {
    // A tick is 10 ms: below ten of them the figure would be noise.
    let cpu = cost.cpu.as_secs_f64();
    let rate = if cpu >= 0.1 {
        format!("{:.0}", cost.requests as f64 / cpu)
    } else {
        format!("> {:.0}", cost.requests as f64 / 0.1)
    };
    let kb = cost.bytes as f64 / 1000.0 / cost.requests as f64;
    let features = cost.returned as f64 / cost.requests as f64;
    format!(
        "{rate}/core-s; {kb:.1} kB, {features:.0} features each; slowest {:.1} ms",
        cost.slowest.as_secs_f64() * 1000.0
    )
}

/// Asks for every path over and over, on several connections, until the server has used enough
/// processor time to measure what a single request takes.
fn again(server: &Server, paths: &[String]) -> io::Result<Cost> {
    const CONNECTIONS: usize = 8;
    const ENOUGH: Duration = Duration::from_secs(2);
    let before = server.cpu();
    let used = || server.cpu().saturating_sub(before);
    let costs = std::thread::scope(|scope| {
        let workers: Vec<_> = (0..CONNECTIONS)
            .map(|own| {
                let paths = paths.iter().cycle().skip(own * paths.len() / CONNECTIONS);
                scope.spawn(move || -> io::Result<Cost> {
                    let mut client = Client::new(&server.address)?;
                    let mut cost = Cost::default();
                    for path in paths {
                        asked(&mut client, path, &mut cost)?;
                        if cost.requests % 100 == 0 && used() >= ENOUGH {
                            break;
                        }
                    }
                    Ok(cost)
                })
            })
            .collect();
        let joined = workers.into_iter().map(|worker| {
            let ended = worker.join();
            ended.map_err(|_| io::Error::other("a worker panicked"))?
        });
        joined.collect::<io::Result<Vec<_>>>()
    })?;
    let mut all = Cost {
        cpu: used(),
        ..Cost::default()
    };
    for cost in costs {
        all.requests += cost.requests;
        all.bytes += cost.bytes;
        all.returned += cost.returned;
        all.slowest = all.slowest.max(cost.slowest);
    }
    Ok(all)
}

/// Asks for every path once.
fn run(server: &Server, paths: &[String]) -> io::Result<Cost> {
    let mut client = Client::new(&server.address)?;
    let mut cost = Cost::default();
    let before = server.cpu();
    for path in paths {
        asked(&mut client, path, &mut cost)?;
    }
    cost.cpu = server.cpu().saturating_sub(before);
    Ok(cost)
}

fn asked(client: &mut Client, path: &str, cost: &mut Cost) -> io::Result<Answer> {
    let start = Instant::now();
    let answer = client.get(path)?;
    cost.slowest = cost.slowest.max(start.elapsed());
    if ![200, 204].contains(&answer.status) {
        return Err(io::Error::other(format!("{path}: {}", answer.status)));
    }
    cost.requests += 1;
    cost.bytes += answer.body.len();
    let returned = answer.header("buju-number-returned");
    cost.returned += returned
        .and_then(|count| count.parse::<u64>().ok())
        .unwrap_or(0);
    Ok(answer)
}

fn pages(server: &Server, city: &City, base: &str) -> io::Result<Cost> {
    let mut client = Client::new(&server.address)?;
    let mut cost = Cost::default();
    let before = server.cpu();
    let mut next = Some(format!("{base}?limit=1000"));
    while let Some(path) = next {
        let answer = asked(&mut client, &path, &mut cost)?;
        next = answer
            .after("\"rel\":\"next\"", "cursor=", "\"")
            .map(|cursor| format!("{base}?limit=1000&cursor={cursor}"));
    }
    cost.cpu = server.cpu().saturating_sub(before);
    if cost.returned != city.parcels {
        return Err(io::Error::other(format!(
            "pages gave {} of {}",
            cost.returned, city.parcels
        )));
    }
    Ok(cost)
}

/// Every tile of z0-z9 that holds the city, and some of z10 and z11.
fn low_zooms(server: &Server, city: &City, line: &mut impl FnMut(&str, String)) -> io::Result<()> {
    let mut client = Client::new(&server.address)?;
    for (z, form) in [
        (0, "mvt"),
        (8, "mvt"),
        (9, "mvt"),
        (10, "mvt"),
        (11, "mvt"),
        (10, "geojson"),
        (11, "geojson"),
    ] {
        let mut seen = HashSet::new();
        let mut cost = Cost::default();
        let (mut largest, mut matched) = (0, 0_u64);
        for step in 0..16_u64 {
            let tile = tile_at(
                city,
                0.05 + 0.3 * (step % 4) as f64,
                0.05 + 0.3 * (step / 4) as f64,
                z,
            );
            if !seen.insert(tile) {
                continue;
            }
            let answer = asked(
                &mut client,
                &xyz(&format!("/tiles/{{z}}/{{x}}/{{y}}.{form}"), tile),
                &mut cost,
            )?;
            largest = largest.max(answer.body.len());
            let count = answer.header("buju-number-matched");
            matched += count
                .and_then(|count| count.parse::<u64>().ok())
                .unwrap_or(0);
        }
        line(
            &format!("{form} tiles z{z}"),
            format!(
                "at most {:.0} kB, {:.0} ms; {} of {matched} features",
                largest as f64 / 1000.0,
                cost.slowest.as_secs_f64() * 1000.0,
                cost.returned
            ),
        );
    }
    Ok(())
}

/// The 20 tiles of a screen at once, over six connections as a browser has them.
fn viewports(server: &Server, city: &City, line: &mut impl FnMut(&str, String)) -> io::Result<()> {
    for z in [11, 13, 15, 16] {
        let (z, x, y) = tile_at(city, 0.31, 0.42, z);
        let paths: Vec<_> = (0..20)
            .map(|at| xyz("/tiles/{z}/{x}/{y}.mvt", (z, x + at % 5, y + at / 5)))
            .collect();
        let start = Instant::now();
        std::thread::scope(|scope| {
            let workers: Vec<_> = (0..6)
                .map(|worker| {
                    let own: Vec<_> = paths.iter().skip(worker).step_by(6).collect();
                    scope.spawn(move || -> io::Result<()> {
                        let mut client = Client::new(&server.address)?;
                        own.into_iter()
                            .try_for_each(|path| client.get_as(path, "gzip").map(drop))
                    })
                })
                .collect();
            workers.into_iter().try_for_each(|worker| {
                worker
                    .join()
                    .map_err(|_| io::Error::other("a worker panicked"))?
            })
        })?;
        line(
            &format!("viewport of 20 tiles at z{z}, gzip"),
            format!("{:.0} ms", start.elapsed().as_secs_f64() * 1000.0),
        );
    }
    Ok(())
}

type TileAddress = (u32, u32, u32);

/// The tile that holds a place, told by its share of the city's width and height.
fn tile_at(city: &City, across: f64, up: f64, z: u32) -> TileAddress {
    let [west, south, east, north] = city.bounds;
    let lon = west + (east - west) * across.min(1.0);
    let lat = (south + (north - south) * up.min(1.0)).to_radians();
    let side = f64::from(1_u32 << z);
    let x = (lon + 180.0) / 360.0 * side;
    let y = (1.0 - lat.tan().asinh() / std::f64::consts::PI) / 2.0 * side;
    (z, x as u32, y as u32)
}

/// Different tiles of z12 to z17, as a reader who zooms in meets them.
fn tiles(city: &City, count: usize) -> Vec<TileAddress> {
    let mut seen = HashSet::new();
    let draws = (0..count as u64 * 4).map(|at| {
        let z = 12 + (draw(at * 3) % 6) as u32;
        tile_at(city, share(at * 3 + 1), share(at * 3 + 2), z)
    });
    draws
        .filter(|tile| seen.insert(*tile))
        .take(count)
        .collect()
}

fn xyz(path: &str, (z, x, y): TileAddress) -> String {
    path.replace("{z}", &z.to_string())
        .replace("{x}", &x.to_string())
        .replace("{y}", &y.to_string())
}

fn window(city: &City, at: u64) -> String {
    let [west, south, east, north] = city.bounds;
    // Any key will do, however large.
    let own = |draw: u64| share(at.wrapping_mul(5).wrapping_add(draw));
    let side = (250.0 + own(0) * 200.0) / 100_000.0;
    let x = west + own(1) * (east - west - side);
    let y = south + own(2) * (north - south - side);
    format!("{x:.6},{y:.6},{:.6},{:.6}", x + side, y + side)
}

fn machine() -> String {
    let cpus = std::thread::available_parallelism().map_or(0, usize::from);
    let info = std::fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let model = info
        .lines()
        .find_map(|line| line.strip_prefix("model name")?.split_once(": "))
        .map_or("an unknown processor", |(_, model)| model);
    format!("{cpus} cores of {model}")
}
