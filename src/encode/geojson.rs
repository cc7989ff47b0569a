//! Features as GeoJSON (RFC 7946).

use serde_json::{Map, Value as Json, json};

use crate::model::{Column, Feature, Finding};
use crate::query::Page;

/// A link of a document: relation, address, media type, title.
pub type Link<'a> = (&'a str, String, &'a str, &'a str);

/// A single feature with its findings and links.
#[must_use]
pub fn feature(
    columns: &[Column],
    feature: Feature,
    findings: &[Finding],
    links: &[Link],
) -> Vec<u8> {
    let mut feature = to_geojson(columns, feature);
    let members = Map::from_iter([
        ("findings".to_owned(), json!(findings)),
        ("links".to_owned(), links_json(links)),
    ]);
    feature.foreign_members = Some(members);
    feature.to_string().into_bytes()
}

/// A page of features with exact counts.
#[must_use]
pub fn feature_collection(columns: &[Column], page: Page, links: &[Link]) -> Vec<u8> {
    let members = Map::from_iter([
        ("numberMatched".to_owned(), page.matched.into()),
        ("numberReturned".to_owned(), page.features.len().into()),
        ("links".to_owned(), links_json(links)),
    ]);
    let collection = geojson::FeatureCollection {
        bbox: None,
        features: page
            .features
            .into_iter()
            .map(|feature| to_geojson(columns, feature))
            .collect(),
        foreign_members: Some(members),
    };
    collection.to_string().into_bytes()
}

pub(super) fn links_json(links: &[Link]) -> Json {
    links
        .iter()
        .map(|(rel, href, media, title)| {
            let mut link = json!({ "rel": rel, "href": href, "type": media, "title": title });
            if *rel == "item" && href.contains('{') {
                link["templated"] = true.into();
            }
            link
        })
        .collect()
}

fn to_geojson(columns: &[Column], feature: Feature) -> geojson::Feature {
    let cells = columns.iter().zip(&feature.values);
    let properties = cells
        .map(|(column, value)| (column.name.clone(), value.to_json()))
        .collect();
    geojson::Feature {
        id: Some(geojson::feature::Id::String(feature.id)),
        geometry: feature
            .geometry
            .as_ref()
            .map(|shape| geojson::Geometry::new(shape.into())),
        properties: Some(properties),
        ..geojson::Feature::default()
    }
}
