//! Counts every answer, by what was asked for: an operator has to see which of them are slow, or fail.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

/// What was asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Tile,
    Items,
    Statistics,
    Search,
    /// From another server.
    Basemap,
    /// Files of the page.
    Asset,
    /// Health, metrics, reloads.
    Server,
    Other,
}

impl Kind {
    pub const ALL: [Self; 8] = [
        Self::Tile,
        Self::Items,
        Self::Statistics,
        Self::Search,
        Self::Basemap,
        Self::Asset,
        Self::Server,
        Self::Other,
    ];

    /// By the path alone, so that what no route takes is counted as well.
    pub fn of(path: &str) -> Self {
        let mut parts = path.split('/').skip(1);
        match (parts.next(), parts.nth(1)) {
            // Behind the collection's id.
            (Some("collections"), Some("items")) => Self::Items,
            (Some("collections"), Some("statistics")) => Self::Statistics,
            // Documents about tiles stand above.
            (Some("collections"), Some("tiles")) if parts.nth(1).is_some() => Self::Tile,
            (Some("tiles"), Some(_)) => Self::Tile,
            (Some("search"), _) => Self::Search,
            (Some("basemap"), _) => Self::Basemap,
            (Some("assets" | "sw.js"), _) => Self::Asset,
            (Some("healthz" | "readyz" | "metrics" | "admin"), _) => Self::Server,
            _ => Self::Other,
        }
    }

    pub fn name(self) -> &'static str {
        match self {
            Self::Tile => "tile",
            Self::Items => "items",
            Self::Statistics => "statistics",
            Self::Search => "search",
            Self::Basemap => "basemap",
            Self::Asset => "asset",
            Self::Server => "server",
            Self::Other => "other",
        }
    }
}

/// Upper bounds of the histogram's bins, in microseconds, and as they are told: a tile that is kept takes some
/// tens, one that is made some thousands, and nothing may take more than thirty million.
pub(super) const BINS: [(u64, &str); 8] = [
    (500, "0.0005"),
    (2_000, "0.002"),
    (10_000, "0.01"),
    (50_000, "0.05"),
    (250_000, "0.25"),
    (1_000_000, "1"),
    (5_000_000, "5"),
    (30_000_000, "30"),
];

/// Classes of status: 1xx to 5xx.
pub(super) const CLASSES: [&str; 5] = ["1xx", "2xx", "3xx", "4xx", "5xx"];

/// Answers so far. Counting one costs some nanoseconds.
#[derive(Default)]
pub(super) struct Requests([Count; Kind::ALL.len()]);

#[derive(Default)]
struct Count {
    classes: [AtomicU64; CLASSES.len()],
    bins: [AtomicU64; BINS.len()],
    beyond: AtomicU64,
    micros: AtomicU64,
}

/// The answers of a kind.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Counted {
    pub kind: Kind,
    pub classes: [u64; CLASSES.len()],
    /// Of each bin with all below.
    pub within: [u64; BINS.len()],
    pub all: u64,
    pub micros: u64,
}

impl Requests {
    /// Counts an answer: the time until it began.
    pub fn note(&self, kind: Kind, status: u16, took: Duration) {
        let count = &self.0[kind as usize];
        let class = usize::from(status / 100).clamp(1, CLASSES.len()) - 1;
        let micros = u64::try_from(took.as_micros()).unwrap_or(u64::MAX >> 20);
        let bin = BINS.iter().position(|(most, _)| micros <= *most);
        let bin = bin.map_or(&count.beyond, |bin| &count.bins[bin]);
        for (counter, by) in [
            (&count.classes[class], 1),
            (bin, 1),
            (&count.micros, micros),
        ] {
            counter.fetch_add(by, Ordering::Relaxed);
        }
    }

    /// All of them.
    pub fn counted(&self) -> impl Iterator<Item = Counted> {
        let pairs = Kind::ALL.into_iter().zip(&self.0);
        pairs.map(|(kind, count)| {
            let read = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
            let mut sum = 0;
            let within = count.bins.each_ref().map(|bin| {
                sum += read(bin);
                sum
            });
            Counted {
                kind,
                classes: count.classes.each_ref().map(read),
                within,
                all: sum + read(&count.beyond),
                micros: read(&count.micros),
            }
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_have_kinds() {
        for (path, kind) in [
            ("/tiles/15/1/2.mvt", Kind::Tile),
            ("/tiles/WebMercatorQuad/15/1/2", Kind::Tile),
            ("/collections/a/tiles/WebMercatorQuad/15/1/2", Kind::Tile),
            ("/collections/a/tiles/WebMercatorQuad", Kind::Other),
            ("/collections/a/tiles", Kind::Other),
            ("/tiles", Kind::Other),
            ("/tiles/WebMercatorQuad", Kind::Other),
            ("/tiles.json", Kind::Other),
            ("/collections/a/items", Kind::Items),
            ("/collections/a/items/tiles/1/2", Kind::Items),
            ("/collections/a/statistics", Kind::Statistics),
            ("/collections/items", Kind::Other),
            ("/search", Kind::Search),
            ("/basemap/a/1/2/3", Kind::Basemap),
            ("/assets/a.js", Kind::Asset),
            ("/sw.js", Kind::Asset),
            ("/readyz", Kind::Server),
            ("/admin/reload", Kind::Server),
            ("/", Kind::Other),
            ("", Kind::Other),
        ] {
            assert_eq!(Kind::of(path), kind, "{path}");
        }
    }

    #[test]
    fn each_answer_is_counted_once() {
        let requests = Requests::default();
        for (status, micros) in [
            (200, 500),
            (204, 501),
            (304, 0),
            (404, 40_000_000),
            (503, 3),
        ] {
            requests.note(Kind::Tile, status, Duration::from_micros(micros));
        }
        requests.note(Kind::Other, 0, Duration::MAX);
        let counted: Vec<_> = requests.counted().collect();
        assert_eq!(counted[0].kind, Kind::Tile);
        assert_eq!(counted[0].classes, [0, 2, 1, 1, 1]);
        assert_eq!(counted[0].within, [3, 4, 4, 4, 4, 4, 4, 4]);
        assert_eq!((counted[0].all, counted[0].micros), (5, 40_001_004));
        assert!(counted[1..7].iter().all(|counted| counted.all == 0));
        assert_eq!((counted[7].all, counted[7].classes[0]), (1, 1));
    }
}
