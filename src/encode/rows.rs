//! Features as GeoJSON (RFC 7946) straight from columns: no row becomes a value on the way.

use geo::Coord;

use super::geojson::{Link, is_template};
use super::json::{cell, id, other, push, text};
use super::position;
use crate::query::Selection;
use crate::snapshot::{Cells, ShapeKind, ShapeRef};

/// A page of features in CRS84 with exact counts. `columns` are positions of the collection's
/// columns: what a feature shows, in this order, null where nothing is stated.
#[must_use]
pub fn selection(selection: &Selection, columns: &[usize], links: &[Link]) -> Vec<u8> {
    let collection = selection.collection;
    let columns: Vec<(Vec<u8>, &Cells)> = columns
        .iter()
        .enumerate()
        .map(|(at, column)| {
            let mut name = if at == 0 { Vec::new() } else { vec![b','] };
            text(&mut name, &collection.info.columns[*column].name);
            name.push(b':');
            (name, collection.cells(*column))
        })
        .collect();
    let positions: usize = selection
        .rows
        .iter()
        .filter_map(|row| collection.geometry(*row))
        .map(|shape| shape.positions().len())
        .sum();
    // Near enough that most pages are written without growing, which would copy them.
    let size = 4096 + 24 * positions + selection.rows.len() * (96 + 32 * columns.len());
    let mut out = Vec::with_capacity(size);
    push(&mut out, r#"{"type":"FeatureCollection","numberMatched":"#);
    other(&mut out, &selection.matched.into());
    push(&mut out, r#","numberReturned":"#);
    other(&mut out, &selection.returned().into());
    push(&mut out, r#","links":"#);
    array(&mut out, links.iter(), link);
    push(&mut out, r#","features":["#);
    for (at, row) in selection.rows.iter().enumerate() {
        push(&mut out, if at == 0 { "\n" } else { ",\n" });
        push(&mut out, r#"{"type":"Feature","id":"#);
        id(&mut out, collection.id(*row));
        push(&mut out, r#","geometry":"#);
        match collection.geometry(*row) {
            Some(shape) => geometry(&mut out, &shape),
            None => push(&mut out, "null"),
        }
        push(&mut out, r#","properties":{"#);
        for (name, cells) in &columns {
            out.extend_from_slice(name);
            if !cell(&mut out, cells, *row) {
                push(&mut out, "null");
            }
        }
        push(&mut out, "}}");
    }
    push(&mut out, "\n]}");
    out
}

/// As `links_json` has it, without a tree of values: half of what the head of a page would cost.
fn link(out: &mut Vec<u8>, (rel, href, media, title): &Link) {
    for (name, value) in [
        (r#"{"rel":"#, *rel),
        (r#","href":"#, href.as_str()),
        (r#","type":"#, *media),
        (r#","title":"#, *title),
    ] {
        push(out, name);
        text(out, value);
    }
    if is_template(rel, href) {
        push(out, r#","templated":true"#);
    }
    out.push(b'}');
}

fn geometry(out: &mut Vec<u8>, shape: &ShapeRef) {
    let kind = match shape.kind {
        ShapeKind::Nowhere => return push(out, "null"),
        ShapeKind::Point => "Point",
        ShapeKind::MultiPoint => "MultiPoint",
        ShapeKind::LineString => "LineString",
        ShapeKind::MultiLineString => "MultiLineString",
        ShapeKind::Polygon => "Polygon",
        ShapeKind::MultiPolygon => "MultiPolygon",
    };
    push(out, r#"{"type":""#);
    push(out, kind);
    push(out, r#"","coordinates":"#);
    match shape.kind {
        ShapeKind::Nowhere => {}
        ShapeKind::Point => shape
            .positions()
            .iter()
            .for_each(|at| position::degrees(out, *at)),
        ShapeKind::MultiPoint | ShapeKind::LineString => positions(out, shape.positions()),
        ShapeKind::MultiLineString => {
            array(out, shape.parts(), |out, part| {
                positions(out, part.exterior());
            });
        }
        ShapeKind::Polygon => {
            for part in shape.parts() {
                array(out, part.rings(), positions);
            }
        }
        ShapeKind::MultiPolygon => array(out, shape.parts(), |out, part| {
            array(out, part.rings(), positions);
        }),
    }
    out.push(b'}');
}

fn positions(out: &mut Vec<u8>, positions: &[Coord<f64>]) {
    array(out, positions.iter().copied(), position::degrees);
}

fn array<T>(out: &mut Vec<u8>, all: impl Iterator<Item = T>, write: impl Fn(&mut Vec<u8>, T)) {
    out.push(b'[');
    for (at, one) in all.enumerate() {
        if at > 0 {
            out.push(b',');
        }
        write(out, one);
    }
    out.push(b']');
}
