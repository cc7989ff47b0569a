//! CQL2 JSON (OGC 21-065r2, clause 9 and its JSON schema).

use std::fmt;

use geo::{
    Coord, Geometry, GeometryCollection, LineString, MultiLineString, MultiPoint, MultiPolygon,
    Polygon, coord,
};
use serde::Deserialize;
use serde::de::{Deserializer, Error, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Value as Json};

use super::syntax::{Comparison, Kind, MAX_DEPTH, Node, Operator, shortened};
use super::wkt::{closed, polygon};
use super::{FilterError, Place};

pub(super) fn parse(text: &str) -> Result<Node, FilterError> {
    // serde_json refuses more than 128 levels, so this cannot exhaust the stack.
    let Unique(json) = serde_json::from_str(text).map_err(|error| {
        let before = text.lines().take(error.line().saturating_sub(1));
        let before: usize = before.map(|line| line.chars().count() + 1).sum();
        FilterError::Syntax {
            place: Place::Character(before + error.column()),
            expected: "JSON".to_owned(),
            found: error.to_string(),
        }
    })?;
    node(&json, "", 0)
}

/// JSON in which no object has two members of one name: of two conditions, one would be dropped in silence.
struct Unique(Json);

impl<'de> Deserialize<'de> for Unique {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Reader;
        impl<'de> Visitor<'de> for Reader {
            type Value = Json;

            fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
                out.write_str("JSON")
            }

            fn visit_bool<E>(self, flag: bool) -> Result<Json, E> {
                Ok(flag.into())
            }

            fn visit_i64<E>(self, number: i64) -> Result<Json, E> {
                Ok(number.into())
            }

            fn visit_u64<E>(self, number: u64) -> Result<Json, E> {
                Ok(number.into())
            }

            fn visit_f64<E>(self, number: f64) -> Result<Json, E> {
                Ok(number.into())
            }

            fn visit_str<E>(self, text: &str) -> Result<Json, E> {
                Ok(text.into())
            }

            fn visit_unit<E>(self) -> Result<Json, E> {
                Ok(Json::Null)
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut from: A) -> Result<Json, A::Error> {
                let mut parts = Vec::new();
                while let Some(Unique(part)) = from.next_element()? {
                    parts.push(part);
                }
                Ok(parts.into())
            }

            fn visit_map<A: MapAccess<'de>>(self, mut from: A) -> Result<Json, A::Error> {
                let mut object = Map::new();
                while let Some(name) = from.next_key::<String>()? {
                    if object.contains_key(&name) {
                        let reason = format!("the member {:?} twice", shortened(&name));
                        return Err(A::Error::custom(reason));
                    }
                    let Unique(value) = from.next_value()?;
                    object.insert(name, value);
                }
                Ok(object.into())
            }
        }
        deserializer.deserialize_any(Reader).map(Self)
    }
}

fn syntax(path: &str, expected: &str, found: &Json) -> FilterError {
    FilterError::Syntax {
        place: Place::Pointer(path.to_owned()),
        expected: expected.to_owned(),
        found: shortened(&found.to_string()),
    }
}

fn node(json: &Json, path: &str, depth: usize) -> Result<Node, FilterError> {
    let place = Place::Pointer(path.to_owned());
    if depth > MAX_DEPTH {
        return Err(FilterError::TooDeep {
            place,
            limit: MAX_DEPTH,
        });
    }
    let kind = match json {
        Json::Bool(flag) => Kind::Flag(*flag),
        Json::Number(number) => match number.as_f64() {
            Some(number) if number.is_finite() => Kind::Number(number),
            _ => return Err(syntax(path, "a finite number", json)),
        },
        Json::String(text) => Kind::Text(text.clone()),
        Json::Array(parts) => Kind::List(nodes(parts, path, depth)?),
        Json::Object(object) => self::object(object, json, path, depth)?,
        Json::Null => return Err(syntax(path, "a value", json)),
    };
    Ok(Node { place, kind })
}

fn nodes(parts: &[Json], path: &str, depth: usize) -> Result<Vec<Node>, FilterError> {
    let read = |(at, part)| node(part, &format!("{path}/{at}"), depth + 1);
    parts.iter().enumerate().map(read).collect()
}

fn object(
    object: &Map<String, Json>,
    json: &Json,
    path: &str,
    depth: usize,
) -> Result<Kind, FilterError> {
    let text = |key: &str| match &object[key] {
        Json::String(text) => Ok(text.clone()),
        other => Err(syntax(&format!("{path}/{key}"), "a text", other)),
    };
    let list = |key: &str| match object.get(key) {
        Some(Json::Array(parts)) => nodes(parts, &format!("{path}/{key}"), depth),
        Some(other) => Err(syntax(&format!("{path}/{key}"), "an array", other)),
        None => Err(syntax(path, &format!("a member {key:?}"), json)),
    };
    let has = |key: &str| object.contains_key(key);
    let allowed = |keys: &[&str]| match object.keys().find(|key| !keys.contains(&key.as_str())) {
        Some(other) => Err(syntax(
            &format!("{path}/{other}"),
            &format!("no member but {}", keys.join(", ")),
            &object[other],
        )),
        None => Ok(()),
    };
    if has("op") {
        allowed(&["op", "args"])?;
        return operation(&text("op")?, list("args")?, path);
    }
    if has("property") {
        allowed(&["property"])?;
        return text("property").map(Kind::Property);
    }
    if has("date") {
        allowed(&["date"])?;
        return text("date").map(Kind::Date);
    }
    if has("timestamp") {
        allowed(&["timestamp"])?;
        return text("timestamp").map(Kind::Timestamp);
    }
    if has("interval") {
        allowed(&["interval"])?;
        let ends: Result<[Node; 2], _> = list("interval")?.try_into();
        return match ends {
            Ok(ends) => Ok(Kind::Interval(Box::new(ends))),
            Err(_) => Err(syntax(path, "two ends of an interval", json)),
        };
    }
    if has("bbox") && !has("type") {
        allowed(&["bbox"])?;
        let path = format!("{path}/bbox");
        return numbers(&object["bbox"], &path).map(Kind::Box);
    }
    if has("type") {
        return geometry(json, path, true).map(Kind::Geometry);
    }
    Err(syntax(
        path,
        "a member \"op\", \"property\", \"date\", \"timestamp\", \"interval\", \"bbox\" or a geometry",
        json,
    ))
}

fn exactly<const N: usize>(args: Vec<Node>) -> Option<Box<[Node; N]>> {
    args.try_into().ok().map(Box::new)
}

fn operation(op: &str, args: Vec<Node>, path: &str) -> Result<Kind, FilterError> {
    let found = args.len();
    let count = |expected| FilterError::Arguments {
        place: Place::Pointer(path.to_owned()),
        name: op.to_owned(),
        expected,
        found,
    };
    if let Some(comparison) = Comparison::read(op) {
        let operands = exactly(args).ok_or_else(|| count("2 operands"))?;
        return Ok(Kind::Compare(comparison, operands));
    }
    if let Some(operator) = Operator::read(op) {
        let [left, right] = *exactly(args).ok_or_else(|| count("2 operands"))?;
        return Ok(Kind::Arithmetic(Box::new(left), vec![(operator, right)]));
    }
    match op {
        "and" | "or" if found < 2 => Err(count("2 operands or more")),
        "and" => Ok(Kind::And(args)),
        "or" => Ok(Kind::Or(args)),
        "not" => {
            let [inner] = *exactly(args).ok_or_else(|| count("1 operand"))?;
            Ok(Kind::Not(Box::new(inner)))
        }
        "isNull" => {
            let [inner] = *exactly(args).ok_or_else(|| count("1 operand"))?;
            Ok(Kind::IsNull(Box::new(inner)))
        }
        "like" => exactly(args)
            .map(Kind::Like)
            .ok_or_else(|| count("a text and a pattern")),
        "between" => exactly(args)
            .map(Kind::Between)
            .ok_or_else(|| count("a value, a lower and an upper limit")),
        "in" => {
            let [value, list] = *exactly(args).ok_or_else(|| count("a value and a list"))?;
            match list.kind {
                Kind::List(list) if !list.is_empty() => Ok(Kind::In(Box::new(value), list)),
                _ => Err(super::literal::wrong(
                    &list,
                    "a list with one value or more",
                )),
            }
        }
        _ => Ok(Kind::Call(op.to_owned(), args)),
    }
}

fn numbers(json: &Json, path: &str) -> Result<Vec<f64>, FilterError> {
    let read = |part: &Json| part.as_f64().filter(|number| number.is_finite());
    json.as_array()
        .and_then(|parts| parts.iter().map(read).collect())
        .ok_or_else(|| syntax(path, "an array of numbers", json))
}

fn parts<T>(
    json: &Json,
    path: &str,
    read: impl Fn(&Json, &str) -> Result<T, FilterError>,
) -> Result<Vec<T>, FilterError> {
    match json.as_array() {
        Some(parts) if !parts.is_empty() => parts
            .iter()
            .enumerate()
            .map(|(at, part)| read(part, &format!("{path}/{at}")))
            .collect(),
        _ => Err(syntax(path, "an array that is not empty", json)),
    }
}

fn position(json: &Json, path: &str) -> Result<Coord<f64>, FilterError> {
    match numbers(json, path)?.as_slice() {
        [x, y] | [x, y, _] | [x, y, _, _] => Ok(coord! { x: *x, y: *y }),
        _ => Err(syntax(path, "a position of two numbers or three", json)),
    }
}

fn line(json: &Json, path: &str) -> Result<LineString<f64>, FilterError> {
    parts(json, path, position).map(LineString::new)
}

fn rings(json: &Json, path: &str) -> Result<Polygon<f64>, FilterError> {
    let ring = |json: &Json, path: &str| closed(Place::Pointer(path.to_owned()), line(json, path)?);
    parts(json, path, ring).map(polygon)
}

fn geometry(json: &Json, path: &str, collections: bool) -> Result<Geometry<f64>, FilterError> {
    let kind = json["type"].as_str().unwrap_or_default();
    if kind == "GeometryCollection" && collections {
        let path = format!("{path}/geometries");
        let member = |json: &Json, path: &str| geometry(json, path, false);
        let members = parts(&json["geometries"], &path, member)?;
        return Ok(Geometry::GeometryCollection(GeometryCollection::from(
            members,
        )));
    }
    let at = &json["coordinates"];
    let path = &format!("{path}/coordinates");
    Ok(match kind {
        "Point" => Geometry::Point(position(at, path)?.into()),
        "LineString" => Geometry::LineString(line(at, path)?),
        "Polygon" => Geometry::Polygon(rings(at, path)?),
        "MultiPoint" => Geometry::MultiPoint(MultiPoint::from(parts(at, path, position)?)),
        "MultiLineString" => {
            Geometry::MultiLineString(MultiLineString::new(parts(at, path, line)?))
        }
        "MultiPolygon" => Geometry::MultiPolygon(MultiPolygon::new(parts(at, path, rings)?)),
        _ => return Err(syntax(path, "a GeoJSON geometry", json)),
    })
}
