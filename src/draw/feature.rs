//! A drawn entry becomes a GeoJSON feature.

use geo::Geometry;
use geojson::feature::Id;
use geojson::{Feature, GeometryValue, JsonObject, JsonValue};

use super::recipe::Entry;

/// The property that says that nothing here was surveyed.
const SCHEMATIC: &str = "schematic";

/// A feature with its shape.
pub fn drawn(entry: &Entry, shape: &Geometry<f64>) -> Feature {
    let mut properties = JsonObject::new();
    let mut set = |name: &str, value: JsonValue| properties.insert(name.to_owned(), value);
    if let Some(name) = &entry.name {
        set("name_zh", name.zh.as_str().into());
        set("name_en", name.en.as_str().into());
    }
    if let Some(kind) = &entry.kind {
        set("kind", kind.as_str().into());
    }
    set("geometry_basis", SCHEMATIC.into());
    set("position_accuracy_m", whole(entry.accuracy_m));
    set("geometry_source_zh", entry.source.zh.as_str().into());
    set("geometry_source_en", entry.source.en.as_str().into());
    if let Some(stated) = entry.limits_stated {
        set("limits_stated", stated.into());
    }
    if let Some(assumed) = entry.split_assumed {
        set("split_assumed", assumed.into());
    }
    Feature {
        bbox: None,
        geometry: Some(GeometryValue::from(shape).into()),
        id: Some(Id::String(entry.id.clone())),
        properties: Some(properties),
        foreign_members: None,
    }
}

/// The feature of a register row that nobody could locate (RFC 7946, section 3.2).
pub fn without_geometry(id: &str) -> Feature {
    Feature {
        bbox: None,
        geometry: None,
        id: Some(Id::String(id.to_owned())),
        properties: Some(JsonObject::new()),
        foreign_members: None,
    }
}

/// Gives all features of a file the same properties in the same order: what one of them does not
/// have is `null`.
pub fn complete(features: &mut [Feature]) {
    let mut names: Vec<String> = Vec::new();
    for feature in features.iter() {
        for (name, _) in feature.properties.iter().flatten() {
            if !names.contains(name) {
                names.push(name.clone());
            }
        }
    }
    for feature in features {
        let mut given = feature.properties.take().unwrap_or_default();
        let all = names
            .iter()
            .map(|name| (name.clone(), given.remove(name).unwrap_or(JsonValue::Null)))
            .collect();
        feature.properties = Some(all);
    }
}

/// Whole metres are written without a fraction.
#[expect(
    clippy::cast_possible_truncation,
    reason = "the bound keeps the number inside i64"
)]
fn whole(metres: f64) -> JsonValue {
    if metres.fract() == 0.0 && metres.abs() < 1e12 {
        (metres as i64).into()
    } else {
        metres.into()
    }
}
