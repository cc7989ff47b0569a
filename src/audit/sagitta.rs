//! How far an edge that is straight on a map lies beside one that is straight in degrees.

use geo::Rect;

use super::touch::edges;
use crate::crs::sagitta;
use crate::snapshot::ShapeRef;

/// The largest of the edges whose boxes meet a box.
pub(super) fn largest(shape: &ShapeRef<'_>, near: Rect<f64>) -> f64 {
    let edges = edges(shape, near).into_iter();
    edges
        .map(|[from, to]| sagitta(from, to))
        .fold(0.0, f64::max)
}
