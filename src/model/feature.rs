use geo::Geometry;

use super::{FeatureId, Value};

/// One row: an id, a place where one is known, and a cell for every column of its collection.
#[derive(Debug, Clone, PartialEq)]
pub struct Feature {
    /// Unique in the plan.
    pub id: FeatureId,
    /// Longitude and latitude in degrees (CRS84); `None` where nobody could locate it.
    pub geometry: Option<Geometry<f64>>,
    /// In the order of the collection's columns.
    pub values: Vec<Value>,
}
