//! What cargo-fuzz does for hours, for some seconds and always the same: files cut anywhere and bytes
//! changed anywhere are read or refused, in time, without a panic. The targets are in `fuzz/`.

use std::fs;
use std::path::Path;
use std::time::{Duration, Instant};

use buju::source::{Options, Source};

use super::made::{Dice, Made, gdal, geojson};

/// A damaged copy.
pub fn damaged(whole: &[u8], dice: &mut Dice) -> Vec<u8> {
    let mut bytes = whole.to_vec();
    match dice.below(4) {
        0 => bytes.truncate(dice.below(whole.len())),
        1 => {
            for _ in 0..=dice.below(8) {
                let at = dice.below(bytes.len());
                bytes[at] ^= 1 << dice.below(8);
            }
        }
        2 => {
            // What counts and lengths are made of.
            let at = dice.below(bytes.len());
            let end = (at + [1, 2, 4, 8][dice.below(4)]).min(bytes.len());
            bytes[at..end].fill([0, 0xFF, 0x7F, 0x80][dice.below(4)]);
        }
        _ => {
            // A piece of it again, elsewhere.
            let (from, to) = (dice.below(bytes.len()), dice.below(bytes.len()));
            let length = dice.below(64).min(bytes.len() - from.max(to));
            bytes.copy_within(from..from + length, to);
        }
    }
    bytes
}

/// Opens and reads to the end, whatever comes.
pub fn read(path: &str, what: &str) -> bool {
    let start = Instant::now();
    let source = Source::open(Path::new(path), &Options::default());
    let opened = source.is_ok();
    if let Ok(source) = source {
        let columns = source.layer().columns.len();
        let _ = source.read(&mut |_, _| {}, &mut |record| {
            if let Ok(record) = record {
                assert_eq!(record.values.len(), columns, "{what}");
            }
            true
        });
    }
    let took = start.elapsed();
    assert!(took < Duration::from_secs(20), "{what}: {took:?}");
    opened
}

/// Damages one of the files at a time, and reads the first.
fn replay(made: &Made, names: &[&str], seed: u64, cases: usize) {
    let whole: Vec<_> = names
        .iter()
        .map(|name| fs::read(made.path(name)).expect("a file"))
        .collect();
    let mut dice = Dice(seed);
    let mut opened = 0;
    for case in 0..cases {
        let at = dice.below(names.len());
        made.write(names[at], &damaged(&whole[at], &mut dice));
        let what = format!("{} {case}", names[at]);
        let outcome = std::panic::catch_unwind(|| read(&made.path(names[0]), &what));
        opened += usize::from(outcome.unwrap_or_else(|_| panic!("{what} of seed {seed:#x}")));
        made.write(names[at], &whole[at]);
    }
    assert!(
        opened > 0 && opened < cases,
        "{names:?}: {opened} were opened"
    );
}

#[test]
fn shapefiles() {
    for (kind, shape) in [
        ("points", "POINTZ"),
        ("multipoints", "MULTIPOINTM"),
        ("lines", "ARC"),
        ("polygons", "POLYGONZ"),
    ] {
        let made = Made::new();
        let input = made.input(kind, &geojson(kind, 12));
        let created = format!("SHPT={shape}");
        gdal(&[
            "-lco",
            "ENCODING=GBK",
            "-lco",
            &created,
            &made.path("a.shp"),
            &input,
        ]);
        replay(
            &made,
            &["a.shp", "a.dbf", "a.shx", "a.cpg"],
            0xB0B_0001,
            500,
        );
        fs::remove_file(made.path("a.shx")).expect("removed");
        fs::remove_file(made.path("a.cpg")).expect("removed");
        replay(&made, &["a.shp", "a.dbf"], 0xB0B_0002, 500);
    }
}

#[test]
fn archives() {
    let made = Made::new();
    let input = made.input("polygons", &geojson("polygons", 12));
    gdal(&[
        "-f",
        "ESRI Shapefile",
        "-lco",
        "ENCODING=GBK",
        &made.path("a.shz"),
        &input,
    ]);
    fs::rename(made.path("a.shz"), made.path("a.zip")).expect("renamed");
    replay(&made, &["a.zip"], 0xB0B_0003, 1_500);
}

#[test]
fn tables() {
    let made = Made::new();
    let input = made.input("polygons", &geojson("polygons", 12));
    gdal(&["-lco", "GEOMETRY=AS_WKT", &made.path("a.csv"), &input]);
    replay(&made, &["a.csv"], 0xB0B_0004, 1_500);
}

#[test]
fn sheets() {
    let made = Made::new();
    let input = made.input("points", &geojson("points", 12));
    gdal(&[&made.path("a.xlsx"), &input]);
    replay(&made, &["a.xlsx"], 0xB0B_0005, 1_000);
    // The parts themselves, packed anew: what is packed in the archive is damaged seldom.
    super::replay_parts::parts(&made);
}
