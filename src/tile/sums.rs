//! What low zooms show of many features, summed at load: how many features of a class and a size each
//! place has, and how much area. A tile of a whole city is made of some thousand sums instead of a
//! million rows.
//!
//! Sums are by where a feature's label goes, or its first position. A tile has the sums of its places,
//! and features on its border are looked at one by one: so it counts exactly those that meet it.

use std::collections::HashMap;
use std::thread;

use geo::{Coord, Rect, coord};

use super::budget::SIZES;
use super::coord::TileCoord;
use super::frame::{BUFFER, EXTENT};
use super::layer::{Layer, Nature};
use super::merge::Heap;
use super::plane::Plane;
use crate::snapshot::{Collection, Row};

/// Of fewer rows a tile takes little time, and is exact to the unit.
pub(super) const MANY: usize = 1 << 18;

/// The world is so many places wide, as a power of two: each is 32 units wide at zoom 9.
const WIDE: u8 = 16;

/// Up to this zoom a buffer is a whole number of places.
const DEEPEST: u8 = WIDE - 5;

/// About 20 bytes for each place, class and size that comes up, and four for each row.
#[derive(Debug)]
pub(super) struct Sums {
    /// In the order of [`Plane::ALL`].
    sheets: [Sheet; 2],
    /// The largest first.
    by_size: Vec<Row>,
    /// Where each size ends there.
    ends: [usize; SIZES],
    /// Rows of many parts, which may lie in a tile of which no border meets a part of them.
    strewn: Vec<Row>,
}

#[derive(Debug, Default)]
struct Sheet {
    /// By row from the north, then column.
    places: Vec<(i32, i32)>,
    /// Where each one's sums end.
    ends: Vec<u32>,
    sums: Vec<Sum>,
}

#[derive(Debug, Clone, Copy)]
struct Sum {
    area_m2: f32,
    count: u32,
    class: u8,
    size: u8,
    nature: Nature,
}

/// The places of a tile and its buffer.
#[derive(Debug, Clone, Copy)]
pub(super) struct Places {
    plane: usize,
    low: (i32, i32),
    high: (i32, i32),
    tile: TileCoord,
}

/// Where a position is in a plane.
fn place(plane: Plane, at: Coord<f64>) -> (i32, i32) {
    let at = plane.project(at) * f64::from(1_u32 << WIDE);
    #[expect(
        clippy::cast_possible_truncation,
        reason = "a pole is some worlds away"
    )]
    let whole = |number: f64| number.floor() as i32;
    (whole(at.y), whole(at.x))
}

impl Sums {
    /// None of a collection that has few rows.
    pub fn build(collection: &Collection, layer: &Layer) -> Option<Self> {
        let rows = 0..collection.count();
        if rows.len() < MANY {
            return None;
        }
        let mut strewn = Vec::new();
        let mut ends = [0; SIZES];
        for row in rows
            .clone()
            .filter(|row| collection.geometry(*row).is_some())
        {
            if collection.is_scattered(row) {
                strewn.push(row);
            } else {
                ends[usize::from(layer.size(row))] += 1;
            }
        }
        let mut before = 0;
        for end in &mut ends {
            before += std::mem::replace(end, before);
        }
        let mut by_size = vec![0; before];
        for row in summed(collection) {
            let place = &mut ends[usize::from(layer.size(row))];
            by_size[*place] = row;
            *place += 1;
        }
        let sheets = thread::scope(|scope| {
            let workers =
                Plane::ALL.map(|plane| scope.spawn(move || Sheet::build(collection, layer, plane)));
            workers.map(|worker| {
                let sheet = worker.join();
                sheet.unwrap_or_else(|panic| std::panic::resume_unwind(panic))
            })
        });
        Some(Self {
            sheets,
            by_size,
            ends,
            strewn,
        })
    }

    /// The places of a tile, of a zoom that is low enough.
    pub fn places(tile: TileCoord) -> Option<Places> {
        let zoom = tile.zoom();
        if zoom > DEEPEST {
            return None;
        }
        let own = 1_i32 << (WIDE - zoom);
        let margin = own * i32::from(BUFFER) / i32::from(EXTENT);
        let (x, y) = (tile.x().cast_signed() * own, tile.y().cast_signed() * own);
        let plane = tile.set().plane();
        Some(Places {
            plane: Plane::ALL.iter().position(|known| *known == plane)?,
            low: (y - margin, x - margin),
            high: (y + own + margin, x + own + margin),
            tile,
        })
    }

    /// How many features there are, by size.
    pub fn counts(&self, places: &Places) -> [u32; SIZES] {
        let mut counts = [0; SIZES];
        self.sheets[places.plane].visit(places, |_, sum| {
            counts[usize::from(sum.size)] += sum.count;
        });
        counts
    }

    /// The features of these sizes.
    pub fn heaps(&self, places: &Places, from: u8, mut each: impl FnMut(Nature, Heap)) {
        // Units for each place.
        let scale = f64::from(EXTENT) / f64::from(1_u32 << (WIDE - places.tile.zoom()));
        let corner = f64::from(EXTENT);
        let (x, y) = (f64::from(places.tile.x()), f64::from(places.tile.y()));
        self.sheets[places.plane].visit(places, |(row, column), sum| {
            if sum.size < from {
                return;
            }
            let middle = |place: i32, tile: f64| {
                #[expect(clippy::cast_possible_truncation, reason = "in the tile or its buffer")]
                {
                    ((f64::from(place) + 0.5) * scale - tile * corner).floor() as i32
                }
            };
            let heap = Heap {
                at: coord! { x: middle(column, x), y: middle(row, y) },
                area_m2: sum.area_m2,
                count: i32::try_from(sum.count).unwrap_or(i32::MAX),
                class: sum.class,
            };
            each(sum.nature, heap);
        });
    }

    /// Rows of a size before this one, but for the strewn ones.
    pub fn larger(&self, size: u8) -> &[Row] {
        let end = usize::from(size).checked_sub(1);
        &self.by_size[..end.map_or(0, |last| self.ends[last.min(SIZES - 1)])]
    }

    /// Rows that are in no sum.
    pub fn strewn(&self) -> &[Row] {
        &self.strewn
    }

    /// Rows of sums that may meet the border of a box, each once.
    pub fn on_border(collection: &Collection, window: Rect<f64>) -> Vec<Row> {
        // More than the last bits in which two ways to compute a border differ.
        const SLACK: f64 = 1e-9;
        let (low, high) = (window.min(), window.max());
        let side = |west: f64, south: f64, east: f64, north: f64| {
            Rect::new(
                coord! { x: west - SLACK, y: south - SLACK },
                coord! { x: east + SLACK, y: north + SLACK },
            )
        };
        let sides = [
            side(low.x, low.y, low.x, high.y),
            side(high.x, low.y, high.x, high.y),
            side(low.x, low.y, high.x, low.y),
            side(low.x, high.y, high.x, high.y),
        ];
        let rows = sides
            .into_iter()
            .flat_map(|side| collection.rows_near(side));
        let mut rows: Vec<_> = rows
            .map(|(row, _)| row)
            .filter(|row| !collection.is_scattered(*row))
            .collect();
        rows.sort_unstable();
        rows.dedup();
        rows
    }
}

impl Places {
    /// True where the sums of these places hold a feature at this position.
    pub fn hold(&self, at: Coord<f64>) -> bool {
        let (row, column) = place(Plane::ALL[self.plane], at);
        (self.low.0..self.high.0).contains(&row) && (self.low.1..self.high.1).contains(&column)
    }
}

fn summed(collection: &Collection) -> impl Iterator<Item = Row> {
    (0..collection.count())
        .filter(|row| collection.geometry(*row).is_some() && !collection.is_scattered(*row))
}

impl Sheet {
    #[expect(clippy::cast_possible_truncation, reason = "sums need few digits")]
    fn build(collection: &Collection, layer: &Layer, plane: Plane) -> Self {
        let mut all: HashMap<_, (f64, u32)> = HashMap::new();
        for row in summed(collection) {
            let spot = layer.spot(row);
            let Some(at) = spot.anchor() else {
                continue;
            };
            let key = (place(plane, at), spot.class, spot.size, spot.nature);
            let (area, count) = all.entry(key).or_default();
            *area += f64::from(spot.area_m2);
            *count += 1;
        }
        let mut all: Vec<_> = all.into_iter().collect();
        all.sort_unstable_by_key(|(key, _)| *key);
        let mut sheet = Self::default();
        for ((place, class, size, nature), (area, count)) in all {
            if sheet.places.last() != Some(&place) {
                sheet.places.push(place);
                sheet.ends.push(0);
            }
            sheet.sums.push(Sum {
                area_m2: area as f32,
                count,
                class,
                size,
                nature,
            });
            if let Some(end) = sheet.ends.last_mut() {
                *end = sheet.sums.len() as u32;
            }
        }
        sheet.places.shrink_to_fit();
        sheet.ends.shrink_to_fit();
        sheet.sums.shrink_to_fit();
        sheet
    }

    fn visit(&self, window: &Places, mut each: impl FnMut((i32, i32), &Sum)) {
        let mut at = self.places.partition_point(|place| *place < window.low);
        while let Some(&place) = self.places.get(at) {
            let (row, column) = place;
            if row >= window.high.0 {
                return;
            }
            let jump = if column < window.low.1 {
                Some((row, window.low.1))
            } else if column >= window.high.1 {
                Some((row + 1, window.low.1))
            } else {
                None
            };
            if let Some(to) = jump {
                at += self.places[at..].partition_point(|place| *place < to);
                continue;
            }
            let start = at.checked_sub(1).map_or(0, |before| self.ends[before]);
            for sum in &self.sums[start as usize..self.ends[at] as usize] {
                each(place, sum);
            }
            at += 1;
        }
    }
}
