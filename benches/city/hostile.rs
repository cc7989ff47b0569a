//! `--hostile SECONDS`: what do requests that are meant to hurt cost, and what do others feel of them?
//!
//! Each attack is made alone first; then 8 and 64 clients repeat it, never with the same address twice, while
//! one client asks for cheap things and is timed.

use std::fmt::Write as _;
use std::io;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread::{scope, sleep};
use std::time::{Duration, Instant};

use crate::cadastre::{City, draw, share};
use crate::client::Client;
use crate::process::Server;
use crate::{tile_at, xyz};

/// Between two questions of the client that is timed.
const PAUSE: Duration = Duration::from_millis(2);

/// Attackers at once.
const CROWDS: [u64; 2] = [8, 64];

/// An attack: its name, and its address for a number that no other request has.
struct Attack {
    name: &'static str,
    path: Box<dyn Fn(u64) -> String + Sync>,
}

/// Makes every attack, or those whose names hold a text.
pub fn hostile(
    server: &Server,
    city: &City,
    length: Duration,
    only: &str,
    line: &mut impl FnMut(&str, String),
) -> io::Result<()> {
    line("nobody attacks", feel(server, city, length, 0, None)?);
    for attack in attacks(city) {
        if !attack.name.contains(only) {
            continue;
        }
        line(attack.name, alone(server, &attack)?);
        for crowd in CROWDS {
            line(
                &format!("{}, {crowd} clients", attack.name),
                feel(server, city, length, crowd, Some(&attack))?,
            );
        }
    }
    line(
        "memory at the end (at most)",
        format!("{:.0} MB ({:.0} MB)", server.memory().0, server.memory().1),
    );
    Ok(())
}

/// One request, with nobody else there.
fn alone(server: &Server, attack: &Attack) -> io::Result<String> {
    let mut client = Client::new(&server.address)?;
    let (before, start) = (server.cpu(), Instant::now());
    let status = client
        .get(&(attack.path)(1 << 40))
        .map(|answer| answer.status);
    let took = start.elapsed().as_secs_f64();
    let cpu = server.cpu().saturating_sub(before).as_secs_f64();
    let status = status.map_or_else(|error| error.to_string(), |status| status.to_string());
    Ok(format!("{cpu:.2} core-s; {took:.2} s; {status}"))
}

/// Times of cheap requests, in milliseconds.
#[derive(Default)]
struct Times([Vec<f64>; 4]);

/// What is asked for, over and over.
const CHEAP: [&str; 4] = ["healthz", "304", "cached tile", "new tile"];

impl Times {
    fn told(mut self) -> String {
        let mut out = String::new();
        for (name, times) in CHEAP.iter().zip(&mut self.0) {
            times.sort_by(f64::total_cmp);
            let at = |share: f64| times.get((times.len() as f64 * share) as usize);
            let told =
                |time: Option<&f64>| time.map_or("-".to_owned(), |time| format!("{time:.1}"));
            let joint = if out.is_empty() { "" } else { "; " };
            let (half, most) = (told(at(0.5)), told(times.last()));
            let _ = write!(out, "{joint}{name} {half} / {} / {most}", told(at(0.99)));
        }
        out
    }
}

/// The median, the 99th percentile and the longest of cheap requests while so many attack.
fn feel(
    server: &Server,
    city: &City,
    length: Duration,
    crowd: u64,
    attack: Option<&Attack>,
) -> io::Result<String> {
    let over = AtomicBool::new(false);
    let (answers, refused) = (AtomicU64::new(0), AtomicU64::new(0));
    let times = scope(|scope| {
        for own in 0..crowd {
            let (over, answers, refused) = (&over, &answers, &refused);
            scope.spawn(move || {
                let mut next = draw(own ^ crowd << 32) >> 20;
                while let (false, Some(attack)) = (over.load(Ordering::Relaxed), attack) {
                    // One that is closed is opened again.
                    let Ok(mut client) = Client::new(&server.address) else {
                        sleep(PAUSE);
                        continue;
                    };
                    while !over.load(Ordering::Relaxed) {
                        next += 1;
                        match client.get(&(attack.path)(next)) {
                            Ok(answer) if answer.status == 503 => {
                                refused.fetch_add(1, Ordering::Relaxed);
                                sleep(Duration::from_millis(20));
                            }
                            Ok(_) => {
                                answers.fetch_add(1, Ordering::Relaxed);
                            }
                            Err(_) => break,
                        }
                    }
                }
            });
        }
        let times = timed(server, city, length, crowd);
        over.store(true, Ordering::Relaxed);
        times
    })?;
    let told = times.told();
    if attack.is_none() {
        return Ok(format!("{told} ms"));
    }
    let count = |of: &AtomicU64| of.load(Ordering::Relaxed);
    Ok(format!(
        "{told} ms; {} answers, {} busy",
        count(&answers),
        count(&refused)
    ))
}

fn timed(server: &Server, city: &City, length: Duration, crowd: u64) -> io::Result<Times> {
    // Attackers are under way.
    sleep(Duration::from_millis(300));
    let mut client = Client::new(&server.address)?;
    let known = xyz("/tiles/{z}/{x}/{y}.mvt", tile_at(city, 0.5, 0.5, 14));
    let tag = client.get(&known)?;
    let tag = tag.header("etag").unwrap_or_default().to_owned();
    let mut times = Times::default();
    let start = Instant::now();
    let mut turn = draw(crowd ^ 0x7e) >> 8;
    while start.elapsed() < length {
        turn += 1;
        for (what, times) in times.0.iter_mut().enumerate() {
            let asked = Instant::now();
            let answer = match what {
                0 => client.get("/healthz")?,
                1 => client.get_if_none_match(&known, &tag)?,
                2 => client.get(&known)?,
                _ => {
                    let place = tile_at(city, share(turn), share(turn ^ 1 << 50), 16);
                    let path = xyz("/tiles/{z}/{x}/{y}.mvt", place);
                    client.get(&format!("{path}?plot_ratio=0..{turn}"))?
                }
            };
            times.push(asked.elapsed().as_secs_f64() * 1e3);
            let expected: &[u16] = if what == 1 { &[304] } else { &[200, 204] };
            if !expected.contains(&answer.status) {
                return Err(io::Error::other(format!(
                    "{}: {}",
                    CHEAP[what], answer.status
                )));
            }
        }
        sleep(PAUSE);
    }
    Ok(times)
}

/// The ring of a star with 300 corners over all of the city.
fn star([west, south, east, north]: [f64; 4]) -> String {
    let (middle_x, middle_y) = (f64::midpoint(west, east), f64::midpoint(south, north));
    let corner = |at: u32| {
        let turn = f64::from(at % 300) / 300.0 * std::f64::consts::TAU;
        let reach = if at.is_multiple_of(2) { 0.5 } else { 0.05 };
        let x = middle_x + turn.cos() * reach * (east - west);
        let y = middle_y + turn.sin() * reach * (north - south);
        format!("{x:.6} {y:.6}")
    };
    (0..=300).map(corner).collect::<Vec<_>>().join(",")
}

/// 2600 points anywhere in the city.
fn points([west, south, east, north]: [f64; 4]) -> String {
    let point = |at: u64| {
        let (x, y) = (share(at * 2), share(at * 2 + 1));
        let (x, y) = (west + x * (east - west), south + y * (north - south));
        format!("({x:.6} {y:.6})")
    };
    (0..2600).map(point).collect::<Vec<_>>().join(",")
}

fn attacks(city: &City) -> Vec<Attack> {
    let (star, points) = (star(city.bounds), points(city.bounds));
    // As short as they can be, for the whole address has a limit.
    let texts = (0..9000).map(|at| format!("'{at:x}'"));
    let texts = texts.collect::<Vec<_>>().join(",");
    let like = |joint: &str, not: &str| {
        let one = |at: u64| format!("{not}CASEI(parcel_no) LIKE '%{at}x%'");
        (0..300).map(one).collect::<Vec<_>>().join(joint)
    };
    let filter = |name, condition: String| {
        let condition = escaped(&condition);
        Attack {
            name,
            // Another one each time, that every parcel fulfils.
            path: Box::new(move |next| {
                format!("{ITEMS}?limit=1&storeys=-{next}..&filter={condition}")
            }),
        }
    };
    let near = |name, within: u64| Attack {
        name,
        path: Box::new(move |next| {
            format!("{ITEMS}?limit=1&near=parcels&within={within}&storeys=-{next}..")
        }),
    };
    vec![
        near("near its own collection, 100 km", 100_000),
        near("near its own collection, 300 m", 300),
        filter(
            "S_INTERSECTS a star of 300",
            format!("S_INTERSECTS(geometry,POLYGON(({star})))"),
        ),
        filter(
            "S_WITHIN a star of 300",
            format!("S_WITHIN(geometry,POLYGON(({star})))"),
        ),
        filter(
            "S_TOUCHES a star of 300",
            format!("S_TOUCHES(geometry,POLYGON(({star})))"),
        ),
        filter(
            "S_INTERSECTS a MULTIPOINT of 2600",
            format!("S_INTERSECTS(geometry,MULTIPOINT({points}))"),
        ),
        filter(
            "distance_m of a MULTIPOINT of 2600",
            format!("distance_m(MULTIPOINT({points}))>5000"),
        ),
        filter("IN of 9000 texts", format!("parcel_no IN ({texts})")),
        filter("300 CASEI LIKE, OR", like(" OR ", "")),
        filter("300 CASEI LIKE, AND NOT", like(" AND ", "NOT ")),
        filter(
            "*1 25000 times",
            format!("plot_ratio{}>9", "*1".repeat(25_000)),
        ),
        filter(
            "*1.01 12000 times",
            format!("plot_ratio{}>9", "*1.01".repeat(12_000)),
        ),
        filter("area of every shape", "area_m2()>900".to_owned()),
        filter(
            "2500 alternatives of a text",
            (0..2500)
                .map(|at| format!("parcel_no='{at:x}'"))
                .collect::<Vec<_>>()
                .join(" OR "),
        ),
        Attack {
            name: "pages of 10 000 features",
            path: Box::new(|next| format!("{ITEMS}?limit=10000&storeys=-{next}..")),
        },
        Attack {
            name: "16 words that no name has",
            path: Box::new(|next| format!("{ITEMS}?limit=1&q=q{next}{}", "+zhqx".repeat(15))),
        },
        filter(
            "S_OVERLAPS a star of 300",
            format!("S_OVERLAPS(geometry,POLYGON(({star})))"),
        ),
        filter(
            "S_CROSSES a MULTIPOINT of 2600",
            format!("S_CROSSES(geometry,MULTIPOINT({points}))"),
        ),
        filter(
            "1000 boxes of everything, AND",
            vec!["S_INTERSECTS(geometry,BBOX(0,0,180,90))"; 1000].join(" AND "),
        ),
        filter(
            "1000 boxes of everything, OR",
            vec!["S_INTERSECTS(geometry,BBOX(0,0,180,90))"; 1000].join(" OR "),
        ),
    ]
}

const ITEMS: &str = "/collections/parcels/items";

fn escaped(text: &str) -> String {
    let mut out = String::new();
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~,()*'".contains(&byte) {
            out.push(char::from(byte));
        } else {
            let _ = write!(out, "%{byte:02X}");
        }
    }
    out
}
