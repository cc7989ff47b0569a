//! `--requests`: what the benchmark asks, as JSON for other clients, so that other servers are asked the same.

use std::fmt::Write;

use crate::cadastre::{City, share};
use crate::{TileAddress, tiles, window};

/// A range of plot ratios and a least area, in the words of the API; about a parcel in fifty meets them.
pub fn bounds(at: u64) -> (f64, f64, f64) {
    let low = 0.5 + share(at * 3) * 3.0;
    (low, low + 0.4, 900.0 + share(at * 3 + 1) * 200.0)
}

/// The city's folder and size, tiles, boxes, and bounds of filters.
pub fn requests(city: &City) -> String {
    let tile = |(z, x, y): TileAddress| format!("[{z},{x},{y}]");
    let tiles: Vec<_> = tiles(city, 400).into_iter().map(tile).collect();
    let boxes: Vec<_> = (0..5000)
        .map(|at| format!("[{}]", window(city, at)))
        .collect();
    let filters: Vec<_> = (0..1000)
        .map(|at| {
            let (low, high, area) = bounds(at);
            format!("[{low:.3},{high:.3},{area:.1}]")
        })
        .collect();
    let mut out = String::new();
    let _ = write!(
        out,
        "{{\"folder\":{:?},\"parcels\":{},\"tiles\":[{}],\"boxes\":[{}],\"filters\":[{}]}}",
        city.folder.display().to_string(),
        city.parcels,
        tiles.join(","),
        boxes.join(","),
        filters.join(",")
    );
    out
}
