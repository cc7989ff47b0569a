//! `cargo bench --bench stages`: what the stages of a tile cost, without a server: which rows, cutting
//! them, and writing both formats. Of a made-up city of 100 000 parcels, or of as many as
//! `BUJU_PARCELS` says; it is made once, under `BUJU_CITIES` or `target/bench`. And whether multipolygons of up to a
//! million corners, one large part and many small ones, are valid.

#![expect(
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "small numbers"
)]

#[path = "city/cadastre.rs"]
#[expect(dead_code, reason = "the benchmark of the server tells more of a city")]
mod cadastre;

use std::hint::black_box;
use std::path::PathBuf;
use std::time::Duration;

use buju::encode;
use buju::ingest::{self, PlanFiles};
use buju::query::{self, Query};
use buju::snapshot::Snapshot;
use buju::store::Store;
use buju::tile::{Grid, TileCoord, TileMatrixSet};
use cadastre::{City, city, draw, share};
use criterion::{Criterion, Throughput};
use geo::{CoordsIter, Geometry, LineString, MultiPolygon, Polygon};

fn main() {
    let parcels = std::env::var("BUJU_PARCELS").ok();
    let parcels = parcels.map_or(100_000, |count| count.parse().expect("a number of parcels"));
    let folder = std::env::var_os("BUJU_CITIES").map_or("target/bench".into(), PathBuf::from);
    let city = city(&folder, parcels).expect("a city");
    let outcome = ingest::load(&PlanFiles::Folder(city.folder.clone())).expect("a plan");
    let snapshot = Snapshot::build(outcome.loaded.expect("a sound plan"), Vec::new());
    let mut criterion = Criterion::default()
        .configure_from_args()
        .sample_size(20)
        .warm_up_time(Duration::from_secs(1))
        .measurement_time(Duration::from_secs(4));
    select(&mut criterion, &city, &snapshot);
    let store = Store::new(snapshot);
    cut_and_write(&mut criterion, &city, &store);
    validity(&mut criterion);
    criterion.final_summary();
}

fn validity(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("validity");
    group.sample_size(10);
    for parts in [1_000, 10_000, 110_000] {
        let shape: Geometry<f64> = coast(parts).into();
        let corners = shape.coords_count();
        group.throughput(Throughput::Elements(corners as u64));
        group.bench_function(format!("{corners} corners"), |bencher| {
            bencher.iter(|| black_box(ingest::problems(&shape)).len());
        });
    }
}

/// A comb with a small square between each two of its teeth, which touches one of them.
fn coast(teeth: usize) -> MultiPolygon<f64> {
    let width = 1e-5;
    let ring = |places: Vec<(f64, f64)>| Polygon::new(LineString::from(places), Vec::new());
    let (mut comb, mut parts) = (Vec::new(), Vec::new());
    for tooth in 0..teeth {
        let x = 100.0 + tooth as f64 * 4.0 * width;
        comb.extend([(x, 31.0), (x, 31.01), (x + width, 31.01), (x + width, 31.0)]);
        let (low, high) = (31.002, 31.002 + width);
        parts.push(ring(vec![
            (x + width, low),
            (x + 2.0 * width, low),
            (x + 2.0 * width, high),
            (x + 1.5 * width, high),
        ]));
    }
    comb.extend([(comb[comb.len() - 1].0, 30.999), (100.0, 30.999)]);
    parts.push(ring(comb));
    MultiPolygon::new(parts)
}

fn select(criterion: &mut Criterion, city: &City, snapshot: &Snapshot) {
    let parcels = snapshot.collection("parcels").expect("parcels");
    let every = Query::default();
    for zoom in [12, 14, 16] {
        let tiles = tiles(city, zoom..=zoom, 60);
        let mut group = criterion.benchmark_group(format!("z{zoom}"));
        group.throughput(Throughput::Elements(tiles.len() as u64));
        group.bench_function("select", |bencher| {
            bencher.iter(|| {
                let found = tiles.iter().map(|tile| {
                    let rows =
                        query::matched_in(parcels, &every, tile.buffered()).expect("no limit");
                    black_box(rows).len()
                });
                found.sum::<usize>()
            });
        });
    }
}

fn cut_and_write(criterion: &mut Criterion, city: &City, store: &Store) {
    let every = Query::default();
    let cut = |tile, grid| store.tile(tile, grid, |_| Some(&every)).expect("no limit");
    for (name, zooms) in [
        ("z0-z8", 0..=8),
        ("z10", 10..=10),
        ("z12", 12..=12),
        ("z13", 13..=13),
        ("z14", 14..=14),
        ("z16", 16..=16),
        ("z12-z17", 12..=17),
    ] {
        // As many as the benchmark of the server asks for.
        let tiles = tiles(city, zooms, 400);
        let mut group = criterion.benchmark_group(name);
        group.throughput(Throughput::Elements(tiles.len() as u64));
        for (format, grid) in [("mvt", Grid::Units), ("geojson", Grid::Degrees)] {
            let write = |tile| match grid {
                Grid::Units => encode::mvt(&tile),
                Grid::Degrees => encode::tile_geojson(&tile, &[]),
            };
            group.bench_function(format!("cut for {format}"), |bencher| {
                bencher.iter(|| {
                    tiles
                        .iter()
                        .map(|tile| cut(*tile, grid).returned())
                        .sum::<usize>()
                });
            });
            group.bench_function(format!("cut and write {format}"), |bencher| {
                let (mut features, mut bytes, mut most) = (0, 0, 0);
                for tile in &tiles {
                    let tile = cut(*tile, grid);
                    features += tile.returned();
                    let written = write(tile).len();
                    bytes += written;
                    most = most.max(written);
                }
                println!(
                    "{} tiles of {} features and {:.1} kB, at most {:.0} kB",
                    tiles.len(),
                    features / tiles.len(),
                    bytes as f64 / 1e3 / tiles.len() as f64,
                    most as f64 / 1e3,
                );
                bencher.iter(|| {
                    tiles
                        .iter()
                        .map(|tile| write(cut(*tile, grid)).len())
                        .sum::<usize>()
                });
            });
        }
    }
}

/// Different tiles of the city, as the benchmark of the server draws them.
fn tiles(city: &City, zooms: std::ops::RangeInclusive<u8>, most: usize) -> Vec<TileCoord> {
    let [west, south, east, north] = city.bounds;
    let mut out: Vec<TileCoord> = Vec::new();
    let count = u64::from(zooms.end() - zooms.start() + 1);
    for at in 0..1600_u64 {
        let z = zooms.start() + (draw(at * 3) % count) as u8;
        let lon = west + (east - west) * share(at * 3 + 1);
        let lat = (south + (north - south) * share(at * 3 + 2)).to_radians();
        let side = f64::from(1_u32 << z);
        let x = (lon + 180.0) / 360.0 * side;
        let y = (1.0 - lat.tan().asinh() / std::f64::consts::PI) / 2.0 * side;
        let tile = TileCoord::new(TileMatrixSet::WebMercatorQuad, z, x as u32, y as u32);
        let tile = tile.expect("inside the world");
        if !out.contains(&tile) {
            out.push(tile);
        }
        if out.len() == most {
            break;
        }
    }
    out
}
