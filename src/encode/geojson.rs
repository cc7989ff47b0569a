//! Features as GeoJSON (RFC 7946) and as JSON-FG 1.0 (OGC 21-045r1).

use std::io::{BufWriter, Write};

use geo::{Geometry, MapCoords, coord};
use serde_json::{Map, Value as Json, json};

use super::error::EncodeError;
use super::format::{Table, Wishes};
use crate::crs::Crs;
use crate::model::{Column, Feature, FeatureId, Finding, TimeColumns, Value};
use crate::query::Page;

/// A link of a document: relation, address, media type, title.
pub type Link<'a> = (&'a str, String, &'a str, &'a str);

/// A single feature with its findings and links.
#[must_use]
pub fn feature(
    columns: &[Column],
    feature: &Feature,
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
            .map(|feature| to_geojson(columns, &feature))
            .collect(),
        foreign_members: Some(members),
    };
    collection.to_string().into_bytes()
}

/// A feature collection, row by row. In another CRS than CRS84 the coordinates are in its
/// authority's order, as OGC API - Features Part 2 asks; RFC 7946 itself knows no other CRS.
pub(super) fn write(table: Table, wishes: Wishes, out: &mut dyn Write) -> Result<(), EncodeError> {
    stream(table, wishes, out, json!({}), |_, feature| feature)
}

/// As [`write`], with `featureType`, with `place` and `coordRefSys` where the CRS is not that of
/// `geometry`, which is CRS84 for ever, and with `time` where the collection has columns for it and
/// they are among those written.
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
    let (crs, columns) = (table.crs, table.columns);
    let named = table.collection.time.as_ref();
    stream(table, wishes, out, head, |values, mut feature| {
        let place = match crs {
            Crs::Crs84 => None,
            _ => feature.geometry.take(),
        };
        feature.foreign_members = Some(Map::from_iter([
            ("time".to_owned(), time(named, columns, values)),
            ("place".to_owned(), json!(place)),
        ]));
        feature
    })
}

/// JSON-FG 1.0, clause 7.3: a date, a timestamp, or an interval with `..` for an open end.
fn time(named: Option<&TimeColumns>, columns: &[Column], values: &[Value]) -> Json {
    let cell = |name: &str| {
        let at = columns.iter().position(|column| column.name == name)?;
        values.get(at)
    };
    let end = |name: &str| cell(name).map_or(Json::Null, Value::to_json);
    match named.map(|named| (cell(&named.start), end(&named.start), &named.end)) {
        Some((_, start, Some(last))) => match (start, end(last)) {
            (Json::Null, Json::Null) => Json::Null,
            (Json::Null, last) => json!({ "interval": ["..", last] }),
            (start, Json::Null) => json!({ "interval": [start, ".."] }),
            (start, last) => json!({ "interval": [start, last] }),
        },
        Some((Some(Value::Date(_)), day, None)) => json!({ "date": day }),
        Some((Some(Value::Timestamp(_)), moment, None)) => json!({ "timestamp": moment }),
        _ => Json::Null,
    }
}

fn stream(
    table: Table,
    wishes: Wishes,
    out: &mut dyn Write,
    mut head: Json,
    finished: impl Fn(&[Value], geojson::Feature) -> geojson::Feature,
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
        let feature = finished(&feature.values, to_geojson(table.columns, &feature));
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
            if is_template(rel, href) {
                link["templated"] = true.into();
            }
            link
        })
        .collect()
}

/// True of an address with a place for an id in it.
pub(super) fn is_template(rel: &str, href: &str) -> bool {
    rel == "item" && href.contains('{')
}

fn to_geojson(columns: &[Column], feature: &Feature) -> geojson::Feature {
    let cells = columns.iter().zip(&feature.values);
    let properties = cells
        .map(|(column, value)| (column.name.clone(), value.to_json()))
        .collect();
    geojson::Feature {
        id: Some(match &feature.id {
            FeatureId::Number(number) => geojson::feature::Id::Number((*number).into()),
            FeatureId::Text(text) => geojson::feature::Id::String(text.to_string()),
        }),
        geometry: feature
            .geometry
            .as_ref()
            .map(|shape| geojson::Geometry::new(shape.into())),
        properties: Some(properties),
        ..geojson::Feature::default()
    }
}
