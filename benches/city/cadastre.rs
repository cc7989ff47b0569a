//! A made-up city: streets, blocks between them, parcels that share borders. Seeded, so that two runs
//! measure the same data.

use std::fs::{self, File};
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

/// Changes whenever the data do, so that an old folder is not taken for a new one.
const VERSION: u32 = 1;

/// The city's middle in degrees, and how long a metre is there.
const CENTRE: (f64, f64) = (121.4, 31.2);
const METRE: (f64, f64) = (1.0 / 95_300.0, 1.0 / 110_900.0);

/// Parcels of a block, across and deep, and their size and the street beside them in metres.
const ACROSS: u64 = 8;
const DEEP: u64 = 5;
const WIDTH: f64 = 28.0;
const DEPTH: f64 = 36.0;
const STREET: f64 = 16.0;

/// Where a city lies.
#[derive(Debug, Clone)]
pub struct City {
    /// The plan folder.
    pub folder: PathBuf,
    /// Parcels.
    pub parcels: u64,
    /// West, south, east, north in degrees.
    pub bounds: [f64; 4],
    /// Bytes of the GeoJSON.
    pub bytes: u64,
}

/// `SplitMix64` (Steele, Lea, Flood 2014): any number of independent draws from a key.
pub fn draw(key: u64) -> u64 {
    let mut z = key.wrapping_add(0x9e37_79b9_7f4a_7c15);
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

/// A number from 0 to 1 from a key.
pub fn share(key: u64) -> f64 {
    (draw(key) >> 11) as f64 / (1_u64 << 53) as f64
}

/// The city of so many parcels, under `root`; made where it is not there yet.
pub fn city(root: &Path, parcels: u64) -> io::Result<City> {
    let folder = root.join(format!("city-{parcels}-v{VERSION}"));
    let blocks = parcels.div_ceil(ACROSS * DEEP);
    let columns = (blocks as f64).sqrt().ceil() as u64;
    let rows = blocks.div_ceil(columns);
    let pitch = (ACROSS as f64 * WIDTH + STREET, DEEP as f64 * DEPTH + STREET);
    let (width, height) = (columns as f64 * pitch.0, rows as f64 * pitch.1);
    let west = CENTRE.0 - width / 2.0 * METRE.0;
    let south = CENTRE.1 - height / 2.0 * METRE.1;
    let bounds = [
        west,
        south,
        west + width * METRE.0,
        south + height * METRE.1,
    ];
    let source = folder.join("geodata/parcels.geojson");
    if !folder.join("whole").exists() {
        fs::create_dir_all(folder.join("seeds"))?;
        fs::create_dir_all(folder.join("geodata"))?;
        fs::write(folder.join("seeds/plan.toml"), plan(bounds))?;
        fs::write(folder.join("seeds/collections.toml"), COLLECTIONS)?;
        let mut out = BufWriter::with_capacity(1 << 20, File::create(&source)?);
        out.write_all(b"{\"type\":\"FeatureCollection\",\"features\":[\n")?;
        let mut text = String::new();
        for at in 0..parcels {
            let (block, own) = (at / (ACROSS * DEEP), at % (ACROSS * DEEP));
            let corner = (
                west + (block % columns) as f64 * pitch.0 * METRE.0,
                south + (block / columns) as f64 * pitch.1 * METRE.1,
            );
            text.clear();
            parcel(&mut text, at, block, own, corner);
            if at + 1 < parcels {
                text.push_str(",\n");
            }
            out.write_all(text.as_bytes())?;
        }
        out.write_all(b"\n]}\n")?;
        out.into_inner()?.sync_all()?;
        fs::write(folder.join("whole"), "")?;
    }
    let bytes = fs::metadata(&source)?.len();
    Ok(City {
        folder,
        parcels,
        bounds,
        bytes,
    })
}

/// A node of a block's net, shaken so that no border is straight; neighbours share it.
fn node(block: u64, i: u64, j: u64) -> (f64, f64) {
    let key = draw(block) ^ (i << 8 | j);
    let inner = i > 0 && i < ACROSS && j > 0 && j < DEEP;
    let shake = if inner { 5.0 } else { 1.5 };
    (
        i as f64 * WIDTH + (share(key ^ 1) - 0.5) * shake,
        j as f64 * DEPTH + (share(key ^ 2) - 0.5) * shake,
    )
}

/// The border between two nodes without its end: one or two vertices lie on it. It is the same seen
/// from both sides.
fn border(block: u64, from: (u64, u64), to: (u64, u64), out: &mut Vec<(f64, f64)>) {
    let (low, high) = if from < to { (from, to) } else { (to, from) };
    let (a, b) = (node(block, low.0, low.1), node(block, high.0, high.1));
    let key = draw(draw(block) ^ (low.0 << 24 | low.1 << 16 | high.0 << 8 | high.1));
    let between = 1 + u64::from(share(key) < 0.5);
    let mut inner: Vec<_> = (1..=between)
        .map(|k| {
            let along = k as f64 / (between + 1) as f64;
            let off = (share(key ^ (k << 4)) - 0.5) * 2.0;
            let (dx, dy) = (b.0 - a.0, b.1 - a.1);
            let length = dx.hypot(dy);
            (
                a.0 + dx * along - dy / length * off,
                a.1 + dy * along + dx / length * off,
            )
        })
        .collect();
    if from > to {
        inner.reverse();
    }
    out.push(node(block, from.0, from.1));
    out.extend(inner);
}

fn parcel(out: &mut String, at: u64, block: u64, own: u64, corner: (f64, f64)) {
    use std::fmt::Write;
    let (i, j) = (own % ACROSS, own / ACROSS);
    let corners = [(i, j), (i + 1, j), (i + 1, j + 1), (i, j + 1)];
    let mut ring = Vec::with_capacity(12);
    for k in 0..4 {
        border(block, corners[k], corners[(k + 1) % 4], &mut ring);
    }
    let twice: f64 = (0..ring.len())
        .map(|k| {
            let (a, b) = (ring[k], ring[(k + 1) % ring.len()]);
            a.0 * b.1 - b.0 * a.1
        })
        .sum();
    let area = twice / 2.0;
    ring.push(ring[0]);
    let key = draw(at ^ 0x5eed);
    let use_of = ["R", "B", "M", "W", "S", "U", "A", "G", "H", "E"];
    // Whole blocks are of one use more often than not.
    let class = if share(key ^ 3) < 0.7 {
        draw(block ^ 7)
    } else {
        draw(key ^ 4)
    };
    let ratio = 0.3 + share(key ^ 5) * share(key ^ 6) * 5.7;
    let storeys = 1 + (ratio * (1.0 + share(key ^ 8) * 4.0)) as u64;
    let _ = write!(
        out,
        "{{\"type\":\"Feature\",\"id\":\"p{at:07}\",\"properties\":{{\"parcel_no\":\"{:03}-{:05}-{:02}\",\"land_use\":\"{}\",\
         \"plot_ratio\":{ratio:.2},\"site_area_m2\":{area:.1},\"storeys\":{storeys},\"built\":{},\"street\":\"{}{}路\",\"owner\":\"{}\"}},\
         \"geometry\":{{\"type\":\"Polygon\",\"coordinates\":[[",
        block % 997,
        block,
        own,
        use_of[(class % 10) as usize],
        1950 + draw(key ^ 9) % 75,
        [
            "祁连山",
            "桃浦",
            "武威",
            "真南",
            "古浪",
            "敦煌",
            "永登",
            "金昌"
        ][(draw(block ^ 0xb) % 8) as usize],
        ["东", "西", "南", "北", ""][(draw(block ^ 0xc) % 5) as usize],
        ["state", "collective", "private", "mixed"][(draw(key ^ 0xa) % 4) as usize],
    );
    for (k, (x, y)) in ring.iter().enumerate() {
        let comma = if k > 0 { "," } else { "" };
        let (lon, lat) = (corner.0 + x * METRE.0, corner.1 + y * METRE.1);
        let _ = write!(out, "{comma}[{lon:.7},{lat:.7}]");
    }
    out.push_str("]]}}");
}

fn plan([west, south, east, north]: [f64; 4]) -> String {
    let margin = 0.01;
    format!(
        r#"id = "city"
title = {{ zh = "测试城市", en = "A made-up city" }}
source_title = {{ zh = "测试数据", en = "Made-up data" }}
period = {{ start = 2021, end = 2025 }}
issued = "2021"
attribution = [{{ zh = "虚构数据", en = "Made-up data" }}]
notice = {{ zh = "虚构数据，仅供测试。", en = "Made-up data for measurements." }}
extent = [{}, {}, {}, {}]
view = {{ center = [{}, {}], zoom = 12.0 }}
views = []
"#,
        west - margin,
        south - margin,
        east + margin,
        north + margin,
        CENTRE.0,
        CENTRE.1,
    )
}

const COLLECTIONS: &str = r##"
[[collections]]
id = "parcels"
title = { zh = "地块", en = "Parcels" }
description = { zh = "虚构地块", en = "Made-up parcels" }
geometry = "polygon"
source = "parcels.geojson"
min_zoom = 0
style = { color = "#b3261e", class_column = "land_use" }
columns = ["parcel_no", "land_use", "plot_ratio", "site_area_m2", "storeys", "built", "street", "owner"]

[columns.parcel_no]
title = { zh = "地块编号", en = "Parcel number" }
type = "string"
role = "stated"
tile = true

[columns.land_use]
title = { zh = "用地性质", en = "Land use" }
type = "string"
role = "stated"
indexed = true
tile = true
values = [
  { code = "R", zh = "居住", en = "Residential" }, { code = "B", zh = "商业", en = "Commercial" },
  { code = "M", zh = "工业", en = "Industrial" }, { code = "W", zh = "仓储", en = "Storage" },
  { code = "S", zh = "道路", en = "Transport" }, { code = "U", zh = "公用", en = "Utilities" },
  { code = "A", zh = "公共", en = "Public" }, { code = "G", zh = "绿地", en = "Green" },
  { code = "H", zh = "建设", en = "Built" }, { code = "E", zh = "水域", en = "Water" },
]

[columns.plot_ratio]
title = { zh = "容积率", en = "Plot ratio" }
type = "number"
role = "stated"
indexed = true
tile = true

[columns.site_area_m2]
title = { zh = "用地面积", en = "Site area" }
type = "number"
unit = "m²"
role = "stated"
indexed = true
tile = true

[columns.storeys]
title = { zh = "层数", en = "Storeys" }
type = "integer"
role = "stated"
tile = true

[columns.built]
title = { zh = "建成年份", en = "Year built" }
type = "integer"
role = "stated"
tile = true

[columns.street]
title = { zh = "道路", en = "Street" }
type = "string"
role = "stated"
tile = true

[columns.owner]
title = { zh = "权属", en = "Owner" }
type = "string"
role = "stated"
tile = true
"##;
