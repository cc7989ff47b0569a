//! `--soak SECONDS`: does memory stay flat? Clients ask for anything, some of them leave, some read
//! slowly, and every few seconds the kernel says how much the server holds.

use std::io::{self, Read, Write};
use std::net::TcpStream;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread::{ScopedJoinHandle, scope, sleep};
use std::time::{Duration, Instant};

use crate::cadastre::{City, draw, share};
use crate::client::Client;
use crate::process::Server;
use crate::{tile_at, window, xyz};

/// Clients that ask and read.
const READERS: u64 = 5;

/// How often memory is read.
const PAUSE: Duration = Duration::from_secs(5);

/// What the clients met.
#[derive(Default)]
pub struct Counts {
    pub answers: AtomicU64,
    /// 503: the server said that it is busy, as it may.
    pub refused: AtomicU64,
    bytes: AtomicU64,
    /// Left before the answer came, or in its middle.
    left: AtomicU64,
}

/// Loads the server, and prints its memory as it goes on.
pub fn soak(
    server: &Server,
    city: &City,
    length: Duration,
    line: &mut impl FnMut(&str, String),
) -> io::Result<()> {
    let counts = Counts::default();
    let start = Instant::now();
    let mut series = Vec::new();
    scope(|scope| -> io::Result<()> {
        let (counts, going) = (&counts, move || start.elapsed() < length);
        let readers: Vec<_> = (0..READERS)
            .map(|own| scope.spawn(move || read(server, city, own, counts, going)))
            .collect();
        let leaver = scope.spawn(move || leave(server, city, counts, going));
        // Without its clients there is no load, and memory that is flat says nothing.
        while going()
            && !readers
                .iter()
                .chain([&leaver])
                .any(ScopedJoinHandle::is_finished)
        {
            sleep(PAUSE.min(length.saturating_sub(start.elapsed())));
            let (resident, _) = server.memory();
            let at = start.elapsed().as_secs_f64();
            eprintln!("{at:>9.0} s  {resident:.0} MB");
            series.push((at, resident));
        }
        for worker in readers.into_iter().chain([leaver]) {
            let ended = worker.join();
            ended.map_err(|_| io::Error::other("a client panicked"))??;
        }
        Ok(())
    })?;
    let told: Vec<_> = series.iter().map(|(_, mb)| format!("{mb:.0}")).collect();
    line("memory under random load, MB", told.join(" "));
    line(
        "growth in its second half",
        format!("{:+.1} MB/min", slope(&series[series.len() / 2..]) * 60.0),
    );
    let count = |of: &AtomicU64| of.load(Ordering::Relaxed);
    line(
        "answers; busy; clients that left",
        format!(
            "{} ({:.1} GB); {}; {}",
            count(&counts.answers),
            count(&counts.bytes) as f64 / 1e9,
            count(&counts.refused),
            count(&counts.left)
        ),
    );
    // All clients have gone.
    sleep(PAUSE);
    line("memory afterwards", format!("{:.0} MB", server.memory().0));
    Ok(())
}

/// Any address: mostly tiles, then boxes, filters, single features and files. Hardly ever the same twice.
fn address(city: &City, key: u64) -> String {
    let items = "/collections/parcels/items";
    let z = 9 + (draw(key ^ 1) % 10) as u32;
    let tile = tile_at(city, share(key ^ 2), share(key ^ 3), z);
    match draw(key) % 16 {
        0..=6 => xyz("/tiles/{z}/{x}/{y}.mvt", tile),
        7 | 8 => xyz("/tiles/{z}/{x}/{y}.geojson", tile),
        9 => {
            let least = share(key ^ 4) * 4.0;
            xyz("/tiles/{z}/{x}/{y}.mvt", tile) + &format!("?plot_ratio={least:.3}..")
        }
        10 | 11 => format!("{items}?limit=1000&bbox={}", window(city, key)),
        12 => {
            let (ratio, area) = (share(key ^ 5) * 4.0, 800.0 + share(key ^ 6) * 400.0);
            format!("{items}?plot_ratio={ratio:.3}..&site_area_m2={area:.1}..&sortby=-site_area_m2")
        }
        13 => format!("{items}/p{:07}", draw(key ^ 7) % city.parcels),
        14 => format!(
            "{items}?limit=20000&f=csv&plot_ratio=..{:.3}",
            share(key ^ 8) * 6.0
        ),
        _ => format!("{items}?limit=3000&storeys={}..", draw(key ^ 9) % 20),
    }
}

/// One client, which reads all that it asks for.
pub fn read(
    server: &Server,
    city: &City,
    own: u64,
    counts: &Counts,
    going: impl Fn() -> bool,
) -> io::Result<()> {
    let codings = ["identity", "gzip", "br", "zstd"];
    let mut client = Client::new(&server.address)?;
    let mut at = own << 40;
    while going() {
        at += 1;
        let path = address(city, draw(at));
        let coding = codings[(draw(at ^ 0xc0) % 4) as usize];
        let answer = client.get_as(&path, coding)?;
        let count = match answer.status {
            200 | 204 => &counts.answers,
            503 => &counts.refused,
            status => return Err(io::Error::other(format!("{path}: {status}"))),
        };
        count.fetch_add(1, Ordering::Relaxed);
        let bytes = answer.body.len() as u64;
        counts.bytes.fetch_add(bytes, Ordering::Relaxed);
    }
    Ok(())
}

/// Asks and goes: at once, after the first bytes, or after it has read nothing for a while.
fn leave(
    server: &Server,
    city: &City,
    counts: &Counts,
    going: impl Fn() -> bool,
) -> io::Result<()> {
    let mut stalled = Vec::new();
    let mut at = 1 << 50;
    while going() {
        at += 1;
        let mut stream = TcpStream::connect(&server.address)?;
        let request = format!(
            "GET {} HTTP/1.1\r\nHost: {}\r\n\r\n",
            address(city, draw(at)),
            server.address
        );
        stream.write_all(request.as_bytes())?;
        match at % 4 {
            0 => {}
            1 => stream.read_exact(&mut [0; 64])?,
            2 => sleep(Duration::from_millis(2)),
            _ => stalled.push(stream),
        }
        if stalled.len() > 100 {
            stalled.remove(0);
        }
        counts.left.fetch_add(1, Ordering::Relaxed);
        sleep(Duration::from_millis(10));
    }
    Ok(())
}

/// Of the line through the points, by least squares: MB per second.
fn slope(points: &[(f64, f64)]) -> f64 {
    let count = points.len() as f64;
    let middle = |of: fn(&(f64, f64)) -> f64| points.iter().map(of).sum::<f64>() / count;
    let (x, y) = (middle(|p| p.0), middle(|p| p.1));
    let (mut over, mut under) = (0.0, f64::MIN_POSITIVE);
    for point in points {
        over += (point.0 - x) * (point.1 - y);
        under += (point.0 - x).powi(2);
    }
    over / under
}
