//! What is written, and how it is compared with what is read.

use buju::crs::{Crs, Reprojector};
use buju::ingest::{self, PlanFiles};
use buju::model::{
    CollectionAudit, CollectionInfo, ColumnType, Feature, GeometryKind, Stamp, Style, Text,
    TimeColumns, Value,
};
use geo::algorithm::orient::{Direction, Orient};
use geo::{
    CoordsIter, Geometry, MultiLineString, MultiPoint, MultiPolygon, line_string, point, polygon,
};
use serde_json::Value as Json;

use super::readers::Row;
use crate::support::{cell, column};

/// A collection and what is in it, in CRS84.
pub struct Rows {
    pub info: CollectionInfo,
    pub features: Vec<Feature>,
}

impl Rows {
    pub fn in_crs(&self, crs: Crs) -> Self {
        let to = Reprojector::new(Crs::Crs84, crs).expect("a conversion");
        let features = self.features.iter().cloned().map(|mut feature| {
            let moved = feature.geometry.map(|shape| to.geometry(&shape));
            feature.geometry = moved.transpose().expect("converted");
            feature
        });
        Self {
            info: self.info.clone(),
            features: features.collect(),
        }
    }
}

pub fn shipped(collection: &str) -> Rows {
    let loaded = ingest::load(&PlanFiles::Shipped).expect("the shipped plan");
    let loaded = loaded.loaded.expect("no errors");
    let mut all = loaded.collections.into_iter();
    let found = all.find(|(info, _)| info.id == collection);
    let (info, rows) = found.expect("a collection");
    let features = rows.iter().collect();
    Rows { info, features }
}

const COLUMNS: [(&str, ColumnType); 12] = [
    ("text", ColumnType::String),
    ("whole", ColumnType::Integer),
    ("number", ColumnType::Number),
    ("flag", ColumnType::Boolean),
    ("名称", ColumnType::String),
    ("long_text_column_a", ColumnType::String),
    ("long_text_column_b", ColumnType::String),
    ("always_null", ColumnType::Number),
    ("day", ColumnType::Date),
    ("moment", ColumnType::Timestamp),
    ("tags", ColumnType::Strings),
    ("about", ColumnType::Json),
];

/// Paths, queries, CSV and XML all have a character here that they must escape.
const IDS: [&str; 8] = [
    "a b",
    "a/b",
    "100%",
    "why?",
    "#1",
    "中文·地块",
    "a,\"b\"",
    "<&>'",
];

const TEXTS: [&str; 8] = [
    "桃浦镇（示意）",
    "comma, \"quote\" and <tag> & 'apostrophe'",
    "two\nlines",
    "007",
    "=1+1",
    "𠮷野家 emoji 😀",
    "null",
    "true",
];

/// Before Excel's calendar and in it, a leap day, the ends of RFC 3339's years but for those that
/// GDAL has no room for.
const DAYS: [&str; 8] = [
    "2021-01-31",
    "1899-12-31",
    "2024-02-29",
    "",
    "1900-03-01",
    "9999-12-31",
    "1969-12-31",
    "1900-02-28",
];

/// To the millisecond, which is as fine as GDAL reads.
const MOMENTS: [&str; 8] = [
    "2021-01-31T08:00:00+08:00",
    "1969-12-31T23:59:59.999Z",
    "",
    "2024-02-29T12:34:56.5Z",
    "1899-12-31T00:00:00Z",
    "2999-12-31T23:59:59Z",
    "2021-01-31T00:00:00.001Z",
    "1900-03-01T00:00:00Z",
];

const TAGS: [&str; 8] = [
    r#"["a","b"]"#,
    "",
    r#"["二","comma, \"quote\"","<&>"]"#,
    r#"["a"]"#,
    r#"["b","a","b"]"#,
    r#"["","007"]"#,
    r#"["two\nlines"]"#,
    r#"["a","😀"]"#,
];

const ABOUT: [&str; 8] = [
    r#"{"名":["x",{"deep":[1,2.5,null,true]}],"b":"<&>"}"#,
    r"[1,[2,[3]]]",
    "",
    r#"{"n":0.1,"m":1e300,"k":-9007199254740993}"#,
    r#"{"text":"a \"quoted\" text"}"#,
    r#"[{"a":1},{"a":2}]"#,
    r#"{"empty":{},"none":null}"#,
    r#"{"z":1,"a":2}"#,
];

/// Where a column of the made-up collection stands.
pub fn at(name: &str) -> usize {
    COLUMNS
        .iter()
        .position(|(own, _)| *own == name)
        .expect("a column")
}

/// Points, lines and polygons, single and multiple, with holes, and nothing.
fn geometries() -> [Option<Geometry>; 8] {
    let holed = polygon!(
        exterior: [(x: 121.3, y: 31.2), (x: 121.4, y: 31.2), (x: 121.4, y: 31.3), (x: 121.3, y: 31.3), (x: 121.3, y: 31.2)],
        interiors: [
            [(x: 121.32, y: 31.22), (x: 121.32, y: 31.24), (x: 121.34, y: 31.24), (x: 121.34, y: 31.22), (x: 121.32, y: 31.22)],
            [(x: 121.36, y: 31.26), (x: 121.36, y: 31.28), (x: 121.38, y: 31.28), (x: 121.38, y: 31.26), (x: 121.36, y: 31.26)],
        ],
    );
    let other =
        polygon!((x: 121.5, y: 31.5), (x: 121.6, y: 31.5), (x: 121.6, y: 31.123_456_789_012_3));
    let line =
        line_string![(x: 121.0, y: 31.0), (x: 121.000_000_1, y: 31.1), (x: -179.9, y: -89.9)];
    let back = line_string![(x: 0.0, y: 0.0), (x: 1e-9, y: 1.0)];
    [
        Some(holed.clone().into()),
        None,
        Some(point!(x: 121.352_000_1, y: 31.29).into()),
        Some(line.clone().into()),
        Some(MultiPolygon::new(vec![holed, other]).into()),
        Some(MultiPoint::new(vec![point!(x: 1.0, y: 2.0), point!(x: 3.0, y: 4.0)]).into()),
        Some(MultiLineString::new(vec![line, back]).into()),
        None,
    ]
}

/// Every type, odd ids, every kind of geometry, and texts that break a careless writer.
pub fn made_up() -> Rows {
    let text = |text: &str| Text {
        zh: text.to_owned(),
        en: text.to_owned(),
    };
    let info = CollectionInfo {
        id: "shapes".to_owned(),
        title: text("形 <&> \"shapes\""),
        description: text("made up"),
        geometry: GeometryKind::Any,
        source: "shapes.geojson".to_owned(),
        layer: None,
        fields: std::collections::BTreeMap::new(),
        register: false,
        columns: COLUMNS
            .map(|(name, kind)| column(name, kind, false))
            .to_vec(),
        min_zoom: 0,
        style: Style {
            color: "#000000".to_owned(),
            width: None,
            class_column: None,
        },
        time: Some(TimeColumns {
            start: "day".to_owned(),
            end: None,
        }),
        audit: CollectionAudit::default(),
        numeric_ids: false,
    };
    let geometries = geometries();
    let wholes = [
        0,
        -1,
        5_000_000_000,
        999_999_999_999_999,
        1,
        2,
        3,
        -99_999_999,
    ];
    let numbers = [
        0.1,
        -0.0,
        1e300,
        -2.225_073_858_507_201_4e-308,
        11820.0,
        1.0 / 3.0,
        0.1 + 0.2,
        1.79,
    ];
    let long = [
        "长".repeat(1000),
        "é".repeat(127),
        "x".repeat(254),
        "y".repeat(255),
    ];
    let features = (0..8).map(|at| Feature {
        id: IDS[at].into(),
        geometry: geometries[at].clone(),
        values: vec![
            Value::Text(TEXTS[at].to_owned()),
            if at == 4 {
                Value::Null
            } else {
                Value::Integer(wholes[at])
            },
            if at == 5 {
                Value::Null
            } else {
                Value::Number(numbers[at])
            },
            [Value::Boolean(true), Value::Boolean(false), Value::Null][at % 3].clone(),
            if at == 2 {
                Value::Null
            } else {
                Value::Text(format!("名{at}"))
            },
            Value::Text(long[at % 4].clone()),
            if at == 6 {
                Value::Text("b".to_owned())
            } else {
                Value::Null
            },
            Value::Null,
            cell(ColumnType::Date, DAYS[at]),
            cell(ColumnType::Timestamp, MOMENTS[at]),
            cell(ColumnType::Strings, TAGS[at]),
            cell(ColumnType::Json, ABOUT[at]),
        ],
    });
    Rows {
        info,
        features: features.collect(),
    }
}

/// Equal ids, each once; equal cells, nulls as nulls; equal geometry.
pub fn same(what: &str, rows: &Rows, read: &[Row]) {
    assert_eq!(read.len(), rows.features.len(), "{what}: rows");
    for feature in &rows.features {
        let mut all = read.iter().filter(|row| feature.id == row.id.as_str());
        let row = all
            .next()
            .unwrap_or_else(|| panic!("{what}: no {:?}", feature.id));
        assert!(all.next().is_none(), "{what}: {:?} twice", feature.id);
        for (column, value) in rows.info.columns.iter().zip(&feature.values) {
            let name = &column.name;
            let cell = row.cells.get(name).unwrap_or(&Json::Null);
            assert!(
                equal(value, cell),
                "{what}, {:?}, {name}: {value:?} is read as {cell}",
                feature.id
            );
        }
        match (&feature.geometry, &row.geometry) {
            (None, None) => {}
            (Some(own), Some(read)) => shapes(&format!("{what}, {:?}", feature.id), own, read),
            (own, read) => panic!("{what}, {:?}: {own:?} is read as {read:?}", feature.id),
        }
    }
}

/// A text format may give a number as its text, and old formats a boolean as 1 or `T`. A day may be
/// read as its first moment; JSON may be laid out in another way.
fn equal(value: &Value, cell: &Json) -> bool {
    match (value, cell) {
        (Value::Null, cell) => cell.is_null(),
        (Value::Text(text), Json::String(cell)) => text == cell,
        (Value::Integer(number), Json::String(cell)) => *cell == number.to_string(),
        (Value::Integer(number), cell) => {
            cell.as_i64() == Some(*number)
                || cell
                    .as_f64()
                    .is_some_and(|read| format!("{read}") == number.to_string())
        }
        #[expect(clippy::float_cmp, reason = "every bit is to survive")]
        (Value::Number(number), Json::String(cell)) => {
            cell.parse::<f64>().is_ok_and(|read| read == *number)
        }
        #[expect(clippy::float_cmp, reason = "every bit is to survive")]
        (Value::Number(number), cell) => cell.as_f64().is_some_and(|read| read == *number),
        (Value::Boolean(flag), Json::String(cell)) => {
            ["T", "true", "1"].contains(&cell.as_str()) == *flag && !cell.is_empty()
        }
        (Value::Boolean(flag), Json::Number(cell)) => cell.as_i64() == Some(i64::from(*flag)),
        (Value::Boolean(flag), cell) => cell.as_bool() == Some(*flag),
        (Value::Date(_) | Value::Timestamp(_), Json::String(cell)) => {
            let own = value.as_stamp().map(Stamp::start);
            let read = |text: &str| Stamp::parse(text).ok().map(Stamp::start);
            let first = matches!(value, Value::Date(_)).then(|| read(&format!("{cell}Z")));
            read(cell) == own || first == Some(own)
        }
        (Value::Strings(_) | Value::Json(_), Json::String(cell)) => {
            serde_json::from_str(cell).is_ok_and(|read: Json| read == value.to_json())
        }
        (Value::Strings(_) | Value::Json(_), cell) => *cell == value.to_json(),
        (Value::Text(_) | Value::Date(_) | Value::Timestamp(_), _) => false,
    }
}

/// The same parts in the same order, and every position within 1e-9; a shapefile does not tell a
/// part from a multi-part of one, and turns rings.
fn shapes(what: &str, own: &Geometry, read: &Geometry) {
    let (own, read) = (plain(own), plain(read));
    assert_eq!(
        std::mem::discriminant(&own),
        std::mem::discriminant(&read),
        "{what}: {own:?} is read as {read:?}"
    );
    assert_eq!(lengths(&own), lengths(&read), "{what}");
    for (a, b) in own.coords_iter().zip(read.coords_iter()) {
        assert!(
            (a.x - b.x).abs() < 1e-9 && (a.y - b.y).abs() < 1e-9,
            "{what}: {a:?} is read as {b:?}"
        );
    }
}

fn plain(geometry: &Geometry) -> Geometry {
    match geometry.clone() {
        Geometry::Polygon(one) => MultiPolygon::new(vec![one])
            .orient(Direction::Default)
            .into(),
        Geometry::MultiPolygon(all) => all.orient(Direction::Default).into(),
        Geometry::LineString(one) => MultiLineString::new(vec![one]).into(),
        other => other,
    }
}

fn lengths(geometry: &Geometry) -> Vec<usize> {
    match geometry {
        Geometry::MultiPolygon(all) => all
            .iter()
            .flat_map(|polygon| std::iter::once(polygon.exterior()).chain(polygon.interiors()))
            .map(|ring| ring.0.len())
            .collect(),
        Geometry::MultiLineString(all) => all.iter().map(|line| line.0.len()).collect(),
        other => vec![other.coords_count()],
    }
}
