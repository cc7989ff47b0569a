use std::thread;

use geo::{Coord, Rect};

use super::classes::Classes;
use super::junctions::Junctions;
use super::plane::{Band, Plane};
use super::simplify::{self, Scratch};
use super::sums::Sums;
use super::{label, threads};
use crate::snapshot::{Cells, Collection, Row, ShapeKind, ShapeRef};

/// What tiles need of a collection beyond its rows, computed once at load: a byte per position, and
/// 20 bytes per row; of many rows some sums.
#[derive(Debug)]
pub struct Layer {
    /// Per position, the first zoom at which it is kept.
    levels: Vec<u8>,
    spots: Vec<Spot>,
    /// Bytes that a row without its positions takes in a vector tile, on average.
    row_bytes: usize,
    /// The same in a GeoJSON tile.
    row_text_bytes: usize,
    sums: Option<Sums>,
}

/// What a tile needs of a row before it looks at its shape, side by side: of many rows in a tile nothing
/// else is read.
#[derive(Debug, Clone, Copy)]
pub(super) struct Spot {
    /// Where a row's label goes, or its first position: longitude and latitude in [`STEPS`] of a degree,
    /// a centimetre. `i32::MIN` of what is nowhere.
    place: [i32; 2],
    /// m², 0 of what has none.
    pub area_m2: f32,
    /// The first zoom at which the longer side of its box is a grid unit.
    pub size: u8,
    /// By [`Classes`].
    pub class: u8,
    pub nature: Nature,
    labelled: bool,
}

const STEPS: f64 = 1e7;

impl Spot {
    const NOWHERE: Self = Self {
        place: [i32::MIN; 2],
        area_m2: 0.0,
        size: 0,
        class: 0,
        nature: Nature::Nothing,
        labelled: false,
    };

    /// Where a row counts: its label, or its first position.
    pub fn anchor(&self) -> Option<Coord<f64>> {
        let [x, y] = self.place.map(f64::from);
        (self.place[0] != i32::MIN).then(|| Coord { x, y } / STEPS)
    }

    /// Where its label goes.
    pub fn label(&self) -> Option<Coord<f64>> {
        self.anchor().filter(|_| self.labelled)
    }
}

/// What is left to merge of a feature that is too small to be seen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum Nature {
    /// Its area.
    Area,
    /// Where it is.
    Points,
    /// Nothing, of lines and of polygons without area.
    Nothing,
}

impl Layer {
    /// Computes vertex importance, label points and areas.
    #[must_use]
    pub fn build(collection: &Collection) -> Self {
        let shapes = collection.shapes();
        let junctions = Junctions::find(shapes);
        let rows = shapes.rows();
        let mut layer = Self {
            levels: vec![0; shapes.positions().len()],
            spots: vec![Spot::NOWHERE; rows],
            row_bytes: row_bytes(collection),
            row_text_bytes: row_text_bytes(collection),
            sums: None,
        };
        let chunk = rows.div_ceil(threads() * 8).max(1);
        let mut work = Vec::new();
        {
            let (mut levels, mut spots) = (layer.levels.as_mut_slice(), layer.spots.as_mut_slice());
            for first in (0..rows).step_by(chunk) {
                let count = chunk.min(rows - first);
                let positions: usize = (first..first + count)
                    .map(|row| shapes.get(row_number(row)).span().len())
                    .sum();
                let part = Chunk {
                    first: row_number(first),
                    levels: levels.split_off_mut(..positions).unwrap_or_default(),
                    spots: spots.split_off_mut(..count).unwrap_or_default(),
                };
                work.push(part);
            }
        }
        let work = std::sync::Mutex::new(work);
        let next = || work.lock().ok().and_then(|mut work| work.pop());
        thread::scope(|scope| {
            for _ in 0..threads() {
                scope.spawn(|| {
                    let mut scratch = Scratch::default();
                    while let Some(chunk) = next() {
                        chunk.fill(collection, &junctions, &mut scratch);
                    }
                });
            }
        });
        layer.sums = Sums::build(collection, &layer);
        layer
    }

    /// Per position of the collection, the first zoom at which it is kept.
    pub(super) fn levels(&self) -> &[u8] {
        &self.levels
    }

    /// Where a row's label goes: inside the largest part of a polygon, the same at every zoom; none of lines and
    /// points, which have their own.
    #[must_use]
    pub fn label(&self, row: Row) -> Option<Coord<f64>> {
        self.spot(row).label()
    }

    pub(super) fn spot(&self, row: Row) -> &Spot {
        &self.spots[row as usize]
    }

    /// The first zoom at which the longer side of a row's box is a grid unit.
    pub(super) fn size(&self, row: Row) -> u8 {
        self.spot(row).size
    }

    pub(super) fn row_bytes(&self) -> usize {
        self.row_bytes
    }

    pub(super) fn row_text_bytes(&self) -> usize {
        self.row_text_bytes
    }

    pub(super) fn sums(&self) -> Option<&Sums> {
        self.sums.as_ref()
    }
}

#[expect(
    clippy::cast_possible_truncation,
    reason = "a collection counts its rows in u32"
)]
fn row_number(row: usize) -> Row {
    row as Row
}

/// Consecutive rows.
struct Chunk<'a> {
    first: Row,
    levels: &'a mut [u8],
    spots: &'a mut [Spot],
}

impl Chunk<'_> {
    #[expect(
        clippy::cast_possible_truncation,
        reason = "a measure of little weight"
    )]
    fn fill(self, collection: &Collection, junctions: &Junctions, scratch: &mut Scratch) {
        let shapes = collection.shapes();
        let classes = Classes::of(collection);
        let mut levels = self.levels;
        for (spot, row) in self.spots.iter_mut().zip(self.first..) {
            let shape = shapes.get(row);
            let mut start = shape.span().start;
            for ring in shape.parts().flat_map(|part| part.rings()) {
                let own = levels.split_off_mut(..ring.len()).unwrap_or_default();
                if shape.is_areal() {
                    ring_levels(ring, |vertex| junctions.holds(start + vertex), own, scratch);
                } else if is_line(&shape) {
                    line_levels(ring, own, scratch);
                }
                start += ring.len();
            }
            let Some(bounds) = shape.bounds() else {
                continue;
            };
            spot.size = simplify::size_level(longer_side(bounds));
            spot.class = classes.class(row);
            let mut place = None;
            if shape.is_areal() {
                let (label, area) = label::of(&shape, bounds);
                spot.labelled = label.is_some();
                spot.area_m2 = area as f32;
                place = label;
            }
            spot.nature = match shape.kind {
                _ if spot.area_m2 > 0.0 => Nature::Area,
                ShapeKind::Point | ShapeKind::MultiPoint => Nature::Points,
                _ => Nature::Nothing,
            };
            if let Some(at) = place.or_else(|| shape.positions().first().copied()) {
                spot.place = [at.x, at.y].map(|degrees| (degrees * STEPS).round() as i32);
            }
        }
    }
}

fn is_line(shape: &ShapeRef<'_>) -> bool {
    matches!(
        shape.kind,
        ShapeKind::LineString | ShapeKind::MultiLineString
    )
}

/// In widths of the plane, of the plane where it is longer.
fn longer_side(bounds: Rect<f64>) -> f64 {
    let band = Band::new(Plane::Mercator, bounds.min().y, bounds.max().y, 1e-14);
    let height = (band.y(bounds.min().y) - band.y(bounds.max().y)).abs();
    (bounds.width() / 360.0).max(height)
}

fn line_levels(line: &[Coord<f64>], out: &mut [u8], scratch: &mut Scratch) {
    scratch.line.clear();
    scratch.line.extend_from_slice(line);
    let weights = scratch.importance();
    for (out, weight) in out.iter_mut().zip(weights) {
        *out = simplify::level(*weight);
    }
}

/// A closed ring, cut at its junctions; where it has none, at its least vertex, which is the same for
/// a hole and for what fills it.
fn ring_levels(
    ring: &[Coord<f64>],
    junction: impl Fn(usize) -> bool,
    out: &mut [u8],
    scratch: &mut Scratch,
) {
    let count = ring.len().saturating_sub(1);
    out.fill(0);
    if count < 3 {
        return;
    }
    let order = |a: &Coord<f64>, b: &Coord<f64>| a.x.total_cmp(&b.x).then(a.y.total_cmp(&b.y));
    let least = || (0..count).min_by(|a, b| order(&ring[*a], &ring[*b]));
    let Some(start) = (0..count).find(|at| junction(*at)).or_else(least) else {
        return;
    };
    let mut from = start;
    for to in start + 1..=start + count {
        if to < start + count && !junction(to % count) {
            continue;
        }
        if to - from > 1 {
            let at = |vertex: usize| ring[vertex % count];
            let ends = order(&at(from), &at(to)).then_with(|| order(&at(from + 1), &at(to - 1)));
            let forward = ends.is_le();
            scratch.line.clear();
            scratch.line.extend((from..=to).map(at));
            if !forward {
                scratch.line.reverse();
            }
            let weights = scratch.importance();
            for (step, vertex) in (from + 1..to).enumerate() {
                let step = if forward {
                    step + 1
                } else {
                    weights.len() - 2 - step
                };
                out[vertex % count] = simplify::level(weights[step]);
            }
        }
        from = to;
    }
    out[count] = out[0];
}

/// What a row's attributes take in a vector tile: two bytes for each tag, and the values, as if no
/// two were equal.
fn row_bytes(collection: &Collection) -> usize {
    const ID_AND_LABEL: usize = 50;
    let rows = (collection.count() as usize).max(1);
    let shown = collection.info.columns.iter().enumerate();
    let shown = shown.filter(|(_, column)| column.tile);
    let cells = shown.map(|(at, _)| match collection.cells(at) {
        Cells::Text { dictionary, codes } => {
            // Equal texts are written once in a tile, and most tiles have all of few texts.
            let repeated = dictionary.len() * 2 < codes.len();
            let known: usize = dictionary.iter().map(str::len).sum();
            3 + if repeated { 0 } else { known / rows + 4 }
        }
        Cells::Integer(_) => 5,
        Cells::Number(_) => 11,
        Cells::Boolean(_) => 3,
        // As texts: 2021-01-31, 2021-01-31T08:00:00Z.
        Cells::Date(_) => 15,
        Cells::Timestamp(_) => 25,
        Cells::Strings {
            dictionary, codes, ..
        } => {
            let known: usize = dictionary.iter().map(|text| text.len() + 3).sum();
            7 + known / dictionary.len().max(1) * codes.len() / rows
        }
        Cells::Json(texts) => 7 + texts.bytes() / rows,
    });
    ID_AND_LABEL + cells.sum::<usize>()
}

/// What a row takes in a GeoJSON tile, but for its positions: that of some rows on average.
fn row_text_bytes(collection: &Collection) -> usize {
    const SAMPLE: usize = 256;
    const AROUND: &str = r#"{"type":"Feature","id":"","geometry":{"type":"MultiPolygon","coordinates":[[[]]]},"properties":{"collection":"","label_lon":121.3500000,"label_lat":31.2500000}},"#;
    let shown = collection.info.columns.iter().enumerate();
    let shown: Vec<_> = shown.filter(|(_, column)| column.tile).collect();
    let step = (collection.count() as usize / SAMPLE).max(1);
    let rows: Vec<_> = (0..collection.count()).step_by(step).collect();
    let values = rows.iter().map(|row| {
        let cells = shown.iter().map(|(at, column)| {
            let value = collection.cells(*at).value(*row);
            if value.is_null() {
                0
            } else {
                r#","":"#.len() + column.name.len() + value.to_json().to_string().len()
            }
        });
        cells.sum::<usize>() + collection.id(*row).text().len()
    });
    let mean = values.sum::<usize>().div_ceil(rows.len().max(1));
    AROUND.len() + collection.info.id.len() + mean
}
