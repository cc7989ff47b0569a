use std::panic::resume_unwind;
use std::thread;

use geo::{Intersects, Rect};

use super::boxes::{Bounds, Boxes, within};
use super::columns::SortedIndex;
use super::pairs::{Pair, Pairs};
use crate::model::{
    self, Cells, CollectionInfo, IdRef, Row, Rows, ShapeKind, ShapeRef, Shapes, Span, Value,
};

/// Of a shape of more parts than this each part is indexed apart: one that is strewn over the town
/// would else be found everywhere.
const MANY_PARTS: usize = 8;

/// What is known of a collection without looking at its rows.
#[derive(Debug, Clone, Copy)]
pub struct Summary<'a> {
    /// As `collections.toml` describes it.
    pub info: &'a CollectionInfo,
    /// Rows.
    pub features: usize,
    /// Rows without a place.
    pub without_geometry: usize,
    /// Warnings about rows.
    pub findings: usize,
    /// The box around all rows in degrees; none where no row has a place.
    pub bounds: Option<Rect<f64>>,
    /// From the first to the last time of any row, open where a row's is; none where no row has a
    /// time.
    pub times: Option<Span>,
}

/// A collection's rows, read-only.
#[derive(Debug)]
pub struct Collection {
    /// As `collections.toml` describes it.
    pub info: CollectionInfo,
    rows: Rows,
    indices: Vec<Option<SortedIndex>>,
    pairs: Pairs,
    /// Boxes of `f32`, rounded outward: half the size in memory.
    tree: Boxes,
    bounds: Option<Rect<f64>>,
    time: Option<(usize, Option<usize>)>,
    times: Option<Span>,
    /// Rows with a place.
    placed: usize,
}

impl Collection {
    /// Builds what queries need beside the rows.
    ///
    /// # Panics
    /// With more than 2^32 rows.
    #[must_use]
    pub fn build(mut info: CollectionInfo, rows: Rows) -> Self {
        info.numeric_ids = rows.ids.are_numbers();
        let count = Row::try_from(rows.len()).expect("fewer than 2^32 rows");
        let indices = || {
            let columns = info.columns.iter().zip(&rows.columns);
            columns
                .map(|(column, cells)| column.indexed.then(|| SortedIndex::build(cells, count)))
                .collect()
        };
        let (indices, (tree, bounds, placed)) = thread::scope(|scope| {
            let tree = scope.spawn(|| indexed(&rows.shapes));
            let indices = indices();
            let tree = tree.join();
            (indices, tree.unwrap_or_else(|panic| resume_unwind(panic)))
        });
        let time = info.time_columns();
        let spans = (0..count).filter_map(|row| time_of(&rows.columns, time, row));
        let times = spans.reduce(around);
        Self {
            info,
            rows,
            indices,
            pairs: Pairs::default(),
            tree,
            bounds,
            time,
            times,
            placed,
        }
    }

    /// What is known without looking at rows.
    #[must_use]
    pub fn summary(&self, findings: usize) -> Summary<'_> {
        let features = self.rows.len();
        Summary {
            info: &self.info,
            features,
            without_geometry: features - self.placed,
            findings,
            bounds: self.bounds,
            times: self.times,
        }
    }

    /// How many rows there are, with and without a place.
    #[must_use]
    #[expect(clippy::cast_possible_truncation, reason = "checked when built")]
    pub fn count(&self) -> Row {
        self.rows.len() as Row
    }

    /// A row's id.
    #[must_use]
    pub fn id(&self, row: Row) -> IdRef<'_> {
        self.rows.ids.get(row)
    }

    /// The row whose id has this text. O(log n).
    #[must_use]
    pub fn row(&self, id: &str) -> Option<Row> {
        self.rows.ids.row(id)
    }

    /// The row of an id. O(log n).
    ///
    /// # Errors
    /// There is none: the first row whose id is greater, or the number of rows.
    pub fn place_of(&self, id: IdRef<'_>) -> Result<Row, Row> {
        self.rows.ids.place(id)
    }

    /// The first row whose id is greater than this one. O(log n).
    #[must_use]
    pub fn row_after(&self, id: IdRef<'_>) -> Row {
        self.place_of(id).map_or_else(|next| next, |row| row + 1)
    }

    /// When a row is; none where it does not say.
    #[must_use]
    pub fn time(&self, row: Row) -> Option<Span> {
        time_of(&self.rows.columns, self.time, row)
    }

    /// Where a row is, in degrees; none where nobody knows.
    #[must_use]
    pub fn geometry(&self, row: Row) -> Option<ShapeRef<'_>> {
        Some(self.rows.shapes.get(row)).filter(|shape| shape.kind != ShapeKind::Nowhere)
    }

    /// The box around all rows in degrees; none where no row has a place.
    #[must_use]
    pub fn bounds(&self) -> Option<Rect<f64>> {
        self.bounds
    }

    /// Where all rows are.
    #[must_use]
    pub fn shapes(&self) -> &Shapes {
        &self.rows.shapes
    }

    /// The cells of a column.
    #[must_use]
    pub fn cells(&self, column: usize) -> &Cells {
        &self.rows.columns[column]
    }

    /// The index of a column, where it has one.
    #[must_use]
    pub fn index(&self, column: usize) -> Option<&SortedIndex> {
        self.indices[column].as_ref()
    }

    /// How the indices of two columns go together; none where one has no index, or where so many other
    /// pairs were asked for before that no more are kept. The first time O(n log n), then O(1).
    #[must_use]
    pub fn pair(&self, first: usize, second: usize) -> Option<&Pair> {
        let (one, other) = (self.index(first)?, self.index(second)?);
        let build = || Pair::build(one, other);
        self.pairs.get((first, second), build)
    }

    /// A row's cells, in column order.
    #[must_use]
    pub fn values(&self, row: Row) -> Vec<Value> {
        let columns = self.rows.columns.iter();
        columns.map(|cells| cells.value(row)).collect()
    }

    /// Rows whose box meets the given box, borders included, in no particular order. One of many
    /// parts comes once for each part that may be there.
    pub fn rows_in(&self, rect: Rect<f64>) -> impl Iterator<Item = Row> {
        // Rounding let in what is just beside the box.
        let certain = inward(rect);
        let found = self.tree.meeting(outward(rect));
        let found = found.filter(move |(own, row)| {
            let bounds = || self.rows.shapes.get(*row).bounds();
            meet(own, &certain) || bounds().is_some_and(|bounds| bounds.intersects(&rect))
        });
        found.map(|(_, row)| row)
    }

    /// The same and some that are just beside it, each with whether it certainly lies inside: faster
    /// where they are looked at anyway.
    pub fn rows_near(&self, rect: Rect<f64>) -> impl Iterator<Item = (Row, bool)> {
        let certain = inward(rect);
        let found = self.tree.meeting(outward(rect));
        found.map(move |(own, row)| (row, within(&own, &certain)))
    }

    /// True where the parts of a row are indexed apart.
    #[must_use]
    pub fn is_scattered(&self, row: Row) -> bool {
        self.rows.shapes.get(row).part_count() > MANY_PARTS
    }

    /// True where there is a row whose parts are indexed apart, and which may be found several times.
    #[must_use]
    pub fn has_scattered(&self) -> bool {
        self.tree.len() > self.placed
    }
}

fn time_of(columns: &[Cells], time: Option<(usize, Option<usize>)>, row: Row) -> Option<Span> {
    let (start, end) = time?;
    let start = columns[start].stamp(row);
    let end = end.map_or(start, |end| columns[end].stamp(row));
    (start.is_some() || end.is_some()).then_some(Span { start, end })
}

/// From the first start to the last end.
fn around(a: Span, b: Span) -> Span {
    Span {
        start: a
            .start
            .zip(b.start)
            .map(|(a, b)| std::cmp::min_by_key(a, b, |at| at.start())),
        end: a
            .end
            .zip(b.end)
            .map(|(a, b)| std::cmp::max_by_key(a, b, |at| at.end())),
    }
}

/// The R-tree, the box around everything, and how many rows have a place.
fn indexed(shapes: &Shapes) -> (Boxes, Option<Rect<f64>>, usize) {
    let mut entries = Vec::with_capacity(shapes.rows());
    let mut placed = 0;
    let mut all: Option<Rect<f64>> = None;
    for (shape, row) in shapes.iter().zip(0..) {
        let Some(bounds) = shape.bounds() else {
            continue;
        };
        placed += 1;
        all = Some(all.map_or(bounds, |all| joined(all, bounds)));
        let mut entry = |bounds| entries.push((outward(bounds), row));
        if shape.part_count() > MANY_PARTS {
            let parts = shape.parts();
            parts
                .filter_map(|part| model::bounds(part.exterior()))
                .for_each(entry);
        } else {
            entry(bounds);
        }
    }
    (Boxes::build(entries), all, placed)
}

/// The smallest box of `f32` that holds a box.
#[expect(clippy::cast_possible_truncation, reason = "rounded outward")]
fn outward(rect: Rect<f64>) -> Bounds {
    let down = |number: f64| {
        let near = number as f32;
        if f64::from(near) > number {
            near.next_down()
        } else {
            near
        }
    };
    let up = |number: f64| -down(-number);
    [
        down(rect.min().x),
        down(rect.min().y),
        up(rect.max().x),
        up(rect.max().y),
    ]
}

/// A box with one step of `f32` less on each side: what meets it after it was rounded outward, by less
/// than a step, meets the box itself. It may be inside out; then nothing meets it.
fn inward(rect: Rect<f64>) -> Bounds {
    let [west, south, east, north] = outward(rect);
    let more = |number: f32| number.next_up().next_up();
    let less = |number: f32| number.next_down().next_down();
    [more(west), more(south), less(east), less(north)]
}

fn meet(bounds: &Bounds, [west, south, east, north]: &Bounds) -> bool {
    let upright = west <= east && south <= north;
    upright
        && bounds[0] <= *east
        && bounds[2] >= *west
        && bounds[1] <= *north
        && bounds[3] >= *south
}

/// The box around two boxes.
#[must_use]
pub fn joined(a: Rect<f64>, b: Rect<f64>) -> Rect<f64> {
    Rect::new(
        geo::coord! { x: a.min().x.min(b.min().x), y: a.min().y.min(b.min().y) },
        geo::coord! { x: a.max().x.max(b.max().x), y: a.max().y.max(b.max().y) },
    )
}
