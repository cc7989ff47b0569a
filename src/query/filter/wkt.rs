//! Geometry literals of CQL2 text: WKT, where a third or fourth number of a position is read and
//! left aside (OGC 21-065r2, 8.3; no geometry of a plan has a height).

use geo::{
    Coord, Geometry, GeometryCollection, LineString, MultiLineString, MultiPoint, MultiPolygon,
    Polygon, coord,
};

use super::lex::Token;
use super::parser::Parser;
use super::{FilterError, Place};

const KINDS: [&str; 7] = [
    "POINT",
    "LINESTRING",
    "POLYGON",
    "MULTIPOINT",
    "MULTILINESTRING",
    "MULTIPOLYGON",
    "GEOMETRYCOLLECTION",
];

/// A geometry, where one begins here.
pub(super) fn geometry(parser: &mut Parser) -> Result<Option<Geometry<f64>>, FilterError> {
    let Some(kind) = KINDS.into_iter().find(|kind| parser.peek().is_word(kind)) else {
        return Ok(None);
    };
    parser.advance();
    for marker in ["z", "m", "zm"] {
        if parser.word(marker) {
            break;
        }
    }
    if parser.peek().is_word("empty") {
        return Err(FilterError::Geometry {
            place: parser.place(),
            reason: "it is empty".to_owned(),
        });
    }
    parser.need("(")?;
    Ok(Some(match kind {
        "POINT" => {
            let at = position(parser)?;
            parser.need(")")?;
            Geometry::Point(at.into())
        }
        "LINESTRING" => Geometry::LineString(LineString::new(parser.list(position)?)),
        "POLYGON" => Geometry::Polygon(polygon(parser.list(ring)?)),
        "MULTIPOINT" => Geometry::MultiPoint(MultiPoint::from(parser.list(point)?)),
        "MULTILINESTRING" => Geometry::MultiLineString(MultiLineString::new(parser.list(line)?)),
        "MULTIPOLYGON" => {
            let part = |parser: &mut Parser| {
                parser.need("(")?;
                Ok(polygon(parser.list(ring)?))
            };
            Geometry::MultiPolygon(MultiPolygon::new(parser.list(part)?))
        }
        _ => Geometry::GeometryCollection(GeometryCollection::from(parser.list(member)?)),
    }))
}

/// CQL2 has no collection in a collection.
fn member(parser: &mut Parser) -> Result<Geometry<f64>, FilterError> {
    if parser.peek().is_word("GEOMETRYCOLLECTION") {
        return Err(parser.expected("a geometry that is not a collection"));
    }
    geometry(parser)?.ok_or_else(|| parser.expected("a geometry"))
}

/// The outer ring and the holes; every ring is closed already.
pub(super) fn polygon(mut rings: Vec<LineString<f64>>) -> Polygon<f64> {
    let exterior = if rings.is_empty() {
        LineString::new(Vec::new())
    } else {
        rings.remove(0)
    };
    Polygon::new(exterior, rings)
}

fn line(parser: &mut Parser) -> Result<LineString<f64>, FilterError> {
    parser.need("(")?;
    Ok(LineString::new(parser.list(position)?))
}

fn ring(parser: &mut Parser) -> Result<LineString<f64>, FilterError> {
    let place = parser.place();
    closed(place, line(parser)?)
}

/// A ring ends where it begins: what does not is a mistake, and is not closed silently.
pub(super) fn closed(place: Place, ring: LineString<f64>) -> Result<LineString<f64>, FilterError> {
    if ring.0.len() < 4 || !ring.is_closed() {
        return Err(FilterError::Geometry {
            place,
            reason: "a ring needs four positions or more, the last equal to the first".to_owned(),
        });
    }
    Ok(ring)
}

/// With or without parentheses of its own.
fn point(parser: &mut Parser) -> Result<Coord<f64>, FilterError> {
    if !parser.sign("(") {
        return position(parser);
    }
    let at = position(parser)?;
    parser.need(")")?;
    Ok(at)
}

fn position(parser: &mut Parser) -> Result<Coord<f64>, FilterError> {
    let at = coord! { x: number(parser)?, y: number(parser)? };
    for _ in 0..2 {
        if matches!(parser.peek(), Token::Number(_) | Token::Sign("-" | "+")) {
            number(parser)?;
        }
    }
    Ok(at)
}

fn number(parser: &mut Parser) -> Result<f64, FilterError> {
    let negative = parser.sign("-");
    if !negative {
        parser.sign("+");
    }
    match parser.peek() {
        Token::Number(number) => {
            let number = if negative { -*number } else { *number };
            parser.advance();
            Ok(number)
        }
        _ => Err(parser.expected("a number")),
    }
}
