//! What is too small to be seen alone is shown together: a mosaic of cells, each filled as far as the
//! features in it fill it, in the colour of one of their classes.
//!
//! A cell has the class of which most is owed: what its features cover, and what earlier cells left out
//! of it because they had another colour. So a class has as much area in a district of the tile as its
//! features have, a cell more or less, and is drawn in no cell where there is none of it. The cells are
//! as fine as the budget allows, and no finer than the features.

use geo::{Coord, Rect, coord};

use super::classes::Classes;
use super::coord::TileCoord;
use super::frame::{BUFFER, EXTENT, Frame, Grid, Placer};
use super::grid_shapes::{GridKind, GridShapes};
use super::layer::{Layer, Nature};
use super::net::{Filled, Net};
use crate::model::Value;
use crate::query::metres_per_degree;
use crate::snapshot::{Collection, Row};

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

/// A class with less than this of a square unit, and of fewer features, is too small to be shown; with
/// less than a unit it is shown as one.
const DOT: f64 = 1.0 / 16.0;
const CROWD: i64 = 100;

/// The finest cells of points: eight units.
const POINTS_APART: u32 = 3;

/// A feature, or all of a kind at a place.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Heap {
    /// In units of the tile.
    pub at: Coord<i32>,
    pub area_m2: f32,
    /// Below 0 to take away what other heaps have too many.
    pub count: i32,
    pub class: u8,
}

/// What of a tile is merged.
pub(super) struct Pile<'a> {
    layer: &'a Layer,
    tile: TileCoord,
    frame: Frame,
    placer: Placer,
    classes: Classes<'a>,
    areas: Vec<Heap>,
    points: Vec<Heap>,
    too_small: i64,
}

/// What is owed to a class.
#[derive(Debug, Clone, Copy, Default)]
struct Owed {
    /// Square units; below 0 where more is drawn than there is.
    area: f64,
    /// Of what no rectangle stands for yet.
    area_m2: f64,
    count: i64,
    /// The last cell that has some.
    cell: (i32, i32),
}

/// A rectangle in units: west, north, width, height.
type Rectangle = [i32; 4];

/// Of one class, in every other cell: rectangles in neighbouring cells may have a side in common, and
/// the polygons of one feature may not.
#[derive(Debug, Clone, Default)]
struct Half {
    count: i64,
    area_m2: f64,
    rectangles: Vec<Rectangle>,
}

impl<'a> Pile<'a> {
    pub fn new(
        collection: &'a Collection,
        layer: &'a Layer,
        tile: TileCoord,
        frame: Frame,
        window: Rect<f64>,
    ) -> Self {
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
            layer,
            tile,
            frame,
            placer: Frame::new(tile, Grid::Units).placer(seen),
            classes: Classes::of(collection),
            areas: Vec::new(),
            points: Vec::new(),
            too_small: 0,
        }
    }

    /// A row that is merged.
    pub fn add(&mut self, row: Row) {
        self.count(row, 1);
    }

    /// A row that is in the heaps and not in the tile.
    pub fn remove(&mut self, row: Row) {
        self.count(row, -1);
    }

    #[inline]
    fn count(&mut self, row: Row, count: i16) {
        let spot = self.layer.spot(row);
        let Some(at) = spot.anchor() else {
            return;
        };
        let heap = Heap {
            at: self.placer.floor(at),
            area_m2: spot.area_m2 * f32::from(count),
            count: count.into(),
            class: spot.class,
        };
        self.add_heap(spot.nature, heap);
    }

    #[inline]
    pub fn add_heap(&mut self, nature: Nature, heap: Heap) {
        match nature {
            Nature::Area => self.areas.push(heap),
            Nature::Points => self.points.push(heap),
            Nature::Nothing => self.too_small += i64::from(heap.count),
        }
    }

    /// Makes shapes: at most so many rectangles or points, of features at most so many units long.
    pub fn finish(mut self, most: usize, longest: i32, shapes: &mut GridShapes) -> Merged {
        let mut merged = Merged {
            features: Vec::new(),
            too_small: 0,
        };
        let own = if self.points.is_empty() {
            most
        } else {
            most / 2
        };
        if !self.areas.is_empty() {
            self.mosaic(own, longest, &mut merged.features, shapes);
        }
        if !self.points.is_empty() {
            self.dots(own, &mut merged.features, shapes);
        }
        merged.too_small = usize::try_from(self.too_small).unwrap_or(0);
        merged
    }

    /// The finest cell that a feature of middling size fits in, and that the largest ones do not
    /// overflow by far, as a power of two.
    fn least(&self, longest: i32) -> u32 {
        let (mut area_m2, mut count) = (0.0, 0);
        for heap in &self.areas {
            area_m2 += f64::from(heap.area_m2);
            count += i64::from(heap.count);
        }
        #[expect(clippy::cast_precision_loss, reason = "some million")]
        let each = area_m2 / count.max(1) as f64 * self.scale(0, EXTENT.into());
        let mut least = 0;
        while f64::from(1 << (2 * least)) < each.min(1e6) || 4 << least < longest {
            least += 1;
        }
        least
    }

    /// Square units for each m² between two latitudes, in units.
    fn scale(&self, north: i32, south: i32) -> f64 {
        let unit = 1.0 / f64::from(EXTENT);
        let corner = |x: i32, y: i32| {
            let share = coord! { x: f64::from(x), y: f64::from(y) } * unit;
            self.tile.position(share)
        };
        let (from, to) = (corner(0, north), corner(1, south));
        let (east, up) = metres_per_degree(f64::midpoint(from.y, to.y));
        f64::from(south - north) / ((to.x - from.x) * east * (from.y - to.y) * up)
    }

    fn mosaic(
        &mut self,
        most: usize,
        longest: i32,
        features: &mut Vec<MergedFeature>,
        shapes: &mut GridShapes,
    ) {
        let places = self.areas.iter().map(|heap| (heap.at.x, heap.at.y));
        let filled = Filled::finest(self.least(longest), most, places);
        let (net, cells) = (filled.net, filled.cells());
        let classes = self.classes.count();
        let mut sums = vec![(0.0_f32, 0_i32); cells.len() * classes];
        for heap in &self.areas {
            let slot = filled.slot(heap.at.x, heap.at.y);
            let (area, count) = &mut sums[slot * classes + usize::from(heap.class)];
            *area += heap.area_m2;
            *count += heap.count;
        }
        let mut owed = vec![Owed::default(); classes];
        let mut halves = vec![[Half::default(), Half::default()]; classes];
        // What is drawn less than there is, over all classes.
        let mut slack = 0.0;
        let mut first = 0;
        for row in cells.chunk_by(|a, b| a.1 == b.1) {
            let [_, north, _, height] = net.extent(0, row[0].1);
            let scale = self.scale(north, north + height);
            for step in 0..row.len() {
                // There and back again, so that what is owed is owed near by.
                let at = if row[0].1 % 2 == 0 {
                    step
                } else {
                    row.len() - 1 - step
                };
                let start = (first + at) * classes;
                let sums = &sums[start..start + classes];
                slack = fill(sums, scale, net, row[at], slack, &mut owed, &mut halves);
            }
            first += row.len();
        }
        self.dot_classes(net, &mut owed, &mut halves);
        let mut corners = Corners::new(self.frame, self.tile);
        for (class, halves) in halves.into_iter().enumerate() {
            for half in halves.into_iter().filter(|half| half.count > 0) {
                if corners.shape(&half.rectangles, shapes) {
                    features.push(MergedFeature {
                        class: self.classes.value(class),
                        count: usize::try_from(half.count).unwrap_or(0),
                        area_m2: half.area_m2,
                    });
                } else {
                    self.too_small += half.count;
                }
            }
        }
    }

    /// Features that no rectangle stands for yet: those of a class that has some are counted with them;
    /// another one is shown by a rectangle of its own, beside those of others.
    fn dot_classes(&mut self, net: Net, owed: &mut [Owed], halves: &mut [[Half; 2]]) {
        let mut taken: Vec<Rectangle> = Vec::new();
        for (owed, halves) in owed.iter_mut().zip(halves) {
            if owed.count <= 0 {
                continue;
            }
            if let Some(half) = halves.iter_mut().find(|half| !half.rectangles.is_empty()) {
                half.count += owed.count;
                half.area_m2 += owed.area_m2;
            } else if owed.area >= DOT || owed.count >= CROWD {
                let [west, north, width, height] = net.extent(owed.cell.0, owed.cell.1);
                let (own, high) = block(owed.area.max(1.0), width, height);
                let mut place = [west + width - own, north + height - high, own, high];
                while let Some([west, ..]) = taken.iter().find(|other| overlap(&place, other)) {
                    place[0] = west - own;
                }
                place[0] = place[0].max(-i32::from(BUFFER));
                taken.push(place);
                halves[0].take(owed, place);
            } else {
                self.too_small += owed.count;
            }
        }
    }

    /// Points: one for each cell that has some.
    fn dots(&mut self, most: usize, features: &mut Vec<MergedFeature>, shapes: &mut GridShapes) {
        let places = self.points.iter().map(|heap| (heap.at.x, heap.at.y));
        let filled = Filled::finest(POINTS_APART, most, places);
        let cells = filled.cells().len();
        let mut corners = Corners::new(self.frame, self.tile);
        for class in 0..self.classes.count() {
            let mut shown = vec![false; cells];
            let (start, mut count) = (shapes.positions(), 0);
            let own = |heap: &&Heap| usize::from(heap.class) == class;
            for heap in self.points.iter().filter(own) {
                count += i64::from(heap.count);
                let slot = filled.slot(heap.at.x, heap.at.y);
                if heap.count > 0 && !std::mem::replace(&mut shown[slot], true) {
                    shapes.place(corners.corner(heap.at.x, heap.at.y), start);
                }
            }
            shapes.end_line(start, 1);
            if shapes.end_shape(GridKind::Points) {
                features.push(MergedFeature {
                    class: self.classes.value(class),
                    count: usize::try_from(count).unwrap_or(0),
                    area_m2: 0.0,
                });
            }
        }
    }
}

fn overlap(a: &Rectangle, b: &Rectangle) -> bool {
    a[0] < b[0] + b[2] && b[0] < a[0] + a[2] && a[1] < b[1] + b[3] && b[1] < a[1] + a[3]
}

/// Fills one cell; the slack that is left.
fn fill(
    sums: &[(f32, i32)],
    scale: f64,
    net: Net,
    cell: (i32, i32),
    slack: f64,
    owed: &mut [Owed],
    halves: &mut [[Half; 2]],
) -> f64 {
    let (mut area, mut best) = (slack, None);
    for (class, (area_m2, count)) in sums.iter().enumerate() {
        if *count <= 0 {
            continue;
        }
        let owed = &mut owed[class];
        let own = f64::from(*area_m2) * scale;
        area += own;
        owed.area += own;
        owed.area_m2 += f64::from(*area_m2);
        owed.count += i64::from(*count);
        owed.cell = cell;
        if best.is_none_or(|(_, most)| owed.area > most) {
            best = Some((class, owed.area));
        }
    }
    let Some((class, _)) = best else {
        return slack;
    };
    let [west, north, width, height] = net.extent(cell.0, cell.1);
    let room = f64::from(width * height);
    let (own, high) = block(area, width, height);
    if own > 0 {
        let place = [
            west + (width - own) / 2,
            north + (height - high) / 2,
            own,
            high,
        ];
        let parity = usize::from((cell.0 + cell.1) % 2 != 0);
        halves[class][parity].take(&mut owed[class], place);
        area -= f64::from(own * high);
    }
    // What lies one over the other has more area than there is room near by.
    area.min(room)
}

impl Half {
    /// Draws some of what is owed.
    fn take(&mut self, owed: &mut Owed, place: Rectangle) {
        self.rectangles.push(place);
        self.count += owed.count;
        self.area_m2 += owed.area_m2;
        *owed = Owed {
            area: owed.area - f64::from(place[2] * place[3]),
            cell: owed.cell,
            ..Owed::default()
        };
    }
}

/// Width and height of a block of at most so many square units, in the proportions of its cell; none of
/// less than a unit.
#[expect(clippy::cast_possible_truncation, reason = "less than a cell")]
fn block(area: f64, width: i32, height: i32) -> (i32, i32) {
    let room = f64::from(width * height);
    let area = area.min(room);
    if area < 1.0 {
        return (0, 0);
    }
    let across = (f64::from(width) * (area / room).sqrt()).ceil();
    let across = (across as i32).clamp(1, width);
    let high = ((area / f64::from(across)) as i32).min(height);
    if high == 0 {
        // A flat cell: as wide as it may be.
        return ((area as i32).clamp(1, width), 1);
    }
    (across, high)
}

/// Corners of rectangles on a frame. A tile has few different ones, and to find one in degrees takes
/// long.
struct Corners {
    frame: Frame,
    tile: TileCoord,
    known: [Vec<Option<i32>>; 2],
}

impl Corners {
    fn new(frame: Frame, tile: TileCoord) -> Self {
        Self {
            frame,
            tile,
            known: [Vec::new(), Vec::new()],
        }
    }

    fn corner(&mut self, x: i32, y: i32) -> Coord<i32> {
        if self.frame.grid() == Grid::Units {
            return coord! { x: x, y: y };
        }
        let (frame, tile) = (self.frame, self.tile);
        let exact = |x: i32, y: i32| frame.unit(tile, coord! { x: f64::from(x), y: f64::from(y) });
        let side = i32::from(EXTENT) + 2 * i32::from(BUFFER) + 1;
        let mut find = |axis: usize, unit: i32, exact: &dyn Fn() -> i32| {
            let known = &mut self.known[axis];
            let at = usize::try_from(unit + i32::from(BUFFER)).unwrap_or(usize::MAX);
            if known.is_empty() {
                known.resize(usize::try_from(side).unwrap_or(0), None);
            }
            match known.get_mut(at) {
                Some(known) => *known.get_or_insert_with(exact),
                None => exact(),
            }
        };
        coord! {
            x: find(0, x, &|| exact(x, 0).x),
            y: find(1, y, &|| exact(0, y).y),
        }
    }

    /// A shape of rectangles; false where nothing is left of them on the grid.
    fn shape(&mut self, rectangles: &[Rectangle], shapes: &mut GridShapes) -> bool {
        let flipped = self.frame.grid() == Grid::Degrees;
        for [west, north, width, height] in rectangles {
            let start = shapes.positions();
            let low = self.corner(*west, *north);
            let high = self.corner(west + width, north + height);
            if low.x == high.x || low.y == high.y {
                continue;
            }
            for (x, y) in [
                (low.x, low.y),
                (high.x, low.y),
                (high.x, high.y),
                (low.x, high.y),
            ] {
                shapes.place(coord! { x: x, y: y }, start);
            }
            shapes.end_ring(start, true, flipped);
        }
        shapes.end_shape(GridKind::Polygons)
    }
}
