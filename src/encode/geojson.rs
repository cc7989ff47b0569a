//! Features as GeoJSON (RFC 7946) and as JSON-FG 1.0 (OGC 21-045r1).

use std::io::{BufWriter, Write};

use geo::{Geometry, MapCoords, coord};
use serde_json::{Map, Value as Json, json};

use super::error::EncodeError;
use super::format::{Table, Wishes};
use crate::crs::Crs;
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

/// A feature collection, row by row. In another CRS than CRS84 the coordinates are in its
/// authority's order, as OGC API - Features Part 2 asks; RFC 7946 itself knows no other CRS.
pub(super) fn write(table: Table, wishes: Wishes, out: &mut dyn Write) -> Result<(), EncodeError> {
    stream(table, wishes, out, json!({}), |feature, _| feature)
}

/// As [`write`], with `featureType`, and with `place` and `coordRefSys` where the CRS is not that
/// of `geometry`, which is CRS84 for ever. A plan's features have no `time`.
pub(super) fn write_fg(
    table: Table,
    wishes: Wishes,
    out: &mut dyn Write,
) -> Result<(), EncodeError> {
    let conforms = ["core", "types-schemas"]
        .map(|class| format!("http://www.opengis.net/spec/json-fg-1/1.0/conf/{class}"));
    let head = json!({
        "conformsTo": conforms,
        "featureType": table.collection.id,
        "coordRefSys": table.crs.uri(),
    });
    stream(table, wishes, out, head, |mut feature, crs| {
        let place = match crs {
            Crs::Crs84 => None,
            _ => feature.geometry.take(),
        };
        feature.foreign_members = Some(Map::from_iter([
            ("time".to_owned(), Json::Null),
            ("place".to_owned(), json!(place)),
        ]));
        feature
    })
}

fn stream(
    table: Table,
    wishes: Wishes,
    out: &mut dyn Write,
    mut head: Json,
    finished: impl Fn(geojson::Feature, Crs) -> geojson::Feature,
) -> Result<(), EncodeError> {
    let mut out = BufWriter::new(out);
    let exchanged = table.crs.northing_first()?;
    head["type"] = "FeatureCollection".into();
    let head = head.to_string();
    let head = head.strip_suffix('}').unwrap_or(&head);
    write!(out, "{head},\"features\":[")?;
    let mut returned = 0_usize;
    for feature in table.features {
        let mut feature = feature?;
        if exchanged {
            feature.geometry = feature.geometry.as_ref().map(northing_first);
        }
        let feature = finished(to_geojson(table.columns, feature), table.crs);
        let separator = if returned == 0 { "\n" } else { ",\n" };
        write!(out, "{separator}{feature}")?;
        returned += 1;
    }
    write!(out, "\n]")?;
    if let Some(matched) = wishes.matched {
        write!(out, ",\"numberMatched\":{matched}")?;
    }
    write!(out, ",\"numberReturned\":{returned}")?;
    write!(out, ",\"links\":{}}}", links_json(wishes.links))?;
    writeln!(out)?;
    out.flush()?;
    Ok(())
}

fn northing_first(geometry: &Geometry<f64>) -> Geometry<f64> {
    geometry.map_coords(|at| coord! { x: at.y, y: at.x })
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
