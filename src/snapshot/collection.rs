use geo::{BoundingRect, Geometry, Rect};
use rstar::{AABB, RTree, RTreeObject};

use super::columns::{Cells, SortedIndex};
use crate::model::{CollectionInfo, Feature, FeatureId, Span, Value};

/// A row number: position in id order.
pub type Row = u32;

/// A box of the R-tree and the row that it belongs to.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Entry {
    bounds: AABB<[f64; 2]>,
    row: Row,
}

impl RTreeObject for Entry {
    type Envelope = AABB<[f64; 2]>;

    fn envelope(&self) -> Self::Envelope {
        self.bounds
    }
}

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
    ids: Vec<FeatureId>,
    geometries: Vec<Option<Geometry<f64>>>,
    columns: Vec<Cells>,
    indices: Vec<Option<SortedIndex>>,
    tree: RTree<Entry>,
    bounds: Option<Rect<f64>>,
    time: Option<(usize, Option<usize>)>,
    times: Option<Span>,
}

impl Collection {
    /// Sorts the rows by id and builds what queries need.
    ///
    /// # Panics
    /// With more than 2^32 rows.
    #[must_use]
    pub fn build(mut info: CollectionInfo, mut features: Vec<Feature>) -> Self {
        features.sort_by(|a, b| a.id.cmp(&b.id));
        let is_number = |feature: &Feature| matches!(feature.id, FeatureId::Number(_));
        info.numeric_ids = !features.is_empty() && features.iter().all(is_number);
        let count = Row::try_from(features.len()).expect("fewer than 2^32 rows");
        let columns: Vec<_> = info
            .columns
            .iter()
            .enumerate()
            .map(|(at, column)| {
                Cells::build(column.kind, features.iter().map(|f| f.values[at].clone()))
            })
            .collect();
        let indices = info
            .columns
            .iter()
            .zip(&columns)
            .map(|(column, cells)| column.indexed.then(|| SortedIndex::build(cells, count)))
            .collect();
        let rects: Vec<_> = features
            .iter()
            .zip(0..)
            .filter_map(|(feature, row)| Some((feature.geometry.as_ref()?.bounding_rect()?, row)))
            .collect();
        let bounds = rects.iter().map(|(rect, _)| *rect).reduce(joined);
        let tree = RTree::bulk_load(
            rects
                .into_iter()
                .map(|(rect, row)| Entry {
                    bounds: aabb(rect),
                    row,
                })
                .collect(),
        );
        let (ids, geometries) = features
            .into_iter()
            .map(|feature| (feature.id, feature.geometry))
            .unzip();
        let time = info.time_columns();
        let spans = (0..count).filter_map(|row| time_of(&columns, time, row));
        let times = spans.reduce(around);
        Self {
            info,
            ids,
            geometries,
            columns,
            indices,
            tree,
            bounds,
            time,
            times,
        }
    }

    /// What is known without looking at rows.
    #[must_use]
    pub fn summary(&self, findings: usize) -> Summary<'_> {
        let features = self.ids.len();
        Summary {
            info: &self.info,
            features,
            without_geometry: features - self.tree.size(),
            findings,
            bounds: self.bounds,
            times: self.times,
        }
    }

    /// How many rows there are, with and without a place.
    #[must_use]
    #[expect(clippy::cast_possible_truncation, reason = "checked when built")]
    pub fn count(&self) -> Row {
        self.ids.len() as Row
    }

    /// A row's id.
    #[must_use]
    pub fn id(&self, row: Row) -> &FeatureId {
        &self.ids[row as usize]
    }

    /// The row whose id has this text. O(log n).
    #[must_use]
    pub fn row(&self, id: &str) -> Option<Row> {
        let find = |id: FeatureId| self.ids.binary_search(&id).ok();
        let number = id.parse::<i64>().ok();
        // 7 is the text of a number, 007 and +7 are not.
        let number = number.filter(|number| number.to_string() == id);
        let at = number.and_then(|number| find(number.into()));
        Row::try_from(at.or_else(|| find(id.into()))?).ok()
    }

    /// When a row is; none where it does not say.
    #[must_use]
    pub fn time(&self, row: Row) -> Option<Span> {
        time_of(&self.columns, self.time, row)
    }

    /// A row's geometry in degrees.
    #[must_use]
    pub fn geometry(&self, row: Row) -> Option<&Geometry<f64>> {
        self.geometries[row as usize].as_ref()
    }

    /// The cells of a column.
    #[must_use]
    pub fn cells(&self, column: usize) -> &Cells {
        &self.columns[column]
    }

    /// The index of a column, where it has one.
    #[must_use]
    pub fn index(&self, column: usize) -> Option<&SortedIndex> {
        self.indices[column].as_ref()
    }

    /// A row's cells, in column order.
    #[must_use]
    pub fn values(&self, row: Row) -> Vec<Value> {
        self.columns.iter().map(|cells| cells.value(row)).collect()
    }

    /// Rows whose box meets the given box, borders included, in no particular order.
    pub fn rows_in(&self, rect: Rect<f64>) -> impl Iterator<Item = Row> {
        self.tree
            .locate_in_envelope_intersecting(aabb(rect))
            .map(|entry| entry.row)
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

fn aabb(rect: Rect<f64>) -> AABB<[f64; 2]> {
    AABB::from_corners(rect.min().into(), rect.max().into())
}

/// The box around two boxes.
#[must_use]
pub fn joined(a: Rect<f64>, b: Rect<f64>) -> Rect<f64> {
    Rect::new(
        geo::coord! { x: a.min().x.min(b.min().x), y: a.min().y.min(b.min().y) },
        geo::coord! { x: a.max().x.max(b.max().x), y: a.max().y.max(b.max().y) },
    )
}
