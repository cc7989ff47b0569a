use geo::{Area, Centroid, Contains, Coord, Geometry, InteriorPoint, Polygon};

use super::simplify;
use crate::snapshot::Collection;

/// What tiles need of a collection beyond its rows, computed once at load.
#[derive(Debug)]
pub struct Layer {
    /// Per row, per vertex.
    importance: Vec<Box<[f32]>>,
    /// Per row, in degrees.
    labels: Vec<Option<Coord<f64>>>,
}

impl Layer {
    /// Computes vertex importance and label points.
    #[must_use]
    pub fn build(collection: &Collection) -> Self {
        let shapes = (0..collection.count()).map(|row| collection.geometry(row));
        let importance = shapes
            .clone()
            .map(|shape| shape.map_or_else(Box::default, simplify::importance));
        let labels = shapes.map(|shape| shape.and_then(label_point));
        Self {
            importance: importance.collect(),
            labels: labels.collect(),
        }
    }

    pub(super) fn importance(&self, row: u32) -> &[f32] {
        &self.importance[row as usize]
    }

    pub(super) fn label(&self, row: u32) -> Option<Coord<f64>> {
        self.labels[row as usize]
    }
}

/// A point inside the polygon, the same at every zoom: the centroid where that is inside, else the
/// middle of the widest horizontal section; of several parts, in the largest.
fn label_point(geometry: &Geometry<f64>) -> Option<Coord<f64>> {
    let polygon: &Polygon<f64> = match geometry {
        Geometry::Polygon(polygon) => polygon,
        Geometry::MultiPolygon(parts) => parts
            .iter()
            .max_by(|a, b| a.unsigned_area().total_cmp(&b.unsigned_area()))?,
        _ => return None,
    };
    let centroid = polygon.centroid().filter(|point| polygon.contains(point));
    centroid
        .or_else(|| polygon.interior_point())
        .map(Coord::from)
}
