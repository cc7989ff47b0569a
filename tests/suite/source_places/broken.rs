//! Files cut anywhere and with any bytes changed: an answer in bounded time, and no panic.

use std::fs;
use std::path::Path;
use std::time::{Duration, Instant};

use buju::source::{Options, Source};

use super::files::{FAMILIES, made};
use super::{geopackage, geoparquet, kml, refused};

/// Numbers that a seed names (Steele et al., "Fast splittable pseudorandom number generators").
pub struct Random(pub u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut bits = self.0;
        bits = (bits ^ (bits >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        bits = (bits ^ (bits >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        bits ^ (bits >> 31)
    }

    pub fn below(&mut self, end: usize) -> usize {
        usize::try_from(self.next() % end.max(1) as u64).expect("small")
    }

    /// A file cut, or some of its bytes changed, doubled or lost.
    fn changed(&mut self, bytes: &[u8]) -> Vec<u8> {
        let mut bytes = bytes.to_vec();
        match self.below(4) {
            0 => bytes.truncate(self.below(bytes.len())),
            1 => {
                let (from, to) = (self.below(bytes.len()), self.below(64));
                let to = (from + to).min(bytes.len());
                bytes.drain(from..to);
            }
            2 => {
                let (from, to) = (self.below(bytes.len()), self.below(64));
                let to = (from + to).min(bytes.len());
                let part = bytes[from..to].to_vec();
                let at = self.below(bytes.len());
                bytes.splice(at..at, part);
            }
            _ => {}
        }
        for _ in 0..self.below(6) {
            let at = self.below(bytes.len());
            let Some(byte) = bytes.get_mut(at) else { break };
            *byte = match self.below(4) {
                0 => 0,
                1 => 0xff,
                2 => *byte ^ (1 << self.below(8)),
                _ => u8::try_from(self.below(256)).expect("a byte"),
            };
        }
        bytes
    }
}

/// Opens and reads a file; how many of its records are good. It must not take long.
fn tried(path: &Path) -> Option<usize> {
    let begun = Instant::now();
    let source = Source::open(path, &Options::default());
    let good = source.ok().and_then(|source| {
        let (mut good, mut all) = (0, 0);
        let read = source.read(&mut |_, _| {}, &mut |record| {
            all += 1;
            good += usize::from(record.is_ok());
            // A view may have rows without end.
            all < 100_000
        });
        read.ok().map(|()| good)
    });
    assert!(
        begun.elapsed() < Duration::from_secs(20),
        "{}",
        path.display()
    );
    good
}

/// So many broken files of a sound one; some must be refused, and some not.
fn replay(ending: &str, sound: &[u8], cases: u64) {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join(format!("broken.{ending}"));
    fs::write(&path, sound).expect("written");
    let whole = tried(&path).expect("a sound file");
    assert!(whole > 0);
    let (mut refused, mut fewer) = (0, 0);
    for seed in 0..cases {
        let bytes = Random(seed).changed(sound);
        fs::write(&path, &bytes).expect("written");
        match tried(&path) {
            None => refused += 1,
            Some(good) => fewer += u64::from(good < whole),
        }
    }
    assert!(
        refused + fewer > cases / 20,
        "{ending}: of {cases}, {refused} refused"
    );
    println!("{ending}: of {cases}, {refused} refused, {fewer} with bad records");
}

#[test]
fn broken_geojson() {
    let folder = tempfile::tempdir().expect("a folder");
    let (name, geometries) = FAMILIES[3];
    for (ending, driver) in [("geojson", "GeoJSON"), ("geojsonl", "GeoJSONSeq")] {
        let more = ["-f", driver, "-nlt", "GEOMETRY"];
        let path = made(&folder, ending, name, geometries, &more);
        let bytes = fs::read(path).expect("a file");
        replay(
            ending,
            &bytes,
            if ending == "geojson" { 4000 } else { 2000 },
        );
    }
}

#[test]
fn broken_flatgeobuf() {
    let folder = tempfile::tempdir().expect("a folder");
    let (name, geometries) = FAMILIES[3];
    let more = [
        "-f",
        "FlatGeobuf",
        "-nlt",
        "GEOMETRY",
        "-lco",
        "SPATIAL_INDEX=NO",
    ];
    let path = made(&folder, "fgb", name, geometries, &more);
    replay("fgb", &fs::read(path).expect("a file"), 4000);
}

#[test]
fn broken_geopackages() {
    replay("gpkg", &geopackage::small(), 4000);
    let folder = tempfile::tempdir().expect("a folder");
    let (name, geometries) = FAMILIES[3];
    let path = made(
        &folder,
        "gpkg",
        name,
        geometries,
        &["-f", "GPKG", "-nlt", "GEOMETRY"],
    );
    replay("gpkg", &fs::read(path).expect("a file"), 300);
}

#[test]
fn broken_geoparquet() {
    for packing in geoparquet::packed() {
        replay("parquet", &geoparquet::written(packing), 1000);
    }
}

#[test]
fn broken_kml() {
    replay("kml", kml::DOCUMENT.as_bytes(), 4000);
}

/// A header of a kilobyte that claims ten gigabytes costs what it is, and no more.
#[test]
fn claims_are_not_believed() {
    let folder = tempfile::tempdir().expect("a folder");
    let (name, geometries) = FAMILIES[0];
    let put = |ending: &str, bytes: &[u8]| {
        let path = folder.path().join(format!("claim.{ending}"));
        fs::write(&path, bytes).expect("written");
        let begun = Instant::now();
        let told = refused(&path, None);
        assert!(begun.elapsed() < Duration::from_secs(2), "{told}");
        told
    };
    // FlatGeobuf: a header, a feature and a count that are longer than the file.
    let more = ["-f", "FlatGeobuf", "-lco", "SPATIAL_INDEX=NO"];
    let path = made(&folder, "fgb", name, &geometries[..2], &more);
    let bytes = fs::read(&path).expect("a file");
    let mut claim = bytes.clone();
    claim[8..12].copy_from_slice(&0x7fff_ffff_u32.to_le_bytes());
    assert!(put("fgb", &claim).contains("header is broken"));
    let header = u32::from_le_bytes(bytes[8..12].try_into().expect("four bytes"));
    let feature = 12 + usize::try_from(header).expect("small");
    let mut claim = bytes.clone();
    claim[feature..feature + 4].copy_from_slice(&0x7fff_ffff_u32.to_le_bytes());
    assert!(put("fgb", &claim).contains("cut short"));
    // GeoPackage: four billion pages.
    let mut claim = geopackage::small();
    claim[28..32].copy_from_slice(&u32::MAX.to_be_bytes());
    let told = put("gpkg", &claim);
    assert!(
        told.contains("cut short") || told.contains("malformed"),
        "{told}"
    );
    // Parquet: a page that is two gigabytes when unpacked, and metadata longer than the file.
    let told = put("parquet", &geoparquet::with_a_page_that_claims(0x7fff_ffff));
    assert!(
        told.contains("a page claims to be 2147483647 bytes"),
        "{told}"
    );
    let mut claim = geoparquet::written(geoparquet::packed()[0]);
    let at = claim.len() - 8;
    claim[at..at + 4].copy_from_slice(&0x7fff_ffff_u32.to_le_bytes());
    assert!(put("parquet", &claim).contains("cut short"));
}
