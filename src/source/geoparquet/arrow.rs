//! Geometries as nested lists of positions (`GeoArrow`, as `GeoParquet` 1.1 has them): a leaf per coordinate, and where
//! lists begin among its values.

use std::fs::File;
use std::sync::Arc;

use ::parquet::column::reader::ColumnReaderImpl;
use ::parquet::data_type::DoubleType;
use ::parquet::errors::{ParquetError, Result};
use ::parquet::file::metadata::RowGroupMetaData;
use geo::{Coord, Geometry, Point};

use super::column::pages;
use super::geo::Arrow;
use super::guard::Budget;
use crate::source::shape;

/// Positions of one geometry column in a row group; more are no plan's.
const POSITIONS: u64 = 1 << 27;

/// The leaves of a column of geometries.
#[derive(Debug, Clone, Copy)]
pub(super) struct Leaves {
    pub x: usize,
    pub y: usize,
    /// True where there are heights or measures, which are left out.
    pub more: bool,
    pub kind: Arrow,
}

/// The geometries of a row group, of which some rows are decoded.
pub(super) struct Shapes {
    kind: Arrow,
    more: bool,
    x: Ordinates,
    y: Ordinates,
}

/// One coordinate of all positions.
struct Ordinates {
    reader: ColumnReaderImpl<DoubleType>,
    /// The definition level of a position that is there.
    full: i16,
    repeats: Vec<i16>,
    defined: Vec<i16>,
    values: Vec<f64>,
    /// Where each row begins among the levels and among the values.
    rows: Vec<(usize, usize)>,
}

impl Shapes {
    pub fn open(
        group: &RowGroupMetaData,
        leaves: Leaves,
        source: &Arc<File>,
        budget: &Arc<Budget>,
    ) -> Result<Self> {
        Ok(Self {
            kind: leaves.kind,
            more: leaves.more,
            x: Ordinates::open(group, leaves.x, source, budget)?,
            y: Ordinates::open(group, leaves.y, source, budget)?,
        })
    }

    /// Decodes the next rows.
    pub fn fill(&mut self, count: usize) -> Result<()> {
        self.x.fill(count)?;
        self.y.fill(count)?;
        if self.x.repeats != self.y.repeats || self.x.defined != self.y.defined {
            let reason = "its positions have not as many x as y".to_owned();
            return Err(ParquetError::General(reason));
        }
        Ok(())
    }

    /// The geometry of a row that is decoded, and true where heights or measures of it were left out; none where it is
    /// null or empty.
    pub fn geometry(
        &self,
        row: usize,
    ) -> std::result::Result<(Option<Geometry<f64>>, bool), String> {
        let geometry = self.assembled(row)?;
        let flattened = self.more && geometry.is_some();
        Ok((geometry, flattened))
    }

    fn assembled(&self, row: usize) -> std::result::Result<Option<Geometry<f64>>, String> {
        let polygons = self.parts(row)?;
        let lines = || polygons.iter().flatten().cloned();
        Ok(match self.kind {
            Arrow::Point => lines().flatten().next().map(|at| Point(at).into()),
            Arrow::MultiPoint => shape::points(lines().flatten().collect()),
            Arrow::LineString => {
                let line = lines().flatten().collect();
                shape::line(line)?.map(Into::into)
            }
            Arrow::MultiLineString => {
                let lines = lines().filter_map(|line| shape::line(line).transpose());
                shape::lines(lines.collect::<std::result::Result<_, _>>()?)
            }
            Arrow::Polygon => {
                let rings = lines().collect();
                shape::polygon(rings)?.map(Into::into)
            }
            Arrow::MultiPolygon => {
                let all = polygons.into_iter();
                let all = all.filter_map(|rings| shape::polygon(rings).transpose());
                shape::polygons(all.collect::<std::result::Result<_, _>>()?)
            }
        })
    }

    /// The positions of a row by polygon and line, whatever of the two its type has.
    fn parts(&self, row: usize) -> std::result::Result<Vec<Vec<Vec<Coord<f64>>>>, String> {
        let depth = self.kind.depth();
        let (mut polygons, x) = (Vec::<Vec<Vec<Coord<f64>>>>::new(), &self.x);
        let (levels, mut value) = x.row(row);
        for at in levels {
            let repeat = x.repeats[at];
            if repeat == 0 || depth == 3 && repeat == 1 {
                polygons.push(vec![Vec::new()]);
            } else if repeat < depth
                && let Some(lines) = polygons.last_mut()
            {
                lines.push(Vec::new());
            }
            if x.defined[at] < x.full {
                continue;
            }
            let (east, north) = (x.values[value], self.y.values[value]);
            value += 1;
            // A point that is empty has no numbers.
            if self.kind == Arrow::Point && east.is_nan() && north.is_nan() {
                continue;
            }
            let place = shape::place(east, north)?;
            if let Some(line) = polygons.last_mut().and_then(|lines| lines.last_mut()) {
                line.push(place);
            }
        }
        Ok(polygons)
    }
}

impl Ordinates {
    fn open(
        group: &RowGroupMetaData,
        leaf: usize,
        source: &Arc<File>,
        budget: &Arc<Budget>,
    ) -> Result<Self> {
        let described = group.column(leaf).column_descr_ptr();
        let pages = pages(group, leaf, source, budget)?.at_most(POSITIONS);
        Ok(Self {
            full: described.max_def_level(),
            reader: ColumnReaderImpl::new(described, Box::new(pages)),
            repeats: Vec::new(),
            defined: Vec::new(),
            values: Vec::new(),
            rows: Vec::new(),
        })
    }

    fn fill(&mut self, count: usize) -> Result<()> {
        self.repeats.clear();
        self.defined.clear();
        self.values.clear();
        let (mut read, mut all) = (0, 0);
        while read < count {
            let (records, _, levels) = self.reader.read_records(
                count - read,
                Some(&mut self.defined),
                Some(&mut self.repeats),
                &mut self.values,
            )?;
            if records == 0 {
                return Err(ParquetError::General("fewer cells than rows".to_owned()));
            }
            read += records;
            all += levels;
            // Levels of a column that is not nested, or that is never null, are all 0 and not given.
            self.repeats.resize(all, 0);
            self.defined.resize(all, 0);
        }
        self.rows.clear();
        let mut value = 0;
        for (at, (repeat, defined)) in self.repeats.iter().zip(&self.defined).enumerate() {
            if *repeat == 0 {
                self.rows.push((at, value));
            }
            value += usize::from(*defined == self.full);
        }
        let whole = self.rows.len() == count
            && value == self.values.len()
            && self.repeats.len() == self.defined.len();
        if whole {
            Ok(())
        } else {
            Err(ParquetError::General(
                "not as many cells as rows".to_owned(),
            ))
        }
    }

    /// The levels of a row, and where its values begin.
    fn row(&self, row: usize) -> (std::ops::Range<usize>, usize) {
        let (begin, value) = self.rows[row];
        let end = self
            .rows
            .get(row + 1)
            .map_or(self.repeats.len(), |(at, _)| *at);
        (begin..end, value)
    }
}
