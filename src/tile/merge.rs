//! What is too small to be seen alone is shown together: cells of the tile, each filled as far as the
//! areas in it fill it, in the colours that they have.
//!
//! A cell is a square. Each class of features gets a rectangle in it of as many square units as the
//! features of the class cover, so that area and colour shares of the tile are those of the data, a unit
//! more or less. Nothing is picked and nothing drawn larger than it is.

use geo::{Coord, Rect, coord};

use super::coord::TileCoord;
use super::frame::{BUFFER, EXTENT, Frame, Grid, Placer};
use super::grid_shapes::{GridKind, GridShapes};
use super::layer::Layer;
use crate::model::{Codes, Texts, Value};
use crate::query::metres_per_degree;
use crate::snapshot::{Cells as Column, Collection, Row};

/// Features of one class that a tile shows together.
#[derive(Debug, Clone, PartialEq)]
pub struct MergedFeature {
    /// What they have in the column of classes; null where that is not stated, or there is no such
    /// column.
    pub class: Value,
    /// How many they are.
    pub count: usize,
    /// m², the sum of their whole areas; 0 of points.
    pub area_m2: f64,
}

/// What was merged.
pub(super) struct Merged {
    pub features: Vec<MergedFeature>,
    /// What has not enough area to be shown even together.
    pub too_small: usize,
}

/// The smallest cell and the largest, in units.
const FINEST: i32 = 32;
const COARSEST: i32 = 256;

/// With more classes than this a cell would be stripes; features are then merged whatever their class.
const MOST_CLASSES: usize = 64;

/// Bytes of a rectangle. Decimal degrees take nine times as many, of which compression leaves less than
/// a quarter.
const RECTANGLE_BYTES: usize = 13;
const RECTANGLE_BYTES_AS_TEXT: usize = 30;
const POINT_BYTES: usize = 4;

/// A tile that shows nothing else shows a dot, one unit large, for no less than this many square units.
const DOT: f64 = 1.0 / 16.0;

/// Features of a class in a cell.
#[derive(Debug, Clone, Copy, Default)]
struct Heap {
    area_m2: f32,
    count: u32,
}

/// The cells of a tile and its buffer.
pub(super) struct Cells<'a> {
    collection: &'a Collection,
    layer: &'a Layer,
    tile: TileCoord,
    frame: Frame,
    placer: Placer,
    /// The column of classes; the last class is that of rows without one.
    codes: Option<(&'a Texts, &'a Codes)>,
    classes: usize,
    size: i32,
    /// By row, column, class; empty until there is something.
    heaps: Vec<Heap>,
    /// What has no area: class and position in units.
    points: Vec<(usize, Coord<i32>)>,
    too_small: usize,
}

/// What of a class waits for a cell with room.
#[derive(Debug, Clone, Copy, Default)]
struct Waiting {
    /// Square units.
    area: f64,
    area_m2: f64,
    count: usize,
    /// The last cell that it is from.
    cell: (i32, i32),
}

/// A rectangle in units: west, north, east, south.
type Rectangle = [i32; 4];

/// Of one class, in every other cell: rectangles in neighbouring cells would have a side in common, and
/// the polygons of one feature may not.
#[derive(Debug, Clone, Default)]
struct Half {
    count: usize,
    area_m2: f64,
    rectangles: Vec<Rectangle>,
}

impl<'a> Cells<'a> {
    pub fn new(
        collection: &'a Collection,
        layer: &'a Layer,
        tile: TileCoord,
        frame: Frame,
        window: Rect<f64>,
    ) -> Self {
        let column = collection.info.style.class_column.as_deref();
        let column = column.and_then(|name| collection.info.column_index(name));
        let codes = column.and_then(|column| match collection.cells(column) {
            Column::Text { dictionary, codes } if dictionary.len() < MOST_CLASSES => {
                Some((dictionary, codes))
            }
            _ => None,
        });
        // Narrower than the tile where the data are, so that it is exact with little work.
        let seen = collection.bounds().map_or(window, |bounds| {
            let low = bounds.min().y.max(window.min().y).min(window.max().y);
            let high = bounds.max().y.min(window.max().y).max(low);
            Rect::new(
                coord! { x: window.min().x, y: low },
                coord! { x: window.max().x, y: high },
            )
        });
        Self {
            collection,
            layer,
            tile,
            frame,
            placer: Frame::new(tile, Grid::Units).placer(seen),
            classes: codes.map_or(1, |(dictionary, _)| dictionary.len() + 1),
            codes,
            size: FINEST,
            heaps: Vec::new(),
            points: Vec::new(),
            too_small: 0,
        }
    }

    /// Cells along a side.
    fn side(&self) -> i32 {
        side(self.size)
    }

    pub fn add(&mut self, row: Row) {
        let class = self.codes.map_or(0, |(dictionary, codes)| {
            codes
                .get(row)
                .map_or(dictionary.len(), |code| code as usize)
        });
        let area_m2 = self.layer.area(row);
        let shape = || self.collection.shapes().get(row);
        let Some(at) = self
            .layer
            .label(row)
            .or_else(|| shape().positions().first().copied())
        else {
            return;
        };
        if area_m2 <= 0.0 {
            if shape().is_areal() {
                self.too_small += 1;
            } else {
                self.points.push((class, self.placer.place(at)));
            }
            return;
        }
        let side = self.side();
        if self.heaps.is_empty() {
            self.heaps = vec![Heap::default(); index(side * side) * self.classes];
        }
        // What is seen has its middle in the tile or beside it.
        let cell = self.placer.exactly(at);
        let (column, row) = (cell_of(cell.x, side), cell_of(cell.y, side));
        let heap = &mut self.heaps[index(row * side + column) * self.classes + class];
        heap.area_m2 += area_m2;
        heap.count += 1;
    }

    /// Makes shapes, in at most so many bytes where cells that are seen allow it.
    pub fn finish(mut self, bytes: usize, shapes: &mut GridShapes) -> Merged {
        let mut features = Vec::new();
        let each = match self.frame.grid() {
            Grid::Units => RECTANGLE_BYTES,
            Grid::Degrees => RECTANGLE_BYTES_AS_TEXT,
        };
        if !self.heaps.is_empty() {
            let filled = |heaps: &[Heap]| heaps.iter().filter(|heap| heap.count > 0).count() * each;
            while filled(&self.heaps) > bytes && self.size < COARSEST {
                self.coarsen();
            }
            self.fill(&mut features, shapes);
        }
        if !self.points.is_empty() {
            self.dots(bytes, &mut features, shapes);
        }
        Merged {
            features,
            too_small: self.too_small,
        }
    }

    /// Makes one cell of four.
    fn coarsen(&mut self) {
        let (from, to) = (self.side(), side(self.size * 2));
        let mut heaps = vec![Heap::default(); index(to * to) * self.classes];
        for (cell, classes) in (0..from * from).zip(self.heaps.chunks(self.classes)) {
            let (row, column) = (cell / from / 2, cell % from / 2);
            let target = &mut heaps[index(row * to + column) * self.classes..];
            for (target, heap) in target.iter_mut().zip(classes) {
                target.area_m2 += heap.area_m2;
                target.count += heap.count;
            }
        }
        self.heaps = heaps;
        self.size *= 2;
    }

    /// Square units for each m² in a row of cells.
    fn scale(&self, row: i32) -> f64 {
        let corner = |x: i32, y: i32| {
            let unit = f64::from(EXTENT);
            self.tile
                .position(coord! { x: f64::from(x) / unit, y: f64::from(y) / unit })
        };
        let north = row * self.size - i32::from(BUFFER);
        let (from, to) = (corner(0, north), corner(self.size, north + self.size));
        let (east, up) = metres_per_degree(f64::midpoint(from.y, to.y));
        let area = (to.x - from.x) * east * (from.y - to.y) * up;
        f64::from(self.size * self.size) / area
    }

    /// Fills the cells, and makes two features of each class.
    fn fill(&mut self, features: &mut Vec<MergedFeature>, shapes: &mut GridShapes) {
        let (cells, size) = (self.side(), self.size);
        let mut waiting = vec![Waiting::default(); self.classes];
        let mut halves = vec![[Half::default(), Half::default()]; self.classes];
        for row in 0..cells {
            let scale = self.scale(row);
            for column in 0..cells {
                let start = index(row * cells + column) * self.classes;
                let heaps = &self.heaps[start..start + self.classes];
                let mut west = 0;
                for (class, heap) in heaps.iter().enumerate() {
                    if heap.count == 0 {
                        continue;
                    }
                    let waiting = &mut waiting[class];
                    waiting.area += f64::from(heap.area_m2) * scale;
                    waiting.area_m2 += f64::from(heap.area_m2);
                    waiting.count += heap.count as usize;
                    waiting.cell = (column, row);
                    let (width, height) = rectangle(waiting.area, size, size - west);
                    if width > 0 {
                        let parity = index((row + column) % 2);
                        halves[class][parity].take(waiting, west, width, height, size);
                        west += width;
                    }
                }
            }
        }
        // What is left has less than a unit, or found its cells full.
        let nothing = halves.iter().flatten().all(|half| half.count == 0);
        let most = waiting.iter().map(|waiting| waiting.area);
        let most = most.fold(0.0, f64::max).max(DOT);
        for (waiting, halves) in waiting.iter_mut().zip(&mut halves) {
            if waiting.count == 0 {
                continue;
            }
            let dot = waiting.area >= 0.5 || (nothing && waiting.area >= most);
            match halves.iter_mut().find(|half| half.count > 0) {
                Some(half) => {
                    half.count += waiting.count;
                    half.area_m2 += waiting.area_m2;
                }
                None if dot => halves[0].take(waiting, 0, 1, 1, size),
                None => self.too_small += waiting.count,
            }
        }
        for (class, halves) in halves.into_iter().enumerate() {
            for half in halves.into_iter().filter(|half| half.count > 0) {
                self.shape(&half.rectangles, shapes);
                features.push(MergedFeature {
                    class: self.class(class),
                    count: half.count,
                    area_m2: half.area_m2,
                });
            }
        }
    }

    fn shape(&self, rectangles: &[Rectangle], shapes: &mut GridShapes) {
        let flipped = self.frame.grid() == Grid::Degrees;
        for [west, north, east, south] in rectangles {
            let start = shapes.positions();
            for (x, y) in [(west, north), (east, north), (east, south), (west, south)] {
                let corner = coord! { x: f64::from(*x), y: f64::from(*y) };
                shapes.place(self.frame.unit(self.tile, corner), start);
            }
            shapes.end_ring(start, true, flipped);
        }
        shapes.end_shape(GridKind::Polygons);
    }

    /// Points: one for each cell that has some.
    fn dots(&mut self, bytes: usize, features: &mut Vec<MergedFeature>, shapes: &mut GridShapes) {
        let mut size = FINEST / 4;
        let mut points = std::mem::take(&mut self.points);
        let mut counts = vec![0; self.classes];
        for (class, _) in &points {
            counts[*class] += 1;
        }
        loop {
            let cell = |at: Coord<i32>| (at.y.div_euclid(size), at.x.div_euclid(size));
            points.sort_by_key(|(class, at)| (*class, cell(*at)));
            points.dedup_by_key(|(class, at)| (*class, cell(*at)));
            if points.len() * POINT_BYTES <= bytes || size >= COARSEST {
                break;
            }
            size *= 2;
        }
        for own in points.chunk_by(|a, b| a.0 == b.0) {
            let start = shapes.positions();
            for (_, at) in own {
                let at = coord! { x: f64::from(at.x), y: f64::from(at.y) };
                shapes.place(self.frame.unit(self.tile, at), start);
            }
            shapes.end_line(start, 1);
            shapes.end_shape(GridKind::Points);
            features.push(MergedFeature {
                class: self.class(own[0].0),
                count: counts[own[0].0],
                area_m2: 0.0,
            });
        }
    }

    fn class(&self, class: usize) -> Value {
        let text = self.codes.and_then(|(dictionary, _)| dictionary.get(class));
        text.map_or(Value::Null, |text| Value::Text(text.to_string()))
    }
}

impl Half {
    /// Takes what waits, and shows it by a rectangle of its cell.
    fn take(&mut self, waiting: &mut Waiting, west: i32, width: i32, height: i32, size: i32) {
        let (column, row) = waiting.cell;
        let buffer = i32::from(BUFFER);
        let (x, y) = (column * size - buffer + west, row * size - buffer);
        self.rectangles.push([x, y, x + width, y + height]);
        self.count += waiting.count;
        self.area_m2 += waiting.area_m2;
        *waiting = Waiting {
            area: waiting.area - f64::from(width * height),
            cell: waiting.cell,
            ..Waiting::default()
        };
    }
}

/// The width and height of a rectangle with no more than so many square units, in a cell that has room
/// for so much width: as high as the cell if it can; no width where there is no room or less than a
/// unit.
#[expect(clippy::cast_possible_truncation, reason = "less than a cell")]
fn rectangle(area: f64, size: i32, room: i32) -> (i32, i32) {
    let area = area.min(f64::from(size * size)) as i32;
    if room == 0 || area == 0 {
        return (0, 0);
    }
    if area >= size {
        return ((area / size).min(room), size);
    }
    let width = area.isqrt().min(room);
    (width, (area / width).min(size))
}

fn side(size: i32) -> i32 {
    (i32::from(EXTENT) + 2 * i32::from(BUFFER)) / size
}

#[expect(clippy::cast_possible_truncation, reason = "clamped")]
fn cell_of(unit: f64, side: i32) -> i32 {
    let cell = (unit + f64::from(BUFFER)) / f64::from(FINEST);
    cell.clamp(0.0, f64::from(side - 1)) as i32
}

#[expect(clippy::cast_sign_loss, reason = "cells are counted from 0")]
fn index(cell: i32) -> usize {
    cell as usize
}
