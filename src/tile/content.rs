use geo::{Coord, Geometry};

use super::coord::TileCoord;
use super::frame::Frame;
use super::grid_shapes::{GridShape, GridShapes};
use super::merge::MergedFeature;
use crate::model::{FeatureId, Value};
use crate::snapshot::{Collection, Row};

/// A tile of one or more collections: shapes of its own, and the rows that they are of.
#[derive(Debug, Clone)]
pub struct Tile<'a> {
    /// Which tile.
    pub coord: TileCoord,
    /// Its grid.
    pub frame: Frame,
    /// One per collection asked for, in that order, empty ones too.
    pub layers: Vec<TileLayer<'a>>,
}

/// A collection's part of a tile, with an account of what is not shown as it is:
/// `matched = shown() + merged + too_small + thinned + below_min_zoom`.
#[derive(Debug, Clone)]
pub struct TileLayer<'a> {
    /// The collection.
    pub collection: &'a Collection,
    /// Positions of the columns that the features carry.
    pub columns: Vec<usize>,
    /// How many features that were asked for have a geometry that meets the tile and its buffer.
    pub matched: usize,
    /// How many of them are shown together with others, because they are too small or too many.
    pub merged: usize,
    /// How many of them are too small to be drawn on the level's grid, even together.
    pub too_small: usize,
    /// How many of them are left out because the tile is full: the last ones in id order, among those
    /// that are too large to be merged.
    pub thinned: usize,
    /// How many of them are held back because the collection starts at a deeper zoom.
    pub below_min_zoom: usize,
    /// What is merged.
    pub merged_features: Vec<MergedFeature>,
    /// The shapes of what is merged, in the same order.
    pub merged_shapes: GridShapes,
    /// The shapes of the other features, in id order.
    pub shapes: GridShapes,
    /// Their rows, and where their labels go.
    pub(super) rows: Vec<(Row, Option<Coord<f64>>)>,
    pub(super) bytes: usize,
    pub(super) text_bytes: usize,
}

/// A feature as a tile shows it.
#[derive(Debug, Clone, PartialEq)]
pub struct TileFeature {
    /// Its id.
    pub id: FeatureId,
    /// On the tile's grid.
    pub geometry: Geometry<i32>,
    /// Where its label goes, in degrees. Of all tiles of a zoom only one has it, so that a map draws
    /// one label per polygon.
    pub label: Option<Coord<f64>>,
    /// In the order of the layer's columns.
    pub values: Vec<Value>,
}

impl<'a> TileLayer<'a> {
    pub(super) fn new(collection: &'a Collection) -> Self {
        let columns = collection.info.columns.iter().enumerate();
        let columns = columns.filter(|(_, column)| column.tile);
        Self {
            columns: columns.map(|(at, _)| at).collect(),
            collection,
            matched: 0,
            merged: 0,
            too_small: 0,
            thinned: 0,
            below_min_zoom: 0,
            merged_features: Vec::new(),
            merged_shapes: GridShapes::default(),
            shapes: GridShapes::default(),
            rows: Vec::new(),
            bytes: 0,
            text_bytes: 0,
        }
    }

    /// Bytes that it is likely to take as a vector tile.
    #[must_use]
    pub fn bytes(&self) -> usize {
        self.bytes
    }

    /// Bytes that it is likely to take as GeoJSON.
    #[must_use]
    pub fn text_bytes(&self) -> usize {
        self.text_bytes
    }

    /// How many features it shows as they are.
    #[must_use]
    pub fn shown(&self) -> usize {
        self.rows.len()
    }

    /// The features that it shows as they are, in id order: row, shape, and where the label goes.
    pub fn rows(&self) -> impl Iterator<Item = (Row, GridShape<'_>, Option<Coord<f64>>)> {
        let rows = self.rows.iter().enumerate();
        rows.map(|(at, (row, label))| (*row, self.shapes.get(at), *label))
    }

    /// The same, each on its own.
    #[must_use]
    pub fn features(&self) -> Vec<TileFeature> {
        let columns = &self.columns;
        self.rows()
            .map(|(row, shape, label)| TileFeature {
                id: self.collection.id(row).to_id(),
                geometry: shape.to_geometry(),
                label,
                values: columns
                    .iter()
                    .map(|at| self.collection.cells(*at).value(row))
                    .collect(),
            })
            .collect()
    }
}

impl Tile<'_> {
    /// Features that meet the tile, over all layers.
    #[must_use]
    pub fn matched(&self) -> usize {
        self.layers.iter().map(|layer| layer.matched).sum()
    }

    /// Features that the tile shows as they are, over all layers.
    #[must_use]
    pub fn returned(&self) -> usize {
        self.layers.iter().map(TileLayer::shown).sum()
    }

    /// Features that the tile shows merged with others, over all layers.
    #[must_use]
    pub fn merged(&self) -> usize {
        self.layers.iter().map(|layer| layer.merged).sum()
    }
}
